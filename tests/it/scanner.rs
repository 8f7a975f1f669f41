//! The adapter for clamd against a scripted server: whole answers, half answers, silence, refusals.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use complaintd::adapters::scanner::{ClamdScanner, ClamdSocket};
use complaintd::ports::{About, PortError, PortResult, Scanner as _, Verdict};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener, UnixStream};

/// What the server does on each connection.
#[derive(Clone, Copy, Debug)]
enum Plays {
    /// Takes the command to its end and answers with this.
    Answers(&'static str),
    /// Answers and closes after so many bytes of the stream, without reading on, as clamd does at its limit.
    AnswersEarly(usize, &'static str),
    /// Takes all and says nothing.
    Hangs,
    Closes,
}

struct Server {
    dir: TempDir,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    fn start(plays: Plays) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("clamd")).unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = heard.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, plays, &hears).await;
            }
        });
        Self { dir, heard }
    }

    fn scanner(&self) -> ClamdScanner {
        scanner(self.dir.path().join("clamd"))
    }

    fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().clone()
    }
}

fn scanner(path: PathBuf) -> ClamdScanner {
    ClamdScanner::new(ClamdSocket::Unix(path), Duration::from_millis(300))
}

async fn serve(mut stream: UnixStream, plays: Plays, heard: &Mutex<Vec<u8>>) {
    match plays {
        Plays::Answers(answer) => {
            let command = read_command(&mut stream).await;
            heard.lock().unwrap().extend_from_slice(&command);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        Plays::AnswersEarly(bytes, answer) => {
            let mut some = vec![0; bytes];
            stream.read_exact(&mut some).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        Plays::Hangs => {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).await.unwrap();
        }
        Plays::Closes => {}
    }
}

/// A command to its end: a word up to NUL, and for INSTREAM its pieces.
async fn read_command(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut word = Vec::new();
    loop {
        let byte = stream.read_u8().await.unwrap();
        word.push(byte);
        if byte == 0 {
            break;
        }
    }
    if word != b"zINSTREAM\0" {
        return word;
    }
    let mut all = Vec::new();
    loop {
        let length = stream.read_u32().await.unwrap();
        if length == 0 {
            return all;
        }
        let mut piece = vec![0; length as usize];
        stream.read_exact(&mut piece).await.unwrap();
        all.extend(piece);
    }
}

async fn scanned(plays: Plays, bytes: &[u8]) -> PortResult<Verdict> {
    Server::start(plays).scanner().scan(bytes).await
}

#[tokio::test]
async fn a_mail_arrives_whole_and_its_verdict_is_read() {
    let mail: Vec<u8> = (0..=255).cycle().take(300_001).collect();
    let server = Server::start(Plays::Answers("stream: OK\0"));
    assert_eq!(server.scanner().scan(&mail).await.unwrap(), Verdict::Clean);
    assert_eq!(server.heard(), mail, "byte for byte, in pieces");
    let signature = "Win.Test.EICAR_HDB-1".to_owned();
    let found = scanned(Plays::Answers("stream: Win.Test.EICAR_HDB-1 FOUND\0"), b"x").await;
    assert_eq!(found.unwrap(), Verdict::Infected { signature });
    assert_eq!(scanned(Plays::Answers("stream: OK\0"), b"").await.unwrap(), Verdict::Clean);
}

#[tokio::test]
async fn half_an_answer_is_no_verdict() {
    for half in ["", "stream: O", "stream: OK", "stream: Win.Test.EICAR_HDB-1 FOUND", "stream: Win"] {
        let error = scanned(Plays::Answers(half), b"x").await.expect_err(half);
        assert!(
            matches!(&error, PortError::Temporary(why) if why.contains("before its answer was whole")),
            "{error}"
        );
    }
    for odd in
        ["UNKNOWN COMMAND\0", "COMMAND READ TIMED OUT\0", "stream: Can't allocate memory ERROR\0", "\0"]
    {
        let error = scanned(Plays::Answers(odd), b"x").await.expect_err(odd);
        assert!(!error.is_permanent() && error.to_string().contains("it answered"), "{error}");
    }
}

#[tokio::test]
async fn a_mail_over_stream_max_length_is_known_though_clamd_stops_listening() {
    let large = vec![b'x'; 20 << 20];
    let refused = Plays::AnswersEarly(100_000, "INSTREAM size limit exceeded. ERROR\0");
    assert_eq!(scanned(refused, &large).await.unwrap(), Verdict::TooLarge);
}

#[tokio::test]
async fn silence_ends_after_the_time_set() {
    let error = scanned(Plays::Hangs, b"x").await.expect_err("silence");
    assert!(error.to_string().contains("no answer within"), "{error}");
    assert!(!error.is_permanent());
    assert!(Server::start(Plays::Hangs).scanner().about().await.is_err());
    // One that takes nothing at all is as silent.
    let dir = tempfile::tempdir().unwrap();
    let _listener = UnixListener::bind(dir.path().join("clamd")).unwrap();
    scanner(dir.path().join("clamd")).scan(&vec![0; 10 << 20]).await.expect_err("nobody listens");
}

#[tokio::test]
async fn a_scanner_that_is_not_there_says_what_to_look_at() {
    let gone = scanner("/nonexistent/clamd.ctl".into());
    let error = gone.scan(b"x").await.expect_err("no socket");
    assert!(
        error.to_string().contains("/nonexistent/clamd.ctl") && error.to_string().contains("clamav-daemon")
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = ClamdScanner::new(ClamdSocket::Tcp(address), Duration::from_secs(5));
    assert!(!refused.about().await.expect_err("refused").is_permanent());
    assert!(scanned(Plays::Closes, b"x").await.is_err());
}

#[tokio::test]
async fn the_version_is_asked_of_one_that_says_pong() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = match read_command(&mut stream).await.as_slice() {
                b"zPING\0" => "PONG\0",
                b"zVERSION\0" => "ClamAV 1.4.3/27450/Tue Nov 24 09:31:00 2026\0",
                _ => "UNKNOWN COMMAND\0",
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let about = ClamdScanner::new(ClamdSocket::Tcp(address), Duration::from_secs(5)).about().await.unwrap();
    let signatures_of = Some("2026-11-24T09:31:00Z".parse().unwrap());
    assert_eq!(about, About { version: "ClamAV 1.4.3".to_owned(), signatures_of });
    let other = Server::start(Plays::Answers("220 smtp ready\0"));
    let error = other.scanner().about().await.expect_err("no clamd");
    assert!(error.to_string().contains("is it clamd?"), "{error}");
}
