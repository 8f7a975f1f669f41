//! The lines of an HTML body, with what its structure says about them.
//!
//! A scanner over tags, not a tree: mails are not valid HTML, and hostile ones nest without end.
//! What the known clients mark as a quote or a signature is marked here; all else is left to the
//! rules on text.

use super::entities::decode;
use super::line::{Line, Place};
use super::marks::{Mark, colour_of, mark_of};
use super::tag::{Tag, find_ignoring_case};

pub fn lines(html: &str) -> Vec<Line> {
    let mut scanner = Scanner { last_block: html.rfind("<blockquote"), ..Scanner::default() };
    let last_end = html.rfind('>').unwrap_or(0);
    let mut at = 0;
    while let Some(found) = html[at..].find('<') {
        scanner.text(&html[at..at + found]);
        at += found;
        let Some(tag) = (at < last_end).then(|| Tag::parse(&html[at..])).flatten() else {
            scanner.text("<");
            at += 1;
            continue;
        };
        at += tag.len;
        if let Some(skipped) = scanner.content_to_skip(&tag, &html[at..]) {
            at += skipped;
        } else {
            scanner.tag(&tag, at);
        }
    }
    scanner.text(&html[at..]);
    scanner.end_line();
    scanner.lines
}

/// What an open element says about the lines in it.
#[derive(Clone, Debug)]
struct Open {
    name: String,
    place: Option<Place>,
    colour: Option<String>,
    keeps_spaces: bool,
}

#[derive(Default)]
struct Scanner {
    lines: Vec<Line>,
    buffer: String,
    open: Vec<Open>,
    /// From here to the end it is a quoted mail (Outlook says where, not how far).
    rest_is_quote: bool,
    line_colour: Colour,
    /// Where the last quote block of the whole body begins.
    last_block: Option<usize>,
    /// Elements whose end was sought in vain: nobody looks for it again.
    endless: Vec<String>,
}

/// The colour of a line as far as it was read.
#[derive(Default, PartialEq, Debug)]
enum Colour {
    #[default]
    Unseen,
    All(String),
    Mixed,
}

/// Elements nested deeper are read without regard to their structure.
const MAX_DEPTH: usize = 400;
const VOID: [&str; 12] =
    ["br", "hr", "img", "meta", "link", "input", "area", "base", "col", "wbr", "source", "o:p"];
const BLOCKS: [&str; 24] = [
    "div",
    "p",
    "blockquote",
    "table",
    "tr",
    "ul",
    "ol",
    "li",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "body",
    "html",
    "head",
    "center",
    "section",
    "article",
    "dl",
    "dd",
];

impl Scanner {
    /// Bytes after the tag that are no text: styles, scripts, the title.
    fn content_to_skip(&mut self, tag: &Tag<'_>, rest: &str) -> Option<usize> {
        let skipped = matches!(tag.name.as_str(), "style" | "script" | "title");
        if tag.closes || !skipped || self.endless.contains(&tag.name) {
            return None;
        }
        let Some(at) = find_ignoring_case(rest, &format!("</{}", tag.name)) else {
            self.endless.push(tag.name.clone());
            return None;
        };
        Some(at + rest[at..].find('>').map_or(rest.len() - at, |end| end + 1))
    }

    fn tag(&mut self, tag: &Tag<'_>, at: usize) {
        let name = tag.name.as_str();
        if name == "br" {
            return self.break_line();
        }
        let block = BLOCKS.contains(&name);
        if block {
            self.end_line();
        } else if matches!(name, "td" | "th") && !self.buffer.is_empty() {
            self.buffer.push(' ');
        }
        if name == "p" && !tag.closes && is_spaced(tag) {
            self.blank_line();
        }
        if tag.closes {
            self.close(name);
        } else if !VOID.contains(&name) && !name.is_empty() {
            self.open(tag, at);
        }
    }

    fn open(&mut self, tag: &Tag<'_>, at: usize) {
        if self.open.len() >= MAX_DEPTH {
            return;
        }
        // A paragraph ends the paragraph before it.
        if tag.name == "p" && self.open.last().is_some_and(|open| open.name == "p") {
            self.open.pop();
        }
        let mark = mark_of(tag, self.last_block.is_some_and(|block| block >= at));
        self.rest_is_quote |= mark == Mark::QuoteToEnd;
        let style = tag.attribute("style").unwrap_or_default();
        self.open.push(Open {
            name: tag.name.clone(),
            place: match mark {
                Mark::Quote => Some(Place::Quote),
                Mark::Signature => Some(Place::Signature),
                Mark::QuoteToEnd | Mark::None => None,
            },
            colour: colour_of(tag, &style),
            keeps_spaces: tag.name == "pre"
                || style.contains("white-space: pre")
                || style.contains("white-space:pre"),
        });
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| open.name == name) {
            self.open.truncate(at);
        }
    }

    fn text(&mut self, raw: &str) {
        if raw.is_empty() {
            return;
        }
        let decoded = decode(raw);
        let keeps = self.open.iter().rev().any(|open| open.keeps_spaces);
        if decoded.chars().any(|c| !c.is_whitespace()) {
            self.see_colour();
        }
        for c in decoded.chars() {
            match c {
                '\n' if keeps => self.break_line(),
                ' ' | '\n' | '\t' | '\r' | '\u{c}' => {
                    if !self.buffer.ends_with(' ') && !self.buffer.is_empty() {
                        self.buffer.push(' ');
                    }
                }
                c => self.buffer.push(c),
            }
        }
    }

    fn see_colour(&mut self) {
        let now = self.open.iter().rev().find_map(|open| open.colour.clone());
        self.line_colour = match (std::mem::take(&mut self.line_colour), now) {
            (Colour::Unseen, Some(colour)) => Colour::All(colour),
            (Colour::All(old), Some(colour)) if old == colour => Colour::All(old),
            _ => Colour::Mixed,
        };
    }

    fn end_line(&mut self) {
        if self.buffer.trim_matches(' ').is_empty() {
            self.buffer.clear();
        } else {
            self.break_line();
        }
    }

    fn blank_line(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_blank()) {
            self.break_line();
            if let Some(line) = self.lines.last_mut() {
                line.implied = true;
            }
        }
    }

    fn break_line(&mut self) {
        let mut line = Line::new(self.buffer.trim_matches(' ').to_owned());
        self.buffer.clear();
        let place = self.open.iter().rev().find_map(|open| open.place);
        let quoted = self.open.iter().any(|open| open.place == Some(Place::Quote));
        line.place = match place {
            _ if self.rest_is_quote || quoted => Place::Quote,
            Some(place) => place,
            None => Place::Own,
        };
        if let Colour::All(colour) = std::mem::take(&mut self.line_colour) {
            line.colour = Some(colour);
        }
        self.lines.push(line);
    }
}

/// Whether a paragraph has space around it; Outlook's and Apple's have none.
fn is_spaced(tag: &Tag<'_>) -> bool {
    let class = tag.attribute("class").unwrap_or_default();
    let style = tag.attribute("style").unwrap_or_default().replace(' ', "");
    let flat = ["margin:0", "margin-top:0", "margin-bottom:0"].iter().any(|flat| style.contains(flat));
    !(class.contains("msonormal") || class.starts_with('p') && class.len() <= 3 || flat)
}
