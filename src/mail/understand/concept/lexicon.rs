//! What each word says to the patterns, found with one look at a table.
//!
//! A pattern is a row of tokens, each a set of words and beginnings of words. The lexicon turns it
//! round: for each of those it knows which tokens it satisfies, those of all its own beginnings included.

/// What a word says; both lists in order, each number once.
#[derive(Clone, Debug, Default)]
pub struct Says {
    /// The tokens that it satisfies.
    tokens: Vec<u16>,
    /// A bit for the last six bits of each of them: most that are asked for are not there.
    some: u64,
    /// The patterns that may begin with it.
    pub opens: Vec<Opening>,
}

/// A pattern by its number, and the token that its second word must satisfy, where it has such a word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Opening {
    pub pattern: u32,
    pub next: Option<u16>,
}

impl Says {
    pub fn satisfies(&self, token: u16) -> bool {
        self.some & bit(token) != 0 && self.tokens.binary_search(&token).is_ok()
    }

    fn add(&mut self, other: &Self) {
        self.tokens.extend(&other.tokens);
        self.opens.extend(&other.opens);
        self.settle();
    }

    fn settle(&mut self) {
        self.tokens.sort_unstable();
        self.tokens.dedup();
        self.some = self.tokens.iter().fold(0, |some, token| some | bit(*token));
        self.opens.sort_unstable();
        self.opens.dedup();
    }
}

fn bit(token: u16) -> u64 {
    1 << (token & 63)
}

/// Shortest beginning of words that is one, in bytes; a shorter one counts as a whole word.
pub const KEY_BYTES: usize = 3;
/// Places of the table: several times the number of different first bytes, so that most words of a text
/// meet an empty one.
const SLOTS: usize = 1 << 13;

#[derive(Debug)]
struct Entry {
    text: String,
    is_beginning: bool,
    says: Says,
}

impl Entry {
    fn begins(&self, word: &str) -> bool {
        let fits =
            if self.is_beginning { self.text.len() <= word.len() } else { self.text.len() == word.len() };
        // Most of a bucket differs in the next byte or two: a call of memcmp would take longer.
        fits && self.text.bytes().zip(word.bytes()).all(|(ours, theirs)| ours == theirs)
    }
}

#[derive(Debug)]
pub struct Lexicon {
    /// By the hash of the first bytes: the bucket, and 0 where no word begins so.
    slots: Vec<u16>,
    /// The longest first, and a whole word before a beginning: the first that fits says it all.
    buckets: Vec<Vec<Entry>>,
    nothing: Says,
}

impl Default for Lexicon {
    fn default() -> Self {
        Self { slots: vec![0; SLOTS], buckets: vec![Vec::new()], nothing: Says::default() }
    }
}

impl Lexicon {
    /// A word, or the beginning of words, satisfies a token, and a pattern may begin with it.
    pub fn add(&mut self, text: &str, is_beginning: bool, token: u16, opens: Option<Opening>) {
        let is_beginning = is_beginning && text.len() >= KEY_BYTES;
        let slot = &mut self.slots[slot(text)];
        if *slot == 0 {
            *slot = u16::try_from(self.buckets.len()).expect("no more buckets than slots");
            self.buckets.push(Vec::new());
        }
        let bucket = &mut self.buckets[usize::from(*slot)];
        let known = |entry: &Entry| entry.text == text && entry.is_beginning == is_beginning;
        let at = bucket.iter().position(known).unwrap_or_else(|| {
            bucket.push(Entry { text: text.to_owned(), is_beginning, says: Says::default() });
            bucket.len() - 1
        });
        let says = &mut bucket[at].says;
        says.tokens.push(token);
        says.opens.extend(opens);
    }

    /// Once all are added: each learns what its own beginnings say.
    pub fn settle(&mut self) {
        for bucket in &mut self.buckets {
            bucket.sort_by(|a, b| a.text.len().cmp(&b.text.len()).then(b.is_beginning.cmp(&a.is_beginning)));
            for at in 0..bucket.len() {
                let (shorter, rest) = bucket.split_at_mut(at);
                let entry = &mut rest[0];
                entry.says.settle();
                if let Some(known) = shorter.iter().rev().find(|shorter| shorter.begins(&entry.text)) {
                    entry.says.add(&known.says);
                }
            }
            bucket.reverse();
        }
    }

    pub fn says(&self, word: &str) -> &Says {
        let bucket = &self.buckets[usize::from(self.slots[slot(word)])];
        bucket.iter().find(|entry| entry.begins(word)).map_or(&self.nothing, |entry| &entry.says)
    }
}

/// Where words with these first bytes stand.
fn slot(word: &str) -> usize {
    let key = word.bytes().take(KEY_BYTES).fold(0_u32, |key, byte| key << 8 | u32::from(byte));
    // Knuth's multiplicative hash; the shift leaves 13 bits.
    (key.wrapping_mul(2_654_435_761) >> (32 - SLOTS.trailing_zeros())) as usize
}
