//! The table of contents of a ZIP archive (PKWARE APPNOTE 4.3), read without unpacking anything.
//!
//! Enough to see that it is encrypted, holds an archive or a program, or swells beyond reason. Every
//! read is bounded by the archive's own bytes and by [`limits::MAX_ARCHIVE_ENTRIES`].

use super::limits;

/// What one look at the table of contents tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub names: Vec<String>,
    pub encrypted: bool,
    /// Sum of the declared sizes.
    pub unpacked_bytes: u64,
    /// Entries beyond the limit, or a table that ends before its time.
    pub incomplete: bool,
}

/// The table of contents, if `bytes` is a ZIP archive.
pub fn contents(bytes: &[u8]) -> Option<Contents> {
    if !bytes.starts_with(b"PK\x03\x04") && !bytes.starts_with(b"PK\x05\x06") {
        return None;
    }
    let mut found = Contents::default();
    let Some(mut at) = directory(bytes) else {
        return Some(Contents { incomplete: true, ..found });
    };
    // 4.3.12: central directory file header, 46 bytes and three variable fields.
    while let Some(entry) = bytes.get(at..at + 46).filter(|entry| entry.starts_with(b"PK\x01\x02")) {
        if found.names.len() == limits::MAX_ARCHIVE_ENTRIES {
            found.incomplete = true;
            break;
        }
        found.encrypted |= entry[8] & 1 == 1;
        found.unpacked_bytes += u64::from(u32_at(entry, 24));
        let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(u16_at(entry, field)));
        let Some(text) = bytes.get(at + 46..at + 46 + name) else {
            found.incomplete = true;
            break;
        };
        found.names.push(String::from_utf8_lossy(text).into_owned());
        at += 46 + name + extra + comment;
    }
    Some(found)
}

/// Where the central directory begins, told by the record at the end (4.3.16).
fn directory(bytes: &[u8]) -> Option<usize> {
    // The record is 22 bytes and a comment of at most 65,535.
    let from = bytes.len().saturating_sub(22 + 65_535);
    let at = bytes[from..].windows(4).rposition(|four| four == b"PK\x05\x06")? + from;
    let record = bytes.get(at..at + 22)?;
    let (size, offset) = (u32_at(record, 12) as usize, u32_at(record, 16) as usize);
    // Bytes before the archive shift every offset: the directory ends where the record begins.
    let begins = at.checked_sub(size)?;
    Some(if bytes.get(begins..).is_some_and(|rest| rest.starts_with(b"PK\x01\x02")) {
        begins
    } else {
        offset
    })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
