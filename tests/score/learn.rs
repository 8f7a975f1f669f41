//! Learns the linear models: softmax regression by full gradient steps, the same on every run.

use std::collections::{BTreeMap, HashMap};

use complaintd::core::facts::{Attachment, Category, Intent, Origin};
use complaintd::core::ids::Digest;
use complaintd::mail::reply::{self, Split};
use complaintd::mail::understand::Reading;
use complaintd::mail::understand::model::{self, Linear, Signs, Visit, softmax};
use serde_json::Value;

use crate::read::Mail;

/// One labelled example; mails of one person share a group and are never parted in cross-validation.
pub struct Example {
    pub features: Features,
    pub topics: Features,
    pub intent: Option<&'static str>,
    pub category: Option<&'static str>,
    pub weight: f64,
}

/// Features and how strongly they hold.
pub type Features = Vec<(String, f32)>;

fn collected(each: impl FnOnce(&mut Visit<'_>)) -> Features {
    let mut features = Features::new();
    each(&mut |name, value| features.push((name.to_owned(), value)));
    features
}

const ROUNDS: usize = 400;
const RATE: f64 = 0.6;
/// Pull towards zero, for concepts and for words.
const PULL_CONCEPTS: f64 = 0.002;
const PULL_WORDS: f64 = 0.004;

pub fn of_mail(mail: &Mail) -> Example {
    let split = reply::split(mail.plain.as_deref(), mail.html.as_deref());
    let reading = Reading {
        from: mail.from.as_ref(),
        subject: &mail.subject,
        split: &split,
        attachments: &mail.attachments,
        origin: Origin::Human,
        answers_something: mail.answers,
    };
    let signs = Signs::of(&reading);
    Example {
        features: collected(|visit| model::visit(&signs, visit)),
        topics: collected(|visit| model::visit_topics(&signs, visit)),
        intent: mail.word("intent").and_then(Intent::from_word).map(Intent::word),
        category: mail.word("category").and_then(Category::from_word).map(Category::word),
        weight: 1.0,
    }
}

fn of_text(text: &str, intent: Option<&'static str>, category: Option<&'static str>, weight: f64) -> Example {
    let split = Split { reply: text.to_owned(), ..Split::default() };
    of_split(&split, &[], intent, category, weight)
}

fn of_split(
    split: &Split,
    attachments: &[Attachment],
    intent: Option<&'static str>,
    category: Option<&'static str>,
    weight: f64,
) -> Example {
    let reading = Reading {
        from: None,
        subject: "",
        split,
        attachments,
        origin: Origin::Human,
        answers_something: !split.quoted.is_empty(),
    };
    let signs = Signs::of(&reading);
    Example {
        features: collected(|visit| model::visit(&signs, visit)),
        topics: collected(|visit| model::visit_topics(&signs, visit)),
        intent,
        category,
        weight,
    }
}

/// The labelled phrases: what each says about intent and category, where it says it.
pub fn of_phrases(file: &str) -> Vec<Example> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines()
        .filter_map(|line| {
            let phrase: Value = serde_json::from_str(line).expect("a phrase is JSON");
            let (intent, category) = meaning(&phrase);
            (intent.is_some() || category.is_some())
                .then(|| of_text(phrase["text"].as_str().unwrap_or(""), intent, category, 0.5))
        })
        .collect()
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

/// `intent TAB category TAB text`, `-` for what an example does not say. Corrections that staff
/// make can be added in this form.
pub fn of_table(file: &str) -> Vec<Example> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            let fields: Vec<&str> = line.splitn(3, '\t').collect();
            let [intent, category, words] = fields[..] else {
                panic!("{file}: three fields are needed in {line:?}")
            };
            let intent = (intent != "-").then(|| Intent::from_word(intent).expect(line).word());
            let category = (category != "-").then(|| Category::from_word(category).expect(line).word());
            of_line(words, intent, category)
        })
        .collect()
}

/// A line of the table, with the tags that say what the mail answers or holds.
fn of_line(words: &str, intent: Option<&'static str>, category: Option<&'static str>) -> Example {
    let (tags, words) = match words.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((tags, words)) => (tags, words),
        None => ("", words),
    };
    let tag = |name: &str| tags.split(',').any(|tag| tag == name);
    let quoted = [
        ("ack", "Nous accusons réception de votre réclamation R-2026-000142-U."),
        (
            "decision",
            "Après examen de votre réclamation R-2026-000142-U, nous ne pouvons donner une suite favorable.",
        ),
        ("asks", "Pour votre dossier R-2026-000142-U, merci de nous transmettre ce document."),
    ];
    let quoted = quoted.iter().find(|(name, _)| tag(name)).map_or("", |(_, text)| text);
    let split = Split { reply: words.to_owned(), quoted: quoted.to_owned(), ..Split::default() };
    let document = Attachment {
        name: "document.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 50_000,
        sha256: Digest::of(b"document"),
        inline: false,
        verdict: "unscanned".to_owned(),
    };
    let attachments = if tag("attached") { vec![document] } else { Vec::new() };
    of_split(&split, &attachments, intent, category, 0.7)
}

pub fn intents<'a>(examples: impl Iterator<Item = &'a Example>) -> Linear {
    let classes = Intent::ALL.iter().map(|each| each.word()).collect();
    train(classes, examples.filter_map(|each| Some((&each.features, each.intent?, each.weight))).collect())
}

pub fn categories<'a>(examples: impl Iterator<Item = &'a Example>) -> Linear {
    let classes = Category::ALL.iter().map(|each| each.word()).collect();
    train(classes, examples.filter_map(|each| Some((&each.topics, each.category?, each.weight))).collect())
}

/// Features by number, the class, how much the example counts.
type Row = (Vec<(usize, f64)>, usize, f64);

fn train(classes: Vec<&'static str>, examples: Vec<(&Features, &str, f64)>) -> Linear {
    // A feature that only one example has cannot be told from chance.
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (features, _, _) in &examples {
        for (name, _) in *features {
            *counts.entry(name).or_default() += 1;
        }
    }
    let kept: Vec<&str> = counts
        .into_iter()
        .filter(|(name, count)| *count >= if name.starts_with("w:") { 3 } else { 2 })
        .map(|(name, _)| name)
        .collect();
    let index: HashMap<&str, usize> = kept.iter().enumerate().map(|(i, name)| (*name, i)).collect();
    let rows: Vec<Row> = examples
        .iter()
        .map(|(features, class, weight)| {
            let row = features
                .iter()
                .filter_map(|(name, value)| Some((*index.get(name.as_str())?, f64::from(*value))))
                .collect();
            (row, classes.iter().position(|each| each == class).expect("a known class"), *weight)
        })
        .collect();
    let total: f64 = rows.iter().map(|row| row.2).sum();
    let mut weights = vec![vec![0.0; classes.len()]; kept.len()];
    let mut squares = vec![vec![1e-3; classes.len()]; kept.len()];
    for _ in 0..ROUNDS {
        let mut slope = vec![vec![0.0; classes.len()]; kept.len()];
        for (row, class, weight) in &rows {
            let mut sums = vec![0.0; classes.len()];
            for (feature, value) in row {
                for (sum, w) in sums.iter_mut().zip(&weights[*feature]) {
                    *sum += w * value;
                }
            }
            let mut errors = softmax(&sums);
            errors[*class] -= 1.0;
            for (feature, value) in row {
                for (s, error) in slope[*feature].iter_mut().zip(&errors) {
                    *s += error * value * weight / total;
                }
            }
        }
        for (i, name) in kept.iter().enumerate() {
            let pull = if name.starts_with("w:") { PULL_WORDS } else { PULL_CONCEPTS };
            for k in 0..classes.len() {
                let g = slope[i][k] + pull * weights[i][k];
                squares[i][k] += g * g;
                weights[i][k] -= RATE * g / squares[i][k].sqrt() * 0.1;
            }
        }
    }
    let weights = kept
        .iter()
        .zip(weights)
        .filter(|(_, values)| values.iter().any(|value| value.abs() >= 0.03))
        .map(|(name, values)| ((*name).to_owned(), values.into_iter().map(rounded).collect()))
        .collect();
    Linear { classes: classes.into_iter().map(str::to_owned).collect(), weights }
}

/// As the weights file writes it, so that a score in memory is that of the file.
#[expect(clippy::cast_possible_truncation, reason = "two decimals of a small number")]
fn rounded(value: f64) -> f32 {
    ((value * 100.0).round() / 100.0) as f32
}
