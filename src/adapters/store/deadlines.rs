//! The clocks that run, one row each: what `due` asks is answered by an index.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::database::Database;
use super::failure::Outcome;
use super::sql::{self, Around, Columns as _, Value};
use crate::core::case::{Case, Clock, instant_text};
use crate::core::ids::CaseNumber;

const CLEAR: Around = Around { before: "DELETE FROM deadlines WHERE case_id IN (", after: ")" };
const SET: Around = Around { before: "INSERT INTO deadlines (case_id, clock, due_at) VALUES ", after: "" };

/// Makes the rows of each case equal to its pending clocks; of a new case there are none yet.
pub(super) async fn replace(
    connection: &mut AnyConnection,
    existing: impl Iterator<Item = CaseNumber>,
    cases: impl Iterator<Item = &Case>,
) -> Outcome<()> {
    let keys: Vec<Value<'_>> = existing.map(|number| Value::Int(number.key())).collect();
    sql::write_in(connection, CLEAR, &keys).await?;
    let rows = cases
        .flat_map(|case| {
            case.pending().map(|(clock, due_at)| {
                [Value::Int(case.number.key()), Value::text(clock.word()), Value::instant(due_at)]
            })
        })
        .collect();
    sql::write(connection, SET, rows).await?;
    Ok(())
}

pub(super) async fn due(
    database: &Database,
    now: Timestamp,
    limit: u32,
) -> Outcome<Vec<(CaseNumber, Clock)>> {
    let mut reader = database.reader().await?;
    sqlx::query(
        "SELECT case_id, clock FROM deadlines WHERE due_at <= $1 ORDER BY due_at, case_id, clock LIMIT $2",
    )
    .bind(instant_text(now))
    .bind(i64::from(limit))
    .fetch_all(&mut *reader)
    .await?
    .iter()
    .map(|row| Ok((row.case(0)?, row.word(1, Clock::from_word)?)))
    .collect()
}
