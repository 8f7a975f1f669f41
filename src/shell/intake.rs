//! Taking mail in: the raw bytes are stored before anything in them is read, and only then is the
//! server's copy moved (TRAPS 1–3, 7).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Desk;
use super::limits::{INTAKE_BATCH_BYTES, INTAKE_BATCH_MAILS, INTAKE_FIRST_MAILS, REST_BYTES, REST_PARTS};
use crate::core::ids::Digest;
use crate::mail;
use crate::ports::{Arrival, Fetched, Kept, Listed, Mailbox, Place, PortResult, Rest};

/// One watched folder.
pub struct Folder {
    pub mailbox: Box<dyn Mailbox>,
    /// Hosts of our own mail exchangers, whose topmost `Received` is believed (PROCEDURE 3.7).
    pub mx_hosts: Vec<String>,
}

/// What a look at a folder did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Taken {
    pub mails: usize,
    /// Whether more is to be fetched without waiting for anything.
    pub more: bool,
}

/// Looks once at a folder and stores what is new. `stored` is told after each batch, before the server's
/// copies are moved, so that nobody waits for that.
pub async fn round(
    desk: &Desk,
    folder: &mut Folder,
    now: Timestamp,
    stored: &(dyn Fn() + Sync),
) -> PortResult<Taken> {
    let listed = folder.mailbox.list().await?;
    let places: Vec<Place> = listed.iter().map(|mail| mail.place.clone()).collect();
    let mut known = desk.store.stored(&places).await?;
    let fresh: Vec<Listed> = listed.iter().filter(|mail| !known.contains_key(&mail.place)).cloned().collect();
    let mut mails = 0;
    for batch in batches(&fresh) {
        mails += take(desk, folder, batch, now, stored).await?;
    }
    file_leftovers(folder, &known).await?;
    let large: Vec<Place> =
        fresh.iter().filter(|mail| mail.bytes > desk.mail_bytes).map(|mail| mail.place.clone()).collect();
    known.extend(desk.store.stored(&large).await?);
    let more = complete(desk, folder, &known).await?;
    Ok(Taken { mails, more })
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
        // A mail of which only the beginning is here stays where it is until the rest has come.
        let whole: Vec<Place> =
            arrivals.iter().filter(|a| a.raw.len() as u64 >= a.bytes).map(|a| a.place.clone()).collect();
        folder.mailbox.file(&whole).await?;
    }
    Ok(arrivals.len())
}

/// What a crash between storing and moving left behind.
async fn file_leftovers(folder: &mut Folder, known: &BTreeMap<Place, Kept>) -> PortResult<()> {
    if !folder.mailbox.files_away() {
        return Ok(());
    }
    let left: Vec<Place> =
        known.iter().filter(|(_, kept)| kept.whole).map(|(place, _)| place.clone()).collect();
    if left.is_empty() { Ok(()) } else { folder.mailbox.file(&left).await }
}

/// Fetches more of the mails that came larger than the limit and are not whole here; they are set aside
/// already, with their clocks running. In parts of bounded size, and of a bounded number in one round, so
/// that neither memory nor the other mails wait for them. Whether more is to be fetched.
async fn complete(desk: &Desk, folder: &mut Folder, known: &BTreeMap<Place, Kept>) -> PortResult<bool> {
    let mut parts = 0;
    for (place, kept) in known.iter().filter(|(_, kept)| !kept.whole) {
        let mut start = kept.bytes;
        loop {
            if parts == REST_PARTS {
                return Ok(true);
            }
            parts += 1;
            let Some(raw) = folder.mailbox.fetch_more(place, start, REST_BYTES).await? else { break };
            let last = (raw.len() as u64) < REST_BYTES;
            let rest = Rest { place: place.clone(), start, raw, last };
            start += rest.raw.len() as u64;
            desk.store.keep_more(&rest).await?;
            if last {
                if folder.mailbox.files_away() {
                    folder.mailbox.file(std::slice::from_ref(place)).await?;
                }
                break;
            }
        }
    }
    Ok(false)
}

/// Cuts a listing into batches of bounded count and size; the first one is small, so that its mails are read
/// while the others are fetched.
fn batches(mails: &[Listed]) -> Vec<&[Listed]> {
    let mut cuts = Vec::new();
    let (mut start, mut bytes) = (0, 0_u64);
    for (i, mail) in mails.iter().enumerate() {
        let most = if cuts.is_empty() { INTAKE_FIRST_MAILS } else { INTAKE_BATCH_MAILS };
        let full = i - start >= most || bytes + mail.bytes > INTAKE_BATCH_BYTES;
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
            "the mail has {} bytes, the limit is {limit} (limits.mail_bytes): it is kept whole, and nothing in it was read",
            mail.bytes
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
