//! One tag of an HTML body, read as browsers do where it is broken.

/// One tag; attributes are looked up on demand.
pub struct Tag<'a> {
    pub name: String,
    pub closes: bool,
    pub attributes: &'a str,
    /// Bytes from `<` to behind `>`.
    pub len: usize,
}

impl<'a> Tag<'a> {
    /// Reads the tag, comment or declaration that `html` begins with.
    pub fn parse(html: &'a str) -> Option<Self> {
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
    pub fn attribute(&self, name: &str) -> Option<String> {
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

pub fn find_ignoring_case(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes().windows(wanted.len()).position(|w| w.eq_ignore_ascii_case(wanted.as_bytes()))
}
