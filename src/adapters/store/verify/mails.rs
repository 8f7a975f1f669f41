//! Each mail: its bytes are those whose digest was noted, its case and reception those of the journal;
//! and each mail that a journal names is kept.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::super::failure::Outcome;
use super::super::rests;
use super::super::sql::{self, Around, Columns as _, Value};
use super::{Findings, Seen};
use crate::core::ids::{CaseNumber, Digest, Digesting};

/// Mails looked at in one go, and their bytes.
const PAGE: i64 = 200;
const PAGE_BYTES: i64 = 4 * 1024 * 1024;

const BODIES: Around =
    Around { before: "SELECT message, raw FROM message_bodies WHERE message IN (", after: ")" };
const NAMED: Around = Around { before: "SELECT digest FROM messages WHERE digest IN (", after: ")" };
const TOLD: Around = Around { before: "SELECT id FROM messages WHERE id IN (", after: ")" };

/// A mail's row.
struct Row {
    id: i64,
    digest: String,
    kept_bytes: u64,
    is_whole: bool,
    case: Option<CaseNumber>,
    received_at: Timestamp,
}

/// How many mails there are.
pub(super) async fn verify(
    connection: &mut AnyConnection,
    seen: &Seen,
    findings: &mut Findings,
) -> Outcome<u64> {
    let mut mails = 0;
    let mut after = 0;
    loop {
        let page = page(connection, after).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.id;
        mails += page.len() as u64;
        bodies(connection, &page, findings).await?;
        for row in &page {
            belonging(row, seen, findings);
        }
    }
    missing(connection, seen, findings).await?;
    Ok(mails)
}

/// A mail said to be in a case is in its journal too, with the same reception: on that the clocks rest.
fn belonging(row: &Row, seen: &Seen, findings: &mut Findings) {
    let (Some(case), Some(digest)) = (row.case, Digest::parse(&row.digest)) else {
        return;
    };
    let what = match seen.named.get(&(digest, case)) {
        Some(noted) if *noted == row.received_at => return,
        Some(_) => "its reception is not that of the journal",
        None => "is said to be in the case, whose journal does not name it",
    };
    findings.add(case, format!("mail {}", row.id), what);
}

/// The next mails with their digests, of bounded size together.
async fn page(connection: &mut AnyConnection, after: i64) -> Outcome<Vec<Row>> {
    let rows = sqlx::query(
        "SELECT id, digest, kept_bytes, case_id, received_at, bytes FROM messages WHERE id > $1 ORDER BY id LIMIT $2",
    )
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
        page.push(Row {
            id: row.int(0)?,
            digest: row.string(1)?,
            kept_bytes: row.count(2)?,
            is_whole: row.count(2)? >= row.count(5)?,
            case: row.maybe_case(3)?,
            received_at: row.instant(4)?,
        });
    }
    Ok(page)
}

async fn bodies(connection: &mut AnyConnection, page: &[Row], findings: &mut Findings) -> Outcome<()> {
    let keys: Vec<Value<'_>> = page.iter().map(|row| Value::Int(row.id)).collect();
    let mut found: BTreeMap<i64, Bytes> =
        sql::ask_in(connection, BODIES, &keys, |row| Ok((row.int(0)?, Bytes::beginning(&row.blob(1)?))))
            .await?
            .into_iter()
            .collect();
    for row in page {
        let what = match found.remove(&row.id) {
            None => "its bytes are missing",
            Some(beginning) => {
                let bytes = with_rests(connection, row, beginning).await?;
                if bytes.length != row.kept_bytes {
                    "a part of its bytes is missing"
                } else if row.is_whole && bytes.digest.digest().to_string() != row.digest {
                    "its bytes are not those that arrived: the digest differs"
                } else {
                    continue;
                }
            }
        };
        findings.add(None, format!("mail {}", row.id), what);
    }
    Ok(())
}

/// What was found of a mail's bytes, in their order and without a gap.
struct Bytes {
    digest: Digesting,
    length: u64,
}

impl Bytes {
    fn beginning(raw: &[u8]) -> Self {
        let mut bytes = Self { digest: Digesting::default(), length: 0 };
        bytes.add(raw);
        bytes
    }

    fn add(&mut self, part: &[u8]) {
        self.digest.add(part);
        self.length += part.len() as u64;
    }
}

async fn with_rests(connection: &mut AnyConnection, row: &Row, beginning: Bytes) -> Outcome<Bytes> {
    let mut bytes = beginning;
    while bytes.length > 0
        && bytes.length < row.kept_bytes
        && let Some(part) = rests::part(connection, row.id, bytes.length).await?
    {
        bytes.add(&part);
    }
    Ok(bytes)
}

async fn missing(connection: &mut AnyConnection, seen: &Seen, findings: &mut Findings) -> Outcome<()> {
    let digests: BTreeSet<Digest> = seen.named.keys().map(|(digest, _)| *digest).collect();
    let keys: Vec<Value<'_>> = digests.into_iter().map(Value::digest).collect();
    let kept: BTreeSet<String> =
        sql::ask_in(connection, NAMED, &keys, |row| row.string(0)).await?.into_iter().collect();
    for (digest, case) in seen.named.keys() {
        if !kept.contains(&digest.to_string()) {
            findings.add(
                *case,
                format!("mail with digest {digest}"),
                "the journal names it, but it is not kept",
            );
        }
    }
    let keys: Vec<Value<'_>> = seen.told.iter().map(|id| Value::Int(*id)).collect();
    let kept: BTreeSet<i64> =
        sql::ask_in(connection, TOLD, &keys, |row| row.int(0)).await?.into_iter().collect();
    for id in seen.told.difference(&kept) {
        findings.add(CaseNumber::DESK, format!("mail {id}"), "was set aside and is not kept any more");
    }
    Ok(())
}
