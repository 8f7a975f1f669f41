//! What is attached to a mail: a name that is safe to show and to store, the declared type, size,
//! digest, whether it is a picture of a signature, and whether it may be handed on.
//!
//! `unscanned` means that no virus scanner has looked yet; what is withheld and why is `danger`'s to
//! say. Which parts of a mail are files at all is `read`'s.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::danger;
use super::headers::is_direction_control;
use super::limits;
use crate::core::facts::Attachment;
use crate::core::ids::Digest;

/// What is known of a part that is to be listed.
#[derive(Debug)]
pub struct Found<'a> {
    /// As declared, encoded words decoded; empty when there is none.
    pub name: &'a str,
    pub media_type: &'a str,
    pub content: &'a [u8],
    pub inline: bool,
    /// Why it is withheld whatever it holds: it is damaged, or only a pointer.
    pub defect: Option<&'a str>,
}

pub fn attachment(found: &Found<'_>) -> Attachment {
    let name = safe_name(found.name, found.media_type);
    let why = found.defect.map(str::to_owned);
    let why = danger::of(&name, found.media_type, found.content).or(why);
    Attachment {
        name,
        media_type: found.media_type.to_owned(),
        bytes: found.content.len() as u64,
        sha256: Digest::of(found.content),
        inline: found.inline,
        verdict: why.map_or_else(|| "unscanned".to_owned(), |why| format!("withheld: {why}")),
    }
}

/// The last path element, without control and direction characters, drive, leading dots and
/// reserved words of Windows; never empty, at most [`limits::MAX_NAME_BYTES`].
pub fn safe_name(declared: &str, media_type: &str) -> String {
    let declared = dates_without_slashes(declared);
    let last = declared.rsplit(['/', '\\']).find(|element| !element.trim().is_empty()).unwrap_or_default();
    let visible: String = last.chars().filter(|c| !c.is_control() && !is_direction_control(*c)).collect();
    let one_space = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let drive = one_space.as_bytes();
    let has_drive = drive.len() > 2 && drive[0].is_ascii_alphabetic() && drive[1] == b':';
    let one_space = if has_drive { &one_space[2..] } else { &one_space };
    // NTFS reads what follows a colon as another stream of the file.
    let mut name = one_space.replace([':', '<', '>', '"', '|', '?', '*'], "_");
    name = name.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']).to_owned();
    if name.is_empty() {
        name = format!("attachment.{}", extension_of_type(media_type));
    }
    if is_reserved(&name) {
        name.insert(0, '_');
    }
    shortened(&name)
}

/// "Facture 10/11/2026.pdf" is a name and no path: the slashes of a date become hyphens. Where a path
/// leads to the date or goes on after it, they divide folders.
fn dates_without_slashes(name: &str) -> Cow<'_, str> {
    static DATE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(^|[^0-9/\\])((?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|[12][0-9]|3[01])/(?:(?:19|20)[0-9]{2}|[0-9]{2})|(?:19|20)[0-9]{2}/(?:0?[1-9]|1[0-2])(?:/(?:0?[1-9]|[12][0-9]|3[01]))?|(?:0?[1-9]|1[0-2])/20[0-9]{2})($|[^0-9/\\])",
        )
        .expect("the pattern is valid")
    });
    DATE.replace_all(name, |hit: &Captures<'_>| format!("{}{}{}", &hit[1], hit[2].replace('/', "-"), &hit[3]))
}

/// CON, NUL, COM1 and the like open devices on Windows, whatever the extension.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim().to_ascii_uppercase();
    let numbered = |prefix| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// Cut in the middle, so that the extension stays.
fn shortened(name: &str) -> String {
    if name.len() <= limits::MAX_NAME_BYTES {
        return name.to_owned();
    }
    let extension = name.rsplit_once('.').map_or("", |(_, end)| end);
    let extension = if extension.len() <= 16 { extension } else { "" };
    let room = limits::MAX_NAME_BYTES - extension.len() - 1;
    let stem = &name[..name.floor_char_boundary(room)];
    if extension.is_empty() { stem.to_owned() } else { format!("{stem}.{extension}") }
}

/// The type of a file that comes without one, by its ending; only what staff meet often.
pub fn type_of_name(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "pdf" => "application/pdf",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "txt" => "text/plain",
        "html" | "htm" => "text/html",
        "eml" => "message/rfc822",
        "msg" => "application/vnd.ms-outlook",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

fn extension_of_type(media_type: &str) -> &str {
    match media_type {
        "application/pdf" => "pdf",
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "text/plain" => "txt",
        "text/html" => "html",
        "text/calendar" => "ics",
        "message/rfc822" => "eml",
        "application/vnd.ms-outlook" => "msg",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_safe_and_stay_readable() {
        for (declared, safe) in [
            ("Relevé mars 2026.pdf", "Relevé mars 2026.pdf"),
            ("../../../etc/cron.d/tache", "tache"),
            ("..\\..\\windows\\system32\\x.dll", "x.dll"),
            ("/etc/passwd", "passwd"),
            ("Facture 10/11/2026.pdf", "Facture 10-11-2026.pdf"),
            ("relevés 2026/11/10 et 11/2026.pdf", "relevés 2026-11-10 et 11-2026.pdf"),
            ("1/2/26.pdf", "1-2-26.pdf"),
            ("../10/11/2026.pdf", "2026.pdf"),
            ("archives/2026/11/10/x.pdf", "x.pdf"),
            ("C:\\10/11/2026\\x.pdf", "x.pdf"),
            ("10/11/2026/../x.pdf", "x.pdf"),
            ("factures 31/42/2026.pdf", "2026.pdf"),
            ("C:\\autoexec.bat", "autoexec.bat"),
            ("C:autoexec.bat", "autoexec.bat"),
            ("a:b:c.txt", "b_c.txt"),
            (".htaccess", "htaccess"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("Contrat.pdf", "Contrat.pdf"),
            ("", "attachment.pdf"),
            ("..", "attachment.pdf"),
            ("facture\u{202e}fdp.exe", "facturefdp.exe"),
            ("releve.pdf\0.exe", "releve.pdf.exe"),
            ("photo.jpg        .scr", "photo.jpg .scr"),
        ] {
            assert_eq!(safe_name(declared, "application/pdf"), safe, "{declared:?}");
        }
        let long = safe_name(&format!("{}.pdf", "é".repeat(4_000)), "application/pdf");
        assert!(long.len() <= 255 && long.ends_with("é.pdf"));
    }
}
