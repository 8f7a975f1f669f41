//! What the readers look at, found once for a mail: concepts, folded words, and what is quoted.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::concept::{self, Found, Text};
use super::normalise::{self, WRAPPED_BYTES};
use crate::core::fold::fold;
use crate::core::ids::CaseNumber;
use crate::core::reference;

/// Text that is read for meaning, in bytes; a longer mail has said what it wants by then.
const READ_BYTES: usize = 20_000;
/// Text that is looked through for what raises attention, in bytes of each part: that may stand anywhere.
const LOOKED_THROUGH_BYTES: usize = 200_000;

/// What the readers look at, found once for a mail.
#[derive(Debug)]
pub struct Signs {
    /// Of the person's own words.
    pub own: Found,
    /// Of the subject, where the person wrote it.
    pub subject: Found,
    /// Of what is quoted below.
    pub quoted: Found,
    pub quoted_says: BTreeSet<&'static str>,
    /// All of the person's own words, folded, lines that were only wrapped joined.
    pub joined: String,
    /// Of these, what raises attention.
    pub told: Found,
    /// Whether signature or quoted text, which a person may have written too, speak of the writer's own death.
    /// A flag too many costs a look.
    pub around: bool,
    /// Own words, folded.
    pub folded: String,
    pub folded_subject: String,
    pub folded_quoted: String,
    pub attached: usize,
    /// Cases that subject or body name.
    pub refers_to: Vec<CaseNumber>,
    pub answers: bool,
    pub subject_is_ours: bool,
}

impl Signs {
    pub fn of(reading: &Reading<'_>) -> Self {
        let split = reading.split;
        let (mut folded, read) = folded_whole(&split.reply, READ_BYTES);
        let reply = Text::of(&folded, read);
        let (own, told, joined) = (reply.find(), reply.raising(), unwrapped(&folded));
        folded.truncate(read);
        let (mut folded_quoted, read) = folded_whole(&split.quoted, READ_BYTES / 4);
        let below = Text::of(&folded_quoted, read);
        let (quoted, quoted_danger) = (below.find(), below.is_danger());
        folded_quoted.truncate(read);
        let folded_subject = fold(start_of(reading.subject, 500));
        let reply_mark =
            ["re:", "re :", "rv:", "aw:", "antw:", "sv:"].iter().any(|mark| folded_subject.starts_with(mark));
        Self {
            own,
            subject: concept::find(&normalise::words(&folded_subject)),
            quoted,
            told,
            around: quoted_danger || Text::of(&folded_whole(&split.signature, 0).0, 0).is_danger(),
            quoted_says: quoted_says(&folded_quoted),
            refers_to: reference::all(&[reading.subject, &split.reply, &split.signature, &split.quoted]),
            attached: reading.attachments.iter().filter(|each| !each.inline).count(),
            answers: reading.answers_something,
            subject_is_ours: reply_mark,
            joined,
            folded,
            folded_subject,
            folded_quoted,
        }
    }

    /// Whether there is a case already: the mail names one, or answers a letter of the desk.
    pub fn is_in_case(&self) -> bool {
        !self.refers_to.is_empty() || self.quoted_says.contains("acknowledges")
    }

    /// Whether somebody speaks of their own death, wherever in the mail: a look too many costs little.
    pub fn is_in_danger(&self) -> bool {
        self.around || [&self.told, &self.subject].iter().any(|each| each.contains("self_harm"))
    }

    /// Whether the person says it, in the text or in a subject of their own.
    pub fn says(&self, concept: &str) -> bool {
        self.own.contains(concept) || (!self.subject_is_ours && self.subject.contains(concept))
    }
}

/// All of a text that is looked through, folded, and how many bytes of that its first `read` bytes became.
fn folded_whole(text: &str, read: usize) -> (String, usize) {
    let (first, rest) = text.split_at(start_of(text, read).len());
    let mut folded = fold(first);
    let read = folded.len();
    folded.push_str(&fold(start_of(rest, LOOKED_THROUGH_BYTES - first.len())));
    (folded, read)
}

/// Quote marks taken off, and lines that a mail program broke joined.
fn unwrapped(folded: &str) -> String {
    let mut joined = String::with_capacity(folded.len());
    for line in folded.lines() {
        joined.push_str(line.trim_start_matches(['>', ' ']));
        joined.push(if line.len() >= WRAPPED_BYTES { ' ' } else { '\n' });
    }
    joined
}

/// The first bytes of a text, cut between characters.
pub fn start_of(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Formulas of letters of complaints desks, by what the letter does.
const FORMULAS: [(&str, &[&str]); 3] = [
    (
        "acknowledges",
        &[
            "accusons reception",
            "bien recu votre reclamation",
            "enregistree sous",
            "a ete enregistree",
            "have received your complaint",
            "received your complaint",
            "registered it under",
            "registered under",
            "acknowledge receipt",
            "bevestigen de ontvangst",
            "uw klacht ontvangen",
            "hemos recibido su",
            "acusamos recibo",
            "you will receive an answer",
            "vous sera apportee",
            "nou resevwa",
        ],
    ),
    (
        "decides",
        &[
            "cloturee",
            "est close",
            "as closed",
            "the case closed",
            "find that",
            "conformes",
            "est clos",
            "sans suite",
            "suite favorable",
            "n'a pu etre retenue",
            "ne pouvons",
            "ne peut etre",
            "sans objet",
            "considerons",
            "regrettons",
            "apres verification",
            "apres examen",
            "apres analyse",
            "il ressort",
            "nous vous informons que",
            "matter closed",
            "case closed",
            "is closed",
            "we consider",
            "we are unable",
            "unable to",
            "we have concluded",
            "we conclude",
            "re-examine",
            "reexamen",
            "geste commercial",
            "our decision",
            "notre decision",
            "afgehandeld",
            "beschouwen",
            "no podemos",
            "damos por",
            "was caused by",
            "relevait",
            "releve d",
            "conforme a",
            "in accordance with",
            "mediateur",
            "mediator",
            "we apologise",
            "nous presentons nos excuses",
            "following your complaint",
            "suite a votre reclamation",
            "en reponse a votre reclamation",
        ],
    ),
    (
        "asks",
        &[
            "merci de nous transmettre",
            "merci de nous",
            "pouvez-vous nous",
            "pourriez-vous nous",
            "nous faire parvenir",
            "nous adresser",
            "veuillez nous",
            "we need",
            "please send",
            "could you send",
            "please provide",
            "can you confirm",
            "kunt u ons",
            "wilt u ons",
            "puede enviarnos",
            "envienos",
            "il nous manque",
        ],
    ),
];

static QUOTED: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let any =
        |formulas: &[&str]| formulas.iter().map(|each| regex::escape(each)).collect::<Vec<_>>().join("|");
    let pattern = |formulas| Regex::new(&any(formulas)).expect("plain words");
    FORMULAS.iter().map(|(name, formulas)| (*name, pattern(formulas))).collect()
});

/// What an earlier letter of the desk does.
fn quoted_says(folded: &str) -> BTreeSet<&'static str> {
    QUOTED.iter().filter(|(_, formula)| formula.is_match(folded)).map(|(name, _)| *name).collect()
}
