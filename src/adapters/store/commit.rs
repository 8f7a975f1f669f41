//! One decision, or many, written in one transaction or not at all.
//!
//! Every write says what it builds on (a case's length, a year's last serial, a mail still received,
//! an attempt) and must find it; one that does not undoes all. So the same commit twice, or two
//! instances at once, write once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use sqlx::AnyConnection;

use super::cases::NewRow;
use super::database::Database;
use super::failure::{Failure, Outcome};
use super::journal::Draft;
use super::threads::Belonging;
use super::{cases, counters, deadlines, journal, messages, outbox, scans, threads};
use crate::core::case::{Case, JournalEntry};
use crate::core::ids::CaseNumber;
use crate::ports::{CaseChange, Commit, Committed, Composed, MailOutcome, Rescan, Settle};

pub(super) async fn commit(database: &Database, commits: &[Commit]) -> Outcome<Committed> {
    let Some(plan) = Plan::of(commits) else {
        return Ok(Committed::Conflict);
    };
    let mut write = database.begin().await?;
    write.counts(plan.bytes());
    let outcome = plan.write(write.connection()).await;
    match write.conclude(outcome).await {
        Ok(()) => Ok(Committed::Done),
        Err(Failure::Conflict) => Ok(Committed::Conflict),
        Err(failure) => Err(failure),
    }
}

/// What a batch of commits writes, by table.
#[derive(Default)]
struct Plan<'c> {
    cases: BTreeMap<CaseNumber, CasePlan<'c>>,
    letters: Vec<(CaseNumber, &'c Composed)>,
    outcomes: Vec<&'c MailOutcome>,
    settles: Vec<&'c Settle>,
    rescans: Vec<&'c Rescan>,
    threads: Vec<Belonging<'c>>,
}

/// A case's changes of one batch, one upon the other.
struct CasePlan<'c> {
    before_seq: u32,
    after: &'c Case,
    drafts: Vec<Draft>,
}

impl<'c> Plan<'c> {
    /// `None` where the commits contradict each other.
    fn of(commits: &'c [Commit]) -> Option<Self> {
        let mut plan = Self::default();
        for commit in commits {
            if let Some(change) = &commit.change {
                plan.change(change)?;
            }
            if let Some(outcome) = &commit.mail {
                plan.outcome(outcome);
            }
            plan.settles.extend(&commit.settle);
            plan.rescans.extend(&commit.rescan);
        }
        Some(plan)
    }

    fn change(&mut self, change: &'c CaseChange) -> Option<()> {
        let after = &change.after;
        let length = u32::try_from(change.events.len()).expect("a decision is a handful of events");
        assert_eq!(after.seq, change.before_seq + length, "the case after is the case before and the events");
        if change.events.is_empty() {
            assert!(change.letters.is_empty(), "a letter is written by an event");
            return Some(());
        }
        let case = match self.cases.entry(after.number) {
            Entry::Vacant(vacant) => {
                vacant.insert(CasePlan { before_seq: change.before_seq, after, drafts: Vec::new() })
            }
            Entry::Occupied(occupied) => {
                let case = occupied.into_mut();
                if case.after.seq != change.before_seq {
                    return None;
                }
                case.after = after;
                case
            }
        };
        let seqs = change.before_seq + 1..;
        case.drafts.extend(
            change
                .events
                .iter()
                .zip(seqs)
                .map(|(event, seq)| Draft::new(seq, change.at, &change.actor, event)),
        );
        self.letters.extend(change.letters.iter().map(|letter| (after.number, letter)));
        self.threads.extend(change.letters.iter().map(|letter| (&letter.message_id, after.number, "out")));
        Some(())
    }

    fn outcome(&mut self, outcome: &'c MailOutcome) {
        self.outcomes.push(outcome);
        let message_id = outcome.facts.as_ref().and_then(|facts| facts.message_id.as_ref());
        if let (Some(case), Some(id)) = (outcome.case, message_id) {
            self.threads.push((id, case, "in"));
        }
    }

    /// About what it takes: the letters, and some pages for the rows of each case.
    fn bytes(&self) -> usize {
        const CASE_BYTES: usize = 10_000;
        self.letters.iter().map(|(_, letter)| letter.bytes.len()).sum::<usize>()
            + self.cases.len() * CASE_BYTES
    }

    fn new_cases(&self) -> impl Iterator<Item = CaseNumber> + '_ {
        self.cases.iter().filter(|(_, case)| case.before_seq == 0).map(|(number, _)| *number)
    }

    fn existing_cases(&self) -> impl Iterator<Item = CaseNumber> + '_ {
        self.cases.iter().filter(|(_, case)| case.before_seq > 0).map(|(number, _)| *number)
    }

    async fn write(mut self, connection: &mut AnyConnection) -> Outcome<()> {
        counters::take(connection, self.new_cases()).await?;
        let (rows, entries) = self.chain(connection).await?;
        cases::write(connection, &rows).await?;
        journal::append(connection, entries).await?;
        let after = self.cases.values().map(|case| case.after);
        deadlines::replace(connection, self.existing_cases(), after).await?;
        outbox::add(connection, &self.letters).await?;
        outbox::settle(connection, &self.settles).await?;
        messages::settle(connection, &self.outcomes).await?;
        scans::rescanned(connection, &self.rescans).await?;
        threads::add(connection, &self.threads).await
    }

    /// Chains the entries of each case to the head that is stored.
    async fn chain(
        &mut self,
        connection: &mut AnyConnection,
    ) -> Outcome<(Vec<NewRow<'c>>, Vec<[super::sql::Value<'static>; 8]>)> {
        let heads = cases::heads(connection, self.existing_cases()).await?;
        let mut rows = Vec::with_capacity(self.cases.len());
        let mut entries = Vec::new();
        for (number, case) in &mut self.cases {
            let (seq, mut head) = match case.before_seq {
                0 => (0, JournalEntry::GENESIS),
                _ => *heads.get(number).ok_or(Failure::Conflict)?,
            };
            if seq != case.before_seq {
                return Err(Failure::Conflict);
            }
            for draft in case.drafts.drain(..) {
                let (row, hash) = draft.chained(*number, head);
                entries.push(row);
                head = hash;
            }
            rows.push(NewRow { before_seq: case.before_seq, after: case.after, head });
        }
        Ok((rows, entries))
    }
}
