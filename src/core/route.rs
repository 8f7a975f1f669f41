//! Where a mail goes: a new case, a case that exists, a letter it reports on, the file, or a human
//! (PROCEDURE 2). Pure: the shell has asked the store for everything first.

use jiff::Timestamp;

use super::facts::{BounceAction, Intent, MailFacts, Origin};
use super::ids::{CaseNumber, Digest};
use super::policy::Policy;
use super::thread::{Candidate, Evidence, Relation, bounced_letter, relate};
use super::token::LetterRef;

/// What is done with a mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Route {
    /// A case is opened; the relation tells what made us doubt, if anything did.
    Open(Relation),
    Join {
        case: CaseNumber,
        by: Evidence,
    },
    /// It tells what became of a letter of ours.
    Report(LetterRef),
    /// Done with, in no case; why, for the auditor.
    File(String),
    /// The same mail is there already.
    Duplicate {
        of: Digest,
    },
    SetAside(String),
}

/// What the store knows that bears on a mail.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Another mail with the same raw bytes, or the same Message-ID and content (PROCEDURE 2.9,
    /// TRAPS 5, 6, 7, 28).
    pub twin: Option<Digest>,
    pub candidates: Vec<Candidate>,
}

/// How likely a complaint must be in a mail that is marked automatic and tells a grievance, before a human
/// must see it (PROCEDURE 2.8, TRAPS 18). Without a grievance no likelihood counts: words that are
/// unknown, as those of absences are, count as a complaint.
const AUTOMATIC_COMPLAINT_CONFIDENCE: f64 = 0.3;

pub fn route(mail: &MailFacts, received_at: Timestamp, known: &Known, policy: &Policy) -> Route {
    if let Some(of) = known.twin {
        return Route::Duplicate { of };
    }
    if let Some(set_aside) = &mail.set_aside {
        return Route::SetAside(set_aside.why.clone());
    }
    let relation = match &mail.from {
        Some(from) => relate(&from.address, &known.candidates, policy),
        None => Relation::New,
    };
    match mail.origin {
        Origin::Human => human(mail, relation, received_at, policy),
        Origin::Bounce => match bounced_letter(mail, policy) {
            Some(letter) => Route::Report(letter),
            None => unsigned_report(mail, known),
        },
        Origin::AutoReply | Origin::Receipt | Origin::Bulk => automatic(mail, relation, received_at, policy),
        Origin::Own => {
            Route::SetAside("comes from one of our own addresses, yet is no letter of ours".to_owned())
        }
    }
}

fn human(mail: &MailFacts, relation: Relation, received_at: Timestamp, policy: &Policy) -> Route {
    let Some(from) = &mail.from else {
        return Route::SetAside("no sender: the From header is missing or unreadable".to_owned());
    };
    if let Relation::Matched { case, by } = relation {
        return Route::Join { case, by };
    }
    if policy.staff.contains(&from.address) {
        let why = match relation {
            Relation::Ambiguous { .. } => "from a colleague's address, and it points to several cases",
            _ => "from a colleague's address, but it answers no message of a case",
        };
        return Route::SetAside(format!("{why}: nothing in it was carried out"));
    }
    if received_at < policy.answer_since {
        return Route::File("received before the desk was activated".to_owned());
    }
    Route::Open(relation)
}

/// Anybody can write a report that bears no signature of ours, so that no letter fails by it. One that names a
/// case may be all that is ever told of a letter that did not arrive (PROCEDURE 6.3).
fn unsigned_report(mail: &MailFacts, known: &Known) -> Route {
    let failed = mail.bounce.as_ref().is_some_and(|bounce| bounce.action == BounceAction::Failed);
    match known.candidates.first() {
        Some(named) if failed => Route::SetAside(format!(
            "a delivery report that names {} and returns no letter of ours: did its letters arrive?",
            named.case
        )),
        _ => Route::File("delivery report about no letter of ours".to_owned()),
    }
}

/// A robot's mail opens nothing, unless it reads like a complaint: providers mark mail that a rule
/// forwarded as automatic, and programs that send for persons mark it as bulk (TRAPS 18).
fn automatic(mail: &MailFacts, relation: Relation, received_at: Timestamp, policy: &Policy) -> Route {
    if let Relation::Matched { case, by } = relation {
        return Route::Join { case, by };
    }
    if is_a_persons_though_marked(mail) && received_at >= policy.answer_since {
        return Route::Open(relation);
    }
    Route::File(match mail.origin {
        Origin::Receipt => "read receipt".to_owned(),
        Origin::Bulk => "bulk mail".to_owned(),
        _ => "automatic reply".to_owned(),
    })
}

/// Marked automatic or bulk, and it reads like a complaint all the same: somebody wrote it (TRAPS 18).
pub(super) fn is_a_persons_though_marked(mail: &MailFacts) -> bool {
    matches!(mail.origin, Origin::AutoReply | Origin::Bulk)
        && mail.complains_though_automatic
        && matches!(mail.intent, Some(Intent::Complaint | Intent::Reexamination))
        && mail.confidence >= AUTOMATIC_COMPLAINT_CONFIDENCE
}
