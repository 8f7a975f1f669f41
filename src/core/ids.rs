//! Names of things: case numbers with their check character, mail addresses, message ids, digests.
//!
//! Each is a newtype that can only hold a well-formed value, so that no layer checks twice.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Number of a case: the local year in which it was opened and a serial that leaves no gap.
///
/// Written `R-2026-000123-K`; K is ISO 7064 mod 37,36 over `R2026000123`, so that one mistyped or
/// two exchanged characters never name somebody else's case (PROCEDURE 2.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CaseNumber {
    year: u16,
    serial: u32,
}

impl CaseNumber {
    /// The desk itself: its journal holds what belongs to no case (activation, circuit breaker).
    pub const DESK: Self = Self { year: 0, serial: 0 };
    /// Largest serial of a year: six digits are printed.
    pub const MAX_SERIAL: u32 = 999_999;

    pub fn new(year: u16, serial: u32) -> Option<Self> {
        ((1970..=9999).contains(&year) && (1..=Self::MAX_SERIAL).contains(&serial))
            .then_some(Self { year, serial })
    }

    pub fn year(self) -> u16 {
        self.year
    }

    pub fn serial(self) -> u32 {
        self.serial
    }

    /// The number as the store's key: year × 1,000,000 + serial.
    pub fn key(self) -> i64 {
        i64::from(self.year) * 1_000_000 + i64::from(self.serial)
    }

    /// The inverse of [`CaseNumber::key`]; `None` for a key that no case can have.
    pub fn from_key(key: i64) -> Option<Self> {
        if key == 0 {
            return Some(Self::DESK);
        }
        Self::new(u16::try_from(key / 1_000_000).ok()?, u32::try_from(key % 1_000_000).ok()?)
    }

    fn check_character(self) -> char {
        iso7064_mod_37_36(&format!("R{:04}{:06}", self.year, self.serial))
    }

    /// Reads a reference as people write it: any case, with or without the separators. `None` when
    /// the check character is missing or wrong.
    pub fn parse_lenient(text: &str) -> Option<Self> {
        let compact: String =
            text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        let rest = compact.strip_prefix('R')?;
        if rest.len() != 11 {
            return None;
        }
        let number = Self::new(rest[..4].parse().ok()?, rest[4..10].parse().ok()?)?;
        (number.check_character() == rest.chars().nth(10)?).then_some(number)
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::DESK {
            return f.write_str("desk");
        }
        write!(f, "R-{:04}-{:06}-{}", self.year, self.serial, self.check_character())
    }
}

/// Why a text is not a case number, in words for the person who typed it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{0:?} is not a case reference: expected the form R-2026-000123-K, whose last character checks the others"
)]
pub struct BadReference(pub String);

impl FromStr for CaseNumber {
    type Err = BadReference;

    fn from_str(text: &str) -> Result<Self, BadReference> {
        if text == "desk" {
            return Ok(Self::DESK);
        }
        Self::parse_lenient(text).ok_or_else(|| BadReference(text.to_owned()))
    }
}

/// ISO 7064 mod 37,36 ("hybrid system") over upper-case letters and digits.
fn iso7064_mod_37_36(text: &str) -> char {
    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut product: u32 = 36;
    for c in text.chars() {
        let value = c.to_digit(36).expect("only letters and digits are given");
        product = (product + value) % 36;
        if product == 0 {
            product = 36;
        }
        product = product * 2 % 37;
    }
    char::from(ALPHABET[((37 - product) % 36) as usize])
}

/// A mail address (RFC 5321 §4.1.2): local part, `@`, domain; at most 254 bytes, no white space or
/// control character. Compared without regard to case, as mailbox providers do.
#[derive(Clone, Debug)]
pub struct Address(String);

impl Address {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let bad = |c: char| c.is_control() || c.is_whitespace() || "<>()[],;:\\\"".contains(c);
        let fine = !local.is_empty()
            && local.len() <= 64
            && !domain.is_empty()
            && text.len() <= 254
            && !local.chars().any(bad)
            && !local.contains('@')
            && !domain.chars().any(bad)
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains("..");
        fine.then(|| Self(format!("{local}@{}", domain.to_lowercase())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form in which addresses are compared and stored for search: lower case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// The mailbox behind all spellings of the address, for limits on letters to one person: without
    /// subaddress, and without dots where the provider ignores them.
    pub fn inbox_key(&self) -> String {
        const IGNORE_DOTS: [&str; 2] = ["gmail.com", "googlemail.com"];
        let base = self.without_subaddress();
        if IGNORE_DOTS.contains(&base.domain()) {
            return format!("{}@gmail.com", base.local().replace('.', "").to_lowercase());
        }
        base.key()
    }

    /// `info+tag@x` without its subaddress (RFC 5233): `info@x`.
    pub fn without_subaddress(&self) -> Self {
        let local = self.local();
        let base = local.split_once('+').map_or(local, |(base, _)| base);
        Self(format!("{base}@{}", self.domain()))
    }

    /// The subaddress (RFC 5233): `tag` of `info+tag@x`.
    pub fn subaddress(&self) -> Option<&str> {
        self.local().split_once('+').map(|(_, tag)| tag)
    }

    /// This address with a subaddress in place of any it has.
    pub fn with_subaddress(&self, tag: &str) -> Self {
        let base = self.without_subaddress();
        Self(format!("{}+{tag}@{}", base.local(), base.domain()))
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Address {}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("{text:?} is not a mail address: write it as name@domain"))
        })
    }
}

/// A Message-ID (RFC 5322 §3.6.4) without its angle brackets; never empty, no white space, at most
/// 998 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct MessageId(String);

impl MessageId {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>').trim();
        let fine = !text.is_empty()
            && text.len() <= 998
            && !text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '<' || c == '>');
        fine.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the last `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or(self.0.as_str(), |(local, _)| local)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256 (FIPS 180-4), written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub fn parse(hex: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

/// The digest of bytes that come in parts.
#[derive(Clone, Debug, Default)]
pub struct Digesting(Sha256);

impl Digesting {
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    pub fn digest(&self) -> Digest {
        Digest(self.0.clone().finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

macro_rules! serde_as_text {
    ($type:ty, $parse:expr, $what:literal) => {
        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                $parse(&text).ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not {}", $what)))
            }
        }
    };
}

serde_as_text!(CaseNumber, |t: &str| t.parse::<CaseNumber>().ok(), "a case reference");
serde_as_text!(Digest, Digest::parse, "a SHA-256 digest");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_written_and_read_with_its_check_character() {
        for (serial, text) in [(8, "R-2026-000008-5"), (39, "R-2026-000039-S"), (142, "R-2026-000142-U")] {
            let number = CaseNumber::new(2026, serial).expect("in range");
            assert_eq!(number.to_string(), text);
            assert_eq!(text.parse(), Ok(number));
            assert_eq!(CaseNumber::parse_lenient(&text.to_lowercase().replace('-', " ")), Some(number));
            assert_eq!(CaseNumber::from_key(number.key()), Some(number));
        }
    }

    #[test]
    fn no_single_typing_error_names_another_case() {
        let text = "R-2026-000142-U";
        for (i, old) in text.char_indices().filter(|(i, c)| *i > 0 && *c != '-') {
            for new in ('0'..='9').chain('A'..='Z').filter(|c| *c != old) {
                let mut wrong = text.to_owned();
                wrong.replace_range(i..=i, &new.to_string());
                assert_eq!(CaseNumber::parse_lenient(&wrong), None, "{wrong}");
            }
        }
    }

    #[test]
    fn addresses_are_compared_without_case_and_hold_no_control_character() {
        assert_eq!(Address::parse("Marie.D@Example.FR"), Address::parse("marie.d@example.fr"));
        for bad in ["", "a", "@b", "a@", "a b@c", "a\r\nBcc: x@y", "a@b@c", "a@.c", "a@c..d", "<a@b>"] {
            assert_eq!(Address::parse(bad), None, "{bad:?}");
        }
        let info = Address::parse("info+x.y@d.fr").expect("an address");
        assert_eq!(info.subaddress(), Some("x.y"));
        assert_eq!(info.without_subaddress().as_str(), "info@d.fr");
    }
}
