//! MJML to HTML in which the placeholders survive, and the typography of a template's own words.

use mrml::prelude::parser::Error as ParseError;
use mrml::prelude::render::RenderOptions;

use super::TemplateError;
use super::words::{self, Tongue};

/// Stands where the French half of a letter in both languages ends, and where the English one does.
const SECOND: &str = "@@second@@";
const END: &str = "@@end@@";

pub(super) fn to_html(file: &str, source: &str) -> Result<String, TemplateError> {
    let wrong = |line, what: String| TemplateError {
        file: file.to_owned(),
        line,
        what,
        remedy: "see https://documentation.mjml.io for what MJML allows there".to_owned(),
    };
    let parsed = mrml::parse(source).map_err(|error| {
        wrong(position(&error).map(|at| line_of(source, at)), format!("this is no MJML: {error}"))
    })?;
    if let Some(warning) = parsed.warnings.first() {
        return Err(wrong(
            Some(line_of(source, warning.span.start)),
            format!("this is no MJML: {}", warning.kind),
        ));
    }
    let html = parsed.element.render(&RenderOptions::default());
    let html = html.map_err(|error| wrong(None, format!("MJML gave no HTML: {error}")))?;
    // An element that MJML does not have comes out as it went in.
    match html.split_once("<mj-") {
        Some((_, rest)) => {
            let name = rest.split([' ', '>', '/']).next().unwrap_or_default();
            let line = source.find(&format!("<mj-{name}")).map(|at| line_of(source, at));
            Err(wrong(line, format!("`mj-{name}` is no element of MJML, or not allowed there")))
        }
        None => Ok(lean(&html)),
    }
}

/// The HTML of both languages in one document, cut in two where the language changes: the head is
/// that of the first.
pub(super) fn both(file: &str, first: &str, second: &str) -> Result<(String, String), TemplateError> {
    let body = second
        .find("<mj-body")
        .and_then(|at| Some(at + second[at..].find('>')? + 1))
        .zip(second.rfind("</mj-body>"))
        .map_or("", |(start, end)| &second[start..end]);
    let joint = format!("<mj-raw>{SECOND}</mj-raw>{body}<mj-raw>{END}</mj-raw></mj-body>");
    let whole = to_html(file, &first.replacen("</mj-body>", &joint, 1))?;
    let (first, second) = whole.split_once(SECOND).ok_or_else(|| TemplateError {
        file: file.to_owned(),
        line: None,
        what: "it has no <mj-body>…</mj-body>".to_owned(),
        remedy: "put the letter between <mj-body> and </mj-body>".to_owned(),
    })?;
    Ok((first.to_owned(), format!("<div lang=\"en\">{}", second.replacen(END, "</div>", 1))))
}

fn position(error: &ParseError) -> Option<usize> {
    match error {
        ParseError::UnexpectedElement { position, .. }
        | ParseError::UnexpectedToken { position, .. }
        | ParseError::MissingAttribute { position, .. }
        | ParseError::InvalidAttribute { position, .. }
        | ParseError::InvalidFormat { position, .. } => Some(position.start),
        _ => None,
    }
}

fn line_of(source: &str, at: usize) -> usize {
    1 + source.bytes().take(at).filter(|b| *b == b'\n').count()
}

/// The indentation of the source is not sent.
fn lean(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for line in html.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Sets the punctuation of a template's own words; tags, styles and placeholders stay as they are.
pub(super) fn typeset(source: &str, tongue: Tongue) -> String {
    let mut out = String::with_capacity(source.len() + 64);
    let mut rest = source;
    while let Some((start, end)) = next_code(rest) {
        out.push_str(&words::typeset(&rest[..start], tongue));
        out.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    out.push_str(&words::typeset(rest, tongue));
    out
}

/// Where the next thing that is not words begins and ends.
fn next_code(text: &str) -> Option<(usize, usize)> {
    const KINDS: [(&str, &str); 6] =
        [("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("<mj-style", "</mj-style>"), ("<!--", "-->"), ("<", ">")];
    let start = text.find(['{', '<'])?;
    let Some((open, close)) = KINDS.iter().find(|(open, _)| text[start..].starts_with(open)) else {
        return Some((start, start + 1));
    };
    let inside = start + open.len();
    let end = text[inside..].find(close).map_or(text.len(), |at| inside + at + close.len());
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_typeset() {
        let source = "<p style=\"color : red\">Objet : {{ a if b else 'c : d' }} l'avis !</p>\
                      <mj-style>a : b</mj-style>{% if x %} ?";
        let set = typeset(source, Tongue::French);
        assert_eq!(
            set,
            "<p style=\"color : red\">Objet\u{202F}: {{ a if b else 'c : d' }} l’avis\u{202F}!</p>\
             <mj-style>a : b</mj-style>{% if x %}\u{202F}?"
        );
    }
}
