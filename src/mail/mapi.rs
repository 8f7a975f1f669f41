//! What the properties of an Outlook message mean (MS-OXPROPS, MS-OXCMSG), whichever file they come in:
//! winmail.dat (`tnef`) or `.msg` (`msg`).
//!
//! Only properties that are read here are kept, each once. What becomes of the message is `read`'s to say.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::attachments::type_of_name;
use super::charset;

/// A message.
#[derive(Debug, Default)]
pub struct Message<'a> {
    /// `IPM.Note` for a mail; reports and invitations have classes of their own.
    pub class: String,
    pub subject: String,
    /// Its header fields as they came over the internet, if it did.
    pub headers: String,
    pub author: Author,
    pub plain: Option<String>,
    pub html: Option<String>,
    /// Compressed (MS-OXRTFCP).
    pub rtf: Option<Cow<'a, [u8]>>,
    pub files: Vec<File<'a>>,
    /// Something ends before its time, or a length lies.
    pub incomplete: bool,
}

/// Who wrote a message; a draft names nobody.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Author {
    pub name: String,
    /// As written, which within a company is no address of the internet.
    pub address: String,
}

/// An attached file.
#[derive(Debug, Default)]
pub struct File<'a> {
    /// As declared; empty when there is none.
    pub name: String,
    pub media_type: Option<String>,
    pub content_id: Option<String>,
    pub content: Cow<'a, [u8]>,
    /// Why it is withheld whatever it holds.
    pub defect: Option<&'static str>,
    /// What the content is, where it is a message again.
    pub message: Option<Box<Message<'a>>>,
}

/// Identifiers of properties (MS-OXPROPS).
pub mod id {
    pub const MESSAGE_CLASS: u16 = 0x001A;
    pub const SUBJECT: u16 = 0x0037;
    pub const AUTHOR_NAME: u16 = 0x0042;
    pub const AUTHOR_ADDRESS: u16 = 0x0065;
    pub const HEADERS: u16 = 0x007D;
    pub const SENDER_NAME: u16 = 0x0C1A;
    pub const SENDER_ADDRESS: u16 = 0x0C1F;
    pub const BODY: u16 = 0x1000;
    pub const RTF: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const SHOWN_NAME: u16 = 0x3001;
    pub const ATTACH_CONTENT: u16 = 0x3701;
    pub const ATTACH_SHORT_NAME: u16 = 0x3704;
    pub const ATTACH_METHOD: u16 = 0x3705;
    pub const ATTACH_NAME: u16 = 0x3707;
    pub const ATTACH_TYPE: u16 = 0x370E;
    pub const ATTACH_CONTENT_ID: u16 = 0x3712;
    pub const CODEPAGE: u16 = 0x3FFD;
    pub const HTML_CODEPAGE: u16 = 0x3FDE;
    pub const SENDER_SMTP: u16 = 0x5D01;
    pub const AUTHOR_SMTP: u16 = 0x5D02;

    /// Those that are read here.
    pub const READ: &[u16] = &[
        MESSAGE_CLASS,
        SUBJECT,
        AUTHOR_NAME,
        AUTHOR_ADDRESS,
        HEADERS,
        SENDER_NAME,
        SENDER_ADDRESS,
        BODY,
        RTF,
        HTML,
        SHOWN_NAME,
        ATTACH_CONTENT,
        ATTACH_SHORT_NAME,
        ATTACH_METHOD,
        ATTACH_NAME,
        ATTACH_TYPE,
        ATTACH_CONTENT_ID,
        CODEPAGE,
        HTML_CODEPAGE,
        SENDER_SMTP,
        AUTHOR_SMTP,
    ];
}

/// Types of properties (MS-OXCDATA §2.11.1).
pub mod kind {
    pub const OBJECT: u16 = 0x000D;
    pub const STRING: u16 = 0x001E;
    pub const UNICODE: u16 = 0x001F;
    pub const BINARY: u16 = 0x0102;
    pub const MANY: u16 = 0x1000;
}

/// MS-OXCMSG §2.2.2.9: how a file is attached that is not in the message.
const ELSEWHERE: std::ops::RangeInclusive<u32> = 2..=4;
const ON_THE_WEB: u32 = 7;

/// The properties of a message or of a file, in any order.
#[derive(Debug, Default)]
pub struct Properties<'a> {
    found: BTreeMap<u16, (u16, Cow<'a, [u8]>)>,
}

impl<'a> Properties<'a> {
    /// Takes one; text in Unicode is preferred to the same in a codepage.
    pub fn add(&mut self, id: u16, kind: u16, bytes: impl Into<Cow<'a, [u8]>>) {
        let better = self.found.get(&id).is_none_or(|(known, _)| *known != kind::UNICODE);
        if better && id::READ.contains(&id) {
            self.found.insert(id, (kind, bytes.into()));
        }
    }

    fn number(&self, id: u16) -> Option<u32> {
        let (_, bytes) = self.found.get(&id)?;
        bytes.get(..4).and_then(|four| Some(u32::from_le_bytes(four.try_into().ok()?)))
    }

    /// The first of these that has a text.
    fn text(&self, ids: &[u16], codepage: Option<u32>) -> Option<String> {
        ids.iter().find_map(|id| {
            let (kind, bytes) = self.found.get(id)?;
            let text = if *kind == kind::UNICODE { wide(bytes) } else { text(bytes, codepage) };
            (!text.is_empty()).then_some(text)
        })
    }

    /// The codepage of text that is not in Unicode.
    pub fn codepage(&self) -> Option<u32> {
        self.number(id::CODEPAGE).or_else(|| self.number(id::HTML_CODEPAGE))
    }
}

impl<'a> Message<'a> {
    /// Adds what its properties say.
    pub fn describe(&mut self, mut properties: Properties<'a>, codepage: Option<u32>) {
        let codepage = properties.codepage().or(codepage);
        let text = |ids: &[u16]| properties.text(ids, codepage);
        let set =
            |field: &mut String, ids: &[u16]| *field = text(ids).unwrap_or_else(|| std::mem::take(field));
        set(&mut self.class, &[id::MESSAGE_CLASS]);
        set(&mut self.subject, &[id::SUBJECT]);
        set(&mut self.headers, &[id::HEADERS]);
        // Who is shown as the author, who may be somebody else than who sent it for them.
        set(&mut self.author.name, &[id::AUTHOR_NAME, id::SENDER_NAME]);
        set(
            &mut self.author.address,
            &[id::AUTHOR_SMTP, id::AUTHOR_ADDRESS, id::SENDER_SMTP, id::SENDER_ADDRESS],
        );
        self.plain = text(&[id::BODY]).or(self.plain.take());
        let page = properties.number(id::HTML_CODEPAGE).or(codepage);
        self.html = properties.text(&[id::HTML], page).or(self.html.take());
        self.rtf = properties.found.remove(&id::RTF).map(|(_, bytes)| bytes).or(self.rtf.take());
    }
}

impl<'a> File<'a> {
    /// Adds what its properties say.
    pub fn describe(&mut self, mut properties: Properties<'a>, codepage: Option<u32>) {
        let text = |ids: &[u16]| properties.text(ids, codepage);
        if let Some(name) = text(&[id::ATTACH_NAME, id::ATTACH_SHORT_NAME]) {
            self.name = name;
        } else if let Some(shown) = text(&[id::SHOWN_NAME])
            && (self.name.is_empty() || self.message.is_some())
        {
            self.name = shown;
        }
        self.media_type = text(&[id::ATTACH_TYPE]).or(self.media_type.take());
        self.content_id = text(&[id::ATTACH_CONTENT_ID]).or(self.content_id.take());
        let method = properties.number(id::ATTACH_METHOD);
        if method.is_some_and(|method| ELSEWHERE.contains(&method) || method == ON_THE_WEB) {
            self.defect = Some("it only names a file elsewhere, which is not fetched");
        }
        if let Some((_, content)) = properties.found.remove(&id::ATTACH_CONTENT) {
            self.content = content;
        }
    }

    /// The declared type, else that of its name.
    pub fn media_type(&self) -> String {
        let declared = self.media_type.as_deref().filter(|kind| kind.contains('/')).map(str::to_lowercase);
        declared.unwrap_or_else(|| type_of_name(&self.name).to_owned())
    }
}

/// Text in UTF-16, without the zero that ends it.
fn wide(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect();
    text.trim_end_matches('\0').to_owned()
}

/// Text of a codepage of Windows, without the zero that ends it.
pub fn text(bytes: &[u8], codepage: Option<u32>) -> String {
    let end = bytes.len() - bytes.iter().rev().take_while(|byte| **byte == 0).count();
    let label = match codepage {
        None | Some(0) => None,
        Some(65001 | 20127) => Some("utf-8".to_owned()),
        // Those that have no name of this form.
        Some(932) => Some("shift_jis".to_owned()),
        Some(936) => Some("gbk".to_owned()),
        Some(949) => Some("euc-kr".to_owned()),
        Some(950) => Some("big5".to_owned()),
        Some(20866) => Some("koi8-r".to_owned()),
        Some(page @ 28591..=28605) => Some(format!("iso-8859-{}", page - 28590)),
        Some(page) => Some(format!("windows-{page}")),
    };
    charset::decode(&bytes[..end], label.as_deref()).text
}
