//! Counts what was right and prints it beside the previous figures.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;

use crate::notes::Text;
use crate::validate::{Judged, MAILS, SOURCES};

/// The figures of the last change that was kept.
const BEFORE: &str = "tests/score/figures.tsv";

pub struct Table {
    verbose: bool,
    replies: Replies,
    fields: BTreeMap<&'static str, (usize, usize)>,
    sets: BTreeMap<&'static str, (usize, usize, usize)>,
    /// Found rightly, given, wanted.
    classes: BTreeMap<&'static str, (usize, usize, usize)>,
    /// Name, figure, and what it was counted from.
    lines: Vec<(String, f64, String)>,
}

#[derive(Default)]
struct Replies {
    all: usize,
    exact: usize,
    right: usize,
    given: usize,
    wanted: usize,
}

impl Table {
    pub fn new(verbose: bool) -> Self {
        Self {
            verbose,
            replies: Replies::default(),
            fields: BTreeMap::new(),
            sets: BTreeMap::new(),
            classes: BTreeMap::new(),
            lines: Vec::new(),
        }
    }

    fn wrong(&self, place: &str, field: &str, wanted: &str, given: &str) {
        if self.verbose {
            println!("{field:30} {place:45} wanted {wanted} got {given}");
        }
    }

    pub fn reply(&mut self, place: &str, wanted: Option<&str>, given: &str) {
        let Some(wanted) = wanted else { return };
        let same = equalised(given) == equalised(wanted);
        let (right, all_given, all_wanted) = overlap(given, wanted);
        self.replies.all += 1;
        self.replies.exact += usize::from(same);
        self.replies.right += right;
        self.replies.given += all_given;
        self.replies.wanted += all_wanted;
        if !same && self.verbose {
            println!("--- {place}\n[{given}]\n--- wanted\n[{wanted}]\n---");
        }
    }

    pub fn same(&mut self, place: &str, field: &'static str, wanted: Option<&str>, given: Option<&str>) {
        let entry = self.fields.entry(field).or_default();
        entry.1 += 1;
        if wanted == given {
            entry.0 += 1;
        } else {
            self.wrong(place, field, wanted.unwrap_or("-"), given.unwrap_or("-"));
        }
    }

    /// Whether exactly the documents of the label were found; names compared as composed.
    pub fn documents(&mut self, place: &str, wanted: &Value, given: Vec<(String, u64)>) {
        let wanted = wanted.as_array().into_iter().flatten();
        let text = |list: Vec<(String, u64)>| {
            let mut list: Vec<String> =
                list.iter().map(|(name, bytes)| format!("{} {bytes}", composed(name))).collect();
            list.sort();
            list.join(", ")
        };
        let wanted = text(
            wanted
                .map(|each| {
                    (each["name"].as_str().unwrap_or("").to_owned(), each["bytes"].as_u64().unwrap_or(0))
                })
                .collect(),
        );
        self.same(place, "attachments", Some(&wanted), Some(&text(given)));
    }

    /// One mail that is or is not of a class, and was or was not taken for one.
    pub fn found(&mut self, class: &'static str, wanted: bool, given: bool) {
        let entry = self.classes.entry(class).or_default();
        entry.0 += usize::from(wanted && given);
        entry.1 += usize::from(given);
        entry.2 += usize::from(wanted);
    }

    pub fn sets(&mut self, place: &str, field: &'static str, wanted: Vec<&str>, given: Vec<&str>) {
        let (wanted, given): (BTreeSet<&str>, BTreeSet<&str>) =
            (wanted.into_iter().collect(), given.into_iter().collect());
        let entry = self.sets.entry(field).or_default();
        entry.0 += wanted.intersection(&given).count();
        entry.1 += given.len();
        entry.2 += wanted.len();
        if wanted != given {
            self.wrong(place, field, &format!("{wanted:?}"), &format!("{given:?}"));
        }
    }

    fn line(&mut self, name: String, part: usize, whole: usize) {
        self.lines.push((name, percent(part, whole), format!("{part}/{whole}")));
    }

    /// The lines of all that was counted mail by mail.
    pub fn rules(&mut self) {
        let r = std::mem::take(&mut self.replies);
        self.line("reply_text exact".to_owned(), r.exact, r.all);
        self.line("reply_text word precision".to_owned(), r.right, r.given);
        self.line("reply_text word recall".to_owned(), r.right, r.wanted);
        for (field, (right, all)) in std::mem::take(&mut self.fields) {
            self.line(field.to_owned(), right, all);
        }
        for (field, (right, given, wanted)) in std::mem::take(&mut self.sets) {
            self.line(format!("{field} F1"), 2 * right, given + wanted);
        }
        for (class, (right, given, wanted)) in std::mem::take(&mut self.classes) {
            self.line(format!("{class} recall (committed weights)"), right, wanted);
            self.line(format!("{class} precision (committed weights)"), right, given);
        }
    }

    /// Of short answers without a mark: persons' that may be answered, and notes that are doubted.
    pub fn notes(&mut self, judged: &[(&Text, bool)]) {
        for (what, is_note) in
            [("a person's short answer is answered", false), ("an unmarked note is doubted", true)]
        {
            let mut sources: Vec<&str> = Vec::new();
            let asked = || judged.iter().filter(|(text, _)| text.is_note == is_note);
            for (text, given) in asked() {
                if !sources.contains(&&*text.source) {
                    sources.push(&text.source);
                }
                if *given != is_note {
                    self.wrong(&text.place, what, "yes", "no");
                }
            }
            for source in sources {
                let of_source = || asked().filter(|(text, _)| text.source == source);
                let right = of_source().filter(|(_, given)| *given == is_note).count();
                self.line(format!("{what}, without {source}"), right, of_source().count());
            }
        }
    }

    /// The lines of what was learned: for all sources and for each.
    pub fn learned(&mut self, how: &str, judged: &[Judged<'_>]) {
        for each in judged {
            let wanted = each.example.intent.unwrap_or(each.intent);
            if wanted != each.intent {
                self.wrong(
                    &each.example.place,
                    how,
                    wanted,
                    &format!("{} {:.2}", each.intent, each.confidence),
                );
            }
            if let Some(wanted) = graded(each).filter(|wanted| *wanted != each.category) {
                self.wrong(&each.example.place, how, wanted, each.category);
            }
        }
        self.group(&format!("{how}, all"), &judged.iter().collect::<Vec<_>>());
        let is_mail = |each: &&Judged<'_>| MAILS.contains(&each.example.source);
        self.group(&format!("{how}, whole mails"), &judged.iter().filter(is_mail).collect::<Vec<_>>());
        for source in SOURCES {
            let of_source: Vec<&Judged<'_>> =
                judged.iter().filter(|each| each.example.source == source).collect();
            self.group(&format!("{how}, {source}"), &of_source);
        }
    }

    fn group(&mut self, name: &str, judged: &[&Judged<'_>]) {
        let pairs: Vec<(&str, &str)> =
            judged.iter().filter_map(|each| Some((each.example.intent?, each.intent))).collect();
        self.line(
            format!("{name}: intent"),
            pairs.iter().filter(|pair| pair.0 == pair.1).count(),
            pairs.len(),
        );
        for class in ["complaint", "reexamination"] {
            let wanted = pairs.iter().filter(|pair| pair.0 == class).count();
            let given = pairs.iter().filter(|pair| pair.1 == class).count();
            let both = pairs.iter().filter(|pair| pair.0 == class && pair.1 == class).count();
            self.line(format!("{name}: {class} recall"), both, wanted);
            self.line(format!("{name}: {class} precision"), both, given);
        }
        let topics: Vec<(&str, &str)> =
            judged.iter().filter_map(|each| Some((graded(each)?, each.category))).collect();
        self.line(
            format!("{name}: category"),
            topics.iter().filter(|pair| pair.0 == pair.1).count(),
            topics.len(),
        );
    }

    /// What was taken for what, where it was wrong, the most frequent first.
    pub fn confusions(judged: &[Judged<'_>]) {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for each in judged {
            if let Some(wanted) = each.example.intent.filter(|wanted| *wanted != each.intent) {
                *counts.entry((wanted, each.intent)).or_default() += 1;
            }
        }
        let mut ordered: Vec<_> = counts.into_iter().collect();
        ordered.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        for ((wanted, given), count) in ordered.into_iter().take(20) {
            println!("{count:4}  {wanted} taken for {given}");
        }
    }

    pub fn print(&self) {
        let before = kept();
        println!("{:58} {:>7} {:>9}", "", "now", "before");
        for (name, figure, counted) in &self.lines {
            let before = before.get(name).map_or_else(|| "-".to_owned(), |figure| format!("{figure:.1} %"));
            println!("{name:58} {figure:5.1} % {before:>9}  ({counted})");
        }
    }

    /// Makes these figures the previous ones.
    pub fn keep(&self) {
        let mut text =
            String::from("# The figures of the last change that was kept: `score -- --keep` writes them.\n");
        for (name, figure, counted) in &self.lines {
            let _ = writeln!(text, "{name}\t{figure:.1}\t{counted}");
        }
        std::fs::write(BEFORE, text).unwrap_or_else(|error| panic!("{BEFORE}: {error}"));
    }
}

/// The category that a complaint or a re-examination is labelled with.
fn graded<'a>(judged: &Judged<'a>) -> Option<&'a str> {
    judged.example.category.filter(|_| matches!(judged.example.intent, Some("complaint" | "reexamination")))
}

fn kept() -> BTreeMap<String, f64> {
    let text = std::fs::read_to_string(BEFORE).unwrap_or_default();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a corpus are small")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// Accents in one piece with their letters, as far as French needs them.
fn composed(name: &str) -> String {
    const PAIRS: [(&str, &str); 8] = [
        ("e\u{301}", "é"),
        ("e\u{300}", "è"),
        ("e\u{302}", "ê"),
        ("a\u{300}", "à"),
        ("a\u{302}", "â"),
        ("o\u{302}", "ô"),
        ("u\u{302}", "û"),
        ("c\u{327}", "ç"),
    ];
    PAIRS.iter().fold(name.to_owned(), |name, (apart, one)| name.replace(apart, one))
}

/// Every kind of space made equal, as the corpus says to compare.
fn equalised(text: &str) -> String {
    text.lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Words in common, given, wanted.
fn overlap(given: &str, wanted: &str) -> (usize, usize, usize) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in wanted.split_whitespace() {
        *counts.entry(word).or_default() += 1;
    }
    let mut right = 0;
    for word in given.split_whitespace() {
        if let Some(count) = counts.get_mut(word).filter(|count| **count > 0) {
            *count -= 1;
            right += 1;
        }
    }
    (right, given.split_whitespace().count(), wanted.split_whitespace().count())
}
