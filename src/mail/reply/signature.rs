//! Marks the signature among the person's own lines: client footers, disclaimers, what stands below
//! `-- `, and a closing formula or a name with what follows it.
//!
//! When in doubt a line stays with the text: a name too many in it hurts less than a word too few.

use super::formula::{Closing, closing, is_postscript, is_thanks};
use super::line::{Line, Place};
use super::name::{Strictness, is_name_line};

/// Longest signature that is recognised without a separator, in lines with words.
const MAX_SIGNATURE_LINES: usize = 14;

pub fn mark(lines: &mut [Line]) {
    for line in lines.iter_mut().filter(|line| line.place == Place::Own) {
        if is_footer(line.folded()) || is_disclaimer(line.folded()) {
            line.place = Place::Signature;
        }
    }
    let mut from = 0;
    while from < lines.len() {
        let run = lines[from..].iter().take_while(|line| line.place != Place::Quote).count();
        if run > 0 {
            mark_run(&mut lines[from..from + run]);
        }
        from += run.max(1);
    }
}

/// One stretch of own lines between two quotes.
fn mark_run(run: &mut [Line]) {
    let mut end = run.len();
    if let Some(at) = run.iter().position(is_delimiter) {
        for line in &mut run[at..] {
            line.place = Place::Signature;
        }
        end = at;
    } else if let Some(at) = run.iter().position(|line| line.place == Place::Signature && line.has_words()) {
        // A marked block with nothing but the signature of the client behind it.
        let own_after = run[at..].iter().any(|line| line.place == Place::Own && line.has_words());
        if !own_after {
            end = at;
        }
    }
    let below = end < run.len() && run[end..].iter().any(|line| is_name_line(line, Strictness::AfterClosing));
    let own: Vec<usize> = (0..end).filter(|i| run[*i].place == Place::Own && !run[*i].is_blank()).collect();
    if let Some(at) = begin(run, &own, below) {
        for line in &mut run[at..end] {
            line.place = Place::Signature;
        }
    }
}

/// `-- ` (RFC 3676 §4.3), with or without its space.
fn is_delimiter(line: &Line) -> bool {
    line.depth == 0 && matches!(line.bare(), "--" | "—" | "–" | "-- --")
}

/// Index of the line where the signature begins, among the lines with words.
fn begin(run: &[Line], own: &[usize], name_below: bool) -> Option<usize> {
    let first = own.len().saturating_sub(MAX_SIGNATURE_LINES);
    let tail = &own[first..];
    for (k, &at) in tail.iter().enumerate() {
        let after = &tail[k + 1..];
        match closing(&run[at]) {
            Closing::WithName if after.iter().all(|&i| is_contact_line(&run[i])) => return Some(at),
            Closing::Formula => {
                let name_first = after.first().is_some_and(|&i| {
                    is_name_line(&run[i], Strictness::AfterClosing)
                        || (after.len() > 1 && is_contact_line(&run[i]))
                });
                let alone = after.is_empty() && name_below;
                let formulas = after.first().is_some_and(|&i| closing(&run[i]) == Closing::Formula);
                let fits =
                    after.iter().all(|&i| is_contact_line(&run[i]) || closing(&run[i]) != Closing::None);
                let letter_ends =
                    name_first && !is_thanks(&run[at]) && after.iter().all(|&i| !is_postscript(&run[i]));
                if alone
                    || letter_ends
                    || (fits && (name_first || (formulas && (after.len() > 1 || name_below))))
                {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    name_block(run, own, first)
}

/// A name without a closing formula, at the end, set apart by a blank line or by its form.
fn name_block(run: &[Line], own: &[usize], first: usize) -> Option<usize> {
    for k in first.max(1)..own.len() {
        let at = own[k];
        let before = &run[own[k - 1]];
        let set_apart = own[k - 1] + 1 < at;
        let strictness = if set_apart { Strictness::SetApart } else { Strictness::NextLine };
        let sentence_before = before.bare().ends_with(['.', '!', '?', '…', ')', '"', '»', ',', '😊', '🙏'])
            || !is_name_line(before, Strictness::SetApart);
        let fits = own[k + 1..].iter().all(|&i| is_contact_line(&run[i]));
        let enough = set_apart || before.bare().ends_with(['.', '!', '?', '…', ')']);
        if fits
            && enough
            && closing(&run[at]) == Closing::None
            && sentence_before
            && is_name_line(&run[at], strictness)
        {
            return Some(at);
        }
    }
    None
}

/// A line that may stand in a signature below the name: short, no sentence.
fn is_contact_line(line: &Line) -> bool {
    let bare = line.bare();
    if line.place == Place::Signature || bare.is_empty() {
        return true;
    }
    let length = bare.chars().count();
    if length > 110 || line.depth > 0 {
        return false;
    }
    let words = bare.split_whitespace().count();
    let contact = bare.contains('@') || bare.contains("www.") || bare.contains("http") || digits(bare) >= 8;
    if contact && length <= 110 && !bare.contains('?') {
        return words <= 16;
    }
    let sentence = words >= 5 && bare.ends_with(['.', '!', '?']) || bare.contains('?') || bare.ends_with(':');
    let item = bare.starts_with(['-', '*', '•']) && words > 4;
    !sentence && !item && (length <= 64 || bare.contains(['|', '•', '–', '·'])) && !is_postscript(line)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// What a mail program or telephone writes below a mail.
fn is_footer(folded: &str) -> bool {
    const OPENINGS: [&str; 58] = [
        "envoye de mon",
        "envoye depuis",
        "envoye a partir de",
        "envoye avec",
        "envoye via",
        "envoye par mon",
        "envoye de l'",
        "envoye de yahoo",
        "envoye de outlook",
        "envoye de ma ",
        "envoye a l'aide de",
        "sent from my",
        "sent from yahoo",
        "sent from outlook",
        "sent from mail",
        "sent from the ",
        "sent from a ",
        "sent from proton",
        "sent from samsung",
        "sent from gmail",
        "sent via ",
        "sent with ",
        "sent using ",
        "get outlook for",
        "telecharger outlook",
        "obtenir outlook",
        "obtenez outlook",
        "provenance : courrier",
        "provenance: courrier",
        "provenance : mail",
        "enviado desde",
        "enviado con",
        "enviado a traves",
        "obtener outlook",
        "descargar outlook",
        "verstuurd vanaf",
        "verzonden vanaf",
        "verzonden met",
        "verstuurd met",
        "verzonden via",
        "outlook voor ",
        "download outlook",
        "outlook pour ",
        "outlook para ",
        "outlook fur ",
        "gesendet von",
        "von meinem iphone",
        "gesendet mit",
        "inviato da",
        "diese nachricht wurde",
        "garanti sans virus",
        "sans virus",
        "virus-free",
        "virusvrij",
        "l'absence de virus",
        "mail envoye depuis",
        "message envoye depuis",
        "ecrit depuis mon",
    ];
    folded.len() < 160
        && OPENINGS.iter().any(|opening| folded.starts_with(opening))
        && !folded.contains(" le ")
        || folded.starts_with("cet e-mail a ete verifie par")
        || folded.starts_with("cet email a ete verifie par")
        || folded.starts_with("this email has been checked for viruses")
}

/// Legal notices below business mail.
fn is_disclaimer(folded: &str) -> bool {
    const SIGNS: [&str; 30] = [
        "confidentiel",
        "destinataire",
        "par erreur",
        "expediteur",
        "pieces jointes",
        "ce message",
        "cet e-mail",
        "ce courriel",
        "cet email",
        "usage exclusif",
        "confidential",
        "intended recipient",
        "intended solely",
        "in error",
        "this email",
        "this e-mail",
        "this message",
        "notify the sender",
        "the sender",
        "privileged",
        "vertrouwelijk",
        "geadresseerde",
        "confidencial",
        "destinatario",
        "por error",
        "dit bericht",
        "este mensaje",
        "diese e-mail",
        "vertraulich",
        "irrtumlich",
    ];
    const PAPER: [&str; 8] = [
        "avant d'imprimer",
        "ne pas imprimer",
        "n'imprimez",
        "before printing",
        "imprimer ce",
        "antes de imprimir",
        "afdrukt",
        "print this e",
    ];
    if folded.len() < 200 && PAPER.iter().any(|paper| folded.contains(paper)) {
        return true;
    }
    folded.len() >= 80 && SIGNS.iter().filter(|sign| folded.contains(*sign)).count() >= 3
}
