//! DKIM signatures, verified with the keys that DNS has (RFC 6376): mail-auth behind the port.
//!
//! Only a signature that could speak for From is looked at, and asks DNS: a stranger's mail makes us ask
//! for the domain it claims and for nothing else. What is not in time is without answer; nothing here
//! fails, and nobody's mail waits for it longer than [`PATIENCE`].

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use mail_auth::common::crypto::Algorithm;
use mail_auth::common::headers::Header;
use mail_auth::dkim::{DkimError, Signature};
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, Error, MessageAuthenticator};
use tokio::runtime::Handle;

use crate::core::authenticity::{Finding, Method, Statement, aligned};
use crate::core::ids::Address;
use crate::mail::authenticity::{domain_in, domain_of};
use crate::ports::{PortError, PortResult, Signatures, Signed};

/// For all mails that are verified together.
const PATIENCE: Duration = Duration::from_secs(3);
/// For one question to one name server.
const ONE_QUESTION: Duration = Duration::from_secs(1);
/// Mails verified side by side.
const SIDE_BY_SIDE: usize = 16;
/// Signatures of one mail that are verified. A sender has one or two for its domain.
const MAX_SIGNATURES: usize = 5;
/// Names of header fields that a signature covers.
const MAX_SIGNED_FIELDS: usize = 200;

#[derive(Clone)]
pub struct DkimVerifier {
    dns: MessageAuthenticator,
}

impl DkimVerifier {
    /// Asks the name servers of this machine.
    pub fn of_this_machine() -> PortResult<Self> {
        let (config, options) = read_system_conf().map_err(|error| {
            PortError::Permanent(format!(
                "the name servers of this machine cannot be read from /etc/resolv.conf ({error}): DKIM \
                 signatures are not verified; mend it, or write verify_dkim = false"
            ))
        })?;
        Self::new(config, options)
    }

    pub fn new(config: ResolverConfig, mut options: ResolverOpts) -> PortResult<Self> {
        options.timeout = ONE_QUESTION;
        options.attempts = 2;
        let dns = MessageAuthenticator::new(config, options).map_err(|error| {
            PortError::Permanent(format!("no name server can be asked ({error}): check /etc/resolv.conf"))
        })?;
        Ok(Self { dns })
    }

    /// Whether DNS answers at all, asked for a name below `domain`.
    pub async fn probe(&self, domain: &str) -> PortResult<()> {
        let asked = self.dns.txt_raw_lookup(format!("_dmarc.{domain}."));
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(_) | Err(Error::Dns(mail_auth::DnsError::RecordNotFound(_)))) => Ok(()),
            Ok(Err(error)) => Err(PortError::Temporary(error.to_string())),
            Err(_) => Err(PortError::Temporary(format!("no answer in {} s", PATIENCE.as_secs()))),
        }
    }
}

impl std::fmt::Debug for DkimVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DkimVerifier").finish_non_exhaustive()
    }
}

#[async_trait]
impl Signatures for DkimVerifier {
    async fn verify(&self, mails: Vec<Signed>) -> Vec<Vec<Statement>> {
        let mut found: Vec<_> = mails.iter().map(|mail| vec![no_answer(&mail.from)]).collect();
        let each = mails.into_iter().enumerate().map(|(place, mail)| {
            let dns = self.dns.clone();
            async move { (place, off_the_async_threads(dns, mail).await) }
        });
        let mut answers = futures::stream::iter(each).buffer_unordered(SIDE_BY_SIDE);
        let all = async {
            while let Some((place, statements)) = answers.next().await {
                // None: verifying panicked, which says nothing about the mail.
                if let Some(statements) = statements {
                    found[place] = statements;
                }
            }
        };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            tracing::warn!("DNS does not answer in time: some DKIM signatures were not verified");
        }
        found
    }
}

fn no_answer(from: &Address) -> Statement {
    Statement { method: Method::Dkim, result: Finding::NoAnswer, domain: Some(domain_of(from)) }
}

/// The digest of a large mail takes a tenth of a second, which no other task may wait for.
async fn off_the_async_threads(dns: MessageAuthenticator, mail: Signed) -> Option<Vec<Statement>> {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || statements(&dns, &mail, &runtime)).await.ok()
}

fn statements(dns: &MessageAuthenticator, mail: &Signed, runtime: &Handle) -> Vec<Statement> {
    let Some(mut message) = AuthenticatedMessage::parse(&mail.raw) else { return Vec::new() };
    // The very From that we read, and no other: two readers may see two senders in one field.
    if message.from != [mail.from.key()] {
        return Vec::new();
    }
    let from = domain_of(&mail.from);
    message.errors.clear();
    message.dkim_headers.retain(|header| is_worth_a_question(&header.header, &from));
    message.dkim_headers.truncate(MAX_SIGNATURES);
    for Header { header, .. } in &mut message.dkim_headers {
        // Neither reports (RFC 6651) nor others' signatures (RFC 6541): each would ask DNS once more.
        (header.r, header.atps) = (false, None);
    }
    if message.dkim_headers.is_empty() {
        return Vec::new();
    }
    let verified =
        runtime.block_on(async { tokio::time::timeout(PATIENCE, dns.verify_dkim(&message)).await });
    match verified {
        Ok(outputs) => outputs.iter().map(statement).collect(),
        Err(_) => vec![no_answer(&mail.from)],
    }
}

fn is_worth_a_question(signature: &Signature, from: &str) -> bool {
    // RFC 6376 §5.4: From must be signed. RFC 8301 §3.1: SHA-1 proves nothing any more.
    signature.a != Algorithm::RsaSha1
        && signature.h.len() <= MAX_SIGNED_FIELDS
        && signature.h.iter().any(|name| name.trim().eq_ignore_ascii_case("from"))
        && domain_in(&signature.d).is_some_and(|signer| aligned(&signer, from))
}

fn statement(output: &DkimOutput<'_>) -> Statement {
    let result = match output.result() {
        DkimResult::Pass => Finding::Pass,
        DkimResult::Fail(_) | DkimResult::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch)) => {
            Finding::Fail
        }
        DkimResult::TempError(_) => Finding::NoAnswer,
        DkimResult::Neutral(_) | DkimResult::PermError(_) | DkimResult::None => Finding::Nothing,
    };
    let domain = output.signature().and_then(|signature| domain_in(&signature.d));
    Statement { method: Method::Dkim, result, domain }
}
