//! Letters: each attempt is claimed by one instance, and only that attempt is settled.

use std::time::Duration;

use complaintd::adapters::store::SqlStore;
use complaintd::core::case::Case;
use complaintd::core::event::Event;
use complaintd::core::ids::Address;
use complaintd::core::letter::{LetterKind, LetterState};
use complaintd::ports::{Claimed, Commit, Committed, Settle, Store as _};
use futures::future::join3;
use sqlx::Executor as _;

use super::{World, address, change, composed, letter, marie, minute, number, opening};

fn settle(letter: i64, attempt: u32, state: LetterState, next_at: Option<i64>) -> Commit {
    let reply = format!("250 {state}");
    let settle = Settle { letter, attempt, state, next_at: next_at.map(minute), reply };
    Commit { settle: Some(settle), ..Commit::default() }
}

async fn claim(world: &World, now: i64) -> Vec<Claimed> {
    world.store.claim(minute(now), minute(now + 10), 10, false).await.expect("claimed")
}

fn ids(claimed: &[Claimed]) -> Vec<(i64, u32)> {
    claimed.iter().map(|letter| (letter.id, letter.attempt)).collect()
}

/// Writes a notice and perhaps a held letter into a case.
async fn write(world: &World, case: &Case, kind: LetterKind, to: Address, at: i64, held: bool) -> Case {
    let letter = letter(case.next_ordinal(), kind, to, minute(at));
    let mut commit =
        change(case, vec![Event::LetterWritten { letter: Box::new(letter.clone()) }], minute(at));
    let mut composed = composed(case.number.serial(), &letter);
    composed.held = held;
    let change = commit.change.as_mut().expect("a change");
    change.letters = vec![composed];
    let after = change.after.clone();
    assert_eq!(world.store.commit(&[commit]).await.expect("told"), Committed::Done);
    after
}

pub async fn a_letter_is_claimed_once_for_each_attempt(world: World) {
    world.complaint(1).await;
    assert_eq!(world.store.next_attempt().await.expect("asked"), Some(minute(1)));
    assert_eq!(ids(&claim(&world, 0).await), [], "not before its instant");
    let claimed = claim(&world, 1).await;
    let first = &claimed[0];
    assert_eq!((claimed.len(), first.attempt, first.case, first.ordinal), (1, 1, number(1), 1));
    assert_eq!((first.kind, first.written_at), (LetterKind::Acknowledgement, minute(1)));
    assert_eq!(first.outgoing.recipient, marie());
    assert_eq!(first.outgoing.envelope_from.as_str(), "info@divikeys.com");
    assert_eq!(first.outgoing.bytes, b"letter 1 of 1");
    assert_eq!(ids(&claim(&world, 10).await), [], "under way");
    assert_eq!(world.store.next_attempt().await.expect("asked"), Some(minute(11)));
    let again = claim(&world, 11).await;
    assert_eq!(ids(&again), [(first.id, 2)], "who crashed in the middle tries again");
    assert_eq!(again[0].outgoing.bytes, first.outgoing.bytes, "with the very same bytes");
    let entry = world.store.letters(None, None).await.expect("listed").remove(0);
    assert_eq!((entry.attempts, entry.state), (2, LetterState::Queued));
}

pub async fn two_instances_never_claim_the_same_letter(world: World) {
    let mut commits = Vec::new();
    for serial in 1..=40 {
        let mail = world.receive(serial, &format!("complaint {serial}")).await;
        commits.push(opening(serial, &mail));
    }
    world.store.commit(&commits).await.expect("written");
    let other = world.another().await;
    // A third one holds the letters until both have looked which are due.
    let mut third = world.bare().await;
    let hold = if world.is_sqlite() { "BEGIN IMMEDIATE" } else { "BEGIN; SELECT id FROM outbox FOR UPDATE" };
    third.execute(hold).await.expect("held");
    let let_go = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        third.execute("ROLLBACK").await.expect("let go");
    };
    let take = |store| SqlStore::claim(store, minute(2), minute(9), 25, false);
    let (left, right, ()) = join3(take(&world.store), take(&other), let_go).await;
    let mut all = [ids(&left.expect("claimed")), ids(&right.expect("claimed"))].concat();
    assert_eq!(all.len(), 25, "both saw the same letters, one got them: {all:?}");
    all.extend(ids(&other.claim(minute(2), minute(9), 25, false).await.expect("claimed")));
    assert!(all.iter().all(|(_, attempt)| *attempt == 1), "{all:?}");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 40);
}

pub async fn a_held_letter_leaves_only_when_released(world: World) {
    let (_, case) = world.complaint(1).await;
    write(&world, &case, LetterKind::Acknowledgement, marie(), 2, true).await;
    let held = world.store.letters(Some(LetterState::Held), None).await.expect("listed").remove(0);
    assert_eq!((held.next_at, held.attempts), (None, 0));
    assert_eq!(ids(&claim(&world, 60).await).len(), 1, "the other one");
    let release = settle(held.id, 0, LetterState::Queued, None);
    assert_eq!(world.store.commit(&[release]).await.expect("told"), Committed::Done);
    assert_eq!(ids(&claim(&world, 60).await), [(held.id, 1)], "queued without an instant means at once");
    world.assert_verified().await;
}

pub async fn notices_may_be_claimed_alone(world: World) {
    let (_, case) = world.complaint(1).await;
    write(&world, &case, LetterKind::Notice, address("chief@divikeys.com"), 2, false).await;
    let only = world.store.claim(minute(9), minute(19), 9, true).await.expect("claimed");
    assert_eq!(only.iter().map(|l| l.kind).collect::<Vec<_>>(), [LetterKind::Notice]);
    let rest = world.store.claim(minute(9), minute(19), 9, false).await.expect("claimed");
    assert_eq!(rest.iter().map(|l| l.kind).collect::<Vec<_>>(), [LetterKind::Acknowledgement]);
    let none = world.store.claim(minute(60), minute(70), 0, false).await.expect("claimed");
    assert_eq!(ids(&none), []);
}

pub async fn a_settlement_of_another_attempt_is_a_conflict(world: World) {
    world.complaint(1).await;
    let first = claim(&world, 1).await.remove(0);
    let commit = async |commit| world.store.commit(&[commit]).await.expect("told");
    let retry = settle(first.id, 1, LetterState::Queued, Some(30));
    assert_eq!(commit(retry).await, Committed::Done);
    assert_eq!(ids(&claim(&world, 29).await), []);
    assert_eq!(ids(&claim(&world, 30).await), [(first.id, 2)]);
    let late = settle(first.id, 1, LetterState::Sent, None);
    assert_eq!(commit(late).await, Committed::Conflict, "the second attempt is under way");
    assert_eq!(commit(settle(first.id, 2, LetterState::Sent, None)).await, Committed::Done);
    let entry = world.store.letters(Some(LetterState::Sent), None).await.expect("listed").remove(0);
    assert_eq!((entry.next_at, entry.reply.as_deref()), (None, Some("250 sent")));
    assert_eq!(ids(&claim(&world, 9999).await), [], "sent is sent");
    assert_eq!(world.store.next_attempt().await.expect("asked"), None);
}

pub async fn letters_are_counted_by_address_and_kind(world: World) {
    let (_, case) = world.complaint(1).await;
    let case = write(&world, &case, LetterKind::Acknowledgement, marie(), 30, false).await;
    write(&world, &case, LetterKind::Notice, marie(), 30, false).await;
    let asked = [address("nobody@example.fr"), address("MARIE.dupont@EXAMPLE.fr"), marie()];
    let count =
        async |kind, since| world.store.letters_since(kind, &asked, minute(since)).await.expect("counted");
    assert_eq!(count(LetterKind::Acknowledgement, 0).await, [0, 2, 2], "without regard to case");
    assert_eq!(count(LetterKind::Acknowledgement, 2).await, [0, 1, 1]);
    assert_eq!(count(LetterKind::Acknowledgement, 30).await, [0, 1, 1], "the instant itself counts");
    assert_eq!(count(LetterKind::Acknowledgement, 31).await, [0, 0, 0]);
    assert_eq!(count(LetterKind::Notice, 0).await, [0, 1, 1]);
    let none = world.store.letters_since(LetterKind::Notice, &[], minute(0)).await.expect("counted");
    assert_eq!(none, [0_u64; 0]);
}

pub async fn letters_handed_over_are_counted_without_notices(world: World) {
    let (_, case) = world.complaint(1).await;
    write(&world, &case, LetterKind::Notice, address("chief@divikeys.com"), 2, false).await;
    assert_eq!(world.store.sent_since(minute(0)).await.expect("counted"), 0);
    for letter in claim(&world, 5).await {
        let sent = settle(letter.id, 1, LetterState::Sent, None);
        assert_eq!(world.store.commit(&[sent]).await.expect("told"), Committed::Done);
    }
    assert_eq!(world.store.sent_since(minute(5)).await.expect("counted"), 1);
    assert_eq!(world.store.sent_since(minute(6)).await.expect("counted"), 0);
    let letter = world.store.letters(None, None).await.expect("listed").remove(0);
    world.store.commit(&[settle(letter.id, 1, LetterState::Failed, None)]).await.expect("written");
    assert_eq!(world.store.sent_since(minute(5)).await.expect("counted"), 1, "come back, yet handed over");
}

/// An operator drops a letter while it is being handed over; the relay says "later".
pub async fn a_letter_suppressed_during_an_attempt_stays_suppressed(world: World) {
    world.complaint(1).await;
    let letter = claim(&world, 1).await.remove(0);
    let commit = async |commit| world.store.commit(&[commit]).await.expect("told");
    assert_eq!(commit(settle(letter.id, 1, LetterState::Suppressed, None)).await, Committed::Done);
    assert_eq!(commit(settle(letter.id, 1, LetterState::Queued, Some(5))).await, Committed::Conflict);
    assert_eq!(ids(&claim(&world, 9999).await), []);
    let entry = world.store.letters(Some(LetterState::Suppressed), None).await.expect("listed").remove(0);
    let release = settle(entry.id, entry.attempts, LetterState::Queued, None);
    assert_eq!(commit(release).await, Committed::Done, "until it is released");
    assert_eq!(claim(&world, 60).await.len(), 1);
}
