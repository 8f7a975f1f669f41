//! Each mail: its bytes are those whose digest was noted; and each mail that a journal names is kept.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;

use super::super::failure::Outcome;
use super::super::sql::{self, Around, Columns as _, Value};
use super::Findings;
use crate::core::ids::{CaseNumber, Digest};

/// Mails looked at in one go, and their bytes.
const PAGE: i64 = 200;
const PAGE_BYTES: i64 = 4 * 1024 * 1024;

const BODIES: Around =
    Around { before: "SELECT message, raw FROM message_bodies WHERE message IN (", after: ")" };
const NAMED: Around = Around { before: "SELECT digest FROM messages WHERE digest IN (", after: ")" };

/// How many mails there are.
pub(super) async fn verify(
    connection: &mut AnyConnection,
    named: BTreeMap<Digest, CaseNumber>,
    findings: &mut Findings,
) -> Outcome<u64> {
    let mut mails = 0;
    let mut after = 0;
    loop {
        let page = page(connection, after).await?;
        let Some((last, _)) = page.last() else {
            break;
        };
        after = *last;
        mails += page.len() as u64;
        bodies(connection, &page, findings).await?;
    }
    missing(connection, named, findings).await?;
    Ok(mails)
}

/// The next mails with their digests, of bounded size together.
async fn page(connection: &mut AnyConnection, after: i64) -> Outcome<Vec<(i64, String)>> {
    let rows = sqlx::query("SELECT id, digest, kept_bytes FROM messages WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *connection)
        .await?;
    let mut page = Vec::new();
    let mut bytes: i64 = 0;
    for row in &rows {
        bytes = bytes.saturating_add(row.int(2)?);
        if bytes > PAGE_BYTES && !page.is_empty() {
            break;
        }
        page.push((row.int(0)?, row.string(1)?));
    }
    Ok(page)
}

async fn bodies(
    connection: &mut AnyConnection,
    page: &[(i64, String)],
    findings: &mut Findings,
) -> Outcome<()> {
    let keys: Vec<Value<'_>> = page.iter().map(|(id, _)| Value::Int(*id)).collect();
    let found: BTreeMap<i64, Digest> =
        sql::ask_in(connection, BODIES, &keys, |row| Ok((row.int(0)?, Digest::of(&row.blob(1)?))))
            .await?
            .into_iter()
            .collect();
    for (id, noted) in page {
        match found.get(id) {
            None => findings.add(None, format!("mail {id}"), "its bytes are missing"),
            Some(digest) if digest.to_string() != *noted => {
                findings.add(
                    None,
                    format!("mail {id}"),
                    "its bytes are not those that arrived: the digest differs",
                );
            }
            Some(_) => {}
        }
    }
    Ok(())
}

async fn missing(
    connection: &mut AnyConnection,
    named: BTreeMap<Digest, CaseNumber>,
    findings: &mut Findings,
) -> Outcome<()> {
    let keys: Vec<Value<'_>> = named.keys().map(|digest| Value::digest(*digest)).collect();
    let kept: BTreeSet<String> =
        sql::ask_in(connection, NAMED, &keys, |row| row.string(0)).await?.into_iter().collect();
    for (digest, case) in named {
        if !kept.contains(&digest.to_string()) {
            findings.add(
                case,
                format!("mail with digest {digest}"),
                "the journal names it, but it is not kept",
            );
        }
    }
    Ok(())
}
