//! The settings once they are checked: plain values for the adapters and the rules. What each is for,
//! its unit and its default stand in `config/complaintd.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::core::calendar::Calendar;
use crate::core::ids::Address;
use crate::core::policy::{Caps, Profile};
use crate::core::token::TokenKey;

#[derive(Clone, Debug)]
pub struct Config {
    pub desk: Desk,
    pub calendar: Calendar,
    pub mailboxes: Vec<MailboxSettings>,
    pub relay: RelaySettings,
    pub store: StoreSettings,
    pub limits: Limits,
    pub profile: Profile,
    pub templates: Templates,
    pub log: Log,
    pub health: Health,
}

/// The company as its letters show it, and the mailbox that is the desk.
#[derive(Clone, Debug)]
pub struct Desk {
    pub name: String,
    pub legal_name: String,
    pub department_fr: String,
    pub department_en: String,
    pub mailbox: Address,
    pub aliases: Vec<Address>,
    pub subaddressing: bool,
    pub phone: String,
    /// Lines of the postal address, without the name.
    pub postal: Vec<String>,
    pub website: String,
    pub privacy_url: String,
    pub answer_since: AnswerSince,
    pub alerts: Vec<Address>,
    pub staff: Vec<Address>,
    pub key: TokenKey,
    pub hold: Hold,
}

/// From when on mail is answered (PROCEDURE 2.7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerSince {
    /// From the first start on.
    Activation,
    /// From this instant on: an explicit backfill.
    Instant(Timestamp),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hold {
    /// Letters leave.
    Off,
    /// Letters wait for `outbox release`.
    On,
}

#[derive(Clone, Debug)]
pub struct MailboxSettings {
    /// Names the mailbox in the store, in listings and in logs; never changed later.
    pub name: String,
    pub poll: Duration,
    pub sender_check: SenderCheck,
    pub kind: MailboxKind,
}

impl MailboxSettings {
    /// Names of our own mail exchangers, as in Received headers.
    pub fn mx_hosts(&self) -> &[String] {
        match &self.kind {
            MailboxKind::Imap { mx_hosts, .. } | MailboxKind::Maildir { mx_hosts, .. } => mx_hosts,
        }
    }
}

/// By what a mail's sender is shown to be who From says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SenderCheck {
    Off,
    /// The results that the mailbox' own server writes under this name (RFC 8601).
    Results {
        authserv_id: String,
    },
    /// The sender's DKIM signature, verified with the key in DNS.
    Signature,
}

#[derive(Clone, Debug)]
pub enum MailboxKind {
    Imap {
        server: Server,
        login: Login,
        folders: Vec<String>,
        /// Where mail goes once it is stored; `None` leaves it in place.
        filed: Option<String>,
        /// How often to look beside IDLE; `None` relies on IDLE.
        poll_beside_idle: Option<Duration>,
        compress: bool,
        /// Names of our own mail exchangers, whose topmost Received header is believed.
        mx_hosts: Vec<String>,
    },
    Maildir {
        path: PathBuf,
        /// A Maildir where mail goes once it is stored; `None` leaves it in place.
        filed: Option<PathBuf>,
        mx_hosts: Vec<String>,
    },
}

/// A host, and how the connection to it is protected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// Certificates (PEM) trusted beside the system's.
    pub ca_file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// From the first byte (RFC 8314 §3.3).
    Implicit,
    /// By STARTTLS, and not without.
    StartTls,
    /// None; to this machine only.
    Plain,
}

#[derive(Clone, Debug)]
pub struct Login {
    pub user: String,
    pub password: SecretString,
}

#[derive(Clone, Debug)]
pub struct RelaySettings {
    pub kind: RelayKind,
}

#[derive(Clone, Debug)]
pub enum RelayKind {
    Smtp {
        server: Server,
        login: Option<Login>,
        timeout: Duration,
    },
    /// Letters are delivered into a Maildir; for tries, and for relays that read one.
    Maildir {
        path: PathBuf,
    },
}

#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// `sqlite:PATH` with an absolute path, or `postgres://USER@HOST/DATABASE`.
    pub url: String,
    pub password: Option<SecretString>,
}

#[derive(Clone, Debug)]
pub struct Limits {
    pub caps: Caps,
    /// Largest mail that is fetched and read, in bytes.
    pub mail_bytes: u64,
    /// Waits before a letter is tried again, in order; after the last it has failed.
    pub retry_after: Vec<SignedDuration>,
    pub ack_watch_hours: Vec<i64>,
}

#[derive(Clone, Debug)]
pub struct Templates {
    /// Templates that replace the built-in ones, file by file.
    pub dir: Option<PathBuf>,
    /// The company's own words for its templates.
    pub variables: BTreeMap<String, String>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    pub format: LogFormat,
    /// A filter of tracing: `info`, or `info,complaintd::shell=debug`.
    pub level: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Journald,
    Json,
    Text,
    /// The journal under systemd, text elsewhere.
    Auto,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Health {
    /// Without a successful look into a mailbox for so long, it is unwell (TRAPS 33).
    pub mailbox_silent: Duration,
}

impl StoreSettings {
    /// The address with the password in it (RFC 3986 §3.2.1), to connect by and never to show.
    pub fn connect_url(&self) -> SecretString {
        let whole = match (&self.password, self.url.split_once("://")) {
            (Some(password), Some((scheme, rest))) => match rest.rsplit_once('@') {
                Some((user, host)) => format!("{scheme}://{user}:{}@{host}", percent(password)),
                None => self.url.clone(),
            },
            _ => self.url.clone(),
        };
        SecretString::from(whole)
    }
}

fn percent(password: &SecretString) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    password
        .expose_secret()
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
