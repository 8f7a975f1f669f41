//! `run`: the daemon under systemd, or one round.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio_cron_scheduler::{Job, JobScheduler};

use super::{assemble, load_path, logs};
use crate::adapters::systemd;
use crate::config::Config;
use crate::shell::run::{Daemon, Pulse, Wakes, now, once};
use crate::shell::{Desk, outbox};

/// The UTC ticker: a wake-up for everything, each ten seconds. What is due is in the store, so a tick
/// that is late or lost costs only time.
const TICK: &str = "*/10 * * * * *";
/// A reconciler that has not completed a round for so long is taken to hang, and systemd restarts us.
const LONGEST_ROUND: Duration = Duration::from_mins(4);
const STATUS_EVERY: Duration = Duration::from_secs(5);

/// Why the daemon's loops were stopped.
enum End {
    Stop,
    /// With what was read, and made ready, while the loops still ran.
    Reload(Box<Ready>),
}

/// Settings that can be used, and the desk that they make.
struct Ready {
    config: Config,
    desk: Desk,
}

impl Ready {
    /// Templates are read, the store is opened: whatever does not work is told before anything is given
    /// up for it.
    async fn make(config: Config) -> anyhow::Result<Self> {
        let desk = assemble::desk(&config, now()).await?;
        outbox::hold_queued(&desk).await?;
        Ok(Self { config, desk })
    }
}

pub async fn run(path: &Path, one_round: bool) -> anyhow::Result<ExitCode> {
    let config = load_path(path)?;
    logs::start(config.log.format, &config.log.level);
    if one_round {
        return round(&Ready::make(config).await?).await;
    }
    // First, so that a reload that comes while the store opens does not end the process.
    let mut signals = Signals::new()?;
    let mut ready = Ready::make(config).await?;
    loop {
        match serve(&ready, path, &mut signals).await? {
            End::Stop => {
                leave(&ready.desk).await;
                return Ok(ExitCode::SUCCESS);
            }
            End::Reload(fresh) => leave(&std::mem::replace(&mut ready, *fresh).desk).await,
        }
    }
}

/// After this all of a SQLite store is in its one file, for whoever copies it now.
async fn leave(desk: &Desk) {
    if let Err(error) = desk.store.close().await {
        tracing::warn!("the store was not closed in good order, nothing is lost: {error}");
    }
}

/// What the settings say now; `None`, and the old ones go on undisturbed, where they cannot be used.
async fn reloaded(path: &Path) -> Option<Box<Ready>> {
    let fresh = async { Ready::make(load_path(path)?).await };
    match fresh.await {
        Ok(fresh) => Some(Box::new(fresh)),
        Err(error) => {
            tracing::error!("the new configuration is not used, the old one stays: {error:#}");
            None
        }
    }
}

/// One round of everything that is due; 1 if anything went wrong.
async fn round(Ready { config, desk }: &Ready) -> anyhow::Result<ExitCode> {
    let relay = assemble::relay(config)?;
    let mut folders = assemble::folders(config);
    let errors = once(desk, relay.as_ref(), &mut folders, now()).await;
    for error in &errors {
        tracing::error!("{error}");
    }
    let tally = desk.store.tally().await?;
    leave(desk).await;
    say!("{}", summary(&tally));
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn serve(Ready { config, desk }: &Ready, path: &Path, signals: &mut Signals) -> anyhow::Result<End> {
    let folders = assemble::folders(config);
    let wakes = Arc::new(Wakes::default());
    let pulse = Arc::new(Pulse::new(folders.len()));
    let (stopper, stop) = watch::channel(false);
    let mut scheduler = ticker(wakes.clone()).await?;
    let relay = assemble::relay(config)?;
    let daemon =
        Daemon { desk: desk.clone(), relay, folders, wakes: wakes.clone(), pulse: pulse.clone(), stop };
    let mut loops = tokio::spawn(daemon.run());
    systemd::ready();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the desk is open");
    let mut status = tokio::time::interval(STATUS_EVERY);
    let end = loop {
        tokio::select! {
            signal = signals.next() => match signal {
                Asked::Stop => {
                    systemd::stopping();
                    break End::Stop;
                }
                Asked::Reload => {
                    systemd::reloading();
                    match reloaded(path).await {
                        Some(fresh) => break End::Reload(fresh),
                        None => systemd::ready(),
                    }
                }
            },
            _ = status.tick() => report(desk, &pulse).await,
            ended = &mut loops => {
                ended.context("the daemon's loops ended by themselves")?;
                break End::Stop;
            }
        }
    };
    tracing::info!("finishing the steps in hand");
    let _ = stopper.send(true);
    wakes.tick();
    if !loops.is_finished() {
        loops.await.context("the daemon's loops ended badly")?;
    }
    scheduler.shutdown().await.ok();
    Ok(end)
}

async fn ticker(wakes: Arc<Wakes>) -> anyhow::Result<JobScheduler> {
    let scheduler = JobScheduler::new().await.context("the ticker cannot be made")?;
    let job = Job::new(TICK, move |_, _| wakes.tick()).context("the ticker's schedule is wrong")?;
    scheduler.add(job).await.context("the ticker cannot be set")?;
    scheduler.start().await.context("the ticker cannot start")?;
    Ok(scheduler)
}

/// Tells systemd in plain words how the desk is, and feeds the watchdog only while rounds complete.
async fn report(desk: &Desk, pulse: &Pulse) {
    if pulse.beats(now(), LONGEST_ROUND) {
        systemd::watchdog();
    }
    let folders = format!("{} of {} folders well", pulse.folders_well(), pulse.folders.len());
    let text = match (desk.store.tally().await, desk.desk_case().await) {
        (Ok(tally), Ok(case)) => {
            let held = case.outbox_held.map(|why| format!("; OUTBOX HELD: {why}")).unwrap_or_default();
            format!("{folders}; {}{held}", summary(&tally))
        }
        (Err(error), _) | (_, Err(error)) => format!("{folders}; store: {error}"),
    };
    systemd::status(&format!("{text}{}", scanner_status(desk)));
}

/// Nothing where there is no scanner, or it works.
fn scanner_status(desk: &Desk) -> String {
    let trouble = desk.scanning.as_ref().and_then(|scanning| scanning.trouble());
    trouble.map_or_else(String::new, |(since, why)| {
        let since = desk.policy.calendar.local(since).strftime("%Y-%m-%d %H:%M");
        format!("; VIRUS SCANNER DOWN since {since}: {why}")
    })
}

fn summary(tally: &crate::ports::Tally) -> String {
    let unscanned = match tally.mails_unscanned {
        0 => String::new(),
        mails => format!(", {mails} mails not scanned for viruses"),
    };
    format!(
        "{} cases open, {} mails waiting, {} set aside, {} letters queued, {} held, {} failed{unscanned}",
        tally.cases_open,
        tally.mails_received,
        tally.mails_set_aside,
        tally.letters_queued,
        tally.letters_held,
        tally.letters_failed
    )
}

/// What a signal asks for.
enum Asked {
    Stop,
    Reload,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let catch = |kind| signal(kind).context("signals cannot be caught");
        Ok(Self {
            terminate: catch(SignalKind::terminate())?,
            interrupt: catch(SignalKind::interrupt())?,
            hang_up: catch(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }
}
