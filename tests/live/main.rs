//! Tests against real servers: Dovecot, Postfix, PostgreSQL, clamd.

mod imap;
mod lab;
mod servers;
mod smtp;
