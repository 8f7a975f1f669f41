//! `outbox list|release|retry|drop`: what waits to leave, and what a human decides about it. Each
//! decision is an event in the case's journal, with the operator's name.

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::case::letter_view;
use super::{Format, operator, print_json, table};
use crate::core::decide::{Delivery, Input};
use crate::core::ids::CaseNumber;
use crate::core::letter::LetterState;
use crate::core::policy::Standing;
use crate::ports::{LetterEntry, Settle};
use crate::shell::Desk;

pub async fn list(desk: &Desk, state: Option<LetterState>, format: Format) -> anyhow::Result<()> {
    let letters = desk.store.letters(state, None).await?;
    let calendar = &desk.policy.calendar;
    if format == Format::Json {
        return letters.iter().try_for_each(|letter| print_json(&letter_view(letter, calendar)));
    }
    let rows: Vec<Vec<String>> = letters
        .iter()
        .map(|l| {
            vec![
                l.id.to_string(),
                l.case.to_string(),
                l.kind.to_string(),
                l.state.to_string(),
                l.recipient.to_string(),
                l.attempts.to_string(),
                l.next_at
                    .map(|at| calendar.local(at).strftime("%Y-%m-%d %H:%M").to_string())
                    .unwrap_or_default(),
                l.reply.clone().unwrap_or_default().chars().take(60).collect(),
            ]
        })
        .collect();
    table(&["id", "case", "kind", "state", "to", "tries", "next try", "relay said"], &rows);
    if let Some(why) = desk.desk_case().await?.outbox_held {
        say!(
            "\nThe circuit breaker holds the outbox: {why}.\nNothing is lost; `complaintd outbox release` lets it leave again."
        );
    }
    Ok(())
}

/// What the operator wants of a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wish {
    /// Held letters leave.
    Release,
    /// A failed letter is tried again, or a queued one at once.
    Retry,
    /// The letter never leaves.
    Drop,
}

/// Closes the circuit breaker and lets every held letter leave, or one.
pub async fn release(desk: &Desk, id: Option<i64>, now: Timestamp) -> anyhow::Result<()> {
    if let Some(id) = id {
        return change(desk, id, Wish::Release, "released by an operator", now).await;
    }
    let breaker = Input::Outbox { hold: None, standing: Standing::default() };
    let was_held = desk.desk_case().await?.outbox_held.is_some();
    desk.tell(CaseNumber::DESK, &breaker, &operator(), now, |_| {}).await?;
    let held = desk.store.letters(Some(LetterState::Held), None).await?;
    for letter in &held {
        apply(desk, letter, Wish::Release, "released by an operator", now).await?;
    }
    let breaker =
        if was_held { "the circuit breaker is closed again" } else { "the circuit breaker was not open" };
    say!("{} held letters released; {breaker}", held.len());
    Ok(())
}

pub async fn change(desk: &Desk, id: i64, wish: Wish, why: &str, now: Timestamp) -> anyhow::Result<()> {
    let (letter, _) = desk.store.letter(id).await?.with_context(|| {
        format!("there is no letter {id} in the outbox: `complaintd outbox list` shows those that there are")
    })?;
    apply(desk, &letter, wish, why, now).await
}

async fn apply(
    desk: &Desk,
    letter: &LetterEntry,
    wish: Wish,
    why: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    let fits = match wish {
        Wish::Release => letter.state == LetterState::Held,
        Wish::Retry => matches!(letter.state, LetterState::Failed | LetterState::Queued),
        Wish::Drop => matches!(letter.state, LetterState::Held | LetterState::Queued | LetterState::Failed),
    };
    if !fits {
        bail!("letter {} is {}: it cannot be {}; nothing was changed", letter.id, letter.state, wish.done());
    }
    // Else the letter would be in two hands at once, or be called dropped and arrive all the same.
    if let Some(until) = letter.next_at.filter(|until| letter.under_way && *until > now) {
        let until = desk.policy.calendar.local(until).strftime("%H:%M");
        bail!(
            "letter {} is being handed to the relay, or was when the daemon ended; nothing was changed: look at \
             `complaintd outbox list` in a minute; if it is still queued, it can be {} after {until}",
            letter.id,
            wish.done()
        );
    }
    let (news, state) = match wish {
        Wish::Release | Wish::Retry => (Delivery::Released, LetterState::Queued),
        Wish::Drop => (Delivery::Suppressed { why }, LetterState::Suppressed),
    };
    let next_at = (state == LetterState::Queued).then_some(now);
    let row = Settle { letter: letter.id, attempt: letter.attempts, state, next_at, reply: why.to_owned() };
    let input = Input::Delivery { ordinal: letter.ordinal, news, standing: Standing::default() };
    desk.tell(letter.case, &input, &operator(), now, |commit| commit.settle = Some(row.clone())).await?;
    say!("letter {} ({} of {}): {}", letter.id, letter.kind, letter.case, wish.done());
    Ok(())
}

impl Wish {
    fn done(self) -> &'static str {
        match self {
            Self::Release => "released",
            Self::Retry => "queued again",
            Self::Drop => "dropped",
        }
    }
}
