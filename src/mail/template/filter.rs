//! The filters that templates have: `date`, `time`, `size`, `typeset`; and how values are escaped.

use jiff::civil::{Date, DateTime};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, Value, escape_formatter};

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

/// Escapes what HTML needs and no more: minijinja's own way also writes `https:&#x2f;&#x2f;`, which
/// filters of advertising take for a hidden address.
pub(super) fn escape(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if *state.auto_escape() == AutoEscape::Html && !value.is_safe() => {
            let mut rest = text;
            while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
                out.write_str(&rest[..at])?;
                out.write_str(match rest.as_bytes()[at] {
                    b'&' => "&amp;",
                    b'<' => "&lt;",
                    b'>' => "&gt;",
                    b'"' => "&quot;",
                    _ => "&#39;",
                })?;
                rest = &rest[at + 1..];
            }
            Ok(out.write_str(rest)?)
        }
        _ => escape_formatter(out, state, value),
    }
}
