//! The whole program against real servers on this machine, in figures: how fast mail is taken in beside
//! `mbsync`, how fast mails are understood, how much memory large mails need, and how soon an
//! acknowledgement is with the relay.
//!
//! `cargo bench --bench whole` runs all; `cargo bench --bench whole -- intake 2000`, `-- inspect`, `-- memory` or
//! `-- latency 50` one part, perhaps with another number of mails. Needs Dovecot, Postfix, isync and time,
//! and root. What was measured when is in `docs/PERFORMANCE.md`.
#![expect(clippy::disallowed_methods, reason = "a benchmark asks the time")]
#![expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "small counts")]

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/live/installation.rs"]
mod installation;
#[expect(dead_code, unused_imports, reason = "the tests use the rest")]
#[path = "../tests/live/lab/mod.rs"]
mod lab;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use complaintd::adapters::store::SqlStore;
use complaintd::ports::{Store as _, Tally};
use installation::{Choice, Installation, Running};
use lab::{Dovecot, Postfix, directory, find, pause, run};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const INTAKE_MAILS: usize = 10_000;
const INTAKE_BYTES: usize = 5_000;
const LARGE_MAILS: usize = 200;
const LARGE_BYTES: usize = 5_000_000;
const ATTACHED_BYTES: usize = 25_000_000;
const LATENCY_MAILS: usize = 200;
/// How long the disk has to finish what the run before left to it.
const SETTLING: Duration = Duration::from_secs(5);
/// One mail in so many is a robot's.
const ROBOT_EACH: usize = 20;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let part = words.first().map_or("all", String::as_str);
    let mails = |usual| words.get(1).and_then(|count| count.parse().ok()).unwrap_or(usual);
    let is_wanted = |name| part == "all" || part == name;
    println!("{}", machine());
    if is_wanted("intake") {
        intake(mails(INTAKE_MAILS));
    }
    if is_wanted("inspect") {
        inspect(mails(INTAKE_MAILS));
    }
    if is_wanted("memory") {
        memory(mails(LARGE_MAILS));
    }
    if is_wanted("latency") {
        latency(mails(LATENCY_MAILS));
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    format!("{cores} cores ({}), load at the start {}", cpu.unwrap_or("unknown"), load.trim())
}

// ---------------------------------------------------------------- inspect

/// What is understood of mails in files, on one core: the pace of reading alone, and what a large one needs.
fn inspect(mails: usize) {
    let folder = directory("inspect");
    let files: Vec<_> = (0..mails).map(|number| folder.path().join(format!("{number:06}.eml"))).collect();
    for (number, file) in files.iter().enumerate() {
        fs::write(file, mail(number, INTAKE_BYTES)).expect("it is ours");
    }
    let large = folder.path().join("large.eml");
    fs::write(&large, large_mail(0, ATTACHED_BYTES)).expect("it is ours");
    let alone = one_core(&files[..1]);
    let (took, peak) = one_core(&files);
    println!(
        "\ninspect --json on one core: {mails} mails of {INTAKE_BYTES} bytes in {took:.2} s, {:.0} a second, peak {peak} MB",
        (mails - 1) as f64 / (took - alone.0)
    );
    let (took, peak) = one_core(&[large]);
    println!(
        "  one mail of {ATTACHED_BYTES} bytes in {took:.2} s, peak {peak} MB, of which {} MB for the first small one",
        alone.1
    );
}

/// How long one process takes for these files, in seconds, and its most memory, in MB.
fn one_core(files: &[PathBuf]) -> (f64, u64) {
    let mut command = Command::new("taskset");
    command.args([
        "-c",
        "0",
        find("time", "time").to_str().expect("a path"),
        "-f",
        "%M",
        installation::program(),
    ]);
    command.args(["inspect", "--json"]).args(files);
    let begun = Instant::now();
    let output = command.output().expect("taskset and time are there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let peak = String::from_utf8_lossy(&output.stderr).trim().parse::<u64>().expect("time tells kilobytes");
    (begun.elapsed().as_secs_f64(), peak / 1024)
}

// ---------------------------------------------------------------- intake

/// A complaint of `bytes` bytes, in French or in English; some are robots'.
fn mail(number: usize, bytes: usize) -> Vec<u8> {
    let (subject, words) = if number.is_multiple_of(2) {
        (
            "Virement jamais arrive",
            "Bonjour,\r\n\r\nmon virement de 200 euros du 3 novembre n'est jamais arrivé, je demande son remboursement.",
        )
    } else {
        (
            "Transfer never arrived",
            "Hello,\r\n\r\nmy transfer of 200 euros of November 3 never arrived and I want my money back.",
        )
    };
    let robot = if number.is_multiple_of(ROBOT_EACH) { "Auto-Submitted: auto-replied\r\n" } else { "" };
    let from = format!("client{number}@domain{}.example", number % 500);
    // Sent just now: of old mail the clocks have come, and they would be measured as well.
    let date = jiff::fmt::rfc2822::to_string(&jiff::Zoned::now()).expect("an ordinary day");
    let mut mail = format!(
        "Return-Path: <{from}>\r\nReceived: from mx.example (mx.example [192.0.2.1]) by mail.lab.test with ESMTPS id {number:08};\r\n\
         \t{date}\r\nFrom: Client {number} <{from}>\r\nTo: info@lab.test\r\nSubject: {subject} {number}\r\n\
         Date: {date}\r\nMessage-ID: <{number}@domain.example>\r\n{robot}MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n\r\nClient {number}\r\n\r\n\
         Le 3 novembre 2026 à 10:12, Lab <info@lab.test> a écrit :\r\n"
    );
    while mail.len() < bytes {
        write!(
            mail,
            "> Ligne {} de la lettre citée, qui dit que tout sera fait dans les meilleurs délais.\r\n",
            mail.len()
        )
        .expect("a String takes all");
    }
    mail.into_bytes()
}

fn intake(mails: usize) {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    for number in 0..mails {
        dovecot.put(
            "info",
            "INBOX",
            &format!("{}.{number:06}.lab", 1_790_000_000 + number),
            &mail(number, INTAKE_BYTES),
        );
    }
    println!(
        "\nintake of {mails} mails of {INTAKE_BYTES} bytes over TLS, acknowledgements held (mails a second)"
    );
    let in_place = Choice { mailbox: "leave_in_place = true\nfolders = [\"INBOX\"]".to_owned(), ..held() };
    // Whoever comes first waits for the servers, which index the mails and start their processes: nobody who counts.
    let (_, warmed_desk) = desk_takes(&dovecot, &postfix, &in_place, mails);
    let (_, warmed_maildir) = mbsync_takes(&dovecot, mails);
    // Nothing is deleted before the end: a disk may be slow where files were deleted, for whoever writes there next.
    let (mut desks, mut maildirs) = (vec![warmed_desk], vec![warmed_maildir]);
    for _ in 0..3 {
        let (pace, desk) = desk_takes(&dovecot, &postfix, &in_place, mails);
        println!("  complaintd, left in place   {pace:>8.0}");
        let (pace, maildir) = mbsync_takes(&dovecot, mails);
        println!("  mbsync, fsync               {pace:>8.0}");
        desks.push(desk);
        maildirs.push(maildir);
    }
    let filed = Choice { mailbox: "folders = [\"INBOX\"]".to_owned(), ..held() };
    let (pace, _desk) = desk_takes(&dovecot, &postfix, &filed, mails);
    println!("  complaintd, filed           {pace:>8.0}");
}

/// Lets the disk finish what the run before left to it, so that nobody's rate depends on who ran before.
fn settle() {
    run(&mut Command::new("sync"));
    pause(SETTLING);
    run(&mut Command::new("sync"));
}

fn held() -> Choice {
    Choice { desk: "hold = true", log: "warn", ..Choice::default() }
}

/// From the start of the process until each mail is in its case and each letter is composed.
fn desk_takes(dovecot: &Dovecot, postfix: &Postfix, choice: &Choice, mails: usize) -> (f64, Installation) {
    let desk = Installation::new(dovecot, postfix, choice);
    assert!(desk.command(&["migrate"]).status.success());
    let watch = Watch::new(&desk);
    settle();
    let begun = Instant::now();
    let daemon = desk.start("log");
    let robots = mails.div_ceil(ROBOT_EACH);
    watch.until(&daemon, |tally, kept| {
        kept == mails && tally.mails_received == 0 && tally.letters_held as usize == mails - robots
    });
    let took = begun.elapsed();
    println!("    ({:.2} s; peak memory {} MB)", took.as_secs_f64(), peak_megabytes(&daemon));
    daemon.stop();
    (mails as f64 / took.as_secs_f64(), desk)
}

/// Looks into a store from outside.
struct Watch {
    runtime: Runtime,
    store: SqlStore,
}

impl Watch {
    fn new(desk: &Installation) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let store = runtime.block_on(SqlStore::connect(&desk.store_url)).expect("the store opens");
        Self { runtime, store }
    }

    fn until(&self, daemon: &Running, done: impl Fn(&Tally, usize) -> bool) {
        for _ in 0..6_000 {
            let tally = self.runtime.block_on(self.store.tally()).expect("the store answers");
            // The list of all mails only when it may be the end.
            if tally.mails_received == 0 && tally.cases_open > 0 {
                let kept =
                    self.runtime.block_on(self.store.mails(None, None)).expect("the store answers").len();
                if done(&tally, kept) {
                    return;
                }
            }
            pause(Duration::from_millis(50));
        }
        panic!("not done in time:\n{}", daemon.log());
    }
}

fn mbsync_takes(dovecot: &Dovecot, mails: usize) -> (f64, TempDir) {
    let directory = directory("mbsync");
    let root = directory.path();
    fs::create_dir(root.join("mail")).expect("the directory is ours");
    let text = format!(
        "IMAPAccount lab\nHost localhost\nPort {}\nUser info@lab.test\nPass {}\nSSLType IMAPS\nCertificateFile {}\n\n\
         IMAPStore far\nAccount lab\n\nMaildirStore near\nPath {root}/mail/\nInbox {root}/mail/inbox\n\n\
         Channel lab\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n",
        dovecot.imaps,
        Dovecot::password("info"),
        dovecot.certificates.ca().display(),
        root = root.display()
    );
    fs::write(root.join("mbsyncrc"), text).expect("the directory is ours");
    settle();
    let begun = Instant::now();
    run(Command::new(find("mbsync", "isync")).arg("-q").arg("-c").arg(root.join("mbsyncrc")).arg("-a"));
    let took = begun.elapsed();
    let got = ["new", "cur"]
        .map(|part| fs::read_dir(root.join("mail/inbox").join(part)).map_or(0, Iterator::count));
    assert_eq!(got[0] + got[1], mails, "mbsync did not take all");
    (mails as f64 / took.as_secs_f64(), directory)
}

// ---------------------------------------------------------------- memory

fn memory(mails: usize) {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    for number in 0..mails {
        dovecot.put(
            "info",
            "INBOX",
            &format!("{}.{number:06}.lab", 1_790_000_000 + number),
            &large_mail(number, LARGE_BYTES),
        );
    }
    let choice = Choice { mailbox: "folders = [\"INBOX\"]".to_owned(), ..held() };
    let desk = Installation::new(&dovecot, &postfix, &choice);
    assert!(desk.command(&["migrate"]).status.success());
    let watch = Watch::new(&desk);
    let begun = Instant::now();
    let daemon = desk.start("log");
    watch.until(&daemon, |tally, kept| kept == mails && tally.mails_received == 0);
    println!(
        "\n{mails} mails of {LARGE_BYTES} bytes, filed: {:.1} s, peak memory (VmHWM) {} MB",
        begun.elapsed().as_secs_f64(),
        peak_megabytes(&daemon)
    );
    daemon.stop();
}

/// A complaint with a photograph.
fn large_mail(number: usize, bytes: usize) -> Vec<u8> {
    let mut mail = String::from_utf8(mail(number * 2 + 1, 0)).expect("it is text");
    let boundary = "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n";
    mail = mail.replacen("Content-Type: text/plain; charset=utf-8\r\n", boundary, 1);
    mail.push_str("--b\r\nContent-Type: image/jpeg; name=\"photo.jpg\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"photo.jpg\"\r\n\r\n");
    let mut state = number as u64 + 1;
    while mail.len() < bytes {
        for _ in 0..19 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            write!(mail, "{:04x}", (state >> 40) & 0xffff).expect("a String takes all");
        }
        mail.push_str("\r\n");
    }
    mail.push_str("--b--\r\n");
    mail.into_bytes()
}

fn peak_megabytes(daemon: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).expect("the daemon runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

// ---------------------------------------------------------------- latency

fn latency(mails: usize) {
    println!(
        "\nacknowledgement accepted by Postfix, {mails} mails one at a time (milliseconds: p50, p99, most)"
    );
    for (name, poll) in [("IDLE alone", 0), ("looking each 50 ms", 50)] {
        let dovecot = Dovecot::start();
        let postfix = Postfix::start(&dovecot);
        // Left in place: what is moved within the half second before EXISTS is never told.
        let mailbox = format!("folders = [\"INBOX\"]\nleave_in_place = true\npoll_beside_idle_ms = {poll}");
        let desk = Installation::new(
            &dovecot,
            &postfix,
            &Choice { mailbox, log: "warn,complaintd::adapters::imap=debug", ..Choice::default() },
        );
        let daemon = desk.start("log");
        pause(Duration::from_secs(2));
        let (from_exists, from_delivery) = one_at_a_time(&dovecot, &desk, &postfix, mails, poll);
        println!(
            "  {name:<20} after EXISTS {}   after delivery {}",
            spread(from_exists),
            spread(from_delivery)
        );
        daemon.stop();
    }
}

/// For each mail how long after the server told the daemon of it, and after its delivery, the
/// acknowledgement was taken.
fn one_at_a_time(
    dovecot: &Dovecot,
    desk: &Installation,
    postfix: &Postfix,
    mails: usize,
    poll: usize,
) -> (Vec<f64>, Vec<f64>) {
    let (exists, taken) = (tail(&desk.path("log"), is_told), tail(&postfix.log_path(), is_taken));
    let (mut from_exists, mut from_delivery) = (Vec::new(), Vec::new());
    for number in 0..mails {
        let unique = 1 + 2 * (number + mails * poll);
        let from = format!("customer{}+{unique}@lab.test", 1 + number % 20);
        // With a document, so that one who writes again within the day is acknowledged (PROCEDURE 2.14).
        let mail = String::from_utf8(large_mail(unique, INTAKE_BYTES)).expect("it is text");
        let (_, rest) = mail.split_once("To: info").expect("it has one");
        dovecot.deliver("info", format!("From: Client <{from}>\r\nTo: info{rest}").as_bytes());
        let delivered = Instant::now();
        let taken_at = taken.recv_timeout(Duration::from_secs(20)).expect("an acknowledgement");
        let told_at = exists.recv_timeout(Duration::from_secs(20)).expect("the daemon was told");
        from_exists.push(milliseconds(told_at, taken_at));
        from_delivery.push(milliseconds(delivered, taken_at));
        // Not in step with anybody's clock.
        pause(Duration::from_millis(300 + (number as u64 * 37) % 211));
        while exists.try_recv().is_ok() {}
    }
    (from_exists, from_delivery)
}

fn milliseconds(from: Instant, to: Instant) -> f64 {
    let forward = to.saturating_duration_since(from).as_secs_f64();
    let back = from.saturating_duration_since(to).as_secs_f64();
    (forward - back) * 1000.0
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |share: usize| values[(values.len() * share / 100).min(values.len() - 1)];
    format!("{:.0} {:.0} {:.0}", at(50), at(99), at(100))
}

/// Postfix has a letter of ours in its queue, and the client has its 250.
fn is_taken(line: &str) -> bool {
    line.contains("from=<info+") && line.contains("(queue active)")
}

/// The daemon heard EXISTS from the server, in IDLE or in an answer.
fn is_told(line: &str) -> bool {
    line.contains("the server told of mail")
}

/// The instant of each such line of a log. Ends with the process.
fn tail(log: &Path, is_wanted: fn(&str) -> bool) -> Receiver<Instant> {
    let mut file = File::open(log).expect("the log is there");
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let mut begun = String::new();
        drop(file.read_to_string(&mut begun));
        begun.clear();
        loop {
            let mut fresh = Vec::new();
            if file.read_to_end(&mut fresh).is_err() {
                return;
            }
            begun.push_str(&String::from_utf8_lossy(&fresh));
            while let Some((line, rest)) = begun.split_once('\n') {
                if is_wanted(line) && tell.send(Instant::now()).is_err() {
                    return;
                }
                begun = rest.to_owned();
            }
            pause(Duration::from_micros(500));
        }
    });
    told
}
