//! Waiting for mail: IDLE (RFC 2177) where the server has it, else asking each so often.
//!
//! What ends a wait is only a hint. A connection that died while waiting is an error, never "no mail".

use std::time::Duration;

use async_imap::imap_proto::{Response, Status};
use tokio::time::timeout;

use super::wire::{Trouble, Wire, said};
use crate::ports::Wake;

/// Shorter than the shortest time after which firewalls forget a silent connection.
const LONGEST_IDLE: Duration = Duration::from_mins(5);
/// The answer to DONE.
const DONE_WITHIN: Duration = Duration::from_secs(15);
const NEVER_FIRST: Duration = Duration::from_hours(1);

/// How to wait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    Idle,
    Ask(Duration),
}

pub(super) async fn wait(wire: &mut Wire, manner: Manner, longest: Duration) -> Result<Wake, Trouble> {
    let wake = wait_quietly(wire, manner, longest).await?;
    if wake == Wake::Look {
        // `cargo bench --bench whole` counts from here.
        tracing::debug!("the server told of mail");
    }
    Ok(wake)
}

async fn wait_quietly(wire: &mut Wire, manner: Manner, longest: Duration) -> Result<Wake, Trouble> {
    if wire.view.has_news() {
        return Ok(Wake::Look);
    }
    // What came between the last listing and now; IDLE would tell it late or not at all.
    wire.run("NOOP").await?;
    if wire.view.has_news() {
        return Ok(Wake::Look);
    }
    match manner {
        Manner::Idle => idle(wire, longest.min(LONGEST_IDLE)).await,
        Manner::Ask(interval) => ask(wire, interval, longest).await,
    }
}

async fn ask(wire: &mut Wire, interval: Duration, longest: Duration) -> Result<Wake, Trouble> {
    let mut left = longest;
    while !left.is_zero() {
        let pause = interval.max(Duration::from_millis(1)).min(left);
        listen(wire, pause).await?;
        if !wire.view.has_news() {
            wire.run("NOOP").await?;
        }
        if wire.view.has_news() {
            return Ok(Wake::Look);
        }
        left = left.saturating_sub(pause);
    }
    Ok(Wake::Quiet)
}

async fn idle(wire: &mut Wire, longest: Duration) -> Result<Wake, Trouble> {
    let tag = wire.start("IDLE").await?;
    let patience = wire.patience();
    while !wire.next(patience, idle_has_begun).await?? {}
    listen(wire, longest).await?;
    wire.say("DONE").await?;
    let limit = patience.min(DONE_WITHIN);
    timeout(limit, wire.finish(&tag, limit, |_| {})).await.map_err(|_| Trouble::Silent(limit))??;
    Ok(if wire.view.has_news() { Wake::Look } else { Wake::Quiet })
}

/// Whether this is the `+`; a tagged answer instead means that there is no IDLE.
fn idle_has_begun(response: &Response<'_>) -> Result<bool, Trouble> {
    match response {
        Response::Continue(_) => Ok(true),
        Response::Done { status: Status::No, outcome, .. } => Err(Trouble::No(said(outcome))),
        Response::Done { outcome, .. } => Err(Trouble::Bad(said(outcome))),
        _ => Ok(false),
    }
}

/// Reads what the server tells unasked, until there is news or the time is over.
async fn listen(wire: &mut Wire, longest: Duration) -> Result<(), Trouble> {
    let hearing = async {
        while !wire.view.has_news() {
            // The limit is the one around it all; this one never comes first, however late the machine wakes.
            let ended = wire.next(longest.saturating_add(NEVER_FIRST), |response| match response {
                Response::Done { outcome, .. } => Err(Trouble::Bad(said(outcome))),
                _ => Ok(()),
            });
            ended.await??;
        }
        Ok(())
    };
    timeout(longest, hearing).await.unwrap_or(Ok(()))
}
