//! The filters that templates have: `date`, `time`, `size`, `typeset`.

use jiff::civil::{Date, DateTime};
use minijinja::{Environment, Error, ErrorKind};

use super::words::{self, Tongue};

pub(super) fn add(environment: &mut Environment<'static>, tongue: Tongue) {
    environment.add_filter("date", move |value: &str| date(value, tongue));
    environment.add_filter("time", move |value: &str| time(value, tongue));
    environment.add_filter("size", move |bytes: u64| words::size(bytes, tongue));
    environment.add_filter("typeset", move |text: &str| words::typeset(text, tongue));
}

fn date(value: &str, tongue: Tongue) -> Result<String, Error> {
    let day: Result<Date, _> = value.parse();
    day.map(|day| words::date(day, tongue)).map_err(|_| wrong("date", "a day (answer_by, received_at)"))
}

fn time(value: &str, tongue: Tongue) -> Result<String, Error> {
    let at: Result<DateTime, _> = value.parse();
    at.map(|at| words::time(at.time(), tongue)).map_err(|_| wrong("time", "an instant (received_at)"))
}

fn wrong(filter: &str, wanted: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("the filter `{filter}` takes {wanted}"))
}
