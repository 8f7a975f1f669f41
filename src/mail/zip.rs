//! The table of contents of a ZIP archive (PKWARE APPNOTE 4.3), read without unpacking anything.
//!
//! Enough to see that it is encrypted, holds an archive or a program, or swells beyond reason. Every
//! read is bounded by the archive's own bytes and by [`limits::MAX_ARCHIVE_ENTRIES`]. Where the table
//! and the entries say different things, programs that unpack it would too: then it tells nothing.

use super::limits;

/// What one look at the table of contents tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub names: Vec<String>,
    pub encrypted: bool,
    /// Sum of the declared sizes.
    pub unpacked_bytes: u64,
    /// Entries beyond the limit, a table that ends before its time or that lies.
    pub incomplete: bool,
}

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";

/// The table of contents, if `bytes` is a ZIP archive.
pub fn contents(bytes: &[u8]) -> Option<Contents> {
    // 4.3.1 with 8.5: an archive of several pieces begins with a mark of its own.
    if bytes.starts_with(b"PK\x07\x08") || bytes.starts_with(b"PK00PK") {
        return Some(Contents { incomplete: true, ..Contents::default() });
    }
    if !bytes.starts_with(LOCAL) && !bytes.starts_with(END) {
        return None;
    }
    let mut found = Contents::default();
    match directory(bytes) {
        Some(directory) => found.read(bytes, &directory),
        None => found.incomplete = true,
    }
    Some(found)
}

/// Whether the file ends like a ZIP archive, whatever it begins with: readers find it from its end.
pub fn ends_like_one(bytes: &[u8]) -> bool {
    directory(bytes).is_some_and(|directory| directory.count > 0)
}

struct Directory {
    at: usize,
    count: u64,
    /// Bytes before the archive, which every offset lacks.
    before: usize,
}

/// Where the central directory begins, told by the record at the end (4.3.16).
fn directory(bytes: &[u8]) -> Option<Directory> {
    // The record is 22 bytes and a comment of at most 65,535.
    let from = bytes.len().saturating_sub(22 + 65_535);
    let end = bytes[from..].windows(4).rposition(|four| four == END)? + from;
    let record = bytes.get(end..end + 22)?;
    let mut count = u64::from(u16_at(record, 10));
    let (mut size, mut offset) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    let mut ends = end;
    if let Some((at, large)) = zip64(bytes, end) {
        (count, size, offset) = (u64_at(large, 32), u64_at(large, 40), u64_at(large, 48));
        ends = at;
    }
    // Bytes before the archive shift every offset: the directory ends where the record begins.
    let at = ends.checked_sub(usize::try_from(size).ok()?)?;
    let before = at.checked_sub(usize::try_from(offset).ok()?)?;
    (count == 0 || bytes[at..].starts_with(CENTRAL)).then_some(Directory { at, count, before })
}

/// The record for large archives (4.3.14), to which a locator of 20 bytes before the last record leads.
fn zip64(bytes: &[u8], end: usize) -> Option<(usize, &[u8])> {
    let locator = end.checked_sub(20)?;
    bytes[locator..].starts_with(b"PK\x06\x07").then_some(())?;
    // Its offset, too, may be shifted; the record has 56 bytes where nobody adds to it.
    let at = locator.checked_sub(56)?;
    let record = bytes.get(at..locator)?;
    record.starts_with(END_64).then_some((at, record))
}

impl Contents {
    fn read(&mut self, bytes: &[u8], directory: &Directory) {
        let mut at = directory.at;
        // 4.3.12: central directory file header, 46 bytes and three variable fields.
        while let Some(entry) = bytes.get(at..at + 46).filter(|entry| entry.starts_with(CENTRAL)) {
            if self.names.len() == limits::MAX_ARCHIVE_ENTRIES {
                self.incomplete = true;
                return;
            }
            let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(u16_at(entry, field)));
            let Some(text) = bytes.get(at + 46..at + 46 + name) else { break };
            let extra_bytes = bytes.get(at + 46 + name..at + 46 + name + extra).unwrap_or_default();
            self.encrypted |= is_encrypted(u16_at(entry, 8), u16_at(entry, 10));
            self.unpacked_bytes = self.unpacked_bytes.saturating_add(unpacked(entry, extra_bytes));
            self.names.push(String::from_utf8_lossy(text).into_owned());
            self.entry_itself(bytes, u32_at(entry, 42), text, directory);
            at += 46 + name + extra + comment;
        }
        self.incomplete |= self.names.len() as u64 != directory.count;
    }

    /// 4.3.7: the header before the entry's content names the same file, or somebody is misled.
    fn entry_itself(&mut self, bytes: &[u8], offset: u32, name: &[u8], directory: &Directory) {
        // 4.4.16: in a large archive the offset stands elsewhere.
        if offset == u32::MAX {
            return;
        }
        let at = directory.before + offset as usize;
        let local = bytes.get(at..at.saturating_add(30)).filter(|local| local.starts_with(LOCAL));
        let Some(local) = local else {
            self.incomplete = true;
            return;
        };
        self.encrypted |= is_encrypted(u16_at(local, 6), u16_at(local, 8));
        self.incomplete |=
            !bytes[at + 30..].starts_with(name) || usize::from(u16_at(local, 26)) != name.len();
    }
}

/// 4.4.4: bit 0 and, for strong encryption, bits 6 and 13; method 99 is AES (WinZip).
fn is_encrypted(flags: u16, method: u16) -> bool {
    flags & 0x2041 != 0 || method == 99
}

/// The declared size; for 4 GB and more in an extra field (4.5.3), where it comes first.
fn unpacked(entry: &[u8], extra: &[u8]) -> u64 {
    let size = u32_at(entry, 24);
    if size != u32::MAX {
        return u64::from(size);
    }
    let mut rest = extra;
    while let [a, b, c, d, after @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let Some((field, after)) = after.split_at_checked(length) else { break };
        if u16::from_le_bytes([*a, *b]) == 1 && field.len() >= 8 {
            return u64_at(field, 0);
        }
        rest = after;
    }
    u64::from(size)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive of one stored entry.
    struct Made {
        local_name: &'static str,
        name: &'static str,
        flags: u16,
        size: u32,
        extra: Vec<u8>,
        before: &'static [u8],
        large: bool,
    }

    impl Default for Made {
        fn default() -> Self {
            let extra = Vec::new();
            Self { local_name: "a.pdf", name: "a.pdf", flags: 0, size: 4, extra, before: b"", large: false }
        }
    }

    fn two(value: usize) -> [u8; 2] {
        u16::try_from(value).unwrap().to_le_bytes()
    }

    fn made(made: &Made) -> Vec<u8> {
        let flags = made.flags.to_le_bytes();
        let size = made.size.to_le_bytes();
        let local_name =
            [&two(made.local_name.len())[..], &[0, 0], made.local_name.as_bytes(), b"%PDF"].concat();
        let local = [LOCAL, &[20, 0], &flags, &[0; 10], &size, &size, &local_name].concat();
        let lengths = [two(made.name.len()), two(made.extra.len()), [0, 0]].concat();
        let tail = [&[0; 12][..], made.name.as_bytes(), &made.extra].concat();
        let central = [CENTRAL, &[20, 0, 20, 0], &flags, &[0; 10], &size, &size, &lengths, &tail].concat();
        let (length, offset) = (two(central.len()), two(local.len()));
        let mut out = [made.before, &local, &central].concat();
        if made.large {
            let eight = |value: [u8; 2]| [&value[..], &[0; 6]].concat();
            out.extend([END_64, &eight([44, 0]), &[0; 12], &eight([1, 0]), &eight([1, 0])].concat());
            out.extend([eight(length), eight(offset), b"PK\x06\x07".to_vec(), vec![0; 16]].concat());
            return [&out, END, &[0; 4], &[0xff; 12], &[0, 0]].concat();
        }
        [&out, END, &[0, 0, 0, 0, 1, 0, 1, 0], &length, &[0, 0], &offset, &[0, 0, 0, 0]].concat()
    }

    #[test]
    fn small_and_large_archives_are_read_and_bytes_before_them_passed_over() {
        let read = contents(&made(&Made::default())).unwrap();
        let expected = Contents { names: vec!["a.pdf".to_owned()], unpacked_bytes: 4, ..Contents::default() };
        assert_eq!(read, expected);
        assert_eq!(contents(&made(&Made { large: true, ..Made::default() })), Some(expected));
        let shifted = made(&Made { before: b"GIF89a", ..Made::default() });
        assert!(contents(&shifted).is_none() && ends_like_one(&shifted));
        assert!(!ends_like_one(b"%PDF-1.4 PK\x05\x06 and nothing"));
    }

    #[test]
    fn what_swells_hides_or_lies_is_told() {
        let read = |made_of: Made| contents(&made(&made_of)).unwrap();
        let field = [&[1, 0, 8, 0][..], &(1_u64 << 40).to_le_bytes()].concat();
        let terabyte = read(Made { size: u32::MAX, extra: field, ..Made::default() });
        assert_eq!(terabyte.unpacked_bytes, 1 << 40);
        assert!(read(Made { flags: 1, ..Made::default() }).encrypted);
        assert!(read(Made { flags: 0x2000, ..Made::default() }).encrypted);
        assert!(read(Made { local_name: "a.exe", ..Made::default() }).incomplete);
        let mut fewer = made(&Made::default());
        let end = fewer.len() - 22;
        fewer[end + 8..end + 12].copy_from_slice(&[2, 0, 2, 0]);
        assert!(contents(&fewer).unwrap().incomplete);
        assert!(contents(b"PK\x07\x08PK\x03\x04").unwrap().incomplete, "one of several pieces");
        for cut in 4..fewer.len() {
            assert!(contents(&fewer[..cut]).unwrap().incomplete, "{cut}");
        }
    }
}
