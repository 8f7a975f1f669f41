//! What templates can do with values: dates with the month in letters, sizes, and the words for what is
//! missing, in each language.

use jiff::civil::DateTime;
use minijinja::{Environment, Error, ErrorKind};

use crate::core::facts::Missing;

const DAYS_FR: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Narrow no-break space.
const NNBSP: char = '\u{202f}';
/// No-break space.
const NBSP: char = '\u{a0}';

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("date_fr", |at: String| Ok::<_, Error>(date_fr(civil(&at)?)));
    environment.add_filter("date_en", |at: String| Ok::<_, Error>(date_en(civil(&at)?)));
    environment.add_filter("time_fr", |at: String| Ok::<_, Error>(time_fr(civil(&at)?)));
    environment.add_filter("time_en", |at: String| Ok::<_, Error>(time_en(civil(&at)?)));
    environment.add_filter("size_fr", |bytes: u64| size(bytes, ["octets", "ko", "Mo"], ','));
    environment.add_filter("size_en", |bytes: u64| size(bytes, ["bytes", "kB", "MB"], '.'));
    environment.add_filter("missing_fr", |word: String| missing(&word, missing_fr));
    environment.add_filter("missing_en", |word: String| missing(&word, missing_en));
}

fn civil(text: &str) -> Result<DateTime, Error> {
    text.parse().map_err(|_| Error::new(ErrorKind::InvalidOperation, format!("{text:?} is not a date")))
}

fn index(number: i8) -> usize {
    usize::try_from(number - 1).expect("months and weekdays begin at 1")
}

/// mardi 1er décembre 2026
fn date_fr(at: DateTime) -> String {
    let day = if at.day() == 1 { "1er".to_owned() } else { at.day().to_string() };
    let weekday = DAYS_FR[index(at.weekday().to_monday_one_offset())];
    format!("{weekday} {day}{NBSP}{} {}", MONTHS_FR[index(at.month())], at.year())
}

/// Tuesday 1 December 2026
fn date_en(at: DateTime) -> String {
    let weekday = DAYS_EN[index(at.weekday().to_monday_one_offset())];
    format!("{weekday} {}{NBSP}{} {}", at.day(), MONTHS_EN[index(at.month())], at.year())
}

/// 9 h 05
fn time_fr(at: DateTime) -> String {
    format!("{}{NBSP}h{NBSP}{:02}", at.hour(), at.minute())
}

/// 09:05
fn time_en(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// Two significant steps are enough to know a document again: 312 ko, 1,4 Mo.
fn size(bytes: u64, units: [&str; 3], point: char) -> String {
    match bytes {
        0..1_000 => format!("{bytes}{NNBSP}{}", units[0]),
        1_000..1_000_000 => format!("{}{NNBSP}{}", (bytes + 500) / 1_000, units[1]),
        _ => {
            let tenths = (bytes + 50_000) / 100_000;
            format!("{}{point}{}{NNBSP}{}", tenths / 10, tenths % 10, units[2])
        }
    }
}

fn missing(word: &str, words: fn(Missing) -> &'static str) -> Result<&'static str, Error> {
    let known = Missing::from_word(word);
    known
        .map(words)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("{word:?} cannot be missing")))
}

fn missing_fr(item: Missing) -> &'static str {
    match item {
        Missing::Name => "vos nom et prénom",
        Missing::Contact => "un moyen de vous joindre (téléphone ou adresse)",
        Missing::Description => "une description précise du problème rencontré",
        Missing::StepsTaken => "les démarches que vous avez déjà faites",
        Missing::Evidence => "tout document utile (capture d’écran, relevé, échange de courriels)",
    }
}

fn missing_en(item: Missing) -> &'static str {
    match item {
        Missing::Name => "your full name",
        Missing::Contact => "a way to reach you (telephone or address)",
        Missing::Description => "a precise description of the problem",
        Missing::StepsTaken => "the steps you have already taken",
        Missing::Evidence => "any useful document (screenshot, statement, exchange of e-mails)",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_their_month_in_letters() {
        let at: DateTime = "2026-12-01T09:05:00".parse().expect("a date");
        assert_eq!(date_fr(at), "mardi 1er\u{a0}décembre 2026");
        assert_eq!(date_en(at), "Tuesday 1\u{a0}December 2026");
        assert_eq!((time_fr(at), time_en(at)), ("9\u{a0}h\u{a0}05".to_owned(), "09:05".to_owned()));
    }

    #[test]
    fn sizes_are_short() {
        let fr = |bytes| size(bytes, ["octets", "ko", "Mo"], ',');
        assert_eq!(
            [fr(999), fr(312_400), fr(1_440_000)],
            ["999\u{202f}octets", "312\u{202f}ko", "1,4\u{202f}Mo"]
        );
    }
}
