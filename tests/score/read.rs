//! Labelled mails: raw for the score, and for the trainer with bodies and attachments taken out by
//! mail-parser alone, so that the weights speak of the words and not of the reader around them.

use complaintd::core::facts::{Attachment, Origin, Person};
use complaintd::core::ids::{Address, Digest};
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use serde_json::Value;

pub struct Mail {
    pub label: Value,
    pub from: Option<Person>,
    pub subject: String,
    pub plain: Option<String>,
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    pub answers: bool,
}

impl Mail {
    pub fn file(&self) -> &str {
        self.label["file"].as_str().unwrap_or("")
    }

    pub fn word(&self, key: &str) -> Option<&str> {
        self.label[key].as_str()
    }

    pub fn origin(&self) -> Origin {
        match self.word("origin") {
            Some("auto_reply") => Origin::AutoReply,
            Some("bounce") => Origin::Bounce,
            Some("bulk") => Origin::Bulk,
            Some("receipt") => Origin::Receipt,
            _ => Origin::Human,
        }
    }
}

/// The mails of a folder with `labels.jsonl`, with their labels.
pub fn labelled(folder: &str) -> Vec<(Value, Vec<u8>)> {
    let labels = std::fs::read_to_string(format!("{folder}/labels.jsonl")).expect("labels.jsonl is there");
    labels
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let label: Value = serde_json::from_str(line).expect("a label is JSON");
            let file = format!("{folder}/{}", label["file"].as_str().expect("a label names its file"));
            let raw = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
            (label, raw)
        })
        .collect()
}

/// The same, taken apart.
pub fn corpus(folder: &str) -> Vec<Mail> {
    labelled(folder).into_iter().map(|(label, raw)| mail(&raw, label)).collect()
}

pub fn mail(raw: &[u8], label: Value) -> Mail {
    let message = MessageParser::default().parse(raw).expect("a labelled mail can be read");
    let from = message.from().and_then(|from| from.first()).and_then(|from| {
        Some(Person {
            name: from.name().unwrap_or_default().to_owned(),
            address: Address::parse(from.address()?)?,
        })
    });
    Mail {
        label,
        from,
        subject: message.subject().unwrap_or_default().to_owned(),
        plain: bodies(&message, false),
        html: bodies(&message, true),
        attachments: attachments(&message),
        answers: message.in_reply_to().as_text().is_some(),
    }
}

fn bodies(message: &Message<'_>, html: bool) -> Option<String> {
    let ids = if html { &message.html_body } else { &message.text_body };
    let texts: Vec<&str> = ids
        .iter()
        .filter_map(|id| match &message.parts.get(*id as usize)?.body {
            PartType::Text(text) if !html => Some(text.as_ref()),
            PartType::Html(text) if html => Some(text.as_ref()),
            _ => None,
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

fn attachments(message: &Message<'_>) -> Vec<Attachment> {
    message
        .attachments()
        .map(|part| {
            let media_type = part
                .content_type()
                .map(|ct| format!("{}/{}", ct.ctype(), ct.subtype().unwrap_or("")))
                .unwrap_or_default();
            let bytes = part.contents();
            let logo = part.content_disposition().is_none_or(mail_parser::ContentType::is_inline)
                && part.content_id().is_some()
                && bytes.len() < 12_000
                && media_type.starts_with("image/");
            Attachment {
                name: part.attachment_name().unwrap_or("attachment").to_owned(),
                media_type,
                bytes: bytes.len() as u64,
                sha256: Digest::of(bytes),
                inline: logo,
                verdict: "unscanned".to_owned(),
            }
        })
        .collect()
}
