//! Deciding what each stored mail is and what follows: read, route, decide, compose, and commit all
//! of it in one transaction (PROCEDURE 2).
//!
//! A transaction holds only mails that have nothing to do with one another (sender, ids, references,
//! words); the others wait for it and then see what it wrote. While one that only opens cases or files mails
//! is written, the next mails are decided, if they share nothing with it either; those after them are read
//! beside all of that.

mod ahead;
mod batch;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

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

/// What a round asks and tells while it lasts.
#[derive(Clone, Copy)]
pub struct Meanwhile<'a> {
    pub clock: &'a (dyn Fn() -> Timestamp + Sync),
    /// Whether the program is to stop: what is not decided on is left to the next start.
    pub is_stopping: &'a (dyn Fn() -> bool + Sync),
    /// Told after each transaction: a letter may be due.
    pub written: &'a (dyn Fn() + Sync),
}

impl<'a> Meanwhile<'a> {
    /// A round that nobody stops or waits for.
    pub fn alone(clock: &'a (dyn Fn() -> Timestamp + Sync)) -> Self {
        Self { clock, is_stopping: &|| false, written: &|| {} }
    }
}

impl std::fmt::Debug for Meanwhile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meanwhile").finish_non_exhaustive()
    }
}

/// Looks at received mails until none is left, or for some seconds.
pub async fn round(desk: &Desk, meanwhile: Meanwhile<'_>) -> PortResult<Triaged> {
    let begun = (meanwhile.clock)();
    let mut ahead = Ahead::beginning(begun);
    if let Some((mail, why)) = ahead.take_up(desk).await? {
        set_aside_unread(desk, &mail, &why, (meanwhile.clock)()).await?;
        return Ok(Triaged { mails: 1, more: true });
    }
    let mut work = Work::default();
    let (tell, read) = mpsc::channel(1);
    let deciding = async {
        let mut read = read;
        let goes = work.all(desk, meanwhile, begun, &mut read).await;
        // What was read and not taken any more is undone as well.
        read.close();
        while let Some(mails) = read.recv().await {
            work.mails.extend(mails);
        }
        goes
    };
    let (mut undone, goes) = tokio::join!(ahead.read_all(desk, meanwhile, tell), deciding);
    undone.extend(work.undone());
    let put = put_back(desk, undone).await;
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
    decided: Option<Arc<Decided>>,
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

    /// Decides on what comes, and writes it, until nothing more does.
    async fn all(
        &mut self,
        desk: &Desk,
        meanwhile: Meanwhile<'_>,
        begun: Timestamp,
        read: &mut mpsc::Receiver<Vec<Read>>,
    ) -> PortResult<()> {
        loop {
            if self.is_empty() {
                let Some(mails) = read.recv().await else { return Ok(()) };
                self.mails = mails;
            } else if self.mails.len() < TRIAGE_BATCH_MAILS {
                self.mails.extend(read.try_recv().into_iter().flatten());
            }
            let now = (meanwhile.clock)();
            // A slow scanner or database: a stop of the program must not wait for all that was taken up.
            if (meanwhile.is_stopping)() || now > begun + TRIAGE_ROUND_MOST {
                return self.write(desk).await.map(|_| ());
            }
            let goes = self.step(desk, now).await;
            (meanwhile.written)();
            if let Goes::NoFurther = goes? {
                return Ok(());
            }
        }
    }

    /// Writes what is decided, and decides on what may be decided meanwhile.
    async fn step(&mut self, desk: &Desk, now: Timestamp) -> PortResult<Goes> {
        // Each is read once, however many of one sender there are: else ten thousand of them would be read
        // a hundred times each before anybody else's turn comes.
        let mails = std::mem::take(&mut self.mails);
        let (free, waiting) = independent(mails, self.carried());
        let goes = self.write_and_decide(desk, free, now).await;
        self.mails.extend(waiting);
        goes
    }

    async fn write_and_decide(&mut self, desk: &Desk, free: Vec<Read>, now: Timestamp) -> PortResult<Goes> {
        let (written, decided) =
            tokio::join!(write(desk, self.decided.clone()), decide_on(desk, &free, self.carried(), now));
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
            Ok(decided) => self.decided = decided.map(Arc::new),
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
        let written = write(desk, self.decided.clone()).await;
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

    /// The mails that were to be decided on, and on which nothing is written.
    fn undone(&self) -> impl Iterator<Item = i64> + '_ {
        let decided = self.decided.iter().flat_map(|decided| &decided.mails);
        self.mails.iter().map(|read| read.mail.id).chain(decided.copied())
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
        // Composing letters never waits: whatever else is to be done must come to its turn.
        tokio::task::yield_now().await;
    }
    Ok(Some(batch.finish(read)))
}

/// As a task of its own: composing letters meanwhile keeps no statement waiting.
async fn write(desk: &Desk, decided: Option<Arc<Decided>>) -> PortResult<Goes> {
    let Some(decided) = decided else { return Ok(Goes::On) };
    let store = desk.store.clone();
    let writing = tokio::spawn(async move { store.commit(&decided.commits).await });
    let written = writing.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    Ok(match written? {
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
