//! A clock's instant has come: late, early, repeated or after a jump of the clock, the same
//! question is asked: does it still run, and is it really past? (PROCEDURE 5.3, TRAPS 25, 35)

use jiff::{SignedDuration, Timestamp};

use super::raise;
use crate::core::case::{Case, Clock, DueOutcome};
use crate::core::event::Event;
use crate::core::letter::Attention;
use crate::core::policy::{Policy, Standing};

pub(super) fn decide(
    case: &Case,
    clock: Clock,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let still_runs =
        case.dues.get(&clock).is_some_and(|due| due.outcome == DueOutcome::Pending && due.due_at <= now);
    if !still_runs {
        return Vec::new();
    }
    let mut events = Vec::new();
    match clock {
        Clock::AckWatch => watch(&mut events, case, standing, now, policy),
        // Told with the mails that it is about: [`super::desk::still_set_aside`].
        Clock::AsideWatch => {}
        Clock::Ack | Clock::Admissibility | Clock::Resolution | Clock::Cap => {
            events.push(Event::DeadlineMissed { clock });
            raise(&mut events, case, Attention::DeadlineMissed { clock }, standing, now, policy);
        }
    }
    events
}

/// Tells a human that the acknowledgement is not out, and sets the next hour at which to look again
/// (PROCEDURE 5.1). After a night of downtime the rungs that passed are told once, as late.
fn watch(events: &mut Vec<Event>, case: &Case, standing: Standing, now: Timestamp, policy: &Policy) {
    let received_at = case.received_at.unwrap_or(now);
    let hours = now.duration_since(received_at).as_hours();
    events.push(next_watch(received_at, now, policy));
    raise(events, case, Attention::AcknowledgementNotSent { hours }, standing, now, policy);
}

/// The next rung after `now`, or none.
pub(super) fn next_watch(received_at: Timestamp, now: Timestamp, policy: &Policy) -> Event {
    let next = policy
        .ack_watch_hours
        .iter()
        .map(|hours| received_at + SignedDuration::from_hours(*hours))
        .find(|instant| *instant > now);
    match next {
        Some(due_at) => Event::DeadlineSet {
            clock: Clock::AckWatch,
            due_at,
            calendar: policy.calendar.version().to_owned(),
        },
        None => Event::DeadlineCleared { clock: Clock::AckWatch },
    }
}
