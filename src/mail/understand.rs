//! What the person wants. (A stub.)

use std::collections::BTreeSet;

use super::reply::Split;
use crate::core::facts::{Attachment, Category, Contact, Flag, Intent, Language, Missing, Origin, Person};
use crate::core::ids::CaseNumber;

/// What is known before understanding.
#[derive(Debug)]
pub struct Reading<'a> {
    pub from: Option<&'a Person>,
    pub subject: &'a str,
    pub split: &'a Split,
    pub attachments: &'a [Attachment],
    pub origin: Origin,
    pub answers_something: bool,
}

#[derive(Debug)]
pub struct Understanding {
    pub intent: Option<Intent>,
    pub category: Option<Category>,
    pub confidence: f64,
    pub flags: BTreeSet<Flag>,
    pub language: Language,
    pub contact: Contact,
    pub missing: BTreeSet<Missing>,
    pub refers_to: Vec<CaseNumber>,
}

pub fn understand(_reading: &Reading<'_>) -> Understanding {
    Understanding {
        intent: Some(Intent::Complaint),
        category: None,
        confidence: 0.5,
        flags: BTreeSet::new(),
        language: Language::Unknown,
        contact: Contact::default(),
        missing: BTreeSet::new(),
        refers_to: Vec::new(),
    }
}
