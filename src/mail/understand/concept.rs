//! Finds the concepts of `concepts.txt` in the words of a text.
//!
//! The list is compiled once; looking for all of it takes a few steps a word. Patterns are indexed
//! by the first three letters of their first word.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::normalise;
use crate::core::fold::fold;

/// Words that a gap (`..`) may skip.
const MAX_GAP: usize = 3;
/// How far before a match a negation counts, in words.
const NEGATION_REACH: usize = 4;

static LIST: LazyLock<List> = LazyLock::new(|| List::parse(TEXT, |_| true));
const TEXT: &str = include_str!("concepts.txt");

/// Concepts that raise attention: looked for in all that a person wrote, however long it is.
const RAISING: [&str; 13] = [
    "self_harm",
    "fraud",
    "vulnerable",
    "age",
    "difficulty",
    "breach",
    "legal",
    "regulator",
    "mediator",
    "press",
    "scam",
    "solicit",
    "charity",
];
static RAISING_LIST: LazyLock<List> = LazyLock::new(|| List::parse(TEXT, |name| RAISING.contains(&name)));
static DANGER_LIST: LazyLock<List> = LazyLock::new(|| List::parse(TEXT, |name| name == "self_harm"));

/// The concepts that a text holds, with the number of places; `not_…` for those it denies.
#[derive(Clone, Debug, Default)]
pub struct Found(BTreeMap<&'static str, usize>);

impl Found {
    pub fn contains(&self, concept: &str) -> bool {
        self.0.contains_key(concept)
    }

    pub fn times(&self, concept: &str) -> usize {
        self.0.get(concept).copied().unwrap_or(0)
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

pub fn find(words: &[&str]) -> Found {
    LIST.find(words)
}

/// Of the concepts only those that raise attention, at a fraction of the cost.
pub fn raising(words: &[&str]) -> Found {
    RAISING_LIST.find(words)
}

/// Whether somebody speaks of their own death.
pub fn is_danger(words: &[&str]) -> bool {
    DANGER_LIST.find(words).contains("self_harm")
}

/// The concepts of a text that is not yet cut into words.
pub fn find_in(text: &str) -> Found {
    find(&normalise::words(&fold(text)))
}

#[derive(Debug)]
enum Token {
    /// One of these words; a trailing `*` was cut off and marked.
    Word(Vec<(String, Ending)>),
    Gap,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ending {
    Exact,
    Any,
}

#[derive(Debug)]
struct Pattern {
    concept: usize,
    tokens: Vec<Token>,
    /// Where it stands, its words say nothing of the concept.
    excludes: bool,
}

#[derive(Debug)]
struct Concept {
    name: &'static str,
    /// What it is called when it is denied, where that makes a difference.
    denied: Option<String>,
}

#[derive(Debug)]
struct List {
    concepts: Vec<Concept>,
    patterns: Vec<Pattern>,
    /// Patterns by their first word, where it is a whole one; by its beginning, where it is not.
    by_word: HashMap<String, Vec<usize>>,
    by_start: HashMap<[u8; 3], Vec<usize>>,
}

/// The first three bytes of a word, filled up with zeros.
fn start(word: &str) -> [u8; 3] {
    let mut key = [0; 3];
    for (slot, byte) in key.iter_mut().zip(word.bytes()) {
        *slot = byte;
    }
    key
}

impl List {
    fn parse(text: &'static str, wanted: impl Fn(&str) -> bool) -> Self {
        let mut list = Self {
            concepts: Vec::new(),
            patterns: Vec::new(),
            by_word: HashMap::new(),
            by_start: HashMap::new(),
        };
        let mut taken = false;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                let name_only = name.trim_end_matches('+');
                taken = wanted(name_only);
                if !taken {
                    continue;
                }
                let denied = name.ends_with('+').then(|| format!("not_{name_only}"));
                list.concepts.push(Concept { name: name_only, denied });
            } else if let Some(concept) = list.concepts.len().checked_sub(1).filter(|_| taken) {
                list.add(concept, line);
            }
        }
        list
    }

    fn add(&mut self, concept: usize, line: &str) {
        let (line, excludes) = line.strip_prefix("- ").map_or((line, false), |rest| (rest, true));
        let tokens: Vec<Token> = line.split_whitespace().map(token).collect();
        let Some(Token::Word(first)) = tokens.first() else { return };
        let number = self.patterns.len();
        for (word, ending) in first {
            let indexed = match ending {
                Ending::Exact => self.by_word.entry(word.clone()).or_default(),
                Ending::Any => self.by_start.entry(start(word)).or_default(),
            };
            if indexed.last() != Some(&number) {
                indexed.push(number);
            }
        }
        self.patterns.push(Pattern { concept, tokens, excludes });
    }

    /// The patterns that may begin with this word, in the order of the list, each once.
    fn candidates(&self, word: &str) -> impl Iterator<Item = usize> + '_ {
        let mut exact = self.by_word.get(word).map_or(&[][..], Vec::as_slice).iter().copied().peekable();
        let mut begun =
            self.by_start.get(&start(word)).map_or(&[][..], Vec::as_slice).iter().copied().peekable();
        std::iter::from_fn(move || match (exact.peek().copied(), begun.peek().copied()) {
            (Some(one), Some(other)) if one == other => exact.next().and(begun.next()),
            (Some(one), Some(other)) if one > other => begun.next(),
            (None, _) => begun.next(),
            _ => exact.next(),
        })
    }

    fn find(&'static self, words: &[&str]) -> Found {
        let mut found = Found::default();
        // The end of a text is an end of a sentence.
        let words: Vec<&str> = words.iter().copied().chain(["."]).collect();
        let mut excluded_to = vec![0; self.concepts.len()];
        for (i, word) in words.iter().enumerate() {
            let mut last = None;
            for number in self.candidates(word) {
                let pattern = &self.patterns[number];
                // One place counts once for a concept; the patterns of a concept are neighbours.
                if last == Some(pattern.concept) || excluded_to[pattern.concept] > i {
                    continue;
                }
                let Some(length) = matches(&pattern.tokens, &words[i..]) else { continue };
                if pattern.excludes {
                    excluded_to[pattern.concept] = i + length;
                    continue;
                }
                last = Some(pattern.concept);
                let concept = &self.concepts[pattern.concept];
                let is_denied = || is_denied(&words[..i]) || pattern.is_denied_within(&words[i..i + length]);
                let name = match &concept.denied {
                    Some(denied) if is_denied() => denied.as_str(),
                    _ => concept.name,
                };
                *found.0.entry(name).or_default() += 1;
            }
        }
        found
    }
}

impl Pattern {
    /// Whether a negation stands among the words that a gap skips: "je retire pas ma réclamation".
    fn is_denied_within(&self, words: &[&str]) -> bool {
        const AFTER_A_VERB: [&str; 5] = ["pas", "jamais", "not", "niet", "nunca"];
        let own = |word: &str| {
            self.tokens.iter().any(|token| matches!(token, Token::Word(each) if says(each, word)))
        };
        words.iter().any(|word| AFTER_A_VERB.contains(word) && !own(word))
    }
}

fn token(text: &str) -> Token {
    if text == ".." {
        return Token::Gap;
    }
    let alternatives =
        text.split('|').filter(|each| !each.is_empty()).map(|each| match each.strip_suffix('*') {
            Some(begin) => (begin.to_owned(), Ending::Any),
            None => (each.to_owned(), Ending::Exact),
        });
    Token::Word(alternatives.collect())
}

/// How many words it takes up, if the words begin with it.
fn matches(tokens: &[Token], words: &[&str]) -> Option<usize> {
    let Some((first, rest)) = tokens.split_first() else { return Some(0) };
    match first {
        Token::Word(alternatives) => {
            let (word, others) = words.split_first()?;
            if says(alternatives, word) { Some(1 + matches(rest, others)?) } else { None }
        }
        Token::Gap => (0..=MAX_GAP.min(words.len()))
            .take_while(|skip| !words[..*skip].iter().any(|word| matches!(*word, "." | "?" | "!")))
            .find_map(|skip| Some(skip + matches(rest, &words[skip..])?)),
    }
}

fn says(alternatives: &[(String, Ending)], word: &str) -> bool {
    alternatives.iter().any(|(wanted, ending)| match ending {
        Ending::Exact => word == wanted,
        Ending::Any => word.starts_with(wanted.as_str()),
    })
}

/// Whether a negation stands shortly before, in the same sentence.
fn is_denied(before: &[&str]) -> bool {
    const NEGATIONS: [&str; 22] = [
        "pas", "n", "ne", "aucun", "aucune", "jamais", "sans", "non", "ni", "no", "not", "never", "t",
        "without", "geen", "niet", "sin", "ninguna", "ningun", "nunca", "nor", "rien",
    ];
    before
        .iter()
        .rev()
        .take(NEGATION_REACH)
        .take_while(|word| !matches!(**word, "." | "?" | "!" | "mais" | "but"))
        .any(|word| NEGATIONS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polarity_is_told() {
        assert!(find_in("Je retire ma réclamation.").contains("withdraw"));
        assert!(find_in("Je ne retire pas ma réclamation.").contains("not_withdraw"));
        assert!(find_in("Je n'ai aucune réclamation à faire.").contains("no_complaint"));
        assert!(find_in("Je retire pas ma réclamation").contains("not_withdraw"));
        assert!(find_in("I can't complain, everything is fine").contains("no_complaint"));
    }

    #[test]
    fn a_gap_stays_in_its_sentence() {
        assert!(find_in("Je conteste formellement votre réponse").contains("contest"));
        assert!(!find_in("Je conteste. La réponse").contains("contest"));
    }

    #[test]
    fn what_is_excluded_says_nothing() {
        assert!(find_in("c'est une fraude").contains("fraud"));
        assert!(!find_in("je vais à la répression des fraudes").contains("fraud"));
        assert!(find_in("la répression des fraudes dira que c'est une escroquerie").contains("fraud"));
    }

    #[test]
    fn every_line_of_the_list_can_match() {
        for pattern in &LIST.patterns {
            let words: Vec<&str> = pattern
                .tokens
                .iter()
                .filter_map(|token| match token {
                    Token::Word(alternatives) => alternatives.first().map(|(word, _)| word.as_str()),
                    Token::Gap => None,
                })
                .collect();
            let text = words.join(" ");
            assert_eq!(normalise::words(&fold(&text)), words, "write it as it is compared");
        }
    }
}
