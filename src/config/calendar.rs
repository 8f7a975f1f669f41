//! The working-day calendar as data: a file beside the settings, or a section in them.
//!
//! ```toml
//! version = "saint-martin-2026.1"
//! [[holidays]]
//! name = "lundi de Pâques"
//! easter = 1
//! ```

use config::{File, FileFormat, Value, ValueKind};
use jiff::civil::Date;

use super::Need;
use super::read::{Reading, Table};
use crate::core::calendar::{Calendar, HolidayRule};

/// Reads `desk.calendar`: the name of a file, or the calendar itself.
pub(super) fn read(desk: &Table<'_, '_>, zone: &str) -> Option<Calendar> {
    // Told also where there is no calendar to try it with.
    if Calendar::new(String::new(), zone, Vec::new()).is_err() {
        let write = "Write a zone of the tz database, as \"America/Marigot\" or \"Europe/Paris\"";
        desk.wrong("timezone", "is no time zone that is known", write);
    }
    let Some(value) = desk.raw("calendar") else {
        let write = "Write the file with the public holidays, as calendar = \"calendars/saint-martin.toml\"";
        desk.wrong("calendar", "is missing", write);
        return None;
    };
    if matches!(value.kind, ValueKind::Table(_)) {
        return from_table(&desk.section("calendar"), zone);
    }
    let file = desk.path("calendar")?;
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) => {
            let why = format!("the file {} cannot be read: {error}", file.display());
            desk.wrong(
                "calendar",
                why,
                "Write the path of a calendar file, relative to the settings' folder",
            );
            return None;
        }
    };
    match parse(&text) {
        Ok(value) => from_table(&desk.reading.table("desk.calendar", Some(&value)), zone),
        Err(error) => {
            let why = format!("{} is not TOML: {error}", file.display());
            desk.wrong("calendar", why, "Mend the file; calendars/saint-martin.toml shows the form");
            None
        }
    }
}

/// The calendar of Saint-Martin as shipped, for reckoning without settings.
pub fn default_calendar() -> Calendar {
    const SHIPPED: &str = include_str!("../../config/calendars/saint-martin.toml");
    let environment = std::collections::BTreeMap::new();
    let reading = Reading::new(std::path::Path::new("."), &environment, Need::RulesOnly);
    let table = parse(SHIPPED).expect("the shipped calendar is TOML, as tests show");
    let calendar = from_table(&reading.table("calendar", Some(&table)), "America/Marigot");
    calendar.expect("the shipped calendar is right, as tests show")
}

fn parse(text: &str) -> Result<Value, ::config::ConfigError> {
    let read = ::config::Config::builder().add_source(File::from_str(text, FileFormat::Toml)).build()?;
    Ok(read.cache)
}

fn from_table(table: &Table<'_, '_>, zone: &str) -> Option<Calendar> {
    let version = table.required::<String>(
        "version",
        "a name that changes with every change of the list, as \"saint-martin-2026.1\"",
    );
    let rules = rules(table);
    table.finish();
    let rules = rules?;
    Calendar::new(version?, zone, rules).ok()
}

fn rules(table: &Table<'_, '_>) -> Option<Vec<(HolidayRule, String)>> {
    let rows: Vec<Value> = match table.raw("holidays").map(|v| &v.kind) {
        Some(ValueKind::Array(rows)) => rows.clone(),
        Some(_) => {
            table.wrong("holidays", "is no list", "Write one [[holidays]] section for each public holiday");
            return None;
        }
        None => Vec::new(),
    };
    let read = |(index, row): (usize, &Value)| {
        rule(&table.reading.table(&format!("{}[{index}]", table.path_of("holidays")), Some(row)))
    };
    // Every row is read, so that every mistake is told, before one that failed ends it.
    let rules: Vec<_> = rows.iter().enumerate().map(read).collect();
    rules.into_iter().collect()
}

/// A day of each year.
#[derive(Clone, Copy, serde::Deserialize)]
#[serde(try_from = "String")]
struct MonthDay(i8, i8);

impl TryFrom<String> for MonthDay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        /// A leap year, so that 29 February may be written.
        const YEAR: i16 = 2028;
        let whole = format!("{YEAR}-{text}");
        let day: Date = whole.parse().map_err(|_| format!("{text:?} is no day of a year"))?;
        Ok(Self(day.month(), day.day()))
    }
}

super::read::settings! {
    MonthDay = "month and day in double quotes, as \"05-28\"",
    Date = "a date in double quotes, as \"2027-05-28\"",
    i32 = "a whole number of days after Easter Sunday, as 39; before it, as -2",
}

fn rule(table: &Table<'_, '_>) -> Option<(HolidayRule, String)> {
    let name = table.required::<String>("name", "the holiday's name, as letters name it: \"1er mai\"");
    let fixed = table.optional::<MonthDay>("fixed");
    let easter = table.optional::<i32>("easter");
    let once = table.optional::<Date>("once");
    let given = ["fixed", "easter", "once"].iter().filter(|key| table.has(key)).count();
    if given != 1 {
        let why = format!("{given} of fixed, easter and once are given");
        table.wrong("fixed", why, "Write one of fixed = \"05-28\", easter = 39, once = \"2027-05-28\"");
    }
    let rule = match (fixed, easter, once) {
        (Some(MonthDay(month, day)), None, None) => Some(HolidayRule::Fixed { month, day }),
        (None, Some(days), None) => Some(HolidayRule::Easter { days }),
        (None, None, Some(day)) => Some(HolidayRule::Once(day)),
        _ => None,
    };
    Some((rule?, name?))
}
