//! The IMAP mailbox against a server that misbehaves: never an empty `Ok` for a failure.

mod server;

use std::time::Duration;

use complaintd::adapters::account::{Auth, TlsMode};
use complaintd::adapters::imap::{ImapFolder, ImapSettings};
use complaintd::ports::{Fetched, Listed, Mailbox, PortResult, Wake};

use self::server::{Answer, Script, Server};

const LIMIT: u64 = 10_000_000;
/// How both mails are asked for.
const TOGETHER: &str = "UID FETCH 1:2 (UID INTERNALDATE";

fn settings(server: &Server) -> ImapSettings {
    ImapSettings {
        name: "info".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: server.port,
        tls: TlsMode::Plain,
        ca_file: None,
        user: "desk".to_owned(),
        auth: Auth::Password("secret".to_owned().into()),
        folder: "INBOX".to_owned(),
        filed: Some("Filed".to_owned()),
        compress: false,
        poll: Duration::from_millis(20),
        poll_beside_idle: None,
        timeout: Duration::from_millis(300),
    }
}

fn folder(server: &Server) -> ImapFolder {
    ImapFolder::new(settings(server))
}

fn uids(listed: &[Listed]) -> Vec<&str> {
    listed.iter().map(|mail| mail.place.uid.as_str()).collect()
}

fn raws(fetched: &[Fetched]) -> Vec<&[u8]> {
    fetched.iter().map(|mail| mail.raw.as_slice()).collect()
}

/// Everything the shell does with a mailbox, in its order, up to the first error.
async fn a_round(folder: &mut ImapFolder) -> PortResult<()> {
    let listed = folder.list().await?;
    assert_eq!(listed.len(), 2, "never a short list");
    assert_eq!(folder.list().await?.len(), 2);
    let fetched = folder.fetch(&listed, LIMIT).await?;
    assert_eq!(raws(&fetched), [b"mail1", b"mail2"], "never a short answer");
    folder.file(&[listed[0].place.clone()]).await?;
    assert_eq!(folder.wait(Duration::from_millis(50)).await?, Wake::Quiet);
    Ok(())
}

#[tokio::test]
async fn a_server_that_behaves_is_served_on_one_connection() {
    let server = Script::default().start().await;
    let mut folder = folder(&server);
    for _ in 0..3 {
        a_round(&mut folder).await.unwrap();
    }
    assert_eq!(server.heard("LOGIN").len(), 1);
    assert_eq!(server.heard("UID MOVE"), ["UID MOVE 1 \"Filed\""; 3]);
    assert_eq!(server.heard("DONE").len(), 3);
}

/// DEPENDENCIES: what the library answers with `Ok` and nothing, or hangs at.
#[tokio::test]
async fn each_command_failing_in_each_way_is_an_error() {
    let commands =
        ["LOGIN", "CAPABILITY", "SELECT", "UID FETCH 1:*", "NOOP", TOGETHER, "UID MOVE", "IDLE", "DONE"];
    futures::future::join_all(commands.map(fail_in_each_way)).await;
}

async fn fail_in_each_way(command: &str) {
    let bytes = |text: &str| text.as_bytes().to_vec();
    let failures = [
        ("BYE", Answer::SayAndClose(bytes("* BYE shutting down\r\n"))),
        ("end", Answer::SayAndClose(Vec::new())),
        ("silence", Answer::SayAndHang(Vec::new())),
        ("half a line", Answer::SayAndHang(bytes("* 3 EXIS"))),
        ("half a line and end", Answer::SayAndClose(bytes("@ O"))),
        ("half a literal", Answer::SayAndClose(bytes("* 1 FETCH (UID 1 BODY[] {9}\r\nmai"))),
        ("not IMAP", Answer::say("HTTP/1.1 400 Bad Request\r\n\r\n")),
        ("another tag", Answer::say("ZZ99 OK done\r\n")),
        ("BAD", Answer::say("@ BAD unknown\r\n")),
    ];
    for (name, failure) in &failures {
        let server = Script::default().always(command, failure.clone()).start().await;
        let error = a_round(&mut folder(&server)).await.expect_err(&format!("{command}: {name}"));
        let is_login = command == "LOGIN";
        assert!(is_login || !error.is_permanent(), "{command}: {name}: {error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let no = Answer::say("@ NO [SERVERBUG] sorry\r\n");
    let server = Script::default().always(command, no).start().await;
    let result = a_round(&mut folder(&server)).await;
    // Where only a fetch of several together is refused, each is asked for alone.
    assert_eq!(result.is_ok(), command == TOGETHER, "{command}: NO: {result:?}");
}

#[tokio::test]
async fn after_an_error_the_next_call_begins_anew() {
    let server = Script::default()
        .once("UID FETCH 1:*", Answer::SayAndClose(Vec::new()))
        .once("NOOP", Answer::say("* BYE later\r\n"))
        .start()
        .await;
    let mut folder = folder(&server);
    assert!(folder.list().await.is_err());
    assert_eq!(folder.list().await.unwrap().len(), 2);
    let error = folder.list().await.unwrap_err();
    assert!(error.to_string().contains("later"), "the server's words: {error}");
    assert_eq!(folder.list().await.unwrap().len(), 2);
    assert_eq!(server.heard("LOGIN").len(), 3);
}

#[tokio::test]
async fn an_empty_folder_is_empty_and_no_error() {
    let select = "* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n@ OK done\r\n";
    let server = Script::default().always("SELECT", Answer::say(select)).start().await;
    let mut folder = folder(&server);
    assert!(folder.list().await.unwrap().is_empty());
    assert!(folder.fetch(&[], LIMIT).await.unwrap().is_empty());
    folder.file(&[]).await.unwrap();
}

#[tokio::test]
async fn fewer_mails_listed_than_exist_is_an_error() {
    let short = "* 2 FETCH (UID 2 RFC822.SIZE 5)\r\n@ OK done\r\n";
    let server = Script::default().always("UID FETCH 1:*", Answer::say(short)).start().await;
    let error = folder(&server).list().await.unwrap_err();
    assert!(error.to_string().contains("2 mails exist but listed only 1"), "{error}");
}

#[tokio::test]
async fn news_after_hundreds_of_unsolicited_responses_is_not_lost() {
    let chatter = "* 1 FETCH (FLAGS (\\Seen))\r\n".repeat(300);
    let server = Script::default()
        .once("NOOP", Answer::say("@ OK done\r\n"))
        .once("NOOP", Answer::say(&format!("{chatter}* 3 EXISTS\r\n{chatter}@ OK done\r\n")))
        .always("UID FETCH 3:*", Answer::say("* 3 FETCH (UID 9 RFC822.SIZE 4)\r\n@ OK done\r\n"))
        .start()
        .await;
    let mut folder = folder(&server);
    folder.list().await.unwrap();
    folder.list().await.unwrap();
    assert_eq!(folder.wait(Duration::from_secs(5)).await.unwrap(), Wake::Look);
    assert_eq!(uids(&folder.list().await.unwrap()), ["1", "2", "9"]);
    assert_eq!(server.heard("UID FETCH 1:*").len(), 1, "only what is new was asked for");
}

#[tokio::test]
async fn removed_mails_leave_the_list_and_a_wrong_count_brings_a_complete_listing() {
    let one = "* 1 FETCH (UID 2 RFC822.SIZE 5)\r\n@ OK done\r\n";
    let server = Script::default()
        .once("NOOP", Answer::say("* 1 EXPUNGE\r\n@ OK done\r\n"))
        .once("NOOP", Answer::say("* 0 EXISTS\r\n@ OK done\r\n"))
        .once("NOOP", Answer::say("* 1 EXISTS\r\n@ OK done\r\n"))
        .always("UID FETCH 3:*", Answer::say(one))
        .start()
        .await;
    let mut folder = folder(&server);
    folder.list().await.unwrap();
    assert_eq!(uids(&folder.list().await.unwrap()), ["2"]);
    assert!(folder.list().await.unwrap().is_empty());
    assert_eq!(folder.list().await.unwrap().len(), 2);
    assert_eq!(server.heard("UID FETCH 1:*").len(), 2);
}

#[tokio::test]
async fn a_complete_listing_comes_again_after_many_incremental_ones() {
    let server = Script::default().start().await;
    let mut folder = folder(&server);
    for _ in 0..1_002 {
        assert_eq!(folder.list().await.unwrap().len(), 2);
    }
    assert_eq!(server.heard("UID FETCH 1:*").len(), 3);
    assert_eq!(server.heard("LOGIN").len(), 1);
}

#[tokio::test]
async fn trap_7_a_change_of_uidvalidity_drops_the_connection_and_old_places_name_nothing() {
    let renumbered = "* OK [UIDVALIDITY 8] changed\r\n@ OK done\r\n";
    let select = "* 2 EXISTS\r\n* OK [UIDVALIDITY 8] x\r\n@ OK done\r\n";
    let server = Script::default()
        .once("SELECT", Answer::say("* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n@ OK done\r\n"))
        .once("NOOP", Answer::say(renumbered))
        .always("SELECT", Answer::say(select))
        .start()
        .await;
    let mut folder = folder(&server);
    let before = folder.list().await.unwrap();
    assert!(folder.list().await.unwrap_err().to_string().contains("UIDVALIDITY"));
    let after = folder.list().await.unwrap();
    assert_eq!((before[0].place.validity, after[0].place.validity), (7, 8));
    assert!(folder.fetch(&before, LIMIT).await.unwrap().is_empty());
    folder.file(&[before[0].place.clone()]).await.unwrap();
    assert!(server.heard("UID MOVE").is_empty());

    let select = "* 2 EXISTS\r\n@ OK done\r\n";
    let without = Script::default().always("SELECT", Answer::say(select)).start().await;
    let error = ImapFolder::new(settings(&without)).list().await.unwrap_err();
    assert!(error.to_string().contains("no UIDVALIDITY"), "{error}");
}

#[tokio::test]
async fn literals_that_look_like_protocol_come_byte_for_byte_in_any_order() {
    let one = b"A0003 OK\r\n* 9 EXISTS\r\n)\r\n{3}\r\n\xff\xfe\0\"\\".as_slice();
    let mut answer = b"* 2 FETCH (BODY[] {5}\r\nmail2 UID 2)\r\n* 1 FETCH (FLAGS (\\Seen))\r\n".to_vec();
    let head = "* 1 FETCH (UID 1 INTERNALDATE \" 3-Feb-2026 08:00:00 -0400\" BODY[] ";
    answer.extend_from_slice(format!("{head}{{{}}}\r\n", one.len()).as_bytes());
    answer.extend_from_slice(one);
    answer.extend_from_slice(b")\r\n@ OK done\r\n");
    // The script replaces a leading @ only: none of the mail's lines has one.
    let server = Script::default().always(TOGETHER, Answer::Say(answer)).start().await;
    let mut folder = folder(&server);
    let listed = folder.list().await.unwrap();
    let fetched = folder.fetch(&listed, LIMIT).await.unwrap();
    assert_eq!(raws(&fetched), [one, b"mail2"]);
    assert_eq!(fetched[0].internal_date.unwrap().to_string(), "2026-02-03T12:00:00Z");
    assert_eq!(fetched[1].internal_date, None);
}

#[tokio::test]
async fn a_date_that_makes_the_parser_panic_is_an_error() {
    let answer = Answer::say("* 1 FETCH (UID 1 INTERNALDATE NIL BODY[] {1}\r\nx)\r\n@ OK done\r\n");
    let server = Script::default().always(TOGETHER, answer).start().await;
    let mut folder = folder(&server);
    let listed = folder.list().await.unwrap();
    assert!(folder.fetch(&listed, LIMIT).await.unwrap_err().to_string().contains("not IMAP"));
}

#[tokio::test]
async fn trap_4_one_mail_that_the_server_cannot_give_does_not_keep_the_others_out() {
    let first_only = "* 1 FETCH (UID 1 BODY[] {5}\r\nmail1)\r\n@ NO [SERVERBUG] cannot read 2\r\n";
    let no = Answer::say("@ NO [SERVERBUG] cannot read 2\r\n");
    let server = Script::default()
        .always(TOGETHER, Answer::say(first_only))
        .always("UID FETCH 2 (UID INTERNALDATE", no)
        .start()
        .await;
    let mut folder = folder(&server);
    let listed = folder.list().await.unwrap();
    assert_eq!(raws(&folder.fetch(&listed, LIMIT).await.unwrap()), [b"mail1"]);
    // Alone it is an error that names it: it is there, so it did not vanish.
    let error = folder.fetch(&listed[1..], LIMIT).await.unwrap_err();
    assert!(error.to_string().contains("UID 2"), "{error}");
}

#[tokio::test]
async fn a_mail_given_as_nothing_is_not_taken_for_an_empty_mail() {
    let nothing = "* 1 FETCH (UID 1 BODY[] NIL)\r\n* 2 FETCH (UID 2 BODY[] \"\")\r\n@ OK done\r\n";
    let server = Script::default().always(TOGETHER, Answer::say(nothing)).start().await;
    let mut folder = folder(&server);
    let listed = folder.list().await.unwrap();
    // Asked for alone they come.
    assert_eq!(raws(&folder.fetch(&listed, LIMIT).await.unwrap()), [b"mail1", b"mail2"]);
}

#[tokio::test]
async fn a_mail_that_vanished_is_left_out_and_one_that_was_not_asked_for_is_ignored() {
    let other = "* 1 FETCH (UID 77 BODY[] {5}\r\nother)\r\n@ OK [EXPUNGEISSUED] done\r\n";
    let server = Script::default()
        .always(TOGETHER, Answer::say(other))
        .always("UID FETCH 1:2 (UID)", Answer::say("@ OK done\r\n"))
        .start()
        .await;
    let mut folder = folder(&server);
    let listed = folder.list().await.unwrap();
    assert!(folder.fetch(&listed, LIMIT).await.unwrap().is_empty());
}

#[tokio::test]
async fn trap_3_without_move_nothing_is_marked_before_the_copy_is_confirmed() {
    let old = "IMAP4rev1 UIDPLUS";
    let server = Script::default().capabilities(old).start().await;
    a_round(&mut folder(&server)).await.unwrap();
    assert_eq!(server.heard("UID COPY"), ["UID COPY 1 \"Filed\""]);
    assert_eq!(server.heard("UID STORE"), ["UID STORE 1 +FLAGS.SILENT (\\Deleted)"]);
    assert_eq!(server.heard("UID EXPUNGE"), ["UID EXPUNGE 1"]);

    let no = Answer::say("@ NO [OVERQUOTA] full\r\n");
    let server = Script::default().capabilities(old).always("UID COPY", no).start().await;
    let error = a_round(&mut folder(&server)).await.unwrap_err();
    assert!(error.to_string().contains("full") && error.to_string().contains("none deleted"), "{error}");
    assert!(server.heard("UID STORE").is_empty() && server.heard("UID EXPUNGE").is_empty());

    let server = Script::default().capabilities("IMAP4rev1").start().await;
    a_round(&mut folder(&server)).await.unwrap();
    assert!(server.heard("UID EXPUNGE").is_empty() && server.heard("EXPUNGE").is_empty());
}

#[tokio::test]
async fn the_folder_for_filed_mail_is_made_when_it_is_not_there() {
    let server =
        Script::default().once("UID MOVE", Answer::say("@ NO [TRYCREATE] no such folder\r\n")).start().await;
    a_round(&mut folder(&server)).await.unwrap();
    assert_eq!(server.heard("CREATE"), ["CREATE \"Filed\""]);
    assert_eq!(server.heard("UID MOVE").len(), 2);
}

#[tokio::test]
async fn without_idle_the_server_is_asked_each_so_often() {
    let server = Script::default()
        .capabilities("IMAP4rev1")
        .once("NOOP", Answer::say("@ OK done\r\n"))
        .once("NOOP", Answer::say("@ OK done\r\n"))
        .once("NOOP", Answer::say("* 3 EXISTS\r\n@ OK done\r\n"))
        .start()
        .await;
    let mut folder = folder(&server);
    folder.list().await.unwrap();
    assert_eq!(folder.wait(Duration::from_secs(5)).await.unwrap(), Wake::Look);
    assert!(server.heard("IDLE").is_empty());
}

#[tokio::test]
async fn idle_wakes_at_exists_not_at_chatter_and_dies_loudly() {
    let woken = "+ idling\r\n* OK Still here\r\n* 3 EXISTS\r\n";
    let server = Script::default().once("IDLE", Answer::say(woken)).start().await;
    let mut mailbox = folder(&server);
    mailbox.list().await.unwrap();
    assert_eq!(mailbox.wait(Duration::from_secs(5)).await.unwrap(), Wake::Look);

    let chatter = "+ idling\r\n* OK Still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n";
    let server = Script::default().once("IDLE", Answer::say(chatter)).start().await;
    let mut mailbox = folder(&server);
    mailbox.list().await.unwrap();
    assert_eq!(mailbox.wait(Duration::from_millis(100)).await.unwrap(), Wake::Quiet);

    for end in ["+ idling\r\n", "+ idling\r\n* BYE idle for too long\r\n", "+ idling\r\n@ OK enough\r\n"] {
        let answer = Answer::SayAndClose(end.as_bytes().to_vec());
        let server = Script::default().once("IDLE", answer).start().await;
        let mut mailbox = folder(&server);
        mailbox.list().await.unwrap();
        let error = mailbox.wait(Duration::from_secs(5)).await.unwrap_err();
        assert!(!error.is_permanent(), "{end:?}: {error}");
    }
}

#[tokio::test]
async fn log_in_failures_tell_a_wrong_password_from_a_bad_moment() {
    let cases = [
        ("@ NO [AUTHENTICATIONFAILED] Authentication failed.\r\n", true, "Authentication failed."),
        ("@ NO LOGIN failed\r\n", true, "application password"),
        ("@ NO [UNAVAILABLE] Temporary authentication failure.\r\n", false, "Temporary"),
        ("@ NO [LIMIT] Too many connections\r\n", false, "Too many"),
    ];
    for (answer, permanent, words) in cases {
        let server = Script::default().always("LOGIN", Answer::say(answer)).start().await;
        let error = folder(&server).list().await.unwrap_err();
        assert_eq!(error.is_permanent(), permanent, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let bye = Answer::SayAndClose(b"* BYE come back at noon\r\n".to_vec());
    let server = Script::default().greeting(bye).start().await;
    let error = folder(&server).list().await.unwrap_err();
    assert!(!error.is_permanent() && error.to_string().contains("come back at noon"), "{error}");
}

#[tokio::test]
async fn a_password_beyond_ascii_goes_by_authenticate_plain() {
    let challenge = Answer::say("+ \r\n");
    let server = Script::default().always("AUTHENTICATE PLAIN", challenge).start().await;
    let auth = Auth::Password("clé".to_owned().into());
    assert!(ImapFolder::new(ImapSettings { auth, ..settings(&server) }).list().await.is_ok());
    // \0desk\0clé
    assert_eq!(server.heard("AGRlc2sAY2zDqQ==").len(), 1);
    assert!(server.heard("LOGIN").is_empty());
}

#[tokio::test]
async fn where_starttls_is_refused_no_password_is_sent() {
    let server = Script::default().always("STARTTLS", Answer::say("@ BAD unknown\r\n")).start().await;
    let starttls = ImapSettings { tls: TlsMode::StartTls, ..settings(&server) };
    let error = ImapFolder::new(starttls).list().await.unwrap_err();
    assert!(error.is_permanent() && error.to_string().contains("no password was sent"), "{error}");
    assert!(server.heard("LOGIN").is_empty());
}
