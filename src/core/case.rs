//! A case: the fold of its journal. `apply` is total: every event fits every case, so that a journal
//! read back always gives the row that was stored (`fold(journal) == row`, PROCEDURE 7.3).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::facts::{Attachment, BounceAction, Category, Flag, Intent, Language, Missing, Person, words};
use super::ids::{Address, CaseNumber, Digest, MessageId};
use super::letter::{Attention, Letter, LetterKind, LetterState};
use super::scan::UNSCANNED;

words! {
    CaseState {
        Open = "open", Answered = "answered", Reexamination = "reexamination", Closed = "closed",
        Withdrawn = "withdrawn", NotAComplaint = "not_a_complaint",
    }
}
words! {
    /// How a complaint ended (DOMAIN §3).
    Outcome {
        Upheld = "upheld", PartlyUpheld = "partly_upheld", NotUpheld = "not_upheld",
        Withdrawn = "withdrawn", Inadmissible = "inadmissible", NotDecidable = "not_decidable",
    }
}
words! {
    /// Where a mediation stands.
    Mediation { Requested = "requested", UnderWay = "under_way", Ended = "ended" }
}
words! {
    /// What runs towards a due date (PROCEDURE 3).
    Clock {
        Ack = "ack",
        /// The next instant at which a human is told that the acknowledgement is not sent.
        AckWatch = "ack_watch",
        /// Of the desk: the next instant at which a human is told of mail that is still set aside.
        AsideWatch = "aside_watch",
        Admissibility = "admissibility", Resolution = "resolution", Cap = "cap",
    }
}
impl Clock {
    /// When to look again, which is no date that anybody was promised.
    pub fn is_watch(self) -> bool {
        matches!(self, Self::AckWatch | Self::AsideWatch)
    }
}
words! {
    /// What a message is to its case.
    MessageRole {
        Complaint = "complaint", FollowUp = "follow_up",
        /// A robot's: kept, moves nothing (TRAPS 20).
        Automatic = "automatic",
        /// A colleague's: never leaves the company (TRAPS 21).
        Internal = "internal",
        /// The same words once more (hostile 60).
        Repeat = "repeat",
    }
}

/// The person whose complaint it is; changes only by a staff command (TRAPS 14).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Complainant {
    pub name: String,
    pub address: Option<Address>,
}

/// A document as the acknowledgement lists it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Document {
    pub name: String,
    pub bytes: u64,
    /// Of its content; documents noted by an earlier version have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// What the checks said: `unscanned`, `clean`, `withheld: WHY`.
    #[serde(default = "unscanned", skip_serializing_if = "is_unscanned")]
    pub verdict: String,
}

impl Document {
    /// A document that nobody has looked at.
    pub fn new(name: impl Into<String>, bytes: u64) -> Self {
        Self { name: name.into(), bytes, sha256: None, verdict: unscanned() }
    }
}

impl From<&Attachment> for Document {
    fn from(attachment: &Attachment) -> Self {
        Self {
            sha256: Some(attachment.sha256),
            verdict: attachment.verdict.clone(),
            ..Self::new(attachment.name.clone(), attachment.bytes)
        }
    }
}

fn unscanned() -> String {
    UNSCANNED.to_owned()
}

fn is_unscanned(verdict: &str) -> bool {
    verdict == UNSCANNED
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    pub due_at: Timestamp,
    pub calendar: String,
    pub outcome: DueOutcome,
}

words! {
    DueOutcome { Pending = "pending", Met = "met", Missed = "missed", Cleared = "cleared" }
}

/// A letter as the case knows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WrittenLetter {
    pub kind: LetterKind,
    pub to: Address,
    pub state: LetterState,
    pub written_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Digest>,
}

/// The message that a next letter answers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ThreadEnd {
    pub message_id: Option<MessageId>,
    pub references: Vec<MessageId>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Case {
    pub number: CaseNumber,
    pub state: CaseState,
    /// 0 the complaint, 1 its first re-examination (`/R1`).
    pub stage: u8,
    /// Journal entries so far.
    pub seq: u32,
    pub complainant: Option<Complainant>,
    /// Addresses that may add to the case; at most [`Case::MAX_PARTICIPANTS`] (TRAPS 32).
    pub participants: BTreeSet<Address>,
    pub subject: String,
    pub channel: super::letter::Channel,
    pub sent_at: Option<Timestamp>,
    pub received_at: Option<Timestamp>,
    pub acknowledged_at: Option<Timestamp>,
    pub language: Language,
    pub intent: Option<Intent>,
    pub category: Option<Category>,
    pub flags: BTreeSet<Flag>,
    /// The complainant writes for somebody else, of whom nothing is said to them without a mandate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_another: bool,
    pub missing: BTreeSet<Missing>,
    pub documents: Vec<Document>,
    pub mediator_limit: Option<Date>,
    pub dues: BTreeMap<Clock, Due>,
    pub letters: BTreeMap<u32, WrittenLetter>,
    pub thread_end: ThreadEnd,
    pub messages: u32,
    /// What still waits for a human, newest last; at most [`Case::MAX_ATTENTION`].
    pub attention: Vec<Attention>,
    /// Desk only: the instant from which mail is answered.
    pub activated_at: Option<Timestamp>,
    /// Desk only: why the outbox is held.
    pub outbox_held: Option<String>,
    /// Desk only: when an operator last let it leave; the breaker counts afresh from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outbox_released_at: Option<Timestamp>,
}

impl Case {
    pub const MAX_PARTICIPANTS: usize = 40;
    pub const MAX_ATTENTION: usize = 50;
    pub const MAX_DOCUMENTS: usize = 100;

    /// A number with nothing in its journal yet.
    pub fn unopened(number: CaseNumber) -> Self {
        Self {
            number,
            state: CaseState::Open,
            stage: 0,
            seq: 0,
            complainant: None,
            participants: BTreeSet::new(),
            subject: String::new(),
            channel: super::letter::Channel::Mail,
            sent_at: None,
            received_at: None,
            acknowledged_at: None,
            language: Language::Unknown,
            intent: None,
            category: None,
            flags: BTreeSet::new(),
            for_another: false,
            missing: BTreeSet::new(),
            documents: Vec::new(),
            mediator_limit: None,
            dues: BTreeMap::new(),
            letters: BTreeMap::new(),
            thread_end: ThreadEnd::default(),
            messages: 0,
            attention: Vec::new(),
            activated_at: None,
            outbox_held: None,
            outbox_released_at: None,
        }
    }

    /// Rebuilds a case from its journal, oldest entry first.
    pub fn fold<'e>(number: CaseNumber, journal: impl IntoIterator<Item = (Timestamp, &'e Event)>) -> Self {
        let mut case = Self::unopened(number);
        for (at, event) in journal {
            case.apply(at, event);
        }
        case
    }

    pub fn is_opened(&self) -> bool {
        self.seq > 0
    }

    pub fn next_ordinal(&self) -> u32 {
        self.letters.last_key_value().map_or(1, |(last, _)| last + 1)
    }

    /// Whether this sender may add to the case (TRAPS 12).
    pub fn has_participant(&self, address: &Address) -> bool {
        self.participants.contains(address)
    }

    pub fn person(&self) -> Option<Person> {
        let complainant = self.complainant.as_ref()?;
        Some(Person { name: complainant.name.clone(), address: complainant.address.clone()? })
    }

    /// The due dates that still run, earliest first.
    pub fn pending(&self) -> impl Iterator<Item = (Clock, Timestamp)> + '_ {
        self.dues
            .iter()
            .filter(|(_, due)| due.outcome == DueOutcome::Pending)
            .map(|(clock, due)| (*clock, due.due_at))
    }

    pub fn apply(&mut self, at: Timestamp, event: &Event) {
        self.seq += 1;
        match event {
            Event::Activated { at } => self.activated_at = Some(*at),
            Event::Opened(opened) => self.open(opened),
            Event::MessageAdded(added) => self.add(added),
            Event::DocumentsScanned { verdicts } => self.scanned(verdicts),
            Event::DeadlineSet { clock, due_at, calendar } => {
                let due = Due { due_at: *due_at, calendar: calendar.clone(), outcome: DueOutcome::Pending };
                self.dues.insert(*clock, due);
            }
            Event::DeadlineMet { clock } => self.end(*clock, DueOutcome::Met),
            Event::DeadlineMissed { clock } => self.end(*clock, DueOutcome::Missed),
            Event::DeadlineCleared { clock } => self.end(*clock, DueOutcome::Cleared),
            Event::LetterWritten { letter } => self.write(letter),
            Event::LetterSent { ordinal, .. } => self.sent(*ordinal, at),
            Event::LetterFailed { ordinal, .. } => self.mark(*ordinal, LetterState::Failed),
            Event::LetterBounced { ordinal, action, .. } => {
                if *action == BounceAction::Failed {
                    self.bounced(*ordinal);
                }
            }
            Event::LetterSuppressed { ordinal, .. } => self.mark(*ordinal, LetterState::Suppressed),
            Event::LetterReleased { ordinal } => self.mark(*ordinal, LetterState::Queued),
            Event::AttentionRaised { attention } => {
                if self.attention.len() < Self::MAX_ATTENTION {
                    self.attention.push(attention.clone());
                }
            }
            Event::StateChanged { state, .. } => self.state = *state,
            Event::OutboxHeld { held, why } => {
                self.outbox_held = held.then(|| why.clone());
                if !held {
                    self.outbox_released_at = Some(at);
                }
            }
        }
    }

    fn open(&mut self, opened: &super::event::Opened) {
        self.participants.extend(opened.complainant.address.clone());
        self.complainant = Some(opened.complainant.clone());
        self.subject.clone_from(&opened.subject);
        self.sent_at = Some(opened.sent_at);
        self.received_at = Some(opened.received_at);
        self.language = opened.language;
        self.intent = opened.intent;
        self.category = opened.category;
        self.flags.clone_from(&opened.flags);
        self.for_another = opened.for_another;
        self.missing.clone_from(&opened.missing);
        self.mediator_limit = Some(opened.mediator_limit);
    }

    fn add(&mut self, added: &super::event::MessageAdded) {
        self.messages += 1;
        let room = Self::MAX_DOCUMENTS.saturating_sub(self.documents.len());
        self.documents.extend(added.documents.iter().take(room).cloned());
        self.flags.extend(&added.flags);
        if matches!(added.role, MessageRole::Complaint | MessageRole::FollowUp) {
            self.thread_end =
                ThreadEnd { message_id: added.message_id.clone(), references: added.references.clone() };
        }
    }

    fn scanned(&mut self, verdicts: &[super::event::DocumentVerdict]) {
        for told in verdicts {
            let same = self.documents.iter_mut().filter(|each| each.sha256 == Some(told.sha256));
            same.for_each(|document| document.verdict.clone_from(&told.verdict));
        }
    }

    fn write(&mut self, letter: &Letter) {
        let written = WrittenLetter {
            kind: letter.kind,
            to: letter.to.clone(),
            state: LetterState::Queued,
            written_at: letter.written_at,
            bytes: letter.bytes,
        };
        self.letters.insert(letter.ordinal, written);
    }

    fn sent(&mut self, ordinal: u32, at: Timestamp) {
        self.mark(ordinal, LetterState::Sent);
        if self.letters.get(&ordinal).is_some_and(|l| l.kind == LetterKind::Acknowledgement) {
            self.acknowledged_at.get_or_insert(at);
        }
    }

    /// An acknowledgement that came back was none: its duty runs again (TRAPS 34).
    fn bounced(&mut self, ordinal: u32) {
        self.mark(ordinal, LetterState::Failed);
        if self.letters.get(&ordinal).is_some_and(|l| l.kind == LetterKind::Acknowledgement) {
            self.acknowledged_at = None;
            // A clock that ran out before stays run out: it was told once (PROCEDURE 5.3).
            if self.dues.get(&Clock::Ack).is_some_and(|due| due.outcome == DueOutcome::Met) {
                self.end(Clock::Ack, DueOutcome::Pending);
            }
        }
    }

    fn mark(&mut self, ordinal: u32, state: LetterState) {
        if let Some(letter) = self.letters.get_mut(&ordinal) {
            letter.state = state;
        }
    }

    fn end(&mut self, clock: Clock, outcome: DueOutcome) {
        if let Some(due) = self.dues.get_mut(&clock) {
            due.outcome = outcome;
        }
    }
}

/// One entry of a journal, chained to the one before it: `hash` covers `prev_hash` and all else
/// (PROCEDURE 7.2).
#[derive(Clone, PartialEq, Debug)]
pub struct JournalEntry {
    pub case: CaseNumber,
    /// From 1.
    pub seq: u32,
    pub at: Timestamp,
    pub actor: super::event::Actor,
    pub event: Event,
    pub prev_hash: Digest,
    pub hash: Digest,
}

impl JournalEntry {
    /// `prev_hash` of a case's first entry.
    pub const GENESIS: Digest = Digest::from_bytes([0; 32]);

    pub fn chain(
        case: CaseNumber,
        seq: u32,
        at: Timestamp,
        actor: super::event::Actor,
        event: Event,
        prev_hash: Digest,
    ) -> Self {
        let body = serde_json::to_string(&event).expect("events hold no map with keys other than text");
        let who = serde_json::to_string(&actor).expect("an actor is text");
        let hash = Self::hash(case, seq, at, &who, &body, prev_hash);
        Self { case, seq, at, actor, event, prev_hash, hash }
    }

    /// SHA-256 over the lines case key, seq, at, actor JSON, event JSON, previous hash.
    pub fn hash(case: CaseNumber, seq: u32, at: Timestamp, actor: &str, body: &str, prev: Digest) -> Digest {
        Digest::of(
            format!("{}\n{seq}\n{}\n{actor}\n{body}\n{prev}\n", case.key(), instant_text(at)).as_bytes(),
        )
    }
}

/// Instants as fixed-width UTC text, so that text order is time order: `2026-05-28T02:30:00.000000Z`.
pub fn instant_text(at: Timestamp) -> String {
    format!("{at:.6}")
}

/// The inverse of [`instant_text`].
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}
