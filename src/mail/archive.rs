//! Archives by what their first bytes say, and what may be in them. Nothing is unpacked.
//!
//! A ZIP archive and a tape archive have a table of contents that is read here and in `zip`; the
//! others are compressed as a whole, so that nobody here can see what they hold.

use super::danger;
use super::limits;
use super::zip;

/// Endings of archives.
pub const ENDINGS: &[&str] = &[
    "zip", "rar", "7z", "gz", "tgz", "bz2", "tbz", "tbz2", "xz", "txz", "lzma", "tar", "cab", "ace", "arj",
    "lzh", "lha", "zst", "z", "zipx", "zpaq", "wim", "cpio", "alz", "egg", "uue", "b64",
];

/// First bytes of archives that are compressed as a whole, and what they are called.
const CLOSED: &[(usize, &[u8], &str)] = &[
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"\x1f\x8b\x08", "gz"),
    (0, b"\x1f\x9d", "z"),
    (0, b"BZh", "bz2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zst"),
    (0, b"MSCF\0\0\0\0", "cab"),
    (7, b"**ACE**", "ace"),
    (0, b"\x60\xea", "arj"),
    (2, b"-lh", "lzh"),
    (0, b"MSWIM\0\0\0", "wim"),
];

/// First bytes of images of disks, which a double click opens as a drive.
const DISKS: &[(usize, &[u8])] = &[
    (0x8001, b"CD001"),
    (0x8801, b"CD001"),
    (0x9001, b"CD001"),
    (0, b"conectix"),
    (0, b"vhdxfile"),
    (0, b"QFI\xfb"),
    (0, b"KDMV"),
];

/// Why a file is withheld as an archive, if it is one that is to be.
pub fn danger_of(ending: &str, content: &[u8]) -> Option<String> {
    let starts = |at: usize, with: &[u8]| content.get(at..).is_some_and(|rest| rest.starts_with(with));
    if DISKS.iter().any(|(at, with)| starts(*at, with)) {
        return Some("the image of a disk".to_owned());
    }
    if let Some((_, _, kind)) = CLOSED.iter().find(|(at, with, _)| starts(*at, with)) {
        return Some(format!("an archive whose content cannot be examined (.{kind})"));
    }
    if let Some(contents) = zip::contents(content) {
        return of_table(&contents, content.len());
    }
    if starts(257, b"ustar") {
        return of_table(&tape(content), content.len());
    }
    let unread = match ending {
        "zip" | "docx" | "xlsx" | "pptx" | "odt" | "ods" | "odp" => zip::ends_like_one(content),
        ending => ENDINGS.contains(&ending),
    };
    unread.then(|| format!("an archive without a readable table of contents (.{ending})"))
}

/// Why an archive is withheld by its table of contents.
fn of_table(contents: &zip::Contents, size: usize) -> Option<String> {
    if contents.encrypted {
        return Some("an encrypted archive, whose content cannot be examined".to_owned());
    }
    if contents.incomplete {
        return Some("an archive without a readable table of contents".to_owned());
    }
    // Deflate reaches 1,032:1; what people pack stays far below 100:1.
    if contents.unpacked_bytes > 100 * size as u64 && contents.unpacked_bytes > 50_000_000 {
        return Some(format!("an archive that unpacks to {} MB", contents.unpacked_bytes / 1_000_000));
    }
    contents.names.iter().find_map(|name| danger::within_archive(name))
}

/// The headers of a tape archive (POSIX.1-2017 pax, ustar interchange format).
fn tape(bytes: &[u8]) -> zip::Contents {
    let mut found = zip::Contents::default();
    let mut at = 0_usize;
    while let Some(header) = bytes.get(at..at.saturating_add(512)) {
        if header.iter().all(|byte| *byte == 0) {
            return found;
        }
        if found.names.len() == limits::MAX_ARCHIVE_ENTRIES || &header[257..262] != b"ustar" {
            break;
        }
        let end = header[..100].iter().position(|byte| *byte == 0).unwrap_or(100);
        let name = String::from_utf8_lossy(&header[..end]).into_owned();
        // The true name of the next entry stands in this one's content, which is looked at as a name.
        let is_long_name = matches!(header[156], b'L' | b'x');
        let digits = header[124..136].iter().filter(|byte| byte.is_ascii_digit());
        let size = digits
            .fold(0_usize, |sum, digit| sum.saturating_mul(8).saturating_add(usize::from(digit - b'0')));
        if header[124] & 0x80 != 0 {
            break;
        }
        let content = bytes.get(at + 512..(at + 512).saturating_add(size)).unwrap_or_default();
        found.names.push(if is_long_name { long_name(content) } else { name });
        at = (at + 512).saturating_add(size).saturating_add(511) / 512 * 512;
    }
    found.incomplete = at != bytes.len() || found.names.is_empty();
    found
}

fn long_name(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(&content[..content.len().min(4_096)]).into_owned();
    let path = text.lines().find_map(|line| line.split_once(" path=").map(|(_, path)| path.to_owned()));
    path.unwrap_or_else(|| text.trim_end_matches('\0').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape_of(names: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for name in names {
            let mut header = vec![0_u8; 512];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[124..136].copy_from_slice(b"00000000003\0");
            header[257..263].copy_from_slice(b"ustar\0");
            out.extend(header);
            out.extend([b"abc".to_vec(), vec![0; 509]].concat());
        }
        out.extend(vec![0; 1_024]);
        out
    }

    #[test]
    fn archives_are_known_by_their_bytes_under_any_name() {
        let disk = [vec![0; 0x8001], b"CD001".to_vec()].concat();
        for (ending, content, why) in [
            ("pdf", &b"Rar!\x1a\x07\x01\0"[..], Some("an archive whose content cannot be examined (.rar)")),
            ("jpg", b"7z\xbc\xaf\x27\x1c", Some("an archive whose content cannot be examined (.7z)")),
            ("txt", b"\x1f\x8b\x08", Some("an archive whose content cannot be examined (.gz)")),
            ("bin", &disk, Some("the image of a disk")),
            ("tar", &tape_of(&["releve.pdf", "photo.jpg"]), None),
            ("tar", &tape_of(&["releve.pdf", "a/lire.exe"]), Some("an archive with a program in it (.exe)")),
            ("tar", &tape_of(&["a.zip"]), Some("an archive within an archive")),
            ("tar", &tape_of(&["a"])[..600], Some("an archive without a readable table of contents")),
            ("rar", b"not one", Some("an archive without a readable table of contents (.rar)")),
            ("docx", b"<html>", None),
            ("pdf", b"%PDF-1.4", None),
        ] {
            assert_eq!(danger_of(ending, content).as_deref(), why, "{ending}");
        }
    }

    #[test]
    fn the_long_names_of_a_tape_archive_count() {
        let mut bytes = tape_of(&["././@LongLink"]);
        bytes[156] = b'L';
        bytes[512..520].copy_from_slice(b"jeux.exe");
        bytes[124..136].copy_from_slice(b"00000000010\0");
        assert_eq!(danger_of("tar", &bytes).as_deref(), Some("an archive with a program in it (.exe)"));
    }
}
