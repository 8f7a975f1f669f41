//! Bytes to facts: what one received mail says, who or what wrote it, and whether a machine may answer.
//!
//! [`facts`] never fails and takes time in proportion to the mail. What cannot be read is set aside
//! with the reason, and its headers are read where possible. Nothing here knows a case, a clock or
//! the network.

pub mod archive;
pub mod attached_mail;
pub mod attachments;
pub mod authenticity;
pub mod bounce;
pub mod charset;
pub mod compose;
pub mod compound;
pub mod contents;
pub mod danger;
pub mod headers;
pub mod html;
pub mod limits;
pub mod lookalike;
pub mod mapi;
pub mod msg;
pub mod origin;
pub mod pdf;
pub mod read;
pub mod reply;
pub mod rtf;
pub mod sealed;
pub mod template;
pub mod tnef;
pub mod transfer;
pub mod understand;
pub mod uuencode;
pub mod zip;

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::core::authenticity::Authenticity;
use crate::core::facts::{Contact, Language, MailFacts, MayAnswer, Origin, Person, SetAside};
use crate::core::ids::{Address, Digest, MessageId};
use crate::core::scan::Scan;
use headers::Headers;
use origin::Evidence;
use read::{Attached, Content, Outlook};
use reply::Split;

/// What is ours.
#[derive(Debug, Clone)]
pub struct Own<'a> {
    /// Addresses of the desk itself, without those of its staff (TRAPS 27).
    pub addresses: &'a BTreeSet<Address>,
}

impl Own<'_> {
    /// Whether the address is one of ours, with or without a subaddress.
    pub fn has(&self, address: &Address) -> bool {
        self.addresses.contains(address) || self.addresses.contains(&address.without_subaddress())
    }

    /// Whether the domain is that of one of our addresses.
    pub fn has_domain(&self, domain: &str) -> bool {
        self.addresses.iter().any(|own| own.domain().eq_ignore_ascii_case(domain))
    }
}

/// Reads a mail that nobody sent, so that tables are built and patterns compiled before the first real
/// one: its try must be short, since a process that dies in it counts against the mail (TRAPS 4).
pub fn warm_up() {
    facts(include_bytes!("mail/nobodys.eml"), &Own { addresses: &BTreeSet::new() });
}

/// All that is read in a mail.
pub fn facts(raw: &[u8], own: &Own<'_>) -> MailFacts {
    facts_within(raw, own, 0)
}

/// The same of a mail that is attached to that many others.
fn facts_within(raw: &[u8], own: &Own<'_>, depth: usize) -> MailFacts {
    let headers = Headers::scan(raw);
    if raw.is_empty() {
        return set_aside(raw, &headers, own, "the mail is empty: 0 bytes".to_owned());
    }
    if let Some(why) = limits::broken(raw) {
        return set_aside(raw, &headers, own, why);
    }
    match read::content(raw) {
        Ok(mut content) => {
            let mut facts = understood(of_headers(raw, &headers), &headers, &mut content, own, depth);
            if let Some(why) = origin::for_a_person(&headers, &facts, &content.shape, own) {
                aside(&mut facts, why);
            }
            facts
        }
        Err(why) => set_aside(raw, &headers, own, why),
    }
}

/// The facts of a mail that is too large to be fetched: `head` is its header block, `size` its size
/// in bytes. The digests are those of the header block.
pub fn facts_of_headers(head: &[u8], size: u64, own: &Own<'_>) -> MailFacts {
    set_aside(head, &Headers::scan(head), own, limits::too_large(size))
}

/// When the mail came to us: the earlier of the mailbox's own date and the date in the topmost
/// Received field of our mail exchanger (any, if none is named), never the Date field, never in the
/// future (DOMAIN §2).
pub fn received_at(
    raw: &[u8],
    internal_date: Option<Timestamp>,
    mx_hosts: &[String],
    now: Timestamp,
) -> Timestamp {
    let headers = Headers::scan(raw);
    // A field that cannot be read may be our own, made so by the client's name: what stands below it is the
    // sender's to write.
    let ours = headers
        .all("Received")
        .map(|field| (field, received_by(&field.unfolded())))
        .find(|(_, by)| mx_hosts.is_empty() || by.as_deref().is_none_or(|by| is_ours(by, mx_hosts)))
        .filter(|(_, by)| mx_hosts.is_empty() || by.is_some());
    let traced = ours.and_then(|(field, _)| field.instant());
    internal_date.into_iter().chain(traced).min().unwrap_or(now).min(now)
}

/// The host after `by` in a Received field (RFC 5321 §4.4).
fn received_by(value: &str) -> Option<String> {
    // What stands after `from` and in comments is the client's to say: `EHLO by` must not make our own
    // field unreadable and a forged one below it ours.
    let value = headers::without_comments(value);
    let mut words = value.split_ascii_whitespace().peekable();
    if words.peek().is_some_and(|word| word.eq_ignore_ascii_case("from")) {
        words.nth(1)?;
    }
    words.find(|word| word.eq_ignore_ascii_case("by"))?;
    words.next().map(|host| host.trim_end_matches([';', '.']).to_owned())
}

/// Whether a host is one of these; `.exemple.fr` means every host below that domain.
fn is_ours(host: &str, mx_hosts: &[String]) -> bool {
    let host = host.to_ascii_lowercase();
    mx_hosts
        .iter()
        .map(|mx| mx.to_ascii_lowercase())
        .any(|mx| if mx.starts_with('.') { host.ends_with(&mx) } else { host == mx })
}

/// Facts from the headers alone, for a human to decide.
fn set_aside(raw: &[u8], headers: &Headers<'_>, own: &Own<'_>, why: String) -> MailFacts {
    let mut facts = of_headers(raw, headers);
    let evidence = Evidence {
        headers,
        from: facts.from.as_ref(),
        subject: &facts.subject,
        text: "",
        signature: "",
        shape: &read::Shape::default(),
        has_documents: false,
        reports: &[],
        bounce: None,
        own,
    };
    let judged = origin::judge(&evidence);
    facts.origin = judged.origin;
    facts.origin_signals = judged.signals;
    aside(&mut facts, why);
    facts
}

fn aside(facts: &mut MailFacts, why: String) {
    facts.may_answer = MayAnswer::No(format!("set aside for a person: {why}"));
    facts.set_aside = Some(SetAside { why });
}

/// The same of a message that Outlook kept, which has header fields only where it came over the internet.
fn facts_of_outlook(message: Outlook, own: &Own<'_>, depth: usize) -> MailFacts {
    let Outlook { headers, subject, author, mut content } = message;
    let scanned = Headers::scan(headers.as_bytes());
    let mut facts = of_headers(headers.as_bytes(), &scanned);
    if let Some(address) = Address::parse(&author.address) {
        facts.from = Some(Person { name: headers::shortened(headers::one_line(&author.name)), address });
    }
    if facts.subject.is_empty() {
        facts.subject = headers::shortened(headers::one_line(&subject));
    }
    let mut facts = understood(facts, &scanned, &mut content, own, depth);
    // A draft has neither fields nor an author, and is what its sender wrote all the same.
    let sent = facts.from.is_some() && !scanned.is_empty();
    if sent && let Some(why) = origin::for_a_person(&scanned, &facts, &content.shape, own) {
        aside(&mut facts, why);
    }
    facts
}

fn understood(
    mut facts: MailFacts,
    headers: &Headers<'_>,
    content: &mut Content,
    own: &Own<'_>,
    depth: usize,
) -> MailFacts {
    facts.warnings.append(&mut content.warnings);
    facts.attachments = std::mem::take(&mut content.attachments);
    let answers = !facts.in_reply_to.is_empty() || !facts.references.is_empty();
    let context = reply::Context::of(answers, &facts.subject);
    let mut split = reply::split_within(content.plain.as_deref(), content.html.as_deref(), context);
    let whole = whole_text(&split);
    facts.bounce = bounce::read(headers, &content.reports, &content.shape, &whole, own);
    let evidence = Evidence {
        headers,
        from: facts.from.as_ref(),
        subject: &facts.subject,
        text: &split.reply,
        signature: &split.signature,
        shape: &content.shape,
        has_documents: facts.documents().next().is_some(),
        reports: &content.reports,
        bounce: facts.bounce.as_ref(),
        own,
    };
    let judged = origin::judge(&evidence);
    (facts.origin, facts.origin_signals, facts.may_answer) =
        (judged.origin, judged.signals, judged.may_answer);
    let complains = matches!(judged.origin, Origin::AutoReply | Origin::Bulk) && origin::complains(&evidence);
    facts.complains_though_automatic = complains;
    if complains {
        facts.origin_signals.push("tells a grievance all the same".to_owned());
    }
    warn(&mut facts, &content.shape, headers, own);
    read_attached(&mut facts, &mut split, std::mem::take(&mut content.mails), own, depth);
    understand_into(&mut facts, split, &content.shape);
    facts
}

/// The words of attached mails, where the mail itself says nothing. What a machine sends back is none of
/// them (RFC 3464: the returned mail is ours).
fn read_attached(
    facts: &mut MailFacts,
    split: &mut Split,
    mails: Vec<Attached>,
    own: &Own<'_>,
    depth: usize,
) {
    let may_forward = matches!(facts.origin, Origin::Human | Origin::AutoReply);
    if mails.is_empty()
        || !may_forward
        || depth >= attached_mail::MAX_DEPTH
        || !attached_mail::only_points(split)
    {
        return;
    }
    for mail in mails {
        let (inner, author) = match mail {
            Attached::Mail(raw) => (facts_within(&raw, own, depth + 1), String::new()),
            Attached::Outlook(message) => {
                let author = headers::shortened(headers::one_line(&message.author.name));
                (facts_of_outlook(*message, own, depth + 1), author)
            }
        };
        facts.warnings.extend(attached_mail::add(split, &inner, &author, facts.from.as_ref()));
    }
}

fn whole_text(split: &Split) -> String {
    [split.reply.as_str(), &split.signature, &split.quoted].join("\n")
}

/// Words for a human about what is odd.
fn warn(facts: &mut MailFacts, shape: &read::Shape, headers: &Headers<'_>, own: &Own<'_>) {
    if shape.encrypted {
        facts
            .warnings
            .push("encrypted, nobody here can read it: ask for the text without encryption".to_owned());
    }
    if shape.media_type.ends_with("pkcs7-mime") && !shape.encrypted {
        facts.warnings.push("signed as one sealed file (S/MIME): the text is in that file".to_owned());
    }
    if let Some(domain) = facts.from.as_ref().map(|from| from.address.domain().to_owned())
        && let Some(shown) = lookalike::of_ours(&domain, own)
    {
        facts.warnings.push(format!("the sender's domain {domain} ({shown}) only looks like ours"));
    }
    if facts.sent_at.is_none() {
        facts.warnings.push("no readable date in the Date field".to_owned());
    }
    for name in ["From", "Subject", "Message-ID"] {
        if headers.all(name).count() > 1 {
            facts.warnings.push(format!("more than one {name} field, the first one counts"));
        }
    }
}

fn understand_into(facts: &mut MailFacts, split: Split, shape: &read::Shape) {
    // A text that nobody can read may be a complaint; as an attached document it would be an addition.
    let readable = if shape.encrypted { &[][..] } else { &facts.attachments };
    let reading = understand::Reading {
        from: facts.from.as_ref(),
        subject: &facts.subject,
        split: &split,
        attachments: readable,
        origin: facts.origin,
        answers_something: !facts.in_reply_to.is_empty() || !facts.references.is_empty(),
    };
    let read = understand::understand(&reading);
    facts.intent = read.intent;
    facts.category = read.category;
    facts.confidence = read.confidence;
    facts.intent_signals = read.intent_signals;
    facts.category_signals = read.category_signals;
    facts.flags = read.flags;
    facts.for_another = read.for_another;
    facts.language = read.language;
    facts.contact = read.contact;
    facts.missing = read.missing;
    facts.refers_to = read.refers_to;
    facts.reply_text = split.reply;
    facts.quoted_text = split.quoted;
    facts.signature_text = split.signature;
}

/// What the header block alone tells.
fn of_headers(raw: &[u8], headers: &Headers<'_>) -> MailFacts {
    let from = headers.first("From").map(headers::Field::people).unwrap_or_default().into_iter().next();
    let subject = headers.text("Subject").unwrap_or_default();
    let mut warnings = Vec::new();
    let to = recipients(headers, &["To"], &mut warnings);
    let cc = recipients(headers, &["Cc"], &mut warnings);
    let traced = ["Delivered-To", "X-Original-To", "X-Delivered-To", "Envelope-To", "X-Envelope-To"];
    let delivered_to = recipients(headers, &traced, &mut warnings);
    let ids = |name| headers.first(name).map(headers::Field::message_ids).unwrap_or_default();
    MailFacts {
        digest: Digest::of(raw),
        content: content_digest(from.as_ref(), &subject, raw.get(headers.body_at..).unwrap_or_default()),
        message_id: ids("Message-ID").into_iter().next().or_else(|| bare_message_id(headers)),
        reply_to: headers.addresses("Reply-To").into_iter().next(),
        to,
        cc,
        delivered_to,
        subject,
        sent_at: headers.first("Date").and_then(headers::Field::instant),
        in_reply_to: ids("In-Reply-To"),
        references: ids("References"),
        refers_to: Vec::new(),
        origin: Origin::Human,
        origin_signals: Vec::new(),
        may_answer: MayAnswer::Yes,
        complains_though_automatic: false,
        intent: None,
        category: None,
        confidence: 0.0,
        intent_signals: Vec::new(),
        category_signals: Vec::new(),
        flags: BTreeSet::new(),
        for_another: false,
        language: Language::Unknown,
        reply_text: String::new(),
        quoted_text: String::new(),
        signature_text: String::new(),
        contact: Contact { email: from.as_ref().map(|person| person.address.clone()), ..Contact::default() },
        missing: BTreeSet::new(),
        attachments: Vec::new(),
        bounce: None,
        warnings,
        authenticity: Authenticity::default(),
        set_aside: None,
        scan: Scan::NotAsked,
        from,
    }
}

/// A Message-ID without `@` is still an identity.
fn bare_message_id(headers: &Headers<'_>) -> Option<MessageId> {
    MessageId::parse(&headers.first("Message-ID")?.unfolded())
}

/// Addresses of fields, each once, at most [`limits::MAX_ADDRESSES`] (TRAPS 32).
fn recipients(headers: &Headers<'_>, names: &[&str], warnings: &mut Vec<String>) -> Vec<Address> {
    let mut seen = HashSet::new();
    let all = names.iter().flat_map(|name| headers.addresses(name));
    let mut kept: Vec<Address> = all.filter(|address| seen.insert(address.key())).collect();
    if kept.len() > limits::MAX_ADDRESSES {
        let field = names.first().copied().unwrap_or_default();
        warnings.push(format!(
            "{field} names more than {} addresses, the rest is left out",
            limits::MAX_ADDRESSES
        ));
        kept.truncate(limits::MAX_ADDRESSES);
    }
    kept
}

/// Identity of what was written, whatever headers transport adds (TRAPS 5, 28).
fn content_digest(from: Option<&Person>, subject: &str, body: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(from.map(|person| person.address.key()).unwrap_or_default());
    hash.update([0]);
    hash.update(subject);
    hash.update([0]);
    hash.update(body);
    Digest::from_bytes(hash.finalize().into())
}

/// A mail as its reader sees it: subject and text, for listings and tests.
pub fn as_text(raw: &[u8]) -> String {
    let headers = Headers::scan(raw);
    let plain = read::content(raw).ok().and_then(|content| content.plain).unwrap_or_default();
    format!("{}\n\n{}\n", headers.text("Subject").unwrap_or_default(), plain.replace("\r\n", "\n").trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a written instant")
    }

    #[test]
    fn the_clock_starts_at_our_own_exchanger_and_never_at_the_date_field() {
        let raw = b"Received: from a by mx2.example (P) id 1; Mon, 2 Nov 2026 10:00:00 +0000\r\n\
            Received: from b by mx1.example; Mon, 2 Nov 2026 09:00:00 +0000\r\nDate: Sun, 1 Nov 2026 08:00:00 +0000\r\n\r\n";
        let (now, internal) = (at("2026-11-03T00:00:00Z"), Some(at("2026-11-02T09:30:00Z")));
        let mx = |name: &str| vec![name.to_owned()];
        assert_eq!(received_at(raw, None, &[], now), at("2026-11-02T10:00:00Z"));
        assert_eq!(received_at(raw, internal, &[], now), at("2026-11-02T09:30:00Z"));
        assert_eq!(received_at(raw, internal, &mx("MX1.example"), now), at("2026-11-02T09:00:00Z"));
        assert_eq!(received_at(raw, internal, &mx("other.example"), now), at("2026-11-02T09:30:00Z"));
        assert_eq!(received_at(raw, internal, &[], at("2026-11-01T00:00:00Z")), at("2026-11-01T00:00:00Z"));
        assert_eq!(received_at(b"", None, &[], now), now);
        let forged = b"Received: from by (HELO by mx9.example [192.0.2.1]) by mx1.example; Mon, 2 Nov 2026 10:00:00 +0000\r\n\
            Received: from b by mx1.example; Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n";
        assert_eq!(received_at(forged, None, &mx("mx1.example"), now), at("2026-11-02T10:00:00Z"));
        // A client that calls itself `x(` makes our own field unreadable, and what follows proves nothing.
        let broken =
            b"Received: from x( (host [192.0.2.1]) by mx1.example; Mon, 2 Nov 2026 10:00:00 +0000\r\n\
            Received: from b by mx1.example; Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n";
        assert_eq!(received_at(broken, internal, &mx("mx1.example"), now), at("2026-11-02T09:30:00Z"));
    }
}
