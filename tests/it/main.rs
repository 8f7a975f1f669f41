//! Tests that need no server: one binary, one module an area.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod imap;
mod maildir;
mod smtp;
