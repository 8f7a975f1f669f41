//! Prints how well the words are understood: what was learned is measured by what it has not seen,
//! never by its fit, and beside the previous figures.
//!
//! `cargo run --release --example score [-- [--verbose] [--keep] [FOLDER | TABLE]]`. A FOLDER with
//! `labels.jsonl` or a TABLE of sentences is judged by the committed weights alone; `--keep` makes the
//! figures the previous ones.

mod examples;
mod learn;
mod notes;
mod read;
mod table;
mod validate;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use complaintd::core::facts::{Category, Intent, MailFacts};
use complaintd::core::ids::Address;
use complaintd::mail::{self, Own};
use serde_json::Value;

use table::Table;

const CORPUS: &str = "tests/data/corpus";

fn main() {
    let asked = |flag: &str| std::env::args().any(|arg| arg == flag);
    let given = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let mut table = Table::new(asked("--verbose"));
    match given {
        Some(file) if std::path::Path::new(&file).is_file() => committed_over_table(&file, &mut table),
        Some(folder) => {
            over_mails(&folder, &mut table);
            table.rules();
        }
        None => {
            over_mails(CORPUS, &mut table);
            table.rules();
            over_unseen(&mut table);
        }
    }
    table.print();
    if asked("--keep") {
        table.keep();
    }
}

/// Every mail read as `complaintd inspect` reads it.
fn over_mails(folder: &str, table: &mut Table) {
    let mails: Vec<(Value, Vec<u8>)> = read::labelled(folder);
    for (label, raw) in &mails {
        judge(label, &facts(raw), table);
    }
    println!("time per mail: {:?}", time_per_mail(&mails));
}

fn facts(raw: &[u8]) -> MailFacts {
    let addresses: BTreeSet<Address> = Address::parse("info@divikeys.com").into_iter().collect();
    mail::facts(raw, &Own { addresses: &addresses })
}

fn over_unseen(table: &mut Table) {
    let all = examples::all();
    let judged = validate::cross_validated(&all);
    table.learned("cross-validated", &judged);
    table.learned("source left out", &validate::source_left_out(&all));
    table.notes(&validate::notes_left_out(&notes::all()));
    println!("Cross-validated, what was taken for what:");
    Table::confusions(&judged);
}

fn committed_over_table(file: &str, table: &mut Table) {
    let all = examples::of_table("examples", file);
    let judged = validate::committed(&all);
    table.learned("committed weights", &judged);
    Table::confusions(&judged);
}

/// One mail against its label.
fn judge(label: &Value, facts: &MailFacts, table: &mut Table) {
    let place = label["file"].as_str().unwrap_or_default();
    let word = |key: &str| label[key].as_str();
    let is_human = word("origin") == Some("human");
    let origin = serde_json::to_value(facts.origin).expect("a word");
    table.same(place, "origin", word("origin"), origin.as_str());
    let answerable = if facts.may_answer.is_yes() { "yes" } else { "no" };
    let field = if is_human { "a person may be answered" } else { "a machine is not answered" };
    table.same(place, field, Some(if is_human { "yes" } else { "no" }), Some(answerable));
    if !is_human {
        return;
    }
    table.reply(place, word("reply_text"), &facts.reply_text);
    table.same(place, "language", word("language"), Some(facts.language.word()));
    let contact = &label["contact"];
    table.same(place, "contact.name", contact["name"].as_str(), facts.contact.name.as_deref());
    table.same(place, "contact.phone", contact["phone"].as_str(), facts.contact.phone.as_deref());
    let postal = facts.contact.postal_address.as_deref();
    table.same(place, "contact.postal_address", contact["postal_address"].as_str(), postal);
    let refers: Vec<String> = facts.refers_to.iter().map(ToString::to_string).collect();
    table.same(place, "refers_to", word("refers_to"), refers.first().map(String::as_str));
    let flags = facts
        .flags
        .iter()
        .map(|flag| flag.word())
        .filter(|flag| !matches!(*flag, "data_request" | "data_breach_suspected"));
    table.sets(place, "flags", words_of(&label["flags"]), flags.collect());
    if word("intent") == Some("complaint") {
        let missing = facts.missing.iter().map(|each| each.word()).collect();
        table.sets(place, "missing", words_of(&label["missing"]), missing);
    }
    let documents: Vec<(String, u64)> =
        facts.documents().map(|each| (each.name.clone(), each.bytes)).collect();
    table.documents(place, &label["attachments"], documents);
    let intent = facts.intent.map(Intent::word);
    table.same(place, "intent (committed weights)", word("intent"), intent);
    for class in ["complaint", "reexamination"] {
        table.found(class, word("intent") == Some(class), intent == Some(class));
    }
    if let Some(wanted) = word("category") {
        let given = facts.category.map(Category::word);
        table.same(place, "category (committed weights)", Some(wanted), given);
    }
}

fn words_of(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Reading and understanding, the mean of many readings of each mail.
#[expect(clippy::disallowed_methods, reason = "a measurement needs the clock")]
fn time_per_mail(mails: &[(Value, Vec<u8>)]) -> Duration {
    const REPEATS: u32 = 5;
    let begun = Instant::now();
    for _ in 0..REPEATS {
        for (_, raw) in mails {
            std::hint::black_box(facts(raw));
        }
    }
    begun.elapsed() / (REPEATS * u32::try_from(mails.len().max(1)).expect("a few mails"))
}
