//! People complain, add, and write again.

use complaintd::core::case::{CaseState, Clock};
use complaintd::core::event::Event;
use complaintd::core::facts::{Flag, Language};
use complaintd::core::letter::{Attention, LetterState};
use complaintd::ports::Disposition;

use super::town::{JOHN, LUCIA, MARIE, Person, Town, text_of};
use crate::common::sim::message_id_of;

const VIREMENT: &str = "Bonjour,\r\n\r\nMon virement de 200 € du 3 novembre n'est jamais arrivé. J'ai déjà appelé deux \
                        fois. Je demande son remboursement.\r\n\r\nMarie Dupont";

#[tokio::test]
async fn marie_complains_in_french_and_is_acknowledged_at_once() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    insta::assert_snapshot!("marie_acknowledgement", text_of(&town.only_letter_to(MARIE)));
    let case = town.only_case().await;
    assert_eq!((case.language, case.acknowledged_at), (Language::French, Some(town.now)));
    assert!(case.pending().all(|(clock, _)| clock != Clock::Ack), "the 48 hours are met");
    assert!(town.notices().is_empty(), "nobody inside needs to be told");
}

#[tokio::test]
async fn john_is_answered_in_english_and_lucia_in_both_languages() {
    let mut town = Town::new().await;
    let late = "Dear Sirs,\r\n\r\nI have been waiting for my repayment since June and nobody answers my messages. This \
                is unacceptable.\r\n\r\nJohn Carter";
    town.writes(JOHN, "Complaint about a late repayment", late);
    let intereses = "Buenos días: los intereses de septiembre no han sido abonados en mi cuenta y nadie responde. \
                     Ruego que lo solucionen cuanto antes. Lucía Ortega";
    town.writes(LUCIA, "Intereses no abonados", intereses);
    town.settles().await;
    let (john, lucia) = (text_of(&town.only_letter_to(JOHN)), text_of(&town.only_letter_to(LUCIA)));
    assert!(john.contains("complaint") && !john.contains("réclamation"), "{john}");
    assert!(lucia.contains("complaint") && lucia.contains("réclamation"), "{lucia}");
}

#[tokio::test]
async fn paul_writes_for_his_mother_who_was_robbed_and_a_human_is_told_at_once() {
    let mut town = Town::new().await;
    let paul = Person { name: "Paul Dupont", address: "paul@client.example" };
    let theft = "Bonjour,\r\n\r\nJe vous écris pour ma mère, Jeanne Dupont. Quelqu'un a piraté son compte et détourné \
                 4 000 € la nuit dernière, c'est une escroquerie. Que faites-vous ?\r\n\r\nPaul Dupont";
    town.writes(paul, "Compte piraté", theft);
    town.settles().await;
    let ack = text_of(&town.only_letter_to(paul));
    assert!(ack.contains("SI VOUS SOUPÇONNEZ UNE FRAUDE") && ack.contains("prévenez votre banque"), "{ack}");
    assert!(ack.contains("SI VOUS ÉCRIVEZ POUR UNE AUTRE PERSONNE") && ack.contains("mandat"), "{ack}");
    assert!(!ack.contains("Jeanne"), "nothing is said of her");
    let flags = [Flag::FraudSuspected].into();
    assert_eq!(town.only_case().await.attention, [Attention::Flagged { flags }]);
    assert_eq!(town.notices().len(), 1, "at once, and once");
}

#[tokio::test]
async fn a_later_message_that_cannot_wait_is_told_as_well_and_only_once() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    assert!(town.only_case().await.flags.is_empty());
    let ack = town.only_letter_to(MARIE);
    let despair = "Je n'ai plus rien, j'ai envie d'en finir avec la vie. Marie";
    for _ in 0..2 {
        town.mail(MARIE, "Re: Accusé de réception", despair).answering(&ack).post();
        town.settles().await;
    }
    let case = town.only_case().await;
    assert_eq!(case.flags, [Flag::VulnerablePerson].into());
    assert_eq!(case.attention.len(), 1, "{:?}", case.attention);
}

#[tokio::test]
async fn trap_11_her_answer_to_the_acknowledgement_lands_in_her_case_and_gets_no_second_one() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    let ack = town.only_letter_to(MARIE);
    let header = String::from_utf8_lossy(&ack.bytes).into_owned();
    assert!(header.contains("In-Reply-To: <mail1@client.example>"), "our letter threads in her client");
    town.mail(MARIE, "Re: Accusé de réception", "J'ajoute que ma banque confirme le débit.")
        .answering(&ack)
        .post();
    town.settles().await;
    assert_eq!(town.only_case().await.messages, 2);
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn trap_10_an_answer_without_threading_headers_is_found_by_its_reference() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    let number = town.only_case().await.number;
    town.writes(MARIE, &format!("TR: Réclamation [{number}]"), "Toujours rien à ce jour.");
    town.settles().await;
    assert_eq!(town.only_case().await.messages, 2);
}

#[tokio::test]
async fn trap_9_a_relay_that_rewrote_our_message_id_is_no_obstacle_the_reply_address_is_signed() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    let ack = String::from_utf8_lossy(&town.only_letter_to(MARIE).bytes).into_owned();
    let reply_to = ack.lines().find_map(|line| line.strip_prefix("Reply-To: ")).expect("a reply address");
    let delivered = format!("Delivered-To: {}", reply_to.trim_matches(['<', '>', ' ']));
    town.mail(MARIE, "Re: votre message", "Voici la suite.")
        .header("In-Reply-To: <rewritten-by-the-relay@relay.example>")
        .header(&delivered)
        .post();
    town.settles().await;
    assert_eq!(town.only_case().await.messages, 2);
}

#[tokio::test]
async fn rule_2_14_a_second_complaint_of_the_day_is_a_case_of_its_own_and_a_human_acknowledges_it() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    town.writes(
        MARIE,
        "Application en panne",
        "L'application plante à chaque ouverture depuis lundi, c'est inadmissible.",
    );
    town.settles().await;
    let cases = town.cases().await;
    assert_eq!(cases.len(), 2);
    assert!(
        matches!(cases[1].attention[..], [Attention::NotAcknowledged { .. }]),
        "{:?}",
        cases[1].attention
    );
    town.only_letter_to(MARIE);
    town.hours_pass(25).await;
    town.writes(MARIE, "Frais", "Vos frais de tenue de compte ont doublé, je demande leur remboursement.");
    town.settles().await;
    assert_eq!(town.letters_to(MARIE.address).len(), 2, "a day later she has her acknowledgement");
}

#[tokio::test]
async fn trap_28_one_mail_delivered_to_two_of_our_addresses_is_one_case() {
    let mut town = Town::new().await;
    let raw = town.mail(MARIE, "Virement jamais reçu", VIREMENT).raw();
    for alias in ["info@divikeys.com", "reclamations@divikeys.com"] {
        let delivered = format!(
            "Delivered-To: {alias}\r\nReceived: by mx.divikeys.com; Mon, 23 Nov 2026 12:59:00 +0000\r\n"
        );
        town.raw_arrives(&[delivered.as_bytes(), &raw].concat());
    }
    town.settles().await;
    town.only_case().await;
    town.only_letter_to(MARIE);
    let kinds = town.dispositions().await;
    assert_eq!(kinds.iter().filter(|d| **d == Disposition::Duplicate).count(), 1, "{kinds:?}");
}

#[tokio::test]
async fn trap_5_a_message_id_used_twice_for_other_words_is_another_mail() {
    let mut town = Town::new().await;
    town.mail(MARIE, "Virement jamais reçu", VIREMENT).id("same@client.example").post();
    town.mail(JOHN, "Complaint", "I am very unhappy, my money never arrived.")
        .id("same@client.example")
        .post();
    town.settles().await;
    assert_eq!(town.cases().await.len(), 2);
    town.only_letter_to(MARIE);
    town.only_letter_to(JOHN);
}

#[tokio::test]
async fn trap_6_mails_without_a_message_id_are_told_apart_by_their_bytes() {
    let mut town = Town::new().await;
    let first = town.mail(MARIE, "Virement", VIREMENT).id("").raw();
    let second = town.mail(JOHN, "Complaint", "I am very unhappy, my money never arrived.").id("").raw();
    for raw in [&first, &second, &first] {
        town.raw_arrives(raw);
    }
    town.settles().await;
    assert_eq!(town.cases().await.len(), 2);
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn hostile_60_the_same_words_under_a_new_message_id_join_the_first() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    assert_eq!(town.only_case().await.messages, 2);
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn trap_15_an_answer_to_a_closed_case_opens_it_again_and_a_human_is_told() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    let case = town.only_case().await;
    let closed = Event::StateChanged { state: CaseState::Closed, why: "settled".to_owned() };
    town.colleague_changes(&case, closed).await;
    let ack = town.only_letter_to(MARIE);
    town.mail(MARIE, "Re: clos ?", "Ce n'est pas réglé !").answering(&ack).post();
    town.settles().await;
    let case = town.only_case().await;
    assert_eq!(case.state, CaseState::Open);
    assert_eq!(case.attention, [Attention::Reopened]);
    assert_eq!(town.notices().len(), 1);
}

#[tokio::test]
async fn trap_14_a_husband_in_copy_who_answers_first_does_not_become_the_complainant() {
    let mut town = Town::new().await;
    let paul = Person { name: "Paul Dupont", address: "paul@client.example" };
    town.mail(MARIE, "Virement jamais reçu", VIREMENT).header("Cc: paul@client.example").post();
    town.settles().await;
    let ack = town.only_letter_to(MARIE);
    town.mail(paul, "Re: Virement", "Je confirme ce que dit ma femme, c'est inacceptable.")
        .answering(&ack)
        .post();
    town.settles().await;
    let cases = town.cases().await;
    let hers = cases.iter().find(|case| {
        case.has_participant(&complaintd::core::ids::Address::parse(MARIE.address).expect("an address"))
    });
    let hers = hers.expect("Marie's case is there");
    assert_eq!(hers.complainant.as_ref().map(|c| c.name.as_str()), Some("Marie Dupont"));
    assert_eq!(hers.messages, 1, "a human decides whether he speaks for her");
    assert!(town.letters_to(paul.address).is_empty(), "nor what he is told (PROCEDURE 2.4)");
}

#[tokio::test]
async fn trap_13_answers_to_one_mass_mailing_stay_apart() {
    let mut town = Town::new().await;
    for person in [MARIE, JOHN] {
        let text = format!("Votre courrier de masse est une honte, je suis très mécontent. {}", person.name);
        town.mail(person, "Re: Vos placements", &text)
            .header("In-Reply-To: <campaign-7@platform.example>")
            .post();
        town.settles().await;
    }
    assert_eq!(town.cases().await.len(), 2);
}

#[tokio::test]
async fn hold_mode_keeps_every_letter_to_a_customer_until_it_is_released() {
    let mut town = Town::new().await;
    town.desk.outgoing = complaintd::shell::Outgoing::Held;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.settles().await;
    assert!(town.letters_outside().is_empty());
    let held = town.desk.store.letters(Some(LetterState::Held), None).await.expect("the store answers");
    assert_eq!(held.len(), 1);
    assert_eq!(town.only_case().await.acknowledged_at, None, "held is not acknowledged");
}

#[tokio::test]
async fn each_letter_has_its_own_message_id() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", VIREMENT);
    town.writes(JOHN, "Complaint", "I am very unhappy, my money never arrived.");
    town.settles().await;
    let ids: std::collections::BTreeSet<_> =
        town.relay.taken().iter().map(|l| message_id_of(&l.bytes)).collect();
    assert_eq!(ids.len(), town.relay.taken().len());
}
