//! Tests that need no server: one binary, one module an area.

#[path = "../common/mod.rs"]
mod common;

#[path = "../common/mod.rs"]
mod common;

mod calendar;
mod config;
mod conversations;
mod corpus;
mod hostile;
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod imap;
mod mail;
mod maildir;
mod histories;
mod procedure;
mod routes;
mod rules;
mod sources;
mod tidy;
//! Tests that need no server, in one binary.

#[path = "../conformance/mod.rs"]
mod conformance;
mod migrations;
mod store;
mod smtp;
