//! Prints how well the words are understood: what was learned is measured by what it has not seen,
//! never by its fit, and beside the previous figures.
//!
//! `cargo run --release --example score [-- [--verbose] [--keep] [FOLDER | TABLE]]`. A FOLDER with
//! `labels.jsonl` or a TABLE of sentences is judged by the committed weights alone; `--keep` makes the
//! figures the previous ones.

mod examples;
mod learn;
mod read;
mod table;
mod validate;

use std::time::{Duration, Instant};

use complaintd::core::facts::{Intent, Origin};
use complaintd::mail::reply::{self, Split};
use complaintd::mail::understand::features::{self, Heard};
use complaintd::mail::understand::signs::Signs;
use complaintd::mail::understand::{self, Reading};

use read::Mail;
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

fn over_mails(folder: &str, table: &mut Table) {
    let mails = read::corpus(folder);
    let human: Vec<&Mail> = mails.iter().filter(|mail| mail.origin() == Origin::Human).collect();
    for mail in &human {
        judge(mail, table);
    }
    println!("time per mail: {:?}", time_per_mail(&human));
}

fn over_unseen(table: &mut Table) {
    let all = examples::all();
    let judged = validate::cross_validated(&all);
    table.learned("cross-validated", &judged);
    table.learned("source left out", &validate::source_left_out(&all));
    println!("Cross-validated, what was taken for what:");
    Table::confusions(&judged);
}

fn committed_over_table(file: &str, table: &mut Table) {
    let all = examples::of_table("examples", file);
    let judged = validate::committed(&all);
    table.learned("committed weights", &judged);
    Table::confusions(&judged);
}

/// All that does not learn, and what the committed weights say.
fn judge(mail: &Mail, table: &mut Table) {
    let split = reply::split(mail.plain.as_deref(), mail.html.as_deref());
    let reading = reading(mail, &split);
    let understood = understand::understand(&reading);
    table.reply(mail, &split.reply);
    table.same(mail, "language", mail.word("language"), Some(understood.language.word()));
    let contact = &mail.label["contact"];
    table.same(mail, "contact.name", contact["name"].as_str(), understood.contact.name.as_deref());
    table.same(mail, "contact.phone", contact["phone"].as_str(), understood.contact.phone.as_deref());
    table.same(
        mail,
        "contact.postal_address",
        contact["postal_address"].as_str(),
        understood.contact.postal_address.as_deref(),
    );
    let refers: Vec<String> = understood.refers_to.iter().map(ToString::to_string).collect();
    table.same(mail, "refers_to", mail.word("refers_to"), refers.first().map(String::as_str));
    let flags = understood
        .flags
        .iter()
        .map(|flag| flag.word())
        .filter(|flag| !matches!(*flag, "data_request" | "data_breach_suspected"));
    table.sets(mail, "flags", words_of(&mail.label["flags"]), flags.collect());
    if mail.word("intent") == Some("complaint") {
        let missing = understand::missing::of(
            &reading,
            &Signs::of(&reading),
            Some(Intent::Complaint),
            &understood.contact,
        );
        table.sets(
            mail,
            "missing",
            words_of(&mail.label["missing"]),
            missing.iter().map(|each| each.word()).collect(),
        );
    }
    let intent = understood.intent.map(Intent::word);
    table.same(mail, "intent (committed weights, seen)", mail.word("intent"), intent);
    if let Some(wanted) = mail.word("category") {
        let signs = Signs::of(&reading);
        let words = Heard::of(|visit| features::of_words(&signs, visit));
        let (given, _) = understand::category::of(&signs, &words);
        table.same(mail, "category (committed weights, seen)", Some(wanted), Some(given.word()));
    }
}

fn words_of(value: &serde_json::Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect()
}

/// Splitting and understanding, the mean of many readings of each mail.
#[expect(clippy::disallowed_methods, reason = "a measurement needs the clock")]
fn time_per_mail(mails: &[&Mail]) -> Duration {
    const REPEATS: u32 = 20;
    let begun = Instant::now();
    for _ in 0..REPEATS {
        for mail in mails {
            let split = reply::split(mail.plain.as_deref(), mail.html.as_deref());
            std::hint::black_box(understand::understand(&reading(mail, &split)));
        }
    }
    begun.elapsed() / (REPEATS * u32::try_from(mails.len().max(1)).expect("a few mails"))
}

fn reading<'a>(mail: &'a Mail, split: &'a Split) -> Reading<'a> {
    Reading {
        from: mail.from.as_ref(),
        subject: &mail.subject,
        split,
        attachments: &mail.attachments,
        origin: mail.origin(),
        answers_something: mail.answers,
    }
}
