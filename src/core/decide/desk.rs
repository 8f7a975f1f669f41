//! What belongs to no case: activation, mail set aside, the circuit breaker (PROCEDURE 2.7, 2.11, 6.4).

use jiff::Timestamp;

use super::{OutboxHold, raise};
use crate::core::case::Case;
use crate::core::event::Event;
use crate::core::letter::Attention;
use crate::core::policy::{Policy, Standing};

/// The first start of a desk; a later one changes nothing.
pub(super) fn activate(desk: &Case, now: Timestamp) -> Vec<Event> {
    if desk.activated_at.is_some() { Vec::new() } else { vec![Event::Activated { at: now }] }
}

pub(super) fn set_aside(
    desk: &Case,
    mail: i64,
    why: &str,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let mut events = Vec::new();
    raise(&mut events, desk, Attention::SetAside { mail, why: why.to_owned() }, standing, now, policy);
    events
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
