//! A mistake in the settings, told so that the person who made it can mend it without this code:
//! which key, what stands there, why it cannot be, and what to write. Never shows a secret.

use std::fmt;

/// One thing wrong in the settings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mistake {
    /// Path of the key, as `relay.port` or `mailboxes[0].host`; empty for the file as a whole.
    pub key: String,
    /// What stands there, as it would be written; `None` where nothing does or where it is a secret.
    pub value: Option<String>,
    pub why: String,
    /// The remedy.
    pub write: String,
    pub from: Origin,
}

/// Where a value came from.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Origin {
    File,
    /// The name of the environment variable that overrides the file.
    Environment(String),
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.key.is_empty() { "the settings" } else { &self.key })?;
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        if let Origin::Environment(name) = &self.from {
            write!(f, " (set by {name})")?;
        }
        write!(f, ": {}. {}.", self.why.trim_end_matches('.'), self.write.trim_end_matches('.'))
    }
}

impl std::error::Error for Mistake {}

/// The name among `known` that was probably meant, if one is near enough.
pub(super) fn meant<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    /// Likeness (0 to 1) from which a typing error is likelier than another word.
    const NEAR: f64 = 0.6;
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&written, name), name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_met_with_the_name_that_was_meant() {
        let known = ["mailbox", "timezone", "legal_name", "name"];
        assert_eq!(meant("time_zone", known), Some("timezone"));
        assert_eq!(meant("Mailbx", known), Some("mailbox"));
        assert_eq!(meant("lgo", ["log", "relay"]), Some("log"));
        assert_eq!(meant("colour", known), None);
    }
}
