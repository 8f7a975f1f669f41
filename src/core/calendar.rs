//! Which days count, and the dates that follow from a reception (PROCEDURE 3).
//!
//! All dates are in the desk's time zone; instants are UTC. Nothing here knows the present: a
//! calendar is data with a version, and the same reception gives the same dates for ever.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};

/// One public holiday rule of a calendar file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HolidayRule {
    /// The same day each year.
    Fixed { month: i8, day: i8 },
    /// Days after Easter Sunday (Western).
    Easter { days: i32 },
    /// One date only, as when a decree moves a day.
    Once(Date),
}

/// A working-day calendar: Monday to Friday, less the holidays.
#[derive(Clone, Debug)]
pub struct Calendar {
    version: String,
    zone: TimeZone,
    zone_name: String,
    rules: Vec<(HolidayRule, String)>,
}

/// What a reception leads to (PROCEDURE 3.1–3.6, 3.8). Dates are the last day that is still in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deadlines {
    pub ack_due: Timestamp,
    pub admissibility_due: Date,
    pub resolution_due: Date,
    pub cap_due: Date,
    pub mediator_limit: Date,
    /// Holidays between reception and resolution that pushed a date back.
    pub holidays_met: BTreeMap<Date, String>,
}

impl Calendar {
    /// Hours within which a complaint is acknowledged, weekends and holidays included (PROCEDURE 3.1).
    pub const ACK_HOURS: i64 = 48;
    /// Working days to say whether a complaint is admissible (PROCEDURE 3.2).
    pub const ADMISSIBILITY_DAYS: u32 = 10;
    /// Working days (jours ouvrés) to answer (PROCEDURE 3.3).
    pub const RESOLUTION_DAYS: u32 = 15;
    /// Months after the first written complaint in which all levels must have answered (PROCEDURE 3.4).
    pub const CAP_MONTHS: i32 = 2;

    pub fn new(
        version: String,
        zone_name: &str,
        rules: Vec<(HolidayRule, String)>,
    ) -> Result<Self, jiff::Error> {
        let zone = TimeZone::get(zone_name)?;
        Ok(Self { version, zone, zone_name: zone_name.to_owned(), rules })
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn zone_name(&self) -> &str {
        &self.zone_name
    }

    /// The local civil date and time of an instant, with its offset.
    pub fn local(&self, instant: Timestamp) -> jiff::Zoned {
        instant.to_zoned(self.zone.clone())
    }

    pub fn local_date(&self, instant: Timestamp) -> Date {
        self.local(instant).date()
    }

    /// The name of the holiday that falls on this date, if one does.
    pub fn holiday(&self, day: Date) -> Option<&str> {
        self.rules.iter().find_map(|(rule, name)| rule.falls_on(day).then_some(name.as_str()))
    }

    pub fn holidays(&self, year: i16) -> BTreeMap<Date, String> {
        self.rules.iter().filter_map(|(rule, name)| Some((rule.in_year(year)?, name.clone()))).collect()
    }

    /// Monday to Friday and no holiday (PROCEDURE 3.5).
    pub fn is_working_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && self.holiday(day).is_none()
    }

    /// The `count`-th working day strictly after `day`: the day of the event does not count.
    pub fn working_days_after(&self, day: Date, count: u32) -> Date {
        let mut current = day;
        let mut left = count;
        while left > 0 {
            current = current.tomorrow().expect("receptions lie in the years 1970–9000");
            if self.is_working_day(current) {
                left -= 1;
            }
        }
        current
    }

    /// The last second of a local day, as an instant: a date is kept until it is over.
    pub fn end_of(&self, day: Date) -> Timestamp {
        day.at(23, 59, 59, 0)
            .to_zoned(self.zone.clone())
            .expect("a date within jiff's range has an end in every zone")
            .timestamp()
    }

    /// All dates that follow from a reception; `sent` is the instant that the sender claims for the
    /// first written complaint (Date header, postmark), from which the cap and the mediator's limit run.
    pub fn deadlines(&self, received: Timestamp, sent: Timestamp) -> Deadlines {
        let day = self.local_date(received);
        let sent_day = self.local_date(sent);
        let resolution_due = self.working_days_after(day, Self::RESOLUTION_DAYS);
        let holidays_met = (day.year()..=resolution_due.year())
            .flat_map(|year| self.holidays(year))
            .filter(|(holiday, _)| *holiday > day && *holiday <= resolution_due)
            .filter(|(holiday, _)| !matches!(holiday.weekday(), Weekday::Saturday | Weekday::Sunday))
            .collect();
        Deadlines {
            ack_due: received + SignedDuration::from_hours(Self::ACK_HOURS),
            admissibility_due: self.working_days_after(day, Self::ADMISSIBILITY_DAYS),
            resolution_due,
            // The same day of the month, else its last day (Regulation 1182/71 art. 3).
            cap_due: plus(sent_day, Self::CAP_MONTHS.months()),
            mediator_limit: plus(sent_day, 1.year()),
            holidays_met,
        }
    }
}

impl HolidayRule {
    /// The same as [`Self::in_year`], without making a date: asked of each day of each deadline.
    fn falls_on(&self, day: Date) -> bool {
        match self {
            Self::Fixed { month, day: of_month } => (day.month(), day.day()) == (*month, *of_month),
            Self::Easter { days } => {
                i32::from(day.day_of_year()) == i32::from(easter(day.year()).day_of_year()) + days
            }
            Self::Once(date) => day == *date,
        }
    }

    fn in_year(&self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed { month, day } => Date::new(year, *month, *day).ok(),
            Self::Easter { days } => easter(year).checked_add(Span::new().days(*days)).ok(),
            Self::Once(day) => (day.year() == year).then_some(*day),
        }
    }
}

fn plus(day: Date, span: Span) -> Date {
    day.checked_add(span).expect("receptions lie in the years 1970–9000")
}

/// Easter Sunday of the Gregorian calendar (Meeus/Jones/Butcher), in the letters of its authors.
#[expect(clippy::many_single_char_names, reason = "the published algorithm names its steps so")]
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    date(year, i8::try_from(month).expect("March or April"), i8::try_from(day).expect("a day of the month"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_falls_on_the_day_that_it_has_in_the_year() {
        let mut rules: Vec<HolidayRule> =
            [-400, -47, 0, 1, 39, 50, 300].map(|days| HolidayRule::Easter { days }).into();
        rules.extend([(1, 1), (2, 29), (12, 31)].map(|(month, day)| HolidayRule::Fixed { month, day }));
        rules.push(HolidayRule::Once(date(2027, 5, 28)));
        let mut day = date(2023, 12, 30);
        while day.year() < 2029 {
            for rule in &rules {
                assert_eq!(rule.falls_on(day), rule.in_year(day.year()) == Some(day), "{rule:?} on {day}");
            }
            day = day.tomorrow().expect("within range");
        }
    }
}
