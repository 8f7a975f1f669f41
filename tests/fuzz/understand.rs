//! What a person writes: a probability, no category without a complaint, the same on each run.
#![no_main]

use complaintd::core::facts::{Intent, Origin};
use complaintd::mail::reply::split;
use complaintd::mail::understand::{Reading, understand};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (subject, text) = input.split_once('\n').unwrap_or(("", input));
    let split = split(Some(text), None);
    let reading = Reading {
        from: None,
        subject,
        split: &split,
        attachments: &[],
        origin: Origin::Human,
        answers_something: text.len() % 2 == 0,
    };
    let understood = understand(&reading);
    assert!((0.0..=1.0).contains(&understood.confidence));
    let graded = matches!(understood.intent, Some(Intent::Complaint | Intent::Reexamination));
    assert_eq!(understood.category.is_some(), graded);
    assert_eq!(understood, understand(&reading));
});
