//! A virus scanner that speaks clamd's protocol (clamd(8), "COMMANDS"), on a unix socket or, on this
//! machine, by TCP. One command a connection, as clamd has it.
//!
//! Nothing but a whole answer counts: what is cut short, late or unknown is a temporary error, never
//! "clean". clamd closes the connection in the middle of a mail that is larger than its
//! `StreamMaxLength`, so that its answer is awaited while the mail is still being sent.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use crate::ports::{About, PortError, PortResult, Scanner, Verdict};

/// Bytes of a mail in one piece: the buffer that clamd reads into.
const CHUNK_BYTES: usize = 128 * 1024;
/// Longest answer that is read; clamd's are a line.
const ANSWER_BYTES: u64 = 4096;
/// Longest name of a signature that is kept, in characters.
const SIGNATURE_CHARS: usize = 100;
/// A scanner that is well says so at once.
const GREETING: Duration = Duration::from_secs(5);

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClamdSocket {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

#[derive(Debug)]
pub struct ClamdScanner {
    socket: ClamdSocket,
    /// Longest look at one mail.
    longest: Duration,
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl ClamdScanner {
    pub fn new(socket: ClamdSocket, longest: Duration) -> Self {
        Self { socket, longest }
    }

    async fn connect(&self) -> PortResult<Box<dyn Duplex>> {
        let connected: std::io::Result<Box<dyn Duplex>> = match &self.socket {
            ClamdSocket::Unix(path) => UnixStream::connect(path).await.map(|stream| Box::new(stream) as _),
            ClamdSocket::Tcp(address) => {
                TcpStream::connect(address).await.map(|stream| Box::new(stream) as _)
            }
        };
        connected.map_err(|error| {
            if error.kind() == std::io::ErrorKind::PermissionDenied {
                return PortError::Permanent(format!(
                    "{} may not be opened: add this daemon's user to the socket's group, or let clamd write \
                     LocalSocketMode 666",
                    self.place()
                ));
            }
            self.later(&format!("{error}: is clamd running (systemctl status clamav-daemon)?"))
        })
    }

    fn place(&self) -> String {
        match &self.socket {
            ClamdSocket::Unix(path) => format!("virus scanner at {}", path.display()),
            ClamdSocket::Tcp(address) => format!("virus scanner at {address}"),
        }
    }

    fn later(&self, why: &str) -> PortError {
        PortError::Temporary(format!("{}: {why}", self.place()))
    }

    async fn limited<T>(
        &self,
        longest: Duration,
        work: impl Future<Output = PortResult<T>>,
    ) -> PortResult<T> {
        match timeout(longest, work).await {
            Ok(result) => result,
            Err(_) => Err(self.later(&format!("no answer within {} seconds", longest.as_secs()))),
        }
    }

    /// A command without more; its answer.
    async fn command(&self, word: &str) -> PortResult<String> {
        let mut stream = self.connect().await?;
        let asked = stream.write_all(format!("z{word}\0").as_bytes()).await;
        asked.map_err(|error| self.later(&format!("it does not listen ({error})")))?;
        self.answer(&mut stream).await
    }

    /// Sends the bytes and reads the answer, which may come before they are all sent.
    async fn stream(&self, bytes: &[u8]) -> PortResult<String> {
        let (mut reader, mut writer) = tokio::io::split(self.connect().await?);
        let answer = self.answer(&mut reader);
        tokio::pin!(answer);
        tokio::select! {
            biased;
            early = &mut answer => early,
            // Where sending fails, the answer tells why, or that there is none.
            _ = send(&mut writer, bytes) => answer.await,
        }
    }

    /// One answer, which ends with NUL; what lacks it was cut short.
    async fn answer(&self, stream: &mut (impl AsyncRead + Unpin)) -> PortResult<String> {
        let mut answer = Vec::new();
        let mut limited = stream.take(ANSWER_BYTES);
        loop {
            if let Some(end) = answer.iter().position(|byte| *byte == 0) {
                return Ok(String::from_utf8_lossy(&answer[..end]).trim().to_owned());
            }
            match limited.read_buf(&mut answer).await {
                Ok(0) => return Err(self.later("it ended the connection before its answer was whole")),
                Ok(_) => {}
                Err(error) => return Err(self.later(&format!("the connection broke ({error})"))),
            }
        }
    }

    fn verdict(&self, answer: &str) -> PortResult<Verdict> {
        if answer.starts_with("INSTREAM size limit exceeded") {
            return Ok(Verdict::TooLarge);
        }
        let said = answer.strip_prefix("stream: ").unwrap_or(answer);
        if said == "OK" {
            return Ok(Verdict::Clean);
        }
        match said.strip_suffix(" FOUND") {
            // With AlertExceedsMax: no virus, but nobody looked at all of it.
            Some(name) if name.starts_with("Heuristics.Limits.Exceeded") => Ok(Verdict::TooLarge),
            Some(name) => Ok(Verdict::Infected { signature: signature(name) }),
            None => Err(self.later(&format!("it answered {:?}", signature(answer)))),
        }
    }
}

/// clamd(8) INSTREAM: pieces, each after its length in four bytes, and an empty one at the end.
async fn send(writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> std::io::Result<()> {
    writer.write_all(b"zINSTREAM\0").await?;
    for chunk in bytes.chunks(CHUNK_BYTES) {
        let length = u32::try_from(chunk.len()).expect("a chunk is far below 4 GB");
        writer.write_all(&length.to_be_bytes()).await?;
        writer.write_all(chunk).await?;
    }
    writer.write_all(&[0; 4]).await?;
    writer.flush().await
}

/// A name that can be shown and stored wherever text can.
fn signature(name: &str) -> String {
    let fine: String = name.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    let short: String = fine.chars().take(SIGNATURE_CHARS).collect();
    if short.trim().is_empty() { "without a name".to_owned() } else { short.trim().to_owned() }
}

/// `ClamAV 1.4.3/27450/Tue Nov 24 09:31:00 2026`: version, number and instant of the signatures.
fn about(answer: &str) -> About {
    let mut parts = answer.split('/');
    let version = signature(parts.next().unwrap_or_default());
    let made = parts.nth(1).and_then(|made| DateTime::strptime("%a %b %d %H:%M:%S %Y", made.trim()).ok());
    // In clamd's own zone, which it does not tell: some hours do not matter here.
    let signatures_of = made.and_then(|made| made.to_zoned(TimeZone::UTC).ok()).map(|made| made.timestamp());
    About { version, signatures_of }
}

#[async_trait]
impl Scanner for ClamdScanner {
    async fn scan(&self, bytes: &[u8]) -> PortResult<Verdict> {
        let answer = self.limited(self.longest, self.stream(bytes)).await?;
        self.verdict(&answer)
    }

    async fn about(&self) -> PortResult<About> {
        let longest = GREETING.min(self.longest);
        let pong = self.limited(longest, self.command("PING")).await?;
        if pong != "PONG" {
            return Err(self.later(&format!("it answered PING with {:?}: is it clamd?", signature(&pong))));
        }
        let answer: String = self.limited(longest, self.command("VERSION")).await?;
        Ok(about(&answer))
    }
}

/// The standard file by which scanners are tried (EICAR), which harms nobody. It stands here in two parts
/// so that this program is not taken for it.
pub fn test_file() -> Vec<u8> {
    ["X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes()
}

/// How old signatures are, in whole days.
pub fn age_days(about: &About, now: Timestamp) -> Option<i64> {
    about.signatures_of.map(|made| now.duration_since(made).as_hours() / 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(answer: &str) -> Option<Verdict> {
        let socket = ClamdSocket::Unix("/run/clamav/clamd.ctl".into());
        ClamdScanner::new(socket, GREETING).verdict(answer).ok()
    }

    #[test]
    fn only_a_plain_ok_is_clean() {
        assert_eq!(said("stream: OK"), Some(Verdict::Clean));
        let signature = "Win.Test.EICAR_HDB-1".to_owned();
        assert_eq!(said("stream: Win.Test.EICAR_HDB-1 FOUND"), Some(Verdict::Infected { signature }));
        let signature = "without a name".to_owned();
        assert_eq!(said("stream: \u{7} FOUND"), Some(Verdict::Infected { signature }));
        for too_large in
            ["INSTREAM size limit exceeded. ERROR", "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND"]
        {
            assert_eq!(said(too_large), Some(Verdict::TooLarge), "{too_large}");
        }
        for unknown in
            ["", "stream: ", "UNKNOWN COMMAND", "stream: NOT OK", "stream: Can't allocate memory ERROR"]
        {
            assert_eq!(said(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_age_of_the_signatures_is_read_where_it_is_told() {
        let now: Timestamp = "2026-11-26T10:00:00Z".parse().expect("an instant");
        let told = about("ClamAV 1.4.3/27450/Tue Nov 24 09:31:00 2026");
        assert_eq!((told.version.as_str(), age_days(&told, now)), ("ClamAV 1.4.3", Some(2)));
        let padded = about("ClamAV 0.103.8/26829/Wed Mar  1 09:22:59 2023");
        assert_eq!(padded.signatures_of, "2023-03-01T09:22:59Z".parse().ok());
        assert_eq!(about("ClamAV 1.0.7").signatures_of, None);
    }
}
