//! A line of a body, and the lines of a text part with the client's own wrapping undone.

use std::borrow::Cow;

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
    pub fn new(text: String) -> Self {
        let (depth, start) = quote_marks(&text);
        let bare = text[start..].trim_matches(is_padding);
        let mut end = bare.len().min(LOOKED_AT_BYTES);
        while !bare.is_char_boundary(end) {
            end -= 1;
        }
        let folded = fold(&bare[..end]);
        Self { text, depth, place: Place::Own, colour: None, implied: false, start, folded }
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
    let raw: Vec<Raw<'_>> = text.lines().map(|line| Raw::of(line.trim_end_matches('\r'))).collect();
    let wrapping = Wrapping::of(&raw);
    let mut joined: Vec<Cow<'_, str>> = Vec::with_capacity(raw.len());
    for (i, line) in raw.iter().enumerate() {
        match joined.last_mut() {
            Some(last) if wrapping.as_ref().is_some_and(|w| w.continues(&raw[i - 1], line)) => {
                let last = last.to_mut();
                last.truncate(last.trim_end_matches(is_padding).len());
                last.push(' ');
                last.push_str(line.bare());
            }
            _ => joined.push(line.text.into()),
        }
    }
    joined.into_iter().map(|line| Line::new(line.into_owned())).collect()
}

/// A line as it came.
struct Raw<'a> {
    text: &'a str,
    /// Number of `>` before it, and where the text behind them begins.
    depth: usize,
    start: usize,
    /// Characters, without the space at its end.
    chars: usize,
}

impl<'a> Raw<'a> {
    fn of(text: &'a str) -> Self {
        let (depth, start) = quote_marks(text);
        Self { text, depth, start, chars: chars(text) }
    }

    fn bare(&self) -> &'a str {
        self.text[self.start..].trim_start_matches(is_padding)
    }

    fn is_prose(&self) -> bool {
        self.depth == 0 && self.text.split(' ').nth(2).is_some()
    }
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
    fn of(raw: &[Raw<'_>]) -> Option<Self> {
        let width = raw.iter().filter(|line| line.is_prose()).map(|line| line.chars).max()?;
        if !WRAP_CHARS.contains(&width) {
            return None;
        }
        let any = Self { width, flowed: false };
        let forced: Vec<&[Raw<'_>]> =
            raw.windows(2).filter(|pair| any.continues(&pair[0], &pair[1])).collect();
        let mid_sentence = |pair: &&[Raw<'_>]| goes_on(&pair[0], pair[1].text.trim_start_matches(['>', ' ']));
        let seen = forced.iter().any(mid_sentence);
        let spaced = forced.iter().any(|pair| pair[0].text.ends_with(' '));
        let flowed =
            spaced && !raw.iter().filter(|line| line.is_prose()).all(|line| line.text.ends_with(' '));
        (seen || flowed).then_some(Self { width, flowed })
    }

    /// Whether `next` goes on with what `line` began: its first word had no room there. A command is a
    /// line of its own, and joined to the text around it would not be seen, or would take that text along.
    fn continues(&self, line: &Raw<'_>, next: &Raw<'_>) -> bool {
        let bare = next.bare();
        let first = bare.split(' ').next().unwrap_or("");
        line.depth == next.depth
            && !first.is_empty()
            && (!self.flowed || line.text.ends_with(' '))
            && self.had_no_room(line, bare, first)
            && !line.text.trim_matches(|c| is_padding(c) || c == '>').is_empty()
            && !is_item(bare)
            && line.text != "-- "
            && !begins_like_one(bare)
            && !begins_like_one(&line.text[line.start..])
    }

    /// A sentence that runs over the end of the line may have been wrapped a little earlier than the
    /// longest line says.
    fn had_no_room(&self, line: &Raw<'_>, bare: &str, first: &str) -> bool {
        let length = line.chars + 1 + chars(first);
        length > self.width || (length + 4 > self.width && goes_on(line, bare))
    }
}

/// Whether a sentence runs over the end of the line.
fn goes_on(line: &Raw<'_>, next: &str) -> bool {
    let open = !line.text.trim_end().ends_with(['.', '!', '?', ':', ';']);
    open && (next.starts_with(char::is_lowercase) || line.chars >= FULL_LINE_CHARS)
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
