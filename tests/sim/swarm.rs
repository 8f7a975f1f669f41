//! Seeds draw a scenario and faults: who writes when, viruses, crashes, failing edges, a scanner that is
//! down, second instances, lost UIDs.
//! First anything may happen; then nothing more goes wrong, and all that is owed must come true.

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::common::sim::message_id_of;
use crate::faults::{Fault, Faults};
use crate::oracle::{Repeats, check};
use crate::world::{Owed, Sent, World, human, infected};

/// Seeds that once found something, kept for ever.
const FOUND: &[u64] = &[];
const FRESH: std::ops::Range<u64> = 1..61;

const PEOPLE: &[&str] =
    &["anne@a.example", "bob@b.example", "chloe@c.example", "dan@d.example", "eve@e.example"];

struct Drawn {
    world: World,
    rng: StdRng,
    written: Vec<&'static str>,
    count: u32,
    faults: usize,
}

impl Drawn {
    fn somebody_writes(&mut self) {
        let from = *PEOPLE.choose(&mut self.rng).expect("there are people");
        self.count += 1;
        let id = format!("s{}@{from}", self.count);
        if self.written.contains(&from) {
            return self.writes_again(from, &id);
        }
        self.written.push(from);
        let text =
            format!("Bonjour, le remboursement numéro {} n'est pas arrivé, je suis mécontent.", self.count);
        let raw = if self.rng.random_bool(0.2) {
            infected(from, &id, &text)
        } else {
            human(from, &id, "Remboursement", &text, "")
        };
        self.world.arrives(Sent { from, owed: Owed::Acknowledgement, raw });
    }

    /// An answer if there is a letter to answer, else a robot's mail: both leave it at one case.
    fn writes_again(&mut self, from: &'static str, id: &str) {
        let threading = match self.world.letter_to(from) {
            Some(letter) => format!("In-Reply-To: <{}>\r\n", message_id_of(&letter.bytes)),
            None => "Auto-Submitted: auto-replied\r\n".to_owned(),
        };
        let raw = human(from, id, "Re: Remboursement", "Et encore une chose.", &threading);
        self.world.arrives(Sent { from, owed: Owed::NoFurtherCase, raw });
    }

    fn robot_writes(&mut self) {
        self.count += 1;
        let id = format!("r{}@robot.example", self.count);
        let raw = human("robot@robot.example", &id, "Newsletter", "Nos offres", "Precedence: bulk\r\n");
        self.world.arrives(Sent { from: "robot@robot.example", owed: Owed::Silence, raw });
    }

    async fn works_badly(&mut self) {
        let planned: Vec<(usize, Fault)> = (0..self.rng.random_range(0..3))
            .map(|_| {
                let fault = if self.rng.random_bool(0.5) { Fault::Crash } else { Fault::Fail };
                (self.rng.random_range(0..90), fault)
            })
            .collect();
        self.faults += planned.len();
        self.world.process(&Faults::several(planned)).await;
    }
}

async fn play(seed: u64) {
    let mut drawn = Drawn {
        world: World::new().await,
        rng: StdRng::seed_from_u64(seed),
        written: Vec::new(),
        count: 0,
        faults: 0,
    };
    for _ in 0..drawn.rng.random_range(4..14) {
        match drawn.rng.random_range(0..13) {
            0..=4 => drawn.somebody_writes(),
            5 => drawn.robot_writes(),
            6 => drawn.world.mailbox.loses_its_uids(drawn.world.now),
            7 => drawn.world.scanner.goes_down(),
            8 => drawn.world.scanner.comes_back(),
            _ => drawn.works_badly().await,
        }
        let minutes = drawn.rng.random_range(0..15);
        drawn.world.now += SignedDuration::from_mins(minutes);
    }
    drawn.world.scanner.comes_back();
    drawn.world.settles().await;
    crate::oracle::describe(&drawn.world).await;
    let repeats = Repeats::AtMost(drawn.faults * complaintd::shell::limits::OUTBOX_SIDE_BY_SIDE as usize);
    check(&drawn.world, repeats).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_seed_draws_ends_well() {
    for seed in FOUND.iter().copied().chain(FRESH) {
        eprintln!("seed {seed}");
        play(seed).await;
    }
}
