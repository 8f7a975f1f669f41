//! What the person wants, by their words and by what is quoted below them.
//!
//! A linear model gives the probabilities; rules correct what no word count can know. Thread state
//! is the router's business: here a re-examination is what contests an *answer*. Doubt means
//! complaint: the lesser intents must be clearly likelier than it.

use std::sync::LazyLock;

use super::certain;
use super::features::{self, Heard};
use super::model::Linear;
use super::signals;
use super::signs::Signs;
use crate::core::facts::Intent;

static WEIGHTS: LazyLock<Linear> = LazyLock::new(|| Linear::parse(include_str!("intent.weights")));

/// How many times likelier than a complaint a lesser intent must be. Chosen on cross-validated
/// probabilities, so that a mistake costs a person a correction rather than a customer their answer.
fn needed(intent: Intent, signs: &Signs) -> f64 {
    if matches!(intent, Intent::Complaint | Intent::Reexamination) || signs.is_in_case() {
        // In a case the complaint is registered already: there is nothing to lose.
        return 1.0;
    }
    match (is_shown(intent, signs), is_grieved(signs)) {
        // A new mail that tells what went wrong and encloses its proof adds to nothing.
        _ if intent == Intent::FollowUp && is_new_grievance(signs) => 12.0,
        // Many a reproach is put as a calm question.
        (true, false) if intent == Intent::Question => 4.0,
        (true, false) => 1.5,
        // A question with a grievance is a complaint (DOMAIN §4), and so is a data breach.
        (true, true) if matches!(intent, Intent::Question | Intent::DataRequest) => 8.0,
        (true, true) => 2.0,
        (false, false) if intent == Intent::Unrelated => 6.0,
        (false, _) => 12.0,
    }
}

/// Whether the mail has a sign of its own for the intent; without one its words are unknown, and what
/// is unknown may be a complaint.
fn is_shown(intent: Intent, signs: &Signs) -> bool {
    let concepts: &[&str] = match intent {
        Intent::Complaint | Intent::Reexamination => return true,
        Intent::FollowUp => &["follow_up", "adds"],
        Intent::StatusRequest => &["status", "asks_state"],
        Intent::Question => &["question", "general_question", "prospect", "research", "no_complaint"],
        Intent::Withdrawal => &["withdraw", "settled", "gives_up", "own_mistake"],
        Intent::DataRequest => &["right", "data_right", "own_data"],
        Intent::Thanks => &["thanks", "praise", "convinced"],
        Intent::Unrelated => &["solicit", "supplier", "job", "charity", "scam", "neighbour"],
    };
    concepts.iter().any(|concept| signs.own.contains(concept))
}

/// What a mail says that answers nothing, and that speaks of no case.
fn is_new_grievance(signs: &Signs) -> bool {
    let complains = ["contest", "complaint_word"].iter().any(|sign| signs.own.contains(sign));
    (is_grieved(signs) || complains) && !signs.answers && !signs.says("my_case")
}

/// Something went wrong, is demanded, alleged, threatened or awaited.
fn is_grieved(signs: &Signs) -> bool {
    const SIGNS: [&str; 10] = [
        "fault",
        "anger",
        "went_wrong",
        "waiting",
        "why",
        "demand",
        "complain_open",
        "fraud",
        "legal",
        "redress",
    ];
    SIGNS.iter().any(|sign| signs.own.contains(sign))
}

/// How likely a data subject's right that is named must be beside what is likelier.
const RIGHT_AGAINST_OTHERS: f64 = 0.2;

/// The intent, how likely it is, and what led to it.
pub fn of(signs: &Signs, words: &Heard) -> (Intent, f64, Vec<String>) {
    let heard = [&Heard::of(|visit| features::of_intent(signs, visit)), words];
    let probabilities = WEIGHTS.probabilities(&heard);
    let (intent, confidence) = choose(&WEIGHTS.classes, &probabilities, signs);
    let rival = signals::rival(&WEIGHTS.classes, &probabilities, intent.word());
    (intent, confidence, signals::told(&WEIGHTS.reasons(&heard, intent.word(), rival)))
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
    if !signs.is_in_case() && exercises_right(of, of(best), signs) {
        return Intent::DataRequest;
    }
    let likely = of(best) >= needed(best, signs) * of(Intent::Complaint);
    let best = if likely { best } else { Intent::Complaint };
    let is_meant = match best {
        Intent::Withdrawal => {
            certain::may_withdraw(signs) && (is_shown(best, signs) || of(best) >= WITHDRAWAL_UNSHOWN)
        }
        Intent::Thanks => !certain::is_open(signs) && !certain::is_irony(signs) && !signs.is_in_danger(),
        // Of a greeting and a quotation nobody can tell.
        Intent::Unrelated => !signs.is_in_danger() && !says_nothing(signs),
        _ => true,
    };
    if is_meant && !(best == Intent::Withdrawal && signs.is_in_danger()) {
        return best;
    }
    let others = [Intent::FollowUp, Intent::Reexamination, Intent::StatusRequest, Intent::Complaint];
    let likeliest = others.into_iter().max_by(|a, b| of(*a).total_cmp(&of(*b)));
    likeliest.filter(|_| signs.is_in_case()).unwrap_or(Intent::Complaint)
}

/// How likely a withdrawal must be whose words are unknown: it ends a case.
const WITHDRAWAL_UNSHOWN: f64 = 0.9;
/// Words that a greeting has.
const GREETING_WORDS: usize = 2;

fn says_nothing(signs: &Signs) -> bool {
    let own = signs.folded.split_whitespace().nth(GREETING_WORDS).is_none();
    own && !signs.folded_quoted.trim().is_empty()
}

/// A data subject's right is named, without anger and without asking for redress.
fn exercises_right(of: &dyn Fn(Intent) -> f64, other: f64, signs: &Signs) -> bool {
    let angry = ["anger", "complain_open", "redress"].iter().any(|sign| signs.says(sign));
    signs.says("right")
        && !angry
        && !signs.told.contains("breach")
        && of(Intent::DataRequest) >= other * RIGHT_AGAINST_OTHERS
}
