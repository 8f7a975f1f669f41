//! Mails are taken up and read ahead, while those before them are decided and written.

use std::collections::VecDeque;
use std::num::NonZero;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::Meanwhile;
use crate::core::facts::MailFacts;
use crate::core::policy::Policy;
use crate::core::scan::Found;
use crate::mail::{self, Own};
use crate::ports::{PortResult, Signed, StoredMail};
use crate::shell::authenticity::{Look, Vouchers};
use crate::shell::limits::{
    READERS, READING_TRIES, TRIAGE_AHEAD_BYTES, TRIAGE_AHEAD_MAILS, TRIAGE_BATCH_MAILS, TRIAGE_ROUND_LONGEST,
};
use crate::shell::{Desk, scan};

/// Mails taken up, whose reading counts as begun.
pub struct Ahead {
    batches: VecDeque<Vec<StoredMail>>,
    /// The last one taken up.
    last: i64,
    until: Timestamp,
    /// Nothing more is taken up in this round.
    ended: bool,
}

impl Ahead {
    pub fn beginning(now: Timestamp) -> Self {
        let until = now + TRIAGE_ROUND_LONGEST;
        Self { batches: VecDeque::new(), last: 0, until, ended: false }
    }

    /// Whether there was anything to look at.
    pub fn found_any(&self) -> bool {
        self.last > 0
    }

    /// Takes up the mails that come next; a first one that must not be read, with the reason, alone.
    pub async fn take_up(&mut self, desk: &Desk) -> PortResult<Option<(StoredMail, String)>> {
        let mut mails = desk.store.received(self.last, TRIAGE_AHEAD_MAILS, TRIAGE_AHEAD_BYTES).await?;
        // A mail whose reading was begun and never finished may have killed the process: alone it harms
        // no other (TRAPS 4).
        let is_alone = |mail: &StoredMail| mail.tries > 0 || unreadable(mail).is_some();
        if let Some(at) = mails.iter().position(is_alone) {
            self.ended = true;
            let first = self.last == 0 && at == 0;
            mails.truncate(if first { 1 } else { at });
            if let Some(why) = mails.first().filter(|_| first).and_then(unreadable) {
                return Ok(mails.pop().map(|mail| (mail, why)));
            }
        }
        let ids: Vec<i64> = mails.iter().map(|mail| mail.id).collect();
        let Some(last) = ids.last() else {
            self.ended = true;
            return Ok(None);
        };
        desk.store.begin_reading(&ids).await?;
        self.last = *last;
        let mut mails = mails.into_iter().peekable();
        while mails.peek().is_some() {
            self.batches.push_back(mails.by_ref().take(TRIAGE_BATCH_MAILS).collect());
        }
        Ok(None)
    }

    /// Reads batch after batch, and takes up more in time; returns the mails that nobody takes any more.
    pub async fn read_all(
        &mut self,
        desk: &Desk,
        meanwhile: Meanwhile<'_>,
        tell: mpsc::Sender<Vec<Read>>,
    ) -> Vec<i64> {
        while let Some(mails) = self.batches.pop_front() {
            let now = (meanwhile.clock)();
            let reading = async {
                let found = scan::look_at(desk, &mails, now).await;
                read(desk, mails.into_iter().zip(found).collect()).await
            };
            let more = async {
                self.ended |= now > self.until || (meanwhile.is_stopping)();
                // The next round meets the same error, and tells it.
                if !self.ended && self.batches.len() < 2 && self.take_up(desk).await.is_err() {
                    self.ended = true;
                }
            };
            let (read, ()) = tokio::join!(reading, more);
            if let Err(mpsc::error::SendError(read)) = tell.send(read).await {
                let rest = self.batches.iter().flatten().map(|mail| mail.id);
                return read.iter().map(|read| read.mail.id).chain(rest).collect();
            }
        }
        Vec::new()
    }
}

/// Why a mail must be set aside unread.
fn unreadable(mail: &StoredMail) -> Option<String> {
    let tried_enough = || {
        (mail.tries >= READING_TRIES).then(|| {
            format!("could not be read in {READING_TRIES} tries: reading or answering it fails every time")
        })
    };
    mail.set_aside.clone().or_else(|| incomplete(mail)).or_else(tried_enough)
}

/// A mail that a human wants to be read before all of it has come.
fn incomplete(mail: &StoredMail) -> Option<String> {
    (!mail.whole).then(|| {
        format!(
            "only the first {} bytes of it are kept so far, and the rest is still being fetched: try again later",
            mail.raw.len()
        )
    })
}

/// A stored mail and what was read in it.
pub struct Read {
    pub mail: StoredMail,
    pub facts: MailFacts,
    /// Still to be asked about.
    signed: Option<Signed>,
}

/// Reads all mails, off the async threads: one core is left to what decides and writes meanwhile, on which
/// everything else waits. A mail on which reading panics is left out; its tries are counted already.
async fn read(desk: &Desk, mails: Vec<(StoredMail, Found)>) -> Vec<Read> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = mails.len().div_ceil((cores - 1).clamp(1, READERS)).max(1);
    let mut tasks = Vec::new();
    let mut rest = mails;
    while !rest.is_empty() {
        let tail = rest.split_off(share.min(rest.len()));
        let (policy, vouchers) = (desk.policy.clone(), desk.vouchers.clone());
        tasks.push(tokio::task::spawn_blocking(move || {
            rest.into_iter()
                .filter_map(|(mail, found)| read_one(mail, found, &policy, &vouchers))
                .collect::<Vec<Read>>()
        }));
        rest = tail;
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap_or_default());
    }
    ask_about_signatures(desk, &mut all).await;
    all
}

async fn ask_about_signatures(desk: &Desk, read: &mut [Read]) {
    let (signed, asked): (Vec<Signed>, Vec<&mut Read>) =
        read.iter_mut().filter_map(|read| Some((read.signed.take()?, read))).unzip();
    for (read, found) in asked.into_iter().zip(desk.vouchers.ask(signed).await) {
        read.facts.authenticity = found;
    }
}

fn read_one(mail: StoredMail, found: Found, policy: &Policy, vouchers: &Vouchers) -> Option<Read> {
    let reading = std::panic::AssertUnwindSafe(|| {
        let facts = mail::facts(&mail.raw, &Own { addresses: &policy.own });
        (facts, vouchers.look(&mail.place.mailbox, &mail.raw))
    });
    if let Ok((mut facts, look)) = std::panic::catch_unwind(reading) {
        found.apply(&mut facts);
        let (raw, mail) = (mail.raw, StoredMail { raw: Vec::new(), ..mail });
        let signed = match look {
            // One that goes beyond the limits meets no other reader.
            Look::Ask(_) if facts.set_aside.is_some() => None,
            Look::Ask(from) => Some(Signed { raw, from }),
            Look::Done(found) => {
                facts.authenticity = found;
                None
            }
        };
        Some(Read { mail, facts, signed })
    } else {
        tracing::error!(
            mail = mail.id,
            tries = mail.tries + 1,
            "reading this mail panics: tried again alone"
        );
        None
    }
}
