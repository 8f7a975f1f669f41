//! The serials of a year, which leave no gap: a new case takes the next one or is not written.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use super::database::Database;
use super::failure::{Failure, Outcome};
use super::sql::Columns as _;
use crate::core::ids::CaseNumber;

pub(super) fn name(year: u16) -> String {
    format!("case-{year:04}")
}

pub(super) async fn last_serial(database: &Database, year: u16) -> Outcome<u32> {
    let mut reader = database.reader().await?;
    let row = sqlx::query("SELECT value FROM counters WHERE name = $1")
        .bind(name(year))
        .fetch_optional(&mut *reader)
        .await?;
    row.map_or(Ok(0), |row| row.small(0))
}

/// Takes the serials of new cases; those of one year must follow the last one and each other.
pub(super) async fn take(
    connection: &mut AnyConnection,
    new: impl Iterator<Item = CaseNumber>,
) -> Outcome<()> {
    let mut years: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
    for number in new.filter(|number| *number != CaseNumber::DESK) {
        years.entry(number.year()).or_default().push(number.serial());
    }
    for (year, mut serials) in years {
        serials.sort_unstable();
        if serials.windows(2).any(|pair| pair[1] != pair[0] + 1) {
            return Err(Failure::Conflict);
        }
        let (first, last) = (serials[0], serials[serials.len() - 1]);
        advance(connection, &name(year), first - 1, last).await?;
    }
    Ok(())
}

async fn advance(connection: &mut AnyConnection, name: &str, from: u32, to: u32) -> Outcome<()> {
    let moved = sqlx::query("UPDATE counters SET value = $1 WHERE name = $2 AND value = $3")
        .bind(i64::from(to))
        .bind(name)
        .bind(i64::from(from))
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if moved == 1 {
        return Ok(());
    }
    if from == 0 {
        let begun = sqlx::query("INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(i64::from(to))
            .execute(&mut *connection)
            .await?
            .rows_affected();
        if begun == 1 {
            return Ok(());
        }
    }
    Err(Failure::Conflict)
}
