//! Bytes to text, whatever the label says (TRAPS 23).
//!
//! True labels are honoured; a missing, unknown or false one is recognised by the bytes: UTF-8 where
//! they are valid UTF-8, ISO-2022-JP where its escapes stand, else windows-1252, which reads every
//! byte. UTF-7 is never decoded: it hides markup from filters and no client sends it.

use mail_parser::decoders::charsets::map::charset_decoder;

/// Text, and whether the label had to be ignored.
#[derive(Debug)]
pub struct Text {
    pub text: String,
    pub label_was_wrong: bool,
}

/// Decodes `bytes` that are labelled `label`.
pub fn decode(bytes: &[u8], label: Option<&str>) -> Text {
    let label = label.map(normal).filter(|label| !label.is_empty());
    let label = label.as_deref();
    let wrong = |text| Text { text, label_was_wrong: label.is_some() };
    let right = |text| Text { text, label_was_wrong: false };
    let family = Family::of(label);
    if family == Family::Wide || family == Family::Other {
        return right(by_label(bytes, label.unwrap_or_default()));
    }
    if bytes.is_ascii() {
        return if has_japanese_escapes(bytes) {
            wrong(by_label(bytes, "iso-2022-jp"))
        } else {
            Text { text: ascii(bytes), label_was_wrong: family == Family::Unknown }
        };
    }
    match (std::str::from_utf8(bytes), family) {
        (Ok(text), Family::Utf8 | Family::Missing) => right(text.trim_start_matches('\u{feff}').to_owned()),
        // Two or more bytes that form UTF-8 by chance are not seen in Latin text.
        (Ok(text), _) => wrong(text.to_owned()),
        (Err(_), Family::Latin) => right(by_label(bytes, "windows-1252")),
        (Err(_), Family::Utf8) if mostly_utf8(bytes) => wrong(String::from_utf8_lossy(bytes).into_owned()),
        (Err(_), _) => wrong(by_label(bytes, "windows-1252")),
    }
}

/// Bytes of a header without any label: UTF-8 where valid (RFC 6532), else windows-1252.
pub fn decode_header(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => by_label(bytes, "windows-1252").into(),
    }
}

/// Whether there is a decoder for the label, so that an encoded word can be read (RFC 2047 §2).
pub fn is_known(label: &str) -> bool {
    Family::of(Some(&normal(label))) != Family::Unknown
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Missing,
    Utf8,
    /// us-ascii, ISO-8859-1, windows-1252: in mail they all mean windows-1252.
    Latin,
    /// UTF-16: ASCII bytes are no sign of ASCII text.
    Wide,
    Other,
    Unknown,
}

impl Family {
    fn of(label: Option<&str>) -> Self {
        match label {
            None => Self::Missing,
            Some("utf-8" | "utf8" | "unicode-1-1-utf-8") => Self::Utf8,
            Some(
                "us-ascii" | "ascii" | "ansi_x3.4-1968" | "iso-8859-1" | "latin1" | "windows-1252" | "cp1252",
            ) => Self::Latin,
            Some(label) if label.contains("utf-7") || label.contains("utf7") => Self::Unknown,
            Some(label) if label.starts_with("utf-16") || label.starts_with("utf16") => Self::Wide,
            Some(label) if charset_decoder(label.as_bytes()).is_some() => Self::Other,
            Some(_) => Self::Unknown,
        }
    }
}

/// A label as it is compared: lower case, without quotes or a language (RFC 2231 §5).
fn normal(label: &str) -> String {
    let label = label.split('*').next().unwrap_or_default();
    label.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'').to_ascii_lowercase()
}

fn by_label(bytes: &[u8], label: &str) -> String {
    match charset_decoder(label.as_bytes()) {
        Some(decoder) => decoder(bytes),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn ascii(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// ESC $ @, ESC $ B: only ISO-2022-JP has them (RFC 1468).
fn has_japanese_escapes(bytes: &[u8]) -> bool {
    bytes.windows(3).any(|three| matches!(three, b"\x1b$@" | b"\x1b$B"))
}

/// Whether the bytes are UTF-8 with a few damaged places or a cut end, rather than another encoding.
fn mostly_utf8(bytes: &[u8]) -> bool {
    if std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none()) {
        return true;
    }
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 4 * bad
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trap_23_labels_that_lie_lack_or_are_unknown() {
        for (bytes, label, text, wrong) in [
            (&b"d\xe9bit\xe9 de 50 \x80"[..], Some("us-ascii"), "débité de 50 €", false),
            (b"d\xe9bit\xe9 de 50 \x80", None, "débité de 50 €", false),
            (b"d\xe9bit\xe9 de 50 \x80", Some("utf-8"), "débité de 50 €", true),
            (b"d\xe9bit\xe9", Some("x-mac-caraibe-99"), "débité", true),
            ("débité".as_bytes(), Some("iso-8859-1"), "débité", true),
            ("débité".as_bytes(), Some("\"UTF-8\""), "débité", false),
            ("débité".as_bytes(), None, "débité", false),
            (b"\x1b$B%O%m!<\x1b(B", None, "ハロー", false),
            (b"+ADw-script+AD4-", Some("utf-7"), "+ADw-script+AD4-", true),
            (b"Xin ch\xe0o", Some("windows-1258"), "Xin chào", false),
            (b"\xff\xfeO\0K\0", Some("utf-16"), "OK", false),
            (b"", Some(""), "", false),
        ] {
            let decoded = decode(bytes, label);
            assert_eq!((decoded.text.as_str(), decoded.label_was_wrong), (text, wrong), "{label:?}");
        }
    }

    #[test]
    fn utf8_with_one_damaged_place_stays_utf8() {
        let bytes = [b"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xff".as_slice()].concat();
        assert_eq!(decode(&bytes, Some("utf-8")).text, "ééééé\u{fffd}");
    }
}
