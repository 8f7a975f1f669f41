//! clamd with a signature file of our own: it knows the standard test file only.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{Daemon, directory, find, free_port};

/// The standard anti-virus test file, in two parts so that this source is not taken for it.
pub const EICAR_PARTS: [&str; 2] =
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"];

#[derive(Debug)]
pub struct Clamd {
    pub port: u16,
    _daemon: Daemon,
    directory: TempDir,
}

impl Clamd {
    pub fn start() -> Self {
        let program = find("clamd", "clamav-daemon");
        let directory = directory("av");
        let root = directory.path();
        fs::create_dir_all(root.join("db")).expect("the directory is ours");
        fs::create_dir_all(root.join("tmp")).expect("the directory is ours");
        let mut hex = String::new();
        for byte in EICAR_PARTS.concat().bytes() {
            write!(hex, "{byte:02x}").expect("a String takes all");
        }
        fs::write(root.join("db/lab.ndb"), format!("Lab.Eicar:0:*:{hex}\n")).expect("the directory is ours");
        let port = free_port();
        let path = root.display();
        let configuration = format!(
            "DatabaseDirectory {path}/db\nOfficialDatabaseOnly no\nLogFile {path}/clamd.log\nTCPSocket {port}\n\
             TCPAddr 127.0.0.1\nLocalSocket {path}/clamd.sock\nTemporaryDirectory {path}/tmp\n\
             StreamMaxLength 50M\nMaxThreads 4\n"
        );
        fs::write(root.join("clamd.conf"), configuration).expect("the directory is ours");
        let log = root.join("start.log");
        let mut daemon = Daemon::start(&program, "TERM", &log, |command| {
            command.arg(&program).args(["--foreground", "-c"]).arg(root.join("clamd.conf"));
        });
        daemon.await_port(port, &log);
        Self { port, _daemon: daemon, directory }
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("clamd.sock")
    }
}
