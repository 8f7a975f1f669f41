//! A PostgreSQL server of our own: private directory, free port on loopback, gone when dropped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use tempfile::TempDir;

use crate::lab::{free_port, send_signal};

pub struct Postgres {
    server: Child,
    port: u16,
    directory: TempDir,
}

impl Postgres {
    pub async fn start() -> Self {
        let binaries = binaries();
        let directory = TempDir::new().expect("a temporary directory");
        let data = directory.path().join("data");
        hand_over(directory.path());
        let made = command(&binaries.join("initdb"))
            .args(["--auth=trust", "--username=desk", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .expect("initdb starts");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let log = std::fs::File::create(directory.path().join("log")).expect("a log");
        let server = command(&binaries.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", &format!("port={port}")])
            // Durability is not what is tested here, and the disk is shared.
            .args(["-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=60"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("postgres starts");
        let postgres = Self { server, port, directory };
        postgres.wait().await;
        postgres
    }

    /// An empty database of this name.
    pub async fn database(&self, name: &str) -> String {
        let mut connection = AnyConnection::connect(&self.url("postgres")).await.expect("connects");
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE \"{name}\""))).await.expect("created");
        connection.close().await.expect("closes");
        self.url(name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://desk@127.0.0.1:{}/{database}", self.port)
    }

    /// Stops it at once, as a power cut does.
    pub fn kill(&mut self) {
        self.server.kill().expect("the server was running");
        self.server.wait().expect("it ends");
    }

    async fn wait(&self) {
        sqlx::any::install_default_drivers();
        for _ in 0..200 {
            if AnyConnection::connect(&self.url("postgres")).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = std::fs::read_to_string(self.directory.path().join("log")).unwrap_or_default();
        panic!("PostgreSQL does not answer after 10 s: {log}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.server.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        // SIGINT: fast shutdown (postgresql.org/docs/current/server-shutdown.html), children included.
        if !send_signal(self.server.id(), "INT") {
            drop(self.server.kill());
        }
        drop(self.server.wait());
    }
}

/// The newest installed version's programs.
fn binaries() -> PathBuf {
    let root = Path::new("/usr/lib/postgresql");
    let mut versions: Vec<PathBuf> = std::fs::read_dir(root)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    versions.retain(|bin| bin.join("initdb").exists() && bin.join("postgres").exists());
    versions.sort_by_key(|bin| {
        let version = bin.parent().and_then(Path::file_name).and_then(|name| name.to_str());
        version.and_then(|version| version.parse::<u32>().ok())
    });
    versions.pop().expect("PostgreSQL is not installed: apt-get install postgresql")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// PostgreSQL refuses to run as root: it runs as the account that its package made.
fn command(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
    command
}

fn hand_over(directory: &Path) {
    if is_root() {
        let owned = Command::new("chown").arg("postgres:postgres").arg(directory).status();
        assert!(owned.expect("chown starts").success(), "the directory goes to the account postgres");
    }
}
