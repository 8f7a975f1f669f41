//! The binary: parses the command line and hands over to `commands`.

fn main() {}
