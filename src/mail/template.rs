//! The words of letters: embedded templates, replaceable one by one, checked whole at start.
//!
//! A template is text with minijinja placeholders, or MJML with the same, turned into HTML once, here.
//! Every template is written with samples before the desk starts, so that a mistake in one is found
//! then and not in front of a customer; all mistakes are told at once. Reading override files is not
//! done here: they come as texts.

mod check;
mod filter;
mod mjml;
pub mod words;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use crate::core::letter::{LetterKind, LetterLanguage};
use words::Tongue;

const EMBEDDED: [(&str, &str); 8] = [
    ("fr/acknowledgement.txt", include_str!("../../config/templates/fr/acknowledgement.txt")),
    ("fr/acknowledgement.mjml", include_str!("../../config/templates/fr/acknowledgement.mjml")),
    ("fr/notice.txt", include_str!("../../config/templates/fr/notice.txt")),
    ("fr/notice.mjml", include_str!("../../config/templates/fr/notice.mjml")),
    ("en/acknowledgement.txt", include_str!("../../config/templates/en/acknowledgement.txt")),
    ("en/acknowledgement.mjml", include_str!("../../config/templates/en/acknowledgement.mjml")),
    ("en/notice.txt", include_str!("../../config/templates/en/notice.txt")),
    ("en/notice.mjml", include_str!("../../config/templates/en/notice.mjml")),
];

/// First line of a text template, before the subject's words.
const SUBJECT: &str = "subject:";

/// A mistake in a template, for the person who wrote it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub struct TemplateError {
    /// As in `fr/acknowledgement.txt`.
    pub file: String,
    pub line: Option<usize>,
    pub what: String,
    pub remedy: String,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}; {}", self.what, self.remedy)
    }
}

/// What a template needed and did not get. Holds no value, so that it may be logged.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("template {file}, line {line}: {what}")]
pub struct Hole {
    pub file: String,
    pub line: usize,
    /// Names the variable.
    pub what: String,
    /// The variable, where it is known.
    pub variable: Option<String>,
}

/// A letter's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// All templates, ready; cheap to clone.
#[derive(Clone, Debug)]
pub struct Templates {
    french: Arc<Environment<'static>>,
    english: Arc<Environment<'static>>,
}

/// The name under which templates know the company's own words.
const OWN_WORDS: &str = "variables";

impl Templates {
    /// Names of the templates that can be replaced.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    /// The embedded templates, with `overrides` (name → text) in place of those of the same name.
    /// Templates know the company's own `words` as `variables.NAME`.
    pub fn load(
        overrides: &BTreeMap<String, String>,
        words: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<TemplateError>> {
        let mut errors = check::unknown_names(overrides);
        let sources: BTreeMap<&str, &str> = EMBEDDED
            .iter()
            .map(|(name, embedded)| (*name, overrides.get(*name).map_or(*embedded, String::as_str)))
            .collect();
        for (name, source) in &sources {
            errors.extend(check::source(name, source, words));
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut french = environment(Tongue::French, words);
        let mut english = environment(Tongue::English, words);
        for kind in LetterKind::ALL {
            errors.extend(add(&mut french, &mut english, *kind, &sources).err());
        }
        let templates = Self { french: Arc::new(french), english: Arc::new(english) };
        if errors.is_empty() {
            errors = check::written(&templates);
        }
        if errors.is_empty() { Ok(templates) } else { Err(errors) }
    }

    /// Writes a letter; `values` gives the variables for each language that it needs.
    pub fn write(
        &self,
        kind: LetterKind,
        language: LetterLanguage,
        values: impl Fn(Tongue) -> Value,
    ) -> Result<Written, Hole> {
        let one = |tongue: Tongue| -> Result<Written, Hole> {
            let values = values(tongue);
            let (subject, text) = self.text(kind, tongue, &values)?;
            let html = self.render(tongue, &format!("{kind}.html"), &values)?;
            Ok(Written { subject, text, html })
        };
        match language {
            LetterLanguage::French => one(Tongue::French),
            LetterLanguage::English => one(Tongue::English),
            LetterLanguage::Both => self.write_both(kind, values),
        }
    }

    /// French, then English, in one letter.
    fn write_both(&self, kind: LetterKind, values: impl Fn(Tongue) -> Value) -> Result<Written, Hole> {
        let (french, english) = (values(Tongue::French), values(Tongue::English));
        let (subject_fr, text_fr) = self.text(kind, Tongue::French, &french)?;
        let (subject_en, text_en) = self.text(kind, Tongue::English, &english)?;
        let mut html = self.render(Tongue::French, &format!("{kind}.first.html"), &french)?;
        html.push_str(&self.render(Tongue::English, &format!("{kind}.second.html"), &english)?);
        Ok(Written {
            subject: format!("{subject_fr} / {subject_en}"),
            text: format!("{text_fr}\n{}\n\n{text_en}", "*".repeat(40)),
            html,
        })
    }

    fn text(&self, kind: LetterKind, tongue: Tongue, values: &Value) -> Result<(String, String), Hole> {
        let whole = self.render(tongue, &format!("{kind}.txt"), values)?;
        let (first, rest) = whole.trim_start().split_once('\n').unwrap_or((whole.as_str(), ""));
        let subject = first.strip_prefix(SUBJECT).unwrap_or(first).trim().to_owned();
        Ok((subject, tidy(rest)))
    }

    fn render(&self, tongue: Tongue, name: &str, values: &Value) -> Result<String, Hole> {
        let environment = match tongue {
            Tongue::French => &self.french,
            Tongue::English => &self.english,
        };
        let template = environment.get_template(name).expect("each letter's templates were added at load");
        template.render(values.clone()).map_err(|error| check::hole(tongue, &error, &template, values))
    }
}

fn environment(tongue: Tongue, words: &BTreeMap<String, String>) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters differ from each other"));
    environment.set_debug(true);
    environment.set_auto_escape_callback(|name| match name.rsplit_once('.') {
        Some((_, "txt")) => AutoEscape::None,
        _ => AutoEscape::Html,
    });
    environment.set_formatter(filter::escape);
    filter::add(&mut environment, tongue);
    environment.add_global(OWN_WORDS, Value::from(words.clone()));
    environment
}

/// Adds the templates of a kind: each language's own text and HTML, and the HTML of both in two halves.
fn add(
    french: &mut Environment<'static>,
    english: &mut Environment<'static>,
    kind: LetterKind,
    sources: &BTreeMap<&str, &str>,
) -> Result<(), TemplateError> {
    let source = |tongue: Tongue, end: &str| {
        let name = format!("{}/{kind}.{end}", tongue.code());
        let text = sources.get(name.as_str()).expect("every kind of letter has an embedded template");
        (name, mjml::typeset(text, tongue))
    };
    for (environment, tongue) in [(&mut *french, Tongue::French), (&mut *english, Tongue::English)] {
        let (name, text) = source(tongue, "txt");
        put(environment, &name, format!("{kind}.txt"), text)?;
        let (name, mjml) = source(tongue, "mjml");
        put(environment, &name, format!("{kind}.html"), mjml::to_html(&name, &mjml)?)?;
    }
    let ((name, first), (_, second)) = (source(Tongue::French, "mjml"), source(Tongue::English, "mjml"));
    let (first, second) = mjml::both(&name, &first, &second)?;
    put(french, &name, format!("{kind}.first.html"), first)?;
    put(english, &name, format!("{kind}.second.html"), second)
}

fn put(
    environment: &mut Environment<'static>,
    file: &str,
    name: String,
    source: String,
) -> Result<(), TemplateError> {
    environment.add_template_owned(name, source).map_err(|error| check::mistake(file, &error))
}

/// No space at the end of lines, at most one empty line, one line end at the end.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && empty) {
            out.push_str(line);
            out.push('\n');
        }
        empty = line.is_empty();
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
