//! Due clocks: rows with an instant, each told to its case once; late ones are told as late
//! (PROCEDURE 5, TRAPS 35).

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Desk;
use super::limits::DEADLINES_BATCH;
use crate::core::case::Clock;
use crate::core::decide::Input;
use crate::core::event::Actor;
use crate::core::ids::CaseNumber;
use crate::ports::{Disposition, PortResult};

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
    let standing = desk.inward_standing(now).await?;
    if clock == Clock::AsideWatch {
        let entries = desk.store.mails(Some(Disposition::SetAside), None).await?;
        let mails: Vec<_> = entries.iter().map(|mail| (mail.id, mail.received_at)).collect();
        let input = Input::StillSetAside { mails: &mails, standing };
        desk.tell(case, &input, &Actor::Desk, now, |_| {}).await?;
        return Ok(());
    }
    desk.tell(case, &Input::Deadline { clock, standing }, &Actor::Desk, now, |_| {}).await?;
    Ok(())
}
