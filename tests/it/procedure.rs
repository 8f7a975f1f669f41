//! The procedure and the program say the same: each citation `PROCEDURE n.m` in the sources exists in
//! `docs/PROCEDURE.md`, and each numbered rule there is cited by a source or a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

use crate::sources::{Source, read_all};

/// A section (`3`) or a rule (`3.4`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Paragraph {
    Section(u32),
    Rule(u32, u32),
}

impl Paragraph {
    fn parse(text: &str) -> Self {
        let number = |part: &str| part.parse().expect("the pattern takes digits only");
        match text.split_once('.') {
            Some((section, rule)) => Self::Rule(number(section), number(rule)),
            None => Self::Section(number(text)),
        }
    }
}

fn document() -> BTreeSet<Paragraph> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/PROCEDURE.md");
    let text = std::fs::read_to_string(file).expect("the procedure");
    let heading = Regex::new(r"(?m)^(?:## (\d+)\.|\*\*(\d+\.\d+)\*\*)").expect("a pattern");
    heading
        .captures_iter(&text)
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|number| Paragraph::parse(number.as_str()))
        .collect()
}

/// What a text cites: `PROCEDURE 2.1, 3, 4.1` and the range `PROCEDURE 3.1–3.6`.
fn cited(text: &str) -> BTreeSet<Paragraph> {
    let list = Regex::new(r"PROCEDURE (\d+(?:\.\d+)?(?:(?:, |–| and )\d+(?:\.\d+)?)*)").expect("a pattern");
    let mut all = BTreeSet::new();
    for found in list.captures_iter(text) {
        for part in found[1].replace(" and ", ", ").split(", ") {
            let mut ends = part.split('–').map(Paragraph::parse);
            let first = ends.next().expect("a list has parts");
            match (first, ends.next()) {
                (Paragraph::Rule(section, from), Some(Paragraph::Rule(_, to))) => {
                    all.extend((from..=to).map(|rule| Paragraph::Rule(section, rule)));
                }
                (first, last) => all.extend([Some(first), last].into_iter().flatten()),
            }
        }
    }
    all
}

fn citations() -> BTreeMap<Paragraph, Vec<String>> {
    let mut by_paragraph: BTreeMap<Paragraph, Vec<String>> = BTreeMap::new();
    for Source { path, text } in read_all(&["src", "tests"]) {
        if path == "tests/it/procedure.rs" {
            continue;
        }
        for paragraph in cited(&text) {
            by_paragraph.entry(paragraph).or_default().push(path.clone());
        }
    }
    by_paragraph
}

#[test]
fn each_citation_is_a_paragraph_of_the_procedure() {
    let document = document();
    for (paragraph, files) in citations() {
        assert!(
            document.contains(&paragraph),
            "{paragraph:?}, cited in {files:?}, is not in docs/PROCEDURE.md"
        );
    }
}

#[test]
fn each_rule_is_cited_where_it_is_carried_out_or_tested() {
    let citations = citations();
    let silent: Vec<Paragraph> = document()
        .into_iter()
        .filter(|paragraph| matches!(paragraph, Paragraph::Rule(..)) && !citations.contains_key(paragraph))
        .collect();
    assert!(silent.is_empty(), "no source or test cites {silent:?} of docs/PROCEDURE.md");
}

#[test]
fn rules_are_numbered_without_gaps() {
    let document = document();
    for paragraph in &document {
        let before = match paragraph {
            Paragraph::Section(1) => continue,
            Paragraph::Section(n) => Paragraph::Section(n - 1),
            Paragraph::Rule(section, 1) => Paragraph::Section(*section),
            Paragraph::Rule(section, n) => Paragraph::Rule(*section, n - 1),
        };
        assert!(document.contains(&before), "{paragraph:?} without {before:?}");
    }
    assert!(document.len() > 30, "the pattern finds the rules: {}", document.len());
}

#[test]
fn citations_are_read_with_lists_and_ranges() {
    use Paragraph::{Rule, Section};
    let text = "// (PROCEDURE 2.2–2.4, TRAPS 9) and PROCEDURE 3, 4.1 and 5.2.";
    assert_eq!(
        cited(text).into_iter().collect::<Vec<_>>(),
        [Section(3), Rule(2, 2), Rule(2, 3), Rule(2, 4), Rule(4, 1), Rule(5, 2)]
    );
}
