//! One file a subcommand; joins shell and adapters.

pub mod inspect;
