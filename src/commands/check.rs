//! `check`: every mistake of the configuration at once, and then everything tried for real: store,
//! templates, calendar, each folder, the relay. A table; exit code 0 when all is well, else 1.

use std::path::Path;
use std::process::ExitCode;

use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::{Format, assemble, load_path, print_json};
use crate::adapters::dkim::DkimVerifier;
use crate::config::{Config, MailboxSettings, RelayKind};
use crate::ports::{PortResult, Store as _};
use crate::shell::run::now;

/// One thing that was tried.
#[derive(Serialize)]
struct Trial {
    what: String,
    well: bool,
    /// What was found, or what to do.
    says: String,
}

impl Trial {
    fn well(what: impl Into<String>, says: impl Into<String>) -> Self {
        Self { what: what.into(), well: true, says: says.into() }
    }

    fn of<T, E: std::fmt::Display>(
        what: impl Into<String>,
        result: Result<T, E>,
        found: impl FnOnce(T) -> String,
    ) -> Self {
        match result {
            Ok(value) => Self::well(what, found(value)),
            Err(error) => Self { what: what.into(), well: false, says: error.to_string() },
        }
    }
}

pub async fn run(path: &Path, offline: bool, format: Format) -> anyhow::Result<ExitCode> {
    let config = match load_path(path) {
        Ok(config) => config,
        Err(error) => {
            let trial = Trial { what: "configuration".to_owned(), well: false, says: error.to_string() };
            return report(&[trial], format);
        }
    };
    let mut trials =
        vec![Trial::well("configuration", path.display().to_string()), calendar(&config), templates(&config)];
    // A file is at hand also where no connection may be opened.
    if !offline || config.store.connect_url().expose_secret().starts_with("sqlite:") {
        trials.push(store(&config).await);
    }
    if !offline {
        trials.extend(mailboxes(&config).await);
        trials.push(relay(&config).await);
        if assemble::verifies_signatures(&config) {
            trials.push(dns(&config).await);
        }
    }
    for mailbox in &config.mailboxes {
        trials.extend(results(&config, mailbox).await);
    }
    report(&trials, format)
}

fn calendar(config: &Config) -> Trial {
    let calendar = &config.calendar;
    let due = calendar.deadlines(now(), now()).resolution_due;
    let year = calendar.local_date(now()).year();
    let says = format!(
        "{} in {}, {} holidays in {year}; a complaint of now is answered by {due}",
        calendar.version(),
        calendar.zone_name(),
        calendar.holidays(year).len()
    );
    Trial::well("calendar", says)
}

fn templates(config: &Config) -> Trial {
    Trial::of("templates", assemble::composer(config), |_| "all render with sample values".to_owned())
}

/// Opens the store, brings it to this version, and writes.
async fn store(config: &Config) -> Trial {
    let tried = async {
        let store = assemble::sql(config).await?;
        store.record_health("check", now(), None).await?;
        anyhow::Ok(store.tally().await?)
    };
    Trial::of("store", tried.await.map_err(|error| format!("{error:#}")), |tally| {
        format!(
            "readable and writable; {} cases open, {} mails set aside",
            tally.cases_open, tally.mails_set_aside
        )
    })
}

async fn mailboxes(config: &Config) -> Vec<Trial> {
    let mut trials = Vec::new();
    for mut folder in assemble::folders(config) {
        let label = format!("mailbox {}", folder.mailbox.label());
        let listed = folder.mailbox.list().await;
        trials.push(Trial::of(label, listed, |mails| format!("{} mails there", mails.len())));
    }
    trials
}

async fn relay(config: &Config) -> Trial {
    match (&config.relay.kind, assemble::smtp(config)) {
        (RelayKind::Maildir { path }, _) => {
            let tried: PortResult<String> =
                Ok(format!("Maildir {}: letters are only written to disk", path.display()));
            Trial::of("relay", tried, |says| says)
        }
        (RelayKind::Smtp { server, .. }, Some(smtp)) => {
            let says = format!("{}:{} takes our log-in", server.host, server.port);
            Trial::of("relay", smtp.probe().await, |()| says)
        }
        (RelayKind::Smtp { .. }, None) => unreachable!("an SMTP relay is made of SMTP settings"),
    }
}

/// Mails are answered all the same where DNS is silent: never a failure.
async fn dns(config: &Config) -> Trial {
    let answered = async { DkimVerifier::of_this_machine()?.probe(config.desk.mailbox.domain()).await };
    let says = match answered.await {
        Ok(()) => "DNS answers: senders' DKIM signatures are verified".to_owned(),
        Err(error) => format!(
            "DNS does not answer ({error}): senders' DKIM signatures are not verified, all else goes on; \
             let this machine ask a name server, or write verify_dkim = false"
        ),
    };
    Trial::well("senders", says)
}

/// Whether the server whose results are trusted writes any, by the last mails of the mailbox.
async fn results(config: &Config, mailbox: &MailboxSettings) -> Option<Trial> {
    const LOOKED_AT: usize = 20;
    let trusted = assemble::trusted(mailbox)?;
    let mails = assemble::existing(config).await.ok()?.mails(None, None).await.ok()?;
    let known = mails.iter().rev().filter(|mail| mail.place.mailbox == mailbox.name);
    let known: Vec<_> = known.filter_map(|mail| mail.authenticity.as_ref()).take(LOOKED_AT).collect();
    let with = known.iter().filter(|found| !found.verdict.is_nothing()).count();
    let id = &trusted.authserv_id;
    let says = match (known.len(), with) {
        (0, _) => format!("results of {id} are trusted; no mail was read yet"),
        (all, 0) => format!(
            "results of {id} are trusted, but the last {all} mails had none that counts ({}): is \
             trusted_authserv_id the first word of their Authentication-Results, and mx_hosts right?",
            known[0].why
        ),
        (all, with) => format!("results of {id} are trusted; {with} of the last {all} mails had one"),
    };
    Some(Trial::well(format!("senders {}", mailbox.name), says))
}

fn report(trials: &[Trial], format: Format) -> anyhow::Result<ExitCode> {
    let all_well = trials.iter().all(|trial| trial.well);
    for trial in trials {
        match format {
            Format::Json => print_json(trial)?,
            Format::Text => {
                let mut lines = trial.says.lines();
                say!(
                    "{:<5} {:<24} {}",
                    if trial.well { "ok" } else { "FAIL" },
                    trial.what,
                    lines.next().unwrap_or("")
                );
                lines.for_each(|line| say!("{:<30} {line}", ""));
            }
        }
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
