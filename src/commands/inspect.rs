//! `complaintd inspect`: what would be understood of a mail, as the JSON object of PRODUCT §6 and as
//! text. Reads nothing and writes nothing itself.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;

use super::Format;
use crate::core::authenticity::{Authenticity, Verdict};
use crate::core::facts::{Attachment, Bounce, Category, Contact, Intent, MailFacts, Origin, Person};
use crate::core::ids::{Address, MessageId};
use crate::mail::authenticity::Trusted;
use crate::mail::{self, Own};

/// Prints what would be understood of each file, in order; a file that cannot be read is told and the
/// others go on.
pub fn run(
    files: &[PathBuf],
    own: &BTreeSet<Address>,
    trusted: &[Trusted],
    format: Format,
) -> anyhow::Result<ExitCode> {
    let own = Own { addresses: own };
    let mut unread = 0;
    let mut out = std::io::stdout().lock();
    for path in files {
        let file = path.display().to_string();
        match std::fs::read(path) {
            Ok(raw) => {
                let mut facts = mail::facts(&raw, &own);
                match format {
                    Format::Json => writeln!(out, "{}", inspect_json(&file, &facts))?,
                    Format::Text => {
                        facts.authenticity = authenticity(&raw, trusted);
                        write!(out, "{}", inspect_text(&file, &facts))?;
                    }
                }
            }
            Err(error) => {
                unread += 1;
                let _ = writeln!(std::io::stderr(), "complaintd: {file} cannot be read: {error}");
            }
        }
    }
    Ok(if unread == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What the header block says of the sender; DNS is not asked. Which mailbox a file came to is not known:
/// the first server that says anything counts.
fn authenticity(raw: &[u8], trusted: &[Trusted]) -> Authenticity {
    let mut stated = trusted.iter().map(|trusted| mail::authenticity::stated(raw, trusted));
    let Some(first) = stated.next() else {
        let unverified = |_| Authenticity::new(Verdict::Unknown, "a DKIM signature, not verified here");
        return mail::authenticity::to_verify(raw).map_or_else(|nothing| nothing, unverified);
    };
    if first.verdict.is_nothing() {
        stated.find(|found| !found.verdict.is_nothing()).unwrap_or(first)
    } else {
        first
    }
}

/// The object of PRODUCT §6, its fields in their order; what it does not name stands after them.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    file: &'a str,
    digest: String,
    message_id: Option<&'a str>,
    from: Option<&'a Person>,
    reply_to: Option<&'a str>,
    to: Vec<&'a str>,
    cc: Vec<&'a str>,
    subject: &'a str,
    sent_at: Option<String>,
    in_reply_to: Option<&'a str>,
    references: Vec<&'a str>,
    refers_to: Option<String>,
    origin: Origin,
    origin_signals: &'a [String],
    may_answer: bool,
    why_not: Option<&'a str>,
    intent: Option<Intent>,
    category: Option<Category>,
    confidence: f64,
    flags: Vec<&'static str>,
    language: &'static str,
    reply_text: &'a str,
    quoted_text: &'a str,
    signature_text: &'a str,
    contact: &'a Contact,
    missing: Vec<&'static str>,
    attachments: &'a [Attachment],
    bounce: Option<&'a Bounce>,
    warnings: Vec<&'a str>,
    intent_signals: &'a [String],
    category_signals: &'a [String],
}

impl<'a> Line<'a> {
    pub fn new(file: &'a str, facts: &'a MailFacts) -> Self {
        let human = facts.origin == Origin::Human;
        let set_aside = facts.set_aside.iter().map(|aside| aside.why.as_str());
        Self {
            file,
            digest: facts.digest.to_string(),
            message_id: facts.message_id.as_ref().map(MessageId::as_str),
            from: facts.from.as_ref(),
            reply_to: facts.reply_to.as_ref().map(Address::as_str),
            to: facts.to.iter().map(Address::as_str).collect(),
            cc: facts.cc.iter().map(Address::as_str).collect(),
            subject: &facts.subject,
            sent_at: facts.sent_at.map(|at| at.to_string()),
            in_reply_to: facts.in_reply_to.first().map(MessageId::as_str),
            references: facts.references.iter().map(MessageId::as_str).collect(),
            refers_to: facts.refers_to.first().map(ToString::to_string),
            origin: facts.origin,
            origin_signals: &facts.origin_signals,
            may_answer: facts.may_answer.is_yes(),
            why_not: facts.may_answer.why_not(),
            intent: facts.intent.filter(|_| human),
            category: facts.category.filter(|_| human),
            confidence: facts.confidence,
            intent_signals: if human { &facts.intent_signals } else { &[] },
            category_signals: if human { &facts.category_signals } else { &[] },
            flags: facts.flags.iter().map(|flag| flag.word()).collect(),
            language: facts.language.word(),
            reply_text: &facts.reply_text,
            quoted_text: &facts.quoted_text,
            signature_text: &facts.signature_text,
            contact: &facts.contact,
            missing: facts.missing.iter().filter(|_| human).map(|missing| missing.word()).collect(),
            attachments: &facts.attachments,
            bounce: facts.bounce.as_ref(),
            warnings: set_aside.chain(facts.warnings.iter().map(String::as_str)).collect(),
        }
    }
}

/// The object as one JSON value.
pub fn inspect_line(file: &str, facts: &MailFacts) -> serde_json::Value {
    serde_json::to_value(Line::new(file, facts)).expect("strings, numbers and lists are JSON")
}

/// The object as one line of JSON, its fields in the order of PRODUCT §6.
pub fn inspect_json(file: &str, facts: &MailFacts) -> String {
    serde_json::to_string(&Line::new(file, facts)).expect("strings, numbers and lists are JSON")
}

/// The same for a human: what decides first, then the person's words.
pub fn inspect_text(file: &str, facts: &MailFacts) -> String {
    let line = Line::new(file, facts);
    let mut rows: Vec<(&str, String)> = Vec::new();
    let sender = |person: &Person| format!("{} <{}>", person.name, person.address).trim_start().to_owned();
    rows.push(("from", facts.from.as_ref().map_or_else(|| "nobody".to_owned(), sender)));
    rows.push(("sender", with_reason(facts.authenticity.verdict.word(), &facts.authenticity.why)));
    rows.push(("subject", facts.subject.clone()));
    rows.push(("sent", line.sent_at.clone().unwrap_or_else(|| "no readable date".to_owned())));
    let signals = facts.origin_signals.join(", ");
    let origin = serde_json::to_value(facts.origin).ok().and_then(|word| word.as_str().map(str::to_owned));
    rows.push(("origin", with_reason(&origin.unwrap_or_default(), &signals)));
    rows.push(("may answer", line.why_not.map_or_else(|| "yes".to_owned(), |why| format!("no: {why}"))));
    if let Some(bounce) = &facts.bounce {
        let recipient = bounce.recipient.as_ref().map_or("unknown recipient", |address| address.as_str());
        rows.push((
            "bounce",
            format!("{} {} {recipient}", bounce.action, bounce.status.as_deref().unwrap_or("-")),
        ));
    }
    if let Some(intent) = line.intent {
        rows.push((
            "intent",
            with_reason(intent.word(), &format!("{:.0} %", (facts.confidence * 100.0).min(99.0))),
        ));
        rows.extend(list("  because", line.intent_signals));
    }
    if let Some(category) = line.category {
        rows.push(("category", category.word().to_owned()));
        rows.extend(list("  because", line.category_signals));
    }
    rows.push(("language", line.language.to_owned()));
    rows.extend(line.refers_to.iter().map(|reference| ("refers to", reference.clone())));
    rows.extend(list("flags", &line.flags));
    rows.extend(list("missing", &line.missing));
    for each in &facts.attachments {
        let inline = if each.inline { ", inline" } else { "" };
        rows.push((
            "attached",
            format!("{} ({}, {} bytes{inline}): {}", each.name, each.media_type, each.bytes, each.verdict),
        ));
    }
    rows.extend(line.warnings.iter().map(|warning| ("warning", (*warning).to_owned())));
    layout(file, &rows, &facts.reply_text)
}

fn with_reason(what: &str, why: &str) -> String {
    if why.is_empty() { what.to_owned() } else { format!("{what} ({why})") }
}

fn list<S: AsRef<str>>(name: &'static str, words: &[S]) -> Option<(&'static str, String)> {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    (!words.is_empty()).then(|| (name, words.join(", ")))
}

fn layout(file: &str, rows: &[(&str, String)], text: &str) -> String {
    let mut out = format!("{file}\n");
    for (name, value) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {name:<11}{value}");
    }
    for line in text.lines() {
        let _ = writeln!(out, "  | {line}");
    }
    out
}
