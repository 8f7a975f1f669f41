//! The sections that say where mail comes from and where letters go: mailboxes and relay.

use std::net::IpAddr;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::read::Table;
use super::secret;
use super::settings::{
    Login, MailboxKind, MailboxSettings, RelayKind, RelaySettings, SenderCheck, Server, Tls,
};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Imap,
    Maildir,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Target {
    Smtp,
    Maildir,
}

super::read::settings! {
    Source = "\"imap\" or \"maildir\"",
    Target = "\"smtp\" or \"maildir\"",
    Tls = "\"implicit\", \"starttls\" or, to this machine only, \"plain\"",
}

/// Keys that make sense for a server only, and those that make sense for a folder on disk only.
const IMAP_KEYS: &[&str] =
    &["host", "port", "tls", "ca_file", "user", "password", "folders", "poll_beside_idle_ms", "compress"];
const SMTP_KEYS: &[&str] = &["host", "port", "tls", "ca_file", "user", "password", "timeout_seconds"];
const MAILDIR_KEYS: &[&str] = &["path"];

/// Ports by RFC 8314 §7 and RFC 9051 §2; plain SMTP to this machine is a relay's port 25.
#[derive(Clone, Copy)]
struct Ports {
    implicit: u16,
    starttls: u16,
    plain: u16,
}

const IMAP_PORTS: Ports = Ports { implicit: 993, starttls: 143, plain: 143 };
const SMTP_PORTS: Ports = Ports { implicit: 465, starttls: 587, plain: 25 };

pub(super) fn mailbox(table: Table<'_, '_>) -> Option<MailboxSettings> {
    let name = name(&table);
    let kind = table.required::<Source>("kind", "kind = \"imap\" or kind = \"maildir\"");
    let poll = seconds(&table, "poll_seconds", 60, 5..=3600);
    let mx_hosts = table.or::<Vec<String>>("mx_hosts", Vec::new());
    let sender_check = sender_check(&table);
    let asked = Asked {
        server: server(&table, IMAP_PORTS, kind == Some(Source::Imap)),
        login: login(&table),
        folders: folders(&table),
        poll_beside_idle: poll_beside_idle(&table),
        compress: table.or("compress", false),
        path: table.path("path"),
        filed: filed(&table),
    };
    let kind = kind.and_then(|kind| match kind {
        Source::Imap => imap(&table, asked, mx_hosts),
        Source::Maildir => maildir(&table, &asked, mx_hosts),
    });
    table.finish();
    Some(MailboxSettings { name: name?, poll, sender_check, kind: kind? })
}

/// All keys of a mailbox, whatever its kind: read before the kind is looked at, so that mistakes in
/// any of them are told.
struct Asked {
    server: Option<Server>,
    login: Option<Login>,
    folders: Vec<String>,
    poll_beside_idle: Option<Duration>,
    compress: bool,
    path: Option<std::path::PathBuf>,
    filed: Filed,
}

enum Filed {
    InPlace,
    Default,
    Folder(String),
}

fn imap(table: &Table<'_, '_>, asked: Asked, mx_hosts: Vec<String>) -> Option<MailboxKind> {
    refuse(table, MAILDIR_KEYS, "maildir");
    if asked.login.is_none() {
        missing_login(table);
    }
    Some(MailboxKind::Imap {
        server: asked.server?,
        login: asked.login?,
        folders: asked.folders,
        filed: match asked.filed {
            Filed::InPlace => None,
            Filed::Default => Some("Traité".to_owned()),
            Filed::Folder(name) => Some(name),
        },
        poll_beside_idle: asked.poll_beside_idle,
        compress: asked.compress,
        mx_hosts,
    })
}

fn maildir(table: &Table<'_, '_>, asked: &Asked, mx_hosts: Vec<String>) -> Option<MailboxKind> {
    refuse(table, IMAP_KEYS, "imap");
    let Some(path) = asked.path.clone() else {
        table.wrong("path", "is missing", "Write the Maildir's folder, as path = \"/var/mail/info\"");
        return None;
    };
    let filed = match &asked.filed {
        Filed::InPlace => None,
        // A Maildir++ subfolder.
        Filed::Default => Some(path.join(".Traité")),
        Filed::Folder(name) => Some(path.join(name)),
    };
    Some(MailboxKind::Maildir { path, filed, mx_hosts })
}

pub(super) fn relay(table: Table<'_, '_>) -> Option<RelaySettings> {
    let kind = table.required::<Target>("kind", "kind = \"smtp\" or kind = \"maildir\"");
    let server = server(&table, SMTP_PORTS, kind == Some(Target::Smtp));
    let login = login(&table);
    let timeout = seconds(&table, "timeout_seconds", 60, 5..=600);
    let path = table.path("path");
    match kind {
        Some(Target::Smtp) => refuse(&table, MAILDIR_KEYS, "maildir"),
        Some(Target::Maildir) => {
            refuse(&table, SMTP_KEYS, "smtp");
            if path.is_none() {
                table.wrong("path", "is missing", "Write the Maildir's folder, as path = \"/var/mail/out\"");
            }
        }
        None => {}
    }
    table.finish();
    let kind = match kind? {
        Target::Smtp => RelayKind::Smtp { server: server?, login, timeout },
        Target::Maildir => RelayKind::Maildir { path: path? },
    };
    Some(RelaySettings { kind })
}

fn refuse(table: &Table<'_, '_>, keys: &[&'static str], kind: &str) {
    for key in keys.iter().filter(|key| table.has(key)) {
        table.wrong(
            key,
            format!("belongs to kind = \"{kind}\""),
            format!("Take the line out, or write kind = \"{kind}\""),
        );
    }
}

fn name(table: &Table<'_, '_>) -> Option<String> {
    let name = table.required::<String>("name", "a short name that never changes, as \"info\"")?;
    let fine = !name.is_empty()
        && name.len() <= 40
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    if !fine {
        table.wrong("name", "is no name for a mailbox", "Write 1 to 40 letters, digits, - _ or .");
    }
    fine.then_some(name)
}

fn server(table: &Table<'_, '_>, ports: Ports, needed: bool) -> Option<Server> {
    let host = table.optional::<String>("host");
    let tls = table.or("tls", Tls::Implicit);
    let ca_file = table.path("ca_file");
    let port = table.optional::<u16>("port").unwrap_or(match tls {
        Tls::Implicit => ports.implicit,
        Tls::StartTls => ports.starttls,
        Tls::Plain => ports.plain,
    });
    if let Some(file) = &ca_file
        && let Err(error) = std::fs::File::open(file)
    {
        let why = format!("{} cannot be read: {error}", file.display());
        table.wrong("ca_file", why, "Write the path of a PEM file, or take the line out");
    }
    let Some(host) = host else {
        if needed && !table.has("host") {
            table.wrong("host", "is missing", "Write the server's name, as host = \"mail.example.com\"");
        }
        return None;
    };
    if tls == Tls::Plain && !is_this_machine(&host) {
        let why = "would send password and letters over the network for all to read";
        table.wrong("tls", why, format!("Write \"implicit\" or \"starttls\"; {host} is not this machine"));
    }
    if port == 0 {
        table.wrong("port", "is no port", "Write a number from 1 to 65535");
    }
    Some(Server { host, port, tls, ca_file })
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn login(table: &Table<'_, '_>) -> Option<Login> {
    let user = table.optional::<String>("user");
    let password: Option<SecretString> = secret::text(table, "password");
    match (table.has("user"), table.has("password")) {
        (true, false) => table.wrong("password", "is missing beside user", secret::REMEDY),
        (false, true) => table.wrong("user", "is missing beside password", "Write the account's name"),
        _ => {}
    }
    Some(Login { user: user?, password: password? })
}

fn missing_login(table: &Table<'_, '_>) {
    if !table.has("user") && !table.has("password") {
        table.wrong("user", "is missing", "Write the mailbox's account and its password's place");
    }
}

fn folders(table: &Table<'_, '_>) -> Vec<String> {
    // Junk is watched by default: filters are wrong about complaints (TRAPS 26).
    let folders = table.or("folders", vec!["INBOX".to_owned(), "Junk".to_owned()]);
    if folders.is_empty() {
        table.wrong("folders", "is empty", "Write the folders to watch, as [\"INBOX\", \"Junk\"]");
    }
    folders
}

fn filed(table: &Table<'_, '_>) -> Filed {
    let in_place = table.or("leave_in_place", false);
    let folder = table.optional::<String>("filed");
    match (in_place, folder) {
        (true, Some(_)) => {
            let why = "contradicts leave_in_place = true";
            table.wrong("filed", why, "Keep one of the two lines");
            Filed::InPlace
        }
        (true, None) => Filed::InPlace,
        (false, None) => Filed::Default,
        (false, Some(name)) => {
            if name.is_empty() {
                table.wrong("filed", "is empty", "Write a folder's name, or leave_in_place = true");
            }
            Filed::Folder(name)
        }
    }
}

fn sender_check(table: &Table<'_, '_>) -> SenderCheck {
    let verify = table.or("verify_dkim", true);
    match table.optional::<String>("trusted_authserv_id") {
        Some(id) => {
            let fine = !id.is_empty() && id.chars().all(|c| c.is_ascii_graphic() && !"\"();=".contains(c));
            if !fine {
                let why = "is no name that a server writes into Authentication-Results";
                table.wrong(
                    "trusted_authserv_id",
                    why,
                    "Write the first word of that header, up to the semicolon",
                );
            }
            SenderCheck::Results { authserv_id: id }
        }
        None if verify => SenderCheck::Signature,
        None => SenderCheck::Off,
    }
}

fn poll_beside_idle(table: &Table<'_, '_>) -> Option<Duration> {
    /// Below this a server takes it for an attack.
    const SHORTEST_MS: u64 = 50;
    let milliseconds = table.or::<u64>("poll_beside_idle_ms", 0);
    if milliseconds > 0 && milliseconds < SHORTEST_MS {
        let write = format!("Write 0 (off) or a number from {SHORTEST_MS} on, in milliseconds");
        table.wrong("poll_beside_idle_ms", "would flood the server", write);
    }
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

pub(super) fn seconds(
    table: &Table<'_, '_>,
    key: &'static str,
    default: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Duration {
    let seconds = table.or(key, default);
    if !range.contains(&seconds) {
        let write = format!("Write a number of seconds from {} to {}", range.start(), range.end());
        table.wrong(key, "is out of range", write);
    }
    Duration::from_secs(seconds)
}
