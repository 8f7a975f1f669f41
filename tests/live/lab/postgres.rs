//! PostgreSQL with an empty database.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::{Daemon, directory, find, free_port, is_root, run};

#[derive(Debug)]
pub struct Postgres {
    pub port: u16,
    _daemon: Daemon,
    directory: TempDir,
}

impl Postgres {
    pub fn start() -> Self {
        let programs = programs();
        let directory = directory("pg");
        let data = directory.path().join("data");
        let mut become_owner: Vec<String> = Vec::new();
        // PostgreSQL refuses to run as root.
        if is_root() {
            let id = |question| run(Command::new("id").args([question, "postgres"])).trim().to_owned();
            let (uid, gid) = (id("-u"), id("-g"));
            let number = |text: &str| text.parse::<u32>().expect("id prints a number");
            chown(directory.path(), Some(number(&uid)), Some(number(&gid)))
                .expect("root may give files away");
            become_owner = vec![format!("--reuid={uid}"), format!("--regid={gid}"), "--clear-groups".into()];
        }
        let initdb = programs.join("initdb");
        run(Command::new(find("setpriv", "util-linux"))
            .args(become_owner.iter().map(String::as_str).chain(["--pdeathsig", "INT"]))
            .arg(initdb)
            .arg("-D")
            .arg(&data)
            .args(["-U", "lab", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
            .current_dir("/"));
        let port = free_port();
        let log = directory.path().join("start.log");
        let program = programs.join("postgres");
        // INT is its fast shutdown: TERM would wait for the clients.
        let mut daemon = Daemon::start(&program, "INT", &log, |command| {
            command.args(become_owner).arg(&program).arg("-D").arg(&data);
            command.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-k"]);
            command.arg(directory.path());
        });
        daemon.await_port(port, &log);
        Self { port, _daemon: daemon, directory }
    }

    pub fn url(&self) -> String {
        format!("postgres://lab@127.0.0.1:{}/postgres", self.port)
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.path().join("start.log")).unwrap_or_default()
    }
}

/// The directory of the newest version's programs.
fn programs() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, programs)| programs.join("postgres").is_file())
        .collect();
    found.sort();
    let newest = found.pop().map(|(_, programs)| programs);
    newest.unwrap_or_else(|| {
        let initdb = find("initdb", "postgresql");
        initdb.canonicalize().ok().and_then(|path| path.parent().map(Path::to_owned)).expect("it has a place")
    })
}
