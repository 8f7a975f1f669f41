//! Points: each place where the shell touches the world, before and after. At a chosen one the process
//! dies, a second shell intrudes, or the edge fails.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use complaintd::core::case::{Case, Clock, JournalEntry};
use complaintd::core::ids::{Address, CaseNumber};
use complaintd::core::letter::{LetterKind, LetterState};
use complaintd::core::route::Known;
use complaintd::ports::*;
use futures::future::BoxFuture;
use jiff::Timestamp;

/// The panic of a process that dies.
pub const CRASH: &str = "simulated crash";

pub type Intruder = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What happens at a point.
#[derive(Clone)]
pub enum Fault {
    Crash,
    Intrude(Intruder),
    /// The edge says that it cannot just now, without (before) or after having done it.
    Fail,
}

#[derive(Default)]
pub struct Faults {
    passed: AtomicUsize,
    planned: Mutex<Vec<(usize, Fault)>>,
    pub names: Mutex<Vec<String>>,
}

impl Faults {
    pub fn none() -> Arc<Self> {
        Arc::default()
    }

    pub fn at(point: usize, fault: Fault) -> Arc<Self> {
        Self::several(vec![(point, fault)])
    }

    pub fn several(planned: Vec<(usize, Fault)>) -> Arc<Self> {
        Arc::new(Self { planned: Mutex::new(planned), ..Self::default() })
    }

    /// Points passed so far.
    pub fn passed(&self) -> usize {
        self.passed.load(Ordering::SeqCst)
    }

    async fn point(&self, name: &str) -> PortResult<()> {
        let here = self.passed.fetch_add(1, Ordering::SeqCst);
        self.names.lock().expect("no panic while locked").push(name.to_owned());
        let fault = {
            let mut planned = self.planned.lock().expect("no panic while locked");
            planned.iter().position(|(at, _)| *at == here).map(|i| planned.remove(i).1)
        };
        match fault {
            None => Ok(()),
            Some(Fault::Crash) => std::panic::panic_any(CRASH),
            Some(Fault::Intrude(intruder)) => {
                intruder().await;
                Ok(())
            }
            Some(Fault::Fail) => Err(PortError::Temporary(format!("simulated failure at {name}"))),
        }
    }
}

/// A port with points around each call.
pub struct Pointed<T> {
    pub inner: T,
    pub faults: Arc<Faults>,
}

macro_rules! store_with_points {
    ($(fn $name:ident($($arg:ident: $type:ty),*) -> $ret:ty;)*) => {
        #[async_trait]
        impl Store for Pointed<Arc<dyn Store>> {
            $(async fn $name(&self, $($arg: $type),*) -> PortResult<$ret> {
                self.faults.point(concat!("store.", stringify!($name), " before")).await?;
                let result = self.inner.$name($($arg),*).await;
                self.faults.point(concat!("store.", stringify!($name), " after")).await?;
                result
            })*
        }
    };
}

store_with_points! {
    fn stored(places: &[Place]) -> BTreeMap<Place, Kept>;
    fn keep(arrivals: &[Arrival]) -> ();
    fn keep_more(rest: &Rest) -> ();
    fn received(after: i64, limit: u32, bytes: u64) -> Vec<StoredMail>;
    fn begin_reading(mails: &[i64]) -> ();
    fn put_back(mails: &[i64]) -> ();
    fn mail(id: i64) -> Option<StoredMail>;
    fn mails(disposition: Option<Disposition>, case: Option<CaseNumber>) -> Vec<MailEntry>;
    fn retry_mail(id: i64) -> bool;
    fn unscanned(limit: u32, bytes: u64) -> Vec<Unscanned>;
    fn scan_failed(mail: i64) -> ();
    fn known(clues: &[Clues]) -> Vec<Known>;
    fn case(number: CaseNumber) -> Option<Case>;
    fn cases() -> Vec<Case>;
    fn journal(number: CaseNumber) -> Vec<JournalEntry>;
    fn last_serial(year: u16) -> u32;
    fn commit(commits: &[Commit]) -> Committed;
    fn letters_since(kind: LetterKind, to: &[Address], since: Timestamp) -> Vec<u64>;
    fn sent_since(since: Timestamp) -> u64;
    fn due(now: Timestamp, limit: u32) -> Vec<(CaseNumber, Clock)>;
    fn claim(now: Timestamp, until: Timestamp, limit: u32, only_notices: bool) -> Vec<Claimed>;
    fn letters(state: Option<LetterState>, case: Option<CaseNumber>) -> Vec<LetterEntry>;
    fn letter(id: i64) -> Option<(LetterEntry, Vec<u8>)>;
    fn next_attempt() -> Option<Timestamp>;
    fn record_health(label: &str, at: Timestamp, error: Option<&str>) -> ();
    fn health() -> Vec<MailboxHealth>;
    fn tally() -> Tally;
    fn close() -> ();
}

#[async_trait]
impl<M: Mailbox> Mailbox for Pointed<M> {
    fn label(&self) -> String {
        self.inner.label()
    }

    async fn list(&mut self) -> PortResult<Vec<Listed>> {
        self.faults.point("mailbox.list").await?;
        self.inner.list().await
    }

    async fn fetch_more(&mut self, mail: &Place, start: u64, bytes: u64) -> PortResult<Option<Vec<u8>>> {
        self.faults.point("mailbox.fetch_more before").await?;
        let result = self.inner.fetch_more(mail, start, bytes).await;
        self.faults.point("mailbox.fetch_more after").await?;
        result
    }

    async fn fetch(&mut self, mails: &[Listed], limit: u64) -> PortResult<Vec<Fetched>> {
        self.faults.point("mailbox.fetch before").await?;
        let result = self.inner.fetch(mails, limit).await;
        self.faults.point("mailbox.fetch after").await?;
        result
    }

    async fn file(&mut self, places: &[Place]) -> PortResult<()> {
        self.faults.point("mailbox.file before").await?;
        let result = self.inner.file(places).await;
        self.faults.point("mailbox.file after").await?;
        result
    }

    fn files_away(&self) -> bool {
        self.inner.files_away()
    }

    async fn wait(&mut self, longest: Duration) -> PortResult<Wake> {
        self.inner.wait(longest).await
    }
}

#[async_trait]
impl<S: Scanner> Scanner for Pointed<S> {
    async fn scan(&self, bytes: &[u8]) -> PortResult<Verdict> {
        self.faults.point("scanner.scan before").await?;
        let result = self.inner.scan(bytes).await;
        self.faults.point("scanner.scan after").await?;
        result
    }

    async fn about(&self) -> PortResult<About> {
        self.faults.point("scanner.about").await?;
        self.inner.about().await
    }
}

#[async_trait]
impl<R: Relay> Relay for Pointed<R> {
    async fn send(&self, letter: &Outgoing) -> PortResult<String> {
        self.faults.point("relay.send before").await?;
        let result = self.inner.send(letter).await;
        self.faults.point("relay.send after").await?;
        result
    }
}
