//! The binary: hands the command line to `commands`.

use std::process::ExitCode;

fn main() -> ExitCode {
    // The one TLS provider of the whole program; another default would need another C library.
    let installed = rustls::crypto::ring::default_provider().install_default();
    assert!(installed.is_ok(), "the TLS provider is installed once, first thing");
    complaintd::commands::main()
}
