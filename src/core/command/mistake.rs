//! What is wrong with a line, in the colleague's language: what happened and what to write instead.

use super::super::facts::Language;
use super::names::{self, Form, Name, Usage};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mistake {
    /// No such command; with the name that is most like it.
    Unknown {
        written: String,
        like: Option<&'static str>,
    },
    /// A command after the text has begun, or behind a bullet.
    TooLate,
    /// More commands than are read.
    TooMany,
    /// Something must follow the name.
    Incomplete(Name),
    /// Nothing may follow the name.
    NotExpected(String),
    NoDate(String),
    NoReference(String),
    NoneOf {
        written: String,
        all: Vec<&'static str>,
    },
    /// The command needs a text and there is none.
    NoText,
    /// Two commands need a text and there is one.
    TwoTexts,
}

/// Longest piece of what was written that is repeated, in characters.
const SHOWN_CHARS: usize = 60;

impl Mistake {
    pub(super) fn unknown(line: &str) -> Self {
        let written = line.split_whitespace().next().unwrap_or_default();
        Self::Unknown { written: written.to_owned(), like: names::nearest(line) }
    }

    /// One sentence for the colleague; French to those who read French, else English.
    pub fn told(&self, language: Language) -> String {
        if language == Language::French { self.french() } else { self.english() }
    }

    fn english(&self) -> String {
        match self {
            Self::Unknown { written, like: Some(like) } => {
                format!("there is no command /{}. Did you mean /{like}? /help lists them all", shown(written))
            }
            Self::Unknown { written, like: None } => {
                format!("there is no command /{}. /help lists them all", shown(written))
            }
            Self::TooLate => {
                "commands stand on the first lines, before the text, with nothing in front of the \
                slash. Move it there, or take the slash away if it is part of the text"
                    .to_owned()
            }
            Self::TooMany => format!(
                "these are more than {} commands. Send the rest in a second mail",
                super::MAX_COMMANDS
            ),
            Self::Incomplete(name) => {
                format!("something is missing: write {}", usage(&Form::of(*name).english))
            }
            Self::NotExpected(written) => {
                format!(
                    "nothing may follow this command, and “{}” does. Put it on the next line, or leave it out",
                    shown(written)
                )
            }
            Self::NoDate(written) => {
                format!(
                    "“{}” does not begin with a date. Write 2026-12-31, 31/12/2026 or 31 December 2026",
                    shown(written)
                )
            }
            Self::NoReference(written) => format!(
                "“{}” is not a case reference. It looks like R-2026-000123-K, and its last character checks the others",
                shown(written)
            ),
            Self::NoneOf { written, all } => {
                format!("“{}” is not known here. Write one of: {}", shown(written), all.join(", "))
            }
            Self::NoText => "this command needs a text: write it below the commands".to_owned(),
            Self::TwoTexts => {
                "two commands need the text below, and it can only be one's. Write the shorter text on \
                its command's own line, or send two mails"
                    .to_owned()
            }
        }
    }

    fn french(&self) -> String {
        match self {
            Self::Unknown { written, like: Some(like) } => format!(
                "la commande /{} n’existe pas. Vouliez-vous dire /{like}\u{202f}? /aide les donne toutes",
                shown(written)
            ),
            Self::Unknown { written, like: None } => {
                format!("la commande /{} n’existe pas. /aide les donne toutes", shown(written))
            }
            Self::TooLate => {
                "les commandes se placent sur les premières lignes, avant le texte, sans rien devant la \
                barre oblique. Déplacez-la, ou ôtez la barre si elle fait partie du texte"
                    .to_owned()
            }
            Self::TooMany => {
                format!(
                    "il y a plus de {} commandes. Envoyez la suite dans un second message",
                    super::MAX_COMMANDS
                )
            }
            Self::Incomplete(name) => {
                format!("il manque un élément\u{202f}: écrivez {}", usage(&Form::of(*name).french))
            }
            Self::NotExpected(written) => format!(
                "rien ne suit cette commande, or on lit «\u{202f}{}\u{202f}». Placez-le à la ligne suivante ou supprimez-le",
                shown(written)
            ),
            Self::NoDate(written) => format!(
                "«\u{202f}{}\u{202f}» ne commence pas par une date. Écrivez 31/12/2026, 31 décembre 2026 ou 2026-12-31",
                shown(written)
            ),
            Self::NoReference(written) => format!(
                "«\u{202f}{}\u{202f}» n’est pas une référence de dossier. Elle s’écrit R-2026-000123-K, et son dernier \
                 caractère contrôle les autres",
                shown(written)
            ),
            Self::NoneOf { written, all } => format!(
                "«\u{202f}{}\u{202f}» n’est pas connu ici. Écrivez l’un de ceux-ci\u{202f}: {}",
                shown(written),
                all.join(", ")
            ),
            Self::NoText => {
                "cette commande demande un texte\u{202f}: écrivez-le sous les commandes".to_owned()
            }
            Self::TwoTexts => {
                "deux commandes demandent le texte ci-dessous, qui ne peut être que celui d’une seule. \
                Écrivez le plus court sur la ligne de sa commande, ou envoyez deux messages"
                    .to_owned()
            }
        }
    }
}

fn usage(usage: &Usage) -> String {
    format!("/{} {}", usage.name, usage.argument).trim_end().to_owned()
}

fn shown(written: &str) -> String {
    let short: String = written.chars().take(SHOWN_CHARS).filter(|c| !c.is_control()).collect();
    if short.len() < written.len() { format!("{short}…") } else { short }
}
