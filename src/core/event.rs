//! What happened to a case: the entries of its journal. Written once, never changed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::case::{CaseState, Clock, Complainant, Document, MessageRole};
use super::facts::{BounceAction, Category, Flag, Intent, Language, Missing};
use super::ids::{Address, Digest, MessageId};
use super::letter::{Attention, Letter};

/// Who caused an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "who", content = "name")]
pub enum Actor {
    /// The daemon, by a rule.
    Desk,
    /// Somebody outside, by a mail.
    Customer,
    /// Whoever ran a command on the server: the operating system's account name.
    Operator(String),
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Event {
    /// The desk began: nothing received before is answered (PROCEDURE 2.7).
    Activated {
        at: Timestamp,
    },
    /// A complaint was registered.
    Opened(Box<Opened>),
    /// A message was put into the case.
    MessageAdded(Box<MessageAdded>),
    /// A due date was written down, once, with the calendar that gave it (PROCEDURE 3.6).
    DeadlineSet {
        clock: Clock,
        due_at: Timestamp,
        calendar: String,
    },
    DeadlineMet {
        clock: Clock,
    },
    DeadlineMissed {
        clock: Clock,
    },
    /// The next rung of an escalation was reached and none is left.
    DeadlineCleared {
        clock: Clock,
    },
    LetterWritten {
        letter: Box<Letter>,
    },
    /// The relay took it; `reply` is what it said.
    LetterSent {
        ordinal: u32,
        reply: String,
    },
    /// The relay refused it for good.
    LetterFailed {
        ordinal: u32,
        why: String,
    },
    /// A delivery status notification came back for it (RFC 3464).
    LetterBounced {
        ordinal: u32,
        status: String,
        action: BounceAction,
        recipient: Option<Address>,
    },
    /// An operator decided that it does not leave.
    LetterSuppressed {
        ordinal: u32,
        why: String,
    },
    /// An operator let it leave (again).
    LetterReleased {
        ordinal: u32,
    },
    /// A human has to look.
    AttentionRaised {
        attention: Attention,
    },
    StateChanged {
        state: CaseState,
        why: String,
    },
    /// The outbox is held (`true`) or released by an operator.
    OutboxHeld {
        held: bool,
        why: String,
    },
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Opened {
    pub complainant: Complainant,
    pub subject: String,
    pub sent_at: Timestamp,
    pub received_at: Timestamp,
    pub language: Language,
    pub intent: Option<Intent>,
    pub category: Option<Category>,
    pub flags: BTreeSet<Flag>,
    pub missing: BTreeSet<Missing>,
    /// The complainant writes for somebody else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_another: bool,
    pub mediator_limit: jiff::civil::Date,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MessageAdded {
    pub mail: Digest,
    pub message_id: Option<MessageId>,
    pub references: Vec<MessageId>,
    pub role: MessageRole,
    /// How it was found to belong here, for the auditor.
    pub because: String,
    pub received_at: Timestamp,
    pub documents: Vec<Document>,
    /// What a later message adds to the flags of the case.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<Flag>,
}

impl Event {
    /// The word in the journal's `kind` column.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Activated { .. } => "activated",
            Self::Opened(_) => "opened",
            Self::MessageAdded(_) => "message_added",
            Self::DeadlineSet { .. } => "deadline_set",
            Self::DeadlineMet { .. } => "deadline_met",
            Self::DeadlineMissed { .. } => "deadline_missed",
            Self::DeadlineCleared { .. } => "deadline_cleared",
            Self::LetterWritten { .. } => "letter_written",
            Self::LetterSent { .. } => "letter_sent",
            Self::LetterFailed { .. } => "letter_failed",
            Self::LetterBounced { .. } => "letter_bounced",
            Self::LetterSuppressed { .. } => "letter_suppressed",
            Self::LetterReleased { .. } => "letter_released",
            Self::AttentionRaised { .. } => "attention_raised",
            Self::StateChanged { .. } => "state_changed",
            Self::OutboxHeld { .. } => "outbox_held",
        }
    }
}
