//! Attribution lines: "Le 3 mars 2026 à 10:15, X a écrit :" above a quoted mail.
//!
//! A person tells in the same words what somebody wrote to them ("Le 3 mars à 10:15, votre conseillère
//! m'a écrit :"). Without quote marks below it the line must therefore be in a client's form.

use std::sync::LazyLock;

use regex::Regex;

use super::line::{Line, Place};
use super::quote::Trust;

/// Lines over which a client breaks an attribution, at most.
const MAX_LINES: usize = 6;

/// Number of lines of the attribution that begins here, if one does.
pub fn attribution(lines: &[Line], trust: Trust) -> Option<usize> {
    let first = lines[0].folded();
    if !may_begin_attribution(first) {
        return None;
    }
    let mut text = String::new();
    for (i, line) in lines.iter().take(MAX_LINES).enumerate() {
        if i > 0 && (line.is_blank() || line.depth != lines[0].depth) {
            return None;
        }
        if i > 0 {
            text.push(' ');
        }
        text.push_str(line.folded());
        if text.len() > 400 {
            return None;
        }
        if ends_attribution(&text) {
            let next = lines[i + 1..].iter().find(|line| !line.is_blank());
            let announced = next.is_some_and(|next| next.place == Place::Quote || next.depth > 0);
            return (announced && lines[0].place != Place::Quote || is_in_form(&text, trust))
                .then_some(i + 1);
        }
    }
    None
}

fn may_begin_attribution(folded: &str) -> bool {
    const OPENINGS: [&str; 17] = [
        "le ",
        "on ",
        "op ",
        "el ",
        "am ",
        "il ",
        "em ",
        "a la date",
        "en date du",
        "am:",
        "den ",
        "vào",
        "dia ",
        "at ",
        "il giorno ",
        "w dniu ",
        "quoting ",
    ];
    OPENINGS.iter().any(|opening| folded.starts_with(opening))
        || WRITTEN.is_match(folded)
        || folded.starts_with(|c: char| c.is_ascii_digit())
}

/// Any of them, in one look: asked of each line.
static WRITTEN: LazyLock<Regex> = LazyLock::new(|| Regex::new(&WROTE.join("|")).expect("plain words"));

const WROTE: [&str; 12] = [
    "a ecrit",
    "wrote",
    "schreef",
    "escribio",
    "schrieb",
    "ha scritto",
    "escreveu",
    "geschreven",
    "ecrivait",
    "ecrit",
    "ha escrito",
    "skrev",
];

/// Whether the text ends as an attribution does: with the verb and a colon, the verb among the last
/// words ("schreef Divikeys <info@…>:").
fn ends_attribution(text: &str) -> bool {
    let Some(body) = text.trim_end().strip_suffix(':') else { return false };
    // Horde: "Quoting X <x@…>:".
    let quoting = body.starts_with("quoting ") && body.contains('@');
    let wrote = WROTE.iter().any(|wrote| {
        body.rfind(wrote).is_some_and(|at| {
            let after = body[at + wrote.len()..].trim();
            // The verb comes before the name in these two languages only.
            let named = ["schreef", "schrieb"].contains(wrote)
                && after.len() < 60
                && !after.contains(['.', ',', ';']);
            // "X <x@…> escreveu (segunda, 9/11/2026 à(s) 10:12):"
            let dated = after.starts_with('(') && after.ends_with(')') && after.len() < 60;
            after.is_empty() || after.contains('@') || named || dated
        })
    });
    (quoting || wrote) && body.chars().any(|c| c.is_ascii_digit() || c == '@')
}

/// A sender's address or a time of day beside a date. Without an address it may be prose, and counts only
/// in a mail that answers another.
fn is_in_form(text: &str, trust: Trust) -> bool {
    let bytes = text.as_bytes();
    let digits = |n: usize| bytes.windows(n).any(|w| w.iter().all(u8::is_ascii_digit));
    let date =
        digits(4) || bytes.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b'/' && w[2].is_ascii_digit());
    let (address, time) = (text.contains('@'), names_time(text));
    let weak = trust == Trust::Weak;
    !is_addressed(text)
        && ((address && (time || date)) || (weak && time && date) || (weak && is_undated(text)))
}

/// "X <x@…> wrote:" and nothing else (mailx).
fn is_undated(text: &str) -> bool {
    let ends = WROTE.iter().any(|wrote| {
        text.trim_end_matches([':', ' '])
            .strip_suffix(wrote)
            .is_some_and(|rest| rest.trim_end().ends_with('>'))
    });
    ends && text.matches('@').count() == 1 && text.len() < 200
}

/// "10:15", "10h15".
pub fn names_time(text: &str) -> bool {
    text.as_bytes().windows(4).any(|w| {
        w[0].is_ascii_digit() && matches!(w[1], b':' | b'h') && w[2].is_ascii_digit() && w[3].is_ascii_digit()
    })
}

/// "m'a écrit", "wrote to me", "votre conseiller a écrit": no client says to whom; nor whose, where it
/// knows the address.
fn is_addressed(text: &str) -> bool {
    const WHOM: [&str; 9] = ["m'a", "m'ecrit", "m'ecrivait", "m'avez", "nous", "us", "mij", "mir", "mich"];
    const WHOSE: [&str; 9] = ["your", "votre", "vos", "un", "une", "mon", "uw", "su", "ihr"];
    const PHRASES: [&str; 3] = [" to me", " me escribio", " me ha escrito"];
    let address = text.contains('@');
    text.split_whitespace()
        .map(|word| word.trim_matches([',', ':', '.']))
        .any(|word| WHOM.contains(&word) || !address && WHOSE.contains(&word))
        || PHRASES.iter().any(|phrase| text.contains(phrase))
}

/// A line that says that another's words follow: "Vous m'avez répondu :".
pub fn is_told(folded: &str) -> bool {
    const TOLD: [&str; 22] = [
        "ecri", "repond", "repons", "dit", "dis", "mail", "message", "courrier", "lettre", "wrote", "write",
        "said", "say", "answer", "repl", "letter", "schreef", "antwoord", "zegt", "escri", "respond", "dice",
    ];
    folded.ends_with(':') && folded.len() < 200 && TOLD.iter().any(|each| folded.contains(each))
}
