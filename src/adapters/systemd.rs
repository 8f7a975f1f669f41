//! What systemd is told (sd_notify(3)): ready, status in plain words, watchdog, stopping. Without systemd
//! each call does nothing.

use sd_notify::NotifyState;

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}

pub fn ready() {
    tell(&[NotifyState::Ready]);
}

pub fn status(text: &str) {
    tell(&[NotifyState::Status(text)]);
}

/// Fed by completed rounds only (PRODUCT 4.2).
pub fn watchdog() {
    tell(&[NotifyState::Watchdog]);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// `Type=notify` with ExecReload=kill -HUP: RELOADING is followed by READY once the loops run again.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(instant) => tell(&[NotifyState::Reloading, instant]),
        Err(error) => tracing::debug!(%error, "systemd was not told of the reload"),
    }
}
