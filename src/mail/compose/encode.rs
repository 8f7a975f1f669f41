//! Text as any relay takes it: 7-bit, short lines, and nothing in a value that could end a header.
//!
//! Deterministic: the same text gives the same bytes.

use std::fmt::Write as _;

use crate::core::ids::{Address, MessageId};

/// RFC 5322 §2.1.1 wants lines of at most 78; RFC 2045 and 2047 say 76 for what they encode.
const LINE: usize = 76;
/// RFC 2047 §2.
const WORD: usize = 75;

/// The head of a mail, written header by header.
#[derive(Debug, Default)]
pub(super) struct Head(String);

impl Head {
    /// A value that we made ourselves, in pieces between which the line may be folded.
    pub(super) fn token(&mut self, name: &str, pieces: &[&str]) {
        let mut line = Line::begin(name);
        for piece in pieces {
            assert!(piece.bytes().all(|b| matches!(b, 0x20..=0x7E)), "{name} is ours to write, and in ASCII");
            line.piece(piece);
        }
        self.0.push_str(&line.end());
    }

    /// Free text, which may hold anything.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let mut line = Line::begin(name);
        line.words(value, Place::Text);
        self.0.push_str(&line.end());
    }

    pub(super) fn mailbox(&mut self, name: &str, display: &str, address: &Address) {
        let mut line = Line::begin(name);
        if display.is_empty() {
            line.piece(address.as_str());
        } else {
            line.words(display, Place::Phrase);
            // An address beyond ASCII is written as it is (RFC 6532): it can be reached in no other way.
            line.piece(&format!("<{address}>"));
        }
        self.0.push_str(&line.end());
    }

    /// Ids of other people's making: one that would need a longer line or more than ASCII is left out.
    pub(super) fn ids<'a>(&mut self, name: &str, ids: impl IntoIterator<Item = &'a MessageId>) {
        const LONGEST_ID: usize = 900;
        let mut line = Line::begin(name);
        let mut any = false;
        for id in ids.into_iter().filter(|id| id.as_str().is_ascii() && id.as_str().len() <= LONGEST_ID) {
            line.piece(&format!("<{id}>"));
            any = true;
        }
        if any {
            self.0.push_str(&line.end());
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Unstructured, as in Subject.
    Text,
    /// Before an address, where specials have to be quoted (RFC 5322 §3.2.5).
    Phrase,
}

/// One header in the making: pieces with a space between, folded where the line is full.
struct Line {
    text: String,
    column: usize,
    empty: bool,
}

impl Line {
    fn begin(name: &str) -> Self {
        Self { text: format!("{name}:"), column: name.len() + 1, empty: true }
    }

    fn end(mut self) -> String {
        self.text.push_str("\r\n");
        self.text
    }

    fn piece(&mut self, piece: &str) {
        if !self.empty && self.column + 1 + piece.len() > LINE {
            self.text.push_str("\r\n");
            self.column = 0;
        }
        self.text.push(' ');
        self.text.push_str(piece);
        self.column += 1 + piece.len();
        self.empty = false;
    }

    fn words(&mut self, value: &str, place: Place) {
        // No line end or other control character is left; the no-break spaces of French stay.
        let breaks = |c: char| c == ' ' || c.is_control();
        let value = value.split(breaks).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let plain = value.bytes().all(|b| matches!(b, 0x20..=0x7E))
            && !value.contains("=?")
            && value.split(' ').all(|word| word.len() <= WORD - 2);
        match place {
            Place::Text if plain => value.split(' ').for_each(|word| self.piece(word)),
            Place::Phrase if plain && value.len() <= WORD => self.piece(&quoted(&value)),
            _ => self.encoded(&value),
        }
    }

    /// Encoded words (RFC 2047, “Q”), each whole characters.
    fn encoded(&mut self, value: &str) {
        const FRAME: usize = "=?utf-8?q??=".len();
        let room = |column: usize| LINE.saturating_sub(column + 1).min(WORD) - FRAME;
        let mut word = String::new();
        let mut limit = room(self.column);
        for c in value.chars() {
            let mut bytes = [0; 4];
            let coded = q_encoded(c.encode_utf8(&mut bytes));
            if word.len() + coded.len() > limit {
                self.piece(&format!("=?utf-8?q?{word}?="));
                word.clear();
                limit = room(0);
            }
            word.push_str(&coded);
        }
        self.piece(&format!("=?utf-8?q?{word}?="));
    }
}

fn quoted(value: &str) -> String {
    if value.bytes().all(|b| b.is_ascii_alphanumeric() || b" -_'".contains(&b)) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The subset that is allowed in a phrase too (RFC 2047 §5.3).
fn q_encoded(character: &str) -> String {
    let mut out = String::new();
    for byte in character.bytes() {
        match byte {
            b' ' => out.push('_'),
            b if b.is_ascii_alphanumeric() || b"!*+-/".contains(&b) => out.push(char::from(b)),
            b => {
                let _ = write!(out, "={b:02X}");
            }
        }
    }
    out
}

/// Quoted-printable (RFC 2045 §6.7), lines ended by CR LF.
pub(super) fn quoted_printable(text: &str, out: &mut Vec<u8>) {
    for line in text.lines() {
        quoted_printable_line(line.as_bytes(), out);
        out.extend_from_slice(b"\r\n");
    }
}

fn quoted_printable_line(line: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut column = 0;
    let mut at = 0;
    while at < line.len() {
        let last = at + 1 == line.len();
        // As much as fits on the line with the sign of a soft end after it, but for the last byte.
        let room = (LINE - 1).saturating_sub(column).min(line.len() - 1 - at);
        let run = line[at..at + room].iter().take_while(|byte| PLAIN[usize::from(**byte)]).count();
        if run > 0 && !(column == 0 && is_plain_but_not_first(line[at])) {
            out.extend_from_slice(&line[at..at + run]);
            (at, column) = (at + run, column + run);
            continue;
        }
        let byte = line[at];
        // A space at the end would be lost.
        let plain = PLAIN[usize::from(byte)]
            && !(last && matches!(byte, b' ' | b'\t'))
            && !(column == 0 && is_plain_but_not_first(byte));
        let width = if plain { 1 } else { 3 };
        if column + width > if last { LINE } else { LINE - 1 } {
            out.extend_from_slice(b"=\r\n");
            column = 0;
            continue;
        }
        if plain {
            out.push(byte);
        } else {
            out.extend([b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        (at, column) = (at + 1, column + width);
    }
}

/// What stands for itself.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = byte != b'=';
        byte += 1;
    }
    plain[b'\t' as usize] = true;
    plain
};

/// A lone dot ends SMTP's DATA where a relay errs, and "From " is changed in old mailbox files (RFC 2049 §3).
fn is_plain_but_not_first(byte: u8) -> bool {
    matches!(byte, b'.' | b'F')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(write: impl FnOnce(&mut Head)) -> String {
        let mut head = Head::default();
        write(&mut head);
        String::from_utf8(head.into_bytes()).expect("headers are text")
    }

    #[test]
    fn headers_are_folded_and_encoded_so_that_each_line_is_short() {
        let subject = head(|h| h.text("Subject", &"Réclamation très urgente du 18 juin ".repeat(6)));
        assert!(subject.lines().all(|line| line.len() <= 76), "{subject}");
        assert!(subject.lines().skip(1).all(|line| line.starts_with(" =?utf-8?q?")), "{subject}");
        let plain = head(|h| h.text("Subject", &"short words ".repeat(20)));
        assert!(plain.lines().count() > 2 && plain.lines().all(|line| line.len() <= 76), "{plain}");
    }

    #[test]
    fn a_display_name_is_quoted_where_it_must_be() {
        let to = Address::parse("a@b.fr").expect("an address");
        assert_eq!(head(|h| h.mailbox("To", "Marie D", &to)), "To: Marie D <a@b.fr>\r\n");
        assert_eq!(head(|h| h.mailbox("To", "D, \"M\"", &to)), "To: \"D, \\\"M\\\"\" <a@b.fr>\r\n");
        assert_eq!(head(|h| h.mailbox("To", "", &to)), "To: a@b.fr\r\n");
        assert_eq!(head(|h| h.mailbox("To", "é", &to)), "To: =?utf-8?q?=C3=A9?= <a@b.fr>\r\n");
        assert_eq!(
            head(|h| h.mailbox("To", "=?x?q?y?=", &to)),
            "To: =?utf-8?q?=3D=3Fx=3Fq=3Fy=3F=3D?= <a@b.fr>\r\n"
        );
    }

    #[test]
    fn quoted_printable_lines_are_short_and_lose_nothing() {
        let text = format!(".\nFrom here\nend \né=\n{}\n{}", "x".repeat(76), "é".repeat(100));
        let mut out = Vec::new();
        quoted_printable(&text, &mut out);
        let out = String::from_utf8(out).expect("ASCII");
        assert!(out.starts_with("=2E\r\n=46rom here\r\nend=20\r\n=C3=A9=3D\r\n"), "{out}");
        assert!(out.lines().all(|line| line.len() <= 76), "{out}");
        assert!(out.contains(&format!("\r\n{}\r\n", "x".repeat(76))), "{out}");
        let mut out = Vec::new();
        quoted_printable(&format!("{} {}. \t", "x".repeat(74), ".F".repeat(40)), &mut out);
        let out = String::from_utf8(out).expect("ASCII");
        assert!(out.lines().all(|line| line.len() <= 76 && !line.starts_with(['.', 'F'])), "{out}");
        assert!(out.ends_with("F. =09\r\n"), "{out}");
    }
}
