//! Case references in a text, as people write them: in lower case, without separators or
//! zeros, with a letter O for a nought. The check character decides, so that a slip of the pen is
//! never somebody else's case (PROCEDURE 2.4).
//!
//! One in 37 of the dates and amounts has the right check character by chance. Without the letter R
//! it therefore takes all six digits of the serial, or a word for a case right before it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::fold::{fold, is_unseen};
use super::ids::CaseNumber;

/// A year, a serial and a check character, with whatever people put between them.
static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[^0-9\p{L}]|[ºª])(?P<r>r[\s.\-_/:n°º]{0,4})?(?P<year>2[0o][0-9oil]{2})(?P<first>[\s.\-_/]{0,3})(?P<serial>[0-9oilsb]{1,6})(?P<second>[\s.\-_/]{0,3})(?P<check>[0-9a-z])(?:[^0-9a-z]|$)",
    )
    .expect("the pattern is valid")
});

/// More bytes than [`SHAPE`] can match before or after the begin of its year.
const SHAPE_BYTES: usize = 64;

/// A word for a case at the end of what stands before a number, "n°" and signs between them.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?:^|[^a-z])(?:dossier|dossiernummer|refs?|reference|referentie|referencia|kenmerk|case|file|ticket|reclamation|plainte|complaint|klacht|zaak|queja|reclamacion|expediente|plent|dosye)(?: ?(?:n|no|nr|num|numero|number|nummer))?[\s.:#°º'"(\[-]{0,6}$"#,
    )
    .expect("the pattern is valid")
});

/// What a number counts that is followed by it: money, hours, days.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s?(?:[€$£%]|(?:euros?|eur|usd|dollars?|dolares|heures?|hours?|uur|horas|jours?|days?|kg|km)(?:[^a-z]|$)|[:/]\d)")
        .expect("the pattern is valid")
});

/// More references than any person writes; a list of thousands is an attack.
const MAX_REFERENCES: usize = 20;

/// Bytes before and after a number that tell what it is.
const BESIDE_BYTES: usize = 40;

/// References in order of appearance, each once.
pub fn all(texts: &[&str]) -> Vec<CaseNumber> {
    let mut found: Vec<CaseNumber> = Vec::new();
    for text in texts {
        let text = &*plain(text);
        let meant = hits(text).filter(|(_, hit)| hit.name("r").is_some() || is_meant(text, hit));
        for (number, _) in meant {
            if !found.contains(&number) {
                found.push(number);
            }
            if found.len() >= MAX_REFERENCES {
                return found;
            }
        }
    }
    found
}

/// Each reference of a [`plain`] text that is known to be about cases, with where its year, serial and check
/// character stand.
pub fn each(text: &str) -> impl Iterator<Item = (CaseNumber, Range<usize>)> {
    hits(text).map(|(number, hit)| {
        let (year, check) = (hit.name("year"), hit.name("check"));
        let place = year.zip(check).map_or(0..0, |(year, check)| year.start()..check.end());
        (number, place)
    })
}

fn hits(text: &str) -> impl Iterator<Item = (CaseNumber, Captures<'_>)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(year) = year_from(text, from) {
            // The pattern would look at all of a long text, for which it is slow.
            let begin = text.floor_char_boundary(year.saturating_sub(SHAPE_BYTES)).max(from);
            let end = text.floor_char_boundary(year + SHAPE_BYTES);
            // What the end of the piece has cut through is looked at again, whole.
            let is_whole = |hit: &Captures<'_>| end == text.len() || hit.get_match().end() < end;
            let Some(hit) = SHAPE.captures_at(&text[..end], begin).filter(is_whole) else {
                from = year + 1;
                continue;
            };
            from = hit.name("check").map_or(text.len(), |check| check.end());
            if let Some(number) = read(&hit["year"], &hit["serial"], &hit["check"]) {
                return Some((number, hit));
            }
        }
        None
    })
}

/// Where a year may begin, as [`SHAPE`] knows them.
fn year_from(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let begins = |at: &usize| matches!(bytes.get(at + 1), Some(b'0' | b'o' | b'O'));
    memchr::memchr_iter(b'2', &bytes[from..]).map(|at| from + at).find(begins)
}

/// Typographic dashes and full width signs made ordinary, marks without width left out: word
/// processors and telephones put them into what is copied.
pub fn plain(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return text.into();
    }
    text.chars().filter_map(made_plain).collect::<String>().into()
}

fn is_plain(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !byte.is_ascii()) {
        let mut others = rest[at..].chars();
        if others.next().is_some_and(|c| made_plain(c) != Some(c)) {
            return false;
        }
        rest = others.as_str();
    }
    true
}

fn made_plain(c: char) -> Option<char> {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        c if is_unseen(c) => None,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        c => Some(c),
    }
}

/// Whether a number without the letter R is meant as a reference.
fn is_meant(text: &str, hit: &Captures<'_>) -> bool {
    let (Some(year), Some(check)) = (hit.name("year"), hit.name("check")) else { return false };
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (serial, second) = (&hit["serial"], &hit["second"]);
    let after = &text[check.end()..text.floor_char_boundary(check.end() + BESIDE_BYTES)];
    let small = serial.len() <= 2 && is_number(serial);
    let date = small && is_number(check.as_str()) && !hit["first"].is_empty() && !second.is_empty();
    // "10 h" after a year, "5 a 6".
    let count = small && !second.contains('-') && "hjmkdays".contains(&check.as_str().to_lowercase());
    if date || count || UNIT.is_match(&fold(after)) {
        return false;
    }
    // Eleven digits in a row are the number of some account.
    let written_out = serial.len() == 6 && !(second.is_empty() && is_number(check.as_str()));
    let before = &text[text.ceil_char_boundary(year.start().saturating_sub(BESIDE_BYTES))..year.start()];
    written_out || NAMED.is_match(&fold(before))
}

fn read(year: &str, serial: &str, check: &str) -> Option<CaseNumber> {
    let (year, serial) = (digits(year), digits(serial));
    let serial = format!("{serial:0>6}");
    let direct = CaseNumber::parse_lenient(&format!("R{year}{serial}{check}"));
    // A check digit typed as the letter that looks like it, or the other way round.
    direct.or_else(|| {
        let twin = match check.to_ascii_uppercase().as_str() {
            "0" => "O",
            "O" => "0",
            "1" => "I",
            "I" | "L" => "1",
            _ => return None,
        };
        CaseNumber::parse_lenient(&format!("R{year}{serial}{twin}"))
    })
}

/// Letters that stand where only digits can.
fn digits(text: &str) -> String {
    text.chars()
        .map(|c| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            's' => '5',
            'b' => '8',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_people_write_them() {
        let wanted = CaseNumber::parse_lenient("R-2026-000142-U").into_iter().collect::<Vec<_>>();
        for text in [
            "Re: [R-2026-000142-U] Votre réclamation",
            "dossier r 2026 000142 u",
            "réf R2026000142U merci",
            "R-2026-142-U",
            "ref. 2026-000142-u",
            "R/2026/000142/U",
            "R-2O26-OOO142-U",
            "dossier n° 2026-142-U",
            "my complaint (2026 142 u)",
            "2026 000142 U",
            "R‑2026‑000142‑U",
            "R–2026–000142—U",
            "R-2026-\u{200b}000142-U",
            "Ｒ－２０２６－０００１４２－Ｕ",
        ] {
            assert_eq!(all(&[text]), wanted, "{text}");
        }
    }

    #[test]
    fn dates_hours_and_amounts_are_no_references() {
        for serial in 1..=400 {
            let written = CaseNumber::new(2026, serial).map(|number| number.to_string()).unwrap_or_default();
            let check = written.chars().last().unwrap_or_default();
            for text in [
                format!("payé le 2026-{serial}-{check}."),
                format!("en mai 2026 {serial} {check}"),
                format!("en mai 2026 {serial}{check} euros"),
                format!("février 2026 {serial}{check} €"),
            ] {
                assert_eq!(all(&[&text]), [], "{text}");
            }
        }
        for text in
            ["dossier 2026-9-3", "dossier du 2026-9-3", "le dossier, 4 mai 2026 10 h", "réf. 2026 960 0 €"]
        {
            assert_eq!(all(&[text]), [], "{text}");
        }
    }

    #[test]
    fn a_reference_is_found_wherever_it_stands_in_a_text_with_many_years() {
        let wanted = CaseNumber::parse_lenient("R-2026-000142-U").into_iter().collect::<Vec<_>>();
        for beside in 0..2 * SHAPE_BYTES {
            let (before, after) = ("é".repeat(beside), "2020 ".repeat(beside));
            let text = format!("20 é 2026 {before}R-2026-000142-U {after}2026-000142-");
            assert_eq!(all(&[&text]), wanted, "{text}");
        }
    }

    #[test]
    fn a_wrong_check_character_names_no_case() {
        for text in [
            "R-2026-000143-U",
            "R-2026-000142-V",
            "n° 0021886",
            "06 39 98 41 07",
            "le 2026-07-10 09:12",
            "DVK 0051123",
        ] {
            assert_eq!(all(&[text]), [], "{text}");
        }
    }
}
