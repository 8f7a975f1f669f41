//! How large and how deep a mail may be before a human looks at it instead of a parser.
//!
//! [`broken`] is one linear look over the raw bytes that needs no memory of its own. It runs before
//! any parser, so that a mail of a thousand nested parts never meets one (TRAPS 4). It counts
//! delimiters wherever a lenient parser could see one, in the middle of a line too, so that what it
//! lets pass is bounded for every reader. What a mail beyond a limit becomes is not decided here.

/// Largest mail that is read; larger ones are set aside by their headers.
pub const MAX_MAIL_BYTES: usize = 40 * 1024 * 1024;
/// Header fields of the mail itself. Mailing lists and gateways add some eighty.
pub const MAX_HEADER_FIELDS: usize = 1_000;
/// Bytes of the mail's own header block; 500 recipients need 20,000.
pub const MAX_HEADER_BYTES: usize = 512 * 1024;
/// Characters of a subject or a name that are kept: they are written into the journal and shown.
pub const MAX_LINE_CHARS: usize = 1_000;
/// Header lines of all parts together.
pub const MAX_PART_HEADER_LINES: usize = 10_000;
/// Parts of all levels.
pub const MAX_PARTS: usize = 200;
/// Parts within parts.
pub const MAX_DEPTH: usize = 20;
/// Different delimiters that are announced.
pub const MAX_BOUNDARIES: usize = 100;
/// Longest delimiter; RFC 2046 §5.1.1 allows 70 characters.
pub const MAX_BOUNDARY_BYTES: usize = 250;
/// Longest line. RFC 5322 §2.1.1 allows 998 characters; careless scanners send a file as one line.
pub const MAX_LINE_BYTES: usize = 1_000_000;
/// Addresses of To and Cc that are kept (TRAPS 32).
pub const MAX_ADDRESSES: usize = 500;
/// Message ids of References that are kept: the first ones and the last.
pub const MAX_REFERENCES: usize = 100;
/// Text of one body that is read; the rest stays in the raw mail.
pub const MAX_TEXT_BYTES: usize = 2 * 1024 * 1024;
/// Text of one part of a report (RFC 3464, RFC 8098) that is read.
pub const MAX_REPORT_BYTES: usize = 64 * 1024;
/// Longest name of an attachment, as most file systems have it.
pub const MAX_NAME_BYTES: usize = 255;
/// Of a field that names a file, what is read; the longest honest ones repeat a name in two notations.
pub const MAX_NAME_FIELD_BYTES: usize = 16 * 1024;
/// Files of one mail that are listed, those within containers included.
pub const MAX_FILES: usize = 200;
/// Containers within containers that are opened: attached mails, winmail.dat, signed envelopes.
pub const MAX_CONTAINERS: usize = 5;
/// Of one attached mail, what is read for its words.
pub const MAX_ATTACHED_MAIL_BYTES: usize = 2 * 1024 * 1024;
/// Attached mails whose words are read where the mail itself says nothing.
pub const MAX_ATTACHED_MAILS: usize = 3;
/// RTF of an Outlook message, decompressed; formatting takes several times the text.
pub const MAX_RTF_BYTES: usize = 8 * 1024 * 1024;
/// Entries of an archive's directory that are looked at.
pub const MAX_ARCHIVE_ENTRIES: usize = 1_000;
/// What comes out of the object streams of one PDF: so much for each byte of the file, so much in any
/// case, and so much at most. Such streams shrink to a fifth or a tenth, and are a part of the file.
pub const MAX_PDF_SWELLING: usize = 20;
pub const MIN_PDF_OBJECT_BYTES: usize = 1024 * 1024;
pub const MAX_PDF_OBJECT_BYTES: usize = 32 * 1024 * 1024;
/// Longest description of a file in a PDF, from its name to where it is embedded.
pub const MAX_PDF_FILE_BYTES: usize = 1_000;
/// Warnings that are kept of one mail.
pub const MAX_WARNINGS: usize = 50;

const _: () = assert!(MAX_LINE_BYTES < MAX_MAIL_BYTES);
const _: () = assert!(MAX_DEPTH < MAX_BOUNDARIES && MAX_BOUNDARIES < MAX_PARTS);
const _: () = assert!(MAX_TEXT_BYTES > MAX_LINE_BYTES);

/// Which limit the mail goes beyond, in words for a human; `None` when it may be parsed.
pub fn broken(raw: &[u8]) -> Option<String> {
    if raw.len() > MAX_MAIL_BYTES {
        return Some(too_large(raw.len() as u64));
    }
    header_limits(raw).or_else(|| line_limit(raw)).or_else(|| structure_limits(raw))
}

/// The words for a mail larger than the limit.
pub fn too_large(size: u64) -> String {
    beyond(usize::try_from(size).unwrap_or(usize::MAX), "bytes", MAX_MAIL_BYTES)
}

fn beyond(count: usize, what: &str, limit: usize) -> String {
    format!("{} {what}, the limit is {}", grouped(count), grouped(limit))
}

/// `1500` as `1,500`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The lines, their ends included.
fn lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', raw).map(|at| at + 1).chain([raw.len()]);
    let mut from = 0;
    ends.map(move |end| &raw[std::mem::replace(&mut from, end)..end]).filter(|line| !line.is_empty())
}

fn header_limits(raw: &[u8]) -> Option<String> {
    let (mut fields, mut bytes) = (0_usize, 0_usize);
    for line in lines(raw) {
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        bytes += line.len();
        fields += usize::from(!line.starts_with(b" ") && !line.starts_with(b"\t"));
    }
    if fields > MAX_HEADER_FIELDS {
        return Some(beyond(fields, "header fields", MAX_HEADER_FIELDS));
    }
    (bytes > MAX_HEADER_BYTES).then(|| beyond(bytes, "bytes of headers", MAX_HEADER_BYTES))
}

fn line_limit(raw: &[u8]) -> Option<String> {
    let longest = lines(raw).map(|line| line.strip_suffix(b"\n").unwrap_or(line).len()).max().unwrap_or(0);
    (longest > MAX_LINE_BYTES).then(|| beyond(longest, "bytes in one line", MAX_LINE_BYTES))
}

/// What is known while looking for delimiters.
#[derive(Default)]
struct Structure<'a> {
    boundaries: Vec<Boundary<'a>>,
    /// Set of the first bytes of all boundaries, to skip most places without a comparison.
    first: [u64; 4],
    parts: usize,
    depth: usize,
    deepest: usize,
    header_lines: usize,
}

struct Boundary<'a> {
    text: &'a [u8],
    depth: usize,
}

fn structure_limits(raw: &[u8]) -> Option<String> {
    let mut seen = Structure::default();
    let mut in_headers = true;
    let mut may_nest = false;
    for line in lines(raw) {
        if let Some(problem) = seen.announced(line) {
            return Some(problem);
        }
        if seen.delimiters(line) {
            (in_headers, may_nest) = (true, false);
        } else if line.trim_ascii().is_empty() {
            // A lenient reader ends the headers at a blank line that is not quite empty, too.
            let empty = matches!(line, b"\n" | b"\r\n");
            seen.depth += usize::from(in_headers && may_nest);
            seen.deepest = seen.deepest.max(seen.depth);
            in_headers &= may_nest || !empty;
            may_nest = false;
        } else if in_headers {
            seen.header_lines += 1;
            may_nest |= contains_ignoring_case(line, b"message/");
        }
    }
    seen.verdict()
}

impl<'a> Structure<'a> {
    fn verdict(&self) -> Option<String> {
        if self.parts > MAX_PARTS {
            return Some(beyond(self.parts, "parts", MAX_PARTS));
        }
        if self.deepest > MAX_DEPTH {
            return Some(beyond(self.deepest, "levels of parts within parts", MAX_DEPTH));
        }
        let lines = self.header_lines;
        (lines > MAX_PART_HEADER_LINES)
            .then(|| beyond(lines, "header lines in the parts", MAX_PART_HEADER_LINES))
    }

    fn begins_one(&self, byte: u8) -> bool {
        self.first[usize::from(byte >> 6)] & 1 << (byte & 63) != 0
    }

    /// Notes the delimiter that a line announces (`boundary="…"`), wherever it stands.
    fn announced(&mut self, line: &'a [u8]) -> Option<String> {
        let mut rest = line;
        while let Some(at) = position_ignoring_case(rest, b"boundary") {
            rest = &rest[at + b"boundary".len()..];
            let Some(value) = parameter_value(rest) else { continue };
            if value.len() > MAX_BOUNDARY_BYTES {
                return Some(beyond(value.len(), "bytes in a delimiter of parts", MAX_BOUNDARY_BYTES));
            }
            if value.is_empty() || self.boundaries.iter().any(|known| known.text == value) {
                continue;
            }
            if self.boundaries.len() == MAX_BOUNDARIES {
                return Some(format!(
                    "more than {MAX_BOUNDARIES} groups of parts, the limit is {MAX_BOUNDARIES}"
                ));
            }
            let depth = self.depth + 1;
            self.deepest = self.deepest.max(depth);
            self.first[usize::from(value[0] >> 6)] |= 1 << (value[0] & 63);
            self.boundaries.push(Boundary { text: value, depth });
        }
        None
    }

    /// Counts the delimiters in a line; whether there was one.
    fn delimiters(&mut self, line: &[u8]) -> bool {
        if self.boundaries.is_empty() {
            return false;
        }
        let mut found = false;
        let mut at = 0;
        while let Some(step) = line[at..].windows(2).position(|pair| pair == b"--") {
            at += step + 2;
            let rest = &line[at..];
            if !rest.first().is_some_and(|byte| self.begins_one(*byte)) {
                at -= 1;
                continue;
            }
            let hit =
                self.boundaries.iter().filter(|b| rest.starts_with(b.text)).max_by_key(|b| b.text.len());
            if let Some(boundary) = hit {
                let ends = rest[boundary.text.len()..].starts_with(b"--");
                self.depth = if ends { boundary.depth.saturating_sub(1) } else { boundary.depth };
                self.parts += usize::from(!ends);
                at += boundary.text.len();
                found |= !ends;
            } else {
                at -= 1;
            }
        }
        found
    }
}

/// The value after `=`, without its quotes: what follows the word `boundary` in a header.
fn parameter_value(rest: &[u8]) -> Option<&[u8]> {
    // RFC 2231 §3 would allow `boundary*0*=` too; nobody sends it, and a reader that honours it
    // still meets the limits of the parsed mail.
    let rest = rest.trim_ascii_start();
    let rest = rest.strip_prefix(b"=")?.trim_ascii_start();
    if let Some(quoted) = rest.strip_prefix(b"\"") {
        let end = quoted.iter().position(|byte| matches!(byte, b'"' | b'\r' | b'\n')).unwrap_or(quoted.len());
        return Some(&quoted[..end]);
    }
    let end = rest.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b';').unwrap_or(rest.len());
    Some(&rest[..end])
}

fn contains_ignoring_case(haystack: &[u8], needle: &[u8]) -> bool {
    position_ignoring_case(haystack, needle).is_some()
}

/// Where `needle`, in lower case, first occurs.
fn position_ignoring_case(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let places = haystack.len().checked_sub(needle.len() - 1)?;
    memchr::memchr2_iter(needle[0], needle[0].to_ascii_uppercase(), &haystack[..places])
        .find(|at| haystack[*at..*at + needle.len()].eq_ignore_ascii_case(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(levels: usize) -> Vec<u8> {
        let mut mail =
            b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=\"b0\"\r\n\r\n".to_vec();
        for i in 1..levels {
            let part = format!("--b{}\r\nContent-Type: multipart/mixed; boundary=\"b{i}\"\r\n\r\n", i - 1);
            mail.extend_from_slice(part.as_bytes());
        }
        mail
    }

    #[test]
    fn an_ordinary_mail_is_within_the_limits() {
        let mail = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x--\r\n";
        assert_eq!(broken(mail), None);
        assert_eq!(broken(b""), None);
        assert_eq!(broken(&nested(10)), None);
    }

    #[test]
    fn the_reason_names_the_value_and_the_limit() {
        let mut parts = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n".to_vec();
        for _ in 0..1_500 {
            parts.extend_from_slice(b"--x\r\n\r\nhello\r\n");
        }
        assert_eq!(broken(&parts).as_deref(), Some("1,500 parts, the limit is 200"));
        let headers = b"X-A: b\r\n".repeat(20_000);
        assert_eq!(broken(&headers).as_deref(), Some("20,000 header fields, the limit is 1,000"));
        let line = [b"From: a@b.example\r\n\r\n".to_vec(), vec![b'A'; 10_000_000]].concat();
        assert_eq!(broken(&line).as_deref(), Some("10,000,000 bytes in one line, the limit is 1,000,000"));
        assert_eq!(broken(&nested(30)).as_deref(), Some("30 levels of parts within parts, the limit is 20"));
        assert!(broken(&nested(1_000)).is_some_and(|why| why.contains("the limit is 100")));
    }

    #[test]
    fn delimiters_in_the_middle_of_a_line_count_too() {
        let mut mail = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n".to_vec();
        mail.extend_from_slice(&b"a--x ".repeat(1_000));
        assert!(broken(&mail).is_some());
    }

    #[test]
    fn forwarded_mails_within_each_other_count_as_levels() {
        let mail = b"Content-Type: message/rfc822\r\n\r\n".repeat(500);
        assert!(broken(&mail).is_some());
        assert!(broken(&b"Content-Type: message/rfc822\r\n\r\r\n".repeat(500)).is_some());
    }
}
