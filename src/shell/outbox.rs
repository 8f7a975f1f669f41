//! Sending: a letter is claimed for one attempt, handed over, and settled. Between hand-over and
//! settling lies the one repetition that is accepted: the same bytes with the same Message-ID
//! (PROCEDURE 6.1).

use std::collections::BTreeSet;

use futures::StreamExt as _;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::limits::{CUT_SHORT_MOST, HOUR, OUTBOX_BATCH_LETTERS, OUTBOX_SIDE_BY_SIDE, RELAY_ANSWER_CHARS};
use super::{Desk, Outgoing};
use crate::core::decide::{Delivery, Input, OutboxHold};
use crate::core::event::Actor;
use crate::core::ids::CaseNumber;
use crate::core::letter::{Channel, LetterKind, LetterState};
use crate::core::policy::Standing;
use crate::ports::{Claimed, Commit, Committed, PortError, PortResult, Relay, Settle};

/// Sends one batch of what is due; answers how many letters were tried.
pub async fn round(desk: &Desk, relay: &dyn Relay, now: Timestamp) -> PortResult<usize> {
    let room = room(desk, now).await?;
    let mut claimed = Vec::new();
    if room > 0 {
        claimed = desk.store.claim(now, now + desk.claim_lasts, room, false).await?;
    }
    if claimed.is_empty() {
        // Notices go past the breaker, so that a human learns of it (PROCEDURE 6.4).
        claimed = desk.store.claim(now, now + desk.claim_lasts, OUTBOX_BATCH_LETTERS, true).await?;
    }
    let tried = claimed.len();
    let (tell, mut told) = mpsc::channel(OUTBOX_SIDE_BY_SIDE as usize);
    let handing_over = async move {
        let attempts = futures::stream::iter(claimed);
        let each = attempts.for_each_concurrent(OUTBOX_SIDE_BY_SIDE as usize, |letter| async {
            let answer = hand_over(relay, &letter).await;
            // The next one begins when this one is written down: a crash repeats no more than are under way.
            let (goes_on, settled) = oneshot::channel();
            let _ = tell.send(Attempt { letter, answer, goes_on }).await;
            let _ = settled.await;
        });
        each.await;
    };
    let settling = async {
        let mut outcome = Ok(tried);
        let mut ended = Vec::new();
        while told.recv_many(&mut ended, OUTBOX_SIDE_BY_SIDE as usize).await > 0 {
            if let Err(error) = settle(desk, &ended, now).await {
                outcome = Err(error);
            }
            for attempt in ended.drain(..) {
                let _ = attempt.goes_on.send(());
            }
        }
        outcome
    };
    let ((), outcome) = tokio::join!(handing_over, settling);
    outcome
}

/// A letter was handed over, or not.
struct Attempt {
    letter: Claimed,
    answer: PortResult<String>,
    /// Told when that is written down, or cannot be.
    goes_on: oneshot::Sender<()>,
}

/// One hand-over; none where the last ones ended without a word (the disk was full, the process was
/// killed), since the customer would get the same letter again and again (PROCEDURE 6.1).
async fn hand_over(relay: &dyn Relay, letter: &Claimed) -> PortResult<String> {
    if letter.cut_short >= CUT_SHORT_MOST && letter.kind != LetterKind::Notice {
        return Err(PortError::Permanent(format!(
            "handed over {} times without the outcome being written down: it may have arrived; ask the relay's log \
             for its Message-ID, then `complaintd outbox retry` or `drop`",
            letter.cut_short
        )));
    }
    relay.send(&letter.outgoing).await
}

/// In `hold` mode what was queued before waits as well (a backup restored, a mistake found in the
/// letters): called when a desk begins. What an operator releases later leaves (PROCEDURE 6.5).
pub async fn hold_queued(desk: &Desk) -> PortResult<usize> {
    if desk.outgoing != Outgoing::Held {
        return Ok(0);
    }
    let mut held = 0;
    for letter in desk.store.letters(Some(LetterState::Queued), None).await? {
        if letter.kind == LetterKind::Notice || letter.channel != Channel::Mail {
            continue;
        }
        let reply = letter.reply.unwrap_or_default();
        let row = Settle {
            letter: letter.id,
            attempt: letter.attempts,
            state: LetterState::Held,
            next_at: None,
            reply,
        };
        // A conflict means that it is being handed over by another instance: too late to hold it.
        if desk.store.commit(&[Commit { settle: Some(row), ..Commit::default() }]).await? == Committed::Done {
            held += 1;
        }
    }
    if held > 0 {
        tracing::warn!(
            letters = held,
            "hold mode: letters that were queued are held, see `complaintd outbox list`"
        );
    }
    Ok(held)
}

/// How many letters may leave now: none while the outbox is held; the circuit breaker holds it when
/// too many left within an hour (TRAPS 16).
async fn room(desk: &Desk, now: Timestamp) -> PortResult<u32> {
    let stands = desk.desk_case().await?;
    if stands.outbox_held.is_some() {
        return Ok(0);
    }
    // What an operator saw and let pass is not counted again: else the breaker would hold at once what
    // was just released.
    let hour = now - HOUR;
    let since = stands.outbox_released_at.map_or(hour, |released| released.max(hour));
    let sent = desk.store.sent_since(since).await?;
    let limit = desk.policy.caps.desk_hour;
    if sent < limit {
        let left = u32::try_from(limit - sent).unwrap_or(u32::MAX);
        return Ok(left.min(OUTBOX_BATCH_LETTERS));
    }
    if desk.store.next_attempt().await?.is_none_or(|next| next > now) {
        return Ok(0);
    }
    tracing::error!(
        sent,
        limit,
        "the circuit breaker holds the outbox: see `complaintd outbox list`, then `outbox release`"
    );
    let input =
        Input::Outbox { hold: Some(OutboxHold { sent, limit }), standing: desk.inward_standing(now).await? };
    desk.tell(CaseNumber::DESK, &input, &Actor::Desk, now, |_| {}).await?;
    Ok(0)
}

/// Writes down what became of attempts: of all that ended meanwhile in one transaction, else of each alone.
async fn settle(desk: &Desk, ended: &[Attempt], now: Timestamp) -> PortResult<()> {
    let settlements: Vec<Settlement<'_>> = ended.iter().map(|each| Settlement::of(desk, each, now)).collect();
    if settlements.len() > 1 {
        match together(desk, &settlements, now).await {
            Ok(Committed::Done) => return Ok(()),
            // Somebody else touched one of them, or one can never be written: the others can.
            Ok(Committed::Conflict) | Err(PortError::Permanent(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let mut outcome = Ok(());
    for settlement in &settlements {
        if let Err(error) = alone(desk, settlement, now).await {
            outcome = Err(error);
        }
    }
    outcome
}

/// What is written about an attempt.
struct Settlement<'a> {
    case: CaseNumber,
    ordinal: u32,
    /// What its case is told; nothing where the letter is tried again.
    news: Option<Delivery<'a>>,
    row: Settle,
}

impl<'a> Settlement<'a> {
    fn of(desk: &Desk, Attempt { letter, answer, .. }: &'a Attempt, now: Timestamp) -> Self {
        let (case, ordinal, attempt) = (letter.case, letter.ordinal, letter.attempt);
        let retry = desk.retry_after.get(attempt as usize - 1);
        let row = |state, next_at, reply: &str| Settle {
            letter: letter.id,
            attempt,
            state,
            next_at,
            reply: reply.chars().take(RELAY_ANSWER_CHARS).collect(),
        };
        let (news, row) = match (answer, retry) {
            (Ok(reply), _) => {
                tracing::info!(%case, ordinal, kind = %letter.kind, attempt, "letter sent");
                (Some(Delivery::Sent { reply }), row(LetterState::Sent, None, reply))
            }
            (Err(PortError::Temporary(why)), Some(wait)) => {
                tracing::warn!(%case, ordinal, attempt, retry_in = %wait, "letter not taken yet");
                (None, row(LetterState::Queued, Some(now + *wait), why))
            }
            (Err(PortError::Temporary(why) | PortError::Permanent(why)), _) => {
                tracing::error!(%case, ordinal, attempt, "letter failed for good");
                (Some(Delivery::Failed { why }), row(LetterState::Failed, None, why))
            }
        };
        Self { case, ordinal, news, row }
    }

    fn input(&self, standing: Standing) -> Option<Input<'_>> {
        let (ordinal, news) = (self.ordinal, self.news.clone()?);
        Some(Input::Delivery { ordinal, news, standing })
    }
}

async fn together(desk: &Desk, settlements: &[Settlement<'_>], now: Timestamp) -> PortResult<Committed> {
    let cases: BTreeSet<CaseNumber> = settlements.iter().map(|each| each.case).collect();
    if cases.len() < settlements.len() {
        return Ok(Committed::Conflict);
    }
    let standing = desk.inward_standing(now).await?;
    let mut commits = Vec::new();
    for settlement in settlements {
        let mut commit = Commit::default();
        if let Some(input) = settlement.input(standing) {
            let case = desk.case(settlement.case).await?;
            commit.change = desk.answered(&case, &input, &Actor::Desk, now);
        }
        commit.settle = Some(settlement.row.clone());
        commits.push(commit);
    }
    desk.store.commit(&commits).await
}

async fn alone(desk: &Desk, settlement: &Settlement<'_>, now: Timestamp) -> PortResult<()> {
    let Some(input) = settlement.input(desk.inward_standing(now).await?) else {
        let commit = Commit { settle: Some(settlement.row.clone()), ..Commit::default() };
        // A conflict here means that somebody else settled or claimed it since: theirs stands.
        return desk.store.commit(&[commit]).await.map(|_| ());
    };
    let settle = |commit: &mut Commit| commit.settle = Some(settlement.row.clone());
    desk.tell(settlement.case, &input, &Actor::Desk, now, settle).await.map(|_| ())
}
