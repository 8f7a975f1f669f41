//! What is attached to a mail: a name that is safe to show and to store, the declared type, size,
//! digest, whether it is a picture of a signature, and whether it may be handed on.
//!
//! A file is withheld when it could run: by its name, by its first bytes, by what an archive's table
//! of contents tells. `unscanned` means that no virus scanner has looked yet. Nothing is unpacked.

use super::headers::is_direction_control;
use super::limits;
use super::zip;
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
    let why = danger(&name, found.media_type, found.content);
    let why = why.or_else(|| found.defect.map(str::to_owned));
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
        _ => "bin",
    }
}

/// Endings of files that run when they are opened.
const PROGRAMS: &[&str] = &[
    "exe",
    "com",
    "scr",
    "pif",
    "bat",
    "cmd",
    "dll",
    "sys",
    "cpl",
    "msi",
    "msp",
    "msix",
    "appx",
    "lnk",
    "url",
    "vbs",
    "vbe",
    "js",
    "jse",
    "wsf",
    "wsh",
    "ps1",
    "psm1",
    "hta",
    "reg",
    "jar",
    "jnlp",
    "apk",
    "app",
    "dmg",
    "pkg",
    "deb",
    "rpm",
    "sh",
    "py",
    "iso",
    "img",
    "vhd",
    "vhdx",
    "chm",
    "gadget",
    "inf",
    "scf",
    "ade",
    "adp",
    "mde",
    "one",
    "settingcontent-ms",
    "search-ms",
    "library-ms",
    "msc",
    "xll",
    "ocx",
    "drv",
    "action",
    "command",
];
/// Endings of office documents with macros.
const MACROS: &[&str] =
    &["docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppam", "ppsm", "sldm"];
/// Endings and types of files that run scripts in a browser.
const ACTIVE: &[&str] =
    &["html", "htm", "xhtml", "shtml", "mht", "mhtml", "svg", "svgz", "xht", "xsl", "swf"];
const ACTIVE_TYPES: &[&str] = &["text/html", "application/xhtml+xml", "image/svg+xml", "multipart/related"];
/// Endings under which a program likes to hide.
const DOCUMENTS: &[&str] =
    &["pdf", "doc", "docx", "xls", "xlsx", "odt", "jpg", "jpeg", "png", "gif", "txt", "rtf", "zip"];
const ARCHIVES: &[&str] =
    &["zip", "rar", "7z", "gz", "tgz", "bz2", "xz", "tar", "cab", "ace", "arj", "lzh", "zst"];

/// Why a file is withheld, if it is.
fn danger(name: &str, media_type: &str, content: &[u8]) -> Option<String> {
    by_name(name).or_else(|| by_content(content)).or_else(|| {
        let active = ACTIVE_TYPES.contains(&media_type);
        active.then(|| "a page that can run scripts".to_owned())
    })
}

fn by_name(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let mut endings = lower.rsplit('.');
    let last = endings.next().filter(|last| last.len() < lower.len())?;
    if PROGRAMS.contains(&last) {
        let before = endings.next().unwrap_or_default().trim();
        return Some(if DOCUMENTS.contains(&before) {
            format!("a program (.{last}) under the look of a document (.{before})")
        } else {
            format!("a program (.{last})")
        });
    }
    if MACROS.contains(&last) {
        return Some(format!("a document with macros (.{last})"));
    }
    ACTIVE.contains(&last).then(|| format!("a page that can run scripts (.{last})"))
}

fn by_content(content: &[u8]) -> Option<String> {
    let program = content.starts_with(b"MZ") && content.len() > 64
        || content.starts_with(b"\x7fELF")
        || content.starts_with(b"#!")
        || content.starts_with(b"L\0\0\0\x01\x14\x02\0")
        || [&b"\xfe\xed\xfa\xce"[..], b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe"]
            .iter()
            .any(|m| content.starts_with(m));
    if program {
        return Some("a program by its content".to_owned());
    }
    archive(&zip::contents(content)?, content.len())
}

/// Why an archive is withheld by its table of contents.
fn archive(contents: &zip::Contents, size: usize) -> Option<String> {
    if contents.encrypted {
        return Some("an encrypted archive, whose content cannot be examined".to_owned());
    }
    if contents.incomplete {
        return Some("an archive without a readable table of contents".to_owned());
    }
    if contents.names.iter().any(|name| name.to_ascii_lowercase().contains("vbaproject")) {
        return Some("a document with macros".to_owned());
    }
    // Deflate reaches 1,032:1; what people pack stays far below 100:1.
    if contents.unpacked_bytes > 100 * size as u64 && contents.unpacked_bytes > 50_000_000 {
        return Some(format!("an archive that unpacks to {} MB", contents.unpacked_bytes / 1_000_000));
    }
    contents.names.iter().find_map(|name| within_archive(name))
}

fn within_archive(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    let ending = last.rsplit_once('.').map_or("", |(_, ending)| ending);
    if ARCHIVES.contains(&ending) {
        return Some("an archive within an archive".to_owned());
    }
    (PROGRAMS.contains(&ending) || MACROS.contains(&ending))
        .then(|| format!("an archive with a program in it (.{ending})"))
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

    #[test]
    fn what_could_run_is_withheld() {
        for (name, media_type, content, why) in [
            (
                "releve_2026.pdf.exe",
                "application/pdf",
                &b""[..],
                "a program (.exe) under the look of a document (.pdf)",
            ),
            ("photo.jpg .scr", "image/jpeg", b"", "a program (.scr) under the look of a document (.jpg)"),
            ("reclamation.docm", "application/octet-stream", b"", "a document with macros (.docm)"),
            ("formulaire.html", "text/html", b"", "a page that can run scripts (.html)"),
            ("x", "image/svg+xml", b"", "a page that can run scripts"),
            ("x.pdf", "application/pdf", b"\x7fELF", "a program by its content"),
        ] {
            assert_eq!(danger(name, media_type, content).as_deref(), Some(why), "{name}");
        }
        for name in ["relevé.pdf", "IMG_0447.PNG", "courrier.docx", "com", "exe", "lettre de M. Bat", "x.eml"]
        {
            assert_eq!(danger(name, "application/octet-stream", b"%PDF-1.4"), None, "{name}");
        }
    }
}
