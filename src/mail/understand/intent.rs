//! What the person wants, by their words and by what is quoted below them.
//!
//! A linear model gives the probabilities; rules correct what no word count can know. Thread state
//! is the router's business: here a re-examination is what contests an *answer*. Doubt means
//! complaint: the lesser intents must be clearly likelier than it.

use std::sync::LazyLock;

use super::model::{Features, Linear, Signs};
use crate::core::facts::Intent;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("intent.weights")));

/// From this probability on, a complaint is assumed unless something else is much likelier.
const DOUBT: f64 = 0.22;
/// How much likelier "much" is.
const MUCH: f64 = 2.2;

pub fn of(signs: &Signs, features: &Features) -> (Intent, f64) {
    choose(&WEIGHTS, signs, features)
}

/// The decision with given weights; the score uses it with weights of its own folds.
pub fn choose(weights: &Linear, signs: &Signs, features: &Features) -> (Intent, f64) {
    let probabilities = weights.probabilities(features);
    let of = |intent: Intent| {
        weights.classes.iter().position(|class| class == intent.word()).map_or(0.0, |i| probabilities[i])
    };
    let best =
        Intent::ALL.iter().copied().max_by(|a, b| of(*a).total_cmp(&of(*b))).unwrap_or(Intent::Complaint);
    let intent = corrected(best, &of, signs);
    (intent, of(intent).clamp(0.0, 1.0))
}

fn corrected(best: Intent, of: &dyn Fn(Intent) -> f64, signs: &Signs) -> Intent {
    if signs.folded.trim().is_empty() && signs.attached > 0 {
        return Intent::FollowUp;
    }
    if best == Intent::Complaint || best == Intent::Reexamination {
        return best;
    }
    let complaint = of(Intent::Complaint);
    // In a case the complaint is registered already: there is nothing to lose.
    if !signs.is_in_case() && complaint >= DOUBT && of(best) < MUCH * complaint {
        return Intent::Complaint;
    }
    best
}
