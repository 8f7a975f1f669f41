//! The SMTP relay against a real Postfix.

use std::time::Duration;

use complaintd::adapters::account::{Auth, TlsMode};
use complaintd::adapters::imap::{ImapFolder, ImapSettings};
use complaintd::adapters::smtp::{SmtpRelay, SmtpSettings};
use complaintd::core::ids::Address;
use complaintd::ports::{Mailbox, Outgoing, PortError, PortResult, Relay};

use crate::lab::{Dovecot, Postfix};

fn settings(dovecot: &Dovecot, port: u16, tls: TlsMode) -> SmtpSettings {
    let login = (Dovecot::address("info"), Auth::Password(Dovecot::password("info").into()));
    SmtpSettings {
        host: "localhost".to_owned(),
        port,
        tls,
        ca_file: Some(dovecot.certificates.ca()),
        login: (tls != TlsMode::Plain).then_some(login),
        hello: Some("desk.lab.test".to_owned()),
        timeout: Duration::from_secs(20),
    }
}

fn letter(recipient: &str) -> Outgoing {
    let mut bytes = b"From: info@lab.test\r\nDate: Tue, 3 Feb 2026 08:00:00 -0400\r\nSubject: Accus\r\nMessage-ID: <a@lab.test>\r\n\r\n".to_vec();
    bytes.extend_from_slice(b".\r\n..two\r\nBonjour,\r\n");
    Outgoing {
        envelope_from: Address::parse("info+bounce@lab.test").unwrap(),
        recipient: Address::parse(recipient).unwrap(),
        bytes,
    }
}

async fn send(settings: SmtpSettings, recipient: &str) -> PortResult<String> {
    SmtpRelay::new(settings).send(&letter(recipient)).await
}

/// What arrived at `customer1`, waiting for it as long as needed.
async fn arrived(dovecot: &Dovecot, count: usize) -> Vec<Vec<u8>> {
    let mut folder = ImapFolder::new(ImapSettings {
        name: "customer".to_owned(),
        host: "localhost".to_owned(),
        port: dovecot.imaps,
        tls: TlsMode::Implicit,
        ca_file: Some(dovecot.certificates.ca()),
        user: Dovecot::address("customer1"),
        auth: Auth::Password(Dovecot::password("customer1").into()),
        folder: "INBOX".to_owned(),
        filed: None,
        compress: false,
        poll: Duration::from_secs(1),
        poll_beside_idle: Some(Duration::from_millis(50)),
        timeout: Duration::from_secs(20),
    });
    for _ in 0..200 {
        let listed = folder.list().await.unwrap();
        if listed.len() >= count {
            let fetched = folder.fetch(&listed, 1_000_000).await.unwrap();
            return fetched.into_iter().map(|mail| mail.raw).collect();
        }
        folder.wait(Duration::from_millis(200)).await.unwrap();
    }
    panic!("{count} letters did not arrive");
}

/// One Postfix for all, since it takes seconds to start.
#[tokio::test]
async fn letters_are_taken_or_refused_as_postfix_says() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let submission = || settings(&dovecot, postfix.submission, TlsMode::StartTls);

    // TLS, STARTTLS, and plain on loopback; the very bytes arrive, and the envelope sender.
    let implicit = settings(&dovecot, postfix.smtps, TlsMode::Implicit);
    for settings in [submission(), implicit, settings(&dovecot, postfix.smtp, TlsMode::Plain)] {
        let said = send(settings, "customer1@lab.test").await.unwrap();
        assert!(said.starts_with("250 2.0.0 Ok: queued as"), "{said}");
    }
    for mail in arrived(&dovecot, 3).await {
        let sent = letter("customer1@lab.test").bytes;
        assert!(mail.ends_with(&sent), "{}", String::from_utf8_lossy(&mail));
        assert!(mail.starts_with(b"Return-Path: <info+bounce@lab.test>"));
    }

    refusals_by_recipient(&submission()).await;
    troubles_that_are_not_the_letters(&dovecot, &postfix).await;

    // Many over a few kept connections, also at the same time.
    let relay = SmtpRelay::new(submission());
    let letter = letter("customer1@lab.test");
    for _ in 0..5 {
        let (a, b, c) = tokio::join!(relay.send(&letter), relay.send(&letter), relay.send(&letter));
        drop((a.unwrap(), b.unwrap(), c.unwrap()));
    }
    let connections = postfix.log().matches("disconnect from").count();
    assert!(connections < 20, "{connections} connections were closed");
    assert_eq!(arrived(&dovecot, 18).await.len(), 18);
}

async fn refusals_by_recipient(submission: &SmtpSettings) {
    let cases = [
        ("later@lab.test", false, "450 4.2.1"),
        ("full@lab.test", false, "452 4.2.2"),
        ("never@lab.test", true, "550 5.1.1"),
        ("login@lab.test", false, "530 5.7.0"),
    ];
    for (recipient, permanent, words) in cases {
        let error = send(submission.clone(), recipient).await.unwrap_err();
        assert_eq!(error.is_permanent(), permanent, "{recipient}: {error}");
        assert!(error.to_string().contains(words), "{recipient}: {error}");
        assert!(!error.to_string().contains(recipient), "errors end in logs: {error}");
    }
    // After a refusal the relay goes on.
    let relay = SmtpRelay::new(submission.clone());
    assert!(relay.send(&letter("never@lab.test")).await.is_err());
    assert!(relay.send(&letter("customer2@lab.test")).await.is_ok());
    relay.probe().await.unwrap();
}

async fn troubles_that_are_not_the_letters(dovecot: &Dovecot, postfix: &Postfix) {
    let submission = || settings(dovecot, postfix.submission, TlsMode::StartTls);
    let wrong = Auth::Password("wrong".to_owned().into());
    let cases = [
        (SmtpSettings { login: Some(("info@lab.test".to_owned(), wrong)), ..submission() }, "password"),
        (SmtpSettings { ca_file: None, ..submission() }, "ca_file"),
        (SmtpSettings { login: None, ..submission() }, "554"),
        (SmtpSettings { tls: TlsMode::Implicit, ..submission() }, "does not speak TLS"),
        (SmtpSettings { port: 1, ..submission() }, "refused"),
        (SmtpSettings { host: "mail.invalid".to_owned(), ..submission() }, "connecting"),
    ];
    for (settings, words) in cases {
        let has_login = settings.login.is_some();
        let error = send(settings, "customer1@lab.test").await.unwrap_err();
        // Without a log-in Postfix answers to RCPT, and cannot be told from a refused recipient.
        assert_eq!(matches!(error, PortError::Temporary(_)), has_login, "{words}: {error}");
        assert!(error.to_string().contains(words), "{words:?} is not in: {error}");
        assert!(!error.to_string().contains("@lab.test"), "{error}");
    }
}
