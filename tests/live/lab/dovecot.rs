//! Dovecot: IMAP with TLS and STARTTLS, three addresses with bad certificates, LMTP, and the
//! authentication socket that Postfix uses.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Certificates, DOMAIN, Daemon, directory, find, free_port, hand_over, is_root, run};

/// Local parts of the accounts; the password of each is `pw-` and its name.
const ACCOUNTS: [&str; 4] = ["info", "staff1", "staff2", "bounce"];
/// And `customer1` to `customer20`.
const CUSTOMERS: usize = 20;
/// Owner of the mail where the lab runs as root.
const MAIL_OWNER: u32 = 5000;

#[derive(Debug)]
pub struct Dovecot {
    /// STARTTLS and plain.
    pub imap: u16,
    /// TLS; 127.0.0.2 shows an expired certificate, .3 one for another name, .4 one by an unknown CA.
    pub imaps: u16,
    pub lmtp: u16,
    pub certificates: Certificates,
    // Before the directory: the daemon is stopped first.
    daemon: Option<Daemon>,
    directory: TempDir,
}

impl Dovecot {
    pub fn start() -> Self {
        let program = find("dovecot", "dovecot-imapd dovecot-lmtpd");
        for library in ["imap", "lmtp"] {
            let there = Path::new("/usr/lib/dovecot").join(library).is_file();
            assert!(there, "Dovecot's {library} is not installed: apt-get install dovecot-{library}d");
        }
        let directory = directory("dc");
        let root = directory.path();
        let certificates = Certificates::make(root.join("tls"));
        let [imap, imaps, lmtp] = [free_port(), free_port(), free_port()];
        prepare_accounts(root);
        let configuration = root.join("dovecot.conf");
        fs::write(&configuration, configure(root, imap, imaps, lmtp)).expect("the directory is ours");
        let mut dovecot = Self { imap, imaps, lmtp, certificates, daemon: None, directory };
        dovecot.comes_back(&program);
        dovecot
    }

    /// Everything of it ends, connections too.
    pub fn goes_down(&mut self) {
        self.daemon = None;
    }

    /// The same server with the same mail on the same ports.
    pub fn comes_up_again(&mut self) {
        self.comes_back(&find("dovecot", "dovecot-imapd"));
    }

    fn comes_back(&mut self, program: &Path) {
        let root = self.directory.path();
        let log = root.join("start.log");
        let mut daemon = Daemon::start(program, "TERM", &log, |command| {
            command.arg(program).args(["-F", "-c"]).arg(root.join("dovecot.conf"));
        });
        daemon.await_port(self.imaps, &log);
        daemon.await_port(self.lmtp, &log);
        self.daemon = Some(daemon);
    }

    pub fn address(account: &str) -> String {
        format!("{account}@{DOMAIN}")
    }

    pub fn password(account: &str) -> String {
        format!("pw-{account}")
    }

    pub fn auth_socket(&self) -> PathBuf {
        self.directory.path().join("run/sasl-auth")
    }

    pub fn pid(&self) -> u32 {
        self.daemon.as_ref().expect("it is up").pid()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("dovecot.log")).unwrap_or_default()
    }

    /// The Maildir of an account's folder; `INBOX` is its top.
    pub fn maildir(&self, account: &str, folder: &str) -> PathBuf {
        let top = home(self.directory.path(), account).join("Maildir");
        if folder == "INBOX" { top } else { top.join(format!(".{folder}")) }
    }

    /// Puts a mail into a folder as it is, byte for byte.
    pub fn put(&self, account: &str, folder: &str, name: &str, mail: &[u8]) {
        let maildir = self.maildir(account, folder);
        for part in ["", "tmp", "new", "cur"] {
            fs::create_dir_all(maildir.join(part)).expect("the directory is ours");
            own(&maildir.join(part));
        }
        let draft = maildir.join("tmp").join(name);
        fs::write(&draft, mail).expect("the directory is ours");
        own(&draft);
        fs::rename(&draft, maildir.join("new").join(name)).expect("the directory is ours");
    }

    /// Delivers as an MTA does (LMTP, RFC 2033).
    pub fn deliver(&self, account: &str, mail: &[u8]) {
        hand_over(self.lmtp, "LHLO lab.test", "sender@lab.test", &Self::address(account), mail);
    }

    /// `doveadm` on one account: what a person does with another mail program.
    pub fn doveadm(&self, command: &str, account: &str, arguments: &[&str]) -> String {
        let address = Self::address(account);
        run(self.doveadm_command().args(command.split(' ')).args(["-u", &address]).args(arguments))
    }

    /// Cuts the account's connections.
    pub fn kick(&self, account: &str) {
        run(self.doveadm_command().args(["kick", &Self::address(account)]));
    }

    fn doveadm_command(&self) -> Command {
        let mut command = Command::new(find("doveadm", "dovecot-core"));
        command.arg("-c").arg(self.directory.path().join("dovecot.conf"));
        command
    }
}

fn home(root: &Path, account: &str) -> PathBuf {
    root.join("mail").join(Dovecot::address(account))
}

fn own(path: &Path) {
    if is_root_once() {
        chown(path, Some(MAIL_OWNER), Some(MAIL_OWNER)).expect("root may give files away");
    }
}

fn is_root_once() -> bool {
    static ROOT: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *ROOT.get_or_init(is_root)
}

/// Name and number of user and group that everything runs as.
fn identity(root_value: &str, question: &str) -> String {
    if is_root_once() {
        root_value.to_owned()
    } else {
        run(Command::new("id").arg(question)).trim().to_owned()
    }
}

fn prepare_accounts(root: &Path) {
    let (uid, gid) = (identity("5000", "-u"), identity("5000", "-g"));
    let mut users = String::new();
    fs::create_dir_all(root.join("run")).expect("the directory is ours");
    fs::create_dir_all(root.join("mail")).expect("the directory is ours");
    own(&root.join("mail"));
    let customers = (1..=CUSTOMERS).map(|number| format!("customer{number}"));
    for account in ACCOUNTS.map(str::to_owned).into_iter().chain(customers) {
        let (address, home) = (Dovecot::address(&account), home(root, &account));
        fs::create_dir_all(home.join("Maildir")).expect("the directory is ours");
        own(&home);
        own(&home.join("Maildir"));
        let line = format!("{address}:{{PLAIN}}pw-{account}:{uid}:{gid}::{}::\n", home.display());
        users.push_str(&line);
    }
    fs::write(root.join("users"), users).expect("the directory is ours");
}

fn configure(root: &Path, imap: u16, imaps: u16, lmtp: u16) -> String {
    let text = include_str!("dovecot.conf")
        .replace("@ROOT@", &root.display().to_string())
        .replace("@IMAP@", &imap.to_string())
        .replace("@IMAPS@", &imaps.to_string())
        .replace("@LMTP@", &lmtp.to_string())
        .replace("@UID@", &identity("5000", "-u"))
        .replace("@USER@", &identity("dovecot", "-un"))
        .replace("@LOGIN@", &identity("dovenull", "-un"))
        .replace("@GROUP@", &identity("dovecot", "-gn"));
    if is_root_once() { text } else { text + include_str!("dovecot-rootless.conf") }
}
