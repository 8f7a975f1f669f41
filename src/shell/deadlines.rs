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
use crate::ports::PortResult;

/// Tells every case whose clock has come; answers how many clocks that were.
pub async fn round(desk: &Desk, now: Timestamp) -> PortResult<usize> {
    let due = desk.store.due(now, DEADLINES_BATCH).await?;
    let mut by_case: BTreeMap<CaseNumber, Vec<Clock>> = BTreeMap::new();
    for (case, clock) in &due {
        by_case.entry(*case).or_default().push(*clock);
    }
    for (case, clocks) in by_case {
        for clock in clocks {
            let standing = desk.inward_standing(now).await?;
            desk.tell(case, &Input::Deadline { clock, standing }, &Actor::Desk, now, |_| {}).await?;
            tracing::warn!(%case, %clock, "a clock has come");
        }
    }
    Ok(due.len())
}
