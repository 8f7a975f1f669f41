//! What follows the beginning of a large mail: parts in their order, without a gap, so that no database
//! call holds a large mail at once. Of a mail that is not whole yet the digest cannot be known.

use sqlx::AnyConnection;

use super::database::Database;
use super::failure::Outcome;
use super::sql::{self, Around, Columns as _, Value};
use crate::core::ids::Digesting;
use crate::ports::{Rest, StoredMail};

/// Longer than almost every mail; a longer one is kept in parts of this size.
const PART_BYTES: usize = 1024 * 1024;

const KEEP: Around = Around { before: "INSERT INTO message_rests (message, start, raw) VALUES ", after: "" };
pub(super) async fn keep_more(database: &Database, rest: &Rest) -> Outcome<()> {
    let mut write = database.begin().await?;
    write.counts(rest.raw.len());
    let outcome = extend(write.connection(), rest).await;
    write.conclude(outcome).await
}

async fn extend(connection: &mut AnyConnection, rest: &Rest) -> Outcome<()> {
    // The kept length is the lock: of two instances with the same part, one finds it moved on.
    let grown = sqlx::query(
        "UPDATE messages SET kept_bytes = $1 \
         WHERE mailbox = $2 AND folder = $3 AND validity = $4 AND uid = $5 AND kept_bytes = $6 RETURNING id",
    )
    .bind(sql::signed(rest.start.saturating_add(rest.raw.len() as u64)))
    .bind(rest.place.mailbox.clone())
    .bind(rest.place.folder.clone())
    .bind(i64::from(rest.place.validity))
    .bind(rest.place.uid.clone())
    .bind(sql::signed(rest.start))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(id) = grown.map(|row| row.int(0)).transpose()? else { return Ok(()) };
    write(connection, id, rest.start, &rest.raw).await?;
    if rest.last { close(connection, id).await } else { Ok(()) }
}

/// All has come: the size is what is here, whatever the server said, and the digest that of the whole.
async fn close(connection: &mut AnyConnection, id: i64) -> Outcome<()> {
    let mut digest = Digesting::default();
    let mut start = 0;
    while let Some(part) = part(connection, id, start).await? {
        digest.add(&part);
        start += part.len() as u64;
    }
    sqlx::query("UPDATE messages SET bytes = kept_bytes, digest = $1 WHERE id = $2")
        .bind(digest.digest().to_string())
        .bind(id)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// The part of a new mail that `message_bodies` holds.
pub(super) fn beginning(raw: &[u8]) -> &[u8] {
    &raw[..raw.len().min(PART_BYTES)]
}

/// Keeps what follows the beginning of a new mail.
pub(super) async fn keep_further(connection: &mut AnyConnection, id: i64, raw: &[u8]) -> Outcome<()> {
    let kept = beginning(raw).len();
    write(connection, id, kept as u64, &raw[kept..]).await
}

async fn write(connection: &mut AnyConnection, id: i64, start: u64, raw: &[u8]) -> Outcome<()> {
    let mut start = start;
    for part in raw.chunks(PART_BYTES) {
        let row = [Value::Int(id), Value::Int(sql::signed(start)), Value::Blob(part)];
        sql::write(connection, KEEP, vec![row]).await?;
        start += part.len() as u64;
    }
    Ok(())
}

/// Completes the bytes of a mail, as far as they are kept.
pub(super) async fn append(connection: &mut AnyConnection, mail: &mut StoredMail, kept: u64) -> Outcome<()> {
    let further = kept.saturating_sub(mail.raw.len() as u64);
    mail.raw.reserve_exact(usize::try_from(further).unwrap_or(0));
    while let Some(part) = part(connection, mail.id, mail.raw.len() as u64).await? {
        mail.raw.extend_from_slice(&part);
    }
    Ok(())
}

/// The part that begins at `start`. One at a time: a driver reads rows ahead, and would hold all of them.
pub(super) async fn part(connection: &mut AnyConnection, id: i64, start: u64) -> Outcome<Option<Vec<u8>>> {
    let found = if start == 0 {
        sqlx::query("SELECT raw FROM message_bodies WHERE message = $1").bind(id)
    } else {
        sqlx::query("SELECT raw FROM message_rests WHERE message = $1 AND start = $2")
            .bind(id)
            .bind(sql::signed(start))
    };
    found.fetch_optional(connection).await?.map(|row| row.blob(0)).transpose()
}
