//! What follows from an input, as events. Pure: the same case, input, instant and policy give the
//! same events; a refusal is an event too.

mod complaint;
mod deadline;
mod delivery;
mod desk;
mod follow_up;
mod scan;

use jiff::Timestamp;

use super::case::{Case, Clock};
use super::event::Event;
use super::facts::{Bounce, Language, MailFacts};
use super::ids::{Address, CaseNumber};
use super::letter::{Attention, Channel, Letter, LetterKind, LetterLanguage};
use super::policy::{Policy, Standing};
use super::thread::Evidence;

/// What a case is told.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A human's mail that belongs to no case: the case is opened with it.
    Complaint { mail: &'a MailFacts, received_at: Timestamp, standing: Standing, doubt: Option<Attention> },
    /// A mail that belongs to this case.
    FollowUp { mail: &'a MailFacts, received_at: Timestamp, standing: Standing, by: Evidence },
    /// The virus scanner has looked at a mail of this case that was decided on before.
    Scanned { mail: &'a MailFacts, standing: Standing },
    /// A clock's instant has come, perhaps long ago.
    Deadline { clock: Clock, standing: Standing },
    /// What became of a letter.
    Delivery { ordinal: u32, news: Delivery<'a>, standing: Standing },
    /// To the desk: it begins.
    Activate,
    /// To the desk: a mail was set aside.
    SetAside { mail: i64, received_at: Timestamp, why: &'a str, standing: Standing },
    /// To the desk: these are set aside at present, with their receptions; its clock has come.
    StillSetAside { mails: &'a [(i64, Timestamp)], standing: Standing },
    /// To the desk: the circuit breaker opened, or an operator closed it.
    Outbox { hold: Option<OutboxHold>, standing: Standing },
}

#[derive(Clone, Debug)]
pub enum Delivery<'a> {
    /// The relay took it and said so.
    Sent {
        reply: &'a str,
    },
    /// The relay refused it for good.
    Failed {
        why: &'a str,
    },
    Bounced {
        mail: &'a MailFacts,
        bounce: &'a Bounce,
        received_at: Timestamp,
    },
    /// An operator decided.
    Suppressed {
        why: &'a str,
    },
    Released,
}

/// Why the outbox is held: letters sent in the last hour, and the limit.
#[derive(Clone, Copy, Debug)]
pub struct OutboxHold {
    pub sent: u64,
    pub limit: u64,
}

/// The events that follow. None of them says what is already so: an input told twice changes nothing.
pub fn decide(case: &Case, input: &Input<'_>, now: Timestamp, policy: &Policy) -> Vec<Event> {
    match input {
        Input::Complaint { mail, received_at, standing, doubt } => {
            complaint::decide(case, mail, *received_at, *standing, doubt.as_ref(), now, policy)
        }
        Input::FollowUp { mail, received_at, standing, by } => {
            follow_up::decide(case, mail, *received_at, *standing, *by, now, policy)
        }
        Input::Scanned { mail, standing } => scan::decide(case, mail, *standing, now, policy),
        Input::Deadline { clock, standing } => deadline::decide(case, *clock, *standing, now, policy),
        Input::Delivery { ordinal, news, standing } => {
            delivery::decide(case, *ordinal, news, *standing, now, policy)
        }
        Input::Activate => desk::activate(case, now),
        Input::SetAside { mail, received_at, why, standing } => {
            desk::set_aside(case, (*mail, *received_at), why, *standing, now, policy)
        }
        Input::StillSetAside { mails, standing } => {
            desk::still_set_aside(case, mails, *standing, now, policy)
        }
        Input::Outbox { hold, standing } => desk::outbox(case, *hold, *standing, now, policy),
    }
}

/// Tells the company's people, by a notice to each as far as the cap allows (PROCEDURE 5.2): what
/// anybody can cause by writing to us never takes the room of what the company itself owes. The journal
/// has it in any case.
fn raise(
    events: &mut Vec<Event>,
    case: &Case,
    attention: Attention,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) {
    events.push(Event::AttentionRaised { attention: attention.clone() });
    let room = if attention.is_owed() { 2 * policy.caps.notices_hour } else { policy.caps.notices_hour };
    if standing.notices_hour >= room && !matches!(attention, Attention::OutboxHeld { .. }) {
        return;
    }
    for address in &policy.alerts {
        let ordinal = next_ordinal(events, case);
        let letter = Letter {
            ordinal,
            kind: LetterKind::Notice,
            channel: Channel::Mail,
            to: address.clone(),
            to_name: String::new(),
            language: LetterLanguage::for_reader(Language::French),
            in_reply_to: None,
            references: Vec::new(),
            about: Some(attention.clone()),
            written_at: now,
            bytes: None,
        };
        events.push(Event::LetterWritten { letter: Box::new(letter) });
    }
}

/// The ordinal of the next letter when these events have been applied.
fn next_ordinal(events: &[Event], case: &Case) -> u32 {
    let written = events.iter().filter(|e| matches!(e, Event::LetterWritten { .. })).count();
    case.next_ordinal() + u32::try_from(written).expect("a decision writes a handful of letters")
}

/// The journal as seen by `Case::fold`: applies events to a copy, for callers that need the result.
pub fn applied(case: &Case, events: &[Event], now: Timestamp) -> Case {
    let mut after = case.clone();
    for event in events {
        after.apply(now, event);
    }
    after
}

/// The case's references header for a next letter: what the message answered itself named, then it
/// (RFC 5322 §3.6.4).
fn references_of(mail: &MailFacts) -> Vec<super::ids::MessageId> {
    let before = if mail.references.is_empty() { &mail.in_reply_to } else { &mail.references };
    let mut chain: Vec<_> = before.iter().chain(&mail.message_id).cloned().collect();
    let excess = chain.len().saturating_sub(Letter::MAX_REFERENCES);
    chain.drain(..excess);
    chain
}

/// Keeps the address that letters go to apart from those that may never get one (TRAPS 16).
fn is_ours(address: &Address, policy: &Policy) -> bool {
    let base = address.without_subaddress();
    policy.own.contains(address) || policy.own.contains(&base)
}

/// Cases that an attention names beside its own.
pub fn doubt_of(relation: &super::thread::Relation) -> Option<Attention> {
    match relation {
        super::thread::Relation::Stranger { quotes, .. } => Some(Attention::Stranger { quotes: *quotes }),
        super::thread::Relation::Ambiguous { cases } => Some(Attention::Ambiguous { cases: cases.clone() }),
        _ => None,
    }
}

/// Why a stranger's mail is not acknowledged by machine (PROCEDURE 2.4, TRAPS 16). It answers a letter that went
/// to somebody else, as the note of a colleague does to whom mail is forwarded; or the case that it names was
/// a stranger's already: a ticket system that answers each letter from a new address would get a new one each
/// time, for ever, below every limit by address.
pub fn why_not_to_a_stranger(by: Evidence, quoted: &Case) -> Option<String> {
    if by <= Evidence::ReplyAddress {
        return Some(format!("it answers a letter of ours ({}) that went to somebody else", quoted.number));
    }
    let strangers = quoted.attention.iter().any(|each| matches!(each, Attention::Stranger { .. }));
    strangers
        .then(|| format!("a stranger's answer to what a stranger got ({}), as machines do", quoted.number))
}

/// The number that a new case of this instant takes after `last` of its local year.
pub fn next_number(policy: &Policy, received_at: Timestamp, last: u32) -> Option<CaseNumber> {
    let year = policy.calendar.local_date(received_at).year();
    CaseNumber::new(u16::try_from(year).ok()?, last + 1)
}
