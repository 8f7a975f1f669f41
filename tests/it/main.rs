//! Tests that need no server: one binary, one module an area.

mod imap;
mod maildir;

mod calendar;
mod config;

mod procedure;
mod sources;
mod tidy;
//! One binary for all tests that need nothing but this process and a temporary folder.

mod corpus;
mod hostile;
mod mail;
