//! A first mail of a human: a case, its clocks, and the acknowledgement (PROCEDURE 2.1, 3, 4.1).

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{is_ours, next_ordinal, raise, references_of};
use crate::core::case::{Case, Clock, Complainant, Document, MessageRole};
use crate::core::event::{Event, MessageAdded, Opened};
use crate::core::facts::{Flag, MailFacts, Origin};
use crate::core::letter::{Attention, Channel, Letter, LetterKind, LetterLanguage};
use crate::core::policy::{Policy, Standing};
use crate::core::scan;

pub(super) fn decide(
    case: &Case,
    mail: &MailFacts,
    received_at: Timestamp,
    standing: Standing,
    doubt: Option<&Attention>,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    if case.is_opened() {
        return Vec::new();
    }
    let sent_at = claimed_sending(mail, received_at);
    let deadlines = policy.calendar.deadlines(received_at, sent_at);
    let mut events = vec![
        Event::Opened(Box::new(opened(mail, received_at, sent_at, deadlines.mediator_limit))),
        Event::MessageAdded(Box::new(added(mail, received_at, MessageRole::Complaint, "opened the case"))),
    ];
    set_clocks(&mut events, received_at, &deadlines, policy);
    if let Some(flagged) = cannot_wait(&mail.flags) {
        raise(&mut events, case, flagged, standing, now, policy);
    }
    if let Some(doubt) = doubt {
        raise(&mut events, case, doubt.clone(), standing, now, policy);
    }
    match why_not_acknowledge(mail, received_at, standing, policy) {
        None => events.push(acknowledgement(case, &events, mail, now)),
        Some(why) => raise(&mut events, case, Attention::NotAcknowledged { why }, standing, now, policy),
    }
    // After the acknowledgement, whose Message-ID is then the same when the scanner looks later.
    if let Some(found) = scan::attention(mail) {
        raise(&mut events, case, found, standing, now, policy);
    }
    events
}

/// The Date header, unless it lies after the reception: the two months run from the sending, and a
/// clock set wrong must not give the company more time (PROCEDURE 3.4).
fn claimed_sending(mail: &MailFacts, received_at: Timestamp) -> Timestamp {
    const OLDEST_BELIEVED: SignedDuration = SignedDuration::from_hours(24 * 60);
    match mail.sent_at {
        Some(sent) if sent <= received_at && received_at.duration_since(sent) <= OLDEST_BELIEVED => sent,
        _ => received_at,
    }
}

fn opened(
    mail: &MailFacts,
    received_at: Timestamp,
    sent_at: Timestamp,
    mediator_limit: jiff::civil::Date,
) -> Opened {
    let from = mail.from.as_ref();
    let name = mail.contact.name.clone().or_else(|| from.map(|f| f.name.clone()));
    Opened {
        complainant: Complainant {
            name: name.unwrap_or_default(),
            address: from.map(|from| from.address.clone()),
        },
        subject: mail.subject.clone(),
        sent_at,
        received_at,
        language: mail.language,
        intent: mail.intent,
        category: mail.category,
        flags: mail.flags.clone(),
        missing: mail.missing.clone(),
        for_another: mail.for_another,
        mediator_limit,
    }
}

pub(super) fn added(
    mail: &MailFacts,
    received_at: Timestamp,
    role: MessageRole,
    because: &str,
) -> MessageAdded {
    MessageAdded {
        mail: mail.digest,
        message_id: mail.message_id.clone(),
        references: references_of(mail),
        role,
        because: because.to_owned(),
        received_at,
        flags: BTreeSet::new(),
        documents: mail.documents().map(Document::from).collect(),
    }
}

/// What a human must be told at once (PROCEDURE 5.5).
pub(super) fn cannot_wait(flags: &BTreeSet<Flag>) -> Option<Attention> {
    let flags: BTreeSet<Flag> = flags.iter().copied().filter(|flag| flag.cannot_wait()).collect();
    (!flags.is_empty()).then_some(Attention::Flagged { flags })
}

fn set_clocks(
    events: &mut Vec<Event>,
    received_at: Timestamp,
    deadlines: &crate::core::calendar::Deadlines,
    policy: &Policy,
) {
    let calendar = &policy.calendar;
    let mut set = |clock, due_at| {
        events.push(Event::DeadlineSet { clock, due_at, calendar: calendar.version().to_owned() });
    };
    set(Clock::Ack, deadlines.ack_due);
    if let Some(first) = policy.ack_watch_hours.first() {
        set(Clock::AckWatch, received_at + SignedDuration::from_hours(*first));
    }
    if policy.profile.admissibility {
        set(Clock::Admissibility, calendar.end_of(deadlines.admissibility_due));
    }
    set(Clock::Resolution, calendar.end_of(deadlines.resolution_due));
    if policy.profile.cap {
        set(Clock::Cap, calendar.end_of(deadlines.cap_due));
    }
}

/// When in doubt nothing is sent, and a human is told why (PROCEDURE 2.5, 2.6).
fn why_not_acknowledge(
    mail: &MailFacts,
    received_at: Timestamp,
    standing: Standing,
    policy: &Policy,
) -> Option<String> {
    if let Some(why) = mail.may_answer.why_not() {
        return Some(why.to_owned());
    }
    // Said here once more: no mistake in reading may make us answer a robot (TRAPS 16, 18).
    if mail.origin != Origin::Human {
        return Some("marked as automatic mail".to_owned());
    }
    let Some(from) = &mail.from else {
        return Some("no sender to answer".to_owned());
    };
    if is_ours(&from.address, policy) || policy.staff.contains(&from.address) {
        return Some("the sender is one of our own addresses".to_owned());
    }
    if received_at < policy.answer_since {
        return Some("received before the desk was activated".to_owned());
    }
    // Whatever its words are: notes of absences and receipts lose their thread, and bear no mark as often as
    // not (PROCEDURE 2.14).
    if standing.to_sender_day > 0 && mail.documents().next().is_none() {
        let why = "its sender had a letter of ours within the day: this may belong to that matter, or be a \
                   machine's answer to the letter";
        return Some(why.to_owned());
    }
    if standing.to_sender_hour >= policy.caps.per_address_hour {
        return Some(format!("{} letters went to this address within the hour", standing.to_sender_hour));
    }
    if standing.to_sender_day >= policy.caps.per_address_day {
        return Some(format!("{} letters went to this address within the day", standing.to_sender_day));
    }
    None
}

/// The acknowledgement goes to From, never to Reply-To, which anybody may set (TRAPS 14).
fn acknowledgement(case: &Case, events: &[Event], mail: &MailFacts, now: Timestamp) -> Event {
    let from = mail.from.as_ref().expect("mail without a sender is not acknowledged");
    let letter = Letter {
        ordinal: next_ordinal(events, case),
        kind: LetterKind::Acknowledgement,
        channel: Channel::Mail,
        to: from.address.clone(),
        to_name: from.name.clone(),
        language: LetterLanguage::for_reader(mail.language),
        in_reply_to: mail.message_id.clone(),
        references: references_of(mail),
        about: None,
        written_at: now,
        bytes: None,
    };
    Event::LetterWritten { letter: Box::new(letter) }
}
