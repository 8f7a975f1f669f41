//! Commits: all or nothing, and never upon a world that moved.

use complaintd::core::case::{Case, Clock, JournalEntry};
use complaintd::core::event::{Actor, Event};
use complaintd::core::letter::{LetterKind, LetterState};
use complaintd::ports::{Committed, Disposition, Settle, Store as _};
use futures::future::join_all;

use super::{
    World, arrival, case_of, change, composed, filed, headline, letter, marie, minute, nudge, number, opening,
};

pub async fn a_commit_writes_all_its_parts(world: World) {
    let (mail, case) = world.complaint(1).await;
    let store = &world.store;
    assert_eq!(store.case(number(1)).await.expect("read"), Some(case.clone()));
    assert_eq!(store.cases().await.expect("read"), std::slice::from_ref(&case));
    assert_eq!(store.last_serial(2026).await.expect("read"), 1);
    assert_eq!(store.last_serial(2025).await.expect("read"), 0);

    let journal = store.journal(number(1)).await.expect("read");
    assert_eq!(journal.len(), 7);
    let mut prev = JournalEntry::GENESIS;
    for (entry, seq) in journal.iter().zip(1..) {
        let again = JournalEntry::chain(number(1), seq, minute(1), Actor::Desk, entry.event.clone(), prev);
        assert_eq!(*entry, again);
        prev = entry.hash;
    }
    let folded = Case::fold(number(1), journal.iter().map(|entry| (entry.at, &entry.event)));
    assert_eq!(folded, case, "the row is the fold of its journal");

    let letters = store.letters(None, Some(number(1))).await.expect("listed");
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].ordinal, letters[0].state, letters[0].attempts), (1, LetterState::Queued, 0));
    assert_eq!(letters[0].next_at, Some(minute(1)), "due at once");
    let (entry, bytes) = store.letter(letters[0].id).await.expect("read").expect("there");
    assert_eq!((entry.recipient.as_str(), &*bytes), (marie().as_str(), b"letter 1 of 1".as_slice()));
    assert!(store.letter(letters[0].id + 1).await.expect("asked").is_none());

    let entry = store.mails(None, None).await.expect("listed").remove(0);
    assert_eq!((entry.id, entry.disposition, entry.case), (mail.id, Disposition::Filed, Some(number(1))));
    world.assert_verified().await;
}

pub async fn a_batch_takes_consecutive_serials(world: World) {
    let mut commits = Vec::new();
    for serial in 1..=30 {
        let mail = world.receive(serial, &format!("complaint {serial}")).await;
        commits.push(opening(serial, &mail));
    }
    assert_eq!(world.store.commit(&commits).await.expect("written"), Committed::Done);
    assert_eq!(world.store.last_serial(2026).await.expect("read"), 30);
    assert_eq!(world.store.cases().await.expect("read").len(), 30);
    assert_eq!(world.store.commit(&[]).await.expect("nothing to write"), Committed::Done);
    world.assert_verified().await;
}

pub async fn a_serial_that_leaves_a_gap_is_a_conflict(world: World) {
    let mails = [world.receive(1, "one").await, world.receive(2, "two").await];
    for serials in [[2, 3], [1, 3]] {
        let commits = [opening(serials[0], &mails[0]), opening(serials[1], &mails[1])];
        assert_eq!(world.store.commit(&commits).await.expect("told"), Committed::Conflict, "{serials:?}");
    }
    assert_eq!(world.store.cases().await.expect("read"), []);
    assert_eq!(world.store.last_serial(2026).await.expect("read"), 0);
    let commits = [opening(2, &mails[1]), opening(1, &mails[0])];
    assert_eq!(
        world.store.commit(&commits).await.expect("told"),
        Committed::Done,
        "their order is no matter"
    );
    let mail = world.receive(3, "three").await;
    for serial in [4, 2, 1] {
        let commit = [opening(serial, &mail)];
        assert_eq!(world.store.commit(&commit).await.expect("told"), Committed::Conflict, "{serial} after 2");
    }
    assert_eq!(world.store.last_serial(2026).await.expect("read"), 2);
}

pub async fn a_case_that_moved_on_is_a_conflict(world: World) {
    let (_, case) = world.complaint(1).await;
    let (one, other) =
        (nudge(&case), change(&case, vec![Event::DeadlineMissed { clock: Clock::Cap }], minute(3)));
    assert_eq!(world.store.commit(std::slice::from_ref(&one)).await.expect("told"), Committed::Done);
    for late in [&other, &one] {
        assert_eq!(world.store.commit(std::slice::from_ref(late)).await.expect("told"), Committed::Conflict);
    }
    assert_eq!(world.store.case(number(1)).await.expect("read").as_ref(), Some(case_of(&one)));
    assert_eq!(world.store.journal(number(1)).await.expect("read").len(), 8);
    let unknown = nudge(&Case { number: number(9), ..case });
    assert_eq!(world.store.commit(&[unknown]).await.expect("told"), Committed::Conflict, "no such case");
    world.assert_verified().await;
}

pub async fn changes_of_one_case_follow_each_other_in_a_batch(world: World) {
    let mail = world.receive(1, "complaint").await;
    let open = opening(1, &mail);
    let second = nudge(case_of(&open));
    let ack = letter(2, LetterKind::Acknowledgement, marie(), minute(2));
    let mut third =
        change(case_of(&second), vec![Event::LetterWritten { letter: Box::new(ack.clone()) }], minute(2));
    third.change.as_mut().expect("a change").letters = vec![composed(1, &ack)];
    let last = case_of(&third).clone();
    assert_eq!(world.store.commit(&[open, second, third]).await.expect("told"), Committed::Done);
    assert_eq!(world.store.case(number(1)).await.expect("read"), Some(last.clone()));

    let fork = [nudge(&last), nudge(&last)];
    assert_eq!(
        world.store.commit(&fork).await.expect("told"),
        Committed::Conflict,
        "both upon the same case"
    );
    assert_eq!(world.store.case(number(1)).await.expect("read"), Some(last));
    world.assert_verified().await;
}

pub async fn a_second_commit_that_fails_leaves_nothing_of_the_first(world: World) {
    let (_, case) = world.complaint(1).await;
    let mail = world.receive(2, "two").await;
    let head = world.store.verify().await.expect("verified").head;
    let stale = Case { seq: case.seq - 1, ..case.clone() };
    let wrong_letter =
        Settle { letter: 4711, attempt: 1, state: LetterState::Sent, next_at: None, reply: String::new() };
    let wrong = [
        nudge(&stale),
        filed(mail.id + 1000, None, headline(None, "no such mail")),
        complaintd::ports::Commit { settle: Some(wrong_letter), ..Default::default() },
    ];
    for second in wrong {
        let commits = [opening(2, &mail), second];
        assert_eq!(world.store.commit(&commits).await.expect("told"), Committed::Conflict);
        assert_eq!(world.store.verify().await.expect("verified").head, head, "no journal changed");
        assert_eq!(world.store.last_serial(2026).await.expect("read"), 1);
        assert_eq!(world.store.letters(None, None).await.expect("listed").len(), 1);
        assert_eq!(world.store.due(minute(100_000), 100).await.expect("listed").len(), 4);
        assert_eq!(world.store.received(0, 10, u64::MAX).await.expect("listed").len(), 1, "still to be read");
    }
    world.assert_verified().await;
    assert_eq!(world.store.commit(&[opening(2, &mail)]).await.expect("told"), Committed::Done);
}

pub async fn a_mail_dealt_with_already_is_a_conflict(world: World) {
    let mail = world.receive(1, "one").await;
    let commit = filed(mail.id, None, headline(Some("a@b"), "one"));
    assert_eq!(world.store.commit(std::slice::from_ref(&commit)).await.expect("told"), Committed::Done);
    assert_eq!(world.store.commit(&[commit]).await.expect("told"), Committed::Conflict);
    let twice = world.receive(2, "two").await;
    let commit = filed(twice.id, None, headline(Some("b@b"), "two"));
    assert_eq!(world.store.commit(&[commit.clone(), commit]).await.expect("told"), Committed::Conflict);
}

pub async fn large_batches_are_written_whole(world: World) {
    const MAILS: u32 = 700;
    let arrivals: Vec<_> = (1..=MAILS).map(|uid| arrival(uid, &format!("complaint {uid}"))).collect();
    world.store.keep(&arrivals).await.expect("kept");
    let places: Vec<_> = arrivals.iter().map(|arrival| arrival.place.clone()).collect();
    assert_eq!(world.store.stored(&places).await.expect("asked").len(), MAILS as usize);
    let mails = world.store.received(0, MAILS, u64::MAX).await.expect("listed");
    let commits: Vec<_> = mails.iter().zip(1..).map(|(mail, serial)| opening(serial, mail)).collect();
    assert_eq!(world.store.commit(&commits).await.expect("told"), Committed::Done);
    assert_eq!(world.store.journal(number(MAILS)).await.expect("read").len(), 7);
    let verified = world.store.verify().await.expect("verified");
    assert_eq!(verified.findings, []);
    let found = (verified.cases, verified.entries, verified.letters, verified.mails);
    assert_eq!(found, (u64::from(MAILS), u64::from(MAILS) * 7, u64::from(MAILS), u64::from(MAILS)));
}

pub async fn deadlines_are_those_of_the_case(world: World) {
    let (_, case) = world.complaint(1).await;
    world.complaint(2).await;
    let due = async |at, limit| world.store.due(minute(at), limit).await.expect("listed");
    assert_eq!(due(12 * 60 - 1, 9).await, []);
    let both = [(number(1), Clock::AckWatch), (number(2), Clock::AckWatch)];
    assert_eq!(due(12 * 60, 9).await, both, "at its very instant");
    assert_eq!(due(12 * 60, 1).await, both[..1]);
    let events = vec![
        Event::DeadlineMet { clock: Clock::AckWatch },
        Event::DeadlineSet { clock: Clock::Ack, due_at: minute(5), calendar: "c".to_owned() },
    ];
    world.store.commit(&[change(&case, events, minute(2))]).await.expect("written");
    assert_eq!(due(12 * 60, 9).await, [(number(1), Clock::Ack), (number(2), Clock::AckWatch)]);
    assert_eq!(due(i64::from(u16::MAX) * 60, 99).await.len(), 3 + 4);
    world.assert_verified().await;
}

/// A future may be dropped at any point (sqlx#4385): what was begun is undone or done, and the next
/// call works.
pub async fn a_commit_dropped_halfway_leaves_nothing_and_harms_nothing(world: World) {
    let mail = world.receive(1, "complaint").await;
    let commit = [opening(1, &mail)];
    let mut cut = 0;
    for polls in 1.. {
        let done = poll_at_most(polls, world.store.commit(&commit)).await;
        let verified = world.store.verify().await.expect("the store goes on");
        assert_eq!(verified.findings, [], "after {polls} polls");
        assert_eq!(verified.cases, verified.letters, "after {polls} polls: all or nothing");
        match done {
            // Written now, or by the cut before, whose end nobody heard.
            Some(_) => break,
            None => cut += 1,
        }
    }
    // On a busy machine the database answers between two polls, and there are fewer points.
    assert!(cut >= 1, "the commit was never cut");
    assert_eq!(world.store.cases().await.expect("read").len(), 1);
    world.assert_verified().await;
}

/// The future's end, or `None` where it was dropped before.
async fn poll_at_most<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    futures::future::poll_fn(|context| {
        if left == 0 {
            return std::task::Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

pub async fn two_instances_never_take_the_same_serial(world: World) {
    const MAILS: u32 = 24;
    for uid in 1..=MAILS {
        world.receive(uid, &format!("complaint {uid}")).await;
    }
    let other = world.another().await;
    let mails = world.store.received(0, MAILS, u64::MAX).await.expect("listed");
    let (left, right) = mails.split_at(mails.len() / 2);
    let work = [(&world.store, left), (&other, right)].map(async |(store, mails)| {
        let mut conflicts = 0;
        for mail in mails {
            loop {
                let serial = store.last_serial(2026).await.expect("read") + 1;
                match store.commit(&[opening(serial, mail)]).await.expect("told") {
                    Committed::Done => break,
                    Committed::Conflict => conflicts += 1,
                }
            }
        }
        conflicts
    });
    let conflicts: u32 = join_all(work).await.into_iter().sum();
    assert!(conflicts > 0, "the instances never met: the test shows nothing");
    assert_eq!(world.store.last_serial(2026).await.expect("read"), MAILS);
    let verified = world.store.verify().await.expect("verified");
    assert_eq!((verified.findings, verified.cases), (vec![], u64::from(MAILS)));
}

pub async fn two_instances_never_build_on_the_same_case(world: World) {
    const CHANGES: u32 = 15;
    world.complaint(1).await;
    let other = world.another().await;
    let work = [&world.store, &other].map(async |store| {
        let mut conflicts = 0;
        for _ in 0..CHANGES {
            loop {
                let case = store.case(number(1)).await.expect("read").expect("there");
                match store.commit(&[nudge(&case)]).await.expect("told") {
                    Committed::Done => break,
                    Committed::Conflict => conflicts += 1,
                }
            }
        }
        conflicts
    });
    let conflicts: u32 = join_all(work).await.into_iter().sum();
    assert!(conflicts > 0, "the instances never met: the test shows nothing");
    let case = world.store.case(number(1)).await.expect("read").expect("there");
    assert_eq!(case.seq, 7 + 2 * CHANGES);
    world.assert_verified().await;
}

/// Two deliveries of one mail, each looked at by another instance before the other wrote.
pub async fn trap_28_two_instances_never_file_one_mail_twice(world: World) {
    let mails = [world.receive(1, "to info@").await, world.receive(2, "to contact@").await];
    let facts = || headline(Some("same@example.fr"), "same words");
    assert_eq!(
        world.store.commit(&[filed(mails[0].id, None, facts())]).await.expect("told"),
        Committed::Done
    );
    let other = world.another().await;
    assert_eq!(
        other.commit(&[filed(mails[1].id, None, facts())]).await.expect("told"),
        Committed::Conflict,
        "it must look again, and finds the twin"
    );
}
