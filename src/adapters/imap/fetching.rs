//! Mails from the server, byte for byte, without marking them as seen.
//!
//! Small mails come many at a time, large ones in pieces, so that memory stays bounded. Answers are
//! matched by UID, never by their order. What the server does not give is asked for once more, alone.

use std::collections::BTreeMap;

use async_imap::imap_proto::{AttributeValue, Response};
use jiff::Timestamp;

use super::set::uid_sets;
use super::view::Entry;
use super::wire::{Trouble, Wire};

/// A mail above this comes in pieces of this size.
const PIECE_BYTES: u64 = 1024 * 1024;
/// Mails asked for together have at most so many bytes in all.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
const BATCH_MAILS: usize = 500;

/// A mail as the server gave it.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) internal_date: Option<Timestamp>,
    pub(super) raw: Vec<u8>,
    pub(super) whole: bool,
}

/// Those of the wanted mails that are there, by UID; of each at most `limit` bytes.
///
/// A mail that is there but is not given is an error only where no other was given: one broken mail must
/// not keep the others out (TRAPS 4), and is asked for again in the next round.
pub(super) async fn fetch(
    wire: &mut Wire,
    wanted: &[Entry],
    limit: u64,
) -> Result<BTreeMap<u32, Given>, Trouble> {
    let together = PIECE_BYTES.min(limit);
    let (small, large): (Vec<Entry>, Vec<Entry>) = wanted.iter().partition(|mail| mail.bytes <= together);
    let mut given = BTreeMap::new();
    for batch in batches(&small) {
        fetch_together(wire, batch, limit, &mut given).await?;
    }
    for mail in large {
        if let Some(mail_given) = tolerate_no(fetch_in_pieces(wire, mail, limit).await)? {
            given.insert(mail.uid, mail_given);
        }
    }
    let missing: Vec<Entry> = wanted.iter().filter(|mail| !given.contains_key(&mail.uid)).copied().collect();
    let withheld = ask_again(wire, &missing, limit, &mut given).await?;
    if let Some(mail) = withheld.first() {
        let text =
            format!("the server did not give {} mail(s) that are there, UID {}", withheld.len(), mail.uid);
        if given.is_empty() {
            return Err(Trouble::Inconsistent(text));
        }
        tracing::warn!("{text}; the others were taken, and these will be asked for again");
    }
    Ok(given)
}

/// Cuts into runs of bounded bytes and number.
fn batches(mails: &[Entry]) -> Vec<&[Entry]> {
    let mut cut = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, mail) in mails.iter().enumerate() {
        if index > start && (bytes + mail.bytes > BATCH_BYTES || index - start == BATCH_MAILS) {
            cut.push(&mails[start..index]);
            (start, bytes) = (index, 0);
        }
        bytes += mail.bytes;
    }
    if start < mails.len() {
        cut.push(&mails[start..]);
    }
    cut
}

async fn fetch_together(
    wire: &mut Wire,
    batch: &[Entry],
    limit: u64,
    given: &mut BTreeMap<u32, Given>,
) -> Result<(), Trouble> {
    let sizes: BTreeMap<u32, u64> = batch.iter().map(|mail| (mail.uid, mail.bytes)).collect();
    let largest = sizes.values().copied().max().unwrap_or(0);
    let uids: Vec<u32> = sizes.keys().copied().collect();
    for set in uid_sets(&uids) {
        let command = format!("UID FETCH {set} (UID INTERNALDATE BODY.PEEK[])");
        let patience = wire.patience_for(largest);
        let answer = wire
            .query(&command, patience, |response| {
                let Some(Part { uid, internal_date, data: Some(raw), .. }) = part(response) else { return };
                // Nothing where the listing saw something is no mail, but a server in trouble.
                let plausible = sizes.get(&uid).is_some_and(|size| *size == 0 || !raw.is_empty());
                if plausible {
                    given.insert(uid, cut(Given { internal_date, raw, whole: true }, limit));
                }
            })
            .await;
        // NO: some of them vanished (RFC 2180 §4.1.1) or cannot be read; which, is asked later.
        tolerate_no(answer)?;
    }
    Ok(())
}

/// One mail in pieces; `None` if the server does not give it (any more).
async fn fetch_in_pieces(wire: &mut Wire, mail: Entry, limit: u64) -> Result<Option<Given>, Trouble> {
    let expected = usize::try_from(mail.bytes.min(limit).saturating_add(1)).unwrap_or(0);
    let mut given = Given { internal_date: None, raw: Vec::with_capacity(expected), whole: true };
    loop {
        let offset = given.raw.len() as u64;
        // One byte more than the limit tells whether there is more; sizes told by servers can be wrong.
        let want = PIECE_BYTES.min(limit.saturating_add(1) - offset);
        let Some(piece) = fetch_piece(wire, mail.uid, offset, want).await? else { return Ok(None) };
        given.internal_date = piece.internal_date;
        let data = piece.data.unwrap_or_default();
        if data.len() as u64 > want {
            return Err(Trouble::Inconsistent("the server gave a longer piece than asked for".to_owned()));
        }
        let (end, short) = (data.is_empty(), (data.len() as u64) < want);
        given.raw.extend_from_slice(&data);
        let length = given.raw.len() as u64;
        if length > limit {
            return Ok(Some(cut(given, limit)));
        }
        if end || (short && length >= mail.bytes) {
            return Ok((length > 0 || mail.bytes == 0).then_some(given));
        }
    }
}

/// At most `bytes` of one mail from `start` on; `None` if the server does not give it (any more).
pub(super) async fn fetch_more(
    wire: &mut Wire,
    uid: u32,
    start: u64,
    bytes: u64,
) -> Result<Option<Vec<u8>>, Trouble> {
    let mut raw: Vec<u8> = Vec::new();
    loop {
        let got = raw.len() as u64;
        let want = PIECE_BYTES.min(bytes - got);
        if want == 0 {
            return Ok(Some(raw));
        }
        let Some(piece) = tolerate_no(fetch_piece(wire, uid, start + got, want).await)? else {
            return Ok(None);
        };
        let data = piece.data.unwrap_or_default();
        if data.len() as u64 > want {
            return Err(Trouble::Inconsistent("the server gave a longer piece than asked for".to_owned()));
        }
        // Only an empty piece is the end: a short one may be a server in trouble.
        if data.is_empty() {
            return Ok(Some(raw));
        }
        raw.extend_from_slice(&data);
    }
}

async fn fetch_piece(wire: &mut Wire, uid: u32, offset: u64, want: u64) -> Result<Option<Part>, Trouble> {
    let mut found = None;
    let command = format!("UID FETCH {uid} (UID INTERNALDATE BODY.PEEK[]<{offset}.{want}>)");
    let patience = wire.patience_for(want);
    wire.query(&command, patience, |response| {
        if let Some(part) = part(response)
            && part.uid == uid
            && part.body_given
            && part.offset == offset
        {
            found = Some(part);
        }
    })
    .await?;
    Ok(found)
}

/// Asks for each mail alone that is still there; returns those that the server withholds even so.
async fn ask_again(
    wire: &mut Wire,
    missing: &[Entry],
    limit: u64,
    given: &mut BTreeMap<u32, Given>,
) -> Result<Vec<Entry>, Trouble> {
    let mut withheld = Vec::new();
    for mail in still_there(wire, missing).await? {
        match tolerate_no(fetch_in_pieces(wire, mail, limit).await)? {
            Some(mail_given) => drop(given.insert(mail.uid, mail_given)),
            None => withheld.push(mail),
        }
    }
    Ok(withheld)
}

async fn still_there(wire: &mut Wire, missing: &[Entry]) -> Result<Vec<Entry>, Trouble> {
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    wire.run("NOOP").await?;
    let uids: Vec<u32> = missing.iter().map(|mail| mail.uid).collect();
    let mut there = Vec::new();
    for set in uid_sets(&uids) {
        let patience = wire.patience();
        wire.query(&format!("UID FETCH {set} (UID)"), patience, |response| {
            there.extend(part(response).map(|part| part.uid));
        })
        .await?;
    }
    Ok(missing.iter().filter(|mail| there.contains(&mail.uid)).copied().collect())
}

/// NO to a fetch concerns the mails, not the connection.
fn tolerate_no<T: Default>(answer: Result<T, Trouble>) -> Result<T, Trouble> {
    match answer {
        Err(Trouble::No(_)) => Ok(T::default()),
        other => other,
    }
}

fn cut(mut given: Given, limit: u64) -> Given {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if given.raw.len() > limit {
        given.raw.truncate(limit);
        given.whole = false;
    }
    given
}

/// What a FETCH response says of one mail.
struct Part {
    uid: u32,
    internal_date: Option<Timestamp>,
    body_given: bool,
    offset: u64,
    data: Option<Vec<u8>>,
}

fn part(response: &Response<'_>) -> Option<Part> {
    let Response::Fetch(_, attributes) = response else { return None };
    let mut uid = None;
    let mut part = Part { uid: 0, internal_date: None, body_given: false, offset: 0, data: None };
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(value) => uid = Some(*value),
            AttributeValue::InternalDate(text) => part.internal_date = internal_date(text),
            AttributeValue::BodySection { section: None, index, data } => {
                part.body_given = true;
                part.offset = u64::from(index.unwrap_or(0));
                part.data = data.as_ref().map(|bytes| bytes.to_vec());
            }
            _ => {}
        }
    }
    part.uid = uid?;
    Some(part)
}

/// RFC 3501 §9 `date-time`: ` 7-Feb-2026 22:52:25 -0400`.
fn internal_date(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mails(sizes: &[u64]) -> Vec<Entry> {
        sizes.iter().zip(1..).map(|(bytes, uid)| Entry { uid, bytes: *bytes }).collect()
    }

    #[test]
    fn batches_are_bounded_in_bytes_and_number_and_lose_nothing() {
        let lengths = |mails: &[Entry]| batches(mails).iter().map(|batch| batch.len()).collect::<Vec<_>>();
        assert_eq!(lengths(&mails(&[])), Vec::<usize>::new());
        assert_eq!(lengths(&mails(&[BATCH_BYTES, 1, 1])), [1, 2]);
        assert_eq!(lengths(&mails(&[1, BATCH_BYTES, 1])), [1, 1, 1]);
        assert_eq!(lengths(&mails(&[5; 1201])), [500, 500, 201]);
    }

    #[test]
    fn internal_dates_are_read_with_their_offset() {
        let instant = |text: &str| internal_date(text).map(|instant| instant.to_string());
        assert_eq!(instant(" 7-Feb-2026 22:52:25 -0400").as_deref(), Some("2026-02-08T02:52:25Z"));
        assert_eq!(instant("17-Jul-1996 02:44:25 +0000").as_deref(), Some("1996-07-17T02:44:25Z"));
        assert_eq!(instant("yesterday"), None);
    }
}
