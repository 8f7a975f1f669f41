//! Many mails at once: more than one transaction holds, so that one is decided while another is written.

use std::sync::atomic::{AtomicUsize, Ordering};

use complaintd::ports::Disposition;
use complaintd::shell::triage::{self, Meanwhile};

use super::town::{MARIE, Person, Town};

const COMPLAINT: &str = "Mon virement n'est jamais arrivé malgré deux appels, je demande son remboursement.";
/// More than three batches (`TRIAGE_BATCH_MAILS`).
const CROWD: usize = 800;

#[tokio::test]
async fn of_a_crowd_each_has_one_case_and_one_letter_whatever_they_share() {
    let mut town = Town::new().await;
    town.change_policy(|policy| policy.caps.desk_hour = 5_000);
    town.writes(MARIE, "Virement jamais reçu", COMPLAINT);
    town.settles().await;
    let ack = town.only_letter_to(MARIE);
    let name = |i: usize| &*Box::leak(format!("person{i}@many.example").into_boxed_str());
    let names: Vec<&'static str> = (0..CROWD).map(name).collect();
    let (mut cases, mut answers, mut copies) = (1, 0, 0);
    for (i, address) in names.iter().enumerate() {
        let from = Person { name: "Camille Durand", address };
        town.writes(from, "Frais", &format!("{COMPLAINT} {i}"));
        cases += 1;
        if i % 7 == 0 {
            // In the thread of a case that is there.
            town.mail(MARIE, "Re: accusé", &format!("Voici la suite numéro {i}.")).answering(&ack).post();
            answers += 1;
        }
        if i % 5 == 0 {
            // The same words of somebody of the batch before: a repetition of theirs, in their case.
            let earlier = i.saturating_sub(140);
            let from = Person { name: "Camille Durand", address: names[earlier] };
            town.writes(from, "Frais", &format!("{COMPLAINT} {earlier}"));
            copies += 1;
        }
    }
    town.settles().await;
    let found = town.cases().await;
    assert_eq!(found.len(), cases);
    let serials: Vec<u32> = found.iter().map(|case| case.number.serial()).collect();
    assert_eq!(
        serials,
        (1..=u32::try_from(cases).expect("some hundred")).collect::<Vec<_>>(),
        "without a gap"
    );
    let messages: u32 = found.iter().map(|case| case.messages).sum();
    assert_eq!(messages as usize, cases + answers + copies);
    for address in &names {
        assert_eq!(town.letters_to(address).len(), 1, "{address}");
    }
    town.only_letter_to(MARIE);
    let done = town.dispositions().await;
    assert!(done.iter().all(|each| *each == Disposition::Filed) && done.len() == cases + answers + copies);
}

#[tokio::test]
async fn a_stop_leaves_the_rest_of_a_crowd_to_the_next_start_and_counts_no_try() {
    let mut town = Town::new().await;
    town.change_policy(|policy| policy.caps.desk_hour = 5_000);
    for i in 0..CROWD {
        let address = &*Box::leak(format!("person{i}@many.example").into_boxed_str());
        town.writes(Person { name: "Camille Durand", address }, "Frais", &format!("{COMPLAINT} {i}"));
    }
    town.arrives().await;
    let written = AtomicUsize::new(0);
    let meanwhile = Meanwhile {
        clock: &|| town.now,
        is_stopping: &|| written.load(Ordering::Relaxed) > 0,
        written: &|| {
            written.fetch_add(1, Ordering::Relaxed);
        },
    };
    let round = triage::round(&town.desk, meanwhile).await.expect("the store answers");
    assert!(round.more && 0 < round.mails && round.mails < CROWD, "{round:?}");
    let left = town.desk.store.received(0, 1_000, u64::MAX).await.expect("the store answers");
    assert_eq!(left.len(), CROWD - round.mails);
    assert!(left.iter().all(|mail| mail.tries == 0), "nothing says that reading them failed");
    town.settles().await;
    assert_eq!(town.cases().await.len(), CROWD);
}
