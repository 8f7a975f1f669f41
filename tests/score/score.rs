//! Prints how well the words are understood, over the labelled corpus: what was learned from it is
//! measured by cross-validation, never by its fit.
//!
//! `cargo run --release --example score [-- [--verbose] [FOLDER]]`. A FOLDER other than the corpus
//! is judged by the committed weights.

mod learn;
mod read;
mod table;

use std::time::{Duration, Instant};

use complaintd::core::facts::Origin;
use complaintd::mail::reply::{self, Split};
use complaintd::mail::understand::model::{self, Linear};
use complaintd::mail::understand::{self, Reading};

use read::Mail;
use table::Table;

const CORPUS: &str = "tests/data/corpus";
const FOLDS: usize = 5;

fn main() {
    let verbose = std::env::args().any(|arg| arg == "--verbose");
    let folder =
        std::env::args().skip(1).find(|arg| !arg.starts_with("--")).unwrap_or_else(|| CORPUS.to_owned());
    let mails = read::corpus(&folder);
    let human: Vec<&Mail> = mails.iter().filter(|mail| mail.origin() == Origin::Human).collect();
    let mut table = Table::new(verbose);
    for mail in &human {
        judge(mail, &mut table);
    }
    table.time(time_per_mail(&human));
    if folder == CORPUS {
        cross_validate(&human, &mut table);
    }
    table.print();
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
            &model::Signs::of(&reading),
            Some(complaintd::core::facts::Intent::Complaint),
            &understood.contact,
        );
        table.sets(
            mail,
            "missing",
            words_of(&mail.label["missing"]),
            missing.iter().map(|each| each.word()).collect(),
        );
    }
    table.intent(mail, "committed weights", understood.intent.map_or("", |intent| intent.word()));
    if let Some(category) = mail.word("category") {
        let given = understand::category::of(&model::Signs::of(&reading));
        table.same(mail, "category (committed weights)", Some(category), Some(given.word()));
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

/// Learns from four fifths of the mails and judges the last, five times. Mails of one sender stay
/// together, so that nobody's way of writing is learned from and judged by.
fn cross_validate(human: &[&Mail], table: &mut Table) {
    let examples: Vec<learn::Example> = human.iter().map(|mail| learn::of_mail(mail)).collect();
    let mut more = learn::of_phrases("tests/data/phrases.jsonl");
    more.extend(read::corpus("tests/data/words").iter().map(learn::of_mail));
    more.extend(learn::of_table("tests/data/words/examples.tsv"));
    for fold in 0..FOLDS {
        let held_out = |i: usize| fold_of(human[i]) == fold;
        let seen = || (0..human.len()).filter(|i| !held_out(*i)).map(|i| &examples[i]).chain(&more);
        let intents = learn::intents(seen());
        let categories = learn::categories(seen());
        for i in (0..human.len()).filter(|i| held_out(*i)) {
            let mail = human[i];
            let split = reply::split(mail.plain.as_deref(), mail.html.as_deref());
            let reading = reading(mail, &split);
            let signs = model::Signs::of(&reading);
            let (intent, _) = understand::intent::choose(
                &intents.classes,
                &probabilities(&intents, &examples[i].features),
                &signs,
            );
            table.intent(mail, "cross-validated", intent.word());
            if let Some(category) = mail.word("category") {
                let given = understand::category::choose(
                    &categories.classes,
                    &probabilities(&categories, &examples[i].topics),
                );
                table.same(mail, "category (cross-validated)", Some(category), Some(given.word()));
            }
        }
    }
}

fn fold_of(mail: &Mail) -> usize {
    let sender = mail.label["contact"]["email"].as_str().unwrap_or("");
    let sum = sender.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    usize::try_from(sum % FOLDS as u64).expect("a small number")
}

/// What a model says of features that were collected before.
fn probabilities(weights: &Linear, features: &learn::Features) -> Vec<f64> {
    weights.probabilities(|visit| {
        for (name, value) in features {
            visit(name, *value);
        }
    })
}
