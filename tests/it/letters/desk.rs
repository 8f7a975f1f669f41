//! The desk of the letter tests: its policy, cases and letters, and reading a letter as a client does.

use std::collections::{BTreeMap, BTreeSet};

use complaintd::core::calendar::Calendar;
use complaintd::core::case::{Case, Clock, Complainant, Document, Due, DueOutcome};
use complaintd::core::facts::{Flag, Language, Missing};
use complaintd::core::ids::{Address, CaseNumber, MessageId};
use complaintd::core::letter::{Attention, Channel, Letter, LetterKind, LetterLanguage};
use complaintd::core::policy::{Caps, Policy, Profile};
use complaintd::core::token::TokenKey;
use complaintd::mail::compose::{Composer, Rendered, Sender};
use complaintd::mail::template::{TemplateError, Templates};
use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders as _};

// ---------------------------------------------------------------- the desk of these tests

pub fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub fn sender() -> Sender {
    Sender {
        name: "Divikeys".to_owned(),
        legal_name: "Divikeys SAS".to_owned(),
        department_fr: "Service Réclamations".to_owned(),
        department_en: "Complaints Department".to_owned(),
        phone: "+590 590 12 34 56".to_owned(),
        postal: ["14 rue Anegada", "Hope estate", "97150 SAINT MARTIN"].map(str::to_owned).to_vec(),
        website: "https://divikeys.com".to_owned(),
        privacy_url: "https://divikeys.com/confidentialite".to_owned(),
    }
}

pub fn policy() -> Policy {
    let calendar = Calendar::new("saint-martin-1".to_owned(), "America/Marigot", Vec::new());
    Policy {
        calendar: calendar.expect("a zone of the tz database"),
        profile: Profile { admissibility: true, cap: true },
        mailbox: address("info@divikeys.com"),
        subaddressing: true,
        own: BTreeSet::from([address("info@divikeys.com")]),
        staff: BTreeSet::from([address("paul@divikeys.com")]),
        alerts: vec![address("alerte@divikeys.com")],
        answer_since: Timestamp::UNIX_EPOCH,
        caps: Caps { per_address_hour: 5, per_address_day: 20, notices_hour: 30, desk_hour: 500 },
        ack_watch_hours: vec![12, 24, 36],
        key: TokenKey::new(vec![7; 32]).expect("long enough"),
    }
}

pub fn composer() -> Composer {
    Composer::new(templates(&[]).expect("the embedded templates are right"), sender())
}

pub fn templates(overrides: &[(&str, &str)]) -> Result<Templates, Vec<TemplateError>> {
    let overrides = overrides.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let words = BTreeMap::from([("opening_hours".to_owned(), "de 9 h à 17 h".to_owned())]);
    Templates::load(&overrides.collect::<BTreeMap<_, _>>(), &words)
}

/// A case with little in it: no document, nothing missing, no clock but the published ones.
pub fn small_case() -> Case {
    let mut case = Case::unopened(CaseNumber::new(2026, 123).expect("a number"));
    case.seq = 1;
    case.complainant = Some(Complainant {
        name: "Marie Dupont".to_owned(),
        address: Some(address("marie.dupont@example.fr")),
    });
    "Retrait bloqué : où est mon argent ?".clone_into(&mut case.subject);
    case.language = Language::French;
    case.received_at = Some(instant("2026-06-18T14:30:00Z"));
    due(&mut case, Clock::Ack, "2026-06-20T14:30:00Z");
    due(&mut case, Clock::AckWatch, "2026-06-19T02:30:00Z");
    due(&mut case, Clock::Resolution, "2026-07-10T03:59:59Z");
    case
}

/// A case with all that an acknowledgement can tell.
pub fn large_case() -> Case {
    let mut case = small_case();
    due(&mut case, Clock::Admissibility, "2026-07-03T03:59:59Z");
    due(&mut case, Clock::Cap, "2026-08-19T03:59:59Z");
    case.documents =
        vec![Document::new("relevé de juin.pdf", 312_400), Document::new("capture d'écran.png", 1_420_000)];
    case.missing = BTreeSet::from([Missing::Contact, Missing::StepsTaken, Missing::Evidence]);
    case
}

pub fn due(case: &mut Case, clock: Clock, at: &str) {
    let due =
        Due { due_at: instant(at), calendar: "saint-martin-1".to_owned(), outcome: DueOutcome::Pending };
    case.dues.insert(clock, due);
}

pub fn acknowledgement(language: LetterLanguage) -> Letter {
    Letter {
        ordinal: 1,
        kind: LetterKind::Acknowledgement,
        channel: Channel::Mail,
        to: address("marie.dupont@example.fr"),
        to_name: "Marie Dupont".to_owned(),
        language,
        in_reply_to: MessageId::parse("<m2@example.fr>"),
        references: ["m1@example.fr", "m2@example.fr"]
            .map(|id| MessageId::parse(id).expect("an id"))
            .to_vec(),
        about: None,
        written_at: instant("2026-06-18T14:30:05Z"),
        bytes: None,
    }
}

pub fn notice(about: Attention) -> Letter {
    Letter {
        ordinal: 2,
        kind: LetterKind::Notice,
        to: address("alerte@divikeys.com"),
        to_name: String::new(),
        language: LetterLanguage::French,
        in_reply_to: None,
        references: Vec::new(),
        about: Some(about),
        ..acknowledgement(LetterLanguage::French)
    }
}

pub fn attentions() -> Vec<Attention> {
    let other = CaseNumber::new(2026, 39).expect("a number");
    let kind = LetterKind::Acknowledgement;
    vec![
        Attention::AcknowledgementNotSent { hours: 24 },
        Attention::DeadlineMissed { clock: Clock::Ack },
        Attention::DeadlineMissed { clock: Clock::Resolution },
        Attention::LetterFailed { ordinal: 1, kind, why: "550 5.1.1 no such user".to_owned() },
        Attention::LetterBounced { ordinal: 1, kind, status: "5.2.2".to_owned() },
        Attention::NotAcknowledged { why: "X-Auto-Response-Suppress forbids it".to_owned() },
        Attention::Stranger { quotes: other },
        Attention::Ambiguous { cases: vec![other, CaseNumber::new(2026, 8).expect("a number")] },
        Attention::Reopened,
        Attention::VirusFound {
            signature: "Win.Test.EICAR_HDB-1".to_owned(),
            documents: vec!["facture.zip".to_owned(), "relevé.pdf".to_owned()],
        },
        Attention::NotScanned {
            why: "larger than the virus scanner takes".to_owned(),
            documents: vec!["vidéo du chantier.mp4".to_owned()],
        },
        Attention::Flagged {
            flags: [Flag::FraudSuspected, Flag::VulnerablePerson, Flag::DataBreachSuspected].into(),
        },
        Attention::SetAside { mail: 17, why: "26,000,000 bytes, the limit is 25,000,000".to_owned() },
        Attention::StillSetAside { mails: vec![17], all: 1, hours: 12, older: 0 },
        Attention::StillSetAside { mails: vec![17, 19], all: 2, hours: 48, older: 3 },
        Attention::OutboxHeld { sent: 501, limit: 500 },
    ]
}

/// Where a notice of this kind is written: to a case, or to the desk.
pub fn case_of(about: &Attention) -> Case {
    match about {
        Attention::SetAside { .. } | Attention::StillSetAside { .. } | Attention::OutboxHeld { .. } => {
            Case::unopened(CaseNumber::DESK)
        }
        _ => large_case(),
    }
}

pub fn compose(case: &Case, letter: &Letter) -> Rendered {
    composer().compose(case, letter, &policy()).expect("nothing is missing")
}

// ---------------------------------------------------------------- reading a letter as a client does

pub struct Read {
    pub headers: Vec<(String, String)>,
    pub subject: String,
    pub text: String,
    pub html: String,
}

impl Read {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What a person reads in the HTML.
    pub fn html_text(&self) -> String {
        html_to_text(&self.html)
    }
}

pub fn read(bytes: &[u8]) -> Read {
    let message = MessageParser::default().parse(bytes).expect("a mail");
    assert_eq!(message.parts.len(), 3, "one multipart with a text and a HTML part");
    let types: Vec<String> = message
        .parts
        .iter()
        .map(|part| {
            part.content_type()
                .map(|t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("?")))
                .unwrap_or_default()
        })
        .collect();
    assert_eq!(types, ["multipart/alternative", "text/plain", "text/html"]);
    let part = |at: usize| message.parts[at].text_contents().expect("text").replace("\r\n", "\n");
    let headers = message.headers_raw().map(|(name, value)| {
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
        (name.to_owned(), value)
    });
    Read {
        headers: headers.collect(),
        subject: message.subject().unwrap_or_default().to_owned(),
        text: part(1),
        html: part(2),
    }
}

pub fn html_to_text(html: &str) -> String {
    let without = |text: &str, open: &str, close: &str| {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(open) {
            out.push_str(&rest[..at]);
            out.push(' ');
            rest = rest[at..].split_once(close).map_or("", |(_, rest)| rest);
        }
        out + rest
    };
    let body = &html[html.find("<body").expect("a body")..];
    let words = without(&without(body, "<!--", "-->"), "<", ">");
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(words, |text, (from, to)| text.replace(from, to))
}

/// Letters and digits only, without regard to case: headings are in capitals in plain text.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

pub fn snapshot(letter: &Rendered) -> String {
    let mail = read(&letter.bytes);
    let headers: Vec<String> = mail.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!(
        "envelope from: {}\nsubject: {}\n\n{}\n\n===== text\n{}\n===== html, as read\n{}",
        letter.envelope_from,
        mail.subject,
        headers.join("\n"),
        mail.text.replace('\u{202F}', "⍽").replace('\u{A0}', "␣"),
        lines_of(&mail.html_text()).replace('\u{202F}', "⍽").replace('\u{A0}', "␣"),
    )
}

pub fn lines_of(text: &str) -> String {
    text.lines()
        .map(|line| line.split([' ', '\t']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}
