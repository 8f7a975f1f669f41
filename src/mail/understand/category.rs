//! What a complaint is about: the grievance, not the remedy that is asked for.

use std::sync::LazyLock;

use super::model::{self, Linear, Signs};
use crate::core::facts::Category;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("category.weights")));

pub fn of(signs: &Signs) -> Category {
    choose(&WEIGHTS.classes, &WEIGHTS.probabilities(|visit| model::visit_topics(signs, visit)))
}

/// The likeliest category; a complaint always has one, staff correct it.
pub fn choose(classes: &[String], probabilities: &[f64]) -> Category {
    let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(i, _)| i);
    best.and_then(|i| Category::from_word(classes.get(i)?)).unwrap_or(Category::Other)
}
