//! A compound file (MS-CFB): storages and streams within one file, as Outlook writes its messages.
//!
//! Read from memory and never written. Hostile files are why this is no crate: each sector is handed
//! out once, to whichever chain comes first, so that chains that meet, or run in circles, end there.
//! Time and memory are thus in proportion to the file, whatever its tables say. What is missing or told
//! twice makes a stream incomplete, and not the whole unreadable.

/// §2.2.
const SIGNATURE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
const HEADER_BYTES: usize = 512;
/// Sectors of the table of sectors that the header names itself.
const TABLES_IN_HEADER: usize = 109;
/// Streams below this size lie in small sectors.
const CUTOFF: u32 = 4_096;
const SMALL: usize = 64;
/// §2.6.1.
const ENTRY_BYTES: usize = 128;

/// Whether the bytes begin like such a file.
pub fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

#[derive(Debug)]
pub struct Compound<'a> {
    sectors: Sectors<'a>,
    small: Vec<u8>,
    small_next: Vec<u32>,
    small_taken: Vec<bool>,
    entries: Vec<Entry>,
}

/// An element of the directory.
#[derive(Debug, Default)]
struct Entry {
    name: String,
    kind: u8,
    left: u32,
    right: u32,
    child: u32,
    start: u32,
    size: u32,
    visited: bool,
}

/// Something in a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    pub name: String,
    pub is_stream: bool,
    pub id: usize,
}

/// The storage that holds all others.
pub const ROOT: usize = 0;

/// §2.6.1: kinds of entries.
mod kind {
    pub const STORAGE: u8 = 1;
    pub const STREAM: u8 = 2;
    pub const ROOT: u8 = 5;
}

impl<'a> Compound<'a> {
    /// Reads the tables; `None` where they do not lead to a directory.
    pub fn open(bytes: &'a [u8]) -> Option<Self> {
        let (header, _) = bytes.split_at_checked(HEADER_BYTES)?;
        // §2.2: the size of a sector goes with the version.
        let size = match (u16_at(header, 26)?, u16_at(header, 30)?) {
            (3, 9) => 512,
            (4, 12) => 4_096,
            _ => return None,
        };
        if !is_one(header) || u16_at(header, 32)? != 6 || u32_at(header, 56)? != 4_096 {
            return None;
        }
        let mut sectors = Sectors::new(bytes, size);
        sectors.read_table(header);
        let (directory, _) = sectors.chain(u32_at(header, 48)?, usize::MAX);
        let entries: Vec<Entry> = directory.chunks_exact(ENTRY_BYTES).map(Entry::read).collect();
        let root = entries.first().filter(|entry| entry.kind == kind::ROOT)?;
        let (small, _) = sectors.chain(root.start, usize::try_from(root.size).ok()?);
        let (table, _) = sectors.chain(u32_at(header, 60)?, small.len().div_ceil(SMALL) * 4);
        let small_next: Vec<u32> = numbers(&table).collect();
        let small_taken = vec![false; small.len().div_ceil(SMALL)];
        Some(Self { sectors, small, small_next, small_taken, entries })
    }

    /// What is in a storage, by name; each thing is shown once.
    pub fn children(&mut self, storage: usize) -> Vec<Child> {
        let mut found = Vec::new();
        // §2.6.4: a tree, which may be as deep as it is large.
        let mut waiting: Vec<u32> = self.entries.get(storage).map(|entry| entry.child).into_iter().collect();
        while let Some(id) = waiting.pop() {
            let Some((id, entry)) =
                usize::try_from(id).ok().and_then(|id| Some((id, self.entries.get_mut(id)?)))
            else {
                continue;
            };
            if id == ROOT || std::mem::replace(&mut entry.visited, true) {
                continue;
            }
            waiting.extend([entry.left, entry.right]);
            if matches!(entry.kind, kind::STORAGE | kind::STREAM) {
                found.push(Child { name: entry.name.clone(), is_stream: entry.kind == kind::STREAM, id });
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        found
    }

    /// The bytes of a stream, once, and whether they are all of it.
    pub fn stream(&mut self, id: usize) -> (Vec<u8>, bool) {
        let Some(entry) = self.entries.get(id).filter(|entry| entry.kind == kind::STREAM) else {
            return (Vec::new(), false);
        };
        let (start, size) = (entry.start, usize::try_from(entry.size).unwrap_or(usize::MAX));
        if entry.size >= CUTOFF { self.sectors.chain(start, size) } else { self.small_chain(start, size) }
    }

    fn small_chain(&mut self, start: u32, size: usize) -> (Vec<u8>, bool) {
        let mut out = Vec::new();
        let mut at = start;
        while out.len() < size {
            let Some((index, taken)) = slot(&mut self.small_taken, at) else { break };
            if std::mem::replace(taken, true) {
                break;
            }
            let from = index * SMALL;
            let end = self.small.len().min(from + SMALL.min(size - out.len()));
            out.extend_from_slice(&self.small[from..end]);
            at = self.small_next.get(index).copied().unwrap_or(u32::MAX);
        }
        let whole = out.len() == size;
        (out, whole)
    }
}

/// The sectors of a file, each of which is handed out once.
#[derive(Debug)]
struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
    taken: Vec<bool>,
    /// Which sector follows each.
    next: Vec<u32>,
}

impl<'a> Sectors<'a> {
    fn new(bytes: &'a [u8], size: usize) -> Self {
        // The header takes the place of the first one; the last may be cut off.
        let count = bytes.len().div_ceil(size).saturating_sub(1);
        Self { bytes, size, taken: vec![false; count], next: Vec::new() }
    }

    /// §2.3, §2.5: the table of sectors is in sectors that the header names, and a list after it.
    fn read_table(&mut self, header: &[u8]) {
        for sector in numbers(&header[76..]).take(TABLES_IN_HEADER) {
            self.add_table(sector);
        }
        let mut at = u32_at(header, 68).unwrap_or(u32::MAX);
        while let Some(list) = self.take(at) {
            let (named, next) = list.split_at(list.len().min(self.size - 4));
            for sector in numbers(named) {
                self.add_table(sector);
            }
            at = u32_at(next, 0).unwrap_or(u32::MAX);
        }
    }

    fn add_table(&mut self, sector: u32) {
        if self.next.len() < self.taken.len()
            && let Some(table) = self.take(sector)
        {
            let room = self.taken.len() - self.next.len();
            self.next.extend(numbers(table).take(room));
        }
    }

    /// The bytes of a chain, at most so many, and whether there were so many.
    fn chain(&mut self, start: u32, size: usize) -> (Vec<u8>, bool) {
        let mut out = Vec::new();
        let mut at = start;
        while out.len() < size
            && let Some(sector) = self.take(at)
        {
            out.extend_from_slice(&sector[..sector.len().min(size - out.len())]);
            at = usize::try_from(at).ok().and_then(|at| self.next.get(at)).copied().unwrap_or(u32::MAX);
        }
        let whole = out.len() == size;
        (out, whole)
    }

    fn take(&mut self, sector: u32) -> Option<&'a [u8]> {
        let (index, taken) = slot(&mut self.taken, sector)?;
        if std::mem::replace(taken, true) {
            return None;
        }
        let from = (index + 1) * self.size;
        self.bytes.get(from..self.bytes.len().min(from + self.size))
    }
}

fn slot(taken: &mut [bool], number: u32) -> Option<(usize, &mut bool)> {
    let index = usize::try_from(number).ok()?;
    Some((index, taken.get_mut(index)?))
}

impl Entry {
    /// Exactly [`ENTRY_BYTES`].
    fn read(bytes: &[u8]) -> Self {
        let number = |at| u32_at(bytes, at).unwrap_or(u32::MAX);
        // §2.6.1: its length counts the zero that ends it.
        let length = usize::from(u16_at(bytes, 64).unwrap_or(0)).saturating_sub(2).min(62);
        let units = bytes[..length].as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let name = char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect();
        Self {
            name,
            kind: bytes[66],
            left: number(68),
            right: number(72),
            child: number(76),
            start: number(116),
            // §2.6.3: writers of the older version leave anything in the upper half.
            size: number(120),
            visited: false,
        }
    }
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2).and_then(|two| Some(u16::from_le_bytes(two.try_into().ok()?)))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4).and_then(|four| Some(u32::from_le_bytes(four.try_into().ok()?)))
}
