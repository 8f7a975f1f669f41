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
    let quoted = &signs.folded_quoted;
    let quoted_mail =
        || !signs.quoted_says.contains("acknowledges") && says_something(quoted) && !is_welcome(quoted);
    attached || quoted_mail() || is_pasted(signs) || has_statement_line(&reading.split.reply)
}

/// Words that make something of what is quoted.
const QUOTED_WORDS: usize = 8;

/// Whether what is quoted says something, beside the lines that announce a mail.
fn says_something(folded: &str) -> bool {
    let announces = |line: &str| {
        let line = line.trim_end();
        line.ends_with(':') || (line.contains('@') && line.split_whitespace().count() <= 12)
    };
    folded
        .lines()
        .map(|line| line.trim_start_matches(['>', ' ']))
        .filter(|line| !announces(line))
        .flat_map(str::split_whitespace)
        .take(QUOTED_WORDS)
        .count()
        >= QUOTED_WORDS
}

/// What greets every new customer proves nothing.
fn is_welcome(folded: &str) -> bool {
    ["bienvenue ", "welcome to", "welkom ", "bienvenid"].iter().any(|each| folded.contains(each))
}

/// Longest piece of a statement between its date and its amount, in words.
const STATEMENT_LINE_WORDS: usize = 9;

/// A line of a statement copied into a sentence: a date, an entry in capitals, an amount with its cents.
fn has_statement_line(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let in_capitals = |word: &&str| !word.chars().any(char::is_lowercase);
    words.iter().enumerate().filter(|(_, word)| is_date(word)).any(|(i, _)| {
        let entry = words[i + 1..].iter().take(STATEMENT_LINE_WORDS).take_while(|word| in_capitals(word));
        let (mut named, mut paid) = (0, false);
        for word in entry {
            named += usize::from(!paid && word.chars().filter(|c| c.is_alphabetic()).count() >= 2);
            paid |= is_amount(word);
        }
        named >= 1 && paid
    })
}

/// `04/10/2026`, `04.10` and the like.
fn is_date(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = word.split(['/', '.', '-']).collect();
    (2..=3).contains(&parts.len())
        && parts.iter().all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit()))
}

/// With its cents: `35,00`.
fn is_amount(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    word.rsplit_once([',', '.']).is_some_and(|(whole, cents)| {
        cents.len() == 2
            && cents.bytes().all(|c| c.is_ascii_digit())
            && whole.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// A full sentence in quotation marks, an error with its number, lines of a statement.
fn is_pasted(signs: &Signs) -> bool {
    let text = &signs.folded;
    let long_citation = citations(text).any(|(before, cited)| {
        let words = cited.split_whitespace().count();
        let figures = cited.chars().filter(char::is_ascii_digit).count();
        let is_sentence = words >= 5 && cited.trim_end().ends_with(['.', '!', '?']);
        !was_heard(before)
            && (words >= 8
                || words >= 3 && figures >= 3
                || is_sentence && was_read(before)
                || names_error(cited) && figures >= 2)
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

fn names_error(cited: &str) -> bool {
    ["erreur", "error", "fout", "code", "http"].iter().any(|word| cited.contains(word))
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
    let near = shortly(before);
    SPOKEN.iter().any(|word| near.contains(word)) && !was_read(before)
}

/// Whether what introduces a citation says that it was written or shown.
fn was_read(before: &str) -> bool {
    const READ: [&str; 17] = [
        "ecri", "mail", "message", "affich", "letter", "lettre", "wrote", "site", "appli", "the app",
        "de app", "ecran", "screen", "page", "contrat", "contract", "article",
    ];
    READ.iter().any(|word| shortly(before).contains(word))
}

/// The last words of it.
fn shortly(before: &str) -> &str {
    let mut from = before.len().saturating_sub(70);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    &before[from..]
}
