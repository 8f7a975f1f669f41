//! Postfix: submission with STARTTLS and with TLS, log-in through Dovecot, delivery to Dovecot by LMTP,
//! and recipients that are refused for now or for good.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::{Daemon, Dovecot, directory, find, free_port, hand_over, is_root, run};

#[derive(Debug)]
pub struct Postfix {
    /// Plain, for this machine.
    pub smtp: u16,
    /// STARTTLS and log-in required.
    pub submission: u16,
    /// TLS from the first byte, log-in required.
    pub smtps: u16,
    _daemon: Daemon,
    directory: TempDir,
}

impl Postfix {
    pub fn start(dovecot: &Dovecot) -> Self {
        let (postfix, master) = (find("postfix", "postfix"), find("master", "postfix"));
        assert!(is_root(), "Postfix starts only as root: run the live tests as root");
        let directory = directory("pf");
        let root = directory.path();
        let [smtp, submission, smtps] = [free_port(), free_port(), free_port()];
        configure(root, dovecot, [smtp, submission, smtps, greylist()]);
        // Makes the queue's directories.
        run(Command::new(postfix).arg("-c").arg(root.join("etc")).arg("check"));
        let log = root.join("start.log");
        let mut daemon = Daemon::start(&master, "TERM", &log, |command| {
            command.arg(&master).arg("-s").env("MAIL_CONFIG", root.join("etc"));
        });
        for port in [smtp, submission, smtps] {
            daemon.await_port(port, &log);
        }
        Self { smtp, submission, smtps, _daemon: daemon, directory }
    }

    /// A mail from anywhere, as another server hands it over.
    pub fn take(&self, from: &str, to: &str, mail: &[u8]) {
        hand_over(self.smtp, "EHLO client.example", from, to, mail);
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    pub fn log_path(&self) -> PathBuf {
        self.directory.path().join("log/postfix.log")
    }
}

fn configure(root: &Path, dovecot: &Dovecot, [smtp, submission, smtps, greylist]: [u16; 4]) {
    for part in ["etc", "queue", "data", "log"] {
        fs::create_dir_all(root.join(part)).expect("the directory is ours");
    }
    let number = |question: &str| {
        let text = run(Command::new("id").args([question, "postfix"]));
        text.trim().parse::<u32>().expect("id prints a number")
    };
    chown(root.join("data"), Some(number("-u")), Some(number("-g"))).expect("root may give files away");
    let fill = |text: &str| {
        text.replace("@ROOT@", &root.display().to_string())
            .replace("@SMTP@", &smtp.to_string())
            .replace("@SUBMISSION@", &submission.to_string())
            .replace("@SMTPS@", &smtps.to_string())
            .replace("@GREYLIST@", &greylist.to_string())
            .replace("@LMTP@", &dovecot.lmtp.to_string())
            .replace("@CERT@", &dovecot.certificates.certificate("server").display().to_string())
            .replace("@KEY@", &dovecot.certificates.key("server").display().to_string())
            .replace("@SASL@", &dovecot.auth_socket().display().to_string())
    };
    let write = |name: &str, text: &str| {
        fs::write(root.join("etc").join(name), fill(text)).expect("the directory is ours");
    };
    write("main.cf", include_str!("postfix-main.cf"));
    write("master.cf", include_str!("postfix-master.cf"));
    write(
        "rcpt_access",
        "staff2@lab.test greylist\n\
         later@lab.test 450 4.2.1 mailbox temporarily disabled\n\
         never@lab.test 550 5.1.1 no such user\n\
         full@lab.test 452 4.2.2 mailbox full\n\
         login@lab.test 530 5.7.0 authentication required\n",
    );
}

/// A policy server (postfix.org/SMTPD_POLICY_README.html) that refuses the first try of each recipient.
/// It ends with the test process.
fn greylist() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || answer_greylisted(&stream, &seen));
        }
    });
    port
}

fn answer_greylisted(mut stream: &TcpStream, seen: &Mutex<BTreeSet<String>>) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(recipient) = lines.find_map(|line| Some(line.strip_prefix("recipient=")?.to_owned())) {
        while lines.next().is_some_and(|line| !line.is_empty()) {}
        let first = seen.lock().expect("nobody panics with it").insert(recipient);
        let action = if first { "450 4.7.1 Greylisted" } else { "dunno" };
        if stream.write_all(format!("action={action}\n\n").as_bytes()).is_err() {
            return;
        }
    }
}
