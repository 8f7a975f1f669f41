//! What is known of a mail before it is decided upon: its twin, and the cases that it points to.
//!
//! A handful of statements for a whole batch. What a batch's earlier mails say is known to the later
//! ones, since none of them is filed yet.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::AnyConnection;

use super::cases;
use super::database::Database;
use super::failure::Outcome;
use super::sql::{self, Around, Columns as _, Value};
use crate::core::case::Case;
use crate::core::ids::{CaseNumber, Digest, MessageId};
use crate::core::route::Known;
use crate::core::thread::{Candidate, Evidence};
use crate::ports::Clues;

/// A twin has the same bytes, or the same Message-ID and content (TRAPS 5, 6, 7, 28). A duplicate is
/// nobody's twin: a mail that was set aside and is tried again must not be filed as its own copy's copy.
/// Nor is a robot's mail the twin of a person's: a list's copy, or a forgery marked as bulk, comes first,
/// opens nothing, and must not make us drop what the person wrote.
const LOOKUP: Around = Around {
    before: "SELECT v.column1, \
        (SELECT m.digest FROM messages m WHERE m.digest = v.column2 AND m.disposition <> 'duplicate' \
          AND m.id <> v.column6 AND (m.disposition <> 'received' OR m.id < v.column6) \
          ORDER BY m.id LIMIT 1), \
        (SELECT m.digest FROM messages m WHERE m.content = v.column3 AND m.message_id = v.column4 \
          AND m.disposition <> 'duplicate' AND (m.origin = 'human' OR m.disposition = 'set_aside') \
          AND m.id <> v.column6 AND (m.disposition <> 'received' OR m.id < v.column6) \
          ORDER BY m.id LIMIT 1), \
        (SELECT m.case_id FROM messages m WHERE m.content = v.column3 AND m.case_id IS NOT NULL \
          AND m.disposition <> 'duplicate' AND m.sender = v.column5 AND m.id <> v.column6 \
          ORDER BY m.id DESC LIMIT 1) \
        FROM (VALUES ",
    after: ") AS v",
};
const THREADS: Around = Around {
    before: "SELECT message_id, case_id FROM threads WHERE message_id IN (",
    after: ") ORDER BY message_id, case_id DESC",
};
/// Cases that one Message-ID may point to, newest first: senders reuse ids (TRAPS 5), and no flood of
/// them may slow down the answer.
const CASES_AN_ID: usize = 20;

const ADD: Around = Around {
    before: "INSERT INTO threads (message_id, case_id, direction) VALUES ",
    after: " ON CONFLICT DO NOTHING",
};

/// A Message-ID that belongs to a case from now on; `in` or `out`.
pub(super) type Belonging<'m> = (&'m MessageId, CaseNumber, &'static str);

pub(super) async fn add(connection: &mut AnyConnection, ids: &[Belonging<'_>]) -> Outcome<()> {
    let rows = ids
        .iter()
        .map(|(id, case, direction)| {
            [Value::foreign(id.as_str()), Value::Int(case.key()), Value::text(*direction)]
        })
        .collect();
    sql::write(connection, ADD, rows).await?;
    Ok(())
}

pub(super) async fn known(database: &Database, clues: &[Clues]) -> Outcome<Vec<Known>> {
    let mut reader = database.reader().await?;
    let found = lookup(&mut reader, clues).await?;
    let threads = threads(&mut reader, clues).await?;
    let pointed: Vec<Vec<(Evidence, CaseNumber)>> = clues
        .iter()
        .zip(&found)
        .map(|(clue, found)| pointed_to(clue, &threads, found.same_content))
        .collect();
    let numbers: BTreeSet<CaseNumber> = pointed.iter().flatten().map(|(_, case)| *case).collect();
    let cases = cases::read(&mut reader, &numbers).await?;
    let batch = Batch::of(clues);
    let all = clues.iter().zip(&found).zip(&pointed);
    Ok(all
        .map(|((clue, found), pointed)| Known {
            twin: found.twin.or_else(|| batch.twin(clue)),
            candidates: candidates(pointed, &cases),
        })
        .collect())
}

/// What the stored mails say of one.
struct Found {
    twin: Option<Digest>,
    same_content: Option<CaseNumber>,
}

/// In the order of the clues.
async fn lookup(connection: &mut AnyConnection, clues: &[Clues]) -> Outcome<Vec<Found>> {
    let rows = clues
        .iter()
        .zip(0_u32..)
        .map(|(clue, position)| {
            [
                position.into(),
                Value::digest(clue.digest),
                Value::digest(clue.content),
                Value::or_no_text(clue.message_id.as_ref().map(|id| Value::foreign(id.as_str()))),
                Value::or_no_text(clue.sender.as_ref().map(|sender| Value::text(sender.key()))),
                Value::Int(clue.mail),
            ]
        })
        .collect();
    let mut found = sql::ask(connection, LOOKUP, rows, |row| {
        let twin = match row.maybe_digest(1)? {
            Some(same_bytes) => Some(same_bytes),
            None => row.maybe_digest(2)?,
        };
        Ok((row.int(0)?, Found { twin, same_content: row.maybe_case(3)? }))
    })
    .await?;
    found.sort_by_key(|(position, _)| *position);
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

async fn threads(
    connection: &mut AnyConnection,
    clues: &[Clues],
) -> Outcome<BTreeMap<String, Vec<CaseNumber>>> {
    let ids: BTreeSet<&str> = clues.iter().flat_map(|clue| &clue.answered).map(MessageId::as_str).collect();
    let keys: Vec<Value<'_>> = ids.into_iter().map(Value::foreign).collect();
    let rows = sql::ask_in(connection, THREADS, &keys, |row| Ok((row.string(0)?, row.case(1)?))).await?;
    let mut threads: BTreeMap<String, Vec<CaseNumber>> = BTreeMap::new();
    for (id, case) in rows {
        let cases = threads.entry(id).or_default();
        if cases.len() < CASES_AN_ID {
            cases.push(case);
        }
    }
    Ok(threads)
}

/// All that a mail points to, in the order of its clues, nothing twice.
fn pointed_to(
    clue: &Clues,
    threads: &BTreeMap<String, Vec<CaseNumber>>,
    same_content: Option<CaseNumber>,
) -> Vec<(Evidence, CaseNumber)> {
    let answered = clue.answered.iter().filter_map(|id| threads.get(id.as_str())).flatten();
    let all = clue
        .signed
        .iter()
        .copied()
        .chain(answered.map(|case| (Evidence::KnownMessageId, *case)))
        .chain(clue.references.iter().map(|case| (Evidence::Reference, *case)))
        .chain(same_content.map(|case| (Evidence::SameContent, case)));
    let mut seen = BTreeSet::new();
    all.filter(|pointer| seen.insert(*pointer)).collect()
}

/// Only cases that exist are candidates.
fn candidates(pointed: &[(Evidence, CaseNumber)], cases: &BTreeMap<CaseNumber, Case>) -> Vec<Candidate> {
    pointed
        .iter()
        .filter_map(|(evidence, case)| {
            let participants = cases.get(case)?.participants.clone();
            Some(Candidate { case: *case, evidence: *evidence, participants })
        })
        .collect()
}

/// The mails of one batch: the same mail delivered to two of our addresses often comes in one (TRAPS 28).
struct Batch<'c> {
    first: BTreeMap<(&'c MessageId, Digest), (i64, Digest)>,
}

impl<'c> Batch<'c> {
    fn of(clues: &'c [Clues]) -> Self {
        let mut first: BTreeMap<(&MessageId, Digest), (i64, Digest)> = BTreeMap::new();
        for clue in clues {
            if let Some(id) = &clue.message_id {
                let entry = first.entry((id, clue.content)).or_insert((clue.mail, clue.digest));
                if clue.mail < entry.0 {
                    *entry = (clue.mail, clue.digest);
                }
            }
        }
        Self { first }
    }

    fn twin(&self, clue: &Clues) -> Option<Digest> {
        let (mail, digest) = self.first.get(&(clue.message_id.as_ref()?, clue.content))?;
        (*mail < clue.mail).then_some(*digest)
    }
}
