//! complaintd: a complaints desk in an ordinary mailbox.
//!
//! The map, in order of dependence; each module uses only those above it (docs/ARCHITECTURE.md):
//!
//! - [`core`]: what the procedure means; pure.
//! - [`mail`]: bytes to facts and letters to bytes; pure.
//! - [`ports`]: the edges to the world, as traits.
//! - [`shell`]: the reconcilers that read stored state and the time, and commit.
//! - [`adapters`]: IMAP, Maildir, SMTP, SQLite, PostgreSQL, the clock.
//! - [`config`]: settings, checked all at once.
//! - [`commands`]: one file a subcommand; joins shell and adapters.

pub mod core;
pub mod mail;
pub mod ports;
