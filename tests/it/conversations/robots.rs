//! Robots write, and nobody answers them.

use complaintd::core::case::CaseState;
use complaintd::core::letter::Attention;
use complaintd::ports::Disposition;

use super::town::{MARIE, Person, Town};

const COMPLAINT: &str =
    "Mon virement n'est jamais arrivé malgré deux appels, je demande son remboursement. Marie Dupont";

async fn acknowledged() -> Town {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    town
}

#[tokio::test]
async fn trap_20_her_out_of_office_is_kept_and_moves_nothing() {
    let mut town = acknowledged().await;
    let ack = town.only_letter_to(MARIE);
    town.mail(MARIE, "Réponse automatique : Accusé", "Je suis absente jusqu'au 8.")
        .answering(&ack)
        .header("Auto-Submitted: auto-replied")
        .post();
    town.settles().await;
    let case = town.only_case().await;
    assert_eq!((case.messages, case.state), (2, CaseState::Open));
    assert_eq!(town.relay.taken().len(), 1, "nothing more left");
}

/// 480 notes of absences, receipts and chat robots without any mark, by four people who knew no rule of ours:
/// whatever their words are, none is answered, in the thread of our letter or without one.
#[tokio::test]
async fn trap_16_no_note_without_a_mark_that_answers_our_letter_is_ever_answered() {
    let notes = include_str!("../../data/words/notes.jsonl");
    let mut town = Town::new().await;
    town.change_policy(|policy| policy.caps.desk_hour = 5_000);
    let mut writers = Vec::new();
    for (i, note) in notes.lines().enumerate() {
        let note: serde_json::Value = serde_json::from_str(note).expect("one object a line");
        let address = &*Box::leak(format!("writer{i}@client.example").into_boxed_str());
        let writer = Person { name: "Camille Durand", address };
        town.writes(writer, "Virement", &format!("Mon virement {i} n'est jamais arrivé, je le réclame."));
        let word = |name: &str| note[name].as_str().expect("text").to_owned();
        writers.push((writer, word("subject"), word("text")));
    }
    town.settles().await;
    for (writer, subject, text) in &writers {
        let ack = town.only_letter_to(*writer);
        town.writes(*writer, subject, text);
        town.mail(*writer, subject, &format!("{text}\r\n")).answering(&ack).post();
    }
    town.settles().await;
    for (writer, _, text) in &writers {
        assert_eq!(town.letters_to(writer.address).len(), 1, "{text}");
    }
}

#[tokio::test]
async fn trap_16_a_robot_that_hides_what_it_is_gets_one_letter_and_no_more() {
    let mut town = Town::new().await;
    let robot = Person { name: "Service client", address: "contact@autre-robot.example" };
    for ticket in 0..12 {
        let text = format!("Je conteste votre réponse, mon problème numéro {ticket} n'est pas résolu.");
        town.writes(robot, &format!("Dossier {ticket}"), &text);
        town.settles().await;
    }
    assert_eq!(town.letters_to(robot.address).len(), 1);
    let told = town
        .cases()
        .await
        .iter()
        .filter(|case| matches!(case.attention[..], [Attention::NotAcknowledged { .. }]))
        .count();
    assert_eq!(told, 11, "a human knows of each that was not answered");
}

#[tokio::test]
async fn trap_16_the_circuit_breaker_holds_the_outbox_and_says_so() {
    let mut town = Town::new().await;
    town.change_policy(|policy| policy.caps.desk_hour = 20);
    let names: Vec<String> = (0..30).map(|i| format!("person{i}@many.example")).collect();
    for name in &names {
        let raw = format!(
            "From: {name}\r\nTo: info@divikeys.com\r\nSubject: x\r\nMessage-ID: <{name}>\r\n\r\nJe suis très mécontent de vos frais.\r\n"
        );
        town.raw_arrives(raw.as_bytes());
    }
    town.settles().await;
    assert_eq!(town.letters_outside().len(), 20);
    let desk = town.desk.desk_case().await.expect("the store answers");
    assert!(desk.outbox_held.is_some());
    assert_eq!(town.notices().len(), 1, "a human is told, past the breaker");
    town.now += jiff::SignedDuration::from_mins(50);
    town.settles().await;
    assert_eq!(town.letters_outside().len(), 20, "time alone does not release it");
    let input = complaintd::core::decide::Input::Outbox {
        hold: None,
        standing: complaintd::core::policy::Standing::default(),
    };
    let operator = complaintd::core::event::Actor::Operator("root".to_owned());
    let desk_number = complaintd::core::ids::CaseNumber::DESK;
    town.desk.tell(desk_number, &input, &operator, town.now, |_| {}).await.expect("the store answers");
    town.settles().await;
    assert_eq!(town.letters_outside().len(), 30, "nothing was lost, and the same hour is not counted twice");
    assert!(town.desk.desk_case().await.expect("the store answers").outbox_held.is_none());
}

#[tokio::test]
async fn trap_17_a_mail_that_forbids_automatic_answers_is_registered_and_a_human_acknowledges() {
    let mut town = Town::new().await;
    town.mail(MARIE, "Virement jamais reçu", COMPLAINT).header("X-Auto-Response-Suppress: All").post();
    town.settles().await;
    let case = town.only_case().await;
    assert!(matches!(case.attention[..], [Attention::NotAcknowledged { .. }]), "{:?}", case.attention);
    assert!(town.letters_outside().is_empty());
    assert_eq!(town.notices().len(), 1);
}

#[tokio::test]
async fn trap_27_our_own_sent_copies_open_nothing() {
    let mut town = acknowledged().await;
    let ack = town.only_letter_to(MARIE);
    town.raw_arrives(&ack.bytes);
    town.settles().await;
    town.only_case().await;
    assert_eq!(town.letters_outside().len(), 1);
}

#[tokio::test]
async fn trap_31_read_receipts_and_newsletters_are_filed() {
    let mut town = Town::new().await;
    let receipt = "From: Marie Dupont <marie@client.example>\r\nTo: info@divikeys.com\r\nSubject: Lu : votre message\r\n\
                   Message-ID: <mdn@client.example>\r\nMIME-Version: 1.0\r\n\
                   Content-Type: multipart/report; report-type=disposition-notification; boundary=\"m\"\r\n\r\n\
                   --m\r\nContent-Type: text/plain\r\n\r\nVotre message a \u{e9}t\u{e9} lu.\r\n--m\r\n\
                   Content-Type: message/disposition-notification\r\n\r\n\
                   Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--m--\r\n";
    town.raw_arrives(receipt.as_bytes());
    let shop = Person { name: "Boutique", address: "news@shop.example" };
    town.mail(shop, "Soldes", "Réclamez votre bon !")
        .header("List-Unsubscribe: <mailto:x@shop.example>")
        .header("Precedence: bulk")
        .post();
    town.settles().await;
    assert!(town.cases().await.is_empty());
    assert_eq!(town.dispositions().await, [Disposition::Filed, Disposition::Filed]);
    assert!(town.relay.taken().is_empty());
}

#[tokio::test]
async fn trap_34_an_acknowledgement_that_comes_back_is_none_and_a_human_is_told() {
    let mut town = acknowledged().await;
    let ack = town.only_letter_to(MARIE);
    let dsn = format!(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: {}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Message-ID: <dsn1@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: text/plain\r\n\r\nmailbox full\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n--b--\r\n",
        ack.envelope_from, MARIE.address
    );
    town.raw_arrives(dsn.as_bytes());
    town.settles().await;
    let case = town.only_case().await;
    assert_eq!(case.acknowledged_at, None);
    assert!(matches!(case.attention[..], [Attention::LetterBounced { .. }]), "{:?}", case.attention);
    assert_eq!((town.letters_to(MARIE.address).len(), town.notices().len()), (1, 1));
}

#[tokio::test]
async fn trap_18_a_complaint_that_a_rule_forwarded_is_registered_unanswered_and_told() {
    let mut town = Town::new().await;
    let text = "Bonjour,\r\n\r\nMon virement de 200 euros du 3 novembre n'est jamais arrivé. J'ai appelé deux fois sans \
                succès, c'est inadmissible. Je demande le remboursement immédiat et j'exige une réponse écrite.\r\n\r\nMarie Dupont";
    town.mail(MARIE, "Réclamation : virement jamais reçu", text)
        .header("Auto-Submitted: auto-generated")
        .post();
    town.mail(MARIE, "Absence du bureau", "Je suis absente jusqu'au 8 décembre.")
        .header("Auto-Submitted: auto-replied")
        .post();
    town.settles().await;
    let case = town.only_case().await;
    assert!(matches!(case.attention[..], [Attention::NotAcknowledged { .. }]), "{:?}", case.attention);
    assert!(town.letters_outside().is_empty());
    assert_eq!(town.notices().len(), 1);
}
