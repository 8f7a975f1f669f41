//! Who or what wrote a mail, by which signs, and whether a machine may answer it.
//!
//! Two mistakes matter: a robot that is answered (TRAPS 16) and a person who is dropped (TRAPS 17, 18).
//! So every sign of a machine forbids the answer, but the origin is only a machine's where a standard
//! or a known program says so; the record is kept in any case, and understanding runs on all mail.

pub mod words;

use super::headers::{Headers, without_comments};
use super::read::{Report, Shape};
use super::{Own, bounce};
use crate::core::facts::{Bounce, MailFacts, MayAnswer, Origin, Person};
use crate::core::ids::Address;

/// What is known of a mail when its origin is judged.
#[derive(Debug)]
pub struct Evidence<'a> {
    pub headers: &'a Headers<'a>,
    pub from: Option<&'a Person>,
    pub subject: &'a str,
    /// The newly written text, without quotes.
    pub text: &'a str,
    pub shape: &'a Shape,
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
    let kinds: [(Origin, Signs); 6] = [
        (Origin::Bounce, bounce_signs),
        (Origin::Receipt, receipt_signs),
        (Origin::Own, own_signs),
        (Origin::AutoReply, reply_signs),
        (Origin::Bulk, bulk_signs),
        (Origin::AutoReply, generated_signs),
    ];
    for (origin, signs) in kinds {
        let signals = signs(evidence);
        if !signals.is_empty() {
            let why = format!("{}: {}", word_for(origin), signals[0]);
            return Judged { origin, signals, may_answer: MayAnswer::No(why) };
        }
    }
    human(evidence)
}

type Signs = fn(&Evidence<'_>) -> Vec<String>;

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
    for name in [
        "X-Autoreply",
        "X-Autorespond",
        "X-Autoresponder",
        "X-Auto-Reply",
        "X-Vacation-Message",
        "X-AutoReply-From",
        "X-Mail-Autoreply",
        "X-FC-MachineGenerated",
    ] {
        if let Some(field) = headers.first(name)
            && !matches!(field.token().as_str(), "no" | "false" | "0")
        {
            signs.push(name.to_owned());
        }
    }
    let precedence = headers.first("Precedence").map(|field| keyword(&field.unfolded()));
    if let Some(word) =
        precedence.filter(|word| matches!(word.as_str(), "auto_reply" | "auto-reply" | "junk"))
    {
        signs.push(format!("Precedence: {word}"));
    }
    if headers.has("X-MS-Exchange-Inbox-Rules-Loop")
        && (submitted_by_machine(headers) || returns_nowhere(headers))
    {
        signs.push("X-MS-Exchange-Inbox-Rules-Loop".to_owned());
    }
    signs.extend(words::of_absence(evidence.subject, evidence.text));
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

/// Lists and campaigns (RFC 2919, RFC 2369, RFC 8058).
fn bulk_signs(evidence: &Evidence<'_>) -> Vec<String> {
    let headers = evidence.headers;
    let mut signs = Vec::new();
    if !is_our_list(headers, evidence.own) {
        for name in [
            "List-Id",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "List-Post",
            "List-Owner",
            "List-Help",
            "X-Mailman-Version",
            "X-Mailing-List",
            "X-ListName",
        ] {
            if headers.has(name) {
                signs.push(name.to_owned());
            }
        }
        let precedence = headers.first("Precedence").map(|field| keyword(&field.unfolded()));
        if let Some(word) = precedence.filter(|word| matches!(word.as_str(), "bulk" | "list")) {
            signs.push(format!("Precedence: {word}"));
        }
    }
    for name in [
        "X-CSA-Complaints",
        "X-Campaign",
        "X-CampaignId",
        "X-Campaign-Id",
        "X-Mailin-Campaign",
        "X-MC-User",
        "X-Mailer-Campaign",
        "X-MailingID",
        "X-MJ-Campaign",
        "X-EMarSys-Identify",
        "X-SFMC-Stack",
        "X-Mailgun-Campaign-Id",
        "X-Newsletter",
    ] {
        if headers.has(name) {
            signs.push(name.to_owned());
        }
    }
    signs
}

/// A group address of ours (Google Groups, Microsoft 365) adds list headers to what customers write.
fn is_our_list(headers: &Headers<'_>, own: &Own<'_>) -> bool {
    let named = |name: &str| headers.text(name).unwrap_or_default().to_lowercase();
    let (id, post) = (named("List-Id"), named("List-Post"));
    own.addresses.iter().any(|address| {
        let address = address.key();
        id.contains(&format!("<{}>", address.replace('@', ".")))
            || post.contains(&format!("mailto:{address}>"))
    })
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
    if let Some(method) = &evidence.shape.calendar_method {
        // RFC 5546 §1.4: an invitation and the answer to one are dealt with by calendars.
        signs.push(format!("text/calendar; method={method}"));
    }
    if evidence.shape.report_type.is_some() {
        signs.push(format!("report-type={}", evidence.shape.report_type.as_deref().unwrap_or_default()));
    }
    if let Some(from) = evidence.from {
        if bounce::is_daemon(&from.address) {
            signs.push(format!("From: {}@…", from.address.local()));
        }
        // A contact form or a copier writes from such an address for a person, and names the person.
        let for_a_person = answer_address(headers)
            .is_some_and(|to| to != from.address && !words::refuses_replies(to.local()));
        if words::refuses_replies(from.address.local()) && !for_a_person {
            signs.push(format!("From: {}@…", from.address.local()));
        }
    }
    signs.extend(words::of_a_machine(evidence.subject, evidence.text));
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
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn judged(head: &str, text: &str) -> Judged {
        let raw = format!("{head}\n\n{text}");
        let headers = Headers::scan(raw.as_bytes());
        let addresses: BTreeSet<Address> = Address::parse("info@divikeys.com").into_iter().collect();
        let own = Own { addresses: &addresses };
        let from = headers.first("From").and_then(|field| field.people().into_iter().next());
        let subject = headers.text("Subject").unwrap_or_default();
        judge(&Evidence {
            headers: &headers,
            from: from.as_ref(),
            subject: &subject,
            text,
            shape: &Shape::default(),
            reports: &[],
            bounce: None,
            own: &own,
        })
    }

    #[test]
    fn headers_decide_the_origin() {
        use Origin::{AutoReply, Bulk, Human, Own};
        for (head, origin, answerable) in [
            ("From: a@b.example", Human, true),
            ("From: a@b.example\nPrecedence: normal", Human, true),
            ("From: a@b.example\nPrecedence: first-class", Human, true),
            ("From: a@b.example\nImportance: high\nX-Priority: 1", Human, true),
            ("From: a@b.example\nReturn-Path: <>", Human, false),
            ("From: a@b.example\nReturn-Path: < >", Human, false),
            ("From: a@b.example\nPrecedence: Bulk", Bulk, false),
            ("From: a@b.example\nPrecedence: list (Mailman)", Bulk, false),
            ("From: a@b.example\nPrecedence: JUNK", AutoReply, false),
            ("From: a@b.example\nPrecedence: auto_reply", AutoReply, false),
            ("From: a@b.example\nX-Autoreply: yes", AutoReply, false),
            ("From: a@b.example\nX-Autorespond: absence", AutoReply, false),
            ("From: a@b.example\nList-Id: <x.list.example>", Bulk, false),
            ("From: a@b.example\nList-Unsubscribe: <https://x.example>", Bulk, false),
            ("From: a@b.example\nFeedback-ID: 1:user:proton", Human, true),
            ("From: a@b.example\nList-Id: <info.divikeys.com>\nPrecedence: list", Human, true),
            ("From: a@b.example\nList-Post: <mailto:info@divikeys.com>\nList-Unsubscribe: <x>", Human, true),
            ("From: noreply@b.example", AutoReply, false),
            ("From: no-reply@b.example\nReply-To: marie@c.example", Human, true),
            ("From: mailer-daemon@b.example", AutoReply, false),
            ("From: scan@b.example\nX-Mailer: bizhub scan", Human, true),
            ("From: info@divikeys.com", Own, false),
            ("From: Info+tag@Divikeys.com", Own, false),
            ("From: claire@divikeys.com", Human, true),
        ] {
            let judged = judged(head, "Bonjour");
            assert_eq!((judged.origin, judged.may_answer.is_yes()), (origin, answerable), "{head}");
        }
    }

    #[test]
    fn trap_17_a_request_for_no_automatic_answer_is_no_sign_of_a_machine() {
        for (value, answerable) in
            [("All", false), ("DR, OOF, AutoReply", false), ("OOF", true), ("DR, RN, NRN", true)]
        {
            let judged = judged(&format!("From: a@b.example\nX-Auto-Response-Suppress: {value}"), "Bonjour");
            assert_eq!((judged.origin, judged.may_answer.is_yes()), (Origin::Human, answerable), "{value}");
        }
    }

    #[test]
    fn trap_19_auto_submitted_in_every_spelling() {
        for (value, origin) in [
            ("no", Origin::Human),
            ("No", Origin::Human),
            (" NO ; reason=\"x\"", Origin::Human),
            ("no (a person)", Origin::Human),
            ("", Origin::Human),
            ("auto-replied", Origin::AutoReply),
            ("  (robot) Auto-Replied ; owner-email=\"a@b.example\"", Origin::AutoReply),
            ("auto-replied (vacation)", Origin::AutoReply),
            ("auto-generated", Origin::AutoReply),
            ("AUTO-GENERATED; x=y", Origin::AutoReply),
            ("auto-notified; owner-email=\"a@b.example\"", Origin::AutoReply),
            ("yes", Origin::AutoReply),
        ] {
            let judged = judged(&format!("From: a@b.example\nAUTO-submitted: {value}"), "Bonjour");
            assert_eq!(judged.origin, origin, "{value:?}");
            assert_eq!(judged.may_answer.is_yes(), origin == Origin::Human, "{value:?}");
        }
    }
}
