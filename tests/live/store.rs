//! The store on a real PostgreSQL: the suite that every store passes, and what only a server can do to us.

use complaintd::adapters::store::SqlStore;
use complaintd::ports::Store as _;

use crate::conformance::{self, World, arrival};
use crate::postgres::Postgres;

macro_rules! on_postgres {
    ($($name:ident),+ $(,)?) => {
        /// One test, so that one server serves all; the name of the part that runs is printed.
        #[tokio::test]
        async fn the_store_on_postgresql_does_what_every_store_does() {
            let postgres = Postgres::start().await;
            $({
                println!("{}", stringify!($name));
                let url = postgres.database(stringify!($name)).await;
                let world = World::new(url, Box::new(())).await;
                conformance::$name(world).await;
            })+
        }
    };
}
conformance::with_all!(on_postgres);

#[tokio::test]
async fn a_server_that_goes_and_comes_is_only_waited_for() {
    let mut postgres = Postgres::start().await;
    let url = postgres.database("desk").await;
    let world = World::new(url.clone(), Box::new(())).await;
    world.store.migrate().await.expect("nothing to do");
    world.complaint(1).await;
    world.store.check_schema().await.expect("up to date");

    let missing = SqlStore::connect(&postgres.url("nowhere")).await.expect_err("no such database");
    assert!(missing.is_permanent());
    assert!(missing.to_string().contains("createdb"), "{missing}");

    let mut bare = world.bare().await;
    let ended = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    sqlx::query(ended).execute(&mut bare).await.expect("all other sessions end");
    let mut refused = 0;
    while let Err(error) = world.store.keep(&[arrival(2, "two")]).await {
        assert!(!error.is_permanent(), "{error}");
        refused += 1;
        assert!(refused < 5, "{error}");
    }
    assert_eq!(world.store.received(0, 9, 9).await.expect("reads again").len(), 1);

    postgres.kill();
    for error in [
        world.store.keep(&[arrival(3, "three")]).await.expect_err("gone"),
        world.store.tally().await.expect_err("gone"),
        SqlStore::connect(&url).await.expect_err("gone"),
    ] {
        assert!(!error.is_permanent(), "{error}");
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
    }
}
