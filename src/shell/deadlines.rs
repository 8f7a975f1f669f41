//! Due clocks: rows with an instant, each told to its case once; late ones are told as late
//! (PROCEDURE 5, TRAPS 35).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Desk;
use super::limits::{COMMIT_TRIES, DEADLINES_BATCH};
use crate::core::case::Clock;
use crate::core::decide::{Input, decide};
use crate::core::event::Actor;
use crate::core::ids::CaseNumber;
use crate::ports::{Commit, Committed, Disposition, PortError, PortResult};

/// Tells every case whose clock has come; answers how many clocks that were.
pub async fn round(desk: &Desk, now: Timestamp) -> PortResult<usize> {
    let due = desk.store.due(now, DEADLINES_BATCH).await?;
    let mut by_case: BTreeMap<CaseNumber, Vec<Clock>> = BTreeMap::new();
    for (case, clock) in &due {
        by_case.entry(*case).or_default().push(*clock);
    }
    // A case that cannot be told never keeps the others from being told.
    let mut outcome = Ok(due.len());
    for (case, clocks) in by_case {
        for clock in clocks {
            match tell(desk, case, clock, now).await {
                Ok(()) => tracing::warn!(%case, %clock, "a clock has come"),
                Err(error) => outcome = Err(error),
            }
        }
    }
    outcome
}

async fn tell(desk: &Desk, case: CaseNumber, clock: Clock, now: Timestamp) -> PortResult<()> {
    if clock == Clock::AsideWatch {
        return tell_of_mail_set_aside(desk, now).await;
    }
    let standing = desk.inward_standing(now).await?;
    desk.tell(case, &Input::Deadline { clock, standing }, &Actor::Desk, now, |_| {}).await?;
    Ok(())
}

/// The desk's case is read before the mails: who sets one aside meanwhile writes to that case, so that this
/// decision is made again, with that mail.
async fn tell_of_mail_set_aside(desk: &Desk, now: Timestamp) -> PortResult<()> {
    let standing = desk.inward_standing(now).await?;
    for _ in 0..COMMIT_TRIES {
        let case = desk.desk_case().await?;
        let aside = desk.store.mails(Some(Disposition::SetAside), None).await?;
        let mails: Vec<_> = aside.iter().map(|mail| (mail.id, mail.received_at)).collect();
        let events = decide(&case, &Input::StillSetAside { mails: &mails, standing }, now, &desk.policy);
        if events.is_empty() {
            return Ok(());
        }
        let change = desk.change_without_fail(&case, events, Actor::Desk, now);
        let commit = Commit { change: Some(change), ..Commit::default() };
        if desk.store.commit(&[commit]).await? == Committed::Done {
            return Ok(());
        }
    }
    Err(PortError::Temporary(
        "the desk's own case is being changed by somebody else: tried again later".to_owned(),
    ))
}
