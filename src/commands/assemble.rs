//! Puts a desk together from the configuration: the one place where shell and adapters meet.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;

use crate::adapters::account::{Auth, TlsMode};
use crate::adapters::dkim::DkimVerifier;
use crate::adapters::imap::{ImapFolder, ImapSettings};
use crate::adapters::maildir::{MaildirFolder, MaildirRelay, MaildirSettings};
use crate::adapters::smtp::{SmtpRelay, SmtpSettings};
use crate::adapters::store::{Absent, SqlStore};
use crate::config::{AnswerSince, Config, Hold, MailboxKind, MailboxSettings, RelayKind, SenderCheck, Tls};
use crate::core::ids::CaseNumber;
use crate::mail::authenticity::Trusted;
use crate::mail::compose::{Composer, Sender};
use crate::mail::template::Templates;
use crate::ports::{Mailbox, Relay, Signatures, Store};
use crate::shell::authenticity::{Voucher, Vouchers};
use crate::shell::intake::Folder;
use crate::shell::limits::claim_lasts;
use crate::shell::{Desk, Outgoing, activate};

/// A mail server that says nothing for so long is taken to be gone.
const SERVER_SILENT: Duration = Duration::from_mins(1);
/// A disk that takes so long to write a letter is taken to be gone.
const MAILDIR_SILENT: Duration = Duration::from_mins(1);

/// The store, brought to this version.
pub async fn sql(config: &Config) -> anyhow::Result<SqlStore> {
    let store = SqlStore::connect(config.store.connect_url().expose_secret()).await?;
    store.migrate().await?;
    Ok(store)
}

/// The store as it is: a look into it neither makes one (a path mistyped is no empty desk) nor changes
/// its tables under a daemon that runs.
pub async fn existing(config: &Config) -> anyhow::Result<SqlStore> {
    let store = SqlStore::open(config.store.connect_url().expose_secret(), Absent::Refuse).await?;
    store.check_schema().await?;
    Ok(store)
}

/// A desk ready to work; at the very first start it is activated at `now`.
pub async fn desk(config: &Config, now: Timestamp) -> anyhow::Result<Desk> {
    let store: Arc<dyn Store> = Arc::new(sql(config).await?);
    let activated = activate(store.as_ref(), now).await?;
    desk_on(config, store, activated)
}

/// The desk of an operator's command, which never begins one: that is the daemon's first start.
pub async fn standing_desk(config: &Config, now: Timestamp) -> anyhow::Result<Desk> {
    let store: Arc<dyn Store> = Arc::new(existing(config).await?);
    let own = store.case(CaseNumber::DESK).await?;
    desk_on(config, store, own.and_then(|own| own.activated_at).unwrap_or(now))
}

fn desk_on(config: &Config, store: Arc<dyn Store>, activated: Timestamp) -> anyhow::Result<Desk> {
    let answer_since = match config.desk.answer_since {
        AnswerSince::Activation => activated,
        AnswerSince::Instant(instant) => instant,
    };
    Ok(Desk {
        store,
        policy: Arc::new(config.policy(answer_since)),
        composer: Arc::new(composer(config)?),
        outgoing: match config.desk.hold {
            Hold::Off => Outgoing::Leaves,
            Hold::On => Outgoing::Held,
        },
        mail_bytes: config.limits.mail_bytes,
        retry_after: config.limits.retry_after.clone().into(),
        claim_lasts: claim_lasts(attempt_lasts(config)),
        vouchers: vouchers(config),
    })
}

fn vouchers(config: &Config) -> Vouchers {
    let by_mailbox = config.mailboxes.iter().map(|mailbox| (mailbox.name.clone(), voucher(mailbox)));
    Vouchers { by_mailbox: Arc::new(by_mailbox.collect()), signatures: signatures(config) }
}

fn voucher(mailbox: &MailboxSettings) -> Voucher {
    match &mailbox.sender_check {
        SenderCheck::Off => Voucher::Nobody,
        SenderCheck::Results { .. } => trusted(mailbox).map_or(Voucher::Nobody, Voucher::Results),
        SenderCheck::Signature => Voucher::Signature,
    }
}

/// Whose results are believed about this mailbox' mails.
pub fn trusted(mailbox: &MailboxSettings) -> Option<Trusted> {
    let SenderCheck::Results { authserv_id } = &mailbox.sender_check else { return None };
    Some(Trusted { authserv_id: authserv_id.clone(), mx_hosts: mailbox.mx_hosts().to_vec() })
}

/// Without it mails go on, and what is known of their senders is unknown.
fn signatures(config: &Config) -> Option<Arc<dyn Signatures>> {
    if !verifies_signatures(config) {
        return None;
    }
    match DkimVerifier::of_this_machine() {
        Ok(verifier) => Some(Arc::new(verifier)),
        Err(error) => {
            tracing::warn!(%error, "no DKIM signature is verified");
            None
        }
    }
}

pub fn verifies_signatures(config: &Config) -> bool {
    config.mailboxes.iter().any(|mailbox| mailbox.sender_check == SenderCheck::Signature)
}

fn attempt_lasts(config: &Config) -> Duration {
    match &config.relay.kind {
        RelayKind::Smtp { timeout, .. } => *timeout,
        RelayKind::Maildir { .. } => MAILDIR_SILENT,
    }
}

/// One watcher for each folder of each mailbox.
pub fn folders(config: &Config) -> Vec<Folder> {
    config.mailboxes.iter().flat_map(folders_of).collect()
}

fn folders_of(settings: &MailboxSettings) -> Vec<Folder> {
    let (name, poll) = (settings.name.clone(), settings.poll);
    match &settings.kind {
        MailboxKind::Imap { server, login, folders, filed, poll_beside_idle, compress, mx_hosts } => folders
            .iter()
            .map(|folder| {
                let mailbox = ImapFolder::new(ImapSettings {
                    name: name.clone(),
                    host: server.host.clone(),
                    port: server.port,
                    tls: mode(server.tls),
                    ca_file: server.ca_file.clone(),
                    user: login.user.clone(),
                    auth: Auth::Password(login.password.clone()),
                    folder: folder.clone(),
                    filed: filed.clone(),
                    compress: *compress,
                    poll,
                    poll_beside_idle: *poll_beside_idle,
                    timeout: SERVER_SILENT,
                });
                watched(mailbox, mx_hosts)
            })
            .collect(),
        MailboxKind::Maildir { path, filed, mx_hosts } => {
            let (path, folder, filed) = (path.clone(), "INBOX".to_owned(), filed.clone());
            vec![watched(MaildirFolder::new(MaildirSettings { name, path, folder, filed, poll }), mx_hosts)]
        }
    }
}

fn watched(mailbox: impl Mailbox + 'static, mx_hosts: &[String]) -> Folder {
    Folder { mailbox: Box::new(mailbox), mx_hosts: mx_hosts.to_vec() }
}

pub fn relay(config: &Config) -> anyhow::Result<Arc<dyn Relay>> {
    Ok(match &config.relay.kind {
        RelayKind::Maildir { path } => Arc::new(MaildirRelay::new(path.clone())),
        RelayKind::Smtp { .. } => Arc::new(smtp(config).context("the relay is not SMTP")?),
    })
}

/// The SMTP relay, if that is what the desk has.
pub fn smtp(config: &Config) -> Option<SmtpRelay> {
    let RelayKind::Smtp { server, login, timeout } = &config.relay.kind else {
        return None;
    };
    Some(SmtpRelay::new(SmtpSettings {
        host: server.host.clone(),
        port: server.port,
        tls: mode(server.tls),
        ca_file: server.ca_file.clone(),
        login: login.as_ref().map(|login| (login.user.clone(), Auth::Password(login.password.clone()))),
        hello: Some(config.desk.mailbox.domain().to_owned()),
        timeout: *timeout,
    }))
}

fn mode(tls: Tls) -> TlsMode {
    match tls {
        Tls::Implicit => TlsMode::Implicit,
        Tls::StartTls => TlsMode::StartTls,
        Tls::Plain => TlsMode::Plain,
    }
}

/// The composer with the templates of the installation; every mistake in them at once.
pub fn composer(config: &Config) -> anyhow::Result<Composer> {
    let overrides = match &config.templates.dir {
        Some(dir) => template_files(dir)?,
        None => BTreeMap::new(),
    };
    let desk = &config.desk;
    let sender = Sender {
        name: desk.name.clone(),
        legal_name: desk.legal_name.clone(),
        department_fr: desk.department_fr.clone(),
        department_en: desk.department_en.clone(),
        phone: desk.phone.clone(),
        postal: desk.postal.clone(),
        website: desk.website.clone(),
        privacy_url: desk.privacy_url.clone(),
    };
    let templates = Templates::load(&overrides, &config.templates.variables).map_err(|errors| {
        let list: Vec<String> = errors.iter().map(|error| format!("  {error}")).collect();
        anyhow!("the templates cannot be used; nothing was sent:\n{}", list.join("\n"))
    })?;
    Ok(Composer::new(templates, sender))
}

/// Template files by the name under which they replace a built-in one: `fr/acknowledgement.txt`.
fn template_files(dir: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for folder in ["", "fr", "en"] {
        let Ok(entries) = std::fs::read_dir(dir.join(folder)) else {
            if folder.is_empty() {
                bail!("templates.dir: the folder {} cannot be read", dir.display());
            }
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
            let name = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            files.insert(name, text);
        }
    }
    Ok(files)
}
