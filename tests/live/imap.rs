//! The IMAP mailbox against a real Dovecot.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use complaintd::adapters::account::{Auth, TlsMode};
use complaintd::adapters::imap::{ImapFolder, ImapSettings};
use complaintd::ports::{Mailbox, Place, PortError, Wake};

use crate::lab::Dovecot;

const LIMIT: u64 = 26_214_400;

fn settings(dovecot: &Dovecot, tls: TlsMode) -> ImapSettings {
    ImapSettings {
        name: "info".to_owned(),
        host: "localhost".to_owned(),
        port: if tls == TlsMode::Implicit { dovecot.imaps } else { dovecot.imap },
        tls,
        ca_file: Some(dovecot.certificates.ca()),
        user: Dovecot::address("info"),
        auth: Auth::Password(Dovecot::password("info").into()),
        folder: "INBOX".to_owned(),
        filed: Some("Traité".to_owned()),
        compress: false,
        poll: Duration::from_secs(1),
        poll_beside_idle: None,
        timeout: Duration::from_secs(20),
    }
}

fn over_tls(dovecot: &Dovecot) -> ImapFolder {
    ImapFolder::new(settings(dovecot, TlsMode::Implicit))
}

/// A mail whose bytes are easily broken: 8-bit, dots, long lines, no end of line at the end.
fn mail(number: usize) -> Vec<u8> {
    let mut mail = format!(
        "From: Marie <marie{number}@example.fr>\r\nTo: info@lab.test\r\nSubject: Plainte {number}\r\n\
         Message-ID: <{number}@example.fr>\r\n\r\n.\r\n..\r\nRéclamation )}} {{5}} \\ \"x\"\r\n"
    )
    .into_bytes();
    mail.extend_from_slice(b"latin-1: \xe9\xe8 \xff\r\n");
    mail.extend(std::iter::repeat_n(b'x', number * 37 % 3000));
    if number.is_multiple_of(2) {
        mail.extend_from_slice(b"\r\n");
    }
    mail
}

async fn uids(folder: &mut ImapFolder) -> Vec<String> {
    folder.list().await.unwrap().into_iter().map(|mail| mail.place.uid).collect()
}

fn files(directory: PathBuf) -> usize {
    fs::read_dir(directory).map_or(0, Iterator::count)
}

#[tokio::test]
async fn three_hundred_mails_come_byte_for_byte() {
    let dovecot = Dovecot::start();
    let mails: Vec<Vec<u8>> = (0..300).map(mail).collect();
    for (number, mail) in mails.iter().enumerate() {
        dovecot.put("info", "INBOX", &format!("{:010}.{number}.lab", 1_700_000_000 + number), mail);
    }
    for compress in [false, true] {
        let mut folder = ImapFolder::new(ImapSettings { compress, ..settings(&dovecot, TlsMode::Implicit) });
        let listed = folder.list().await.unwrap();
        assert_eq!(listed.len(), 300);
        let fetched = folder.fetch(&listed, LIMIT).await.unwrap();
        let got: BTreeSet<&[u8]> = fetched.iter().map(|mail| mail.raw.as_slice()).collect();
        let put: BTreeSet<&[u8]> = mails.iter().map(Vec::as_slice).collect();
        assert!(got == put, "compress {compress}: not the same bytes");
        assert!(fetched.iter().all(|mail| mail.whole && mail.internal_date.is_some()));
        assert!(fetched.iter().zip(&listed).all(|(mail, listed)| mail.place == listed.place));
    }
    assert_eq!(files(dovecot.maildir("info", "INBOX").join("cur")), 300);
    let seen = dovecot.doveadm("search", "info", &["mailbox", "INBOX", "SEEN"]);
    assert_eq!(seen, "", "nothing was marked as seen");
}

#[tokio::test]
async fn a_large_mail_comes_in_pieces_and_no_more_of_it_than_the_limit() {
    let dovecot = Dovecot::start();
    let mut large = mail(1);
    for line in 0..275_000_u32 {
        large
            .extend_from_slice(format!("{line:010} {:060}\r\n", line.wrapping_mul(2_654_435_761)).as_bytes());
    }
    assert!(large.len() > 20_000_000);
    dovecot.put("info", "INBOX", "1.large.lab", &large);
    dovecot.put("info", "INBOX", "2.small.lab", &mail(2));
    let mut folder = over_tls(&dovecot);
    let listed = folder.list().await.unwrap();
    let fetched = folder.fetch(&listed, LIMIT).await.unwrap();
    assert!(fetched[0].raw == large, "not the same bytes");
    assert!(fetched[0].whole);
    assert_eq!(fetched[0].bytes, large.len() as u64);
    assert_eq!(fetched[1].raw, mail(2));

    for limit in [1_000_u64, 1_048_576, 5_000_000, large.len() as u64 - 1] {
        let part = &folder.fetch(&listed[..1], limit).await.unwrap()[0];
        assert!(part.raw == large[..usize::try_from(limit).unwrap()], "limit {limit}");
        assert!(!part.whole);
        assert_eq!(part.bytes, large.len() as u64);
    }
    let mut rest = large[..1_000_000].to_vec();
    loop {
        let more = folder.fetch_more(&listed[0].place, rest.len() as u64, 6_000_000).await.unwrap().unwrap();
        rest.extend_from_slice(&more);
        if more.len() < 6_000_000 {
            break;
        }
    }
    assert!(rest == large, "the parts are not the mail");
    let gone = Place { uid: "999".to_owned(), ..listed[0].place.clone() };
    assert!(folder.fetch_more(&gone, 0, 1000).await.unwrap().is_none());
    let exact = &folder.fetch(&listed[..1], large.len() as u64).await.unwrap()[0];
    assert!(exact.whole);
}

#[tokio::test]
async fn trap_1_a_mail_that_a_human_opened_first_is_listed_and_fetched() {
    let dovecot = Dovecot::start();
    dovecot.deliver("info", &mail(1));
    dovecot.doveadm("flags add", "info", &["\\Seen", "mailbox", "INBOX", "ALL"]);
    let mut folder = over_tls(&dovecot);
    let listed = folder.list().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(folder.fetch(&listed, LIMIT).await.unwrap().len(), 1);
    // And while the connection is open.
    dovecot.deliver("info", &mail(2));
    dovecot.doveadm("flags add", "info", &["\\Seen", "mailbox", "INBOX", "ALL"]);
    assert_eq!(uids(&mut folder).await.len(), 2);
}

#[tokio::test]
async fn trap_3_filed_mail_is_moved_to_a_folder_that_is_made_and_never_deleted() {
    let dovecot = Dovecot::start();
    for number in 0..20 {
        dovecot.deliver("info", &mail(number));
    }
    let mut folder = over_tls(&dovecot);
    let listed = folder.list().await.unwrap();
    let mut done: Vec<_> = listed.iter().step_by(2).map(|mail| mail.place.clone()).collect();
    folder.file(&done).await.unwrap();
    let count = |name: &str| dovecot.doveadm("search", "info", &["mailbox", name, "ALL"]).lines().count();
    assert_eq!((count("INBOX"), count("Traité")), (10, 10));
    assert_eq!(uids(&mut folder).await.len(), 10);

    // Vanished, and of an older numbering: neither is an error, and neither touches another mail.
    folder.file(&done).await.unwrap();
    for place in &mut done {
        place.validity ^= 1;
        place.uid = listed[1].place.uid.clone();
    }
    folder.file(&done).await.unwrap();
    assert_eq!((count("INBOX"), count("Traité")), (10, 10));

    let mut leaving = ImapFolder::new(ImapSettings { filed: None, ..settings(&dovecot, TlsMode::Implicit) });
    assert!(!leaving.files_away());
    let left = leaving.list().await.unwrap();
    leaving.file(&left.iter().map(|mail| mail.place.clone()).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(count("INBOX"), 10);
}

#[tokio::test]
async fn trap_7_a_folder_that_was_renumbered_is_listed_afresh_and_old_places_name_nothing() {
    let dovecot = Dovecot::start();
    dovecot.deliver("info", &mail(1));
    let mut folder = over_tls(&dovecot);
    let before = folder.list().await.unwrap();
    dovecot.doveadm("mailbox update", "info", &["--uid-validity", "4242", "INBOX"]);
    // The open connection may only see it by an error; the next one knows.
    let after = match folder.list().await {
        Ok(listed) if listed[0].place.validity == 4242 => listed,
        _ => {
            folder = over_tls(&dovecot);
            folder.list().await.unwrap()
        }
    };
    assert_eq!(after[0].place.validity, 4242);
    assert!(folder.fetch(&before, LIMIT).await.unwrap().is_empty());
    assert_eq!(folder.fetch(&after, LIMIT).await.unwrap().len(), 1);
}

#[tokio::test]
async fn trap_26_junk_is_a_folder_like_any_other() {
    let dovecot = Dovecot::start();
    dovecot.deliver("info", &mail(1));
    dovecot.put("info", "Junk", "1.junk.lab", &mail(2));
    let mut inbox = over_tls(&dovecot);
    let mut junk =
        ImapFolder::new(ImapSettings { folder: "Junk".to_owned(), ..settings(&dovecot, TlsMode::Implicit) });
    assert_eq!((inbox.label(), junk.label()), ("info/INBOX".to_owned(), "info/Junk".to_owned()));
    assert_eq!(inbox.list().await.unwrap().len(), 1);
    let listed = junk.list().await.unwrap();
    assert_eq!(junk.fetch(&listed, LIMIT).await.unwrap()[0].raw, mail(2));
    assert_eq!(listed[0].place.folder, "Junk");
}

#[tokio::test]
async fn what_comes_and_goes_while_connected_is_seen() {
    let dovecot = Dovecot::start();
    let mut folder = over_tls(&dovecot);
    assert!(folder.list().await.unwrap().is_empty());
    for number in 0..5 {
        dovecot.deliver("info", &mail(number));
        assert_eq!(uids(&mut folder).await.len(), number + 1);
    }
    let listed = folder.list().await.unwrap();
    dovecot.doveadm("expunge", "info", &["mailbox", "INBOX", "UID", &listed[1].place.uid]);
    // Vanished between listing and fetching: left out, and the others come.
    assert_eq!(folder.fetch(&listed, LIMIT).await.unwrap().len(), 4);
    assert_eq!(uids(&mut folder).await.len(), 4);
    dovecot.doveadm("expunge", "info", &["mailbox", "INBOX", "UID", &listed[4].place.uid]);
    dovecot.deliver("info", &mail(9));
    let now = uids(&mut folder).await;
    let known: Vec<_> = listed.iter().map(|mail| mail.place.uid.clone()).collect();
    assert_eq!(now[..3], [known[0].clone(), known[2].clone(), known[3].clone()]);
    assert_eq!(now.len(), 4);
}

#[tokio::test]
async fn starttls_and_plain_on_loopback_work_too() {
    let dovecot = Dovecot::start();
    dovecot.deliver("info", &mail(1));
    for tls in [TlsMode::StartTls, TlsMode::Plain] {
        let mut folder = ImapFolder::new(settings(&dovecot, tls));
        assert_eq!(folder.list().await.unwrap().len(), 1, "{tls:?}");
    }
}

async fn refusal(settings: ImapSettings) -> PortError {
    ImapFolder::new(settings).list().await.unwrap_err()
}

#[tokio::test]
async fn what_a_human_must_change_is_permanent_and_says_what() {
    let dovecot = Dovecot::start();
    let good = || settings(&dovecot, TlsMode::Implicit);
    let at = |host: &str| ImapSettings { host: host.to_owned(), ..good() };
    let password = Auth::Password("wrong".to_owned().into());
    let cases = [
        (at("127.0.0.2"), "has expired"),
        (at("127.0.0.3"), "wrong.example"),
        (at("127.0.0.4"), "ca_file"),
        (ImapSettings { ca_file: None, ..good() }, "ca_file"),
        (ImapSettings { auth: password, ..good() }, "Check `user` and the password"),
        (ImapSettings { folder: "Réclamations".to_owned(), ..good() }, "those there are INBOX, Junk"),
        (ImapSettings { port: dovecot.imap, ..good() }, "does not speak TLS on this port"),
        (
            ImapSettings { tls: TlsMode::Plain, host: "mail.example".to_owned(), ..good() },
            "plain is for localhost",
        ),
    ];
    for (settings, words) in cases {
        let error = refusal(settings).await;
        assert!(error.is_permanent(), "{error}");
        assert!(error.to_string().contains(words), "{words:?} is not in: {error}");
        assert!(!error.to_string().contains("pw-info") && !error.to_string().contains("info@"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_goes_away_is_an_error_and_the_next_call_finds_it_again() {
    let dovecot = Dovecot::start();
    dovecot.deliver("info", &mail(1));
    let mut folder = over_tls(&dovecot);
    assert_eq!(folder.list().await.unwrap().len(), 1);
    dovecot.kick("info");
    let error = first_error(&mut folder).await;
    assert!(!error.is_permanent(), "{error}\n{}", dovecot.log());
    assert_eq!(folder.list().await.unwrap().len(), 1);
}

/// A kicked session lives until the signal reaches it; until then it must answer rightly.
async fn first_error(folder: &mut ImapFolder) -> PortError {
    for _ in 0..500 {
        match folder.list().await {
            Ok(listed) => assert_eq!(listed.len(), 1, "never an empty list"),
            Err(error) => return error,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the session was not cut");
}

#[tokio::test]
async fn waiting_ends_when_mail_comes_and_never_misses_what_came_before() {
    let dovecot = Dovecot::start();
    for poll_beside_idle in [None, Some(Duration::from_millis(50))] {
        let mut folder =
            ImapFolder::new(ImapSettings { poll_beside_idle, ..settings(&dovecot, TlsMode::Implicit) });
        let longest = Duration::from_secs(20);
        assert_eq!(folder.wait(longest).await.unwrap(), Wake::Look, "nothing has been listed yet");
        folder.list().await.unwrap();
        assert_eq!(folder.wait(Duration::from_millis(300)).await.unwrap(), Wake::Quiet);
        // Between list and wait.
        dovecot.deliver("info", &mail(1));
        assert_eq!(folder.wait(longest).await.unwrap(), Wake::Look);
        folder.list().await.unwrap();
        assert_eq!(folder.wait(Duration::from_millis(300)).await.unwrap(), Wake::Quiet);
        // While waiting.
        let (woken, ()) = tokio::join!(folder.wait(longest), deliver_soon(&dovecot));
        assert_eq!(woken.unwrap(), Wake::Look);
        folder.list().await.unwrap();
    }
}

async fn deliver_soon(dovecot: &Dovecot) {
    tokio::time::sleep(Duration::from_millis(200)).await;
    dovecot.deliver("info", &mail(2));
}

#[tokio::test]
async fn an_abandoned_call_leaves_no_connection_that_is_out_of_step() {
    let dovecot = Dovecot::start();
    for number in 0..50 {
        dovecot.put("info", "INBOX", &format!("{number}.lab"), &mail(number));
    }
    let mut folder = over_tls(&dovecot);
    let listed = folder.list().await.unwrap();
    for micros in [100, 500, 1_000, 3_000] {
        drop(tokio::time::timeout(Duration::from_micros(micros), folder.fetch(&listed, LIMIT)).await);
        assert_eq!(folder.list().await.unwrap(), listed);
    }
    assert_eq!(folder.fetch(&listed, LIMIT).await.unwrap().len(), 50);
}
