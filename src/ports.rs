//! The edges to the world: a mailbox, a relay, a virus scanner, the keys that signatures are verified
//! with, a store. Each has a real and a simulated adapter.
//!
//! An error is temporary (try again later, nothing is lost) or permanent (a human must change
//! something); the adapter decides, at the edge, since only it knows the protocol.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::core::authenticity::{Authenticity, Statement};
use crate::core::case::{Case, Clock, JournalEntry};
use crate::core::event::{Actor, Event};
use crate::core::facts::{MailFacts, words};
use crate::core::ids::{Address, CaseNumber, Digest, MessageId};
use crate::core::letter::{Letter, LetterKind, LetterState};
use crate::core::route::Known;
use crate::core::scan::Scan;
use crate::core::thread::Evidence;

/// What went wrong at an edge, in words for a person: the thing, the value, the remedy.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    #[error("{0}")]
    Temporary(String),
    #[error("{0}")]
    Permanent(String),
}

impl PortError {
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Permanent(_))
    }
}

pub type PortResult<T> = Result<T, PortError>;

// ---------------------------------------------------------------- mailbox

/// A mail's place in a mailbox: valid as long as `validity` is (IMAP UIDVALIDITY; 0 for Maildir).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The mailbox's name in the configuration.
    pub mailbox: String,
    pub folder: String,
    pub validity: u32,
    /// IMAP UID in decimal; for Maildir the unique part of the file name.
    pub uid: String,
}

/// A mail seen in a listing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    pub place: Place,
    /// Size on the server in bytes.
    pub bytes: u64,
}

/// A mail fetched.
#[derive(Clone, Debug)]
pub struct Fetched {
    pub place: Place,
    /// When the server got it (INTERNALDATE; modification time of a Maildir file).
    pub internal_date: Option<Timestamp>,
    /// Size on the server, even where `raw` is only its beginning.
    pub bytes: u64,
    pub raw: Vec<u8>,
    /// False where the mail is larger than the limit and `raw` holds only its beginning.
    pub whole: bool,
}

/// What ended a wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// Something may have arrived; a hint only.
    Look,
    /// The time given ran out.
    Quiet,
}

/// One folder of a mailbox, on one connection. Any error drops the connection; the next call makes a
/// new one.
#[async_trait]
pub trait Mailbox: Send {
    /// For logs and listings: `name/folder`.
    fn label(&self) -> String;

    /// All mails now in the folder, in order of arrival. Never by flags (TRAPS 1). An answer that was cut
    /// short is an error, never an empty list.
    async fn list(&mut self) -> PortResult<Vec<Listed>>;

    /// Fetches mails, without marking them. One that vanished meanwhile is left out. Of a mail larger
    /// than `limit` bytes only that much is fetched.
    async fn fetch(&mut self, mails: &[Listed], limit: u64) -> PortResult<Vec<Fetched>>;

    /// At most `bytes` of a mail from `start` on, without marking it: fewer only where it ends; `None` if
    /// it vanished.
    async fn fetch_more(&mut self, mail: &Place, start: u64, bytes: u64) -> PortResult<Option<Vec<u8>>>;

    /// Moves mails to the folder for filed mail, or leaves them where they are if so configured. One
    /// that vanished meanwhile is no error. Never deletes (TRAPS 3).
    async fn file(&mut self, places: &[Place]) -> PortResult<()>;

    /// Whether `file` takes mails out of the folder.
    fn files_away(&self) -> bool;

    /// Waits until something may have arrived, at most `longest`.
    async fn wait(&mut self, longest: Duration) -> PortResult<Wake>;
}

// ---------------------------------------------------------------- relay

/// What the relay is given: envelope (RFC 5321) and the very bytes.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub envelope_from: Address,
    pub recipient: Address,
    pub bytes: Vec<u8>,
}

#[async_trait]
pub trait Relay: Send + Sync {
    /// Hands over a letter; the answer is what the relay said when it took it.
    async fn send(&self, letter: &Outgoing) -> PortResult<String>;
}

// ---------------------------------------------------------------- scanner

/// What a virus scanner says of some bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Clean,
    Infected {
        /// Its name for what it found.
        signature: String,
    },
    /// More than it takes: nobody has looked at them.
    TooLarge,
}

/// What a virus scanner says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    pub version: String,
    /// When its signatures were made, where it says so.
    pub signatures_of: Option<Timestamp>,
}

#[async_trait]
pub trait Scanner: Send + Sync {
    /// Looks at these bytes, which may be a whole mail. Ends within the scanner's own time limit; an
    /// answer that was cut short is an error, never [`Verdict::Clean`].
    async fn scan(&self, bytes: &[u8]) -> PortResult<Verdict>;

    /// Whether it answers at all.
    async fn about(&self) -> PortResult<About>;
}

// ---------------------------------------------------------------- signatures

/// A mail with a signature that could speak for its From.
#[derive(Clone, Debug)]
pub struct Signed {
    pub raw: Vec<u8>,
    pub from: Address,
}

/// Verifies DKIM signatures with the public keys that DNS has (RFC 6376 §6).
#[async_trait]
pub trait Signatures: Send + Sync {
    /// What is found of each mail, in the same order. Takes a few seconds at most, however many there
    /// are: what DNS did not answer by then is [`Finding::NoAnswer`](crate::core::authenticity::Finding).
    async fn verify(&self, mails: Vec<Signed>) -> Vec<Vec<Statement>>;
}

// ---------------------------------------------------------------- store

words! {
    /// What became of a received mail.
    Disposition {
        /// Stored, not yet looked at.
        Received = "received",
        Filed = "filed",
        Duplicate = "duplicate",
        /// Kept whole for a human (quarantine).
        SetAside = "set_aside",
    }
}

/// A mail to be stored, before anything in it is read (PROCEDURE 7.1).
#[derive(Clone, Debug)]
pub struct Arrival {
    pub place: Place,
    pub digest: Digest,
    /// The earlier of internal date and our own MX's Received header; frozen here (PROCEDURE 3.7).
    pub received_at: Timestamp,
    pub bytes: u64,
    /// The mail; of one larger than the limit its beginning, and [`Store::keep_more`] brings the rest.
    pub raw: Vec<u8>,
    /// Why the mail must not be read (larger than the limit, and so on), for the triage that sets it aside.
    pub set_aside: Option<String>,
}

/// A stored mail.
#[derive(Clone, Debug)]
pub struct StoredMail {
    pub id: i64,
    pub place: Place,
    pub digest: Digest,
    pub received_at: Timestamp,
    /// How often reading it was begun.
    pub tries: u32,
    /// As far as it is kept; where [`Store::received`] gives one that must not be read, perhaps only its
    /// beginning.
    pub raw: Vec<u8>,
    /// Whether all of it is kept.
    pub whole: bool,
    /// Why it must not be read, if so; [`Store::retry_mail`] forgets it.
    pub set_aside: Option<String>,
}

/// How much of a mail is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kept {
    pub bytes: u64,
    pub whole: bool,
}

/// A further part of a mail that came larger than the limit.
#[derive(Clone, Debug)]
pub struct Rest {
    pub place: Place,
    /// Where it begins, in bytes from the beginning of the mail.
    pub start: u64,
    pub raw: Vec<u8>,
    /// Whether the mail ends with it.
    pub last: bool,
}

/// A mail as listings show it.
#[derive(Clone, Debug)]
pub struct MailEntry {
    pub id: i64,
    pub place: Place,
    pub digest: Digest,
    pub message_id: Option<String>,
    pub sender: Option<Address>,
    pub subject: Option<String>,
    pub received_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub bytes: u64,
    pub disposition: Disposition,
    pub case: Option<CaseNumber>,
    pub tries: u32,
    pub cause: Option<String>,
    /// Once it was read.
    pub authenticity: Option<Authenticity>,
    pub scan: Scan,
}

/// What a mail points to, for [`Store::known`].
#[derive(Clone, Debug)]
pub struct Clues {
    pub mail: i64,
    pub digest: Digest,
    pub content: Digest,
    pub message_id: Option<MessageId>,
    pub sender: Option<Address>,
    /// Cases that letters of ours named by a valid signature belong to.
    pub signed: Vec<(Evidence, CaseNumber)>,
    /// Ids answered, nearest first.
    pub answered: Vec<MessageId>,
    pub references: Vec<CaseNumber>,
}

/// What became of the mail that a commit is about.
#[derive(Clone, Debug)]
pub struct MailOutcome {
    pub mail: i64,
    pub disposition: Disposition,
    pub case: Option<CaseNumber>,
    /// Why, for the auditor and the digest.
    pub cause: Option<String>,
    pub scan: Scan,
    pub facts: Option<MailHeadline>,
}

/// What of the facts is kept in columns.
#[derive(Clone, Debug)]
pub struct MailHeadline {
    pub message_id: Option<MessageId>,
    pub content: Digest,
    pub sender: Option<Address>,
    pub subject: String,
    pub sent_at: Option<Timestamp>,
    /// `MailFacts` as JSON, without the texts.
    pub origin: &'static str,
    pub authenticity: Authenticity,
}

impl MailHeadline {
    pub fn of(mail: &MailFacts) -> Self {
        let origin = match mail.origin {
            crate::core::facts::Origin::Human => "human",
            crate::core::facts::Origin::AutoReply => "auto_reply",
            crate::core::facts::Origin::Bounce => "bounce",
            crate::core::facts::Origin::Bulk => "bulk",
            crate::core::facts::Origin::Receipt => "receipt",
            crate::core::facts::Origin::Own => "own",
        };
        Self {
            message_id: mail.message_id.clone(),
            content: mail.content,
            sender: mail.from.as_ref().map(|from| from.address.clone()),
            subject: mail.subject.clone(),
            sent_at: mail.sent_at,
            origin,
            authenticity: mail.authenticity.clone(),
        }
    }
}

/// A letter with its final bytes, for the outbox; one that misses a part never comes to be one
/// (PROCEDURE 4.4).
#[derive(Clone, Debug)]
pub struct Composed {
    pub letter: Letter,
    pub message_id: MessageId,
    pub envelope_from: Address,
    pub bytes: Vec<u8>,
    /// Kept back until released (`hold` mode).
    pub held: bool,
}

/// A mail that was decided on before the virus scanner could look at it.
#[derive(Clone, Debug)]
pub struct Unscanned {
    pub mail: StoredMail,
    pub case: Option<CaseNumber>,
    /// How often the scanner, though well, failed on it.
    pub scan_tries: u32,
}

/// What the scanner said of such a mail in the end; it must be unscanned still.
#[derive(Clone, Debug)]
pub struct Rescan {
    pub mail: i64,
    pub scan: Scan,
}

/// A letter's new standing in the outbox after an attempt.
#[derive(Clone, Debug)]
pub struct Settle {
    pub letter: i64,
    /// The attempt this is about; another attempt since then makes the commit fail.
    pub attempt: u32,
    pub state: LetterState,
    pub next_at: Option<Timestamp>,
    pub reply: String,
}

/// All that one decision means, written in one transaction or not at all.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    pub change: Option<CaseChange>,
    pub mail: Option<MailOutcome>,
    pub settle: Option<Settle>,
    pub rescan: Option<Rescan>,
}

#[derive(Clone, Debug)]
pub struct CaseChange {
    /// The case before; its `seq` is the lock. `seq` 0 means that the case is new and that its serial
    /// must be the next one.
    pub before_seq: u32,
    pub after: Case,
    pub events: Vec<Event>,
    pub actor: Actor,
    pub at: Timestamp,
    pub letters: Vec<Composed>,
}

/// Why a commit was not written: the world moved; the next round decides afresh.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Committed {
    Done,
    Conflict,
}

/// A letter claimed for one attempt.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub id: i64,
    pub case: CaseNumber,
    pub ordinal: u32,
    pub kind: LetterKind,
    /// This attempt, from 1.
    pub attempt: u32,
    /// Attempts just before it whose outcome nobody wrote down: each may have reached the recipient.
    pub cut_short: u32,
    pub written_at: Timestamp,
    pub outgoing: Outgoing,
}

/// A letter as listings show it.
#[derive(Clone, Debug)]
pub struct LetterEntry {
    pub id: i64,
    pub case: CaseNumber,
    pub ordinal: u32,
    pub kind: LetterKind,
    pub channel: crate::core::letter::Channel,
    pub recipient: Address,
    pub message_id: MessageId,
    pub state: LetterState,
    pub attempts: u32,
    pub written_at: Timestamp,
    pub next_at: Option<Timestamp>,
    pub reply: Option<String>,
    /// An attempt was begun whose outcome is not written down: until `next_at` it may be in the
    /// relay's hands this very moment.
    pub under_way: bool,
}

/// How one folder fares.
#[derive(Clone, Debug)]
pub struct MailboxHealth {
    pub label: String,
    pub last_success: Option<Timestamp>,
    pub last_error: Option<String>,
    pub last_error_at: Option<Timestamp>,
}

/// Numbers for STATUS, readiness and the digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub cases_open: u64,
    pub mails_received: u64,
    pub mails_set_aside: u64,
    pub letters_queued: u64,
    pub letters_held: u64,
    pub letters_failed: u64,
    /// Mails that the virus scanner has still to look at.
    pub mails_unscanned: u64,
}

/// The one place where everything is kept. A write either happened wholly or did not.
#[async_trait]
pub trait Store: Send + Sync {
    /// Which of these places are stored already, and how much of each mail.
    async fn stored(&self, places: &[Place]) -> PortResult<BTreeMap<Place, Kept>>;
    /// Stores raw mails in one transaction; a place that is there already is left as it is.
    async fn keep(&self, arrivals: &[Arrival]) -> PortResult<()>;
    /// Adds to a mail that is not whole; one that does not begin where the kept part ends is left out
    /// (another instance was there).
    async fn keep_more(&self, rest: &Rest) -> PortResult<()>;

    /// Mails not yet looked at whose id is above `after`, oldest first, of at most `bytes` in all (but at
    /// least one).
    async fn received(&self, after: i64, limit: u32, bytes: u64) -> PortResult<Vec<StoredMail>>;
    /// Counts a try before reading begins, so that a mail that kills the process is known by it.
    async fn begin_reading(&self, mails: &[i64]) -> PortResult<()>;
    /// The mail's turn has not come, or the store failed: the try does not count.
    async fn put_back(&self, mails: &[i64]) -> PortResult<()>;
    async fn mail(&self, id: i64) -> PortResult<Option<StoredMail>>;
    async fn mails(
        &self,
        disposition: Option<Disposition>,
        case: Option<CaseNumber>,
    ) -> PortResult<Vec<MailEntry>>;
    /// Puts a mail that was set aside back among the received; false if it is not set aside.
    async fn retry_mail(&self, id: i64) -> PortResult<bool>;

    /// Mails of cases, and set aside, that the virus scanner has still to look at: those it failed on
    /// least often first, of at most `bytes` in all (but at least one).
    async fn unscanned(&self, limit: u32, bytes: u64) -> PortResult<Vec<Unscanned>>;
    /// Counts that the scanner failed on this mail.
    async fn scan_failed(&self, mail: i64) -> PortResult<()>;

    /// What is known of each mail, in the same order.
    async fn known(&self, clues: &[Clues]) -> PortResult<Vec<Known>>;
    async fn case(&self, number: CaseNumber) -> PortResult<Option<Case>>;
    async fn cases(&self) -> PortResult<Vec<Case>>;
    async fn journal(&self, number: CaseNumber) -> PortResult<Vec<JournalEntry>>;
    /// The serial of the last case of a year; 0 when there is none.
    async fn last_serial(&self, year: u16) -> PortResult<u32>;
    /// Writes all of the commits in one transaction, or none.
    async fn commit(&self, commits: &[Commit]) -> PortResult<Committed>;

    /// Letters of this kind written to the address since then; `None` counts every recipient.
    async fn letters_since(&self, kind: LetterKind, to: &[Address], since: Timestamp)
    -> PortResult<Vec<u64>>;
    /// Letters other than notices handed over since then.
    async fn sent_since(&self, since: Timestamp) -> PortResult<u64>;
    /// Clocks whose instant is not after `now`, earliest first.
    async fn due(&self, now: Timestamp, limit: u32) -> PortResult<Vec<(CaseNumber, Clock)>>;

    /// Takes queued letters whose instant has come, each for one attempt that is over at `until`:
    /// compare and set, so that two instances never take the same. `only_notices` leaves the others.
    async fn claim(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
        only_notices: bool,
    ) -> PortResult<Vec<Claimed>>;
    async fn letters(
        &self,
        state: Option<LetterState>,
        case: Option<CaseNumber>,
    ) -> PortResult<Vec<LetterEntry>>;
    async fn letter(&self, id: i64) -> PortResult<Option<(LetterEntry, Vec<u8>)>>;
    /// The earliest instant at which a queued letter may be tried.
    async fn next_attempt(&self) -> PortResult<Option<Timestamp>>;

    async fn record_health(&self, label: &str, at: Timestamp, error: Option<&str>) -> PortResult<()>;
    async fn health(&self) -> PortResult<Vec<MailboxHealth>>;
    async fn tally(&self) -> PortResult<Tally>;

    /// Ends all connections in good order, so that all of a store in a file is in that file.
    async fn close(&self) -> PortResult<()>;
}
