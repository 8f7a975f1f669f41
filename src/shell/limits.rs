//! Every limit of the shell, with its unit in its name.

use std::time::Duration;

use jiff::SignedDuration;

pub const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Mails fetched and stored in one transaction.
pub const INTAKE_BATCH_MAILS: usize = 400;
/// And in the first one of a look at a folder.
pub const INTAKE_FIRST_MAILS: usize = 100;
/// Their size on the server; one mail may be larger than that and is then a batch alone.
pub const INTAKE_BATCH_BYTES: u64 = 8 << 20;

/// The rest of a mail larger than `limits.mail_bytes` comes in parts of this size,
pub const REST_BYTES: u64 = 4 << 20;
/// at most so many of them in one round of a folder.
pub const REST_PARTS: u32 = 16;

/// Mails read at once; twice as many are triaged in one transaction at most.
pub const TRIAGE_BATCH_MAILS: usize = 256;
/// Threads that read mails, where there are so many cores beside the one that decides.
pub const READERS: usize = 4;
/// Mails taken up at once, in batches of which one is read while another is written.
pub const TRIAGE_AHEAD_MAILS: u32 = 1024;
pub const TRIAGE_AHEAD_BYTES: u64 = 8 << 20;
/// A round takes up no more mails after that long,
pub const TRIAGE_ROUND_LONGEST: SignedDuration = SignedDuration::from_secs(10);
/// and decides on no more after that long, however slow scanner or database are: with the scanner's patience
/// added, the watchdog sees the round end in time.
pub const TRIAGE_ROUND_MOST: SignedDuration = SignedDuration::from_secs(20);
/// Begun so often and never finished: the mail is set aside (TRAPS 4). Many, since a process that is killed
/// counts as well, and a machine in trouble is killed often: seen in the live test, where five in a row
/// met an innocent mail. A mail that kills the process is set aside after twenty restarts, two minutes.
pub const READING_TRIES: u32 = 20;

/// Letters claimed at once: so many a crash makes wait until their claim has lapsed.
pub const OUTBOX_BATCH_LETTERS: u32 = 8;
/// Letters handed to the relay side by side, each on a connection of its own: so many a crash can repeat.
pub const OUTBOX_SIDE_BY_SIDE: u32 = 4;
/// How often one letter after another is handed over within a claim.
const CLAIM_TURNS: u32 = OUTBOX_BATCH_LETTERS.div_ceil(OUTBOX_SIDE_BY_SIDE);

/// How long a claim lasts where one hand-over may take `attempt`: twice what all turns take at most, so
/// that a second instance never sends what the first is still sending, and a letter whose process was
/// killed is not late for longer than that.
pub fn claim_lasts(attempt: Duration) -> SignedDuration {
    let all = attempt.saturating_mul(2 * CLAIM_TURNS);
    SignedDuration::try_from(all).unwrap_or(SignedDuration::MAX)
}
/// A letter to a customer whose attempts ended so often in a row without a word on their outcome goes
/// to a human: something is wrong beyond a machine that goes down, and the customer may have it already.
pub const CUT_SHORT_MOST: u32 = 5;
/// The relay's answer is cut to this many characters.
pub const RELAY_ANSWER_CHARS: usize = 300;

/// Mails that the virus scanner looks at side by side: fewer than its threads (clamd: `MaxThreads`, 10).
pub const SCANS_SIDE_BY_SIDE: usize = 4;
/// A batch goes on unscanned after that long: below the patience of systemd, which waits 90 seconds for a
/// step in hand.
pub const SCAN_BATCH_LONGEST: Duration = Duration::from_secs(45);
/// Documents of one mail that are looked at by themselves; what lies beyond is not known to be clean.
pub const DOCUMENTS_SCANNED: usize = 100;
/// And no longer than this.
pub const DOCUMENTS_LONGEST: Duration = Duration::from_secs(25);
/// A scanner that does not answer is left alone so long, doubled each time up to the most.
pub const SCAN_REST_FIRST: SignedDuration = SignedDuration::from_secs(30);
pub const SCAN_REST_MOST: SignedDuration = SignedDuration::from_mins(5);
/// A mail on which the scanner failed so often, though well, is given up: its documents stay withheld. More
/// than the minutes for which clamd may stop answering while it reads new signatures.
pub const SCAN_TRIES: u32 = 10;
/// Mails looked at late in one round.
pub const RESCAN_BATCH_MAILS: u32 = 50;
pub const RESCAN_BATCH_BYTES: u64 = 8 << 20;
/// And no longer than this: more than one mail takes at most (`scanner.timeout_seconds` is 40 at most, a
/// greeting 5), and below the patience of systemd.
pub const RESCAN_LONGEST: Duration = Duration::from_secs(80);

/// Due clocks taken in one round.
pub const DEADLINES_BATCH: u32 = 200;

/// A decision is made afresh so often when the case moves meanwhile.
pub const COMMIT_TRIES: u32 = 8;

const _: () = assert!(OUTBOX_SIDE_BY_SIDE <= OUTBOX_BATCH_LETTERS);
const _: () = assert!(READING_TRIES >= 2, "the first try may have died for another mail of its batch");
