//! Tests against real servers: Dovecot, Postfix, PostgreSQL, clamd.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod imap;
mod lab;
mod servers;
mod smtp;
