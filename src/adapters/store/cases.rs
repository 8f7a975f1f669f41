//! Case rows: the fold of each journal, as JSON, with the columns that are asked for.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::database::Database;
use super::failure::{Failure, Outcome};
use super::sql::{self, Around, Columns as _, Value};
use crate::core::case::Case;
use crate::core::ids::{CaseNumber, Digest};
use crate::ports::Tally;

const READ: Around = Around { before: "SELECT body FROM cases WHERE number IN (", after: ")" };
const HEADS: Around =
    Around { before: "SELECT number, seq, head_hash FROM cases WHERE number IN (", after: ")" };
const INSERT: Around =
    Around { before: "INSERT INTO cases (number, state, stage, seq, head_hash, body) VALUES ", after: "" };
const UPDATE: Around = Around {
    before: "UPDATE cases SET state = v.column3, stage = v.column4, seq = v.column5, \
             head_hash = v.column6, body = v.column7 FROM (VALUES ",
    after: ") AS v WHERE cases.number = v.column1 AND cases.seq = v.column2",
};

pub(super) async fn case(database: &Database, number: CaseNumber) -> Outcome<Option<Case>> {
    let mut reader = database.reader().await?;
    Ok(read(&mut reader, &BTreeSet::from([number])).await?.remove(&number))
}

/// All cases by number; the desk itself is none.
pub(super) async fn cases(database: &Database) -> Outcome<Vec<Case>> {
    let mut reader = database.reader().await?;
    let rows = sqlx::query("SELECT body FROM cases WHERE number <> 0 ORDER BY number");
    rows.fetch_all(&mut *reader).await?.iter().map(parse).collect()
}

pub(super) async fn read(
    connection: &mut AnyConnection,
    numbers: &BTreeSet<CaseNumber>,
) -> Outcome<BTreeMap<CaseNumber, Case>> {
    let keys: Vec<Value<'_>> = numbers.iter().map(|number| Value::Int(number.key())).collect();
    let cases = sql::ask_in(connection, READ, &keys, parse).await?;
    Ok(cases.into_iter().map(|case| (case.number, case)).collect())
}

fn parse(row: &AnyRow) -> Outcome<Case> {
    serde_json::from_str(row.text(0)?)
        .map_err(|error| Failure::Corrupt(format!("a stored case cannot be read ({error})")))
}

/// Length and last hash of journals.
pub(super) async fn heads(
    connection: &mut AnyConnection,
    numbers: impl Iterator<Item = CaseNumber>,
) -> Outcome<BTreeMap<CaseNumber, (u32, Digest)>> {
    let keys: Vec<Value<'_>> = numbers.map(|number| Value::Int(number.key())).collect();
    let read = |row: &AnyRow| Ok((row.case(0)?, (row.small(1)?, row.digest(2)?)));
    Ok(sql::ask_in(connection, HEADS, &keys, read).await?.into_iter().collect())
}

/// A case as it becomes.
pub(super) struct NewRow<'c> {
    pub(super) before_seq: u32,
    pub(super) after: &'c Case,
    pub(super) head: Digest,
}

pub(super) async fn write(connection: &mut AnyConnection, rows: &[NewRow<'_>]) -> Outcome<()> {
    let (new, changed): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.before_seq == 0);
    let new = new.into_iter().map(insert_values).collect::<Vec<_>>();
    sql::write(connection, INSERT, new).await?;
    let changed = changed.into_iter().map(update_values).collect::<Vec<_>>();
    let expected = changed.len() as u64;
    // The row's length is the lock: another change since then leaves a row unfound.
    if sql::write(connection, UPDATE, changed).await? == expected { Ok(()) } else { Err(Failure::Conflict) }
}

fn insert_values<'v>(row: &NewRow<'v>) -> [Value<'v>; 6] {
    let after = row.after;
    [
        Value::Int(after.number.key()),
        Value::text(after.state.word()),
        Value::Int(i64::from(after.stage)),
        after.seq.into(),
        Value::digest(row.head),
        Value::text(serde_json::to_string(after).expect("a case's maps have keys of text or number")),
    ]
}

fn update_values<'v>(row: &NewRow<'v>) -> [Value<'v>; 7] {
    let [number, state, stage, seq, head, body] = insert_values(row);
    [number, row.before_seq.into(), state, stage, seq, head, body]
}

pub(super) async fn tally(database: &Database) -> Outcome<Tally> {
    let mut reader = database.reader().await?;
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM cases WHERE state IN ('open', 'reexamination') AND number <> 0), \
                (SELECT COUNT(*) FROM messages WHERE disposition = 'received'), \
                (SELECT COUNT(*) FROM messages WHERE disposition = 'set_aside'), \
                (SELECT COUNT(*) FROM outbox WHERE state = 'queued'), \
                (SELECT COUNT(*) FROM outbox WHERE state = 'held'), \
                (SELECT COUNT(*) FROM outbox WHERE state = 'failed'), \
                (SELECT COUNT(*) FROM messages WHERE scan = 'unscanned' \
                 AND (case_id IS NOT NULL OR disposition = 'set_aside'))",
    )
    .fetch_one(&mut *reader)
    .await?;
    Ok(Tally {
        cases_open: row.count(0)?,
        mails_received: row.count(1)?,
        mails_set_aside: row.count(2)?,
        letters_queued: row.count(3)?,
        letters_held: row.count(4)?,
        letters_failed: row.count(5)?,
        mails_unscanned: row.count(6)?,
    })
}
