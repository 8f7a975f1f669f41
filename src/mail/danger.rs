//! Why a file is withheld from the people who read the mail: it could run, it hides what it holds, or
//! nobody can look into it.
//!
//! Judged by its name, its declared type and its bytes, in time proportional to them; nothing is
//! carried out, and nothing unpacked but what `pdf` must. A scanner for viruses is another matter, behind a port.

mod page;

use super::archive;
use super::pdf;

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
    "mst",
    "msu",
    "msix",
    "appx",
    "msixbundle",
    "appxbundle",
    "appinstaller",
    "lnk",
    "url",
    "vbs",
    "vbe",
    "vb",
    "js",
    "jse",
    "mjs",
    "ws",
    "wsc",
    "wsf",
    "wsh",
    "sct",
    "ps1",
    "psm1",
    "psd1",
    "ps1xml",
    "hta",
    "reg",
    "jar",
    "jnlp",
    "apk",
    "ipa",
    "app",
    "dmg",
    "pkg",
    "mpkg",
    "deb",
    "rpm",
    "appimage",
    "flatpakref",
    "sh",
    "bash",
    "zsh",
    "csh",
    "py",
    "pyc",
    "pyw",
    "pl",
    "rb",
    "php",
    "iso",
    "img",
    "vhd",
    "vhdx",
    "vmdk",
    "udf",
    "chm",
    "hlp",
    "gadget",
    "inf",
    "scf",
    "ade",
    "adp",
    "mde",
    "mdb",
    "accdb",
    "accde",
    "one",
    "onetoc2",
    "settingcontent-ms",
    "search-ms",
    "searchconnector-ms",
    "library-ms",
    "msc",
    "xll",
    "wll",
    "ocx",
    "drv",
    "action",
    "command",
    "terminal",
    "workflow",
    "scpt",
    "applescript",
    "desktop",
    "webloc",
    "website",
    "application",
    "appref-ms",
    "xbap",
    "diagcab",
    "theme",
    "themepack",
    "job",
    "rdp",
    "iqy",
    "slk",
    "xpi",
    "crx",
    "air",
    "swf",
    "vsto",
    "vsix",
    "ppkg",
    "mof",
    "msh",
    "xaml",
    "class",
];

/// Endings of office documents with macros.
const MACROS: &[&str] = &[
    "docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "xla", "xlm", "pptm", "potm", "ppam", "ppsm", "ppa",
    "sldm",
];

/// Endings and types of files that run scripts in a browser.
const ACTIVE: &[&str] =
    &["html", "htm", "xhtml", "shtml", "mht", "mhtml", "svg", "svgz", "xht", "xsl", "xslt", "htc", "asp"];
const ACTIVE_TYPES: &[&str] = &["text/html", "application/xhtml+xml", "image/svg+xml", "multipart/related"];

/// Endings under which a program likes to hide.
const DOCUMENTS: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "odt", "ods", "jpg", "jpeg", "png", "gif", "heic", "txt", "rtf",
    "csv", "zip", "mp4", "eml",
];

/// Endings and the type of pages that are looked into; the other active ones are always withheld.
const PAGES: &[&str] = &["html", "htm"];
const PAGE_TYPE: &str = "text/html";

/// Why a file is withheld, if it is.
pub fn of(name: &str, media_type: &str, content: &[u8]) -> Option<String> {
    let ending = ending(name);
    let named_page = PAGES.contains(&ending.as_str());
    let harmless = (named_page || media_type == PAGE_TYPE) && page::is_harmless(content);
    let by_name = if named_page && harmless { None } else { by_name(name) };
    by_name.or_else(|| by_content(ending, content)).or_else(|| {
        let active = ACTIVE_TYPES.contains(&media_type) && !(media_type == PAGE_TYPE && harmless);
        active.then(|| "a page that can run scripts".to_owned())
    })
}

/// The last ending in lower case; empty where there is none.
fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, last)| last.trim_end().to_lowercase()).unwrap_or_default()
}

/// Why a file of this name is withheld.
pub fn by_name(name: &str) -> Option<String> {
    let lower = name.to_lowercase();
    let mut endings = lower.rsplit('.');
    let last = endings.next().filter(|last| last.len() < lower.len())?.trim_end();
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

/// Why an archive is withheld that holds a file of this name.
pub fn within_archive(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(['.', ' ', '\0']);
    let ending = ending(last);
    // The lists of libraries that LibreOffice writes are empty ones, mostly.
    let module = lower.starts_with("basic/") && ending == "xml" && !last.starts_with("script-l");
    if lower.contains("vbaproject") || module || lower.starts_with("scripts/") && !last.is_empty() {
        return Some("a document with macros".to_owned());
    }
    if lower.contains("/activex/") {
        return Some("a document with active controls".to_owned());
    }
    if archive::ENDINGS.contains(&ending.as_str()) {
        return Some("an archive within an archive".to_owned());
    }
    (PROGRAMS.contains(&ending.as_str()) || MACROS.contains(&ending.as_str()))
        .then(|| format!("an archive with a program in it (.{ending})"))
}

/// First bytes of files that run.
const RUNNING: &[&[u8]] = &[
    b"\x7fELF",
    b"#!",
    // MS-SHLLINK §2.1
    b"L\0\0\0\x01\x14\x02\0",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    // Compiled HTML help
    b"ITSF\x03\0\0\0",
    // MS-ONESTORE §2.3.1
    b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3",
];

fn by_content(ending: String, content: &[u8]) -> Option<String> {
    let program = content.starts_with(b"MZ") && content.len() > 64
        || RUNNING.iter().any(|start| content.starts_with(start));
    if program {
        return Some("a program by its content".to_owned());
    }
    archive::danger_of(&ending, content).or_else(|| within_document(content))
}

fn within_document(content: &[u8]) -> Option<String> {
    let start = content.get(..content.len().min(1_024)).unwrap_or_default();
    if content.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return old_office(content).map(str::to_owned);
    }
    if find(start, b"%PDF-").is_some() {
        return pdf::danger_of(content);
    }
    if start.trim_ascii_start().starts_with(b"{\\rt") {
        return find(content, b"\\objdata").map(|_| "a document with an embedded object".to_owned());
    }
    page_by_content(start, content).map(str::to_owned)
}

/// MS-CFB §2.6: the names of the streams stand in UTF-16. The reason is told by what they hold.
fn old_office(content: &[u8]) -> Option<&'static str> {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        find(content, &wide).is_some()
    };
    if has("_VBA_PROJECT") || has("Macros") && has("VBA") {
        Some("a document with macros")
    } else if has("EncryptedPackage") {
        Some("an encrypted document, whose content cannot be examined")
    } else if has("\u{1}Ole10Native") {
        Some("a document with an embedded file")
    } else {
        None
    }
}

/// A page under another name: what opens files by their content would run its scripts.
fn page_by_content(start: &[u8], content: &[u8]) -> Option<&'static str> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if !text.starts_with(b"<") {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let is_page = [&b"<!doctype html"[..], b"<html", b"<svg", b"<script", b"<body", b"<iframe"]
        .iter()
        .any(|tag| lower.starts_with(tag));
    // A statement that a bank writes as a table in HTML runs nothing.
    let is_active = || {
        let lower = content.to_ascii_lowercase();
        [&b"<script"[..], b"javascript:", b"onload=", b"onerror=", b"<iframe", b"http-equiv=\"refresh"]
            .iter()
            .any(|tag| find(&lower, tag).is_some())
    };
    let is_svg = lower.starts_with(b"<?xml") && find(&lower, b"<svg").is_some();
    ((is_page || is_svg) && is_active()).then_some("a page that can run scripts")
}

/// Where the needle, which is not empty, first occurs.
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = needle[0];
    let mut at = 0;
    while let Some(step) = haystack[at..].iter().position(|byte| *byte == first) {
        at += step;
        if haystack[at..].starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("avis.pdf .lnk", "application/pdf", b"", "a program (.lnk) under the look of a document (.pdf)"),
            ("reclamation.docm", "application/octet-stream", b"", "a document with macros (.docm)"),
            ("formulaire.html", "text/html", b"<form action=x>", "a page that can run scripts (.html)"),
            ("notes.one", "application/onenote", b"", "a program (.one)"),
            ("disque.iso", "application/octet-stream", b"", "a program (.iso)"),
            ("x", "image/svg+xml", b"", "a page that can run scripts"),
            ("x.pdf", "application/pdf", b"\x7fELF", "a program by its content"),
            ("x.pdf", "application/pdf", b"L\0\0\0\x01\x14\x02\0", "a program by its content"),
            (
                "x.doc",
                "application/msword",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1.._\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0",
                "a document with macros",
            ),
            (
                "x.docx",
                "application/msword",
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0",
                "an encrypted document, whose content cannot be examined",
            ),
            (
                "x.pdf",
                "application/pdf",
                b"%PDF-1.7 1 0 obj <</S/JavaScript/JS(x)>>",
                "a PDF with scripts (/JavaScript)",
            ),
            (
                "x.pdf",
                "application/pdf",
                b"%PDF-1.7 1 0 obj <</S/J#61vaScript>>",
                "a PDF with scripts (/JavaScript)",
            ),
            (
                "x.pdf",
                "application/pdf",
                b"%PDF-1.7 <</S /Launch/F(cmd)>>",
                "a PDF that starts a program (/Launch)",
            ),
            ("x.txt", "text/plain", b"\n<!DOCTYPE html><SCRIPT>x</script>", "a page that can run scripts"),
            ("x.png", "image/png", b"<?xml version='1.0'?><svg onload=\"x\">", "a page that can run scripts"),
            (
                "x.rtf",
                "text/rtf",
                b"{\\rtf1{\\object{\\*\\objdata 01}}}",
                "a document with an embedded object",
            ),
        ] {
            assert_eq!(of(name, media_type, content).as_deref(), Some(why), "{name}");
        }
    }

    #[test]
    fn what_people_send_is_handed_on() {
        for (name, content) in [
            ("relevé.pdf", &b"%PDF-1.4 /JavaScripts /Launcher /Type"[..]),
            ("IMG_0447.PNG", b"\x89PNG"),
            ("courrier.docx", b"%PDF-1.4"),
            ("com", b""),
            ("exe", b""),
            ("lettre de M. Bat", b""),
            ("avis.html", b"<html><body><p style='color:red'>Solde : 12 &euro;</p></body></html>"),
            ("x.eml", b"From: a@b.example"),
            ("releve.xls", b"<html><table><tr><td>Solde</td></tr></table></html>"),
            ("tableau.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\0o\0r\0k\0b\0o\0o\0k\0"),
            ("conversation.txt", b"< moi > bonjour"),
            ("lettre.rtf", b"{\\rtf1 Bonjour}"),
            ("voix.m4a", b"\0\0\0\x20ftypM4A "),
        ] {
            assert_eq!(of(name, "application/octet-stream", content), None, "{name}");
        }
    }
}
