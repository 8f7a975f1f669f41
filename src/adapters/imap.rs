//! A folder of an IMAP mailbox (RFC 3501) as the [`Mailbox`] port.
//!
//! What must be true: only the tagged OK of a command counts; silence, half an answer, NO, BYE and a
//! closed connection are errors, never an empty list. No flag is ever read or set on a mail that stays.
//! After an error, or when a call is abandoned half-way, the connection is dropped and the next call
//! makes a new one; back-off is the shell's.

mod connecting;
mod fetching;
mod filing;
mod listing;
mod set;
mod view;
mod waiting;
mod wire;

use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rustls::client::ClientConfig;

use self::view::Entry;
use self::waiting::Manner;
use self::wire::{Trouble, Wire};
use crate::adapters::account::{Auth, TlsMode};
use crate::adapters::tls;
use crate::ports::{Fetched, Listed, Mailbox, Place, PortError, PortResult, Wake};

#[derive(Clone, Debug)]
pub struct ImapSettings {
    /// The mailbox's name in the configuration.
    pub name: String,
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    /// PEM file with CA certificates trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    pub user: String,
    pub auth: Auth,
    pub folder: String,
    /// Where mails that are done with go; `None` leaves them in place.
    pub filed: Option<String>,
    /// COMPRESS=DEFLATE where offered: good on slow links, costly on fast ones.
    pub compress: bool,
    /// How often to ask where the server has no IDLE.
    pub poll: Duration,
    /// Ask so often instead of IDLE: Dovecot tells of a new mail in IDLE only after 500 ms.
    pub poll_beside_idle: Option<Duration>,
    /// How long the server may be silent.
    pub timeout: Duration,
}

impl ImapSettings {
    fn label(&self) -> String {
        format!("{}/{}", self.name, self.folder)
    }

    fn temporary(&self, step: &str, what: &dyn Display) -> PortError {
        PortError::Temporary(self.error_text(step, what))
    }

    fn permanent(&self, step: &str, what: &dyn Display) -> PortError {
        PortError::Permanent(self.error_text(step, what))
    }

    fn error_text(&self, step: &str, what: &dyn Display) -> String {
        format!("{} ({}:{}): {step}: {what}", self.label(), self.host, self.port)
    }
}

/// One folder on one connection, which is made when it is first needed.
#[derive(Debug)]
pub struct ImapFolder {
    settings: ImapSettings,
    config: Option<Arc<ClientConfig>>,
    wire: Option<Wire>,
}

impl ImapFolder {
    pub fn new(settings: ImapSettings) -> Self {
        Self { settings, config: None, wire: None }
    }

    /// Takes the connection out: only a call that succeeded puts it back.
    async fn take_wire(&mut self) -> PortResult<Wire> {
        if let Some(wire) = self.wire.take() {
            return Ok(wire);
        }
        let config = self.tls_config()?;
        connecting::open(&self.settings, &config).await
    }

    fn tls_config(&mut self) -> PortResult<Arc<ClientConfig>> {
        if let Some(config) = &self.config {
            return Ok(Arc::clone(config));
        }
        let config = tls::client_config(self.settings.ca_file.as_deref())
            .map_err(|error| self.settings.permanent("TLS", &error))?;
        Ok(Arc::clone(self.config.insert(config)))
    }

    fn place(&self, validity: u32, uid: u32) -> Place {
        Place {
            mailbox: self.settings.name.clone(),
            folder: self.settings.folder.clone(),
            validity,
            uid: uid.to_string(),
        }
    }

    fn failed(&self, step: &str, trouble: &Trouble) -> PortError {
        match trouble {
            Trouble::No(text) if text.contains("[NOPERM]") => self.settings.permanent(step, trouble),
            _ => self.settings.temporary(step, trouble),
        }
    }

    fn manner(&self, wire: &Wire) -> Manner {
        match self.settings.poll_beside_idle {
            Some(interval) => Manner::Ask(interval),
            None if wire.abilities.idle => Manner::Idle,
            None => Manner::Ask(self.settings.poll),
        }
    }
}

/// The UID, if the place is of this numbering: after a change of UIDVALIDITY it would name another mail
/// (TRAPS 7), and the mail we knew is gone from its place.
fn uid_under(validity: u32, place: &Place) -> Option<u32> {
    (place.validity == validity).then(|| place.uid.parse().ok()).flatten()
}

fn validity(wire: &Wire) -> u32 {
    wire.view.validity().expect("a folder is only opened with UIDVALIDITY")
}

#[async_trait]
impl Mailbox for ImapFolder {
    fn label(&self) -> String {
        self.settings.label()
    }

    async fn list(&mut self) -> PortResult<Vec<Listed>> {
        let mut wire = self.take_wire().await?;
        let validity = validity(&wire);
        let listed = listing::list(&mut wire).await.map_err(|trouble| self.failed("listing", &trouble))?;
        let listed = listed
            .iter()
            .map(|mail| Listed { place: self.place(validity, mail.uid), bytes: mail.bytes })
            .collect();
        self.wire = Some(wire);
        Ok(listed)
    }

    async fn fetch(&mut self, mails: &[Listed], limit: u64) -> PortResult<Vec<Fetched>> {
        let mut wire = self.take_wire().await?;
        let validity = validity(&wire);
        let wanted: Vec<Entry> = mails
            .iter()
            .filter_map(|mail| Some(Entry { uid: uid_under(validity, &mail.place)?, bytes: mail.bytes }))
            .collect();
        let mut given = fetching::fetch(&mut wire, &wanted, limit)
            .await
            .map_err(|trouble| self.failed("fetching", &trouble))?;
        self.wire = Some(wire);
        let fetched = wanted.iter().filter_map(|mail| {
            let given = given.remove(&mail.uid)?;
            let length = given.raw.len() as u64;
            Some(Fetched {
                place: self.place(validity, mail.uid),
                internal_date: given.internal_date,
                bytes: if given.whole { length } else { mail.bytes.max(length) },
                raw: given.raw,
                whole: given.whole,
            })
        });
        Ok(fetched.collect())
    }

    async fn fetch_more(&mut self, mail: &Place, start: u64, bytes: u64) -> PortResult<Option<Vec<u8>>> {
        let mut wire = self.take_wire().await?;
        let Some(uid) = uid_under(validity(&wire), mail) else {
            self.wire = Some(wire);
            return Ok(None);
        };
        let more = fetching::fetch_more(&mut wire, uid, start, bytes)
            .await
            .map_err(|trouble| self.failed("fetching the rest of a large mail", &trouble))?;
        self.wire = Some(wire);
        Ok(more)
    }

    async fn file(&mut self, places: &[Place]) -> PortResult<()> {
        let Some(folder) = self.settings.filed.clone() else { return Ok(()) };
        let mut wire = self.take_wire().await?;
        let validity = validity(&wire);
        let uids: Vec<u32> = places.iter().filter_map(|place| uid_under(validity, place)).collect();
        filing::file(&mut wire, &uids, &folder).await.map_err(|trouble| {
            self.failed(&format!("moving {} mail(s) to {folder:?}, none deleted", uids.len()), &trouble)
        })?;
        self.wire = Some(wire);
        Ok(())
    }

    fn files_away(&self) -> bool {
        self.settings.filed.is_some()
    }

    async fn wait(&mut self, longest: Duration) -> PortResult<Wake> {
        let mut wire = self.take_wire().await?;
        let manner = self.manner(&wire);
        let wake = waiting::wait(&mut wire, manner, longest)
            .await
            .map_err(|trouble| self.failed("waiting for mail", &trouble))?;
        self.wire = Some(wire);
        Ok(wake)
    }
}
