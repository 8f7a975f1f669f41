//! A linear model over named features, and the features of a mail.
//!
//! Weights are text files in this folder, made by `cargo run --release --example train` from the
//! labelled examples of the repository and reviewed like code: a line a feature, with what it adds
//! to each class. The same mail gives the same figures on every machine.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::hash::{BuildHasherDefault, Hasher};

use super::Reading;
use super::concept::{self, Found};
use super::{normalise, reference};
use crate::core::ids::CaseNumber;

/// Text that is read for meaning, in bytes; a longer mail has said what it wants by then.
const READ_BYTES: usize = 20_000;

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
        let folded = normalise::fold(start_of(&reading.split.reply, READ_BYTES));
        let folded_subject = normalise::fold(start_of(reading.subject, 500));
        let folded_quoted = normalise::fold(start_of(&reading.split.quoted, READ_BYTES / 4));
        let reply_mark =
            ["re:", "re :", "rv:", "aw:", "antw:", "sv:"].iter().any(|mark| folded_subject.starts_with(mark));
        Self {
            own: concept::find(&normalise::words(&folded)),
            subject: concept::find(&normalise::words(&folded_subject)),
            quoted: concept::find(&normalise::words(&folded_quoted)),
            quoted_says: quoted_says(&folded_quoted),
            refers_to: reference::all(&[
                reading.subject,
                &reading.split.reply,
                &reading.split.signature,
                &reading.split.quoted,
            ]),
            attached: reading.attachments.iter().filter(|each| !each.inline).count(),
            answers: reading.answers_something,
            subject_is_ours: reply_mark,
            folded,
            folded_subject,
            folded_quoted,
        }
    }

    /// Whether there is a case already: the mail names one, or answers a letter of the desk.
    pub fn is_in_case(&self) -> bool {
        !self.refers_to.is_empty() || self.quoted_says.contains("acknowledges")
    }

    /// Whether the person says it, in the text or in a subject of their own.
    pub fn says(&self, concept: &str) -> bool {
        self.own.contains(concept) || (!self.subject_is_ours && self.subject.contains(concept))
    }
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

/// What an earlier letter of the desk does.
fn quoted_says(folded: &str) -> BTreeSet<&'static str> {
    FORMULAS
        .iter()
        .filter(|(_, formulas)| formulas.iter().any(|formula| folded.contains(formula)))
        .map(|(name, _)| *name)
        .collect()
}

/// Takes a feature and how strongly it holds.
pub type Visit<'v> = dyn FnMut(&str, f32) + 'v;

/// Weight of a concept against a single word.
const CONCEPT: f32 = 1.0;
const WORDS: f32 = 4.0;
const TOPIC: f32 = 3.0;

/// The features of the intent.
pub fn visit(signs: &Signs, visit: &mut Visit<'_>) {
    let mut named = |prefix: &str, name: &str| visit(&format!("{prefix}:{name}"), CONCEPT);
    named("m", "bias");
    for concept in signs.own.names() {
        named("c", concept);
    }
    let prefix = if signs.subject_is_ours { "rs" } else { "s" };
    for concept in signs.subject.names() {
        named(prefix, concept);
    }
    for formula in &signs.quoted_says {
        named("q", formula);
    }
    for (name, _) in shape(signs).into_iter().filter(|(_, holds)| *holds) {
        named("m", name);
    }
    visit_words(signs, visit);
}

/// What a complaint can be about, and what tells the cases apart that are about several.
const TOPICS: [&str; 4] = ["technical", "money", "project", "service"];
const ASIDES: [&str; 4] = ["fraud", "breach", "vulnerable", "legal"];

/// The features of the category: which topic fills the text, its subject and what it quotes.
pub fn visit_topics(signs: &Signs, visit: &mut Visit<'_>) {
    visit("m:bias", 1.0);
    // The subject of an answer was once the person's own as well; what is quoted speaks of the matter
    // where the person only says that they disagree.
    let places = [(&signs.own, 1.0), (&signs.subject, 1.0), (&signs.quoted, 0.3)];
    let times = |topic: &str| -> f32 {
        places.iter().map(|(found, strength)| small(found.times(topic).min(12)) * strength).sum()
    };
    let total: f32 = TOPICS.iter().map(|topic| times(topic)).sum();
    for topic in TOPICS.iter().filter(|_| total > 0.0) {
        visit(&format!("t:{topic}"), times(topic) / total * TOPIC);
    }
    for topic in TOPICS.iter().filter(|topic| signs.subject.contains(topic)) {
        visit(&format!("st:{topic}"), TOPIC * 0.3);
    }
    for aside in ASIDES.iter().filter(|aside| signs.own.contains(aside)) {
        visit(&format!("t:{aside}"), 1.0);
    }
    visit_words(signs, visit);
}

/// A count that is far below where a float loses units.
fn small(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::from(u16::MAX), f32::from)
}

/// How long and in what tone, and the concepts that mean more together.
fn shape(signs: &Signs) -> Vec<(&'static str, bool)> {
    let words = normalise::words(&signs.folded);
    let count = words.iter().filter(|word| word.len() > 1).count();
    let questions = words.iter().filter(|word| **word == "?").count();
    let ends = words.iter().filter(|word| matches!(**word, "." | "?" | "!")).count();
    let own = |concept: &str| signs.own.contains(concept);
    let decided = signs.quoted_says.contains("decides");
    let grieves = signs.says("anger") || signs.says("fault") || signs.says("complain_open");
    let redress = signs.says("anger") || signs.says("redress");
    let disagrees = signs.says("contest") || signs.says("reexam");
    let thanks = words.iter().any(|word| THANKS.contains(word));
    let brief = count <= 15 && questions == 0 && !grieves && !own("follow_up");
    vec![
        ("answers", signs.answers || !signs.folded_quoted.is_empty()),
        ("in_case", signs.is_in_case()),
        ("attached", signs.attached > 0),
        ("empty", count == 0),
        ("short", count <= 12),
        ("middle", (13..=45).contains(&count)),
        ("long", count > 90),
        ("question", questions > 0),
        ("mostly_questions", questions > 0 && questions * 2 >= ends),
        ("shouts", words.windows(2).any(|pair| matches!(pair, ["!", "!"] | ["?", "?"]))),
        ("contests_answer", own("contest") && own("answer")),
        ("contests_quoted", own("contest") && decided),
        ("reexam_answer", own("reexam") && (own("answer") || decided)),
        (
            "status_of_case",
            own("status") && (signs.says("my_case") || signs.quoted_says.contains("acknowledges")),
        ),
        ("grieves", grieves),
        ("calm_question", own("question") && questions > 0 && !signs.says("anger") && !signs.says("demand")),
        ("grievance_and_demand", signs.says("fault") && signs.says("demand")),
        ("sends_asked", own("follow_up") && (signs.quoted_says.contains("asks") || signs.attached > 0)),
        ("brief_thanks", thanks && brief),
        ("asks_without_grievance", own("question") && own("no_complaint")),
        ("settled_in_case", signs.is_in_case() && own("settled") && !disagrees),
        ("exercises_right", signs.says("right") && !redress),
        ("calm", !grieves && !signs.says("demand") && !signs.says("fraud")),
        ("only_thanks", own("thanks") && !grieves && questions == 0),
    ]
}

const THANKS: [&str; 10] =
    ["merci", "remercie", "thanks", "thank", "thx", "gracias", "bedankt", "dank", "mesi", "ty"];

/// Words, their beginnings, and pairs of words, each once; a long text has more of them, none of
/// which says as much.
fn visit_words(signs: &Signs, visit: &mut Visit<'_>) {
    let mut words = normalise::words(&signs.folded);
    if !signs.subject_is_ours {
        words.push(".");
        words.extend(normalise::words(&signs.folded_subject));
    }
    let value = WORDS / (small(words.len()) + 20.0).sqrt();
    let mut seen: HashSet<u64, BuildHasherDefault<Fnv>> = HashSet::default();
    let mut name = String::with_capacity(100);
    let mut once = |name: &str, value: f32| {
        if seen.insert(Fnv::of(name)) {
            visit(name, value);
        }
    };
    for (i, word) in words.iter().enumerate() {
        name.clear();
        name.push_str("w:");
        name.push_str(word);
        if word.len() > 1 {
            once(&name, value);
        }
        if let Some(next) = words.get(i + 1).filter(|next| *word != "." && **next != ".") {
            name.push(' ');
            name.push_str(next);
            once(&name, value * 0.7);
        }
        if word.len() > 5 {
            name.truncate(2);
            name.push_str(start_of(word, 5));
            name.push('*');
            once(&name, value);
        }
    }
}

/// FNV-1a: short names, looked up often; nobody from outside chooses what is stored.
#[derive(Clone, Debug, Default)]
pub struct Fnv(u64);

impl Fnv {
    fn of(text: &str) -> u64 {
        let mut hasher = Self::default();
        hasher.write(text.as_bytes());
        hasher.finish()
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let start = if self.0 == 0 { 0xcbf2_9ce4_8422_2325 } else { self.0 };
        self.0 =
            bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
}

/// Weights of one decision.
#[derive(Clone, Debug, Default)]
pub struct Linear {
    pub classes: Vec<String>,
    pub weights: HashMap<String, Vec<f32>, BuildHasherDefault<Fnv>>,
}

impl Linear {
    /// Reads a weights file: the classes on the first line, then `feature TAB weight …`.
    pub fn parse(text: &str) -> Self {
        let mut lines = text.lines().filter(|line| !line.starts_with('#'));
        let classes: Vec<String> =
            lines.next().unwrap_or("").split('\t').skip(1).map(str::to_owned).collect();
        let weights = lines
            .filter_map(|line| {
                let (feature, rest) = line.split_once('\t')?;
                let values: Vec<f32> = rest.split('\t').map(|value| value.parse().unwrap_or(0.0)).collect();
                (values.len() == classes.len()).then(|| (feature.to_owned(), values))
            })
            .collect();
        Self { classes, weights }
    }

    /// The file that [`Linear::parse`] reads, in alphabetical order.
    pub fn print(&self, about: &str) -> String {
        let mut text = format!("# {about}\nfeature\t{}\n", self.classes.join("\t"));
        let ordered: BTreeMap<&String, &Vec<f32>> = self.weights.iter().collect();
        for (feature, values) in ordered {
            text.push_str(feature);
            for value in values {
                let _ = write!(text, "\t{value:.2}");
            }
            text.push('\n');
        }
        text
    }

    /// Probability of each class, in the order of `classes`, for the features that `each` tells.
    pub fn probabilities(&self, each: impl FnOnce(&mut Visit<'_>)) -> Vec<f64> {
        let mut sums = vec![0.0_f64; self.classes.len()];
        each(&mut |feature, value| {
            if let Some(weights) = self.weights.get(feature) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += f64::from(*weight) * f64::from(value);
                }
            }
        });
        softmax(&sums)
    }
}

pub fn softmax(sums: &[f64]) -> Vec<f64> {
    let most = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = sums.iter().map(|sum| (sum - most).exp()).collect();
    let total: f64 = powers.iter().sum();
    powers.iter().map(|power| power / total).collect()
}
