//! What is wrong with a line, in the colleague's language: what happened and what to write instead.

use super::super::facts::Language;
use super::date::{NoDate, Toward};
use super::names::{self, Form, Name};
use super::words::Shown;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mistake {
    /// No such command; with the one whose name is most like it.
    Unknown {
        written: String,
        like: Option<Name>,
    },
    /// What may be meant for another command, or for one at all.
    Unclear {
        written: String,
        like: Name,
    },
    /// A command after the text has begun, or behind something else.
    TooLate,
    /// More commands than are read.
    TooMany,
    /// Something must follow the name.
    Incomplete(Name),
    /// Nothing may follow the name.
    NotExpected(String),
    NoDate {
        written: String,
        why: NoDate,
    },
    NoReference(String),
    /// Two cases where one is named.
    TwoReferences,
    NoneOf {
        written: String,
        all: Vec<Shown>,
    },
    /// The command needs a text and there is none.
    NoText,
    /// Two commands take a text, and it is not certain whose it is.
    TwoTexts,
    /// A letter that begins on the command's own line and goes on below.
    TwoPlaces(String),
}

/// Longest piece of what was written that is repeated, in characters.
const SHOWN_CHARS: usize = 60;

impl Mistake {
    /// `line` is what follows the slash.
    pub(super) fn unknown(line: &str) -> Self {
        let written = line.split_whitespace().next().unwrap_or_default();
        Self::Unknown { written: written.to_owned(), like: names::nearest(line) }
    }

    /// One or two sentences for the colleague; French to those who read French, else English.
    pub fn told(&self, language: Language) -> String {
        if language == Language::French { self.french() } else { self.english() }
    }

    fn english(&self) -> String {
        let usage = |name: &Name| usage(*name, Language::English);
        match self {
            Self::Unknown { written, like: Some(like) } => format!(
                "there is no command /{}. Did you mean /{}? /help lists them all",
                shown(written),
                Form::of(*like).english.name
            ),
            Self::Unknown { written, like: None } => {
                format!("there is no command /{}. /help lists them all", shown(written))
            }
            Self::Unclear { written, like } => format!(
                "it is not certain what “{}” means. Did you mean /{}? If not, put it in other words",
                shown(written),
                Form::of(*like).english.name
            ),
            Self::TooLate => {
                "commands stand on the first lines, before the text, with nothing in front of the \
                slash. Move it there, or take the slash away if it is part of the text"
                    .to_owned()
            }
            Self::TooMany => format!(
                "these are more than {} commands. Send the rest in a second mail",
                super::MAX_COMMANDS
            ),
            Self::Incomplete(name) => format!("something is missing: write {}", usage(name)),
            Self::NotExpected(written) => format!(
                "nothing may follow this command, and “{}” does. Put it on the next line, or leave it out",
                shown(written)
            ),
            Self::NoDate { written, why } => no_date_in_english(&shown(written), *why),
            Self::NoReference(written) => format!(
                "“{}” is not a case reference. It looks like R-2026-000123-K, and its last character checks the others",
                shown(written)
            ),
            Self::TwoReferences => {
                "two cases are named here, and each needs a line with a command of its own".to_owned()
            }
            Self::NoneOf { written, all } => format!(
                "“{}” is not known here. Write one of: {}",
                shown(written),
                all.iter().map(|each| each.english).collect::<Vec<_>>().join(", ")
            ),
            Self::NoText => "this command needs a text: write it below the commands".to_owned(),
            Self::TwoTexts => {
                "two commands take a text, and it is not certain whose the text below is. Write the shorter \
                text on its command's own line and put the command of the text below last, or send two mails"
                    .to_owned()
            }
            Self::TwoPlaces(written) => format!(
                "“{}” stands beside the command and more text below it. Write the whole letter below",
                shown(written)
            ),
        }
    }

    fn french(&self) -> String {
        let usage = |name: &Name| usage(*name, Language::French);
        match self {
            Self::Unknown { written, like: Some(like) } => format!(
                "la commande /{} n’existe pas. Vouliez-vous dire /{}\u{202f}? /aide en donne la liste",
                shown(written),
                Form::of(*like).french.name
            ),
            Self::Unknown { written, like: None } => {
                format!("la commande /{} n’existe pas. /aide en donne la liste", shown(written))
            }
            Self::Unclear { written, like } => format!(
                "le sens de «\u{202f}{}\u{202f}» n’est pas certain. Vouliez-vous dire /{}\u{202f}? Sinon, écrivez-le \
                autrement",
                shown(written),
                Form::of(*like).french.name
            ),
            Self::TooLate => {
                "les commandes se placent sur les premières lignes, avant le texte, sans rien devant la \
                barre oblique. Déplacez-la, ou ôtez la barre si elle fait partie du texte"
                    .to_owned()
            }
            Self::TooMany => format!(
                "il y a plus de {} commandes. Envoyez la suite dans un second message",
                super::MAX_COMMANDS
            ),
            Self::Incomplete(name) => format!("il manque un élément\u{202f}: écrivez {}", usage(name)),
            Self::NotExpected(written) => format!(
                "rien ne doit suivre cette commande, or on lit «\u{202f}{}\u{202f}». Placez-le à la ligne suivante \
                ou supprimez-le",
                shown(written)
            ),
            Self::NoDate { written, why } => no_date_in_french(&shown(written), *why),
            Self::NoReference(written) => format!(
                "«\u{202f}{}\u{202f}» n’est pas une référence de dossier. Elle s’écrit R-2026-000123-K, et son dernier \
                 caractère contrôle les autres",
                shown(written)
            ),
            Self::TwoReferences => {
                "deux dossiers sont cités ici\u{202f}: écrivez une ligne, avec sa commande, pour chacun"
                    .to_owned()
            }
            Self::NoneOf { written, all } => format!(
                "«\u{202f}{}\u{202f}» n’est pas connu ici. Écrivez l’un de ces mots\u{202f}: {}",
                shown(written),
                all.iter().map(|each| each.french).collect::<Vec<_>>().join(", ")
            ),
            Self::NoText => {
                "cette commande demande un texte\u{202f}: écrivez-le sous les commandes".to_owned()
            }
            Self::TwoTexts => {
                "deux commandes prennent un texte, et l’on ne sait à laquelle appartient celui d’en dessous. \
                Écrivez le plus court sur la ligne de sa commande et placez en dernier la commande de l’autre, \
                ou envoyez deux messages"
                    .to_owned()
            }
            Self::TwoPlaces(written) => format!(
                "«\u{202f}{}\u{202f}» se trouve à côté de la commande, et la suite en dessous. Écrivez toute la lettre en \
                dessous",
                shown(written)
            ),
        }
    }
}

fn no_date_in_english(written: &str, why: NoDate) -> String {
    match why {
        NoDate::Unread => {
            format!(
                "“{written}” does not begin with a date. Write 2026-12-31, 31/12/2026 or 31 December 2026"
            )
        }
        NoDate::WrongSide(date, Toward::Future) => format!("{date} is past. Write a date to come"),
        NoDate::WrongSide(date, Toward::Past) => {
            format!("{date} is still to come. Write a date that is past")
        }
        NoDate::YearNeeded => {
            format!(
                "“{written}” is far away, and its year is not certain. Write the year as well: 31/12/2026"
            )
        }
        NoDate::OtherWeekday(date) => {
            format!("{date} is not the day of the week in “{written}”. Correct one of the two")
        }
    }
}

fn no_date_in_french(written: &str, why: NoDate) -> String {
    let on = |date: jiff::civil::Date| date.strftime("%d/%m/%Y").to_string();
    match why {
        NoDate::Unread => format!(
            "«\u{202f}{written}\u{202f}» ne commence pas par une date. Écrivez 31/12/2026, 31 décembre 2026 ou 2026-12-31"
        ),
        NoDate::WrongSide(date, Toward::Future) => {
            format!("le {} est passé. Écrivez une date à venir", on(date))
        }
        NoDate::WrongSide(date, Toward::Past) => {
            format!("le {} est encore à venir. Écrivez une date passée", on(date))
        }
        NoDate::YearNeeded => format!(
            "«\u{202f}{written}\u{202f}» est lointain, et l’année n’en est pas certaine. Écrivez aussi l’année\u{202f}: \
            31/12/2026"
        ),
        NoDate::OtherWeekday(date) => format!(
            "le {} n’est pas le jour de la semaine que donne «\u{202f}{written}\u{202f}». Corrigez l’un des deux",
            on(date)
        ),
    }
}

fn usage(name: Name, language: Language) -> String {
    let usage = Form::of(name).usage(language);
    format!("/{} {}", usage.name, usage.argument).trim_end().to_owned()
}

fn shown(written: &str) -> String {
    let short: String = written.chars().take(SHOWN_CHARS).filter(|c| !c.is_control()).collect();
    if short.len() < written.len() { format!("{short}…") } else { short }
}
