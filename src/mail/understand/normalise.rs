//! The words of a text as they are compared. Words that go beyond any natural length are cut, so that
//! hostile text cannot make later stages slow.

/// Longest word that is compared, in bytes; what is longer is no word of any language.
const MAX_WORD_BYTES: usize = 40;

/// A line this long was broken by a mail program, in bytes; a shorter one by the person.
pub const WRAPPED_BYTES: usize = 50;
/// The end of a line that a mail program broke: of a sentence, perhaps.
pub const WRAP: &str = "\n";

/// The words of a text, folded: letters and digits, cut at apostrophes and hyphens. Numbers become
/// `0` so that amounts and dates do not matter, `3e` becomes `0 e`; an end of a sentence becomes `.`; `?` and `!` stay.
pub fn words(folded: &str) -> Vec<&str> {
    cut_up(folded, usize::MAX, 0).0
}

/// The same of a text in which an end of a sentence and a mere [`WRAP`] are told apart, and how many of them
/// begin before byte `first`.
pub fn words_of_lines(folded: &str, first: usize) -> (Vec<&str>, usize) {
    cut_up(folded, WRAPPED_BYTES, first)
}

fn cut_up(folded: &str, wrapped: usize, first: usize) -> (Vec<&str>, usize) {
    let bytes = folded.as_bytes();
    let mut words = Vec::with_capacity(folded.len() / 4);
    let (mut at, mut line, mut before) = (0, 0, None);
    while let Some(&byte) = bytes.get(at) {
        if at >= first && before.is_none() {
            before = Some(words.len());
        }
        if byte.is_ascii() && !byte.is_ascii_alphanumeric() {
            match byte {
                b'?' => words.push("?"),
                b'!' => words.push("!"),
                b'\n' => {
                    let is_wrap = at - line >= wrapped;
                    line = at + 1;
                    match words.last() {
                        Some(&".") => {}
                        Some(&WRAP) if is_wrap => {}
                        _ => words.push(if is_wrap { WRAP } else { "." }),
                    }
                }
                b'.' | b';' | b':' if words.last() != Some(&".") => words.push("."),
                _ => {}
            }
            at += 1;
            continue;
        }
        let begin = at;
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let letters = at;
        at = end_of_word(folded, at);
        if letters > begin {
            words.push("0");
        }
        if at > letters {
            words.push(cut(&folded[letters..at]));
        }
        if at == begin {
            let sign = &folded[at..];
            if sign.starts_with('€') {
                words.push("€");
            }
            at += sign.chars().next().map_or(1, char::len_utf8);
        }
    }
    let before = before.unwrap_or(words.len());
    (words, before)
}

/// Where the letters and digits end that begin here.
fn end_of_word(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        at += bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if bytes.get(at).is_none_or(u8::is_ascii) {
            return at;
        }
        match text[at..].chars().next() {
            Some(c) if c.is_alphanumeric() => at += c.len_utf8(),
            _ => return at,
        }
    }
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
    fn a_line_that_a_mail_program_broke_may_go_on() {
        let long = "x".repeat(WRAPPED_BYTES - 3);
        let text = format!("{long} ab\ncd\n{long}: ?\n{long}.\n{long}   \n. z");
        let (words, first) = words_of_lines(&text, WRAPPED_BYTES - 1);
        let cut = &long[..MAX_WORD_BYTES];
        assert_eq!(
            words,
            [cut, "ab", WRAP, "cd", ".", cut, ".", "?", WRAP, cut, ".", cut, WRAP, ".", "z"],
            "{text}"
        );
        assert_eq!(first, 2, "the word that goes on beyond it included");
        assert_eq!(words_of_lines("a b", 9).1, 2);
    }

    #[test]
    fn numbers_and_the_ends_of_sentences_are_words() {
        assert_eq!(words("j'ai 2 500 € ?! fin"), ["j", "ai", "0", "0", "€", "?", "!", "fin"]);
        assert_eq!(
            words("la 3e fois... 12; þorn, нет\n\nà"),
            ["la", "0", "e", "fois", ".", "0", ".", "þorn", "нет", ".", "à"]
        );
    }
}
