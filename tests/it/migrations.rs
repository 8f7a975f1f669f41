//! Migrations: the same in both directories, applied once, never edited once released.

use std::collections::BTreeMap;
use std::path::Path;

use complaintd::adapters::store::SqlStore;
use complaintd::core::ids::Digest;
use sqlx::Executor as _;
use tempfile::TempDir;

use crate::conformance::World;

/// SHA-256 of each released file. A change to a table is a new file, and a line here; a line here
/// never changes, since databases that applied the file would be refused.
const RELEASED: &[(&str, &str)] = &[
    ("postgres/0001_desk.sql", "889443c2f718c8d48d3d66cbdec1680001eabab8d2a4c3e55e354d538f2fc7d2"),
    (
        "postgres/0002_persons_filed_once.sql",
        "4ee021fecf03447f5ec4946f8c362f94943238f96cf28623deb52ca5c2704820",
    ),
    ("postgres/0003_virus_scan.sql", "7f5c439449eca4db67914a58fb810e4779a2204f6162847756fad4a66c8930bc"),
    ("postgres/0004_authenticity.sql", "f81a4ced0c054def11566680c1768be8b606acc46d13616b5e91087d3f01a3bd"),
    ("postgres/0005_rests.sql", "00c0768d9e8d036fd1a79843cfdc623aff287b5f371c8dab10f489978795c357"),
    ("postgres/0006_content.sql", "9249b361769e123f006c1721b7580e8a30957891ec4a47ca2f9730dfd20a97f1"),
    ("sqlite/0001_desk.sql", "d6452032d0c52b6cfde1e731a5c154a04163635fd99b60aaaff117d50ffca82a"),
    (
        "sqlite/0002_persons_filed_once.sql",
        "4ee021fecf03447f5ec4946f8c362f94943238f96cf28623deb52ca5c2704820",
    ),
    ("sqlite/0003_virus_scan.sql", "090be5ffe269c1db66384005d0902953d1f8b55ea1becb1924a6c53bbed79ba4"),
    ("sqlite/0004_authenticity.sql", "f81a4ced0c054def11566680c1768be8b606acc46d13616b5e91087d3f01a3bd"),
    ("sqlite/0005_rests.sql", "6e1247fa03924e454eae907113a6e7623940def587a37b2ac4ee771a24be0abb"),
    ("sqlite/0006_content.sql", "9249b361769e123f006c1721b7580e8a30957891ec4a47ca2f9730dfd20a97f1"),
];

fn files() -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files = BTreeMap::new();
    for database in ["sqlite", "postgres"] {
        for entry in std::fs::read_dir(root.join(database)).expect("the directory is there") {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            files.insert(format!("{database}/{name}"), std::fs::read(&path).expect("readable"));
        }
    }
    files
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |database: &str| -> Vec<String> {
        files().into_keys().filter_map(|name| name.strip_prefix(database).map(str::to_owned)).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

#[test]
fn a_released_migration_is_never_edited() {
    let found: Vec<(String, String)> =
        files().into_iter().map(|(name, bytes)| (name, Digest::of(&bytes).to_string())).collect();
    let released: Vec<(String, String)> =
        RELEASED.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned())).collect();
    assert_eq!(found, released, "write a new migration instead, and list it");
}

async fn world() -> World {
    let directory = TempDir::new().expect("a temporary directory");
    let url = format!("sqlite:{}", directory.path().join("complaintd.db").display());
    World::new(url, Box::new(directory)).await
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let world = world().await;
    world.complaint(1).await;
    world.store.migrate().await.expect("nothing to do");
    world.another().await.migrate().await.expect("nothing to do");
    world.store.check_schema().await.expect("up to date");
    world.assert_verified().await;
    assert_eq!(world.store.verify().await.expect("verified").cases, 1);
}

#[tokio::test]
async fn two_first_starts_at_once_both_succeed() {
    let directory = TempDir::new().expect("a temporary directory");
    let url = format!("sqlite:{}", directory.path().join("complaintd.db").display());
    let start = || async {
        let store = SqlStore::connect(&url).await.expect("opens");
        store.migrate().await.expect("migrated by one of them");
        store.check_schema().await.expect("up to date");
    };
    futures::future::join3(start(), start(), start()).await;
}

#[tokio::test]
async fn tables_of_a_newer_program_are_refused() {
    let world = world().await;
    let mut connection = world.bare().await;
    connection
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (9999, 'later', TRUE, x'00', 0)",
        )
        .await
        .expect("written");
    for error in [
        world.store.check_schema().await.expect_err("newer"),
        world.store.migrate().await.expect_err("newer"),
    ] {
        assert!(error.is_permanent());
        assert!(error.to_string().contains("written by a newer complaintd"), "{error}");
    }
}

#[tokio::test]
async fn tables_made_by_another_text_are_refused() {
    let world = world().await;
    world.bare().await.execute("UPDATE _sqlx_migrations SET checksum = x'00'").await.expect("written");
    let error = world.store.check_schema().await.expect_err("another text");
    assert!(error.is_permanent());
    assert!(error.to_string().contains("another text of migration 0001"), "{error}");
    world.store.migrate().await.expect_err("another text");
}
