//! One database, SQLite or PostgreSQL: how it is named, opened, read and written.
//!
//! All writes go through one connection, one transaction at a time. A [`Write`] owns that connection:
//! when its future is dropped halfway, the connection is closed and the database rolls back, so
//! that no half transaction is ever found by the next (sqlx#4385). Reads have a small pool of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Executor as _};
use tokio::sync::{Mutex, MutexGuard};

use super::failure::{Failure, Outcome};
use crate::ports::{PortError, PortResult};

/// How a database is named.
pub(super) const FORMS: &str =
    "write sqlite:/var/lib/complaintd/complaintd.db or postgres://user@host/database";

/// Connections for reading at the same time.
const READERS: u32 = 4;
/// How long a free reader is waited for.
const READER_WAIT: Duration = Duration::from_secs(5);
/// How long a server may take to answer the first word.
const CONNECT_WAIT: Duration = Duration::from_secs(10);

/// What every SQLite connection is told. `FULL`: a commit is on the disk when it returns.
const SQLITE_SESSION: &str = "PRAGMA busy_timeout = 2500; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;";
/// The log is moved into the file beside the writing, see [`Database::tidy`]; a commit that meets 32 MB of it
/// does so itself. A log that begins again writes where it wrote before, which is quicker than to grow.
const SQLITE_WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 33554432; \
     PRAGMA wal_autocheckpoint = 8000;";
/// Bytes written, about, after which the log is moved: pages that every batch changes are moved once.
const TIDY_BYTES: usize = 6 << 20;
const SQLITE_TIDY: &str = "PRAGMA wal_checkpoint(PASSIVE);";
/// Readers look a few rows up: what they keep of the file need not be much.
const SQLITE_READER: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -1000;";
/// To become a WAL, a file must be nobody else's for an instant, and the pragma does not wait for that: a
/// second first start at the same time fails it. A transaction does wait.
const SQLITE_WAIT: &str = "BEGIN IMMEDIATE; COMMIT;";
const SQLITE_WAITS: u32 = 20;
/// An instance that vanished must not hold its locks for ever, nor one wait for ever.
const POSTGRES_SESSION: &str = "SET application_name = 'complaintd'; \
     SET idle_in_transaction_session_timeout = '30s'; SET lock_timeout = '10s'; \
     SET statement_timeout = '120s'; SET client_min_messages = 'warning';";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

/// What to do where no SQLite file is yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absent {
    Create,
    Refuse,
}

#[derive(Debug)]
pub(super) struct Database {
    kind: Kind,
    place: String,
    options: AnyConnectOptions,
    readers: AnyPool,
    writer: Mutex<Option<AnyConnection>>,
    /// Written since the log was moved into the file last.
    written: AtomicUsize,
    tidier: Arc<Mutex<Option<AnyConnection>>>,
}

impl Database {
    pub(super) async fn open(url: &str, absent: Absent) -> PortResult<Self> {
        sqlx::any::install_default_drivers();
        let kind = kind_of(url)?;
        if let Some(path) = sqlite_path(url) {
            prepare_file(&path, absent)?;
        }
        let options = encoded(url)
            .parse::<AnyConnectOptions>()
            .map_err(|error| PortError::Permanent(format!("store.url is not understood ({error}): {FORMS}")))?
            .disable_statement_logging();
        let readers = AnyPoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(READER_WAIT)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection.execute(session_of(kind)).await?;
                    if kind == Kind::Sqlite {
                        connection.execute(SQLITE_READER).await?;
                    }
                    Ok(())
                })
            })
            .connect_lazy_with(options.clone());
        let database = Self {
            kind,
            place: place_of(kind, url, &options),
            options,
            readers,
            writer: Mutex::default(),
            written: AtomicUsize::new(0),
            tidier: Arc::default(),
        };
        let connection = database.connect().await.map_err(|failure| failure.explain(&database))?;
        *database.writer.lock().await = Some(connection);
        Ok(database)
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// The file or host, for messages; never the password.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// A connection of one's own, for writing or for one long look.
    pub(super) async fn connect(&self) -> Outcome<AnyConnection> {
        let connecting = async {
            let mut connection = self.options.connect().await?;
            connection.execute(session_of(self.kind)).await?;
            if self.kind == Kind::Sqlite {
                write_ahead(&mut connection).await?;
            }
            Ok(connection)
        };
        tokio::time::timeout(CONNECT_WAIT, connecting).await.unwrap_or(Err(Failure::Silent(CONNECT_WAIT)))
    }

    pub(super) async fn reader(&self) -> Outcome<PoolConnection<Any>> {
        match self.readers.acquire().await {
            Ok(reader) => Ok(reader),
            // The pool tries until its time is up, and does not tell why it failed.
            Err(error @ sqlx::Error::PoolTimedOut) => match self.connect().await {
                Ok(_) => Err(error.into()),
                Err(cause) => Err(cause),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Begins the one transaction that may write now.
    pub(super) async fn begin(&self) -> Outcome<Write<'_>> {
        let mut slot = self.writer.lock().await;
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        // IMMEDIATE: two writers that begin by reading would each wait for the other's end.
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        };
        if let Err(error) = connection.execute(begin).await {
            // SQLite's connection is as good as before; PostgreSQL's may be what failed.
            if self.kind == Kind::Sqlite {
                *slot = Some(connection);
                return Err(error.into());
            }
            connection = self.connect().await?;
            connection.execute(begin).await?;
        }
        Ok(Write { database: self, slot, connection: Some(connection), bytes: 0 })
    }

    /// Moves the log of SQLite into its file, on a connection of its own: no commit waits for that. One that
    /// fails is made good by the next, or by the writer.
    fn tidy(&self) {
        let (options, tidier) = (self.options.clone(), Arc::clone(&self.tidier));
        tokio::spawn(async move {
            let Ok(mut slot) = tidier.try_lock() else { return };
            let connection = match slot.take() {
                Some(connection) => Ok(connection),
                None => options.connect().await,
            };
            if let Ok(mut connection) = connection
                && connection.execute(SQLITE_TIDY).await.is_ok()
            {
                *slot = Some(connection);
            }
        });
    }

    /// The last connection of all programs moves the log into the file and removes it; what it cannot do, the
    /// next opening does.
    pub(super) async fn close(&self) -> Outcome<()> {
        self.readers.close().await;
        let (tidier, writer) = (self.tidier.lock().await.take(), self.writer.lock().await.take());
        for connection in tidier.into_iter().chain(writer) {
            connection.close().await?;
        }
        Ok(())
    }
}

/// A transaction under way. Dropped without an end, it is rolled back with its connection.
#[derive(Debug)]
pub(super) struct Write<'d> {
    database: &'d Database,
    slot: MutexGuard<'d, Option<AnyConnection>>,
    connection: Option<AnyConnection>,
    bytes: usize,
}

impl Write<'_> {
    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().expect("the connection is there until the transaction ends")
    }

    /// Notes about how much is written.
    pub(super) fn counts(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    pub(super) async fn commit(self) -> Outcome<()> {
        let (database, bytes) = (self.database, self.bytes);
        self.end("COMMIT").await?;
        if database.kind == Kind::Sqlite
            && database.written.fetch_add(bytes, Ordering::Relaxed) + bytes >= TIDY_BYTES
        {
            database.written.store(0, Ordering::Relaxed);
            database.tidy();
        }
        Ok(())
    }

    pub(super) async fn rollback(self) -> Outcome<()> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, how: &'static str) -> Outcome<()> {
        let mut connection = self.connection.take().expect("a transaction ends once");
        connection.execute(how).await?;
        *self.slot = Some(connection);
        Ok(())
    }

    /// Commits what was done, or rolls it back; a conflict is told apart from a failure.
    pub(super) async fn conclude<T>(self, outcome: Outcome<T>) -> Outcome<T> {
        match outcome {
            Ok(value) => {
                self.commit().await?;
                Ok(value)
            }
            Err(failure) if failure.is_conflict() => {
                self.rollback().await?;
                Err(Failure::Conflict)
            }
            // The connection may be what failed: it is closed, which rolls back.
            Err(failure) => Err(failure),
        }
    }
}

fn session_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => SQLITE_SESSION,
        Kind::Postgres => POSTGRES_SESSION,
    }
}

fn kind_of(url: &str) -> PortResult<Kind> {
    match url.split_once(':') {
        Some(("sqlite", _)) if url.contains(":memory:") || url.contains("mode=memory") => {
            Err(PortError::Permanent(format!(
                "store.url: a database in memory forgets every mail at the end: {FORMS}"
            )))
        }
        Some(("sqlite", _)) => Ok(Kind::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Kind::Postgres),
        _ => Err(PortError::Permanent(format!("store.url names neither SQLite nor PostgreSQL: {FORMS}"))),
    }
}

/// The file that a SQLite URL names.
fn sqlite_path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

/// Refuses what cannot work with a clear word, and makes a new file that only its owner reads.
fn prepare_file(path: &Path, absent: Absent) -> PortResult<()> {
    let shown = path.display();
    if path.exists() {
        return Ok(());
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Err(PortError::Permanent(format!(
            "{shown}: the directory {} does not exist: create it, owned by the service's account, or correct store.url",
            directory.display()
        )));
    }
    if absent == Absent::Refuse {
        return Err(PortError::Permanent(format!(
            "{shown} does not exist: correct store.url, or run `complaintd migrate` to create it"
        )));
    }
    create_private(path).map_err(|error| PortError::Permanent(format!("{shown} cannot be created: {error}")))
}

fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        // Another instance was quicker.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

/// A path is taken as it is written, whatever a URL would make of its characters.
fn encoded(url: &str) -> String {
    if url.starts_with("sqlite:") { url.replace('%', "%25").replace('#', "%23") } else { url.to_owned() }
}

fn place_of(kind: Kind, given: &str, options: &AnyConnectOptions) -> String {
    let url = &options.database_url;
    match kind {
        Kind::Sqlite => format!("database {}", sqlite_path(given).unwrap_or_default().display()),
        Kind::Postgres => format!(
            "PostgreSQL database {:?} at {}:{}",
            url.path().trim_start_matches('/'),
            url.host_str().unwrap_or("localhost"),
            url.port().unwrap_or(5432)
        ),
    }
}

async fn write_ahead(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    for _ in 0..SQLITE_WAITS {
        if connection.execute(SQLITE_WRITER).await.is_ok() {
            return Ok(());
        }
        connection.execute(SQLITE_WAIT).await?;
    }
    connection.execute(SQLITE_WRITER).await.map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_or_a_host() {
        assert_eq!(kind_of("sqlite:/a/b.db").ok(), Some(Kind::Sqlite));
        assert_eq!(kind_of("postgresql://u:p@h/d").ok(), Some(Kind::Postgres));
        for bad in ["mysql://h/d", "/a/b.db", "", "sqlite::memory:"] {
            assert!(matches!(kind_of(bad), Err(PortError::Permanent(why)) if why.contains(FORMS)), "{bad}");
        }
        assert_eq!(sqlite_path("sqlite:///a/b.db?mode=ro"), Some(PathBuf::from("/a/b.db")));
        assert_eq!(sqlite_path("sqlite:b.db"), Some(PathBuf::from("b.db")));
    }

    #[tokio::test]
    async fn a_commit_is_on_the_disk_when_it_returns() {
        let directory = tempfile::TempDir::new().expect("a temporary directory");
        let url = format!("sqlite:{}", directory.path().join("desk.db").display());
        let database = Database::open(&url, Absent::Create).await.expect("opens");
        let mut write = database.begin().await.expect("begins");
        for (pragma, expected) in [("synchronous", "2"), ("foreign_keys", "1"), ("journal_mode", "wal")] {
            let sql = format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}()");
            let row =
                sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(write.connection()).await.expect("told");
            assert_eq!(sqlx::Row::get::<String, _>(&row, 0), expected, "{pragma}");
        }
    }

    #[test]
    fn a_message_names_the_host_and_never_the_password() {
        let options: AnyConnectOptions = "postgres://u:secret@db.example:5433/desk".parse().expect("a URL");
        assert_eq!(place_of(Kind::Postgres, "", &options), "PostgreSQL database \"desk\" at db.example:5433");
    }
}
