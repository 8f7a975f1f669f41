//! The reconcilers: each reads stored state and the time it is given, and writes through one commit.
//! Running one again is the only recovery there is. No clock here but in [`run`].

pub mod authenticity;
pub mod deadlines;
pub mod intake;
pub mod limits;
pub mod outbox;
pub mod run;
pub mod scan;
pub mod triage;

use std::sync::Arc;

use jiff::Timestamp;

use crate::core::case::Case;
use crate::core::decide::{Input, applied, decide};
use crate::core::event::{Actor, Event};
use crate::core::ids::{CaseNumber, Digest};
use crate::core::letter::{Letter, LetterKind};
use crate::core::policy::{Policy, Standing};
use crate::mail::compose::{ComposeError, Composer};
use crate::ports::{CaseChange, Commit, Committed, Composed, PortError, PortResult, Store};

/// A desk at work: what every reconciler needs.
#[derive(Clone)]
pub struct Desk {
    pub store: Arc<dyn Store>,
    pub policy: Arc<Policy>,
    pub composer: Arc<Composer>,
    /// Whether letters wait for `outbox release` (PRODUCT 4.3).
    pub outgoing: Outgoing,
    /// The virus scanner, if there is one.
    pub scanning: Option<Arc<scan::Scanning>>,
    /// Largest mail that is fetched and read, in bytes.
    pub mail_bytes: u64,
    /// Waits before a letter is tried again, in order; after the last it has failed.
    pub retry_after: Arc<[jiff::SignedDuration]>,
    /// A claim that was not settled by then may be taken again: longer than any attempt lasts.
    pub claim_lasts: jiff::SignedDuration,
    /// Who is believed about a mail's sender.
    pub vouchers: authenticity::Vouchers,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outgoing {
    Leaves,
    /// `hold` mode: everything to customers is kept until released; notices leave.
    Held,
}

impl Desk {
    /// What a decision means, with its letters composed: ready to commit. A letter that cannot be
    /// composed stops it before anything is written.
    pub fn change(
        &self,
        before: &Case,
        mut events: Vec<Event>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<CaseChange, ComposeError> {
        let after = applied(before, &events, now);
        let letters = events
            .iter_mut()
            .filter_map(|event| match event {
                Event::LetterWritten { letter } => Some(letter),
                _ => None,
            })
            .map(|letter| self.composed(&after, letter))
            .collect::<Result<_, ComposeError>>()?;
        let after = applied(before, &events, now);
        Ok(CaseChange { before_seq: before.seq, after, events, actor, at: now, letters })
    }

    /// A letter's final bytes, whose digest the journal gets (PROCEDURE 7.2).
    fn composed(&self, after: &Case, letter: &mut Letter) -> Result<Composed, ComposeError> {
        let rendered = self.composer.compose(after, letter, &self.policy)?;
        letter.bytes = Some(Digest::of(&rendered.bytes));
        Ok(Composed {
            letter: letter.clone(),
            message_id: rendered.message_id,
            envelope_from: rendered.envelope_from,
            bytes: rendered.bytes,
            held: self.outgoing == Outgoing::Held && letter.kind != LetterKind::Notice,
        })
    }

    /// As [`Desk::change`], but where a notice cannot be composed, the journal alone has the matter:
    /// the desk's own troubles must never stop the desk.
    pub fn change_without_fail(
        &self,
        before: &Case,
        events: Vec<Event>,
        actor: Actor,
        now: Timestamp,
    ) -> CaseChange {
        self.change(before, events.clone(), actor.clone(), now).unwrap_or_else(|error| {
            tracing::error!(case = %before.number, %error, "notice not written: a template fails");
            let silent: Vec<Event> =
                events.into_iter().filter(|e| !matches!(e, Event::LetterWritten { .. })).collect();
            let after = applied(before, &silent, now);
            CaseChange { before_seq: before.seq, after, events: silent, actor, at: now, letters: Vec::new() }
        })
    }

    /// How many notices went to the company's people within the hour.
    pub async fn notices(&self, now: Timestamp) -> PortResult<u64> {
        let since = now - limits::HOUR;
        let counts = self.store.letters_since(LetterKind::Notice, &self.policy.alerts, since).await?;
        Ok(counts.into_iter().max().unwrap_or(0))
    }

    /// A standing for decisions that answer nobody outside.
    pub async fn inward_standing(&self, now: Timestamp) -> PortResult<Standing> {
        Ok(Standing { notices_hour: self.notices(now).await?, ..Standing::default() })
    }

    pub async fn existing(&self, number: CaseNumber) -> PortResult<Case> {
        self.store.case(number).await?.ok_or_else(|| {
            PortError::Permanent(format!(
                "case {number} is named in the store but has no row: run `complaintd verify`"
            ))
        })
    }

    /// The desk's own case, with its journal so far.
    pub async fn desk_case(&self) -> PortResult<Case> {
        let stored = self.store.case(CaseNumber::DESK).await?;
        Ok(stored.unwrap_or_else(|| Case::unopened(CaseNumber::DESK)))
    }

    /// Any case, the desk's own included.
    async fn case(&self, number: CaseNumber) -> PortResult<Case> {
        if number == CaseNumber::DESK { self.desk_case().await } else { self.existing(number).await }
    }

    /// What follows for a case from something it is told, if anything does.
    fn answered(&self, case: &Case, input: &Input<'_>, actor: &Actor, now: Timestamp) -> Option<CaseChange> {
        let events = decide(case, input, now, &self.policy);
        (!events.is_empty()).then(|| self.change_without_fail(case, events, actor.clone(), now))
    }

    /// Tells a case something and commits what follows; decides afresh when the world moved meanwhile.
    /// `extra` fills in what belongs to the same transaction.
    pub async fn tell(
        &self,
        number: CaseNumber,
        input: &Input<'_>,
        actor: &Actor,
        now: Timestamp,
        extra: impl Fn(&mut Commit) + Send,
    ) -> PortResult<Case> {
        for _ in 0..limits::COMMIT_TRIES {
            let case = self.case(number).await?;
            let change = self.answered(&case, input, actor, now);
            let mut commit = Commit { change, ..Commit::default() };
            extra(&mut commit);
            if commit.change.is_none() && commit.settle.is_none() && commit.mail.is_none() {
                return Ok(case);
            }
            let after = commit.change.as_ref().map_or(case, |change| change.after.clone());
            if self.store.commit(std::slice::from_ref(&commit)).await? == Committed::Done {
                return Ok(after);
            }
        }
        Err(PortError::Temporary(format!(
            "case {number} is being changed by somebody else: tried again later"
        )))
    }
}

/// The instant from which mail is answered: written down at the very first start, and never moved
/// (PROCEDURE 2.7).
pub async fn activate(store: &dyn Store, now: Timestamp) -> PortResult<Timestamp> {
    let fresh = Case::unopened(CaseNumber::DESK);
    let before = store.case(CaseNumber::DESK).await?.unwrap_or(fresh);
    if let Some(at) = before.activated_at {
        return Ok(at);
    }
    // Mail servers note whole seconds: a mail of this very second is not history.
    let second = Timestamp::from_second(now.as_second()).expect("within range, being earlier than now");
    let events = vec![Event::Activated { at: second }];
    let after = applied(&before, &events, now);
    let change = CaseChange {
        before_seq: before.seq,
        after,
        events,
        actor: Actor::Desk,
        at: now,
        letters: Vec::new(),
    };
    let commit = Commit { change: Some(change), ..Commit::default() };
    match store.commit(&[commit]).await? {
        Committed::Done => Ok(second),
        // Another instance was first.
        Committed::Conflict => {
            let desk = store.case(CaseNumber::DESK).await?;
            desk.and_then(|desk| desk.activated_at).ok_or_else(|| {
                PortError::Temporary("the desk is being activated by another instance".to_owned())
            })
        }
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("mailbox", &self.policy.mailbox).finish_non_exhaustive()
    }
}
