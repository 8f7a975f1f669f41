//! Sections 6 and 7 of the procedure: delivery and evidence.

use complaintd::core::case::{Case, Clock, DueOutcome, JournalEntry};
use complaintd::core::decide::{Delivery, Input, OutboxHold, applied};
use complaintd::core::event::{Actor, Event};
use complaintd::core::facts::{Attachment, BounceAction};
use complaintd::core::ids::{CaseNumber, Digest};
use complaintd::core::letter::{Attention, LetterState};
use complaintd::core::scan::Scan;

use super::{QUIET, RECEIVED, attention, clock, delivered, kinds, later, open, opened, told};
use crate::common::{at, bounce, complaint, policy, unopened};

/// PROCEDURE 6.1
#[test]
fn rule_6_1_the_duty_is_met_when_the_relay_took_the_letter_and_not_before() {
    let case = opened();
    assert_eq!(case.acknowledged_at, None);
    let (events, after) = delivered(&case, Delivery::Sent { reply: "250 ok" }, 1);
    assert_eq!(kinds(&events), ["letter_sent", "deadline_met", "deadline_met"]);
    assert_eq!(after.acknowledged_at, Some(later(1)));
    assert_eq!(after.dues[&Clock::Ack].outcome, DueOutcome::Met);
    assert_eq!(delivered(&after, Delivery::Sent { reply: "250 ok" }, 2).0, [], "told twice");
    let (_, late) = clock(&case, Clock::Ack, later(48));
    let (_, late) = delivered(&late, Delivery::Sent { reply: "250 ok" }, 49);
    assert_eq!(late.dues[&Clock::Ack].outcome, DueOutcome::Missed, "late stays late");
}

/// PROCEDURE 6.2
#[test]
fn rule_6_2_a_refused_letter_is_told_and_its_duty_goes_on() {
    let (events, after) = delivered(&opened(), Delivery::Failed { why: "550 no such user" }, 1);
    assert_eq!(kinds(&events), ["letter_failed", "attention_raised", "letter_written"]);
    assert_eq!(after.letters[&1].state, LetterState::Failed);
    assert_eq!(after.dues[&Clock::Ack].outcome, DueOutcome::Pending);
    assert_eq!(delivered(&after, Delivery::Failed { why: "again" }, 2).0, []);
    let notice = Delivery::Failed { why: "550 no such user" };
    let (events, _) = told(&after, &Input::Delivery { ordinal: 2, news: notice, standing: QUIET }, later(2));
    assert_eq!(kinds(&events), ["letter_failed"], "no notice about a notice");
    let (_, sent) = delivered(&opened(), Delivery::Sent { reply: "250 ok" }, 1);
    assert_eq!(delivered(&sent, Delivery::Failed { why: "timeout" }, 2).0, [], "taken is taken");
}

/// PROCEDURE 6.3
#[test]
fn trap_34_an_acknowledgement_that_came_back_was_none() {
    let (_, sent) = delivered(&opened(), Delivery::Sent { reply: "250 ok" }, 1);
    let report = bounce(BounceAction::Failed);
    let news = || Delivery::Bounced {
        mail: &report,
        bounce: report.bounce.as_ref().expect("a report"),
        received_at: later(2),
    };
    let (events, after) = delivered(&sent, news(), 2);
    assert!(matches!(attention(&events)[..], [Attention::LetterBounced { ordinal: 1, .. }]));
    assert_eq!(after.acknowledged_at, None);
    assert_eq!(after.dues[&Clock::Ack].outcome, DueOutcome::Pending, "the clock runs again");
    assert_eq!(after.dues[&Clock::Ack].due_at, later(48), "to the same instant");
    assert_eq!(after.dues[&Clock::AckWatch].due_at, later(12));
    let (again, twice) = delivered(&after, news(), 3);
    assert_eq!(attention(&again), Vec::<&Attention>::new(), "a second report tells nobody again");
    assert_eq!(twice.messages, after.messages + 1, "but is kept");

    let delayed = bounce(BounceAction::Delayed);
    let about = delayed.bounce.as_ref().expect("a report");
    let news = Delivery::Bounced { mail: &delayed, bounce: about, received_at: later(2) };
    let (events, after) = delivered(&sent, news, 2);
    assert_eq!(kinds(&events), ["message_added", "letter_bounced"], "a delay is only noted");
    assert_eq!(after.acknowledged_at, Some(later(1)));
}

/// PROCEDURE 5.3 and 6.3
#[test]
fn trap_34_a_clock_that_was_told_as_missed_is_not_told_again_by_a_bounce() {
    let (_, late) = clock(&opened(), Clock::Ack, later(48));
    let (_, late) = delivered(&late, Delivery::Sent { reply: "250 ok" }, 49);
    let report = bounce(BounceAction::Failed);
    let about = report.bounce.as_ref().expect("a report");
    let news = Delivery::Bounced { mail: &report, bounce: about, received_at: later(50) };
    let (_, after) = delivered(&late, news, 50);
    assert_eq!(clock(&after, Clock::Ack, later(51)).0, []);
}

/// PROCEDURE 6.4
#[test]
fn trap_16_the_circuit_breaker_holds_the_outbox_once_and_tells_a_human() {
    let desk = Case::unopened(CaseNumber::DESK);
    let hold = Some(OutboxHold { sent: 500, limit: 500 });
    let (events, held) = told(&desk, &Input::Outbox { hold, standing: QUIET }, later(0));
    assert!(matches!(attention(&events)[..], [Attention::OutboxHeld { sent: 500, limit: 500 }]));
    assert!(held.outbox_held.is_some());
    assert_eq!(told(&held, &Input::Outbox { hold, standing: QUIET }, later(1)).0, []);
    let (events, free) = told(&held, &Input::Outbox { hold: None, standing: QUIET }, later(2));
    assert_eq!(kinds(&events), ["outbox_held"]);
    assert_eq!(free.outbox_held, None);
    assert_eq!(told(&free, &Input::Outbox { hold: None, standing: QUIET }, later(3)).0, []);
}

/// PROCEDURE 6.5
#[test]
fn rule_6_5_an_operator_drops_and_releases_what_is_not_sent() {
    let (events, dropped) = delivered(&opened(), Delivery::Suppressed { why: "duplicate" }, 1);
    assert_eq!(kinds(&events), ["letter_suppressed"]);
    assert_eq!(dropped.dues[&Clock::Ack].outcome, DueOutcome::Pending, "the duty goes on");
    assert_eq!(delivered(&dropped, Delivery::Suppressed { why: "duplicate" }, 2).0, []);
    let (_, back) = delivered(&dropped, Delivery::Released, 2);
    assert_eq!(back.letters[&1].state, LetterState::Queued);
    let (_, sent) = delivered(&back, Delivery::Sent { reply: "250 ok" }, 3);
    for news in [Delivery::Suppressed { why: "too late" }, Delivery::Released] {
        assert_eq!(delivered(&sent, news, 4).0, [], "sent is sent");
    }
}

/// PROCEDURE 7.2
#[test]
fn rule_7_2_a_changed_entry_breaks_the_chain() {
    let event = Event::Activated { at: at(RECEIVED) };
    let chain = |event: &Event, prev| {
        JournalEntry::chain(CaseNumber::DESK, 1, at(RECEIVED), Actor::Desk, event.clone(), prev)
    };
    let first = chain(&event, JournalEntry::GENESIS);
    assert_eq!(first.hash, chain(&event, JournalEntry::GENESIS).hash, "the same entry, the same digest");
    let changed = Event::Activated { at: later(1) };
    assert_ne!(first.hash, chain(&changed, JournalEntry::GENESIS).hash);
    assert_ne!(first.hash, chain(&event, first.hash).hash, "the entry before is part of it");
}

/// PROCEDURE 7.4
#[test]
fn rule_7_4_what_logs_show_of_a_message_id_is_keyed_and_names_nobody() {
    let key = policy().key;
    let shown = key.pseudonym("abc@marie-dupont.fr");
    assert_eq!(shown, key.pseudonym("abc@marie-dupont.fr"));
    assert!(!shown.contains("marie") && shown.len() == 12);
    let other = complaintd::core::token::TokenKey::new(vec![8; 32]).expect("long enough");
    assert_ne!(shown, other.pseudonym("abc@marie-dupont.fr"), "without the key nobody can try names");
}

/// PROCEDURE 7.5
#[test]
fn rule_7_5_what_a_virus_hangs_on_is_heard_and_what_was_found_is_told_once() {
    let mut mail = complaint();
    mail.attachments = vec![attachment("a.pdf", "withheld: virus X"), attachment("b.pdf", "clean")];
    mail.scan = Scan::Infected { signature: "X".to_owned() };
    let found = Attention::VirusFound { signature: "X".to_owned(), documents: vec!["a.pdf".to_owned()] };
    let events = open(&mail, &policy());
    assert_eq!(attention(&events), [&found]);
    let acknowledged = kinds(&events).iter().filter(|kind| **kind == "letter_written").count();
    assert_eq!(acknowledged, 2, "the acknowledgement and the notice");

    // Looked at late: the verdict changes then, and what is known already is not told again.
    let unscanned = |name: &str| attachment(name, "unscanned");
    mail.attachments = vec![unscanned("a.pdf"), unscanned("b.pdf")];
    mail.scan = Scan::Pending;
    let events = open(&mail, &policy());
    assert!(attention(&events).is_empty());
    let case = applied(&unopened(), &events, later(0));
    mail.attachments = vec![attachment("a.pdf", "withheld: virus X"), attachment("b.pdf", "clean")];
    mail.scan = Scan::Infected { signature: "X".to_owned() };
    let (events, after) = told(&case, &Input::Scanned { mail: &mail, standing: QUIET }, later(1));
    assert_eq!(kinds(&events), ["documents_scanned", "attention_raised", "letter_written"]);
    assert_eq!(after.documents[0].verdict, "withheld: virus X");
    assert_eq!(after.documents[1].verdict, "clean");
    mail.scan = Scan::Clean;
    assert_eq!(told(&after, &Input::Scanned { mail: &mail, standing: QUIET }, later(2)).0, []);
}

fn attachment(name: &str, verdict: &str) -> Attachment {
    Attachment {
        name: name.to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 1,
        sha256: Digest::of(name.as_bytes()),
        inline: false,
        verdict: verdict.to_owned(),
    }
}
