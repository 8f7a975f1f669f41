//! What stands after a command's name, made into the command.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::case::{Mediation, Outcome};
use super::super::facts::{Category, Flag, Language, Missing};
use super::super::fold::fold;
use super::super::ids::CaseNumber;
use super::{Command, Mistake, Name, date};

/// A word of a closed list as people write it, folded, beside the list's own word.
type Words<T> = &'static [(&'static str, T)];

const OUTCOMES: Words<Outcome> = &[
    ("fondee", Outcome::Upheld),
    ("acceptee", Outcome::Upheld),
    ("favorable", Outcome::Upheld),
    ("partiellement fondee", Outcome::PartlyUpheld),
    ("partiellement acceptee", Outcome::PartlyUpheld),
    ("partiellement favorable", Outcome::PartlyUpheld),
    ("partially upheld", Outcome::PartlyUpheld),
    ("partielle", Outcome::PartlyUpheld),
    ("partly", Outcome::PartlyUpheld),
    ("non fondee", Outcome::NotUpheld),
    ("rejetee", Outcome::NotUpheld),
    ("refusee", Outcome::NotUpheld),
    ("defavorable", Outcome::NotUpheld),
    ("rejected", Outcome::NotUpheld),
    ("retiree", Outcome::Withdrawn),
    ("irrecevable", Outcome::Inadmissible),
    ("indecidable", Outcome::NotDecidable),
    ("sans decision possible", Outcome::NotDecidable),
];
const CATEGORIES: Words<Category> = &[
    ("technique", Category::Technical),
    ("financial", Category::FinancialTransaction),
    ("transaction", Category::FinancialTransaction),
    ("transaction financiere", Category::FinancialTransaction),
    ("project", Category::FundedProject),
    ("projet", Category::FundedProject),
    ("projet finance", Category::FundedProject),
    ("autre", Category::Other),
];
const LANGUAGES: Words<Language> = &[
    ("french", Language::French),
    ("francais", Language::French),
    ("english", Language::English),
    ("anglais", Language::English),
    ("spanish", Language::Spanish),
    ("espagnol", Language::Spanish),
    ("dutch", Language::Dutch),
    ("neerlandais", Language::Dutch),
    ("creole", Language::Creole),
];
const FLAGS: Words<Flag> = &[
    ("fraud", Flag::FraudSuspected),
    ("fraude", Flag::FraudSuspected),
    ("legal", Flag::LegalThreat),
    ("menace juridique", Flag::LegalThreat),
    ("regulator", Flag::RegulatorMentioned),
    ("regulateur", Flag::RegulatorMentioned),
    ("mediator", Flag::MediatorMentioned),
    ("mediateur", Flag::MediatorMentioned),
    ("press", Flag::PressThreat),
    ("presse", Flag::PressThreat),
    ("vulnerable", Flag::VulnerablePerson),
    ("personne vulnerable", Flag::VulnerablePerson),
    ("data breach", Flag::DataBreachSuspected),
    ("fuite de donnees", Flag::DataBreachSuspected),
    ("demande de donnees", Flag::DataRequest),
];
const MEDIATIONS: Words<Mediation> = &[
    ("demandee", Mediation::Requested),
    ("saisie", Mediation::Requested),
    ("en cours", Mediation::UnderWay),
    ("terminee", Mediation::Ended),
    ("close", Mediation::Ended),
];
const ITEMS: Words<Missing> = &[
    ("nom", Missing::Name),
    ("coordonnees", Missing::Contact),
    ("telephone", Missing::Contact),
    ("adresse", Missing::Contact),
    ("address", Missing::Contact),
    ("phone", Missing::Contact),
    ("faits", Missing::Description),
    ("facts", Missing::Description),
    ("steps", Missing::StepsTaken),
    ("demarches", Missing::StepsTaken),
    ("etapes", Missing::StepsTaken),
    ("documents", Missing::Evidence),
    ("document", Missing::Evidence),
    ("proof", Missing::Evidence),
    ("preuve", Missing::Evidence),
    ("preuves", Missing::Evidence),
    ("pieces", Missing::Evidence),
    ("justificatif", Missing::Evidence),
    ("justificatifs", Missing::Evidence),
];

/// The command of this name. `text` is the mail's text if it is this command's to take, else empty.
pub fn command(name: Name, argument: &str, text: &str, today: Date) -> Result<Command, Mistake> {
    let alone = |command| none(argument).map(|()| command);
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

        Name::Note => Command::Note(prose(argument, text)?),
        Name::Reply => Command::Reply(prose(argument, text)?),
        Name::Progress => Command::Progress(prose(argument, text)?),
        Name::Reject => Command::Reject(prose(argument, text)?),
        Name::Inadmissible => Command::Inadmissible(prose(argument, text)?),
        Name::NotAComplaint => Command::NotAComplaint(prose(argument, text)?),
        Name::Conflict => Command::Conflict(prose(argument, text)?),
        Name::Cause => Command::Cause(prose(argument, text)?),
        Name::Action => Command::Action(prose(argument, text)?),
        Name::Post => Command::Post(prose(argument, text)?),
        Name::Call => Command::Call(prose(argument, text)?),

        Name::Assign if argument.is_empty() => return Err(Mistake::Incomplete(name)),
        Name::Assign => Command::Assign(argument.to_owned()),
        Name::Ask => Command::Ask(items(argument)?, text.to_owned()),
        Name::Extend => {
            let (date, reason) = dated(name, argument, today)?;
            Command::Extend(date, prose(reason, text)?)
        }
        Name::Final => {
            let outcome = one_of(name, argument, Outcome::ALL, Outcome::word, OUTCOMES)?;
            Command::Final(outcome, prose("", text)?)
        }
        Name::Close => Command::Close(one_of(name, argument, Outcome::ALL, Outcome::word, OUTCOMES)?),
        Name::Category => {
            Command::Category(one_of(name, argument, Category::ALL, Category::word, CATEGORIES)?)
        }
        Name::Language => {
            // `und` is what we say, and no correction.
            let known = &Language::ALL[..Language::ALL.len() - 1];
            Command::Language(one_of(name, argument, known, Language::word, LANGUAGES)?)
        }
        Name::Flag => match argument.strip_prefix(['-', '\u{2013}', '\u{2212}']) {
            Some(flag) => Command::Unflag(one_of(name, flag, Flag::ALL, Flag::word, FLAGS)?),
            None => Command::Flag(one_of(name, argument, Flag::ALL, Flag::word, FLAGS)?),
        },
        Name::Mediation => {
            Command::Mediation(one_of(name, argument, Mediation::ALL, Mediation::word, MEDIATIONS)?)
        }
        Name::Merge => Command::Merge(reference(name, argument)?),
        Name::Link => Command::Link(reference(name, argument)?),
        Name::Posted => {
            let (date, number) = dated(name, argument, today)?;
            Command::Posted(date, (!number.is_empty()).then(|| number.to_owned()))
        }
    })
}

fn none(argument: &str) -> Result<(), Mistake> {
    if argument.is_empty() { Ok(()) } else { Err(Mistake::NotExpected(argument.to_owned())) }
}

/// What stands on the command's own line and the text below, as one text.
fn prose(argument: &str, text: &str) -> Result<String, Mistake> {
    match (argument.is_empty(), text.is_empty()) {
        (true, true) => Err(Mistake::NoText),
        (false, true) => Ok(argument.to_owned()),
        (true, false) => Ok(text.to_owned()),
        (false, false) => Ok(format!("{argument}\n{text}")),
    }
}

fn dated(name: Name, argument: &str, today: Date) -> Result<(Date, &str), Mistake> {
    if argument.is_empty() {
        return Err(Mistake::Incomplete(name));
    }
    let (date, rest) = date::leading(argument, today).ok_or_else(|| Mistake::NoDate(argument.to_owned()))?;
    Ok((date, rest.trim_start_matches([':', ',', ';', ' ']).trim()))
}

fn reference(name: Name, argument: &str) -> Result<CaseNumber, Mistake> {
    if argument.is_empty() {
        return Err(Mistake::Incomplete(name));
    }
    // The stage is no part of the number: `R-2026-000123-K/R1`.
    let (number, stage) = argument.split_once('/').unwrap_or((argument, ""));
    let is_stage =
        stage.is_empty() || stage.strip_prefix(['R', 'r']).is_some_and(|n| n.parse::<u8>().is_ok());
    CaseNumber::parse_lenient(number)
        .filter(|_| is_stage)
        .ok_or_else(|| Mistake::NoReference(argument.to_owned()))
}

/// As the lists spell words: folded, one space between them.
fn normal(written: &str) -> String {
    let folded = fold(written);
    let parts =
        folded.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_')).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(" ").trim_end_matches(['.', ',', '!']).to_owned()
}

fn one_of<T: Copy>(
    name: Name,
    argument: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
    also: Words<T>,
) -> Result<T, Mistake> {
    let written = normal(argument);
    if written.is_empty() {
        return Err(Mistake::Incomplete(name));
    }
    let own = all.iter().copied().find(|each| normal(word(*each)) == written);
    own.or_else(|| also.iter().find(|(each, _)| *each == written).map(|(_, value)| *value)).ok_or_else(|| {
        Mistake::NoneOf { written: argument.to_owned(), all: all.iter().map(|each| word(*each)).collect() }
    })
}

fn items(argument: &str) -> Result<BTreeSet<Missing>, Mistake> {
    let words = argument.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '+'));
    let items: BTreeSet<Missing> = words
        .filter(|word| !matches!(fold(word).as_str(), "" | "et" | "and" | "&"))
        .map(|word| one_of(Name::Ask, word, Missing::ALL, Missing::word, ITEMS))
        .collect::<Result<_, _>>()?;
    if items.is_empty() { Err(Mistake::Incomplete(Name::Ask)) } else { Ok(items) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_spelled_as_they_are_compared() {
        let lists: Vec<&str> = [OUTCOMES.iter().map(|(word, _)| *word).collect::<Vec<_>>()]
            .into_iter()
            .chain([
                CATEGORIES.iter().map(|(word, _)| *word).collect(),
                LANGUAGES.iter().map(|(word, _)| *word).collect(),
                FLAGS.iter().map(|(word, _)| *word).collect(),
                MEDIATIONS.iter().map(|(word, _)| *word).collect(),
                ITEMS.iter().map(|(word, _)| *word).collect(),
            ])
            .flatten()
            .collect();
        for word in lists {
            assert_eq!(normal(word), word);
        }
    }
}
