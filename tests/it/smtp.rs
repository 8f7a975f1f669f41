//! The SMTP relay against a server that misbehaves: what is the letter's fault, and what is not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use complaintd::adapters::account::{Auth, TlsMode};
use complaintd::adapters::smtp::{SmtpRelay, SmtpSettings};
use complaintd::core::ids::Address;
use complaintd::ports::{Outgoing, Relay};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server answers to a step instead of what it should; `""` closes, `"…"` is silence.
type Script = BTreeMap<&'static str, &'static str>;

struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
}

async fn serve(script: Script) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(converse(stream, script.clone()));
        }
    });
    Server { port, connections }
}

async fn converse(stream: TcpStream, script: Script) {
    let mut stream = BufReader::new(stream);
    let mut step = "greeting".to_owned();
    let mut good = "220 ready";
    loop {
        match script.get(step.as_str()).copied().unwrap_or(good) {
            "" => return,
            "…" => std::future::pending().await,
            answer => stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap(),
        }
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let verb = line.split([' ', '\r', ':']).next().unwrap_or_default().to_owned();
        if step == "DATA" {
            while line != ".\r\n" {
                line.clear();
                stream.read_line(&mut line).await.unwrap();
            }
            (step, good) = ("end".to_owned(), "250 2.0.0 taken as 42");
            continue;
        }
        good = match verb.as_str() {
            "EHLO" => "250-desk\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
            "AUTH" => "235 welcome",
            "DATA" => "354 go on",
            _ => "250 ok",
        };
        step = verb;
    }
}

fn relay(server: &Server) -> SmtpRelay {
    SmtpRelay::new(SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        tls: TlsMode::Plain,
        ca_file: None,
        login: Some(("desk".to_owned(), Auth::Password("secret".to_owned().into()))),
        hello: None,
        timeout: Duration::from_millis(400),
    })
}

fn letter() -> Outgoing {
    Outgoing {
        envelope_from: Address::parse("info@lab.test").unwrap(),
        recipient: Address::parse("marie@lab.test").unwrap(),
        bytes: b"From: info@lab.test\r\n\r\nBonjour\r\n".to_vec(),
    }
}

#[tokio::test]
async fn only_a_5xx_about_the_letter_itself_is_permanent() {
    let cases = [
        ("greeting", "554 5.7.1 your address is on a list", false),
        ("greeting", "421 busy", false),
        ("EHLO", "550 go away", false),
        ("AUTH", "535 5.7.8 bad password", false),
        ("AUTH", "454 4.7.0 try later", false),
        ("MAIL", "530 5.7.0 log in first", false),
        ("MAIL", "451 4.3.0 try later", false),
        ("MAIL", "552 5.3.4 too big", true),
        ("RCPT", "450 4.2.1 try later", false),
        ("RCPT", "550 5.1.1 no such user", true),
        ("DATA", "554 5.5.1 no", true),
        ("end", "451 4.7.1 greylisted", false),
        ("end", "550 5.7.1 spam", true),
    ];
    for (step, answer, permanent) in cases {
        let server = serve(Script::from([(step, answer)])).await;
        let error = relay(&server).send(&letter()).await.unwrap_err();
        assert_eq!(error.is_permanent(), permanent, "{step} {answer}: {error}");
        let words = answer.split(' ').next_back().unwrap();
        assert!(error.to_string().contains(words), "{words:?} is not in: {error}");
        assert!(!error.to_string().contains("secret") && !error.to_string().contains("marie"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_closes_or_falls_silent_keeps_the_letter_queued() {
    for step in ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "end"] {
        for answer in ["", "…", "what?"] {
            let server = serve(Script::from([(step, answer)])).await;
            let error = relay(&server).send(&letter()).await.unwrap_err();
            assert!(!error.is_permanent(), "{step} {answer:?}: {error}");
        }
    }
}

#[tokio::test]
async fn connections_are_kept_and_a_dead_one_is_replaced() {
    let server = serve(Script::new()).await;
    let sender = relay(&server);
    for _ in 0..5 {
        assert_eq!(sender.send(&letter()).await.unwrap(), "250 2.0.0 taken as 42");
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);

    // A server that closes idle connections is only noticed by asking.
    let server = serve(Script::from([("NOOP", "")])).await;
    let sender = relay(&server);
    for _ in 0..3 {
        sender.send(&letter()).await.unwrap();
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_address_that_the_server_cannot_carry_is_the_letters_fault() {
    let server = serve(Script::new()).await;
    let recipient = Address::parse("hélène@lab.test").unwrap();
    let error = relay(&server).send(&Outgoing { recipient, ..letter() }).await.unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("beyond ASCII"), "{error}");
}
