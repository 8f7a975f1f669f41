//! Statements over many rows at once, and rows read back into our types.
//!
//! Rows go out in chunks of a few fixed sizes, so that the prepared statements of a connection are
//! few and stay. Both databases read the same text: `$N` parameters, and `column1`, `column2` … for
//! the columns of VALUES.

use std::borrow::Cow;
use std::fmt::Write as _;

use futures::TryStreamExt as _;
use jiff::Timestamp;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{AnyConnection, Arguments as _, AssertSqlSafe, Row as _};

use super::failure::{Failure, Outcome};
use crate::core::case::{instant_text, parse_instant};
use crate::core::ids::{Address, CaseNumber, Digest};

/// Rows of a statement; 256 rows of 13 columns stay far below SQLite's 32,766 parameters.
const CHUNKS: [usize; 7] = [256, 64, 32, 16, 8, 4, 1];
/// A statement holds at most so many bytes of bodies (and at least one row).
const CHUNK_BYTES: usize = 1024 * 1024;

/// One value of a row.
#[derive(Clone, Debug)]
pub(super) enum Value<'v> {
    Int(i64),
    Text(Cow<'v, str>),
    NoInt,
    NoText,
    Blob(&'v [u8]),
}

impl<'v> Value<'v> {
    /// Text of ours, without NUL by construction.
    pub(super) fn text(text: impl Into<Cow<'v, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Text from outside: PostgreSQL refuses NUL, which no reader misses.
    pub(super) fn foreign(text: &'v str) -> Self {
        if text.contains('\0') { Self::text(text.replace('\0', "\u{fffd}")) } else { Self::text(text) }
    }

    pub(super) fn instant(at: Timestamp) -> Self {
        Self::text(instant_text(at))
    }

    pub(super) fn digest(digest: Digest) -> Self {
        Self::text(digest.to_string())
    }

    pub(super) fn or_no_text(value: Option<Self>) -> Self {
        value.unwrap_or(Self::NoText)
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Blob(bytes) => bytes.len(),
            Self::Text(text) => text.len(),
            _ => 8,
        }
    }

    fn add_to(self, arguments: &mut AnyArguments) -> Outcome<()> {
        match self {
            Self::Int(value) => arguments.add(value),
            Self::Text(value) => arguments.add(value.into_owned()),
            Self::NoInt => arguments.add(None::<i64>),
            Self::NoText => arguments.add(None::<String>),
            Self::Blob(value) => arguments.add(value),
        }
        .map_err(|error| Failure::Sql(sqlx::Error::Encode(error)))
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

/// The text around the rows: `before` ends where VALUES stands, `after` follows the last row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around {
    pub(super) before: &'static str,
    pub(super) after: &'static str,
}

/// Writes rows; how many the database changed.
pub(super) async fn write<const N: usize>(
    connection: &mut AnyConnection,
    around: Around,
    rows: Vec<[Value<'_>; N]>,
) -> Outcome<u64> {
    let mut changed = 0;
    let marks = Marks::of(connection);
    let mut rows = rows.into_iter();
    while let Some((sql, arguments)) = next_chunk(around, marks, &mut rows)? {
        changed +=
            sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut *connection).await?.rows_affected();
    }
    Ok(changed)
}

/// Writes or asks for rows, and reads what comes back, each row as it comes.
pub(super) async fn ask<const N: usize, T>(
    connection: &mut AnyConnection,
    around: Around,
    rows: Vec<[Value<'_>; N]>,
    mut read: impl FnMut(&AnyRow) -> Outcome<T> + Send,
) -> Outcome<Vec<T>> {
    let mut answers = Vec::new();
    let marks = Marks::of(connection);
    let mut rows = rows.into_iter();
    while let Some((sql, arguments)) = next_chunk(around, marks, &mut rows)? {
        collect(connection, sql, arguments, &mut answers, &mut read).await?;
    }
    Ok(answers)
}

/// Rows are read one by one: with bodies in them, no two are held twice.
async fn collect<T>(
    connection: &mut AnyConnection,
    sql: String,
    arguments: AnyArguments,
    answers: &mut Vec<T>,
    read: &mut (impl FnMut(&AnyRow) -> Outcome<T> + Send),
) -> Outcome<()> {
    let mut rows = sqlx::query_with(AssertSqlSafe(sql), arguments).fetch(connection);
    while let Some(row) = rows.try_next().await? {
        answers.push(read(&row)?);
    }
    Ok(())
}

fn next_chunk<const N: usize>(
    around: Around,
    marks: Marks,
    rows: &mut std::vec::IntoIter<[Value<'_>; N]>,
) -> Outcome<Option<(String, AnyArguments)>> {
    let Some(size) = chunk_size(rows.as_slice()) else {
        return Ok(None);
    };
    let mut arguments = AnyArguments::default();
    arguments.reserve(size * N, 0);
    for value in rows.take(size).flatten() {
        value.add_to(&mut arguments)?;
    }
    Ok(Some((around.with_rows(marks, size, N), arguments)))
}

/// The largest chunk that the rest fills and whose bytes are bounded.
fn chunk_size<const N: usize>(rest: &[[Value<'_>; N]]) -> Option<usize> {
    let fits = |size: &usize| {
        *size <= rest.len()
            && (*size == 1 || rest[..*size].iter().flatten().map(Value::bytes).sum::<usize>() <= CHUNK_BYTES)
    };
    CHUNKS.into_iter().find(fits)
}

/// How parameters are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Marks {
    /// `$1`, which both databases read.
    Numbered,
    /// `?`: SQLite finds a numbered parameter by going through all of them, for each of them, which
    /// took a fifth of the time of large batches.
    Plain,
}

impl Marks {
    fn of(connection: &AnyConnection) -> Self {
        if connection.backend_name() == "SQLite" { Self::Plain } else { Self::Numbered }
    }

    fn write(self, sql: &mut String, number: usize) {
        match self {
            Self::Numbered => write!(sql, "${number}").expect("a String takes all text"),
            Self::Plain => sql.push('?'),
        }
    }
}

impl Around {
    /// `before ($1,$2),($3,$4) after`
    fn with_rows(self, marks: Marks, rows: usize, columns: usize) -> String {
        let mut sql = String::with_capacity(self.before.len() + self.after.len() + rows * columns * 6);
        sql.push_str(self.before);
        for row in 0..rows {
            sql.push_str(if row == 0 { "(" } else { ",(" });
            list(&mut sql, marks, row * columns, columns);
            sql.push(')');
        }
        sql.push_str(self.after);
        sql
    }

    /// `before $1,$2 after`, for IN lists.
    fn with_list(self, marks: Marks, values: usize) -> String {
        let mut sql = String::with_capacity(self.before.len() + self.after.len() + values * 6);
        sql.push_str(self.before);
        list(&mut sql, marks, 0, values);
        sql.push_str(self.after);
        sql
    }
}

fn list(sql: &mut String, marks: Marks, before: usize, count: usize) {
    for number in 1..=count {
        if number > 1 {
            sql.push(',');
        }
        marks.write(sql, before + number);
    }
}

/// Asks for the rows whose key is in a list; the list is filled up to a chunk by its last value.
pub(super) async fn ask_in<T>(
    connection: &mut AnyConnection,
    around: Around,
    keys: &[Value<'_>],
    mut read: impl FnMut(&AnyRow) -> Outcome<T> + Send,
) -> Outcome<Vec<T>> {
    let mut answers = Vec::new();
    for part in keys.chunks(CHUNKS[0]) {
        let (sql, arguments) = listed(around, Marks::of(connection), part)?;
        collect(connection, sql, arguments, &mut answers, &mut read).await?;
    }
    Ok(answers)
}

/// Writes to the rows whose key is in a list; how many the database changed.
pub(super) async fn write_in(
    connection: &mut AnyConnection,
    around: Around,
    keys: &[Value<'_>],
) -> Outcome<u64> {
    let mut changed = 0;
    for part in keys.chunks(CHUNKS[0]) {
        let (sql, arguments) = listed(around, Marks::of(connection), part)?;
        changed +=
            sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut *connection).await?.rows_affected();
    }
    Ok(changed)
}

fn listed(around: Around, marks: Marks, part: &[Value<'_>]) -> Outcome<(String, AnyArguments)> {
    let last = part.last().expect("chunks are never empty");
    let size = *CHUNKS.iter().rev().find(|size| **size >= part.len()).expect("a part is at most a chunk");
    let mut arguments = AnyArguments::default();
    for value in part.iter().chain(std::iter::repeat_n(last, size - part.len())) {
        value.clone().add_to(&mut arguments)?;
    }
    Ok((around.with_list(marks, size), arguments))
}

/// A size as databases have it.
pub(super) fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// A row's columns as our types, by position. What cannot be one is a damaged database.
pub(super) trait Columns {
    fn int(&self, column: usize) -> Outcome<i64>;
    fn maybe_int(&self, column: usize) -> Outcome<Option<i64>>;
    fn text(&self, column: usize) -> Outcome<&str>;
    fn maybe_text(&self, column: usize) -> Outcome<Option<&str>>;
    fn blob(&self, column: usize) -> Outcome<Vec<u8>>;
    fn maybe_blob(&self, column: usize) -> Outcome<Option<Vec<u8>>>;

    fn small(&self, column: usize) -> Outcome<u32> {
        let value = self.int(column)?;
        u32::try_from(value).map_err(|_| damaged("count", &value.to_string()))
    }

    fn count(&self, column: usize) -> Outcome<u64> {
        let value = self.int(column)?;
        u64::try_from(value).map_err(|_| damaged("count", &value.to_string()))
    }

    fn string(&self, column: usize) -> Outcome<String> {
        self.text(column).map(str::to_owned)
    }

    fn maybe_string(&self, column: usize) -> Outcome<Option<String>> {
        Ok(self.maybe_text(column)?.map(str::to_owned))
    }

    fn instant(&self, column: usize) -> Outcome<Timestamp> {
        read("instant", self.text(column)?, parse_instant)
    }

    fn maybe_instant(&self, column: usize) -> Outcome<Option<Timestamp>> {
        self.maybe_text(column)?.map(|text| read("instant", text, parse_instant)).transpose()
    }

    fn digest(&self, column: usize) -> Outcome<Digest> {
        read("digest", self.text(column)?, Digest::parse)
    }

    fn maybe_digest(&self, column: usize) -> Outcome<Option<Digest>> {
        self.maybe_text(column)?.map(|text| read("digest", text, Digest::parse)).transpose()
    }

    fn address(&self, column: usize) -> Outcome<Address> {
        read("address", self.text(column)?, Address::parse)
    }

    fn case(&self, column: usize) -> Outcome<CaseNumber> {
        let key = self.int(column)?;
        CaseNumber::from_key(key).ok_or_else(|| damaged("case number", &key.to_string()))
    }

    fn maybe_case(&self, column: usize) -> Outcome<Option<CaseNumber>> {
        match self.maybe_int(column)? {
            Some(key) => {
                CaseNumber::from_key(key).map(Some).ok_or_else(|| damaged("case number", &key.to_string()))
            }
            None => Ok(None),
        }
    }

    /// A word of one of our enumerations.
    fn word<T>(&self, column: usize, from_word: fn(&str) -> Option<T>) -> Outcome<T> {
        read("word", self.text(column)?, from_word)
    }
}

impl Columns for AnyRow {
    fn int(&self, column: usize) -> Outcome<i64> {
        Ok(self.try_get(column)?)
    }

    fn maybe_int(&self, column: usize) -> Outcome<Option<i64>> {
        Ok(self.try_get(column)?)
    }

    fn text(&self, column: usize) -> Outcome<&str> {
        Ok(self.try_get(column)?)
    }

    fn maybe_text(&self, column: usize) -> Outcome<Option<&str>> {
        Ok(self.try_get(column)?)
    }

    fn blob(&self, column: usize) -> Outcome<Vec<u8>> {
        Ok(self.try_get(column)?)
    }

    fn maybe_blob(&self, column: usize) -> Outcome<Option<Vec<u8>>> {
        Ok(self.try_get(column)?)
    }
}

fn read<T>(what: &str, text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Outcome<T> {
    // An address is personal data and is not shown.
    let shown = if what == "address" { "(not shown)" } else { text };
    parse(text).ok_or_else(|| damaged(what, shown))
}

fn damaged(what: &str, value: &str) -> Failure {
    Failure::Corrupt(format!("a stored {what} is damaged: {value:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_lists_are_numbered_through() {
        let around = Around { before: "INSERT INTO t (a, b) VALUES ", after: " RETURNING a" };
        assert_eq!(
            around.with_rows(Marks::Numbered, 2, 2),
            "INSERT INTO t (a, b) VALUES ($1,$2),($3,$4) RETURNING a"
        );
        assert_eq!(
            around.with_rows(Marks::Plain, 2, 2),
            "INSERT INTO t (a, b) VALUES (?,?),(?,?) RETURNING a"
        );
        let around = Around { before: "SELECT a FROM t WHERE a IN (", after: ")" };
        assert_eq!(around.with_list(Marks::Numbered, 3), "SELECT a FROM t WHERE a IN ($1,$2,$3)");
    }

    #[test]
    fn chunks_are_of_few_sizes_and_bounded_in_bytes() {
        let sizes = |mut rest: &[[Value<'_>; 1]]| {
            let mut sizes = Vec::new();
            while let Some(size) = chunk_size(rest) {
                sizes.push(size);
                rest = &rest[size..];
            }
            sizes
        };
        let small = vec![[Value::Int(1)]; 1 + 4 + 64 + 512];
        assert_eq!(sizes(&small), [256, 256, 64, 4, 1]);
        let large = vec![0; CHUNK_BYTES];
        assert_eq!(sizes(&vec![[Value::Blob(&large)]; 5]), [1, 1, 1, 1, 1], "one at a time");
    }

    #[test]
    fn foreign_text_holds_no_nul() {
        assert!(matches!(Value::foreign("a\0b"), Value::Text(text) if text == "a\u{fffd}b"));
    }
}
