//! The journal cannot be changed, and where somebody changes it all the same, `verify` tells.

use sqlx::Executor as _;

use complaintd::core::case::Case;
use complaintd::core::event::Event;
use complaintd::core::ids::CaseNumber;
use complaintd::ports::Store as _;

use super::{World, change, minute, nudge, number};

pub async fn the_journal_is_append_only(world: World) {
    world.complaint(1).await;
    let mut connection = world.bare().await;
    for sql in [
        "UPDATE journal SET body = body",
        "UPDATE journal SET hash = 'x' WHERE seq = 1",
        "DELETE FROM journal WHERE seq = 7",
        "UPDATE message_bodies SET raw = raw",
        "UPDATE letter_bodies SET bytes = bytes",
    ] {
        let refused = connection.execute(sql).await.expect_err(sql).to_string();
        assert!(refused.contains("never changed") || refused.contains("never deleted"), "{sql}: {refused}");
    }
    if !world.is_sqlite() {
        connection.execute("TRUNCATE journal").await.expect_err("nor emptied");
    }
    assert_eq!(world.store.journal(number(1)).await.expect("read").len(), 7);
    world.assert_verified().await;
}

pub async fn a_store_untouched_is_verified(world: World) {
    let empty = world.store.verify().await.expect("verified");
    assert_eq!((empty.cases, empty.entries, empty.letters, empty.mails), (0, 0, 0, 0));
    world.receive(9, "of no case").await;
    world.assert_verified().await;
    let desk = Case::unopened(CaseNumber::DESK);
    world
        .store
        .commit(&[change(&desk, vec![Event::Activated { at: minute(0) }], minute(0))])
        .await
        .expect("written");
    let (_, case) = world.complaint(1).await;
    world.complaint(2).await;
    let before = world.store.verify().await.expect("verified");
    assert_eq!(before.findings, []);
    assert_eq!((before.cases, before.entries, before.letters, before.mails), (3, 15, 2, 3));
    assert_eq!(world.store.verify().await.expect("verified"), before, "the same again");
    world.store.commit(&[nudge(&case)]).await.expect("written");
    assert_ne!(
        world.store.verify().await.expect("verified").head,
        before.head,
        "an entry more, another head"
    );
}

/// What is changed behind our back, and a word of what `verify` says about it.
const TAMPERINGS: &[(&str, &str)] = &[
    (
        "UPDATE journal SET body = replace(body, 'Mon argent', 'Merci') WHERE case_id = 2026000002 AND seq = 1",
        "the hash differs",
    ),
    (
        "UPDATE journal SET at = '2026-05-29T00:00:00.000000Z' WHERE case_id = 2026000002 AND seq = 3",
        "the hash differs",
    ),
    (
        "UPDATE journal SET actor = '{\"who\":\"customer\"}' WHERE case_id = 2026000002 AND seq = 3",
        "the hash differs",
    ),
    ("UPDATE journal SET kind = 'outbox_held' WHERE case_id = 2026000002 AND seq = 3", "its kind says"),
    ("UPDATE journal SET body = 'nonsense' WHERE case_id = 2026000002 AND seq = 3", "cannot be read"),
    ("UPDATE journal SET prev_hash = hash WHERE case_id = 2026000002 AND seq = 3", "does not follow"),
    ("DELETE FROM journal WHERE case_id = 2026000002 AND seq = 7", "is not that of the journal"),
    ("DELETE FROM journal WHERE case_id = 2026000002 AND seq = 4", "stands where entry 4 must be"),
    (
        "UPDATE cases SET body = replace(body, 'Mon argent', 'Merci') WHERE number = 2026000002",
        "is not the fold",
    ),
    ("UPDATE cases SET state = 'closed' WHERE number = 2026000002", "column state is closed"),
    ("UPDATE cases SET seq = 8 WHERE number = 2026000002", "column seq is 8"),
    ("UPDATE cases SET head_hash = 'x' WHERE number = 2026000002", "the hash of the last entry"),
    ("DELETE FROM cases WHERE number = 2026000002", "there is no case with the key 2026000002"),
    ("UPDATE counters SET value = 9 WHERE name = 'case-2026'", "stands at 9"),
    ("DELETE FROM counters WHERE name = 'case-2026'", "is missing; the last case is 3"),
    ("DELETE FROM deadlines WHERE case_id = 2026000002 AND clock = 'cap'", "is missing"),
    (
        "UPDATE deadlines SET due_at = '2030-01-01T00:00:00.000000Z' WHERE case_id = 2026000002 AND clock = 'ack'",
        "no event set it",
    ),
    (
        "UPDATE outbox SET state = 'sent' WHERE case_id = 2026000002",
        "is sent in the outbox and queued by the journal",
    ),
    ("UPDATE outbox SET recipient = 'thief@example.org' WHERE case_id = 2026000002", "recipient differs"),
    ("DELETE FROM outbox WHERE case_id = 2026000002", "is not in the outbox"),
    ("UPDATE outbox SET ordinal = 5 WHERE case_id = 2026000002", "no event wrote it"),
    (
        "DELETE FROM letter_bodies WHERE letter IN (SELECT id FROM outbox WHERE case_id = 2026000002)",
        "its bytes are missing",
    ),
    (
        "UPDATE letter_bodies SET bytes = (SELECT bytes FROM letter_bodies ORDER BY letter LIMIT 1)",
        "its bytes are not those that were written",
    ),
    (
        "UPDATE message_bodies SET raw = (SELECT raw FROM message_bodies ORDER BY message LIMIT 1)",
        "the digest differs",
    ),
    ("DELETE FROM message_bodies", "its bytes are missing"),
    ("DELETE FROM message_rests", "a part of its bytes is missing"),
    ("UPDATE message_rests SET start = start + 1", "a part of its bytes is missing"),
    ("DELETE FROM messages WHERE case_id = 2026000002", "the journal names it, but it is not kept"),
    ("UPDATE messages SET case_id = 2026000001 WHERE case_id = 2026000002", "whose journal does not name it"),
    (
        "UPDATE messages SET received_at = '2026-06-09T00:00:00.000000Z' WHERE case_id = 2026000002",
        "its reception is not that of the journal",
    ),
];

pub async fn tampering_is_found(world: World) {
    for serial in 1..=3 {
        world.complaint(serial).await;
    }
    world.receive_in_parts(99, "begin", "-end").await;
    let tables = [
        "cases",
        "journal",
        "counters",
        "deadlines",
        "outbox",
        "letter_bodies",
        "message_rests",
        "message_bodies",
        "messages",
    ];
    for table in tables {
        world.behind(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    for (sql, expected) in TAMPERINGS {
        world.assert_verified().await;
        world.tamper(sql).await;
        let findings = world.store.verify().await.expect("verify goes through all of it").findings;
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.contains(expected)), "{sql}: {told:#?}");
        for table in tables {
            world.behind(&format!("DELETE FROM {table}")).await;
            world.behind(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }
}
