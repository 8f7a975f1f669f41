//! A line of a body, and the lines of a text part with the client's own wrapping undone.

use crate::core::command::begins_like_one;
use crate::core::fold::{fold, is_padding};

/// Where a line belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Own,
    Quote,
    Signature,
}

/// One line as the author meant it.
#[derive(Clone, Debug)]
pub struct Line {
    /// As written, quote marks included.
    pub text: String,
    /// Number of `>` before it.
    pub depth: usize,
    pub place: Place,
    /// Colour of all of it, where the HTML sets one (answers typed in colour inside a quote).
    pub colour: Option<String>,
    /// A blank line that only the space around a paragraph makes (HTML).
    pub implied: bool,
    /// Where the text without its quote marks begins.
    start: usize,
    folded: String,
}

/// Longest prefix of a line that the rules look at, in bytes: longer lines are prose or hostile.
const LOOKED_AT_BYTES: usize = 1_000;

impl Line {
    pub fn new(text: &str) -> Self {
        let (depth, start) = quote_marks(text);
        let bare = text[start..].trim_matches(is_padding);
        let mut end = bare.len().min(LOOKED_AT_BYTES);
        while !bare.is_char_boundary(end) {
            end -= 1;
        }
        let folded = fold(&bare[..end]);
        Self { text: text.to_owned(), depth, place: Place::Own, colour: None, implied: false, start, folded }
    }

    /// Without quote marks and padding.
    pub fn bare(&self) -> &str {
        self.text[self.start..].trim_matches(is_padding)
    }

    /// [`Line::bare`] folded for comparison, cut at a length that no announcement reaches.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    pub fn has_words(&self) -> bool {
        self.text.chars().any(char::is_alphanumeric)
    }

    /// Blank, be it behind quote marks.
    pub fn is_blank(&self) -> bool {
        self.bare().is_empty()
    }
}

/// Counts the `>` at the start of a line, with the spaces between them.
fn quote_marks(text: &str) -> (usize, usize) {
    let mut depth = 0;
    let mut start = 0;
    for (i, c) in text.char_indices() {
        match c {
            '>' => {
                depth += 1;
                start = i + 1;
            }
            c if is_padding(c) => {}
            _ => break,
        }
    }
    (depth, start)
}

/// The lines of a text part.
pub fn of_plain(text: &str) -> Vec<Line> {
    let raw: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    let wrapping = Wrapping::of(&raw);
    let mut joined: Vec<String> = Vec::with_capacity(raw.len());
    for (i, line) in raw.iter().enumerate() {
        match joined.last_mut() {
            Some(last) if wrapping.as_ref().is_some_and(|w| w.continues(raw[i - 1], line)) => {
                last.truncate(last.trim_end_matches(is_padding).len());
                last.push(' ');
                last.push_str(line[quote_marks(line).1..].trim_start_matches(is_padding));
            }
            _ => joined.push((*line).to_owned()),
        }
    }
    joined.iter().map(|line| Line::new(line)).collect()
}

/// How the client broke long lines, where it did.
struct Wrapping {
    /// Characters of the longest line of prose.
    width: usize,
    /// A space at the end of a line says that it goes on (RFC 3676 §4.2).
    flowed: bool,
}

/// No client wraps prose narrower or wider than this, in characters.
const WRAP_CHARS: std::ops::RangeInclusive<usize> = 55..=100;

/// A line this long without an end of a sentence was broken by a client, not by a person.
const FULL_LINE_CHARS: usize = 62;

impl Wrapping {
    fn of(raw: &[&str]) -> Option<Self> {
        let prose = |line: &&&str| quote_marks(line).0 == 0 && line.split(' ').nth(2).is_some();
        let width = raw.iter().filter(prose).map(|line| chars(line)).max()?;
        if !WRAP_CHARS.contains(&width) {
            return None;
        }
        let forced = |pair: &&[&str]| Self { width, flowed: false }.continues(pair[0], pair[1]);
        let mid_sentence = |pair: &[&str]| goes_on(pair[0], pair[1].trim_start_matches(['>', ' ']));
        let seen = raw.windows(2).filter(forced).any(mid_sentence);
        let spaced = raw.windows(2).filter(forced).filter(|pair| pair[0].ends_with(' ')).count();
        let all_spaced = raw.iter().filter(prose).all(|line| line.ends_with(' '));
        let flowed = spaced > 0 && !all_spaced;
        (seen || flowed).then_some(Self { width, flowed })
    }

    /// Whether `next` goes on with what `line` began: its first word had no room there. A command is a
    /// line of its own, and joined to the text around it would not be seen, or would take that text along.
    fn continues(&self, line: &str, next: &str) -> bool {
        let ((depth, mark), (next_depth, start)) = (quote_marks(line), quote_marks(next));
        let bare = next[start..].trim_start_matches(is_padding);
        let first = bare.split(' ').next().unwrap_or("");
        depth == next_depth
            && !line.trim_matches(|c| is_padding(c) || c == '>').is_empty()
            && !first.is_empty()
            && !is_item(bare)
            && line != "-- "
            && (!self.flowed || line.ends_with(' '))
            && self.had_no_room(line, bare, first)
            && !begins_like_one(bare)
            && !begins_like_one(&line[mark..])
    }

    /// A sentence that runs over the end of the line may have been wrapped a little earlier than the
    /// longest line says.
    fn had_no_room(&self, line: &str, bare: &str, first: &str) -> bool {
        let length = chars(line) + 1 + chars(first);
        length > self.width || (goes_on(line, bare) && length + 4 > self.width)
    }
}

/// Whether a sentence runs over the end of the line.
fn goes_on(line: &str, next: &str) -> bool {
    let open = !line.trim_end().ends_with(['.', '!', '?', ':', ';']);
    open && (next.starts_with(char::is_lowercase) || chars(line) >= FULL_LINE_CHARS)
}

fn chars(text: &str) -> usize {
    text.trim_end().chars().count()
}

/// A line that begins an item of a list, or a rule.
fn is_item(bare: &str) -> bool {
    let mut chars = bare.chars();
    match chars.next() {
        Some('-' | '–' | '—' | '*' | '•' | '·' | '_' | '=') => true,
        Some('0'..='9') => {
            let rest = chars.as_str().trim_start_matches(|c: char| c.is_ascii_digit());
            rest.starts_with([')', '/']) || rest.starts_with(". ") || rest.starts_with("°")
        }
        _ => false,
    }
}
