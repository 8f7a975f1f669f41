//! Deciding on mails that have nothing to do with one another, as one transaction grows from it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::ahead::Read;
use crate::core::case::Case;
use crate::core::decide::{Delivery, Input, decide, doubt_of, next_number, why_not_to_a_stranger};
use crate::core::event::{Actor, Event};
use crate::core::facts::{MailFacts, MayAnswer};
use crate::core::ids::{Address, CaseNumber};
use crate::core::letter::{LetterKind, LetterState};
use crate::core::policy::{Policy, Standing};
use crate::core::route::{Known, Route, route};
use crate::core::thread::{Relation, bounced_letter, signed_letters};
use crate::core::token::LetterRef;
use crate::ports::{
    CaseChange, Clues, Commit, Disposition, LetterEntry, MailHeadline, MailOutcome, PortResult, Settle,
};
use crate::shell::Desk;
use crate::shell::limits::{DAY, HOUR};

/// What was decided, to be written in one transaction.
#[derive(Debug)]
pub struct Decided {
    pub commits: Vec<Commit>,
    /// All mails that were looked at.
    pub mails: Vec<i64>,
    /// Those of them whose turn has not come.
    pub unfinished: Vec<i64>,
    /// For those who decide while this is being written; `None` where they must wait for it.
    pub carried: Option<Carried>,
}

impl Decided {
    /// How many mails are done once it is written.
    pub fn finished(&self) -> usize {
        self.commits.iter().filter(|commit| commit.mail.is_some()).count()
    }
}

/// What decisions that only open cases, or file, change for mails that share nothing with theirs.
#[derive(Debug)]
pub struct Carried {
    /// What their mails can be known by (see [`keys`]).
    pub keys: BTreeSet<String>,
    serials: BTreeMap<u16, u32>,
    notices: u64,
}

/// The mails that share nothing with an earlier one or with what was decided `before`, and the others.
pub fn independent(mails: Vec<Read>, before: Option<&Carried>) -> (Vec<Read>, Vec<Read>) {
    let mut seen = before.map(|before| before.keys.clone()).unwrap_or_default();
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

/// The decisions of one batch, as they grow towards one transaction.
pub struct Batch<'a> {
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
    /// `before` is what was decided before and may not be written yet.
    pub async fn prepare(
        desk: &'a Desk,
        read: &[Read],
        before: Option<&Carried>,
        now: Timestamp,
    ) -> PortResult<Self> {
        let clues: Vec<Clues> = read.iter().map(|each| clues(each, desk)).collect();
        let senders: Vec<Address> = clues.iter().filter_map(|clue| clue.sender.clone()).collect();
        let kind = LetterKind::Acknowledgement;
        let (known, hour, day, desk_before, notices) = tokio::try_join!(
            desk.store.known(&clues),
            desk.store.letters_since(kind, &senders, now - HOUR),
            desk.store.letters_since(kind, &senders, now - DAY),
            desk.desk_case(),
            desk.notices(now),
        )?;
        let standings = senders
            .into_iter()
            .zip(hour.into_iter().zip(day))
            .map(|(to, (hour, day))| {
                (to, Standing { to_sender_hour: hour, to_sender_day: day, notices_hour: 0 })
            })
            .collect();
        Ok(Self {
            desk,
            now,
            known,
            standings,
            notices: before.map_or(notices, |before| notices.max(before.notices)),
            serials: before.map(|before| before.serials.clone()).unwrap_or_default(),
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

    pub async fn triage(&mut self, index: usize, read: &Read) -> PortResult<()> {
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
        let mail = &self.unless_a_strangers(&read.facts, relation).await?;
        let standing = self.standing(mail);
        let input = Input::Complaint { mail, received_at, standing, doubt: doubt_of(relation) };
        let case = Case::unopened(number);
        self.change(read, &case, &input, None);
        self.serials.insert(year, number.serial());
        Ok(())
    }

    async fn unless_a_strangers<'m>(
        &self,
        mail: &'m MailFacts,
        relation: &Relation,
    ) -> PortResult<Cow<'m, MailFacts>> {
        let Relation::Stranger { quotes, by } = relation else { return Ok(Cow::Borrowed(mail)) };
        let why = why_not_to_a_stranger(*by, &self.desk.existing(*quotes).await?);
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

    pub fn finish(mut self, read: &[Read]) -> Decided {
        let only_opens = |commit: &Commit| {
            commit.settle.is_none() && commit.change.as_ref().is_none_or(|change| change.before_seq == 0)
        };
        let stands_alone = self.desk_events.is_empty() && self.put_back.is_empty();
        let carried = (stands_alone && self.commits.iter().all(only_opens)).then(|| Carried {
            keys: read.iter().flat_map(|read| keys(&read.facts)).collect(),
            serials: self.serials,
            notices: self.notices,
        });
        if !self.desk_events.is_empty() {
            let events = std::mem::take(&mut self.desk_events);
            let change = self.desk.change_without_fail(&self.desk_before, events, Actor::Desk, self.now);
            self.commits.push(Commit { change: Some(change), ..Commit::default() });
        }
        let mails = read.iter().map(|read| read.mail.id).collect();
        Decided { commits: self.commits, mails, unfinished: self.put_back, carried }
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
