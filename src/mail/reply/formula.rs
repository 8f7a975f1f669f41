//! Closing formulas of letters, in the languages of the desk: short ones, long ones, thanks.
//!
//! Whether a formula really closes the letter depends on what follows it and is decided in
//! [`super::signature`].

use std::sync::LazyLock;

use regex::Regex;

use super::line::Line;
use super::name::{Strictness, is_name};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    None,
    /// "Cordialement,"
    Formula,
    /// "Cordialement, Jeanne Martin"
    WithName,
}

/// Formulas that close a letter; each may be followed by a few words.
const FORMULAS: [&str; 90] = [
    "cordialement",
    "bien cordialement",
    "tres cordialement",
    "cordiales salutations",
    "cdlt",
    "cdt",
    "bien a vous",
    "sincerement",
    "respectueusement",
    "bien respectueusement",
    "salutations",
    "meilleures salutations",
    "mes salutations",
    "avec mes salutations",
    "sinceres salutations",
    "respectueuses salutations",
    "salutations distinguees",
    "bonne journee",
    "bonne soiree",
    "belle journee",
    "bonne fin de journee",
    "bon week-end",
    "bonne reception",
    "excellente journee",
    "tres bonne journee",
    "a bientot",
    "amicalement",
    "bien amicalement",
    "courtoisement",
    "bien sincerement",
    "sinceres",
    "regards",
    "kind regards",
    "best regards",
    "warm regards",
    "kindest regards",
    "with kind regards",
    "rgds",
    "best wishes",
    "best",
    "many thanks",
    "cheers",
    "sincerely",
    "yours sincerely",
    "yours faithfully",
    "yours truly",
    "yours",
    "respectfully",
    "with thanks",
    "all the best",
    "take care",
    "faithfully",
    "br",
    "saludos",
    "un saludo",
    "saludos cordiales",
    "un cordial saludo",
    "cordiales saludos",
    "atentamente",
    "cordialmente",
    "reciba un",
    "met vriendelijke groet",
    "vriendelijke groet",
    "vriendelijke groeten",
    "hoogachtend",
    "mvg",
    "groet",
    "groeten",
    "met groet",
    "mit freundlichen grussen",
    "freundliche grusse",
    "mfg",
    "viele grusse",
    "ak tout respe",
    "votre bien devoue",
    "votre devoue",
    "votre tout devoue",
    "votre fidele",
    "bien fidelement",
    "confraternellement",
    "devouement",
    "yours ever",
    "with best",
    "with many thanks",
    "a vous lire",
    "au plaisir de vous lire",
    "sentiments distingues",
    "sentiments respectueux",
    "respectfully submitted",
    "mesi davans",
];

/// Thanks that close a letter when nothing but these words stands in the line.
const THANKS: [&str; 40] = [
    "merci",
    "merci d'avance",
    "merci par avance",
    "d'avance merci",
    "par avance merci",
    "merci beaucoup",
    "merci a vous",
    "merci bien",
    "grand merci",
    "un grand merci",
    "merci bcp",
    "mille mercis",
    "tous mes remerciements",
    "avec mes remerciements",
    "avec tous mes remerciements",
    "en vous remerciant",
    "en vous remerciant par avance",
    "en vous remerciant d'avance",
    "remerciements",
    "merci de votre aide",
    "merci pour votre aide",
    "merci pour elle",
    "merci pour lui",
    "thanks",
    "thank you",
    "thanks in advance",
    "thank you in advance",
    "thanks a lot",
    "thanks very much",
    "thank you very much",
    "thx",
    "gracias",
    "muchas gracias",
    "gracias de antemano",
    "bedankt",
    "alvast bedankt",
    "dank",
    "bij voorbaat dank",
    "mesi",
    "mesi anpil",
];

/// Those with which a text begins, and what follows there.
fn beginning<'t>(
    formulas: &'static [&'static str],
    text: &'t str,
) -> impl Iterator<Item = (&'static str, &'t str)> {
    let first = text.as_bytes().first();
    let alike = formulas.iter().filter(move |formula| formula.as_bytes().first() == first);
    alike.filter_map(move |formula| Some((*formula, text.strip_prefix(formula)?)))
}

pub fn closing(line: &Line) -> Closing {
    let folded = line.folded();
    if folded.len() >= 300 || line.depth > 0 {
        return Closing::None;
    }
    if is_long_valediction(folded) {
        return Closing::Formula;
    }
    let text = folded.trim_end_matches([',', '.', '!', ' ', ';', ':', '-']);
    if text.len() > 80 {
        return Closing::None;
    }
    let formula_alone = |text: &str| {
        THANKS.contains(&text) || FORMULAS.contains(&text) || is_wish(text) || {
            let short = text.split_whitespace().count() <= 6;
            short && beginning(&FORMULAS, text).any(|(formula, rest)| formula.len() > 4 && goes_on(rest))
                || is_introduction(folded)
        }
    };
    // "Merci et bonne journée", "Merci d'avance, cordialement".
    let joined = text.replace(" et ", ",").replace(" and ", ",").replace(" y ", ",").replace(" en ", ",");
    if formula_alone(text) || joined.split(',').all(|part| formula_alone(part.trim())) {
        return Closing::Formula;
    }
    closing_with_name(line)
}

/// "Have a blessed day".
fn is_wish(text: &str) -> bool {
    const TIMES: [&str; 9] =
        ["day", "evening", "night", "week", "weekend", "week-end", "afternoon", "morning", "one"];
    let words: Vec<&str> = text.split_whitespace().collect();
    matches!(words[..], ["have", "a" | "an", .., last] if words.len() <= 6 && TIMES.contains(&last))
}

/// "Merci d'avance pour votre aide," or "On behalf of the group,": a short line that a comma leads
/// to the name below.
fn is_introduction(folded: &str) -> bool {
    const OPENINGS: [&str; 24] = [
        "merci",
        "avec mes",
        "avec nos",
        "en vous",
        "dans l'attente",
        "pour le",
        "pour la",
        "pour les",
        "au nom",
        "p/o",
        "thank",
        "many thanks",
        "with thanks",
        "looking forward",
        "on behalf",
        "for the",
        "namens",
        "alvast",
        "bij voorbaat",
        "en nombre de",
        "gracias",
        "quedo a",
        "a la espera",
        "bien",
    ];
    folded.ends_with(',')
        && folded.split_whitespace().count() <= 9
        && OPENINGS.iter().any(|opening| folded.starts_with(opening))
}

/// Thanks may stand inside a text; a formula that closes a letter hardly does.
pub fn is_thanks(line: &Line) -> bool {
    beginning(&THANKS, line.folded()).next().is_some()
}

/// "P.S.", after which the person speaks again.
pub fn is_postscript(line: &Line) -> bool {
    ["ps ", "ps:", "p.s", "p. s", "p.-s", "nb ", "nb:", "n.b"].iter().any(|ps| line.folded().starts_with(ps))
}

/// Words that may follow a formula in its line: "à vous", "de Saint-Martin", "to you all".
fn goes_on(rest: &str) -> bool {
    // "groet-en", "salutation-s".
    if rest.len() <= 3 && rest.chars().all(char::is_alphabetic) {
        return true;
    }
    let rest = rest.trim_start_matches([',', ' ']);
    [
        "a vous",
        "a toute",
        "a tous",
        "to you",
        "a ustedes",
        "et ",
        "and ",
        "de ",
        "from ",
        "uit ",
        "van ",
        "distinguees",
        "cordial",
    ]
    .iter()
    .any(|begin| rest.starts_with(begin))
}

/// "Cordialement, Jeanne Martin" or "Merci, J. Martin" on one line.
fn closing_with_name(line: &Line) -> Closing {
    let bare = line.bare();
    let folded = line.folded();
    let found = beginning(&FORMULAS, folded)
        .chain(beginning(&THANKS, folded))
        .find(|(formula, rest)| formula.len() > 3 && rest.starts_with([',', ' ', '.', '-']));
    let Some((formula, _)) = found else { return Closing::None };
    let words_before = formula.split_whitespace().count();
    let name: Vec<&str> = bare.split_whitespace().skip(words_before).collect();
    let name = name.join(" ");
    let name = name.trim_start_matches(['-', ',', '.', ' ']);
    if name.is_empty() || name.contains(['.', '?', '!', ':']) && !is_name(name, Strictness::NextLine) {
        return Closing::None;
    }
    if is_name(name, Strictness::NextLine) { Closing::WithName } else { Closing::None }
}

/// "Je vous prie d'agréer, Madame, Monsieur, l'expression de mes salutations distinguées."
fn is_long_valediction(folded: &str) -> bool {
    static ASKS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "agreer|agreez|recevoir|recevez|croire|croyez|acceptez|accepter|reciba|acepte|presenter|assurance de",
        )
        .expect("plain words")
    });
    static OFFERS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "salutation|sentiments|consideration|respects|hommages|devouement|mes meilleurs|respectueux|saludo|distinguee|cordial",
        )
        .expect("plain words")
    });
    ASKS.is_match(folded) && OFFERS.is_match(folded)
}
