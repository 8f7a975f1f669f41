//! Templates of letters: embedded, overridable file by file, and all rendered once with sample values
//! when they are loaded, so that a hole is found at start and not in a customer's letter.
//!
//! A text template begins with a `Subject:` line. MJML is turned into HTML once, at load; what remains
//! for each letter is to fill in values. French typography is the loader's: authors write ordinary
//! spaces before `; : ! ?`, and a letter has narrow no-break ones.

mod filters;

use std::collections::BTreeMap;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use crate::core::letter::{LetterKind, LetterLanguage};

/// The embedded templates, by the name under which a file overrides them.
const EMBEDDED: &[(&str, &str)] = &[
    ("layout.mjml", include_str!("../../config/templates/layout.mjml")),
    ("fr/acknowledgement.txt", include_str!("../../config/templates/fr/acknowledgement.txt")),
    ("fr/acknowledgement.mjml", include_str!("../../config/templates/fr/acknowledgement.mjml")),
    ("en/acknowledgement.txt", include_str!("../../config/templates/en/acknowledgement.txt")),
    ("en/acknowledgement.mjml", include_str!("../../config/templates/en/acknowledgement.mjml")),
    ("fr/notice.txt", include_str!("../../config/templates/fr/notice.txt")),
];

/// Between the French and the English part of a letter in both.
const DIVIDER_TEXT: &str = "\n----------------------------------------------------------------\n\n";
const DIVIDER_MJML: &str = "<mj-section padding=\"0\"><mj-column><mj-divider border-width=\"1px\" \
                            border-color=\"#9aa5b1\" padding=\"12px 24px\" /></mj-column></mj-section>";

/// A mistake in a template, for the person who wrote it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("template {name}: {what}")]
pub struct TemplateError {
    pub name: String,
    pub what: String,
}

/// A letter's parts, filled in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filled {
    pub subject: String,
    pub text: String,
    /// None where a letter is text only (notices).
    pub html: Option<String>,
}

#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// Loads the embedded templates, with these files in place of those of the same name. Every mistake
    /// is told at once; `sample` holds a value for every variable.
    pub fn load(overrides: &BTreeMap<String, String>, sample: &Value) -> Result<Self, Vec<TemplateError>> {
        let mut errors: Vec<TemplateError> = overrides.keys().filter_map(|name| unknown(name)).collect();
        let source = |name: &str| -> String {
            let embedded = EMBEDDED.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text);
            overrides.get(name).map_or(embedded, String::as_str).to_owned()
        };
        let mut environment = environment();
        let mut add = |name: &str, text: Result<String, String>| {
            let added = text
                .and_then(|text| environment.add_template_owned(name.to_owned(), text).map_err(|e| told(&e)));
            errors.extend(added.err().map(|what| TemplateError { name: name.to_owned(), what }));
        };
        add("fr/acknowledgement.txt", Ok(french(&source("fr/acknowledgement.txt"))));
        add("en/acknowledgement.txt", Ok(source("en/acknowledgement.txt")));
        add("fr/notice.txt", Ok(french(&source("fr/notice.txt"))));
        let (fr, en) = (french(&source("fr/acknowledgement.mjml")), source("en/acknowledgement.mjml"));
        let layout = source("layout.mjml");
        add("fr/acknowledgement.html", html(&layout, "fr", &fr));
        add("en/acknowledgement.html", html(&layout, "en", &en));
        add("fr+en/acknowledgement.html", html(&layout, "fr", &format!("{fr}{DIVIDER_MJML}{en}")));
        let templates = Self { environment };
        if errors.is_empty() {
            errors.extend(templates.try_all(sample));
        }
        if errors.is_empty() { Ok(templates) } else { Err(errors) }
    }

    /// Fills in a letter. An undefined variable is an error that names it.
    pub fn fill(
        &self,
        kind: LetterKind,
        language: LetterLanguage,
        values: &Value,
    ) -> Result<Filled, TemplateError> {
        let text = |language: &str| self.render(&format!("{language}/{kind}.txt"), values);
        match (kind, language) {
            (LetterKind::Notice, _) => filled(&text("fr")?, None),
            (_, LetterLanguage::Both) => {
                let (fr, en) = (filled(&text("fr")?, None)?, filled(&text("en")?, None)?);
                let html = self.render(&format!("fr+en/{kind}.html"), values)?;
                Ok(Filled {
                    subject: both(&fr.subject, &en.subject),
                    text: format!("{}{DIVIDER_TEXT}{}", fr.text, en.text),
                    html: Some(html),
                })
            }
            (_, one) => {
                let html = self.render(&format!("{one}/{kind}.html"), values)?;
                filled(&text(one.word())?, Some(html))
            }
        }
    }

    fn render(&self, name: &str, values: &Value) -> Result<String, TemplateError> {
        let template = self.environment.get_template(name);
        let rendered = template.and_then(|template| template.render(values.clone()));
        rendered.map_err(|error| TemplateError { name: name.to_owned(), what: told(&error) })
    }

    fn try_all(&self, sample: &Value) -> Vec<TemplateError> {
        let tries = [
            (LetterKind::Acknowledgement, LetterLanguage::French),
            (LetterKind::Acknowledgement, LetterLanguage::English),
            (LetterKind::Acknowledgement, LetterLanguage::Both),
            (LetterKind::Notice, LetterLanguage::French),
        ];
        tries.into_iter().filter_map(|(kind, language)| self.fill(kind, language, sample).err()).collect()
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
    });
    filters::add(&mut environment);
    environment
}

/// An error with its line and reason, without the template's text around it.
fn told(error: &minijinja::Error) -> String {
    let line = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
    format!("{line}{error}; mend the template or remove the file, and the built-in one is used")
}

fn unknown(name: &str) -> Option<TemplateError> {
    if EMBEDDED.iter().any(|(known, _)| *known == name) {
        return None;
    }
    let nearest = EMBEDDED
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a.0, name).total_cmp(&strsim::jaro_winkler(b.0, name)));
    let meant = nearest.map(|(known, _)| format!("; did you mean {known}?")).unwrap_or_default();
    Some(TemplateError {
        name: name.to_owned(),
        what: format!("no letter has a template of this name{meant}"),
    })
}

/// MJML to HTML that survives Outlook; placeholders pass through.
fn html(layout: &str, language: &str, sections: &str) -> Result<String, String> {
    let mjml = layout.replace("{{ html_language }}", language).replace("BODY", sections);
    let parsed = mrml::parse(&mjml).map_err(|error| format!("the MJML cannot be read: {error}"))?;
    let rendered = parsed.element.render(&mrml::prelude::render::RenderOptions::default());
    rendered.map_err(|error| format!("the MJML cannot be rendered: {error}"))
}

/// Splits off the first line, which must be the subject.
fn filled(text: &str, html: Option<String>) -> Result<Filled, TemplateError> {
    let missing = || TemplateError {
        name: "*.txt".to_owned(),
        what: "the first line must be `Subject: …`, followed by an empty line".to_owned(),
    };
    let (first, rest) = text.split_once('\n').ok_or_else(missing)?;
    let subject = first.strip_prefix("Subject:").ok_or_else(missing)?.trim().to_owned();
    Ok(Filled { subject, text: squeeze(rest), html })
}

/// At most one empty line in a row, none at the ends: conditions leave gaps behind.
fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.trim().is_empty() && (out.is_empty() || out.ends_with("\n\n")) {
            continue;
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// `A [R-…]` and `B [R-…]` as `A / B [R-…]`.
fn both(french: &str, english: &str) -> String {
    match french.rsplit_once(" [") {
        Some((words, reference)) if english.ends_with(&format!(" [{reference}")) => {
            let english = &english[..english.len() - reference.len() - 2];
            format!("{words} / {english} [{reference}")
        }
        _ => format!("{french} / {english}"),
    }
}

/// French typography for a template's own words: narrow no-break space (U+202F) before `; : ! ?` and
/// inside « », typographic apostrophes. What stands in `{{ }}`, `{% %}` and tags is left alone.
fn french(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut inside: Option<&str> = None;
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if let Some(end) = inside {
            if rest.starts_with(end) {
                inside = None;
            }
        } else if let Some(end) =
            [("{{", "}}"), ("{%", "%}"), ("<", ">")].iter().find(|(open, _)| rest.starts_with(open))
        {
            inside = Some(end.1);
        } else if c == ' ' && rest[1..].starts_with([';', ':', '!', '?', '»'])
            || out.ends_with('«') && c == ' '
        {
            out.push('\u{202f}');
            rest = &rest[1..];
            continue;
        } else if c == '\'' {
            out.push('’');
            rest = &rest[1..];
            continue;
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_typography_is_set_in_words_and_nowhere_else() {
        assert_eq!(french("Oui : « non » !"), "Oui\u{202f}: «\u{202f}non\u{202f}»\u{202f}!");
        assert_eq!(french("l'objet {{ a if b == 'x' }}"), "l’objet {{ a if b == 'x' }}");
        assert_eq!(french("<a style='x : y'>ici ;</a>"), "<a style='x : y'>ici\u{202f};</a>");
    }

    #[test]
    fn a_subject_in_two_languages_has_one_reference() {
        assert_eq!(both("Accusé [R-1]", "Receipt [R-1]"), "Accusé / Receipt [R-1]");
    }

    #[test]
    fn gaps_are_squeezed() {
        assert_eq!(squeeze("\n\na\n\n\n\nb  \n\n"), "a\n\nb\n");
    }
}
