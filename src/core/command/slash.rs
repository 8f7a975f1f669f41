//! Where a slash begins a command: as people, telephones and word processors write it. Which commands there
//! are is in names.rs.
//!
//! A colleague who has written a slash and a word believes that it counts. What is no command for
//! certain is therefore told to them, never taken for text that may go to a customer.

use super::super::fold::is_padding;
use super::names;

/// Beside the slash itself: the neighbouring key, and what keyboards and fonts of other scripts give.
const SLASHES: [char; 8] = ['/', '\\', '／', '⁄', '∕', '⧸', '＼', '∖'];

fn is_slash(c: char) -> bool {
    SLASHES.contains(&c)
}

/// Emphasis and quotation marks, which stand around a name without being part of it.
pub fn is_mark(c: char) -> bool {
    matches!(c, '*' | '_' | '`' | '\'' | '’' | '‘' | '"' | '“' | '”' | '„' | '«' | '»')
}

/// What follows the slash of a line that begins with one; a path (`/var/log`) is none.
pub fn after(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(|c| is_padding(c) || is_mark(c));
    let rest = line.trim_start_matches(|c| is_slash(c) || is_padding(c) || is_mark(c));
    let begins = line.starts_with(is_slash) && rest.starts_with(char::is_alphabetic);
    (begins && !is_path(rest)).then_some(rest)
}

/// The same of a line of the text, where a bullet, a number or `a)` may stand before the slash.
pub fn opening(line: &str) -> Option<&str> {
    let is_bullet = |c: char| !c.is_alphabetic() && !is_slash(c) && !is_measure(c);
    let mut rest = line.trim_start_matches(is_bullet);
    let mut letter = rest.chars();
    if letter.next().is_some_and(char::is_alphabetic) && letter.next().is_some_and(|c| ").]:".contains(c)) {
        rest = letter.as_str().trim_start_matches(is_bullet);
    }
    let name = after(rest)?;
    // `1/ Vous ouvrez…` numbers a paragraph, and `15/décembre` is a day.
    let before = &line[..line.len() - rest.len()];
    let numbered = before.trim_end_matches(is_padding).ends_with(char::is_numeric);
    let slash = &rest[..rest.len() - name.len()];
    let fine = !numbered
        || !slash.contains(char::is_whitespace)
            && (!before.ends_with(char::is_numeric) || names::named(name).is_some());
    fine.then_some(name)
}

/// What follows each slash within a line that may begin a command there: not `et/ou`, not an address of
/// the web, not `30 €/appel`, not a path.
pub fn within(line: &str) -> impl Iterator<Item = &str> {
    let mut before = ' ';
    line.char_indices().filter_map(move |(at, c)| {
        let left = std::mem::replace(&mut before, c);
        if !is_slash(c)
            || is_slash(left)
            || left.is_alphanumeric()
            || is_measure(left)
            || "<=&#@~+".contains(left)
        {
            return None;
        }
        let run = line[at..].trim_start_matches(is_slash);
        let is_web = left == ':' && line.len() - at - run.len() > 1;
        let name = run.trim_start_matches(|c| is_padding(c) && !c.is_whitespace() || is_mark(c));
        (!is_web && name.starts_with(char::is_alphabetic) && !is_path(name)).then_some(name)
    })
}

/// Whether a command stands in a text where none is carried out.
pub fn hides_command(line: &str) -> bool {
    let is_meant =
        |name| names::named(name).is_some() || names::is_like_internal(name) || names::is_like_cancel(name);
    opening(line).is_some() || within(line).any(is_meant)
}

/// Whether a line, wherever and however it stands, wants what is held to be stopped.
pub fn wants_to_stop(line: &str) -> bool {
    opening(line).into_iter().chain(within(line)).any(names::is_like_cancel)
}

/// Signs after which a slash means "for each".
fn is_measure(c: char) -> bool {
    matches!(c, '€' | '$' | '£' | '%' | '°')
}

/// Longest beginning of a word in which a second slash is sought, in bytes: a line that is one endless word
/// would be read through at each of its slashes.
const PATH_BYTES: usize = 200;

/// A second slash within the word, and something after it.
fn is_path(rest: &str) -> bool {
    let start = &rest[..rest.floor_char_boundary(PATH_BYTES)];
    let word = start.split(char::is_whitespace).next().unwrap_or_default();
    word.trim_end_matches(|c: char| !c.is_alphanumeric()).contains(is_slash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_is_known_in_every_shape() {
        for line in [
            "/note x",
            "\\note x",
            "//note x",
            "/ note x",
            "／note x",
            "⁄note x",
            "∕note x",
            "/\u{200b}note x",
            "\u{ad}/note x",
            "*/*note x",
            "« /note x",
            "\"/note x",
            "_/note x",
            "/\u{a0}note x",
            "/note/ x",
        ] {
            assert!(after(line).is_some_and(|rest| rest.starts_with("note")), "{line}");
            assert!(hides_command(line), "{line}");
        }
        for line in ["/home/marie", "\\\\server\\share", "note", "1/note", "/", "/ 12", "- /note", ""] {
            assert_eq!(after(line), None, "{line}");
        }
    }

    #[test]
    fn a_text_hides_a_command_where_its_writer_believes_that_it_counts() {
        for line in [
            "- /nota",
            "• /nota",
            "> /nota",
            "1. /nota",
            "2) / nota",
            "a) /nota",
            "(b) /nota",
            "[x] /nota",
            "1/note",
            "1 /nota",
            "PS: /note",
            "PS:/note",
            "Hello /note he lies",
            "Hello \\note",
            "so (/note)",
            "so “/note he lies”",
            "Hello *\u{200b}/note*",
            "Madam./note",
            "so //note",
            "so /nota x",
            "/cancle",
            "so /stopp",
        ] {
            assert!(hides_command(line), "{line}");
        }
        for line in [
            "et/ou",
            "Vous et/ou votre note",
            "https://divikeys.com/help",
            "see http://help now",
            "le 15/12/2026",
            "15/décembre",
            "1/ Vous ouvrez",
            "2 / Le code",
            "a/ La note",
            "24h/24",
            "30 €/appel",
            "5 €/mois",
            "3 /4",
            "/var/log/note",
            "see /help/contact",
            "n°/note",
            "Mme / M.",
            "oui / note",
            "par courrier / appel",
            "a /b c",
            "Bonjour",
            "",
        ] {
            assert!(!hides_command(line), "{line}");
        }
    }

    #[test]
    fn a_wish_to_stop_is_seen_however_it_is_written() {
        for line in [
            "/cancel",
            "/annuler !",
            "no, /cancel",
            "/cancle",
            "so /stopp",
            "- /stopp",
            "/ANNULEZ",
            "\\cancel",
            "/cancellation",
        ] {
            assert!(wants_to_stop(line), "{line}");
        }
        for line in ["/call", "/take", "/notes", "cancel", "https://x.fr/cancel", "/cases", "/clore"] {
            assert!(!wants_to_stop(line), "{line}");
        }
    }
}
