//! Bytes to the structure of a mail: bodies, attachments, the parts of reports, defects.
//!
//! The one module that knows mail-parser. It never fails: broken MIME (RFC 2045, 2046) is read as far
//! as it goes and each defect is told. Text is decoded here and not by the parser, from the raw bytes
//! of the part, because labels lie (see `charset`). Limits were checked before; who wrote the mail
//! and what it means is for others.

mod files;
mod outlook;
mod parameter;
mod part;

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{ContentType, Message, MessageParser, MimeHeaders, PartType};

pub use self::outlook::Outlook;
use self::part::{Part, readable};
use super::transfer::Encoding;
use super::uuencode::Embedded;
use super::{charset, html, limits, sealed};
use crate::core::facts::Attachment;

/// What a mail holds.
#[derive(Debug, Default)]
pub struct Content {
    /// Plain text body, line ends `\n`.
    pub plain: Option<String>,
    /// HTML body without what is hidden or active.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    /// The first attached mails, each as far as its words are read.
    pub mails: Vec<Attached>,
    /// Parts of a report (RFC 6522): media type and text.
    pub reports: Vec<Report>,
    pub shape: Shape,
    pub warnings: Vec<String>,
    winmail: Option<outlook::Bodies>,
    /// Containers that this is within.
    depth: usize,
}

/// A mail that is attached to another.
#[derive(Debug)]
pub enum Attached {
    /// As it came.
    Mail(Vec<u8>),
    /// As Outlook keeps it.
    Outlook(Box<Outlook>),
}

#[derive(Debug)]
pub struct Report {
    pub media_type: String,
    pub text: String,
}

/// What the media types of the mail say about its kind.
#[derive(Debug, Default)]
pub struct Shape {
    /// Of the mail itself, lower case, e.g. `multipart/report`.
    pub media_type: String,
    /// RFC 6522: `delivery-status`, `disposition-notification`, …
    pub report_type: Option<String>,
    /// RFC 5546: the method of a calendar part that is the message and not an attached file.
    pub calendar_method: Option<String>,
    /// Encrypted as a whole (RFC 8551, RFC 3156).
    pub encrypted: bool,
}

/// Reads the structure. `Err` says why that was impossible.
pub fn content(raw: &[u8]) -> Result<Content, String> {
    at_depth(raw, 0)
}

/// mail-parser checks its own arithmetic only in debug builds and asserts there: neither may stop the
/// intake of a mail.
fn parsed(raw: &[u8]) -> Result<Option<Message<'_>>, String> {
    catch_unwind(AssertUnwindSafe(|| MessageParser::new().parse(raw)))
        .map_err(|_| "the structure of its parts cannot be read".to_owned())
}

/// The same within that many containers.
fn at_depth(raw: &[u8], depth: usize) -> Result<Content, String> {
    let mut out = Content { depth, ..Content::default() };
    if let Some(message) = parsed(raw)? {
        if let Some(repaired) = with_true_boundary(&message).filter(|raw| limits::broken(raw).is_none()) {
            take_apart(message);
            let mut out = at_depth(&repaired, depth)?;
            out.warnings
                .push("the parts were found although their delimiter is not the announced one".to_owned());
            return Ok(out);
        }
        if message.parts.len() > limits::MAX_PARTS {
            let count = message.parts.len();
            take_apart(message);
            return Err(format!("{count} parts, the limit is {}", limits::MAX_PARTS));
        }
        out.read(&message, depth);
        take_apart(message);
    }
    out.warnings.dedup();
    out.warnings.truncate(limits::MAX_WARNINGS);
    Ok(out)
}

/// A mail whose announced delimiter is missing or never occurs, with the one that its body begins
/// with: else the person's words would be shown in their transfer encoding.
fn with_true_boundary(message: &Message<'_>) -> Option<Vec<u8>> {
    let root = Part::new(message, 0)
        .filter(|root| root.media_type.starts_with("multipart/") && !root.is_multipart())?;
    let (line, rest) = root
        .raw
        .trim_ascii_start()
        .split_at_checked(root.raw.trim_ascii_start().iter().position(|b| *b == b'\n')?)?;
    let delimiter = std::str::from_utf8(line.strip_prefix(b"--")?).ok()?.trim_end();
    let fine = !delimiter.is_empty() && delimiter.len() <= 70 && !delimiter.contains(['"', '\\']);
    let part_follows =
        rest.trim_ascii_start().get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
    (fine && part_follows).then(|| {
        let kind = format!("Content-Type: {}; boundary=\"{delimiter}\"\r\n\r\n", root.media_type);
        [kind.as_bytes(), root.raw].concat()
    })
}

/// Drops mails within mails one after the other: dropped as they are nested, they need a stack as
/// deep as their nesting.
fn take_apart(message: Message<'_>) {
    let mut waiting = vec![message];
    while let Some(mut message) = waiting.pop() {
        for part in message.parts.drain(..) {
            if let PartType::Message(inner) = part.body {
                waiting.push(inner);
            }
        }
    }
}

impl Content {
    fn read(&mut self, message: &Message<'_>, depth: usize) {
        let Some(root) = Part::new(message, 0) else { return };
        self.shape = shape(&root);
        let embedded = self.bodies(message);
        self.embedded(&embedded, depth);
        let in_report = self.shape.media_type == "multipart/report";
        for index in 0..message.parts.len() {
            let Some(part) = Part::new(message, index) else { continue };
            if part.is_multipart() || is_body(message, index, &part) {
                continue;
            }
            if in_report && self.report_part(&part) {
                continue;
            }
            self.calendar(&part);
            self.part(&part, depth);
        }
        self.words_of_winmail();
        self.mark_logos();
    }

    /// Reads the texts; returns the files that were written into them.
    fn bodies(&mut self, message: &Message<'_>) -> Vec<Embedded> {
        let mut files = Vec::new();
        let parts = || (0..message.parts.len()).filter_map(|index| Some((index, Part::new(message, index)?)));
        let stray: Vec<u32> = parts()
            .filter(|(index, part)| part.is_text() && stray_body(*index, part))
            .filter_map(|(index, _)| u32::try_from(index).ok())
            .filter(|id| !message.text_body.contains(id) && !message.html_body.contains(id))
            .collect();
        let is_html =
            |id: &u32| Part::new(message, *id as usize).is_some_and(|part| part.media_type == "text/html");
        let mut plain: Vec<u32> = message.text_body.clone();
        let mut pages: Vec<u32> = message.html_body.clone();
        plain.extend(stray.iter().filter(|id| !is_html(id)));
        pages.extend(stray.iter().filter(|id| is_html(id)));
        if !plain.iter().all(is_html) {
            let shown =
                |text: String, page| if page { html::to_text(&html::clean(&text).html) } else { text };
            self.plain = self.joined(message, &plain, "\n\n", shown, &mut files);
            self.unarmour(&mut files);
        }
        if pages.iter().any(is_html) {
            let shown = |text: String, page| if page { text } else { html::escape(&text) };
            let joined = self.joined(message, &pages, "\n", shown, &mut files);
            self.html = joined.map(|page| self.cleaned(&page));
        }
        files
    }

    /// Takes PGP's blocks out of the text (RFC 9580 §6.2): the words that are only signed stay.
    fn unarmour(&mut self, files: &mut Vec<Embedded>) {
        let Some(read) = self.plain.as_deref().and_then(sealed::unarmoured) else { return };
        if read.signed {
            self.warnings.push("signed with PGP: the signature was not checked".to_owned());
        }
        files.extend(read.encrypted.into_iter().map(|block| Embedded {
            name: "message.asc".to_owned(),
            content: block.into_bytes(),
            damaged: false,
        }));
        self.plain = Some(read.text);
    }

    fn joined(
        &mut self,
        message: &Message<'_>,
        ids: &[u32],
        between: &str,
        shown: impl Fn(String, bool) -> String,
        files: &mut Vec<Embedded>,
    ) -> Option<String> {
        let mut texts = Vec::new();
        let mut room = limits::MAX_TEXT_BYTES;
        for part in ids.iter().filter_map(|id| Part::new(message, *id as usize)).filter(Part::is_text) {
            if room == 0 {
                self.warnings.push(format!("the texts are cut after {} bytes", limits::MAX_TEXT_BYTES));
                break;
            }
            let (mut text, found) = part.text(&mut self.warnings);
            // A text may be shown in both forms of the body.
            files.extend(found.into_iter().filter(|file| !files.contains(file)).collect::<Vec<_>>());
            text.truncate(text.floor_char_boundary(room));
            room -= text.len();
            texts.push(shown(text, part.media_type == "text/html"));
            if part.parsed.is_encoding_problem
                && part.encoding == Encoding::Base64
                && part.decoded().skipped > 0
            {
                self.warnings.push("a text is damaged: it cannot be decoded in full".to_owned());
            }
        }
        (!texts.is_empty()).then(|| texts.join(between))
    }

    fn cleaned(&mut self, page: &str) -> String {
        let clean = html::clean(page);
        for what in clean.removed {
            self.warnings.push(format!("left out of the HTML: {what}"));
        }
        if clean.hidden_chars > 0 {
            self.warnings.push(format!("left out of the HTML: {} hidden characters", clean.hidden_chars));
        }
        clean.html
    }

    /// Keeps the machine-readable part of a report; whether it was one.
    fn report_part(&mut self, part: &Part<'_, '_>) -> bool {
        let is_report = part.media_type.starts_with("message/") || part.media_type == "text/rfc822-headers";
        if is_report {
            let raw = &part.raw[..part.raw.len().min(limits::MAX_REPORT_BYTES)];
            let text = readable(&charset::decode(&part.encoding.decode(raw).bytes, None).text);
            self.reports.push(Report { media_type: part.media_type.clone(), text });
        }
        is_report
    }

    fn calendar(&mut self, part: &Part<'_, '_>) {
        let declared_file = part.parsed.content_disposition().is_some_and(ContentType::is_attachment);
        if part.media_type == "text/calendar" && !declared_file {
            let method = part.parsed.content_type().and_then(|kind| kind.attribute("method"));
            self.shape.calendar_method = Some(method.unwrap_or("publish").to_ascii_lowercase());
        }
    }
}

/// Whether a part is shown as the message itself.
fn is_body(message: &Message<'_>, index: usize, part: &Part<'_, '_>) -> bool {
    let listed = |ids: &[u32]| ids.iter().any(|id| *id as usize == index);
    part.is_text() && (listed(&message.text_body) || listed(&message.html_body) || stray_body(index, part))
}

/// Text that the parser lists among the files, because it is broken, although it was written as the
/// message: the root of a mail whose announced parts do not exist, text cut off at the end.
fn stray_body(index: usize, part: &Part<'_, '_>) -> bool {
    if index == 0 {
        return part.media_type.starts_with("multipart/")
            || part.media_type.starts_with("text/") && !part.is_file() && part.media_type != "text/calendar";
    }
    part.parsed.is_encoding_problem
        && matches!(part.media_type.as_str(), "text/plain" | "text/html")
        && !part.is_file()
}

fn shape(root: &Part<'_, '_>) -> Shape {
    let declared = root.parsed.content_type();
    let parameter =
        |name| declared.and_then(|kind| kind.attribute(name)).map(|value| value.trim().to_ascii_lowercase());
    let media_type = root.media_type.clone();
    let sealed = parameter("smime-type").is_none_or(|kind| kind != "signed-data");
    let encrypted = media_type == "multipart/encrypted" || media_type.ends_with("pkcs7-mime") && sealed;
    Shape { report_type: parameter("report-type"), calendar_method: None, encrypted, media_type }
}
