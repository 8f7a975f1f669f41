//! Files written into the text of a mail: uuencode (IEEE 1003.1 uuencode, both of its alphabets) and
//! yEnc 1.3.
//!
//! A block is taken out of the text only if it is one from its first line to its last; a person who
//! writes "begin 644" keeps every word. Each line is looked at a bounded number of times.

use std::borrow::Cow;

use super::limits;
use super::transfer::Encoding;

/// A file found in a text.
#[derive(Debug, PartialEq, Eq)]
pub struct Embedded {
    /// As declared.
    pub name: String,
    pub content: Vec<u8>,
    /// Fewer bytes than the block announces.
    pub damaged: bool,
}

/// The text without the files in it, and the files.
pub fn take_out(text: &[u8]) -> (Cow<'_, [u8]>, Vec<Embedded>) {
    let mut files = Vec::new();
    if !has_line_with(text, b"\nbegin") && !has_line_with(text, b"\n=ybegin") {
        return (text.into(), files);
    }
    let mut kept: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if files.len() < limits::MAX_FILES
            && let Some((file, after)) = block(rest)
        {
            files.push(file);
            rest = after;
            continue;
        }
        let (line, after) = split_line(rest);
        kept.extend_from_slice(line);
        rest = after;
    }
    if files.is_empty() { (text.into(), files) } else { (kept.into(), files) }
}

/// `start` with the end of the line before.
fn has_line_with(text: &[u8], start: &[u8]) -> bool {
    text.starts_with(&start[1..]) || memchr::memmem::find(text, start).is_some()
}

/// The first line, its end included, and what follows.
fn split_line(text: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr::memchr(b'\n', text).map_or(text.len(), |at| at + 1);
    text.split_at(end)
}

/// A line without its end.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The file whose block the text begins with, and what follows it.
fn block(text: &[u8]) -> Option<(Embedded, &[u8])> {
    let (first, rest) = split_line(text);
    let line = bare(first);
    if let Some(declared) = line.strip_prefix(b"begin ") {
        let name = name_after_mode(declared)?;
        return uuencoded(rest, name);
    }
    if let Some(declared) = line.strip_prefix(b"begin-base64 ") {
        let name = name_after_mode(declared)?;
        return base64(rest, name);
    }
    line.strip_prefix(b"=ybegin ").and_then(|declared| yenc(rest, declared))
}

/// `644 name`.
fn name_after_mode(declared: &[u8]) -> Option<String> {
    let space = declared.iter().position(|byte| *byte == b' ')?;
    let (mode, name) = declared.split_at(space);
    let octal = (3..=4).contains(&mode.len()) && mode.iter().all(|byte| (b'0'..=b'7').contains(byte));
    let name = super::charset::decode_header(name.trim_ascii()).into_owned();
    (octal && !name.is_empty()).then_some(name)
}

fn uuencoded(text: &[u8], name: String) -> Option<(Embedded, &[u8])> {
    let mut content = Vec::new();
    let mut rest = text;
    let mut lines = 0_usize;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        let line = bare(line);
        rest = after;
        if line == b"end" {
            return (lines > 0).then_some((Embedded { name, content, damaged: false }, rest));
        }
        // Gateways strip the space or the grave accent of the empty line before the end.
        if line.is_empty() {
            let (next, after) = split_line(rest);
            return (lines > 0 && bare(next) == b"end")
                .then_some((Embedded { name, content, damaged: false }, after));
        }
        uu_line(line, &mut content)?;
        lines += 1;
    }
    // The mail ends within the file. Three full lines are written by no person.
    (lines >= 3 && content.len() >= 3 * 45).then_some((Embedded { name, content, damaged: true }, rest))
}

/// One line: a character for the count of bytes, then four characters for each three bytes.
fn uu_line(line: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if !line.iter().all(|byte| (0x20..=0x60).contains(byte)) {
        return None;
    }
    let value = |byte: u8| (byte.wrapping_sub(0x20)) & 0x3F;
    let count = usize::from(value(line[0]));
    let written = &line[1..];
    // Spaces at the end, which stand for zeros, may have been stripped; some add a check character.
    let expected = count.div_ceil(3) * 4;
    if written.len() > expected + 1 {
        return None;
    }
    let padded = written.iter().copied().chain(std::iter::repeat(b' ')).take(expected);
    let values: Vec<u8> = padded.map(value).collect();
    let bytes = values
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|[a, b, c, d]| [a << 2 | b >> 4, (b & 0x0F) << 4 | c >> 2, (c & 0x03) << 6 | d]);
    out.extend(bytes.take(count));
    Some(())
}

fn base64(text: &[u8], name: String) -> Option<(Embedded, &[u8])> {
    let mut rest = text;
    let mut written: Vec<u8> = Vec::new();
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        let line = bare(line);
        rest = after;
        if line == b"====" {
            let decoded = Encoding::Base64.decode(&written);
            return Some((Embedded { name, content: decoded.bytes, damaged: false }, rest));
        }
        let fine = !line.is_empty()
            && line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        if !fine {
            return None;
        }
        written.extend_from_slice(line);
    }
    None
}

/// `line=128 size=123456 name=photo.jpg`: the name is the last and may have spaces.
fn yenc<'a>(text: &'a [u8], declared: &[u8]) -> Option<(Embedded, &'a [u8])> {
    let declared = super::charset::decode_header(declared);
    let (parameters, name) = declared.split_once("name=")?;
    let number = |parameters: &str| {
        parameters.split_ascii_whitespace().find_map(|each| each.strip_prefix("size=")?.parse::<usize>().ok())
    };
    let whole = number(parameters)?;
    let name = name.trim().to_owned();
    let mut content = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = split_line(rest);
        let line = bare(line);
        rest = after;
        if line.starts_with(b"=ybegin ") {
            return None;
        }
        if line.starts_with(b"=ypart ") {
            continue;
        }
        if let Some(end) = line.strip_prefix(b"=yend") {
            let size = number(&super::charset::decode_header(end)).unwrap_or(whole);
            let damaged = size != content.len() || size != whole;
            return Some((Embedded { name, content, damaged }, rest));
        }
        yenc_line(line, &mut content);
    }
    None
}

fn yenc_line(line: &[u8], out: &mut Vec<u8>) {
    let mut bytes = line.strip_prefix(b"..").map_or(line, |_| &line[1..]).iter();
    while let Some(byte) = bytes.next() {
        let value =
            if *byte == b'=' { bytes.next().copied().unwrap_or_default().wrapping_sub(64) } else { *byte };
        out.push(value.wrapping_sub(42));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAT: &str = "begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n";

    #[test]
    fn a_file_leaves_the_text_and_nothing_else_does() {
        for (text, kept) in [
            (format!("Bonjour,\r\n{CAT}Merci\r\n"), "Bonjour,\r\nMerci\r\n"),
            (CAT.to_owned(), ""),
            ("begin 0755 cat.txt\n#0V%T\n\nend\nx".to_owned(), "x"),
            ("begin-base64 644 cat.txt\nQ2F0\n====\nx".to_owned(), "x"),
        ] {
            let (rest, files) = take_out(text.as_bytes());
            assert_eq!((String::from_utf8_lossy(&rest).as_ref(), files.len()), (kept, 1), "{text}");
            assert_eq!(
                (files[0].name.as_str(), files[0].content.as_slice()),
                ("cat.txt", &b"Cat"[..]),
                "{text}"
            );
        }
    }

    #[test]
    fn yenc_is_undone_and_its_size_checked() {
        let encoded: Vec<u8> = b"Cat\0=\r"
            .iter()
            .flat_map(|byte| match byte.wrapping_add(42) {
                critical @ (0 | b'\n' | b'\r' | b'=') => vec![b'=', critical.wrapping_add(64)],
                plain => vec![plain],
            })
            .collect();
        for (size, damaged) in [("6", false), ("7", true)] {
            let head = format!("Voici\r\n=ybegin line=128 size={size} name=mon chat.bin\r\n");
            let text = [head.as_bytes(), &encoded, b"\r\n=yend size=6 crc32=0\r\nMerci"].concat();
            let (rest, files) = take_out(&text);
            assert_eq!(rest.as_ref(), b"Voici\r\nMerci");
            assert_eq!(
                files,
                [Embedded { name: "mon chat.bin".to_owned(), content: b"Cat\0=\r".to_vec(), damaged }]
            );
        }
    }

    #[test]
    fn a_person_who_writes_begin_keeps_every_word() {
        for text in [
            "begin 644 the complaint here\nI begin with the facts.\nend\n",
            "begin with this\nend",
            "begin 644 x\nend",
            "begin 644 x\n\nend",
            "begin 999 x\n#0V%T\n`\nend",
            "begin 644 x\n#0V%T\n`\nand no end",
            "> begin 644 x\n> #0V%T\n> `\n> end",
            "=ybegin line=128 size=3 name=x\nno end",
            "begin-base64 644 x\nBonjour Madame\n====",
        ] {
            let (rest, files) = take_out(text.as_bytes());
            assert_eq!((rest.as_ref(), files.len()), (text.as_bytes(), 0), "{text}");
        }
    }

    #[test]
    fn a_file_that_the_mail_cuts_off_is_told_as_damaged() {
        let line = format!("M{}\n", "A".repeat(60));
        let text = format!("Voici\nbegin 644 photo.jpg\n{}", line.repeat(4));
        let (rest, files) = take_out(text.as_bytes());
        assert_eq!(rest.as_ref(), b"Voici\n");
        assert_eq!((files[0].content.len(), files[0].damaged), (180, true));
    }
}
