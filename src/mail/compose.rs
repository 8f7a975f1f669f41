//! Letters to bytes: the headers, the two bodies, and the addresses that carry a signature.
//!
//! The same case, letter and policy give the same bytes; nothing is random, so a letter that must be
//! sent again is the same mail. A hole in a template or in the configuration gives an error that
//! names it, never a letter. Every mail header of the program is written in this folder.
//! Which words a letter has is said in `config/templates/`; what they are filled with, in `values`.

mod attention;
mod encode;
mod samples;
mod values;

use crate::core::case::Case;
use crate::core::ids::{Address, CaseNumber, MessageId};
use crate::core::letter::{Channel, Letter, LetterKind, LetterLanguage};
use crate::core::policy::Policy;
use crate::core::token::LetterRef;

use super::template::{Hole, Templates, Written};
use encode::{Head, quoted_printable};

pub(super) use samples::{samples, variables};

/// The company as its letters show it; its mailbox is the policy's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sender {
    /// Trade name, as in `From`.
    pub name: String,
    pub legal_name: String,
    pub department_fr: String,
    pub department_en: String,
    pub phone: String,
    /// Lines of the postal address, without the name.
    pub postal: Vec<String>,
    pub website: String,
    pub privacy_url: String,
}

/// A letter's final bytes and what its envelope needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rendered {
    pub message_id: MessageId,
    /// Never null: nobody would learn of a letter that did not arrive (RFC 5321 §4.5.5 asks null only
    /// of delivery reports).
    pub envelope_from: Address,
    pub bytes: Vec<u8>,
}

/// Why a letter was not written. Nothing of it was sent; the mail that called for it stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("the {kind} was not written: {hole}")]
    Hole { kind: LetterKind, hole: Hole },
    #[error(
        "a notice was not written: its recipient is no colleague; add the address to desk.alerts or \
         desk.staff, since notices never leave the company"
    )]
    NoticeOutside,
    #[error("the {kind} was not written: it goes by post, and this release writes mail only")]
    ByPost { kind: LetterKind },
}

/// Writes letters; made once, used for all.
#[derive(Clone, Debug)]
pub struct Composer {
    templates: Templates,
    sender: Sender,
}

impl Composer {
    pub fn new(templates: Templates, sender: Sender) -> Self {
        Self { templates, sender }
    }

    /// The letter as it leaves. `case` is the case after the decision that wrote the letter.
    pub fn compose(&self, case: &Case, letter: &Letter, policy: &Policy) -> Result<Rendered, ComposeError> {
        check(letter, policy)?;
        let written = self
            .templates
            .write(letter.kind, letter.language, |tongue| {
                values::of(case, letter, policy, &self.sender, tongue)
            })
            .map_err(|hole| ComposeError::Hole { kind: letter.kind, hole })?;
        let about = LetterRef { case: case.number, ordinal: letter.ordinal };
        let message_id = policy.key.message_id(about, policy.mailbox.domain());
        let bytes = self.bytes(case, letter, policy, &message_id, &written);
        Ok(Rendered { message_id, envelope_from: bounce_address(about, policy), bytes })
    }

    fn bytes(
        &self,
        case: &Case,
        letter: &Letter,
        policy: &Policy,
        id: &MessageId,
        text: &Written,
    ) -> Vec<u8> {
        let mut head = Head::default();
        head.mailbox("From", &self.author(letter.language), &policy.mailbox);
        head.mailbox("To", &super::template::words::clean(&letter.to_name, LONGEST_NAME), &letter.to);
        if policy.subaddressing {
            let about = LetterRef { case: case.number, ordinal: letter.ordinal };
            head.mailbox("Reply-To", "", &policy.key.reply_address(about, &policy.mailbox));
        }
        head.text("Subject", &subject(&text.subject, case.number));
        head.token("Date", &[&date_header(letter, policy)]);
        head.ids("Message-ID", [id]);
        threading(&mut head, letter);
        automatic(&mut head, letter.kind);
        head.token("MIME-Version", &["1.0"]);
        head.token("Content-Language", &[content_language(letter.language)]);
        let boundary = boundary(id);
        head.token("Content-Type", &["multipart/alternative;", &format!("boundary=\"{boundary}\"")]);
        let mut out = head.into_bytes();
        out.reserve(text.text.len() + text.html.len() * 5 / 4 + 512);
        part(&mut out, &boundary, "text/plain", &text.text);
        part(&mut out, &boundary, "text/html", &text.html);
        out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        out
    }

    fn author(&self, language: LetterLanguage) -> String {
        let department = match language {
            LetterLanguage::French | LetterLanguage::Both => &self.sender.department_fr,
            LetterLanguage::English => &self.sender.department_en,
        };
        format!("{} – {department}", self.sender.name)
    }
}

/// Longest display name that is given back to its owner, in characters.
const LONGEST_NAME: usize = 60;

fn check(letter: &Letter, policy: &Policy) -> Result<(), ComposeError> {
    if letter.channel == Channel::Post {
        return Err(ComposeError::ByPost { kind: letter.kind });
    }
    let colleague = policy.alerts.contains(&letter.to) || policy.staff.contains(&letter.to);
    if letter.kind == LetterKind::Notice && !colleague {
        return Err(ComposeError::NoticeOutside);
    }
    Ok(())
}

/// The reference always stands in the subject, whatever a template says: an answer finds its case by
/// it where the mail client drops the ids (TRAPS 10).
fn subject(words: &str, number: CaseNumber) -> String {
    if number == CaseNumber::DESK { words.to_owned() } else { format!("{words} [{number}]") }
}

fn bounce_address(about: LetterRef, policy: &Policy) -> Address {
    if policy.subaddressing {
        policy.key.bounce_address(about, &policy.mailbox)
    } else {
        policy.mailbox.clone()
    }
}

/// RFC 5322 §3.3, in the desk's own zone.
fn date_header(letter: &Letter, policy: &Policy) -> String {
    let local = policy.calendar.local(letter.written_at);
    jiff::fmt::rfc2822::to_string(&local).expect("instants of letters lie in the years 0–9999")
}

/// RFC 5322 §3.6.4 (TRAPS 11).
fn threading(head: &mut Head, letter: &Letter) {
    head.ids("In-Reply-To", &letter.in_reply_to);
    let mut chain: Vec<&MessageId> = letter.references.iter().collect();
    if let Some(answered) = &letter.in_reply_to
        && chain.last() != Some(&answered)
    {
        chain.push(answered);
    }
    let surplus = chain.len().saturating_sub(Letter::MAX_REFERENCES);
    head.ids("References", chain.into_iter().skip(surplus));
}

/// So that no robot answers (TRAPS 16). No `Precedence`: RFC 3834 §3.1.8 has it superseded, and
/// `bulk` makes some providers file the letter as advertising.
fn automatic(head: &mut Head, kind: LetterKind) {
    // RFC 3834 §5: replied to one mail, or generated by an occasion.
    let how = match kind {
        LetterKind::Acknowledgement => "auto-replied",
        LetterKind::Notice => "auto-generated",
    };
    head.token("Auto-Submitted", &[how]);
    head.token("X-Auto-Response-Suppress", &["All"]);
}

fn content_language(language: LetterLanguage) -> &'static str {
    match language {
        LetterLanguage::French => "fr",
        LetterLanguage::English => "en",
        LetterLanguage::Both => "fr, en",
    }
}

/// `=_` can stand in no quoted-printable text, so no body holds it (RFC 2045 §6.7).
fn boundary(id: &MessageId) -> String {
    format!("=_{}", id.local())
}

fn part(out: &mut Vec<u8>, boundary: &str, media_type: &str, text: &str) {
    let head = format!(
        "\r\n--{boundary}\r\nContent-Type: {media_type}; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    );
    out.extend_from_slice(head.as_bytes());
    quoted_printable(text, out);
}
