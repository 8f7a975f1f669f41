//! Text as it is compared: lower case, without accents, one kind of apostrophe and of space.
//!
//! What people typed is never changed; only copies for comparison are made here. Words that go
//! beyond any natural length are cut, so that hostile text cannot make later stages slow.

/// Lower case, without accents, typographic signs made plain. Every kind of space becomes one
/// ASCII space or line end; the number of lines is kept.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            fold_char(c, &mut folded);
        }
    }
    folded
}

fn fold_char(c: char, out: &mut String) {
    match c {
        'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' | 'À' | 'Â' | 'Ä' | 'Á' | 'Ã' | 'Å' => out.push('a'),
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' => out.push('e'),
        'î' | 'ï' | 'í' | 'ì' | 'Î' | 'Ï' | 'Í' | 'Ì' => out.push('i'),
        'ô' | 'ö' | 'ó' | 'ò' | 'õ' | 'Ô' | 'Ö' | 'Ó' | 'Ò' | 'Õ' | 'ø' | 'Ø' => out.push('o'),
        'û' | 'ü' | 'ú' | 'ù' | 'Û' | 'Ü' | 'Ú' | 'Ù' => out.push('u'),
        'ç' | 'Ç' => out.push('c'),
        'ñ' | 'Ñ' => out.push('n'),
        'ÿ' | 'ý' => out.push('y'),
        'œ' | 'Œ' => out.push_str("oe"),
        'æ' | 'Æ' => out.push_str("ae"),
        'ß' => out.push_str("ss"),
        '\u{2019}' | '\u{2018}' | '\u{02bc}' | '`' | '´' => out.push('\''),
        '\u{2013}' | '\u{2014}' | '\u{2212}' | '\u{2010}' | '\u{2011}' => out.push('-'),
        '«' | '»' | '“' | '”' | '„' => out.push('"'),
        '…' => out.push_str("..."),
        // Combining accents (decomposed text), soft hyphens and marks without width.
        '\u{0300}'..='\u{036f}' | '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
        c if c.is_whitespace() => out.push(' '),
        c => out.extend(c.to_lowercase()),
    }
}

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
    fn accents_case_and_apostrophes_do_not_matter() {
        assert_eq!(fold("L’ÉTÉ\u{a0}: Œuvre"), "l'ete : oeuvre");
        assert_eq!(fold("e\u{301}te\u{301}"), "ete");
        assert_eq!(words("j'ai 2 500 € ?! fin"), ["j", "ai", "0", "0", "€", "?", "!", "fin"]);
    }
}
