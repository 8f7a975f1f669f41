//! What a colleague's mail asks for: commands on its first lines, one each, and the text that they are
//! about. Grammar only: who may do it, and whether the case allows it, is decided elsewhere.
//!
//! When it is not certain what is meant, the line is a mistake, and one mistake means that nothing of
//! the mail is carried out: a note that went to a customer cannot be called back (TRAPS 21).

mod argument;
mod date;
mod mistake;
mod names;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::case::{Mediation, Outcome};
use super::facts::{Category, Flag, Language, Missing};
use super::ids::CaseNumber;

pub use mistake::Mistake;
pub use names::{Form, Name, Usage};

/// More lines than anybody writes.
pub const MAX_COMMANDS: usize = 30;

/// One thing to do. Texts are as written, without the empty lines around them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    Take,
    /// To whom, as written: a name or an address.
    Assign(String),
    /// Never leaves the company.
    Note(String),
    /// Goes to the customer.
    Reply(String),
    /// What the customer is asked for, and what is said beside it.
    Ask(BTreeSet<Missing>, String),
    Progress(String),
    /// The new date, and the reasons that the customer is told.
    Extend(Date, String),
    /// The decision, and the text with its three parts.
    Final(Outcome, String),
    Draft,
    Approve,
    Reject(String),
    Admissible,
    Inadmissible(String),
    Category(Category),
    Language(Language),
    Flag(Flag),
    Unflag(Flag),
    /// With the answer to send.
    NotAComplaint(String),
    Merge(CaseNumber),
    Split,
    Link(CaseNumber),
    Conflict(String),
    Close(Outcome),
    Reopen,
    Reexamine,
    Mediation(Mediation),
    Cause(String),
    Action(String),
    /// A letter that came by post, as described.
    Post(String),
    /// When a printed letter was posted, and its registered number.
    Posted(Date, Option<String>),
    Call(String),
    Hold,
    Unhold,
    Status,
    Cases,
    Help,
    Cancel,
}

/// A line that stands where commands stand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// As written, for the transcript.
    pub written: String,
    pub means: Result<Command, Mistake>,
}

/// What a mail asks for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asked {
    pub lines: Vec<Line>,
    /// What no command took: all of a mail without commands. Beside commands it is internal, since
    /// nothing says that it may leave.
    pub text: String,
}

impl Asked {
    /// What to do, in order; none when any line is wrong.
    pub fn commands(&self) -> Option<Vec<&Command>> {
        self.lines.iter().map(|line| line.means.as_ref().ok()).collect()
    }
}

/// A line of the head before it is known which one takes the text.
struct Draft<'t> {
    written: &'t str,
    form: &'static Form,
    argument: &'t str,
}

/// Reads the person's own words of a mail (`MailFacts::reply_text`). `today` completes dates without a year.
pub fn read(own_words: &str, today: Date) -> Asked {
    let (head, body) = parted(own_words);
    let mut lines: Vec<Result<Draft<'_>, Line>> = Vec::new();
    for written in head.into_iter().take(MAX_COMMANDS + 1) {
        if lines.len() == MAX_COMMANDS {
            lines.push(Err(wrong(written, Mistake::TooMany)));
            break;
        }
        lines.push(match names::named(&written[1..]) {
            Some((form, argument)) => Ok(Draft { written, form, argument }),
            None => Err(wrong(written, Mistake::unknown(&written[1..]))),
        });
    }
    let hidden = body.lines().filter(|line| is_hidden_command(line)).take(MAX_COMMANDS);
    lines.extend(hidden.map(|line| Err(wrong(line.trim(), Mistake::TooLate))));
    understood(lines, body, today)
}

fn wrong(written: &str, mistake: Mistake) -> Line {
    Line { written: written.to_owned(), means: Err(mistake) }
}

/// The lines of the head, each beginning with `/`, and the text after them.
fn parted(own_words: &str) -> (Vec<&str>, &str) {
    let mut head = Vec::new();
    let mut rest = own_words;
    loop {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let bare = bare(line);
        if begins_command(bare) {
            head.push(bare);
        } else if !bare.is_empty() {
            break;
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    (head, trimmed(rest))
}

/// Without white space and marks without width, which some clients put before a line.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}')
    })
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

fn begins_command(line: &str) -> bool {
    line.strip_prefix('/').is_some_and(|name| name.starts_with(char::is_alphabetic))
}

/// A command in the midst of the text, or behind a bullet: its writer believes that it counts.
fn is_hidden_command(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| !c.is_alphabetic() && c != '/');
    begins_command(line) && names::named(&line[1..]).is_some()
}

/// Gives the text to the last command that takes one. Another that needs it and has none of its own is
/// a mistake: the text would stand in one of two places, and one of them may be the customer's mailbox.
fn understood(drafts: Vec<Result<Draft<'_>, Line>>, body: &str, today: Date) -> Asked {
    let takes_text = |draft: &Result<Draft<'_>, Line>| draft.as_ref().is_ok_and(|d| d.form.takes_text);
    let owner = drafts.iter().rposition(takes_text);
    let lines = drafts
        .into_iter()
        .enumerate()
        .map(|(at, draft)| match draft {
            Err(line) => line,
            Ok(draft) => {
                let text = if owner == Some(at) { body } else { "" };
                let mut means = argument::command(draft.form.name, draft.argument, text, today);
                if means == Err(Mistake::NoText) && owner.is_some_and(|owner| owner != at) && !body.is_empty()
                {
                    means = Err(Mistake::TwoTexts);
                }
                Line { written: draft.written.to_owned(), means }
            }
        })
        .collect();
    Asked { lines, text: if owner.is_some() { String::new() } else { body.to_owned() } }
}
