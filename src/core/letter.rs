//! Letters: anything the desk decides to write, by mail or by post.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::{Flag, Language, words};
use super::ids::{Address, Digest, MessageId};

words! {
    /// Which letter (DOMAIN §3).
    LetterKind {
        /// Receipt of a complaint, within 48 hours (PROCEDURE 4.1, 4.2).
        Acknowledgement = "acknowledgement",
        /// To the company's own people: something needs a human. Never leaves the company
        /// (PROCEDURE 5.4).
        Notice = "notice",
    }
}
words! {
    Channel { Mail = "mail", Post = "post" }
}
words! {
    /// Where a letter stands.
    LetterState {
        /// Kept back until `outbox release`.
        Held = "held",
        Queued = "queued",
        Sent = "sent",
        /// Refused for good, or bounced.
        Failed = "failed",
        /// Decided against, by a human.
        Suppressed = "suppressed",
    }
}
words! {
    /// In which languages a letter is written: French and English where we do not write the
    /// customer's own (PROCEDURE 4.3).
    LetterLanguage { French = "fr", English = "en", Both = "fr+en" }
}

impl LetterLanguage {
    pub fn for_reader(language: Language) -> Self {
        match language {
            Language::French => Self::French,
            Language::English => Self::English,
            _ => Self::Both,
        }
    }
}

/// A letter decided upon: all that composing needs beside the case.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// Position among the letters of its case, from 1.
    pub ordinal: u32,
    pub kind: LetterKind,
    pub channel: Channel,
    pub to: Address,
    pub to_name: String,
    pub language: LetterLanguage,
    /// The message it answers and those before it (PROCEDURE 4.5, TRAPS 11); at most [`Letter::MAX_REFERENCES`].
    pub in_reply_to: Option<MessageId>,
    pub references: Vec<MessageId>,
    /// What a notice is about.
    pub about: Option<Attention>,
    pub written_at: Timestamp,
    /// Digest of its final bytes, once they are composed: the journal proves the words, not only that
    /// there was a letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Digest>,
}

impl Letter {
    pub const MAX_REFERENCES: usize = 12;
}

/// Something that a human of the company has to look at.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "attention")]
pub enum Attention {
    /// The acknowledgement is not confirmed sent so many hours after reception (PROCEDURE 5.1).
    AcknowledgementNotSent { hours: i64 },
    /// A clock ran out.
    DeadlineMissed { clock: super::case::Clock },
    /// The relay refused the letter for good.
    LetterFailed { ordinal: u32, kind: LetterKind, why: String },
    /// The letter came back.
    LetterBounced { ordinal: u32, kind: LetterKind, status: String },
    /// A case was opened that no machine may acknowledge.
    NotAcknowledged { why: String },
    /// Somebody who takes no part in a case quotes its reference or answers its letters.
    Stranger { quotes: super::ids::CaseNumber },
    /// The mail points to several cases.
    Ambiguous { cases: Vec<super::ids::CaseNumber> },
    /// A follow-up came to a case that was closed, and reopened it.
    Reopened,
    /// A colleague wrote in a case: kept, and sent to nobody (PROCEDURE 2.12).
    ColleagueWrote,
    /// A virus was found in a mail of the case; the documents withheld for it.
    VirusFound { signature: String, documents: Vec<String> },
    /// Documents that the virus scanner will never be able to look at.
    NotScanned { why: String, documents: Vec<String> },
    /// A message says something that cannot wait (PROCEDURE 5.5).
    Flagged { flags: BTreeSet<Flag> },
    /// A mail is kept whole for a human.
    SetAside { mail: i64, why: String },
    /// Mails are still set aside so many hours after the oldest of them came (PROCEDURE 5.6).
    StillSetAside {
        /// At most [`Attention::MAX_NAMED`], the oldest first.
        mails: Vec<i64>,
        all: u32,
        hours: i64,
        /// Others, which were told to the last before.
        older: u32,
    },
    /// Too many letters in an hour: everything outgoing is held.
    OutboxHeld { sent: u64, limit: u64 },
}

impl Attention {
    /// Longest list in a notice.
    pub const MAX_NAMED: usize = 20;

    /// Whether a duty of ours is in danger, and not only a mail odd: told when others are silent.
    pub fn is_owed(&self) -> bool {
        match self {
            Self::AcknowledgementNotSent { .. }
            | Self::DeadlineMissed { .. }
            | Self::Flagged { .. }
            | Self::StillSetAside { .. }
            | Self::OutboxHeld { .. } => true,
            Self::LetterFailed { .. }
            | Self::LetterBounced { .. }
            | Self::NotAcknowledged { .. }
            | Self::Stranger { .. }
            | Self::Ambiguous { .. }
            | Self::Reopened
            | Self::ColleagueWrote
            | Self::VirusFound { .. }
            | Self::NotScanned { .. }
            | Self::SetAside { .. } => false,
        }
    }

    /// One word for listings and metrics.
    pub fn word(&self) -> &'static str {
        match self {
            Self::AcknowledgementNotSent { .. } => "acknowledgement_not_sent",
            Self::DeadlineMissed { .. } => "deadline_missed",
            Self::LetterFailed { .. } => "letter_failed",
            Self::LetterBounced { .. } => "letter_bounced",
            Self::NotAcknowledged { .. } => "not_acknowledged",
            Self::Stranger { .. } => "stranger",
            Self::Ambiguous { .. } => "ambiguous",
            Self::Reopened => "reopened",
            Self::ColleagueWrote => "colleague_wrote",
            Self::VirusFound { .. } => "virus_found",
            Self::NotScanned { .. } => "not_scanned",
            Self::Flagged { .. } => "flagged",
            Self::SetAside { .. } => "set_aside",
            Self::StillSetAside { .. } => "still_set_aside",
            Self::OutboxHeld { .. } => "outbox_held",
        }
    }
}
