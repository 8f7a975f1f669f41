//! Mail handed to a server by SMTP (RFC 5321) or LMTP (RFC 2033), line by line.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

/// Hands one mail over; `hello` says by which protocol. Panics where the server does not take it.
pub fn hand_over(port: u16, hello: &str, from: &str, to: &str, mail: &[u8]) {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server runs");
    stream.set_nodelay(true).expect("it is a TCP socket");
    let mut server = Server(BufReader::new(stream));
    server.expect("220");
    server.command(hello, "250");
    server.command(&format!("MAIL FROM:<{from}>"), "250");
    server.command(&format!("RCPT TO:<{to}>"), "250");
    server.command("DATA", "354");
    let mut data = Vec::new();
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        // RFC 5321 §4.5.2
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
    }
    if !data.ends_with(b"\n") {
        data.extend_from_slice(b"\r\n");
    }
    data.extend_from_slice(b".\r\n");
    server.0.get_mut().write_all(&data).expect("the server runs");
    server.expect("250");
    server.command("QUIT", "221");
}

struct Server(BufReader<TcpStream>);

impl Server {
    fn command(&mut self, command: &str, code: &str) {
        let line = format!("{command}\r\n");
        self.0.get_mut().write_all(line.as_bytes()).expect("the server runs");
        self.expect(code);
    }

    fn expect(&mut self, code: &str) {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).expect("the server runs");
            assert!(line.starts_with(code), "expected {code}, got {line:?}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return;
            }
        }
    }
}
