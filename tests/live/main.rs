//! Tests against real servers: Dovecot, Postfix, PostgreSQL, clamd.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod imap;
mod lab;
mod servers;
mod smtp;
//! Tests against real servers on loopback, in one binary. A server that is not installed fails them.

#[path = "../conformance/mod.rs"]
mod conformance;
mod postgres;
mod store;
