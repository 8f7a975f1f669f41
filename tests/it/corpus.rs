//! The labelled corpus: origin, who may be answered, attachments, headers and bounces of 160 mails.

use std::collections::BTreeSet;
use std::path::PathBuf;

use complaintd::core::facts::{BounceAction, Intent, MailFacts, Origin};
use complaintd::core::ids::Address;
use complaintd::mail::{self, Own};
use serde_json::Value;

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus")
}

pub fn lines(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join(file)).expect("the corpus is in the repository");
    text.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

pub fn read(file: &str) -> MailFacts {
    facts(&std::fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}")))
}

pub fn facts(raw: &[u8]) -> MailFacts {
    let addresses: BTreeSet<Address> = Address::parse("info@divikeys.com").into_iter().collect();
    mail::facts(raw, &Own { addresses: &addresses })
}

fn text<'a>(label: &'a Value, key: &str) -> &'a str {
    label[key].as_str().unwrap_or_default()
}

fn word(origin: Origin) -> &'static str {
    match origin {
        Origin::Human => "human",
        Origin::AutoReply => "auto_reply",
        Origin::Bounce => "bounce",
        Origin::Bulk => "bulk",
        Origin::Receipt => "receipt",
        Origin::Own => "own",
    }
}

fn is_a_persons(label: &Value) -> bool {
    text(label, "origin") == "human"
}

/// Answers of persons that are not answered by machine (PROCEDURE 2.13): one thanks for a call, and one says
/// no more than that she is away and that somebody else will write.
const DOUBTED: [&str; 2] = ["mails/059-merci-equipe.eml", "mails/040-away-until-monday-but.eml"];

fn is_to_be_answered(label: &Value) -> bool {
    is_a_persons(label) && !DOUBTED.contains(&text(label, "file"))
}

/// Every label with the facts of its mail.
fn labelled() -> Vec<(Value, MailFacts)> {
    let labels = lines("labels.jsonl");
    assert_eq!(labels.len(), 160);
    labels
        .into_iter()
        .map(|label| {
            let facts = read(text(&label, "file"));
            (label, facts)
        })
        .collect()
}

#[test]
fn every_origin_is_as_labelled_and_only_persons_may_be_answered() {
    let mut wrong = Vec::new();
    for (label, facts) in labelled() {
        let expected = text(&label, "origin");
        if word(facts.origin) != expected || facts.may_answer.is_yes() != is_a_persons(&label) {
            wrong.push(format!(
                "{} is {expected}, read as {:?} {:?} {:?}",
                text(&label, "file"),
                facts.origin,
                facts.may_answer,
                facts.origin_signals
            ));
        }
        assert_eq!(facts.set_aside, None, "{}", text(&label, "file"));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// The mails of other desks, which were read for the first time when all rules stood.
#[test]
fn at_another_desk_no_robot_is_answered_and_every_person_may_be() {
    ["tests/data/desk", "tests/data/second-desk", "tests/data/third-desk"]
        .into_iter()
        .for_each(every_mail_is_told_apart);
}

/// From these nothing is learned. Seven of their machines bear no mark: they are doubted, not filed.
#[test]
fn at_desks_that_taught_nothing_no_robot_is_answered_and_no_person_is_filed() {
    for desk in ["tests/data/fourth-desk", "tests/data/fifth-desk"] {
        for (file, label, facts) in mails_of(desk) {
            let signals = &facts.origin_signals;
            assert_eq!(facts.may_answer.is_yes(), is_to_be_answered(&label), "{file}: {signals:?}");
            assert!(facts.origin == Origin::Human || !is_a_persons(&label), "{file}");
        }
    }
}

fn mails_of(desk: &str) -> Vec<(String, Value, MailFacts)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(desk);
    let labels = std::fs::read_to_string(folder.join("labels.jsonl")).expect("it is in the repository");
    let mail = |line: &str| {
        let label: Value = serde_json::from_str(line).expect("one JSON object a line");
        let file = text(&label, "file").to_owned();
        let raw = std::fs::read(folder.join(&file)).expect("it is in the repository");
        (file, label, facts(&raw))
    };
    labels.lines().map(mail).collect()
}

fn every_mail_is_told_apart(desk: &str) {
    for (file, label, facts) in mails_of(desk) {
        let is_human = is_a_persons(&label);
        assert_eq!(
            facts.may_answer.is_yes(),
            is_to_be_answered(&label),
            "{file}: {:?}",
            facts.origin_signals
        );
        assert_eq!(facts.origin == Origin::Human, is_human, "{file}");
        let complains = text(&label, "intent") == "complaint";
        assert!(!complains || facts.intent == Some(Intent::Complaint), "{file}");
    }
}

#[test]
fn every_robot_says_by_which_signs_it_was_known() {
    for (label, facts) in labelled() {
        assert!(
            facts.origin == Origin::Human || !facts.origin_signals.is_empty(),
            "{}",
            text(&label, "file")
        );
    }
}

#[test]
fn attachments_have_their_names_types_and_sizes() {
    let mut wrong = Vec::new();
    for (label, facts) in labelled() {
        let expected: Vec<String> = label["attachments"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|each| {
                format!(
                    "{} {} {}",
                    each["name"].as_str().unwrap_or_default(),
                    text(each, "type"),
                    each["bytes"]
                )
            })
            .collect();
        let nfc = |name: &str| {
            name.replace("e\u{301}", "é")
                .replace("e\u{300}", "è")
                .replace("a\u{300}", "à")
                .replace("E\u{301}", "É")
                .replace("c\u{327}", "ç")
                .replace("e\u{302}", "ê")
                .replace("o\u{302}", "ô")
        };
        let mut found: Vec<String> = facts
            .documents()
            .map(|each| format!("{} {} {}", nfc(&each.name), each.media_type, each.bytes))
            .collect();
        found.sort();
        let mut sorted = expected.clone();
        sorted.sort();
        if found != sorted {
            wrong.push(format!("{}: {sorted:?} but {found:?}", text(&label, "file")));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_sender_is_the_one_of_the_label() {
    for (label, facts) in labelled().into_iter().filter(|(label, _)| text(label, "origin") == "human") {
        let file = text(&label, "file");
        let from = facts.from.unwrap_or_else(|| panic!("{file} has an author"));
        assert_eq!(Some(from.address), Address::parse(text(&label["contact"], "email")), "{file}");
        assert!(facts.message_id.is_some() && facts.sent_at.is_some(), "{file}");
        assert!(
            !facts.subject.contains("=?") && !facts.subject.contains('\u{fffd}'),
            "{file}: {}",
            facts.subject
        );
    }
}

#[test]
fn the_text_of_each_person_is_read_with_its_accents() {
    let squeezed = |text: &str| {
        text.split_whitespace()
            .filter(|word| word.chars().all(char::is_alphanumeric))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for (label, facts) in labelled().into_iter().filter(|(label, _)| text(label, "origin") == "human") {
        let whole = format!("{}\n{}\n{}", facts.reply_text, facts.signature_text, facts.quoted_text);
        assert!(!whole.contains('\u{fffd}'), "{}", text(&label, "file"));
        // Samsung's text part has no line ends: words stick together.
        let words = squeezed(text(&label, "reply_text"));
        let lost: Vec<String> = words.into_iter().filter(|word| !whole.contains(word)).collect();
        assert!(lost.is_empty(), "{} lost {lost:?}", text(&label, "file"));
    }
}

#[test]
fn bounces_name_the_recipient_the_reason_and_the_letter() {
    for (file, recipient, status, action) in [
        ("mails/015-dsn-postfix-inconnu.eml", "pioupiou.971@orange.example", "5.1.1", BounceAction::Failed),
        (
            "mails/028-dsn-exchange-boite-pleine.eml",
            "b.illidge@sunbeach-villas.example",
            "5.2.2",
            BounceAction::Failed,
        ),
        ("mails/063-dsn-postfix-retard.eml", "h.delattre@free.example", "4.4.1", BounceAction::Delayed),
        ("mails/091-dsn-qmail.eml", "kevlake.sxm@gmail.exemple.invalid", "5.1.2", BounceAction::Failed),
        ("mails/149-dsn-exim.eml", "jct.8842@gmail.example", "5.1.1", BounceAction::Failed),
    ] {
        let bounce = read(file).bounce.unwrap_or_else(|| panic!("{file} is a bounce"));
        assert_eq!(bounce.recipient, Address::parse(recipient), "{file}");
        assert_eq!(bounce.status.as_deref(), Some(status), "{file}");
        assert_eq!(bounce.action, action, "{file}");
        assert_eq!(
            bounce.original_message_id.map(|id| id.to_string()).as_deref(),
            Some("f2c81d0a9be74410aa21@divikeys.com"),
            "{file}"
        );
    }
}

#[test]
fn inspect_prints_the_fields_in_their_order() {
    let facts = read("mails/002-rente-niet-bijgeschreven.eml");
    let line = complaintd::commands::inspect::inspect_json("x.eml", &facts);
    let names = [
        "file",
        "digest",
        "message_id",
        "from",
        "reply_to",
        "to",
        "cc",
        "subject",
        "sent_at",
        "in_reply_to",
        "references",
        "refers_to",
        "origin",
        "origin_signals",
        "may_answer",
        "why_not",
        "intent",
        "category",
        "confidence",
        "flags",
        "language",
        "reply_text",
        "quoted_text",
        "signature_text",
        "contact",
        "missing",
        "attachments",
        "bounce",
        "warnings",
        "intent_signals",
        "category_signals",
    ];
    let places: Vec<usize> = names
        .iter()
        .map(|name| line.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("{name} in {line}")))
        .collect();
    assert!(places.is_sorted(), "{line}");
    let value: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(value.as_object().map(serde_json::Map::len), Some(names.len()));
    assert_eq!(value["attachments"][0]["verdict"], "unscanned");
    assert_eq!(value["from"]["address"], "m.dewitbosman@gmail.example");
    let robot: Value = serde_json::from_str(&complaintd::commands::inspect::inspect_json(
        "y.eml",
        &read("mails/056-lettre-immobilier.eml"),
    ))
    .expect("JSON");
    assert_eq!((&robot["intent"], &robot["bounce"]), (&Value::Null, &Value::Null));
}
