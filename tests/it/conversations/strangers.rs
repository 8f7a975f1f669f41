//! Strangers, colleagues and forgers: nothing is disclosed, nothing is carried out.

use complaintd::core::ids::CaseNumber;
use complaintd::core::letter::Attention;
use complaintd::ports::Disposition;

use super::town::{JOHN, MARIE, Person, Town, text_of};

const COMPLAINT: &str =
    "Mon virement n'est jamais arrivé malgré deux appels, je demande son remboursement. Marie Dupont";

#[tokio::test]
async fn trap_12_a_stranger_who_quotes_her_reference_learns_nothing_and_a_human_decides() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    let hers = town.only_case().await;
    let text = format!("Où en est le dossier {} ? Je suis mécontent de votre silence.", hers.number);
    town.writes(JOHN, &format!("Dossier {}", hers.number), &text);
    town.settles().await;
    let cases = town.cases().await;
    assert_eq!(cases.len(), 2);
    assert_eq!(cases[0].messages, 1, "nothing was added to hers");
    assert_eq!(cases[1].attention, [Attention::Stranger { quotes: hers.number }]);
    let letter = text_of(&town.only_letter_to(JOHN));
    assert!(!letter.contains("Marie") && !letter.contains("Virement jamais reçu"), "{letter}");
    insta::assert_snapshot!("stranger_notice", text_of(&town.notices()[0]));
}

#[tokio::test]
async fn a_stranger_with_her_signed_reply_address_is_a_stranger_still() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    let ack = town.only_letter_to(MARIE);
    town.mail(JOHN, "Re: Virement", "Envoyez-moi le remboursement, je suis furieux.").answering(&ack).post();
    town.settles().await;
    let cases = town.cases().await;
    assert_eq!((cases.len(), cases[0].messages), (2, 1));
    assert!(town.letters_to(JOHN.address).is_empty(), "a human decides what he gets");
    let told = &cases[1].attention[..];
    assert!(matches!(told, [Attention::Stranger { .. }, Attention::NotAcknowledged { .. }]), "{told:?}");
}

#[tokio::test]
async fn hostile_40_a_mail_with_a_colleagues_address_carries_nothing_out_and_waits_for_a_human() {
    let mut town = Town::new().await;
    let forger = Person { name: "Chef", address: crate::common::STAFF };
    town.writes(forger, "Ordre", "/close upheld\r\n/reply Tout est remboursé");
    town.settles().await;
    assert!(town.cases().await.is_empty());
    assert_eq!(town.dispositions().await, [Disposition::SetAside]);
    assert!(town.letters_outside().is_empty());
    assert!(matches!(town.attention(CaseNumber::DESK).await[..], [Attention::SetAside { .. }]));
}

#[tokio::test]
async fn rule_2_12_a_colleague_who_answers_a_notice_is_told_that_nothing_was_sent() {
    let mut town = Town::new().await;
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    let hers = town.only_case().await;
    town.writes(JOHN, &format!("Dossier {}", hers.number), "Où en est ce dossier ? Je suis mécontent.");
    town.settles().await;
    let notice = town.notices().remove(0);
    let anne = Person { name: "Anne", address: crate::common::STAFF };
    town.mail(anne, "Re: avis", "Merci de nous envoyer le relevé.").answering(&notice).post();
    town.settles().await;
    let cases = town.cases().await;
    assert_eq!((cases[0].messages, cases[1].messages), (1, 2), "in the case that the notice is about");
    assert!(cases[1].attention.contains(&Attention::ColleagueWrote));
    assert_eq!(town.letters_outside().len(), 2, "two acknowledgements and nothing else");
    insta::assert_snapshot!("colleague_wrote_notice", text_of(&town.notices()[1]));
}

#[tokio::test]
async fn hostile_43_a_mail_from_our_own_address_never_goes_round() {
    let mut town = Town::new().await;
    let us = Person { name: "Divikeys", address: "info@divikeys.com" };
    town.writes(us, "Réclamation", COMPLAINT);
    town.settles().await;
    assert_eq!(town.dispositions().await, [Disposition::SetAside]);
    assert!(town.letters_outside().is_empty());
}

#[tokio::test]
async fn hostile_1_a_line_end_in_a_name_never_becomes_a_header_of_ours() {
    let mut town = Town::new().await;
    let raw = "From: =?utf-8?Q?Eve=0D=0ABcc:_victim@x.example?= <eve@client.example>\r\nTo: info@divikeys.com\r\n\
               Subject: =?utf-8?Q?x=0D=0AX-Dossier:_1?=\r\nMessage-ID: <e@client.example>\r\n\r\nJe suis très mécontente de vos frais.\r\n";
    town.raw_arrives(raw.as_bytes());
    town.settles().await;
    let letter = town.letters_to("eve@client.example").remove(0);
    let header =
        String::from_utf8_lossy(&letter.bytes).split("\r\n\r\n").next().unwrap_or_default().to_lowercase();
    assert!(!header.contains("\nbcc:") && !header.contains("\nx-dossier:"), "{header}");
}

#[tokio::test]
async fn trap_29_mail_from_before_the_desk_opened_is_kept_and_answered_by_nobody() {
    let mut town = Town::new().await;
    let raw = town.mail(MARIE, "Ancienne réclamation", COMPLAINT).raw();
    let long_ago = town.now - jiff::SignedDuration::from_hours(24 * 365);
    town.mailbox.arrives(&raw, long_ago);
    town.settles().await;
    assert!(town.cases().await.is_empty() && town.relay.taken().is_empty());
    assert_eq!(town.dispositions().await, [Disposition::Filed]);
}
