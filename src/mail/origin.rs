//! Who or what wrote a mail, by which signs, and whether a machine may answer it.
//!
//! Two mistakes matter: a robot that is answered (TRAPS 16) and a person who is dropped (TRAPS 17, 18).
//! So every sign of a machine forbids the answer, and the header fields that programs write (`marks`)
//! are believed. Words (`words`), and an address or a form that persons use too, are a machine's only
//! where no person is heard beside them (`person`): else the mail is a human's that is not answered. So is
//! a short answer without any sign of a machine that reads like a note to anybody (`note`).
//! Whether a mail that is marked automatic complains all the same is for the router to weigh.

mod marks;
pub mod note;
pub mod person;
pub mod words;

use super::headers::{Headers, without_comments};
use super::read::{Report, Shape};
use super::{Own, bounce};
use crate::core::facts::{Bounce, MailFacts, MayAnswer, Origin, Person};
use crate::core::ids::Address;
use person::Voice;
use words::{Heard, Words};

/// What is known of a mail when its origin is judged.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub headers: &'a Headers<'a>,
    pub from: Option<&'a Person>,
    pub subject: &'a str,
    /// The newly written text, without quotes.
    pub text: &'a str,
    /// What was taken for the signature: mailings end with how to leave them.
    pub signature: &'a str,
    pub shape: &'a Shape,
    /// Whether documents hang on it.
    pub has_documents: bool,
    pub reports: &'a [Report],
    pub bounce: Option<&'a Bounce>,
    pub own: &'a Own<'a>,
}

/// The judgement.
#[derive(Debug)]
pub struct Judged {
    pub origin: Origin,
    /// What decided, in the order in which it was looked at.
    pub signals: Vec<String>,
    pub may_answer: MayAnswer,
}

/// Asks for each kind in turn, the surest first.
pub fn judge(evidence: &Evidence<'_>) -> Judged {
    let kinds: [(Origin, Signs); 7] = [
        (Origin::Bounce, bounce_signs),
        (Origin::Receipt, receipt_signs),
        (Origin::Own, own_signs),
        (Origin::AutoReply, reply_signs),
        (Origin::Bulk, bulk_signs),
        (Origin::AutoReply, |evidence| marks::of_desks(evidence.headers)),
        (Origin::AutoReply, generated_signs),
    ];
    for (origin, signs) in kinds {
        let mut signals = signs(evidence);
        if !signals.is_empty() {
            signals.extend(heard(evidence).map(|heard| heard.sign.to_owned()));
            return machine(origin, signals);
        }
    }
    // What persons use too: it is a machine's where nobody is heard.
    let mut signals = doubtful_signs(evidence);
    let mut origin = Origin::AutoReply;
    let mut doubtful = !signals.is_empty() && person::voice(evidence.text) > Voice::Nobody;
    if let Some(heard) = heard(evidence) {
        origin = if signals.is_empty() { heard.origin } else { origin };
        doubtful |= heard.doubtful;
        signals.push(heard.sign.to_owned());
    }
    match signals.first() {
        None => human(evidence),
        Some(first) if doubtful => {
            let why = format!("it reads like an automatic message: {first}");
            Judged { origin: Origin::Human, signals, may_answer: MayAnswer::No(why) }
        }
        Some(_) => machine(origin, signals),
    }
}

type Signs = fn(&Evidence<'_>) -> Vec<String>;

fn machine(origin: Origin, signals: Vec<String>) -> Judged {
    let why = format!("{}: {}", word_for(origin), signals[0]);
    Judged { origin, signals, may_answer: MayAnswer::No(why) }
}

fn heard(evidence: &Evidence<'_>) -> Option<Heard> {
    let whole = format!("{}\n{}", evidence.text, evidence.signature);
    words::heard(words_of(evidence, &whole))
}

fn words_of<'a>(evidence: &Evidence<'a>, whole: &'a str) -> Words<'a> {
    Words {
        subject: evidence.subject,
        text: evidence.text,
        whole,
        answers: evidence.headers.has("In-Reply-To") || evidence.headers.has("References"),
        local: evidence.from.map(|from| from.address.local()),
    }
}

/// PROCEDURE 2.13. Documents are a person's, and what is encrypted says nothing.
fn note_signs(evidence: &Evidence<'_>) -> Vec<String> {
    if evidence.has_documents || evidence.shape.encrypted {
        return Vec::new();
    }
    note::signs(words_of(evidence, evidence.text))
}

/// Whether a mail that is marked automatic is a complaint to us all the same (TRAPS 18). What comes over
/// a mailing list was written to all who joined it.
pub fn complains(evidence: &Evidence<'_>) -> bool {
    marks::of_lists(evidence.headers, evidence.own).is_empty() && person::complains(evidence.text)
}

fn word_for(origin: Origin) -> &'static str {
    match origin {
        Origin::Human => "a person",
        Origin::AutoReply => "an automatic message",
        Origin::Bounce => "a delivery notification",
        Origin::Bulk => "bulk mail",
        Origin::Receipt => "a read receipt",
        Origin::Own => "from our own address",
    }
}

/// A person wrote; the path may still forbid an automatic answer.
fn human(evidence: &Evidence<'_>) -> Judged {
    let headers = evidence.headers;
    let mut signals = Vec::new();
    let mut why = None;
    if returns_nowhere(headers) {
        signals.push("Return-Path: <>".to_owned());
        why = Some("its return path is empty (RFC 3834 §2)".to_owned());
    }
    if let Some(value) = suppresses_our_answer(headers) {
        signals.push(format!("X-Auto-Response-Suppress: {value}"));
        why = Some("the sender's system asks for no automatic answer (X-Auto-Response-Suppress)".to_owned());
    }
    if headers.first("Auto-Submitted").is_some_and(|field| keyword(&field.unfolded()) == "no") {
        signals.push("Auto-Submitted: no".to_owned());
    }
    let no_reply = evidence.from.filter(|from| words::refuses_replies(from.address.local()));
    if no_reply.is_some()
        && why.is_none()
        && answer_address(headers).is_none_or(|to| words::refuses_replies(to.local()))
    {
        why = Some("the sender's address takes no answers".to_owned());
    }
    let noted = if why.is_none() { note_signs(evidence) } else { Vec::new() };
    if !noted.is_empty() {
        signals.extend(noted);
        why = Some("it is short and reads like a note of an absence or a receipt".to_owned());
    }
    Judged { origin: Origin::Human, signals, may_answer: why.map_or(MayAnswer::Yes, MayAnswer::No) }
}

fn answer_address(headers: &Headers<'_>) -> Option<Address> {
    headers.addresses("Reply-To").into_iter().next()
}

fn returns_nowhere(headers: &Headers<'_>) -> bool {
    headers
        .first("Return-Path")
        .is_some_and(|field| field.token().split_whitespace().collect::<String>() == "<>")
}

/// TRAPS 17: the header forbids our answer and says nothing about who wrote. Of its words only `All`
/// and `AutoReply` mean us: the others are about reports and absences (MS-OXCMAIL §2.2.3.2.14).
fn suppresses_our_answer(headers: &Headers<'_>) -> Option<String> {
    let value = headers.first("X-Auto-Response-Suppress")?.token();
    let means_us = value.split([',', ';', ' ']).any(|word| matches!(word.trim(), "all" | "autoreply" | "-1"));
    means_us.then_some(value)
}

fn bounce_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let Some(bounce) = evidence.bounce else { return Vec::new() };
    let mut signs = vec![format!("delivery status: {}", bounce.action)];
    signs.extend(bounce.status.iter().map(|status| format!("status {status}")));
    signs
}

/// RFC 8098 §3; TRAPS 31.
fn receipt_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let mut signs = Vec::new();
    if evidence.shape.report_type.as_deref() == Some("disposition-notification") {
        signs.push("report-type=disposition-notification".to_owned());
    }
    let part = |report: &&Report| report.media_type.ends_with("disposition-notification");
    if evidence.reports.iter().any(|report| part(&report)) {
        signs.push("message/disposition-notification".to_owned());
    }
    signs
}

/// TRAPS 27: copies of what we sent, and what claims to be ours.
fn own_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let ours = evidence.from.filter(|from| evidence.own.has(&from.address));
    ours.map(|from| format!("From: {}", from.address)).into_iter().collect()
}

/// Answers that a machine gives: vacation, absence, another desk's acknowledgement (RFC 3834).
fn reply_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let headers = evidence.headers;
    let mut signs = Vec::new();
    let submitted = headers.first("Auto-Submitted").map(|field| keyword(&field.unfolded()));
    if let Some(word) = submitted.filter(|word| word.starts_with("auto-replied") || word == "auto-notified") {
        signs.push(format!("Auto-Submitted: {word}"));
    }
    signs.extend(marks::of_replies(headers));
    signs.extend(marks::precedence(headers, &["auto_reply", "auto-reply", "junk"]));
    signs.extend(marks::of_loops(headers, evidence.own));
    if headers.has("X-MS-Exchange-Inbox-Rules-Loop")
        && (submitted_by_machine(headers) || returns_nowhere(headers))
    {
        signs.push("X-MS-Exchange-Inbox-Rules-Loop".to_owned());
    }
    signs
}

fn submitted_by_machine(headers: &Headers<'_>) -> bool {
    headers.first("Auto-Submitted").is_some_and(|field| {
        let word = keyword(&field.unfolded());
        !word.is_empty() && word != "no"
    })
}

/// TRAPS 19: the word alone, whatever its case, comments or parameters (RFC 3834 §5).
fn keyword(value: &str) -> String {
    let bare = without_comments(value);
    let word = bare.split([';', ',']).next().unwrap_or_default();
    word.trim().trim_matches(['"', '\'']).split_whitespace().next().unwrap_or_default().to_ascii_lowercase()
}

/// Lists and campaigns.
fn bulk_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let mut signs = marks::of_lists(evidence.headers, evidence.own);
    signs.extend(marks::of_many(evidence.headers, evidence.own));
    signs.extend(marks::of_campaigns(evidence.headers));
    signs
}

/// Messages of machines that answer nothing: notifications, reports, invitations.
fn generated_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let headers = evidence.headers;
    let mut signs = Vec::new();
    if submitted_by_machine(headers) {
        let word =
            headers.first("Auto-Submitted").map(|field| keyword(&field.unfolded())).unwrap_or_default();
        signs.push(format!("Auto-Submitted: {word}"));
    }
    if evidence.shape.report_type.is_some() {
        signs.push(format!("report-type={}", evidence.shape.report_type.as_deref().unwrap_or_default()));
    }
    if let Some(from) = evidence.from {
        // A contact form or a copier writes from such an address for a person, and names the person.
        let for_a_person = answer_address(headers)
            .is_some_and(|to| to != from.address && !words::refuses_replies(to.local()));
        if words::refuses_replies(from.address.local()) && !for_a_person {
            signs.push(format!("From: {}@…", from.address.local()));
        }
    }
    signs
}

/// Marks that some persons' mail bears too.
fn doubtful_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let mut signs = Vec::new();
    if let Some(method) = &evidence.shape.calendar_method {
        // RFC 5546 §1.4: an invitation and the answer to one are dealt with by calendars; words beside
        // them are for a person.
        signs.push(format!("text/calendar; method={method}"));
    }
    let daemon = evidence.from.filter(|from| bounce::is_daemon(&from.address));
    signs.extend(daemon.map(|from| format!("From: {}@…", from.address.local())));
    signs
}

/// Why a person must look at a mail that could be read, before anything is done with it.
pub fn for_a_person(
    headers: &Headers<'_>,
    facts: &MailFacts,
    shape: &Shape,
    own: &Own<'_>,
) -> Option<String> {
    if headers.is_empty() {
        return Some("there are no header fields: it is no mail".to_owned());
    }
    let Some(from) = &facts.from else {
        return Some("no readable author in the From field".to_owned());
    };
    if shape.media_type == "message/partial" {
        return Some("it is one piece of a mail sent in several (message/partial)".to_owned());
    }
    let forged = own.has_domain(from.address.domain()) && authentication_failed(headers);
    forged.then(|| "its From names our own domain, but authentication failed on the way".to_owned())
}

/// Whether the topmost Authentication-Results says that DMARC failed (RFC 8601 §2.7). A forged header
/// can only harm its forger: it leads to a human.
fn authentication_failed(headers: &Headers<'_>) -> bool {
    headers.first("Authentication-Results").is_some_and(|field| {
        let value = field.token();
        value.split(';').any(|result| result.trim().starts_with("dmarc=fail"))
    })
}

#[cfg(test)]
mod tests;
