//! The lines of an HTML body, with what its structure says about them.
//!
//! A scanner over tags, not a tree: mails are not valid HTML, and hostile ones nest without end.
//! What the known clients mark as a quote or a signature is marked here; all else is left to the
//! rules on text.

use super::line::{Line, Place};
use crate::mail::understand::normalise::fold;

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

/// One tag; attributes are looked up on demand.
struct Tag<'a> {
    name: String,
    closes: bool,
    attributes: &'a str,
    /// Bytes from `<` to behind `>`.
    len: usize,
}

impl<'a> Tag<'a> {
    /// Reads the tag, comment or declaration that `html` begins with.
    fn parse(html: &'a str) -> Option<Self> {
        let other = |len: usize| Some(Self { name: String::new(), closes: false, attributes: "", len });
        if html.starts_with("<!--") {
            return other(html.find("-->").map_or(html.len(), |end| end + 3));
        }
        let closes = html[1..].starts_with('/');
        let from = if closes { 2 } else { 1 };
        let first = html[from..].chars().next()?;
        if !(first.is_ascii_alphabetic() || matches!(first, '!' | '?')) {
            return None;
        }
        let until = |c: char| c.is_whitespace() || matches!(c, '/' | '>');
        let name =
            html[from..].chars().take(32).take_while(|c| !until(*c)).collect::<String>().to_ascii_lowercase();
        if first.is_ascii_alphabetic() && (!is_element(&name) || name.contains(['@', '<'])) {
            return None;
        }
        let len = tag_end(html)?;
        let inside = &html[from..len - 1];
        let name_end = inside.find(until).unwrap_or(inside.len());
        Some(Self { name, closes, attributes: &inside[name_end..], len })
    }

    /// The value of an attribute, lower case.
    fn attribute(&self, name: &str) -> Option<String> {
        let lower = self.attributes.to_ascii_lowercase();
        let mut from = 0;
        while let Some(found) = lower[from..].find(name) {
            let at = from + found;
            let before_is_space = lower[..at].ends_with(|c: char| c.is_whitespace());
            let after = lower[at + name.len()..].trim_start();
            if let (true, Some(value)) = (before_is_space, after.strip_prefix('=')) {
                let value = value.trim_start();
                return Some(match value.chars().next() {
                    Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or("").to_owned(),
                    _ => value.split(|c: char| c.is_whitespace()).next().unwrap_or("").to_owned(),
                });
            }
            from = at + name.len();
        }
        None
    }
}

/// Behind the `>` that ends the tag; quoted values may hold one.
fn tag_end(html: &str) -> Option<usize> {
    let mut quote = None;
    let mut after_equals = false;
    let mut first = None;
    for (i, b) in html.bytes().enumerate() {
        match (quote, b) {
            (None, b'"' | b'\'') if after_equals => quote = Some(b),
            (Some(open), b) if b == open => quote = None,
            (None, b'>') => return Some(i + 1),
            (Some(_), b'>') => first = first.or(Some(i + 1)),
            _ => {}
        }
        after_equals = b == b'=' || (after_equals && b == b' ');
    }
    // A quote that never closes: the first `>` is the end.
    first
}

/// Elements of HTML; what else stands in angle brackets is text that was not escaped.
const ELEMENTS: [&str; 106] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "basefont",
    "bdi",
    "bdo",
    "big",
    "blink",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "data",
    "dd",
    "del",
    "details",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "mark",
    "meta",
    "nav",
    "nobr",
    "noscript",
    "object",
    "ol",
    "option",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "script",
    "section",
    "select",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
];

fn is_element(name: &str) -> bool {
    ELEMENTS.contains(&name) || name == "wbr" || name == "var" || name.contains([':', '-'])
}

fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|w| w.eq_ignore_ascii_case(wanted.as_bytes()))
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
        let mut line = Line::new(self.buffer.trim_matches(' '));
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

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Quote,
    QuoteToEnd,
    Signature,
}

const QUOTE_CLASSES: [&str; 8] = [
    "gmail_attr",
    "moz-cite-prefix",
    "yahoo_quoted",
    "protonmail_quote",
    "moz-forward-container",
    "outlookmessageheader",
    "zmail_extra",
    "tutanota_quote",
];
const QUOTE_IDS: [&str; 5] = ["yahoo_quoted", "reply-intro", "replybody", "isforwardcontent", "forwardbody"];
const QUOTE_TO_END_IDS: [&str; 5] = [
    "divrplyfwdmsg",
    "appendonsend",
    "mail-editor-reference-message-container",
    "olk_src_body_section",
    "ymail_android_reply",
];
const SIGNATURE_CLASSES: [&str; 6] = [
    "gmail_signature",
    "moz-signature",
    "protonmail_signature",
    "yahoo-signature",
    "apple-signature",
    "zimbra-signature",
];
const SIGNATURE_IDS: [&str; 8] = [
    "ms-outlook-mobile-signature",
    "composer_signature",
    "signature",
    "_rc_sig",
    "applemailsignature",
    "ymail_android_signature",
    "protonmail_mobile_signature",
    "x_signature",
];

/// What the class, id or style of the known clients says.
fn mark_of(tag: &Tag<'_>, block_follows: bool) -> Mark {
    if tag.attributes.is_empty() && tag.name != "blockquote" {
        return Mark::None;
    }
    let class = tag.attribute("class").unwrap_or_default();
    let id = tag.attribute("id").unwrap_or_default();
    let id = id.trim_start_matches("x_");
    if SIGNATURE_CLASSES.iter().any(|each| class.contains(each))
        || SIGNATURE_IDS.iter().any(|each| id.starts_with(each))
        || tag.attribute("data-marker").is_some_and(|marker| marker.starts_with("__sig"))
    {
        return Mark::Signature;
    }
    if QUOTE_TO_END_IDS.iter().any(|each| id == *each) {
        return Mark::QuoteToEnd;
    }
    if tag.name == "blockquote" {
        return if is_indentation(tag, &class) { Mark::None } else { Mark::Quote };
    }
    if QUOTE_CLASSES.iter().any(|each| class.contains(each))
        || QUOTE_IDS.iter().any(|each| id.starts_with(each))
    {
        return Mark::Quote;
    }
    // Gmail's container holds answers between blocks as well; without a block it is a forward.
    if class.contains("gmail_quote") && !block_follows {
        return Mark::Quote;
    }
    Mark::None
}

/// A block that the author indented, which says nothing of a quote.
fn is_indentation(tag: &Tag<'_>, class: &str) -> bool {
    let style = tag.attribute("style").unwrap_or_default().replace(' ', "");
    let cited = tag.attribute("type").is_some() || tag.attribute("cite").is_some() || class.contains("quote");
    !cited && (style.contains("border:none") || style.contains("border:0"))
}

/// A colour set on purpose: neither black nor a grey, which quotes and footers have.
fn colour_of(tag: &Tag<'_>, style: &str) -> Option<String> {
    let value = if tag.name == "font" {
        tag.attribute("color")?
    } else {
        let at = style.match_indices("color:").map(|(at, _)| at).find(|at| !style[..*at].ends_with('-'))?;
        style[at + 6..].split(';').next().unwrap_or("").to_owned()
    };
    Some(fold(value.trim()))
}

/// Whether a colour is one that a person chooses for answers.
pub fn is_marking(colour: &str) -> bool {
    let channels: Vec<u32> = if let Some(hex) = colour.strip_prefix('#') {
        let wide = hex.len() >= 6 && hex.is_ascii();
        (0..3)
            .filter_map(|i| {
                let digits = if wide { hex.get(i * 2..i * 2 + 2)? } else { hex.get(i..=i)? };
                u32::from_str_radix(digits, 16).ok().map(|v| if wide { v } else { v * 17 })
            })
            .collect()
    } else if let Some(list) = colour.strip_prefix("rgb(") {
        list.trim_end_matches(')').split(',').filter_map(|v| v.trim().parse().ok()).collect()
    } else {
        return ["red", "blue", "green", "purple", "orange", "magenta", "teal", "navy"].contains(&colour);
    };
    let (Some(most), Some(least)) = (channels.iter().max(), channels.iter().min()) else { return false };
    most - least > 60
}

/// Text with its character references resolved (HTML §13.5, the usual ones).
fn decode(raw: &str) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        match end.and_then(|end| Some((end, character(&rest[1..end])?))) {
            Some((end, c)) => {
                text.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                text.push('&');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

const NAMED: [(&str, char); 46] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("agrave", 'à'),
    ("acirc", 'â'),
    ("aacute", 'á'),
    ("ccedil", 'ç'),
    ("ocirc", 'ô'),
    ("oacute", 'ó'),
    ("ouml", 'ö'),
    ("ucirc", 'û'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("uuml", 'ü'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("iacute", 'í'),
    ("ntilde", 'ñ'),
    ("auml", 'ä'),
    ("szlig", 'ß'),
    ("oelig", 'œ'),
    ("Eacute", 'É'),
    ("Egrave", 'È'),
    ("Agrave", 'À'),
    ("Ccedil", 'Ç'),
    ("Ecirc", 'Ê'),
    ("euro", '€'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("rsquo", '’'),
    ("lsquo", '‘'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("deg", '°'),
    ("bull", '•'),
    ("zwnj", '\u{200c}'),
];

fn character(reference: &str) -> Option<char> {
    if let Some(number) = reference.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    NAMED.iter().find(|(name, _)| *name == reference).map(|(_, c)| *c)
}
