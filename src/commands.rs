//! One file a subcommand; joins shell and adapters.

pub mod inspect;
//! The command line: one file a subcommand; here what they share. Only here are shell and adapters joined.

pub mod deadlines;

/// How a command prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Text,
    /// One object a line.
    Json,
}
