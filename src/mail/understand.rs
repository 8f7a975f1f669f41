//! What a person wants, about what, in which language, and how to reach them.
//!
//! Thread state comes first and is not known here (DOMAIN §4): these are the words and what is
//! quoted below them. Each reader is a file of its own; none changes what was written. Doubt means
//! complaint: a mail that may be dissatisfied is never filed as something lesser.

pub mod behalf;
pub mod category;
mod certain;
pub mod concept;
pub mod contact;
pub mod features;
pub mod flags;
pub mod intent;
pub mod language;
pub mod missing;
pub mod model;
pub mod normalise;
pub mod signals;
pub mod signs;

use std::collections::BTreeSet;

use features::Heard;
use signs::Signs;

use super::reply::Split;
use crate::core::facts::{Attachment, Category, Contact, Flag, Intent, Language, Missing, Origin, Person};
use crate::core::ids::CaseNumber;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    pub from: Option<&'a Person>,
    pub subject: &'a str,
    pub split: &'a Split,
    pub attachments: &'a [Attachment],
    pub origin: Origin,
    /// The mail has In-Reply-To or References, or a subject that says so.
    pub answers_something: bool,
}

/// What was understood.
#[derive(Clone, PartialEq, Debug)]
pub struct Understanding {
    pub intent: Option<Intent>,
    pub category: Option<Category>,
    /// Of the intent, 0 to 1.
    pub confidence: f64,
    /// What led to the intent and to the category, the strongest first.
    pub intent_signals: Vec<String>,
    pub category_signals: Vec<String>,
    pub flags: BTreeSet<Flag>,
    pub language: Language,
    pub contact: Contact,
    pub missing: BTreeSet<Missing>,
    /// Writes for somebody else.
    pub for_another: bool,
    pub refers_to: Vec<CaseNumber>,
}

pub fn understand(reading: &Reading<'_>) -> Understanding {
    let signs = Signs::of(reading);
    let contact = contact::of(reading);
    let split = reading.split;
    // A mark of automatic or bulk mail may be a provider's mistake: whether the words complain is for the
    // router to weigh (TRAPS 18).
    let reads = matches!(reading.origin, Origin::Human | Origin::AutoReply | Origin::Bulk);
    let words = if reads { Heard::of(|visit| features::of_words(&signs, visit)) } else { Heard::default() };
    let (intent, confidence, intent_signals) = match reads.then(|| intent::of(&signs, &words)) {
        Some((intent, confidence, led)) => (Some(intent), confidence, led),
        None => (None, 0.0, Vec::new()),
    };
    let graded = matches!(intent, Some(Intent::Complaint | Intent::Reexamination));
    let (category, category_signals) = graded.then(|| category::of(&signs, &words)).unzip();
    Understanding {
        intent,
        category,
        confidence,
        intent_signals,
        category_signals: category_signals.unwrap_or_default(),
        flags: if intent.is_some() { flags::of(&signs, intent) } else { BTreeSet::new() },
        language: language::of(&split.reply, reading.subject, &split.signature),
        missing: missing::of(reading, &signs, intent, &contact),
        contact,
        for_another: behalf::of(&signs),
        refers_to: signs.refers_to,
    }
}
