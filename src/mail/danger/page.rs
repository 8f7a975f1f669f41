//! Whether a page in HTML is nothing but text and its looks. What cannot be told counts as active:
//! browsers run more than any list names.

use crate::mail::html::entities::decode_entities;

/// Elements that only show. Scripts, frames, objects, forms, drawings (which may run scripts) and `base`,
/// which turns every link elsewhere, are not among them.
const SHOWING: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
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
    "img",
    "ins",
    "li",
    "main",
    "mark",
    "meta",
    "nav",
    "o:p",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
];

/// No element but those that show, no handler of an event, no script behind a link, and an encoding in
/// which that can be told.
pub fn is_harmless(page: &[u8]) -> bool {
    let page = page.strip_prefix(b"\xef\xbb\xbf").unwrap_or(page);
    // UTF-16 has NULs; UTF-7 and ISO-2022 write signs in another way.
    if page.iter().any(|byte| matches!(byte, 0 | 0x0e | 0x0f | 0x1b)) {
        return false;
    }
    let page = String::from_utf8_lossy(page).to_ascii_lowercase();
    let mut rest = page.as_str();
    // A tag within a comment counts as one: a comment may end earlier than it seems.
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let tag = rest.strip_prefix('/').unwrap_or(rest);
        if tag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let end = tag.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/'));
            let (name, attributes) = tag.split_at(end.unwrap_or(tag.len()));
            // Up to the next tag, quoted or not: what stands in between is looked at as if it were in it.
            let attributes = attributes.split('<').next().unwrap_or_default();
            let attributes = if attributes.contains(['"', '\'']) {
                attributes
            } else {
                attributes.split('>').next().unwrap_or_default()
            };
            if !SHOWING.contains(&name) || !attributes_are_harmless(attributes) {
                return false;
            }
        } else if rest.starts_with('?') || rest.starts_with("![cdata") {
            return false;
        }
    }
    !page.contains("utf-7") && !page.contains("expression(") && !page.contains("-moz-binding")
}

fn attributes_are_harmless(attributes: &str) -> bool {
    let decoded = decode_entities(attributes);
    let compact: String = decoded.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let runs = ["script:", "data:text", "data:app", "data:image/svg", "behavior:"];
    let coded = ["&#", "&colon", "&tab", "&newline"];
    let refreshes = compact.contains("http-equiv") && compact.contains("refresh");
    !has_handler(attributes)
        && !refreshes
        && !coded.iter().any(|each| decoded.contains(each))
        && !runs.iter().any(|each| compact.contains(each))
}

/// `onclick =`: a word that begins with "on", and a sign of equality.
fn has_handler(attributes: &str) -> bool {
    let mut names = attributes.split('=');
    names.next_back();
    names.any(|before| {
        let before = before.trim_end_matches(|c: char| c.is_whitespace() || c.is_control());
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        name.len() > 2 && name.starts_with("on")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_its_looks_are_harmless() {
        for page in [
            "",
            "<!DOCTYPE html><html><head><meta charset=utf-8><title>Solde</title></head><body>12</body></html>",
            "<p style=\"color:red\">a < b, on line</p><br/><img src=\"logo.png\" alt='x'>",
            "<a href='https://x.example/?a=1&amp;b=2'>ici</a>",
            "<p style='x'>L&#39;op&#233;ration online once</p><td width=\"1\">refresh: ondes</td>",
            "<style>p { margin: 0 }</style><o:p></o:p>",
        ] {
            assert!(is_harmless(page.as_bytes()), "{page}");
        }
    }

    #[test]
    fn what_could_run_is_not() {
        for page in [
            "<script>x</script>",
            "<SCRIPT src=x>",
            "<!-- <script> -->",
            "<img src=x onerror=alert(1)>",
            "<img src=\"x>\" onload = \"y\">",
            "<img/onload=x>",
            "<a href=\"java\nscript:x\">",
            "<a href='&#106;avascript:x'>",
            "<a href='java&Tab;script:x'>",
            "<meta http-equiv=refresh content='0;url=x'>",
            "<iframe src=x>",
            "<form action=x><input name=password>",
            "<svg onload=x>",
            "<base href=x>",
            "<x:script>",
            "<?xml-stylesheet href=x?>",
            "<a href=data:text/html,x>",
            "+ADw-script+AD4- charset=utf-7",
            "<\0s\0c\0r\0i\0p\0t\0>",
        ] {
            assert!(!is_harmless(page.as_bytes()), "{page}");
        }
    }
}
