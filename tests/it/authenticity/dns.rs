//! A name server on loopback that knows a few TXT records (RFC 1035 §4), counts what it is asked, and
//! can be silent.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use complaintd::adapters::dkim::DkimVerifier;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use tokio::net::UdpSocket;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Answers,
    Silent,
    /// SERVFAIL to everything.
    Fails,
}

pub struct NameServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl NameServer {
    pub async fn start(records: &[(&str, &str)], manner: Manner) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = socket.local_addr().expect("bound");
        let records: BTreeMap<String, String> =
            records.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        let task = tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let query = &buffer[..length];
                let (name, end) = question(query);
                heard.lock().expect("no panic while locked").push(name.clone());
                let answer = match manner {
                    Manner::Silent => continue,
                    Manner::Fails => reply(query, end, 2, None),
                    Manner::Answers => match records.get(&name) {
                        Some(text) => reply(query, end, 0, Some(text)),
                        None => reply(query, end, 3, None),
                    },
                };
                socket.send_to(&answer, peer).await.expect("sent");
            }
        });
        Self { address, asked, task }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic while locked").clone()
    }

    /// A verifier that asks here.
    pub fn verifier(&self) -> DkimVerifier {
        let mut udp = ConnectionConfig::udp();
        udp.port = self.address.port();
        let server = NameServerConfig::new(self.address.ip(), true, vec![udp]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        DkimVerifier::new(config, ResolverOpts::default()).expect("a resolver")
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The name asked for, in lower case, and where the question ends.
fn question(query: &[u8]) -> (String, usize) {
    let (mut at, mut labels) = (12, Vec::new());
    while query[at] != 0 {
        let length = usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_lowercase());
        at += 1 + length;
    }
    (labels.join("."), at + 5)
}

fn reply(query: &[u8], end: usize, code: u8, text: Option<&String>) -> Vec<u8> {
    let mut out = query[..2].to_vec();
    out.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(text.is_some()), 0, 0, 0, 0]);
    out.extend(&query[12..end]);
    if let Some(text) = text {
        let strings: Vec<u8> = text
            .as_bytes()
            .chunks(255)
            .flat_map(|part| [&[u8::try_from(part.len()).expect("at most 255")], part].concat())
            .collect();
        // The name by pointer, TXT, IN, an hour.
        out.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0x0e, 0x10]);
        out.extend(u16::try_from(strings.len()).expect("short").to_be_bytes());
        out.extend(strings);
    }
    out
}
