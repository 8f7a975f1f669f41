//! Real servers on loopback, each with its own directory and free ports, stopped when the value is
//! dropped, also by a panic, and by the kernel when the test process is killed.
//!
//! A program that is not installed makes the test fail and tell which package to install; nothing is
//! skipped.

mod certificates;
mod clamd;
mod dovecot;
mod postfix;
mod postgres;
mod wire;

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;

pub use certificates::Certificates;
pub use clamd::{Clamd, EICAR_PARTS};
pub use dovecot::Dovecot;
pub use postfix::Postfix;
pub use postgres::Postgres;
pub use wire::hand_over;

/// The domain of the mailboxes.
pub const DOMAIN: &str = "lab.test";

/// Started, and stopped with the value.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    stop_signal: &'static str,
    name: String,
}

impl Daemon {
    /// Starts a program that stays in the foreground. It dies with this thread: tests keep it until
    /// their end.
    pub fn start(
        program: &Path,
        stop_signal: &'static str,
        log: &Path,
        arrange: impl FnOnce(&mut Command),
    ) -> Self {
        let output = File::create(log).expect("the lab's directory can be written");
        let mut command = Command::new(find("setpriv", "util-linux"));
        command.args(["--pdeathsig", stop_signal]).current_dir("/");
        // Daemons must not inherit our output: a reader of its pipe would wait for ever.
        command.stdin(Stdio::null()).stdout(output.try_clone().expect("a file can be shared")).stderr(output);
        arrange(&mut command);
        let name = program.display().to_string();
        let child = command.spawn().unwrap_or_else(|error| panic!("{name} does not start: {error}"));
        Self { child, stop_signal, name }
    }

    /// Waits until the port answers; panics with the log if the daemon ends before that.
    pub fn await_port(&mut self, port: u16, log: &Path) {
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                let said = fs::read_to_string(log).unwrap_or_default();
                panic!("{} ended at once ({status}):\n{said}", self.name);
            }
            pause(Duration::from_millis(20));
        }
        panic!("{} did not open port {port}:\n{}", self.name, fs::read_to_string(log).unwrap_or_default());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    fn signal(&self, signal: &str) {
        // One that has ended already is fine.
        let _ = send_signal(self.child.id(), signal);
    }
}

/// Whether the signal (`TERM`) could be sent. By the shell's own kill: the program comes with procps, which not
/// every machine has.
pub fn send_signal(pid: u32, signal: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("kill -s {signal} {pid}")).stderr(Stdio::null());
    shell.status().expect("every machine has a shell").success()
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.signal(self.stop_signal);
        for _ in 0..250 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            pause(Duration::from_millis(20));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The path of a program; panics and tells what to install if it is not there.
pub fn find(program: &str, package: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let places = ["/usr/sbin", "/sbin", "/usr/lib/postfix/sbin"].map(str::to_owned);
    path.split(':')
        .map(str::to_owned)
        .chain(places)
        .map(|directory| Path::new(&directory).join(program))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| panic!("{program} is not installed: apt-get install {package}"))
}

/// Runs a program to its end; panics with its output if it fails.
pub fn run(command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A port that nobody listens on now, and that is handed out once only: below those that the kernel
/// gives to outgoing connections, from a place of this process's own.
pub fn free_port() -> u16 {
    static HANDED_OUT: AtomicU32 = AtomicU32::new(0);
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 22_000;
    for _ in 0..COUNT {
        let next =
            std::process::id().wrapping_mul(97).wrapping_add(HANDED_OUT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + next % COUNT).expect("below 32,000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port between {FIRST} and {} is free on loopback", FIRST + COUNT);
}

/// A short path, since unix sockets take 108 bytes, that the servers' own users may enter.
pub fn directory(name: &str) -> TempDir {
    let directory = tempfile::Builder::new()
        .prefix(&format!("ct-{name}-"))
        .tempdir_in("/tmp")
        .expect("/tmp can be written");
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
    directory
}

pub fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

#[expect(clippy::disallowed_methods, reason = "tests wait for real servers")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}
