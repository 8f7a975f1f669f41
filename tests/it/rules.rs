//! The rules of docs/PROCEDURE.md, one test named for each paragraph: a case, an input and an instant
//! give these events. Here sections 1 and 2 and what all of them use. The invariants of every short
//! history are in `histories`; where mails go is in `routes`.

mod clocks;
mod command;
mod delivery;

use complaintd::core::case::{Case, CaseState, Clock, MessageRole};
use complaintd::core::decide::{Delivery, Input, applied, decide};
use complaintd::core::event::Event;
use complaintd::core::facts::{Attachment, Flag, Intent, MailFacts, MayAnswer, Missing, Origin};
use complaintd::core::ids::{CaseNumber, Digest};
use complaintd::core::letter::{Attention, Letter, LetterKind};
use complaintd::core::policy::{Policy, Standing};
use complaintd::core::thread::Evidence;
use jiff::{SignedDuration, Timestamp};

use crate::common::{address, at, automatic, complaint, mail, policy, unopened};

const RECEIVED: &str = "2026-06-01T12:00:00Z";
const QUIET: Standing = Standing { to_sender_hour: 0, to_sender_day: 0, notices_hour: 0 };

fn open(mail: &MailFacts, policy: &Policy) -> Vec<Event> {
    open_at(mail, policy, at(RECEIVED), QUIET)
}

fn open_at(mail: &MailFacts, policy: &Policy, received_at: Timestamp, standing: Standing) -> Vec<Event> {
    let input = Input::Complaint { mail, received_at, standing, doubt: None };
    decide(&unopened(), &input, received_at, policy)
}

/// Marie's case with its acknowledgement written and not sent.
fn opened() -> Case {
    applied(&unopened(), &open(&complaint(), &policy()), at(RECEIVED))
}

fn told(case: &Case, input: &Input<'_>, now: Timestamp) -> (Vec<Event>, Case) {
    let events = decide(case, input, now, &policy());
    let after = applied(case, &events, now);
    (events, after)
}

fn delivered(case: &Case, news: Delivery<'_>, hours: i64) -> (Vec<Event>, Case) {
    told(case, &Input::Delivery { ordinal: 1, news, standing: QUIET }, later(hours))
}

fn clock(case: &Case, clock: Clock, now: Timestamp) -> (Vec<Event>, Case) {
    told(case, &Input::Deadline { clock, standing: QUIET }, now)
}

fn follow_up(case: &Case, mail: &MailFacts, by: Evidence) -> (Vec<Event>, Case) {
    let received_at = later(5);
    told(case, &Input::FollowUp { mail, received_at, standing: QUIET, by }, received_at)
}

fn later(hours: i64) -> Timestamp {
    at(RECEIVED) + SignedDuration::from_hours(hours)
}

fn letters(events: &[Event]) -> Vec<&Letter> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::LetterWritten { letter } => Some(letter.as_ref()),
            _ => None,
        })
        .collect()
}

fn acknowledgement(events: &[Event]) -> Option<&Letter> {
    letters(events).into_iter().find(|letter| letter.kind == LetterKind::Acknowledgement)
}

fn attention(events: &[Event]) -> Vec<&Attention> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::AttentionRaised { attention } => Some(attention),
            _ => None,
        })
        .collect()
}

fn kinds(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(Event::kind).collect()
}

// ------------------------------------------------------------ 1 What a complaint is

/// PROCEDURE 1.1
#[test]
fn rule_1_1_a_mail_whose_meaning_is_doubtful_is_registered_and_acknowledged() {
    for intent in [None, Some(Intent::Question)] {
        let doubtful = MailFacts { intent, confidence: 0.1, ..complaint() };
        let events = open(&doubtful, &policy());
        assert!(acknowledgement(&events).is_some(), "{intent:?}");
        assert!(events.iter().any(|event| matches!(event, Event::DeadlineSet { .. })));
    }
}

/// PROCEDURE 1.3
#[test]
fn rule_1_3_what_is_missing_is_noted_and_no_condition() {
    let bare = MailFacts { missing: Missing::ALL.iter().copied().collect(), ..complaint() };
    let (whole, lacking) = (open(&complaint(), &policy()), open(&bare, &policy()));
    assert_eq!(kinds(&whole), kinds(&lacking));
    let case = applied(&unopened(), &lacking, at(RECEIVED));
    assert_eq!(case.missing.len(), Missing::ALL.len());
}

/// PROCEDURE 1.4
#[test]
fn rule_1_4_a_flag_lowers_no_treatment() {
    let plain = kinds(&open(&complaint(), &policy()));
    for flag in Flag::ALL {
        let flagged = MailFacts { flags: [*flag].into(), ..complaint() };
        let events = open(&flagged, &policy());
        let told = ["attention_raised", "letter_written"];
        let more = events.iter().filter(|event| match event {
            Event::AttentionRaised { attention: Attention::Flagged { .. } } => true,
            Event::LetterWritten { letter } => letter.kind == LetterKind::Notice,
            _ => false,
        });
        let more: Vec<&str> = more.map(Event::kind).collect();
        assert_eq!(more, if flag.cannot_wait() { &told[..] } else { &[] }, "{flag} (PROCEDURE 5.5)");
        let others: Vec<&str> =
            kinds(&events).into_iter().filter(|kind| *kind != "attention_raised").collect();
        assert_eq!(others.len() - usize::from(flag.cannot_wait()), plain.len(), "{flag}");
        assert!(applied(&unopened(), &events, at(RECEIVED)).flags.contains(flag));
    }
}

// ------------------------------------------------------------ 2 From mail to case

/// PROCEDURE 2.1
#[test]
fn rule_2_1_a_first_mail_opens_the_case_once() {
    let events = open(&complaint(), &policy());
    assert_eq!(
        kinds(&events),
        [
            "opened",
            "message_added",
            "deadline_set",
            "deadline_set",
            "deadline_set",
            "deadline_set",
            "deadline_set",
            "letter_written"
        ]
    );
    let case = opened();
    let mail = complaint();
    let again = Input::Complaint { mail: &mail, received_at: at(RECEIVED), standing: QUIET, doubt: None };
    assert_eq!(told(&case, &again, later(1)).0, [], "told twice it changes nothing");
}

#[test]
fn rule_2_1_numbers_leave_no_gap_and_begin_anew_with_the_local_year() {
    use complaintd::core::decide::next_number;
    let eve = at("2027-01-01T03:00:00Z");
    assert_eq!(next_number(&policy(), eve, 41), CaseNumber::new(2026, 42), "still 2026 in Marigot");
    assert_eq!(next_number(&policy(), at("2027-01-01T04:00:00Z"), 0), CaseNumber::new(2027, 1));
    assert_eq!(next_number(&policy(), eve, CaseNumber::MAX_SERIAL), None);
}

/// PROCEDURE 2.1
#[test]
fn trap_14_the_complainant_stays_whoever_writes_into_the_case() {
    let before = opened();
    let lawyer = MailFacts {
        reply_to: Some(address("other@exemple.fr")),
        cc: vec![address("brother@exemple.fr")],
        ..mail("maitre@cabinet.fr", "Pour ma cliente")
    };
    for by in [Evidence::OurMessageId, Evidence::ReplyAddress, Evidence::Reference] {
        let (_, after) = follow_up(&before, &lawyer, by);
        assert_eq!(after.complainant, before.complainant);
        assert_eq!(after.participants, before.participants, "nobody joins by writing or by being copied");
    }
}

/// PROCEDURE 2.5
#[test]
fn rule_2_5_when_in_doubt_no_machine_answers_and_a_human_is_told() {
    let may_not = MayAnswer::No("X-Auto-Response-Suppress: All".to_owned());
    let unanswerable = [
        MailFacts { may_answer: may_not, ..complaint() },
        MailFacts { from: None, ..complaint() },
        mail("contact@divikeys.com", "Bonjour"),
        mail("info+r-2026-000123-k.1.abc@divikeys.com", "Bonjour"),
        mail("anne@divikeys.com", "Bonjour"),
    ];
    for mail in unanswerable {
        let events = open(&mail, &policy());
        assert_eq!(acknowledgement(&events), None, "{:?}", mail.from);
        assert!(matches!(attention(&events)[..], [Attention::NotAcknowledged { .. }]));
        let case = applied(&unopened(), &events, at(RECEIVED));
        assert_eq!(case.pending().count(), 5, "the clocks run");
    }
}

/// PROCEDURE 2.5
#[test]
fn trap_16_no_robot_is_acknowledged_even_when_reading_said_that_it_may_be() {
    for origin in [Origin::AutoReply, Origin::Bounce, Origin::Bulk, Origin::Receipt, Origin::Own] {
        let events = open(&MailFacts { origin, may_answer: MayAnswer::Yes, ..complaint() }, &policy());
        assert_eq!(acknowledgement(&events), None, "{origin:?}");
    }
}

/// PROCEDURE 2.6
#[test]
fn trap_16_two_robots_that_answer_each_other_stop_at_the_caps() {
    for (hour, day, answered) in [(2, 5, true), (3, 5, false), (0, 6, false), (9, 99, false)] {
        let standing = Standing { to_sender_hour: hour, to_sender_day: day, notices_hour: 0 };
        let events = open_at(&with_document(), &policy(), at(RECEIVED), standing);
        assert_eq!(acknowledgement(&events).is_some(), answered, "{hour} in the hour, {day} in the day");
        assert!(events.iter().any(|event| matches!(event, Event::Opened(_))), "the case is there");
    }
}

/// PROCEDURE 2.14
#[test]
fn rule_2_14_what_comes_within_a_day_of_our_letter_and_in_no_thread_is_left_to_a_human() {
    for (day, document, answered) in
        [(0, false, true), (0, true, true), (1, false, false), (1, true, true), (5, true, true)]
    {
        let standing = Standing { to_sender_hour: 0, to_sender_day: day, notices_hour: 0 };
        let mail = if document { with_document() } else { complaint() };
        let events = open_at(&mail, &policy(), at(RECEIVED), standing);
        assert_eq!(acknowledgement(&events).is_some(), answered, "{day} letters, document: {document}");
        assert_eq!(attention(&events).is_empty(), answered, "a human is told");
        assert!(events.iter().any(|event| matches!(event, Event::Opened(_))), "the case is there");
    }
}

fn with_document() -> MailFacts {
    let attachments = vec![Attachment {
        name: "releve.pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: 5_000,
        sha256: Digest::of(b"a statement"),
        inline: false,
        verdict: "clean".to_owned(),
    }];
    MailFacts { attachments, ..complaint() }
}

/// PROCEDURE 2.7
#[test]
fn trap_29_nothing_received_before_the_activation_is_answered() {
    let since = policy().answer_since;
    let just_before = since - SignedDuration::from_micros(1);
    assert_eq!(acknowledgement(&open_at(&complaint(), &policy(), just_before, QUIET)), None);
    assert!(acknowledgement(&open_at(&complaint(), &policy(), since, QUIET)).is_some());
    let backfill = Policy { answer_since: at("2016-01-01T00:00:00Z"), ..policy() };
    assert!(acknowledgement(&open_at(&complaint(), &backfill, just_before, QUIET)).is_some());
}

/// PROCEDURE 2.7
#[test]
fn rule_2_7_the_desk_begins_once() {
    let desk = Case::unopened(CaseNumber::DESK);
    let (events, desk) = told(&desk, &Input::Activate, at(RECEIVED));
    assert_eq!(events, [Event::Activated { at: at(RECEIVED) }]);
    assert_eq!(desk.activated_at, Some(at(RECEIVED)));
    assert_eq!(told(&desk, &Input::Activate, later(24)).0, [], "a later start changes nothing");
}

/// PROCEDURE 2.8
#[test]
fn trap_20_an_out_of_office_reply_is_kept_and_moves_nothing() {
    for state in CaseState::ALL {
        let before = Case { state: *state, ..opened() };
        let (events, after) = follow_up(&before, &automatic("marie@exemple.fr"), Evidence::OurMessageId);
        assert_eq!(kinds(&events), ["message_added"], "{state}");
        assert_eq!(after.state, *state);
        assert_eq!((&after.dues, &after.thread_end), (&before.dues, &before.thread_end));
        assert_eq!(after.messages, before.messages + 1);
    }
}

/// PROCEDURE 2.8
#[test]
fn trap_18_what_a_person_wrote_under_a_machines_mark_is_a_follow_up() {
    let forwarded = MailFacts {
        complains_though_automatic: true,
        intent: Some(Intent::Complaint),
        confidence: 0.8,
        flags: [Flag::VulnerablePerson].into(),
        ..automatic("marie@exemple.fr")
    };
    let closed = Case { state: CaseState::Closed, ..opened() };
    let (events, after) = follow_up(&closed, &forwarded, Evidence::OurMessageId);
    assert_eq!(after.state, CaseState::Open);
    assert!(after.flags.contains(&Flag::VulnerablePerson));
    assert!(matches!(attention(&events)[..], [Attention::Flagged { .. }, Attention::Reopened]));
    assert_eq!(letters(&events).iter().filter(|letter| letter.kind != LetterKind::Notice).count(), 0);
}

/// PROCEDURE 2.10
#[test]
fn trap_15_a_reply_to_an_ended_case_opens_it_again_and_a_human_is_told() {
    let reply = mail("marie@exemple.fr", "Mon problème n'est pas résolu.");
    for (state, reopens) in [
        (CaseState::Open, false),
        (CaseState::Answered, false),
        (CaseState::Reexamination, false),
        (CaseState::Closed, true),
        (CaseState::Withdrawn, true),
        (CaseState::NotAComplaint, true),
    ] {
        let before = Case { state, ..opened() };
        let (events, after) = follow_up(&before, &reply, Evidence::ReplyAddress);
        assert_eq!(after.messages, before.messages + 1, "{state}: never lost");
        assert_eq!(after.state, if reopens { CaseState::Open } else { state });
        assert_eq!(attention(&events).len(), usize::from(reopens), "{state}");
        assert_eq!(after.dues, before.dues, "{state}: no clock is set anew");
        assert_eq!(acknowledgement(&events), None);
    }
}

/// PROCEDURE 2.10
#[test]
fn trap_15_the_same_words_once_more_open_an_ended_case_too() {
    let again = complaint();
    let (events, open) = follow_up(&opened(), &again, Evidence::SameContent);
    assert_eq!(kinds(&events), ["message_added"]);
    let Event::MessageAdded(added) = &events[0] else { panic!("a message") };
    assert_eq!((added.role, open.messages), (MessageRole::Repeat, 2));
    let closed = Case { state: CaseState::Closed, ..opened() };
    let (events, after) = follow_up(&closed, &again, Evidence::SameContent);
    assert_eq!(attention(&events), [&Attention::Reopened]);
    assert_eq!(after.state, CaseState::Open);
}

/// PROCEDURE 2.11
#[test]
fn rule_2_11_a_mail_set_aside_is_told_to_a_human() {
    let desk = Case::unopened(CaseNumber::DESK);
    let received_at = at(RECEIVED);
    let input =
        Input::SetAside { mail: 7, received_at, why: "1,500 parts, the limit is 1,000", standing: QUIET };
    let (events, _) = told(&desk, &input, at(RECEIVED));
    assert!(matches!(attention(&events)[..], [Attention::SetAside { mail: 7, .. }]));
    assert_eq!(letters(&events)[0].to, address("anne@divikeys.com"));
}

/// PROCEDURE 2.12
#[test]
fn trap_21_a_colleagues_mail_in_a_case_is_internal_and_goes_to_nobody() {
    let note = mail("anne@divikeys.com", "J'ai appelé la banque.");
    let before = Case { state: CaseState::Closed, ..opened() };
    let (events, after) = follow_up(&before, &note, Evidence::OurMessageId);
    assert_eq!(attention(&events), [&Attention::ColleagueWrote], "they may think that it was sent");
    assert!(letters(&events).iter().all(|letter| letter.kind == LetterKind::Notice));
    let Event::MessageAdded(added) = &events[0] else { panic!("a message") };
    assert_eq!(added.role, MessageRole::Internal);
    assert_eq!(after.thread_end, before.thread_end, "the next letter does not answer the colleague");
    assert_eq!(after.state, CaseState::Closed);
}
