//! The store on SQLite: the suite that every store passes, and what only a file can do to us.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use complaintd::adapters::store::{Absent, SqlStore};
use complaintd::ports::{PortError, Store as _};
use sqlx::Executor as _;
use tempfile::TempDir;

use crate::conformance::{self, World, arrival};

async fn world() -> World {
    let directory = TempDir::new().expect("a temporary directory");
    let url = url(&directory.path().join("complaintd.db"));
    World::new(url, Box::new(directory)).await
}

fn url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

macro_rules! on_sqlite {
    ($($name:ident),+ $(,)?) => {
        $(#[tokio::test]
        async fn $name() {
            conformance::$name(world().await).await;
        })+
    };
}
conformance::with_all!(on_sqlite);

fn permanent(error: &PortError, words: &[&str]) {
    assert!(error.is_permanent(), "trying again does not help: {error}");
    for word in words {
        assert!(error.to_string().contains(word), "{error} must say {word:?}");
    }
}

fn temporary(error: &PortError, words: &[&str]) {
    assert!(!error.is_permanent(), "trying again helps: {error}");
    for word in words {
        assert!(error.to_string().contains(word), "{error} must say {word:?}");
    }
}

#[tokio::test]
async fn a_locked_database_is_tried_again() {
    let world = world().await;
    let mut other = world.bare().await;
    other.execute("BEGIN IMMEDIATE").await.expect("locked");
    let error = world.store.keep(&[arrival(1, "one")]).await.expect_err("locked");
    temporary(&error, &["complaintd.db", "locked", "nothing was written", "tried again"]);
    assert!(world.store.received(0, 9, 9).await.expect("reading goes on").is_empty());
    other.execute("ROLLBACK").await.expect("released");
    world.store.keep(&[arrival(1, "one")]).await.expect("goes on by itself");
}

#[tokio::test]
async fn a_read_only_database_tells_what_to_do() {
    let world = world().await;
    world.store.keep(&[arrival(1, "one")]).await.expect("kept");
    let store = SqlStore::connect(&format!("{}?mode=ro", world.url)).await.expect("it may be read");
    assert_eq!(store.received(0, 9, 9).await.expect("read").len(), 1);
    let error = store.keep(&[arrival(2, "two")]).await.expect_err("read-only");
    permanent(&error, &["complaintd.db", "read-only", "all that was kept stays", "write permission"]);
}

#[tokio::test]
async fn what_is_no_database_is_left_alone() {
    let directory = TempDir::new().expect("a temporary directory");
    let path = directory.path().join("letter.txt");
    let text = "Dear Sir or Madam, ".repeat(500);
    std::fs::write(&path, &text).expect("written");
    let error = SqlStore::connect(&url(&path)).await.expect_err("no database");
    permanent(&error, &["letter.txt", "no database", "backup"]);
    assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
}

#[tokio::test]
async fn a_missing_directory_or_file_is_named() {
    let directory = TempDir::new().expect("a temporary directory");
    let lost = directory.path().join("lost");
    let error = SqlStore::connect(&url(&lost.join("complaintd.db"))).await.expect_err("no directory");
    permanent(&error, &[&lost.display().to_string(), "does not exist", "create it"]);
    let path = directory.path().join("typo.db");
    let error = SqlStore::open(&url(&path), Absent::Refuse).await.expect_err("no file");
    permanent(&error, &["typo.db", "does not exist", "complaintd migrate"]);
    assert!(!path.exists(), "a listing makes no database");
    for bad in ["mysql://h/d", "complaintd.db", "sqlite::memory:"] {
        permanent(&SqlStore::connect(bad).await.expect_err(bad), &["store.url", "sqlite:/var/lib"]);
    }
}

#[tokio::test]
async fn only_the_owner_reads_the_file() {
    let world = world().await;
    world.store.keep(&[arrival(1, "one")]).await.expect("kept");
    let path = world.url.strip_prefix("sqlite:").expect("a file");
    for file in [path.to_owned(), format!("{path}-wal")] {
        let mode = std::fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_database_without_our_tables_says_so() {
    let directory = TempDir::new().expect("a temporary directory");
    let store = SqlStore::connect(&url(&directory.path().join("new.db"))).await.expect("made");
    for error in [
        store.check_schema().await.expect_err("no tables"),
        store.keep(&[arrival(1, "one")]).await.expect_err("no tables"),
        store.tally().await.expect_err("no tables"),
    ] {
        permanent(&error, &["new.db", "complaintd migrate"]);
    }
}

#[tokio::test]
async fn a_path_is_taken_as_it_is_written() {
    let directory = TempDir::new().expect("a temporary directory");
    let path = directory.path().join("réclamations 100%20 #1.db");
    let store = SqlStore::connect(&url(&path)).await.expect("made");
    store.migrate().await.expect("migrated");
    store.keep(&[arrival(1, "one")]).await.expect("kept");
    assert!(path.metadata().expect("there").len() > 0);
    assert!(store.place().ends_with("réclamations 100%20 #1.db"), "{}", store.place());
}
