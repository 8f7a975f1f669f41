//! Documents with viruses, and a scanner that is down when they come: the person is heard all the same,
//! and what is dangerous goes to nobody.

use std::fmt::Write as _;
use std::sync::Arc;

use complaintd::core::case::{Case, Document};
use complaintd::core::event::Event;
use complaintd::core::letter::Attention;
use complaintd::core::scan::{Scan, Setup};
use complaintd::ports::{Disposition, MailEntry};
use complaintd::shell::limits::SCAN_TRIES;
use complaintd::shell::scan::Scanning;
use jiff::SignedDuration;

use super::town::{JOHN, MARIE, Person, Town, text_of};
use crate::common::sim::{CHOKES_ON, SIGNATURE, SimScanner, VIRUS};

const COMPLAINT: &str =
    "Mon virement de 200 euros du 3 novembre n'est jamais arrivé. Je demande son remboursement.";
const LATE: &str = "not looked at by the virus scanner yet";

async fn town() -> (Town, SimScanner) {
    let mut town = Town::new().await;
    let scanner = SimScanner::default();
    town.desk.scanning = Some(Arc::new(Scanning::new(Arc::new(scanner.clone()))));
    (town, scanner)
}

/// Posts a complaint with these documents: name and content.
fn complains(town: &mut Town, from: Person, documents: &[(&str, &str)]) {
    let mut parts =
        format!("--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{COMPLAINT} {}\r\n", from.name);
    for (name, content) in documents {
        write!(
            parts,
            "--b\r\nContent-Type: application/pdf; name=\"{name}\"\r\nContent-Disposition: attachment\r\n\r\n{content}\r\n"
        )
        .expect("a String takes all");
    }
    let (name, address) = (from.name, from.address);
    let raw = format!(
        "From: \"{name}\" <{address}>\r\nTo: info@divikeys.com\r\nSubject: Virement\r\n\
         Date: Mon, 23 Nov 2026 08:55:00 -0400\r\nMessage-ID: <virus.{address}>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n{parts}--b--\r\n"
    );
    town.raw_arrives(raw.as_bytes());
}

fn verdicts(case: &Case) -> Vec<&str> {
    case.documents.iter().map(|document| document.verdict.as_str()).collect()
}

fn kept_back(document: &Document) -> Option<&str> {
    document.kept_back(Setup::WithScanner)
}

async fn only_mail(town: &Town) -> MailEntry {
    let mut mails = town.desk.store.mails(None, None).await.expect("the store answers");
    assert_eq!(mails.len(), 1);
    mails.remove(0)
}

#[tokio::test]
async fn an_infected_document_is_withheld_and_its_sender_is_heard() {
    let (mut town, _) = town().await;
    complains(&mut town, MARIE, &[("releve.pdf", "%PDF-1.4 releve"), ("facture.pdf", VIRUS)]);
    town.settles().await;
    let case = town.only_case().await;
    assert!(case.acknowledged_at.is_some(), "a human's words count");
    let ack = text_of(&town.only_letter_to(MARIE));
    assert!(ack.contains("facture.pdf") && !ack.to_lowercase().contains("virus"), "{ack}");
    assert_eq!(verdicts(&case), ["clean", "withheld: virus Sim.Virus-1"]);
    let kept: Vec<_> = case.documents.iter().map(kept_back).collect();
    assert_eq!(kept, [None, Some("virus Sim.Virus-1")]);

    let found =
        Attention::VirusFound { signature: SIGNATURE.to_owned(), documents: vec!["facture.pdf".to_owned()] };
    assert_eq!(case.attention, [found]);
    let notices = town.notices();
    assert_eq!(notices.len(), 1);
    let notice = text_of(&notices[0]);
    assert!(notice.contains(SIGNATURE) && notice.contains("facture.pdf"), "{notice}");
    assert!(!String::from_utf8_lossy(&notices[0].bytes).contains(VIRUS), "the virus itself goes to nobody");

    let mail = only_mail(&town).await;
    assert_eq!(
        (mail.disposition, mail.scan),
        (Disposition::Filed, Scan::Infected { signature: SIGNATURE.to_owned() })
    );
    let kept = town.desk.store.mail(mail.id).await.expect("the store answers").expect("there");
    assert!(String::from_utf8_lossy(&kept.raw).contains(VIRUS), "the raw mail is evidence and is kept");
}

#[tokio::test]
async fn a_follow_up_with_a_virus_is_told_as_well() {
    let (mut town, _) = town().await;
    town.writes(MARIE, "Virement", COMPLAINT);
    town.settles().await;
    let ack = town.only_letter_to(MARIE);
    town.mail(MARIE, "Re: Virement", &format!("Voici la preuve : {VIRUS}")).answering(&ack).post();
    town.settles().await;
    let case = town.only_case().await;
    let found = Attention::VirusFound { signature: SIGNATURE.to_owned(), documents: Vec::new() };
    assert_eq!((case.messages, case.attention), (2, vec![found]), "found in the words of the mail itself");
    assert_eq!(town.notices().len(), 1);
}

#[tokio::test]
async fn where_nobody_knows_in_which_document_it_sits_none_is_handed_on() {
    let (mut town, _) = town().await;
    let text = Person { name: VIRUS, address: "x@client.example" };
    complains(&mut town, text, &[("a.pdf", "one"), ("b.pdf", "two")]);
    town.settles().await;
    let in_its_mail = "withheld: virus Sim.Virus-1 in its mail";
    assert_eq!(verdicts(&town.only_case().await), [in_its_mail, in_its_mail]);
}

#[tokio::test]
async fn a_scanner_that_is_down_delays_no_acknowledgement_and_looks_later() {
    let (mut town, scanner) = town().await;
    scanner.goes_down();
    complains(&mut town, MARIE, &[("facture.pdf", VIRUS)]);
    complains(&mut town, JOHN, &[("photo.pdf", "%PDF-1.4 photo")]);
    town.settles().await;
    town.only_letter_to(MARIE);
    town.only_letter_to(JOHN);
    for case in town.cases().await {
        assert_eq!(verdicts(&case), ["unscanned"]);
        assert_eq!(kept_back(&case.documents[0]), Some(LATE), "nothing is handed on meanwhile");
    }
    let scanning = town.desk.scanning.clone().expect("there is one");
    assert!(scanning.trouble().is_some(), "STATUS tells");
    assert_eq!(town.desk.store.tally().await.expect("the store answers").mails_unscanned, 2);
    assert!(town.notices().is_empty());

    scanner.comes_back();
    town.hours_pass(1).await;
    let cases = town.cases().await;
    let all: Vec<_> = cases.iter().flat_map(verdicts).collect();
    assert_eq!(all, ["withheld: virus Sim.Virus-1", "clean"]);
    assert_eq!(town.notices().len(), 1, "told as it would have been then");
    assert_eq!(scanning.trouble(), None);
    assert_eq!(town.desk.store.tally().await.expect("the store answers").mails_unscanned, 0);
    let journal = town.desk.store.journal(cases[0].number).await.expect("the store answers");
    assert!(journal.iter().any(|entry| matches!(entry.event, Event::DocumentsScanned { .. })));

    let asked = scanner.asked();
    town.hours_pass(1).await;
    assert_eq!(scanner.asked(), asked, "what was looked at is not looked at again");
}

#[tokio::test]
async fn a_scanner_that_is_down_is_asked_once_and_then_left_alone_for_a_while() {
    let (mut town, scanner) = town().await;
    scanner.goes_down();
    for i in 0..30 {
        let raw = town.mail(MARIE, &format!("Virement {i}"), &format!("{COMPLAINT} {i}")).raw();
        let from = format!("<m{i}@client.example>");
        town.raw_arrives(String::from_utf8_lossy(&raw).replace("<marie@client.example>", &from).as_bytes());
    }
    town.settles().await;
    let at_first = scanner.asked();
    assert!(at_first <= complaintd::shell::limits::SCANS_SIDE_BY_SIDE, "asked {at_first} times");
    town.settles().await;
    assert_eq!(scanner.asked(), at_first);
    town.now += SignedDuration::from_secs(31);
    town.settles().await;
    assert_eq!(scanner.asked(), at_first + 1);
    town.now += SignedDuration::from_secs(31);
    town.settles().await;
    assert_eq!(scanner.asked(), at_first + 1, "longer each time");
}

#[tokio::test]
async fn a_mail_on_which_the_scanner_fails_every_time_is_given_up_and_hinders_no_other() {
    let (mut town, scanner) = town().await;
    complains(&mut town, MARIE, &[("noix.pdf", CHOKES_ON)]);
    complains(&mut town, JOHN, &[("photo.pdf", "%PDF-1.4 photo")]);
    for _ in 0..=SCAN_TRIES {
        town.settles().await;
    }
    let all = town.cases().await;
    let john = all.iter().find(|case| case.complainant.as_ref().is_some_and(|c| c.name == JOHN.name));
    assert_eq!(verdicts(john.expect("a case")), ["clean"]);
    let marie = all.iter().find(|case| case.complainant.as_ref().is_some_and(|c| c.name == MARIE.name));
    let marie = marie.expect("a case");
    assert_eq!(verdicts(marie), [format!("withheld: the virus scanner failed on it {SCAN_TRIES} times")]);
    assert!(matches!(&marie.attention[..], [Attention::NotScanned { .. }]), "{:?}", marie.attention);
    let asked = scanner.asked();
    town.hours_pass(1).await;
    assert_eq!(scanner.asked(), asked, "given up");
}

#[tokio::test]
async fn of_a_mail_larger_than_the_scanner_takes_the_documents_are_looked_at() {
    let (mut town, scanner) = town().await;
    let large = "x".repeat(5_000);
    scanner.takes_at_most(4_000);
    complains(&mut town, MARIE, &[("a.pdf", "small"), ("b.pdf", &large)]);
    complains(
        &mut town,
        JOHN,
        &[("c.pdf", &"y".repeat(2_500)), ("d.pdf", &format!("{VIRUS}{}", "z".repeat(2_000)))],
    );
    town.settles().await;
    let cases = town.cases().await;
    let all: Vec<_> = cases.iter().map(verdicts).collect();
    let expected = [
        ["clean", "withheld: larger than the virus scanner takes"],
        ["clean", "withheld: virus Sim.Virus-1"],
    ];
    assert_eq!(all, expected);
    assert!(
        matches!(&cases[0].attention[..], [Attention::NotScanned { documents, .. }] if documents == &["b.pdf"])
    );
    assert!(
        matches!(&cases[1].attention[..], [Attention::VirusFound { documents, .. }] if documents == &["d.pdf"])
    );
}

#[tokio::test]
async fn whoever_opens_a_mail_set_aside_is_warned() {
    let (mut town, scanner) = town().await;
    let nobody = format!("To: info@divikeys.com\r\nSubject: x\r\n\r\n{VIRUS}\r\n");
    town.raw_arrives(nobody.as_bytes());
    town.settles().await;
    let mail = only_mail(&town).await;
    assert_eq!(mail.disposition, Disposition::SetAside);
    let cause = mail.cause.expect("why");
    assert!(cause.ends_with("; the virus Sim.Virus-1 was found in it"), "{cause}");
    assert!(text_of(&town.notices()[0]).contains(SIGNATURE), "the notice warns");

    // One that must not be read at all, while the scanner is down: looked at later.
    scanner.goes_down();
    town.desk.mail_bytes = 200;
    town.writes(MARIE, "Virement", &format!("{VIRUS} {}", "x".repeat(1_000)));
    town.settles().await;
    scanner.comes_back();
    town.desk.mail_bytes = 50 << 20;
    town.hours_pass(1).await;
    let aside = town.desk.store.mails(Some(Disposition::SetAside), None).await.expect("the store answers");
    assert_eq!(aside.len(), 2);
    assert_ne!(aside[1].scan, Scan::Pending);
}

#[tokio::test]
async fn without_a_scanner_nothing_is_said_of_viruses() {
    let mut town = Town::new().await;
    complains(&mut town, MARIE, &[("facture.pdf", VIRUS)]);
    town.settles().await;
    let case = town.only_case().await;
    assert_eq!(verdicts(&case), ["unscanned"]);
    assert_eq!(case.documents[0].kept_back(Setup::WithoutScanner), None);
    assert_eq!(only_mail(&town).await.scan, Scan::NotAsked);
}
