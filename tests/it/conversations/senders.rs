//! What is recorded of a sender's authenticity, and that it keeps nobody from being answered.

use std::collections::BTreeMap;
use std::sync::Arc;

use complaintd::core::authenticity::{Authenticity, Verdict};
use complaintd::mail::authenticity::Trusted;
use complaintd::shell::authenticity::{Voucher, Vouchers};

use super::town::{LUCIA, MARIE, Town};
use crate::authenticity::{Manner, NameServer, Signer};

const WORDS: &str =
    "Bonjour,\r\n\r\nJe n'ai toujours pas reçu mon virement de 250 euros.\r\n\r\nCordialement";

/// A town whose mailbox has this voucher.
async fn town(voucher: Voucher, server: Option<&NameServer>) -> Town {
    let mut town = Town::new().await;
    town.desk.vouchers = Vouchers {
        by_mailbox: Arc::new(BTreeMap::from([("sim".to_owned(), voucher)])),
        signatures: server.map(|server| Arc::new(server.verifier()) as _),
    };
    town
}

async fn recorded(town: &Town) -> Vec<Authenticity> {
    let mails = town.desk.store.mails(None, None).await.expect("the store answers");
    mails.into_iter().map(|mail| mail.authenticity.expect("recorded")).collect()
}

fn results_of_ours(from: &str, result: &str, headers: &str) -> Vec<u8> {
    format!(
        "Authentication-Results: mx.divikeys.com; dmarc={result} header.from=client.example\r\n\
         Received: from mail.client.example by mx.divikeys.com with ESMTPS; Mon, 23 Nov 2026 08:55:02 -0400\r\n\
         {headers}From: {from}\r\nTo: info@divikeys.com\r\nSubject: Virement\r\nMessage-ID: <{result}@client.example>\r\n\
         Date: Mon, 23 Nov 2026 08:55:00 -0400\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{WORDS}\r\n"
    )
    .into_bytes()
}

#[tokio::test]
async fn trap_22_a_forged_complaint_is_recorded_as_such_and_still_registered_and_acknowledged() {
    let trusted = Trusted { authserv_id: "mx.divikeys.com".to_owned(), mx_hosts: Vec::new() };
    let mut town = town(Voucher::Results(trusted), None).await;
    town.raw_arrives(&results_of_ours(MARIE.address, "pass", ""));
    town.raw_arrives(&results_of_ours(LUCIA.address, "fail", ""));
    town.settles().await;
    let verdicts: Vec<Verdict> = recorded(&town).await.iter().map(|found| found.verdict).collect();
    assert_eq!(verdicts, [Verdict::Dmarc, Verdict::Failed]);
    assert_eq!(town.cases().await.len(), 2, "a person's complaint is never dropped");
    town.only_letter_to(MARIE);
    town.only_letter_to(LUCIA);
}

#[tokio::test]
async fn a_signed_complaint_is_verified_by_ourselves_where_no_server_is_trusted() {
    let signer = Signer::new();
    let key = [("s1._domainkey.client.example", signer.record.as_str())];
    let server = NameServer::start(&key, Manner::Answers).await;
    let mut town = town(Voucher::Signature, Some(&server)).await;
    let plain = town.mail(LUCIA, "Virement", WORDS).raw();
    let mail = String::from_utf8(town.mail(MARIE, "Virement", WORDS).raw()).expect("text");
    town.raw_arrives(&plain);
    town.raw_arrives(signer.signs("client.example", &["From", "Subject"], &mail).as_bytes());
    town.settles().await;
    let verdicts: Vec<Verdict> = recorded(&town).await.iter().map(|found| found.verdict).collect();
    assert_eq!(verdicts, [Verdict::None, Verdict::Dkim]);
    assert_eq!(server.asked(), ["s1._domainkey.client.example"], "a mail without a signature asks nothing");
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn a_silent_dns_keeps_nobody_waiting_for_the_acknowledgement() {
    let server = NameServer::start(&[], Manner::Silent).await;
    let mut town = town(Voucher::Signature, Some(&server)).await;
    let mail = String::from_utf8(town.mail(MARIE, "Virement", WORDS).raw()).expect("text");
    town.raw_arrives(Signer::new().signs("client.example", &["From"], &mail).as_bytes());
    tokio::time::timeout(std::time::Duration::from_secs(10), town.settles()).await.expect("seconds");
    assert_eq!(recorded(&town).await[0].verdict, Verdict::Unknown);
    town.only_letter_to(MARIE);
}

#[tokio::test]
async fn where_nobody_is_asked_nothing_is_known() {
    let mut town = Town::new().await;
    town.raw_arrives(&results_of_ours(MARIE.address, "pass", ""));
    town.settles().await;
    assert_eq!(recorded(&town).await, [Authenticity::default()]);
    town.only_letter_to(MARIE);
}
