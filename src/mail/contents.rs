//! The contents of a mail's parts, decoded, with their digests: what a virus scanner is given when it
//! found something in the mail, so that the document can be named.
//!
//! The digests are those of [`crate::core::facts::Attachment`]. A part that `read` found in a way of its
//! own (behind a wrong delimiter, within a container) may be missing here: it is then not known to be
//! clean. Never fails.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::limits;
use super::transfer::Encoding;
use crate::core::ids::Digest;

/// The content of each part that is no group of parts, those of attached mails as well; at most
/// [`limits::MAX_PARTS`].
pub fn of(raw: &[u8]) -> BTreeMap<Digest, Vec<u8>> {
    // As in `read`: mail-parser asserts in debug builds.
    catch_unwind(AssertUnwindSafe(|| MessageParser::new().parse(raw).map(taken_apart).unwrap_or_default()))
        .unwrap_or_default()
}

/// One mail after the other and not as they are nested, which would need a stack as deep.
fn taken_apart(message: Message<'_>) -> BTreeMap<Digest, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut waiting = vec![message];
    while let Some(message) = waiting.pop() {
        let Message { parts, raw_message, .. } = message;
        for part in parts {
            let room = contents.len() < limits::MAX_PARTS;
            if room && !matches!(part.body, PartType::Multipart(_)) {
                contents.extend(readings(&part, &raw_message).map(|each| (Digest::of(&each), each)));
            }
            if let PartType::Message(inner) = part.body {
                waiting.push(inner);
            }
        }
    }
    contents
}

/// A part's content as the parser decoded it, and as this crate does, which goes on past damage.
fn readings(part: &MessagePart<'_>, whole: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let (from, to) = (part.offset_body as usize, part.offset_end as usize);
    let raw = whole.get(from..to.max(from)).unwrap_or_default();
    let lenient = Encoding::of(part.content_transfer_encoding()).decode(raw).bytes;
    let strict = match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) if bytes.as_ref() != lenient => {
            Some(bytes.to_vec())
        }
        _ => None,
    };
    [lenient].into_iter().chain(strict)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::mail::{Own, facts};

    #[test]
    fn the_digests_are_those_of_the_attachments() {
        let inner = "Subject: y\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name=c.pdf\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQ=\r\n";
        let raw = format!(
            "From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nwords\r\n\
             --b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n\
             --b\r\nContent-Type: application/zip; name=b.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nSGV*sbG8\r\n\
             --b\r\nContent-Type: text/csv; name=d.csv\r\nContent-Disposition: attachment\r\n\r\n1;2\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\n{inner}--b--\r\n"
        );
        let read = facts(raw.as_bytes(), &Own { addresses: &BTreeSet::new() });
        let contents = of(raw.as_bytes());
        assert_eq!(read.attachments.len(), 5, "{:?}", read.attachments);
        for attachment in &read.attachments {
            assert!(contents.contains_key(&attachment.sha256), "{} is not there", attachment.name);
        }
    }

    #[test]
    fn what_is_no_mail_has_no_contents_that_matter() {
        assert!(of(b"").is_empty());
        of(&[0xff; 1000]);
    }
}
