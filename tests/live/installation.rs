//! The real program with a real configuration, as an admin installs it: files, secrets by file, a
//! process that is started, told to stop, or killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::lab::{Dovecot, Postfix, directory, find, pause, send_signal};

/// What an installation may choose differently.
#[derive(Clone, Debug)]
pub struct Choice {
    /// `sqlite` stands for a file of this installation's own.
    pub store: String,
    pub answer_since: &'static str,
    /// Lines for `[desk]`.
    pub desk: &'static str,
    /// Lines for `[[mailboxes]]`.
    pub mailbox: String,
    pub log: &'static str,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            store: "sqlite".to_owned(),
            answer_since: "2020-01-01T00:00:00Z",
            desk: "",
            mailbox: String::new(),
            log: "info",
        }
    }
}

pub struct Installation {
    directory: TempDir,
    pub store_url: String,
}

impl Installation {
    pub fn new(dovecot: &Dovecot, postfix: &Postfix, choice: &Choice) -> Self {
        let directory = directory("desk");
        let root = directory.path();
        let store_url = if choice.store == "sqlite" {
            format!("sqlite:{}/desk.db", root.display())
        } else {
            choice.store.clone()
        };
        fs::write(root.join("key"), "k".repeat(48)).expect("the directory is ours");
        fs::write(root.join("password"), Dovecot::password("info")).expect("the directory is ours");
        fs::write(root.join("desk.toml"), text(dovecot, postfix, choice, &store_url)).expect("it is ours");
        Self { directory, store_url }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Starts the daemon; what it logs goes to the file `log` and what is there already stays.
    pub fn start(&self, log: &str) -> Running {
        let output = File::options().create(true).append(true).open(self.path(log)).expect("it is ours");
        let mut command = Command::new(find("setpriv", "util-linux"));
        command.args(["--pdeathsig", "KILL", program()]).arg("run").arg("-c").arg(self.path("desk.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(output);
        Running { child: command.spawn().expect("the program starts"), log: self.path(log) }
    }

    /// Runs a command of the program to its end.
    pub fn command(&self, arguments: &[&str]) -> Output {
        let (first, rest) = arguments.split_first().expect("a command");
        let mut command = Command::new(program());
        command.arg(first).args(rest).arg("-c").arg(self.path("desk.toml"));
        command.output().expect("the program starts")
    }

    /// The lines of a command with `--json`.
    pub fn json(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.command(&[arguments, &["--json"]].concat());
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}{}", String::from_utf8_lossy(&output.stderr));
        said.lines().map(|line| serde_json::from_str(line).expect("one object a line")).collect()
    }
}

pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_complaintd")
}

fn text(dovecot: &Dovecot, postfix: &Postfix, choice: &Choice, store_url: &str) -> String {
    let calendar = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/calendars/saint-martin.toml");
    let (calendar, ca) = (calendar.display(), dovecot.certificates.ca());
    let (ca, imaps, submission) = (ca.display(), dovecot.imaps, postfix.submission);
    let Choice { answer_since, desk, mailbox, log, .. } = choice;
    format!(
        r#"[desk]
name = "Lab"
mailbox = "info@lab.test"
timezone = "America/Marigot"
calendar = "{calendar}"
answer_since = "{answer_since}"
alerts = ["staff1@lab.test"]
phone = "+590 590 55 01 00"
postal = ["14 rue Anegada", "97150 Saint-Martin"]
website = "https://lab.test"
privacy_url = "https://lab.test/privacy"
key = {{ file = "key" }}
{desk}

[[mailboxes]]
name = "info"
kind = "imap"
host = "localhost"
port = {imaps}
ca_file = "{ca}"
user = "info@lab.test"
password = {{ file = "password" }}
{mailbox}

[relay]
kind = "smtp"
host = "localhost"
port = {submission}
tls = "starttls"
ca_file = "{ca}"
user = "info@lab.test"
password = {{ file = "password" }}
timeout_seconds = 5

[store]
url = "{store_url}"

[limits]
letters_per_hour = 1000000
# customer1+17@ and customer1+18@ are one mailbox to the limits, and many people here.
letters_per_address_hour = 1000000
letters_per_address_day = 1000000
retry_minutes = [1, 1, 1, 5, 15]

[log]
format = "text"
level = "{log}"
"#
    )
}

/// A daemon at work. Dropped, it is killed.
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn kill(mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM; panics where it does not end within ten seconds.
    pub fn stop(mut self) -> ExitStatus {
        assert!(send_signal(self.pid(), "TERM"), "the daemon ended before it was told to");
        eventually("the daemon ends", 10, || self.child.try_wait().expect("it is our child"))
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the daemon's log:\n{}", self.log());
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Looks again and again until there is something; panics after about so many seconds.
pub fn eventually<T>(what: &str, seconds: u32, mut look: impl FnMut() -> Option<T>) -> T {
    const STEP: Duration = Duration::from_millis(50);
    for _ in 0..seconds * 20 {
        if let Some(found) = look() {
            return found;
        }
        pause(STEP);
    }
    panic!("not within {seconds} s: {what}");
}

/// All mails that were delivered to an account and that nobody looked at.
pub fn delivered(dovecot: &Dovecot, account: &str) -> Vec<Vec<u8>> {
    let folder = dovecot.maildir(account, "INBOX").join("new");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| fs::read(entry.ok()?.path()).ok()).collect()
}

/// A header's value, unfolded.
pub fn header(mail: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(mail).replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let head = text.split("\n\n").next()?.to_owned();
    let prefix = format!("{}:", name.to_ascii_lowercase());
    head.lines().find(|line| line.to_ascii_lowercase().starts_with(&prefix)).map(|line| {
        let (_, value) = line.split_once(':').expect("it has one");
        value.trim().to_owned()
    })
}

/// Where filed mail lies, as Maildir++ names it (RFC 3501 §5.1.3).
pub const FILED: &str = "Trait&AOk-";

/// How many mails lie in a folder of the desk's mailbox.
pub fn messages_in(dovecot: &Dovecot, folder: &str) -> usize {
    let maildir = dovecot.maildir("info", folder);
    let count = |part: &str| fs::read_dir(maildir.join(part)).map_or(0, Iterator::count);
    count("new") + count("cur")
}
