//! How fast the store writes: mails kept, looked up, and committed as new cases in batches, each with
//! seven journal entries, four deadlines and a letter of 9 kB.
//!
//! `cargo run --release --example store_pace -- [MAILS] [URL]`; without a URL a SQLite file in the
//! system's temporary directory.

use std::time::Instant;

use complaintd::adapters::store::SqlStore;
use complaintd::core::case::{Case, Clock, Complainant, MessageRole};
use complaintd::core::decide::applied;
use complaintd::core::event::{Actor, Event, MessageAdded, Opened};
use complaintd::core::facts::Language;
use complaintd::core::ids::{Address, CaseNumber, Digest, MessageId};
use complaintd::core::letter::{Channel, Letter, LetterKind, LetterLanguage, LetterState};
use complaintd::ports::{
    Arrival, CaseChange, Clues, Commit, Committed, Composed, Disposition, MailHeadline, MailOutcome, Place,
    Settle, Store as _, StoredMail,
};
use jiff::{SignedDuration, Timestamp};

const BATCH: u32 = 100;
const MAIL_BYTES: usize = 5_000;
const LETTER_BYTES: usize = 9_000;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mails: u32 = arguments.next().map_or(Ok(5_000), |text| text.parse())?;
    let path = std::env::temp_dir().join(format!("store-pace-{}.db", std::process::id()));
    let url = arguments.next().unwrap_or_else(|| format!("sqlite:{}", path.display()));
    let store = SqlStore::connect(&url).await?;
    store.migrate().await?;
    let arrivals: Vec<Arrival> = (1..=mails).map(arrival).collect();

    let mut lap = Lap::start(mails);
    for part in arrivals.chunks(BATCH as usize) {
        store.keep(part).await?;
    }
    lap.tell("keep");
    let places: Vec<Place> = arrivals.iter().map(|arrival| arrival.place.clone()).collect();
    anyhow::ensure!(store.stored(&places).await?.len() == mails as usize);
    lap.tell("stored");
    let all = store.received(0, mails, u64::MAX).await?;
    lap.tell("received");
    for part in all.chunks(BATCH as usize) {
        store.known(&part.iter().map(clues).collect::<Vec<_>>()).await?;
    }
    lap.tell("known");
    let commits: Vec<Commit> = all.iter().zip(1..).map(|(mail, serial)| opening(serial, mail)).collect();
    lap.tell("(decide)");
    for part in commits.chunks(BATCH as usize) {
        anyhow::ensure!(store.commit(part).await? == Committed::Done);
    }
    lap.tell("commit");
    deliver(&store, mails).await?;
    lap.tell("claim, settle");
    let verified = store.verify().await?;
    lap.tell("verify");
    println!("{} findings", verified.findings.len());
    store.close().await.expect("nobody else uses it");
    if path.exists() {
        println!("{} bytes a mail in the file", std::fs::metadata(&path)?.len() / u64::from(mails));
        std::fs::remove_file(path)?;
    }
    Ok(())
}

async fn deliver(store: &SqlStore, mails: u32) -> anyhow::Result<()> {
    let mut sent = 0;
    while sent < mails as usize {
        let claimed = store.claim(instant(10), instant(20), BATCH, false).await?;
        let mut commits = Vec::with_capacity(claimed.len());
        for letter in &claimed {
            let case = store.case(letter.case).await?.expect("the letter's case");
            let events =
                vec![Event::LetterSent { ordinal: letter.ordinal, reply: "250 2.0.0 Ok".to_owned() }];
            let mut commit = change(&case, events);
            commit.settle = Some(Settle {
                letter: letter.id,
                attempt: letter.attempt,
                state: LetterState::Sent,
                next_at: None,
                reply: "250 2.0.0 Ok".to_owned(),
            });
            commits.push(commit);
        }
        anyhow::ensure!(store.commit(&commits).await? == Committed::Done);
        sent += claimed.len();
    }
    Ok(())
}

/// Wall and processor time since the last lap, for each mail.
struct Lap {
    mails: u32,
    wall: Instant,
    cpu: f64,
}

impl Lap {
    #[expect(clippy::disallowed_methods, reason = "this program measures time")]
    fn start(mails: u32) -> Self {
        Self { mails, wall: Instant::now(), cpu: cpu_seconds() }
    }

    fn tell(&mut self, what: &str) {
        let (wall, cpu) = (self.wall.elapsed().as_secs_f64(), cpu_seconds() - self.cpu);
        let mails = f64::from(self.mails);
        println!(
            "{what:14} {:8.0} a second, {:.3} ms of processor time each",
            mails / wall,
            cpu * 1000.0 / mails
        );
        *self = Self::start(self.mails);
    }
}

/// User and system time of this process (proc(5): fields 14 and 15 of stat, in hundredths).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields = stat.rsplit_once(')').expect("a name in brackets").1.split_whitespace();
    fields.skip(11).take(2).map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / 100.0
}

fn instant(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-05-28T02:30:00Z".parse().expect("an instant");
    start + SignedDuration::from_mins(minutes)
}

fn sender(serial: u32) -> Address {
    Address::parse(&format!("person{serial}@example.fr")).expect("an address")
}

fn message_id(serial: u32) -> MessageId {
    MessageId::parse(&format!("CAJx{:032x}@mail.example.fr", Digest::of(&serial.to_be_bytes()).as_bytes()[0]))
        .and_then(|id| MessageId::parse(&format!("{serial}.{id}")))
        .expect("a Message-ID")
}

fn arrival(uid: u32) -> Arrival {
    let raw = format!("{uid:0>MAIL_BYTES$}").into_bytes();
    let place =
        Place { mailbox: "info".to_owned(), folder: "INBOX".to_owned(), validity: 7, uid: uid.to_string() };
    Arrival {
        place,
        digest: Digest::of(&raw),
        received_at: instant(0),
        bytes: raw.len() as u64,
        raw,
        set_aside: None,
    }
}

fn serial_of(mail: &StoredMail) -> u32 {
    mail.place.uid.parse().expect("a number")
}

fn clues(mail: &StoredMail) -> Clues {
    let serial = serial_of(mail);
    Clues {
        mail: mail.id,
        digest: mail.digest,
        content: mail.digest,
        message_id: Some(message_id(serial)),
        sender: Some(sender(serial)),
        signed: vec![],
        answered: vec![message_id(serial + 1)],
        references: vec![],
    }
}

fn change(before: &Case, events: Vec<Event>) -> Commit {
    let at = instant(1);
    let after = applied(before, &events, at);
    let change =
        CaseChange { before_seq: before.seq, after, events, actor: Actor::Desk, at, letters: Vec::new() };
    Commit { change: Some(change), ..Commit::default() }
}

fn opening(serial: u32, mail: &StoredMail) -> Commit {
    let case = Case::unopened(CaseNumber::new(2026, serial).expect("a serial"));
    let letter = acknowledgement(serial);
    let set = |clock, hours: i64| Event::DeadlineSet {
        clock,
        due_at: instant(hours * 60),
        calendar: "fr-saint-martin 2026-1".to_owned(),
    };
    let events = vec![
        Event::Opened(Box::new(opened(serial))),
        Event::MessageAdded(Box::new(added(serial, mail.digest))),
        set(Clock::Ack, 48),
        set(Clock::AckWatch, 12),
        set(Clock::Resolution, 500),
        set(Clock::Cap, 1500),
        Event::LetterWritten { letter: Box::new(letter.clone()) },
    ];
    let mut commit = change(&case, events);
    let composed = Composed {
        letter,
        message_id: MessageId::parse(&format!("r-2026-{serial}.1.abcdefghijklmnop@divikeys.com"))
            .expect("an id"),
        envelope_from: Address::parse("info@divikeys.com").expect("an address"),
        bytes: vec![b'a'; LETTER_BYTES],
        held: false,
    };
    commit.change.as_mut().expect("a change").letters.push(composed);
    commit.mail = Some(MailOutcome {
        mail: mail.id,
        disposition: Disposition::Filed,
        case: Some(case.number),
        cause: None,
        scan: complaintd::core::scan::Scan::NotAsked,
        facts: Some(MailHeadline {
            message_id: Some(message_id(serial)),
            content: mail.digest,
            sender: Some(sender(serial)),
            subject: "Je n'ai pas reçu mon remboursement".to_owned(),
            sent_at: Some(instant(0)),
            origin: "human",
            authenticity: complaintd::core::authenticity::Authenticity::default(),
        }),
    });
    commit
}

fn acknowledgement(serial: u32) -> Letter {
    Letter {
        ordinal: 1,
        kind: LetterKind::Acknowledgement,
        channel: Channel::Mail,
        to: sender(serial),
        to_name: "Marie Dupont".to_owned(),
        language: LetterLanguage::French,
        in_reply_to: Some(message_id(serial)),
        references: vec![message_id(serial)],
        about: None,
        written_at: instant(1),
        bytes: None,
    }
}

fn opened(serial: u32) -> Opened {
    Opened {
        complainant: Complainant { name: "Marie Dupont".to_owned(), address: Some(sender(serial)) },
        subject: "Je n'ai pas reçu mon remboursement".to_owned(),
        sent_at: instant(0),
        received_at: instant(0),
        language: Language::French,
        intent: None,
        category: None,
        flags: [].into(),
        missing: [].into(),
        for_another: false,
        mediator_limit: jiff::civil::date(2027, 5, 28),
    }
}

fn added(serial: u32, mail: Digest) -> MessageAdded {
    MessageAdded {
        mail,
        message_id: Some(message_id(serial)),
        references: vec![message_id(serial)],
        role: MessageRole::Complaint,
        because: "opened the case".to_owned(),
        received_at: instant(0),
        documents: vec![],
        flags: [].into(),
    }
}
