//! Every short history of inputs keeps what must always be true (PROCEDURE 7.3 and the promises of the
//! others): no order of mails, clocks, relay answers and operators' wishes breaks it.

use complaintd::core::case::{Case, CaseState, Clock, DueOutcome};
use complaintd::core::decide::{Delivery, Input, applied, decide};
use complaintd::core::event::Event;
use complaintd::core::facts::{BounceAction, MailFacts, MayAnswer};
use complaintd::core::letter::{LetterKind, LetterState};
use complaintd::core::policy::{Policy, Standing};
use complaintd::core::thread::Evidence;
use jiff::{SignedDuration, Timestamp};

use crate::common::{at, automatic, bounce, complaint, mail, policy, unopened};

/// One thing that may happen next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Complaint,
    /// A complaint that no machine may answer.
    Unanswerable,
    FollowUp,
    Automatic,
    Colleague,
    Clocks,
    Sent,
    Failed,
    Bounced,
    Suppressed,
    Released,
    /// What a later version's staff command does.
    Closed,
}

const STEPS: [Step; 12] = [
    Step::Complaint,
    Step::Unanswerable,
    Step::FollowUp,
    Step::Automatic,
    Step::Colleague,
    Step::Clocks,
    Step::Sent,
    Step::Failed,
    Step::Bounced,
    Step::Suppressed,
    Step::Released,
    Step::Closed,
];
/// Between two steps, so that they lie between the hours of the watch.
const SMALL_STRIDE: SignedDuration = SignedDuration::from_hours(11);
/// Between two steps, so that the 48 hours of the acknowledgement pass early enough for more to happen.
const LARGE_STRIDE: SignedDuration = SignedDuration::from_hours(25);

/// The mails and the policy of all histories.
struct World {
    policy: Policy,
    complaint: MailFacts,
    unanswerable: MailFacts,
    follow_up: MailFacts,
    automatic: MailFacts,
    colleague: MailFacts,
    report: MailFacts,
}

impl World {
    fn new() -> Self {
        Self {
            policy: policy(),
            complaint: complaint(),
            unanswerable: MailFacts { may_answer: MayAnswer::No("List-Id".to_owned()), ..complaint() },
            follow_up: mail("marie@exemple.fr", "Toujours rien."),
            automatic: automatic("marie@exemple.fr"),
            colleague: mail("anne@divikeys.com", "J'ai appelé la banque."),
            report: bounce(BounceAction::Failed),
        }
    }

    fn events(&self, case: &Case, step: Step, now: Timestamp) -> Vec<Event> {
        let standing = Standing::default();
        let decided = |input: Input<'_>| decide(case, &input, now, &self.policy);
        let first = |mail| decided(Input::Complaint { mail, received_at: now, standing, doubt: None });
        let join = |mail, by| decided(Input::FollowUp { mail, received_at: now, standing, by });
        let letter = |news| decided(Input::Delivery { ordinal: 1, news, standing });
        // No mail and no clock comes to a case that is none.
        let opened = case.is_opened();
        match step {
            Step::Complaint => first(&self.complaint),
            Step::Unanswerable => first(&self.unanswerable),
            Step::FollowUp if opened => join(&self.follow_up, Evidence::ReplyAddress),
            Step::Automatic if opened => join(&self.automatic, Evidence::OurMessageId),
            Step::Colleague if opened => join(&self.colleague, Evidence::Reference),
            Step::Clocks => self.clocks(case, now),
            Step::Sent => letter(Delivery::Sent { reply: "250 ok" }),
            Step::Failed => letter(Delivery::Failed { why: "550 no such user" }),
            Step::Bounced => letter(Delivery::Bounced {
                mail: &self.report,
                bounce: self.report.bounce.as_ref().expect("a report"),
                received_at: now,
            }),
            Step::Suppressed => letter(Delivery::Suppressed { why: "by hand" }),
            Step::Released => letter(Delivery::Released),
            Step::Closed if opened => {
                vec![Event::StateChanged { state: CaseState::Closed, why: "by hand".to_owned() }]
            }
            Step::FollowUp | Step::Automatic | Step::Colleague | Step::Closed => Vec::new(),
        }
    }

    /// Every clock is asked, each after what the one before it led to.
    fn clocks(&self, case: &Case, now: Timestamp) -> Vec<Event> {
        let (mut case, mut all) = (case.clone(), Vec::new());
        for clock in Clock::ALL {
            let input = Input::Deadline { clock: *clock, standing: Standing::default() };
            let events = decide(&case, &input, now, &self.policy);
            case = applied(&case, &events, now);
            all.extend(events);
        }
        all
    }
}

/// A history as it grows, depth first.
struct Walk {
    world: World,
    stride: SignedDuration,
    longest: usize,
    steps: Vec<Step>,
    journal: Vec<(Timestamp, Event)>,
    seen: usize,
}

impl Walk {
    fn from(&mut self, case: &Case, now: Timestamp) {
        self.seen += 1;
        if self.steps.len() == self.longest {
            return;
        }
        for step in STEPS {
            self.steps.push(step);
            let events = self.world.events(case, step, now);
            let after = applied(case, &events, now);
            let length = self.journal.len();
            self.journal.extend(events.iter().map(|event| (now, event.clone())));
            self.check(case, &events, &after, now);
            self.check_told_twice(step, &after, now);
            self.from(&after, now + self.stride);
            self.journal.truncate(length);
            self.steps.pop();
        }
    }

    fn check(&self, before: &Case, events: &[Event], after: &Case, now: Timestamp) {
        let steps = &self.steps;
        self.check_watch(after, now);
        if events.is_empty() {
            assert_eq!(before, after, "nothing happened: {steps:?}");
            return;
        }
        let folded = Case::fold(after.number, self.journal.iter().map(|(at, event)| (*at, event)));
        assert_eq!(&folded, after, "fold(journal) == row after {steps:?}");
        self.check_letters(events, after);
        check_dues(before, after, steps);
        if before.is_opened() {
            let (was, is) =
                ((&before.complainant, before.received_at), (&after.complainant, after.received_at));
            assert_eq!(was, is, "complainant and reception are written once: {steps:?}");
            assert_eq!(before.participants, after.participants, "{steps:?}");
        }
    }

    fn check_letters(&self, events: &[Event], after: &Case) {
        let (policy, steps) = (&self.world.policy, &self.steps);
        let acknowledgements = after.letters.values().filter(|l| l.kind == LetterKind::Acknowledgement);
        assert!(acknowledgements.count() <= 1, "two acknowledgements: {steps:?}");
        for letter in after.letters.values() {
            match letter.kind {
                LetterKind::Notice => assert!(policy.alerts.contains(&letter.to), "{steps:?}"),
                LetterKind::Acknowledgement => {
                    let inside = policy.own.contains(&letter.to) || policy.staff.contains(&letter.to);
                    assert!(!inside && after.has_participant(&letter.to), "to {}: {steps:?}", letter.to);
                    assert_ne!(steps[0], Step::Unanswerable, "no machine may answer: {steps:?}");
                }
            }
        }
        let ordinals: Vec<u32> = after.letters.keys().copied().collect();
        let expected: Vec<u32> = (1..).take(ordinals.len()).collect();
        assert_eq!(ordinals, expected, "{steps:?}");
        let raised = events.iter().filter(|e| matches!(e, Event::AttentionRaised { .. })).count();
        let notices = events
            .iter()
            .filter(|e| matches!(e, Event::LetterWritten { letter } if letter.kind == LetterKind::Notice));
        assert_eq!(notices.count(), raised * policy.alerts.len(), "a human is told of each: {steps:?}");
    }

    /// While the acknowledgement is not sent, a human will be told at the next hour.
    fn check_watch(&self, after: &Case, now: Timestamp) {
        let steps = &self.steps;
        let letter_sent = after
            .letters
            .values()
            .any(|l| l.kind == LetterKind::Acknowledgement && l.state == LetterState::Sent);
        assert_eq!(after.acknowledged_at.is_some(), letter_sent, "{steps:?}");
        let Some(received_at) = after.received_at else { return };
        let last = self.world.policy.ack_watch_hours.last().expect("hours");
        let open_hours = now < received_at + SignedDuration::from_hours(*last);
        let watch = &after.dues[&Clock::AckWatch];
        if after.acknowledged_at.is_none() && open_hours {
            assert_eq!(watch.outcome, DueOutcome::Pending, "nobody would be told: {steps:?}");
        }
    }

    /// What was told once changes nothing when it is told again at the same instant.
    fn check_told_twice(&self, step: Step, after: &Case, now: Timestamp) {
        let keeps_a_message =
            matches!(step, Step::FollowUp | Step::Automatic | Step::Colleague | Step::Bounced);
        // A release is a human's wish, and each is in the journal.
        if keeps_a_message || matches!(step, Step::Released | Step::Closed) {
            return;
        }
        let again = self.world.events(after, step, now);
        assert_eq!(again, [], "told twice: {:?}", self.steps);
    }
}

/// A due date never moves (but for the watch, which goes from hour to hour), and what was missed
/// stays missed.
fn check_dues(before: &Case, after: &Case, steps: &[Step]) {
    for (clock, due) in before.dues.iter().filter(|(clock, _)| **clock != Clock::AckWatch) {
        let now = &after.dues[clock];
        assert_eq!((now.due_at, &now.calendar), (due.due_at, &due.calendar), "{clock} moved: {steps:?}");
        if due.outcome == DueOutcome::Missed {
            assert_eq!(now.outcome, DueOutcome::Missed, "{clock}: {steps:?}");
        }
    }
    if after.dues.get(&Clock::Ack).is_some_and(|due| due.outcome == DueOutcome::Met) {
        assert!(after.acknowledged_at.is_some(), "met without a letter: {steps:?}");
    }
}

fn walk(stride: SignedDuration, longest: usize) {
    let (steps, journal) = (Vec::new(), Vec::new());
    let mut walk = Walk { world: World::new(), stride, longest, steps, journal, seen: 0 };
    walk.from(&unopened(), at("2026-06-01T12:00:00Z"));
    let expected: usize = (0..).map(|length| STEPS.len().pow(length)).take(longest + 1).sum();
    assert_eq!(walk.seen, expected, "every history was walked");
}

#[test]
fn every_short_history_keeps_the_promises() {
    walk(SMALL_STRIDE, 4);
}

#[test]
fn every_short_history_that_runs_past_the_clocks_keeps_the_promises() {
    walk(LARGE_STRIDE, 5);
}

#[test]
fn every_event_of_the_journal_reads_back_as_it_was_written() {
    let world = World::new();
    let (mut case, mut now) = (unopened(), at("2026-06-01T12:00:00Z"));
    let mut kinds = std::collections::BTreeSet::new();
    for step in [Step::Complaint, Step::Released, Step::Suppressed, Step::Clocks, Step::Released]
        .into_iter()
        .chain(STEPS)
        .chain([Step::Clocks, Step::FollowUp, Step::Clocks])
    {
        now += SMALL_STRIDE;
        let events = world.events(&case, step, now);
        for event in &events {
            let json = serde_json::to_string(event).expect("an event");
            assert_eq!(&serde_json::from_str::<Event>(&json).expect("the same event"), event, "{json}");
            kinds.insert(event.kind());
        }
        case = applied(&case, &events, now);
    }
    let json = serde_json::to_string(&case).expect("a case");
    assert_eq!(serde_json::from_str::<Case>(&json).expect("the same case"), case);
    assert!(kinds.len() >= 11, "{kinds:?}");
}
