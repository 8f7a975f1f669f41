//! Counts what was right and prints it.

use std::collections::{BTreeMap, BTreeSet};

use crate::read::Mail;

pub struct Table {
    verbose: bool,
    time: std::time::Duration,
    replies: Replies,
    fields: BTreeMap<&'static str, (usize, usize)>,
    sets: BTreeMap<&'static str, (usize, usize, usize)>,
    intents: BTreeMap<&'static str, Vec<(String, String)>>,
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
            time: std::time::Duration::ZERO,
            replies: Replies::default(),
            fields: BTreeMap::new(),
            sets: BTreeMap::new(),
            intents: BTreeMap::new(),
        }
    }

    pub fn time(&mut self, per_mail: std::time::Duration) {
        self.time = per_mail;
    }

    fn wrong(&self, mail: &Mail, field: &str, wanted: &str, given: &str) {
        if self.verbose {
            println!("{field:30} {:45} wanted {wanted:?} got {given:?}", mail.file());
        }
    }

    pub fn reply(&mut self, mail: &Mail, given: &str) {
        let Some(wanted) = mail.word("reply_text") else { return };
        let same = equalised(given) == equalised(wanted);
        let (right, all_given, all_wanted) = overlap(given, wanted);
        self.replies.all += 1;
        self.replies.exact += usize::from(same);
        self.replies.right += right;
        self.replies.given += all_given;
        self.replies.wanted += all_wanted;
        if !same && self.verbose {
            println!("--- {} {}\n[{given}]\n--- wanted\n[{wanted}]\n---", mail.file(), mail.label["client"]);
        }
    }

    pub fn same(&mut self, mail: &Mail, field: &'static str, wanted: Option<&str>, given: Option<&str>) {
        let entry = self.fields.entry(field).or_default();
        entry.1 += 1;
        if wanted == given {
            entry.0 += 1;
        } else {
            self.wrong(mail, field, wanted.unwrap_or("-"), given.unwrap_or("-"));
        }
    }

    pub fn sets(&mut self, mail: &Mail, field: &'static str, wanted: Vec<&str>, given: Vec<&str>) {
        let (wanted, given): (BTreeSet<&str>, BTreeSet<&str>) =
            (wanted.into_iter().collect(), given.into_iter().collect());
        let entry = self.sets.entry(field).or_default();
        entry.0 += wanted.intersection(&given).count();
        entry.1 += given.len();
        entry.2 += wanted.len();
        if wanted != given {
            self.wrong(mail, field, &format!("{wanted:?}"), &format!("{given:?}"));
        }
    }

    pub fn intent(&mut self, mail: &Mail, how: &'static str, given: &str) {
        let wanted = mail.word("intent").unwrap_or("");
        self.intents.entry(how).or_default().push((wanted.to_owned(), given.to_owned()));
        if wanted != given {
            self.wrong(mail, how, wanted, given);
        }
    }

    pub fn print(&self) {
        let r = &self.replies;
        println!("{:44} {:6.1} %  ({}/{})", "reply_text exact", percent(r.exact, r.all), r.exact, r.all);
        println!("{:44} {:6.2} %", "reply_text word precision", percent(r.right, r.given));
        println!("{:44} {:6.2} %", "reply_text word recall", percent(r.right, r.wanted));
        for (how, pairs) in &self.intents {
            let right = pairs.iter().filter(|(wanted, given)| wanted == given).count();
            println!(
                "{:44} {:6.1} %  ({right}/{})",
                format!("intent ({how})"),
                percent(right, pairs.len()),
                pairs.len()
            );
            for class in ["complaint", "reexamination"] {
                let wanted = pairs.iter().filter(|pair| pair.0 == class).count();
                let given = pairs.iter().filter(|pair| pair.1 == class).count();
                let both = pairs.iter().filter(|pair| pair.0 == class && pair.1 == class).count();
                println!(
                    "{:44} {:6.1} %  precision {:.1} %",
                    format!("  {class} recall"),
                    percent(both, wanted),
                    percent(both, given)
                );
            }
        }
        for (field, (right, all)) in &self.fields {
            println!("{field:44} {:6.1} %  ({right}/{all})", percent(*right, *all));
        }
        println!("{:44} {:?}", "time per mail", self.time);
        for (field, (right, given, wanted)) in &self.sets {
            let f1 = percent(2 * right, given + wanted) / 100.0;
            println!(
                "{field:44}   F1 {f1:.2}  precision {:.1} %  recall {:.1} %",
                percent(*right, *given),
                percent(*right, *wanted)
            );
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a corpus are small")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
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
