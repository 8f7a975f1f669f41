//! What stands after a command's name, made into the command.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::facts::Missing;
use super::super::fold::{fold, is_accent};
use super::super::ids::CaseNumber;
use super::super::reference as case_reference;
use super::date::{self, Toward};
use super::names::{Form, Text, normal};
use super::words::{CATEGORIES, FLAGS, ITEMS, LANGUAGES, MEDIATIONS, OUTCOMES, Word, find};
use super::{Command, Mistake, Name};

/// The command of this form. `text` is the mail's text if it is this command's to take, else empty.
pub fn command(form: &Form, argument: &str, text: &str, today: Date) -> Result<Command, Mistake> {
    let name = form.name;
    let alone = |command| none(argument).map(|()| command);
    let prose = |own: &str| prose(form, own, text);
    Ok(match name {
        Name::Take => alone(Command::Take)?,
        Name::Draft => alone(Command::Draft)?,
        Name::Approve => alone(Command::Approve)?,
        Name::Admissible => alone(Command::Admissible)?,
        Name::Split => alone(Command::Split)?,
        Name::Reopen => alone(Command::Reopen)?,
        Name::Reexamine => alone(Command::Reexamine)?,
        Name::Hold => alone(Command::Hold)?,
        Name::Unhold => alone(Command::Unhold)?,
        Name::Status => alone(Command::Status)?,
        Name::Cases => alone(Command::Cases)?,
        Name::Help => alone(Command::Help)?,
        Name::Cancel => alone(Command::Cancel)?,

        Name::Note => Command::Note(prose(argument)?),
        Name::Reply => Command::Reply(prose(no_other_command(argument)?)?),
        Name::Progress => Command::Progress(prose(argument)?),
        Name::Reject => Command::Reject(prose(argument)?),
        Name::Inadmissible => Command::Inadmissible(prose(argument)?),
        Name::NotAComplaint => Command::NotAComplaint(prose(argument)?),
        Name::Conflict => Command::Conflict(prose(argument)?),
        Name::Cause => Command::Cause(prose(argument)?),
        Name::Action => Command::Action(prose(argument)?),
        Name::Post => Command::Post(prose(details_of_post(argument, text)?)?),
        Name::Call => Command::Call(prose(argument)?),

        Name::Assign => Command::Assign(colleague(argument)?),
        Name::Ask => Command::Ask(items(argument)?, text.to_owned()),
        Name::Extend => {
            let (date, reason) = dated(name, argument, today, Toward::Future)?;
            Command::Extend(date, prose(reason)?)
        }
        Name::Final => Command::Final(one_of(name, argument, OUTCOMES)?, prose("")?),
        Name::Close => Command::Close(one_of(name, argument, OUTCOMES)?),
        Name::Category => Command::Category(one_of(name, argument, CATEGORIES)?),
        Name::Language => Command::Language(one_of(name, argument, LANGUAGES)?),
        // Folded, every kind of dash is one.
        Name::Flag => match fold(argument).trim_start().strip_prefix('-') {
            Some(flag) => Command::Unflag(one_of(name, flag, FLAGS)?),
            None => Command::Flag(one_of(name, argument, FLAGS)?),
        },
        Name::Mediation => Command::Mediation(one_of(name, argument, MEDIATIONS)?),
        Name::Merge => Command::Merge(reference(name, argument)?),
        Name::Link => Command::Link(reference(name, argument)?),
        Name::Posted => {
            let (date, number) = dated(name, argument, today, Toward::Past)?;
            Command::Posted(date, (!number.is_empty()).then(|| number.to_owned()))
        }
    })
}

fn none(argument: &str) -> Result<(), Mistake> {
    if normal(argument).is_empty() { Ok(()) } else { Err(Mistake::NotExpected(argument.to_owned())) }
}

/// What stands on the command's own line and the text below. A letter is in one place: what stands
/// beside `/reply` above a salutation is a remark on the command, not the letter's first line.
fn prose(form: &Form, argument: &str, text: &str) -> Result<String, Mistake> {
    match (argument.is_empty(), text.is_empty()) {
        (true, true) => Err(Mistake::NoText),
        (false, true) => Ok(argument.to_owned()),
        (true, false) => Ok(text.to_owned()),
        (false, false) if form.text == Text::Letter => Err(Mistake::TwoPlaces(argument.to_owned())),
        (false, false) => Ok(format!("{argument}\n{text}")),
    }
}

/// `/reply final`, `/répondre : note interne`: meant for another command, and not for the customer.
fn no_other_command(argument: &str) -> Result<&str, Mistake> {
    let end = argument.find(|c: char| !c.is_alphanumeric() && !is_accent(c)).unwrap_or(argument.len());
    let like = match fold(&argument[..end]).as_str() {
        "final" | "finale" | "definitif" | "definitive" => Name::Final,
        "interne" | "internal" | "note" => Name::Note,
        _ => return Ok(argument),
    };
    Err(Mistake::Unclear { written: argument.to_owned(), like })
}

/// `/post 15/12 1A 234`: a letter received has words, one that was sent a date and a number (`/posted`).
fn details_of_post<'a>(argument: &'a str, text: &str) -> Result<&'a str, Mistake> {
    let is_word = |word: &str| {
        word.chars().filter(|c| c.is_alphabetic()).count() > 2 && !word.contains(char::is_numeric)
    };
    let is_bare = date::after(argument).is_some_and(|rest| !rest.split_whitespace().any(is_word));
    if !is_bare || !text.is_empty() {
        return Ok(argument);
    }
    Err(Mistake::Unclear { written: argument.to_owned(), like: Name::Posted })
}

fn dated(name: Name, argument: &str, today: Date, toward: Toward) -> Result<(Date, &str), Mistake> {
    if argument.is_empty() {
        return Err(Mistake::Incomplete(name));
    }
    let (date, rest) = date::leading(argument, today, toward)
        .map_err(|why| Mistake::NoDate { written: argument.to_owned(), why })?;
    let apart = |c: char| c.is_whitespace() || matches!(c, ':' | ',' | ';' | '.' | '-' | '–' | '—' | '−');
    Ok((date, rest.trim_start_matches(apart).trim_end()))
}

/// A name or an address, as written, without what mail programs put around it.
fn colleague(argument: &str) -> Result<String, Mistake> {
    let first = argument.split_whitespace().next().unwrap_or_default();
    let to = if matches!(fold(first).as_str(), "a" | "to") { &argument[first.len()..] } else { argument };
    // `Anaïs <anais@divikeys.com>`, `anais@divikeys.com <mailto:anais@divikeys.com>`: the address is certain.
    let inside = to.split_once('<').and_then(|(_, after)| after.split_once('>')).map(|(inside, _)| inside);
    let to = inside.map_or(to, |inside| inside.trim_start_matches("mailto:"));
    let to = to.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':' | '!' | '?'));
    if to.is_empty() { Err(Mistake::Incomplete(Name::Assign)) } else { Ok(to.to_owned()) }
}

/// What may stand before the year of a reference.
const BESIDE: [&str; 11] = ["", "r", "n", "with", "to", "case", "avec", "a", "au", "le", "dossier"];

/// One case, with nothing beside it but its stage, which is no part of the number
/// (`R-2026-000123-K/R1`), and small words.
fn reference(name: Name, argument: &str) -> Result<CaseNumber, Mistake> {
    if normal(argument).is_empty() {
        return Err(Mistake::Incomplete(name));
    }
    let no_reference = || Mistake::NoReference(argument.to_owned());
    let plain = case_reference::plain(argument);
    let mut found = case_reference::each(&plain);
    let (number, at) = found.next().ok_or_else(no_reference)?;
    if found.next().is_some() {
        return Err(Mistake::TwoReferences);
    }
    let words =
        |text: &str| fold(text).split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<Vec<_>>();
    let is_beside = |word: &String| BESIDE.contains(&word.as_str());
    let is_stage = |word: &String| word.strip_prefix('r').is_some_and(|n| n.parse::<u8>().is_ok());
    let mut after = words(&plain[at.end..]).into_iter().filter(|word| !word.is_empty());
    let fine = words(&plain[..at.start]).iter().all(is_beside)
        && after.next().is_none_or(|word| is_stage(&word))
        && after.next().is_none();
    if fine { Ok(number) } else { Err(no_reference()) }
}

fn one_of<T: Copy>(name: Name, argument: &str, list: &[Word<T>]) -> Result<T, Mistake> {
    let written = normal(argument);
    if written.is_empty() {
        return Err(Mistake::Incomplete(name));
    }
    find(list, &written).ok_or_else(|| Mistake::NoneOf {
        written: argument.to_owned(),
        all: list.iter().map(|word| word.shown).collect(),
    })
}

fn items(argument: &str) -> Result<BTreeSet<Missing>, Mistake> {
    let words = argument.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '+'));
    let items: BTreeSet<Missing> = words
        .filter(|word| !matches!(normal(word).as_str(), "" | "et" | "and" | "&"))
        .map(|word| one_of(Name::Ask, word, ITEMS))
        .collect::<Result<_, _>>()?;
    if items.is_empty() { Err(Mistake::Incomplete(Name::Ask)) } else { Ok(items) }
}
