//! Settings: one TOML file, overrides from the environment, secrets from elsewhere; read and checked
//! as a whole, so that every mistake is told at once (PRODUCT 4.1).
//!
//! What is in a [`Config`] is checked: addresses are addresses, files could be read, `plain` goes to
//! this machine only. Whether the servers answer is for `commands/check`. All keys are explained in
//! `config/complaintd.toml`.

mod calendar;
mod mistake;
mod read;
mod secret;
mod sections;
mod servers;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use config::{File, FileFormat, Value};
use jiff::Timestamp;

pub use calendar::default_calendar;
pub use mistake::{Mistake, Origin};
pub use settings::{
    AnswerSince, Config, Desk, Health, Hold, Limits, Log, LogFormat, Login, MailboxKind, MailboxSettings,
    RelayKind, RelaySettings, SenderCheck, Server, StoreSettings, Templates, Tls,
};

use crate::core::ids::Address;
use crate::core::policy::Policy;
use read::Reading;

/// Where the settings are looked for when no file is named, in this order.
pub const DEFAULT_FILES: [&str; 2] = ["/etc/complaintd/complaintd.toml", "config/complaintd.toml"];
/// `COMPLAINTD__RELAY__PORT` overrides `relay.port`; `COMPLAINTD__MAILBOXES__0__HOST` the first
/// mailbox's host. Lists are written with commas.
pub const ENVIRONMENT_PREFIX: &str = "COMPLAINTD__";
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// What the settings are wanted for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// To run: secrets are read, and nothing may be a placeholder.
    Everything,
    /// To look into the store and to decide on what waits there (`case`, `outbox`, `quarantine`,
    /// `verify`): of the secrets only the store's password. No letter may be composed with these.
    StoreOnly,
    /// To reckon and to read mails (`deadlines`, `inspect`): secrets are left alone.
    RulesOnly,
}

impl Need {
    /// Whether the secret under this key is wanted.
    fn wants(self, key: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::StoreOnly => key.starts_with("store."),
            Self::RulesOnly => false,
        }
    }
}

/// Reads the settings to run with. All mistakes are returned together, ordered by key.
pub fn load(path: &Path, environment: &BTreeMap<String, String>) -> Result<Config, Vec<Mistake>> {
    load_for(Need::Everything, path, environment)
}

/// Reads the settings as far as they are needed.
pub fn load_for(
    need: Need,
    path: &Path,
    environment: &BTreeMap<String, String>,
) -> Result<Config, Vec<Mistake>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let why = format!("the file {} cannot be read: {error}", path.display());
        whole(why, "Name the file with -c FILE; config/complaintd.toml in the sources is a commented example")
    })?;
    let root = merged(path, &text, environment)?;
    let base = path.parent().unwrap_or(Path::new("."));
    let reading = Reading::new(base, environment, need);
    let config = sections::read(&reading, &root);
    let mistakes = reading.into_mistakes();
    match config {
        Some(config) if mistakes.is_empty() => Ok(config),
        _ => {
            assert!(!mistakes.is_empty(), "settings that cannot be had have a mistake that says why");
            Err(mistakes)
        }
    }
}

/// Every key there is, as `mailboxes.port`: what `config/complaintd.toml` must explain.
pub fn keys() -> BTreeSet<String> {
    let nothing = BTreeMap::new();
    let reading = Reading::new(Path::new("."), &nothing, Need::RulesOnly);
    sections::ask_for_all(&reading);
    reading.keys()
}

/// The file with the environment laid over it.
fn merged(path: &Path, text: &str, environment: &BTreeMap<String, String>) -> Result<Value, Vec<Mistake>> {
    let mut builder = config::Config::builder().add_source(File::from_str(text, FileFormat::Toml));
    for (name, value) in environment {
        let Some(rest) = name.strip_prefix(ENVIRONMENT_PREFIX) else { continue };
        builder =
            builder.set_override(key_path(rest), Value::new(Some(name), value.clone())).map_err(|_| {
                let why = format!("the variable {name} names no key");
                whole(why, "Write it as COMPLAINTD__SECTION__KEY, or unset it")
            })?;
    }
    let read = builder.build().map_err(|error| {
        whole(format!("{} is not TOML: {error}", path.display()), "Mend the line that is named")
    })?;
    Ok(read.cache)
}

/// A mistake of the settings as a whole; nothing more can be read.
fn whole(why: String, write: &str) -> Vec<Mistake> {
    vec![Mistake { key: String::new(), value: None, why, write: write.to_owned(), from: Origin::File }]
}

/// `MAILBOXES__0__HOST` names `mailboxes[0].host`.
fn key_path(name: &str) -> String {
    let mut path = String::new();
    for part in name.to_lowercase().split("__") {
        if part.parse::<usize>().is_ok() {
            path.extend(["[", part, "]"]);
        } else {
            path.extend([if path.is_empty() { "" } else { "." }, part]);
        }
    }
    path
}

impl Config {
    /// Every address of the desk itself.
    pub fn own(&self) -> BTreeSet<Address> {
        self.desk.aliases.iter().chain([&self.desk.mailbox]).cloned().collect()
    }

    /// The settings as `core` decides by them. `answer_since` is the desk's activation, or what
    /// `desk.answer_since` says.
    pub fn policy(&self, answer_since: Timestamp) -> Policy {
        let desk = &self.desk;
        Policy {
            calendar: self.calendar.clone(),
            profile: self.profile,
            mailbox: desk.mailbox.clone(),
            subaddressing: desk.subaddressing,
            own: self.own(),
            // Who answers a notice is no customer, named among the staff or not.
            staff: desk.staff.iter().chain(&desk.alerts).cloned().collect(),
            alerts: desk.alerts.clone(),
            answer_since,
            caps: self.limits.caps,
            ack_watch_hours: self.limits.ack_watch_hours.clone(),
            key: desk.key.clone(),
        }
    }
}
