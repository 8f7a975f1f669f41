//! What must be true once the dust has settled, said without the program's own rules: who wrote what is
//! known here, and the published procedure says what each is owed.

use std::collections::{BTreeMap, BTreeSet};

use complaintd::core::case::{Clock, DueOutcome};
use complaintd::core::ids::{CaseNumber, Digest};
use complaintd::core::letter::Attention;
use complaintd::core::scan::{Scan, Setup};
use complaintd::ports::{Disposition, MailEntry};
use jiff::SignedDuration;

use crate::common::ALERT;
use crate::common::sim::{VIRUS, message_id_of};
use crate::world::{Owed, World};

/// How many hand-overs of one letter are allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    None,
    /// As often as processes died between hand-over and settling.
    AtMost(usize),
}

/// A state that two runs of the same scenario must agree on.
#[derive(Debug, PartialEq, Eq)]
pub struct EndState {
    /// For each mail by digest: how it ended, and what the virus scanner said.
    mails: BTreeSet<(String, &'static str, Option<String>)>,
    /// Documents and their verdicts.
    documents: BTreeSet<(String, String)>,
    /// Letters taken by the relay: recipient and Message-ID.
    letters: BTreeSet<(String, String)>,
    cases: usize,
}

pub async fn end_state(world: &World) -> EndState {
    let mails = world.store.mails(None, None).await.expect("the store answers");
    let cases = world.store.cases().await.expect("the store answers");
    EndState {
        mails: mails.iter().map(|m| (m.digest.to_string(), m.disposition.word(), scan_of(m))).collect(),
        documents: cases
            .iter()
            .flat_map(|case| &case.documents)
            .map(|document| (document.name.clone(), document.verdict.clone()))
            .collect(),
        letters: world
            .relay
            .taken()
            .iter()
            .filter(|letter| letter.recipient.as_str() != ALERT)
            .map(|letter| (letter.recipient.to_string(), message_id_of(&letter.bytes).to_string()))
            .collect(),
        cases: cases.iter().filter(|case| case.complainant.is_some()).count(),
    }
}

/// What was filed in no case is opened by nobody, and not looked at again.
fn scan_of(mail: &MailEntry) -> Option<String> {
    (mail.case.is_some() || mail.disposition == Disposition::SetAside).then(|| mail.scan.text()).flatten()
}

pub async fn check(world: &World, repeats: Repeats) {
    nothing_is_lost(world).await;
    the_same_mail_twice_is_one(world).await;
    letters_are_owed(world, repeats);
    people_have_one_case_each(world).await;
    viruses_go_to_nobody(world).await;
    what_is_set_aside_will_be_told_again(world).await;
    let verified = complaintd::adapters::store::verify(&world.sql).await.expect("the store can be read");
    assert!(verified.findings.is_empty(), "the evidence does not hold: {:?}", verified.findings);
}

/// Every mail is on the server still, and in the store, and done with.
async fn nothing_is_lost(world: &World) {
    let on_server: BTreeSet<Vec<u8>> = world.mailbox.everything().into_iter().collect();
    let entries = world.store.mails(None, None).await.expect("the store answers");
    assert_eq!(world.mailbox.left_in_inbox(), 0, "mail was stored and not filed");
    for mail in &world.sent {
        assert!(on_server.contains(&mail.raw), "a mail of {} is gone from the server", mail.from);
        let digest = Digest::of(&mail.raw);
        let entry = entries.iter().find(|entry| entry.digest == digest);
        let entry = entry.unwrap_or_else(|| panic!("a mail of {} is not in the store", mail.from));
        assert_ne!(entry.disposition, Disposition::Received, "a mail of {} was never looked at", mail.from);
        let kept = world.store.mail(entry.id).await.expect("the store answers").expect("it is there");
        assert_eq!(kept.raw, mail.raw, "the raw bytes of {}'s mail changed", mail.from);
    }
    // No place is stored twice.
    let places: BTreeSet<_> = entries.iter().map(|entry| &entry.place).collect();
    assert_eq!(places.len(), entries.len());
}

/// Of a mail that came twice one is done with as the other's duplicate.
async fn the_same_mail_twice_is_one(world: &World) {
    let entries = world.store.mails(None, None).await.expect("the store answers");
    for again in world.sent.iter().filter(|mail| mail.owed == Owed::SameAgain) {
        let copies: BTreeSet<Digest> = world
            .sent
            .iter()
            .filter(|mail| again.raw.ends_with(&mail.raw))
            .map(|mail| Digest::of(&mail.raw))
            .collect();
        let of_them = entries.iter().filter(|entry| copies.contains(&entry.digest));
        let counted = of_them.filter(|entry| entry.disposition != Disposition::Duplicate).count();
        assert_eq!(counted, 1, "a mail of {} came twice and counts as {counted}", again.from);
    }
}

/// Who is owed an acknowledgement has it; nobody else got anything; what was repeated is the same.
fn letters_are_owed(world: &World, repeats: Repeats) {
    let mut by_id: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for letter in world.relay.taken() {
        by_id.entry(message_id_of(&letter.bytes).to_string()).or_default().push(letter);
    }
    let mut extra = 0;
    for (id, copies) in &by_id {
        extra += copies.len() - 1;
        assert!(
            copies.iter().all(|c| c.bytes == copies[0].bytes),
            "letter {id} was repeated with other bytes"
        );
    }
    let allowed = match repeats {
        Repeats::None => 0,
        Repeats::AtMost(crashes) => crashes,
    };
    assert!(extra <= allowed, "{extra} letters were repeated, {allowed} allowed");

    let owed = |mail: &&crate::world::Sent| mail.owed == Owed::Acknowledgement;
    let mut expected: Vec<&str> = world.sent.iter().filter(owed).map(|mail| mail.from).collect();
    let mut got: Vec<&str> = Vec::new();
    for copies in by_id.values() {
        let recipient = copies[0].recipient.as_str();
        if recipient == ALERT {
            continue;
        }
        let text = String::from_utf8_lossy(&copies[0].bytes).to_lowercase();
        assert!(!text.contains("quarantine"), "an internal text went to a customer");
        got.push(
            world
                .sent
                .iter()
                .map(|m| m.from)
                .find(|from| *from == recipient)
                .expect("a letter to somebody who wrote"),
        );
    }
    expected.sort_unstable();
    got.sort_unstable();
    assert_eq!(got, expected, "acknowledgements sent, and owed");
}

/// Of each mail that is set aside a human will be told once more within the 48 hours that it may be owed.
async fn what_is_set_aside_will_be_told_again(world: &World) {
    let aside = world.store.mails(Some(Disposition::SetAside), None).await.expect("the store answers");
    let desk = world.store.case(CaseNumber::DESK).await.expect("the store answers").expect("it is activated");
    let within = SignedDuration::from_hours(49);
    for mail in aside {
        let watch = desk.dues.get(&Clock::AsideWatch).filter(|due| due.outcome == DueOutcome::Pending);
        let watch = watch.unwrap_or_else(|| panic!("nobody looks at mail {} again", mail.id));
        assert!(watch.due_at <= mail.received_at + within, "mail {} is told of too late", mail.id);
    }
}

/// Every mail that somebody may open was looked at; a document with a virus in it is kept back and told
/// once.
async fn viruses_go_to_nobody(world: &World) {
    let entries = world.store.mails(None, None).await.expect("the store answers");
    for entry in entries.iter().filter(|entry| entry.case.is_some()) {
        let mail = world.sent.iter().find(|mail| Digest::of(&mail.raw) == entry.digest).expect("somebody's");
        let virus = String::from_utf8_lossy(&mail.raw).contains(VIRUS);
        let fits =
            if virus { matches!(entry.scan, Scan::Infected { .. }) } else { entry.scan == Scan::Clean };
        assert!(fits, "{}'s mail: {:?}", mail.from, entry.scan);
    }
    for case in world.store.cases().await.expect("the store answers") {
        for document in &case.documents {
            let kept_back = document.kept_back(Setup::WithScanner);
            // A scanner that failed over the single documents leaves all of them under suspicion.
            let suspect = kept_back.is_some_and(|why| why.ends_with(" in its mail"));
            let fits = kept_back.is_some() == (document.name == "bad.pdf") || suspect;
            assert!(fits, "{document:?}");
        }
        let bad = case.documents.iter().filter(|document| document.name == "bad.pdf").count();
        let told = case.attention.iter().filter(|told| matches!(told, Attention::VirusFound { .. })).count();
        assert_eq!(told, bad, "case {}: each finding is told once", case.number);
    }
    let taken = world.relay.taken();
    let handed_on = taken.iter().any(|letter| String::from_utf8_lossy(&letter.bytes).contains(VIRUS));
    assert!(!handed_on, "a virus left in a letter");
}

/// As many cases as people with a first mail; each mail in at most one.
async fn people_have_one_case_each(world: &World) {
    let cases = world.store.cases().await.expect("the store answers");
    for mail in world.sent.iter().filter(|mail| mail.owed == Owed::Acknowledgement) {
        let own =
            cases.iter().filter(|case| case.participants.iter().any(|p| p.as_str() == mail.from)).count();
        assert_eq!(own, 1, "{} has {own} cases", mail.from);
    }
    let serials: Vec<u32> = cases.iter().map(|c| c.number.serial()).filter(|serial| *serial > 0).collect();
    let gapless: Vec<u32> = (1..=u32::try_from(serials.len()).expect("few")).collect();
    let mut sorted = serials;
    sorted.sort_unstable();
    assert_eq!(sorted, gapless, "case numbers have a gap");
}

/// For a failing run: what the store holds, in a few lines.
pub async fn describe(world: &World) {
    for mail in world.store.mails(None, None).await.expect("the store answers") {
        let sender = mail.sender.map(|s| s.to_string()).unwrap_or_default();
        eprintln!(
            "mail {} {sender} {} tries {} case {:?} {:?}",
            mail.id, mail.disposition, mail.tries, mail.case, mail.cause
        );
    }
    for letter in world.store.letters(None, None).await.expect("the store answers") {
        eprintln!(
            "letter {} {} {} {} {:?}",
            letter.id, letter.kind, letter.recipient, letter.state, letter.reply
        );
    }
}
