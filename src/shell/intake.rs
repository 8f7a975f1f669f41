//! Taking mail in: the raw bytes are stored before anything in them is read, and only then is the
//! server's copy moved (TRAPS 1–3, 7).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Desk;
use super::limits::{INTAKE_BATCH_BYTES, INTAKE_BATCH_MAILS};
use crate::core::ids::Digest;
use crate::mail;
use crate::ports::{Arrival, Fetched, Listed, Mailbox, Place, PortResult};

/// One watched folder.
pub struct Folder {
    pub mailbox: Box<dyn Mailbox>,
    /// Hosts of our own mail exchangers, whose topmost `Received` is believed (PROCEDURE 3.7).
    pub mx_hosts: Vec<String>,
}

/// Looks once at a folder and stores what is new; answers how many mails that was. `stored` is told
/// after each batch, before the server's copies are moved, so that nobody waits for that.
pub async fn round(
    desk: &Desk,
    folder: &mut Folder,
    now: Timestamp,
    stored: &(dyn Fn() + Sync),
) -> PortResult<usize> {
    let listed = folder.mailbox.list().await?;
    let places: Vec<Place> = listed.iter().map(|mail| mail.place.clone()).collect();
    let known = desk.store.stored(&places).await?;
    let fresh: Vec<Listed> = listed.iter().filter(|mail| !known.contains(&mail.place)).cloned().collect();
    let mut taken = 0;
    for batch in batches(&fresh) {
        taken += take(desk, folder, batch, now, stored).await?;
    }
    file_leftovers(folder, &listed, &known, desk.mail_bytes).await?;
    Ok(taken)
}

async fn take(
    desk: &Desk,
    folder: &mut Folder,
    batch: &[Listed],
    now: Timestamp,
    stored: &(dyn Fn() + Sync),
) -> PortResult<usize> {
    let fetched = folder.mailbox.fetch(batch, desk.mail_bytes).await?;
    let arrivals: Vec<Arrival> =
        fetched.into_iter().map(|mail| arrival(mail, &folder.mx_hosts, desk.mail_bytes, now)).collect();
    if arrivals.is_empty() {
        return Ok(0);
    }
    desk.store.keep(&arrivals).await?;
    tracing::info!(folder = folder.mailbox.label(), mails = arrivals.len(), "stored");
    stored();
    if folder.mailbox.files_away() {
        // A mail of which only the beginning is here stays where it is: the server's copy is the whole.
        let whole: Vec<Place> =
            arrivals.iter().filter(|a| a.raw.len() as u64 >= a.bytes).map(|a| a.place.clone()).collect();
        folder.mailbox.file(&whole).await?;
    }
    Ok(arrivals.len())
}

/// What a crash between storing and moving left behind.
async fn file_leftovers(
    folder: &mut Folder,
    listed: &[Listed],
    known: &BTreeSet<Place>,
    mail_bytes: u64,
) -> PortResult<()> {
    if !folder.mailbox.files_away() {
        return Ok(());
    }
    let left: Vec<Place> = listed
        .iter()
        .filter(|mail| known.contains(&mail.place) && mail.bytes <= mail_bytes)
        .map(|mail| mail.place.clone())
        .collect();
    if left.is_empty() { Ok(()) } else { folder.mailbox.file(&left).await }
}

/// Cuts a listing into batches of bounded count and size.
fn batches(mails: &[Listed]) -> Vec<&[Listed]> {
    let mut cuts = Vec::new();
    let (mut start, mut bytes) = (0, 0_u64);
    for (i, mail) in mails.iter().enumerate() {
        let full = i - start >= INTAKE_BATCH_MAILS || bytes + mail.bytes > INTAKE_BATCH_BYTES;
        if i > start && full {
            cuts.push(&mails[start..i]);
            (start, bytes) = (i, 0);
        }
        bytes += mail.bytes;
    }
    if start < mails.len() {
        cuts.push(&mails[start..]);
    }
    cuts
}

fn arrival(mail: Fetched, mx_hosts: &[String], limit: u64, now: Timestamp) -> Arrival {
    let received_at = mail::received_at(&mail.raw, mail.internal_date, mx_hosts, now);
    let set_aside = (!mail.whole).then(|| {
        format!(
            "the mail has {} bytes, the limit is {limit} (limits.mail_bytes): its first {} bytes are stored here, \
             the whole stays in the mailbox",
            mail.bytes,
            mail.raw.len()
        )
    });
    Arrival {
        digest: Digest::of(&mail.raw),
        place: mail.place,
        received_at,
        bytes: mail.bytes,
        raw: mail.raw,
        set_aside,
    }
}

impl std::fmt::Debug for Folder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Folder({})", self.mailbox.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(bytes: u64) -> Listed {
        let place = Place { mailbox: "m".into(), folder: "f".into(), validity: 1, uid: "1".into() };
        Listed { place, bytes }
    }

    #[test]
    fn batches_are_bounded_in_count_and_in_size_and_lose_nothing() {
        let mut mails = vec![listed(5_000); 450];
        mails.extend(vec![listed(5 << 20); 3]);
        mails.push(listed(60 << 20));
        let cut = batches(&mails);
        assert_eq!(cut.iter().map(|b| b.len()).sum::<usize>(), mails.len());
        for batch in cut {
            let bytes: u64 = batch.iter().map(|m| m.bytes).sum();
            assert!(batch.len() <= INTAKE_BATCH_MAILS && (bytes <= INTAKE_BATCH_BYTES || batch.len() == 1));
        }
        assert!(batches(&[]).is_empty());
    }
}
