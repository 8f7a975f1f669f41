//! Deciding what each stored mail is and what follows: read, route, decide, compose, and commit all
//! of it in one transaction (PROCEDURE 2).
//!
//! A transaction holds only mails that have nothing to do with one another (sender, ids, references,
//! words); the others wait for it and then see what it wrote. While one that only opens cases or files mails
//! is written, the next mails are decided, if they share nothing with it either, and those after them are read.

mod ahead;
mod batch;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::limits::{TRIAGE_BATCH_MAILS, TRIAGE_ROUND_MOST};
use super::{Desk, scan};
use crate::core::decide::Input;
use crate::core::event::Actor;
use crate::core::ids::CaseNumber;
use crate::ports::{Committed, Disposition, MailOutcome, PortResult, StoredMail};
use ahead::{Ahead, Read};
use batch::{Batch, Carried, Decided, independent};

/// What a round did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Triaged {
    pub mails: usize,
    /// Whether more may be waiting.
    pub more: bool,
}

/// Looks at received mails until none is left, or for some seconds.
pub async fn round(desk: &Desk, clock: &(dyn Fn() -> Timestamp + Sync)) -> PortResult<Triaged> {
    let begun = clock();
    let mut ahead = Ahead::beginning(begun);
    if let Some((mail, why)) = ahead.take_up(desk).await? {
        set_aside_unread(desk, &mail, &why, clock()).await?;
        return Ok(Triaged { mails: 1, more: true });
    }
    let mut work = Work { mails: ahead.next(desk, begun).await.unwrap_or_default(), ..Work::default() };
    let goes = loop {
        if work.is_empty() && ahead.is_empty() {
            break Ok(Goes::On);
        }
        let now = clock();
        let step = if now <= begun + TRIAGE_ROUND_MOST {
            work.step(desk, &mut ahead, now).await
        } else {
            // A slow scanner or database: a stop of the program must not wait for all that was taken up.
            work.write(desk).await.map(|_| Goes::NoFurther)
        };
        match step {
            Ok(Goes::On) => {}
            ended => break ended,
        }
    };
    let put = put_back(desk, work.undone(&ahead)).await;
    goes?;
    put?;
    Ok(Triaged { mails: work.done, more: ahead.found_any() })
}

/// What a round has in hand.
#[derive(Default)]
struct Work {
    /// Read, to be decided.
    mails: Vec<Read>,
    /// Decided, to be written: only what opens cases or files, and leaves something to carry on from.
    decided: Option<Decided>,
    done: usize,
}

enum Goes {
    On,
    /// Somebody else wrote meanwhile: the next round decides afresh.
    NoFurther,
}

impl Work {
    fn is_empty(&self) -> bool {
        self.mails.is_empty() && self.decided.is_none()
    }

    fn carried(&self) -> Option<&Carried> {
        self.decided.as_ref()?.carried.as_ref()
    }

    /// Writes what is decided, decides on what may be decided meanwhile, and reads what comes next.
    async fn step(&mut self, desk: &Desk, ahead: &mut Ahead, now: Timestamp) -> PortResult<Goes> {
        // Each is read once, however many of one sender there are: else ten thousand of them would be read
        // a hundred times each before anybody else's turn comes.
        let mails = std::mem::take(&mut self.mails);
        let (free, waiting) = independent(mails, self.carried());
        let enough = waiting.len() >= TRIAGE_BATCH_MAILS;
        let reading = async { if enough { None } else { ahead.next(desk, now).await } };
        let (goes, next) = tokio::join!(self.write_and_decide(desk, free, now), reading);
        self.mails.extend(waiting);
        self.mails.extend(next.into_iter().flatten());
        goes
    }

    async fn write_and_decide(&mut self, desk: &Desk, free: Vec<Read>, now: Timestamp) -> PortResult<Goes> {
        let (written, decided) =
            tokio::join!(write(desk, self.decided.as_ref()), decide_on(desk, &free, self.carried(), now));
        let goes = self.is_written(written);
        if !matches!(goes, Ok(Goes::On)) {
            // What was decided rests on something that is not so.
            self.mails = free;
            return goes;
        }
        match decided {
            Err(error) => {
                if !error.is_permanent() {
                    // The store's trouble and not the mails': a disk that is full for an hour makes no poison.
                    self.mails = free;
                }
                return Err(error);
            }
            Ok(decided) => self.decided = decided,
        }
        // What touches cases that are there is written at once: others touch them as well.
        if self.decided.as_ref().is_some_and(|decided| decided.carried.is_none()) {
            let unfinished: BTreeSet<i64> =
                self.decided.iter().flat_map(|decided| decided.unfinished.iter().copied()).collect();
            if let Goes::NoFurther = self.write(desk).await? {
                return Ok(Goes::NoFurther);
            }
            self.mails.extend(free.into_iter().filter(|read| unfinished.contains(&read.mail.id)));
        }
        Ok(Goes::On)
    }

    async fn write(&mut self, desk: &Desk) -> PortResult<Goes> {
        let written = write(desk, self.decided.as_ref()).await;
        self.is_written(written)
    }

    /// What was decided is done; or left out where it fails whenever it is tried: the tries of its mails
    /// count, and so each comes to be alone (TRAPS 4).
    fn is_written(&mut self, written: PortResult<Goes>) -> PortResult<Goes> {
        match &written {
            Ok(Goes::On) => self.done += self.decided.take().map_or(0, |decided| decided.finished()),
            Err(error) if error.is_permanent() => self.decided = None,
            _ => {}
        }
        written
    }

    /// The mails whose reading was begun and on which nothing is written.
    fn undone(&self, ahead: &Ahead) -> Vec<i64> {
        let mut mails = ahead.ids();
        mails.extend(self.mails.iter().map(|read| read.mail.id));
        mails.extend(self.decided.iter().flat_map(|decided| &decided.mails));
        mails
    }
}

/// Decides on mails that have nothing to do with one another.
async fn decide_on(
    desk: &Desk,
    read: &[Read],
    before: Option<&Carried>,
    now: Timestamp,
) -> PortResult<Option<Decided>> {
    if read.is_empty() {
        return Ok(None);
    }
    let mut batch = Batch::prepare(desk, read, before, now).await?;
    for (i, mail) in read.iter().enumerate() {
        batch.triage(i, mail).await?;
        // Composing letters never waits: what is written meanwhile must come to its next statement.
        tokio::task::yield_now().await;
    }
    Ok(Some(batch.finish(read)))
}

async fn write(desk: &Desk, decided: Option<&Decided>) -> PortResult<Goes> {
    let Some(decided) = decided else { return Ok(Goes::On) };
    Ok(match desk.store.commit(&decided.commits).await? {
        Committed::Done => Goes::On,
        Committed::Conflict => Goes::NoFurther,
    })
}

async fn put_back(desk: &Desk, mails: Vec<i64>) -> PortResult<()> {
    if mails.is_empty() { Ok(()) } else { desk.store.put_back(&mails).await }
}

async fn set_aside_unread(desk: &Desk, mail: &StoredMail, why: &str, now: Timestamp) -> PortResult<()> {
    let standing = desk.inward_standing(now).await?;
    let found = scan::look_at_unread(desk, mail, now).await;
    let why = &found.warns(why);
    let outcome = MailOutcome {
        mail: mail.id,
        disposition: Disposition::SetAside,
        case: None,
        cause: Some(why.to_owned()),
        scan: found,
        facts: None,
    };
    tracing::error!(mail = mail.id, "set aside unread");
    let input = Input::SetAside { mail: mail.id, received_at: mail.received_at, why, standing };
    desk.tell(CaseNumber::DESK, &input, &Actor::Desk, now, |commit| commit.mail = Some(outcome.clone()))
        .await?;
    Ok(())
}
