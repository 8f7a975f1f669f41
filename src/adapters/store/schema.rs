//! The tables' version: brought up by `complaintd migrate` or at the first start, checked at each.

use sqlx::migrate::{MigrateError, Migrator};

use super::database::{Database, Kind};
use super::failure::Failure;
use super::sql::Columns as _;
use crate::ports::{PortError, PortResult};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

fn migrator(database: &Database) -> &'static Migrator {
    match database.kind() {
        Kind::Sqlite => &SQLITE,
        Kind::Postgres => &POSTGRES,
    }
}

/// Starts at the same moment that may each meet another's half-made tables; on PostgreSQL they queue.
const FIRST_STARTS: u32 = 8;

pub(super) async fn migrate(database: &Database) -> PortResult<()> {
    let mut connection = database.connect().await.map_err(|failure| failure.explain(database))?;
    let mut outcome = migrator(database).run(&mut connection).await;
    for _ in 0..FIRST_STARTS {
        // Several first starts at once on one SQLite file: another one is making the tables. Each try
        // waits for what that one is writing.
        if outcome.is_ok() || check(database).await.is_ok() {
            return Ok(());
        }
        outcome = migrator(database).run(&mut connection).await;
    }
    outcome.map_err(|error| explain(error, database))
}

fn explain(error: MigrateError, database: &Database) -> PortError {
    let place = database.place();
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            Failure::Sql(error).explain(database)
        }
        MigrateError::VersionMissing(version) => PortError::Permanent(newer(place, version)),
        MigrateError::VersionMismatch(version) => PortError::Permanent(altered(place, version)),
        error => PortError::Permanent(format!(
            "{place}: the tables were not brought up to this program ({error}); what was there stays: restore the backup made before, or report it"
        )),
    }
}

pub(super) async fn check(database: &Database) -> PortResult<()> {
    let applied = applied(database).await.map_err(|failure| failure.explain(database))?;
    let known: Vec<_> = migrator(database).iter().collect();
    let place = database.place();
    for (version, checksum) in &applied {
        match known.iter().find(|migration| migration.version == *version) {
            None => return Err(PortError::Permanent(newer(place, *version))),
            Some(migration) if *migration.checksum != **checksum => {
                return Err(PortError::Permanent(altered(place, *version)));
            }
            Some(_) => {}
        }
    }
    match known.iter().find(|migration| applied.iter().all(|(version, _)| *version != migration.version)) {
        None => Ok(()),
        Some(missing) => Err(PortError::Permanent(format!(
            "{place} lacks tables of this program (from {:04} on): make a backup, then run `complaintd migrate`",
            missing.version
        ))),
    }
}

async fn applied(database: &Database) -> Result<Vec<(i64, Vec<u8>)>, Failure> {
    let mut reader = database.reader().await?;
    sqlx::query("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
        .fetch_all(&mut *reader)
        .await?
        .iter()
        .map(|row| Ok((row.int(0)?, row.blob(1)?)))
        .collect()
}

fn newer(place: &str, version: i64) -> String {
    format!(
        "{place} was written by a newer complaintd (its tables are at {version:04}): nothing was changed; install that version again, or restore the backup made before it"
    )
}

fn altered(place: &str, version: i64) -> String {
    format!(
        "{place} has tables made by another text of migration {version:04} than this program's: nothing was changed; install the program that made them"
    )
}
