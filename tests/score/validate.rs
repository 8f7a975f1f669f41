//! Judges what is learned by what it has not seen.
//!
//! *Cross-validated*: ten parts, nobody's mails parted, each judged by a model of the other nine.
//! *Source left out*: everything of one source judged by a model of all others: that is how the words
//! of a new person, who wrote without knowing the lists, will be read.

use complaintd::mail::origin::note;
use complaintd::mail::understand::features::{self, Feature, Heard};
use complaintd::mail::understand::model::{Fnv, Linear};
use complaintd::mail::understand::{category, intent};

use crate::examples::{Example, Features};
use crate::learn;
use crate::notes::Text;

const FOLDS: u64 = 10;

/// The sources whose examples are whole mails, as a mailbox holds them, and no sentences.
pub const MAILS: [&str; 3] = ["corpus", "clients", "desk"];
/// The sources, in the order of the table; who wrote for one did not write for another.
pub const SOURCES: [&str; 6] = ["corpus", "clients", "desk", "phrases", "examples", "everyday"];

/// What was said of one example.
pub struct Judged<'a> {
    pub example: &'a Example,
    pub intent: &'static str,
    pub confidence: f64,
    pub category: &'static str,
}

pub fn cross_validated(examples: &[Example]) -> Vec<Judged<'_>> {
    (0..FOLDS).flat_map(|fold| apart(examples, &|example| fold_of(&example.group) == fold)).collect()
}

pub fn source_left_out(examples: &[Example]) -> Vec<Judged<'_>> {
    SOURCES.iter().flat_map(|source| apart(examples, &|example| example.source == *source)).collect()
}

/// By the weights that the program has.
pub fn committed(examples: &[Example]) -> Vec<Judged<'_>> {
    examples.iter().map(by_committed).collect()
}

fn by_committed(example: &Example) -> Judged<'_> {
    let words = Heard::of(|visit| features::of_words(&example.signs, visit));
    let (intent, confidence, _) = intent::of(&example.signs, &words);
    let (category, _) = category::of(&example.signs, &words);
    Judged { example, intent: intent.word(), confidence, category: category.word() }
}

/// Those that are held out, judged by a model of the others.
fn apart<'a>(examples: &'a [Example], held_out: &dyn Fn(&Example) -> bool) -> Vec<Judged<'a>> {
    let seen = || examples.iter().filter(|example| !held_out(example));
    let intents = Linear::parse(&learn::intents(seen()));
    let categories = Linear::parse(&learn::categories(seen()));
    let unseen = examples.iter().filter(|example| held_out(example));
    unseen.map(|example| judged(example, &intents, &categories)).collect()
}

fn judged<'a>(example: &'a Example, intents: &Linear, categories: &Linear) -> Judged<'a> {
    let likely = intents.probabilities(&[&heard(&example.features)]);
    let (intent, confidence) = intent::choose(&intents.classes, &likely, &example.signs);
    let category =
        category::choose(&categories.classes, &categories.probabilities(&[&heard(&example.topics)]));
    Judged { example, intent: intent.word(), confidence, category: category.word() }
}

/// Each text that the program would ask of, and whether the weights of the other sources take it for a note.
pub fn notes_left_out(texts: &[Text]) -> Vec<(&Text, bool)> {
    let mut sources: Vec<&str> = texts.iter().map(|text| &*text.source).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut judged = Vec::new();
    for source in sources {
        let weights = Linear::parse(&learn::notes(texts.iter().filter(|text| text.source != source)));
        let asked = texts.iter().filter(|text| text.source == source && text.is_asked);
        judged.extend(asked.map(|text| (text, note::is_taken_for_one(&weights, &heard(&text.features)))));
    }
    judged
}

fn fold_of(group: &str) -> u64 {
    Fnv::of(group) % FOLDS
}

/// Features that were collected before.
fn heard(features: &Features) -> Heard {
    Heard::of(|visit| {
        for (name, value) in features {
            visit(Feature::new(name, "", *value));
        }
    })
}
