//! Mails as they came: stored whole before anything in them is read, and what became of each.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe};

use super::database::Database;
use super::failure::{Failure, Outcome};
use super::rests;
use super::sql::{self, Around, Columns as _, Value};
use crate::core::authenticity::{Authenticity, Verdict};
use crate::core::ids::CaseNumber;
use crate::core::scan::Scan;
use crate::ports::{Arrival, Disposition, Kept, MailEntry, MailOutcome, Place, StoredMail};

const STORED: Around = Around {
    before: "SELECT m.mailbox, m.folder, m.validity, m.uid, m.kept_bytes, m.bytes FROM (VALUES ",
    after: ") AS v CROSS JOIN messages m WHERE m.mailbox = v.column1 AND m.folder = v.column2 \
            AND m.validity = v.column3 AND m.uid = v.column4",
};
const KEEP: Around = Around {
    before: "INSERT INTO messages (mailbox, folder, validity, uid, digest, received_at, bytes, kept_bytes, \
             disposition, cause) VALUES ",
    after: " ON CONFLICT DO NOTHING RETURNING mailbox, folder, validity, uid, id",
};
const KEEP_BODIES: Around = Around { before: "INSERT INTO message_bodies (message, raw) VALUES ", after: "" };
pub(super) const BODIES: Around = Around {
    before: "SELECT m.mailbox, m.folder, m.validity, m.uid, m.id, m.digest, m.received_at, m.tries, b.raw, \
             CASE WHEN m.disposition = 'received' THEN m.cause END, m.kept_bytes, m.bytes \
             FROM messages m JOIN message_bodies b ON b.message = m.id WHERE m.id IN (",
    after: ")",
};
const BEGIN_READING: Around =
    Around { before: "UPDATE messages SET tries = tries + 1 WHERE id IN (", after: ")" };
const PUT_BACK: Around =
    Around { before: "UPDATE messages SET tries = tries - 1 WHERE tries > 0 AND id IN (", after: ")" };
const OUTCOMES: Around = Around {
    before: "UPDATE messages SET disposition = v.column2, case_id = v.column3, cause = v.column4, \
             message_id = v.column5, content = v.column6, sender = v.column7, subject = v.column8, \
             sent_at = v.column9, origin = v.column10, authenticity = v.column11, \
             authenticity_why = v.column12, scan = v.column13 FROM (VALUES ",
    after: ") AS v WHERE messages.id = v.column1 AND messages.disposition = 'received'",
};

pub(super) async fn stored(database: &Database, places: &[Place]) -> Outcome<BTreeMap<Place, Kept>> {
    let mut reader = database.reader().await?;
    let rows = places.iter().map(place_values).collect();
    let kept = |row: &AnyRow| {
        let bytes = row.count(4)?;
        Ok((place_of(row)?, Kept { bytes, whole: bytes >= row.count(5)? }))
    };
    Ok(sql::ask(&mut reader, STORED, rows, kept).await?.into_iter().collect())
}

fn place_values(place: &Place) -> [Value<'_>; 4] {
    [Value::text(&place.mailbox), Value::text(&place.folder), place.validity.into(), Value::text(&place.uid)]
}

fn place_of(row: &AnyRow) -> Outcome<Place> {
    Ok(Place {
        mailbox: row.string(0)?,
        folder: row.string(1)?,
        validity: row.small(2)?,
        uid: row.string(3)?,
    })
}

pub(super) async fn keep(database: &Database, arrivals: &[Arrival]) -> Outcome<()> {
    if arrivals.is_empty() {
        return Ok(());
    }
    let mut write = database.begin().await?;
    write.counts(arrivals.iter().map(|arrival| arrival.raw.len()).sum());
    let outcome = insert(write.connection(), arrivals).await;
    write.conclude(outcome).await
}

async fn insert(connection: &mut AnyConnection, arrivals: &[Arrival]) -> Outcome<()> {
    // A place given twice is one mail: the first.
    let mut raws: BTreeMap<&Place, &[u8]> = BTreeMap::new();
    for arrival in arrivals {
        raws.entry(&arrival.place).or_insert(&arrival.raw);
    }
    let rows = arrivals.iter().map(arrival_values).collect();
    let new = sql::ask(connection, KEEP, rows, |row| Ok((place_of(row)?, row.int(4)?))).await?;
    let beginning =
        |(place, id): &(Place, i64)| [Value::Int(*id), Value::Blob(rests::beginning(raws[place]))];
    sql::write(connection, KEEP_BODIES, new.iter().map(beginning).collect()).await?;
    for (place, id) in &new {
        rests::keep_further(connection, *id, raws[place]).await?;
    }
    Ok(())
}

fn arrival_values(arrival: &Arrival) -> [Value<'_>; 10] {
    let [mailbox, folder, validity, uid] = place_values(&arrival.place);
    [
        mailbox,
        folder,
        validity,
        uid,
        Value::digest(arrival.digest),
        Value::instant(arrival.received_at),
        Value::Int(sql::signed(arrival.bytes)),
        Value::Int(sql::signed(arrival.raw.len() as u64)),
        // Also one that must not be read: who sets it aside tells a human in the same transaction.
        Value::text(Disposition::Received.word()),
        Value::or_no_text(arrival.set_aside.as_deref().map(Value::foreign)),
    ]
}

pub(super) async fn received(
    database: &Database,
    after: i64,
    limit: u32,
    bytes: u64,
) -> Outcome<Vec<StoredMail>> {
    let mut reader = database.reader().await?;
    let waiting = sqlx::query(
        "SELECT id, kept_bytes FROM messages WHERE disposition = 'received' AND id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(i64::from(limit))
    .fetch_all(&mut *reader)
    .await?;
    let ids = within(&waiting, bytes)?;
    let mut mails = sql::ask_in(&mut reader, BODIES, &ids, kept_mail).await?;
    mails.sort_by_key(|kept| kept.mail.id);
    // Of one that must not be read, the beginning is enough.
    for kept in mails.iter_mut().filter(|kept| kept.mail.set_aside.is_none()) {
        complete(&mut reader, kept).await?;
    }
    Ok(mails.into_iter().map(|kept| kept.mail).collect())
}

/// The ids of rows (id, size) of at most so many bytes in all, but at least one.
pub(super) fn within(rows: &[AnyRow], bytes: u64) -> Outcome<Vec<Value<'static>>> {
    let mut ids = Vec::new();
    let mut sum: u64 = 0;
    for row in rows {
        sum = sum.saturating_add(row.count(1)?);
        if sum > bytes && !ids.is_empty() {
            break;
        }
        ids.push(Value::Int(row.int(0)?));
    }
    Ok(ids)
}

/// A mail with its beginning, and how much of it is kept in all.
pub(super) struct KeptMail {
    pub(super) mail: StoredMail,
    pub(super) kept_bytes: u64,
}

pub(super) async fn complete(connection: &mut AnyConnection, kept: &mut KeptMail) -> Outcome<()> {
    if kept.kept_bytes > kept.mail.raw.len() as u64 {
        rests::append(connection, &mut kept.mail, kept.kept_bytes).await?;
    }
    Ok(())
}

pub(super) fn kept_mail(row: &AnyRow) -> Outcome<KeptMail> {
    let kept_bytes = row.count(10)?;
    let mail = StoredMail {
        place: place_of(row)?,
        id: row.int(4)?,
        digest: row.digest(5)?,
        received_at: row.instant(6)?,
        tries: row.small(7)?,
        raw: row.blob(8)?,
        whole: kept_bytes >= row.count(11)?,
        set_aside: row.maybe_string(9)?,
    };
    Ok(KeptMail { mail, kept_bytes })
}

pub(super) async fn begin_reading(database: &Database, mails: &[i64]) -> Outcome<()> {
    count(database, BEGIN_READING, mails).await
}

pub(super) async fn put_back(database: &Database, mails: &[i64]) -> Outcome<()> {
    count(database, PUT_BACK, mails).await
}

async fn count(database: &Database, statement: Around, mails: &[i64]) -> Outcome<()> {
    if mails.is_empty() {
        return Ok(());
    }
    let mut write = database.begin().await?;
    let ids: Vec<Value<'_>> = mails.iter().map(|id| Value::Int(*id)).collect();
    let outcome = sql::write_in(write.connection(), statement, &ids).await;
    write.conclude(outcome).await?;
    Ok(())
}

pub(super) async fn mail(database: &Database, id: i64) -> Outcome<Option<StoredMail>> {
    let mut reader = database.reader().await?;
    let Some(mut kept) = sql::ask_in(&mut reader, BODIES, &[Value::Int(id)], kept_mail).await?.pop() else {
        return Ok(None);
    };
    complete(&mut reader, &mut kept).await?;
    Ok(Some(kept.mail))
}

pub(super) async fn mails(
    database: &Database,
    disposition: Option<Disposition>,
    case: Option<CaseNumber>,
) -> Outcome<Vec<MailEntry>> {
    let mut sql =
        "SELECT mailbox, folder, validity, uid, id, digest, message_id, sender, subject, received_at, \
         sent_at, bytes, disposition, case_id, tries, cause, authenticity, authenticity_why, scan \
         FROM messages WHERE TRUE"
            .to_owned();
    // A literal word, so that the partial indices serve.
    if let Some(disposition) = disposition {
        sql.push_str(" AND disposition = '");
        sql.push_str(disposition.word());
        sql.push('\'');
    }
    if case.is_some() {
        sql.push_str(" AND case_id = $1");
    }
    sql.push_str(" ORDER BY id");
    let mut query = sqlx::query(AssertSqlSafe(sql));
    if let Some(case) = case {
        query = query.bind(case.key());
    }
    let mut reader = database.reader().await?;
    query.fetch_all(&mut *reader).await?.iter().map(mail_entry).collect()
}

fn mail_entry(row: &AnyRow) -> Outcome<MailEntry> {
    Ok(MailEntry {
        place: place_of(row)?,
        id: row.int(4)?,
        digest: row.digest(5)?,
        message_id: row.maybe_string(6)?,
        sender: row.maybe_text(7)?.and_then(crate::core::ids::Address::parse),
        subject: row.maybe_string(8)?,
        received_at: row.instant(9)?,
        sent_at: row.maybe_instant(10)?,
        bytes: row.count(11)?,
        disposition: row.word(12, Disposition::from_word)?,
        case: row.maybe_case(13)?,
        tries: row.small(14)?,
        cause: row.maybe_string(15)?,
        authenticity: authenticity(row)?,
        scan: row.maybe_text(18)?.map_or(Ok(Scan::NotAsked), |_| row.word(18, Scan::from_text))?,
    })
}

fn authenticity(row: &AnyRow) -> Outcome<Option<Authenticity>> {
    let Some(_) = row.maybe_text(16)? else { return Ok(None) };
    let verdict = row.word(16, Verdict::from_word)?;
    Ok(Some(Authenticity { verdict, why: row.maybe_string(17)?.unwrap_or_default() }))
}

pub(super) async fn retry(database: &Database, id: i64) -> Outcome<bool> {
    let mut write = database.begin().await?;
    let outcome = sqlx::query(
        "UPDATE messages SET disposition = 'received', tries = 0, cause = NULL, scan = NULL, scan_tries = 0 \
         WHERE id = $1 AND disposition = 'set_aside'",
    )
    .bind(id)
    .execute(write.connection())
    .await;
    let changed = write.conclude(outcome.map_err(Failure::from)).await?;
    Ok(changed.rows_affected() == 1)
}

/// Each outcome must find its mail still received; else somebody else dealt with it.
pub(super) async fn settle(connection: &mut AnyConnection, outcomes: &[&MailOutcome]) -> Outcome<()> {
    let rows: Vec<_> = outcomes.iter().map(|outcome| outcome_values(outcome)).collect();
    let expected = rows.len() as u64;
    if sql::write(connection, OUTCOMES, rows).await? == expected { Ok(()) } else { Err(Failure::Conflict) }
}

pub(super) fn scan_value(scan: &Scan) -> Value<'static> {
    Value::or_no_text(scan.text().map(Value::text))
}

fn outcome_values(outcome: &MailOutcome) -> [Value<'_>; 13] {
    let facts = outcome.facts.as_ref();
    let text = |value: Option<Value<'static>>| Value::or_no_text(value);
    [
        Value::Int(outcome.mail),
        Value::text(outcome.disposition.word()),
        outcome.case.map_or(Value::NoInt, |case| Value::Int(case.key())),
        Value::or_no_text(outcome.cause.as_deref().map(Value::foreign)),
        Value::or_no_text(facts.and_then(|facts| Some(Value::foreign(facts.message_id.as_ref()?.as_str())))),
        text(facts.map(|facts| Value::digest(facts.content))),
        text(facts.and_then(|facts| Some(Value::text(facts.sender.as_ref()?.key())))),
        Value::or_no_text(facts.map(|facts| Value::foreign(&facts.subject))),
        text(facts.and_then(|facts| Some(Value::instant(facts.sent_at?)))),
        text(facts.map(|facts| Value::text(facts.origin))),
        text(facts.map(|facts| Value::text(facts.authenticity.verdict.word()))),
        Value::or_no_text(facts.map(|facts| Value::foreign(&facts.authenticity.why))),
        scan_value(&outcome.scan),
    ]
}
