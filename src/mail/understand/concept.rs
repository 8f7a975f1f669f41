//! Finds the concepts of `concepts.txt` in the words of a text.
//!
//! The list is compiled once; looking for all of it takes a few steps a word.

mod lexicon;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use lexicon::{Lexicon, Opening, Says};

use super::normalise::{self, WRAP};
use crate::core::fold::fold;

/// Words that a gap (`..`) may skip.
const MAX_GAP: usize = 3;
/// How far before a match a negation counts, in words.
const NEGATION_REACH: usize = 4;

static LIST: LazyLock<List> = LazyLock::new(|| List::parse(TEXT));
const TEXT: &str = include_str!("concepts.txt");

const DANGER: &str = "self_harm";
/// Concepts that raise attention: looked for in all that a person wrote, however long it is.
const RAISING: [&str; 13] = [
    DANGER,
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
    LIST.find(&said(words), Reach::All)
}

/// A text whose words are looked up once, however often something is sought in it.
#[derive(Debug)]
pub struct Text<'a> {
    words: Vec<Word<'a>>,
    /// How many of them are read for their meaning.
    read: usize,
}

impl<'a> Text<'a> {
    /// Of a folded text, of which the first `read` bytes are read for their meaning.
    pub fn of(folded: &'a str, read: usize) -> Self {
        let (words, read) = normalise::words_of_lines(folded, read);
        Self { words: said(&words), read }
    }

    /// All concepts of what is read for its meaning; each line is taken for a sentence.
    pub fn find(&self) -> Found {
        let mut lines: Vec<Word<'_>> = Vec::with_capacity(self.read + 1);
        for word in self.words[..self.read].iter().chain(self.words.last()) {
            if !(word.is_end() && lines.last().is_some_and(Word::is_end)) {
                lines.push(Word { word: if word.word == WRAP { "." } else { word.word }, ..*word });
            }
        }
        LIST.find(&lines, Reach::All)
    }

    /// Of all concepts only those that raise attention, lines joined that a mail program broke.
    pub fn raising(&self) -> Found {
        LIST.find(&self.joined(), Reach::Raising)
    }

    /// Whether somebody speaks of their own death.
    pub fn is_danger(&self) -> bool {
        LIST.find(&self.joined(), Reach::Danger).contains(DANGER)
    }

    fn joined(&self) -> Vec<Word<'a>> {
        self.words.iter().filter(|word| word.word != WRAP).copied().collect()
    }
}

/// Words with what they say; the end of a text is an end of a sentence.
fn said<'a>(words: &[&'a str]) -> Vec<Word<'a>> {
    let end = LIST.lexicon.says(".");
    let says = |word: &str| if word == WRAP { end } else { LIST.lexicon.says(word) };
    words.iter().copied().chain(["."]).map(|word| Word { word, says: says(word) }).collect()
}

/// Which concepts are sought.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Reach {
    Danger,
    Raising,
    All,
}

impl Reach {
    /// The narrowest that has it.
    fn of(concept: &str) -> Self {
        match concept {
            DANGER => Self::Danger,
            name if RAISING.contains(&name) => Self::Raising,
            _ => Self::All,
        }
    }
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
    /// By [`Reach`], the narrowest first.
    patterns: Vec<Pattern>,
    /// Where the patterns of each reach end.
    ends: Vec<u32>,
    lexicon: Lexicon,
}

impl List {
    fn parse(text: &'static str) -> Self {
        let mut list = Self::default();
        let mut numbers = HashMap::new();
        for reach in [Reach::Danger, Reach::Raising, Reach::All] {
            list.parse_those(text, reach, &mut numbers);
            list.ends.push(u32::try_from(list.patterns.len()).expect("a list that people write"));
        }
        list.lexicon.settle();
        list
    }

    fn parse_those(&mut self, text: &'static str, reach: Reach, numbers: &mut HashMap<&'static str, u16>) {
        let mut taken = false;
        for line in lines(text) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                let name_only = name.trim_end_matches('+');
                taken = Reach::of(name_only) == reach;
                if !taken {
                    continue;
                }
                let denied = name.ends_with('+').then(|| format!("not_{name_only}"));
                self.concepts.push(Concept { name: name_only, denied });
            } else if let Some(concept) = self.concepts.len().checked_sub(1).filter(|_| taken) {
                self.add(concept, line, numbers);
            }
        }
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

    fn find(&'static self, text: &[Word<'_>], reach: Reach) -> Found {
        let mut found = Found::default();
        let end = self.ends[reach as usize];
        let mut excluded_to = vec![0; self.concepts.len()];
        for (i, word) in text.iter().enumerate() {
            let mut last = None;
            let next = text.get(i + 1).map(|next| next.says);
            for opening in word.says.opens.iter().take_while(|opening| opening.pattern < end) {
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
#[derive(Clone, Copy, Debug)]
struct Word<'a> {
    word: &'a str,
    says: &'static Says,
}

impl Word<'_> {
    fn is_end(&self) -> bool {
        matches!(self.word, "." | WRAP)
    }
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
        let list = List::parse("[a]\nabc*\n[b]\nabcd*\n[c]\nabcde\n[d]\nabc* x\n[e]\na\n");
        let list: &'static List = Box::leak(Box::new(list));
        let words = |text| normalise::words(text).into_iter();
        let said = |text| words(text).map(|word| Word { word, says: list.lexicon.says(word) }).collect();
        let found = |text| {
            let said: Vec<Word<'_>> = said(text);
            list.find(&said, Reach::All).names().collect::<String>()
        };
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
