//! Deciding what each stored mail is and what follows: read, route, decide, compose, and commit all
//! of it in one transaction (PROCEDURE 2).
//!
//! A transaction holds only mails that have nothing to do with one another (sender, ids, references,
//! words); the others wait for it and then see what it wrote. While one is written, the next mails are
//! decided, if they share nothing with it either, and those after them are read.

mod ahead;
mod batch;

use jiff::Timestamp;

use super::limits::TRIAGE_BATCH_MAILS;
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

/// Looks at received mails until none is left, or for about a second.
pub async fn round(desk: &Desk, clock: &(dyn Fn() -> Timestamp + Sync)) -> PortResult<Triaged> {
    let mut ahead = Ahead::beginning(clock());
    if let Some((mail, why)) = ahead.take_up(desk).await? {
        set_aside_unread(desk, &mail, &why, clock()).await?;
        return Ok(Triaged { mails: 1, more: true });
    }
    let mut work = Work { mails: ahead.next(desk, clock()).await.unwrap_or_default(), ..Work::default() };
    while !work.is_done() {
        match work.step(desk, &mut ahead, clock()).await {
            Ok(Goes::On) => {}
            Ok(Goes::NoFurther) => {
                put_back(desk, work.undone(&ahead)).await?;
                return Ok(Triaged { mails: work.done, more: true });
            }
            Err(error) => {
                if !error.is_permanent() {
                    // The store's trouble and not the mails': a disk that is full for an hour makes no poison.
                    put_back(desk, work.undone(&ahead)).await.ok();
                }
                return Err(error);
            }
        }
    }
    Ok(Triaged { mails: work.done, more: ahead.found_any() })
}

/// What a round has in hand.
#[derive(Default)]
struct Work {
    /// Read, to be decided.
    mails: Vec<Read>,
    /// Decided, to be written.
    decided: Option<Decided>,
    done: usize,
}

enum Goes {
    On,
    /// Somebody else wrote meanwhile, or a mail's turn comes later: the next round decides afresh.
    NoFurther,
}

impl Work {
    fn is_done(&self) -> bool {
        self.mails.is_empty() && self.decided.is_none()
    }

    /// Writes what is decided, decides on what may be decided meanwhile, and reads what comes next.
    async fn step(&mut self, desk: &Desk, ahead: &mut Ahead, now: Timestamp) -> PortResult<Goes> {
        let mails = std::mem::take(&mut self.mails);
        let before = self.decided.as_ref().and_then(|decided| decided.carried.as_ref());
        let (free, waiting) = if self.decided.is_some() && before.is_none() {
            (Vec::new(), mails)
        } else {
            independent(mails, before)
        };
        // Each is read once, however many of one sender there are: else ten thousand of them would be read
        // a hundred times each before anybody else's turn comes.
        let enough = waiting.len() >= TRIAGE_BATCH_MAILS;
        let reading = async { if enough { None } else { ahead.next(desk, now).await } };
        let (written, decided, next) =
            tokio::join!(write(desk, self.decided.as_ref()), decide_on(desk, &free, before, now), reading);
        self.mails = waiting;
        self.mails.extend(next.into_iter().flatten());
        let is_written = matches!(written, Ok(Goes::On));
        let before = if is_written { self.decided.take() } else { None };
        self.done += before.as_ref().map_or(0, Decided::finished);
        match decided {
            Ok(decided) if is_written => self.decided = decided,
            Ok(_) => self.mails.extend(free),
            Err(error) => {
                self.mails.extend(free);
                return Err(error);
            }
        }
        if let Some(before) = before.filter(|before| !before.unfinished.is_empty()) {
            put_back(desk, before.unfinished).await?;
            return Ok(Goes::NoFurther);
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
