//! The features of a mail: what the linear models add up.
//!
//! A name tells its kind by its prefix: `c:` a concept of the text, `s:` of a subject of the person's
//! own, `rs:` of the subject of an answer, `q:` what the quoted letter does, `m:` shape and state,
//! `w:` words and pairs of words, `g:` three to five letters of a word, `t:` and `st:` topics.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;

use super::model::Fnv;
use super::normalise;
use super::signs::Signs;

/// One feature that holds.
#[derive(Clone, Copy, Debug)]
pub struct Feature<'a> {
    pub name: &'a str,
    /// Of the name: how the models find it.
    pub hash: u64,
    /// What a person sees of it: the word that it comes from, else its name.
    pub from: &'a str,
    pub value: f32,
}

impl<'a> Feature<'a> {
    pub fn new(name: &'a str, from: &'a str, value: f32) -> Self {
        Self { name, hash: Fnv::of(name), from, value }
    }
}

/// Takes the features one after another.
pub type Visit<'v> = dyn FnMut(Feature<'_>) + 'v;

/// Weight of a concept against that of words and letters, which share theirs out among all of a text.
const CONCEPT: f32 = 1.0;
const WORDS: f32 = 6.0;
const PAIR: f32 = 0.7;
const LETTERS: f32 = 0.5;
const TOPIC: f32 = 3.0;
const ASIDE: f32 = 0.5;

/// The features of the intent, beside those of the words.
pub fn of_intent(signs: &Signs, visit: &mut Visit<'_>) {
    let mut named = |prefix: &str, name: &str| {
        let name = format!("{prefix}:{name}");
        visit(Feature::new(&name, &name, CONCEPT));
    };
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
}

/// What a complaint can be about, and what tells the cases apart that are about several.
pub const TOPICS: [&str; 4] = ["technical", "money", "project", "service"];
const ASIDES: [&str; 4] = ["fraud", "breach", "vulnerable", "legal"];

/// The features of the category, beside those of the words: which topic fills the text, its subject and what it quotes.
pub fn of_category(signs: &Signs, visit: &mut Visit<'_>) {
    let mut named = |prefix: &str, name: &str, value: f32| {
        let name = format!("{prefix}:{name}");
        visit(Feature::new(&name, &name, value));
    };
    named("m", "bias", 1.0);
    // The subject of an answer was once the person's own as well; what is quoted speaks of the matter
    // where the person only says that they disagree.
    let places = [(&signs.own, 1.0), (&signs.subject, 1.0), (&signs.quoted, 0.3)];
    let times = |topic: &str| -> f32 {
        places.iter().map(|(found, strength)| small(found.times(topic).min(12)) * strength).sum()
    };
    let total: f32 = TOPICS.iter().map(|topic| times(topic)).sum();
    for topic in TOPICS.iter().filter(|_| total > 0.0) {
        named("t", topic, times(topic) / total * TOPIC);
    }
    for topic in TOPICS.iter().filter(|topic| signs.subject.contains(topic)) {
        named("st", topic, TOPIC * 0.3);
    }
    for aside in ASIDES.iter().filter(|aside| signs.own.contains(aside)) {
        named("t", aside, ASIDE * 2.0);
    }
    for concept in signs.own.names() {
        named("c", concept, ASIDE);
    }
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

/// Words, pairs of words, and the letters that words are made of, each once; a long text has more of
/// them, none of which says as much.
pub fn of_words(signs: &Signs, visit: &mut Visit<'_>) {
    let mut words = normalise::words(&signs.folded);
    if !signs.subject_is_ours {
        words.push(".");
        words.extend(normalise::words(&signs.folded_subject));
    }
    of_these(&words, visit);
}

/// The same of any folded text.
pub fn of_text(folded: &str, visit: &mut Visit<'_>) {
    of_these(&normalise::words(folded), visit);
}

fn of_these(words: &[&str], visit: &mut Visit<'_>) {
    let strength = 1.0 / (small(words.len()) + 20.0).sqrt();
    let mut seen: HashSet<u64, BuildHasherDefault<Fnv>> = HashSet::default();
    let mut once = |name: &str, from: &str, value: f32| {
        let feature = Feature::new(name, from, value * strength);
        if seen.insert(feature.hash) {
            visit(feature);
        }
    };
    let mut name = String::with_capacity(100);
    for (i, word) in words.iter().enumerate() {
        name.clear();
        name.push_str("w:");
        name.push_str(word);
        if word.len() > 1 || matches!(*word, "?" | "!" | "0") {
            once(&name, word, WORDS);
        }
        if let Some(next) = words.get(i + 1).filter(|next| *word != "." && **next != ".") {
            name.push(' ');
            name.push_str(next);
            once(&name, &name[2..], WORDS * PAIR);
        }
        letters(word, &mut |gram| once(gram, word, WORDS * LETTERS));
    }
}

/// Shortest and longest run of letters that is a feature.
const SHORTEST: usize = 3;
const LONGEST: usize = 5;

/// The runs of letters of a word, its beginning and end marked, so that forms and relatives of a known
/// word are known.
fn letters(word: &str, each: &mut dyn FnMut(&str)) {
    if word.len() < 3 {
        return;
    }
    let marked = format!("_{word}_");
    let mut name = String::with_capacity(24);
    for (from, _) in marked.char_indices() {
        name.clear();
        name.push_str("g:");
        for (letters, letter) in marked[from..].chars().enumerate().take(LONGEST) {
            name.push(letter);
            if letters + 1 >= SHORTEST {
                each(&name);
            }
        }
    }
}

/// Features found once and asked about by several models.
#[derive(Debug, Default)]
pub struct Heard {
    /// Hash and value.
    features: Vec<(u64, f32)>,
    /// What they come from, and where its features end: those of one word are neighbours.
    from: Vec<(String, usize)>,
}

impl Heard {
    pub fn of(each: impl FnOnce(&mut Visit<'_>)) -> Self {
        let mut heard = Self::default();
        each(&mut |feature| {
            heard.features.push((feature.hash, feature.value));
            let end = heard.features.len();
            match heard.from.last_mut() {
                Some(last) if last.0 == feature.from => last.1 = end,
                _ => heard.from.push((feature.from.to_owned(), end)),
            }
        });
        heard
    }

    /// Hash and value of each.
    pub fn all(&self) -> &[(u64, f32)] {
        &self.features
    }

    /// The same by what they come from.
    pub fn by_word(&self) -> impl Iterator<Item = (&str, &[(u64, f32)])> {
        let mut begin = 0;
        self.from.iter().map(move |(from, end)| {
            let features = &self.features[begin..*end];
            begin = *end;
            (from.as_str(), features)
        })
    }
}
