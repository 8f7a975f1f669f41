//! People who mean harm: they bomb a third party through us, hide somebody's complaint, drown our notices.

use complaintd::core::ids::CaseNumber;
use complaintd::core::letter::Attention;
use complaintd::ports::Disposition;
use complaintd::shell::triage;

use super::town::{JOHN, MARIE, Person, Town, text_of};

const COMPLAINT: &str =
    "Mon virement n'est jamais arrivé malgré deux appels, je demande son remboursement. Marie Dupont";

#[tokio::test]
async fn trap_28_a_copy_from_a_list_that_comes_first_never_hides_what_the_person_wrote() {
    let mut town = Town::new().await;
    town.mail(MARIE, "Virement jamais reçu", COMPLAINT)
        .id("one@client.example")
        .header("List-Id: <all.client.example>")
        .post();
    town.settles().await;
    assert!(town.cases().await.is_empty());
    town.mail(MARIE, "Virement jamais reçu", COMPLAINT).id("one@client.example").post();
    town.settles().await;
    assert_eq!(town.dispositions().await, [Disposition::Filed, Disposition::Filed]);
    town.only_case().await;
    town.only_letter_to(MARIE);
}

/// PROCEDURE 2.8: the copy is a complaint too; it opens the case, and a human answers.
#[tokio::test]
async fn trap_18_a_complaint_marked_as_bulk_opens_one_case_and_gets_no_letter() {
    let mut town = Town::new().await;
    for fields in ["Precedence: bulk", "Precedence: normal"] {
        town.mail(MARIE, "Virement jamais reçu", COMPLAINT).id("one@client.example").header(fields).post();
        town.settles().await;
    }
    town.only_case().await;
    assert!(town.letters_outside().is_empty(), "a human was told instead");
}

#[tokio::test]
async fn trap_32_a_mail_to_two_thousand_people_makes_one_case_of_one_person_and_one_letter() {
    let mut town = Town::new().await;
    let crowd: Vec<String> = (0..2_000).map(|n| format!("person{n}@crowd.example")).collect();
    town.mail(MARIE, "Virement jamais reçu", COMPLAINT)
        .header(&format!("Cc: {}", crowd.join(",\r\n ")))
        .header(&format!("Reply-To: {}", crowd[..100].join(",\r\n ")))
        .post();
    town.settles().await;
    let case = town.only_case().await;
    let address = |text: &str| complaintd::core::ids::Address::parse(text).expect("an address");
    assert!(case.has_participant(&address(MARIE.address)));
    assert!(!case.has_participant(&address(&crowd[0])), "who got a copy takes no part");
    town.only_letter_to(MARIE);
    assert_eq!(town.relay.taken().len(), 1, "nobody else got anything");
}

#[tokio::test]
async fn trap_16_all_spellings_of_one_mailbox_share_one_limit() {
    let mut town = Town::new().await;
    let spellings = [
        "victim@gmail.com",
        "victim+1@gmail.com",
        "v.ictim@gmail.com",
        "VICTIM+2@googlemail.com",
        "vic.tim+3@gmail.com",
        "victim+4@gmail.com",
        "victim+5@gmail.com",
        "victim+6@gmail.com",
    ];
    for (i, address) in spellings.into_iter().enumerate() {
        town.writes(Person { name: "V", address }, "Frais", &format!("{COMPLAINT} {i}"));
    }
    town.settles().await;
    assert_eq!(town.cases().await.len(), spellings.len(), "each is kept");
    assert_eq!(town.letters_outside().len(), 1, "one a day (PROCEDURE 2.14)");
}

const TICKETS: [&str; 3] = ["ticket-1@help.example", "ticket-2@help.example", "ticket-3@help.example"];
const RECEIPT: &str = "Your request was received, we dispute your decision.";

async fn john_is_answered() -> Town {
    let mut town = Town::new().await;
    town.writes(JOHN, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    town
}

#[tokio::test]
async fn trap_16_a_robot_that_answers_our_letter_from_another_address_gets_none() {
    let mut town = john_is_answered().await;
    let ack = town.only_letter_to(JOHN);
    for address in TICKETS {
        let robot = Person { name: "Help", address };
        town.mail(robot, "Re: Virement", RECEIPT).answering(&ack).post();
        town.settles().await;
    }
    assert_eq!(town.letters_outside().len(), 1, "John's");
    let told = town.cases().await.pop().expect("a case").attention;
    assert!(matches!(told[..], [Attention::Stranger { .. }, Attention::NotAcknowledged { .. }]), "{told:?}");
}

#[tokio::test]
async fn trap_16_a_robot_that_names_each_case_from_a_new_address_gets_one_letter() {
    let mut town = john_is_answered().await;
    for address in TICKETS {
        let last = town.cases().await.pop().expect("a case").number;
        town.writes(Person { name: "Help", address }, &format!("Ticket for {last}"), RECEIPT);
        town.settles().await;
    }
    assert_eq!(town.letters_outside().len(), 2, "John's and the first ticket's");
    let told = town.cases().await.pop().expect("a case").attention;
    assert!(matches!(told[..], [Attention::Stranger { .. }, Attention::NotAcknowledged { .. }]), "{told:?}");
}

#[tokio::test]
async fn a_flood_of_junk_leaves_room_for_the_notices_that_matter() {
    let mut town = Town::new().await;
    town.change_policy(|policy| (policy.caps.desk_hour, policy.caps.notices_hour) = (1, 10));
    for i in 0..30 {
        town.raw_arrives(format!("Subject: junk {i}\r\n\r\nx\r\n").as_bytes());
    }
    town.settles().await;
    assert_eq!(town.notices().len(), 10, "what an hour may hold");
    town.change_policy(|policy| policy.caps.notices_hour = 1);
    for person in [MARIE, JOHN] {
        town.writes(person, "Virement jamais reçu", COMPLAINT);
    }
    town.settles().await;
    town.settles().await;
    let desk = town.desk.store.case(CaseNumber::DESK).await.expect("the store answers").expect("it is there");
    assert!(desk.outbox_held.is_some());
    assert_eq!(town.notices().len(), 11, "that nothing leaves any more is told beyond every limit");
}

#[tokio::test]
async fn an_advertisement_in_the_subject_is_not_sent_on_to_a_third_party() {
    let mut town = Town::new().await;
    let subject =
        "Gagnez 500 EUR sur http://evil.example/x ou www.evil.example, evil.example/y, a@evil.example";
    town.writes(MARIE, subject, COMPLAINT);
    town.settles().await;
    let letter = town.only_letter_to(MARIE);
    assert!(!String::from_utf8_lossy(&letter.bytes).contains("evil"), "{}", text_of(&letter));
    assert!(town.only_case().await.subject.contains("evil.example/x"), "the case has her own words");
}

#[tokio::test]
async fn an_endless_subject_and_name_do_not_fill_the_journal() {
    let mut town = Town::new().await;
    let long = "é".repeat(100_000);
    let raw = format!(
        "From: \"{long}\" <eve@client.example>\r\nTo: info@divikeys.com\r\nSubject: {long}\r\n\r\n{COMPLAINT}\r\n"
    );
    town.raw_arrives(raw.as_bytes());
    town.settles().await;
    let case = town.only_case().await;
    assert_eq!(case.subject.chars().count(), 1_000);
    assert!(case.complainant.is_some_and(|complainant| complainant.name.chars().count() <= 1_000));
    assert_eq!(town.letters_to("eve@client.example").len(), 1);
}

#[tokio::test]
async fn a_hundred_mails_of_one_sender_are_read_once_each_and_nobody_waits_behind_them() {
    let mut town = Town::new().await;
    for i in 0..100 {
        town.writes(JOHN, "Frais", &format!("{COMPLAINT} {i}"));
    }
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.arrives().await;
    let round =
        triage::round(&town.desk, triage::Meanwhile::alone(&|| town.now)).await.expect("the store answers");
    assert_eq!(round.mails, 101, "one round, hers too");
}
