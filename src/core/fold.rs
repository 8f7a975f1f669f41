//! Text as it is compared: lower case, without accents, one kind of apostrophe and of space. What people
//! typed is never changed; only copies for comparison are made here.

/// Lower case, without accents, typographic signs made plain. Every kind of space becomes one
/// ASCII space or line end; the number of lines is kept.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, others) =
            rest.split_at(rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len()));
        let from = folded.len();
        folded.push_str(plain);
        folded[from..].make_ascii_lowercase();
        let mut chars = others.chars();
        if let Some(c) = chars.next() {
            fold_char(c, &mut folded);
        }
        rest = chars.as_str();
    }
    folded
}

/// Signs that show nothing: joiners, soft hyphens, direction marks, tags. Phones and word processors leave
/// them anywhere, and two texts that differ in nothing else look the same.
pub fn is_unseen(c: char) -> bool {
    !c.is_ascii()
        && matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What may stand around a line or a word without being part of it: every kind of space, and what shows nothing.
pub fn is_padding(c: char) -> bool {
    c.is_whitespace() || is_unseen(c)
}

/// An accent that stands after its letter as a sign of its own (decomposed text).
pub fn is_accent(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}')
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
        c if is_accent(c) || is_unseen(c) => {}
        c if c.is_whitespace() => out.push(' '),
        c => out.extend(c.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_apostrophes_do_not_matter() {
        assert_eq!(fold("L’ÉTÉ\u{a0}: Œuvre"), "l'ete : oeuvre");
        assert_eq!(fold("e\u{301}te\u{301}"), "ete");
    }

    #[test]
    fn what_shows_nothing_does_not_matter() {
        let marks =
            ['\u{ad}', '\u{200b}', '\u{200d}', '\u{200f}', '\u{202a}', '\u{202e}', '\u{2060}', '\u{2066}'];
        for mark in marks.into_iter().chain(['\u{2069}', '\u{feff}']) {
            assert_eq!(fold(&format!("{mark}no{mark}te{mark}")), "note", "{mark:?}");
            assert!(is_padding(mark) && !mark.is_alphanumeric(), "{mark:?}");
        }
    }
}
