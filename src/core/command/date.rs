//! Dates as people write them, French or English. The day stands before the month where both are
//! figures; what could be two dates is none.

use jiff::civil::Date;

use super::super::fold::fold;

const MONTHS: [&[&str]; 12] = [
    &["janvier", "january", "janv", "jan"],
    &["fevrier", "february", "fevr", "fev", "feb"],
    &["mars", "march", "mar"],
    &["avril", "april", "avr", "apr"],
    &["mai", "may"],
    &["juin", "june", "jun"],
    &["juillet", "july", "juil", "jul"],
    &["aout", "august", "aug"],
    &["septembre", "september", "sept", "sep"],
    &["octobre", "october", "oct"],
    &["novembre", "november", "nov"],
    &["decembre", "december", "dec"],
];

/// Words that may stand before a date or within it.
const AROUND: [&str; 9] = ["le", "au", "du", "on", "to", "until", "jusqu'au", "the", "of"];

/// The date that a text begins with, and what follows it. Without a year it is the next such day from
/// `today` on.
pub fn leading(text: &str, today: Date) -> Option<(Date, &str)> {
    let mut rest = text.trim_start();
    let mut words = Vec::new();
    // At most three words and what stands around them; each is tried as the last one of the date.
    let mut found = None;
    while words.len() < 3 && !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let word = fold(&rest[..end]);
        rest = rest[end..].trim_start();
        let word = word.trim_end_matches([',', ';', ':', '.', ')']).to_owned();
        if AROUND.contains(&word.as_str()) {
            if found.is_some() {
                break;
            }
            continue;
        }
        words.push(word);
        if let Some(date) = of_words(&words, today) {
            found = Some((date, rest));
        }
    }
    found
}

fn of_words(words: &[String], today: Date) -> Option<Date> {
    match words {
        [figures] => of_figures(figures, today),
        [one, two] => day_and_month(one, two).and_then(|(day, month)| next(day, month, today)),
        [one, two, year] => {
            let (day, month) = day_and_month(one, two)?;
            Date::new(full_year(year)?, month, day).ok()
        }
        _ => None,
    }
}

fn day_and_month(one: &str, two: &str) -> Option<(i8, i8)> {
    day(one).zip(month(two)).or_else(|| day(two).zip(month(one)))
}

/// `2026-12-15`, `15/12/2026`, `15.12.26`, `15/12`.
fn of_figures(text: &str, today: Date) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    if parts.iter().any(|part| part.is_empty() || part.len() > 4 || !part.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let number = |part: &str| part.parse::<i8>().ok();
    match parts[..] {
        [year, month, day] if year.len() == 4 => {
            Date::new(full_year(year)?, number(month)?, number(day)?).ok()
        }
        [day, month, year] => Date::new(full_year(year)?, number(month)?, number(day)?).ok(),
        [day, month] => next(number(day)?, number(month)?, today),
        _ => None,
    }
}

fn full_year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// `15`, `1er`, `2nd`.
fn day(text: &str) -> Option<i8> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    matches!(&text[digits..], "" | "er" | "st" | "nd" | "rd" | "th").then(|| text[..digits].parse().ok())?
}

fn month(text: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|names| names.contains(&text))?;
    i8::try_from(at + 1).ok()
}

fn next(day: i8, month: i8, today: Date) -> Option<Date> {
    (0..=8).filter_map(|ahead| Date::new(today.year() + ahead, month, day).ok()).find(|date| *date >= today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let today = date(2026, 11, 28);
        for (text, wanted, rest) in [
            ("2026-12-15", date(2026, 12, 15), ""),
            ("15/12/2026 banque fermée", date(2026, 12, 15), "banque fermée"),
            ("15.12.26", date(2026, 12, 15), ""),
            ("15/12", date(2026, 12, 15), ""),
            ("3/1 the bank is closed", date(2027, 1, 3), "the bank is closed"),
            ("le 15 décembre 2026 : la banque", date(2026, 12, 15), ": la banque"),
            ("au 1er janvier", date(2027, 1, 1), ""),
            ("15 December because", date(2026, 12, 15), "because"),
            ("December 15, 2026", date(2026, 12, 15), ""),
            ("Dec. 15th", date(2026, 12, 15), ""),
            ("29 février", date(2028, 2, 29), ""),
            ("28 novembre", today, ""),
        ] {
            assert_eq!(leading(text, today), Some((wanted, rest)), "{text}");
        }
    }

    #[test]
    fn what_is_no_certain_date_is_none() {
        let today = date(2026, 11, 28);
        for text in [
            "",
            "12/15/2026",
            "30 février 2027",
            "bientôt",
            "15",
            "2026",
            "vendredi",
            "15/12/202",
            "--",
            "99999",
        ] {
            assert_eq!(leading(text, today), None, "{text}");
        }
    }
}
