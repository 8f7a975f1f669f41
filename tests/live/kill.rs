//! `kill -9`, again and again, while mail arrives: nothing is lost, nobody is answered twice beyond what
//! a hand-over that died in the middle may repeat, and no robot is answered at all.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use complaintd::adapters::store::SqlStore;
use complaintd::core::ids::{CaseNumber, Digest};
use complaintd::core::letter::LetterState;
use complaintd::ports::{Disposition, Store as _};
use complaintd::shell::limits::OUTBOX_SIDE_BY_SIDE;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::installation::{Choice, FILED, Installation, Running, delivered, eventually, header, messages_in};
use crate::lab::{Dovecot, Postfix, pause};
use crate::postgres::Postgres;

const MAILS: usize = 300;
/// Each tenth is a robot's.
const ROBOT_EACH: usize = 10;
const CUSTOMERS: usize = 20;

struct Sent {
    from: String,
    robot: bool,
    raw: Vec<u8>,
}

fn mails() -> Vec<Sent> {
    (0..MAILS).map(mail).collect()
}

fn mail(number: usize) -> Sent {
    let robot = number.is_multiple_of(ROBOT_EACH);
    let from = format!("customer{}+{number}@lab.test", 1 + number % CUSTOMERS);
    let mark = match (robot, number % (2 * ROBOT_EACH)) {
        (false, _) => "",
        (true, 0) => "Auto-Submitted: auto-replied\r\n",
        (true, _) => "List-Id: <news.client.example>\r\nPrecedence: bulk\r\n",
    };
    let words = if robot {
        format!("Je suis absent du bureau jusqu'au 8 décembre et lirai votre message {number} à mon retour.")
    } else if number.is_multiple_of(2) {
        format!(
            "Bonjour,\r\n\r\nmon virement numéro {number} n'est jamais arrivé, je demande son remboursement."
        )
    } else {
        format!("Hello,\r\n\r\nmy transfer number {number} never arrived and I want my money back.")
    };
    // Customers bring a document: they write again within the day (PROCEDURE 2.14).
    let document = if robot {
        ""
    } else {
        "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename=\"releve.csv\"\r\n\r\n1;200\r\n"
    };
    let raw = format!(
        "From: Client {number} <{from}>\r\nTo: info@lab.test\r\nSubject: Virement {number}\r\n\
         Date: Mon, 23 Nov 2026 08:58:00 -0400\r\nMessage-ID: <{number}@client.example>\r\n{mark}MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n{document}--b--\r\n"
    );
    Sent { from, robot, raw: raw.into_bytes() }
}

#[tokio::test]
async fn killed_again_and_again_on_sqlite() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let desk = Installation::new(&dovecot, &postfix, &Choice::default());
    torment(&dovecot, &desk, 1, 20_261_123).await;
}

/// Two instances side by side on one database and one mailbox, and both are killed.
#[tokio::test]
async fn killed_again_and_again_two_on_postgresql() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let postgres = Postgres::start().await;
    let choice = Choice { store: postgres.database("desk").await, ..Choice::default() };
    let desk = Installation::new(&dovecot, &postfix, &choice);
    torment(&dovecot, &desk, 2, 20_261_124).await;
}

async fn torment(dovecot: &Dovecot, desk: &Installation, instances: usize, seed: u64) {
    let sent = mails();
    // The tables are there: what is killed is the desk, not its installation.
    assert!(desk.command(&["migrate"]).status.success());
    let kills = std::thread::scope(|scope| {
        let arriving = scope.spawn(|| {
            for mail in &sent {
                dovecot.deliver("info", &mail.raw);
                pause(Duration::from_millis(20));
            }
        });
        kill_while(desk, instances, seed, || !arriving.is_finished())
    });
    println!("{kills} kills on {instances} instance(s)");
    assert!(kills > 30, "only {kills} kills: the test shows nothing");
    let calm: Vec<Running> = (0..instances).map(|number| desk.start(&format!("calm{number}"))).collect();
    let store = SqlStore::connect(&desk.store_url).await.expect("the store opens");
    settles(&store).await;
    for daemon in calm {
        assert_eq!(daemon.stop().code(), Some(0));
    }
    everything_is_in_one_place(dovecot, &store, &sent, instances).await;
    humans_have_their_letter(dovecot, &sent, kills);
    let proof = desk.json(&["verify"]).pop().expect("one line");
    assert_eq!(proof["holds"], true, "{proof}");
}

/// Starts the instances and kills each after a while, as long as there is mail to come; answers how often.
fn kill_while(desk: &Installation, instances: usize, seed: u64, more: impl Fn() -> bool) -> usize {
    let mut random = StdRng::seed_from_u64(seed);
    let mut start = |number: usize| (desk.start(&format!("log{number}")), random.random_range(100..400_u64));
    let mut running: Vec<(Running, u64)> = (0..instances).map(&mut start).collect();
    let mut kills = 0;
    while more() {
        let (next, wait) =
            (0..instances).map(|i| (i, running[i].1)).min_by_key(|(_, left)| *left).expect("one");
        pause(Duration::from_millis(wait));
        for (_, left) in &mut running {
            *left -= wait;
        }
        running.remove(next).0.kill();
        running.insert(next, start(next));
        kills += 1;
    }
    kills + running.into_iter().map(|(daemon, _)| daemon.kill()).count()
}

/// Until nothing waits any more; a letter whose process was killed waits for its claim to end.
async fn settles(store: &SqlStore) {
    for _ in 0..600 {
        let tally = store.tally().await.expect("the store answers");
        let kept = store.mails(None, None).await.expect("the store answers").len();
        if kept >= MAILS && tally.mails_received == 0 && tally.letters_queued == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not settled within a minute: {:?}", store.tally().await);
}

/// Each mail is stored once and is filed, in a case of its own if a human wrote it; the inbox is empty.
async fn everything_is_in_one_place(dovecot: &Dovecot, store: &SqlStore, sent: &[Sent], instances: usize) {
    let kept = store.mails(None, None).await.expect("the store answers");
    assert_eq!(kept.len(), MAILS, "mails in the store");
    let aside: Vec<_> = kept.iter().filter(|entry| entry.disposition != Disposition::Filed).collect();
    assert!(aside.is_empty(), "not filed: {aside:?}");
    let mut cases: BTreeSet<CaseNumber> = BTreeSet::new();
    for mail in sent {
        let from = &mail.from;
        let id = header(&mail.raw, "Message-ID").expect("it has one");
        let id = id.trim_matches(['<', '>']);
        let is_this = |given: &str| given.trim_matches(['<', '>']) == id;
        let found: Vec<_> =
            kept.iter().filter(|entry| entry.message_id.as_deref().is_some_and(is_this)).collect();
        assert_eq!(found.len(), 1, "{from}: stored {} times", found.len());
        let entry = found[0];
        assert_eq!(entry.disposition, Disposition::Filed, "{from}: {:?}", entry.cause);
        assert_eq!(entry.case.is_none(), mail.robot, "{from}: {:?} {:?}", entry.case, entry.cause);
        let raw = store.mail(entry.id).await.expect("the store answers").expect("it is there").raw;
        assert!(raw.ends_with(&mail.raw), "{from}: other bytes are kept");
        assert_eq!(Digest::of(&raw), entry.digest);
        assert!(entry.case.is_none_or(|case| cases.insert(case)), "{from}: a case with two mails");
    }
    let all = store.cases().await.expect("the store answers");
    let real: Vec<_> = all.iter().filter(|case| case.number != CaseNumber::DESK).collect();
    assert_eq!(real.len(), cases.len(), "cases, and mails that opened one");
    assert!(real.iter().all(|case| case.acknowledged_at.is_some()), "a case without its acknowledgement");
    for state in [LetterState::Queued, LetterState::Held, LetterState::Failed, LetterState::Suppressed] {
        let letters = store.letters(Some(state), None).await.expect("the store answers");
        assert!(letters.is_empty(), "{} letters are {state}", letters.len());
    }
    assert_eq!(messages_in(dovecot, "INBOX"), 0, "mails left in the inbox");
    let filed = messages_in(dovecot, FILED);
    if instances == 1 {
        assert_eq!(filed, MAILS, "mails filed");
    } else {
        // Two sessions that MOVE the same mail at once may leave two copies of it (seen with Dovecot): never none.
        assert!(filed >= MAILS, "{filed} mails filed");
    }
}

/// Exactly one letter to each human, perhaps in several copies that are the same to the byte.
fn humans_have_their_letter(dovecot: &Dovecot, sent: &[Sent], kills: usize) {
    let humans: BTreeSet<&str> =
        sent.iter().filter(|mail| !mail.robot).map(|mail| mail.from.as_str()).collect();
    // Postfix may still be handing over.
    let letters = eventually("all acknowledgements arrive", 30, || {
        let letters = letters(dovecot);
        humans.iter().all(|human| letters.contains_key(*human)).then_some(letters)
    });
    let mut repeated = 0;
    for (to, copies) in &letters {
        assert!(humans.contains(to.as_str()), "a letter to {to}, who is no human that wrote");
        assert!(copies.iter().all(|copy| copy == &copies[0]), "{to} got different letters");
        repeated += copies.len() - 1;
    }
    println!("{} letters, {repeated} repeated", letters.len());
    let allowed = kills * OUTBOX_SIDE_BY_SIDE as usize;
    assert!(repeated <= allowed, "{repeated} letters were repeated, {allowed} are allowed");
}

/// Who got what: the letter as it left us, from its own first header on.
fn letters(dovecot: &Dovecot) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut letters: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for account in (1..=CUSTOMERS).map(|number| format!("customer{number}")) {
        for mail in delivered(dovecot, &account) {
            let to = header(&mail, "To").expect("a letter has a recipient");
            let to = to.rsplit_once('<').map_or(to.as_str(), |(_, address)| address.trim_end_matches('>'));
            letters.entry(to.to_owned()).or_default().push(as_sent(&mail));
        }
    }
    letters
}

/// Without what the servers on the way put before it.
fn as_sent(mail: &[u8]) -> Vec<u8> {
    let own = b"\nFrom: ";
    let start = mail.windows(own.len()).position(|window| window == own).expect("a letter has a sender");
    mail[start + 1..].to_vec()
}
