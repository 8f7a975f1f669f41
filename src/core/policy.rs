//! What an installation chose: everything that `decide` needs beside the case and the input.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::calendar::Calendar;
use super::ids::Address;
use super::token::TokenKey;

#[derive(Clone, Debug)]
pub struct Policy {
    pub calendar: Calendar,
    pub profile: Profile,
    /// The mailbox that customers write to, and from which letters come.
    pub mailbox: Address,
    /// The mailbox accepts `info+tag@`: reply and bounce addresses carry signed tokens.
    pub subaddressing: bool,
    /// Every address of ours, the mailbox included: mail from there is never a customer's.
    pub own: BTreeSet<Address>,
    /// Addresses of the company's people: their mail opens no case by itself.
    pub staff: BTreeSet<Address>,
    /// Who is told when something needs a human.
    pub alerts: Vec<Address>,
    /// Mail received before is history: nobody is answered (PROCEDURE 2.7, TRAPS 29).
    pub answer_since: Timestamp,
    pub caps: Caps,
    /// Hours after reception at which a human learns that no acknowledgement is sent (PROCEDURE 5.1).
    pub ack_watch_hours: Vec<i64>,
    pub key: TokenKey,
}

/// Which clocks beyond the published promise bind the company (⚖ by licence).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// Delegated Regulation (EU) 2022/2117: admissible or not within 10 working days.
    pub admissibility: bool,
    /// AMF DOC-2012-07: two months for all levels.
    pub cap: bool,
}

/// How many automatic letters at most (TRAPS 16). Each is a number of letters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caps {
    pub per_address_hour: u64,
    pub per_address_day: u64,
    /// Notices to one colleague in an hour; what lies beyond is seen in `case list` and in the digest.
    pub notices_hour: u64,
    /// Letters that may leave in an hour before the circuit breaker holds the outbox.
    pub desk_hour: u64,
}

/// How many letters an address, and the desk's own people, got lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    pub to_sender_hour: u64,
    pub to_sender_day: u64,
    pub notices_hour: u64,
}
