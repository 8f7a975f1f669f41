//! Case references in a text, as people write them: in lower case, without separators or
//! zeros, with a letter O for a nought. The check character decides, so that a slip of the pen is
//! never somebody else's case (PROCEDURE 2.4).

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::ids::CaseNumber;

/// A year, a serial and a check character, with whatever people put between them.
static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[^0-9a-z])(?:r[\s.\-_/:n°]{0,4})?(2[0o][0-9oil]{2})[\s.\-_/]{0,3}([0-9oilsb]{1,6})[\s.\-_/]{0,3}([0-9a-z])(?:[^0-9a-z]|$)",
    )
    .expect("the pattern is valid")
});

/// More references than any person writes; a list of thousands is an attack.
const MAX_REFERENCES: usize = 20;

/// References in order of appearance, each once.
pub fn all(texts: &[&str]) -> Vec<CaseNumber> {
    let mut found: Vec<CaseNumber> = Vec::new();
    for (number, _) in texts.iter().copied().flat_map(each) {
        if !found.contains(&number) {
            found.push(number);
        }
        if found.len() >= MAX_REFERENCES {
            break;
        }
    }
    found
}

/// Each reference of a text, with where its year, serial and check character stand.
pub fn each(text: &str) -> impl Iterator<Item = (CaseNumber, Range<usize>)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(hit) = SHAPE.captures_at(text, from) {
            from = hit.get(3).map_or(text.len(), |check| check.end());
            if let Some(number) = read(&hit[1], &hit[2], &hit[3]) {
                let start = hit.get(1).map_or(from, |year| year.start());
                return Some((number, start..from));
            }
        }
        None
    })
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
        ] {
            assert_eq!(all(&[text]), wanted, "{text}");
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
