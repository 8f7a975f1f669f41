//! Mail that is signed or encrypted as a whole: S/MIME (RFC 8551, CMS in RFC 5652) and PGP (RFC 3156,
//! RFC 9580 §6).
//!
//! Nothing is decrypted and no signature is verified: a signature proves nothing here. What is only
//! signed is opened, so that the words are read. Clients write BER with unknown lengths, which the
//! strict libraries refuse, so the few elements on the way to the content are walked here; every step
//! is bounded by the bytes.

/// What a CMS object holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Signed: the content, a MIME entity.
    Signed(Vec<u8>),
    /// For the holder of a key only.
    Encrypted,
    /// A bare signature or certificates: no content.
    Bare,
}

/// Types that a CMS object goes by.
pub fn is_cms_type(media_type: &str) -> bool {
    matches!(media_type, "application/pkcs7-mime" | "application/x-pkcs7-mime")
}

/// Signatures and keys beside the content: no document of the person's.
pub fn is_signature_type(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
            | "application/pgp-signature"
            | "application/pgp-keys"
    )
}

const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
const CONSTRUCTED: u8 = 0x20;
const EXPLICIT_0: u8 = 0xA0;

/// Object identifiers of RFC 5652 §4 to §8, RFC 5083.
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const ENVELOPED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
const ENCRYPTED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
const AUTH_ENVELOPED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";

/// Opens a CMS object as far as it goes without a key; `None` when it is none, or of another kind.
pub fn open(bytes: &[u8]) -> Option<Sealed> {
    let mut info = Elements(Elements(bytes).next_of(SEQUENCE)?);
    let kind = info.next_of(OID)?;
    if [ENVELOPED_DATA, ENCRYPTED_DATA, AUTH_ENVELOPED_DATA].contains(&kind) {
        return Some(Sealed::Encrypted);
    }
    if kind != SIGNED_DATA {
        return None;
    }
    let mut signed = Elements(Elements(info.next_of(EXPLICIT_0)?).next_of(SEQUENCE)?);
    // RFC 5652 §5.1: version, digest algorithms, the content with its type.
    signed.next()?;
    signed.next()?;
    let mut encapsulated = Elements(signed.next_of(SEQUENCE)?);
    encapsulated.next_of(OID)?;
    let Some(content) = encapsulated.next_of(EXPLICIT_0) else {
        return Some(Sealed::Bare);
    };
    let (tag, octets) = Elements(content).next()?;
    let mut out = Vec::new();
    collect(tag, octets, 0, &mut out)?;
    Some(Sealed::Signed(out))
}

/// An octet string in one piece or, as streaming clients write it, in many.
fn collect(tag: u8, bytes: &[u8], depth: usize, out: &mut Vec<u8>) -> Option<()> {
    if tag == OCTETS {
        out.extend_from_slice(bytes);
        return Some(());
    }
    if tag != OCTETS | CONSTRUCTED || depth > 4 {
        return None;
    }
    let mut pieces = Elements(bytes);
    while let Some((tag, piece)) = pieces.next() {
        collect(tag, piece, depth + 1, out)?;
    }
    Some(())
}

/// Elements one after the other (X.690 §8.1).
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// Tag and content of the next element, which are passed over.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, length, body) = head(self.0)?;
        let Some(length) = length else {
            let content = until_end(body)?;
            self.0 = &body[content.len() + 2..];
            return Some((tag, content));
        };
        let content = body.get(..length)?;
        self.0 = &body[length..];
        Some((tag, content))
    }

    fn next_of(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, content)| content)
    }
}

/// Tag, length where it is told, and what follows. Tags of more than a byte occur in no CMS.
fn head(bytes: &[u8]) -> Option<(u8, Option<usize>, &[u8])> {
    let [tag, length, rest @ ..] = bytes else { return None };
    match length {
        0x80 => (tag & CONSTRUCTED != 0).then_some((*tag, None, rest)),
        short @ 0..0x80 => Some((*tag, Some(usize::from(*short)), rest)),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7F))?;
            let fits = digits.len() <= size_of::<usize>();
            let length = digits.iter().fold(0_usize, |sum, digit| sum << 8 | usize::from(*digit));
            fits.then_some((*tag, Some(length), rest))
        }
    }
}

/// The content of an element of unknown length: up to the two zeros that end it, past all elements
/// within it.
fn until_end(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    let mut open = 0_usize;
    loop {
        if let Some(after) = rest.strip_prefix(b"\0\0") {
            if open == 0 {
                return Some(&bytes[..bytes.len() - rest.len()]);
            }
            open -= 1;
            rest = after;
            continue;
        }
        let (_, length, body) = head(rest)?;
        if let Some(length) = length {
            rest = body.get(length..)?;
        } else {
            open += 1;
            rest = body;
        }
    }
}

const BEGIN_MESSAGE: &str = "-----BEGIN PGP MESSAGE-----";
const END_MESSAGE: &str = "-----END PGP MESSAGE-----";
const BEGIN_SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN_SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END_SIGNATURE: &str = "-----END PGP SIGNATURE-----";

/// A text without its PGP armour.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unarmoured {
    pub text: String,
    /// Encrypted blocks, as they stood.
    pub encrypted: Vec<String>,
    pub signed: bool,
}

/// Takes the blocks of inline PGP out of a text (RFC 9580 §6.2, §7): what is signed stays, without the
/// lines around it. `None` where there is none.
pub fn unarmoured(text: &str) -> Option<Unarmoured> {
    if !text.contains("-----BEGIN PGP ") {
        return None;
    }
    let mut out = Unarmoured::default();
    // Its last place in the text, from the end: what does not come is not looked for again and again.
    let signature = text.rfind(BEGIN_SIGNATURE).map(|at| text.len() - at);
    let mut rest = text;
    let mut in_signed = false;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        match line.trim_end() {
            BEGIN_SIGNED if signature.is_some_and(|left| left <= after.len()) => {
                (out.signed, in_signed) = (true, true);
                rest = without_fields(after);
                continue;
            }
            BEGIN_SIGNATURE if in_signed => {
                in_signed = false;
                if let Some((_, after)) = block_until(rest, END_SIGNATURE) {
                    rest = after;
                    continue;
                }
            }
            BEGIN_MESSAGE => {
                if let Some((block, after)) = block_until(rest, END_MESSAGE) {
                    out.encrypted.push(block.to_owned());
                    rest = after;
                    continue;
                }
            }
            _ => {}
        }
        // §7.1: a dash at the beginning of a signed line is written twice.
        out.text.push_str(if in_signed { line.strip_prefix("- ").unwrap_or(line) } else { line });
        out.text.push_str(&rest[line.len()..rest.len() - after.len()]);
        rest = after;
    }
    (out.signed || !out.encrypted.is_empty()).then_some(out)
}

/// The text after the fields that stand between the first line and an empty one.
fn without_fields(text: &str) -> &str {
    let mut rest = text;
    while let Some((line, after)) = rest.split_once('\n') {
        if line.trim().is_empty() {
            return after;
        }
        if !line.starts_with("Hash:") && !line.starts_with("Charset:") && !line.starts_with("Version:") {
            break;
        }
        rest = after;
    }
    rest
}

/// The block that the text begins with, up to its last line, and what follows. Anything else than
/// armour in between are words, and there is no block (RFC 9580 §6.2).
fn block_until<'a>(text: &'a str, last: &str) -> Option<(&'a str, &'a str)> {
    let mut at = 0;
    for (i, line) in text.split_inclusive('\n').enumerate() {
        at += line.len();
        let bare = line.trim_end();
        if bare == last {
            return Some(text.split_at(at));
        }
        if i > 0 && !is_armour(bare) {
            return None;
        }
    }
    None
}

fn is_armour(line: &str) -> bool {
    let field = line
        .split_once(": ")
        .is_some_and(|(key, _)| matches!(key, "Version" | "Comment" | "Hash" | "Charset" | "MessageID"));
    let coded = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    field || line.len() <= 76 && line.bytes().all(coded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82][..], &length, content].concat()
    }

    fn endless(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80][..], content, &[0, 0]].concat()
    }

    #[test]
    fn what_is_signed_is_opened_in_both_ways_of_writing_it() {
        for (write, octets) in [
            (element as fn(u8, &[u8]) -> Vec<u8>, element(OCTETS, b"Bonjour")),
            (
                endless,
                endless(OCTETS | CONSTRUCTED, &[element(OCTETS, b"Bon"), element(OCTETS, b"jour")].concat()),
            ),
        ] {
            let data =
                [element(OID, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), write(EXPLICIT_0, &octets)].concat();
            let signed =
                [element(2, &[1]), write(0x31, &[]), write(SEQUENCE, &data), element(0x31, &[])].concat();
            let info = [element(OID, SIGNED_DATA), write(EXPLICIT_0, &write(SEQUENCE, &signed))].concat();
            assert_eq!(open(&write(SEQUENCE, &info)), Some(Sealed::Signed(b"Bonjour".to_vec())));
        }
    }

    #[test]
    fn hostile_lengths_open_nothing() {
        let info = |rest: &[u8]| [&[SEQUENCE, 0x80][..], &element(OID, SIGNED_DATA), rest].concat();
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\x30\xff\xff",
            &info(b""),
            &info(b"\xa0\x84\xff\xff\xff\xff"),
            &info(&b"\xa0\x80".repeat(100_000)),
            &element(SEQUENCE, &element(OID, b"\x2a")),
        ] {
            assert_eq!(open(bytes), None);
        }
        let sealed = element(SEQUENCE, &element(OID, ENVELOPED_DATA));
        assert_eq!(open(&sealed), Some(Sealed::Encrypted));
    }

    #[test]
    fn pgp_blocks_leave_the_text_and_its_words_stay() {
        let signed = "Avant\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nBonjour,\n- -- \nMarie\n-----BEGIN PGP SIGNATURE-----\n\nwsB5\n-----END PGP SIGNATURE-----\nAprès";
        let read = unarmoured(signed).unwrap();
        assert_eq!(
            (read.text.as_str(), read.signed, read.encrypted.len()),
            ("Avant\nBonjour,\n-- \nMarie\nAprès", true, 0)
        );
        let secret = "Voir :\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n";
        let read = unarmoured(secret).unwrap();
        assert_eq!((read.text.as_str(), read.encrypted.len()), ("Voir :\n", 1));
        for words in [
            "-----BEGIN PGP MESSAGE----- sans fin",
            "-----BEGIN PGP SIGNED MESSAGE-----\nBonjour",
            "Bonjour",
            "> -----BEGIN PGP MESSAGE-----\n> x",
            "-----BEGIN PGP MESSAGE-----\nJe conteste !\n-----END PGP MESSAGE-----",
        ] {
            assert_eq!(unarmoured(words), None, "{words}");
        }
    }
}
