//! What a complaint is about: the grievance, not the remedy that is asked for.

use std::sync::LazyLock;

use super::features;
use super::model::Linear;
use super::signals;
use super::signs::Signs;
use crate::core::facts::Category;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("category.weights")));

/// The category, and what led to it.
pub fn of(signs: &Signs) -> (Category, Vec<String>) {
    let probabilities = WEIGHTS.probabilities(|visit| features::of_category(signs, visit));
    let category = choose(&WEIGHTS.classes, &probabilities);
    let rival = signals::rival(&WEIGHTS.classes, &probabilities, category.word());
    let reasons = WEIGHTS.reasons(|visit| features::of_category(signs, visit), category.word(), rival);
    (category, signals::told(&reasons))
}

/// The likeliest category; a complaint always has one, staff correct it.
pub fn choose(classes: &[String], probabilities: &[f64]) -> Category {
    let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(i, _)| i);
    best.and_then(|i| Category::from_word(classes.get(i)?)).unwrap_or(Category::Other)
}
