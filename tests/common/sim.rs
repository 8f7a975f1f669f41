//! A mailbox and a relay in memory: what the conversations and the simulation run against.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use complaintd::core::ids::MessageId;
use complaintd::ports::{Fetched, Listed, Mailbox, Outgoing, Place, PortError, PortResult, Relay, Wake};
use jiff::Timestamp;

#[derive(Default)]
struct Shelf {
    validity: u32,
    next_uid: u32,
    mails: BTreeMap<u32, (Vec<u8>, Timestamp)>,
    filed: Vec<Vec<u8>>,
}

/// A mailbox that many connections look at.
#[derive(Clone)]
pub struct SimMailbox {
    shelf: Arc<Mutex<Shelf>>,
}

impl SimMailbox {
    pub fn new() -> Self {
        Self { shelf: Arc::new(Mutex::new(Shelf { validity: 7, next_uid: 1, ..Shelf::default() })) }
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.shelf.lock().expect("no panic while locked")
    }

    pub fn arrives(&self, raw: &[u8], at: Timestamp) {
        let mut shelf = self.shelf();
        let uid = shelf.next_uid;
        shelf.next_uid += 1;
        shelf.mails.insert(uid, (raw.to_vec(), at));
    }

    /// Everything that was filed comes back under a new UIDVALIDITY (TRAPS 7).
    pub fn loses_its_uids(&self, at: Timestamp) {
        let mut shelf = self.shelf();
        shelf.validity += 1;
        let all: Vec<Vec<u8>> = std::mem::take(&mut shelf.mails).into_values().map(|(raw, _)| raw).collect();
        let filed = std::mem::take(&mut shelf.filed);
        shelf.next_uid = 1;
        drop(shelf);
        for raw in all.iter().chain(&filed) {
            self.arrives(raw, at);
        }
    }

    /// Every mail that is on the server, in either folder.
    pub fn everything(&self) -> Vec<Vec<u8>> {
        let shelf = self.shelf();
        shelf.mails.values().map(|(raw, _)| raw.clone()).chain(shelf.filed.iter().cloned()).collect()
    }

    pub fn left_in_inbox(&self) -> usize {
        self.shelf().mails.len()
    }
}

#[async_trait]
impl Mailbox for SimMailbox {
    fn label(&self) -> String {
        "sim/INBOX".to_owned()
    }

    async fn list(&mut self) -> PortResult<Vec<Listed>> {
        let shelf = self.shelf();
        let place = |uid: &u32| Place {
            mailbox: "sim".to_owned(),
            folder: "INBOX".to_owned(),
            validity: shelf.validity,
            uid: uid.to_string(),
        };
        Ok(shelf
            .mails
            .iter()
            .map(|(uid, (raw, _))| Listed { place: place(uid), bytes: raw.len() as u64 })
            .collect())
    }

    async fn fetch(&mut self, mails: &[Listed], limit: u64) -> PortResult<Vec<Fetched>> {
        let shelf = self.shelf();
        let found = mails.iter().filter(|mail| mail.place.validity == shelf.validity).filter_map(|mail| {
            let (raw, at) = shelf.mails.get(&mail.place.uid.parse().ok()?)?;
            let cut = raw.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
            Some(Fetched {
                place: mail.place.clone(),
                internal_date: Some(*at),
                bytes: raw.len() as u64,
                raw: raw[..cut].to_vec(),
                whole: cut == raw.len(),
            })
        });
        Ok(found.collect())
    }

    async fn fetch_more(&mut self, mail: &Place, start: u64, bytes: u64) -> PortResult<Option<Vec<u8>>> {
        let shelf = self.shelf();
        let mail = mail.uid.parse().ok().filter(|_| mail.validity == shelf.validity);
        let Some((raw, _)) = mail.and_then(|uid: u32| shelf.mails.get(&uid)) else { return Ok(None) };
        let from = raw.len().min(usize::try_from(start).expect("small"));
        let to = raw.len().min(from + usize::try_from(bytes).expect("small"));
        Ok(Some(raw[from..to].to_vec()))
    }

    async fn file(&mut self, places: &[Place]) -> PortResult<()> {
        let mut shelf = self.shelf();
        for place in
            places.iter().filter(|place| place.validity == shelf.validity).cloned().collect::<Vec<_>>()
        {
            let uid = place.uid.parse().expect("our own uid");
            if let Some((raw, _)) = shelf.mails.remove(&uid) {
                shelf.filed.push(raw);
            }
        }
        Ok(())
    }

    fn files_away(&self) -> bool {
        true
    }

    async fn wait(&mut self, _longest: Duration) -> PortResult<Wake> {
        Ok(Wake::Quiet)
    }
}

/// A relay that takes everything but for addresses it was told to refuse.
#[derive(Clone, Default)]
pub struct SimRelay {
    taken: Arc<Mutex<Vec<Outgoing>>>,
    down: Arc<Mutex<bool>>,
}

impl SimRelay {
    pub fn goes_down(&self) {
        *self.down.lock().expect("no panic while locked") = true;
    }

    pub fn comes_back(&self) {
        *self.down.lock().expect("no panic while locked") = false;
    }

    pub fn taken(&self) -> Vec<Outgoing> {
        self.taken.lock().expect("no panic while locked").clone()
    }
}

#[async_trait]
impl Relay for SimRelay {
    async fn send(&self, letter: &Outgoing) -> PortResult<String> {
        if *self.down.lock().expect("no panic while locked") {
            return Err(PortError::Temporary("the relay does not answer".to_owned()));
        }
        if letter.recipient.domain() == "refused.example" {
            return Err(PortError::Permanent("550 5.1.1 no such user".to_owned()));
        }
        self.taken.lock().expect("no panic while locked").push(letter.clone());
        Ok("250 2.0.0 taken".to_owned())
    }
}

/// The Message-ID of a letter's bytes.
pub fn message_id_of(bytes: &[u8]) -> MessageId {
    let text = String::from_utf8_lossy(bytes);
    let line = text
        .lines()
        .find(|line| line.to_ascii_lowercase().starts_with("message-id:"))
        .expect("every letter has one");
    MessageId::parse(&line[11..]).expect("well-formed")
}
