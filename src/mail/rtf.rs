//! The text of an Outlook message that exists as RTF only: decompressed (MS-OXRTFCP §2.1) and read
//! without its formatting.
//!
//! HTML within RTF (MS-OXRTFEX) is read as its text. Output is bounded by [`limits::MAX_TEXT_BYTES`];
//! no command is carried out, no object opened, no picture read.

use super::charset;
use super::limits;

/// MS-OXRTFCP §2.1.2.1: what the dictionary holds before the first byte.
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

/// RTF out of its compressed form, as far as it goes.
pub fn decompressed(bytes: &[u8]) -> Option<Vec<u8>> {
    let header = bytes.get(..16)?;
    let body = &bytes[16..];
    match &header[8..12] {
        b"MELA" => Some(body[..body.len().min(limits::MAX_RTF_BYTES)].to_vec()),
        b"LZFu" => Some(unpacked(body)),
        _ => None,
    }
}

/// §2.1.3.1: a control byte tells of the next eight tokens which is a byte and which a reference of
/// 12 bits of place and 4 of length into the last 4,096 bytes.
fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut window = [0_u8; 4_096];
    window[..DICTIONARY.len()].copy_from_slice(DICTIONARY);
    let mut at = DICTIONARY.len();
    let mut out = Vec::new();
    let mut write = |byte: u8, at: &mut usize, window: &mut [u8; 4_096]| {
        out.push(byte);
        window[*at] = byte;
        *at = (*at + 1) % 4_096;
        out.len() < limits::MAX_RTF_BYTES
    };
    let mut bytes = body.iter().copied();
    'all: while let Some(control) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { break 'all };
            if control >> bit & 1 == 0 {
                if !write(first, &mut at, &mut window) {
                    break 'all;
                }
                continue;
            }
            let Some(second) = bytes.next() else { break 'all };
            let from = usize::from(first) << 4 | usize::from(second) >> 4;
            // A reference to the place of writing ends the text.
            if from == at {
                break 'all;
            }
            for step in 0..usize::from(second & 0x0F) + 2 {
                let byte = window[(from + step) % 4_096];
                if !write(byte, &mut at, &mut window) {
                    break 'all;
                }
            }
        }
    }
    out
}

/// Groups whose content is no text of the message.
const DESTINATIONS: &[&str] = &[
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "objdata",
    "header",
    "footer",
    "headerl",
    "headerr",
    "footerl",
    "footerr",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "themedata",
    "xmlnstbl",
    "fldinst",
    "bkmkstart",
    "bkmkend",
    "datastore",
    "latentstyles",
];

/// What holds within one pair of braces.
#[derive(Clone, Copy, Default)]
struct Group {
    hidden: bool,
    /// Characters after `\u` that stand in for it in old readers.
    substitutes: usize,
}

/// A reader with its place and what it wrote.
struct Reader<'a> {
    rtf: &'a [u8],
    at: usize,
    groups: Vec<Group>,
    group: Group,
    /// `\htmlrtf`: what only readers of RTF are to see (MS-OXRTFEX §2.1.3.1.4).
    for_rtf_only: bool,
    codepage: Option<String>,
    /// Bytes of the codepage not yet decoded.
    pending: Vec<u8>,
    to_skip: usize,
    out: String,
}

/// The text of an RTF document.
pub fn text(rtf: &[u8]) -> String {
    let group = Group { hidden: false, substitutes: 1 };
    let mut reader = Reader {
        rtf,
        at: 0,
        groups: Vec::new(),
        group,
        for_rtf_only: false,
        codepage: None,
        pending: Vec::new(),
        to_skip: 0,
        out: String::new(),
    };
    while reader.step() && reader.out.len() < limits::MAX_TEXT_BYTES {}
    reader.flush();
    reader.out
}

/// Braces within braces that are remembered; deeper ones share the state of the last.
const MAX_GROUPS: usize = 1_000;

impl Reader<'_> {
    fn step(&mut self) -> bool {
        let Some(byte) = self.next() else { return false };
        match byte {
            b'{' => {
                self.flush();
                self.to_skip = 0;
                if self.groups.len() < MAX_GROUPS {
                    self.groups.push(self.group);
                }
            }
            b'}' => {
                self.flush();
                self.to_skip = 0;
                self.group = self.groups.pop().unwrap_or(self.group);
            }
            b'\\' => self.control(),
            b'\r' | b'\n' | 0 => {}
            byte => self.byte(byte),
        }
        true
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.rtf.get(self.at).copied();
        self.at += 1;
        byte
    }

    fn control(&mut self) {
        match self.next() {
            Some(b'\'') => {
                let digits = self.rtf.get(self.at..self.at + 2).and_then(|two| std::str::from_utf8(two).ok());
                if let Some(byte) = digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
                    self.at += 2;
                    self.byte(byte);
                }
            }
            Some(b'~') => self.character('\u{a0}'),
            Some(b'_') => self.character('-'),
            Some(b'*') => self.group.hidden = true,
            Some(byte @ (b'\\' | b'{' | b'}')) => self.byte(byte),
            Some(b'\r' | b'\n') => self.character('\n'),
            Some(byte) if byte.is_ascii_alphabetic() => self.word(),
            _ => {}
        }
    }

    /// A control word with its number, and the one space that ends it.
    fn word(&mut self) {
        let from = self.at - 1;
        let letters = self.rtf[from..].iter().take(32).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let word = String::from_utf8_lossy(&self.rtf[from..from + letters]).into_owned();
        self.at = from + letters;
        let digits = self.rtf[self.at..]
            .iter()
            .take(11)
            .enumerate()
            .take_while(|(i, byte)| byte.is_ascii_digit() || *i == 0 && **byte == b'-')
            .count();
        let number: Option<i32> =
            std::str::from_utf8(&self.rtf[self.at..self.at + digits]).ok().and_then(|text| text.parse().ok());
        self.at += digits;
        if self.rtf.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.command(&word, number);
    }

    fn command(&mut self, word: &str, number: Option<i32>) {
        match word {
            "par" | "line" | "sect" | "page" | "row" => self.character('\n'),
            "tab" | "cell" => self.character('\t'),
            "emdash" => self.character('—'),
            "endash" => self.character('–'),
            "lquote" => self.character('‘'),
            "rquote" => self.character('’'),
            "ldblquote" => self.character('“'),
            "rdblquote" => self.character('”'),
            "bullet" => self.character('•'),
            "uc" => self.group.substitutes = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16),
            "u" => {
                // Numbers above 32,767 are written as negative ones.
                let unit = u32::try_from(number.unwrap_or(0).rem_euclid(65_536)).unwrap_or(0);
                self.character(char::from_u32(unit).unwrap_or('\u{fffd}'));
                self.to_skip = self.group.substitutes;
            }
            "ansicpg" => self.codepage = number.map(|page| format!("windows-{page}")),
            "htmlrtf" => self.for_rtf_only = number != Some(0),
            "bin" => self.at = self.at.saturating_add(usize::try_from(number.unwrap_or(0)).unwrap_or(0)),
            word if DESTINATIONS.contains(&word) => self.group.hidden = true,
            _ => {}
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if !self.group.hidden && !self.for_rtf_only {
            self.pending.push(byte);
        }
    }

    fn character(&mut self, c: char) {
        self.flush();
        if !self.group.hidden && !self.for_rtf_only {
            self.out.push(c);
        }
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let label = self.codepage.as_deref().unwrap_or("windows-1252");
            self.out.push_str(&charset::decode(&self.pending, Some(label)).text);
            self.pending.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_decompressed() {
        // MS-OXRTFCP §3.1.1.1 and §3.1.1.2 (the second has a reference that crosses the place of writing).
        let simple = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125\x42\x32\x0a\xf3 hel\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(decompressed(simple).unwrap(), b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let crossing = b"\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04\x20WXYZ\x0d\x6e\x7d\x01\x0e\xb0";
        assert_eq!(decompressed(crossing).unwrap(), b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}");
        assert_eq!(decompressed(b"short"), None);
    }

    #[test]
    fn what_repeats_itself_for_ever_is_bounded() {
        let mut bomb = b"\0\0\0\0\xff\xff\xff\x7fLZFu\0\0\0\0".to_vec();
        bomb.extend((0..4_000_000_u32).map(|i| if i % 17 == 0 { 0xff } else { 0x3f }));
        assert!(decompressed(&bomb).unwrap().len() <= limits::MAX_RTF_BYTES);
    }

    #[test]
    fn text_is_read_without_what_formats_it() {
        for (rtf, expected) in [
            (&b"{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}\\pard D\\'e9bit de 50 \\u8364?\\par Merci}"[..], "Débit de 50 €\nMerci"),
            (b"{\\rtf1\\uc2 \\u233ab!{\\*\\generator x}\\{a\\}}", "é!{a}"),
            (b"{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Bonjour\\htmlrtf \\par}\\htmlrtf0 !}", "Bonjour!"),
            (b"{{{\\", ""),
            (b"{\\u", "\0"),
            (b"}}}}a\\bin99999 b", "a"),
        ] {
            assert_eq!(text(rtf), expected, "{}", String::from_utf8_lossy(rtf));
        }
    }
}
