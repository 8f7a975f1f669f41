//! The virus scanner has looked at a mail that came while it was down: verdicts change, and a finding is
//! told as it would have been then (PROCEDURE 7.5).

use jiff::Timestamp;

use super::raise;
use crate::core::case::{Case, Document};
use crate::core::event::{DocumentVerdict, Event};
use crate::core::facts::MailFacts;
use crate::core::policy::{Policy, Standing};
use crate::core::scan;

pub(super) fn decide(
    case: &Case,
    mail: &MailFacts,
    standing: Standing,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let mut events = Vec::new();
    let verdicts: Vec<DocumentVerdict> = mail
        .documents()
        .map(|each| DocumentVerdict { sha256: each.sha256, verdict: each.verdict.clone() })
        .filter(|told| case.documents.iter().any(|document| is_news(document, told)))
        .collect();
    if !verdicts.is_empty() {
        events.push(Event::DocumentsScanned { verdicts });
    }
    if let Some(found) = scan::attention(mail) {
        raise(&mut events, case, found, standing, now, policy);
    }
    events
}

fn is_news(document: &Document, told: &DocumentVerdict) -> bool {
    document.sha256 == Some(told.sha256) && document.verdict != told.verdict
}
