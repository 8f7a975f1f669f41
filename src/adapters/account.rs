//! How a mail server is reached and entered; the same for IMAP and SMTP.
//!
//! A password never appears in `Debug` output, in an error or in a log.

use std::net::IpAddr;

use secrecy::SecretString;

use crate::ports::{PortError, PortResult};

/// How the connection is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TlsMode {
    /// TLS from the first byte (RFC 8314 §3): ports 993 and 465.
    Implicit,
    /// STARTTLS, required: nothing is sent if the server does not offer it.
    StartTls,
    /// No protection; only to this very machine.
    Plain,
}

/// How we prove who we are. XOAUTH2 will be a second variant.
#[derive(Clone, Debug)]
pub enum Auth {
    Password(SecretString),
}

/// Whether a host name or address can only mean this machine.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Refuses an unprotected connection to another machine, before anything is sent.
pub(super) fn check_protection(tls: TlsMode, host: &str) -> PortResult<()> {
    if tls == TlsMode::Plain && !is_loopback(host) {
        return Err(PortError::Permanent(format!(
            "an unprotected connection to {host} was refused, and nothing was sent: passwords and complaints \
             would cross the network in the clear; use TLS or STARTTLS (plain is for localhost only)"
        )));
    }
    Ok(())
}

/// What a server said, fit for an error and so for a log: one line, at most 200 characters, no address.
pub(super) fn excerpt(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split(' ').map(without_address).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(200) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}

fn without_address(word: &str) -> &str {
    if word.contains('@') { "<address>" } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_be_reached_without_protection() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] {
            assert!(check_protection(TlsMode::Plain, host).is_ok(), "{host}");
        }
        for host in ["mail.example", "10.0.0.1", "localhost.example", ""] {
            assert!(check_protection(TlsMode::Plain, host).is_err(), "{host}");
            assert!(check_protection(TlsMode::StartTls, host).is_ok(), "{host}");
        }
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt("no\r\nway"), "no  way");
        assert_eq!(excerpt("5.1.1 <marie@example.fr>: no such user"), "5.1.1 <address> no such user");
        assert_eq!(excerpt(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(excerpt(&"é".repeat(300)), format!("{}…", "é".repeat(200)));
    }
}
