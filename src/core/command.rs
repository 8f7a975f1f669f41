//! What a colleague's mail asks for: commands on its first lines, one each, and the text that they are
//! about. Grammar only: who may do it, and whether the case allows it, is decided elsewhere.
//!
//! When it is not certain what is meant, the line is a mistake, and one mistake means that nothing of
//! the mail is carried out: a note that went to a customer cannot be called back (TRAPS 21). The one
//! exception is the wish to stop ([`Asked::wants_to_stop`]): it counts however it is written, and whatever
//! else is wrong. The caller keeps the letter held and asks, since to do nothing would let it go.

mod argument;
mod date;
mod mistake;
mod names;
mod slash;
mod words;

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::case::{Mediation, Outcome};
use super::facts::{Category, Flag, Language, Missing};
use super::fold::is_padding;
use super::ids::CaseNumber;

pub use date::{NoDate, Toward};
pub use mistake::Mistake;
pub use names::{FORMS, Form, Name, Text, Usage};
pub use words::Shown;

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

/// A line that stands where commands stand, or looks as if it did.
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
    /// What no command took: all of a mail without commands, and all below the commands where a line is
    /// wrong. Beside commands it is internal, since nothing says that it may leave.
    pub text: String,
}

impl Asked {
    /// What to do, in order; none when any line is wrong.
    pub fn commands(&self) -> Option<Vec<&Command>> {
        self.lines.iter().map(|line| line.means.as_ref().ok()).collect()
    }

    /// Whether any line, right or wrong, may be `/cancel`, or the first line of a mail without commands is nothing
    /// but that word: what is held stays held until it is certain.
    pub fn wants_to_stop(&self) -> bool {
        let mut lines = self.lines.iter().map(|line| line.written.as_str()).chain(self.text.lines());
        let is_the_word = |text| {
            names::named(text)
                .is_some_and(|(form, after)| form.name == Name::Cancel && names::normal(after).is_empty())
        };
        let first = self.text.lines().next().filter(|_| self.lines.is_empty());
        lines.any(slash::wants_to_stop) || first.is_some_and(is_the_word)
    }
}

/// Whether a line of a mail begins like a command, right or wrong, be it behind a bullet: where lines are joined
/// or cut, it stays one.
pub fn begins_like_one(line: &str) -> bool {
    slash::opening(line).is_some()
}

/// Reads the person's own words of a mail (`MailFacts::reply_text`). `today` completes dates without a year.
pub fn read(own_words: &str, today: Date) -> Asked {
    let (head, body) = parted(own_words);
    let owner = owner(&head, body, today);
    let mut lines: Vec<Line> = head
        .iter()
        .enumerate()
        .map(|(at, line)| Line {
            written: line.written.to_owned(),
            means: line.means(at, owner, body, today),
        })
        .collect();
    if head.len() <= MAX_COMMANDS {
        // Below an internal command alone, `Note: …` stays in the company anyway.
        let goes_out = head.is_empty() || head.iter().any(|line| line.text().goes_out());
        lines.extend(unmarked(body).filter(|_| goes_out));
        let hidden = body.lines().filter(|line| slash::hides_command(line)).take(MAX_COMMANDS);
        lines.extend(hidden.map(|line| wrong(line, Mistake::TooLate)));
    }
    let all_right = lines.iter().all(|line| line.means.is_ok());
    let is_taken = all_right && owner != Owner::Nobody;
    Asked { lines, text: if is_taken { String::new() } else { body.to_owned() } }
}

/// A line of the head, before it is known which one takes the text.
struct HeadLine<'t> {
    written: &'t str,
    /// What follows the slash.
    after: &'t str,
    command: Option<(&'static Form, &'t str)>,
}

impl HeadLine<'_> {
    fn text(&self) -> Text {
        self.command.map_or(Text::None, |(form, _)| form.text)
    }

    fn means(&self, at: usize, owner: Owner, body: &str, today: Date) -> Result<Command, Mistake> {
        if at == MAX_COMMANDS {
            return Err(Mistake::TooMany);
        }
        let text = if owner == Owner::Line(at) { body } else { "" };
        let means = self.with(text, today);
        let is_uncertain = owner == Owner::Uncertain && self.text().is_taken();
        match means {
            Ok(_) | Err(Mistake::NoText) if is_uncertain => Err(Mistake::TwoTexts),
            means => means,
        }
    }

    fn with(&self, text: &str, today: Date) -> Result<Command, Mistake> {
        let (form, argument) = self.command.ok_or_else(|| Mistake::unknown(self.after))?;
        if slash::hides_command(argument) {
            return Err(Mistake::TooLate);
        }
        argument::command(form, argument, text, today)
    }
}

/// The lines of the head, each beginning with a slash, and the text after them. Lines beyond the limit are left
/// to the text, where no word of them is lost.
fn parted(own_words: &str) -> (Vec<HeadLine<'_>>, &str) {
    let mut head = Vec::new();
    let mut rest = own_words;
    while !rest.is_empty() && head.len() <= MAX_COMMANDS {
        let (line, after_line) = rest.split_once('\n').unwrap_or((rest, ""));
        let written = line.trim_matches(is_padding);
        if let Some(after) = slash::after(written) {
            head.push(HeadLine { written, after, command: names::named(after) });
        } else if !written.is_empty() {
            break;
        }
        rest = after_line;
    }
    (head, rest.trim_matches(is_padding))
}

/// Whose the text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Owner {
    Nobody,
    Line(usize),
    Uncertain,
}

/// Where two commands take a text, it is certain only that the last one's stands below if that one needs
/// it and all others have theirs: one of the two places may be the customer's mailbox.
fn owner(head: &[HeadLine<'_>], body: &str, today: Date) -> Owner {
    let takers: Vec<usize> = (0..head.len()).filter(|at| head[*at].text().is_taken()).collect();
    let Some((last, others)) = takers.split_last() else { return Owner::Nobody };
    let reads = |at: &usize| head[*at].with("", today);
    let is_needed = |at: &usize| head[*at].text().is_needed();
    let wants_it = is_needed(last) && reads(last).is_err();
    let others_have_theirs = others.iter().all(|at| is_needed(at) && reads(at) != Err(Mistake::NoText));
    if others.is_empty() || body.is_empty() || (wants_it && others_have_theirs) {
        Owner::Line(*last)
    } else {
        Owner::Uncertain
    }
}

fn wrong(written: &str, mistake: Mistake) -> Line {
    Line { written: written.trim_matches(is_padding).to_owned(), means: Err(mistake) }
}

/// `Note: he lies` as first line of what would go to a customer.
fn unmarked(body: &str) -> Option<Line> {
    let first = body.lines().next()?;
    let (label, form) = names::labelled(first)?;
    Some(wrong(first, Mistake::Unclear { written: label.to_owned(), like: form.name }))
}
