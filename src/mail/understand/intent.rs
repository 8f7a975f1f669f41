//! What the person wants, by their words and by what is quoted below them.
//!
//! A linear model gives the probabilities; rules correct what no word count can know. Thread state
//! is the router's business: here a re-examination is what contests an *answer*. Doubt means
//! complaint: the lesser intents must be clearly likelier than it.

use std::sync::LazyLock;

use super::features;
use super::model::Linear;
use super::signals;
use super::signs::Signs;
use crate::core::facts::Intent;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("intent.weights")));

/// From this probability on, a complaint is assumed unless something else is much likelier.
const DOUBT: f64 = 0.15;
/// How much likelier "much" is.
const MUCH: f64 = 3.0;
/// How likely another intent must be beside a complaint in a mail without any grievance.
const CALM_AGAINST_COMPLAINT: f64 = 0.45;
/// The same for a data subject's right that is named.
const RIGHT_AGAINST_OTHERS: f64 = 0.2;

/// The intent, how likely it is, and what led to it.
pub fn of(signs: &Signs) -> (Intent, f64, Vec<String>) {
    let probabilities = WEIGHTS.probabilities(|visit| features::of_intent(signs, visit));
    let (intent, confidence) = choose(&WEIGHTS.classes, &probabilities, signs);
    let rival = signals::rival(&WEIGHTS.classes, &probabilities, intent.word());
    let reasons = WEIGHTS.reasons(|visit| features::of_intent(signs, visit), intent.word(), rival);
    (intent, confidence, signals::told(&reasons))
}

/// The decision from given probabilities; the score uses it with weights of its own folds.
pub fn choose(classes: &[String], probabilities: &[f64], signs: &Signs) -> (Intent, f64) {
    let of = |intent: Intent| {
        classes.iter().position(|class| class == intent.word()).map_or(0.0, |i| probabilities[i])
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
    let complaint = of(Intent::Complaint);
    if best == Intent::Complaint {
        return lesser(of, signs).unwrap_or(best);
    }
    if !signs.is_in_case() && exercises_right(of, of(best), signs) {
        return Intent::DataRequest;
    }
    let registered = best == Intent::Reexamination || signs.is_in_case();
    // In a case the complaint is registered already: there is nothing to lose.
    let unlikely = complaint >= DOUBT && of(best) < MUCH * complaint;
    let doubtful = !registered && (unlikely || !is_shown(best, signs));
    if doubtful && lesser(of, signs) != Some(best) { Intent::Complaint } else { best }
}

/// What the mail is instead of a complaint, where the words leave no doubt: nothing in it is
/// dissatisfied, or a right is exercised without any redress being asked for.
fn lesser(of: &dyn Fn(Intent) -> f64, signs: &Signs) -> Option<Intent> {
    let complaint = of(Intent::Complaint);
    let angry = is_angry(signs);
    if exercises_right(of, complaint, signs) {
        return Some(Intent::DataRequest);
    }
    if angry || is_grieved(signs) {
        return None;
    }
    let rest = Intent::ALL.iter().copied().filter(|intent| *intent != Intent::Complaint);
    rest.max_by(|a, b| of(*a).total_cmp(&of(*b)))
        .filter(|intent| of(*intent) >= complaint * CALM_AGAINST_COMPLAINT && is_shown(*intent, signs))
}

/// Whether the mail has a sign of its own for a lesser intent; without one its words are unknown, and
/// what is unknown may be a complaint.
fn is_shown(intent: Intent, signs: &Signs) -> bool {
    let any = |concepts: &[&str]| concepts.iter().any(|concept| signs.says(concept));
    match intent {
        Intent::Complaint | Intent::Reexamination => true,
        Intent::FollowUp => any(&["follow_up"]) || signs.attached > 0 || signs.is_in_case(),
        Intent::StatusRequest => any(&["status"]) || signs.is_in_case(),
        Intent::Question => any(&["question", "no_complaint"]) || signs.folded.contains('?'),
        Intent::Withdrawal => any(&["withdraw", "settled"]),
        Intent::DataRequest => any(&["right", "data_right"]),
        Intent::Thanks => any(&["thanks"]),
        Intent::Unrelated => any(&["solicit"]) || !(speaks_of_us(signs) || is_grieved(signs)),
    }
}

/// A data subject's right is named, without anger and without asking for redress.
fn exercises_right(of: &dyn Fn(Intent) -> f64, other: f64, signs: &Signs) -> bool {
    signs.says("right") && !is_angry(signs) && of(Intent::DataRequest) >= other * RIGHT_AGAINST_OTHERS
}

fn is_angry(signs: &Signs) -> bool {
    signs.says("anger") || signs.says("complain_open") || signs.says("redress")
}

/// Something went wrong, is demanded, alleged or threatened.
fn is_grieved(signs: &Signs) -> bool {
    ["fault", "demand", "fraud", "legal"].iter().any(|sign| signs.says(sign))
}

/// Whether the text is about anything that the desk's company does; one word may be chance.
fn speaks_of_us(signs: &Signs) -> bool {
    ["technical", "money", "project", "service"].iter().map(|topic| signs.own.times(topic)).sum::<usize>() > 1
}
