//! The program as an admin runs it: what a listing leaves alone, closed pipes, a reload that cannot be used.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

fn complaintd(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_complaintd"));
    command.arg("-c").arg(dir.join("complaintd.toml"));
    command
}

fn run(dir: &Path, arguments: &[&str]) -> Output {
    complaintd(dir).args(arguments).output().expect("the program starts")
}

/// A demo's folder with its desk.
fn demo() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let made = Command::new(env!("CARGO_BIN_EXE_complaintd"))
        .args(["demo", "--dir"])
        .arg(dir.path())
        .output()
        .expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    dir
}

#[test]
fn a_listing_makes_no_store_and_begins_no_desk() {
    let dir = demo();
    for file in fs::read_dir(dir.path()).expect("readable").flatten() {
        if file.file_name().to_string_lossy().starts_with("complaintd.db") {
            fs::remove_file(file.path()).expect("removable");
        }
    }
    for command in [&["case", "list"][..], &["outbox", "list"], &["quarantine", "list"], &["verify"]] {
        let told = run(dir.path(), command);
        assert_eq!(told.status.code(), Some(1), "{command:?}");
        let words = String::from_utf8_lossy(&told.stderr);
        assert!(words.contains("does not exist") && words.contains("complaintd migrate"), "{words}");
        assert!(!dir.path().join("complaintd.db").exists(), "{command:?}");
    }
    assert!(run(dir.path(), &["migrate"]).status.success());
    assert!(run(dir.path(), &["outbox", "list"]).status.success());
    let verified = run(dir.path(), &["verify"]);
    assert!(
        String::from_utf8_lossy(&verified.stdout).starts_with("0 journals"),
        "only the daemon begins a desk"
    );
}

#[test]
fn a_reader_that_had_enough_is_no_failure() {
    let dir = demo();
    for command in [&["verify"][..], &["check", "--offline"], &["completions", "bash"], &["case", "list"]] {
        let mut child = complaintd(dir.path())
            .args(command)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(child.stdout.take());
        let done = child.wait_with_output().expect("it ends");
        assert_eq!(done.status.code(), Some(0), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

const MAIL: &str = "From: late@out.example\r\nTo: info@divikeys.example\r\nMessage-ID: <late@out.example>\r\n\
                    Subject: Frais\r\n\r\nRemboursez-moi ces frais, c'est inadmissible.\r\n";

/// The daemon of a test, ended with it.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn started(dir: &Path) -> Daemon {
    let log = fs::File::create(dir.join("log")).expect("writable");
    Daemon(complaintd(dir).arg("run").stderr(log).spawn().expect("the program starts"))
}

/// The shell's own kill: the program comes with procps, which not every machine has.
fn signal(daemon: &Daemon, name: &str) {
    let kill = format!("kill -{name} {}", daemon.0.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("a shell is there").success());
}

#[test]
fn all_of_a_desk_that_was_stopped_is_in_its_one_file() {
    let dir = demo();
    let mut daemon = started(dir.path());
    deliver(dir.path(), "late", MAIL);
    eventually("the daemon works", || !dir.path().join("inbox/new/late").exists());
    signal(&daemon, "TERM");
    assert!(daemon.0.wait().expect("it ends").success());
    assert!(!dir.path().join("complaintd.db-wal").exists(), "an admin copies the file, and nothing else");
    deliver(dir.path(), "later", MAIL);
    assert!(run(dir.path(), &["run", "--once"]).status.success());
    assert!(!dir.path().join("complaintd.db-wal").exists(), "neither after one round");
}

#[test]
fn a_reload_that_cannot_be_used_leaves_the_old_desk_at_work() {
    let dir = demo();
    let log = dir.path().join("log");
    let mut daemon = started(dir.path());
    deliver(dir.path(), "late", MAIL);
    // A signal before the daemon listens would end it.
    eventually("the daemon works", || !dir.path().join("inbox/new/late").exists());

    let templates = dir.path().join("templates");
    fs::create_dir_all(templates.join("fr")).expect("writable");
    fs::write(templates.join("fr/acknowledgement.txt"), "{{ nope").expect("writable");
    let settings = dir.path().join("complaintd.toml");
    let good = fs::read_to_string(&settings).expect("readable");
    fs::write(&settings, format!("{good}\n[templates]\ndir = \"{}\"\n", templates.display()))
        .expect("writable");
    signal(&daemon, "HUP");
    eventually("the mistake is told", || {
        fs::read_to_string(&log).expect("readable").contains("fr/acknowledgement.txt")
    });
    assert!(daemon.0.try_wait().expect("asked").is_none(), "the old desk goes on");
    deliver(dir.path(), "later", MAIL);
    eventually("it takes mail", || !dir.path().join("inbox/new/later").exists());
}

/// As a Maildir wants it: a file that is found empty in `new` is left alone for a minute.
fn deliver(dir: &Path, name: &str, mail: &str) {
    let draft = dir.join("inbox/tmp").join(name);
    fs::write(&draft, mail).expect("writable");
    fs::rename(draft, dir.join("inbox/new").join(name)).expect("within one file system");
}

#[expect(clippy::disallowed_methods, reason = "a real daemon is waited for")]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..150 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("not in 15 seconds: {what}");
}
