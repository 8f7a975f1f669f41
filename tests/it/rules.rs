//! The rules of docs/PROCEDURE.md, one test named for each paragraph: a case, an input and an instant
//! give these events. The invariants of every short history are in `histories`; where mails go is in
//! `routes`.

use complaintd::core::case::{Case, CaseState, Clock, DueOutcome, JournalEntry, MessageRole};
use complaintd::core::decide::{Delivery, Input, OutboxHold, applied, decide};
use complaintd::core::event::{Actor, Event};
use complaintd::core::facts::{BounceAction, Flag, Language, MailFacts, MayAnswer, Missing, Origin};
use complaintd::core::ids::{Address, CaseNumber};
use complaintd::core::letter::{Attention, Letter, LetterKind, LetterLanguage, LetterState};
use complaintd::core::policy::{Policy, Profile, Standing};
use complaintd::core::thread::Evidence;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use crate::common::{address, at, automatic, bounce, complaint, mail, policy, unopened};

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
    for intent in [None, Some(complaintd::core::facts::Intent::Question)] {
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
        assert_eq!(kinds(&events), plain, "{flag}");
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
        let events = open_at(&complaint(), &policy(), at(RECEIVED), standing);
        assert_eq!(acknowledgement(&events).is_some(), answered, "{hour} in the hour, {day} in the day");
        assert!(events.iter().any(|event| matches!(event, Event::Opened(_))), "the case is there");
    }
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

/// PROCEDURE 2.11
#[test]
fn rule_2_11_a_mail_set_aside_is_told_to_a_human() {
    let desk = Case::unopened(CaseNumber::DESK);
    let input = Input::SetAside { mail: 7, why: "1,500 parts, the limit is 1,000", standing: QUIET };
    let (events, _) = told(&desk, &input, at(RECEIVED));
    assert!(matches!(attention(&events)[..], [Attention::SetAside { mail: 7, .. }]));
    assert_eq!(letters(&events)[0].to, address("anne@divikeys.com"));
}

/// PROCEDURE 2.12
#[test]
fn trap_21_a_colleagues_mail_in_a_case_is_internal_and_goes_to_nobody() {
    let note = mail("anne@divikeys.com", "J'ai appelé la banque.");
    let before = Case { state: CaseState::Closed, ..opened() };
    let (events, after) = follow_up(&before, &note, Evidence::Reference);
    assert_eq!(kinds(&events), ["message_added"]);
    let Event::MessageAdded(added) = &events[0] else { panic!("a message") };
    assert_eq!(added.role, MessageRole::Internal);
    assert_eq!(after.thread_end, before.thread_end, "the next letter does not answer the colleague");
    assert_eq!(after.state, CaseState::Closed);
}

// ------------------------------------------------------------ 3 Clocks

/// PROCEDURE 3.1–3.4, 3.6 and 3.8
#[test]
fn rule_3_each_clock_is_set_once_with_the_version_of_the_calendar() {
    let case = opened();
    let calendar = &policy().calendar;
    let end = |year, month, day| calendar.end_of(date(year, month, day));
    let expected = [
        (Clock::Ack, later(48)),
        (Clock::AckWatch, later(12)),
        (Clock::Admissibility, end(2026, 6, 15)),
        (Clock::Resolution, end(2026, 6, 22)),
        (Clock::Cap, end(2026, 8, 1)),
    ];
    let set: Vec<(Clock, Timestamp)> = case.dues.iter().map(|(clock, due)| (*clock, due.due_at)).collect();
    assert_eq!(set, expected);
    assert!(case.dues.values().all(|due| due.calendar == "saint-martin-2026.1"));
    assert_eq!(case.mediator_limit, Some(date(2027, 6, 1)));
}

/// PROCEDURE 3.2 and 3.4
#[test]
fn rule_3_2_a_profile_without_a_duty_sets_no_clock_for_it() {
    let policy = Policy { profile: Profile { admissibility: false, cap: false }, ..policy() };
    let case = applied(&unopened(), &open(&complaint(), &policy), at(RECEIVED));
    let clocks: Vec<Clock> = case.dues.keys().copied().collect();
    assert_eq!(clocks, [Clock::Ack, Clock::AckWatch, Clock::Resolution]);
}

/// PROCEDURE 3.4
#[test]
fn rule_3_4_the_two_months_run_from_a_credible_sending() {
    let received = at(RECEIVED);
    for (sent, believed) in [
        (Some(received - SignedDuration::from_hours(72)), true),
        (Some(received + SignedDuration::from_hours(1)), false),
        (Some(at("1999-01-01T00:00:00Z")), false),
        (None, false),
    ] {
        let case =
            applied(&unopened(), &open(&MailFacts { sent_at: sent, ..complaint() }, &policy()), received);
        let expected = if believed { sent } else { Some(received) };
        assert_eq!(case.sent_at, expected, "{sent:?}");
        assert_eq!(case.received_at, Some(received), "the Date header never counts as reception");
    }
}

/// PROCEDURE 3.6
#[test]
fn trap_25_nothing_that_comes_later_moves_a_due_date() {
    let before = opened();
    let (_, after) = follow_up(&before, &mail("marie@exemple.fr", "Encore moi"), Evidence::Reference);
    let (_, after) = delivered(&after, Delivery::Sent { reply: "250 ok" }, 6);
    for (clock, due) in &before.dues {
        assert_eq!(after.dues[clock].due_at, due.due_at, "{clock}");
    }
}

// ------------------------------------------------------------ 4 Letters

/// PROCEDURE 4.1
#[test]
fn trap_14_the_acknowledgement_goes_to_from_and_not_to_reply_to() {
    let mail = MailFacts { reply_to: Some(address("victim@exemple.org")), ..complaint() };
    let events = open(&mail, &policy());
    assert_eq!(letters(&events).len(), 1);
    assert_eq!(letters(&events)[0].to, address("marie@exemple.fr"));
}

/// PROCEDURE 4.3
#[test]
fn rule_4_3_french_english_or_both() {
    for (language, expected) in [
        (Language::French, LetterLanguage::French),
        (Language::English, LetterLanguage::English),
        (Language::Spanish, LetterLanguage::Both),
        (Language::Creole, LetterLanguage::Both),
        (Language::Unknown, LetterLanguage::Both),
    ] {
        let events = open(&MailFacts { language, ..complaint() }, &policy());
        assert_eq!(acknowledgement(&events).map(|letter| letter.language), Some(expected), "{language}");
    }
}

/// PROCEDURE 4.5
#[test]
fn trap_11_a_letter_names_the_message_that_it_answers_and_those_before() {
    let many: Vec<_> = (0..20).map(|i| crate::common::id(&format!("{i}@exemple.fr"))).collect();
    let mail = MailFacts { references: many, ..complaint() };
    let events = open(&mail, &policy());
    let letter = acknowledgement(&events).expect("an acknowledgement");
    assert_eq!(letter.in_reply_to, mail.message_id);
    assert_eq!(letter.references.len(), Letter::MAX_REFERENCES);
    assert_eq!(letter.references.last(), mail.message_id.as_ref());
}

// ------------------------------------------------------------ 5 Telling humans

/// PROCEDURE 5.1
#[test]
fn rule_5_1_a_human_is_told_at_each_hour_until_the_acknowledgement_is_sent() {
    let mut case = opened();
    for (hours, next) in [(12, Some(24)), (24, Some(36)), (36, None)] {
        assert_eq!(case.dues[&Clock::AckWatch].due_at, later(hours));
        let (events, after) = clock(&case, Clock::AckWatch, later(hours));
        assert_eq!(attention(&events), [&Attention::AcknowledgementNotSent { hours }]);
        case = after;
        match next {
            Some(next) => assert_eq!(case.dues[&Clock::AckWatch].due_at, later(next)),
            None => assert_eq!(case.dues[&Clock::AckWatch].outcome, DueOutcome::Cleared),
        }
    }
    assert_eq!(clock(&case, Clock::AckWatch, later(40)).0, [], "no hour is left");
    let (_, sent) = delivered(&opened(), Delivery::Sent { reply: "250 ok" }, 1);
    assert_eq!(clock(&sent, Clock::AckWatch, later(12)).0, [], "sent: nobody is told");
}

/// PROCEDURE 5.1
#[test]
fn trap_35_after_a_night_of_downtime_the_hours_that_passed_are_told_once_as_late() {
    let (events, after) = clock(&opened(), Clock::AckWatch, later(30));
    assert_eq!(attention(&events), [&Attention::AcknowledgementNotSent { hours: 30 }]);
    assert_eq!(after.dues[&Clock::AckWatch].due_at, later(36), "24 is past and not told again");
    assert_eq!(clock(&after, Clock::AckWatch, later(30)).0, []);
}

/// PROCEDURE 5.2
#[test]
fn rule_5_2_notices_go_to_alerts_up_to_the_cap_and_the_journal_has_all() {
    let unanswerable = MailFacts { from: None, ..complaint() };
    let two = Policy { alerts: vec![address("a@divikeys.com"), address("b@divikeys.com")], ..policy() };
    for (notices_hour, expected) in [(0, 2), (29, 2), (30, 0)] {
        let standing = Standing { notices_hour, ..QUIET };
        let events = open_at(&unanswerable, &two, at(RECEIVED), standing);
        assert_eq!(letters(&events).len(), expected, "{notices_hour} in the hour");
        assert_eq!(attention(&events).len(), 1);
    }
}

/// PROCEDURE 5.3
#[test]
fn trap_35_a_clock_is_told_once_whether_the_look_is_early_late_or_repeated() {
    for which in [Clock::Ack, Clock::Admissibility, Clock::Resolution, Clock::Cap] {
        let case = opened();
        let due = case.dues[&which].due_at;
        let early = due - SignedDuration::from_micros(1);
        assert_eq!(clock(&case, which, early).0, [], "{which}: the clock of the machine jumped");
        let (events, after) = clock(&case, which, due + SignedDuration::from_hours(1000));
        assert_eq!(attention(&events), [&Attention::DeadlineMissed { clock: which }]);
        assert_eq!(after.dues[&which].outcome, DueOutcome::Missed);
        assert_eq!(clock(&after, which, due + SignedDuration::from_hours(1001)).0, [], "{which}: repeated");
    }
    assert_eq!(clock(&unopened(), Clock::Ack, later(99)).0, [], "no such clock");
}

/// PROCEDURE 5.4
#[test]
fn trap_21_a_notice_goes_to_the_companys_people_only() {
    let (events, _) = delivered(&opened(), Delivery::Failed { why: "550 no such user" }, 1);
    let to: Vec<&Address> = letters(&events).into_iter().map(|letter| &letter.to).collect();
    assert_eq!(to, [&address("anne@divikeys.com")]);
    assert_eq!(letters(&events)[0].kind, LetterKind::Notice);
}

// ------------------------------------------------------------ 6 Delivery

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

// ------------------------------------------------------------ 7 Evidence

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
