//! Signed names in our letters: the Message-ID, the reply address and the bounce address of a letter
//! each carry case, ordinal and a signature, so that an answer proves which letter it answers.
//!
//! The signature is HMAC-SHA-256 (RFC 2104) cut to 80 bits; who forges one opens nothing by itself,
//! since the sender must also be a participant (PROCEDURE 2.3).

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::ids::{Address, CaseNumber, MessageId};

/// The installation's signing key, at least 32 bytes from a credential.
#[derive(Clone)]
pub struct TokenKey(Vec<u8>);

/// Where a token stands; one made for a place is worth nothing in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenPlace {
    MessageId,
    ReplyAddress,
    BounceAddress,
}

/// One letter: its case and its ordinal there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct LetterRef {
    pub case: CaseNumber,
    pub ordinal: u32,
}

const SIGNATURE_BYTES: usize = 10;
const BOUNCE_PREFIX: &str = "b.";

impl TokenKey {
    /// Shortest key that is accepted, in bytes.
    pub const MIN_BYTES: usize = 32;

    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() >= Self::MIN_BYTES).then_some(Self(bytes))
    }

    /// `<r-2026-000123-k.1.SIGNATURE@domain>`
    pub fn message_id(&self, letter: LetterRef, domain: &str) -> MessageId {
        MessageId::parse(&format!("{}@{domain}", self.tag(TokenPlace::MessageId, letter)))
            .expect("tags and domains hold no white space")
    }

    /// `info+r-2026-000123-k.1.SIGNATURE@domain`
    pub fn reply_address(&self, letter: LetterRef, mailbox: &Address) -> Address {
        mailbox.with_subaddress(&self.tag(TokenPlace::ReplyAddress, letter))
    }

    /// `info+b.r-2026-000123-k.1.SIGNATURE@domain`
    pub fn bounce_address(&self, letter: LetterRef, mailbox: &Address) -> Address {
        mailbox.with_subaddress(&format!("{BOUNCE_PREFIX}{}", self.tag(TokenPlace::BounceAddress, letter)))
    }

    /// The letter that this Message-ID names, if we made it.
    pub fn open_message_id(&self, id: &MessageId) -> Option<LetterRef> {
        self.open(TokenPlace::MessageId, id.local())
    }

    /// The letter that this address (with subaddress) names, and the place it was made for.
    pub fn open_address(&self, address: &Address) -> Option<(TokenPlace, LetterRef)> {
        let tag = address.subaddress()?;
        match tag.strip_prefix(BOUNCE_PREFIX) {
            Some(rest) => Some((TokenPlace::BounceAddress, self.open(TokenPlace::BounceAddress, rest)?)),
            None => Some((TokenPlace::ReplyAddress, self.open(TokenPlace::ReplyAddress, tag)?)),
        }
    }

    fn tag(&self, place: TokenPlace, letter: LetterRef) -> String {
        format!("{}.{}.{}", letter.case.to_string().to_lowercase(), letter.ordinal, self.sign(place, letter))
    }

    fn open(&self, place: TokenPlace, tag: &str) -> Option<LetterRef> {
        let mut parts = tag.split('.');
        let (case, ordinal, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let letter = LetterRef { case: case.parse().ok()?, ordinal: ordinal.parse().ok()? };
        // Local parts may come back in capitals from old systems.
        let given = data_encoding::BASE32_NOPAD_NOCASE.decode(signature.as_bytes()).ok()?;
        self.mac(place, letter).verify_truncated_left(&given).ok()?;
        (given.len() == SIGNATURE_BYTES).then_some(letter)
    }

    fn sign(&self, place: TokenPlace, letter: LetterRef) -> String {
        let mac = self.mac(place, letter).finalize().into_bytes();
        data_encoding::BASE32_NOPAD.encode(&mac[..SIGNATURE_BYTES]).to_lowercase()
    }

    fn mac(&self, place: TokenPlace, letter: LetterRef) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256>>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&[match place {
            TokenPlace::MessageId => b'm',
            TokenPlace::ReplyAddress => b'r',
            TokenPlace::BounceAddress => b'b',
        }]);
        mac.update(&letter.case.key().to_be_bytes());
        mac.update(&letter.ordinal.to_be_bytes());
        mac
    }

    /// A keyed digest of a Message-ID for the logs, which must not hold the id itself
    /// (PROCEDURE 7.4).
    pub fn pseudonym(&self, text: &str) -> String {
        let mut mac = <Hmac<Sha256>>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"l");
        mac.update(text.as_bytes());
        data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()[..6])
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TokenKey {
        TokenKey::new(vec![7; 32]).expect("long enough")
    }

    fn letter() -> LetterRef {
        LetterRef { case: CaseNumber::new(2026, 123).expect("in range"), ordinal: 2 }
    }

    #[test]
    fn each_place_opens_its_own_token_only() {
        let info = Address::parse("info@divikeys.com").expect("an address");
        let reply = key().reply_address(letter(), &info);
        let bounce = key().bounce_address(letter(), &info);
        assert_eq!(key().open_address(&reply), Some((TokenPlace::ReplyAddress, letter())));
        assert_eq!(key().open_address(&bounce), Some((TokenPlace::BounceAddress, letter())));
        assert!(reply.local().len() <= 64 && bounce.local().len() <= 64, "RFC 5321 §4.5.3.1.1");
        let id = key().message_id(letter(), "divikeys.com");
        assert_eq!(key().open_message_id(&id), Some(letter()));
        let moved = info.with_subaddress(id.local());
        assert_eq!(key().open_address(&moved), None, "a Message-ID's token in an address");
    }

    #[test]
    fn a_forged_or_shortened_signature_opens_nothing() {
        let id = key().message_id(letter(), "divikeys.com");
        let other = TokenKey::new(vec![8; 32]).expect("long enough");
        assert_eq!(other.open_message_id(&id), None);
        let cut = MessageId::parse(&format!("{}@divikeys.com", &id.local()[..id.local().len() - 8]))
            .expect("an id");
        assert_eq!(key().open_message_id(&cut), None);
        assert_eq!(
            key().open_message_id(&MessageId::parse(&id.as_str().to_uppercase()).expect("an id")),
            Some(letter())
        );
    }
}
