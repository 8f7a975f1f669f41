//! Everything that is labelled, by where it comes from: what the models learn from and are judged by.

use complaintd::core::facts::{Attachment, Category, Intent, Origin, Person};
use complaintd::core::ids::Digest;
use complaintd::mail::reply::{self, Split};
use complaintd::mail::understand::Reading;
use complaintd::mail::understand::features::{self, Visit};
use complaintd::mail::understand::signs::Signs;
use serde_json::Value;

use crate::read::{self, Mail};

/// One labelled mail or sentence; those of one person share a group and are never parted.
pub struct Example {
    pub source: &'static str,
    pub group: String,
    /// Where it stands, for a person who looks it up.
    pub place: String,
    pub signs: Signs,
    pub features: Features,
    pub topics: Features,
    pub intent: Option<&'static str>,
    pub category: Option<&'static str>,
    /// How much it counts in learning.
    pub weight: f64,
}

/// Features and how strongly they hold.
pub type Features = Vec<(String, f32)>;

/// All of them.
pub fn all() -> Vec<Example> {
    let mut examples = of_mails("corpus", "tests/data/corpus");
    examples.extend(of_mails("clients", "tests/data/words"));
    examples.extend(of_mails("clients", "tests/data/unseen"));
    examples.extend(of_mails("desk", "tests/data/desk"));
    examples.extend(of_mails("desk", "tests/data/second-desk"));
    examples.extend(of_phrases("tests/data/phrases.jsonl"));
    examples.extend(of_table("examples", "tests/data/words/examples.tsv"));
    examples.extend(of_table("everyday", "tests/data/words/complaints.tsv"));
    examples.extend(of_table("everyday", "tests/data/words/lesser.tsv"));
    examples
}

struct Label<'a> {
    source: &'static str,
    group: String,
    place: String,
    intent: Option<&'a str>,
    category: Option<&'a str>,
    weight: f64,
}

fn example(reading: &Reading<'_>, label: Label<'_>) -> Example {
    let signs = Signs::of(reading);
    let known =
        |word: &str| Intent::from_word(word).unwrap_or_else(|| panic!("{}: {word}", label.place)).word();
    let topic =
        |word: &str| Category::from_word(word).unwrap_or_else(|| panic!("{}: {word}", label.place)).word();
    Example {
        features: collected(|visit| {
            features::of_intent(&signs, visit);
            features::of_words(&signs, visit);
        }),
        topics: collected(|visit| {
            features::of_category(&signs, visit);
            features::of_words(&signs, visit);
        }),
        intent: label.intent.map(known),
        category: label.category.map(topic),
        source: label.source,
        group: label.group,
        weight: label.weight,
        place: label.place,
        signs,
    }
}

pub fn collected(each: impl FnOnce(&mut Visit<'_>)) -> Features {
    let mut features = Features::new();
    each(&mut |feature| features.push((feature.name.to_owned(), feature.value)));
    features
}

fn of_mails(source: &'static str, folder: &str) -> Vec<Example> {
    let mails = read::corpus(folder);
    mails
        .iter()
        .filter(|mail| mail.origin() == Origin::Human)
        .map(|mail| of_mail(source, folder, mail))
        .collect()
}

fn of_mail(source: &'static str, folder: &str, mail: &Mail) -> Example {
    let place = format!("{folder}/{}", mail.file());
    assert!(mail.word("intent").is_some(), "{place} is labelled human and has no intent");
    let context = reply::Context::of(mail.answers, &mail.subject);
    let split = reply::split_within(mail.plain.as_deref(), mail.html.as_deref(), context);
    let reading = Reading {
        from: mail.from.as_ref(),
        subject: &mail.subject,
        split: &split,
        attachments: &mail.attachments,
        origin: Origin::Human,
        answers_something: mail.answers,
    };
    let sender = mail.label["contact"]["email"].as_str().unwrap_or(mail.file());
    let label = Label {
        source,
        group: sender.to_owned(),
        place,
        intent: mail.word("intent"),
        category: mail.word("category"),
        weight: 1.0,
    };
    example(&reading, label)
}

/// The labelled phrases: what each says about intent and category, where it says it.
fn of_phrases(file: &str) -> Vec<Example> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines()
        .filter_map(|line| {
            let phrase: Value = serde_json::from_str(line).expect("a phrase is JSON");
            let (intent, category) = meaning(&phrase);
            let place = format!("{file} {}", phrase["id"].as_str().unwrap_or(""));
            let label =
                Label { source: "phrases", group: place.clone(), place, intent, category, weight: 0.5 };
            let split = Split { reply: phrase["text"].as_str().unwrap_or("").to_owned(), ..Split::default() };
            (intent.is_some() || category.is_some()).then(|| example(&reading(&split, &[]), label))
        })
        .collect()
}

fn reading<'a>(split: &'a Split, attachments: &'a [Attachment]) -> Reading<'a> {
    let nobody: Option<&Person> = None;
    Reading {
        from: nobody,
        subject: "",
        split,
        attachments,
        origin: Origin::Human,
        answers_something: !split.quoted.is_empty(),
    }
}

fn meaning(phrase: &Value) -> (Option<&'static str>, Option<&'static str>) {
    let category = match phrase["category"].as_str().unwrap_or("") {
        "TECH" => Some("technical"),
        "FIN" => Some("financial_transaction"),
        "PROJECT" => Some("funded_project"),
        "OTHER" => Some("other"),
        _ => None,
    };
    let sub = phrase["sub"].as_str().unwrap_or("");
    if phrase["tricky_negative"] == true || phrase["not_complaint"] == true {
        let intent = match sub {
            "question" | "NEG_question" | "NEG_info" => Some("question"),
            "supplier" | "supplier_dispute" | "prospecting" | "job" | "delivery" | "regulator"
            | "regulator_request" | "bank" | "internal_test" | "wrong_recipient" | "project_submission"
            | "NEG_newsletter" | "NEG_training" | "NEG_third" | "NEG_press_ok" => Some("unrelated"),
            "gdpr_request" | "NEG_gdpr_request" => Some("data_request"),
            "doc_reply" => Some("follow_up"),
            _ => None,
        };
        return (intent, None);
    }
    match phrase["category"].as_str().unwrap_or("") {
        "REEXAM" => (Some("reexamination"), None),
        "ESCALATION" | "VULNERABLE" | "FRAUD" | "TECH" | "FIN" | "PROJECT" | "OTHER" => {
            (Some("complaint"), category)
        }
        _ => (None, None),
    }
}

/// `intent TAB category TAB text`, `-` for what an example does not say, `\n` for a line end.
/// Corrections that staff make can be added in this form.
pub fn of_table(source: &'static str, file: &str) -> Vec<Example> {
    let example = |(place, [intent, category, words]): (String, [String; 3])| {
        let label = Label {
            source,
            group: words.clone(),
            place,
            intent: said(&intent),
            category: said(&category),
            weight: if source == "examples" { 0.7 } else { 1.0 },
        };
        of_line(&words, label)
    };
    rows(file).into_iter().map(example).collect()
}

fn said(field: &str) -> Option<&str> {
    (field != "-").then_some(field)
}

/// Where each line of a table stands, and its fields.
fn rows(file: &str) -> Vec<(String, [String; 3])> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
        .map(|(number, line)| {
            let place = format!("{file}:{}", number + 1);
            let fields: Vec<String> = line.splitn(3, '\t').map(str::to_owned).collect();
            let fields = fields.try_into().unwrap_or_else(|_| panic!("{place}: three fields are needed"));
            (place, fields)
        })
        .collect()
}

/// Where each line of a table stands, and its words.
pub fn lines_of_table(file: &str) -> Vec<(String, String)> {
    let words = |(place, [_, _, words]): (String, [String; 3])| (place, said_in(&words));
    rows(file).into_iter().map(words).collect()
}

fn said_in(words: &str) -> String {
    tagged(words).1.trim().replace("\\n", "\n")
}

/// The tags of a line, that say what the mail answers or holds, and its words.
fn tagged(words: &str) -> (&str, &str) {
    words.strip_prefix('{').and_then(|rest| rest.split_once('}')).unwrap_or(("", words))
}

/// The words of a line, with the tags that say what the mail answers or holds.
fn of_line(words: &str, label: Label<'_>) -> Example {
    let tags = tagged(words).0;
    let tag = |name: &str| tags.split(',').any(|tag| tag.trim() == name);
    let quoted = [
        ("ack", "Nous accusons réception de votre réclamation R-2026-000142-U."),
        (
            "decision",
            "Après examen de votre réclamation R-2026-000142-U, nous ne pouvons donner une suite favorable.",
        ),
        ("asks", "Pour votre dossier R-2026-000142-U, merci de nous transmettre ce document."),
    ];
    let quoted = quoted.iter().find(|(name, _)| tag(name)).map_or("", |(_, text)| text);
    let mut split = reply::split(Some(&said_in(words)), None);
    split.quoted.push_str(quoted);
    let document = Attachment {
        name: "document.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 50_000,
        sha256: Digest::of(b"document"),
        inline: false,
        verdict: "unscanned".to_owned(),
    };
    let attachments = if tag("attached") { vec![document] } else { Vec::new() };
    example(&reading(&split, &attachments), label)
}
