//! Deciding what each stored mail is and what follows: read, route, decide, compose, and commit all
//! of it in one transaction (PROCEDURE 2).
//!
//! A batch holds only mails that have nothing to do with one another (sender, ids, references, words);
//! the others wait for the next batch and then see what this one wrote.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZero;

use jiff::Timestamp;
use tokio::time::Instant;

use super::authenticity::{Look, Vouchers};
use super::limits::{
    DAY, HOUR, READERS, READING_TRIES, TRIAGE_AHEAD_BYTES, TRIAGE_AHEAD_MAILS, TRIAGE_BATCH_MAILS,
    TRIAGE_ROUND_LONGEST,
};
use super::{Desk, scan};
use crate::core::case::Case;
use crate::core::decide::{Delivery, Input, decide, doubt_of, goes_in_circles, next_number};
use crate::core::event::{Actor, Event};
use crate::core::facts::{MailFacts, MayAnswer};
use crate::core::ids::{Address, CaseNumber};
use crate::core::letter::{LetterKind, LetterState};
use crate::core::policy::{Policy, Standing};
use crate::core::route::{Known, Route, route};
use crate::core::scan::Found;
use crate::core::thread::{Relation, bounced_letter, signed_letters};
use crate::core::token::LetterRef;
use crate::mail::{self, Own};
use crate::ports::{
    CaseChange, Clues, Commit, Committed, Disposition, LetterEntry, MailHeadline, MailOutcome, PortResult,
    Settle, Signed, StoredMail,
};

/// What a round did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Triaged {
    pub mails: usize,
    /// Whether more may be waiting.
    pub more: bool,
}

/// Looks at received mails, batch by batch.
pub async fn round(desk: &Desk, now: Timestamp) -> PortResult<Triaged> {
    let mut ahead = Ahead::default();
    let more = true;
    if let Some((mail, why)) = ahead.take_up(desk).await? {
        set_aside_unread(desk, &mail, &why, now).await?;
        return Ok(Triaged { mails: 1, more });
    }
    let mut done = 0;
    let mut ready = ahead.next(desk, now).await;
    while let Some(batch) = ready {
        // While one batch is decided and written, the next is read: two cores have work.
        let (decided, next) = tokio::join!(decide_on_all(desk, batch, now), ahead.next(desk, now));
        let waits = || [ids_of(next.iter().flatten()), ahead.ids()].concat();
        match decided {
            Ok((mails, true)) => {
                done += mails;
                ready = next;
            }
            Ok((mails, false)) => {
                put_back(desk, waits()).await?;
                return Ok(Triaged { mails: done + mails, more });
            }
            Err(error) => {
                if !error.is_permanent() {
                    put_back(desk, waits()).await.ok();
                }
                return Err(error);
            }
        }
    }
    Ok(Triaged { mails: done, more: ahead.last > 0 })
}

/// Mails taken up, whose reading counts as begun.
struct Ahead {
    batches: VecDeque<Vec<StoredMail>>,
    /// The last one taken up.
    last: i64,
    begun: Instant,
    /// Nothing more is taken up in this round.
    ended: bool,
}

impl Default for Ahead {
    fn default() -> Self {
        Self { batches: VecDeque::new(), last: 0, begun: Instant::now(), ended: false }
    }
}

impl Ahead {
    /// Takes up the mails that come next; a first one that must not be read, with the reason, alone.
    async fn take_up(&mut self, desk: &Desk) -> PortResult<Option<(StoredMail, String)>> {
        let mut mails = desk.store.received(self.last, TRIAGE_AHEAD_MAILS, TRIAGE_AHEAD_BYTES).await?;
        // A mail whose reading was begun and never finished may have killed the process: alone it harms
        // no other (TRAPS 4).
        let is_alone = |mail: &StoredMail| mail.tries > 0 || unreadable(mail).is_some();
        if let Some(at) = mails.iter().position(is_alone) {
            self.ended = true;
            let first = self.last == 0 && at == 0;
            mails.truncate(if first { 1 } else { at });
            if let Some(why) = mails.first().filter(|_| first).and_then(unreadable) {
                return Ok(mails.pop().map(|mail| (mail, why)));
            }
        }
        let ids: Vec<i64> = mails.iter().map(|mail| mail.id).collect();
        let Some(last) = ids.last() else {
            self.ended = true;
            return Ok(None);
        };
        desk.store.begin_reading(&ids).await?;
        self.last = *last;
        let mut mails = mails.into_iter().peekable();
        while mails.peek().is_some() {
            self.batches.push_back(mails.by_ref().take(TRIAGE_BATCH_MAILS).collect());
        }
        Ok(None)
    }

    /// Reads the next batch, and takes up more where it was the last one.
    async fn next(&mut self, desk: &Desk, now: Timestamp) -> Option<Vec<Read>> {
        let mails = self.batches.pop_front()?;
        let reading = async {
            let found = scan::look_at(desk, &mails, now).await;
            read(desk, mails.into_iter().zip(found).collect()).await
        };
        let more = async {
            self.ended |= self.begun.elapsed() > TRIAGE_ROUND_LONGEST;
            // The next round meets the same error, and tells it.
            if !self.ended && self.batches.is_empty() && self.take_up(desk).await.is_err() {
                self.ended = true;
            }
        };
        Some(tokio::join!(reading, more).0)
    }

    fn ids(&self) -> Vec<i64> {
        self.batches.iter().flatten().map(|mail| mail.id).collect()
    }
}

/// Why a mail must be set aside unread.
fn unreadable(mail: &StoredMail) -> Option<String> {
    let tried_enough = || {
        (mail.tries >= READING_TRIES).then(|| {
            format!("could not be read in {READING_TRIES} tries: reading or answering it fails every time")
        })
    };
    mail.set_aside.clone().or_else(|| incomplete(mail)).or_else(tried_enough)
}

/// Decides on a batch: how many are done, and whether all of it is. Each is read once, however many of one
/// sender there are: else ten thousand of them would be read a hundred times each before anybody else's
/// turn comes.
async fn decide_on_all(desk: &Desk, batch: Vec<Read>, now: Timestamp) -> PortResult<(usize, bool)> {
    let mut waiting = batch;
    let mut done = 0;
    while !waiting.is_empty() {
        let (free, entangled) = independent(waiting);
        let after = ids_of(&entangled);
        let (mails, unfinished) = match decide_on(desk, &free, now).await {
            Ok(decided) => decided,
            Err(error) => {
                if !error.is_permanent() {
                    // The store's trouble and not the mails': a disk that is full for an hour makes no poison.
                    put_back(desk, [ids_of(&free), after].concat()).await.ok();
                }
                return Err(error);
            }
        };
        done += mails;
        if !unfinished.is_empty() {
            // Those that share something with the unfinished come after them.
            put_back(desk, [unfinished, after].concat()).await?;
            return Ok((done, false));
        }
        waiting = entangled;
    }
    Ok((done, true))
}

/// Decides on mails that have nothing to do with one another, in one transaction: how many are done, and
/// those whose turn has not come. All of them, when somebody else wrote meanwhile.
async fn decide_on(desk: &Desk, read: &[Read], now: Timestamp) -> PortResult<(usize, Vec<i64>)> {
    let mut batch = Batch::prepare(desk, read, now).await?;
    for (i, mail) in read.iter().enumerate() {
        batch.triage(i, mail).await?;
    }
    let (commits, unfinished) = batch.finish();
    let mails = commits.iter().filter(|commit| commit.mail.is_some()).count();
    match desk.store.commit(&commits).await? {
        Committed::Done => Ok((mails, unfinished)),
        // The world moved: the next round decides afresh.
        Committed::Conflict => Ok((0, ids_of(read))),
    }
}

fn ids_of<'r>(read: impl IntoIterator<Item = &'r Read>) -> Vec<i64> {
    read.into_iter().map(|read| read.mail.id).collect()
}

async fn put_back(desk: &Desk, mails: Vec<i64>) -> PortResult<()> {
    if mails.is_empty() { Ok(()) } else { desk.store.put_back(&mails).await }
}

/// A stored mail and what was read in it.
struct Read {
    mail: StoredMail,
    facts: MailFacts,
    /// Still to be asked about.
    signed: Option<Signed>,
}

/// Reads all mails, off the async threads: one core is left to what decides and writes meanwhile, on which
/// everything else waits. A mail on which reading panics is left out; its tries are counted already.
async fn read(desk: &Desk, mails: Vec<(StoredMail, Found)>) -> Vec<Read> {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = mails.len().div_ceil((cores - 1).clamp(1, READERS)).max(1);
    let mut tasks = Vec::new();
    let mut rest = mails;
    while !rest.is_empty() {
        let tail = rest.split_off(share.min(rest.len()));
        let (policy, vouchers) = (desk.policy.clone(), desk.vouchers.clone());
        tasks.push(tokio::task::spawn_blocking(move || {
            rest.into_iter()
                .filter_map(|(mail, found)| read_one(mail, found, &policy, &vouchers))
                .collect::<Vec<Read>>()
        }));
        rest = tail;
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap_or_default());
    }
    ask_about_signatures(desk, &mut all).await;
    all
}

async fn ask_about_signatures(desk: &Desk, read: &mut [Read]) {
    let (signed, asked): (Vec<Signed>, Vec<&mut Read>) =
        read.iter_mut().filter_map(|read| Some((read.signed.take()?, read))).unzip();
    for (read, found) in asked.into_iter().zip(desk.vouchers.ask(signed).await) {
        read.facts.authenticity = found;
    }
}

fn read_one(mail: StoredMail, found: Found, policy: &Policy, vouchers: &Vouchers) -> Option<Read> {
    let reading = std::panic::AssertUnwindSafe(|| {
        let facts = mail::facts(&mail.raw, &Own { addresses: &policy.own });
        (facts, vouchers.look(&mail.place.mailbox, &mail.raw))
    });
    if let Ok((mut facts, look)) = std::panic::catch_unwind(reading) {
        found.apply(&mut facts);
        let (raw, mail) = (mail.raw, StoredMail { raw: Vec::new(), ..mail });
        let signed = match look {
            // One that goes beyond the limits meets no other reader.
            Look::Ask(_) if facts.set_aside.is_some() => None,
            Look::Ask(from) => Some(Signed { raw, from }),
            Look::Done(found) => {
                facts.authenticity = found;
                None
            }
        };
        Some(Read { mail, facts, signed })
    } else {
        tracing::error!(
            mail = mail.id,
            tries = mail.tries + 1,
            "reading this mail panics: tried again alone"
        );
        None
    }
}

/// The mails that share nothing with an earlier one, and the others.
fn independent(mails: Vec<Read>) -> (Vec<Read>, Vec<Read>) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let (mut free, mut entangled) = (Vec::new(), Vec::new());
    for read in mails {
        let keys = keys(&read.facts);
        let shares = keys.iter().any(|key| seen.contains(key));
        seen.extend(keys);
        if shares { entangled.push(read) } else { free.push(read) }
    }
    (free, entangled)
}

fn keys(facts: &MailFacts) -> Vec<String> {
    let mut keys = vec![facts.digest.to_string()];
    keys.extend(facts.from.as_ref().map(|from| from.address.inbox_key()));
    keys.extend(
        facts.message_id.iter().chain(&facts.in_reply_to).chain(&facts.references).map(ToString::to_string),
    );
    keys.extend(facts.refers_to.iter().map(ToString::to_string));
    keys.extend(facts.bounce.iter().filter_map(|b| b.original_message_id.as_ref()).map(ToString::to_string));
    keys
}

fn clues(read: &Read, desk: &Desk) -> Clues {
    let facts = &read.facts;
    Clues {
        mail: read.mail.id,
        digest: facts.digest,
        content: facts.content,
        message_id: facts.message_id.clone(),
        sender: facts.from.as_ref().map(|from| from.address.clone()),
        signed: signed_letters(facts, &desk.policy)
            .into_iter()
            .map(|(by, letter)| (by, letter.case))
            .collect(),
        answered: facts.answered_ids().cloned().collect(),
        references: facts.refers_to.clone(),
    }
}

/// A mail that a human wants to be read before all of it has come.
fn incomplete(mail: &StoredMail) -> Option<String> {
    (!mail.whole).then(|| {
        format!(
            "only the first {} bytes of it are kept so far, and the rest is still being fetched: try again later",
            mail.raw.len()
        )
    })
}

async fn set_aside_unread(desk: &Desk, mail: &StoredMail, why: &str, now: Timestamp) -> PortResult<()> {
    let standing = desk.inward_standing(now).await?;
    let found = scan::look_at_unread(desk, mail, now).await;
    let why = &found.warns(why);
    let outcome = MailOutcome {
        mail: mail.id,
        disposition: Disposition::SetAside,
        case: None,
        cause: Some(why.to_owned()),
        scan: found,
        facts: None,
    };
    tracing::error!(mail = mail.id, "set aside unread");
    let input = Input::SetAside { mail: mail.id, received_at: mail.received_at, why, standing };
    desk.tell(CaseNumber::DESK, &input, &Actor::Desk, now, |commit| commit.mail = Some(outcome.clone()))
        .await?;
    Ok(())
}

/// The decisions of one batch, as they grow towards one transaction.
struct Batch<'a> {
    desk: &'a Desk,
    now: Timestamp,
    known: Vec<Known>,
    standings: BTreeMap<Address, Standing>,
    notices: u64,
    /// Last serial of each year, these decisions included.
    serials: BTreeMap<u16, u32>,
    touched: BTreeSet<CaseNumber>,
    /// What the desk itself is told, and how it stands then.
    desk_before: Case,
    desk_after: Case,
    desk_events: Vec<Event>,
    commits: Vec<Commit>,
    /// Mails whose turn has not come.
    put_back: Vec<i64>,
}

impl<'a> Batch<'a> {
    async fn prepare(desk: &'a Desk, read: &[Read], now: Timestamp) -> PortResult<Self> {
        let clues: Vec<Clues> = read.iter().map(|each| clues(each, desk)).collect();
        let known = desk.store.known(&clues).await?;
        let senders: Vec<Address> = clues.into_iter().filter_map(|clue| clue.sender).collect();
        let kind = LetterKind::Acknowledgement;
        let hour = desk.store.letters_since(kind, &senders, now - HOUR).await?;
        let day = desk.store.letters_since(kind, &senders, now - DAY).await?;
        let standings = senders
            .into_iter()
            .zip(hour.into_iter().zip(day))
            .map(|(to, (hour, day))| {
                (to, Standing { to_sender_hour: hour, to_sender_day: day, notices_hour: 0 })
            })
            .collect();
        let desk_before = desk.desk_case().await?;
        Ok(Self {
            desk,
            now,
            known,
            standings,
            notices: desk.notices(now).await?,
            serials: BTreeMap::new(),
            touched: BTreeSet::new(),
            desk_after: desk_before.clone(),
            desk_before,
            desk_events: Vec::new(),
            commits: Vec::new(),
            put_back: Vec::new(),
        })
    }

    fn standing(&self, facts: &MailFacts) -> Standing {
        let sender = facts.from.as_ref().and_then(|from| self.standings.get(&from.address));
        Standing { notices_hour: self.notices, ..sender.copied().unwrap_or_default() }
    }

    async fn triage(&mut self, index: usize, read: &Read) -> PortResult<()> {
        let (facts, received_at) = (&read.facts, read.mail.received_at);
        match route(facts, received_at, &self.known[index], &self.desk.policy) {
            Route::Open(relation) => self.open(read, &relation).await,
            Route::Join { case, by } => {
                let input = Input::FollowUp { mail: facts, received_at, standing: self.standing(facts), by };
                self.join(read, case, &input, None).await
            }
            Route::Report(letter) => self.report(read, letter).await,
            Route::File(cause) => {
                self.done(read, Disposition::Filed, None, cause);
                Ok(())
            }
            Route::Duplicate { of } => {
                self.done(
                    read,
                    Disposition::Duplicate,
                    None,
                    format!("the same mail as the one whose digest begins with {}", &of.to_string()[..12]),
                );
                Ok(())
            }
            Route::SetAside(why) => {
                self.set_aside(read, &why);
                Ok(())
            }
        }
    }

    async fn open(&mut self, read: &Read, relation: &Relation) -> PortResult<()> {
        let received_at = read.mail.received_at;
        let year = self.desk.policy.calendar.local_date(received_at).year();
        let year = u16::try_from(year).unwrap_or(0);
        let last = match self.serials.get(&year) {
            Some(last) => *last,
            None => self.desk.store.last_serial(year).await?,
        };
        let Some(number) = next_number(&self.desk.policy, received_at, last) else {
            self.set_aside(read, "no case number is left for the year of its reception");
            return Ok(());
        };
        let mail = &self.unless_in_circles(&read.facts, relation).await?;
        let standing = self.standing(mail);
        let input = Input::Complaint { mail, received_at, standing, doubt: doubt_of(relation) };
        let case = Case::unopened(number);
        self.change(read, &case, &input, None);
        self.serials.insert(year, number.serial());
        Ok(())
    }

    async fn unless_in_circles<'m>(
        &self,
        mail: &'m MailFacts,
        relation: &Relation,
    ) -> PortResult<Cow<'m, MailFacts>> {
        let Relation::Stranger { quotes } = relation else { return Ok(Cow::Borrowed(mail)) };
        let why = goes_in_circles(&self.desk.existing(*quotes).await?);
        Ok(match why.filter(|_| mail.may_answer.is_yes()) {
            Some(why) => Cow::Owned(MailFacts { may_answer: MayAnswer::No(why), ..mail.clone() }),
            None => Cow::Borrowed(mail),
        })
    }

    /// Adds to a case; a second mail for the same case waits for the next batch.
    async fn join(
        &mut self,
        read: &Read,
        number: CaseNumber,
        input: &Input<'_>,
        settle: Option<Settle>,
    ) -> PortResult<()> {
        if !self.touched.insert(number) {
            self.put_back.push(read.mail.id);
            return Ok(());
        }
        let case = self.desk.existing(number).await?;
        self.change(read, &case, input, settle);
        Ok(())
    }

    async fn report(&mut self, read: &Read, letter: LetterRef) -> PortResult<()> {
        let number = letter.case;
        let row = self
            .desk
            .store
            .letters(None, Some(number))
            .await?
            .into_iter()
            .find(|l| l.ordinal == letter.ordinal);
        let (Some(row), Some(bounce)) = (row, &read.facts.bounce) else {
            let cause = "delivery report about a letter that is not in the outbox".to_owned();
            self.done(read, Disposition::Filed, None, cause);
            return Ok(());
        };
        if number == CaseNumber::DESK {
            let cause = "delivery report about a notice of the desk".to_owned();
            self.done(read, Disposition::Filed, None, cause);
            return Ok(());
        }
        debug_assert_eq!(bounced_letter(&read.facts, &self.desk.policy), Some(letter));
        let input = Input::Delivery {
            ordinal: letter.ordinal,
            news: Delivery::Bounced { mail: &read.facts, bounce, received_at: read.mail.received_at },
            standing: self.standing(&read.facts),
        };
        let settle = failed_row(&row, bounce);
        self.join(read, number, &input, settle).await
    }

    /// Decides and composes. A letter that cannot be composed never keeps a case from being opened: a
    /// human is told that it is not acknowledged, and why (PROCEDURE 2.5).
    fn change(&mut self, read: &Read, case: &Case, input: &Input<'_>, settle: Option<Settle>) {
        let (desk, now) = (self.desk, self.now);
        let events = decide(case, input, now, &desk.policy);
        let change = desk.change(case, events, Actor::Customer, now).unwrap_or_else(|error| {
            tracing::error!(mail = read.mail.id, case = %case.number, %error, "a letter cannot be composed");
            let events = decide_unanswerable(case, input, &error.to_string(), now, &desk.policy);
            desk.change_without_fail(case, events, Actor::Customer, now)
        });
        self.notices += notices_in(&change.events);
        self.tell_log(read, &change);
        let mail = outcome(read, Disposition::Filed, Some(case.number), None);
        self.commits.push(Commit { change: Some(change), mail: Some(mail), settle, rescan: None });
    }

    fn set_aside(&mut self, read: &Read, why: &str) {
        let standing = self.standing(&read.facts);
        let why = &read.facts.scan.warns(why);
        let received_at = read.mail.received_at;
        let input = Input::SetAside { mail: read.mail.id, received_at, why, standing };
        let events = decide(&self.desk_after, &input, self.now, &self.desk.policy);
        for event in &events {
            self.desk_after.apply(self.now, event);
        }
        self.notices += notices_in(&events);
        self.desk_events.extend(events);
        self.done(read, Disposition::SetAside, None, why.to_owned());
    }

    fn done(&mut self, read: &Read, disposition: Disposition, case: Option<CaseNumber>, cause: String) {
        let mail = self.desk.policy.key.pseudonym(&read.facts.digest.to_string());
        tracing::info!(mail, %disposition, cause, "mail done");
        self.commits
            .push(Commit { mail: Some(outcome(read, disposition, case, Some(cause))), ..Commit::default() });
    }

    fn tell_log(&self, read: &Read, change: &CaseChange) {
        let mail = self.desk.policy.key.pseudonym(&read.facts.digest.to_string());
        let events: Vec<&str> = change.events.iter().map(Event::kind).collect();
        tracing::info!(mail, case = %change.after.number, events = events.join(","), "mail decided");
    }

    fn finish(mut self) -> (Vec<Commit>, Vec<i64>) {
        if !self.desk_events.is_empty() {
            let events = std::mem::take(&mut self.desk_events);
            let change = self.desk.change_without_fail(&self.desk_before, events, Actor::Desk, self.now);
            self.commits.push(Commit { change: Some(change), ..Commit::default() });
        }
        (self.commits, self.put_back)
    }
}

/// The same decision about a mail that no machine may answer.
fn decide_unanswerable(
    case: &Case,
    input: &Input<'_>,
    why: &str,
    now: Timestamp,
    policy: &Policy,
) -> Vec<Event> {
    let Input::Complaint { mail, received_at, standing, doubt } = input else {
        return decide(case, input, now, policy);
    };
    let why = format!("no acknowledgement can be composed: {why}");
    let mail = MailFacts { may_answer: MayAnswer::No(why), ..(*mail).clone() };
    let (received_at, standing, doubt) = (*received_at, *standing, doubt.clone());
    decide(case, &Input::Complaint { mail: &mail, received_at, standing, doubt }, now, policy)
}

fn notices_in(events: &[Event]) -> u64 {
    let is_notice =
        |e: &&Event| matches!(e, Event::LetterWritten { letter } if letter.kind == LetterKind::Notice);
    u64::from(events.iter().any(|e| is_notice(&e)))
}

/// A letter that came back has failed, also in the outbox; a delay changes nothing there.
fn failed_row(row: &LetterEntry, bounce: &crate::core::facts::Bounce) -> Option<Settle> {
    let failed =
        bounce.action == crate::core::facts::BounceAction::Failed && row.state != LetterState::Failed;
    failed.then(|| Settle {
        letter: row.id,
        attempt: row.attempts,
        state: LetterState::Failed,
        next_at: None,
        reply: format!("came back: {}", bounce.status.as_deref().unwrap_or("no status given")),
    })
}

fn outcome(
    read: &Read,
    disposition: Disposition,
    case: Option<CaseNumber>,
    cause: Option<String>,
) -> MailOutcome {
    MailOutcome {
        mail: read.mail.id,
        disposition,
        case,
        cause,
        scan: read.facts.scan.clone(),
        facts: Some(MailHeadline::of(&read.facts)),
    }
}
