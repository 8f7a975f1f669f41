//! The files of a mail, those included that stand within others: in winmail.dat, in signed envelopes,
//! in attached mails, in the text. What is opened is listed by what it holds, the rest by itself.
//!
//! The depth counts containers; the bytes of a container were within the limits of a mail, and so is
//! what is parsed anew out of one.

use mail_parser::{ContentType, Message, MimeHeaders, PartType};

use super::outlook::MSG;
use super::part::Part;
use super::{Attached, Content, at_depth, is_body, parsed, take_apart};
use crate::mail::attachments::{self, Found};
use crate::mail::headers::{Headers, decode_words, one_line};
use crate::mail::limits;
use crate::mail::sealed::{self, Sealed};
use crate::mail::transfer::Encoding;
use crate::mail::uuencode::{self, Embedded};

/// A file on its way to the list.
pub struct File<'a> {
    pub name: String,
    pub media_type: &'a str,
    pub content: &'a [u8],
    pub inline: bool,
    pub defect: Option<&'a str>,
}

/// Why a file is withheld that only the holder of a key can read.
const ENCRYPTED: &str = "encrypted, nobody here can read it";

impl Content {
    /// A part that is not shown as the message, with all that is within it.
    pub(super) fn part(&mut self, part: &Part<'_, '_>, depth: usize) {
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
        let inline = self.is_picture_of_the_text(part, &name);
        let file = File { name, media_type: &part.media_type, content, inline, defect };
        if let PartType::Message(inner) = &part.parsed.body {
            if let Some(at) = self.list(&file) {
                self.keep_words(content, depth);
                self.within(inner, at, depth + 1);
            }
        } else {
            self.file(&file, depth);
        }
    }

    /// A file that is opened where it is a container, and listed where not. What a mail program makes
    /// of the text for another time (AMP) is no document.
    pub(super) fn file(&mut self, file: &File<'_>, depth: usize) {
        let opened = depth < limits::MAX_CONTAINERS && (self.winmail(file, depth) || self.cms(file, depth));
        if opened {
            return;
        }
        let sealed = is_encrypted(file);
        if sealed {
            self.encrypted();
        }
        let defect = if sealed { Some(ENCRYPTED) } else { file.defect };
        let again = file.media_type == "text/x-amp-html" && file.name.is_empty() && self.says_something();
        let aside = file.inline || again || is_beside_the_content(file);
        let file = File { name: file.name.clone(), inline: aside, defect, ..*file };
        if let Some(at) = self.list(&file) {
            self.mail_as_file(&file, at, depth);
            self.msg(&file, at, depth);
        }
    }

    /// Files that stood in a text.
    pub(super) fn embedded(&mut self, files: &[Embedded], depth: usize) {
        for each in files {
            let file = File {
                name: each.name.clone(),
                media_type: attachments::type_of_name(&each.name),
                content: &each.content,
                inline: false,
                defect: each.damaged.then_some("damaged, it is not as long as it says"),
            };
            self.file(&file, depth);
        }
    }

    /// Adds to the list; returns its place there.
    pub(super) fn list(&mut self, file: &File<'_>) -> Option<usize> {
        if self.attachments.len() >= limits::MAX_FILES {
            self.warnings.push(format!("more than {} files: the others are not listed", limits::MAX_FILES));
            return None;
        }
        let File { name, media_type, content, inline, defect } = file;
        let listed =
            attachments::attachment(&Found { name, media_type, content, inline: *inline, defect: *defect });
        if listed.name != *name && !name.is_empty() && !matches!(*media_type, "message/rfc822" | MSG) {
            self.warnings.push("the name of an attachment was changed to a safe one".to_owned());
        }
        self.attachments.push(listed);
        Some(self.attachments.len() - 1)
    }

    /// A signed envelope gives way to what it holds, text included.
    fn cms(&mut self, file: &File<'_>, depth: usize) -> bool {
        let named = file.name.to_lowercase().ends_with(".p7m");
        if !sealed::is_cms_type(file.media_type) && !named {
            return false;
        }
        let Some(Sealed::Signed(inner)) = sealed::open(file.content) else { return false };
        if limits::broken(&inner).is_some() {
            return false;
        }
        let Ok(opened) = at_depth(&inner, depth + 1) else { return false };
        self.warnings.push(
            "signed as one sealed file (S/MIME): it was opened, its signature was not checked".to_owned(),
        );
        self.adopt(opened, depth);
        true
    }

    pub(super) fn adopt(&mut self, opened: Content, depth: usize) {
        let join = |own: Option<String>, more: Option<String>, between: &str| match (own, more) {
            (Some(own), Some(more)) => Some(own + between + &more),
            (own, more) => own.or(more),
        };
        if depth == self.depth {
            self.plain = join(self.plain.take(), opened.plain, "\n\n");
            self.html = join(self.html.take(), opened.html, "\n");
            self.mails.extend(opened.mails);
        }
        if sealed::is_cms_type(&self.shape.media_type) {
            self.shape = opened.shape;
        } else {
            self.shape.encrypted |= opened.shape.encrypted;
        }
        let room = limits::MAX_FILES.saturating_sub(self.attachments.len());
        self.attachments.extend(opened.attachments.into_iter().take(room));
        self.reports.extend(opened.reports);
        self.warnings.extend(opened.warnings);
    }

    /// Something in the mail is for the holder of a key; all of it, where no text is beside it.
    fn encrypted(&mut self) {
        if self.says_something() {
            self.warnings.push(format!("a part of the mail is {ENCRYPTED}"));
        } else {
            self.shape.encrypted = true;
        }
    }

    pub(super) fn says_something(&self) -> bool {
        self.plain.as_deref().is_some_and(has_words)
            || self.html.as_deref().is_some_and(|page| has_words(&crate::mail::html::to_text(page)))
    }

    /// A mail in a file of another type, or in a transfer encoding (which RFC 2046 §5.2.1 forbids).
    fn mail_as_file(&mut self, file: &File<'_>, at: usize, depth: usize) {
        let typed = matches!(file.media_type, "message/rfc822" | "message/global");
        let named = file.name.to_lowercase().ends_with(".eml");
        if depth >= limits::MAX_CONTAINERS || !(typed || named) || !begins_like_a_mail(file.content) {
            return;
        }
        let why = limits::broken(file.content);
        let message = if why.is_none() { parsed(file.content).ok().flatten() } else { None };
        let Some(message) = message.filter(|message| message.parts.len() <= limits::MAX_PARTS) else {
            let why = why.unwrap_or_else(|| "its parts".to_owned());
            self.attachments[at].verdict = format!("withheld: a mail that cannot be looked into: {why}");
            return;
        };
        self.keep_words(file.content, depth);
        self.within(&message, at, depth + 1);
        take_apart(message);
    }

    fn keep_words(&mut self, mail: &[u8], depth: usize) {
        if self.keeps_words(depth) {
            self.mails.push(Attached::Mail(mail[..mail.len().min(limits::MAX_ATTACHED_MAIL_BYTES)].to_vec()));
        }
    }

    /// Whether the words count of a mail that is attached at that depth: to this mail itself.
    pub(super) fn keeps_words(&self, depth: usize) -> bool {
        depth == self.depth && self.mails.len() < limits::MAX_ATTACHED_MAILS
    }

    /// Files within an attached mail are listed after it: a program hides there as well. The mail's
    /// own headers do not count for the outer one.
    fn within(&mut self, inner: &Message<'_>, itself: usize, depth: usize) {
        if depth > limits::MAX_DEPTH {
            return;
        }
        for index in 0..inner.parts.len() {
            let Some(part) = Part::new(inner, index) else { continue };
            if part.is_multipart() || self.attachments.len() >= limits::MAX_FILES {
                continue;
            }
            if is_body(inner, index, &part) {
                let text = part.decoded();
                self.embedded(&uuencode::take_out(&text.bytes).1, depth);
            } else {
                self.part(&part, depth);
            }
        }
        self.withhold_with_its_files(itself);
    }

    /// What is withheld of the files listed after a mail is withheld in it as well.
    pub(super) fn withhold_with_its_files(&mut self, itself: usize) {
        let (before, within) = self.attachments.split_at_mut(itself + 1);
        if within.iter().any(|each| each.verdict.starts_with("withheld")) {
            "withheld: a mail with a dangerous file in it".clone_into(&mut before[itself].verdict);
        }
    }

    /// Candidates for [`Content::mark_logos`]: pictures that the HTML shows by their Content-ID
    /// (RFC 2392), and those that a mail program numbered and did not call an attachment.
    fn is_picture_of_the_text(&self, part: &Part<'_, '_>, name: &str) -> bool {
        let attached = part.parsed.content_disposition().is_some_and(ContentType::is_attachment);
        part.media_type.starts_with("image/")
            && (self.page_shows(part.parsed.content_id().unwrap_or_default())
                || !attached && is_numbered(name))
    }

    pub(super) fn page_shows(&self, content_id: &str) -> bool {
        shows(self.html.as_deref(), content_id)
    }

    /// A picture in the text is a logo when it is small, or bears the name that a mail program gave
    /// it; a large one, or a photograph, is a document that the person shows.
    pub(super) fn mark_logos(&mut self) {
        let pictures = self.attachments.iter_mut().filter(|each| each.media_type.starts_with("image/"));
        for attachment in pictures.filter(|each| each.inline) {
            attachment.inline = is_logo(&attachment.name, attachment.bytes);
        }
    }
}

/// Whether a page shows the part of that Content-ID, written as it is or as an address (RFC 2392 §2).
pub(super) fn shows(page: Option<&str>, content_id: &str) -> bool {
    let id = content_id.trim_matches(['<', '>', ' ']);
    let escaped = id.replace('@', "%40");
    page.is_some_and(|page| {
        !id.is_empty() && [id, &escaped].iter().any(|id| page.contains(&format!("cid:{id}")))
    })
}

pub(super) fn has_words(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// Signatures, keys and the halves of files that only a Macintosh reads (RFC 1740): listed, but no
/// document that somebody sent.
fn is_beside_the_content(file: &File<'_>) -> bool {
    let bare = || {
        let named = [".p7s", ".p7m", ".p7c"].iter().any(|end| file.name.to_lowercase().ends_with(end));
        (named || sealed::is_cms_type(file.media_type)) && sealed::open(file.content) == Some(Sealed::Bare)
    };
    sealed::is_signature_type(file.media_type)
        || matches!(file.media_type, "application/applefile" | "application/pgp-encrypted")
        || file.content.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----")
        || bare()
}

fn is_encrypted(file: &File<'_>) -> bool {
    file.content.trim_ascii_start().starts_with(b"-----BEGIN PGP MESSAGE-----")
        || (sealed::is_cms_type(file.media_type) || file.name.to_lowercase().ends_with(".p7m"))
            && sealed::open(file.content) == Some(Sealed::Encrypted)
}

fn begins_like_a_mail(content: &[u8]) -> bool {
    let headers = Headers::scan(&content[..content.len().min(limits::MAX_HEADER_BYTES)]);
    headers.has("From") && ["Date", "Subject", "To", "Received"].iter().any(|name| headers.has(name))
}

/// A name for a part that has none: a mail's subject, else what its type suggests.
fn unnamed(part: &Part<'_, '_>) -> String {
    let PartType::Message(inner) = &part.parsed.body else { return String::new() };
    let subject = one_line(&decode_words(inner.subject().unwrap_or_default()));
    if subject.is_empty() { String::new() } else { format!("{}.eml", subject.replace(['/', '\\'], "-")) }
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

/// `image001.png`, as Outlook numbers the pictures of a text; telephones write `image0.jpeg`.
pub(super) fn is_numbered(name: &str) -> bool {
    let lower = name.to_lowercase();
    let Some((number, _)) = lower.strip_prefix("image").and_then(|rest| rest.split_once('.')) else {
        return false;
    };
    number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit())
}
