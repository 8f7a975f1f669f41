//! One part of a mail with what its headers say of it (RFC 2045, 2183, 2231), and its text.

use mail_parser::{ContentType, HeaderName, Message, MessagePart, MimeHeaders, PartType};

use super::parameter;
use crate::mail::headers::{decode_words, one_line};
use crate::mail::transfer::{Decoded, Encoding};
use crate::mail::uuencode::{self, Embedded};
use crate::mail::{charset, limits};

/// A part with what its headers say.
pub struct Part<'m, 'x> {
    pub parsed: &'m MessagePart<'x>,
    /// The body as it stands in the mail.
    pub raw: &'m [u8],
    /// The mail that the header offsets refer to.
    whole: &'m [u8],
    pub media_type: String,
    pub encoding: Encoding,
}

impl<'m, 'x> Part<'m, 'x> {
    pub fn new(message: &'m Message<'x>, index: usize) -> Option<Self> {
        let part = message.parts.get(index)?;
        let (from, to) = (part.offset_body as usize, part.offset_end as usize);
        let raw = message.raw_message.get(from..to.max(from)).unwrap_or_default();
        let encoding = Encoding::of(part.content_transfer_encoding());
        let whole = message.raw_message.as_ref();
        Some(Self { parsed: part, raw, whole, media_type: media_type(part.content_type()), encoding })
    }

    pub fn is_multipart(&self) -> bool {
        matches!(self.parsed.body, PartType::Multipart(_))
    }

    /// Text, or a group of parts that cannot be told apart and is shown as text.
    pub fn is_text(&self) -> bool {
        matches!(self.parsed.body, PartType::Text(_) | PartType::Html(_))
            || self.media_type.starts_with("multipart/") && !self.is_multipart()
    }

    /// Declared as an attachment, or named like a file.
    pub fn is_file(&self) -> bool {
        self.parsed.content_disposition().is_some_and(ContentType::is_attachment) || !self.name().is_empty()
    }

    /// The declared name (RFC 2183 §2.3, RFC 2231; else the `name` of the type).
    pub fn name(&self) -> String {
        let parsed = self.parsed.attachment_name().map(|name| decode_words(name).into_owned());
        let parsed = parsed.filter(|name| !name.is_empty());
        let raw = self.name_in_raw_header();
        match (parsed, raw) {
            (Some(_), Some((raw, true))) => raw,
            // mail-parser decodes encoded words one by one, and clients cut a character in two.
            (Some(parsed), Some((raw, _))) if parsed.contains('\u{fffd}') && !raw.contains('\u{fffd}') => raw,
            (Some(parsed), _) => parsed,
            // It loses a name that is folded directly after `=`.
            (None, raw) => raw.map(|(raw, _)| raw).unwrap_or_default(),
        }
    }

    /// The name in the fields as they stand, and whether it is in the extended notation.
    fn name_in_raw_header(&self) -> Option<(String, bool)> {
        let named = |wanted: &HeaderName<'_>, parameter: &str| {
            let header = self.parsed.headers.iter().find(|header| header.name == *wanted)?;
            let raw = self.whole.get(header.offset_start as usize..header.offset_end as usize)?;
            let raw = &raw[..raw.len().min(limits::MAX_NAME_FIELD_BYTES)];
            let field = charset::decode_header(raw).replace(['\r', '\n'], "");
            let (value, extended) = parameter::value(&field, parameter)?;
            Some((decode_words(&value).into_owned(), extended))
        };
        named(&HeaderName::ContentDisposition, "filename").or_else(|| named(&HeaderName::ContentType, "name"))
    }

    /// Content with the transfer encoding undone, as far as it goes.
    pub fn decoded(&self) -> Decoded {
        self.encoding.decode(self.raw)
    }

    /// The text and the files that are written into it.
    pub fn text(&self, warnings: &mut Vec<String>) -> (String, Vec<Embedded>) {
        let decoded = self.decoded();
        let (bytes, files) = if self.media_type == "text/html" {
            (decoded.bytes.as_slice().into(), Vec::new())
        } else {
            uuencode::take_out(&decoded.bytes)
        };
        let mut bytes: &[u8] = &bytes;
        if bytes.len() > limits::MAX_TEXT_BYTES {
            bytes = &bytes[..limits::MAX_TEXT_BYTES];
            warnings.push(format!("a text is cut after {} bytes", limits::MAX_TEXT_BYTES));
        }
        let label = self.parsed.content_type().and_then(|kind| kind.attribute("charset"));
        let text = charset::decode(bytes, label);
        if text.label_was_wrong {
            let label: String = one_line(label.unwrap_or_default()).chars().take(40).collect();
            warnings.push(format!("a text is not in the character set it declares ({label})"));
        }
        (readable(&text.text), files)
    }
}

pub fn media_type(declared: Option<&ContentType<'_>>) -> String {
    let Some(declared) = declared else { return "text/plain".to_owned() };
    let kind = format!("{}/{}", declared.ctype(), declared.subtype().unwrap_or_default());
    let kind: String = kind.chars().filter(char::is_ascii_graphic).take(127).collect();
    kind.to_ascii_lowercase()
}

/// Line ends as `\n` (a bare CR is one too), without NUL and other control characters.
pub fn readable(text: &str) -> String {
    // Of what is beyond ASCII, only what begins with this byte may be a control character.
    let may_go = |byte: u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t') || byte == 0xc2;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, others) = rest.split_at(rest.bytes().position(may_go).unwrap_or(rest.len()));
        out.push_str(plain);
        let mut chars = others.chars();
        match chars.next() {
            Some('\r') => {
                out.push('\n');
                rest = chars.as_str();
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                continue;
            }
            Some(c) if !c.is_control() => out.push(c),
            _ => {}
        }
        rest = chars.as_str();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn line_ends_are_made_one_and_controls_are_left_out() {
        for (text, wanted) in [
            ("a\r\nb\rc\nd\r\r\ne", "a\nb\nc\nd\n\ne"),
            ("\0a\tb\u{7f}\u{85}\u{9f}c\u{1b}", "a\tbc"),
            ("\u{a0}« été »\u{ad}\r", "\u{a0}« été »\u{ad}\n"),
        ] {
            assert_eq!(readable(text), wanted);
        }
    }
}
