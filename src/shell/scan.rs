//! The virus scanner at work: each mail is looked at before it is decided on, and what could not be
//! looked at then is looked at again later (PROCEDURE 7.5, docs/decisions/0013).
//!
//! No mail waits for the scanner: the acknowledgement is owed within 48 hours whether it works or not. A
//! scanner that does not answer is left alone for a while, longer each time, so that triage goes at its
//! own pace. That rest is all that is remembered here, and losing it costs one question.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;

use super::Desk;
use super::limits::{
    DOCUMENTS_LONGEST, DOCUMENTS_SCANNED, RESCAN_BATCH_BYTES, RESCAN_BATCH_MAILS, RESCAN_LONGEST,
    SCAN_BATCH_LONGEST, SCAN_REST_FIRST, SCAN_REST_MOST, SCAN_TRIES, SCANS_SIDE_BY_SIDE,
};
use crate::core::decide::{Input, decide};
use crate::core::event::Actor;
use crate::core::ids::{CaseNumber, Digest};
use crate::core::scan::{Found, Scan};
use crate::mail::{self, Own, contents};
use crate::ports::{
    CaseChange, Commit, Committed, PortResult, Rescan, Scanner, StoredMail, Unscanned, Verdict,
};

const TOO_LARGE: &str = "larger than the virus scanner takes";
const ONLY_ITS_BEGINNING: &str = "only its beginning was looked at";

/// The scanner, and how it fares.
pub struct Scanning {
    scanner: Arc<dyn Scanner>,
    rest: Mutex<Option<Rest>>,
}

/// It did not answer, and is left alone.
#[derive(Clone, Debug)]
struct Rest {
    since: Timestamp,
    until: Timestamp,
    times: u32,
    why: String,
}

impl Scanning {
    pub fn new(scanner: Arc<dyn Scanner>) -> Self {
        Self { scanner, rest: Mutex::new(None) }
    }

    /// Since when and why it does not work, for STATUS.
    pub fn trouble(&self) -> Option<(Timestamp, String)> {
        self.rest().as_ref().map(|rest| (rest.since, rest.why.clone()))
    }

    fn rest(&self) -> MutexGuard<'_, Option<Rest>> {
        self.rest.lock().expect("nothing panics while it is locked")
    }

    fn rests(&self, now: Timestamp) -> bool {
        self.rest().as_ref().is_some_and(|rest| now < rest.until)
    }

    fn fails(&self, why: &str, now: Timestamp) {
        let mut rest = self.rest();
        // Several were under way when it went down: one failure.
        if rest.as_ref().is_some_and(|rest| now < rest.until) {
            return;
        }
        let (since, times) = rest.as_ref().map_or((now, 0), |before| (before.since, before.times + 1));
        let pause = SCAN_REST_FIRST.saturating_mul(1 << times.min(8)).min(SCAN_REST_MOST);
        if times == 0 {
            tracing::warn!("the virus scanner does not work, mails go on unscanned: {why}");
        }
        *rest = Some(Rest { since, until: now + pause, times, why: why.to_owned() });
    }

    fn works(&self, now: Timestamp) {
        let mut rest = self.rest();
        // An answer that was on its way when another one failed says nothing of the scanner now.
        if rest.as_ref().is_some_and(|rest| now >= rest.until) {
            tracing::info!("the virus scanner works again");
            *rest = None;
        }
    }

    /// Looks at some bytes; `Pending` where it could not, and rests then unless only these are to blame.
    async fn look(&self, bytes: &[u8], now: Timestamp) -> Scan {
        if self.rests(now) {
            return Scan::Pending;
        }
        match self.scanner.scan(bytes).await {
            Ok(verdict) => {
                self.works(now);
                match verdict {
                    Verdict::Clean => Scan::Clean,
                    Verdict::Infected { signature } => Scan::Infected { signature },
                    Verdict::TooLarge => Scan::Unscannable { why: TOO_LARGE.to_owned() },
                }
            }
            Err(error) => {
                match self.scanner.about().await {
                    Ok(_) => tracing::warn!("the virus scanner is well but failed on a mail: {error}"),
                    Err(_) => self.fails(&error.to_string(), now),
                }
                Scan::Pending
            }
        }
    }

    /// Looks at a mail, whole, so that the scanner takes it apart itself; where that is not enough, at
    /// each document by itself.
    async fn look_into(&self, raw: &[u8], now: Timestamp) -> Found {
        let scan = self.look(raw, now).await;
        match &scan {
            Scan::NotAsked | Scan::Clean | Scan::Pending => scan.into(),
            Scan::Infected { .. } => {
                let (documents, _) = self.documents(raw, now).await;
                Found { scan, documents }
            }
            Scan::Unscannable { .. } => self.by_documents_alone(scan, raw, now).await,
        }
    }

    /// Looks at a mail that is set aside, of which perhaps only the beginning is at hand.
    async fn look_at_what_is_there(&self, mail: &StoredMail, now: Timestamp) -> Scan {
        match self.look(&mail.raw, now).await {
            Scan::Clean if !mail.whole => Scan::Unscannable { why: ONLY_ITS_BEGINNING.to_owned() },
            scan => scan,
        }
    }

    async fn numbered(&self, number: usize, mail: &StoredMail, now: Timestamp) -> (usize, Found) {
        (number, self.look_into(&mail.raw, now).await)
    }

    /// The mail is larger than the scanner takes: its documents may not be.
    async fn by_documents_alone(&self, too_large: Scan, raw: &[u8], now: Timestamp) -> Found {
        let (documents, all) = self.documents(raw, now).await;
        if documents.values().any(|scan| *scan == Scan::Pending) {
            return Scan::Pending.into();
        }
        let infected = documents.values().find(|scan| matches!(scan, Scan::Infected { .. })).cloned();
        let clean = all && documents.values().all(|scan| *scan == Scan::Clean);
        let scan = infected.unwrap_or(if clean { Scan::Clean } else { too_large });
        Found { scan, documents }
    }

    /// Each part of the mail by itself, as far as that goes within [`DOCUMENTS_LONGEST`], and whether these
    /// were all of them.
    async fn documents(&self, raw: &[u8], now: Timestamp) -> (BTreeMap<Digest, Scan>, bool) {
        let raw = raw.to_vec();
        let contents = tokio::task::spawn_blocking(move || contents::of(&raw)).await.unwrap_or_default();
        let parts = contents.len();
        let mut documents = BTreeMap::new();
        let work = async {
            for (digest, content) in contents.into_iter().take(DOCUMENTS_SCANNED) {
                let mut scan = self.look(&content, now).await;
                // What is not known to be clean is withheld for good: worth a second look.
                if scan == Scan::Pending {
                    scan = self.look(&content, now).await;
                }
                documents.insert(digest, scan);
            }
        };
        let in_time = tokio::time::timeout(DOCUMENTS_LONGEST, work).await.is_ok();
        let all = in_time && (1..=DOCUMENTS_SCANNED).contains(&parts);
        (documents, all)
    }
}

/// What is found in each of these mails, in order. Takes no longer than [`SCAN_BATCH_LONGEST`]: what was
/// not looked at by then is pending.
pub async fn look_at(desk: &Desk, mails: &[StoredMail], now: Timestamp) -> Vec<Found> {
    let Some(scanning) = &desk.scanning else { return vec![Found::default(); mails.len()] };
    let mut found: Vec<Found> = vec![Scan::Pending.into(); mails.len()];
    let work = async {
        let mut looks: Vec<BoxFuture<'_, (usize, Found)>> = Vec::with_capacity(mails.len());
        for (i, mail) in mails.iter().enumerate() {
            looks.push(scanning.numbered(i, mail, now).boxed());
        }
        let mut looks = futures::stream::iter(looks).buffer_unordered(SCANS_SIDE_BY_SIDE);
        while let Some((i, each)) = looks.next().await {
            found[i] = each;
        }
    };
    if tokio::time::timeout(SCAN_BATCH_LONGEST, work).await.is_err() {
        scanning.fails("it is too slow for the mail that comes in", now + SCAN_BATCH_LONGEST);
    }
    found
}

/// What is found in a mail that must not be taken apart.
pub async fn look_at_unread(desk: &Desk, mail: &StoredMail, now: Timestamp) -> Scan {
    match &desk.scanning {
        None => Scan::NotAsked,
        // The beginning of a large mail proves nothing: it is looked at again when all of it is here.
        Some(scanning) => match scanning.look(&mail.raw, now).await {
            Scan::Clean if mail.set_aside.is_some() || !mail.whole => Scan::Pending,
            scan => scan,
        },
    }
}

/// Looks again at mails that were decided on unscanned; how many are settled.
pub async fn round(desk: &Desk, now: Timestamp) -> PortResult<usize> {
    let Some(scanning) = desk.scanning.as_ref().filter(|scanning| !scanning.rests(now)) else {
        return Ok(0);
    };
    let waiting = desk.store.unscanned(RESCAN_BATCH_MAILS, RESCAN_BATCH_BYTES).await?;
    let mut settled = 0;
    let work = async {
        for unscanned in waiting {
            settled += settle(desk, scanning, &unscanned, now).await?;
            if scanning.rests(now) {
                break;
            }
        }
        Ok(())
    };
    match tokio::time::timeout(RESCAN_LONGEST, work).await {
        Ok(outcome) => outcome.map(|()| settled),
        // One mail has had its time; the others come in the next round.
        Err(_) => Ok(settled.max(1)),
    }
}

/// Looks once more at one mail; 1 if that is settled now.
async fn settle(
    desk: &Desk,
    scanning: &Scanning,
    unscanned: &Unscanned,
    now: Timestamp,
) -> PortResult<usize> {
    let found = match unscanned.case {
        Some(_) => scanning.look_into(&unscanned.mail.raw, now).await,
        None => scanning.look_at_what_is_there(&unscanned.mail, now).await.into(),
    };
    if found.scan != Scan::Pending {
        return write(desk, unscanned, found, now).await;
    }
    if scanning.rests(now) {
        return Ok(0);
    }
    if unscanned.scan_tries + 1 < SCAN_TRIES {
        desk.store.scan_failed(unscanned.mail.id).await?;
        return Ok(0);
    }
    let why = format!("the virus scanner failed on it {SCAN_TRIES} times");
    write(desk, unscanned, Scan::Unscannable { why }.into(), now).await
}

/// Writes down what was found, and what follows for the case; 0 if somebody else was first.
async fn write(desk: &Desk, unscanned: &Unscanned, found: Found, now: Timestamp) -> PortResult<usize> {
    let rescan = Rescan { mail: unscanned.mail.id, scan: found.scan.clone() };
    let mut commit = Commit { rescan: Some(rescan), ..Commit::default() };
    if let Some(number) = unscanned.case {
        commit.change = change(desk, number, &unscanned.mail, found, now).await?;
    }
    tracing::info!(mail = unscanned.mail.id, "looked at for viruses, late");
    let committed = desk.store.commit(std::slice::from_ref(&commit)).await?;
    Ok(usize::from(committed == Committed::Done))
}

async fn change(
    desk: &Desk,
    number: CaseNumber,
    mail: &StoredMail,
    found: Found,
    now: Timestamp,
) -> PortResult<Option<CaseChange>> {
    let (raw, policy) = (mail.raw.clone(), desk.policy.clone());
    // It was read once without harm, when it was decided on.
    let read = move || mail::facts(&raw, &Own { addresses: &policy.own });
    let Ok(mut facts) = tokio::task::spawn_blocking(read).await else { return Ok(None) };
    found.apply(&mut facts);
    let case = desk.existing(number).await?;
    let input = Input::Scanned { mail: &facts, standing: desk.inward_standing(now).await? };
    let events = decide(&case, &input, now, &desk.policy);
    Ok((!events.is_empty()).then(|| desk.change_without_fail(&case, events, Actor::Desk, now)))
}

impl std::fmt::Debug for Scanning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanning").field("rest", &self.rest).finish_non_exhaustive()
    }
}
