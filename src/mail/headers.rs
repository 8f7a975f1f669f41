//! The header block of a mail (RFC 5322 §2.2, §3.6), read without the body and without a parser of
//! structure: fields in order, their text, addresses, ids and dates.
//!
//! The first field of a name counts, always (RFC 5322 §3.6 allows one). Only a line feed ends a line:
//! a bare carriage return conjures no header. Every value that leaves here is one line without
//! control or direction characters.

use std::borrow::Cow;

use jiff::Timestamp;
use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, HeaderValue};

use super::charset;
use super::limits;
use super::transfer::Encoding;
use crate::core::facts::Person;
use crate::core::ids::{Address, MessageId};

/// One field, its value as it stands in the mail, folded.
#[derive(Debug)]
pub struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
    /// Where the value begins in the mail.
    from: usize,
}

/// The header block.
#[derive(Debug)]
pub struct Headers<'a> {
    fields: Vec<Field<'a>>,
    /// Where the body begins: after the empty line, or at the end.
    pub body_at: usize,
}

impl<'a> Headers<'a> {
    /// Reads fields up to the first empty line, at most [`limits::MAX_HEADER_FIELDS`].
    pub fn scan(raw: &'a [u8]) -> Self {
        let mut fields: Vec<Field<'a>> = Vec::new();
        let mut at = 0;
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            let start = at;
            at += line.len();
            // Where the block is endless its beginning is read; `limits::broken` has the mail set aside.
            if at > limits::MAX_HEADER_BYTES && !matches!(line, b"\n" | b"\r\n") {
                continue;
            }
            if matches!(line, b"\n" | b"\r\n") {
                break;
            }
            if line.starts_with(b" ") || line.starts_with(b"\t") {
                // A line without a colon in between ends the field before it.
                if let Some(last) = fields.last_mut().filter(|last| last.from + last.value.len() == start) {
                    last.value = &raw[last.from..at];
                }
            } else if let Some(field) = Field::parse(line, start)
                && fields.len() < limits::MAX_HEADER_FIELDS
            {
                fields.push(field);
            }
        }
        Self { fields, body_at: at }
    }

    /// Every field of a name, in any case.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Field<'a>> {
        self.fields.iter().filter(move |field| field.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    pub fn first(&self, name: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }

    /// The text of the first field of that name.
    pub fn text(&self, name: &str) -> Option<String> {
        self.first(name).map(Field::text)
    }

    /// Whether any field's name begins with this prefix.
    pub fn has_prefix(&self, prefix: &str) -> bool {
        self.fields.iter().any(|field| {
            field.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        })
    }

    pub fn addresses(&self, name: &str) -> Vec<Address> {
        self.all(name).flat_map(Field::people).map(|person| person.address).collect()
    }

    /// Header fields are missing altogether: the file is no mail.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

impl<'a> Field<'a> {
    fn parse(line: &'a [u8], start: usize) -> Option<Self> {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = line[..colon].trim_ascii_end();
        let fine = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
        fine.then(|| Self { name, value: &line[colon + 1..], from: start + colon + 1 })
    }

    /// Where the value begins in the mail: a smaller one stands further up.
    pub fn position(&self) -> usize {
        self.from
    }

    /// The value on one line, bytes read as UTF-8 or windows-1252, encoded words not yet decoded.
    pub fn unfolded(&self) -> String {
        charset::decode_header(self.value).chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')).collect()
    }

    /// The value as text for people (RFC 2047).
    pub fn text(&self) -> String {
        let unfolded = self.unfolded();
        // An encoded word of one character has some twenty; what lies beyond could not be kept.
        let end = unfolded.floor_char_boundary(20 * limits::MAX_LINE_CHARS);
        shortened(one_line(&decode_words(&unfolded[..end])))
    }

    /// The words of a structured field in lower case, without comments (RFC 5322 §3.2.2).
    pub fn token(&self) -> String {
        without_comments(&self.unfolded()).trim().to_ascii_lowercase()
    }

    /// The mailboxes of an address list, groups included; what is no address is left out.
    pub fn people(&self) -> Vec<Person> {
        people(&self.unfolded())
    }

    /// Message ids, in order (RFC 5322 §3.6.4; TRAPS 10: commas, folding in the middle of an id).
    pub fn message_ids(&self) -> Vec<MessageId> {
        message_ids(&self.unfolded())
    }

    /// The instant that a Date field or the end of a Received field names.
    pub fn instant(&self) -> Option<Timestamp> {
        instant(&self.unfolded())
    }
}

fn people(value: &str) -> Vec<Person> {
    let line = format!("{}\n", value.trim());
    let parsed = MessageStream::new(line.as_bytes()).parse_address();
    let HeaderValue::Address(list) = parsed else { return Vec::new() };
    let mut people = Vec::new();
    let mut before = None;
    for addr in list.iter().take(limits::MAX_ADDRESSES + 1) {
        match person(addr, before.take()) {
            Some(person) => people.push(person),
            None => before = addr.name.as_deref().filter(|_| addr.address.is_none()),
        }
    }
    people
}

/// `before` is a name without an address that a comma divides from this one: some programs forget the
/// quotes around `Family, Given`.
fn person(addr: &Addr<'_>, before: Option<&str>) -> Option<Person> {
    let name = addr.name.as_deref().unwrap_or_default();
    // Some write the address in the place of the name only.
    let address = addr.address.as_deref().and_then(bare_address).or_else(|| bare_address(name))?;
    let name = match before {
        Some(before) if !name.is_empty() => Cow::Owned(format!("{before}, {name}")),
        _ => Cow::Borrowed(name),
    };
    let end = name.floor_char_boundary(20 * limits::MAX_LINE_CHARS);
    Some(Person { name: shortened(one_line(&decode_words(&name[..end]))), address })
}

/// Outlook writes `'x@y'`, programs that copy a link `mailto:x@y`.
fn bare_address(text: &str) -> Option<Address> {
    let link = text.trim();
    let text =
        link.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("mailto:")).map_or(text, |_| &link[7..]);
    let quoted = text.trim_end().ends_with(['\'', '"', '>']);
    Address::parse(if quoted { text.trim_matches(|c| "'\"<> ".contains(c)) } else { text })
}

fn message_ids(value: &str) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> = Vec::new();
    let mut keep = |text: &str| {
        let id = MessageId::parse(&text.split_whitespace().collect::<String>());
        ids.extend(id.filter(|id| id.as_str().contains('@') || value.contains('<')));
    };
    if value.contains('<') {
        value.split('<').skip(1).filter_map(|rest| rest.split_once('>')).for_each(|(id, _)| keep(id));
    } else {
        value.split(|c: char| c.is_whitespace() || c == ',').for_each(&mut keep);
    }
    if ids.len() > limits::MAX_REFERENCES {
        // The first is the beginning of the thread, the last ones what is answered.
        ids.drain(1..=ids.len() - limits::MAX_REFERENCES);
    }
    ids
}

fn instant(value: &str) -> Option<Timestamp> {
    let line = format!("{}\n", with_seconds(value.rsplit(';').next()?.trim()));
    let HeaderValue::DateTime(read) = MessageStream::new(line.as_bytes()).parse_date() else { return None };
    let small = |value: u8| i8::try_from(value).ok();
    let local = jiff::civil::DateTime::new(
        i16::try_from(read.year).ok()?,
        small(read.month)?,
        small(read.day)?,
        small(read.hour)?,
        small(read.minute)?,
        small(read.second.min(59))?,
        0,
    )
    .ok()?;
    let offset = i32::from(read.tz_hour) * 3600 + i32::from(read.tz_minute) * 60;
    let offset = jiff::tz::Offset::from_seconds(if read.tz_before_gmt { -offset } else { offset }).ok()?;
    offset.to_timestamp(local).ok()
}

/// RFC 5322 §3.3 leaves the seconds free; the parser loses a zone in letters (§4.3) without them.
fn with_seconds(date: &str) -> Cow<'_, str> {
    let is_time = |word: &&str| {
        let number = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        word.split_once(':').is_some_and(|(hour, minute)| number(hour) && number(minute))
    };
    match date.split_ascii_whitespace().find(is_time) {
        Some(time) => date.replacen(time, &format!("{time}:00"), 1).into(),
        None => date.into(),
    }
}

/// Removes comments in parentheses, nested ones too; an unclosed one runs to the end.
pub fn without_comments(value: &str) -> String {
    let mut depth = 0_usize;
    value
        .chars()
        .filter(|c| {
            let outside = depth == 0;
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                _ => {}
            }
            outside && *c != '(' && *c != ')'
        })
        .collect()
}

/// Encoded words decoded wherever they stand (RFC 2047; inside quotes too, as Outlook and Gmail
/// write file names). A word that cannot be decoded stays as it is.
pub fn decode_words(text: &str) -> Cow<'_, str> {
    if !text.contains("=?") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut pending = Pending::default();
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let (before, word) = rest.split_at(at);
        let Some((charset, bytes, after)) = encoded_word(word) else {
            pending.write(&mut out);
            out.push_str(&rest[..at + 2]);
            rest = &word[2..];
            continue;
        };
        // RFC 2047 §6.2: white space between two encoded words is not shown.
        if !before.trim().is_empty() || pending.bytes.is_empty() {
            pending.write(&mut out);
            out.push_str(before);
        }
        pending.add(charset, bytes, &mut out);
        rest = after;
    }
    pending.write(&mut out);
    out.push_str(rest);
    out.into()
}

/// Bytes of neighbouring words of one charset: careless clients cut a character in two.
#[derive(Default)]
struct Pending<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

impl<'a> Pending<'a> {
    fn add(&mut self, charset: &'a str, bytes: Vec<u8>, out: &mut String) {
        if !self.charset.eq_ignore_ascii_case(charset) {
            self.write(out);
            self.charset = charset;
        }
        self.bytes.extend(bytes);
    }

    fn write(&mut self, out: &mut String) {
        if !self.bytes.is_empty() {
            out.push_str(&charset::decode(&self.bytes, Some(self.charset)).text);
            self.bytes.clear();
        }
    }
}

/// Charset, bytes and what follows of the encoded word at the beginning of `text`.
fn encoded_word(text: &str) -> Option<(&str, Vec<u8>, &str)> {
    let rest = text.strip_prefix("=?")?;
    // RFC 2047 §2 allows 75 characters; longer ones are met, endless ones are not searched.
    let (charset, rest) = rest.split_at_checked(rest.bytes().take(64).position(|b| b == b'?')?)?;
    let (kind, rest) = (rest.get(1..2)?, rest.get(2..)?.strip_prefix('?')?);
    let end = rest.as_bytes().windows(2).take(4_000).position(|two| two == b"?=")?;
    let (data, after) = (&rest[..end], &rest[end + 2..]);
    if !charset::is_known(charset) {
        return None;
    }
    let decoded = match kind {
        "B" | "b" => Encoding::Base64.decode(data.as_bytes()),
        "Q" | "q" => Encoding::QuotedPrintable.decode(data.replace('_', " ").as_bytes()),
        _ => return None,
    };
    (decoded.skipped == 0).then_some((charset, decoded.bytes, after))
}

/// At most [`limits::MAX_LINE_CHARS`].
pub fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(limits::MAX_LINE_CHARS) {
        text.truncate(end);
    }
    text
}

/// One line for people: line ends and tabs become spaces, other control and direction characters
/// go, spaces are not repeated.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, ' ' | '\t' | '\r' | '\n') {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if !c.is_control() && !is_direction_control(c) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// Characters that reorder what is shown (Unicode Standard Annex 9 §2), and the two separators.
pub fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field_text(value: &str) -> String {
        Field { name: b"x", value: value.as_bytes(), from: 0 }.text()
    }

    #[test]
    fn words_are_decoded_and_stay_on_one_line() {
        for (raw, text) in [
            ("=?utf-8?Q?R=C3=A9cla?=\r\n =?utf-8?Q?mation?=", "Réclamation"),
            ("=?utf-8?B?w6k=?= et =?iso-8859-1?q?=E0?=", "é et à"),
            ("=?utf-8?Q?=C3?= =?utf-8?Q?=A9t=C3=A9?=", "été"),
            ("=?x-inconnu?Q?mation=E9?=", "=?x-inconnu?Q?mation=E9?="),
            ("=?utf-8?X?rien?=", "=?utf-8?X?rien?="),
            ("=?utf-8?Q?Jean=0D=0ABcc:_x@y?=", "Jean Bcc: x@y"),
            ("a\r\n\tBcc: b", "a Bcc: b"),
            ("facture\u{202e}fdp.exe", "facturefdp.exe"),
        ] {
            assert_eq!(field_text(raw), text);
        }
    }

    #[test]
    fn eight_bit_headers_are_read_as_windows_1252() {
        let raw = b"Subject: R\xe9clamation\r\nFrom: J\xe9r\xf4me <j@x.example>\r\n\r\n";
        let headers = Headers::scan(raw);
        assert_eq!(headers.text("subject").as_deref(), Some("Réclamation"));
        assert_eq!(
            headers.first("From").map(Field::people).map(|p| p[0].name.clone()).as_deref(),
            Some("Jérôme")
        );
    }

    #[test]
    fn addresses_are_read_as_careless_programs_write_them() {
        for (value, name, address) in [
            ("MARTIN, Jeanne <j@x.example>", "MARTIN, Jeanne", "j@x.example"),
            ("=?utf-8?Q?L=C3=A9vy?=, Jo <j@x.example>", "Lévy, Jo", "j@x.example"),
            ("<MailTo:j@x.example>", "", "j@x.example"),
            ("Jeanne <mailto:j@x.example>", "Jeanne", "j@x.example"),
            ("Jeanne <'j@x.example'>", "Jeanne", "j@x.example"),
            ("undisclosed, j@x.example", "", "j@x.example"),
        ] {
            let read: Vec<_> = people(value).into_iter().map(|p| (p.name, p.address.to_string())).collect();
            assert_eq!(read, [(name.to_owned(), address.to_owned())], "{value}");
        }
        let two = people("Martin, Jeanne <j@x.example>, Roy, Luc <l@x.example>, b@x.example");
        assert_eq!(
            two.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
            ["Martin, Jeanne", "Roy, Luc", ""]
        );
    }

    #[test]
    fn the_first_field_counts_and_a_bare_cr_makes_none() {
        let raw =
            b"Subject: one\r\nX-Note: a\rBcc: v@x.example\r\nno colon\r\nSubject: two\r\n\r\nSubject: body";
        let headers = Headers::scan(raw);
        assert_eq!(headers.text("Subject").as_deref(), Some("one"));
        assert!(!headers.has("Bcc"));
        assert_eq!(&raw[headers.body_at..], b"Subject: body");
    }

    #[test]
    fn trap_10_ids_with_commas_and_folding() {
        let value = "<a@x.example>,\r\n\t<b@x.\r\n example> <c@x.example>";
        let ids: Vec<String> =
            message_ids(&value.replace("\r\n", "")).iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["a@x.example", "b@x.example", "c@x.example"]);
        assert_eq!(message_ids("a@x.example b@x.example").len(), 2);
        assert_eq!(message_ids("Your message of Monday").len(), 0);
    }

    #[test]
    fn dates_are_instants_or_nothing() {
        for (text, expected) in [
            ("Mon, 2 Nov 2026 09:15:02 +0100 (CET)", Some("2026-11-02T08:15:02Z")),
            ("2 Nov 2026 09:15 -0400", Some("2026-11-02T13:15:00Z")),
            ("from a by b; Mon, 2 Nov 2026 09:15:02 GMT", Some("2026-11-02T09:15:02Z")),
            ("Mon, 2 Nov 26 09:15 EST", Some("2026-11-02T14:15:00Z")),
            ("2 Nov 98 9:15 Z", Some("1998-11-02T09:15:00Z")),
            ("Tue, 31 Feb 2026 25:61:00 +9900", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(instant(text).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }
}
