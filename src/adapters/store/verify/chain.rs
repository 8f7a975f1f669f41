//! Each case: its chain without a gap, its row the fold of it, its columns those of the row.

use std::fmt::Write as _;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::super::failure::Outcome;
use super::super::sql::Columns as _;
use super::projections::{self, Projections};
use super::{Findings, PAGE, Seen};
use crate::core::case::{Case, JournalEntry, parse_instant};
use crate::core::event::{Actor, Event};
use crate::core::ids::{CaseNumber, Digest};
use crate::core::letter::Attention;

pub(super) async fn verify(connection: &mut AnyConnection, findings: &mut Findings) -> Outcome<Seen> {
    let mut seen = Seen::default();
    let mut after = -1;
    loop {
        let rows = sqlx::query(
            "SELECT number, state, stage, seq, head_hash, body FROM cases WHERE number > $1 \
             ORDER BY number LIMIT $2",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *connection)
        .await?;
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(seen);
        };
        let (first, last) = (first.int(0)?, last.int(0)?);
        let mut journal = entries(connection, first, last).await?.into_iter().peekable();
        let projections = projections::read(connection, first, last).await?;
        for row in &rows {
            let key = row.int(0)?;
            let mut own = Vec::new();
            while journal.peek().is_some_and(|entry| entry.case <= key) {
                own.extend(journal.next().filter(|entry| entry.case == key));
            }
            case(row, &own, &projections, &mut seen, findings)?;
        }
        after = last;
    }
}

/// A journal entry as it is stored.
struct Stored {
    case: i64,
    seq: i64,
    at: String,
    actor: String,
    kind: String,
    body: String,
    prev_hash: String,
    hash: String,
}

async fn entries(connection: &mut AnyConnection, first: i64, last: i64) -> Outcome<Vec<Stored>> {
    sqlx::query(
        "SELECT case_id, seq, at, actor, kind, body, prev_hash, hash FROM journal \
         WHERE case_id >= $1 AND case_id <= $2 ORDER BY case_id, seq",
    )
    .bind(first)
    .bind(last)
    .fetch_all(&mut *connection)
    .await?
    .iter()
    .map(|row| {
        Ok(Stored {
            case: row.int(0)?,
            seq: row.int(1)?,
            at: row.string(2)?,
            actor: row.string(3)?,
            kind: row.string(4)?,
            body: row.string(5)?,
            prev_hash: row.string(6)?,
            hash: row.string(7)?,
        })
    })
    .collect()
}

fn case(
    row: &AnyRow,
    journal: &[Stored],
    projections: &Projections,
    seen: &mut Seen,
    findings: &mut Findings,
) -> Outcome<()> {
    let key = row.int(0)?;
    let Some(number) = CaseNumber::from_key(key) else {
        findings.add(None, "case row", format!("no case can have the key {key}"));
        return Ok(());
    };
    seen.numbers.insert(number);
    seen.entries += journal.len() as u64;
    let (events, head) = chain(number, journal, findings);
    writeln!(seen.heads, "{key} {head}").expect("a String takes all text");
    for (_, event) in &events {
        match event {
            Event::MessageAdded(added) => {
                seen.named.entry((added.mail, number)).or_insert(added.received_at);
            }
            Event::AttentionRaised { attention: Attention::SetAside { mail, .. } } => {
                seen.told.insert(*mail);
            }
            _ => {}
        }
    }
    if row.text(4)? != head.to_string() {
        findings.add(number, "case row", "the hash of the last entry is not that of the journal");
    }
    let folded = Case::fold(number, events.iter().map(|(at, event)| (*at, event)));
    // Where an entry cannot be read the fold says nothing more.
    if events.len() == journal.len() {
        compare(row, &folded, findings)?;
    }
    seen.letters += projections.compare(&folded, findings);
    Ok(())
}

/// The events that can be read, and the hash that the stored text leads to.
fn chain(
    number: CaseNumber,
    journal: &[Stored],
    findings: &mut Findings,
) -> (Vec<(jiff::Timestamp, Event)>, Digest) {
    let mut events = Vec::with_capacity(journal.len());
    let mut prev = JournalEntry::GENESIS;
    for (entry, expected) in journal.iter().zip(1_u32..) {
        let place = format!("journal entry {}", entry.seq);
        if entry.seq != i64::from(expected) {
            findings.add(number, &place, format!("stands where entry {expected} must be"));
        }
        if entry.prev_hash != prev.to_string() {
            findings.add(number, &place, "does not follow the entry before it");
        }
        match read(entry) {
            Ok((at, event)) => {
                let hash = JournalEntry::hash(number, expected, at, &entry.actor, &entry.body, prev);
                if entry.hash != hash.to_string() {
                    findings.add(number, &place, "its text is not what was written: the hash differs");
                }
                if entry.kind != event.kind() {
                    findings.add(
                        number,
                        &place,
                        format!("its kind says {:?}, its text {:?}", entry.kind, event.kind()),
                    );
                }
                prev = hash;
                events.push((at, event));
            }
            Err(what) => {
                findings.add(number, &place, what);
                prev = Digest::parse(&entry.hash).unwrap_or(prev);
            }
        }
    }
    (events, prev)
}

fn read(entry: &Stored) -> Result<(jiff::Timestamp, Event), String> {
    let at = parse_instant(&entry.at).ok_or("its instant cannot be read")?;
    let event =
        serde_json::from_str(&entry.body).map_err(|error| format!("its text cannot be read ({error})"))?;
    serde_json::from_str::<Actor>(&entry.actor)
        .map_err(|error| format!("its actor cannot be read ({error})"))?;
    Ok((at, event))
}

fn compare(row: &AnyRow, folded: &Case, findings: &mut Findings) -> Outcome<()> {
    let number = folded.number;
    match serde_json::from_str::<Case>(row.text(5)?) {
        Ok(stored) if stored == *folded => {}
        Ok(_) => findings.add(number, "case row", "is not the fold of the journal"),
        Err(error) => findings.add(number, "case row", format!("cannot be read ({error})")),
    }
    let columns = [
        ("state", row.string(1)?, folded.state.word().to_owned()),
        ("stage", row.int(2)?.to_string(), folded.stage.to_string()),
        ("seq", row.int(3)?.to_string(), folded.seq.to_string()),
    ];
    for (name, stored, expected) in columns {
        if stored != expected {
            findings.add(
                number,
                "case row",
                format!("column {name} is {stored}, by the journal it is {expected}"),
            );
        }
    }
    Ok(())
}
