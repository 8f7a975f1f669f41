//! What belongs to no case: activation, mail set aside, the circuit breaker (PROCEDURE 2.7, 2.11, 5.6, 6.4).

use jiff::{SignedDuration, Timestamp};

use super::{OutboxHold, raise};
use crate::core::calendar::Calendar;
use crate::core::case::{Case, Clock, DueOutcome};
use crate::core::event::Event;
use crate::core::letter::Attention;
use crate::core::policy::{Policy, Standing};

/// The first start of a desk; a later one changes nothing.
pub(super) fn activate(desk: &Case, now: Timestamp) -> Vec<Event> {
    if desk.activated_at.is_some() { Vec::new() } else { vec![Event::Activated { at: now }] }
}

pub(super) fn set_aside(
    desk: &Case,
    (mail, received_at): (i64, Timestamp),
    why: &str,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let mut events = Vec::new();
    raise(&mut events, desk, Attention::SetAside { mail, why: why.to_owned() }, standing, now, policy);
    let pending = desk.dues.get(&Clock::AsideWatch).filter(|due| due.outcome == DueOutcome::Pending);
    if let Some(next) = next_look(received_at, now, policy)
        && pending.is_none_or(|due| next < due.due_at)
    {
        events.push(watch(next, policy));
    }
    events
}

/// Nobody has had these handled yet: told at the hours at which an acknowledgement that is not out is told,
/// and when its 48 hours are over. What was handled meanwhile is told no more; after downtime the hours that
/// passed are told once (PROCEDURE 5.6).
pub(super) fn still_set_aside(
    desk: &Case,
    mails: &[(i64, Timestamp)],
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let Some(due) = desk.dues.get(&Clock::AsideWatch) else { return Vec::new() };
    if due.outcome != DueOutcome::Pending || due.due_at > now {
        return Vec::new();
    }
    let next = mails.iter().filter_map(|(_, received_at)| next_look(*received_at, now, policy)).min();
    let mut events = vec![match next {
        Some(next) => watch(next, policy),
        None => Event::DeadlineCleared { clock: Clock::AsideWatch },
    }];
    let mut late: Vec<(Timestamp, i64)> = mails
        .iter()
        .map(|(mail, received_at)| (*received_at, *mail))
        .filter(|(received_at, _)| looks(*received_at, policy).any(|look| look <= now))
        .collect();
    late.sort_unstable();
    let told_before =
        |(received_at, _): &(Timestamp, i64)| looks(*received_at, policy).all(|look| look < due.due_at);
    let older = late.iter().filter(|mail| told_before(mail)).count();
    late.retain(|mail| !told_before(mail));
    if let Some((oldest, _)) = late.first() {
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let attention = Attention::StillSetAside {
            mails: late.iter().take(Attention::MAX_NAMED).map(|(_, mail)| *mail).collect(),
            all: number(late.len()),
            hours: now.duration_since(*oldest).as_hours(),
            older: number(older),
        };
        raise(&mut events, desk, attention, standing, now, policy);
    }
    events
}

/// When a human is told of a mail that is still set aside; of mail from before the desk's time never
/// (PROCEDURE 2.7). At full hours, so that a flood of odd mails is told in one notice an hour.
fn looks(received_at: Timestamp, policy: &Policy) -> impl Iterator<Item = Timestamp> + '_ {
    let hours = policy.ack_watch_hours.iter().copied().chain([Calendar::ACK_HOURS]);
    hours
        .filter(move |_| received_at >= policy.answer_since)
        .map(move |hours| full_hour(received_at + SignedDuration::from_hours(hours)))
}

/// This full hour, or the next.
fn full_hour(at: Timestamp) -> Timestamp {
    const HOUR: i64 = 3_600;
    let seconds = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    let whole = (seconds + HOUR - 1).div_euclid(HOUR) * HOUR;
    Timestamp::from_second(whole).unwrap_or(at)
}

fn next_look(received_at: Timestamp, now: Timestamp, policy: &Policy) -> Option<Timestamp> {
    looks(received_at, policy).find(|look| *look > now)
}

fn watch(due_at: Timestamp, policy: &Policy) -> Event {
    Event::DeadlineSet { clock: Clock::AsideWatch, due_at, calendar: policy.calendar.version().to_owned() }
}

/// Notices go past the breaker, so that a human learns of it.
pub(super) fn outbox(
    desk: &Case,
    hold: Option<OutboxHold>,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    match (hold, &desk.outbox_held) {
        (Some(hold), None) => {
            let why = format!("{} letters within an hour, the limit is {}", hold.sent, hold.limit);
            let mut events = vec![Event::OutboxHeld { held: true, why }];
            let attention = Attention::OutboxHeld { sent: hold.sent, limit: hold.limit };
            raise(&mut events, desk, attention, standing, now, policy);
            events
        }
        (None, Some(_)) => vec![Event::OutboxHeld { held: false, why: "released by an operator".to_owned() }],
        _ => Vec::new(),
    }
}
