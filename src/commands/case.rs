//! `case list` and `case show`: the register, as a table for people and as the JSON of PRODUCT §6.

use std::collections::BTreeMap;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;

use super::{Format, print_json, table};
use crate::core::authenticity::Authenticity;
use crate::core::calendar::Calendar;
use crate::core::case::{Case, Clock, Document, DueOutcome, JournalEntry};
use crate::core::facts::{Category, Flag};
use crate::core::ids::CaseNumber;
use crate::core::letter::Attention;
use crate::core::scan::Setup;
use crate::ports::{LetterEntry, MailEntry, Store};

/// One case, with the fields of the contract; those of later issues are present and empty.
#[derive(Debug, Serialize)]
pub struct CaseView {
    reference: String,
    /// `complaint`, or `R1` for the first re-examination.
    stage: String,
    status: &'static str,
    category: Option<&'static str>,
    language: &'static str,
    complainant: ComplainantView,
    channel: &'static str,
    sent_at: Option<String>,
    received_at: Option<String>,
    acknowledged_at: Option<String>,
    handler: Option<String>,
    due: BTreeMap<&'static str, String>,
    extended_to: Option<String>,
    outcome: Option<String>,
    /// Rungs of escalation reached.
    level: u32,
    flags: Vec<&'static str>,
    subject: String,
    /// What waits for a human.
    attention: Vec<serde_json::Value>,
}

#[derive(Debug, Serialize)]
struct ComplainantView {
    name: Option<String>,
    address: Option<String>,
}

#[derive(Serialize)]
struct FullView {
    #[serde(flatten)]
    case: CaseView,
    documents: Vec<serde_json::Value>,
    messages: Vec<serde_json::Value>,
    letters: Vec<serde_json::Value>,
    journal: Vec<serde_json::Value>,
    notes: Vec<serde_json::Value>,
}

impl CaseView {
    pub fn of(case: &Case, calendar: &Calendar) -> Self {
        let local = |at: Timestamp| instant(calendar, at);
        let complainant = case.complainant.as_ref();
        Self {
            reference: reference(case),
            stage: if case.stage == 0 { "complaint".to_owned() } else { format!("R{}", case.stage) },
            status: case.state.word(),
            category: case.category.map(Category::word),
            language: case.language.word(),
            complainant: ComplainantView {
                name: complainant.map(|c| c.name.clone()).filter(|name| !name.is_empty()),
                address: complainant.and_then(|c| c.address.as_ref()).map(ToString::to_string),
            },
            channel: case.channel.word(),
            sent_at: case.sent_at.map(local),
            received_at: case.received_at.map(local),
            acknowledged_at: case.acknowledged_at.map(local),
            handler: None,
            due: dues(case, calendar),
            extended_to: None,
            outcome: None,
            level: case.attention.iter().map(|told| u32::from(is_rung(told))).sum(),
            flags: case.flags.iter().copied().map(Flag::word).collect(),
            subject: case.subject.clone(),
            attention: case.attention.iter().filter_map(|a| serde_json::to_value(a).ok()).collect(),
        }
    }
}

/// Whether this told a human that a clock runs out, or has.
fn is_rung(told: &Attention) -> bool {
    matches!(told, Attention::AcknowledgementNotSent { .. } | Attention::DeadlineMissed { .. })
}

/// `R-2026-000123-K`, with `/R1` in a re-examination.
fn reference(case: &Case) -> String {
    if case.stage == 0 { case.number.to_string() } else { format!("{}/R{}", case.number, case.stage) }
}

/// Due dates: the 48 hours as an instant, the others as the last day that is in time.
fn dues(case: &Case, calendar: &Calendar) -> BTreeMap<&'static str, String> {
    let written = case.dues.iter().filter(|(clock, _)| !clock.is_watch());
    let mut dues: BTreeMap<&'static str, String> = written
        .map(|(clock, due)| match clock {
            Clock::Ack => (clock.word(), instant(calendar, due.due_at)),
            _ => (clock.word(), calendar.local_date(due.due_at).to_string()),
        })
        .collect();
    if let Some(limit) = case.mediator_limit {
        dues.insert("mediator_limit", limit.to_string());
    }
    dues
}

/// RFC 3339 with the desk's offset, to the second.
pub fn instant(calendar: &Calendar, at: Timestamp) -> String {
    calendar.local(at).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn short(calendar: &Calendar, at: Timestamp) -> String {
    calendar.local(at).strftime("%Y-%m-%d %H:%M").to_string()
}

pub async fn list(store: &dyn Store, calendar: &Calendar, format: Format) -> anyhow::Result<()> {
    let cases: Vec<Case> =
        store.cases().await?.into_iter().filter(|c| c.number != CaseNumber::DESK).collect();
    if format == Format::Json {
        return cases.iter().try_for_each(|case| print_json(&CaseView::of(case, calendar)));
    }
    let rows: Vec<Vec<String>> = cases.iter().map(|case| row(case, calendar)).collect();
    table(
        &["reference", "status", "received", "acknowledged", "answer due", "from", "subject", "attention"],
        &rows,
    );
    Ok(())
}

fn row(case: &Case, calendar: &Calendar) -> Vec<String> {
    let due = case.dues.get(&Clock::Resolution).map(|due| {
        let late = if due.outcome == DueOutcome::Missed { " LATE" } else { "" };
        format!("{}{late}", calendar.local_date(due.due_at))
    });
    let from = case
        .complainant
        .as_ref()
        .map(|c| c.address.as_ref().map_or_else(|| c.name.clone(), ToString::to_string));
    vec![
        reference(case),
        case.state.to_string(),
        case.received_at.map(|at| short(calendar, at)).unwrap_or_default(),
        case.acknowledged_at.map_or_else(|| "not yet".to_owned(), |at| short(calendar, at)),
        due.unwrap_or_default(),
        from.unwrap_or_default(),
        case.subject.chars().take(40).collect(),
        case.attention.iter().map(Attention::word).collect::<Vec<_>>().join(" "),
    ]
}

pub async fn show(
    store: &dyn Store,
    calendar: &Calendar,
    setup: Setup,
    number: CaseNumber,
    format: Format,
) -> anyhow::Result<()> {
    let case = store.case(number).await?.with_context(|| {
        format!("there is no case {number}: `complaintd case list` shows those that there are")
    })?;
    let journal = store.journal(number).await?;
    let letters = store.letters(None, Some(number)).await?;
    let messages = store.mails(None, Some(number)).await?;
    if format == Format::Json {
        return print_json(&FullView {
            case: CaseView::of(&case, calendar),
            documents: case.documents.iter().map(|d| document_view(d, setup)).collect(),
            messages: messages.iter().map(|m| message_view(m, calendar)).collect(),
            letters: letters.iter().map(|l| letter_view(l, calendar)).collect(),
            journal: journal.iter().map(|j| journal_view(j, calendar)).collect(),
            notes: Vec::new(),
        });
    }
    print_case(&case, calendar);
    if !case.documents.is_empty() {
        say!("\nDocuments");
    }
    for document in &case.documents {
        let kept_back = document.kept_back(setup).map(|why| format!("  KEPT BACK: {why}"));
        say!(
            "  {}  ({} bytes)  {}",
            document.name,
            document.bytes,
            kept_back.unwrap_or_else(|| document.verdict.clone())
        );
    }
    say!("\nMessages");
    for mail in &messages {
        say!(
            "  {}  #{}  {}",
            short(calendar, mail.received_at),
            mail.id,
            mail.subject.as_deref().unwrap_or("(no subject)")
        );
        if let Some(found) = mail.authenticity.as_ref().filter(|found| **found != Authenticity::default()) {
            say!("      sender {} ({})", found.verdict, found.why);
        }
    }
    say!("\nLetters");
    for l in &letters {
        say!(
            "  {}  {}  {} to {}  ({} attempts)  {}",
            l.ordinal,
            l.kind,
            l.state,
            l.recipient,
            l.attempts,
            l.reply.as_deref().unwrap_or("")
        );
    }
    say!("\nJournal");
    for entry in &journal {
        say!("  {:>3}  {}  {}", entry.seq, short(calendar, entry.at), entry.event.kind());
    }
    Ok(())
}

fn print_case(case: &Case, calendar: &Calendar) {
    say!("{}  {}  {}", reference(case), case.state, case.subject);
    if let Some(complainant) = &case.complainant {
        let address = complainant.address.as_ref().map(ToString::to_string).unwrap_or_default();
        say!("  from            {} {address}", complainant.name);
    }
    if let Some(at) = case.received_at {
        say!("  received        {}", short(calendar, at));
    }
    let acknowledged = case.acknowledged_at.map_or_else(|| "not yet".to_owned(), |at| short(calendar, at));
    say!("  acknowledged    {acknowledged}");
    for (what, said) in understood(case) {
        say!("  {what:<16}{said}");
    }
    for (clock, due) in dues(case, calendar) {
        say!("  {clock:<16}{due}{}", outcome(case, clock));
    }
    for attention in &case.attention {
        say!("  ! {}", attention.word());
    }
}

/// What was understood of the complaint, for whoever opens the case; nothing where nothing was.
fn understood(case: &Case) -> Vec<(&'static str, String)> {
    let list = |words: Vec<&'static str>| words.join(", ").replace('_', " ");
    let another = if case.for_another { "writes for somebody else: no mandate, no disclosure" } else { "" };
    let rows = [
        ("category", case.category.map_or_else(String::new, |category| list(vec![category.word()]))),
        ("language", case.language.word().to_owned()),
        ("flags", list(case.flags.iter().map(|flag| flag.word()).collect())),
        ("missing", list(case.missing.iter().map(|item| item.word()).collect())),
        ("mandate", another.to_owned()),
    ];
    rows.into_iter().filter(|(_, said)| !said.is_empty()).collect()
}

fn outcome(case: &Case, clock: &str) -> &'static str {
    let due = case.dues.iter().find(|(each, _)| each.word() == clock);
    match due.map(|(_, due)| due.outcome) {
        Some(DueOutcome::Met) => "  met",
        Some(DueOutcome::Missed) => "  LATE",
        _ => "",
    }
}

fn document_view(document: &Document, setup: Setup) -> serde_json::Value {
    serde_json::json!({
        "name": document.name,
        "bytes": document.bytes,
        "sha256": document.sha256.map(|digest| digest.to_string()),
        "verdict": document.verdict,
        "kept_back": document.kept_back(setup),
    })
}

pub fn letter_view(letter: &LetterEntry, calendar: &Calendar) -> serde_json::Value {
    serde_json::json!({
        "id": letter.id,
        "reference": letter.case.to_string(),
        "ordinal": letter.ordinal,
        "kind": letter.kind.word(),
        "channel": letter.channel.word(),
        "recipient": letter.recipient.to_string(),
        "message_id": letter.message_id.to_string(),
        "state": letter.state.word(),
        "attempts": letter.attempts,
        "written_at": instant(calendar, letter.written_at),
        "next_at": letter.next_at.map(|at| instant(calendar, at)),
        "reply": letter.reply,
    })
}

pub fn message_view(mail: &MailEntry, calendar: &Calendar) -> serde_json::Value {
    serde_json::json!({
        "id": mail.id,
        "digest": mail.digest.to_string(),
        "mailbox": mail.place.mailbox,
        "folder": mail.place.folder,
        "message_id": mail.message_id,
        "from": mail.sender.as_ref().map(ToString::to_string),
        "subject": mail.subject,
        "received_at": instant(calendar, mail.received_at),
        "sent_at": mail.sent_at.map(|at| instant(calendar, at)),
        "bytes": mail.bytes,
        "disposition": mail.disposition.word(),
        "cause": mail.cause,
        "tries": mail.tries,
        "scan": mail.scan.text(),
        "authenticity": mail.authenticity,
    })
}

fn journal_view(entry: &JournalEntry, calendar: &Calendar) -> serde_json::Value {
    serde_json::json!({
        "seq": entry.seq,
        "at": instant(calendar, entry.at),
        "actor": entry.actor,
        "event": entry.event,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    })
}
