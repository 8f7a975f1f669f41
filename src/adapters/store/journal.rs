//! The journal: written once, chained, never changed (the database itself refuses).

use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::database::Database;
use super::failure::{Failure, Outcome};
use super::sql::{self, Around, Columns as _, Value};
use crate::core::case::{JournalEntry, instant_text};
use crate::core::event::{Actor, Event};
use crate::core::ids::{CaseNumber, Digest};

const APPEND: Around = Around {
    before: "INSERT INTO journal (case_id, seq, at, actor, kind, body, prev_hash, hash) VALUES ",
    after: "",
};

/// An entry's text as it is stored and hashed, not yet chained.
pub(super) struct Draft {
    pub(super) seq: u32,
    at: Timestamp,
    actor: String,
    kind: &'static str,
    body: String,
}

impl Draft {
    pub(super) fn new(seq: u32, at: Timestamp, actor: &Actor, event: &Event) -> Self {
        assert!(
            at.subsec_nanosecond() % 1000 == 0,
            "the journal keeps whole microseconds: the clock cuts `now`, else the fold differs from the row"
        );
        Self {
            seq,
            at,
            actor: serde_json::to_string(actor).expect("an actor is text"),
            kind: event.kind(),
            body: serde_json::to_string(event).expect("events hold no map with keys other than text"),
        }
    }

    /// The row after the entry whose hash is given, and its own hash.
    pub(super) fn chained(self, case: CaseNumber, prev: Digest) -> ([Value<'static>; 8], Digest) {
        let hash = JournalEntry::hash(case, self.seq, self.at, &self.actor, &self.body, prev);
        let row = [
            Value::Int(case.key()),
            self.seq.into(),
            Value::text(instant_text(self.at)),
            Value::text(self.actor),
            Value::text(self.kind),
            Value::text(self.body),
            Value::digest(prev),
            Value::digest(hash),
        ];
        (row, hash)
    }
}

pub(super) async fn append(connection: &mut AnyConnection, rows: Vec<[Value<'_>; 8]>) -> Outcome<()> {
    sql::write(connection, APPEND, rows).await?;
    Ok(())
}

pub(super) async fn journal(database: &Database, number: CaseNumber) -> Outcome<Vec<JournalEntry>> {
    let mut reader = database.reader().await?;
    sqlx::query(
        "SELECT case_id, seq, at, actor, body, prev_hash, hash FROM journal WHERE case_id = $1 ORDER BY seq",
    )
    .bind(number.key())
    .fetch_all(&mut *reader)
    .await?
    .iter()
    .map(entry)
    .collect()
}

fn entry(row: &AnyRow) -> Outcome<JournalEntry> {
    let damaged = |error| Failure::Corrupt(format!("a journal entry cannot be read ({error})"));
    Ok(JournalEntry {
        case: row.case(0)?,
        seq: row.small(1)?,
        at: row.instant(2)?,
        actor: serde_json::from_str(row.text(3)?).map_err(damaged)?,
        event: serde_json::from_str(row.text(4)?).map_err(damaged)?,
        prev_hash: row.digest(5)?,
        hash: row.digest(6)?,
    })
}
