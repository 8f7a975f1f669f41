//! What a careful agent would still have to ask for (PROCEDURE 1.3). Missing items are asked for;
//! they never hold a complaint up.

use std::collections::BTreeSet;

use super::Reading;
use super::normalise;
use super::signs::Signs;
use crate::core::facts::{Contact, Intent, Missing};

pub fn of(
    reading: &Reading<'_>,
    signs: &Signs,
    intent: Option<Intent>,
    contact: &Contact,
) -> BTreeSet<Missing> {
    let mut missing = BTreeSet::new();
    if intent != Some(Intent::Complaint) {
        return missing;
    }
    let mut set = |item: Missing, holds: bool| {
        if holds {
            missing.insert(item);
        }
    };
    set(Missing::Name, !has_full_name(contact));
    set(
        Missing::Contact,
        contact.email.is_none() && contact.phone.is_none() && contact.postal_address.is_none(),
    );
    set(Missing::Description, !is_described(signs));
    set(Missing::StepsTaken, !signs.says("steps"));
    set(Missing::Evidence, !has_evidence(reading, signs));
    missing
}

/// A given name and a family name; a nickname or a first name alone is not enough.
fn has_full_name(contact: &Contact) -> bool {
    contact.name.as_deref().is_some_and(|name| {
        name.split([' ', '.']).filter(|word| word.chars().any(char::is_alphabetic)).count() >= 2
    })
}

/// Somebody who says what happened names a thing or gives a fact, in more than a shout.
fn is_described(signs: &Signs) -> bool {
    let words = normalise::words(&signs.folded).iter().filter(|word| word.len() > 2).count();
    let about = ["technical", "money", "project", "service", "fraud", "breach"]
        .iter()
        .filter(|each| signs.own.contains(each))
        .count();
    words >= 12 || words >= 5 && about >= 1
}

/// Attached, or pasted so that it can be checked, or the quoted mail that is complained of.
fn has_evidence(reading: &Reading<'_>, signs: &Signs) -> bool {
    let attached = reading.attachments.iter().any(|each| !each.inline);
    let quoted_mail = signs.folded_quoted.split_whitespace().nth(7).is_some()
        && !signs.quoted_says.contains("acknowledges");
    attached || quoted_mail || is_pasted(signs)
}

/// A full sentence in quotation marks, an error with its number, lines of a statement.
fn is_pasted(signs: &Signs) -> bool {
    let text = &signs.folded;
    let long_citation = citations(text).any(|(before, cited)| {
        let words = cited.split_whitespace().count();
        let figures = cited.chars().filter(char::is_ascii_digit).count() >= 3;
        !was_heard(before) && (words >= 8 || (words >= 3 && figures))
    });
    let numbered_lines = text
        .lines()
        .filter(|line| line.len() < 160 && line.bytes().filter(u8::is_ascii_digit).count() >= 4)
        .filter(|line| {
            line.starts_with(|c: char| c.is_ascii_digit()) || line.contains(" eur") || line.contains('€')
        })
        .filter(|line| line.split_whitespace().count() <= 16)
        .count()
        >= 2;
    let statement = ["releve n°", "releve no ", "statement no", "statement number", "facture n°"]
        .iter()
        .any(|each| text.contains(each));
    long_citation || numbered_lines || statement
}

/// What stands between quotation marks, with what introduces it.
fn citations(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pieces: Vec<&str> = text.split('"').collect();
    let pairs = (1..pieces.len()).step_by(2).map(move |i| (pieces[i - 1], pieces[i]));
    pairs.filter(|(_, cited)| cited.len() < 1_000)
}

/// Words spoken at a counter or on the telephone prove nothing.
fn was_heard(before: &str) -> bool {
    const SPOKEN: [&str; 16] = [
        " dit",
        "telephone",
        "phone",
        "told me",
        "told us",
        " said",
        "guichet",
        "oral",
        "repondu au",
        "crie",
        "raccroch",
        "dijo",
        "zei",
        "yo di",
        "call",
        "appel",
    ];
    const READ: [&str; 8] = ["ecri", "mail", "message", "affich", "letter", "lettre", "email", "wrote"];
    let mut from = before.len().saturating_sub(70);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let near = &before[from..];
    SPOKEN.iter().any(|word| near.contains(word)) && !READ.iter().any(|word| near.contains(word))
}
