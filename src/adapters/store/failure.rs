//! What goes wrong at the database, and what a person is told of it: the file or host, what is kept,
//! the remedy. Whether trying again helps is decided here and nowhere else.
//!
//! Nothing of a statement's values is told: they hold personal data.

use std::time::Duration;

use sqlx::Error;
use sqlx::error::{DatabaseError, ErrorKind};

use super::database::{Database, Kind};
use crate::ports::PortError;

/// Why a step of the store was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Somebody else changed what the step builds on.
    #[error("the world moved")]
    Conflict,
    /// What is stored cannot be what was written.
    #[error("{0}")]
    Corrupt(String),
    #[error("no answer within {0:?}")]
    Silent(Duration),
    #[error(transparent)]
    Sql(#[from] Error),
}

pub(super) type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// Whether the transaction lost against another one: the same key, or a deadlock.
    pub(super) fn is_conflict(&self) -> bool {
        match self {
            Self::Conflict => true,
            Self::Sql(Error::Database(error)) => {
                error.kind() == ErrorKind::UniqueViolation
                    // Serialization failure, deadlock: rolled back by PostgreSQL, nothing is wrong.
                    || matches!(error.code().as_deref(), Some("40001" | "40P01"))
            }
            _ => false,
        }
    }

    /// In words, for a person.
    pub(super) fn explain(self, database: &Database) -> PortError {
        let place = database.place();
        match self {
            Self::Conflict => PortError::Temporary(format!(
                "{place}: another instance wrote at the same time; nothing was written, the next round decides afresh"
            )),
            Self::Corrupt(what) => PortError::Permanent(format!(
                "{place}: {what}; nothing was changed: run `complaintd verify`, and restore the last good backup"
            )),
            Self::Silent(waited) => PortError::Temporary(format!(
                "{place} does not answer within {} s: what was under way is undone or will be found done, nothing is lost; it is tried again",
                waited.as_secs()
            )),
            Self::Sql(error) => explain(&error, database),
        }
    }
}

fn explain(error: &Error, database: &Database) -> PortError {
    match error {
        Error::Database(error) => match database.kind() {
            Kind::Sqlite => sqlite(&**error, database),
            Kind::Postgres => postgres(&**error, database),
        },
        Error::Io(error) => PortError::Temporary(format!(
            "{} cannot be reached ({error}): nothing was written and nothing is lost; is the server running, and do host and port in store.url name it? It is tried again",
            database.place()
        )),
        Error::Tls(error) => PortError::Permanent(format!(
            "{}: no encrypted connection ({error}): check sslmode and sslrootcert in store.url",
            database.place()
        )),
        Error::Configuration(error) => {
            PortError::Permanent(format!("store.url is not understood ({error}): {}", super::database::FORMS))
        }
        Error::PoolTimedOut => PortError::Temporary(format!(
            "{}: no connection became free in time; nothing was written, it is tried again",
            database.place()
        )),
        Error::ColumnDecode { .. } | Error::Decode(_) | Error::ColumnNotFound(_) => {
            PortError::Permanent(format!(
                "{}: a stored value cannot be read ({error}): nothing was changed; run `complaintd verify`, and restore the last good backup",
                database.place()
            ))
        }
        // A broken connection in its many forms: the next call makes a new one.
        _ => PortError::Temporary(format!(
            "{}: the connection failed ({error}); nothing was written, it is tried again",
            database.place()
        )),
    }
}

/// The low byte of SQLite's extended code is the primary one (sqlite.org/rescode.html).
fn sqlite(error: &dyn DatabaseError, database: &Database) -> PortError {
    let place = database.place();
    let code = error.code().and_then(|code| code.parse::<u32>().ok()).unwrap_or_default();
    match code & 0xff {
        5 | 6 => PortError::Temporary(format!(
            "{place} is locked by another program: nothing was written, all that was kept stays; end what holds it (a backup, an open sqlite3 shell). It is tried again"
        )),
        8 => PortError::Permanent(format!(
            "{place} is read-only: nothing was written, all that was kept stays; give the service's account write permission to the file and its directory"
        )),
        10 => PortError::Temporary(format!(
            "{place}: the disk reports an error (SQLite code {code}): nothing was written; look at the kernel's log and the disk. It is tried again"
        )),
        11 | 26 => PortError::Permanent(format!(
            "{place} is damaged or no database ({}): nothing was changed; keep the file, and restore the last good backup",
            error.message()
        )),
        13 => PortError::Temporary(format!(
            "the disk of {place} is full: nothing was written, all that was kept stays; free some space. It is tried again"
        )),
        14 => PortError::Permanent(format!(
            "{place} cannot be opened: does its directory exist, and may the service's account read and write there?"
        )),
        1 if error.message().starts_with("no such") => PortError::Permanent(no_schema(place)),
        _ => PortError::Permanent(format!(
            "{place} refuses a write ({}): nothing was written, all that was kept stays; this is a mistake of the program: please report it",
            error.message()
        )),
    }
}

/// SQLSTATE (postgresql.org/docs/current/errcodes-appendix.html).
fn postgres(error: &dyn DatabaseError, database: &Database) -> PortError {
    let place = database.place();
    let code = error.code().unwrap_or_default();
    let message = error.message();
    match &*code {
        "53100" => PortError::Temporary(format!(
            "the disk of {place} is full: nothing was written, all that was kept stays; free some space. It is tried again"
        )),
        "25006" => PortError::Temporary(format!(
            "{place} is read-only, as a standby is: nothing was written; name the primary in store.url (target_session_attrs) or wait until it is promoted. It is tried again"
        )),
        "55P03" | "57014" => PortError::Temporary(format!(
            "{place} is locked by another session ({message}): nothing was written; it is tried again"
        )),
        "3D000" => PortError::Permanent(format!(
            "{place} does not exist: create it with `createdb`, owned by the account in store.url"
        )),
        "42501" => PortError::Permanent(format!(
            "{place} refuses the account ({message}): nothing was written; make it the owner of the tables"
        )),
        "42P01" => PortError::Permanent(no_schema(place)),
        "XX001" | "XX002" => PortError::Permanent(format!(
            "{place} is damaged ({message}): nothing was changed; restore the last good backup"
        )),
        _ if code.starts_with("28") => PortError::Permanent(format!(
            "{place} refuses to log us in ({message}): check user and password in store.url, and pg_hba.conf"
        )),
        // Connection lost, out of resources, shutting down or starting up.
        _ if ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class)) => PortError::Temporary(
            format!("{place} is not available ({message}): nothing was written, it is tried again"),
        ),
        _ => PortError::Permanent(format!(
            "{place} refuses a statement ({code}, {message}): nothing was written, all that was kept stays; this is a mistake of the program: please report it"
        )),
    }
}

fn no_schema(place: &str) -> String {
    format!("{place} has no tables of ours yet: run `complaintd migrate`")
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::error::Error as StdError;

    use super::super::database::Absent;
    use super::*;

    /// An error of a database that is not at hand: a full disk, a damaged page.
    #[derive(Debug)]
    struct Told {
        code: &'static str,
    }

    impl std::fmt::Display for Told {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.message())
        }
    }

    impl StdError for Told {}

    impl DatabaseError for Told {
        fn message(&self) -> &'static str {
            "the database's own words"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.code.into())
        }

        fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[tokio::test]
    async fn each_failure_says_what_is_kept_and_whether_to_try_again() {
        let directory = tempfile::TempDir::new().expect("a temporary directory");
        let url = format!("sqlite:{}", directory.path().join("desk.db").display());
        let database = Database::open(&url, Absent::Create).await.expect("opens");
        let cases: [(&'static str, Kind, bool, &str); 12] = [
            ("5", Kind::Sqlite, false, "locked"),
            ("13", Kind::Sqlite, false, "is full"),
            ("4874", Kind::Sqlite, false, "disk reports an error"),
            ("8", Kind::Sqlite, true, "read-only"),
            ("11", Kind::Sqlite, true, "last good backup"),
            ("14", Kind::Sqlite, true, "cannot be opened"),
            ("53100", Kind::Postgres, false, "is full"),
            ("57P01", Kind::Postgres, false, "not available"),
            ("55P03", Kind::Postgres, false, "locked"),
            ("28P01", Kind::Postgres, true, "pg_hba.conf"),
            ("3D000", Kind::Postgres, true, "createdb"),
            ("XX001", Kind::Postgres, true, "damaged"),
        ];
        for (code, kind, permanent, words) in cases {
            let told = match kind {
                Kind::Sqlite => sqlite(&Told { code }, &database),
                Kind::Postgres => postgres(&Told { code }, &database),
            };
            assert_eq!(told.is_permanent(), permanent, "{code}: {told}");
            assert!(told.to_string().contains(words), "{code}: {told}");
            assert!(told.to_string().contains("desk.db"), "{code}: {told}");
        }
        let deadlock = Failure::Sql(Error::Database(Box::new(Told { code: "40P01" })));
        assert!(deadlock.is_conflict());
    }
}
