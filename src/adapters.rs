//! The world: each module implements a port. None of them is known to the shell.

pub mod account;
pub mod imap;
pub mod maildir;
pub mod smtp;
pub mod tls;
//! The world behind the ports: the database. Implements `ports`; never sees `shell`.

pub mod store;
