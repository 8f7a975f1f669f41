//! What each word says to the patterns, found with one or two looks at a table.
//!
//! A pattern is a row of tokens, each a set of words and beginnings of words. The lexicon turns it
//! round: for each of those it knows which tokens it satisfies, those of all its own beginnings included.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use crate::mail::understand::model::Fnv;

/// What a word says; both lists in order, each number once.
#[derive(Clone, Debug, Default)]
pub struct Says {
    /// The tokens that it satisfies.
    tokens: Vec<u16>,
    /// The patterns that may begin with it.
    pub opens: Vec<Opening>,
}

/// A pattern by its number, and the token that its second word must satisfy, where it has such a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Opening {
    pub pattern: u32,
    pub next: Option<u16>,
}

impl Says {
    pub fn satisfies(&self, token: u16) -> bool {
        self.tokens.binary_search(&token).is_ok()
    }

    fn add(&mut self, other: &Self) {
        self.tokens.extend(&other.tokens);
        self.opens.extend(&other.opens);
        self.settle();
    }

    fn settle(&mut self) {
        self.tokens.sort_unstable();
        self.tokens.dedup();
        self.opens.sort_unstable();
        self.opens.dedup();
    }
}

/// Shortest beginning of words that is one, in bytes; a shorter one counts as a whole word.
pub const KEY_BYTES: usize = 3;
type Key = [u8; KEY_BYTES];
type Table<K, V> = HashMap<K, V, BuildHasherDefault<Fnv>>;

#[derive(Debug, Default)]
pub struct Lexicon {
    words: Table<String, Says>,
    /// By their first bytes, the longest first: of those that a word begins with, each holds the shorter ones.
    beginnings: Table<Key, Vec<(String, Says)>>,
    nothing: Says,
}

impl Lexicon {
    /// A word, or the beginning of words, satisfies a token, and a pattern may begin with it.
    pub fn add(&mut self, text: &str, is_beginning: bool, token: u16, opens: Option<Opening>) {
        let says = match key(text) {
            Some(key) if is_beginning => {
                let bucket = self.beginnings.entry(key).or_default();
                let at = bucket.iter().position(|(known, _)| known == text).unwrap_or_else(|| {
                    bucket.push((text.to_owned(), Says::default()));
                    bucket.len() - 1
                });
                &mut bucket[at].1
            }
            _ => self.words.entry(text.to_owned()).or_default(),
        };
        says.tokens.push(token);
        says.opens.extend(opens);
    }

    /// Once all are added: each learns what its own beginnings say.
    pub fn settle(&mut self) {
        for bucket in self.beginnings.values_mut() {
            bucket.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| a.0.cmp(&b.0)));
            for at in 0..bucket.len() {
                let (shorter, rest) = bucket.split_at_mut(at);
                let (text, says) = &mut rest[0];
                says.settle();
                if let Some((_, known)) =
                    shorter.iter().rev().find(|(begin, _)| text.starts_with(begin.as_str()))
                {
                    says.add(known);
                }
            }
            bucket.reverse();
        }
        for (word, says) in &mut self.words {
            says.settle();
            if let Some(begun) = longest_beginning(&self.beginnings, word) {
                says.add(begun);
            }
        }
    }

    pub fn says(&self, word: &str) -> &Says {
        self.words.get(word).or_else(|| longest_beginning(&self.beginnings, word)).unwrap_or(&self.nothing)
    }
}

fn longest_beginning<'a>(beginnings: &'a Table<Key, Vec<(String, Says)>>, word: &str) -> Option<&'a Says> {
    let bucket = beginnings.get(&key(word)?)?;
    bucket.iter().find(|(begin, _)| word.starts_with(begin.as_str())).map(|(_, says)| says)
}

fn key(text: &str) -> Option<Key> {
    text.as_bytes().first_chunk().copied()
}
