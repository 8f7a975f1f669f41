//! The world behind the ports: mail servers, Maildirs, the database, systemd. Each module implements a
//! port; none of them is known to the shell.

pub mod account;
pub mod dkim;
pub mod imap;
pub mod maildir;
pub mod smtp;
pub mod store;
pub mod systemd;
pub mod tls;
