//! The person's own words, told apart from what they quoted and from their signature.
//!
//! Each line of the body ends in exactly one of the three texts: no word is ever dropped
//! (TRAPS 24). Time grows in proportion to the text. The structure of the HTML is used where
//! there is one (quote blocks and signature blocks of the known clients), rules on the text where
//! not. Nothing here knows what the words mean.

mod attribution;
mod entities;
mod formula;
mod html;
mod line;
mod marks;
mod name;
mod quote;
mod signature;
mod speech;
mod tag;

use std::collections::HashSet;

use crate::core::fold::is_padding;
use line::{Line, Place};

use crate::core::fold::fold;

/// A body in three parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Split {
    /// What the person newly wrote; paragraphs are separated by one blank line.
    pub reply: String,
    /// Earlier mails, with the lines that announce them.
    pub quoted: String,
    /// Closing formula and name, contact lines, disclaimers, what the mail program added.
    pub signature: String,
}

/// What the header fields say of the mail, so that signs which a person might have typed as well count
/// only where another mail is likely to be quoted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Context {
    /// Nothing says that it answers or forwards another mail.
    New,
    Answer,
}

impl Context {
    /// `answers`: the mail names another (RFC 5322 §3.6.4).
    pub fn of(answers: bool, subject: &str) -> Self {
        // "Re:", "RE :", "TR:" and what clients in other languages write.
        const PREFIXES: [&str; 14] =
            ["re", "r", "tr", "fw", "fwd", "rv", "aw", "wg", "antw", "sv", "doorst", "rif", "i", "enc"];
        let begin: String = subject.chars().take(16).collect();
        let begin = fold(&begin);
        let prefix = begin.split_once(':').map(|(prefix, _)| prefix.trim());
        let prefix = prefix.map(|prefix| prefix.trim_end_matches(|c: char| "[]()0123456789".contains(c)));
        if answers || prefix.is_some_and(|prefix| PREFIXES.contains(&prefix)) {
            Self::Answer
        } else {
            Self::New
        }
    }
}

/// Splits the body of a mail of which nothing else is known, given as text, as HTML, or as both.
pub fn split(plain: Option<&str>, html: Option<&str>) -> Split {
    split_within(plain, html, Context::New)
}

/// Splits the body of a mail, given as text, as HTML, or as both.
pub fn split_within(plain: Option<&str>, html: Option<&str>, context: Context) -> Split {
    let plain = plain.filter(|text| !text.trim().is_empty());
    let from_html = html.map(html::lines).filter(|lines| lines.iter().any(Line::has_words));
    let (mut lines, other) = match (plain, from_html) {
        (None, None) => return Split::default(),
        (Some(text), None) => (line::of_plain(text), None),
        (None, Some(lines)) => (lines, None),
        (Some(text), Some(lines)) => choose(text, lines),
    };
    quote::mark(&mut lines, context);
    signature::mark(&mut lines);
    let mut split = Split {
        reply: text_of(&lines, Place::Own),
        quoted: text_of(&lines, Place::Quote),
        signature: text_of(&lines, Place::Signature),
    };
    if let Some(other) = other {
        keep_other_words(&mut split, &other);
    }
    split
}

/// The HTML has the structure and the real line ends; the text is trusted where the HTML says
/// clearly less than it. The other of the two is returned as well, for the words only it has.
fn choose(plain: &str, html: Vec<Line>) -> (Vec<Line>, Option<String>) {
    let said = |text: &str| text.split_whitespace().filter(|word| !word.contains("://")).map(str::len).sum();
    let in_plain: usize = said(plain);
    let in_html: usize = html.iter().map(|line| said(&line.text)).sum();
    if in_plain * 10 > in_html * 13 && !is_stub(plain) {
        let other = html.into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n");
        (line::of_plain(plain), Some(other))
    } else {
        (without_space_of_style(html, plain), Some(plain.to_owned()))
    }
}

/// Longest text part that may say no more than that the mail is HTML, in bytes.
const MAX_STUB_BYTES: usize = 400;

/// "Your mail program does not show HTML."
fn is_stub(plain: &str) -> bool {
    const SIGNS: [&str; 12] = [
        "ne prend pas en charge",
        "ne supporte pas",
        "ne peut pas afficher",
        "n'affiche pas",
        "does not support",
        "doesn't support",
        "cannot display",
        "not able to display",
        "ondersteunt geen",
        "no admite",
        "no soporta",
        "unterstutzt kein",
    ];
    if plain.trim().len() > MAX_STUB_BYTES {
        return false;
    }
    let folded = fold(plain);
    folded.contains("html") && SIGNS.iter().any(|sign| folded.contains(sign))
}

/// A paragraph element may be no more than a line: where the text form goes on without a blank
/// line, so did the author.
fn without_space_of_style(html: Vec<Line>, plain: &str) -> Vec<Line> {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).take(24).collect::<String>();
    let last_letters =
        |text: &str| text.chars().rev().filter(|c| c.is_alphanumeric()).take(24).collect::<String>();
    let raw: Vec<&str> = plain.lines().collect();
    let adjacent: HashSet<(String, String)> = raw
        .windows(2)
        .map(|pair| (last_letters(pair[0]), letters(pair[1])))
        .filter(|(end, begin)| !end.is_empty() && !begin.is_empty())
        .collect();
    let mut kept: Vec<Line> = Vec::with_capacity(html.len());
    for line in html {
        if let [.., before, blank] = kept.as_slice()
            && blank.implied
            && adjacent.contains(&(last_letters(&before.text), letters(&line.text)))
        {
            kept.pop();
        }
        kept.push(line);
    }
    kept
}

/// Words of one form that are sought inside the other, at most.
const MAX_SEARCHES: usize = 300;

/// Words that only the other form of the body holds (addresses of links, mostly) go to the end of
/// the quoted text.
fn keep_other_words(split: &mut Split, other: &str) {
    let counts = |c: &char| c.is_alphanumeric() || matches!(c, '€' | '$' | '£');
    let bare = |word: &str| word.chars().filter(counts).collect::<String>();
    let whole = format!("{}\n{}\n{}", split.reply, split.signature, split.quoted);
    let known: HashSet<String> = whole.split_whitespace().map(bare).collect();
    let mut only_there: Vec<&str> = Vec::new();
    let mut stream: Option<String> = None;
    let mut searches = 0;
    for word in other.split_whitespace() {
        let letters = bare(word);
        if letters.is_empty() || known.contains(&letters) {
            continue;
        }
        // Lines run together in one form make words that the other form has in two pieces. The
        // search is bounded: a body with many such words keeps them all, which loses nothing.
        let stream = stream.get_or_insert_with(|| bare(&whole));
        let searched = searches < MAX_SEARCHES && stream.len() < 60_000;
        searches += 1;
        if !(searched && stream.contains(&letters)) {
            only_there.push(word);
        }
    }
    if !only_there.is_empty() {
        if !split.quoted.is_empty() {
            split.quoted.push_str("\n\n");
        }
        split.quoted.push_str(&only_there.join(" "));
    }
}

/// The lines of one place: runs that stood apart in the mail are separated by a blank line.
fn text_of(lines: &[Line], place: Place) -> String {
    let mut text = String::new();
    let mut gap = false;
    for line in lines {
        if line.place != place || line.text.trim().is_empty() {
            gap |= !signature::is_marker(line);
            continue;
        }
        if !text.is_empty() {
            text.push_str(if gap { "\n\n" } else { "\n" });
        }
        text.push_str(line.text.trim_matches(is_padding));
        gap = false;
    }
    text
}
