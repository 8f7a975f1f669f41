//! A Maildir as the [`Relay`] port: each letter becomes a mail in `new`, for `demo`, for tests and for
//! machines whose own mail system takes it from there.
//!
//! The envelope is kept in the two lines that delivery agents put first, `Return-Path` and
//! `Delivered-To`; the letter follows, its line ends those of files on this system, as mail programs that
//! read a Maildir expect (s-nail takes a CR for text).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use tokio::task::spawn_blocking;

use super::{READ_ONLY, make_maildir, sync_directory};
use crate::ports::{Outgoing, PortError, PortResult, Relay};

#[derive(Clone, Debug)]
pub struct MaildirRelay {
    path: PathBuf,
}

impl MaildirRelay {
    /// The Maildir is made with the first letter if it is not there.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

#[async_trait]
impl Relay for MaildirRelay {
    async fn send(&self, letter: &Outgoing) -> PortResult<String> {
        let path = self.path.clone();
        let content = with_envelope(letter);
        let delivered = spawn_blocking(move || deliver(&path, &content)).await.map_err(io::Error::other);
        // Nothing about a directory makes the letter itself undeliverable.
        delivered.and_then(|result| result).map_err(|error| {
            let read_only = error.kind() == io::ErrorKind::ReadOnlyFilesystem;
            let remedy = if read_only { format!(". {READ_ONLY}") } else { String::new() };
            PortError::Temporary(format!(
                "Maildir {}: the letter was not delivered and stays queued: {error}{remedy}",
                self.path.display()
            ))
        })
    }
}

fn with_envelope(letter: &Outgoing) -> Vec<u8> {
    let envelope = format!("Return-Path: <{}>\nDelivered-To: {}\n", letter.envelope_from, letter.recipient);
    let mut content = envelope.into_bytes();
    content.reserve(letter.bytes.len());
    for (at, byte) in letter.bytes.iter().enumerate() {
        if *byte != b'\r' || letter.bytes.get(at + 1) != Some(&b'\n') {
            content.push(*byte);
        }
    }
    content
}

/// Writes to `tmp`, makes it durable, and only then lets it appear in `new`.
fn deliver(maildir: &Path, content: &[u8]) -> io::Result<String> {
    make_maildir(maildir)?;
    let token: u64 = rand::random();
    let draft = maildir.join("tmp").join(format!("{token:016x}.complaintd"));
    let written = write_durably(&draft, content).and_then(|modified| {
        let name = file_name(modified, token);
        fs::rename(&draft, maildir.join("new").join(&name))?;
        sync_directory(&maildir.join("new"))?;
        Ok(format!("delivered as {name}"))
    });
    if written.is_err() {
        // Our own draft, never a mail: it may be half written.
        drop(fs::remove_file(&draft));
    }
    written
}

fn write_durably(path: &Path, content: &[u8]) -> io::Result<SystemTime> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    file.metadata()?.modified()
}

/// By the file's own time, so that names sort in order of delivery.
fn file_name(modified: SystemTime, token: u64) -> String {
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let process = std::process::id();
    format!("{}.M{:06}P{process}R{token:016x}.complaintd", since.as_secs(), since.subsec_micros())
}
