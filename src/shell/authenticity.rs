//! Who vouches for a mail's From, mailbox by mailbox: results that our own server wrote, or DKIM
//! signatures verified by ourselves. It is recorded and decides nothing yet; where nobody is asked,
//! nothing is spent (docs/decisions/0012).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::core::authenticity::{Authenticity, judge};
use crate::core::ids::Address;
use crate::mail::authenticity::{self, Trusted, domain_of};
use crate::ports::{Signatures, Signed};

/// Who is believed about the mails of one mailbox.
#[derive(Clone, Default, Debug)]
pub enum Voucher {
    #[default]
    Nobody,
    /// The server that takes this mailbox' mail from outside.
    Results(Trusted),
    /// The sender's own signature, with its key from DNS.
    Signature,
}

#[derive(Clone, Default)]
pub struct Vouchers {
    pub by_mailbox: Arc<BTreeMap<String, Voucher>>,
    pub signatures: Option<Arc<dyn Signatures>>,
}

/// What a first look gives, which asks nobody.
#[derive(Debug)]
pub enum Look {
    Done(Authenticity),
    /// DNS is to be asked about a signature for this From.
    Ask(Address),
}

impl Vouchers {
    pub fn look(&self, mailbox: &str, raw: &[u8]) -> Look {
        match self.by_mailbox.get(mailbox) {
            None | Some(Voucher::Nobody) => Look::Done(Authenticity::default()),
            Some(Voucher::Results(trusted)) => Look::Done(authenticity::stated(raw, trusted)),
            Some(Voucher::Signature) => authenticity::to_verify(raw).map_or_else(Look::Done, Look::Ask),
        }
    }

    /// What is found of these mails' signatures, in the same order.
    pub async fn ask(&self, mails: Vec<Signed>) -> Vec<Authenticity> {
        let domains: Vec<String> = mails.iter().map(|mail| domain_of(&mail.from)).collect();
        let Some(signatures) = self.signatures.as_ref().filter(|_| !mails.is_empty()) else {
            return vec![Authenticity::default(); mails.len()];
        };
        let found = signatures.verify(mails).await;
        domains
            .iter()
            .zip(found)
            .map(|(domain, statements)| judge(domain, "the keys in DNS", &statements))
            .collect()
    }
}

impl std::fmt::Debug for Vouchers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vouchers").field("by_mailbox", &self.by_mailbox).finish_non_exhaustive()
    }
}
