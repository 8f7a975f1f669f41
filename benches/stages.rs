//! What one mail costs at each stage, on one core: reading, deciding, composing.
//!
//! `cargo bench --bench stages`

use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::Path;

use complaintd::core::case::Case;
use complaintd::core::decide::{Input, applied, decide, next_number};
use complaintd::core::event::Event;
use complaintd::core::facts::{MailFacts, Origin};
use complaintd::core::policy::{Policy, Standing};
use complaintd::core::route::{Known, route};
use complaintd::mail::reply::split;
use complaintd::mail::understand::{Reading, understand};
use complaintd::mail::{self, Own, read};
use criterion::{Criterion, Throughput};

#[path = "../tests/common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the benches use a part of it")]
mod common;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let policy = common::policy();
    let five_kilobytes = five_kilobytes();
    reading(&mut criterion, &policy, &five_kilobytes);
    deciding(&mut criterion, &policy, &five_kilobytes);
    criterion.final_summary();
}

/// A complaint as people write them, with a quoted letter below that makes it 5 kB.
fn five_kilobytes() -> Vec<u8> {
    let mut mail = "From: Marie Dupont <marie@exemple.fr>\r\nTo: info@divikeys.com\r\nSubject: Virement jamais re=?utf-8?q?=C3=A7u?=\r\n\
         Date: Mon, 1 Jun 2026 07:59:00 -0400\r\nMessage-ID: <m1@exemple.fr>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         Bonjour,\r\n\r\nmon virement de 200 euros du 3 mai n'est jamais arrivé. Je demande son remboursement.\r\n\r\n\
         Cordialement,\r\nMarie Dupont\r\n+590 690 12 34 56\r\n\r\nLe 3 mai 2026 à 10:12, Divikeys <info@divikeys.com> a écrit :\r\n"
        .to_owned();
    while mail.len() < 5_000 {
        mail.push_str("> Votre virement a été enregistré et sera traité dans les meilleurs délais par nos services.\r\n");
    }
    mail.into_bytes()
}

fn reading(criterion: &mut Criterion, policy: &Policy, five_kilobytes: &[u8]) {
    let own = Own { addresses: &policy.own };
    let mut group = criterion.benchmark_group("reading");
    group.throughput(Throughput::Bytes(five_kilobytes.len() as u64));
    group.bench_function("a mail of 5 kB", |bench| {
        bench.iter(|| mail::facts(black_box(five_kilobytes), &own));
    });
    let mails = samples();
    group.throughput(Throughput::Elements(mails.len() as u64));
    group.bench_function(format!("the {} mails of the demo", mails.len()), |bench| {
        bench.iter(|| {
            mails
                .iter()
                .map(|raw| mail::facts(black_box(raw), &own))
                .filter(|facts| facts.bounce.is_some())
                .count()
        });
    });
    group.finish();
    stages_of_reading(criterion, five_kilobytes);
}

/// What reading is made of; the rest of it is origin, headers and digests.
fn stages_of_reading(criterion: &mut Criterion, five_kilobytes: &[u8]) {
    let mut group = criterion.benchmark_group("reading, by stage");
    group.bench_function("structure and text", |bench| {
        bench.iter(|| read::content(black_box(five_kilobytes)).is_ok());
    });
    let plain = read::content(five_kilobytes).expect("it can be read").plain;
    group.bench_function("the person's own words", |bench| {
        bench.iter(|| split(black_box(plain.as_deref()), None));
    });
    let split = split(plain.as_deref(), None);
    let reading = Reading {
        from: None,
        subject: "Virement jamais reçu",
        split: &split,
        attachments: &[],
        origin: Origin::Human,
        answers_something: false,
    };
    group.bench_function("what they mean", |bench| bench.iter(|| understand(black_box(&reading))));
    let report = include_bytes!("../tests/data/corpus/mails/028-dsn-exchange-boite-pleine.eml");
    group.bench_function("a delivery report", |bench| {
        bench.iter(|| mail::facts(black_box(report), &Own { addresses: &BTreeSet::new() }));
    });
    let attached = include_bytes!("../tests/data/attachments/winmail.eml");
    group.bench_function("a mail with winmail.dat", |bench| {
        bench.iter(|| read::content(black_box(attached)).is_ok());
    });
    group.finish();
}

fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands/demo");
    let entries = std::fs::read_dir(folder).expect("the samples are there");
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths
        .filter(|path| path.extension().is_some_and(|ext| ext == "eml"))
        .map(|path| std::fs::read(path).expect("it can be read"))
        .collect()
}

fn deciding(criterion: &mut Criterion, policy: &Policy, five_kilobytes: &[u8]) {
    let received_at = common::at("2026-06-01T12:00:00Z");
    let facts = mail::facts(five_kilobytes, &Own { addresses: &policy.own });
    let mut group = criterion.benchmark_group("deciding");
    group.bench_function("route and decide a complaint", |bench| {
        bench.iter(|| {
            black_box(route(&facts, received_at, &Known::default(), policy));
            opened(&facts, policy)
        });
    });
    let (before, events) = opened(&facts, policy);
    let after = applied(&before, &events, received_at);
    let letter = events.iter().find_map(|event| match event {
        Event::LetterWritten { letter } => Some(letter),
        _ => None,
    });
    let (letter, composer) = (letter.expect("a complaint is acknowledged"), common::desk::composer());
    group.bench_function("compose its acknowledgement", |bench| {
        bench.iter(|| composer.compose(black_box(&after), letter, policy).expect("it renders"));
    });
    group.finish();
}

fn opened(mail: &MailFacts, policy: &Policy) -> (Case, Vec<Event>) {
    let received_at = common::at("2026-06-01T12:00:00Z");
    let before = Case::unopened(next_number(policy, received_at, 0).expect("a number is left"));
    let input = Input::Complaint { mail, received_at, standing: Standing::default(), doubt: None };
    let events = decide(&before, &input, received_at, policy);
    (before, events)
}
