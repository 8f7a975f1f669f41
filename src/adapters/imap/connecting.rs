//! From nothing to a selected folder: TCP, TLS, greeting, log-in, capabilities, SELECT.

use std::sync::Arc;
use std::time::Duration;

use async_imap::imap_proto::{Capability, MailboxDatum, Response, Status};
use async_imap::{Authenticator, Client, Session};
use rustls::client::ClientConfig;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::ImapSettings;
use super::set::folder_name;
use super::wire::{Abilities, Pipe, Stream, Trouble, Wire, said};
use crate::adapters::account::{Auth, TlsMode, check_protection};
use crate::adapters::tls;
use crate::ports::{PortError, PortResult};

/// A connection with the folder selected.
pub(super) async fn open(settings: &ImapSettings, config: &Arc<ClientConfig>) -> PortResult<Wire> {
    let stream = connect(settings, config).await?;
    let session = log_in(settings, stream).await?;
    let mut wire = prepare(settings, Wire::new(session, settings.timeout))
        .await
        .map_err(|trouble| settings.temporary("after log-in", &trouble))?;
    select(settings, &mut wire).await?;
    Ok(wire)
}

/// Connected, protected, and greeted.
async fn connect(settings: &ImapSettings, config: &Arc<ClientConfig>) -> PortResult<Client<Stream>> {
    check_protection(settings.tls, &settings.host)?;
    let dialing = TcpStream::connect((settings.host.as_str(), settings.port));
    let tcp = within(settings, "connecting", dialing)
        .await?
        .map_err(|error| settings.temporary("connecting", &format!("no connection: {error}")))?;
    // Commands are small and each waits for its answer.
    tcp.set_nodelay(true).map_err(|error| settings.temporary("connecting", &error))?;
    match settings.tls {
        TlsMode::Plain => greeted(settings, Client::new(Box::new(tcp) as Stream)).await,
        TlsMode::Implicit => greeted(settings, Client::new(protect(settings, tcp, config).await?)).await,
        TlsMode::StartTls => start_tls(settings, tcp, config).await,
    }
}

async fn protect(settings: &ImapSettings, tcp: TcpStream, config: &Arc<ClientConfig>) -> PortResult<Stream> {
    let handshake = tls::protect(tcp, &settings.host, Arc::clone(config));
    match within(settings, "TLS handshake", handshake).await? {
        Ok(stream) => Ok(Box::new(stream)),
        Err(PortError::Permanent(text)) => Err(settings.permanent("TLS", &text)),
        Err(PortError::Temporary(text)) => Err(settings.temporary("TLS", &text)),
    }
}

/// RFC 3501 §6.2.1. What the server sent in the clear after its OK is thrown away with the buffer, so
/// nothing that an attacker slipped in is taken for the server's.
async fn start_tls(
    settings: &ImapSettings,
    tcp: TcpStream,
    config: &Arc<ClientConfig>,
) -> PortResult<Client<Stream>> {
    let mut client = greeted(settings, Client::new(tcp)).await?;
    let answer = within(settings, "STARTTLS", client.run_command_and_check_ok("STARTTLS", None)).await?;
    match answer.map_err(Trouble::from) {
        Ok(()) => Ok(Client::new(protect(settings, client.into_inner(), config).await?)),
        Err(trouble @ (Trouble::No(_) | Trouble::Bad(_))) => Err(settings.permanent(
            "STARTTLS",
            &format!(
                "{trouble}; no password was sent: use `tls = \"implicit\"` with port 993, or another server"
            ),
        )),
        Err(trouble) => Err(settings.temporary("STARTTLS", &trouble)),
    }
}

/// The server's first line (RFC 3501 §7.1.5): OK, or why not.
async fn greeted<T: Pipe>(settings: &ImapSettings, mut client: Client<T>) -> PortResult<Client<T>> {
    let greeting = within(settings, "greeting", client.read_response()).await?;
    let failed = |trouble: &Trouble| settings.temporary("greeting", trouble);
    let response =
        greeting.map_err(|error| failed(&error.into()))?.ok_or_else(|| failed(&Trouble::Closed))?;
    match response.parsed() {
        Response::Data { status: Status::Ok, .. } => {}
        Response::Data { status: Status::Bye, outcome } => return Err(failed(&Trouble::Bye(said(outcome)))),
        _ => return Err(failed(&Trouble::Nonsense)),
    }
    Ok(client)
}

async fn log_in(settings: &ImapSettings, client: Client<Stream>) -> PortResult<Session<Stream>> {
    let Auth::Password(password) = &settings.auth;
    let password = password.expose_secret();
    let answer = if settings.user.is_ascii() && password.is_ascii() {
        within(settings, "log-in", client.login(&settings.user, password)).await?
    } else {
        // LOGIN takes only ASCII; PLAIN takes UTF-8 (RFC 4616 §2).
        let plain = Plain(format!("\0{}\0{password}", settings.user));
        within(settings, "log-in", client.authenticate("PLAIN", plain)).await?
    };
    answer.map_err(|(error, _client)| refused(settings, error.into()))
}

struct Plain(String);

impl Authenticator for Plain {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.clone()
    }
}

/// Whether it is the password, or only the moment (RFC 5530 §3).
fn refused(settings: &ImapSettings, trouble: Trouble) -> PortError {
    let Trouble::No(text) = &trouble else { return settings.temporary("log-in", &trouble) };
    let lower = text.to_lowercase();
    let passing = ["[unavailable]", "[inuse]", "[limit]", "[serverbug]", "temporar", "too many", "try again"];
    if passing.iter().any(|sign| lower.contains(sign)) {
        return settings.temporary("log-in", &trouble);
    }
    settings.permanent(
        "log-in",
        &format!(
            "{trouble}. Nothing was fetched. Check `user` and the password of this mailbox (has it expired, must \
             an application password be used, is IMAP enabled for the account?)"
        ),
    )
}

async fn prepare(settings: &ImapSettings, mut wire: Wire) -> Result<Wire, Trouble> {
    let mut abilities = Abilities::default();
    let patience = wire.patience();
    wire.query("CAPABILITY", patience, |response| {
        if let Response::Capabilities(list) = response {
            abilities = abilities_of(list);
        }
    })
    .await?;
    wire.abilities = abilities;
    if abilities.id {
        introduce(&mut wire).await?;
    }
    if settings.compress && abilities.compress {
        wire = wire.compressed().await?;
    }
    Ok(wire)
}

fn abilities_of(list: &[Capability<'_>]) -> Abilities {
    let has = |name: &str| {
        list.iter().any(|one| matches!(one, Capability::Atom(atom) if atom.eq_ignore_ascii_case(name)))
    };
    Abilities {
        idle: has("IDLE"),
        moves: has("MOVE"),
        uidplus: has("UIDPLUS"),
        id: has("ID"),
        compress: has("COMPRESS=DEFLATE"),
    }
}

/// RFC 2971: some servers demand it, and their administrators see who is there. A refusal is no matter.
async fn introduce(wire: &mut Wire) -> Result<(), Trouble> {
    let id = format!("ID (\"name\" \"complaintd\" \"version\" \"{}\")", env!("CARGO_PKG_VERSION"));
    match wire.run(&id).await {
        Err(Trouble::No(_) | Trouble::Bad(_)) | Ok(()) => Ok(()),
        Err(other) => Err(other),
    }
}

async fn select(settings: &ImapSettings, wire: &mut Wire) -> PortResult<()> {
    match wire.run(&format!("SELECT {}", folder_name(&settings.folder))).await {
        Ok(()) => {}
        Err(Trouble::No(text)) => return Err(not_selected(settings, wire, &text).await),
        Err(trouble) => return Err(settings.temporary("opening the folder", &trouble)),
    }
    if wire.view.validity().is_none() {
        let text = "the server gives no UIDVALIDITY, so mails cannot be told apart for certain";
        return Err(settings.temporary("opening the folder", &text));
    }
    Ok(())
}

/// Is there no such folder, or can it only not be opened now?
async fn not_selected(settings: &ImapSettings, wire: &mut Wire, refusal: &str) -> PortError {
    let mut folders = Vec::new();
    let patience = wire.patience();
    let listing = wire
        .query("LIST \"\" *", patience, |response| {
            if let Response::MailboxData(MailboxDatum::List(folder)) = response {
                folders.push(folder.name.to_string());
            }
        })
        .await;
    let wanted = folder_name(&settings.folder);
    let is_there = folders.iter().any(|folder| format!("\"{folder}\"").eq_ignore_ascii_case(&wanted));
    if listing.is_err() || is_there {
        return settings.temporary("opening the folder", &Trouble::No(refusal.to_owned()));
    }
    folders.sort_unstable();
    folders.truncate(20);
    settings.permanent(
        "opening the folder",
        &format!(
            "there is no folder {:?} in this mailbox ({refusal}); those there are {}. Make the folder, or correct \
             its name in the configuration",
            settings.folder,
            folders.join(", ")
        ),
    )
}

/// Waits at most the mailbox's time limit.
async fn within<T>(settings: &ImapSettings, step: &str, work: impl Future<Output = T>) -> PortResult<T> {
    let limit: Duration = settings.timeout;
    timeout(limit, work).await.map_err(|_| settings.temporary(step, &Trouble::Silent(limit)))
}
