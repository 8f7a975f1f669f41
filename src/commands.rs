//! The command line: one file a subcommand; here what they share. Only here are shell and adapters joined.
//!
//! Exit codes: 0 done, 1 failed, 2 usage or configuration.

/// A line on standard output. A reader that had enough (`| head`) ends the program, well.
macro_rules! say {
    ($($words:tt)*) => { $crate::commands::say_line(format_args!($($words)*)) };
}

mod assemble;
pub mod case;
mod check;
pub mod deadlines;
mod demo;
pub mod inspect;
mod logs;
mod outbox;
mod quarantine;
mod run;
mod verify;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand};
use jiff::Timestamp;
use serde::Serialize;

use crate::config::{Config, DEFAULT_FILES, Need};
use crate::core::event::Actor;
use crate::core::ids::CaseNumber;
use crate::core::letter::LetterState;
use crate::core::scan::Setup;
use crate::shell::run::now;

/// A complaints desk in an ordinary mailbox: it acknowledges, keeps its legal clocks, and can prove it.
#[derive(Parser, Debug)]
#[command(name = "complaintd", version, arg_required_else_help = true)]
struct Cli {
    /// Configuration [default: /etc/complaintd/complaintd.toml, then config/complaintd.toml]
    #[arg(short, long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// A whole desk on this machine: Maildir in and out, SQLite, sample mails; shows what happened
    Demo {
        /// Folder of the demo desk [default: complaintd-demo in the directory for temporary files]
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Goes on with the desk that is in the folder instead of beginning anew
        #[arg(long)]
        keep: bool,
    },
    /// The daemon
    Run {
        /// Does one round of everything that is due and exits
        #[arg(long)]
        once: bool,
    },
    /// Tells every mistake of the configuration at once and tries mailbox, relay, store and templates
    Check {
        /// Opens no connection
        #[arg(long)]
        offline: bool,
        #[arg(long)]
        json: bool,
    },
    /// What would be understood of these mails; touches nothing
    Inspect {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// The register of cases
    #[command(subcommand)]
    Case(CaseCommand),
    /// Letters that wait, left or failed
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Mails kept whole for a human
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// The dates that follow from a reception
    Deadlines {
        /// Instant of reception, RFC 3339 (2026-05-28T02:30:00Z)
        #[arg(long, value_name = "INSTANT")]
        received: Timestamp,
        /// Instant at which the first written complaint was sent [default: the reception]
        #[arg(long, value_name = "INSTANT")]
        sent: Option<Timestamp>,
        #[arg(long)]
        json: bool,
    },
    /// Proves the journal: chain, fold = row, numbers without a gap, bytes unchanged
    Verify {
        #[arg(long)]
        json: bool,
    },
    /// Brings the store to this version
    Migrate,
    /// Writes the man pages into a folder, or the main one to standard output
    Man {
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Writes the completions of a shell to standard output
    Completions { shell: clap_complete::Shell },
}

#[derive(Subcommand, Debug)]
enum CaseCommand {
    /// All cases, by number
    List {
        #[arg(long)]
        json: bool,
    },
    /// One case with its messages, letters and journal
    Show {
        reference: CaseNumber,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand, Debug)]
enum OutboxCommand {
    /// Letters, oldest first
    List {
        /// Only these: held, queued, sent, failed, suppressed
        #[arg(long, value_parser = letter_state)]
        state: Option<LetterState>,
        #[arg(long)]
        json: bool,
    },
    /// Closes the circuit breaker and lets held letters leave: all, or one
    Release { id: Option<i64> },
    /// Tries a failed letter again, or a queued one at once
    Retry { id: i64 },
    /// The letter never leaves; the case's journal has why
    Drop {
        id: i64,
        #[arg(long, value_name = "WHY")]
        reason: String,
    },
}

#[derive(Subcommand, Debug)]
enum QuarantineCommand {
    List {
        #[arg(long)]
        json: bool,
    },
    /// Prints a mail's raw bytes
    Show {
        id: i64,
        #[arg(long)]
        json: bool,
    },
    /// Has a mail read once more
    Retry { id: i64 },
}

fn letter_state(word: &str) -> Result<LetterState, String> {
    LetterState::from_word(word).ok_or_else(|| "expected held, queued, sent, failed or suppressed".to_owned())
}

/// How a command prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Text,
    /// One object a line.
    Json,
}

impl From<bool> for Format {
    fn from(json: bool) -> Self {
        if json { Self::Json } else { Self::Text }
    }
}

/// The configuration cannot be used; every mistake has been told.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BadConfig(String);

/// Runs the program; the exit code says how it went.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = runtime.context("the async runtime cannot start").and_then(|rt| rt.block_on(dispatch(cli)));
    match done {
        Ok(code) => code,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "complaintd: {error:#}");
            ExitCode::from(if error.is::<BadConfig>() { 2 } else { 1 })
        }
    }
}

/// A reader that had enough (`| head`) is no failure.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = cli.config.as_deref();
    match cli.command {
        Command::Demo { dir, keep } => demo::run(dir, keep).await?,
        Command::Run { once } => return run::run(&config_path(config)?, once).await,
        Command::Check { offline, json } => {
            return check::run(&config_path(config)?, offline, json.into()).await;
        }
        Command::Inspect { files, json } => {
            let config = rules(config)?;
            let own = config.as_ref().map(Config::own).unwrap_or_default();
            let mailboxes = config.iter().flat_map(|config| &config.mailboxes);
            let trusted: Vec<_> = mailboxes.filter_map(assemble::trusted).collect();
            return inspect::run(&files, &own, &trusted, json.into());
        }
        Command::Case(command) => cases(&load(Need::StoreOnly, config)?, command).await?,
        Command::Outbox(command) => outbox(&load(Need::StoreOnly, config)?, command).await?,
        Command::Quarantine(command) => quarantine(&load(Need::StoreOnly, config)?, command).await?,
        Command::Deadlines { received, sent, json } => {
            let calendar =
                rules(config)?.map_or_else(crate::config::default_calendar, |config| config.calendar);
            deadlines::run(&calendar, received, sent.unwrap_or(received), json.into())?;
        }
        Command::Verify { json } => return verify::run(&load(Need::StoreOnly, config)?, json.into()).await,
        Command::Migrate => verify::migrate(&load(Need::StoreOnly, config)?).await?,
        Command::Man { dir } => man(dir.as_deref())?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "complaintd", &mut script);
            std::io::stdout().write_all(&script)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn cases(config: &Config, command: CaseCommand) -> anyhow::Result<()> {
    let store = assemble::existing(config).await?;
    let calendar = &config.calendar;
    match command {
        CaseCommand::List { json } => case::list(&store, calendar, json.into()).await,
        CaseCommand::Show { reference, json } => {
            let setup = match config.scanner {
                None => Setup::WithoutScanner,
                Some(_) => Setup::WithScanner,
            };
            case::show(&store, calendar, setup, reference, json.into()).await
        }
    }
}

async fn outbox(config: &Config, command: OutboxCommand) -> anyhow::Result<()> {
    let desk = assemble::standing_desk(config, now()).await?;
    match command {
        OutboxCommand::List { state, json } => outbox::list(&desk, state, json.into()).await,
        OutboxCommand::Release { id } => outbox::release(&desk, id, now()).await,
        OutboxCommand::Retry { id } => {
            outbox::change(&desk, id, outbox::Wish::Retry, "tried again by an operator", now()).await
        }
        OutboxCommand::Drop { id, reason } => {
            outbox::change(&desk, id, outbox::Wish::Drop, &reason, now()).await
        }
    }
}

async fn quarantine(config: &Config, command: QuarantineCommand) -> anyhow::Result<()> {
    let store = assemble::existing(config).await?;
    match command {
        QuarantineCommand::List { json } => quarantine::list(&store, &config.calendar, json.into()).await,
        QuarantineCommand::Show { id, json } => {
            quarantine::show(&store, &config.calendar, id, json.into()).await
        }
        QuarantineCommand::Retry { id } => quarantine::retry(&store, id).await,
    }
}

/// Man pages from the program itself: one for it and one for each subcommand.
fn man(dir: Option<&std::path::Path>) -> anyhow::Result<()> {
    let mut command = Cli::command();
    command.build();
    let Some(dir) = dir else {
        clap_mangen::Man::new(command).render(&mut std::io::stdout())?;
        return Ok(());
    };
    std::fs::create_dir_all(dir).with_context(|| format!("the folder {} cannot be made", dir.display()))?;
    clap_mangen::generate_to(command, dir).with_context(|| format!("{} cannot be written", dir.display()))
}

/// The configuration file that counts: the one given, else the installed one, else the one of a checkout.
fn config_path(given: Option<&std::path::Path>) -> anyhow::Result<PathBuf> {
    if let Some(path) = given {
        return Ok(path.to_owned());
    }
    // One that may not be looked at is there for all we know: opening it tells what is wrong.
    let may_be_there = |path: &PathBuf| path.try_exists().unwrap_or(true);
    DEFAULT_FILES.iter().map(PathBuf::from).find(may_be_there).ok_or_else(|| {
        let places = DEFAULT_FILES.join(" nor ");
        BadConfig(format!("no configuration: neither {places} is there; name one with -c FILE")).into()
    })
}

/// Loads the configuration; every mistake is told at once.
fn load(need: Need, given: Option<&std::path::Path>) -> anyhow::Result<Config> {
    load_for(need, &config_path(given)?)
}

fn load_path(path: &std::path::Path) -> anyhow::Result<Config> {
    load_for(Need::Everything, path)
}

fn load_for(need: Need, path: &std::path::Path) -> anyhow::Result<Config> {
    let environment = std::env::vars().collect();
    crate::config::load_for(need, path, &environment).map_err(|mistakes| {
        let list: Vec<String> = mistakes.iter().map(|mistake| format!("  {mistake}")).collect();
        let count =
            if mistakes.len() == 1 { "1 mistake".to_owned() } else { format!("{} mistakes", mistakes.len()) };
        let text = format!("{count} in {}; nothing was started:\n{}", path.display(), list.join("\n"));
        BadConfig(text).into()
    })
}

/// The rules of the configuration, where there is one: to reckon and to read mails, no secret is needed.
fn rules(given: Option<&std::path::Path>) -> anyhow::Result<Option<Config>> {
    match (given, config_path(given)) {
        (Some(path), _) => load_for(Need::RulesOnly, path).map(Some),
        (None, Ok(path)) => Ok(load_for(Need::RulesOnly, &path).ok()),
        (None, Err(_)) => Ok(None),
    }
}

/// Who runs this command, for the journal.
fn operator() -> Actor {
    let name = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|key| std::env::var(key).ok());
    Actor::Operator(name.unwrap_or_else(|| "unknown".to_owned()))
}

fn say_line(words: std::fmt::Arguments<'_>) {
    match writeln!(std::io::stdout(), "{words}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        // A closed standard output (`>&-`) keeps no command from being done.
        _ => {}
    }
}

fn print_json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value).map_err(std::io::Error::from)?;
    writeln!(out)?;
    Ok(())
}

/// A table with columns as wide as their longest cell.
fn table(head: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = head.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = std::io::stdout().lock();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(out, "{}", padded.join("  ").trim_end());
    };
    line(&mut head.iter().copied());
    for row in rows {
        line(&mut row.iter().map(|cell| cell.lines().next().unwrap_or("")));
    }
    if rows.is_empty() {
        let _ = writeln!(out, "(none)");
    }
}
