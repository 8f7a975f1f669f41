//! What the templates are filled with: one table of variables per kind of letter.
//!
//! A value that a letter must not be without is left out of the table when it is blank, so that the
//! letter is blocked and the error names it. A value that may be absent is there, and empty.
//! What customers wrote enters only here, and only cleaned.

use std::collections::BTreeMap;

use jiff::Timestamp;
use minijinja::Value;

use super::super::template::words::{self, Tongue, clean, clean_file_name};
use super::{Sender, attention};
use crate::core::calendar::Calendar;
use crate::core::case::{Case, Clock, Document};
use crate::core::facts::{Flag, Missing};
use crate::core::ids::CaseNumber;
use crate::core::letter::{Letter, LetterKind, LetterLanguage};
use crate::core::policy::Policy;

/// Longest subject that is quoted back, in characters.
const LONGEST_SUBJECT: usize = 150;
/// Documents that are named one by one; the others are counted.
const DOCUMENTS_NAMED: usize = 20;

pub(super) type Table = BTreeMap<&'static str, Value>;

pub(super) fn of(case: &Case, letter: &Letter, policy: &Policy, sender: &Sender, tongue: Tongue) -> Value {
    Value::from(table(case, letter, policy, sender, tongue))
}

pub(super) fn table(case: &Case, letter: &Letter, policy: &Policy, sender: &Sender, tongue: Tongue) -> Table {
    let mut table = company(policy, sender, tongue);
    table.insert("both", Value::from(letter.language == LetterLanguage::Both));
    match letter.kind {
        LetterKind::Acknowledgement => acknowledgement(&mut table, case, letter, policy, tongue),
        LetterKind::Notice => notice(&mut table, case, letter, policy, tongue),
    }
    table
}

fn company(policy: &Policy, sender: &Sender, tongue: Tongue) -> Table {
    let mut table = Table::new();
    must(&mut table, "company", &sender.name);
    must(&mut table, "legal_name", &sender.legal_name);
    must(&mut table, "department", tongue.pick(&sender.department_fr, &sender.department_en));
    must(&mut table, "email", policy.mailbox.as_str());
    must(&mut table, "phone", &sender.phone);
    must(&mut table, "website", &sender.website);
    must(&mut table, "privacy_url", &sender.privacy_url);
    let lines = sender.postal.iter().map(|line| line.trim().to_owned());
    let postal: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    table.insert("clock_name", Value::from(words::clock_name(policy.calendar.zone_name(), tongue)));
    if !postal.is_empty() {
        table.insert("postal", Value::from(postal));
    }
    table
}

fn must(table: &mut Table, name: &'static str, value: &str) {
    let value = value.trim();
    if !value.is_empty() {
        table.insert(name, Value::from(value));
    }
}

fn acknowledgement(table: &mut Table, case: &Case, letter: &Letter, policy: &Policy, tongue: Tongue) {
    let calendar = &policy.calendar;
    table.insert("reference", Value::from(case.number.to_string()));
    table.insert("name", Value::from(greeted_name(case, letter)));
    table.insert("subject", Value::from(without_links(&clean(&case.subject, LONGEST_SUBJECT))));
    table.insert("channel", Value::from(case.channel.word()));
    if let Some(received_at) = case.received_at {
        table.insert("received_at", instant(received_at, calendar));
    }
    if let Some(due) = case.dues.get(&Clock::Resolution) {
        table.insert("answer_by", day(due.due_at, calendar));
    }
    table.insert("answer_days", Value::from(Calendar::RESOLUTION_DAYS));
    let admissible_by = case.dues.get(&Clock::Admissibility).map(|due| day(due.due_at, calendar));
    table.insert("admissible_by", admissible_by.unwrap_or_else(|| Value::from("")));
    table.insert("fraud_suspected", Value::from(case.flags.contains(&Flag::FraudSuspected)));
    table.insert("for_another", Value::from(case.for_another));
    documents(table, &case.documents);
    let words_of = |item: &Missing| words::typeset(missing_words(*item, tongue), tongue);
    let missing: Vec<String> = case.missing.iter().map(words_of).collect();
    table.insert("missing", Value::from(missing));
}

/// The name in the greeting, or nothing where what stands there is no name: whoever forges a sender
/// must not get an advertisement sent in our name.
fn greeted_name(case: &Case, letter: &Letter) -> String {
    let stated = case.complainant.as_ref().map_or("", |complainant| complainant.name.as_str());
    let name = clean(if stated.trim().is_empty() { &letter.to_name } else { stated }, super::LONGEST_NAME);
    let name = name.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace());
    let odd = |c: char| c.is_ascii_digit() || "@/:<>{}[]…=?!%$*|\\".contains(c);
    let webby = name.split_whitespace().any(|word| word.trim_end_matches('.').contains('.'));
    if name.contains(odd) || webby { String::new() } else { name.to_owned() }
}

/// Whoever forges a sender must not get a link sent in our name: words that name a web page or a mail
/// address are left out.
fn without_links(text: &str) -> String {
    let names_a_page = |word: &str| {
        let word = word.to_lowercase();
        ["://", "www.", "@", "mailto:", "tel:"].iter().any(|sign| word.contains(sign)) || is_host(&word)
    };
    text.split(' ').map(|word| if names_a_page(word) { "[…]" } else { word }).collect::<Vec<_>>().join(" ")
}

/// `evil.example/claim`, `bit.ly/x`: letters around a dot and a path after them, which mail programs
/// make a link of.
fn is_host(word: &str) -> bool {
    word.split_once('/').is_some_and(|(host, _)| {
        host.rsplit_once('.').is_some_and(|(name, ending)| {
            !name.is_empty() && ending.len() >= 2 && ending.chars().all(char::is_alphabetic)
        })
    })
}

fn documents(table: &mut Table, documents: &[Document]) {
    let named: Vec<Value> = documents
        .iter()
        .take(DOCUMENTS_NAMED)
        .map(|document| {
            let entry: Table = [
                ("name", Value::from(without_links(&clean_file_name(&document.name)))),
                ("bytes", Value::from(document.bytes)),
            ]
            .into();
            Value::from(entry)
        })
        .collect();
    table.insert("documents", Value::from(named));
    table.insert("more_documents", Value::from(documents.len().saturating_sub(DOCUMENTS_NAMED)));
}

/// What would help, asked as a courtesy; never an identity document, a password or a card.
fn missing_words(item: Missing, tongue: Tongue) -> &'static str {
    match item {
        Missing::Name => tongue.pick("vos nom et prénom", "your full name"),
        Missing::Contact => tongue.pick(
            "un numéro de téléphone ou une adresse postale où vous joindre",
            "a telephone number or postal address at which we can reach you",
        ),
        Missing::Description => tongue.pick(
            "une description précise du problème rencontré : ce qui s’est passé, et quand",
            "a precise description of the problem: what happened, and when",
        ),
        Missing::StepsTaken => tongue.pick(
            "les démarches que vous avez déjà faites pour le résoudre",
            "the steps you have already taken to resolve it",
        ),
        Missing::Evidence => tongue.pick(
            "les documents utiles : captures d’écran, courriels, relevés",
            "any useful documents: screenshots, e-mails, statements",
        ),
    }
}

fn notice(table: &mut Table, case: &Case, letter: &Letter, policy: &Policy, tongue: Tongue) {
    let calendar = &policy.calendar;
    let about = attention::words(letter, case, policy, tongue);
    table.insert("title", Value::from(words::typeset(&about.title, tongue)));
    let happened: Vec<String> = about.happened.iter().map(|text| words::typeset(text, tongue)).collect();
    table.insert("happened", Value::from(happened));
    let steps: Vec<Value> = about
        .steps
        .into_iter()
        .map(|step| {
            let text = Value::from(words::typeset(&step.text, tongue));
            let entry: Table = [("text", text), ("command", Value::from(step.command))].into();
            Value::from(entry)
        })
        .collect();
    table.insert("steps", Value::from(steps));
    let has_case = case.number != CaseNumber::DESK;
    let reference = if has_case { case.number.to_string() } else { String::new() };
    table.insert("reference", Value::from(reference));
    table.insert("complainant", Value::from(complainant(case)));
    table.insert("subject", Value::from(without_links(&clean(&case.subject, LONGEST_SUBJECT))));
    table.insert("received_at", case.received_at.map_or_else(|| Value::from(""), |at| instant(at, calendar)));
    table.insert("dues", Value::from(dues(case, letter.written_at, calendar, tongue)));
}

fn complainant(case: &Case) -> String {
    let Some(complainant) = &case.complainant else {
        return String::new();
    };
    let name = clean(&complainant.name, super::LONGEST_NAME);
    match &complainant.address {
        Some(address) if name.is_empty() => address.to_string(),
        Some(address) => format!("{name} <{address}>"),
        None => name,
    }
}

/// The due dates that still run; the inner watch is not a promise and is not shown.
fn dues(case: &Case, now: Timestamp, calendar: &Calendar, tongue: Tongue) -> Vec<Value> {
    let mut pending: Vec<_> = case.pending().filter(|(clock, _)| !clock.is_watch()).collect();
    pending.sort_by_key(|(_, due_at)| *due_at);
    pending
        .into_iter()
        .map(|(clock, due_at)| {
            let hour = if clock == Clock::Ack { instant(due_at, calendar) } else { Value::from("") };
            let entry: Table = [
                ("what", Value::from(attention::clock_words(clock, tongue))),
                ("day", day(due_at, calendar)),
                ("hour", hour),
                ("late", Value::from(due_at <= now)),
            ]
            .into();
            Value::from(entry)
        })
        .collect()
}

/// A local date, for the filter `date`.
fn day(at: Timestamp, calendar: &Calendar) -> Value {
    Value::from(calendar.local_date(at).to_string())
}

/// A local date and hour, for the filters `date` and `time`.
fn instant(at: Timestamp, calendar: &Calendar) -> Value {
    Value::from(calendar.local(at).datetime().to_string())
}
