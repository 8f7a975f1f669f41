//! A scripted IMAP server on loopback: behaves well but where it is told not to.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does at a command.
#[derive(Clone, Debug)]
pub enum Answer {
    /// `@` at the beginning of a line stands for the tag.
    Say(Vec<u8>),
    SayAndClose(Vec<u8>),
    SayAndHang(Vec<u8>),
}

impl Answer {
    pub fn say(text: &str) -> Self {
        Self::Say(text.as_bytes().to_vec())
    }
}

#[derive(Clone, Debug)]
struct Rule {
    command: String,
    answer: Answer,
    uses: usize,
}

/// The rules come before the good behaviour; a command is matched by its beginning, without the tag.
#[derive(Debug)]
pub struct Script {
    capabilities: String,
    greeting: Answer,
    rules: Vec<Rule>,
}

/// Two mails, UIDs 1 and 2, of 5 bytes each.
impl Default for Script {
    fn default() -> Self {
        Self {
            capabilities: "IMAP4rev1 MOVE UIDPLUS IDLE".to_owned(),
            greeting: Answer::say("* OK ready\r\n"),
            rules: Vec::new(),
        }
    }
}

impl Script {
    pub fn capabilities(mut self, capabilities: &str) -> Self {
        capabilities.clone_into(&mut self.capabilities);
        self
    }

    pub fn greeting(mut self, answer: Answer) -> Self {
        self.greeting = answer;
        self
    }

    pub fn always(self, command: &str, answer: Answer) -> Self {
        self.times(usize::MAX, command, answer)
    }

    pub fn once(self, command: &str, answer: Answer) -> Self {
        self.times(1, command, answer)
    }

    fn times(mut self, uses: usize, command: &str, answer: Answer) -> Self {
        self.rules.push(Rule { command: command.to_owned(), answer, uses });
        self
    }

    pub async fn start(self) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let commands = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&commands);
        let script = Arc::new(Mutex::new(self));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&heard)));
            }
        });
        Server { port, commands }
    }

    /// The answer to a command that no rule is about.
    fn good(&self, command: &str) -> Answer {
        Answer::say(&match command.split(' ').next().unwrap_or_default() {
            "CAPABILITY" => format!("* CAPABILITY {}\r\n@ OK done\r\n", self.capabilities),
            "SELECT" => {
                "* 2 EXISTS\r\n* OK [UIDVALIDITY 7] numbered\r\n@ OK [READ-WRITE] done\r\n".to_owned()
            }
            "IDLE" => "+ idling\r\n".to_owned(),
            "UID" if command.starts_with("UID FETCH") => good_fetch(command),
            _ => "@ OK done\r\n".to_owned(),
        })
    }

    fn answer(&mut self, command: &str) -> Answer {
        let rule = self.rules.iter_mut().find(|rule| rule.uses > 0 && command.starts_with(&rule.command));
        match rule {
            Some(rule) => {
                rule.uses -= 1;
                rule.answer.clone()
            }
            None => self.good(command),
        }
    }
}

fn good_fetch(command: &str) -> String {
    let mut answer = String::new();
    for uid in 1..=2 {
        let what = if command.contains("RFC822.SIZE") {
            " RFC822.SIZE 5".to_owned()
        } else if command.contains("BODY.PEEK[]") {
            format!(" BODY[] {{5}}\r\nmail{uid}")
        } else {
            String::new()
        };
        answer = format!("{answer}* {uid} FETCH (UID {uid}{what})\r\n");
    }
    answer + "@ OK done\r\n"
}

#[derive(Debug)]
pub struct Server {
    pub port: u16,
    commands: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// The commands so far that begin like this, without their tags.
    pub fn heard(&self, beginning: &str) -> Vec<String> {
        let commands = self.commands.lock().unwrap();
        commands.iter().filter(|command| command.starts_with(beginning)).cloned().collect()
    }
}

async fn serve(stream: TcpStream, script: Arc<Mutex<Script>>, heard: Arc<Mutex<Vec<String>>>) {
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let greeting = script.lock().unwrap().greeting.clone();
    let mut tag = String::new();
    let mut going = perform(&mut stream, &tag, greeting).await;
    while going {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end();
        let command = match line.split_once(' ') {
            Some((new_tag, command)) => {
                new_tag.clone_into(&mut tag);
                command
            }
            // DONE, or a response to a challenge: belongs to the command before.
            None => line,
        };
        heard.lock().unwrap().push(command.to_owned());
        let answer = script.lock().unwrap().answer(command);
        going = perform(&mut stream, &tag, answer).await;
    }
}

/// False when the connection is to be closed.
async fn perform(stream: &mut BufReader<TcpStream>, tag: &str, answer: Answer) -> bool {
    let (Answer::Say(bytes) | Answer::SayAndClose(bytes) | Answer::SayAndHang(bytes)) = &answer;
    let mut out = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_prefix(b"@") {
            Some(rest) => out.extend([tag.as_bytes(), rest].concat()),
            None => out.extend(line),
        }
    }
    if stream.write_all(&out).await.is_err() {
        return false;
    }
    if matches!(answer, Answer::SayAndHang(_)) {
        std::future::pending::<()>().await;
    }
    !matches!(answer, Answer::SayAndClose(_))
}
