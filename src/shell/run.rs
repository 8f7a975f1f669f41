//! The loops of the daemon, the only place of the shell that asks the time and waits.
//!
//! Each loop runs its reconciler until nothing is left, then waits for a wake-up or the ticker. A
//! wake-up is a hint: what is due is in the store. An error makes a loop wait longer, never stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rand::Rng as _;
use tokio::sync::{Notify, watch};

use super::intake::Folder;
use super::{Desk, deadlines, intake, outbox, scan, triage};
use crate::ports::{PortError, PortResult, Relay, Wake};

/// First wait after an error; doubled up to [`BACK_OFF_MOST`], each with up to half of it more
/// (TRAPS 30).
const BACK_OFF_FIRST: Duration = Duration::from_secs(2);
const BACK_OFF_MOST: Duration = Duration::from_secs(80);
const JITTER_MOST: f64 = 0.5;
/// A folder that waits is looked at again after this, whatever the server says.
const LONGEST_WAIT: Duration = Duration::from_mins(5);
/// Health is written down so often at most, and at each change.
const HEALTH_EVERY: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

/// The present, to the microsecond, as it is stored.
#[expect(clippy::disallowed_methods, reason = "the one place where the desk asks the time")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).expect("the present is within range")
}

/// What wakes the loops.
#[derive(Debug, Default)]
pub struct Wakes {
    pub triage: Notify,
    pub outbox: Notify,
    pub deadlines: Notify,
    pub scan: Notify,
}

impl Wakes {
    /// The ticker: everything looks whether something is due.
    pub fn tick(&self) {
        self.triage.notify_one();
        self.outbox.notify_one();
        self.deadlines.notify_one();
        self.scan.notify_one();
    }
}

/// How the loops fare, for STATUS and the watchdog.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Last completed round of each reconciler, in microseconds since 1970; 0 before the first.
    pub triage: AtomicI64,
    pub outbox: AtomicI64,
    pub deadlines: AtomicI64,
    pub scan: AtomicI64,
    /// Whether the last look at every folder went well.
    pub folders: Vec<AtomicBool>,
}

impl Pulse {
    pub fn new(folders: usize) -> Self {
        Self { folders: (0..folders).map(|_| AtomicBool::new(false)).collect(), ..Self::default() }
    }

    /// Whether every reconciler has completed a round within `longest` of `now`.
    pub fn beats(&self, now: Timestamp, longest: Duration) -> bool {
        let oldest = now.as_microsecond() - i64::try_from(longest.as_micros()).unwrap_or(i64::MAX);
        [&self.triage, &self.outbox, &self.deadlines, &self.scan]
            .iter()
            .all(|round| round.load(Ordering::Relaxed) >= oldest)
    }

    pub fn folders_well(&self) -> usize {
        self.folders.iter().filter(|folder| folder.load(Ordering::Relaxed)).count()
    }
}

/// A daemon, ready to run.
pub struct Daemon {
    pub desk: Desk,
    pub relay: Arc<dyn Relay>,
    pub folders: Vec<Folder>,
    pub wakes: Arc<Wakes>,
    pub pulse: Arc<Pulse>,
    pub stop: watch::Receiver<bool>,
}

impl Daemon {
    /// Runs until told to stop; each loop finishes the step in hand.
    pub async fn run(self) {
        let Self { desk, relay, folders, wakes, pulse, stop } = self;
        // Beside the mailboxes' connecting; no mail is read before it is done.
        let warm = tokio::task::spawn_blocking(crate::mail::warm_up);
        let mut loops = tokio::task::JoinSet::new();
        for (index, folder) in folders.into_iter().enumerate() {
            loops.spawn(watch_folder(
                desk.clone(),
                folder,
                wakes.clone(),
                pulse.clone(),
                index,
                stop.clone(),
            ));
        }
        loops.spawn({
            let (desk, wakes, pulse, stop) = (desk.clone(), wakes.clone(), pulse.clone(), stop.clone());
            async move {
                let stopping = stop.clone();
                if let Err(error) = warm.await {
                    tracing::error!(%error, "reading a mail of ours panics");
                }
                repeat(&wakes.triage, &pulse.triage, stop, || triage_all(&desk, &wakes, &stopping)).await;
            }
        });
        loops.spawn({
            let (desk, wakes, pulse, stop) = (desk.clone(), wakes.clone(), pulse.clone(), stop.clone());
            async move {
                repeat(&wakes.outbox, &pulse.outbox, stop, || outbox::round(&desk, relay.as_ref(), now()))
                    .await;
            }
        });
        loops.spawn({
            let (desk, wakes, pulse, stop) = (desk.clone(), wakes.clone(), pulse.clone(), stop.clone());
            async move {
                let look = || async {
                    let settled = scan::round(&desk, now()).await?;
                    if settled > 0 {
                        wakes.outbox.notify_one();
                    }
                    Ok(settled)
                };
                repeat(&wakes.scan, &pulse.scan, stop, look).await;
            }
        });
        loops.spawn(async move {
            let look = || async {
                let met = deadlines::round(&desk, now()).await?;
                if met > 0 {
                    wakes.outbox.notify_one();
                }
                Ok(met)
            };
            repeat(&wakes.deadlines, &pulse.deadlines, stop, look).await;
        });
        while let Some(ended) = loops.join_next().await {
            if let Err(error) = ended {
                // A loop that panicked is gone; the watchdog sees that its rounds stop.
                tracing::error!(%error, "a loop of the daemon ended");
            }
        }
    }
}

async fn triage_all(desk: &Desk, wakes: &Wakes, stop: &watch::Receiver<bool>) -> PortResult<usize> {
    let meanwhile = triage::Meanwhile {
        clock: &now,
        is_stopping: &|| *stop.borrow(),
        written: &|| wakes.outbox.notify_one(),
    };
    Ok(usize::from(triage::round(desk, meanwhile).await?.more))
}

/// Runs a reconciler until it finds nothing, then waits for a wake-up; errors back off.
async fn repeat<F, Fut>(wake: &Notify, beat: &AtomicI64, mut stop: watch::Receiver<bool>, round: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = PortResult<usize>>,
{
    let mut back_off = BackOff::default();
    while !*stop.borrow() {
        let result = round().await;
        beat.store(now().as_microsecond(), Ordering::Relaxed);
        match result {
            Ok(0) => {
                back_off = BackOff::default();
                tokio::select! {
                    () = wake.notified() => {}
                    _ = stop.changed() => {}
                }
            }
            Ok(_) => back_off = BackOff::default(),
            Err(error) => {
                report(&error);
                back_off.wait(&mut stop).await;
            }
        }
    }
}

async fn watch_folder(
    desk: Desk,
    mut folder: Folder,
    wakes: Arc<Wakes>,
    pulse: Arc<Pulse>,
    index: usize,
    mut stop: watch::Receiver<bool>,
) {
    let label = folder.mailbox.label();
    let mut health = Health::default();
    let mut back_off = BackOff::default();
    while !*stop.borrow() {
        let stored = || wakes.triage.notify_one();
        let looked = intake::round(&desk, &mut folder, now(), &stored).await;
        pulse.folders[index].store(looked.is_ok(), Ordering::Relaxed);
        health.record(&desk, &label, looked.as_ref().err()).await;
        let waited = match looked {
            Ok(taken) if taken.more => Ok(Wake::Look),
            Ok(_) => {
                tokio::select! {
                    waited = folder.mailbox.wait(LONGEST_WAIT) => waited,
                    _ = stop.changed() => Ok(Wake::Quiet),
                }
            }
            Err(error) => Err(error),
        };
        match waited {
            Ok(_) => back_off = BackOff::default(),
            Err(error) => {
                tracing::warn!(folder = label, "{error}");
                back_off.wait(&mut stop).await;
            }
        }
    }
}

fn report(error: &PortError) {
    match error {
        PortError::Temporary(why) => tracing::warn!("{why}"),
        PortError::Permanent(why) => tracing::error!("{why}"),
    }
}

/// Writes a folder's health when it changed or has not been written for a while.
#[derive(Default)]
struct Health {
    written: Option<(Timestamp, Option<String>)>,
}

impl Health {
    async fn record(&mut self, desk: &Desk, label: &str, error: Option<&PortError>) {
        let (now, error) = (now(), error.map(ToString::to_string));
        let fresh = self
            .written
            .as_ref()
            .is_some_and(|(at, was)| *was == error && now.duration_since(*at) < HEALTH_EVERY);
        if fresh {
            return;
        }
        match desk.store.record_health(label, now, error.as_deref()).await {
            Ok(()) => self.written = Some((now, error)),
            Err(error) => report(&error),
        }
    }
}

#[derive(Default)]
struct BackOff {
    errors: u32,
}

impl BackOff {
    async fn wait(&mut self, stop: &mut watch::Receiver<bool>) {
        let pause = self.next(rand::rng().random_range(0.0..JITTER_MOST));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }

    /// The wait after one more error, longer by this share of it, so that many desks do not come back at once.
    fn next(&mut self, jitter: f64) -> Duration {
        let doubled = BACK_OFF_FIRST.saturating_mul(1 << self.errors.min(6));
        self.errors += 1;
        doubled.min(BACK_OFF_MOST).mul_f64(1.0 + jitter)
    }
}

/// One round of everything that is due; what went wrong is told, and everything else goes on.
pub async fn once(desk: &Desk, relay: &dyn Relay, folders: &mut [Folder], now: Timestamp) -> Vec<PortError> {
    let mut errors = Vec::new();
    for folder in folders {
        let looked = take_all(desk, folder, now).await;
        let label = folder.mailbox.label();
        let recorded = desk
            .store
            .record_health(&label, now, looked.as_ref().err().map(ToString::to_string).as_deref())
            .await;
        errors.extend(looked.err());
        errors.extend(recorded.err());
    }
    errors.extend(settle(desk, relay, now).await.err());
    errors
}

async fn take_all(desk: &Desk, folder: &mut Folder, now: Timestamp) -> PortResult<()> {
    while intake::round(desk, folder, now, &|| {}).await?.more {}
    Ok(())
}

/// Triage, clocks, late scans and outbox until nothing is left that is due at `now`.
pub async fn settle(desk: &Desk, relay: &dyn Relay, now: Timestamp) -> PortResult<()> {
    loop {
        while triage::round(desk, triage::Meanwhile::alone(&|| now)).await?.more {}
        let clocks = deadlines::round(desk, now).await?;
        let scanned = scan::round(desk, now).await?;
        let letters = outbox::round(desk, relay, now).await?;
        if clocks + scanned + letters == 0 {
            return Ok(());
        }
    }
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Daemon").field("folders", &self.folders).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_30_a_server_that_throttles_us_is_asked_less_and_less_often() {
        let mut back_off = BackOff::default();
        let waits: Vec<u64> = (0..8).map(|_| back_off.next(0.0).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 80, 80]);
        assert_eq!(back_off.next(JITTER_MOST).as_secs(), 120, "never longer than this");
    }

    #[test]
    fn the_watchdog_is_fed_only_while_every_reconciler_completes_rounds() {
        let (now, longest) = (Timestamp::from_second(1_000_000).expect("an instant"), Duration::from_mins(4));
        let pulse = Pulse::new(1);
        assert!(!pulse.beats(now, longest), "nothing has run yet");
        for round in [&pulse.triage, &pulse.outbox, &pulse.deadlines, &pulse.scan] {
            round.store(now.as_microsecond(), Ordering::Relaxed);
        }
        assert!(pulse.beats(now, longest));
        assert!(!pulse.beats(now + jiff::SignedDuration::from_mins(5), longest));
    }
}
