//! How each watched folder fares: for people to read, nothing is decided by it.

use jiff::Timestamp;

use super::database::Database;
use super::failure::{Failure, Outcome};
use super::sql::Columns as _;
use crate::core::case::instant_text;
use crate::ports::MailboxHealth;

/// A success leaves the last error to be read, with its instant before the success.
pub(super) async fn record(
    database: &Database,
    label: &str,
    at: Timestamp,
    error: Option<&str>,
) -> Outcome<()> {
    let mut write = database.begin().await?;
    let query = match error {
        None => sqlx::query(
            "INSERT INTO mailboxes (label, last_success) VALUES ($1, $2) \
             ON CONFLICT (label) DO UPDATE SET last_success = excluded.last_success",
        ),
        Some(_) => sqlx::query(
            "INSERT INTO mailboxes (label, last_error_at, last_error) VALUES ($1, $2, $3) \
             ON CONFLICT (label) DO UPDATE SET last_error_at = excluded.last_error_at, \
             last_error = excluded.last_error",
        ),
    };
    let query = query.bind(label.to_owned()).bind(instant_text(at));
    let query = match error {
        None => query,
        Some(error) => query.bind(error.replace('\0', "\u{fffd}")),
    };
    let outcome = query.execute(write.connection()).await.map_err(Failure::from);
    write.conclude(outcome).await?;
    Ok(())
}

pub(super) async fn health(database: &Database) -> Outcome<Vec<MailboxHealth>> {
    let mut reader = database.reader().await?;
    sqlx::query("SELECT label, last_success, last_error, last_error_at FROM mailboxes ORDER BY label")
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(|row| {
            Ok(MailboxHealth {
                label: row.string(0)?,
                last_success: row.maybe_instant(1)?,
                last_error: row.maybe_string(2)?,
                last_error_at: row.maybe_instant(3)?,
            })
        })
        .collect()
}
