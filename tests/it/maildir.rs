//! The Maildir mailbox and the Maildir relay.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use complaintd::adapters::maildir::{MaildirFolder, MaildirRelay, MaildirSettings};
use complaintd::core::ids::Address;
use complaintd::ports::{Fetched, Mailbox, Outgoing, Relay, Wake};
use tempfile::TempDir;

const LIMIT: u64 = 1_000_000;

struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for part in ["tmp", "new", "cur"] {
            fs::create_dir_all(directory.path().join("in").join(part)).unwrap();
        }
        Self { directory }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn folder(&self) -> MaildirFolder {
        MaildirFolder::new(MaildirSettings {
            name: "info".to_owned(),
            path: self.path().join("in"),
            folder: "INBOX".to_owned(),
            filed: Some(self.path().join("filed")),
            poll: Duration::from_mins(1),
        })
    }

    /// A mail that came so many seconds after another instant.
    fn put(&self, file: &str, age_order: u64, content: &[u8]) {
        let path = self.path().join("in").join(file);
        fs::write(&path, content).unwrap();
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + age_order);
        fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
    }

    fn names(&self, part: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path().join(part)) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

async fn uids(folder: &mut MaildirFolder) -> Vec<String> {
    folder.list().await.unwrap().into_iter().map(|mail| mail.place.uid).collect()
}

async fn take(folder: &mut MaildirFolder, limit: u64) -> Vec<Fetched> {
    let listed = folder.list().await.unwrap();
    folder.fetch(&listed, limit).await.unwrap()
}

#[tokio::test]
async fn trap_1_opened_mail_is_there_and_half_written_mail_is_not() {
    let place = Place::new();
    place.put("new/b.host", 2, b"second");
    place.put("cur/a.host:2,RS", 1, b"first, opened by a person");
    place.put("cur/c.host", 3, b"third, without flags");
    place.put("tmp/d.host", 0, b"half");
    place.put("new/.hidden", 0, b"not a mail");
    let mut folder = place.folder();
    let fetched = take(&mut folder, LIMIT).await;
    let seen: Vec<_> = fetched.iter().map(|mail| (mail.place.uid.as_str(), mail.raw.as_slice())).collect();
    let first = b"first, opened by a person".as_slice();
    assert_eq!(seen, [("a.host", first), ("b.host", b"second"), ("c.host", b"third, without flags")]);
    assert_eq!(fetched[0].internal_date.unwrap().as_second(), 1_700_000_001);
    assert_eq!(fetched[0].place.validity, 0);
}

/// A program that writes into `new` itself has made the file and not filled it yet.
#[tokio::test]
async fn a_file_that_is_still_empty_is_left_until_it_has_words() {
    let place = Place::new();
    let mut folder = place.folder();
    let path = place.path().join("in/new/5");
    fs::write(&path, b"").unwrap();
    place.put("new/6", 6, b"");
    assert_eq!(uids(&mut folder).await, ["6"], "one that stayed empty is a mail");
    fs::write(&path, b"Subject: a\n\nb").unwrap();
    assert_eq!(uids(&mut folder).await, ["6", "5"]);
}

#[tokio::test]
async fn a_mail_keeps_its_place_when_a_person_opens_it() {
    let place = Place::new();
    place.put("new/a.host", 1, b"text");
    let mut folder = place.folder();
    let listed = folder.list().await.unwrap();
    fs::rename(place.path().join("in/new/a.host"), place.path().join("in/cur/a.host:2,S")).unwrap();
    assert_eq!(folder.list().await.unwrap(), listed);
    assert_eq!(folder.fetch(&listed, LIMIT).await.unwrap()[0].raw, b"text");
    folder.file(&[listed[0].place.clone()]).await.unwrap();
    assert_eq!(place.names("filed/cur"), ["a.host:2,S"]);
}

#[tokio::test]
async fn trap_3_filed_mail_is_moved_with_its_flags_and_never_over_another() {
    let place = Place::new();
    place.put("new/a.host", 1, b"new");
    place.put("cur/b.host:2,FR", 2, b"flagged");
    let mut folder = place.folder();
    let places: Vec<_> = folder.list().await.unwrap().into_iter().map(|mail| mail.place).collect();
    folder.file(&places).await.unwrap();
    assert_eq!(place.names("filed/cur"), ["a.host:2,S", "b.host:2,FRS"]);
    assert!(uids(&mut folder).await.is_empty());
    // Gone is no error.
    folder.file(&places).await.unwrap();

    place.put("new/a.host", 3, b"the same name once more");
    folder.file(&places[..1]).await.unwrap();
    assert_eq!(place.names("filed/cur"), ["a.host:2,S", "a.host_1:2,S", "b.host:2,FRS"]);
    assert_eq!(fs::read(place.path().join("filed/cur/a.host:2,S")).unwrap(), b"new");
}

#[tokio::test]
async fn a_large_mail_is_cut_at_the_limit_and_a_vanished_one_left_out() {
    let place = Place::new();
    place.put("new/a.host", 1, &[b'x'; 1000]);
    place.put("new/b.host", 2, b"b");
    let mut folder = place.folder();
    for (limit, length, whole) in [(999, 999, false), (1000, 1000, true), (1001, 1000, true)] {
        let fetched = take(&mut folder, limit).await;
        assert_eq!((fetched[0].raw.len(), fetched[0].whole, fetched[0].bytes), (length, whole, 1000));
    }
    let listed = folder.list().await.unwrap();
    let part = folder.fetch_more(&listed[0].place, 990, 50).await.unwrap();
    assert_eq!(part.as_deref(), Some(b"xxxxxxxxxx".as_slice()), "as far as it goes");
    fs::remove_file(place.path().join("in/new/a.host")).unwrap();
    assert_eq!(folder.fetch_more(&listed[0].place, 990, 50).await.unwrap(), None);
    let fetched = folder.fetch(&listed, LIMIT).await.unwrap();
    assert_eq!(fetched.len(), 1);
    assert_eq!(fetched[0].raw, b"b");
}

#[tokio::test]
async fn a_path_that_is_no_maildir_is_permanent_and_named() {
    let place = Place::new();
    fs::remove_dir(place.path().join("in/new")).unwrap();
    let error = place.folder().list().await.unwrap_err();
    assert!(error.is_permanent(), "{error}");
    assert!(error.to_string().contains("/in)") && error.to_string().contains("`new`, `cur`"), "{error}");
}

#[tokio::test]
async fn waiting_ends_when_mail_comes_and_never_misses_what_came_before() {
    let place = Place::new();
    let mut folder = place.folder();
    let longest = Duration::from_secs(20);
    folder.list().await.unwrap();
    assert_eq!(folder.wait(longest).await.unwrap(), Wake::Look, "the watch only begins here");
    folder.list().await.unwrap();
    assert_eq!(folder.wait(Duration::from_millis(100)).await.unwrap(), Wake::Quiet);
    // Between list and wait.
    place.put("tmp/a.host", 1, b"a");
    fs::rename(place.path().join("in/tmp/a.host"), place.path().join("in/new/a.host")).unwrap();
    assert_eq!(folder.wait(longest).await.unwrap(), Wake::Look);
    folder.list().await.unwrap();
    while folder.wait(Duration::from_millis(100)).await.unwrap() == Wake::Look {
        folder.list().await.unwrap();
    }
    // While waiting.
    let relay = MaildirRelay::new(place.path().join("in"));
    let later = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        relay.send(&letter()).await.unwrap();
    };
    let (woken, ()) = tokio::join!(folder.wait(longest), later);
    assert_eq!(woken.unwrap(), Wake::Look);
    assert_eq!(uids(&mut folder).await.len(), 2);
}

fn letter() -> Outgoing {
    Outgoing {
        envelope_from: Address::parse("info+b1@divikeys.example").unwrap(),
        recipient: Address::parse("marie@example.fr").unwrap(),
        bytes: b"From: info@divikeys.example\r\n\r\nBonjour \xe9\r\n".to_vec(),
    }
}

#[tokio::test]
async fn a_letter_is_delivered_whole_with_its_envelope_first() {
    let place = Place::new();
    let relay = MaildirRelay::new(place.path().join("out"));
    for _ in 0..3 {
        let said = relay.send(&letter()).await.unwrap();
        assert!(said.starts_with("delivered as "), "{said}");
    }
    assert!(place.names("out/tmp").is_empty());
    let names = place.names("out/new");
    assert_eq!(names.len(), 3);
    let written = fs::read(place.path().join("out/new").join(&names[0])).unwrap();
    let expected: &[u8] = b"Return-Path: <info+b1@divikeys.example>\nDelivered-To: marie@example.fr\n\
        From: info@divikeys.example\n\nBonjour \xe9\n";
    assert_eq!(written, expected, "line ends as in files; nothing else is changed");
}

#[tokio::test]
async fn a_letter_that_cannot_be_written_stays_queued() {
    let place = Place::new();
    fs::write(place.path().join("out"), b"a file where the Maildir should be").unwrap();
    let error = MaildirRelay::new(place.path().join("out")).send(&letter()).await.unwrap_err();
    assert!(!error.is_permanent() && error.to_string().contains("stays queued"), "{error}");
}
