//! Tests against real servers on loopback, in one binary: Dovecot, Postfix, PostgreSQL, clamd. A server
//! that is not installed fails them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "../conformance/mod.rs"]
mod conformance;
mod desk;
mod imap;
mod installation;
mod kill;
mod lab;
mod postgres;
mod scanner;
mod servers;
mod smtp;
mod store;
