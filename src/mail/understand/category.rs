//! What a complaint is about: the grievance, not the remedy that is asked for.

use std::sync::LazyLock;

use super::model::{Features, Linear};
use crate::core::facts::Category;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("category.weights")));

pub fn of(features: &Features) -> Category {
    choose(&WEIGHTS, features)
}

/// The likeliest category; a complaint always has one, staff correct it.
pub fn choose(weights: &Linear, features: &Features) -> Category {
    let probabilities = weights.probabilities(features);
    let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(i, _)| i);
    best.and_then(|i| Category::from_word(weights.classes.get(i)?)).unwrap_or(Category::Other)
}
