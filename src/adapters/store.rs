//! The store on SQLite or PostgreSQL: one SQL text for both, a file for each noun.
//!
//! True after each call: what was written is on the disk, wholly or not at all; a case row is the fold
//! of its journal; nothing but `commit` writes to journal, cases and outbox. No table decides by a
//! cursor: running anything again is safe.

mod cases;
mod commit;
mod counters;
mod database;
mod deadlines;
mod failure;
mod journal;
mod mailboxes;
mod messages;
mod outbox;
mod rests;
mod scans;
mod schema;
mod sql;
mod threads;
mod verify;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::core::case::{Case, Clock, JournalEntry};
use crate::core::ids::{Address, CaseNumber};
use crate::core::letter::{LetterKind, LetterState};
use crate::core::route::Known;
use crate::ports::{
    Arrival, Claimed, Clues, Commit, Committed, Disposition, Kept, LetterEntry, MailEntry, MailboxHealth,
    Place, PortResult, Rest, Store, StoredMail, Tally, Unscanned,
};
use database::Database;
use failure::{Failure, Outcome};

pub use database::Absent;
pub use verify::{Finding, Verified};

/// Longer than any batch takes on a slow disk, shorter than the patience of an operator.
const LONGEST: Duration = Duration::from_mins(2);

/// One database. Several may be open on one at the same time, in one process or in many.
#[derive(Debug)]
pub struct SqlStore {
    database: Database,
}

impl SqlStore {
    /// Opens the database of `sqlite:/path/complaintd.db` or `postgres://user@host/database`; a SQLite
    /// file that is not there is made. Tables are made by [`SqlStore::migrate`].
    pub async fn connect(url: &str) -> PortResult<Self> {
        Self::open(url, Absent::Create).await
    }

    /// As [`SqlStore::connect`], but a SQLite file that is not there may be refused: a listing must
    /// not answer a mistyped path with an empty desk.
    pub async fn open(url: &str, absent: Absent) -> PortResult<Self> {
        Ok(Self { database: Database::open(url, absent).await? })
    }

    /// Brings the tables up to this program; one that is up to date is left alone.
    pub async fn migrate(&self) -> PortResult<()> {
        schema::migrate(&self.database).await
    }

    /// Whether the tables are those of this program; why not, and what to do, if not.
    pub async fn check_schema(&self) -> PortResult<()> {
        schema::check(&self.database).await
    }

    /// Checks all that can be checked without the world: see [`Verified`].
    pub async fn verify(&self) -> PortResult<Verified> {
        verify::verify(&self.database).await.map_err(|failure| failure.explain(&self.database))
    }

    /// The file or host, for messages; never a password.
    pub fn place(&self) -> &str {
        self.database.place()
    }

    /// No call waits for ever: a server that vanished behind a broken line says nothing.
    async fn told<T>(&self, work: impl Future<Output = Outcome<T>> + Send) -> PortResult<T> {
        let outcome = tokio::time::timeout(LONGEST, work).await.unwrap_or(Err(Failure::Silent(LONGEST)));
        outcome.map_err(|failure| failure.explain(&self.database))
    }
}

/// Checks a store's journals, rows and mails against each other.
pub async fn verify(store: &SqlStore) -> PortResult<Verified> {
    store.verify().await
}

#[async_trait]
impl Store for SqlStore {
    async fn stored(&self, places: &[Place]) -> PortResult<BTreeMap<Place, Kept>> {
        self.told(messages::stored(&self.database, places)).await
    }

    async fn keep(&self, arrivals: &[Arrival]) -> PortResult<()> {
        self.told(messages::keep(&self.database, arrivals)).await
    }

    async fn keep_more(&self, rest: &Rest) -> PortResult<()> {
        self.told(rests::keep_more(&self.database, rest)).await
    }

    async fn received(&self, after: i64, limit: u32, bytes: u64) -> PortResult<Vec<StoredMail>> {
        self.told(messages::received(&self.database, after, limit, bytes)).await
    }

    async fn begin_reading(&self, mails: &[i64]) -> PortResult<()> {
        self.told(messages::begin_reading(&self.database, mails)).await
    }

    async fn put_back(&self, mails: &[i64]) -> PortResult<()> {
        self.told(messages::put_back(&self.database, mails)).await
    }

    async fn mail(&self, id: i64) -> PortResult<Option<StoredMail>> {
        self.told(messages::mail(&self.database, id)).await
    }

    async fn mails(
        &self,
        disposition: Option<Disposition>,
        case: Option<CaseNumber>,
    ) -> PortResult<Vec<MailEntry>> {
        self.told(messages::mails(&self.database, disposition, case)).await
    }

    async fn retry_mail(&self, id: i64) -> PortResult<bool> {
        self.told(messages::retry(&self.database, id)).await
    }

    async fn unscanned(&self, limit: u32, bytes: u64) -> PortResult<Vec<Unscanned>> {
        self.told(scans::unscanned(&self.database, limit, bytes)).await
    }

    async fn scan_failed(&self, mail: i64) -> PortResult<()> {
        self.told(scans::scan_failed(&self.database, mail)).await
    }

    async fn known(&self, clues: &[Clues]) -> PortResult<Vec<Known>> {
        self.told(threads::known(&self.database, clues)).await
    }

    async fn case(&self, number: CaseNumber) -> PortResult<Option<Case>> {
        self.told(cases::case(&self.database, number)).await
    }

    async fn cases(&self) -> PortResult<Vec<Case>> {
        self.told(cases::cases(&self.database)).await
    }

    async fn journal(&self, number: CaseNumber) -> PortResult<Vec<JournalEntry>> {
        self.told(journal::journal(&self.database, number)).await
    }

    async fn last_serial(&self, year: u16) -> PortResult<u32> {
        self.told(counters::last_serial(&self.database, year)).await
    }

    async fn commit(&self, commits: &[Commit]) -> PortResult<Committed> {
        self.told(commit::commit(&self.database, commits)).await
    }

    async fn letters_since(
        &self,
        kind: LetterKind,
        to: &[Address],
        since: Timestamp,
    ) -> PortResult<Vec<u64>> {
        self.told(outbox::letters_since(&self.database, kind, to, since)).await
    }

    async fn sent_since(&self, since: Timestamp) -> PortResult<u64> {
        self.told(outbox::sent_since(&self.database, since)).await
    }

    async fn due(&self, now: Timestamp, limit: u32) -> PortResult<Vec<(CaseNumber, Clock)>> {
        self.told(deadlines::due(&self.database, now, limit)).await
    }

    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
        only_notices: bool,
    ) -> PortResult<Vec<Claimed>> {
        self.told(outbox::claim(&self.database, now, until, limit, only_notices)).await
    }

    async fn letters(
        &self,
        state: Option<LetterState>,
        case: Option<CaseNumber>,
    ) -> PortResult<Vec<LetterEntry>> {
        self.told(outbox::letters(&self.database, state, case)).await
    }

    async fn letter(&self, id: i64) -> PortResult<Option<(LetterEntry, Vec<u8>)>> {
        self.told(outbox::letter(&self.database, id)).await
    }

    async fn next_attempt(&self) -> PortResult<Option<Timestamp>> {
        self.told(outbox::next_attempt(&self.database)).await
    }

    async fn record_health(&self, label: &str, at: Timestamp, error: Option<&str>) -> PortResult<()> {
        self.told(mailboxes::record(&self.database, label, at, error)).await
    }

    async fn health(&self) -> PortResult<Vec<MailboxHealth>> {
        self.told(mailboxes::health(&self.database)).await
    }

    async fn tally(&self) -> PortResult<Tally> {
        self.told(cases::tally(&self.database)).await
    }

    async fn close(&self) -> PortResult<()> {
        self.told(self.database.close()).await
    }
}
