//! Dates as people write them, French or English. The day stands before the month where both are
//! figures. What could be two dates, or a number of something, is none; a year is never guessed far away.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::fold::fold;

/// On which side of today a date must lie; today is on both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Toward {
    Past,
    Future,
}

/// Why a text begins with no date that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoDate {
    /// Not certainly one.
    Unread,
    /// On the other side of today.
    WrongSide(Date, Toward),
    /// Without a year, and more than [`NEAR_MONTHS`] away.
    YearNeeded,
    /// Not the day of the week that is written before it.
    OtherWeekday(Date),
}

/// How far a date without a year may be from today.
const NEAR_MONTHS: i32 = 6;

/// Full names, then what is shortened. `mar` is none: it is short for mardi as well.
const MONTHS: [(&[&str], &[&str]); 12] = [
    (&["janvier", "january"], &["janv", "jan"]),
    (&["fevrier", "february"], &["fevr", "fev", "feb"]),
    (&["mars", "march"], &[]),
    (&["avril", "april"], &["avr", "apr"]),
    (&["mai", "may"], &[]),
    (&["juin", "june"], &["jun"]),
    (&["juillet", "july"], &["juil", "jul"]),
    (&["aout", "august"], &["aug"]),
    (&["septembre", "september"], &["sept", "sep"]),
    (&["octobre", "october"], &["oct"]),
    (&["novembre", "november"], &["nov"]),
    (&["decembre", "december"], &["dec"]),
];

/// From Monday on.
const WEEKDAYS: [&[&str]; 7] = [
    &["lundi", "lun", "monday", "mon"],
    &["mardi", "mar", "tuesday", "tues", "tue"],
    &["mercredi", "mer", "wednesday", "wed"],
    &["jeudi", "jeu", "thursday", "thurs", "thu"],
    &["vendredi", "ven", "friday", "fri"],
    &["samedi", "sam", "saturday", "sat"],
    &["dimanche", "dim", "sunday", "sun"],
];

/// Words that may stand before a date.
const BEFORE: [&str; 9] = ["le", "au", "du", "on", "to", "until", "by", "jusqu'au", "the"];

/// English months that are verbs as well: `2 may take longer`.
const VERBS: [&str; 2] = ["may", "march"];

/// What is counted in days or hours, as words begin: `1/2 journée` is no first of February.
const UNITS: [&str; 8] = ["jour", "day", "semaine", "week", "mois", "month", "heure", "hour"];

/// The date that a text begins with, and what follows it.
pub fn leading(text: &str, today: Date, toward: Toward) -> Result<(Date, &str), NoDate> {
    let Leading { weekday, day, rest } = begun(text).ok_or(NoDate::Unread)?;
    let date = day.near(today, toward)?;
    if weekday.is_some_and(|weekday| weekday != date.weekday().to_monday_zero_offset()) {
        return Err(NoDate::OtherWeekday(date));
    }
    Ok((date, rest))
}

/// What follows the date that a text begins with, whichever it is.
pub fn after(text: &str) -> Option<&str> {
    begun(text).map(|leading| leading.rest)
}

struct Leading<'t> {
    /// Days after Monday.
    weekday: Option<i8>,
    day: Day,
    rest: &'t str,
}

fn begun(text: &str) -> Option<Leading<'_>> {
    let mut first = Word::of(text).past_small_words();
    let weekday = WEEKDAYS.iter().zip(0..).find(|(names, _)| names.contains(&first.folded.as_str()));
    if weekday.is_some() {
        first = first.next().past_small_words();
    }
    let (day, rest) = figures(&first).or_else(|| in_words(&first))?;
    Some(Leading { weekday: weekday.map(|(_, offset)| offset), day, rest })
}

/// A day of a month, and the year where one is written.
struct Day {
    year: Option<i16>,
    month: i8,
    of_month: i8,
}

impl Day {
    fn near(&self, today: Date, toward: Toward) -> Result<Date, NoDate> {
        let fits = |date: &Date| match toward {
            Toward::Past => *date <= today,
            Toward::Future => *date >= today,
        };
        if let Some(year) = self.year {
            let date = Date::new(year, self.month, self.of_month).map_err(|_| NoDate::Unread)?;
            return if fits(&date) { Ok(date) } else { Err(NoDate::WrongSide(date, toward)) };
        }
        // In a leap year every day of a month is one.
        Date::new(2000, self.month, self.of_month).map_err(|_| NoDate::Unread)?;
        let (first, last) =
            (today.saturating_sub(NEAR_MONTHS.months()), today.saturating_add(NEAR_MONTHS.months()));
        (today.year() - 1..=today.year() + 1)
            .filter_map(|year| Date::new(year, self.month, self.of_month).ok())
            .find(|date| fits(date) && (first..=last).contains(date))
            .ok_or(NoDate::YearNeeded)
    }
}

/// `2026-12-15`, `15-12-2026`, `15/12/2026`, `15.12.26`, `15/12`.
fn figures<'t>(word: &Word<'t>) -> Option<(Day, &'t str)> {
    let text = word.written;
    let end = text.find(|c: char| !c.is_ascii_digit() && !"/.-".contains(c)).unwrap_or(text.len());
    let shape = text[..end].trim_end_matches(['.', '-']);
    let rest = &word.all[shape.len()..];
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    let sign = shape.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = shape.split(sign).collect();
    let number = |part: &str| (part.len() <= 2).then(|| part.parse::<i8>().ok())?;
    let day = match parts[..] {
        [year, month, day] if year.len() == 4 && sign != '.' => {
            Day { year: Some(full_year(year)?), month: number(month)?, of_month: number(day)? }
        }
        // `26-12-10` is written for two days.
        [day, month, year] if year.len() == 4 || year.len() == 2 && sign != '-' => {
            let year = if year.len() == 2 { 2000 + year.parse::<i16>().ok()? } else { full_year(year)? };
            Day { year: Some(year), month: number(month)?, of_month: number(day)? }
        }
        [day, month] if sign == '/' => {
            // A year apart, `15/12 2027`, would be taken for the first word of what follows.
            let after = Word::of(rest.trim_start_matches(|c: char| !c.is_alphanumeric()));
            let counts = UNITS.iter().any(|unit| after.folded.starts_with(unit));
            if counts || full_year(&after.folded).is_some() {
                return None;
            }
            Day { year: None, month: number(month)?, of_month: number(day)? }
        }
        _ => return None,
    };
    Some((day, rest.trim_start()))
}

/// `15 décembre 2026`, `1er janvier`, `December 15, 2026`, `15th of December`.
fn in_words<'t>(first: &Word<'t>) -> Option<(Day, &'t str)> {
    let mut second = first.next();
    if second.folded == "of" {
        second = second.next();
    }
    let day = |word: &Word<'_>| day_of_month(&word.folded);
    let month = |word: &Word<'_>| month_of_year(&word.folded);
    let ((day, month), named) = match (day(first).zip(month(&second)), month(first).zip(day(&second))) {
        (Some(found), _) => (found, &second),
        (None, Some((month, day))) => ((day, month), first),
        (None, None) => return None,
    };
    if !first.goes_on() {
        return None;
    }
    let third = second.next();
    let year = full_year(&third.folded).filter(|_| second.goes_on());
    let is_verb = VERBS.iter().any(|verb| named.written.starts_with(verb));
    if is_verb && year.is_none() && !second.rest.is_empty() {
        return None;
    }
    let rest = if year.is_some() { third.rest } else { second.rest };
    Some((Day { year, month, of_month: day }, rest))
}

/// Four figures of our time.
fn full_year(text: &str) -> Option<i16> {
    let is_year = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|year| is_year && (1900..2100).contains(year))
}

/// `15`, `1er`, `2nd`.
fn day_of_month(text: &str) -> Option<i8> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    matches!(&text[digits..], "" | "er" | "st" | "nd" | "rd" | "th").then(|| text[..digits].parse().ok())?
}

fn month_of_year(text: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|(full, short)| full.contains(&text) || short.contains(&text))?;
    i8::try_from(at + 1).ok()
}

/// A word of the text, with what follows it.
struct Word<'t> {
    /// The text from this word on.
    all: &'t str,
    written: &'t str,
    /// Without the punctuation after it.
    folded: String,
    rest: &'t str,
}

impl<'t> Word<'t> {
    fn of(text: &'t str) -> Self {
        let all = text.trim_start();
        let (written, rest) = all.split_at(all.find(char::is_whitespace).unwrap_or(all.len()));
        let folded = fold(written).trim_end_matches([',', ';', ':', '.', ')']).to_owned();
        Self { all, written, folded, rest: rest.trim_start() }
    }

    fn next(&self) -> Self {
        Self::of(self.rest)
    }

    fn past_small_words(self) -> Self {
        if BEFORE.contains(&self.folded.as_str()) { self.next().past_small_words() } else { self }
    }

    /// Whether the next word may be of the same date: no sentence ends here. The full stop of a shortened month
    /// ends none.
    fn goes_on(&self) -> bool {
        let is_short = MONTHS.iter().any(|(_, short)| short.contains(&self.folded.as_str()));
        self.written.ends_with(char::is_alphanumeric)
            || self.written.ends_with(',')
            || (is_short && self.written.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 28);

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, wanted, rest) in [
            ("2026-12-15", date(2026, 12, 15), ""),
            ("15-12-2026", date(2026, 12, 15), ""),
            ("15/12/2026 banque fermée", date(2026, 12, 15), "banque fermée"),
            ("15/12/2026: banque fermée", date(2026, 12, 15), ": banque fermée"),
            ("15/12/2026-banque", date(2026, 12, 15), "-banque"),
            ("15.12.26", date(2026, 12, 15), ""),
            ("15/12", date(2026, 12, 15), ""),
            ("15/12.", date(2026, 12, 15), "."),
            ("3/1 the bank is closed", date(2027, 1, 3), "the bank is closed"),
            ("le 15 décembre 2026 : la banque", date(2026, 12, 15), ": la banque"),
            ("au 1er janvier", date(2027, 1, 1), ""),
            ("15 December because", date(2026, 12, 15), "because"),
            ("December 15, 2026", date(2026, 12, 15), ""),
            ("15th of December", date(2026, 12, 15), ""),
            ("Dec. 15th", date(2026, 12, 15), ""),
            ("15 déc. 2026", date(2026, 12, 15), ""),
            ("28 novembre", TODAY, ""),
            ("15 décembre 30 clients attendent", date(2026, 12, 15), "30 clients attendent"),
            ("15 décembre. 2027 clients", date(2026, 12, 15), "2027 clients"),
            ("15 décembre 1500 clients", date(2026, 12, 15), "1500 clients"),
            ("2 May because", date(2027, 5, 2), "because"),
            ("2 may", date(2027, 5, 2), ""),
            ("mardi 15 décembre 2026", date(2026, 12, 15), ""),
            ("mar. 15 décembre 2026", date(2026, 12, 15), ""),
            ("le mardi 15/12", date(2026, 12, 15), ""),
            ("Tuesday 15 December", date(2026, 12, 15), ""),
            ("Tuesday the 15th of December", date(2026, 12, 15), ""),
            ("Tuesday, December 15", date(2026, 12, 15), ""),
        ] {
            assert_eq!(leading(text, TODAY, Toward::Future), Ok((wanted, rest)), "{text}");
        }
        for (text, wanted) in [
            ("20/11", date(2026, 11, 20)),
            ("28/11", TODAY),
            ("15/12/2025", date(2025, 12, 15)),
            ("20 novembre", date(2026, 11, 20)),
            ("1er juin", date(2026, 6, 1)),
        ] {
            assert_eq!(leading(text, TODAY, Toward::Past), Ok((wanted, "")), "{text}");
        }
    }

    #[test]
    fn what_is_no_certain_date_is_none() {
        for text in [
            "",
            "12/15/2026",
            "30 février 2027",
            "30 février",
            "bientôt",
            "15",
            "2026",
            "vendredi",
            "15/12/202",
            "--",
            "99999",
            "1-2 weeks",
            "5-6 jours",
            "2.5 semaines",
            "15.12",
            "15-12",
            "2 may take longer",
            "1/2 journée",
            "1/2 weeks",
            "15/12 2027 reason",
            "26-12-10",
            "2026.12.15",
            "15 mar 2027",
            "15. décembre",
            "15/12/",
            "15/12h",
            "15/12-2026",
        ] {
            assert_eq!(leading(text, TODAY, Toward::Future), Err(NoDate::Unread), "{text}");
        }
    }

    #[test]
    fn a_date_on_the_wrong_side_or_far_away_is_none() {
        let gone = |day| NoDate::WrongSide(day, Toward::Future);
        for (text, toward, why) in [
            ("15/12/2006", Toward::Future, gone(date(2006, 12, 15))),
            ("27/11/2026", Toward::Future, gone(date(2026, 11, 27))),
            ("29/11/2026", Toward::Past, NoDate::WrongSide(date(2026, 11, 29), Toward::Past)),
            ("20 novembre", Toward::Future, NoDate::YearNeeded),
            ("29/11", Toward::Past, NoDate::YearNeeded),
            ("29 février", Toward::Future, NoDate::YearNeeded),
            ("29/5", Toward::Future, NoDate::YearNeeded),
            ("lundi 15 décembre 2026", Toward::Future, NoDate::OtherWeekday(date(2026, 12, 15))),
            ("Monday 15/12", Toward::Future, NoDate::OtherWeekday(date(2026, 12, 15))),
        ] {
            assert_eq!(leading(text, TODAY, toward), Err(why), "{text}");
        }
    }
}
