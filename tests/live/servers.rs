//! The servers of the lab that no other test here uses do start and stop.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use crate::lab::{Clamd, Dovecot, EICAR_PARTS, Postgres};

#[test]
fn postgres_starts_answers_and_stops() {
    let postgres = Postgres::start();
    let mut stream = TcpStream::connect(("127.0.0.1", postgres.port)).unwrap();
    // SSLRequest (PostgreSQL protocol §55.7): one byte, S or N.
    stream.write_all(&[0, 0, 0, 8, 4, 210, 22, 47]).unwrap();
    let mut answer = [0];
    stream.read_exact(&mut answer).unwrap();
    assert!(b"SN".contains(&answer[0]), "{}", postgres.log());
    assert!(postgres.url().starts_with("postgres://lab@127.0.0.1:"));
}

#[test]
fn clamd_finds_the_standard_test_file() {
    let clamd = Clamd::start();
    assert!(clamd.socket().exists());
    let file = EICAR_PARTS.concat();
    let mut stream = TcpStream::connect(("127.0.0.1", clamd.port)).unwrap();
    let length = u32::try_from(file.len()).unwrap().to_be_bytes();
    stream.write_all(&[b"zINSTREAM\0", &length[..], file.as_bytes(), &[0; 4]].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("Lab.Eicar") && answer.contains("FOUND"), "{answer}");
}

#[test]
fn a_server_is_stopped_when_its_test_panics() {
    let (tell, told) = std::sync::mpsc::channel();
    let test = std::thread::spawn(move || {
        let dovecot = Dovecot::start();
        tell.send(dovecot.pid()).unwrap();
        panic!("on purpose");
    });
    let pid = told.recv().unwrap();
    assert!(test.join().is_err());
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "Dovecot {pid} is still there");
}
