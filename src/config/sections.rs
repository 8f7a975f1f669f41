//! What each section of the settings means, and what its values must be. Every section is read to its
//! end before a mistake in it counts, so that all are told.

use std::collections::BTreeMap;

use config::{Value, ValueKind};
use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret as _;

use super::mistake::{Mistake, Origin};
use super::read::{Reading, Table, read_value};
use super::settings::{
    AnswerSince, Config, Desk, Health, Hold, Limits, Log, LogFormat, MailboxSettings, StoreSettings,
    Templates,
};
use super::{calendar, secret, servers};
use crate::core::ids::Address;
use crate::core::policy::{Caps, Profile};
use crate::core::token::TokenKey;

super::read::settings! {
    LogFormat = "\"journald\", \"json\", \"text\" or \"auto\"",
    Timestamp = "an instant with its offset, as \"2026-11-01T08:00:00-04:00\"",
    Vec<i64> = "a list of whole numbers of hours, as [12, 24, 36]",
}

pub(super) fn read(reading: &Reading<'_>, root: &Value) -> Option<Config> {
    let root = reading.table("", Some(root));
    let desk_table = root.section("desk");
    let zone = desk_table.required::<String>("timezone", "the zone of the desk, as \"America/Marigot\"");
    let calendar = calendar::read(&desk_table, zone.as_deref().unwrap_or("UTC"));
    let desk = desk(desk_table);
    let mailboxes = mailboxes(&root);
    let relay = servers::relay(root.section("relay"));
    let scanner = servers::scanner(root.section("scanner"));
    let store = store(root.section("store"));
    let limits = limits(root.section("limits"));
    let profile = profile(root.section("profile"));
    let templates = templates(root.section("templates"));
    let log = log(root.section("log"));
    let health = health(root.section("health"));
    root.finish();
    Some(Config {
        desk: desk?,
        calendar: calendar?,
        mailboxes,
        relay: relay?,
        scanner,
        store: store?,
        limits,
        profile,
        templates,
        log,
        health,
    })
}

/// Asks for every key of every section, whatever is there.
pub(super) fn ask_for_all(reading: &Reading<'_>) {
    // What is missing is not the question here: only which keys were asked for.
    let _missing = read(reading, &Value::new(None, ValueKind::Table(config::Map::new())));
    let _missing = servers::mailbox(reading.table("mailboxes[0]", None));
}

fn desk(table: Table<'_, '_>) -> Option<Desk> {
    let name = table.required::<String>("name", "the company's name in letters, as \"Divikeys\"");
    let legal_name = table.or("legal_name", name.clone().unwrap_or_default());
    let department_fr = table.or("department_fr", "Service Réclamations".to_owned());
    let department_en = table.or("department_en", "Complaints Department".to_owned());
    let mailbox =
        table.required::<Address>("mailbox", "the address customers write to, as \"info@example.com\"");
    let aliases = table.or::<Vec<Address>>("aliases", Vec::new());
    let subaddressing = table.or("subaddressing", true);
    let phone = table.required::<String>("phone", "the complaints telephone, as \"+590 590 12 34 56\"");
    let postal = table.required::<Vec<String>>("postal", "the lines of the postal address, as a list");
    let website = table.required::<String>("website", "the company's site, as \"https://example.com\"");
    let privacy_url = table.required::<String>("privacy_url", "the address of the data-protection notice");
    let answer_since = answer_since(&table);
    let alerts = alerts(&table);
    let staff = table.or::<Vec<Address>>("staff", Vec::new());
    let key = key(&table);
    let hold = if table.or("hold", false) { Hold::On } else { Hold::Off };
    for key in ["website", "privacy_url"] {
        check_url(&table, key);
    }
    check_apart(&table, mailbox.as_ref(), &aliases, &alerts, &staff);
    table.finish();
    Some(Desk {
        name: name?,
        legal_name,
        department_fr,
        department_en,
        mailbox: mailbox?,
        aliases,
        subaddressing,
        phone: phone?,
        postal: postal?,
        website: website?,
        privacy_url: privacy_url?,
        answer_since,
        alerts,
        staff,
        key: key?,
        hold,
    })
}

fn answer_since(table: &Table<'_, '_>) -> AnswerSince {
    let Some(value) = table.raw("answer_since") else {
        return AnswerSince::Activation;
    };
    if matches!(&value.kind, ValueKind::String(word) if word == "activation") {
        return AnswerSince::Activation;
    }
    if let Ok(instant) = read_value::<Timestamp>(value) {
        return AnswerSince::Instant(instant);
    }
    let write = "Write \"activation\", or an instant with its offset, as \"2026-11-01T08:00:00-04:00\"";
    table.wrong("answer_since", "is neither \"activation\" nor an instant", write);
    AnswerSince::Activation
}

fn alerts(table: &Table<'_, '_>) -> Vec<Address> {
    let write = "the people who are told when a human is needed, as [\"anne@example.com\"]";
    let alerts = table.required::<Vec<Address>>("alerts", write).unwrap_or_default();
    if alerts.is_empty() && table.has("alerts") {
        let why = "is empty: nobody would learn that a complaint is not acknowledged";
        table.wrong("alerts", why, format!("Write {write}"));
    }
    alerts
}

fn key(table: &Table<'_, '_>) -> Option<TokenKey> {
    if !table.has("key") {
        table.wrong("key", "is missing", secret::REMEDY);
    }
    let bytes = secret::bytes(table, "key");
    if !table.reading.need.wants(&table.path_of("key")) {
        // Opens no token, since it signed none.
        return TokenKey::new(vec![0; TokenKey::MIN_BYTES]);
    }
    let bytes = bytes?.expose_secret().to_vec();
    let found = bytes.len();
    let key = TokenKey::new(bytes);
    if key.is_none() {
        let why = format!("is {found} bytes long; shorter than {} it could be guessed", TokenKey::MIN_BYTES);
        table.wrong("key", why, "Make one: openssl rand -base64 48 >FILE");
    }
    key
}

fn check_url(table: &Table<'_, '_>, key: &'static str) {
    if let Some(url) = table.optional::<String>(key)
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        table.wrong(key, "is no web address", "Write it whole, as \"https://example.com\"");
    }
}

/// Letters to the desk itself would come back as mail (TRAPS 16), and a colleague's mail opens no case.
fn check_apart(
    table: &Table<'_, '_>,
    mailbox: Option<&Address>,
    aliases: &[Address],
    alerts: &[Address],
    staff: &[Address],
) {
    let ours = |address: &&Address| mailbox == Some(*address) || aliases.contains(address);
    for (key, people) in [("alerts", alerts), ("staff", staff)] {
        if let Some(address) = people.iter().find(ours) {
            let why = format!("{address} is the desk's own address: its notices would come back to it");
            table.wrong(key, why, "Write addresses of people, not of the mailbox or its aliases");
        }
    }
}

fn mailboxes(root: &Table<'_, '_>) -> Vec<MailboxSettings> {
    let rows: Vec<Value> = match root.raw("mailboxes").map(|v| &v.kind) {
        Some(ValueKind::Array(rows)) if !rows.is_empty() => rows.clone(),
        _ => {
            let write = "Write a section [[mailboxes]] for the mailbox that customers write to";
            root.wrong("mailboxes", "holds no mailbox", write);
            return Vec::new();
        }
    };
    let mut read: Vec<MailboxSettings> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let path = format!("mailboxes[{index}]");
        let Some(mailbox) = servers::mailbox(root.reading.table(&path, Some(row))) else { continue };
        if read.iter().any(|other| other.name == mailbox.name) {
            root.reading.mistake(Mistake {
                key: format!("{path}.name"),
                value: Some(format!("{:?}", mailbox.name)),
                why: "is the name of another mailbox too".to_owned(),
                write: "Give each mailbox a name of its own".to_owned(),
                from: Origin::File,
            });
        }
        read.push(mailbox);
    }
    read
}

fn store(table: Table<'_, '_>) -> Option<StoreSettings> {
    let default = "sqlite:/var/lib/complaintd/complaintd.db".to_owned();
    let url = table.or("url", default);
    let password = secret::text(&table, "password");
    let checked = store_url(&table, &url);
    if password.is_some() && url.starts_with("postgres") && !url.contains('@') {
        table.wrong("url", "names no account for the password", "Write postgres://user@host/database");
    }
    if password.is_some() && url.starts_with("sqlite:") {
        table.wrong("password", "is of no use to SQLite", "Take the line out");
    }
    table.finish();
    Some(StoreSettings { url: checked?, password })
}

fn store_url(table: &Table<'_, '_>, url: &str) -> Option<String> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.trim_start_matches("//");
        if path.is_empty() || path.starts_with(':') {
            table.wrong("url", "names no file", "Write sqlite: and the path of the database file");
            return None;
        }
        return Some(format!("sqlite:{}", table.reading.base.join(path).display()));
    }
    let Some(rest) = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://")) else {
        let write = "Write \"sqlite:/path/to/file.db\" or \"postgres://user@host/database\"";
        table.wrong("url", "is no database that complaintd knows", write);
        return None;
    };
    let account = rest.rsplit_once('@').map_or("", |(account, _)| account);
    if account.contains(':') {
        table.reading.mistake(Mistake {
            key: table.path_of("url"),
            value: None,
            why: "has a password in it, where logs and listings would show it".to_owned(),
            write: format!("Write postgres://user@host/database, and password apart. {}", secret::REMEDY),
            from: Origin::File,
        });
        return None;
    }
    Some(url.to_owned())
}

fn limits(table: Table<'_, '_>) -> Limits {
    let caps = Caps {
        per_address_hour: count(&table, "letters_per_address_hour", 3),
        per_address_day: count(&table, "letters_per_address_day", 6),
        notices_hour: count(&table, "notices_per_hour", 30),
        desk_hour: count(&table, "letters_per_hour", 500),
    };
    if caps.per_address_day < caps.per_address_hour {
        let why = "is less than letters_per_address_hour, which could never be reached";
        table.wrong("letters_per_address_day", why, "Write at least as many for a day as for an hour");
    }
    let limits = Limits {
        caps,
        mail_bytes: mail_bytes(&table),
        retry_after: retry_after(&table),
        ack_watch_hours: ack_watch_hours(&table),
    };
    table.finish();
    limits
}

fn count(table: &Table<'_, '_>, key: &'static str, default: u64) -> u64 {
    let count = table.or(key, default);
    if count == 0 {
        let why = "would let no letter leave at all";
        table.wrong(key, why, "Write a number from 1 on; to keep letters back, write desk.hold = true");
    }
    count
}

fn mail_bytes(table: &Table<'_, '_>) -> u64 {
    /// Below this a customer's photographs would be set aside; above, memory would not do.
    const RANGE: std::ops::RangeInclusive<u64> = 65_536..=268_435_456;
    let bytes = table.or("mail_bytes", 36_700_160);
    if !RANGE.contains(&bytes) {
        let write = format!("Write a number of bytes from {} to {}", RANGE.start(), RANGE.end());
        table.wrong("mail_bytes", "is out of range", write);
    }
    bytes
}

fn retry_after(table: &Table<'_, '_>) -> Vec<SignedDuration> {
    let default = vec![1, 5, 15, 30, 60, 120, 240, 480, 720, 1440];
    let minutes = table.or::<Vec<u32>>("retry_minutes", default);
    if minutes.is_empty() || minutes.contains(&0) {
        let why = "must hold one wait or more, each of a minute or more";
        table.wrong("retry_minutes", why, "Write the waits in minutes, as [1, 5, 15, 60]");
    }
    minutes.into_iter().map(|wait| SignedDuration::from_mins(i64::from(wait))).collect()
}

fn ack_watch_hours(table: &Table<'_, '_>) -> Vec<i64> {
    let hours = table.or::<Vec<i64>>("ack_watch_hours", vec![12, 24, 36]);
    let rises = hours.windows(2).all(|pair| pair[0] < pair[1]);
    let within = hours.iter().all(|hour| (1..crate::core::calendar::Calendar::ACK_HOURS).contains(hour));
    if hours.is_empty() || !rises || !within {
        let why = "must be hours that rise, from 1 to 47, one or more (PROCEDURE 5.1)";
        table.wrong("ack_watch_hours", why, "Write them in order, as [12, 24, 36]");
    }
    hours
}

fn profile(table: Table<'_, '_>) -> Profile {
    let profile = Profile { admissibility: table.or("admissibility", true), cap: table.or("cap", true) };
    table.finish();
    profile
}

fn templates(table: Table<'_, '_>) -> Templates {
    let dir = table.path("dir");
    if let Some(dir) = dir.as_ref().filter(|dir| !dir.is_dir()) {
        let why = format!("{} is no folder", dir.display());
        table.wrong("dir", why, "Write the folder with your templates, or take the line out");
    }
    let variables = variables(&table);
    table.finish();
    Templates { dir, variables }
}

/// Names are the company's own here, so none of them is unknown.
fn variables(table: &Table<'_, '_>) -> BTreeMap<String, String> {
    let Some(ValueKind::Table(given)) = table.raw("variables").map(|v| &v.kind) else {
        return BTreeMap::new();
    };
    let mut variables = BTreeMap::new();
    for (name, value) in given {
        match read_value::<String>(value) {
            Ok(text) => {
                variables.insert(name.clone(), text);
            }
            Err(why) => table.wrong("variables", format!("{name} {why}"), "Write a text in double quotes"),
        }
    }
    variables
}

fn log(table: Table<'_, '_>) -> Log {
    let format = table.or("format", LogFormat::Auto);
    let level = table.or("level", "info".to_owned());
    if level.parse::<tracing_subscriber::EnvFilter>().is_err() {
        table.wrong(
            "level",
            "is no log level",
            "Write \"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
        );
    }
    table.finish();
    Log { format, level }
}

fn health(table: Table<'_, '_>) -> Health {
    let minutes = table.or::<u64>("mailbox_silent_minutes", 15);
    if !(1..=1440).contains(&minutes) {
        table.wrong("mailbox_silent_minutes", "is out of range", "Write a number of minutes from 1 to 1440");
    }
    table.finish();
    Health { mailbox_silent: std::time::Duration::from_secs(minutes.saturating_mul(60)) }
}
