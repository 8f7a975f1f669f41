//! What a complaint is about: the grievance, not the remedy that is asked for.

use std::sync::LazyLock;

use super::features::{self, Heard};
use super::model::Linear;
use super::signals;
use super::signs::Signs;
use crate::core::facts::Category;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("category.weights")));

/// The category, and what led to it.
pub fn of(signs: &Signs, words: &Heard) -> (Category, Vec<String>) {
    let heard = [&Heard::of(|visit| features::of_category(signs, visit)), words];
    let probabilities = WEIGHTS.probabilities(&heard);
    let category = choose(&WEIGHTS.classes, &probabilities);
    let rival = signals::rival(&WEIGHTS.classes, &probabilities, category.word());
    (category, signals::told(&WEIGHTS.reasons(&heard, category.word(), rival)))
}

/// The likeliest category; a complaint always has one, staff correct it.
pub fn choose(classes: &[String], probabilities: &[f64]) -> Category {
    let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(i, _)| i);
    best.and_then(|i| Category::from_word(classes.get(i)?)).unwrap_or(Category::Other)
}
