//! Invented letters with which every template is tried at start: one with all that a letter can have,
//! and one with as little as it can.

use std::collections::BTreeSet;

use jiff::Timestamp;
use minijinja::Value;

use super::super::template::words::Tongue;
use super::{Sender, values};
use crate::core::calendar::Calendar;
use crate::core::case::{Case, Clock, Complainant, Document, Due, DueOutcome};
use crate::core::facts::{Flag, Missing};
use crate::core::ids::{Address, CaseNumber};
use crate::core::letter::{Attention, Channel, Letter, LetterKind, LetterLanguage};
use crate::core::policy::{Caps, Policy, Profile};
use crate::core::token::TokenKey;

/// Values for each kind, the fullest first.
pub(in crate::mail) fn samples(kind: LetterKind, tongue: Tongue) -> Vec<Value> {
    let (policy, sender) = (policy(), sender());
    let fill = |case: &Case, letter: &Letter| values::of(case, letter, &policy, &sender, tongue);
    match kind {
        LetterKind::Acknowledgement => {
            let bare = Case { channel: Channel::Post, ..bare_case() };
            vec![fill(&full_case(), &letter(kind, None)), fill(&bare, &letter(kind, None))]
        }
        LetterKind::Notice => attentions()
            .into_iter()
            .map(|about| fill(&full_case(), &letter(kind, Some(about))))
            .chain([fill(&Case::unopened(CaseNumber::DESK), &letter(kind, None))])
            .collect(),
    }
}

/// Names of the variables that a template of this kind can use.
pub(in crate::mail) fn variables(kind: LetterKind) -> Vec<&'static str> {
    let table = values::table(&full_case(), &letter(kind, None), &policy(), &sender(), Tongue::French);
    table.into_keys().collect()
}

fn attentions() -> Vec<Attention> {
    let why = || "a reason".to_owned();
    let kind = LetterKind::Acknowledgement;
    vec![
        Attention::AcknowledgementNotSent { hours: 24 },
        Attention::DeadlineMissed { clock: Clock::Ack },
        Attention::LetterFailed { ordinal: 1, kind, why: why() },
        Attention::LetterBounced { ordinal: 1, kind, status: "5.1.1".to_owned() },
        Attention::NotAcknowledged { why: why() },
        Attention::Stranger { quotes: number() },
        Attention::Ambiguous { cases: vec![number()] },
        Attention::Reopened,
        Attention::ColleagueWrote,
        Attention::VirusFound {
            signature: "Eicar-Signature".to_owned(),
            documents: vec!["a.zip".to_owned()],
        },
        Attention::VirusFound { signature: "Eicar-Signature".to_owned(), documents: Vec::new() },
        Attention::NotScanned { why: why(), documents: vec!["a.zip".to_owned()] },
        Attention::Flagged { flags: Flag::ALL.iter().copied().collect() },
        Attention::SetAside { mail: 17, why: why() },
        Attention::StillSetAside { mails: vec![17], all: 1, hours: 12, older: 0 },
        Attention::StillSetAside { mails: (1..=20).collect(), all: 25, hours: 60, older: 3 },
        Attention::OutboxHeld { sent: 501, limit: 500 },
    ]
}

fn number() -> CaseNumber {
    CaseNumber::new(2026, 123).expect("a serial of a year")
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant written here")
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address written here")
}

fn bare_case() -> Case {
    let mut case = Case::unopened(number());
    case.received_at = Some(instant("2026-06-18T14:30:00Z"));
    due(&mut case, Clock::Resolution, "2026-07-10T03:59:59Z");
    case
}

fn full_case() -> Case {
    let mut case = bare_case();
    case.complainant = Some(Complainant {
        name: "Camille Exemple".to_owned(),
        address: Some(address("camille@example.com")),
    });
    "Retrait en attente".clone_into(&mut case.subject);
    due(&mut case, Clock::Ack, "2026-06-20T14:30:00Z");
    due(&mut case, Clock::Admissibility, "2026-07-03T03:59:59Z");
    case.missing = Missing::ALL.iter().copied().collect();
    case.flags = Flag::ALL.iter().copied().collect();
    case.for_another = true;
    case.documents = (1..=22).map(|n| Document::new(format!("document-{n}.pdf"), 312_400)).collect();
    case
}

fn due(case: &mut Case, clock: Clock, at: &str) {
    let due = Due { due_at: instant(at), calendar: "sample".to_owned(), outcome: DueOutcome::Pending };
    case.dues.insert(clock, due);
}

fn letter(kind: LetterKind, about: Option<Attention>) -> Letter {
    Letter {
        ordinal: 1,
        kind,
        channel: Channel::Mail,
        to: address("camille@example.com"),
        to_name: String::new(),
        language: LetterLanguage::Both,
        in_reply_to: None,
        references: Vec::new(),
        about,
        written_at: instant("2026-06-18T14:31:00Z"),
        bytes: None,
    }
}

fn sender() -> Sender {
    Sender {
        name: "Example".to_owned(),
        legal_name: "Example SAS".to_owned(),
        department_fr: "Service réclamations".to_owned(),
        department_en: "Complaints department".to_owned(),
        phone: "+590 590 00 00 00".to_owned(),
        postal: vec!["1 rue du Port".to_owned(), "97150 SAINT MARTIN".to_owned()],
        website: "https://example.com".to_owned(),
        privacy_url: "https://example.com/privacy".to_owned(),
    }
}

fn policy() -> Policy {
    let calendar = Calendar::new("sample".to_owned(), "America/Marigot", Vec::new());
    Policy {
        calendar: calendar.expect("the zone is in the bundled tz database"),
        profile: Profile { admissibility: true, cap: true },
        mailbox: address("info@example.com"),
        subaddressing: true,
        own: BTreeSet::new(),
        staff: BTreeSet::new(),
        alerts: Vec::new(),
        answer_since: Timestamp::UNIX_EPOCH,
        caps: Caps { per_address_hour: 1, per_address_day: 1, notices_hour: 1, desk_hour: 1 },
        ack_watch_hours: Vec::new(),
        key: TokenKey::new(vec![0; TokenKey::MIN_BYTES]).expect("long enough"),
    }
}
