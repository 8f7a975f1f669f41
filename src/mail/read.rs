//! Bytes to the structure of a mail: bodies, attachments, the parts of reports, defects.
//!
//! The one module that knows mail-parser. It never fails: broken MIME (RFC 2045, 2046) is read as far
//! as it goes and each defect is told. Text is decoded here and not by the parser, from the raw bytes
//! of the part, because labels lie (see `charset`). Limits were checked before; who wrote the mail
//! and what it means is for others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{ContentType, HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::attachments::{self, Found};
use super::headers::{decode_words, one_line};
use super::transfer::{Decoded, Encoding};
use super::{charset, html, limits};
use crate::core::facts::Attachment;

/// What a mail holds.
#[derive(Debug, Default)]
pub struct Content {
    /// Plain text body, line ends `\n`.
    pub plain: Option<String>,
    /// HTML body without what is hidden or active.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    /// Parts of a report (RFC 6522): media type and text.
    pub reports: Vec<Report>,
    pub shape: Shape,
    pub warnings: Vec<String>,
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
    // mail-parser checks its own arithmetic only in debug builds and asserts there: neither may stop
    // the intake of a mail.
    let parsed = catch_unwind(AssertUnwindSafe(|| MessageParser::new().parse(raw)));
    let Ok(message) = parsed else {
        return Err("the structure of its parts cannot be read".to_owned());
    };
    let mut out = Content::default();
    if let Some(message) = message {
        if let Some(repaired) = with_true_boundary(&message).filter(|raw| limits::broken(raw).is_none()) {
            take_apart(message);
            let mut out = content(&repaired)?;
            out.warnings
                .push("the parts were found although their delimiter is not the announced one".to_owned());
            return Ok(out);
        }
        if message.parts.len() > limits::MAX_PARTS {
            let count = message.parts.len();
            take_apart(message);
            return Err(format!("{count} parts, the limit is {}", limits::MAX_PARTS));
        }
        out.read(&message);
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

/// A part with what its headers say.
struct Part<'m, 'x> {
    parsed: &'m MessagePart<'x>,
    /// The body as it stands in the mail.
    raw: &'m [u8],
    /// The mail that the header offsets refer to.
    whole: &'m [u8],
    media_type: String,
    encoding: Encoding,
}

impl<'m, 'x> Part<'m, 'x> {
    fn new(message: &'m Message<'x>, index: usize) -> Option<Self> {
        let part = message.parts.get(index)?;
        let (from, to) = (part.offset_body as usize, part.offset_end as usize);
        let raw = message.raw_message.get(from..to.max(from)).unwrap_or_default();
        let encoding = Encoding::of(part.content_transfer_encoding());
        let whole = message.raw_message.as_ref();
        Some(Self { parsed: part, raw, whole, media_type: media_type(part.content_type()), encoding })
    }

    fn is_multipart(&self) -> bool {
        matches!(self.parsed.body, PartType::Multipart(_))
    }

    /// Text, or a group of parts that cannot be told apart and is shown as text.
    fn is_text(&self) -> bool {
        matches!(self.parsed.body, PartType::Text(_) | PartType::Html(_))
            || self.media_type.starts_with("multipart/") && !self.is_multipart()
    }

    /// Declared as an attachment, or named like a file.
    fn is_file(&self) -> bool {
        self.parsed.content_disposition().is_some_and(ContentType::is_attachment) || !self.name().is_empty()
    }

    /// The declared name (RFC 2183 §2.3, RFC 2231; else the `name` of the type).
    fn name(&self) -> String {
        let declared = self.parsed.attachment_name().filter(|name| !name.is_empty());
        let name = declared.map(str::to_owned).or_else(|| self.name_in_raw_header()).unwrap_or_default();
        decode_words(&name).into_owned()
    }

    /// mail-parser loses a name that is folded directly after `=`: looked for in the raw fields.
    fn name_in_raw_header(&self) -> Option<String> {
        let named = |wanted: &HeaderName<'_>, parameter: &str| {
            let header = self.parsed.headers.iter().find(|header| header.name == *wanted)?;
            let raw = self.whole.get(header.offset_start as usize..header.offset_end as usize)?;
            parameter_value(&charset::decode_header(raw).replace(['\r', '\n'], ""), parameter)
        };
        named(&HeaderName::ContentDisposition, "filename").or_else(|| named(&HeaderName::ContentType, "name"))
    }

    /// Content with the transfer encoding undone, as far as it goes.
    fn decoded(&self) -> Decoded {
        self.encoding.decode(self.raw)
    }

    fn text(&self, warnings: &mut Vec<String>) -> String {
        let mut decoded = self.decoded();
        if decoded.bytes.len() > limits::MAX_TEXT_BYTES {
            decoded.bytes.truncate(limits::MAX_TEXT_BYTES);
            warnings.push(format!("a text is cut after {} bytes", limits::MAX_TEXT_BYTES));
        }
        let label = self.parsed.content_type().and_then(|kind| kind.attribute("charset"));
        let text = charset::decode(&decoded.bytes, label);
        if text.label_was_wrong {
            let label: String = one_line(label.unwrap_or_default()).chars().take(40).collect();
            warnings.push(format!("a text is not in the character set it declares ({label})"));
        }
        readable(&text.text)
    }
}

/// The value of the first parameter of that name in an unfolded field.
fn parameter_value(field: &str, name: &str) -> Option<String> {
    field.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (key.trim().eq_ignore_ascii_case(name) && !value.is_empty()).then(|| value.to_owned())
    })
}

fn media_type(declared: Option<&ContentType<'_>>) -> String {
    let Some(declared) = declared else { return "text/plain".to_owned() };
    let kind = format!("{}/{}", declared.ctype(), declared.subtype().unwrap_or_default());
    let kind: String = kind.chars().filter(char::is_ascii_graphic).take(127).collect();
    kind.to_ascii_lowercase()
}

/// Line ends as `\n` (a bare CR is one too), without NUL and other control characters.
fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_cr = false;
    for c in text.chars() {
        match c {
            '\n' if after_cr => {}
            '\r' => out.push('\n'),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_cr = c == '\r';
    }
    out
}

impl Content {
    fn read(&mut self, message: &Message<'_>) {
        let Some(root) = Part::new(message, 0) else { return };
        self.shape = shape(&root);
        self.bodies(message);
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
            self.attach(&part);
            self.attached_mail(&part, 1);
        }
        self.mark_logos();
    }

    fn bodies(&mut self, message: &Message<'_>) {
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
            self.plain = self.joined(message, &plain, "\n\n", |text, page| {
                if page { html::to_text(&html::clean(&text).html) } else { text }
            });
        }
        if pages.iter().any(is_html) {
            let joined = self.joined(
                message,
                &pages,
                "\n",
                |text, page| {
                    if page { text } else { html::escape(&text) }
                },
            );
            self.html = joined.map(|page| self.cleaned(&page));
        }
    }

    fn joined(
        &mut self,
        message: &Message<'_>,
        ids: &[u32],
        between: &str,
        shown: impl Fn(String, bool) -> String,
    ) -> Option<String> {
        let mut texts = Vec::new();
        let mut room = limits::MAX_TEXT_BYTES;
        for part in ids.iter().filter_map(|id| Part::new(message, *id as usize)).filter(Part::is_text) {
            if room == 0 {
                self.warnings.push(format!("the texts are cut after {} bytes", limits::MAX_TEXT_BYTES));
                break;
            }
            let mut text = part.text(&mut self.warnings);
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

    fn attach(&mut self, part: &Part<'_, '_>) {
        let lenient;
        let mut defect = None;
        let content = match &part.parsed.body {
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) if !part.parsed.is_encoding_problem => {
                bytes.as_ref()
            }
            PartType::Message(_) if part.encoding == Encoding::Identity => part.raw,
            _ => {
                lenient = part.decoded();
                if lenient.skipped > 0 {
                    defect = Some("damaged, it cannot be decoded in full");
                    self.warnings.push("an attachment is damaged: it cannot be decoded in full".to_owned());
                } else if part.parsed.is_encoding_problem {
                    self.warnings.push("an attachment is incomplete: the mail ends within it".to_owned());
                }
                &lenient.bytes
            }
        };
        if part.media_type == "message/external-body" {
            defect = Some("it only names a file elsewhere, which is not fetched");
        }
        let mut name = part.name();
        if name.is_empty() {
            name = unnamed(part);
        }
        let media_type = &part.media_type;
        let found = Found { name: &name, media_type, content, inline: self.is_inline(part), defect };
        let listed = attachments::attachment(&found);
        if listed.name != name && !name.is_empty() && part.media_type != "message/rfc822" {
            self.warnings.push("the name of an attachment was changed to a safe one".to_owned());
        }
        self.attachments.push(listed);
    }

    /// Files within an attached mail are listed after it: a program hides there as well. The mail's
    /// own headers do not count for the outer one.
    fn attached_mail(&mut self, part: &Part<'_, '_>, depth: usize) {
        let PartType::Message(inner) = &part.parsed.body else { return };
        if depth > limits::MAX_DEPTH {
            return;
        }
        let itself = self.attachments.len() - 1;
        for index in 0..inner.parts.len() {
            let Some(part) = Part::new(inner, index) else { continue };
            if part.is_multipart()
                || is_body(inner, index, &part)
                || self.attachments.len() == limits::MAX_PARTS
            {
                continue;
            }
            self.attach(&part);
            self.attached_mail(&part, depth + 1);
        }
        let (before, within) = self.attachments.split_at_mut(itself + 1);
        if within.iter().any(|each| each.verdict.starts_with("withheld")) {
            "withheld: a mail with a dangerous file in it".clone_into(&mut before[itself].verdict);
        }
    }

    /// Candidates for [`Content::mark_logos`]: pictures that the HTML shows by their Content-ID
    /// (RFC 2392).
    fn is_inline(&self, part: &Part<'_, '_>) -> bool {
        let id = part.parsed.content_id().unwrap_or_default().trim_matches(['<', '>', ' ']);
        let shown =
            self.html.as_deref().is_some_and(|page| !id.is_empty() && page.contains(&format!("cid:{id}")));
        part.media_type.starts_with("image/") && shown
    }

    /// A picture in the text is a logo when it is small, or bears the name that a mail program gave
    /// it; a large one, or a photograph, is a document that the person shows.
    fn mark_logos(&mut self) {
        for attachment in self.attachments.iter_mut().filter(|each| each.inline) {
            attachment.inline = is_logo(&attachment.name, attachment.bytes);
        }
    }
}

/// Largest picture that may be a logo by its size alone, and by a name given by the mail program.
const LOGO_BYTES: u64 = 10_000;
const NAMED_LOGO_BYTES: u64 = 60_000;

fn is_logo(name: &str, bytes: u64) -> bool {
    let lower = name.to_lowercase();
    let taken_by_hand = ["img_", "dsc", "photo", "screenshot", "capture", "scan", "whatsapp"];
    if taken_by_hand.iter().any(|start| lower.starts_with(start)) {
        return false;
    }
    let numbered =
        lower.strip_prefix("image").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let named = numbered
        || ["outlook-", "logo", "signature", "facebook", "linkedin", "banner"]
            .iter()
            .any(|each| lower.contains(each));
    bytes <= if named { NAMED_LOGO_BYTES } else { LOGO_BYTES }
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

/// A name for a part that has none: a mail's subject, else what its type suggests.
fn unnamed(part: &Part<'_, '_>) -> String {
    let PartType::Message(inner) = &part.parsed.body else { return String::new() };
    let subject = one_line(&decode_words(inner.subject().unwrap_or_default()));
    if subject.is_empty() { String::new() } else { format!("{}.eml", subject.replace(['/', '\\'], "-")) }
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
