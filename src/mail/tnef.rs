//! winmail.dat opened: the TNEF stream that Outlook and Exchange send to those whom they take for
//! their like (MS-OXTNEF). What its properties mean is `mapi`'s to say.
//!
//! Every read is bounded by the stream's own bytes and by [`limits::MAX_FILES`]; a length that lies
//! ends the reading there, and what was read until then counts. Checksums are not verified: a file that
//! a checksum refuses would be lost to the reader. What the files may do is judged elsewhere.

use super::limits;
use super::mapi::{self, File, Message, Properties, kind, text};

/// MS-OXTNEF §2.1.3.2.
const SIGNATURE: &[u8] = b"\x78\x9f\x3e\x22";

/// Whether the bytes are such a stream.
pub fn is_winmail(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Reads the stream; `None` when it is none.
pub fn read(bytes: &[u8]) -> Option<Message<'_>> {
    within(bytes, 0)
}

/// The same within that many others.
fn within(bytes: &[u8], depth: usize) -> Option<Message<'_>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?.get(2..)?;
    let mut out = Reader { message: Message::default(), codepage: None, depth };
    while !rest.is_empty() {
        let Some(attribute) = Attribute::take(&mut rest) else {
            // Some writers pad the stream with a few bytes.
            out.message.incomplete = rest.len() > 16;
            break;
        };
        out.add(&attribute);
        if out.message.files.len() > limits::MAX_FILES {
            out.message.files.truncate(limits::MAX_FILES);
            out.message.incomplete = true;
            break;
        }
    }
    Some(out.message)
}

/// MS-OXTNEF §2.1.3.3: level, id, length, data, checksum. The type in the upper half of the id is
/// implied by the lower one.
struct Attribute<'a> {
    id: u16,
    bytes: &'a [u8],
}

mod id {
    pub const FROM: u16 = 0x8000;
    pub const SUBJECT: u16 = 0x8004;
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

/// The message as far as it is read.
struct Reader<'a> {
    message: Message<'a>,
    codepage: Option<u32>,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn add(&mut self, attribute: &Attribute<'a>) {
        let bytes = attribute.bytes;
        match attribute.id {
            id::OEM_CODEPAGE => self.codepage = u32_of(&mut { bytes }),
            id::FROM => self.author(bytes),
            id::SUBJECT => self.message.subject = text(bytes, self.codepage),
            id::BODY => self.message.plain = Some(text(bytes, self.codepage)).filter(|text| !text.is_empty()),
            id::MESSAGE_PROPERTIES => {
                let listed = properties(bytes);
                self.message.incomplete |= !listed.whole;
                self.message.describe(listed.properties, self.codepage);
            }
            // It begins the description of each file; writers leave it out where there is one only.
            id::ATTACH_RENDDATA => self.message.files.push(File::default()),
            id::ATTACH_TITLE => {
                let name = text(bytes, self.codepage);
                let file = self.last_file();
                // The long name of the properties is better than this, which may be of eight letters.
                if file.name.is_empty() {
                    file.name = name;
                }
            }
            id::ATTACH_DATA => self.last_file().content = bytes.into(),
            id::ATTACHMENT => self.attachment(bytes),
            _ => {}
        }
    }

    /// §2.1.3.1 with the structure TRP: four lengths, a name, an address with its type before it.
    fn author(&mut self, mut bytes: &[u8]) {
        let lengths = [(); 4].map(|()| u16_of(&mut bytes).map_or(0, usize::from));
        let Some((name, rest)) = bytes.split_at_checked(lengths[2]) else { return };
        let address = text(&rest[..rest.len().min(lengths[3])], self.codepage);
        self.message.author.name = text(name, self.codepage);
        address.rsplit(':').next().unwrap_or_default().clone_into(&mut self.message.author.address);
    }

    fn last_file(&mut self) -> &mut File<'a> {
        if self.message.files.is_empty() {
            self.message.files.push(File::default());
        }
        self.message.files.last_mut().expect("one was pushed if there was none")
    }

    fn attachment(&mut self, bytes: &'a [u8]) {
        let listed = properties(bytes);
        self.message.incomplete |= !listed.whole;
        let (codepage, depth) = (self.codepage, self.depth);
        let file = self.last_file();
        if let Some(stream) = listed.object.and_then(|object| object.strip_prefix(MESSAGE_INTERFACE)) {
            file.content = stream.into();
            // One more than are opened, so that the last is known for what it is.
            let opened = if depth <= limits::MAX_CONTAINERS { within(stream, depth + 1) } else { None };
            file.message = opened.map(Box::new);
        } else if let Some(object) = listed.object {
            // Another interface, of an OLE object, stands in the first 16 bytes.
            file.content = object.get(16..).unwrap_or_default().into();
        }
        file.describe(listed.properties, codepage);
    }
}

/// IID_IMessage in front of an embedded message (MS-OXTNEF §2.1.3.5).
const MESSAGE_INTERFACE: &[u8] = b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";

/// A list of properties (MS-OXTNEF §2.1.3.4).
#[derive(Default)]
struct Listed<'a> {
    properties: Properties<'a>,
    /// The content of a file that is no bytes, with its interface.
    object: Option<&'a [u8]>,
    /// It does not end before its time.
    whole: bool,
}

fn properties(bytes: &[u8]) -> Listed<'_> {
    let mut listed = Listed::default();
    listed.whole = listed.read(bytes).is_some();
    listed
}

impl<'a> Listed<'a> {
    fn read(&mut self, bytes: &'a [u8]) -> Option<()> {
        let mut at = bytes;
        // A count that lies ends with the bytes: each property takes four at least.
        for _ in 0..u32_of(&mut at)? {
            let (kind, id) = (u16_of(&mut at)?, u16_of(&mut at)?);
            if id >= 0x8000 {
                name(&mut at)?;
            }
            let bytes = value(&mut at, kind)?;
            if (id, kind) == (mapi::id::ATTACH_CONTENT, kind::OBJECT) {
                self.object = Some(bytes);
            } else {
                self.properties.add(id, kind & !kind::MANY, bytes);
            }
        }
        Some(())
    }
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
