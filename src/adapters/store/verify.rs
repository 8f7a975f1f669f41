//! Proves that nothing was changed behind our back: chain, fold, rows and mails against each other.
//!
//! Works on the stored text, not on what we would write today, in one snapshot and in bounded memory.
//! Not here: whether the server's mailbox agrees; that is the caller's.

mod chain;
mod mails;
mod projections;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sqlx::{AnyConnection, Executor as _};

use super::counters;
use super::database::{Database, Kind};
use super::failure::Outcome;
use super::sql::Columns as _;
use crate::core::ids::{CaseNumber, Digest};

/// Cases looked at in one go.
const PAGE: i64 = 200;

/// What was looked at, and what is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// Journals, that of the desk itself included.
    pub cases: u64,
    pub entries: u64,
    pub letters: u64,
    pub mails: u64,
    /// SHA-256 over all cases and the hashes of their last entries: noted elsewhere by an auditor, it
    /// shows later that no journal was exchanged as a whole.
    pub head: Digest,
    pub findings: Vec<Finding>,
}

/// One thing that is not as it must be. Names no person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub case: Option<CaseNumber>,
    /// Where: `journal entry 3`, `mail 17`.
    pub place: String,
    pub what: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.case {
            Some(case) => write!(f, "{case}, {}: {}", self.place, self.what),
            None => write!(f, "{}: {}", self.place, self.what),
        }
    }
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(
        &mut self,
        case: impl Into<Option<CaseNumber>>,
        place: impl Into<String>,
        what: impl Into<String>,
    ) {
        self.0.push(Finding { case: case.into(), place: place.into(), what: what.into() });
    }
}

pub(super) async fn verify(database: &Database) -> Outcome<Verified> {
    // A connection of its own: dropped halfway, it ends the snapshot.
    let mut connection = database.connect().await?;
    connection
        .execute(match database.kind() {
            Kind::Sqlite => "BEGIN",
            Kind::Postgres => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0"
            }
        })
        .await?;
    let mut findings = Findings::default();
    let seen = chain::verify(&mut connection, &mut findings).await?;
    strays(&mut connection, &mut findings).await?;
    serials(&mut connection, &seen.numbers, &mut findings).await?;
    let mails = mails::verify(&mut connection, &seen, &mut findings).await?;
    Ok(Verified {
        cases: seen.numbers.len() as u64,
        entries: seen.entries,
        letters: seen.letters,
        mails,
        head: Digest::of(seen.heads.as_bytes()),
        findings: findings.0,
    })
}

/// What the journals told.
#[derive(Default)]
struct Seen {
    numbers: BTreeSet<CaseNumber>,
    entries: u64,
    letters: u64,
    /// A line for each case: its key and its head.
    heads: String,
    /// Mails that journals name, each with the case that does and the reception noted there.
    named: BTreeMap<(Digest, CaseNumber), Timestamp>,
    /// Mails that a human was told of, by their number.
    told: BTreeSet<i64>,
}

/// Rows that belong to no case row.
async fn strays(connection: &mut AnyConnection, findings: &mut Findings) -> Outcome<()> {
    for (table, sql) in [
        ("journal", "SELECT DISTINCT case_id FROM journal WHERE case_id NOT IN (SELECT number FROM cases)"),
        ("outbox", "SELECT DISTINCT case_id FROM outbox WHERE case_id NOT IN (SELECT number FROM cases)"),
        (
            "deadlines",
            "SELECT DISTINCT case_id FROM deadlines WHERE case_id NOT IN (SELECT number FROM cases)",
        ),
        ("threads", "SELECT DISTINCT case_id FROM threads WHERE case_id NOT IN (SELECT number FROM cases)"),
        (
            "messages",
            "SELECT DISTINCT case_id FROM messages WHERE case_id IS NOT NULL AND case_id NOT IN (SELECT number FROM cases)",
        ),
    ] {
        for row in sqlx::query(sql).fetch_all(&mut *connection).await? {
            let key = row.int(0)?;
            findings.add(CaseNumber::from_key(key), table, format!("there is no case with the key {key}"));
        }
    }
    Ok(())
}

/// Serials of a year run from 1 without a gap, and the counter stands at the last.
async fn serials(
    connection: &mut AnyConnection,
    numbers: &BTreeSet<CaseNumber>,
    findings: &mut Findings,
) -> Outcome<()> {
    let mut last: BTreeMap<u16, u32> = BTreeMap::new();
    for number in numbers.iter().filter(|number| **number != CaseNumber::DESK) {
        let before = last.insert(number.year(), number.serial()).unwrap_or_default();
        if number.serial() != before + 1 {
            let what =
                format!("the cases with the serials {} to {} are missing", before + 1, number.serial() - 1);
            findings.add(*number, "serial", what);
        }
    }
    let counters =
        sqlx::query("SELECT name, value FROM counters ORDER BY name").fetch_all(&mut *connection).await?;
    for row in &counters {
        let (name, value) = (row.text(0)?, row.small(1)?);
        let year = last.keys().copied().find(|year| counters::name(*year) == name);
        let found = year.and_then(|year| last.remove(&year)).unwrap_or_default();
        if found != value {
            findings.add(
                None,
                format!("counter {name}"),
                format!("stands at {value}, the last case is {found}"),
            );
        }
    }
    for (year, serial) in last {
        findings.add(
            None,
            format!("counter {}", counters::name(year)),
            format!("is missing; the last case is {serial}"),
        );
    }
    Ok(())
}
