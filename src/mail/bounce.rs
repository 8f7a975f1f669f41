//! Delivery status notifications: which letter did not arrive, at whom, and why.
//!
//! Structured ones by RFC 3464; those of qmail, Exim, Gmail, Exchange and Domino that are plain text by
//! the words they use. A person who forwards such a text is no bounce: a machine must have sent it.

use std::sync::LazyLock;

use regex::Regex;

use super::Own;
use super::headers::Headers;
use super::origin::words::refuses_replies;
use super::read::{Report, Shape};
use crate::core::facts::{Bounce, BounceAction};
use crate::core::fold::fold;
use crate::core::ids::{Address, MessageId};

/// Text of a bounce that is read; the notice stands at the beginning, the letter follows.
const MAX_TEXT_CHARS: usize = 20_000;

/// The notification in a mail, if it is one.
pub fn read(
    headers: &Headers<'_>,
    reports: &[Report],
    shape: &Shape,
    text: &str,
    own: &Own<'_>,
) -> Option<Bounce> {
    let status = reports.iter().find(|report| report.media_type.ends_with("delivery-status"));
    let declared = shape.report_type.as_deref() == Some("delivery-status");
    if !declared && status.is_none() && !looks_like_one(headers, text) {
        return None;
    }
    let text: String = text.chars().take(MAX_TEXT_CHARS).collect();
    let mut bounce = status.and_then(|report| structured(&report.text)).unwrap_or_else(|| Bounce {
        recipient: None,
        status: None,
        action: action_by_words(headers, &text),
        original_message_id: None,
    });
    if bounce.recipient.is_none() {
        bounce.recipient = recipient_by_words(headers, &text, own);
    }
    if bounce.status.is_none() {
        bounce.status = status_by_words(&text);
    }
    bounce.original_message_id = original_id(headers, reports, &text);
    Some(bounce)
}

/// One recipient's fields (RFC 3464 §2.3): the first that failed, else the first.
fn structured(report: &str) -> Option<Bounce> {
    let groups = report.split("\n\n").map(fields);
    let mut recipients: Vec<Bounce> = groups.filter_map(|group| recipient(&group)).collect();
    let failed = recipients.iter().position(|each| each.action == BounceAction::Failed).unwrap_or(0);
    (!recipients.is_empty()).then(|| recipients.swap_remove(failed))
}

/// Names in lower case and unfolded values.
fn fields(group: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for line in group.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = out.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            out.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    out
}

fn recipient(group: &[(String, String)]) -> Option<Bounce> {
    let value = |name| group.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str());
    let action =
        value("action").map(|word| word.split_whitespace().next().unwrap_or_default().to_ascii_lowercase());
    let address = |name| value(name).and_then(|typed| typed.rsplit(';').next()).and_then(bare_address);
    // The address we wrote to is the original one; the final one may be where it was forwarded to.
    let recipient = address("original-recipient").or_else(|| address("final-recipient"));
    if action.is_none() && recipient.is_none() {
        return None;
    }
    let action = action.as_deref().and_then(BounceAction::from_word).unwrap_or(BounceAction::Failed);
    let status =
        value("status").and_then(|status| STATUS.find(status)).map(|found| found.as_str().to_owned());
    let told = value("diagnostic-code").and_then(status_by_words);
    Some(Bounce { recipient, status: finer(status, told), action, original_message_id: None })
}

/// `5.0.0` says nothing that the diagnostic code does not say better (RFC 3463 §3.1).
fn finer(status: Option<String>, told: Option<String>) -> Option<String> {
    match (status, told) {
        (Some(status), Some(told)) if status.ends_with(".0.0") && told[..1] == status[..1] => Some(told),
        (status, told) => status.or(told),
    }
}

fn bare_address(text: &str) -> Option<Address> {
    Address::parse(text.trim().trim_matches(['<', '>', '"', '\'', '(', ')', ',', ';', ':', '.']))
}

static STATUS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[245]\.\d{1,3}\.\d{1,3}\b").expect("a fixed pattern"));
/// A status where mail systems write it: after a reply code, `#`, or in brackets, and not in an IP address.
static TOLD_STATUS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\b[245]\d\d[ -]{1,3}#?|#|status:? ?|\(|\[)([245]\.\d{1,3}\.\d{1,3})(?:[^.\d]|$)")
        .expect("a fixed pattern")
});
static REPLY_CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:said|error|response|returned|reply|smtp)[^\n]{0,60}?\b([45])\d\d\b")
        .expect("a fixed pattern")
});

fn status_by_words(text: &str) -> Option<String> {
    if let Some(found) = TOLD_STATUS.captures(text) {
        return Some(found[1].to_owned());
    }
    let folded = fold(text);
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let known = if says(&[
        "mailbox full",
        "quota",
        "boite pleine",
        "boite aux lettres du destinataire est pleine",
        "mailbox is full",
    ]) {
        "5.2.2"
    } else if says(&[
        "user unknown",
        "no such user",
        "address not found",
        "does not exist",
        "unknown user",
        "adresse introuvable",
        "not listed in",
        "inconnu",
    ]) {
        "5.1.1"
    } else if says(&["couldn't find any host", "host not found", "domain not found", "domaine introuvable"]) {
        "5.1.2"
    } else if says(&["timed out", "will be retried", "will keep trying", "still being retried"]) {
        "4.4.1"
    } else {
        return REPLY_CODE.captures(text).map(|found| format!("{}.0.0", &found[1]));
    };
    Some(known.to_owned())
}

/// Who a machine that returns mail calls itself.
pub fn is_daemon(address: &Address) -> bool {
    let local = address.local().to_lowercase();
    ["mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "mdaemon", "mail.daemon"]
        .contains(&local.as_str())
}

static NOTICE_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:undeliver|returned mail|failure notice|mail delivery (?:failed|failure|status)|delivery (?:status notification|failure|has failed|notification)|(?:mail|message) (?:delayed|not delivered|undeliverable)|delayed mail|nondeliverable|non[- ]?remis|echec de (?:la )?(?:remise|distribution)|message non (?:distribue|delivre|remis)|notification d'etat de (?:remise|distribution)|warning: (?:message|could not send)|undelivrable|mail system error|returned to sender|unzustellbar|no se pudo entregar|onbestelbaar|(?:votre|your) (?:message|e-?mail|mail|courriel)[^.]{0,40}? (?:n'a (?:pas|pu)|could not|couldn't|was not|wasn't|has not been) (?:pu )?(?:etre |ete |be )?(?:remis|distribue|delivre|delivered))",
    )
    .expect("a fixed pattern")
});
static NOTICE_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"could(?: not|n't) be delivered|wasn'?t able to deliver|was not delivered|wasn'?t delivered|delivery has failed|did not reach the following|delivery to the following|failed permanently|undeliverable|returned to sender|echec de la remise|n'a (?:pas )?(?:pu )?(?:etre|ete) (?:remis|distribue|delivre)|this is a permanent error|address not found|unable to deliver",
    )
    .expect("a fixed pattern")
});

/// Whether a mail without RFC 3464's parts is a notification: sent by a machine, and it says so.
fn looks_like_one(headers: &Headers<'_>, text: &str) -> bool {
    if headers.has("X-Failed-Recipients") || headers.has("X-MS-Exchange-Message-Is-Ndr") {
        return true;
    }
    let from = headers.addresses("From");
    let from_daemon = from.first().is_some_and(is_daemon);
    let from_machine = headers.first("Return-Path").is_some_and(|field| field.token() == "<>")
        || from.first().is_some_and(|from| refuses_replies(from.local()));
    let subject = fold(&headers.text("Subject").unwrap_or_default());
    let says_subject = NOTICE_SUBJECT.is_match(&subject);
    let says_text = || NOTICE_TEXT.is_match(&fold(&text.chars().take(3_000).collect::<String>()));
    from_daemon && (says_subject || says_text()) || from_machine && says_subject && says_text()
}

fn action_by_words(headers: &Headers<'_>, text: &str) -> BounceAction {
    let subject = fold(&headers.text("Subject").unwrap_or_default());
    let beginning = fold(&text.chars().take(3_000).collect::<String>());
    let delayed = ["delayed", "warning", "retarde", "differe"].iter().any(|word| subject.contains(word))
        || ["will be retried", "still being retried", "will keep trying", "warning only", "sera retente"]
            .iter()
            .any(|word| beginning.contains(word));
    if delayed { BounceAction::Delayed } else { BounceAction::Failed }
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9._%+'=/~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").expect("a fixed pattern")
});

/// The first address in the notice itself that is neither ours nor a machine's.
fn recipient_by_words(headers: &Headers<'_>, text: &str, own: &Own<'_>) -> Option<Address> {
    let failed = headers.addresses("X-Failed-Recipients").into_iter().next();
    failed.or_else(|| {
        let candidates = ADDRESS.find_iter(text).filter_map(|found| bare_address(found.as_str()));
        candidates.into_iter().find(|address| !own.has(address) && !is_daemon(address))
    })
}

static ID_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?im)^[> ]*message-id:[ \t]*\n?[ \t]*<([^<>\s]{3,500})>").expect("a fixed pattern")
});

/// The Message-ID of the letter: in the returned headers, in the text, or as what is answered.
fn original_id(headers: &Headers<'_>, reports: &[Report], text: &str) -> Option<MessageId> {
    let mut returned = reports
        .iter()
        .filter(|report| report.media_type.contains("rfc822") || report.media_type.contains("global"));
    let in_report = returned.find_map(|report| ID_LINE.captures(&report.text));
    let found = in_report.or_else(|| ID_LINE.captures(text)).and_then(|id| MessageId::parse(&id[1]));
    let last = |name| headers.first(name).and_then(|field| field.message_ids().pop());
    found.or_else(|| last("In-Reply-To")).or_else(|| last("References"))
}
