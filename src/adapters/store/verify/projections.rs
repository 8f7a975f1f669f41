//! The rows that follow from a case, deadlines and letters, against the case as its journal tells it.

use std::collections::{BTreeMap, BTreeSet};

use futures::TryStreamExt as _;
use sqlx::AnyConnection;

use super::super::failure::Outcome;
use super::super::sql::Columns as _;
use super::Findings;
use crate::core::case::{Case, instant_text};
use crate::core::ids::Digest;
use crate::core::letter::LetterState;

/// Deadlines and letters of a range of cases, by the case's key.
#[derive(Default)]
pub(super) struct Projections {
    deadlines: BTreeMap<i64, BTreeSet<(String, String)>>,
    letters: BTreeMap<i64, BTreeMap<i64, Row>>,
}

struct Row {
    kind: String,
    recipient: String,
    written_at: String,
    state: String,
    bytes: Option<Digest>,
}

pub(super) async fn read(connection: &mut AnyConnection, first: i64, last: i64) -> Outcome<Projections> {
    let mut all = Projections::default();
    let deadlines =
        sqlx::query("SELECT case_id, clock, due_at FROM deadlines WHERE case_id >= $1 AND case_id <= $2");
    for row in deadlines.bind(first).bind(last).fetch_all(&mut *connection).await? {
        all.deadlines.entry(row.int(0)?).or_default().insert((row.string(1)?, row.string(2)?));
    }
    let mut letters = sqlx::query(
        "SELECT o.case_id, o.ordinal, o.kind, o.recipient, o.written_at, o.state, b.bytes \
         FROM outbox o LEFT JOIN letter_bodies b ON b.letter = o.id WHERE o.case_id >= $1 AND o.case_id <= $2",
    )
    .bind(first)
    .bind(last)
    // Row by row: the bytes of many letters are never in memory together.
    .fetch(&mut *connection);
    while let Some(row) = letters.try_next().await? {
        let letter = Row {
            kind: row.string(2)?,
            recipient: row.string(3)?,
            written_at: row.string(4)?,
            state: row.string(5)?,
            bytes: row.maybe_blob(6)?.map(|bytes| Digest::of(&bytes)),
        };
        all.letters.entry(row.int(0)?).or_default().insert(row.int(1)?, letter);
    }
    drop(letters);
    Ok(all)
}

impl Projections {
    /// Tells the differences; how many letters the outbox has of the case.
    pub(super) fn compare(&self, case: &Case, findings: &mut Findings) -> u64 {
        self.compare_deadlines(case, findings);
        self.compare_letters(case, findings)
    }

    fn compare_deadlines(&self, case: &Case, findings: &mut Findings) {
        let none = BTreeSet::new();
        let stored = self.deadlines.get(&case.number.key()).unwrap_or(&none);
        let expected: BTreeSet<(String, String)> =
            case.pending().map(|(clock, at)| (clock.word().to_owned(), instant_text(at))).collect();
        for (clock, at) in expected.difference(stored) {
            findings.add(case.number, format!("deadline {clock}"), format!("the row for {at} is missing"));
        }
        for (clock, at) in stored.difference(&expected) {
            findings.add(case.number, format!("deadline {clock}"), format!("no event set it to {at}"));
        }
    }

    fn compare_letters(&self, case: &Case, findings: &mut Findings) -> u64 {
        let none = BTreeMap::new();
        let stored = self.letters.get(&case.number.key()).unwrap_or(&none);
        for ordinal in stored
            .keys()
            .filter(|ordinal| u32::try_from(**ordinal).is_ok_and(|o| !case.letters.contains_key(&o)))
        {
            findings.add(case.number, format!("letter {ordinal}"), "no event wrote it");
        }
        for (ordinal, letter) in &case.letters {
            let place = format!("letter {ordinal}");
            let Some(row) = stored.get(&i64::from(*ordinal)) else {
                findings.add(case.number, place, "is not in the outbox");
                continue;
            };
            if (&*row.kind, &*row.recipient) != (letter.kind.word(), letter.to.as_str()) {
                findings.add(case.number, &place, "kind or recipient differs from the journal");
            }
            if row.written_at != instant_text(letter.written_at) {
                findings.add(case.number, &place, "the instant of writing differs from the journal");
            }
            if !LetterState::from_word(&row.state).is_some_and(|state| agrees(letter.state, state)) {
                let what = format!("is {} in the outbox and {} by the journal", row.state, letter.state);
                findings.add(case.number, &place, what);
            }
            match (row.bytes, letter.bytes) {
                (None, _) => findings.add(case.number, &place, "its bytes are missing"),
                (Some(stored), Some(written)) if stored != written => {
                    findings.add(case.number, &place, "its bytes are not those that were written");
                }
                (Some(_), _) => {}
            }
        }
        stored.len() as u64
    }
}

/// The journal does not know `held`; and what came back (failed) was handed over (sent).
fn agrees(journal: LetterState, outbox: LetterState) -> bool {
    journal == outbox
        || matches!(
            (journal, outbox),
            (LetterState::Queued, LetterState::Held) | (LetterState::Failed, LetterState::Sent)
        )
}
