//! A letter's final bytes (RFC 5322), from the case and the decision to write. The same case and letter
//! give the same bytes. No other place writes a mail header.

mod notice;

use std::collections::BTreeMap;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use super::template::{Filled, TemplateError, Templates};
use crate::core::case::{Case, Clock};
use crate::core::ids::{Address, CaseNumber, MessageId};
use crate::core::letter::{Letter, LetterKind, LetterLanguage};
use crate::core::policy::Policy;
use crate::core::token::LetterRef;

/// The customer's own subject is repeated up to this many characters.
const SUBJECT_CHARS: usize = 150;
/// Documents listed by name; of more only the number is told.
const DOCUMENTS_LISTED: usize = 20;

/// The company as its letters show it; templates know it as `sender`.
#[derive(Clone, Debug, Serialize)]
pub struct Sender {
    pub mailbox: Address,
    pub name: String,
    pub legal_name: String,
    pub department_fr: String,
    pub department_en: String,
    pub phone: String,
    pub postal: Vec<String>,
    pub website: String,
    pub privacy_url: String,
    /// The company's own words, as `sender.own.NAME` in its templates.
    pub own: BTreeMap<String, String>,
}

/// A letter ready to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    pub message_id: MessageId,
    /// Never null: nobody would learn of a letter that did not arrive.
    pub envelope_from: Address,
    pub bytes: Vec<u8>,
}

#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("{0}")]
    Template(#[from] TemplateError),
    #[error("the address {0} cannot stand in a mail header: answer by hand")]
    Address(String),
    #[error("the letter cannot be put together: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("case {case} has no {what}, which its letter must state: nothing was sent")]
    Hole { case: CaseNumber, what: &'static str },
}

#[derive(Debug)]
pub struct Composer {
    templates: Templates,
    sender: Sender,
    /// The same, as templates see it.
    values: Value,
}

impl Composer {
    /// Loads all templates and fills each in once; every mistake is told at once.
    pub fn new(sender: Sender, overrides: &BTreeMap<String, String>) -> Result<Self, Vec<TemplateError>> {
        let values = Value::from(Serde(&sender));
        let templates = Templates::load(overrides, &sample(&values))?;
        Ok(Self { templates, sender, values })
    }

    /// The bytes of a letter of this case, which has been applied the decision to write it.
    pub fn compose(&self, case: &Case, letter: &Letter, policy: &Policy) -> Result<Rendered, ComposeError> {
        let values = match letter.kind {
            LetterKind::Acknowledgement => self.acknowledgement(case, policy)?,
            LetterKind::Notice => self.notice(case, letter, policy),
        };
        let filled = self.templates.fill(letter.kind, letter.language, &values)?;
        let of = LetterRef { case: case.number, ordinal: letter.ordinal };
        let message_id = policy.key.message_id(of, self.sender.mailbox.domain());
        let bytes = self.message(letter, policy, of, &message_id, filled)?;
        let envelope_from = if policy.subaddressing {
            policy.key.bounce_address(of, &self.sender.mailbox)
        } else {
            self.sender.mailbox.clone()
        };
        Ok(Rendered { message_id, envelope_from, bytes })
    }

    /// PROCEDURE 4.1: each of these must be there, or nothing leaves.
    fn acknowledgement(&self, case: &Case, policy: &Policy) -> Result<Value, ComposeError> {
        let hole = |what| ComposeError::Hole { case: case.number, what };
        let local = |at| policy.calendar.local(at).datetime().to_string();
        let due = |clock: Clock| case.dues.get(&clock).map(|due| local(due.due_at));
        let documents: Vec<Value> = case
            .documents
            .iter()
            .take(DOCUMENTS_LISTED)
            .map(|d| context! { name => clean(&d.name), bytes => d.bytes })
            .collect();
        Ok(context! {
            reference => case.number.to_string(),
            received => case.received_at.map(local).ok_or_else(|| hole("date of reception"))?,
            answer_due => due(Clock::Resolution).ok_or_else(|| hole("date of the answer"))?,
            admissibility_due => due(Clock::Admissibility),
            subject => clean(&case.subject).chars().take(SUBJECT_CHARS).collect::<String>(),
            documents,
            more_documents => case.documents.len().saturating_sub(DOCUMENTS_LISTED),
            missing => case.missing.iter().map(|missing| missing.word()).collect::<Vec<_>>(),
            sender => self.values.clone(),
        })
    }

    fn notice(&self, case: &Case, letter: &Letter, policy: &Policy) -> Value {
        let local = |at| policy.calendar.local(at).datetime().to_string();
        let told = letter.about.as_ref().map(notice::told).unwrap_or_default();
        let is_case = case.number != CaseNumber::DESK;
        let complainant = case.complainant.as_ref();
        let address =
            complainant.and_then(|c| c.address.as_ref()).map(|a| format!(" <{a}>")).unwrap_or_default();
        let name = complainant.map(|c| clean(&c.name)).unwrap_or_default();
        let dues: Vec<Value> = case
            .pending()
            .filter(|(clock, _)| *clock != Clock::AckWatch)
            .map(|(clock, at)| context! { name => notice::clock(clock), date => local(at) })
            .collect();
        context! {
            title => told.title,
            happened => told.happened,
            to_do => told.to_do,
            reference => is_case.then(|| case.number.to_string()),
            complainant => format!("{name}{address}").trim(),
            subject => clean(&case.subject).chars().take(SUBJECT_CHARS).collect::<String>(),
            received => case.received_at.map(local),
            dues,
            sender => self.values.clone(),
        }
    }

    fn message(
        &self,
        letter: &Letter,
        policy: &Policy,
        of: LetterRef,
        id: &MessageId,
        filled: Filled,
    ) -> Result<Vec<u8>, ComposeError> {
        let from = match letter.language {
            LetterLanguage::English => format!("{} – {}", self.sender.name, self.sender.department_en),
            LetterLanguage::French | LetterLanguage::Both => {
                format!("{} – {}", self.sender.name, self.sender.department_fr)
            }
        };
        let mut builder = Message::builder()
            .from(mailbox(&from, &self.sender.mailbox)?)
            .to(mailbox(&clean(&letter.to_name), &letter.to)?)
            .subject(clean(&filled.subject))
            .date(letter.written_at.into())
            .message_id(Some(format!("<{id}>")));
        if policy.subaddressing {
            builder = builder.reply_to(mailbox(&from, &policy.key.reply_address(of, &self.sender.mailbox))?);
        }
        if let Some(answered) = &letter.in_reply_to {
            builder = builder.in_reply_to(format!("<{answered}>"));
        }
        if !letter.references.is_empty() {
            let chain: Vec<String> = letter.references.iter().map(|id| format!("<{id}>")).collect();
            builder = builder.references(chain.join(" "));
        }
        // RFC 3834 §5: no robot answers, and nobody's out-of-office.
        let automatic = match letter.kind {
            LetterKind::Acknowledgement => "auto-replied",
            LetterKind::Notice => "auto-generated",
        };
        builder = builder
            .raw_header(header("Auto-Submitted", automatic))
            .raw_header(header("X-Auto-Response-Suppress", "All"));
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(Body::new(filled.text));
        let message = match filled.html {
            None => builder.singlepart(text)?,
            Some(html) => {
                let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(Body::new(html));
                // From the Message-ID, so that the same letter has the same bytes (RFC 2046 §5.1.1).
                let boundary: String =
                    id.local().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
                let parts = MultiPart::builder()
                    .kind(lettre::message::MultiPartKind::Alternative)
                    .boundary(format!("=_{boundary}"));
                builder.multipart(parts.singlepart(text).singlepart(html))?
            }
        };
        Ok(message.formatted())
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn mailbox(name: &str, address: &Address) -> Result<Mailbox, ComposeError> {
    let parsed = lettre::Address::new(address.local(), address.domain());
    let parsed = parsed.map_err(|_| ComposeError::Address(address.to_string()))?;
    let name = name.trim();
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), parsed))
}

/// On one line, without control characters or marks that turn the direction of writing.
fn clean(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let turns =
        |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    plain.filter(|c| !turns(c)).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value for every variable of every template.
fn sample(sender: &Value) -> Value {
    context! {
        reference => "R-2026-000123-K",
        received => "2026-05-28T10:30:00",
        answer_due => "2026-06-18T23:59:59",
        admissibility_due => "2026-06-11T23:59:59",
        subject => "Virement",
        documents => [context! { name => "relevé.pdf", bytes => 312_000 }],
        more_documents => 2,
        missing => crate::core::facts::Missing::ALL.iter().map(|missing| missing.word()).collect::<Vec<_>>(),
        title => "…",
        happened => "…",
        to_do => "…",
        complainant => "Marie Dupont <marie@client.example>",
        dues => [context! { name => "réponse", date => "2026-06-18T23:59:59" }],
        sender => sender,
    }
}
