//! Finds the concepts of `concepts.txt` in the words of a text.
//!
//! The list is compiled once; looking for all of it takes a few steps a word.

mod lexicon;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use lexicon::{Lexicon, Opening, Says};

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

#[derive(Clone, Copy, Debug)]
enum Token {
    /// One of a set of words and beginnings of words, by its number in the lexicon.
    Word(u16),
    Gap,
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

#[derive(Debug, Default)]
struct List {
    concepts: Vec<Concept>,
    patterns: Vec<Pattern>,
    lexicon: Lexicon,
}

impl List {
    fn parse(text: &'static str, wanted: impl Fn(&str) -> bool) -> Self {
        let mut list = Self::default();
        let mut numbers = HashMap::new();
        let mut taken = false;
        for line in lines(text) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                let name_only = name.trim_end_matches('+');
                taken = wanted(name_only);
                if !taken {
                    continue;
                }
                let denied = name.ends_with('+').then(|| format!("not_{name_only}"));
                list.concepts.push(Concept { name: name_only, denied });
            } else if let Some(concept) = list.concepts.len().checked_sub(1).filter(|_| taken) {
                list.add(concept, line, &mut numbers);
            }
        }
        list.lexicon.settle();
        list
    }

    fn add(&mut self, concept: usize, line: &'static str, numbers: &mut HashMap<&'static str, u16>) {
        let (line, excludes) = line.strip_prefix("- ").map_or((line, false), |rest| (rest, true));
        let mut tokens = Vec::new();
        for text in line.split_whitespace() {
            let next = u16::try_from(numbers.len()).expect("a list that people write");
            tokens.push(if text == GAP {
                Token::Gap
            } else {
                Token::Word(*numbers.entry(text).or_insert(next))
            });
        }
        let pattern = u32::try_from(self.patterns.len()).expect("a list that people write");
        let next = match tokens.get(1) {
            Some(Token::Word(number)) => Some(*number),
            _ => None,
        };
        for (place, (text, token)) in line.split_whitespace().zip(&tokens).enumerate() {
            let Token::Word(number) = token else { continue };
            let opens = (place == 0).then_some(Opening { pattern, next });
            for (word, is_beginning) in alternatives(text) {
                self.lexicon.add(word, is_beginning, *number, opens);
            }
        }
        self.patterns.push(Pattern { concept, tokens, excludes });
    }

    fn find(&'static self, words: &[&str]) -> Found {
        let mut found = Found::default();
        // The end of a text is an end of a sentence.
        let text: Vec<Word<'_>> = words
            .iter()
            .copied()
            .chain(["."])
            .map(|word| Word { word, says: self.lexicon.says(word) })
            .collect();
        let mut excluded_to = vec![0; self.concepts.len()];
        for (i, word) in text.iter().enumerate() {
            let mut last = None;
            let next = text.get(i + 1).map(|next| next.says);
            for opening in &word.says.opens {
                if opening.next.is_some_and(|token| !next.is_some_and(|next| next.satisfies(token))) {
                    continue;
                }
                let pattern = &self.patterns[opening.pattern as usize];
                // One place counts once for a concept; the patterns of a concept are neighbours.
                if last == Some(pattern.concept) || excluded_to[pattern.concept] > i {
                    continue;
                }
                let Some(length) = matches(&pattern.tokens, &text[i..]) else { continue };
                if pattern.excludes {
                    excluded_to[pattern.concept] = i + length;
                    continue;
                }
                last = Some(pattern.concept);
                let concept = &self.concepts[pattern.concept];
                let is_denied = || is_denied(&text[..i]) || pattern.is_denied_within(&text[i..i + length]);
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

/// A word of a text with what it says.
struct Word<'a> {
    word: &'a str,
    says: &'a Says,
}

impl Pattern {
    /// Whether a negation stands among the words that a gap skips: "je retire pas ma réclamation".
    fn is_denied_within(&self, text: &[Word<'_>]) -> bool {
        const AFTER_A_VERB: [&str; 5] = ["pas", "jamais", "not", "niet", "nunca"];
        let own = |word: &Word<'_>| {
            self.tokens.iter().any(|token| matches!(token, Token::Word(token) if word.says.satisfies(*token)))
        };
        text.iter().any(|word| AFTER_A_VERB.contains(&word.word) && !own(word))
    }
}

const GAP: &str = "..";

/// The lines of the list that are no comments.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The words of a token, and whether it is only how a word begins (`*`).
fn alternatives(token: &str) -> impl Iterator<Item = (&str, bool)> {
    token.split('|').filter(|each| !each.is_empty()).map(|each| match each.strip_suffix('*') {
        Some(begin) => (begin, true),
        None => (each, false),
    })
}

/// How many words it takes up, if the text begins with it.
fn matches(tokens: &[Token], text: &[Word<'_>]) -> Option<usize> {
    let Some((first, rest)) = tokens.split_first() else { return Some(0) };
    match first {
        Token::Word(token) => {
            let (word, others) = text.split_first()?;
            if word.says.satisfies(*token) { Some(1 + matches(rest, others)?) } else { None }
        }
        Token::Gap => (0..=MAX_GAP.min(text.len()))
            .take_while(|skip| !text[..*skip].iter().any(|word| matches!(word.word, "." | "?" | "!")))
            .find_map(|skip| Some(skip + matches(rest, &text[skip..])?)),
    }
}

/// Whether a negation stands shortly before, in the same sentence.
fn is_denied(before: &[Word<'_>]) -> bool {
    const NEGATIONS: [&str; 22] = [
        "pas", "n", "ne", "aucun", "aucune", "jamais", "sans", "non", "ni", "no", "not", "never", "t",
        "without", "geen", "niet", "sin", "ninguna", "ningun", "nunca", "nor", "rien",
    ];
    before
        .iter()
        .rev()
        .take(NEGATION_REACH)
        .take_while(|word| !matches!(word.word, "." | "?" | "!" | "mais" | "but"))
        .any(|word| NEGATIONS.contains(&word.word))
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
        for line in lines(TEXT).filter(|line| !line.starts_with('[')) {
            for (word, is_beginning) in line.split_whitespace().flat_map(alternatives) {
                assert!(!is_beginning || word.len() >= lexicon::KEY_BYTES, "{word}* is too short in: {line}");
            }
            let tokens = line.trim_start_matches("- ").split_whitespace().filter(|token| *token != GAP);
            let words: Vec<&str> =
                tokens.filter_map(|token| alternatives(token).next()).map(|(word, _)| word).collect();
            assert_eq!(normalise::words(&fold(&words.join(" "))), words, "write it as it is compared");
        }
    }

    #[test]
    fn a_word_says_what_each_of_its_beginnings_says() {
        let list = List::parse("[a]\nabc*\n[b]\nabcd*\n[c]\nabcde\n[d]\nabc* x\n[e]\na\n", |_| true);
        let list: &'static List = Box::leak(Box::new(list));
        let found = |text: &str| list.find(&normalise::words(text)).names().collect::<String>();
        for (text, concepts) in [
            ("abcde", "abc"),
            ("abcdef", "ab"),
            ("abcx", "a"),
            ("abc x", "ad"),
            ("ab x", ""),
            ("abcde x", "abcd"),
            ("a", "e"),
        ] {
            assert_eq!(found(text), concepts, "{text}");
        }
    }
}
