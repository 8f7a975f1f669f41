//! What became of a letter: taken by the relay, refused, come back (PROCEDURE 6.1–6.3, 6.5, TRAPS 34).

use jiff::Timestamp;

use super::complaint::added;
use super::deadline::next_watch;
use super::{Delivery, raise};
use crate::core::case::{Case, Clock, DueOutcome, MessageRole, WrittenLetter};
use crate::core::event::Event;
use crate::core::facts::{Bounce, BounceAction, MailFacts};
use crate::core::letter::{Attention, LetterKind, LetterState};
use crate::core::policy::{Policy, Standing};

pub(super) fn decide(
    case: &Case,
    ordinal: u32,
    news: &Delivery<'_>,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let Some(letter) = case.letters.get(&ordinal) else {
        return Vec::new();
    };
    match news {
        Delivery::Sent { reply } => sent(case, ordinal, letter, reply),
        Delivery::Failed { why } => failed(case, ordinal, letter, why, standing, now, policy),
        Delivery::Bounced { mail, bounce, received_at } => {
            let about = Bounced { mail, bounce, received_at: *received_at };
            bounced(case, ordinal, letter, &about, standing, now, policy)
        }
        Delivery::Suppressed { why }
            if !matches!(letter.state, LetterState::Sent | LetterState::Suppressed) =>
        {
            vec![Event::LetterSuppressed { ordinal, why: (*why).to_owned() }]
        }
        Delivery::Released if letter.state != LetterState::Sent => vec![Event::LetterReleased { ordinal }],
        Delivery::Suppressed { .. } | Delivery::Released => Vec::new(),
    }
}

fn sent(case: &Case, ordinal: u32, letter: &WrittenLetter, reply: &str) -> Vec<Event> {
    // A letter whose bounce was quicker than the relay's answer has failed all the same.
    if matches!(letter.state, LetterState::Sent | LetterState::Failed) {
        return Vec::new();
    }
    let mut events = vec![Event::LetterSent { ordinal, reply: reply.to_owned() }];
    if letter.kind == LetterKind::Acknowledgement {
        for clock in [Clock::Ack, Clock::AckWatch] {
            if case.dues.get(&clock).is_some_and(|due| due.outcome == DueOutcome::Pending) {
                events.push(Event::DeadlineMet { clock });
            }
        }
    }
    events
}

fn failed(
    case: &Case,
    ordinal: u32,
    letter: &WrittenLetter,
    why: &str,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    // What the relay took it cannot refuse any more: a late settling of an earlier attempt.
    if matches!(letter.state, LetterState::Failed | LetterState::Sent) {
        return Vec::new();
    }
    let mut events = vec![Event::LetterFailed { ordinal, why: why.to_owned() }];
    // A notice about a notice that cannot be delivered would go the same way.
    if letter.kind != LetterKind::Notice {
        let attention = Attention::LetterFailed { ordinal, kind: letter.kind, why: why.to_owned() };
        raise(&mut events, case, attention, standing, now, policy);
    }
    events
}

struct Bounced<'a> {
    mail: &'a MailFacts,
    bounce: &'a Bounce,
    received_at: Timestamp,
}

/// A delay is only noted; a failure ends the letter, and the duty to acknowledge runs again.
fn bounced(
    case: &Case,
    ordinal: u32,
    letter: &WrittenLetter,
    about: &Bounced<'_>,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let because = "is a delivery report about a letter of the case";
    let message = added(about.mail, about.received_at, MessageRole::Automatic, because);
    let mut events = vec![Event::MessageAdded(Box::new(message))];
    let status = about.bounce.status.clone().unwrap_or_else(|| "no status given".to_owned());
    let already = letter.state == LetterState::Failed;
    events.push(Event::LetterBounced {
        ordinal,
        status: status.clone(),
        action: about.bounce.action,
        recipient: about.bounce.recipient.clone(),
    });
    if about.bounce.action != BounceAction::Failed || already {
        return events;
    }
    if letter.kind == LetterKind::Acknowledgement
        && let Some(received_at) = case.received_at
    {
        events.push(next_watch(received_at, now, policy));
    }
    if letter.kind != LetterKind::Notice {
        let attention = Attention::LetterBounced { ordinal, kind: letter.kind, status };
        raise(&mut events, case, attention, standing, now, policy);
    }
    events
}
