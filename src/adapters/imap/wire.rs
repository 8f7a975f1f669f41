//! One IMAP connection on which every command is checked and has a time limit.
//!
//! The library's own commands answer `Ok` and empty when the server says NO, BYE or closes, so none of
//! them is used after log-in (but COMPRESS, which checks). Here only the tagged OK of the very command
//! is success. After any [`Trouble`] but [`Trouble::No`] the connection is out of step: drop it.

use std::fmt::Debug;
use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_imap::Session;
use async_imap::imap_proto::{Outcome, RequestId, Response, ResponseCode, Status};
use futures::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::view::View;
use crate::adapters::account::excerpt;

/// A link slower than this many bytes a second counts as silent.
const SLOWEST_LINK: u64 = 16 * 1024;

/// Anything bytes can be read from and written to: TCP, TLS, and either compressed.
pub(super) trait Pipe: AsyncRead + AsyncWrite + Debug + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Pipe for T {}
pub(super) type Stream = Box<dyn Pipe>;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the server refused: {0}")]
    No(String),
    #[error("the server did not accept the command: {0}")]
    Bad(String),
    #[error("the server ended the connection: {0}")]
    Bye(String),
    #[error("the server closed the connection without an answer")]
    Closed,
    #[error("the server gave no complete answer within {} s", .0.as_secs_f32())]
    Silent(Duration),
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// Without the bytes: they may be a customer's mail.
    #[error("the server sent something that is not IMAP")]
    Nonsense,
    #[error("{0}")]
    Inconsistent(String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            // The parser's errors, which quote what they could not parse.
            io::ErrorKind::Other => Self::Nonsense,
            _ => Self::Broken(error),
        }
    }
}

impl From<async_imap::error::Error> for Trouble {
    fn from(error: async_imap::error::Error) -> Self {
        use async_imap::error::Error as E;
        match error {
            E::Io(error) => error.into(),
            E::No(text) => Self::No(information(&text)),
            E::Bad(text) => Self::Bad(information(&text)),
            E::ConnectionLost => Self::Closed,
            _ => Self::Nonsense,
        }
    }
}

/// The server's words within the library's rendering `code: …, info: Some("…")`.
fn information(text: &str) -> String {
    let said = text.split_once("info: Some(\"").map_or(text, |(_, said)| said.trim_end_matches("\")"));
    excerpt(said)
}

#[derive(Debug)]
pub(super) struct Wire {
    session: Session<Stream>,
    pub(super) abilities: Abilities,
    pub(super) view: View,
    patience: Duration,
    /// Listings since the last complete one.
    pub(super) listings: u32,
}

/// What of the server's capabilities matters here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Abilities {
    pub(super) idle: bool,
    pub(super) moves: bool,
    pub(super) uidplus: bool,
    pub(super) id: bool,
    pub(super) compress: bool,
}

impl Wire {
    pub(super) fn new(session: Session<Stream>, patience: Duration) -> Self {
        Self { session, abilities: Abilities::default(), view: View::default(), patience, listings: 0 }
    }

    /// How long the answer to a small command may take.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// How long one response of this size may take.
    pub(super) fn patience_for(&self, bytes: u64) -> Duration {
        self.patience + Duration::from_secs(bytes / SLOWEST_LINK)
    }

    /// Runs a command whose untagged responses do not matter.
    pub(super) async fn run(&mut self, command: &str) -> Result<(), Trouble> {
        self.query(command, self.patience, |_| {}).await
    }

    /// Runs a command, shows each untagged response, and returns only at its tagged status.
    pub(super) async fn query(
        &mut self,
        command: &str,
        patience: Duration,
        each: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), Trouble> {
        let tag = self.start(command).await?;
        self.finish(&tag, patience, each).await
    }

    /// Sends a command.
    pub(super) async fn start(&mut self, command: &str) -> Result<RequestId, Trouble> {
        let sending = self.session.run_command(command);
        Ok(timeout(self.patience, sending).await.map_err(|_| Trouble::Silent(self.patience))??)
    }

    /// Sends a line without a tag: `DONE`.
    pub(super) async fn say(&mut self, line: &str) -> Result<(), Trouble> {
        let sending = self.session.run_command_untagged(line);
        Ok(timeout(self.patience, sending).await.map_err(|_| Trouble::Silent(self.patience))??)
    }

    /// Reads up to the tagged status of a command that was sent.
    pub(super) async fn finish(
        &mut self,
        tag: &RequestId,
        patience: Duration,
        mut each: impl FnMut(&Response<'_>) + Send,
    ) -> Result<(), Trouble> {
        loop {
            let verdict = self
                .next(patience, |response| {
                    let verdict = verdict(tag, response);
                    if verdict.is_none() {
                        each(response);
                    }
                    verdict
                })
                .await?;
            if let Some(verdict) = verdict {
                return verdict;
            }
        }
    }

    /// Reads one response. Safe to abandon: what was read in part stays in the buffer.
    pub(super) async fn next<T>(
        &mut self,
        patience: Duration,
        look: impl FnOnce(&Response<'_>) -> T + Send,
    ) -> Result<T, Trouble> {
        // The parser panics on a few malformed answers (a date of NIL).
        let reading = AssertUnwindSafe(self.session.read_response()).catch_unwind();
        let read = timeout(patience, reading).await.map_err(|_| Trouble::Silent(patience))?;
        let response = read.map_err(|_panic| Trouble::Nonsense)??.ok_or(Trouble::Closed)?;
        if let Response::Data { status: Status::Bye, outcome } = response.parsed() {
            return Err(Trouble::Bye(said(outcome)));
        }
        self.view.note(response.parsed());
        if self.view.renumbered() {
            return Err(Trouble::Inconsistent("the folder was renumbered (UIDVALIDITY changed)".to_owned()));
        }
        Ok(look(response.parsed()))
    }

    /// Compresses the rest of the connection (RFC 4978).
    pub(super) async fn compressed(self) -> Result<Self, Trouble> {
        let Self { session, abilities, view, patience, listings } = self;
        let compressing = session.compress(|stream| Box::new(stream) as Stream);
        let session = timeout(patience, compressing).await.map_err(|_| Trouble::Silent(patience))??;
        Ok(Self { session, abilities, view, patience, listings })
    }
}

/// What a response means for the command of this tag; `None` where it is untagged.
fn verdict(tag: &RequestId, response: &Response<'_>) -> Option<Result<(), Trouble>> {
    let Response::Done { tag: answered, status, outcome } = response else { return None };
    if answered != tag {
        return Some(Err(Trouble::Inconsistent("the server answered another command".to_owned())));
    }
    Some(match status {
        Status::Ok => Ok(()),
        Status::No => Err(Trouble::No(said(outcome))),
        Status::Bye => Err(Trouble::Bye(said(outcome))),
        Status::Bad | Status::PreAuth => Err(Trouble::Bad(said(outcome))),
    })
}

/// What the server says to a human, with the code where it is one that matters to us.
pub(super) fn said(outcome: &Outcome<'_>) -> String {
    let text = outcome.information.as_deref().unwrap_or("(without a word)");
    match outcome.code {
        Some(ResponseCode::TryCreate) => format!("[TRYCREATE] {}", excerpt(text)),
        _ => excerpt(text),
    }
}
