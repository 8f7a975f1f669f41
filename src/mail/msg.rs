//! An Outlook message as a file, `.msg` or `.oft` (MS-OXMSG): its properties and its files, those of
//! messages within it as well. What the properties mean is `mapi`'s to say.
//!
//! Linear in the file: `compound` hands out every byte once. A message within it is a part of the same
//! file and no file itself; its size and digest are those of its own properties, put one after the other.

use super::compound::{Child, Compound, ROOT, is_one as is_compound};
use super::limits;
use super::mapi::{File, Message, Properties, kind};

/// §2.4: the properties of fixed width, and the sign of a message.
const FIXED: &str = "__properties_version1.0";
/// §2.3: what begins the names of the others, and those of files.
const VARIABLE: &str = "__substg1.0_";
const ATTACHMENT: &str = "__attach_version1.0_#";
/// §2.2.2: the content of a file that is a message or an object.
const OBJECT: &str = "__substg1.0_3701000D";
/// MS-OLEDS §2.3.6: a file that is embedded as it is.
const EMBEDDED_FILE: &str = "\u{1}Ole10Native";

/// §2.4.1: bytes in front of the properties, by what they describe.
const BEFORE_MESSAGE: usize = 32;
const BEFORE_INNER_MESSAGE: usize = 24;
const BEFORE_FILE: usize = 8;

/// Whether the bytes may be such a file: one with storages, in which that name occurs.
pub fn may_be_one(bytes: &[u8]) -> bool {
    let wide: Vec<u8> = FIXED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    is_compound(bytes) && super::danger::find(bytes, &wide).is_some()
}

/// Reads the message; `None` when it is none, or when nothing of it can be found.
pub fn read(bytes: &[u8]) -> Option<Message<'static>> {
    let mut reader = Reader { file: Compound::open(bytes)?, room: limits::MAX_FILES };
    let children = reader.file.children(ROOT);
    is_message(&children).then(|| reader.message(children, BEFORE_MESSAGE, 0).message)
}

fn is_message(children: &[Child]) -> bool {
    children.iter().any(|child| child.is_stream && child.name == FIXED)
}

struct Reader<'a> {
    file: Compound<'a>,
    /// Files that may still be listed.
    room: usize,
}

/// A message, and the bytes of its own properties.
struct Read {
    message: Message<'static>,
    bytes: Vec<u8>,
}

impl Reader<'_> {
    fn message(&mut self, children: Vec<Child>, before: usize, depth: usize) -> Read {
        let (properties, bytes, whole) = self.properties(&children, before);
        let mut message = Message { incomplete: !whole, ..Message::default() };
        for child in children.iter().filter(|child| !child.is_stream && child.name.starts_with(ATTACHMENT)) {
            if self.room == 0 {
                message.incomplete = true;
                break;
            }
            self.room -= 1;
            let (file, whole) = self.attachment(child.id, properties.codepage(), depth);
            message.incomplete |= !whole;
            message.files.push(file);
        }
        message.describe(properties, None);
        Read { message, bytes }
    }

    /// The properties among these streams, all their bytes, and whether none is cut off.
    fn properties(&mut self, children: &[Child], before: usize) -> (Properties<'static>, Vec<u8>, bool) {
        let mut properties = Properties::default();
        let (mut all, mut whole) = (Vec::new(), true);
        for child in children.iter().filter(|child| child.is_stream) {
            let (bytes, complete) = self.file.stream(child.id);
            whole &= complete;
            all.extend_from_slice(&bytes);
            if child.name == FIXED {
                // §2.4.2: type, id, flags, and eight bytes that hold a value of fixed width.
                for entry in bytes.get(before..).unwrap_or_default().as_chunks::<16>().0 {
                    let [kind, id] = [0, 2].map(|at| u16::from_le_bytes([entry[at], entry[at + 1]]));
                    if !matches!(kind, kind::STRING | kind::UNICODE | kind::BINARY | kind::OBJECT) {
                        properties.add(id, kind, entry[8..].to_vec());
                    }
                }
            } else if let Some((id, kind)) = named(&child.name) {
                properties.add(id, kind, bytes);
            }
        }
        (properties, all, whole)
    }

    fn attachment(&mut self, storage: usize, codepage: Option<u32>, depth: usize) -> (File<'static>, bool) {
        let children = self.file.children(storage);
        let (properties, _, mut whole) = self.properties(&children, BEFORE_FILE);
        let mut file = File::default();
        if let Some(object) = children.iter().find(|child| !child.is_stream && child.name == OBJECT) {
            whole &= self.object(&mut file, object.id, depth);
        }
        whole &= is_message(&children);
        file.describe(properties, codepage);
        (file, whole)
    }

    /// What is attached as a message or as an object; whether all of it is there.
    fn object(&mut self, file: &mut File<'static>, storage: usize, depth: usize) -> bool {
        let children = self.file.children(storage);
        if !is_message(&children) {
            if children.iter().any(|child| child.name == EMBEDDED_FILE) {
                file.defect = Some("a document with an embedded file");
            }
            let (_, bytes, whole) = self.properties(&children, 0);
            file.content = bytes.into();
            return whole;
        }
        // One more than are opened, so that the last is known for what it is.
        if depth > limits::MAX_CONTAINERS {
            return false;
        }
        let Read { message, bytes } = self.message(children, BEFORE_INNER_MESSAGE, depth + 1);
        let whole = !message.incomplete;
        file.content = bytes.into();
        file.message = Some(Box::new(message));
        whole
    }
}

/// §2.3: `__substg1.0_` and eight digits, of which the first four are the id and the others the type.
fn named(name: &str) -> Option<(u16, u16)> {
    let digits = name.strip_prefix(VARIABLE)?.as_bytes();
    let number = |four: &[u8]| u16::from_str_radix(std::str::from_utf8(four).ok()?, 16).ok();
    let (id, kind) = digits.split_at_checked(4)?;
    Some((number(id)?, number(kind)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_streams_tell_property_and_type() {
        assert_eq!(named("__substg1.0_1000001F"), Some((0x1000, 0x001F)));
        for name in ["__substg1.0_1000", "__substg1.0_1000001F-00000001", "__substg1.0_é00001F", "x"] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_none_is_none() {
        for bytes in [&b""[..], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[0; 4_096]] {
            assert!(read(bytes).is_none() && !may_be_one(bytes));
        }
    }
}
