//! Messages that Outlook wrote in its own formats: winmail.dat, which gives way to what it holds, and
//! messages attached as such (`.msg`, and those within winmail.dat), which are listed with their files
//! after them and read for their words like any attached mail.

use super::files::{File, has_words, is_numbered, shows};
use super::part::readable;
use super::{Attached, Content, Shape, at_depth};
use crate::mail::headers::one_line;
use crate::mail::mapi::{self, Message};
use crate::mail::{compound, limits, msg, rtf, tnef};

/// An attached message: what it says of itself, and what it holds.
#[derive(Debug)]
pub struct Outlook {
    /// As they came over the internet; empty in a draft, and within a company.
    pub headers: String,
    pub subject: String,
    pub author: mapi::Author,
    pub content: Content,
}

/// The forms of a text.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    plain: Option<String>,
    html: Option<String>,
    rtf: Option<String>,
}

impl Bodies {
    fn of(message: &mut Message<'_>) -> Self {
        let cut = |mut text: String| {
            text.truncate(text.floor_char_boundary(limits::MAX_TEXT_BYTES));
            readable(&text)
        };
        let rtf = message.rtf.take().and_then(|rtf| rtf::decompressed(&rtf));
        Self {
            plain: message.plain.take().map(cut).filter(|text| has_words(text)),
            html: message.html.take().map(cut).filter(|page| has_words(page)),
            rtf: rtf.map(|rtf| readable(&rtf::text(&rtf))),
        }
    }
}

impl Content {
    /// winmail.dat gives way to what it holds; it stays beside it where it could not be read in full.
    pub(super) fn winmail(&mut self, file: &File<'_>, depth: usize) -> bool {
        let Some(mut read) = tnef::read(file.content) else { return false };
        let files = std::mem::take(&mut read.files);
        if depth == self.depth {
            // What is in it is attached to this mail itself.
            self.depth += 1;
            self.hold(files, read.html.as_deref(), depth + 1);
            self.depth -= 1;
            self.winmail = Some(Bodies::of(&mut read));
        } else {
            self.hold(files, read.html.as_deref(), depth + 1);
        }
        if read.incomplete {
            self.warnings
                .push("winmail.dat is damaged: it is listed beside what could be read of it".to_owned());
        } else {
            self.warnings.push("winmail.dat was opened: its files are listed in its place".to_owned());
        }
        !read.incomplete
    }

    /// A message in a file, under any name, that was listed at that place.
    pub(super) fn msg(&mut self, file: &File<'_>, at: usize, depth: usize) {
        let named = file.media_type == MSG || file.name.to_lowercase().ends_with(".msg");
        let may_be_one = compound::is_one(file.content) && (named || msg::may_be_one(file.content));
        if depth >= limits::MAX_CONTAINERS || !may_be_one {
            return;
        }
        match msg::read(file.content) {
            Some(message) => self.message(message, at, depth),
            None if named => NOT_WHOLE.clone_into(&mut self.attachments[at].verdict),
            None => {}
        }
    }

    /// The files of a message, which shows some of the pictures in its text.
    fn hold(&mut self, files: Vec<mapi::File<'_>>, page: Option<&str>, depth: usize) {
        for mut each in files {
            let media_type = each.media_type();
            if let Some(message) = each.message.take() {
                self.held_message(&each, *message, depth);
                continue;
            }
            if media_type.starts_with("multipart/") && self.mime(&each.content, depth) {
                continue;
            }
            let id = each.content_id.as_deref().unwrap_or_default();
            let shown = self.page_shows(id) || shows(page, id) || is_numbered(&each.name);
            let file = File {
                name: each.name,
                media_type: &media_type,
                content: &each.content,
                inline: media_type.starts_with("image/") && shown,
                defect: each.defect,
            };
            self.file(&file, depth);
        }
    }

    /// A signed message is kept as it came, beside what was read of it (MS-OXOSMIME §2.1.3): its files
    /// are in there, and its text where nothing was read.
    fn mime(&mut self, content: &[u8], depth: usize) -> bool {
        if depth >= limits::MAX_CONTAINERS || limits::broken(content).is_some() {
            return false;
        }
        let Ok(mut opened) = at_depth(content, depth) else { return false };
        let is_one = opened.shape.media_type.starts_with("multipart/");
        if is_one {
            if self.says_something() {
                (opened.plain, opened.html) = (None, None);
            }
            self.adopt(opened, depth);
        }
        is_one
    }

    /// Listed like a mail that is attached, its files after it.
    fn held_message(&mut self, held: &mapi::File<'_>, message: Message<'_>, depth: usize) {
        let (ending, media_type) =
            if tnef::is_winmail(&held.content) { ("dat", "application/ms-tnef") } else { ("msg", MSG) };
        let named =
            [message.subject.as_str(), &held.name, "message"].into_iter().find(|name| !name.is_empty());
        let mut name = one_line(named.unwrap_or_default()).replace(['/', '\\'], "-");
        if !name.to_lowercase().ends_with(&format!(".{ending}")) {
            name = format!("{name}.{ending}");
        }
        let file = File { name, media_type, content: &held.content, inline: false, defect: held.defect };
        let Some(at) = self.list(&file) else { return };
        if depth < limits::MAX_CONTAINERS {
            self.message(message, at, depth);
        } else {
            NOT_WHOLE.clone_into(&mut self.attachments[at].verdict);
        }
    }

    /// Lists the files of a message that was listed at that place, and keeps its words.
    fn message(&mut self, mut message: Message<'_>, at: usize, depth: usize) {
        let mut inner = Content { depth: depth + 1, ..Content::default() };
        let page = message.html.clone();
        if self.keeps_words(depth) {
            inner.winmail = Some(Bodies::of(&mut message));
            inner.words_of_winmail();
            // What is left out of a text that may be read by nobody is no matter of the outer mail.
            inner.warnings.clear();
        }
        inner.shape.of_class(&message.class);
        inner.hold(message.files, page.as_deref(), depth + 1);
        inner.mark_logos();
        let room = limits::MAX_FILES.saturating_sub(self.attachments.len());
        let files = std::mem::take(&mut inner.attachments);
        let cut = files.len() > room || files.len() == limits::MAX_FILES;
        self.attachments.extend(files.into_iter().take(room));
        self.warnings.append(&mut inner.warnings);
        self.withhold_with_its_files(at);
        if message.incomplete || cut {
            NOT_WHOLE.clone_into(&mut self.attachments[at].verdict);
        }
        if self.keeps_words(depth) {
            let Message { mut headers, subject, author, .. } = message;
            headers.truncate(headers.floor_char_boundary(limits::MAX_HEADER_BYTES));
            self.mails.push(Attached::Outlook(Box::new(Outlook {
                headers,
                subject,
                author,
                content: inner,
            })));
        }
    }

    /// What winmail.dat says, where the mail itself says nothing.
    pub(super) fn words_of_winmail(&mut self) {
        let Some(bodies) = self.winmail.take() else { return };
        if self.says_something() {
            return;
        }
        self.plain = bodies.plain;
        self.html = bodies.html.map(|page| self.cleaned(&page));
        if !self.says_something() {
            self.plain = bodies.rtf;
        }
    }
}

/// Of a message that is damaged, or holds more than is looked at.
const NOT_WHOLE: &str = "withheld: a mail that cannot be looked into as a whole";

/// The type of a message in a file.
pub(super) const MSG: &str = "application/vnd.ms-outlook";

impl Shape {
    /// What the class of a message (MS-OXCMSG §2.2.1.3) says of its kind: as its media type would in a mail.
    fn of_class(&mut self, class: &str) {
        let class = class.to_ascii_lowercase();
        if class.starts_with("ipm.schedule.meeting") || class.starts_with("ipm.appointment") {
            self.calendar_method = Some("request".to_owned());
        } else if class.starts_with("report.") || class.contains("ooftemplate") {
            self.report_type = Some(class);
        }
    }
}
