//! What we read in one mail: the facts on which the procedure decides, and nothing it does not need.
//!
//! `mail` fills this in from bytes; `core` never sees bytes. Serialised, it is the object that
//! `complaintd inspect --json` prints (PRODUCT §6).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::authenticity::Authenticity;
use super::ids::{Address, CaseNumber, Digest, MessageId};
use super::scan::Scan;

/// A name and an address, as in a From header.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Display name, without line ends or control characters; empty when none was given.
    pub name: String,
    pub address: Address,
}

/// Who or what wrote (RFC 3834 §2, RFC 3464, RFC 2919, RFC 8098).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Human,
    /// Out of office, vacation, another desk's acknowledgement.
    AutoReply,
    /// Delivery status notification, delayed or failed.
    Bounce,
    /// Newsletter, mailing list, marketing platform.
    Bulk,
    /// Read receipt.
    Receipt,
    /// From one of our own addresses, or a letter of ours come back.
    Own,
}

/// Whether a letter written by a machine may go back, and if not, why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "answer", content = "why")]
pub enum MayAnswer {
    Yes,
    No(String),
}

impl MayAnswer {
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Yes => None,
            Self::No(why) => Some(why),
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, ::serde::Serialize, ::serde::Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in JSON, in the store and on the command line.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|each| each.word() == word)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What the sender wants (PRODUCT §6). Doubt means complaint (PROCEDURE 1.1).
    Intent {
        Complaint = "complaint", Reexamination = "reexamination", FollowUp = "follow_up",
        StatusRequest = "status_request", Question = "question", Withdrawal = "withdrawal",
        DataRequest = "data_request", Thanks = "thanks", Unrelated = "unrelated",
    }
}
words! {
    /// What the complaint is about (PROCEDURE 1.2).
    Category {
        Technical = "technical", FinancialTransaction = "financial_transaction",
        FundedProject = "funded_project", Other = "other",
    }
}
words! {
    /// What raises attention and never lowers treatment (PROCEDURE 1.4).
    Flag {
        FraudSuspected = "fraud_suspected", LegalThreat = "legal_threat",
        RegulatorMentioned = "regulator_mentioned", MediatorMentioned = "mediator_mentioned",
        PressThreat = "press_threat", VulnerablePerson = "vulnerable_person",
        DataBreachSuspected = "data_breach_suspected", DataRequest = "data_request",
    }
}
impl Flag {
    /// Suspected fraud, a person in distress, data in wrong hands: hours count (PROCEDURE 5.5).
    pub fn cannot_wait(self) -> bool {
        matches!(self, Self::FraudSuspected | Self::VulnerablePerson | Self::DataBreachSuspected)
    }
}
words! {
    /// What a careful agent would still have to ask for (PROCEDURE 1.3).
    Missing {
        Name = "name", Contact = "contact", Description = "description",
        StepsTaken = "steps_taken", Evidence = "evidence",
    }
}
words! {
    /// Language of the person's own words (BCP 47 primary tag).
    Language {
        French = "fr", English = "en", Spanish = "es", Dutch = "nl", Creole = "ht", Unknown = "und",
    }
}

/// How to reach the sender, as stated in the mail.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Contact {
    pub name: Option<String>,
    pub email: Option<Address>,
    pub phone: Option<String>,
    pub postal_address: Option<String>,
}

/// One attached document or inline picture.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    /// Last path element, without control or direction characters; never empty, at most 255 bytes.
    pub name: String,
    /// Declared media type, lower case.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Size of the decoded content.
    pub bytes: u64,
    pub sha256: Digest,
    pub inline: bool,
    /// What the checks said: `unscanned`, `clean`, `withheld: WHY`.
    pub verdict: String,
}

/// What a delivery status notification says (RFC 3464).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Bounce {
    pub recipient: Option<Address>,
    /// Enhanced status code (RFC 3463), e.g. `5.1.1`.
    pub status: Option<String>,
    pub action: BounceAction,
    pub original_message_id: Option<MessageId>,
}

words! {
    /// RFC 3464 §2.3.3.
    BounceAction {
        Failed = "failed", Delayed = "delayed", Delivered = "delivered",
        Relayed = "relayed", Expanded = "expanded",
    }
}

/// Why a mail is not understood by itself but put before a human, whole (TRAPS 2, 4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetAside {
    /// What is wrong, with the value and the limit.
    pub why: String,
}

/// All that was read in one mail.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct MailFacts {
    /// Of the raw bytes: the identity of the mail (TRAPS 6).
    pub digest: Digest,
    /// Of sender, subject and body without the headers that transport adds: two deliveries of one
    /// mail have the same (TRAPS 5, 28).
    pub content: Digest,
    pub message_id: Option<MessageId>,
    /// First mailbox of the first From header.
    pub from: Option<Person>,
    pub reply_to: Option<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    /// Addresses to which it was delivered, where transport says so (Delivered-To, X-Original-To).
    pub delivered_to: Vec<Address>,
    pub subject: String,
    /// Claimed by the sender (Date header).
    pub sent_at: Option<Timestamp>,
    pub in_reply_to: Vec<MessageId>,
    pub references: Vec<MessageId>,
    /// Case references with a right check character, in subject or body, in order of appearance.
    pub refers_to: Vec<CaseNumber>,
    pub origin: Origin,
    /// The headers and words that decided the origin.
    pub origin_signals: Vec<String>,
    pub may_answer: MayAnswer,
    /// Marked as automatic or bulk mail, but somebody tells a grievance in it (TRAPS 18).
    #[serde(default)]
    pub complains_though_automatic: bool,
    pub intent: Option<Intent>,
    pub category: Option<Category>,
    /// Of the intent, 0 to 1.
    pub confidence: f64,
    /// The words and states that led to the intent, the strongest first.
    #[serde(default)]
    pub intent_signals: Vec<String>,
    /// The same of the category.
    #[serde(default)]
    pub category_signals: Vec<String>,
    pub flags: BTreeSet<Flag>,
    pub language: Language,
    pub reply_text: String,
    pub quoted_text: String,
    pub signature_text: String,
    pub contact: Contact,
    pub missing: BTreeSet<Missing>,
    /// Writes for somebody else: a relative, a guardian, a lawyer (PROCEDURE 4.6).
    pub for_another: bool,
    pub attachments: Vec<Attachment>,
    pub bounce: Option<Bounce>,
    /// Defects of the mail, for a human.
    pub warnings: Vec<String>,
    /// How far From is shown to be the sender's; found out apart, since it asks who is trusted and DNS.
    #[serde(default)]
    pub authenticity: Authenticity,
    /// Present where nothing may be done by itself with this mail.
    pub set_aside: Option<SetAside>,
    /// What the virus scanner said, which is asked by the shell and not by `mail`.
    #[serde(skip)]
    pub scan: Scan,
}

impl MailFacts {
    /// Ids of earlier messages that this one answers, the nearest first (RFC 5322 §3.6.4).
    pub fn answered_ids(&self) -> impl Iterator<Item = &MessageId> {
        self.in_reply_to.iter().chain(self.references.iter().rev())
    }

    /// Every address that it was sent or delivered to.
    pub fn recipients(&self) -> impl Iterator<Item = &Address> {
        self.to.iter().chain(&self.cc).chain(&self.delivered_to)
    }

    /// Documents a person attached, without pictures of signatures.
    pub fn documents(&self) -> impl Iterator<Item = &Attachment> {
        self.attachments.iter().filter(|each| !each.inline)
    }
}
