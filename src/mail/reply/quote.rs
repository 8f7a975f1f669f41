//! Marks the lines of earlier mails: quote marks, attribution lines, header blocks, separators.
//!
//! A line that only looks like an attribution (a paragraph that begins with "Le …", a rule of
//! dashes) stays with the person (TRAPS 24): an announcement must be complete in form, or be
//! followed by what it announces.

use super::Context;
use super::attribution::{attribution, is_told, names_time};
use super::line::{Line, Place};
use super::marks::is_marking;

pub fn mark(lines: &mut [Line], context: Context) {
    // A client that marks what it quotes needs no weaker sign.
    let shown_by_client = lines.iter().any(|line| line.place == Place::Quote);
    let trust = if context == Context::Answer && !shown_by_client { Trust::Weak } else { Trust::Strong };
    for line in lines.iter_mut().filter(|line| line.depth > 0 && !is_comparison(line)) {
        line.place = Place::Quote;
    }
    if context == Context::New && !shown_by_client && is_typed_by_hand(lines) {
        take_back_typed(lines);
    }
    let mut i = 0;
    while i < lines.len() {
        let announced = if lines[i].is_blank() { None } else { announcement(lines, i, trust) };
        match announced {
            Some(len) => i = take_announced(lines, i, i + len),
            None => i += 1,
        }
    }
    answers_in_colour(lines);
}

/// How much an announcement must show to count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// What only a client writes.
    Strong,
    /// What a person might have typed as well: the mail is known to answer another.
    Weak,
}

/// Whether the `>` of a new mail are the author's own (items of a list, emphasis): nothing in it
/// announces another mail.
fn is_typed_by_hand(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.depth > 0)
        && !(0..lines.len()).any(|at| !lines[at].is_blank() && announcement(lines, at, Trust::Weak).is_some())
}

/// Gives the author's own `>` back, but for a passage that the line above calls another's words.
fn take_back_typed(lines: &mut [Line]) {
    let mut told = false;
    for line in lines.iter_mut() {
        if line.depth > 0 {
            if !told {
                line.place = Place::Own;
            }
        } else if !line.is_blank() {
            told = is_told(line.folded());
        }
    }
}

/// "> 5 000 €" says "more than", where nothing else is quoted.
fn is_comparison(line: &Line) -> bool {
    line.depth == 1 && line.text.trim_start().starts_with('>') && {
        let bare = line.bare();
        bare.len() < 40 && bare.starts_with(|c: char| c.is_ascii_digit()) && bare.contains(['€', '%', '$'])
    }
}

/// How many lines announce an earlier mail from here on, if they do.
fn announcement(lines: &[Line], at: usize, trust: Trust) -> Option<usize> {
    if is_separator(lines[at].folded()) {
        return Some(1 + header_lines(&lines[at + 1..]));
    }
    header_block(&lines[at..], trust).or_else(|| attribution(&lines[at..], trust))
}

/// Marks the announcement, and all that follows it unless what follows carries its own marks.
fn take_announced(lines: &mut [Line], from: usize, to: usize) -> usize {
    for line in &mut lines[from..to] {
        line.place = Place::Quote;
    }
    // The rule that a client draws above.
    for line in lines[..from].iter_mut().rev() {
        if line.is_blank() || is_rule(line.folded()) {
            line.place = Place::Quote;
        } else {
            break;
        }
    }
    let first = lines[to..].iter().position(|line| !line.is_blank()).map(|at| to + at);
    let marked = first.is_some_and(|at| lines[at].place == Place::Quote);
    let own_announcement = lines[from].depth > 0;
    if marked || own_announcement {
        return to;
    }
    let end = first.and_then(|first| end_of_indented(lines, first)).unwrap_or(lines.len());
    for line in &mut lines[to..end] {
        line.place = Place::Quote;
    }
    end
}

/// Where the lines end that are quoted by what stands before each (mailx: a tab), if they are.
fn end_of_indented(lines: &[Line], first: usize) -> Option<usize> {
    const INDENTS: [&str; 3] = ["\t", "    ", "| "];
    let indent = INDENTS.iter().find(|indent| lines[first].text.starts_with(**indent))?;
    let goes_on = |line: &Line| line.is_blank() || line.bare() == "|" || line.text.starts_with(*indent);
    let length = lines[first..].iter().take_while(|line| goes_on(line)).count();
    // One line may be indented by chance.
    (length > 1).then_some(first + length)
}

pub fn is_rule(folded: &str) -> bool {
    folded.len() >= 5 && folded.chars().all(|c| matches!(c, '_' | '=' | '-' | '*' | '~' | ' '))
}

/// "-----Message d'origine-----" and its like, in the languages of the known clients.
fn is_separator(folded: &str) -> bool {
    const OPENING: [&str; 4] =
        ["begin forwarded message", "debut du message", "inicio del mensaje", "begin doorgestuurd bericht"];
    const NAMES: [&str; 26] = [
        "message d'origine",
        "mail original",
        "message original",
        "message transfere",
        "mail transfere",
        "original message",
        "original appointment",
        "forwarded message",
        "reply message",
        "oorspronkelijk bericht",
        "origineel bericht",
        "doorgestuurd bericht",
        "ursprungliche nachricht",
        "weitergeleitete nachricht",
        "mensaje original",
        "mensaje reenviado",
        "messaggio originale",
        "messaggio inoltrato",
        "mensagem original",
        "courriel original",
        "message initial",
        "e-mail d'origine",
        "message reexpedie",
        "message suivi",
        "original mail",
        "mensaje de origen",
    ];
    if OPENING.iter().any(|opening| folded.starts_with(opening)) && folded.len() < 60 {
        return true;
    }
    let name = folded.trim_start_matches(['-', '_', '=', '*', ' ']);
    name.len() + 2 <= folded.len()
        && folded.starts_with(['-', '_', '=', '*'])
        && NAMES.iter().any(|each| {
            name.strip_prefix(each).is_some_and(|rest| {
                rest.trim().is_empty() || rest.trim_start().starts_with(['-', '_', '=', '*'])
            })
        })
}

/// What a line of a header block tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Label {
    From,
    Date,
    To,
    Subject,
}

fn label(folded: &str) -> Option<Label> {
    const LABELS: [(&str, Label); 46] = [
        ("de", Label::From),
        ("from", Label::From),
        ("van", Label::From),
        ("von", Label::From),
        ("da", Label::From),
        ("expediteur", Label::From),
        ("de la part de", Label::From),
        ("sender", Label::From),
        ("remitente", Label::From),
        ("envoye", Label::Date),
        ("envoyee", Label::Date),
        ("envoye le", Label::Date),
        ("date", Label::Date),
        ("sent", Label::Date),
        ("verzonden", Label::Date),
        ("datum", Label::Date),
        ("gesendet", Label::Date),
        ("enviado", Label::Date),
        ("enviado el", Label::Date),
        ("fecha", Label::Date),
        ("data", Label::Date),
        ("inviato", Label::Date),
        ("date d'envoi", Label::Date),
        ("message du", Label::Date),
        ("sent on", Label::Date),
        ("a", Label::To),
        ("to", Label::To),
        ("aan", Label::To),
        ("an", Label::To),
        ("para", Label::To),
        ("pour", Label::To),
        ("destinataire", Label::To),
        ("destinataires", Label::To),
        ("cc", Label::To),
        ("copie a", Label::To),
        ("copie", Label::To),
        ("cci", Label::To),
        ("bcc", Label::To),
        ("reply-to", Label::To),
        ("repondre a", Label::To),
        ("objet", Label::Subject),
        ("sujet", Label::Subject),
        ("subject", Label::Subject),
        ("onderwerp", Label::Subject),
        ("betreff", Label::Subject),
        ("asunto", Label::Subject),
    ];
    let folded = folded.trim_start_matches(['*', ' ']);
    if let Some((at, _)) = folded.char_indices().take(24).find(|(_, c)| *c == ':') {
        let before = folded[..at].trim_matches(['*', ' ']);
        return LABELS.iter().find(|(word, _)| *word == before).map(|(_, label)| *label);
    }
    // Orange: "Message du 10/07/26 09:12".
    let dated = folded.strip_prefix("message du ")?;
    dated.starts_with(|c: char| c.is_ascii_digit()).then_some(Label::Date)
}

/// Lines of a header block behind a separator.
fn header_lines(lines: &[Line]) -> usize {
    let labelled = |line: &&Line| line.is_blank() || label(line.folded()).is_some();
    lines.iter().take(10).take_while(labelled).count()
}

/// A block of at least a sender, a date and one more, in whatever order. The head of a formal letter and
/// the particulars of a transfer look the same, but tell neither an address nor a time of day.
fn header_block(lines: &[Line], trust: Trust) -> Option<usize> {
    let first = label(lines[0].folded())?;
    if !matches!(first, Label::From | Label::Date) {
        return None;
    }
    let mut seen = vec![first];
    let mut len = 1;
    for line in lines[1..].iter().take(9) {
        match label(line.folded()) {
            Some(label) => seen.push(label),
            // An address list or a subject that went on in the next line.
            None if !line.is_blank() && len < 6 && seen.len() >= 2 && line.folded().len() < 80 => {}
            None => break,
        }
        len += 1;
    }
    let all = seen.contains(&Label::From)
        && seen.contains(&Label::Date)
        && (seen.contains(&Label::To) || seen.contains(&Label::Subject));
    // What was counted as going on may already be the letter.
    while all && label(lines[len - 1].folded()).is_none() {
        len -= 1;
    }
    (all && is_of_client(&lines[..len], trust)).then_some(len)
}

/// Whether a header block tells what clients tell.
fn is_of_client(block: &[Line], trust: Trust) -> bool {
    const SENT: [&str; 6] = ["envoye", "sent", "verzonden", "gesendet", "enviado", "inviato"];
    let address = block.iter().any(|line| line.folded().contains('@'));
    let dated = |line: &&Line| label(line.folded()) == Some(Label::Date);
    let time = block.iter().filter(dated).any(|line| names_time(line.folded()));
    let sent = block.iter().filter(dated).any(|line| {
        let folded = line.folded().trim_start_matches(['*', ' ']);
        SENT.iter().any(|word| folded.starts_with(word)) && folded.contains(|c: char| c.is_ascii_digit())
    });
    match trust {
        Trust::Strong => time && (address || sent),
        Trust::Weak => time || address || sent,
    }
}

/// Answers that only their colour tells from the quoted text (Outlook): the person says so above,
/// and the colour is one that the rest of the quote does not have.
fn answers_in_colour(lines: &mut [Line]) {
    const SAID: [&str; 20] = [
        "ci-dessous",
        "ci-apres",
        "en rouge",
        "en bleu",
        "en vert",
        "en couleur",
        "dans votre",
        "dans le texte",
        "below",
        "inline",
        "in red",
        "in blue",
        "in green",
        "hieronder",
        "in het rood",
        "in het blauw",
        "en rojo",
        "en azul",
        "abajo",
        "dans le corps",
    ];
    let said = lines
        .iter()
        .filter(|line| line.place == Place::Own)
        .any(|line| SAID.iter().any(|words| line.folded().contains(words)));
    if !said {
        return;
    }
    let quoted = lines.iter().filter(|line| line.place == Place::Quote && line.has_words());
    let (mut plain, mut coloured) = (0, 0);
    for line in quoted {
        if line.colour.as_deref().is_some_and(is_marking) {
            coloured += 1;
        } else {
            plain += 1;
        }
    }
    if coloured == 0 || plain < coloured {
        return;
    }
    for line in lines.iter_mut().filter(|line| line.place == Place::Quote) {
        if line.colour.as_deref().is_some_and(is_marking) {
            line.place = Place::Own;
        }
    }
}
