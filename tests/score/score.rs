//! Prints how well the words are understood, over the labelled corpus.
//!
//! `cargo run --release --example score [-- --verbose] [FOLDER]`

#[path = "read.rs"]
mod read;

use complaintd::mail::reply;

fn main() {
    let verbose = std::env::args().any(|arg| arg == "--verbose");
    let folder = std::env::args().skip(1).find(|arg| !arg.starts_with("--"));
    let mails = read::corpus(folder.as_deref().unwrap_or("tests/data/corpus"));
    split_score(&mails, verbose);
}

fn split_score(mails: &[read::Mail], verbose: bool) {
    let (mut all, mut exact, mut right, mut given, mut wanted) = (0, 0, 0, 0, 0);
    for mail in mails.iter().filter(|mail| mail.is_human()) {
        let Some(label) = mail.word("reply_text") else { continue };
        let split = reply::split(mail.plain.as_deref(), mail.html.as_deref());
        all += 1;
        let same = equalised(&split.reply) == equalised(label);
        exact += usize::from(same);
        let (r, g, w) = overlap(&split.reply, label);
        right += r;
        given += g;
        wanted += w;
        if !same && verbose {
            println!("--- {} {}\n[{}]\n-- wanted\n[{}]", mail.file(), mail.label["client"], split.reply, label);
        }
    }
    println!(
        "reply_text exact {exact}/{all}  word precision {:.2} %  recall {:.2} %",
        100.0 * right as f64 / given as f64,
        100.0 * right as f64 / wanted as f64
    );
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
    let mut counts = std::collections::BTreeMap::new();
    for word in wanted.split_whitespace() {
        *counts.entry(word).or_insert(0usize) += 1;
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
