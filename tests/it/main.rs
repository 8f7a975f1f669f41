//! Tests that need no server: one binary, one module an area.

mod imap;
mod maildir;

mod calendar;
mod config;

mod procedure;
mod sources;
mod tidy;
