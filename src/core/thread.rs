//! Which case a mail belongs to: by our own Message-ID, by the signed reply address, by a reference,
//! and in each way only for a participant (PROCEDURE 2.2–2.4, TRAPS 9–15, 28).

use std::collections::BTreeSet;

use super::facts::MailFacts;
use super::ids::{Address, CaseNumber};
use super::policy::Policy;
use super::token::{LetterRef, TokenPlace};

/// How a mail points to a case, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Evidence {
    /// It answers the signed Message-ID of a letter of ours.
    OurMessageId,
    /// It was sent to the signed reply address of a letter of ours.
    ReplyAddress,
    /// It answers a message that is in a case.
    KnownMessageId,
    /// It names the reference, whose check character is right.
    Reference,
    /// The same sender sent the same words before.
    SameContent,
}

impl Evidence {
    /// In words, for the journal.
    pub fn words(self) -> &'static str {
        match self {
            Self::OurMessageId => "answers a letter of ours (signed Message-ID)",
            Self::ReplyAddress => "was sent to the signed reply address of a letter of ours",
            Self::KnownMessageId => "answers a message of the case",
            Self::Reference => "names the reference of the case",
            Self::SameContent => "repeats a message of the case word for word",
        }
    }
}

/// What the store knows about a case that a mail points to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub case: CaseNumber,
    pub evidence: Evidence,
    /// Who may add to the case.
    pub participants: BTreeSet<Address>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Relation {
    /// It belongs to no case yet.
    New,
    Matched {
        case: CaseNumber,
        by: Evidence,
    },
    /// It points to a case in which the sender takes no part: nothing of that case is told.
    Stranger {
        quotes: CaseNumber,
        by: Evidence,
    },
    /// It points to several cases of the sender, equally.
    Ambiguous {
        cases: Vec<CaseNumber>,
    },
}

/// Letters of ours that a mail names by a valid signature.
pub fn signed_letters(facts: &MailFacts, policy: &Policy) -> Vec<(Evidence, LetterRef)> {
    let by_id = facts
        .answered_ids()
        .filter_map(|id| policy.key.open_message_id(id))
        .map(|l| (Evidence::OurMessageId, l));
    let by_address = facts
        .recipients()
        .filter_map(|address| policy.key.open_address(address))
        .filter(|(place, _)| *place == TokenPlace::ReplyAddress)
        .map(|(_, letter)| (Evidence::ReplyAddress, letter));
    by_id.chain(by_address).collect()
}

/// The letter of ours that a bounce is about: by the address it came to, else by the Message-ID that
/// it returns (PROCEDURE 6.3).
pub fn bounced_letter(facts: &MailFacts, policy: &Policy) -> Option<LetterRef> {
    let by_address = facts
        .recipients()
        .filter_map(|address| policy.key.open_address(address))
        .find(|(place, _)| *place == TokenPlace::BounceAddress)
        .map(|(_, letter)| letter);
    let returned = facts.bounce.as_ref().and_then(|bounce| bounce.original_message_id.as_ref());
    by_address
        .or_else(|| policy.key.open_message_id(returned?))
        .or_else(|| facts.answered_ids().find_map(|id| policy.key.open_message_id(id)))
}

/// The relation of a mail to the cases that it points to.
///
/// The strongest evidence that names a case of the sender's decides. Two cases by evidence of the
/// same strength are left to a human, since the wrong choice would disclose one to the other.
///
/// A colleague may answer in every case but the desk's own: what they write there goes to nobody. A
/// reference alone proves too little of who they are (PROCEDURE 2.12).
pub fn relate(sender: &Address, candidates: &[Candidate], policy: &Policy) -> Relation {
    let is_colleague = policy.staff.contains(sender);
    let takes_part = |c: &&Candidate| {
        let answers = c.evidence <= Evidence::KnownMessageId && c.case != CaseNumber::DESK;
        c.participants.contains(sender) || is_colleague && answers
    };
    let own: Vec<&Candidate> = candidates.iter().filter(takes_part).collect();
    if let Some(best) = own.iter().map(|c| c.evidence).min() {
        let mut cases: Vec<CaseNumber> = own.iter().filter(|c| c.evidence == best).map(|c| c.case).collect();
        // An answer names its nearest letter first: with ids the first hit is the one answered.
        if matches!(best, Evidence::OurMessageId | Evidence::KnownMessageId) {
            cases.truncate(1);
        }
        cases.dedup();
        return match cases.as_slice() {
            [case] => Relation::Matched { case: *case, by: best },
            _ => Relation::Ambiguous { cases },
        };
    }
    match candidates
        .iter()
        .filter(|c| c.evidence != Evidence::KnownMessageId && c.evidence != Evidence::SameContent)
        .min_by_key(|c| c.evidence)
    {
        Some(stranger) => Relation::Stranger { quotes: stranger.case, by: stranger.evidence },
        None => Relation::New,
    }
}
