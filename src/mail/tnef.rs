//! winmail.dat opened: the TNEF stream that Outlook and Exchange send to those whom they take for
//! their like (MS-OXTNEF, MS-OXPROPS, MS-OXCMSG).
//!
//! Every read is bounded by the stream's own bytes and by [`limits::MAX_FILES`]; a length that lies
//! ends the reading there, and what was read until then counts. Checksums are not verified: a file that
//! a checksum refuses would be lost to the reader. What the files may do is judged elsewhere.

use std::borrow::Cow;

use super::charset;
use super::limits;

/// What a stream holds.
#[derive(Debug, Default)]
pub struct Winmail<'a> {
    pub files: Vec<File<'a>>,
    pub plain: Option<String>,
    pub html: Option<String>,
    /// Compressed (MS-OXRTFCP).
    pub rtf: Option<&'a [u8]>,
    /// The stream ends before its time or a length in it lies.
    pub incomplete: bool,
}

/// An attached file.
#[derive(Debug, Default)]
pub struct File<'a> {
    /// As declared; empty when there is none.
    pub name: String,
    pub media_type: Option<String>,
    pub content_id: Option<String>,
    pub content: Cow<'a, [u8]>,
    /// Whether the content is a message, again as a stream of this kind.
    pub is_message: bool,
}

/// MS-OXTNEF §2.1.3.2.
const SIGNATURE: &[u8] = b"\x78\x9f\x3e\x22";

/// Whether the bytes are such a stream.
pub fn is_winmail(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Reads the stream; `None` when it is none.
pub fn read(bytes: &[u8]) -> Option<Winmail<'_>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?.get(2..)?;
    let mut out = Winmail::default();
    let mut codepage = None;
    while !rest.is_empty() {
        let Some(attribute) = Attribute::take(&mut rest) else {
            // Some writers pad the stream with a few bytes.
            out.incomplete = rest.len() > 16;
            break;
        };
        out.add(&attribute, &mut codepage);
        if out.files.len() > limits::MAX_FILES {
            out.files.truncate(limits::MAX_FILES);
            out.incomplete = true;
            break;
        }
    }
    Some(out)
}

/// MS-OXTNEF §2.1.3.3: level, id, length, data, checksum. The type in the upper half of the id is
/// implied by the lower one.
struct Attribute<'a> {
    id: u16,
    bytes: &'a [u8],
}

mod id {
    pub const BODY: u16 = 0x800C;
    pub const ATTACH_DATA: u16 = 0x800F;
    pub const ATTACH_TITLE: u16 = 0x8010;
    pub const ATTACH_RENDDATA: u16 = 0x9002;
    pub const MESSAGE_PROPERTIES: u16 = 0x9003;
    pub const ATTACHMENT: u16 = 0x9005;
    pub const OEM_CODEPAGE: u16 = 0x9007;
}

impl<'a> Attribute<'a> {
    fn take(rest: &mut &'a [u8]) -> Option<Self> {
        let mut at = *rest;
        let level = take(&mut at, 1)?[0];
        let id = u32_of(&mut at)?;
        let length = usize::try_from(u32_of(&mut at)?).ok()?;
        let bytes = take(&mut at, length)?;
        take(&mut at, 2)?;
        // §2.1.3.3: 1 for the message, 2 for an attachment.
        if !(1..=2).contains(&level) {
            return None;
        }
        *rest = at;
        Some(Self { id: u16::try_from(id & 0xFFFF).ok()?, bytes })
    }
}

impl<'a> Winmail<'a> {
    fn add(&mut self, attribute: &Attribute<'a>, codepage: &mut Option<u32>) {
        let bytes = attribute.bytes;
        match attribute.id {
            id::OEM_CODEPAGE => *codepage = u32_of(&mut { bytes }),
            id::BODY => self.plain = Some(text(bytes, *codepage)).filter(|text| !text.is_empty()),
            id::MESSAGE_PROPERTIES => self.message(bytes, *codepage),
            // It begins the description of each file; writers leave it out where there is one only.
            id::ATTACH_RENDDATA => self.files.push(File::default()),
            id::ATTACH_TITLE => {
                let name = text(bytes, *codepage);
                let file = self.last_file();
                // The long name of the properties is better than this, which may be of eight letters.
                if file.name.is_empty() {
                    file.name = name;
                }
            }
            id::ATTACH_DATA => self.last_file().content = bytes.into(),
            id::ATTACHMENT => self.attachment(bytes, *codepage),
            _ => {}
        }
    }

    fn last_file(&mut self) -> &mut File<'a> {
        if self.files.is_empty() {
            self.files.push(File::default());
        }
        self.files.last_mut().expect("one was pushed if there was none")
    }

    fn message(&mut self, bytes: &'a [u8], codepage: Option<u32>) {
        let mut html: Option<&[u8]> = None;
        let mut internet = None;
        let complete = properties(bytes, |property| match property.id {
            0x3FDE => internet = u32_of(&mut { property.bytes }),
            0x1000 => self.plain = Some(property.text(codepage)).filter(|text| !text.is_empty()),
            0x1013 if property.kind == kind::UNICODE => self.html = Some(property.text(codepage)),
            0x1013 => html = Some(property.bytes),
            0x1009 => self.rtf = Some(property.bytes),
            _ => {}
        });
        if let Some(html) = html.filter(|html| !html.is_empty()) {
            self.html = Some(text(html, internet.or(codepage)));
        }
        self.incomplete |= complete.is_none();
    }

    fn attachment(&mut self, bytes: &'a [u8], codepage: Option<u32>) {
        let (mut long, mut short, mut shown) = (String::new(), String::new(), String::new());
        let file = self.last_file();
        let complete = properties(bytes, |property| match property.id {
            0x3707 => long = property.text(codepage),
            0x3704 => short = property.text(codepage),
            0x3001 => shown = property.text(codepage),
            0x370E => file.media_type = Some(property.text(codepage)),
            0x3712 => file.content_id = Some(property.text(codepage)),
            0x3701 => file.object(&property),
            _ => {}
        });
        let better = [long, short].into_iter().find(|name| !name.is_empty());
        if let Some(name) = better {
            file.name = name;
        } else if !shown.is_empty() && (file.name.is_empty() || file.is_message) {
            file.name = shown;
        }
        self.incomplete |= complete.is_none();
    }
}

/// IID_IMessage in front of an embedded message (MS-OXTNEF §2.1.3.5).
const MESSAGE_INTERFACE: &[u8] = b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";

impl<'a> File<'a> {
    fn object(&mut self, property: &Property<'a>) {
        if property.kind != kind::OBJECT {
            self.content = property.bytes.into();
        } else if let Some(stream) = property.bytes.strip_prefix(MESSAGE_INTERFACE) {
            self.content = stream.into();
            self.is_message = is_winmail(stream);
        } else {
            // Another interface, of an OLE object, stands in the first 16 bytes.
            self.content = property.bytes.get(16..).unwrap_or_default().into();
        }
    }
}

/// Types of properties (MS-OXCDATA §2.11.1).
mod kind {
    pub const STRING: u16 = 0x001E;
    pub const UNICODE: u16 = 0x001F;
    pub const OBJECT: u16 = 0x000D;
    pub const BINARY: u16 = 0x0102;
    pub const MANY: u16 = 0x1000;
}

struct Property<'a> {
    id: u16,
    kind: u16,
    /// The first value.
    bytes: &'a [u8],
}

impl Property<'_> {
    fn text(&self, codepage: Option<u32>) -> String {
        if self.kind != kind::UNICODE {
            return text(self.bytes, codepage);
        }
        let units = self.bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect();
        text.trim_end_matches('\0').to_owned()
    }
}

/// Visits a list of properties (MS-OXTNEF §2.1.3.4); `None` when it ends before its time.
fn properties<'a>(bytes: &'a [u8], mut visit: impl FnMut(Property<'a>)) -> Option<()> {
    let mut at = bytes;
    // A count that lies ends with the bytes: each property takes four at least.
    for _ in 0..u32_of(&mut at)? {
        let (kind, id) = (u16_of(&mut at)?, u16_of(&mut at)?);
        if id >= 0x8000 {
            name(&mut at)?;
        }
        let bytes = value(&mut at, kind)?;
        visit(Property { id, kind: kind & !kind::MANY, bytes });
    }
    Some(())
}

/// Skips the name of a property that has one instead of a fixed id.
fn name(at: &mut &[u8]) -> Option<()> {
    take(at, 16)?;
    if u32_of(at)? == 0 {
        u32_of(at)?;
    } else {
        padded(at)?;
    }
    Some(())
}

/// The first value of a property; all are passed over.
fn value<'a>(at: &mut &'a [u8], kind: u16) -> Option<&'a [u8]> {
    let single = kind & !kind::MANY;
    let variable = matches!(single, kind::STRING | kind::UNICODE | kind::OBJECT | kind::BINARY);
    // Values of variable length are counted even where there is one only.
    let count = if variable || kind & kind::MANY != 0 { u32_of(at)? } else { 1 };
    let mut first = None;
    for _ in 0..count {
        // A value without width would not end with the bytes.
        let bytes =
            if variable { padded(at)? } else { take(at, width(single).filter(|w| *w > 0 || count == 1)?)? };
        first.get_or_insert(bytes);
    }
    Some(first.unwrap_or_default())
}

/// Bytes of a fixed value, filled up to a multiple of four.
fn width(kind: u16) -> Option<usize> {
    match kind {
        0x0001 => Some(0),
        0x0002 | 0x0003 | 0x0004 | 0x000A | 0x000B => Some(4),
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => Some(8),
        0x0048 => Some(16),
        _ => None,
    }
}

/// A length, that many bytes, and zeros up to a multiple of four.
fn padded<'a>(at: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u32_of(at)?).ok()?;
    let bytes = take(at, length)?;
    let fill = length.next_multiple_of(4) - length;
    // The last value of a list may lack its filling.
    *at = at.get(fill..).unwrap_or_default();
    Some(bytes)
}

fn take<'a>(at: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (bytes, rest) = at.split_at_checked(count)?;
    *at = rest;
    Some(bytes)
}

fn u16_of(at: &mut &[u8]) -> Option<u16> {
    take(at, 2).and_then(|two| Some(u16::from_le_bytes(two.try_into().ok()?)))
}

fn u32_of(at: &mut &[u8]) -> Option<u32> {
    take(at, 4).and_then(|four| Some(u32::from_le_bytes(four.try_into().ok()?)))
}

/// Text of a codepage of Windows, without the zero that ends it.
fn text(bytes: &[u8], codepage: Option<u32>) -> String {
    let end = bytes.len() - bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let label = match codepage {
        None | Some(0) => None,
        Some(65001 | 20127) => Some("utf-8".to_owned()),
        Some(page @ 28591..=28605) => Some(format!("iso-8859-{}", page - 28590)),
        Some(page) => Some(format!("windows-{page}")),
    };
    charset::decode(&bytes[..end], label.as_deref()).text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        [&[level][..], &id.to_le_bytes(), &length, bytes, &[0, 0]].concat()
    }

    fn stream(attributes: &[Vec<u8>]) -> Vec<u8> {
        [SIGNATURE, &[1, 0], &attributes.concat()].concat()
    }

    #[test]
    fn files_come_with_their_names() {
        let bytes = stream(&[
            attribute(1, 0x0006_9007, &[0xe4, 4, 0, 0, 0, 0, 0, 0]),
            attribute(2, 0x0006_9002, &[0; 14]),
            attribute(2, 0x0001_8010, b"relev\xe9.pdf\0"),
            attribute(2, 0x0006_800F, b"%PDF"),
            attribute(2, 0x0006_9002, &[0; 14]),
            attribute(2, 0x0006_800F, b"second"),
        ]);
        let read = read(&bytes).unwrap();
        assert!(!read.incomplete);
        assert_eq!(read.files.len(), 2);
        assert_eq!(
            (read.files[0].name.as_str(), read.files[0].content.as_ref()),
            ("relevé.pdf", &b"%PDF"[..])
        );
        assert_eq!((read.files[1].name.as_str(), read.files[1].content.as_ref()), ("", &b"second"[..]));
    }

    #[test]
    fn trap_4_lengths_that_lie_end_the_reading_and_keep_what_was_read() {
        let good = [attribute(2, 0x0006_9002, &[0; 14]), attribute(2, 0x0001_8010, b"a.txt\0")];
        for lie in [0_u32, 7, 0x7fff_ffff, u32::MAX] {
            let mut bytes = stream(&good);
            bytes.extend_from_slice(b"\x02\x0f\x80\x06\0");
            bytes.extend_from_slice(&lie.to_le_bytes());
            bytes.extend_from_slice(b"0123456789012345678901234567890");
            assert_eq!(read(&bytes).unwrap().files[0].name, "a.txt", "{lie}");
        }
        // A count of four billion properties, and of as many values.
        for properties in
            [&b"\xff\xff\xff\xff\x03\0\x01\0abcd"[..], b"\x01\0\0\0\x1e\x10\x01\0\xff\xff\xff\xff"]
        {
            let bytes = stream(&[attribute(1, 0x0006_9003, properties)]);
            assert!(read(&bytes).unwrap().incomplete);
        }
        let nothing = b"\x01\0\0\0\x01\x10\x01\0\xff\xff\xff\xff";
        assert!(read(&stream(&[attribute(1, 0x0006_9003, nothing)])).is_some(), "values of no width");
        assert!(read(b"x").is_none() && read(SIGNATURE).is_none());
    }
}
