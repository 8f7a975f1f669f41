//! The world as made up: a mailbox in memory, a relay that keeps what it takes, a virus scanner, a store
//! on a temporary SQLite file, and the scenario's people.

use std::sync::Arc;
use std::time::Duration;

use complaintd::adapters::store::SqlStore;
use complaintd::core::ids::Address;
use complaintd::ports::*;
use complaintd::shell::Desk;
use complaintd::shell::intake::Folder;
use complaintd::shell::run::settle;
use complaintd::shell::scan::Scanning;
use complaintd::shell::{activate, intake};
use futures::FutureExt as _;
use jiff::{SignedDuration, Timestamp};

use crate::common;
use crate::common::sim::{SimMailbox, SimRelay, SimScanner, VIRUS, message_id_of};
use crate::faults::{CRASH, Faults, Pointed};

/// What the oracle knows of a mail: who wrote it, and what the published procedure owes them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owed {
    /// A human's first mail: one case, one acknowledgement.
    Acknowledgement,
    /// A human's mail that belongs to a case there is: no further case.
    NoFurtherCase,
    /// A mail that has been here before, but for a header field: nothing at all.
    SameAgain,
    /// A robot's: nothing is ever sent back.
    Silence,
    /// Nobody can tell: a human is told, nothing is sent to the sender.
    Human,
}

#[derive(Clone, Debug)]
pub struct Sent {
    pub from: &'static str,
    pub owed: Owed,
    pub raw: Vec<u8>,
}

/// A desk in this world. Dropped and built again, it is a process started anew.
pub struct World {
    pub mailbox: SimMailbox,
    pub relay: SimRelay,
    pub scanner: SimScanner,
    pub store: Arc<dyn Store>,
    pub sql: Arc<SqlStore>,
    pub sent: Vec<Sent>,
    pub now: Timestamp,
    /// When the desk began.
    opened: Timestamp,
    _dir: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let url = format!("sqlite:{}", dir.path().join("sim.db").display());
        let sql = Arc::new(SqlStore::connect(&url).await.expect("a new database"));
        sql.migrate().await.expect("migrations apply");
        let now: Timestamp = "2026-11-23T13:00:00Z".parse().expect("an instant");
        let store: Arc<dyn Store> = sql.clone();
        let opened = now - SignedDuration::from_hours(1);
        activate(store.as_ref(), opened).await.expect("the desk begins");
        Self {
            mailbox: SimMailbox::new(),
            relay: SimRelay::default(),
            scanner: SimScanner::default(),
            store,
            sql,
            sent: Vec::new(),
            now,
            opened,
            _dir: dir,
        }
    }

    pub fn desk(&self, faults: &Arc<Faults>) -> Desk {
        let store = Pointed { inner: self.store.clone(), faults: faults.clone() };
        let scanner = Pointed { inner: self.scanner.clone(), faults: faults.clone() };
        let mut desk = common::desk(Arc::new(store), self.opened);
        desk.scanning = Some(Arc::new(Scanning::new(Arc::new(scanner))));
        desk.mail_bytes = LARGE_BYTES as u64;
        desk
    }

    pub fn arrives(&mut self, mail: Sent) {
        self.mailbox.arrives(&mail.raw, self.now);
        self.sent.push(mail);
    }

    pub fn all_arrive(&mut self, mails: Vec<Sent>) {
        for mail in mails {
            self.arrives(mail);
        }
    }

    /// The letter that went to this address, to be answered.
    pub fn letter_to(&self, address: &str) -> Option<Outgoing> {
        let address = Address::parse(address).expect("an address");
        self.relay.taken().into_iter().find(|letter| letter.recipient == address)
    }

    /// One process: looks at the mailbox and works until nothing is left. True if it lived.
    pub async fn process(&self, faults: &Arc<Faults>) -> bool {
        let (mailbox, relay) = (self.mailbox.clone(), self.relay.clone());
        let desk = self.desk(faults);
        let (faults, now) = (faults.clone(), self.now);
        let life = async move {
            let mailbox = Pointed { inner: mailbox, faults: faults.clone() };
            let mut folder = Folder { mailbox: Box::new(mailbox), mx_hosts: Vec::new() };
            let relay = Pointed { inner: relay, faults };
            // An error ends a round, as in the daemon; the next process goes on.
            let looked = intake::round(&desk, &mut folder, now, &|| {}).await;
            let settled = settle(&desk, &relay, now).await;
            looked.is_ok() && settled.is_ok()
        };
        let life = std::panic::AssertUnwindSafe(life).catch_unwind();
        let Ok(ended) = tokio::time::timeout(LONGEST_LIFE, life).await else {
            panic!("the program does not come to rest: it tries the same again and again");
        };
        match ended {
            Ok(well) => well,
            Err(panic) => {
                let expected = panic.downcast_ref::<&str>().is_some_and(|text| *text == CRASH);
                assert!(expected, "the program panicked by itself");
                false
            }
        }
    }

    /// Processes without faults, through the retries of a few hours, until all is quiet.
    pub async fn settles(&mut self) {
        for _ in 0..6 {
            assert!(self.process(&Faults::none()).await, "a round without faults fails");
            self.now += SignedDuration::from_mins(20);
        }
    }
}

/// A process of this world has a handful of mails to look at.
const LONGEST_LIFE: Duration = Duration::from_mins(1);
/// Above this a mail is not read.
const LARGE_BYTES: usize = 20_000;

/// Writes a human's mail.
pub fn human(from: &'static str, id: &str, subject: &str, text: &str, more: &str) -> Vec<u8> {
    format!(
        "From: {from}\r\nTo: info@divikeys.com\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 08:58:00 -0400\r\n\
         Message-ID: <{id}>\r\n{more}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    .into_bytes()
}

/// As [`human`], with a document that holds a virus beside one that does not.
pub fn infected(from: &'static str, id: &str, text: &str) -> Vec<u8> {
    let document = |name: &str, content: &str| {
        format!("--b\r\nContent-Type: application/pdf; name={name}\r\n\r\n%PDF-1.4 {id} {content}\r\n")
    };
    let (good, bad) = (document("good.pdf", "fine"), document("bad.pdf", VIRUS));
    format!(
        "From: {from}\r\nTo: info@divikeys.com\r\nSubject: Preuve\r\nDate: Mon, 23 Nov 2026 08:58:00 -0400\r\n\
         Message-ID: <{id}>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n{good}{bad}--b--\r\n"
    )
    .into_bytes()
}

/// The scenario of the *everywhere* tests: complaints, a robot, a mail twice, one without a sender, one
/// to an address that the relay refuses, one with a virus.
pub fn first_mails() -> Vec<Sent> {
    let complaint =
        "Bonjour, mon virement de 200 euros n'est jamais arrivé, je demande son remboursement. Marie";
    let marie = human("Marie <marie@client.example>", "m1@client.example", "Virement", complaint, "");
    let auto = "Auto-Submitted: auto-replied\r\n";
    vec![
        Sent { from: "marie@client.example", owed: Owed::Acknowledgement, raw: marie.clone() },
        Sent {
            from: "john@client.example",
            owed: Owed::Acknowledgement,
            raw: human(
                "John <john@client.example>",
                "j1@client.example",
                "Complaint",
                "I am still waiting for the repayment that you promised in June. John",
                "",
            ),
        },
        Sent {
            from: "robot@client.example",
            owed: Owed::Silence,
            raw: human(
                "Robot <robot@client.example>",
                "r1@client.example",
                "Absence",
                "Je suis absent.",
                auto,
            ),
        },
        Sent {
            from: "marie@client.example",
            owed: Owed::SameAgain,
            raw: [b"Delivered-To: reclamations@divikeys.com\r\n".as_slice(), &marie].concat(),
        },
        Sent {
            from: "nobody",
            owed: Owed::Human,
            raw: b"To: info@divikeys.com\r\nSubject: x\r\n\r\nsans auteur\r\n".to_vec(),
        },
        Sent {
            from: "large@client.example",
            owed: Owed::Human,
            raw: human(
                "Large <large@client.example>",
                "l1@client.example",
                "Photos",
                &"x".repeat(LARGE_BYTES),
                "",
            ),
        },
        Sent {
            from: "gone@refused.example",
            owed: Owed::Human,
            raw: human(
                "Gone <gone@refused.example>",
                "g1@refused.example",
                "Frais",
                "Vous m'avez pris 25 euros de frais, c'est inadmissible.",
                "",
            ),
        },
        Sent {
            from: "vera@client.example",
            owed: Owed::Acknowledgement,
            raw: infected(
                "Vera <vera@client.example>",
                "v1@client.example",
                "Mon compte est bloqué depuis un mois et personne ne répond, voici la preuve. Vera",
            ),
        },
    ]
}

/// What follows once Marie has her acknowledgement: her answer, and a robot's.
pub fn second_mails(ack: &Outgoing) -> Vec<Sent> {
    let threading = format!("In-Reply-To: <{}>\r\n", message_id_of(&ack.bytes));
    let vacation = format!("{threading}Auto-Submitted: auto-replied\r\n");
    vec![
        Sent {
            from: "marie@client.example",
            owed: Owed::NoFurtherCase,
            raw: human(
                "Marie <marie@client.example>",
                "m2@client.example",
                "Re: Virement",
                "Toujours rien.",
                &threading,
            ),
        },
        Sent {
            from: "marie@client.example",
            owed: Owed::Silence,
            raw: human(
                "Marie <marie@client.example>",
                "m3@client.example",
                "Absence",
                "Je suis absente.",
                &vacation,
            ),
        },
    ]
}
