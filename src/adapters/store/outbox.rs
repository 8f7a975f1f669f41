//! Letters with their final bytes, and the attempts to hand them over.
//!
//! An attempt is written down before it is made: a crash in the middle leaves a letter that is due
//! again at `until`, never one that is lost.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::database::Database;
use super::failure::{Failure, Outcome};
use super::sql::{self, Around, Columns as _, Value};
use crate::core::case::instant_text;
use crate::core::ids::{Address, CaseNumber, MessageId};
use crate::core::letter::{Channel, LetterKind, LetterState};
use crate::ports::{Claimed, Composed, LetterEntry, Outgoing, Settle};

const ADD: Around = Around {
    before: "INSERT INTO outbox (case_id, ordinal, kind, channel, recipient, recipient_key, envelope_from, \
             message_id, state, written_at, next_at) VALUES ",
    after: "",
};
const ADD_BODIES: Around = Around {
    before: "INSERT INTO letter_bodies (letter, bytes) SELECT o.id, v.column2 FROM (VALUES ",
    after: ") AS v CROSS JOIN outbox o WHERE o.message_id = v.column1",
};
/// Suppressing counts as an attempt: one that is under way meanwhile can no longer put the letter back.
const SETTLE: Around = Around {
    before: "UPDATE outbox SET state = v.column3, next_at = v.column4, reply = v.column5, \
             attempts = attempts + CASE WHEN v.column3 = 'suppressed' THEN 1 ELSE 0 END FROM (VALUES ",
    after: ") AS v WHERE outbox.id = v.column1 AND outbox.attempts = v.column2",
};
/// The first word on an attempt stays: what an operator decides later is no answer of the relay.
const SETTLE_ATTEMPTS: Around = Around {
    before: "UPDATE attempts SET state = v.column3, reply = v.column5 FROM (VALUES ",
    after: ") AS v WHERE attempts.letter = v.column1 AND attempts.attempt = v.column2 \
            AND attempts.state IS NULL",
};
const CLAIM: Around = Around {
    before: "UPDATE outbox SET attempts = attempts + 1, next_at = v.column3 FROM (VALUES ",
    after: ") AS v WHERE outbox.id = v.column1 AND outbox.attempts = v.column2 \
            AND outbox.state = 'queued' RETURNING id",
};
const BEGIN_ATTEMPTS: Around =
    Around { before: "INSERT INTO attempts (letter, attempt, begun_at) VALUES ", after: "" };
const CLAIMED: Around = Around {
    before: "SELECT o.id, o.case_id, o.ordinal, o.kind, o.attempts, o.written_at, o.envelope_from, \
             o.recipient, b.bytes, (SELECT COUNT(*) FROM attempts a WHERE a.letter = o.id \
             AND a.attempt < o.attempts AND a.attempt > COALESCE((SELECT MAX(s.attempt) FROM attempts s \
             WHERE s.letter = o.id AND s.state IS NOT NULL), 0)) FROM outbox o JOIN letter_bodies b ON b.letter = o.id WHERE o.id IN (",
    after: ") ORDER BY o.id",
};
const LETTERS_SINCE: Around = Around {
    before: "SELECT v.column1, (SELECT COUNT(*) FROM outbox o WHERE o.recipient_key = v.column2 \
             AND o.kind = v.column3 AND o.written_at >= v.column4) FROM (VALUES ",
    after: ") AS v",
};
const ENTRY: &str = "SELECT id, case_id, ordinal, kind, channel, recipient, message_id, state, attempts, \
                     written_at, next_at, reply, (SELECT COUNT(*) FROM attempts a WHERE a.letter = outbox.id \
                     AND a.attempt = outbox.attempts AND a.state IS NULL) FROM outbox";

/// Puts letters into the outbox: due at once, or held.
pub(super) async fn add(connection: &mut AnyConnection, letters: &[(CaseNumber, &Composed)]) -> Outcome<()> {
    let rows = letters.iter().map(|(case, composed)| letter_values(*case, composed)).collect();
    sql::write(connection, ADD, rows).await?;
    let bodies = letters
        .iter()
        .map(|(_, composed)| [Value::text(composed.message_id.as_str()), Value::Blob(&composed.bytes)])
        .collect();
    let written = sql::write(connection, ADD_BODIES, bodies).await?;
    assert_eq!(written, letters.len() as u64, "each letter has its bytes");
    Ok(())
}

fn letter_values(case: CaseNumber, composed: &Composed) -> [Value<'_>; 11] {
    let letter = &composed.letter;
    let state = if composed.held { LetterState::Held } else { LetterState::Queued };
    // A letter on paper waits for a clerk, not for the relay.
    let next_at = (!composed.held && letter.channel == Channel::Mail).then_some(letter.written_at);
    [
        Value::Int(case.key()),
        letter.ordinal.into(),
        Value::text(letter.kind.word()),
        Value::text(letter.channel.word()),
        Value::text(letter.to.as_str()),
        Value::text(letter.to.inbox_key()),
        Value::text(composed.envelope_from.as_str()),
        Value::text(composed.message_id.as_str()),
        Value::text(state.word()),
        Value::instant(letter.written_at),
        Value::or_no_text(next_at.map(Value::instant)),
    ]
}

/// Each settlement must find the attempt it is about; else another one began.
pub(super) async fn settle(connection: &mut AnyConnection, settles: &[&Settle]) -> Outcome<()> {
    let rows: Vec<_> = settles.iter().map(|settle| settle_values(settle)).collect();
    if sql::write(connection, SETTLE, rows.clone()).await? != rows.len() as u64 {
        return Err(Failure::Conflict);
    }
    sql::write(connection, SETTLE_ATTEMPTS, rows).await?;
    Ok(())
}

fn settle_values(settle: &Settle) -> [Value<'_>; 5] {
    // Queued without an instant means at once.
    let next_at = (settle.state == LetterState::Queued)
        .then(|| Value::instant(settle.next_at.unwrap_or(Timestamp::UNIX_EPOCH)));
    [
        Value::Int(settle.letter),
        settle.attempt.into(),
        Value::text(settle.state.word()),
        Value::or_no_text(next_at),
        Value::foreign(&settle.reply),
    ]
}

pub(super) async fn claim(
    database: &Database,
    now: Timestamp,
    until: Timestamp,
    limit: u32,
    only_notices: bool,
) -> Outcome<Vec<Claimed>> {
    let due = due(database, now, limit, only_notices).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let mut write = database.begin().await?;
    let outcome = take(write.connection(), &due, now, until).await;
    match write.conclude(outcome).await {
        // Another instance took them.
        Err(Failure::Conflict) => Ok(Vec::new()),
        other => other,
    }
}

async fn due(
    database: &Database,
    now: Timestamp,
    limit: u32,
    only_notices: bool,
) -> Outcome<Vec<(i64, u32)>> {
    let sql = if only_notices {
        "SELECT id, attempts FROM outbox WHERE state = 'queued' AND next_at <= $1 AND kind = 'notice' \
         ORDER BY next_at, id LIMIT $2"
    } else {
        "SELECT id, attempts FROM outbox WHERE state = 'queued' AND next_at <= $1 \
         ORDER BY next_at, id LIMIT $2"
    };
    let mut reader = database.reader().await?;
    let rows = sqlx::query(sql).bind(instant_text(now)).bind(i64::from(limit));
    rows.fetch_all(&mut *reader).await?.iter().map(|row| Ok((row.int(0)?, row.small(1)?))).collect()
}

async fn take(
    connection: &mut AnyConnection,
    due: &[(i64, u32)],
    now: Timestamp,
    until: Timestamp,
) -> Outcome<Vec<Claimed>> {
    let rows = due.iter().map(|(id, before)| [Value::Int(*id), (*before).into(), Value::instant(until)]);
    let taken = sql::ask(connection, CLAIM, rows.collect(), |row| row.int(0)).await?;
    let keys: Vec<Value<'_>> = taken.iter().map(|id| Value::Int(*id)).collect();
    let begun = due
        .iter()
        .filter(|(id, _)| taken.contains(id))
        .map(|(id, before)| [Value::Int(*id), (before + 1).into(), Value::instant(now)]);
    sql::write(connection, BEGIN_ATTEMPTS, begun.collect()).await?;
    let mut claimed = sql::ask_in(connection, CLAIMED, &keys, claimed).await?;
    let order: BTreeMap<i64, usize> = due.iter().enumerate().map(|(i, (id, _))| (*id, i)).collect();
    claimed.sort_by_key(|letter| order[&letter.id]);
    Ok(claimed)
}

fn claimed(row: &AnyRow) -> Outcome<Claimed> {
    Ok(Claimed {
        id: row.int(0)?,
        case: row.case(1)?,
        ordinal: row.small(2)?,
        kind: row.word(3, LetterKind::from_word)?,
        attempt: row.small(4)?,
        written_at: row.instant(5)?,
        outgoing: Outgoing {
            envelope_from: row.address(6)?,
            recipient: row.address(7)?,
            bytes: row.blob(8)?,
        },
        cut_short: row.small(9)?,
    })
}

pub(super) async fn letters(
    database: &Database,
    state: Option<LetterState>,
    case: Option<CaseNumber>,
) -> Outcome<Vec<LetterEntry>> {
    let mut sql = format!("{ENTRY} WHERE TRUE");
    // A literal word, so that the partial indices serve.
    if let Some(state) = state {
        sql.push_str(" AND state = '");
        sql.push_str(state.word());
        sql.push('\'');
    }
    if case.is_some() {
        sql.push_str(" AND case_id = $1");
    }
    sql.push_str(" ORDER BY id");
    let mut query = sqlx::query(AssertSqlSafe(sql));
    if let Some(case) = case {
        query = query.bind(case.key());
    }
    let mut reader = database.reader().await?;
    query.fetch_all(&mut *reader).await?.iter().map(letter_entry).collect()
}

pub(super) async fn letter(database: &Database, id: i64) -> Outcome<Option<(LetterEntry, Vec<u8>)>> {
    let mut reader = database.reader().await?;
    let row = sqlx::query(AssertSqlSafe(format!("{ENTRY} WHERE id = $1")))
        .bind(id)
        .fetch_optional(&mut *reader)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let body = sqlx::query("SELECT bytes FROM letter_bodies WHERE letter = $1")
        .bind(id)
        .fetch_one(&mut *reader)
        .await?;
    Ok(Some((letter_entry(&row)?, body.blob(0)?)))
}

fn letter_entry(row: &AnyRow) -> Outcome<LetterEntry> {
    let message_id = row.text(6)?;
    Ok(LetterEntry {
        id: row.int(0)?,
        case: row.case(1)?,
        ordinal: row.small(2)?,
        kind: row.word(3, LetterKind::from_word)?,
        channel: row.word(4, Channel::from_word)?,
        recipient: row.address(5)?,
        message_id: MessageId::parse(message_id)
            .ok_or_else(|| Failure::Corrupt(format!("a letter's Message-ID is damaged: {message_id:?}")))?,
        state: row.word(7, LetterState::from_word)?,
        attempts: row.small(8)?,
        written_at: row.instant(9)?,
        next_at: row.maybe_instant(10)?,
        reply: row.maybe_string(11)?,
        under_way: row.int(12)? > 0,
    })
}

pub(super) async fn next_attempt(database: &Database) -> Outcome<Option<Timestamp>> {
    let mut reader = database.reader().await?;
    sqlx::query("SELECT MIN(next_at) FROM outbox WHERE state = 'queued'")
        .fetch_one(&mut *reader)
        .await?
        .maybe_instant(0)
}

pub(super) async fn letters_since(
    database: &Database,
    kind: LetterKind,
    to: &[Address],
    since: Timestamp,
) -> Outcome<Vec<u64>> {
    let mut reader = database.reader().await?;
    let rows = to
        .iter()
        .zip(0_u32..)
        .map(|(address, i)| {
            [i.into(), Value::text(address.inbox_key()), Value::text(kind.word()), Value::instant(since)]
        })
        .collect();
    let mut counts =
        sql::ask(&mut reader, LETTERS_SINCE, rows, |row| Ok((row.int(0)?, row.count(1)?))).await?;
    counts.sort_unstable();
    Ok(counts.into_iter().map(|(_, count)| count).collect())
}

/// Handed over in an attempt begun since then; one that came back later was handed over all the same.
pub(super) async fn sent_since(database: &Database, since: Timestamp) -> Outcome<u64> {
    let mut reader = database.reader().await?;
    sqlx::query(
        "SELECT COUNT(*) FROM attempts a JOIN outbox o ON o.id = a.letter \
         WHERE a.state = 'sent' AND a.begun_at >= $1 AND o.kind <> 'notice'",
    )
    .bind(instant_text(since))
    .fetch_one(&mut *reader)
    .await?
    .count(0)
}
