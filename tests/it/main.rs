//! Tests that need no server, in one binary.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../conformance/mod.rs"]
mod conformance;

mod attachments;
mod authenticity;
mod calendar;
mod commands;
mod config;
mod conversations;
mod corpus;
mod histories;
mod hostile;
mod imap;
mod letters;
mod mail;
mod maildir;
mod migrations;
mod outlook;
mod procedure;
mod routes;
mod rules;
mod scanner;
mod smtp;
mod sources;
mod store;
mod tidy;
mod words;
