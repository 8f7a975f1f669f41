//! The words of a text as they are compared. Words that go beyond any natural length are cut, so that
//! hostile text cannot make later stages slow.

/// Longest word that is compared, in bytes; what is longer is no word of any language.
const MAX_WORD_BYTES: usize = 40;

/// The words of a text, folded: letters and digits, cut at apostrophes and hyphens. Numbers become
/// `0` so that amounts and dates do not matter, `3e` becomes `0 e`; an end of a sentence becomes `.`; `?` and `!` stay.
pub fn words(folded: &str) -> Vec<&str> {
    let mut words = Vec::with_capacity(folded.len() / 5);
    let mut rest = folded;
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric();
        if is_word(c) {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let digits = rest.bytes().take(end).take_while(u8::is_ascii_digit).count();
            if digits > 0 {
                words.push("0");
            }
            if digits < end {
                words.push(cut(&rest[digits..end]));
            }
            rest = &rest[end..];
        } else {
            match c {
                '?' => words.push("?"),
                '!' => words.push("!"),
                '.' | ';' | ':' | '\n' if words.last() != Some(&".") => words.push("."),
                '€' => words.push("€"),
                _ => {}
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    words
}

fn cut(word: &str) -> &str {
    let mut end = word.len().min(MAX_WORD_BYTES);
    while !word.is_char_boundary(end) {
        end -= 1;
    }
    &word[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_the_ends_of_sentences_are_words() {
        assert_eq!(words("j'ai 2 500 € ?! fin"), ["j", "ai", "0", "0", "€", "?", "!", "fin"]);
    }
}
