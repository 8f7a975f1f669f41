//! Mails that the virus scanner has still to look at, and what it said of them in the end.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use super::database::Database;
use super::failure::{Failure, Outcome};
use super::messages::{BODIES, KeptMail, complete, kept_mail, scan_value, within};
use super::sql::{self, Around, Columns as _, Value};
use crate::ports::{Rescan, Unscanned};

const RESCANNED: Around = Around {
    before: "UPDATE messages SET scan = v.column2 FROM (VALUES ",
    after: ") AS v WHERE messages.id = v.column1 AND messages.scan = 'unscanned'",
};

/// Nobody opens what was filed in no case: only what a human may open is looked at again.
pub(super) async fn unscanned(database: &Database, limit: u32, bytes: u64) -> Outcome<Vec<Unscanned>> {
    let mut reader = database.reader().await?;
    let waiting = sqlx::query(
        "SELECT id, kept_bytes, case_id, scan_tries FROM messages WHERE scan = 'unscanned' AND kept_bytes >= bytes \
         AND (case_id IS NOT NULL OR disposition = 'set_aside') ORDER BY scan_tries, id LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(&mut *reader)
    .await?;
    let ids = within(&waiting, bytes)?;
    let mut mails: BTreeMap<i64, KeptMail> = sql::ask_in(&mut reader, BODIES, &ids, kept_mail)
        .await?
        .into_iter()
        .map(|kept| (kept.mail.id, kept))
        .collect();
    let mut found = Vec::new();
    for row in &waiting {
        let (case, scan_tries) = (row.maybe_case(2)?, row.small(3)?);
        if let Some(mut kept) = mails.remove(&row.int(0)?) {
            // What was read was read whole; of a large one set aside the beginning is enough.
            if case.is_some() || kept.kept_bytes <= bytes {
                complete(&mut reader, &mut kept).await?;
            }
            kept.mail.whole &= kept.mail.raw.len() as u64 == kept.kept_bytes;
            found.push(Unscanned { mail: kept.mail, case, scan_tries });
        }
    }
    Ok(found)
}

pub(super) async fn scan_failed(database: &Database, mail: i64) -> Outcome<()> {
    let mut write = database.begin().await?;
    let outcome =
        sqlx::query("UPDATE messages SET scan_tries = scan_tries + 1 WHERE id = $1 AND scan = 'unscanned'")
            .bind(mail)
            .execute(write.connection())
            .await;
    write.conclude(outcome.map_err(Failure::from)).await?;
    Ok(())
}

/// Each mail must be unscanned still; else another instance was first.
pub(super) async fn rescanned(connection: &mut AnyConnection, rescans: &[&Rescan]) -> Outcome<()> {
    let rows: Vec<_> =
        rescans.iter().map(|rescan| [Value::Int(rescan.mail), scan_value(&rescan.scan)]).collect();
    let expected = rows.len() as u64;
    if sql::write(connection, RESCANNED, rows).await? == expected { Ok(()) } else { Err(Failure::Conflict) }
}
