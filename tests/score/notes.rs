//! Short texts, labelled as a note to anybody or a person's: what `mail/origin/note` learns from and is
//! judged by.

use complaintd::core::facts::Origin;
use complaintd::mail::origin::note;
use complaintd::mail::reply::{self, Context};
use serde_json::Value;

use crate::examples::{self, Features};
use crate::read;

/// One text; those of one source are by one person or of one desk.
pub struct Text {
    pub source: String,
    pub place: String,
    pub is_note: bool,
    /// Whether it is an answer without a mark, of which the program asks.
    pub is_asked: bool,
    pub features: Features,
}

/// All of them.
pub fn all() -> Vec<Text> {
    let mut texts = of_lines("tests/data/words/notes.jsonl", true);
    texts.extend(of_lines("tests/data/words/answers.jsonl", false));
    for desk in ["corpus", "unseen", "desk", "second-desk"] {
        texts.extend(of_desk(&format!("tests/data/{desk}")));
    }
    for table in ["examples", "complaints", "lesser"] {
        let file = format!("tests/data/words/{table}.tsv");
        texts.extend(
            examples::lines_of_table(&file)
                .into_iter()
                .map(|(place, words)| text("sentences", place, false, false, &words)),
        );
    }
    texts
}

fn text(source: &str, place: String, is_note: bool, is_asked: bool, words: &str) -> Text {
    let features = examples::collected(|visit| note::features(words, visit));
    Text { source: source.to_owned(), place, is_note, is_asked, features }
}

fn of_lines(file: &str, is_note: bool) -> Vec<Text> {
    let lines = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let each = |(number, line): (usize, &str)| {
        let line: Value = serde_json::from_str(line).expect("one object a line");
        let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        text(&word("writer"), format!("{file}:{}", number + 1), is_note, true, &word("text"))
    };
    lines.lines().enumerate().map(each).collect()
}

/// The short mails of a desk: persons', and answers of machines, marked or not.
fn of_desk(folder: &str) -> Vec<Text> {
    let mails = read::corpus(folder);
    let short = mails.iter().filter_map(|mail| {
        let is_note = matches!(mail.origin(), Origin::AutoReply | Origin::Receipt);
        let context = Context::of(mail.answers, &mail.subject);
        let words = reply::split_within(mail.plain.as_deref(), mail.html.as_deref(), context).reply;
        let fits = (is_note || mail.origin() == Origin::Human) && !note::is_long(&words);
        let is_asked = !is_note && mail.answers;
        fits.then(|| text(folder, format!("{folder}/{}", mail.file()), is_note, is_asked, &words))
    });
    short.collect()
}
