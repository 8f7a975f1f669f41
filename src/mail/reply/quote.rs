//! Marks the lines of earlier mails: quote marks, attribution lines, header blocks, separators.
//!
//! A line that only looks like an attribution (a paragraph that begins with "Le …", a rule of
//! dashes) stays with the person (TRAPS 24): an announcement must be complete in form, or be
//! followed by what it announces.

use super::line::{Line, Place};
use super::marks::is_marking;

pub fn mark(lines: &mut [Line]) {
    for line in lines.iter_mut().filter(|line| line.depth > 0 && !is_comparison(line)) {
        line.place = Place::Quote;
    }
    let mut i = 0;
    while i < lines.len() {
        let announced = if lines[i].is_blank() { None } else { announcement(lines, i) };
        match announced {
            Some(len) => i = take_announced(lines, i, i + len),
            None => i += 1,
        }
    }
    answers_in_colour(lines);
}

/// "> 5 000 €" says "more than", where nothing else is quoted.
fn is_comparison(line: &Line) -> bool {
    line.depth == 1 && line.text.trim_start().starts_with('>') && {
        let bare = line.bare();
        bare.len() < 40 && bare.starts_with(|c: char| c.is_ascii_digit()) && bare.contains(['€', '%', '$'])
    }
}

/// How many lines announce an earlier mail from here on, if they do.
fn announcement(lines: &[Line], at: usize) -> Option<usize> {
    if is_separator(lines[at].folded()) {
        return Some(1 + header_lines(&lines[at + 1..]));
    }
    header_block(&lines[at..]).or_else(|| attribution(&lines[at..]))
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
    for line in &mut lines[to..] {
        line.place = Place::Quote;
    }
    lines.len()
}

fn is_rule(folded: &str) -> bool {
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
    let short: String = folded.chars().take(24).collect();
    if let Some((before, _)) = short.split_once(':') {
        let before = before.trim_matches(['*', ' ']);
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

/// A block of at least a sender, a date and one more, in whatever order.
fn header_block(lines: &[Line]) -> Option<usize> {
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
    all.then_some(len)
}

/// "Le 3 mars 2026 à 10:15, X a écrit :" on one to three lines.
fn attribution(lines: &[Line]) -> Option<usize> {
    let first = lines[0].folded();
    if !may_begin_attribution(first) {
        return None;
    }
    let mut text = String::new();
    for (i, line) in lines.iter().take(3).enumerate() {
        if i > 0 && (line.is_blank() || line.depth != lines[0].depth) {
            return None;
        }
        if i > 0 {
            text.push(' ');
        }
        text.push_str(line.folded());
        if text.len() > 400 {
            return None;
        }
        if ends_attribution(&text) {
            let next = lines[i + 1..].iter().find(|line| !line.is_blank());
            let announced = next.is_some_and(|next| next.place == Place::Quote);
            return (announced && lines[0].place != Place::Quote || names_sender_and_time(&text))
                .then_some(i + 1);
        }
    }
    None
}

fn may_begin_attribution(folded: &str) -> bool {
    const OPENINGS: [&str; 16] = [
        "le ",
        "on ",
        "op ",
        "el ",
        "am ",
        "il ",
        "em ",
        "a la date",
        "en date du",
        "am:",
        "den ",
        "vào",
        "dia ",
        "at ",
        "il giorno ",
        "w dniu ",
    ];
    OPENINGS.iter().any(|opening| folded.starts_with(opening))
        || WROTE.iter().any(|wrote| folded.contains(wrote))
        || folded.starts_with(|c: char| c.is_ascii_digit())
}

const WROTE: [&str; 12] = [
    "a ecrit",
    "wrote",
    "schreef",
    "escribio",
    "schrieb",
    "ha scritto",
    "escreveu",
    "geschreven",
    "ecrivait",
    "ecrit",
    "ha escrito",
    "skrev",
];

/// Whether the text ends as an attribution does: with the verb and a colon, the verb among the last
/// words ("schreef Divikeys <info@…>:").
fn ends_attribution(text: &str) -> bool {
    let Some(body) = text.trim_end().strip_suffix(':') else { return false };
    WROTE.iter().any(|wrote| {
        body.rfind(wrote).is_some_and(|at| {
            let after = body[at + wrote.len()..].trim();
            // The verb comes before the name in these two languages only.
            let named = ["schreef", "schrieb"].contains(wrote)
                && after.len() < 60
                && !after.contains(['.', ',', ';']);
            after.is_empty() || after.contains('@') || named
        })
    }) && body.chars().any(|c| c.is_ascii_digit() || c == '@')
}

/// A sender's address or a time of day beside a year: what no sentence of prose ends with.
fn names_sender_and_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let time = bytes.windows(4).any(|w| {
        w[0].is_ascii_digit() && matches!(w[1], b':' | b'h') && w[2].is_ascii_digit() && w[3].is_ascii_digit()
    });
    let digits = |n: usize| bytes.windows(n).any(|w| w.iter().all(u8::is_ascii_digit));
    let date =
        digits(4) || bytes.windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b'/' && w[2].is_ascii_digit());
    let address = text.contains('@');
    (address && (time || date)) || (time && date)
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
