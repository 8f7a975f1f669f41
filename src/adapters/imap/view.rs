//! The folder as the server has told us: what SELECT, EXISTS, EXPUNGE and the listings said.
//!
//! Every response of a connection passes through [`View::note`], so a listing need only ask for what is
//! new; where the count that the server states and ours differ, the whole is listed again.

use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode};

/// A mail in the folder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    pub(super) uid: u32,
    pub(super) bytes: u64,
}

#[derive(Debug, Default)]
pub(super) struct View {
    /// UIDVALIDITY (RFC 3501 §2.3.1.1); none before SELECT has said it.
    validity: Option<u32>,
    renumbered: bool,
    exists: usize,
    /// In the order of sequence numbers, which is that of UIDs; only as far as listed.
    mails: Vec<Entry>,
    listed: bool,
    removals: u64,
}

impl View {
    pub(super) fn note(&mut self, response: &Response<'_>) {
        match response {
            Response::MailboxData(MailboxDatum::Exists(count)) => self.exists = *count as usize,
            Response::Expunge(sequence) => self.remove(*sequence as usize),
            Response::Data { outcome, .. } | Response::Done { outcome, .. } => {
                if let Some(ResponseCode::UidValidity(validity)) = outcome.code {
                    self.renumbered |= self.validity.is_some_and(|before| before != validity);
                    self.validity = Some(validity);
                }
            }
            _ => {}
        }
    }

    fn remove(&mut self, sequence: usize) {
        self.removals += 1;
        self.exists = self.exists.saturating_sub(1);
        if (1..=self.mails.len()).contains(&sequence) {
            self.mails.remove(sequence - 1);
        }
    }

    pub(super) fn validity(&self) -> Option<u32> {
        self.validity
    }

    /// UIDVALIDITY changed under an open connection: nothing known of the folder holds.
    pub(super) fn renumbered(&self) -> bool {
        self.renumbered
    }

    /// How many mails the server says there are.
    pub(super) fn exists(&self) -> usize {
        self.exists
    }

    pub(super) fn removals(&self) -> u64 {
        self.removals
    }

    /// The mails, if they have been listed.
    pub(super) fn mails(&self) -> Option<&[Entry]> {
        self.listed.then_some(self.mails.as_slice())
    }

    /// Whether something may be there that no listing has shown.
    pub(super) fn has_news(&self) -> bool {
        !self.listed || self.exists > self.mails.len()
    }

    /// Fewer mails exist than we believe: our count is wrong.
    pub(super) fn is_out_of_step(&self) -> bool {
        self.exists < self.mails.len()
    }

    pub(super) fn replace(&mut self, mails: Vec<Entry>) {
        self.mails = mails;
        self.listed = true;
    }

    pub(super) fn append(&mut self, new: impl IntoIterator<Item = Entry>) {
        self.mails.extend(new);
    }

    pub(super) fn forget_listing(&mut self) {
        self.listed = false;
        self.mails.clear();
    }
}

/// The entry that a FETCH response states, if it has both UID and size; a change of flags has not.
pub(super) fn entry(response: &Response<'_>) -> Option<Entry> {
    let Response::Fetch(_, attributes) = response else { return None };
    let mut uid = None;
    let mut bytes = None;
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(value) => uid = Some(*value),
            AttributeValue::Rfc822Size(value) => bytes = Some(u64::from(*value)),
            _ => {}
        }
    }
    Some(Entry { uid: uid?, bytes: bytes? })
}
