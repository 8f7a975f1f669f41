//! The town in which conversations happen: people who write mails, and a desk that answers them.

use std::sync::Arc;

use complaintd::adapters::store::SqlStore;
use complaintd::core::case::Case;
use complaintd::core::event::{Actor, Event};
use complaintd::core::ids::{Address, CaseNumber};
use complaintd::core::letter::Attention;
use complaintd::ports::*;
use complaintd::shell::intake::Folder;
use complaintd::shell::run::settle;
use complaintd::shell::{Desk, activate, intake};
use jiff::{SignedDuration, Timestamp};

use crate::common::sim::{SimMailbox, SimRelay, message_id_of};
use crate::common::{self, ALERT};

/// Somebody who writes to the desk.
#[derive(Clone, Copy)]
pub struct Person {
    pub name: &'static str,
    pub address: &'static str,
}

pub const MARIE: Person = Person { name: "Marie Dupont", address: "marie@client.example" };
pub const JOHN: Person = Person { name: "John Carter", address: "john@client.example" };
pub const LUCIA: Person = Person { name: "Lucía Ortega", address: "lucia@client.example" };

pub struct Town {
    pub desk: Desk,
    pub mailbox: SimMailbox,
    pub relay: SimRelay,
    pub now: Timestamp,
    count: u32,
    _dir: tempfile::TempDir,
}

/// A mail on its way, to be completed and posted.
pub struct Draft<'t> {
    town: &'t mut Town,
    from: Person,
    subject: String,
    id: String,
    headers: String,
    text: String,
}

impl Town {
    /// Monday 23 November 2026, 9:00 in Marigot; the desk opened an hour ago.
    pub async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let url = format!("sqlite:{}", dir.path().join("town.db").display());
        let store = SqlStore::connect(&url).await.expect("a new database");
        store.migrate().await.expect("migrations apply");
        let now: Timestamp = "2026-11-23T13:00:00Z".parse().expect("an instant");
        let opened = now - SignedDuration::from_hours(1);
        activate(&store, opened).await.expect("the desk begins");
        let desk = common::desk(Arc::new(store), opened);
        Self { desk, mailbox: SimMailbox::new(), relay: SimRelay::default(), now, count: 0, _dir: dir }
    }

    pub fn change_policy(&mut self, change: impl FnOnce(&mut complaintd::core::policy::Policy)) {
        let mut policy = (*self.desk.policy).clone();
        change(&mut policy);
        self.desk.policy = Arc::new(policy);
    }

    /// A mail from this person, to be posted.
    pub fn mail(&mut self, from: Person, subject: &str, text: &str) -> Draft<'_> {
        self.count += 1;
        let id = format!("mail{}@{}", self.count, from.address.split('@').nth(1).unwrap_or("x"));
        Draft {
            town: self,
            from,
            subject: subject.to_owned(),
            id,
            headers: String::new(),
            text: text.to_owned(),
        }
    }

    pub fn writes(&mut self, from: Person, subject: &str, text: &str) {
        self.mail(from, subject, text).post();
    }

    pub fn raw_arrives(&mut self, raw: &[u8]) {
        self.mailbox.arrives(raw, self.now);
    }

    /// One look at the mailbox, and everything that follows from it.
    pub async fn settles(&mut self) {
        self.arrives().await;
        settle(&self.desk, &self.relay, self.now).await.expect("the store answers");
    }

    /// One look at the mailbox: what is there is stored, and nothing is decided.
    pub async fn arrives(&mut self) {
        let mut folder = Folder { mailbox: Box::new(self.mailbox.clone()), mx_hosts: Vec::new() };
        intake::round(&self.desk, &mut folder, self.now, &|| {}).await.expect("the mailbox answers");
    }

    pub async fn hours_pass(&mut self, hours: i64) {
        self.now += SignedDuration::from_hours(hours);
        self.settles().await;
    }

    pub fn letters_to(&self, address: &str) -> Vec<Outgoing> {
        let address = Address::parse(address).expect("an address");
        self.relay.taken().into_iter().filter(|letter| letter.recipient == address).collect()
    }

    /// Letters that left the company.
    pub fn letters_outside(&self) -> Vec<Outgoing> {
        self.relay.taken().into_iter().filter(|letter| letter.recipient.as_str() != ALERT).collect()
    }

    pub fn notices(&self) -> Vec<Outgoing> {
        self.letters_to(ALERT)
    }

    /// The one letter that this person has.
    pub fn only_letter_to(&self, person: Person) -> Outgoing {
        let letters = self.letters_to(person.address);
        assert_eq!(letters.len(), 1, "{} has {} letters", person.name, letters.len());
        letters.into_iter().next().expect("one")
    }

    pub async fn cases(&self) -> Vec<Case> {
        let cases = self.desk.store.cases().await.expect("the store answers");
        cases.into_iter().filter(|case| case.number != CaseNumber::DESK).collect()
    }

    pub async fn only_case(&self) -> Case {
        let cases = self.cases().await;
        assert_eq!(cases.len(), 1, "there are {} cases", cases.len());
        cases.into_iter().next().expect("one")
    }

    pub async fn dispositions(&self) -> Vec<Disposition> {
        let mails = self.desk.store.mails(None, None).await.expect("the store answers");
        mails.into_iter().map(|mail| mail.disposition).collect()
    }

    pub async fn attention(&self, number: CaseNumber) -> Vec<Attention> {
        self.desk
            .store
            .case(number)
            .await
            .expect("the store answers")
            .map(|case| case.attention)
            .unwrap_or_default()
    }

    /// What a later version's staff command will do.
    pub async fn colleague_changes(&self, case: &Case, event: Event) {
        let actor = Actor::Operator("colleague".to_owned());
        let change = self.desk.change(case, vec![event], actor, self.now).expect("nothing to compose");
        let commit = Commit { change: Some(change), ..Commit::default() };
        assert_eq!(self.desk.store.commit(&[commit]).await.expect("the store answers"), Committed::Done);
    }
}

impl Draft<'_> {
    pub fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }

    pub fn id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// As an answer to this letter, with its threading headers.
    pub fn answering(self, letter: &Outgoing) -> Self {
        let id = message_id_of(&letter.bytes);
        self.header(&format!("In-Reply-To: <{id}>")).header(&format!("References: <{id}>"))
    }

    pub fn raw(&self) -> Vec<u8> {
        let id = if self.id.is_empty() { String::new() } else { format!("Message-ID: <{}>\r\n", self.id) };
        let name = self.from.name;
        format!(
            "From: \"{name}\" <{}>\r\nTo: info@divikeys.com\r\nSubject: {}\r\nDate: Mon, 23 Nov 2026 08:55:00 -0400\r\n\
             {id}{}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
            self.from.address, self.subject, self.headers, self.text
        )
        .into_bytes()
    }

    pub fn post(self) {
        let raw = self.raw();
        self.town.raw_arrives(&raw);
    }
}

/// The text part of a letter, as its reader sees it.
pub fn text_of(letter: &Outgoing) -> String {
    complaintd::mail::as_text(&letter.bytes)
}
