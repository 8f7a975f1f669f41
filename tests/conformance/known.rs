//! What is known of a mail: its twin, and the cases that it points to.

use std::collections::BTreeSet;

use complaintd::core::ids::{CaseNumber, Digest};
use complaintd::core::route::Known;
use complaintd::core::thread::Evidence;
use complaintd::ports::{Clues, Commit, Disposition, MailOutcome, Store as _, StoredMail};

use super::{World, arrival, filed, headline, id, marie, number, opening};

fn clues(mail: &StoredMail, message_id: Option<&str>, content: &str) -> Clues {
    Clues {
        mail: mail.id,
        digest: mail.digest,
        content: Digest::of(content.as_bytes()),
        message_id: message_id.map(id),
        sender: Some(marie()),
        signed: vec![],
        answered: vec![],
        references: vec![],
    }
}

async fn twin(world: &World, clues: Clues) -> Option<Digest> {
    world.store.known(&[clues]).await.expect("asked").remove(0).twin
}

pub async fn trap_05_a_reused_message_id_is_no_duplicate(world: World) {
    let first = world.receive(1, "first").await;
    world
        .store
        .commit(&[filed(first.id, None, headline(Some("always@phone"), "first"))])
        .await
        .expect("written");
    let second = world.receive(2, "second").await;
    assert_eq!(twin(&world, clues(&second, Some("always@phone"), "second")).await, None);
    let same_content = clues(&second, Some("always@phone"), "first");
    assert_eq!(twin(&world, same_content).await, Some(first.digest), "the same content as well: a duplicate");
    let batch = [clues(&first, Some("x@phone"), "first"), clues(&second, Some("x@phone"), "second")];
    let known = world.store.known(&batch).await.expect("asked");
    assert!(known.iter().all(|known| known.twin.is_none()), "nor within a batch: {known:?}");
}

pub async fn trap_06_without_message_id_the_bytes_decide(world: World) {
    let first = world.receive(1, "no id").await;
    let second = world.receive(2, "no id either").await;
    world.store.commit(&[filed(first.id, None, headline(None, "same words"))]).await.expect("written");
    assert_eq!(twin(&world, clues(&second, None, "same words")).await, None, "other bytes are another mail");
    let third = world.receive(3, "no id").await;
    assert_eq!(twin(&world, clues(&third, None, "same words")).await, Some(first.digest));
}

pub async fn trap_07_the_same_bytes_at_a_new_place_are_a_duplicate(world: World) {
    let (first, _) = world.complaint(1).await;
    let mut moved = arrival(1, "complaint 1");
    moved.place.validity = 8;
    world.store.keep(&[moved]).await.expect("kept");
    let again = world.store.received(0, 9, u64::MAX).await.expect("listed").remove(0);
    assert_eq!(twin(&world, clues(&again, Some("m1@example.fr"), "words 1")).await, Some(first.digest));
    // Neither is filed yet: the later one is the duplicate.
    let (one, two) = (world.receive(5, "twice").await, world.receive(6, "twice").await);
    let known = world.store.known(&[clues(&two, None, "t"), clues(&one, None, "t")]).await.expect("asked");
    assert_eq!(known.iter().map(|known| known.twin).collect::<Vec<_>>(), [Some(one.digest), None]);
}

pub async fn trap_28_one_mail_to_two_addresses_is_a_duplicate(world: World) {
    let info = world.receive(1, "Delivered-To: info").await;
    let contact = world.receive(2, "Delivered-To: contact").await;
    let both = [clues(&contact, Some("m@x"), "words"), clues(&info, Some("m@x"), "words")];
    let known = world.store.known(&both).await.expect("asked");
    assert_eq!(
        known.iter().map(|known| known.twin).collect::<Vec<_>>(),
        [Some(info.digest), None],
        "in one batch"
    );
    world.store.commit(&[filed(info.id, None, headline(Some("m@x"), "words"))]).await.expect("written");
    assert_eq!(
        twin(&world, clues(&contact, Some("m@x"), "words")).await,
        Some(info.digest),
        "one after the other"
    );
}

pub async fn a_mail_tried_again_is_no_duplicate_of_its_own_duplicate(world: World) {
    let (first, copy) = (world.receive(1, "odd").await, world.receive(2, "odd").await);
    let outcome = |mail, disposition| Commit {
        mail: Some(MailOutcome {
            mail,
            disposition,
            case: None,
            cause: None,
            scan: complaintd::core::scan::Scan::NotAsked,
            facts: Some(headline(Some("odd@x"), "odd")),
        }),
        ..Commit::default()
    };
    let commits = [outcome(first.id, Disposition::SetAside), outcome(copy.id, Disposition::Duplicate)];
    world.store.commit(&commits).await.expect("written");
    assert!(world.store.retry_mail(first.id).await.expect("put back"));
    assert_eq!(
        twin(&world, clues(&first, Some("odd@x"), "odd")).await,
        None,
        "else nobody would ever read it"
    );
}

pub async fn candidates_come_with_evidence_and_participants(world: World) {
    for serial in 1..=4 {
        world.complaint(serial).await;
    }
    let mail = world.receive(50, "an answer").await;
    let mut clue = clues(&mail, Some("answer@x"), "words 4");
    clue.signed = vec![(Evidence::OurMessageId, number(3)), (Evidence::ReplyAddress, number(99))];
    clue.answered = vec![id("nobody@x"), id("m2@example.fr"), id("r-1.1@divikeys.com"), id("m2@example.fr")];
    clue.references = vec![number(77), number(1), number(1)];
    let stranger = clues(&mail, None, "nothing known");
    let known = world.store.known(&[stranger, clue]).await.expect("asked");
    assert_eq!(known[0], Known::default());
    let found: Vec<(Evidence, CaseNumber)> =
        known[1].candidates.iter().map(|c| (c.evidence, c.case)).collect();
    let expected = [
        (Evidence::OurMessageId, number(3)),
        (Evidence::KnownMessageId, number(2)),
        (Evidence::KnownMessageId, number(1)),
        (Evidence::Reference, number(1)),
        (Evidence::SameContent, number(4)),
    ];
    assert_eq!(found, expected, "those that exist, the nearest answered first");
    assert!(known[1].candidates.iter().all(|c| c.participants == BTreeSet::from([marie()])));
    let mut other = clues(&mail, None, "words 4");
    other.sender = Some(super::address("somebody@else.fr"));
    assert_eq!(
        world.store.known(&[other]).await.expect("asked")[0].candidates,
        [],
        "same words, another sender"
    );
}

/// Who sends many complaints under one Message-ID must not slow down every answer to it.
pub async fn a_flood_of_one_message_id_is_bounded(world: World) {
    let mut commits = Vec::new();
    for serial in 1..=30 {
        let mail = world.receive(serial, &format!("flood {serial}")).await;
        let mut commit = opening(serial, &mail);
        let facts = headline(Some("flood@x"), &format!("flood {serial}"));
        commit.mail.as_mut().expect("an outcome").facts = Some(facts);
        commits.push(commit);
    }
    world.store.commit(&commits).await.expect("written");
    let mail = world.receive(99, "answer").await;
    let mut clue = clues(&mail, None, "answer");
    clue.answered = vec![id("flood@x")];
    let candidates = world.store.known(&[clue]).await.expect("asked").remove(0).candidates;
    assert_eq!(candidates.len(), 20);
    assert_eq!(candidates[0].case, number(30), "the newest first");
}
