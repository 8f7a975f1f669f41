//! Whether a short answer reads like a note that goes to anybody: an absence, a receipt, a greeting of a
//! machine.
//!
//! Such notes bear no mark of a machine as often as not, and no list of what they say is ever complete. A
//! linear model learned what they are like from notes and from short answers of persons; where a note is
//! likely, no machine answers, and the mail stays a person's (PROCEDURE 2.13).

use std::sync::LazyLock;

use regex::Regex;

use super::person;
use super::words::Words;
use crate::core::fold::fold;
use crate::mail::understand::concept;
use crate::mail::understand::features::{self, Feature, Heard, Visit};
use crate::mail::understand::model::Linear;
use crate::mail::understand::signals;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("note.weights")));

/// The classes of the model, in the order of its weights.
pub const CLASSES: [&str; 2] = ["note", "person"];
/// How likely a note must be. Chosen on sources left out, where it costs one short answer of a person in
/// twenty a receipt.
const LIKELY: f64 = 0.6;
/// Below this a text is no note, whatever its sentences are.
const UNLIKELY: f64 = 0.3;
/// Longest text that is asked about, in characters: whoever writes more tells something.
const LONGEST_CHARS: usize = 900;

/// The number of a case in a subject; mistyped, it is still of our letter.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\br-?\d{4}-?\d{6}").expect("a fixed pattern"));

/// What makes an answer likely to be a note; nothing where it is none. A mail that answers nothing may be a
/// first complaint of few words and is never taken for one; nor is a grievance that somebody tells.
pub fn signs(words: Words<'_>) -> Vec<String> {
    let answers = || words.answers || NUMBER.is_match(&fold(words.subject));
    if is_long(words.text) || !answers() || person::complains(words.text) {
        return Vec::new();
    }
    let heard = heard(words.text);
    if !is_taken_for_one(&WEIGHTS, &heard) {
        return Vec::new();
    }
    let [note, person] = CLASSES;
    let mut signs = vec!["a short answer that reads like a note".to_owned()];
    signs.extend(signals::told(&WEIGHTS.reasons(&[&heard], note, person)));
    signs
}

/// Whether a text reads like anything but a note, whatever it answers.
pub fn is_unlikely(text: &str) -> bool {
    likelihood(&WEIGHTS, &heard(text)) < UNLIKELY
}

/// What weights make of the features of a text; the score asks with weights of its own.
pub fn is_taken_for_one(weights: &Linear, heard: &Heard) -> bool {
    likelihood(weights, heard) >= LIKELY
}

fn likelihood(weights: &Linear, heard: &Heard) -> f64 {
    weights.probabilities(&[heard]).first().copied().unwrap_or_default()
}

fn heard(text: &str) -> Heard {
    Heard::of(|visit| features(text, visit))
}

/// Whether a text is longer than notes are.
pub fn is_long(text: &str) -> bool {
    text.chars().nth(LONGEST_CHARS).is_some()
}

/// The features of a newly written text: its concepts, its words, and how many there are.
pub fn features(text: &str, visit: &mut Visit<'_>) {
    let folded = fold(text);
    let count = folded.split_whitespace().count();
    let length = format!("m:length{}", (count + 1).ilog2().min(7));
    for name in ["m:bias", &length] {
        visit(Feature::new(name, name, 1.0));
    }
    for concept in concept::find_in(&folded).names() {
        let name = format!("c:{concept}");
        visit(Feature::new(&name, &name, 1.0));
    }
    features::of_text(&folded, visit);
}

#[cfg(test)]
mod tests;
