//! What every store must do, whichever database it is on: run on SQLite by `tests/it/store.rs` and on
//! PostgreSQL by `tests/live/store.rs`. Each function gets a store of its own, empty and migrated.

mod claims;
mod commits;
mod desk;
mod known;
mod mails;
mod proofs;

use std::any::Any;

use complaintd::adapters::store::SqlStore;
use complaintd::core::authenticity::{Authenticity, Verdict};
use complaintd::core::case::{Case, Clock, Complainant, MessageRole};
use complaintd::core::decide::applied;
use complaintd::core::event::{Actor, Event, MessageAdded, Opened};
use complaintd::core::facts::Language;
use complaintd::core::ids::{Address, CaseNumber, Digest, MessageId};
use complaintd::core::letter::{Channel, Letter, LetterKind, LetterLanguage};
use complaintd::ports::{
    Arrival, CaseChange, Commit, Committed, Composed, Disposition, MailHeadline, MailOutcome, Place, Rest,
    Store as _, StoredMail,
};
use jiff::{SignedDuration, Timestamp};
use sqlx::{AnyConnection, Connection as _, Executor as _};

pub use claims::*;
pub use commits::*;
pub use desk::*;
pub use known::*;
pub use mails::*;
pub use proofs::*;

/// Hands the names of all tests of the suite to a macro.
macro_rules! with_all {
    ($callback:ident) => {
        $callback! {
            a_mail_is_kept_once,
            a_mail_is_read_back_as_it_came,
            a_large_mail_comes_in_parts_and_is_whole_in_the_end,
            received_is_bounded_by_number_and_bytes,
            what_the_scanner_has_still_to_look_at_is_found,
            a_mail_set_aside_can_be_tried_again,
            mails_are_listed_by_disposition_and_case,
            foreign_text_may_hold_anything,
            a_commit_writes_all_its_parts,
            a_batch_takes_consecutive_serials,
            a_serial_that_leaves_a_gap_is_a_conflict,
            a_case_that_moved_on_is_a_conflict,
            changes_of_one_case_follow_each_other_in_a_batch,
            a_second_commit_that_fails_leaves_nothing_of_the_first,
            a_mail_dealt_with_already_is_a_conflict,
            large_batches_are_written_whole,
            deadlines_are_those_of_the_case,
            a_commit_dropped_halfway_leaves_nothing_and_harms_nothing,
            two_instances_never_take_the_same_serial,
            two_instances_never_build_on_the_same_case,
            trap_28_two_instances_never_file_one_mail_twice,
            trap_05_a_reused_message_id_is_no_duplicate,
            trap_06_without_message_id_the_bytes_decide,
            trap_07_the_same_bytes_at_a_new_place_are_a_duplicate,
            trap_28_one_mail_to_two_addresses_is_a_duplicate,
            a_mail_tried_again_is_no_duplicate_of_its_own_duplicate,
            candidates_come_with_evidence_and_participants,
            a_flood_of_one_message_id_is_bounded,
            a_letter_is_claimed_once_for_each_attempt,
            two_instances_never_claim_the_same_letter,
            a_held_letter_leaves_only_when_released,
            notices_may_be_claimed_alone,
            a_settlement_of_another_attempt_is_a_conflict,
            a_letter_suppressed_during_an_attempt_stays_suppressed,
            letters_are_counted_by_address_and_kind,
            letters_handed_over_are_counted_without_notices,
            the_desk_has_a_journal_and_no_serial,
            folders_tell_how_they_fare,
            the_tally_counts_what_waits,
            the_journal_is_append_only,
            a_store_untouched_is_verified,
            tampering_is_found,
        }
    };
}
pub(crate) use with_all;

/// A store of its own for one test, and how to get at the database behind its back.
pub struct World {
    pub store: SqlStore,
    pub url: String,
    #[expect(dead_code, reason = "it lives as long as the database must, no more")]
    guard: Box<dyn Any + Send + Sync>,
}

impl World {
    pub async fn new(url: String, guard: Box<dyn Any + Send + Sync>) -> Self {
        let store = SqlStore::connect(&url).await.expect("the database opens");
        store.migrate().await.expect("the tables are made");
        Self { store, url, guard }
    }

    /// A second instance on the same database.
    pub async fn another(&self) -> SqlStore {
        SqlStore::connect(&self.url).await.expect("the database opens")
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }

    /// A bare connection, as an intruder or an administrator has one.
    pub async fn bare(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.url).await.expect("the database opens")
    }

    /// Changes rows with all guards of the database switched off.
    pub async fn tamper(&self, sql: &str) {
        assert!(self.behind(sql).await > 0, "{sql}: nothing to tamper with");
    }

    /// As [`World::tamper`], where there may be nothing to change; how many rows were.
    pub async fn behind(&self, sql: &str) -> u64 {
        let mut connection = self.bare().await;
        let unguard = if self.is_sqlite() {
            "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS journal_keeps_entries; \
             DROP TRIGGER IF EXISTS journal_keeps_words; DROP TRIGGER IF EXISTS message_bodies_keep_bytes; \
             DROP TRIGGER IF EXISTS letter_bodies_keep_bytes; DROP TRIGGER IF EXISTS message_rests_keep_bytes;"
        } else {
            "SET session_replication_role = replica"
        };
        connection.execute(unguard).await.expect("the guards can be switched off");
        let changed = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await;
        let changed = changed.expect("the statement is right").rows_affected();
        connection.close().await.expect("closes");
        changed
    }

    /// Keeps a mail with these bytes and gives it back as stored.
    pub async fn receive(&self, uid: u32, raw: &str) -> StoredMail {
        self.store.keep(&[arrival(uid, raw)]).await.expect("kept");
        let uid = uid.to_string();
        let all = self.store.received(0, 1000, u64::MAX).await.expect("listed");
        all.into_iter().find(|mail| mail.place.uid == uid).expect("it is there")
    }

    /// A mail that came larger than the limit, all of it.
    pub async fn receive_in_parts(&self, uid: u32, beginning: &str, rest: &str) {
        let mut large = arrival(uid, beginning);
        large.bytes = (beginning.len() + rest.len()) as u64;
        large.set_aside = Some("larger than the limit".to_owned());
        self.store.keep(&[large]).await.expect("kept");
        let start = beginning.len() as u64;
        let rest = Rest { place: place(uid), start, raw: rest.into(), last: true };
        self.store.keep_more(&rest).await.expect("kept");
    }

    /// A mail that opened a case with an acknowledgement; the mail and the case.
    pub async fn complaint(&self, serial: u32) -> (StoredMail, Case) {
        let mail = self.receive(serial, &format!("complaint {serial}")).await;
        let commit = opening(serial, &mail);
        let case = case_of(&commit).clone();
        assert_eq!(self.store.commit(&[commit]).await.expect("written"), Committed::Done);
        (mail, case)
    }

    pub async fn assert_verified(&self) {
        let verified = self.store.verify().await.expect("verified");
        assert_eq!(verified.findings, [], "verify must find nothing");
    }
}

/// Minutes after the beginning of the story.
pub fn minute(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-05-28T02:30:00.25Z".parse().expect("an instant");
    start + SignedDuration::from_mins(minutes)
}

pub fn number(serial: u32) -> CaseNumber {
    CaseNumber::new(2026, serial).expect("a serial")
}

pub fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

pub fn id(text: &str) -> MessageId {
    MessageId::parse(text).expect("a Message-ID")
}

pub fn place(uid: u32) -> Place {
    Place { mailbox: "info".to_owned(), folder: "INBOX".to_owned(), validity: 7, uid: uid.to_string() }
}

pub fn arrival(uid: u32, raw: &str) -> Arrival {
    Arrival {
        place: place(uid),
        digest: Digest::of(raw.as_bytes()),
        received_at: minute(0),
        bytes: raw.len() as u64,
        raw: raw.as_bytes().to_vec(),
        set_aside: None,
    }
}

pub fn marie() -> Address {
    address("Marie.Dupont@example.fr")
}

/// What is kept of a mail that says `content` under a Message-ID.
pub fn headline(message_id: Option<&str>, content: &str) -> MailHeadline {
    MailHeadline {
        message_id: message_id.map(id),
        content: Digest::of(content.as_bytes()),
        sender: Some(marie()),
        subject: "Mon argent".to_owned(),
        sent_at: Some(minute(-5)),
        origin: "human",
        authenticity: Authenticity::new(Verdict::Dkim, "dkim=pass for example.fr, by DNS"),
    }
}

/// The mail is filed in a case, or in none.
pub fn filed(mail: i64, case: Option<u32>, facts: MailHeadline) -> Commit {
    let outcome = MailOutcome {
        mail,
        disposition: Disposition::Filed,
        case: case.map(number),
        cause: None,
        scan: complaintd::core::scan::Scan::NotAsked,
        facts: Some(facts),
    };
    Commit { mail: Some(outcome), ..Commit::default() }
}

pub fn letter(ordinal: u32, kind: LetterKind, to: Address, at: Timestamp) -> Letter {
    Letter {
        ordinal,
        kind,
        channel: Channel::Mail,
        to,
        to_name: "Marie".to_owned(),
        language: LetterLanguage::French,
        in_reply_to: None,
        references: vec![id("before@example.fr")],
        about: None,
        written_at: at,
        bytes: None,
    }
}

pub fn composed(serial: u32, letter: &Letter) -> Composed {
    Composed {
        letter: letter.clone(),
        message_id: id(&format!("r-{serial}.{}@divikeys.com", letter.ordinal)),
        envelope_from: address("info@divikeys.com"),
        bytes: format!("letter {} of {serial}", letter.ordinal).into_bytes(),
        held: false,
    }
}

/// All of a complaint: seven events, four clocks, an acknowledgement, the mail filed.
pub fn opening(serial: u32, mail: &StoredMail) -> Commit {
    let mut ack = letter(1, LetterKind::Acknowledgement, marie(), minute(1));
    ack.bytes = Some(Digest::of(&composed(serial, &ack).bytes));
    let set = |clock, due_at| Event::DeadlineSet { clock, due_at, calendar: "fr-sxm 2026".to_owned() };
    let message_id = format!("m{serial}@example.fr");
    let events = vec![
        Event::Opened(Box::new(opened())),
        Event::MessageAdded(Box::new(added(mail.digest, &message_id))),
        set(Clock::Ack, minute(48 * 60)),
        set(Clock::AckWatch, minute(12 * 60)),
        set(Clock::Resolution, minute(21 * 24 * 60)),
        set(Clock::Cap, minute(60 * 24 * 60)),
        Event::LetterWritten { letter: Box::new(ack.clone()) },
    ];
    let mut commit = change(&Case::unopened(number(serial)), events, minute(1));
    commit.change.as_mut().expect("a change").letters = vec![composed(serial, &ack)];
    commit.mail = filed(mail.id, Some(serial), headline(Some(&message_id), &format!("words {serial}"))).mail;
    commit
}

fn opened() -> Opened {
    Opened {
        complainant: Complainant { name: "Marie".to_owned(), address: Some(marie()) },
        subject: "Mon argent".to_owned(),
        sent_at: minute(-5),
        received_at: minute(0),
        language: Language::French,
        intent: None,
        category: None,
        flags: [].into(),
        missing: [].into(),
        for_another: false,
        mediator_limit: jiff::civil::date(2027, 5, 28),
    }
}

fn added(mail: Digest, message_id: &str) -> MessageAdded {
    MessageAdded {
        mail,
        message_id: Some(id(message_id)),
        references: vec![],
        role: MessageRole::Complaint,
        because: "opened the case".to_owned(),
        received_at: minute(0),
        documents: vec![],
        flags: [].into(),
    }
}

/// A commit of one change to a case.
pub fn change(before: &Case, events: Vec<Event>, at: Timestamp) -> Commit {
    let change = CaseChange {
        before_seq: before.seq,
        after: applied(before, &events, at),
        events,
        actor: Actor::Desk,
        at,
        letters: vec![],
    };
    Commit { change: Some(change), ..Commit::default() }
}

pub fn case_of(commit: &Commit) -> &Case {
    &commit.change.as_ref().expect("a change").after
}

/// A change that says little: one clock is cleared.
pub fn nudge(before: &Case) -> Commit {
    change(before, vec![Event::DeadlineCleared { clock: Clock::AckWatch }], minute(2))
}
