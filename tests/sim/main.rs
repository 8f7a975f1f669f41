//! Simulation: the real core, shell and store, with a mailbox, a relay and a time that are made up.
//!
//! *Crash everywhere* dies at every point where the shell touches the world; *intrude everywhere* lets a
//! second shell run a whole round there; the *swarm* draws scenarios and faults from seeds. What must be
//! true afterwards is said by the oracle, which knows the mails that were sent and nothing of the program.

#[path = "../common/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the simulation uses a part of it")]
mod common;
mod faults;
mod oracle;
mod world;

mod crash_everywhere;
mod intrude_everywhere;
mod swarm;
