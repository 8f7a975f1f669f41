//! What tests of several areas begin with: a policy like Divikeys', mails as facts, instants, and a desk
//! in a world in memory.

pub mod desk;
pub mod sim;
pub mod words;

pub use desk::{ALERT, STAFF, desk, sender};

use std::collections::BTreeSet;

use complaintd::config::default_calendar;
use complaintd::core::authenticity::Authenticity;
use complaintd::core::case::Case;
use complaintd::core::facts::{
    Bounce, BounceAction, Contact, Intent, Language, MailFacts, MayAnswer, Origin, Person,
};
use complaintd::core::ids::{Address, CaseNumber, Digest, MessageId};
use complaintd::core::policy::{Caps, Policy, Profile};
use complaintd::core::token::TokenKey;
use jiff::Timestamp;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|| panic!("{text} is no address"))
}

pub fn id(text: &str) -> MessageId {
    MessageId::parse(text).unwrap_or_else(|| panic!("{text} is no Message-ID"))
}

pub fn number(serial: u32) -> CaseNumber {
    CaseNumber::new(2026, serial).expect("in range")
}

pub fn unopened() -> Case {
    Case::unopened(number(123))
}

/// The desk of info@divikeys.com, active since the beginning of 2026, with one colleague, who is told
/// when a human is needed.
pub fn policy() -> Policy {
    Policy {
        calendar: default_calendar(),
        profile: Profile { admissibility: true, cap: true },
        mailbox: address("info@divikeys.com"),
        subaddressing: true,
        own: BTreeSet::from([address("info@divikeys.com"), address("contact@divikeys.com")]),
        staff: BTreeSet::from([address("anne@divikeys.com")]),
        alerts: vec![address("anne@divikeys.com")],
        answer_since: at("2026-01-01T00:00:00Z"),
        caps: Caps { per_address_hour: 3, per_address_day: 6, notices_hour: 30, desk_hour: 500 },
        ack_watch_hours: vec![12, 24, 36],
        key: TokenKey::new(vec![7; 32]).expect("long enough"),
    }
}

/// A complaint of Marie's in French, sent by hand.
pub fn complaint() -> MailFacts {
    mail("marie@exemple.fr", "Je n'ai toujours pas reçu mon virement.")
}

/// A human's mail with these words.
pub fn mail(from: &str, words: &str) -> MailFacts {
    MailFacts {
        digest: Digest::of(format!("{from} {words}").as_bytes()),
        content: Digest::of(words.as_bytes()),
        message_id: Some(id(&format!("{}@exemple.fr", &Digest::of(words.as_bytes()).to_string()[..8]))),
        from: Some(Person { name: "Marie Dupont".to_owned(), address: address(from) }),
        reply_to: None,
        to: vec![address("info@divikeys.com")],
        cc: Vec::new(),
        delivered_to: Vec::new(),
        subject: "Virement".to_owned(),
        sent_at: Some(at("2026-06-01T11:59:00Z")),
        in_reply_to: Vec::new(),
        references: Vec::new(),
        refers_to: Vec::new(),
        origin: Origin::Human,
        origin_signals: Vec::new(),
        may_answer: MayAnswer::Yes,
        complains_though_automatic: false,
        intent: Some(Intent::Complaint),
        category: None,
        confidence: 0.9,
        intent_signals: Vec::new(),
        category_signals: Vec::new(),
        flags: BTreeSet::new(),
        language: Language::French,
        reply_text: words.to_owned(),
        quoted_text: String::new(),
        signature_text: String::new(),
        contact: Contact::default(),
        missing: BTreeSet::new(),
        for_another: false,
        attachments: Vec::new(),
        bounce: None,
        warnings: Vec::new(),
        authenticity: Authenticity::default(),
        set_aside: None,
        scan: complaintd::core::scan::Scan::NotAsked,
    }
}

/// An out-of-office reply.
pub fn automatic(from: &str) -> MailFacts {
    MailFacts {
        origin: Origin::AutoReply,
        may_answer: MayAnswer::No("Auto-Submitted: auto-replied".to_owned()),
        intent: None,
        confidence: 0.0,
        ..mail(from, "Je suis absente jusqu'au 15 juin.")
    }
}

/// A delivery report.
pub fn bounce(action: BounceAction) -> MailFacts {
    MailFacts {
        origin: Origin::Bounce,
        may_answer: MayAnswer::No("delivery report".to_owned()),
        bounce: Some(Bounce {
            recipient: Some(address("marie@exemple.fr")),
            status: Some("5.1.1".to_owned()),
            action,
            original_message_id: None,
        }),
        ..mail("mailer-daemon@exemple.fr", "User unknown")
    }
}
