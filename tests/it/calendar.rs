//! Deadline arithmetic against worked examples: holidays of six years and fifteen receptions.

use std::collections::BTreeMap;
use std::path::Path;

use complaintd::commands::{Format, deadlines};
use complaintd::config::{Need, default_calendar, load_for};
use complaintd::core::calendar::{Calendar, HolidayRule};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

#[derive(Deserialize)]
struct Examples {
    tz: String,
    holidays: BTreeMap<i16, BTreeMap<Date, String>>,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    received_utc: Timestamp,
    received_local: String,
    ack_48h_local: String,
    j15_ouvres: Date,
    j15_ouvres_national_only: Date,
    j15_ouvres_with_21_july: Date,
    j10_eu_working_days: Date,
    two_months: Date,
    mediator_limit_1y: Date,
}

fn examples() -> Examples {
    let text = include_str!("../data/deadline_vectors.json");
    serde_json::from_str(text).expect("the worked examples")
}

/// The shipped calendar, as the settings read it.
fn saint_martin() -> Calendar {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/divikeys.toml");
    let config = load_for(Need::RulesOnly, &file, &BTreeMap::new());
    config.unwrap_or_else(|mistakes| panic!("{mistakes:#?}")).calendar
}

/// Saint-Martin's rules with the abolition of slavery on another day, or on none.
fn variant(abolition: Option<HolidayRule>) -> Calendar {
    let fixed = |month, day| (HolidayRule::Fixed { month, day }, format!("{day}/{month}"));
    let easter = |days| (HolidayRule::Easter { days }, format!("Easter {days:+}"));
    let mut rules = vec![fixed(1, 1), easter(1), fixed(5, 1), fixed(5, 8), easter(39), easter(50)];
    rules.extend([fixed(7, 14), fixed(8, 15), fixed(11, 1), fixed(11, 11), fixed(12, 25)]);
    rules.extend(abolition.map(|rule| (rule, "abolition".to_owned())));
    Calendar::new("variant-1".to_owned(), "America/Marigot", rules).expect("a zone that exists")
}

fn rfc3339(zoned: &jiff::Zoned) -> String {
    zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[test]
fn holidays_of_2025_to_2030_are_those_of_the_examples() {
    let calendar = saint_martin();
    let examples = examples();
    assert_eq!(calendar.version(), "saint-martin-2026.1");
    assert_eq!(calendar.zone_name(), examples.tz);
    assert_eq!(examples.holidays.len(), 6);
    for (year, expected) in &examples.holidays {
        assert_eq!(&calendar.holidays(*year), expected, "{year}");
    }
}

#[test]
fn fifteen_receptions_have_the_dates_of_the_examples() {
    let calendar = saint_martin();
    let national = variant(None);
    let examples = examples();
    assert_eq!(examples.vectors.len(), 15);
    for vector in &examples.vectors {
        let received = vector.received_utc;
        let dates = calendar.deadlines(received, received);
        assert_eq!(rfc3339(&calendar.local(received)), vector.received_local);
        assert_eq!(rfc3339(&calendar.local(dates.ack_due)), vector.ack_48h_local, "ack of {received}");
        assert_eq!(dates.resolution_due, vector.j15_ouvres, "resolution of {received}");
        assert_eq!(dates.admissibility_due, vector.j10_eu_working_days, "admissibility of {received}");
        assert_eq!(dates.cap_due, vector.two_months, "cap of {received}");
        assert_eq!(dates.mediator_limit, vector.mediator_limit_1y, "mediator of {received}");
        let day = calendar.local_date(received);
        assert_eq!(national.working_days_after(day, 15), vector.j15_ouvres_national_only, "{received}");
    }
}

#[test]
fn another_list_of_holidays_gives_other_dates() {
    let mut rules = Vec::new();
    for (day, name) in saint_martin().holidays(2026) {
        rules.push((HolidayRule::Once(day), name));
    }
    rules.push((HolidayRule::Once(date(2026, 7, 21)), "21 juillet".to_owned()));
    let calendar = Calendar::new("x".to_owned(), "America/Marigot", rules).expect("a zone that exists");
    for vector in examples().vectors.iter().filter(|v| v.j15_ouvres_with_21_july.year() == 2026) {
        let day = calendar.local_date(vector.received_utc);
        assert_eq!(calendar.working_days_after(day, 15), vector.j15_ouvres_with_21_july, "{day}");
    }
    let moved = variant(Some(HolidayRule::Fixed { month: 5, day: 27 }));
    assert!(moved.is_working_day(date(2026, 5, 28)) && !moved.is_working_day(date(2026, 5, 27)));
}

#[test]
fn trap_25_the_days_of_the_dutch_side_and_good_friday_are_working_days() {
    let calendar = saint_martin();
    for day in [
        date(2026, 4, 3),   // Good Friday
        date(2026, 4, 27),  // King's Day
        date(2026, 2, 17),  // Mardi gras
        date(2026, 11, 12), // the day after 11 November
        date(2026, 7, 21),
        date(2026, 5, 27),
    ] {
        assert!(calendar.is_working_day(day), "{day}");
    }
    assert!(!calendar.is_working_day(date(2026, 7, 14)));
    assert!(!calendar.is_working_day(date(2026, 7, 12)), "a Sunday");
}

#[test]
fn trap_25_a_date_is_kept_until_it_is_over_where_the_desk_is() {
    let calendar = saint_martin();
    let end = calendar.end_of(date(2026, 6, 18));
    assert_eq!(end.to_string(), "2026-06-19T03:59:59Z");
}

#[test]
fn the_day_of_the_event_does_not_count_whatever_the_hour() {
    let calendar = saint_martin();
    let morning: Timestamp = "2026-06-01T04:00:00Z".parse().expect("midnight in Marigot");
    let dates: std::collections::BTreeSet<Date> = (0..24)
        .map(|hour| morning + SignedDuration::from_hours(hour))
        .map(|received| calendar.deadlines(received, received).resolution_due)
        .collect();
    assert_eq!(dates.len(), 1, "{dates:?}");
    let next_day = calendar.deadlines(morning + SignedDuration::from_hours(24), morning).resolution_due;
    assert!(!dates.contains(&next_day));
}

#[test]
fn holidays_that_moved_the_date_are_named_and_those_on_a_weekend_are_not() {
    let calendar = saint_martin();
    let received: Timestamp = "2026-05-04T14:30:00Z".parse().expect("an instant");
    let met = calendar.deadlines(received, received).holidays_met;
    let expected = [date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25), date(2026, 5, 28)];
    assert_eq!(met.keys().copied().collect::<Vec<_>>(), expected);
    let august: Timestamp = "2026-08-10T12:00:00Z".parse().expect("an instant");
    assert!(calendar.deadlines(august, august).holidays_met.is_empty(), "15 August 2026 is a Saturday");
}

#[test]
fn clocks_of_two_months_and_a_year_run_from_the_sending() {
    let calendar = saint_martin();
    let received: Timestamp = "2026-03-03T12:00:00Z".parse().expect("an instant");
    let sent: Timestamp = "2025-12-31T12:00:00Z".parse().expect("an instant");
    let dates = calendar.deadlines(received, sent);
    assert_eq!(dates.cap_due, date(2026, 2, 28), "the month's last day where the same day is missing");
    assert_eq!(dates.mediator_limit, date(2026, 12, 31));
    assert_eq!(dates.resolution_due, calendar.deadlines(received, received).resolution_due);
}

fn printed(format: Format) -> String {
    let received: Timestamp = "2026-05-28T02:30:00Z".parse().expect("an instant");
    let mut out = Vec::new();
    deadlines::write(&saint_martin(), received, received, format, &mut out).expect("a buffer");
    String::from_utf8(out).expect("text")
}

#[test]
fn the_command_prints_one_json_object_with_instants_in_local_time() {
    let json = printed(Format::Json);
    assert_eq!(
        json,
        concat!(
            r#"{"received_local":"2026-05-27T22:30:00-04:00","ack_due":"2026-05-29T22:30:00-04:00","#,
            r#""resolution_due":"2026-06-18","admissibility_due":"2026-06-11","cap_due":"2026-07-27","#,
            r#""mediator_limit":"2027-05-27","calendar_version":"saint-martin-2026.1","#,
            r#""holidays_met":["2026-05-28"]}"#,
            "\n"
        )
    );
}

#[test]
fn the_command_prints_a_table_that_says_why() {
    let table = printed(Format::Text);
    assert!(table.contains("answer by        Thu 2026-06-18         15 working days"), "{table}");
    assert!(table.contains("not counted      Thu 2026-05-28         abolition de l'esclavage"), "{table}");
    assert!(table.lines().all(|line| line.trim_end() == line), "no blanks at line ends:\n{table}");
}

#[test]
fn without_settings_the_built_in_calendar_is_the_shipped_one() {
    let built_in = default_calendar();
    assert_eq!(built_in.version(), saint_martin().version());
    assert_eq!(built_in.holidays(2026), saint_martin().holidays(2026));
}
