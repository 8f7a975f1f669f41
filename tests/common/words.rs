//! Counting words, to see that none is dropped or doubled; the fuzzing targets use it as well.

use std::collections::BTreeMap;

/// Each run of letters and digits between spaces, without its punctuation, and how often it stands there.
pub fn words_of(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        let letters: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        if !letters.is_empty() {
            *counts.entry(letters).or_default() += 1;
        }
    }
    counts
}
