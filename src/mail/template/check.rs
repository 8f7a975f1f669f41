//! Finding the mistakes of templates at start, all of them, each with its place and its remedy.

use std::collections::BTreeMap;

use minijinja::{Error, ErrorKind, Template, Value};

use super::words::Tongue;
use super::{Hole, SUBJECT, TemplateError, Templates, environment, mjml};
use crate::core::letter::{LetterKind, LetterLanguage};
use crate::mail::compose;

/// Overrides that no letter would use.
pub(super) fn unknown_names(overrides: &BTreeMap<String, String>) -> Vec<TemplateError> {
    overrides
        .keys()
        .filter(|name| !Templates::names().any(|known| known == name.as_str()))
        .map(|name| TemplateError {
            file: name.clone(),
            line: None,
            what: "there is no template of this name".to_owned(),
            remedy: suggestion(name, Templates::names(), "the templates are"),
        })
        .collect()
}

/// The mistakes in one template as it was written: syntax, variables, form.
pub(super) fn source(name: &str, source: &str, words: &BTreeMap<String, String>) -> Vec<TemplateError> {
    let Some((tongue, kind, text_only)) = parts(name) else {
        return Vec::new();
    };
    let typeset = mjml::typeset(source, tongue);
    let mut environment = environment(tongue, words);
    if let Err(error) = environment.add_template_owned(name.to_owned(), typeset.clone()) {
        return vec![mistake(name, &error)];
    }
    let template = environment.get_template(name).expect("it was added just now");
    let mut errors = unknown_variables(name, source, kind, &template.undeclared_variables(false));
    if errors.is_empty() {
        let tried =
            compose::samples(kind, tongue).into_iter().filter_map(|values| template.render(values).err());
        errors.extend(tried.map(|error| mistake(name, &error)));
        errors.dedup();
    }
    if text_only {
        errors.extend(subject_missing(name, source));
    } else {
        errors.extend(mjml::to_html(name, &typeset).err());
        errors.extend(remote(name, source));
    }
    errors
}

/// Language, kind and whether it is plain text.
fn parts(name: &str) -> Option<(Tongue, LetterKind, bool)> {
    let (folder, file) = name.split_once('/')?;
    let (kind, end) = file.split_once('.')?;
    let tongue = Tongue::ALL.into_iter().find(|tongue| tongue.code() == folder)?;
    Some((tongue, LetterKind::from_word(kind)?, end == "txt"))
}

fn unknown_variables(
    file: &str,
    source: &str,
    kind: LetterKind,
    used: &std::collections::HashSet<String>,
) -> Vec<TemplateError> {
    let known = compose::variables(kind);
    let mut unknown: Vec<&String> =
        used.iter().filter(|name| !known.contains(&name.as_str()) && *name != super::OWN_WORDS).collect();
    unknown.sort();
    unknown
        .into_iter()
        .map(|name| TemplateError {
            file: file.to_owned(),
            line: source.lines().position(|line| line.contains(name.as_str())).map(|at| at + 1),
            what: format!("there is no variable `{name}`"),
            remedy: suggestion(name, known.iter().copied(), "the variables are"),
        })
        .collect()
}

fn suggestion<'a>(wrong: &str, known: impl Iterator<Item = &'a str>, all: &str) -> String {
    const NEAR: f64 = 0.75;
    let known: Vec<&str> = known.collect();
    let nearest = known
        .iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), *name))
        .filter(|(near, _)| *near >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, name)) => format!("did you mean `{name}`? {all} {}", known.join(", ")),
        None => format!("{all} {}", known.join(", ")),
    }
}

fn subject_missing(name: &str, source: &str) -> Option<TemplateError> {
    let first = source.lines().next().unwrap_or_default();
    let words = first.strip_prefix(SUBJECT).map(str::trim).unwrap_or_default();
    words.is_empty().then(|| TemplateError {
        file: name.to_owned(),
        line: Some(1),
        what: "the first line does not give the subject".to_owned(),
        remedy: "begin the file with a line `subject: WORDS`; the reference is added by itself".to_owned(),
    })
}

/// Nothing is fetched when a letter is read: no picture that counts readers, no font from elsewhere.
fn remote(name: &str, source: &str) -> Vec<TemplateError> {
    let fetches =
        ["<mj-image", "<img", "<mj-font", "<mj-include", "background-url", "url(", "<script", "src="];
    source
        .lines()
        .enumerate()
        .filter_map(|(at, line)| Some((at, fetches.into_iter().find(|what| line.contains(what))?)))
        .map(|(at, what)| TemplateError {
            file: name.to_owned(),
            line: Some(at + 1),
            what: format!("`{what}` would fetch something when the letter is read"),
            remedy: "write the letter without it: letters hold words only".to_owned(),
        })
        .collect()
}

/// What each letter must say, whoever wrote its template (DOMAIN §3), looked for in the samples.
pub(super) fn written(templates: &Templates) -> Vec<TemplateError> {
    let mut errors = Vec::new();
    for (kind, tongue) in LetterKind::ALL.iter().flat_map(|kind| Tongue::ALL.map(|tongue| (*kind, tongue))) {
        let language = tongue.pick(LetterLanguage::French, LetterLanguage::English);
        let values = compose::samples(kind, tongue).into_iter().next().expect("each kind has a sample");
        match templates.write(kind, language, |_| values.clone()) {
            Err(hole) => errors.push(hole.into()),
            Ok(letter) => {
                errors.extend(unsaid(kind, tongue, "txt", &letter.text, &values));
                errors.extend(unsaid(kind, tongue, "mjml", &unescaped(&letter.html), &values));
            }
        }
    }
    errors
}

fn unsaid(kind: LetterKind, tongue: Tongue, end: &str, text: &str, values: &Value) -> Vec<TemplateError> {
    let demanded: &[&str] = match kind {
        LetterKind::Acknowledgement => &[
            "reference",
            "subject",
            "received_at",
            "answer_by",
            "admissible_by",
            "documents",
            "missing",
            "legal_name",
            "department",
            "email",
            "phone",
            "postal",
            "privacy_url",
        ],
        LetterKind::Notice => &["reference", "happened", "steps", "dues", "complainant"],
    };
    demanded
        .iter()
        .filter(|name| !said(text, &values.get_attr(name).unwrap_or_default(), tongue))
        .map(|name| TemplateError {
            file: format!("{}/{kind}.{end}", tongue.code()),
            line: None,
            what: format!("the letter does not tell `{name}`, which it must"),
            remedy: format!(
                "use the variable, as the template that comes with the program does: {{{{ {name} }}}}"
            ),
        })
        .collect()
}

/// Whether the text tells a value: a day in letters, each entry of a list.
fn said(text: &str, value: &Value, tongue: Tongue) -> bool {
    if let Some(words) = value.as_str() {
        let day = words.parse::<jiff::civil::Date>().map(|day| super::words::date(day, tongue));
        return text.contains(&day.unwrap_or_else(|_| words.to_owned()));
    }
    let Ok(entries) = value.try_iter() else { return true };
    entries.into_iter().all(|entry| {
        let key = ["name", "text", "what"]
            .into_iter()
            .find_map(|key| entry.get_attr(key).ok()?.as_str().map(str::to_owned));
        text.contains(&key.unwrap_or_else(|| entry.to_string()))
    })
}

fn unescaped(html: &str) -> String {
    [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
        .into_iter()
        .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// A mistake that the template engine found.
pub(super) fn mistake(file: &str, error: &Error) -> TemplateError {
    let remedy = match error.kind() {
        ErrorKind::SyntaxError => {
            "mend the placeholder; see https://docs.rs/minijinja/latest/minijinja/syntax"
        }
        ErrorKind::UnknownFilter => "the filters of letters are `date`, `time`, `size`, `typeset`",
        ErrorKind::UndefinedError => "test it with {% if %} first, or use another variable",
        _ => "compare with the template that comes with the program",
    };
    TemplateError {
        file: file.to_owned(),
        line: error.line(),
        what: words_of(error),
        remedy: remedy.to_owned(),
    }
}

fn words_of(error: &Error) -> String {
    match (error.detail(), expression(error)) {
        (Some(detail), _) => format!("{}: {detail}", error.kind()),
        (None, Some(expression)) => format!("{}: `{expression}`", error.kind()),
        (None, None) => error.kind().to_string(),
    }
}

/// The part of the template at which it stopped: the variable's name and filters, never a value.
fn expression(error: &Error) -> Option<String> {
    let source = error.template_source()?;
    Some(source.get(error.range()?)?.trim().to_owned())
}

/// A failure while a real letter is written.
pub(super) fn hole(tongue: Tongue, error: &Error, template: &Template<'_, '_>, values: &Value) -> Hole {
    let line = error.line().unwrap_or(0);
    let variable = valueless(error, template, values, line);
    let what = variable.as_ref().map_or_else(|| error.kind().to_string(), |v| format!("`{v}` has no value"));
    Hole { file: format!("{}/{}", tongue.code(), template.name()), line, what, variable }
}

/// The variable that stopped the letter: the one at which it stopped, else one on that line.
fn valueless(error: &Error, template: &Template<'_, '_>, values: &Value, line: usize) -> Option<String> {
    let absent = |name: &String| values.get_attr(name).is_ok_and(|value| value.is_undefined());
    let mut names: Vec<String> = template.undeclared_variables(false).into_iter().filter(absent).collect();
    names.sort();
    let place = expression(error).unwrap_or_default();
    let line = template.source().lines().nth(line.saturating_sub(1)).unwrap_or_default();
    let on = |text: &str| names.iter().find(|name| text.contains(name.as_str())).cloned();
    on(&place).or_else(|| on(line))
}

impl From<Hole> for TemplateError {
    fn from(hole: Hole) -> Self {
        let remedy = "compare with the template that comes with the program".to_owned();
        Self { file: hole.file, line: Some(hole.line), what: hole.what, remedy }
    }
}

#[cfg(test)]
mod tests {
    use super::super::EMBEDDED;
    use super::*;

    #[test]
    fn every_embedded_template_is_named_for_a_language_and_a_kind() {
        assert!(EMBEDDED.iter().all(|(name, _)| parts(name).is_some()));
        assert_eq!(EMBEDDED.len(), Tongue::ALL.len() * LetterKind::ALL.len() * 2);
    }
}
