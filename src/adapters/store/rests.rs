//! What follows the beginning of a mail that came larger than the limit: parts in their order, without
//! a gap. The digest of the mail is that of its beginning until the last part has come.

use sqlx::AnyConnection;

use super::database::Database;
use super::failure::Outcome;
use super::sql::{self, Around, Columns as _, Value};
use crate::core::ids::Digesting;
use crate::ports::{Rest, StoredMail};

const KEEP: Around = Around { before: "INSERT INTO message_rests (message, start, raw) VALUES ", after: "" };
const BEGINNING: Around = Around { before: "SELECT raw FROM message_bodies WHERE message IN (", after: ")" };
const RESTS: Around =
    Around { before: "SELECT raw FROM message_rests WHERE message IN (", after: ") ORDER BY start" };

pub(super) async fn keep_more(database: &Database, rest: &Rest) -> Outcome<()> {
    let mut write = database.begin().await?;
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
    if !rest.raw.is_empty() {
        let part = [Value::Int(id), Value::Int(sql::signed(rest.start)), Value::Blob(&rest.raw)];
        sql::write(connection, KEEP, vec![part]).await?;
    }
    if rest.last { close(connection, id).await } else { Ok(()) }
}

/// All has come: the size is what is here, whatever the server said, and the digest that of the whole.
async fn close(connection: &mut AnyConnection, id: i64) -> Outcome<()> {
    let mut digest = Digesting::default();
    for statement in [BEGINNING, RESTS] {
        sql::ask_in(connection, statement, &[Value::Int(id)], |row| {
            digest.add(&row.blob(0)?);
            Ok(())
        })
        .await?;
    }
    sqlx::query("UPDATE messages SET bytes = kept_bytes, digest = $1 WHERE id = $2")
        .bind(digest.digest().to_string())
        .bind(id)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Completes the bytes of a mail, as far as they are kept.
pub(super) async fn append(connection: &mut AnyConnection, mail: &mut StoredMail) -> Outcome<()> {
    let raw = &mut mail.raw;
    sql::ask_in(connection, RESTS, &[Value::Int(mail.id)], |row| {
        raw.extend_from_slice(&row.blob(0)?);
        Ok(())
    })
    .await?;
    Ok(())
}
