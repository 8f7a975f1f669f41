//! A later mail of a case: kept in it, and what it does to a case that is no longer open
//! (PROCEDURE 2.10, TRAPS 15).

use jiff::Timestamp;

use super::complaint::{added, cannot_wait};
use super::raise;
use crate::core::case::{Case, CaseState, MessageRole};
use crate::core::event::Event;
use crate::core::facts::{MailFacts, Origin};
use crate::core::letter::Attention;
use crate::core::policy::{Policy, Standing};
use crate::core::route::is_a_persons_though_marked;
use crate::core::scan;
use crate::core::thread::Evidence;

pub(super) fn decide(
    case: &Case,
    mail: &MailFacts,
    received_at: Timestamp,
    standing: Standing,
    by: Evidence,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let role = role_of(mail, by, policy);
    let mut message = added(mail, received_at, role, by.words());
    if role == MessageRole::FollowUp {
        message.flags = mail.flags.difference(&case.flags).copied().collect();
    }
    let flagged = cannot_wait(&message.flags);
    let mut events = vec![Event::MessageAdded(Box::new(message))];
    if let Some(flagged) = flagged {
        raise(&mut events, case, flagged, standing, now, policy);
    }
    if let Some(found) = scan::attention(mail) {
        raise(&mut events, case, found, standing, now, policy);
    }
    if role == MessageRole::Internal {
        raise(&mut events, case, Attention::ColleagueWrote, standing, now, policy);
    }
    // The same words once more, after the end: the person is not content with it.
    if matches!(role, MessageRole::FollowUp | MessageRole::Repeat) && reopens(case.state) {
        let why = "the complainant wrote again".to_owned();
        events.push(Event::StateChanged { state: CaseState::Open, why });
        raise(&mut events, case, Attention::Reopened, standing, now, policy);
    }
    events
}

/// A robot's mail and a colleague's are kept and move nothing (PROCEDURE 2.8, 2.12, TRAPS 20, 21); what a
/// person wrote under a machine's mark counts as theirs (TRAPS 18).
fn role_of(mail: &MailFacts, by: Evidence, policy: &Policy) -> MessageRole {
    let internal = mail.from.as_ref().is_some_and(|from| policy.staff.contains(&from.address));
    match mail.origin {
        Origin::Human if internal => MessageRole::Internal,
        Origin::Human if by == Evidence::SameContent => MessageRole::Repeat,
        Origin::Human => MessageRole::FollowUp,
        _ if is_a_persons_though_marked(mail) && !internal => MessageRole::FollowUp,
        _ => MessageRole::Automatic,
    }
}

/// Per state: an open, answered or re-examined case takes the message as it is; one that was ended
/// opens again, for a human to judge.
fn reopens(state: CaseState) -> bool {
    match state {
        CaseState::Open | CaseState::Answered | CaseState::Reexamination => false,
        CaseState::Closed | CaseState::Withdrawn | CaseState::NotAComplaint => true,
    }
}
