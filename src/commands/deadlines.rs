//! `complaintd deadlines`: the dates that follow from a reception, for a person or as JSON
//! (PROCEDURE 3). Reckons only; touches nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use serde::{Serialize, Serializer};

use super::Format;
use crate::core::calendar::Calendar;

/// What `--json` prints, one object on one line (PRODUCT §6).
#[derive(Debug, Serialize)]
struct Dates {
    #[serde(serialize_with = "rfc3339")]
    received_local: Zoned,
    #[serde(serialize_with = "rfc3339")]
    ack_due: Zoned,
    resolution_due: Date,
    admissibility_due: Date,
    cap_due: Date,
    mediator_limit: Date,
    calendar_version: String,
    #[serde(serialize_with = "days")]
    holidays_met: BTreeMap<Date, String>,
}

/// Prints the dates of a complaint received at this instant, which its sender claims to have sent at
/// that.
pub fn run(calendar: &Calendar, received: Timestamp, sent: Timestamp, format: Format) -> io::Result<()> {
    write(calendar, received, sent, format, &mut io::stdout().lock())
}

/// The same, to anywhere.
pub fn write(
    calendar: &Calendar,
    received: Timestamp,
    sent: Timestamp,
    format: Format,
    out: &mut impl Write,
) -> io::Result<()> {
    let dates = Dates::of(calendar, received, sent);
    match format {
        Format::Text => write!(out, "{dates}"),
        Format::Json => {
            serde_json::to_writer(&mut *out, &dates)?;
            writeln!(out)
        }
    }
}

impl Dates {
    fn of(calendar: &Calendar, received: Timestamp, sent: Timestamp) -> Self {
        let dates = calendar.deadlines(received, sent);
        Self {
            received_local: calendar.local(received),
            ack_due: calendar.local(dates.ack_due),
            resolution_due: dates.resolution_due,
            admissibility_due: dates.admissibility_due,
            cap_due: dates.cap_due,
            mediator_limit: dates.mediator_limit,
            calendar_version: calendar.version().to_owned(),
            holidays_met: dates.holidays_met,
        }
    }
}

impl fmt::Display for Dates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |what: &str, when: String, why: &str| writeln!(f, "{what:<16} {when:<22} {why}");
        line("received", minute(&self.received_local), "local time of the desk")?;
        line("acknowledge by", minute(&self.ack_due), "48 hours, weekends and holidays included")?;
        line("admissible by", day(self.admissibility_due), "10 working days")?;
        line("answer by", day(self.resolution_due), "15 working days (jours ouvrés)")?;
        line("all levels by", day(self.cap_due), "2 months from the sending")?;
        line("mediator until", day(self.mediator_limit), "1 year from the sending")?;
        line("calendar", self.calendar_version.clone(), "version of the list of holidays")?;
        for (date, name) in &self.holidays_met {
            line("not counted", day(*date), name)?;
        }
        Ok(())
    }
}

fn minute(instant: &Zoned) -> String {
    instant.strftime("%a %Y-%m-%d %H:%M").to_string()
}

fn day(date: Date) -> String {
    date.strftime("%a %Y-%m-%d").to_string()
}

fn rfc3339<S: Serializer>(instant: &Zoned, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&instant.strftime("%Y-%m-%dT%H:%M:%S%:z"))
}

fn days<S: Serializer>(holidays: &BTreeMap<Date, String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(holidays.keys())
}
