//! An SMTP submission server (RFC 6409) as the [`Relay`] port, by lettre.
//!
//! What must be true: a letter fails for good only by a 5xx answer to its own MAIL, RCPT or DATA. All
//! else (no connection, TLS, log-in, a 5xx greeting, silence) says nothing about the letter: it stays
//! queued, and the error says what to do. That is why the steps are taken here one by one, and not by
//! lettre's pool, whose errors do not tell at which step they arose.

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::adapters::account::{Auth, TlsMode, check_protection, excerpt};
use crate::adapters::tls;
use crate::core::ids::Address;
use crate::ports::{Outgoing, PortError, PortResult, Relay};

/// Idle connections kept for the next letters.
const KEPT_CONNECTIONS: usize = 4;
/// A kept connection must answer NOOP within this, else a new one is made.
const STILL_ALIVE_WITHIN: Duration = Duration::from_secs(3);
/// Answers about the log-in, not about the letter (RFC 4954 §6), also where they come to MAIL.
const LOGIN_CODES: [u16; 4] = [530, 534, 535, 538];

#[derive(Clone, Debug)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    /// PEM file with CA certificates trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Without it nothing is said about who we are: only for a relay on this machine.
    pub login: Option<(String, Auth)>,
    /// The name given in EHLO; the address literal of the loopback where there is none.
    pub hello: Option<String>,
    /// How long one letter may take in all.
    pub timeout: Duration,
}

/// Hands letters to one server, over connections that are kept for the next letters.
pub struct SmtpRelay {
    settings: SmtpSettings,
    hello: ClientId,
    tls: Mutex<Option<TlsParameters>>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl std::fmt::Debug for SmtpRelay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmtpRelay").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl SmtpRelay {
    pub fn new(settings: SmtpSettings) -> Self {
        let hello = settings.hello.clone().map_or_else(ClientId::default, ClientId::Domain);
        Self { settings, hello, tls: Mutex::new(None), idle: Mutex::new(Vec::new()) }
    }

    /// Connects, logs in and says NOOP, for `complaintd check`; sends nothing.
    pub async fn probe(&self) -> PortResult<()> {
        let connection = self.limited(self.connection()).await?;
        self.keep(connection).await;
        Ok(())
    }

    async fn connection(&self) -> PortResult<AsyncSmtpConnection> {
        while let Some(mut kept) = self.take_kept().await {
            // Servers close idle connections without a word.
            if timeout(STILL_ALIVE_WITHIN, kept.test_connected()).await == Ok(true) {
                return Ok(kept);
            }
        }
        self.connect().await
    }

    async fn take_kept(&self) -> Option<AsyncSmtpConnection> {
        self.idle.lock().await.pop()
    }

    async fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().await;
        if !connection.has_broken() && idle.len() < KEPT_CONNECTIONS {
            idle.push(connection);
        }
    }

    async fn connect(&self) -> PortResult<AsyncSmtpConnection> {
        let SmtpSettings { host, port, tls, timeout, .. } = &self.settings;
        check_protection(*tls, host).map_err(|error| self.later("connecting", &error.to_string()))?;
        let wrapper = if *tls == TlsMode::Implicit { Some(self.tls_parameters().await?) } else { None };
        let server = (host.as_str(), *port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(*timeout), &self.hello, wrapper, None)
                .await
                .map_err(|error| self.unreachable(&error))?;
        if *tls == TlsMode::StartTls {
            self.start_tls(&mut connection).await?;
        }
        self.log_in(&mut connection).await?;
        Ok(connection)
    }

    async fn start_tls(&self, connection: &mut AsyncSmtpConnection) -> PortResult<()> {
        if !connection.can_starttls() {
            return Err(self.later(
                "STARTTLS",
                "the server does not offer it, and no password was sent: use `tls = \"implicit\"` with port 465, \
                 or another server",
            ));
        }
        let parameters = self.tls_parameters().await?;
        connection.starttls(parameters, &self.hello).await.map_err(|error| self.unreachable(&error))
    }

    async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> PortResult<()> {
        let Some((user, Auth::Password(password))) = &self.settings.login else { return Ok(()) };
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        let mechanisms = [Mechanism::Plain, Mechanism::Login];
        match connection.auth(&mechanisms, &credentials).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(self.later("log-in", &login_refused(&error))),
            Err(error) if error.is_client() => Err(self.later(
                "log-in",
                "the server offers neither PLAIN nor LOGIN on this connection: check port and `tls`",
            )),
            Err(error) => Err(self.later("log-in", &said(&error))),
        }
    }

    /// Made once: reading the system's certificates takes a while.
    async fn tls_parameters(&self) -> PortResult<TlsParameters> {
        let mut made = self.tls.lock().await;
        if let Some(parameters) = &*made {
            return Ok(parameters.clone());
        }
        let parameters =
            self.build_tls_parameters().map_err(|error| self.later("TLS", &error.to_string()))?;
        Ok(made.insert(parameters).clone())
    }

    fn build_tls_parameters(&self) -> PortResult<TlsParameters> {
        let mut builder = TlsParametersBuilder::new(self.settings.host.clone());
        if let Some(path) = &self.settings.ca_file {
            for certificate in tls::extra_certificates(path)? {
                let certificate = Certificate::from_der(certificate.to_vec()).map_err(permanent)?;
                builder = builder.add_root_certificate(certificate);
            }
        }
        builder.build_rustls().map_err(permanent)
    }

    async fn deliver(&self, letter: &Outgoing, envelope: &Envelope) -> PortResult<String> {
        let mut connection = self.connection().await?;
        let utf8 = connection.server_info().supports_feature(Extension::SmtpUtfEight);
        if !has_ascii_addresses(letter) && !utf8 {
            self.keep(connection).await;
            let text = "the address has letters beyond ASCII, which this server cannot carry (RFC 6531)";
            return Err(PortError::Permanent(self.text("the letter was not sent", text)));
        }
        // After an error the connection is dropped, without QUIT: nothing more may hide the answer.
        let response =
            hand_over(&mut connection, letter, envelope).await.map_err(|error| self.not_taken(&error))?;
        self.keep(connection).await;
        Ok(answer_text(&response))
    }

    /// An answer to MAIL, RCPT or DATA, or the lack of one.
    fn not_taken(&self, error: &lettre::transport::smtp::Error) -> PortError {
        let code = error.status().map(u16::from);
        match code {
            Some(code) if LOGIN_CODES.contains(&code) => self.later("log-in", &login_refused(error)),
            Some(500..=599) => PortError::Permanent(self.text("the letter was refused", &said(error))),
            Some(_) => self.later("the letter was not taken yet", &said(error)),
            None => self.later("the letter was perhaps not taken", &said(error)),
        }
    }

    fn unreachable(&self, error: &lettre::transport::smtp::Error) -> PortError {
        match tls::reason_below(error, &self.settings.host) {
            Some(reason) => self.later("TLS", &reason),
            None => self.later("connecting", &said(error)),
        }
    }

    async fn limited<T>(&self, work: impl Future<Output = PortResult<T>>) -> PortResult<T> {
        let limit = self.settings.timeout;
        timeout(limit, work).await.unwrap_or_else(|_| {
            let text = format!("the server gave no answer within {} s", limit.as_secs_f32());
            Err(self.later("sending", &text))
        })
    }

    fn later(&self, step: &str, what: &str) -> PortError {
        PortError::Temporary(self.text(step, what))
    }

    fn text(&self, step: &str, what: &str) -> String {
        format!("SMTP {}:{}: {step}: {what}", self.settings.host, self.settings.port)
    }
}

#[async_trait]
impl Relay for SmtpRelay {
    async fn send(&self, letter: &Outgoing) -> PortResult<String> {
        let envelope = envelope(letter)?;
        self.limited(self.deliver(letter, &envelope)).await
    }
}

/// RFC 5321 §3.3.
async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    letter: &Outgoing,
    envelope: &Envelope,
) -> Result<Response, lettre::transport::smtp::Error> {
    let mut options = Vec::new();
    if !has_ascii_addresses(letter) {
        options.push(MailParameter::SmtpUtfEight);
    }
    if !letter.bytes.is_ascii() && connection.server_info().supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    connection.command(Mail::new(envelope.from().cloned(), options)).await?;
    for recipient in envelope.to() {
        connection.command(Rcpt::new(recipient.clone(), Vec::new())).await?;
    }
    connection.command(Data).await?;
    connection.message(without_last_line_end(&letter.bytes)).await
}

fn has_ascii_addresses(letter: &Outgoing) -> bool {
    letter.envelope_from.as_str().is_ascii() && letter.recipient.as_str().is_ascii()
}

fn envelope(letter: &Outgoing) -> PortResult<Envelope> {
    let from = lettre_address(&letter.envelope_from)?;
    let to = lettre_address(&letter.recipient)?;
    Envelope::new(Some(from), vec![to]).map_err(permanent)
}

fn lettre_address(address: &Address) -> PortResult<lettre::Address> {
    // Without the address itself: errors end in logs.
    address.as_str().parse().map_err(|error| {
        PortError::Permanent(format!("the address cannot be written in an SMTP envelope: {error}"))
    })
}

fn permanent(error: impl std::fmt::Display) -> PortError {
    PortError::Permanent(error.to_string())
}

fn login_refused(error: &lettre::transport::smtp::Error) -> String {
    format!(
        "the server refused the log-in: {}. The letter stays queued. Check `user` and the password of the relay \
         (has it expired, must an application password be used?)",
        said(error)
    )
}

/// The code and the server's words, or what else happened.
fn said(error: &lettre::transport::smtp::Error) -> String {
    let words = std::error::Error::source(error).map(ToString::to_string);
    match (error.status(), words) {
        (Some(code), Some(words)) => format!("{code} {}", excerpt(&words)),
        (_, Some(words)) => excerpt(&words),
        (_, None) => excerpt(&error.to_string()),
    }
}

/// `250 2.0.0 Ok: queued as …`, for the journal.
fn answer_text(response: &Response) -> String {
    let words: Vec<&str> = response.message().collect();
    format!("{} {}", response.code(), excerpt(&words.join(" ")))
}

/// lettre ends the data with CRLF `.` CRLF whatever came before; a letter that ends with a line end would
/// get an empty line more, and would no longer be the stored bytes.
fn without_last_line_end(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\r\n").unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_line_end_is_left_to_lettre() {
        assert_eq!(without_last_line_end(b"a\r\n\r\n"), b"a\r\n");
        assert_eq!(without_last_line_end(b"a"), b"a");
    }

    #[tokio::test]
    async fn a_relay_elsewhere_is_never_spoken_to_in_the_clear() {
        let relay = SmtpRelay::new(SmtpSettings {
            host: "192.0.2.1".to_owned(),
            port: 25,
            tls: TlsMode::Plain,
            ca_file: None,
            login: None,
            hello: None,
            timeout: Duration::from_secs(5),
        });
        let error = relay.probe().await.unwrap_err();
        assert!(error.to_string().contains("plain is for localhost only"), "{error}");
    }
}
