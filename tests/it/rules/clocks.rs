//! Sections 3 to 5 of the procedure: clocks, letters, and telling humans.

use complaintd::core::case::{Case, Clock, DueOutcome};
use complaintd::core::decide::{Delivery, Input, OutboxHold, applied, decide};
use complaintd::core::facts::{Language, MailFacts};
use complaintd::core::ids::{Address, CaseNumber};
use complaintd::core::letter::{Attention, Letter, LetterKind, LetterLanguage};
use complaintd::core::policy::{Policy, Profile, Standing};
use complaintd::core::thread::Evidence;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};

use super::{
    QUIET, RECEIVED, acknowledgement, attention, clock, delivered, follow_up, later, letters, open, open_at,
    opened, told,
};
use crate::common::{address, at, complaint, mail, policy, unopened};

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

/// A desk with these mails set aside, each when it came.
fn with_set_aside(mails: &[(i64, Timestamp)]) -> Case {
    let mut desk = Case::unopened(CaseNumber::DESK);
    for (mail, received_at) in mails.iter().copied() {
        let input = Input::SetAside { mail, received_at, why: "too large", standing: QUIET };
        desk = told(&desk, &input, received_at).1;
    }
    desk
}

/// What a look at these tells: the mails, the age of the oldest in hours, how many are older.
fn looked(desk: &Case, mails: &[(i64, Timestamp)], now: Timestamp) -> (Option<(Vec<i64>, i64, u32)>, Case) {
    let (events, after) = told(desk, &Input::StillSetAside { mails, standing: QUIET }, now);
    let raised = match attention(&events)[..] {
        [] => None,
        [Attention::StillSetAside { mails, hours, older, .. }] => Some((mails.clone(), *hours, *older)),
        ref other => panic!("{other:?}"),
    };
    assert_eq!(letters(&events).len(), usize::from(raised.is_some()), "one notice tells all of them");
    (raised, after)
}

/// PROCEDURE 5.6
#[test]
fn rule_5_6_of_mail_that_is_still_set_aside_a_human_is_told_again() {
    let both = [(7, later(0)), (8, later(3) + SignedDuration::from_mins(10))];
    let desk = with_set_aside(&both);
    let watch = |desk: &Case| desk.dues[&Clock::AsideWatch].clone();
    assert_eq!(watch(&desk).due_at, later(12), "the first mail's");
    assert_eq!(looked(&desk, &both, later(11)).0, None, "not yet");
    let (raised, desk) = looked(&desk, &both, later(12));
    assert_eq!(raised, Some((vec![7], 12, 0)));
    assert_eq!(watch(&desk).due_at, later(16), "the second mail's, at the next full hour");
    // After a day of downtime the hours that passed are told once, the oldest mail first.
    let (raised, desk) = looked(&desk, &both, later(40));
    assert_eq!(raised, Some((vec![7, 8], 40, 0)));
    assert_eq!(looked(&desk, &both, later(40)).0, None, "told");
    let (raised, desk) = looked(&desk, &both[..1], later(48));
    assert_eq!(raised, Some((vec![7], 48, 0)), "the other was handled meanwhile");
    assert_eq!(watch(&desk).outcome, DueOutcome::Cleared, "the 48 hours are over");
    // A later one is told with the number of those that were told to the last.
    let input = Input::SetAside { mail: 9, received_at: later(90), why: "too large", standing: QUIET };
    let desk = told(&desk, &input, later(90)).1;
    assert_eq!(looked(&desk, &[(7, later(0)), (9, later(90))], later(102)).0, Some((vec![9], 12, 1)));
}

/// PROCEDURE 5.6
#[test]
fn rule_5_6_what_was_handled_is_told_no_more() {
    let desk = with_set_aside(&[(7, later(0))]);
    let (raised, after) = looked(&desk, &[], later(12));
    assert_eq!((raised, after.dues[&Clock::AsideWatch].outcome), (None, DueOutcome::Cleared));
    // One that has been lying for days, read again in vain: told at once, and that is all.
    let input = Input::SetAside { mail: 9, received_at: later(0), why: "too large", standing: QUIET };
    let again = told(&after, &input, later(72)).1;
    assert_eq!(again.dues[&Clock::AsideWatch].outcome, DueOutcome::Cleared);
}

/// PROCEDURE 5.6 and 2.7
#[test]
fn trap_29_old_mail_that_is_set_aside_is_told_once() {
    let recent = Policy { answer_since: at(RECEIVED), ..policy() };
    let before = later(-1);
    let input = Input::SetAside { mail: 7, received_at: before, why: "too large", standing: QUIET };
    let desk = Case::unopened(CaseNumber::DESK);
    let events = decide(&desk, &input, later(0), &recent);
    assert_eq!((attention(&events).len(), letters(&events).len()), (1, 1));
    assert!(!applied(&desk, &events, later(0)).dues.contains_key(&Clock::AsideWatch));
}

/// PROCEDURE 5.6
#[test]
fn rule_5_6_a_flood_of_odd_mails_is_told_by_one_notice_an_hour() {
    let flood: Vec<(i64, Timestamp)> =
        (0..300).map(|i| (i, later(0) + SignedDuration::from_secs(i * 11))).collect();
    let mut desk = with_set_aside(&flood);
    let mut notices = 0;
    for minute in 0..60 * 60 {
        let (raised, after) = looked(&desk, &flood, later(0) + SignedDuration::from_mins(minute));
        notices += usize::from(raised.is_some());
        desk = after;
    }
    assert_eq!(notices, 2 * 4, "300 mails within the hour, at two full hours each of the four times");
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

/// PROCEDURE 5.2
#[test]
fn rule_5_2_a_flood_of_odd_mails_silences_neither_the_clocks_nor_the_breaker() {
    let flooded = Standing { notices_hour: 30, ..QUIET };
    let looked = |standing, clock| {
        let input = Input::Deadline { clock, standing };
        letters(&decide(&opened(), &input, later(49), &policy())).len()
    };
    for clock in [Clock::AckWatch, Clock::Ack] {
        assert_eq!(looked(flooded, clock), 1, "{clock}");
        assert_eq!(
            looked(Standing { notices_hour: 60, ..QUIET }, clock),
            0,
            "{clock}: there is an end to it"
        );
    }
    let hold = Some(OutboxHold { sent: 500, limit: 500 });
    let held = Input::Outbox { hold, standing: Standing { notices_hour: 60, ..QUIET } };
    let desk = Case::unopened(CaseNumber::DESK);
    assert_eq!(letters(&decide(&desk, &held, later(1), &policy())).len(), 1);
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
