//! When things go wrong: a relay that is down, an address that is refused, a mail that cannot be read.

use std::sync::Arc;

use async_trait::async_trait;
use complaintd::core::ids::{Address, CaseNumber};
use complaintd::core::letter::{Attention, LetterState};
use complaintd::ports::{Commit, Disposition, Outgoing, PortResult, Relay, Settle, Store};
use complaintd::shell::outbox;
use complaintd::shell::triage::{self, Meanwhile};
use jiff::SignedDuration;

use super::town::{JOHN, LUCIA, MARIE, Person, Town, text_of};
use crate::common::sim::SimRelay;

const COMPLAINT: &str =
    "Mon virement n'est jamais arrivé malgré deux appels, je demande son remboursement. Marie Dupont";

#[tokio::test]
async fn an_acknowledgement_that_cannot_leave_is_told_at_12_24_and_36_hours_and_missed_at_48() {
    let mut town = Town::new().await;
    town.desk.retry_after = vec![SignedDuration::from_hours(1); 100].into();
    town.relay.goes_down();
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    for _ in 0..49 {
        town.hours_pass(1).await;
    }
    let told = town.only_case().await.attention;
    assert!(
        matches!(
            told[..],
            [
                Attention::AcknowledgementNotSent { hours: 12 },
                Attention::AcknowledgementNotSent { hours: 24 },
                Attention::AcknowledgementNotSent { hours: 36 },
                Attention::DeadlineMissed { .. },
            ]
        ),
        "{told:?}"
    );
    town.relay.comes_back();
    town.hours_pass(1).await;
    assert_eq!(town.letters_to(MARIE.address).len(), 1, "late is better than never");
    assert_eq!(town.notices().len(), 4);
}

#[tokio::test]
async fn trap_35_after_a_night_of_downtime_a_late_clock_is_told_once() {
    let mut town = Town::new().await;
    town.desk.retry_after = vec![SignedDuration::from_hours(30); 100].into();
    town.relay.goes_down();
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    town.hours_pass(29).await;
    let told = town.only_case().await.attention;
    assert!(matches!(told[..], [Attention::AcknowledgementNotSent { hours: 29 }]), "{told:?}");
}

#[tokio::test]
async fn an_address_that_the_relay_refuses_is_a_failed_letter_and_a_human_is_told() {
    let mut town = Town::new().await;
    let gone = Person { name: "Paul", address: "paul@refused.example" };
    town.writes(gone, "Frais", "Vous m'avez pris 25 euros de frais, c'est inadmissible.");
    town.settles().await;
    let failed = town.desk.store.letters(Some(LetterState::Failed), None).await.expect("the store answers");
    assert_eq!(failed.len(), 1);
    assert_eq!(town.only_case().await.acknowledged_at, None);
    insta::assert_snapshot!("letter_failed_notice", text_of(&town.notices()[0]));
}

#[tokio::test]
async fn a_hole_in_a_template_opens_the_case_all_the_same_sends_nothing_and_is_told() {
    let mut town = Town::new().await;
    let words = std::collections::BTreeMap::new();
    let templates = complaintd::mail::template::Templates::load(&words, &words).expect("the built-in ones");
    let nameless = complaintd::mail::compose::Sender { phone: String::new(), ..crate::common::sender() };
    town.desk.composer = complaintd::mail::compose::Composer::new(templates, nameless).into();
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    let told = town.only_case().await.attention;
    assert!(matches!(&told[..], [Attention::NotAcknowledged { why }] if why.contains("phone")), "{told:?}");
    assert!(town.letters_outside().is_empty());
}

#[tokio::test]
async fn trap_2_a_mail_without_a_sender_is_kept_whole_and_can_be_tried_again() {
    let mut town = Town::new().await;
    town.raw_arrives(b"To: info@divikeys.com\r\nSubject: x\r\n\r\nsans auteur\r\n");
    town.settles().await;
    let mails = town.desk.store.mails(Some(Disposition::SetAside), None).await.expect("the store answers");
    assert_eq!(mails.len(), 1);
    let kept = town.desk.store.mail(mails[0].id).await.expect("the store answers").expect("it is there");
    assert!(kept.raw.ends_with(b"sans auteur\r\n"));
    assert!(matches!(town.attention(CaseNumber::DESK).await[..], [Attention::SetAside { .. }]));
    assert!(town.desk.store.retry_mail(mails[0].id).await.expect("the store answers"));
    town.settles().await;
    assert_eq!(town.dispositions().await, [Disposition::SetAside], "read again, and set aside again");
}

#[tokio::test]
async fn mail_that_nobody_reads_is_told_of_again_until_it_is_handled() {
    let mut town = Town::new().await;
    town.raw_arrives(b"To: info@divikeys.com\r\nSubject: x\r\n\r\nsans auteur\r\n");
    town.settles().await;
    let told = |town: &Vec<Attention>| town.iter().map(Attention::word).collect::<Vec<_>>();
    for hours in [13, 12, 12, 12, 24] {
        town.hours_pass(hours).await;
    }
    let words = told(&town.attention(CaseNumber::DESK).await);
    let wanted = ["set_aside", "still_set_aside", "still_set_aside", "still_set_aside", "still_set_aside"];
    assert_eq!(words, wanted, "at once, after 12, 24, 36 and 48 hours, and no more");
}

#[tokio::test]
async fn trap_4_a_mail_too_large_is_set_aside_and_everything_else_goes_on() {
    let mut town = Town::new().await;
    town.desk.mail_bytes = 10_000;
    town.writes(MARIE, "Énorme", &"x".repeat(20_000));
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    let kinds = town.dispositions().await;
    assert_eq!(kinds, [Disposition::SetAside, Disposition::Filed]);
    assert_eq!(town.mailbox.left_in_inbox(), 0, "filed when all of it is kept");
    let mails = town.desk.store.mails(Some(Disposition::SetAside), None).await.expect("the store answers");
    let kept = town.desk.store.mail(mails[0].id).await.expect("the store answers").expect("it is there");
    assert!(kept.whole && kept.raw.len() as u64 == mails[0].bytes, "kept whole");
    assert!(kept.raw.ends_with(b"xxx\r\n"), "to its end");
    let told = town.attention(CaseNumber::DESK).await;
    assert!(
        matches!(&told[..], [Attention::SetAside { why, .. }] if why.contains("limits.mail_bytes")),
        "{told:?}"
    );
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn trap_7_a_new_uidvalidity_brings_everything_back_and_nobody_is_acknowledged_twice() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    town.mailbox.loses_its_uids(town.now);
    town.settles().await;
    town.only_case().await;
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn trap_8_no_copies_pile_up_and_what_comes_back_from_filed_is_the_same_mail() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    for _ in 0..3 {
        town.settles().await;
    }
    assert_eq!(town.mailbox.everything().len(), 1, "the server has one copy, in one folder");
    // Somebody moves it back to the inbox, where it has a new UID.
    let raw = town.mailbox.everything().remove(0);
    town.raw_arrives(&raw);
    town.settles().await;
    town.only_case().await;
    town.only_letter_to(MARIE);
    assert_eq!(town.dispositions().await, [Disposition::Filed, Disposition::Duplicate]);
}

#[tokio::test]
async fn trap_2_a_mail_too_large_can_be_read_all_the_same_when_a_human_wants_it() {
    let mut town = Town::new().await;
    town.desk.mail_bytes = 10_000;
    town.writes(MARIE, "Virement jamais reçu", &format!("{COMPLAINT}\n{}", "x".repeat(20_000)));
    town.settles().await;
    let mails = town.desk.store.mails(Some(Disposition::SetAside), None).await.expect("the store answers");
    assert!(town.desk.store.retry_mail(mails[0].id).await.expect("the store answers"));
    town.settles().await;
    assert_eq!(town.dispositions().await, [Disposition::Filed]);
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn hold_keeps_back_what_was_queued_before_and_a_letter_released_leaves() {
    let mut town = Town::new().await;
    town.relay.goes_down();
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    town.desk.outgoing = complaintd::shell::Outgoing::Held;
    assert_eq!(outbox::hold_queued(&town.desk).await.expect("the store answers"), 1);
    town.relay.comes_back();
    town.hours_pass(13).await;
    assert!(town.letters_outside().is_empty(), "nothing leaves");
    assert_eq!(town.notices().len(), 1, "but notices do");
    let held = town.desk.store.letters(Some(LetterState::Held), None).await.expect("the store answers");
    let release = Settle {
        letter: held[0].id,
        attempt: held[0].attempts,
        state: LetterState::Queued,
        next_at: Some(town.now),
        reply: "released".to_owned(),
    };
    let release = Commit { settle: Some(release), ..Default::default() };
    town.desk.store.commit(&[release]).await.expect("the store answers");
    town.settles().await;
    town.only_letter_to(MARIE);
}

/// A relay beside which an operator drops a letter while it is handed over.
struct Meddled {
    town: SimRelay,
    store: Arc<dyn Store>,
    dropped: Address,
}

#[async_trait]
impl Relay for Meddled {
    async fn send(&self, letter: &Outgoing) -> PortResult<String> {
        if letter.recipient == self.dropped {
            let rows = self.store.letters(Some(LetterState::Queued), None).await?;
            let row = rows.iter().find(|row| row.recipient == self.dropped).expect("it is queued");
            let settle = Settle {
                letter: row.id,
                attempt: row.attempts,
                state: LetterState::Suppressed,
                next_at: None,
                reply: "dropped".to_owned(),
            };
            self.store.commit(&[Commit { settle: Some(settle), ..Commit::default() }]).await?;
        }
        self.town.send(letter).await
    }
}

#[tokio::test]
async fn of_letters_that_end_at_the_same_time_each_gets_its_own_outcome() {
    let mut town = Town::new().await;
    let gone = Person { name: "Paul", address: "paul@refused.example" };
    for person in [MARIE, JOHN, gone, LUCIA] {
        town.writes(person, "Virement jamais reçu", COMPLAINT);
    }
    town.arrives().await;
    let now = town.now;
    triage::round(&town.desk, Meanwhile::alone(&|| now)).await.expect("the store answers");
    let dropped = Address::parse(JOHN.address).expect("an address");
    let relay = Meddled { town: town.relay.clone(), store: town.desk.store.clone(), dropped };
    let told = outbox::round(&town.desk, &relay, now).await;
    assert!(told.is_err_and(|error| error.to_string().contains("somebody else")), "of John's letter");
    let letters = town.desk.store.letters(None, None).await.expect("the store answers");
    let states: Vec<_> = letters.iter().map(|row| (row.recipient.as_str(), row.state)).take(4).collect();
    let wanted = [
        (MARIE.address, LetterState::Sent),
        (JOHN.address, LetterState::Suppressed),
        (gone.address, LetterState::Failed),
        (LUCIA.address, LetterState::Sent),
    ];
    assert_eq!(states, wanted);
    assert!(letters.iter().take(4).all(|row| !row.under_way), "each attempt has its end");
}

/// PROCEDURE 6.1
#[tokio::test]
async fn a_letter_is_not_repeated_for_ever_when_its_outcome_cannot_be_written_down() {
    let mut town = Town::new().await;
    town.desk.outgoing = complaintd::shell::Outgoing::Held;
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    let held = town.desk.store.letters(None, None).await.expect("the store answers").remove(0);
    let queued = Settle {
        letter: held.id,
        attempt: 0,
        state: LetterState::Queued,
        next_at: Some(town.now),
        reply: String::new(),
    };
    let queued = Commit { settle: Some(queued), ..Default::default() };
    town.desk.store.commit(&[queued]).await.expect("the store answers");
    // Attempts of which nobody wrote down what became of them.
    for _ in 0..complaintd::shell::limits::CUT_SHORT_MOST {
        let until = town.now + SignedDuration::from_mins(10);
        let claimed = town.desk.store.claim(town.now, until, 9, false).await.expect("the store answers");
        assert_eq!(claimed.len(), 1);
        let entry = town.desk.store.letters(None, None).await.expect("the store answers").remove(0);
        assert!(entry.under_way, "nobody may drop or repeat it meanwhile");
        town.now = until;
    }
    town.settles().await;
    assert!(town.letters_outside().is_empty(), "not once more");
    let case = town.only_case().await;
    assert!(matches!(&case.attention[..], [Attention::LetterFailed { .. }]), "{:?}", case.attention);
    assert!(case.acknowledged_at.is_none() && case.pending().count() > 0, "the duty goes on");
}
