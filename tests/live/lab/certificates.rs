//! A CA of our own, a good certificate, and the three bad ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{DOMAIN, find, run};

#[derive(Debug)]
pub struct Certificates {
    directory: PathBuf,
}

impl Certificates {
    /// Makes `server`, `expired` (for 127.0.0.2), `wrong` (for another name) and `unknown` (by another
    /// CA) in this directory.
    pub fn make(directory: PathBuf) -> Self {
        fs::create_dir_all(&directory).expect("the lab's directory can be written");
        let made = Self { directory };
        made.authority("ca");
        made.authority("otherca");
        made.leaf("server", &format!("DNS:localhost,DNS:mail.{DOMAIN},IP:127.0.0.1"), "ca", now());
        made.leaf("expired", "DNS:localhost,IP:127.0.0.2", "ca", long_ago());
        made.leaf("wrong", "DNS:wrong.example", "ca", now());
        made.leaf("unknown", "DNS:localhost,IP:127.0.0.4", "otherca", now());
        made
    }

    /// What a client trusts.
    pub fn ca(&self) -> PathBuf {
        self.file("ca.pem")
    }

    pub fn certificate(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.pem"))
    }

    pub fn key(&self, name: &str) -> PathBuf {
        self.file(&format!("{name}.key"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn authority(&self, name: &str) {
        run(openssl(&["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-days", "3650", "-subj", &format!("/CN=Lab {name}"), "-addext"])
            .args(["basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"])
            .args([Path::new("-keyout"), &self.key(name), Path::new("-out"), &self.certificate(name)]));
    }

    fn leaf(&self, name: &str, names: &str, authority: &str, mut sign: Command) {
        let (request, extensions) = (self.file(&format!("{name}.csr")), self.file(&format!("{name}.ext")));
        let (key, certificate) = (self.key(name), self.certificate(name));
        run(openssl(&["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"])
            .args(["-subj", &format!("/CN=mail.{DOMAIN}")])
            .args([Path::new("-keyout"), &key, Path::new("-out"), &request]));
        let text =
            format!("subjectAltName={names}\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n");
        fs::write(&extensions, text).expect("the lab's directory can be written");
        sign.args([Path::new("-req"), Path::new("-in"), &request, Path::new("-out"), &certificate]);
        sign.args([
            Path::new("-CA"),
            &self.certificate(authority),
            Path::new("-CAkey"),
            &self.key(authority),
        ]);
        run(sign.args([Path::new("-CAcreateserial"), Path::new("-extfile"), &extensions]));
    }
}

fn now() -> Command {
    openssl(&["x509", "-days", "3650"])
}

/// A signing command whose clock stands in 2020: not every openssl can set dates of its own.
fn long_ago() -> Command {
    let mut command = Command::new(find("faketime", "faketime"));
    command.args(["2020-01-01", "openssl", "x509", "-days", "30"]);
    command
}

fn openssl(arguments: &[&str]) -> Command {
    let mut command = Command::new(find("openssl", "openssl"));
    command.args(arguments);
    command
}
