//! Marks the signature among the person's own lines: client footers, disclaimers, what stands below
//! `-- `, and a closing formula or a name with what follows it.
//!
//! When in doubt a line stays with the text: a name too many in it hurts less than a word too few.

use super::formula::{Closing, closing, is_postscript, is_thanks};
use super::line::{Line, Place};
use super::name::{Strictness, is_name_line};
use super::speech::{is_sentence, is_speech};

/// Longest signature that is recognised without a separator, in lines with words.
const MAX_SIGNATURE_LINES: usize = 14;

pub fn mark(lines: &mut [Line]) {
    for line in lines.iter_mut().filter(|line| line.place == Place::Own) {
        if is_footer(line.folded()) || is_disclaimer(line.folded()) || is_marker(line) {
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

/// One stretch of own lines between two quotes. Each delimiter in it begins a signature, which ends where
/// the person speaks again.
fn mark_run(run: &mut [Line]) {
    let mut own_from = 0;
    let mut from = 0;
    while let Some(at) = run[from..].iter().position(is_delimiter).map(|found| from + found) {
        let next = run[at + 1..].iter().position(is_delimiter).map_or(run.len(), |found| at + 1 + found);
        let block = &run[at + 1..next];
        let speaks = speech(block).map(|found| at + 1 + found);
        let first = block.iter().position(|line| !line.is_blank()).map(|found| at + 1 + found);
        from = next;
        // A rule between two thoughts, not a delimiter.
        if first.is_some_and(|first| speaks == Some(first) || is_sentence(&run[first])) {
            continue;
        }
        let below = block.iter().any(|line| is_name_line(line, Strictness::AfterClosing));
        mark_segment(&mut run[own_from..at], below);
        let end = speaks.unwrap_or(next);
        for line in &mut run[at..end] {
            line.place = Place::Signature;
        }
        own_from = end;
    }
    mark_segment(&mut run[own_from..], false);
}

/// Own lines without a delimiter; `below` says that a delimiter with a name follows.
fn mark_segment(run: &mut [Line], below: bool) {
    let mut end = run.len();
    let mut below = below;
    if let Some(at) = run.iter().position(|line| line.place == Place::Signature && line.has_words()) {
        // A marked block with nothing but the signature of the client behind it.
        let own_after = run[at..].iter().any(|line| line.place == Place::Own && line.has_words());
        if !own_after {
            end = at;
            below = below || run[end..].iter().any(|line| is_name_line(line, Strictness::AfterClosing));
        }
    }
    let own: Vec<usize> = (0..end).filter(|i| run[*i].place == Place::Own && !run[*i].is_blank()).collect();
    let mut tail = &own[own.len().saturating_sub(MAX_SIGNATURE_LINES)..];
    // Each round looks at what stands below the signature found before, at most a few lines.
    while let Some((begin, stop)) = found_in(run, tail, &own, below) {
        let to = stop.map_or(end, |k| tail[k]);
        for line in &mut run[begin..to] {
            line.place = Place::Signature;
        }
        let Some(stop) = stop else { break };
        tail = &tail[stop..];
    }
}

/// Where the signature in the last lines begins, and the index in `tail` of the first line below it in which
/// the person speaks again.
fn found_in(run: &[Line], tail: &[usize], own: &[usize], below: bool) -> Option<(usize, Option<usize>)> {
    // From the end of the signature on, for each place where one may begin.
    for (k, &at) in tail.iter().enumerate() {
        if closing(&run[at]) == Closing::None {
            continue;
        }
        let stop = (k + 1..tail.len()).find(|&i| is_speech(&run[tail[i]]));
        let stop = stop.map(|i| paragraph_begin(tail, i, k + 1));
        let after = &tail[k + 1..stop.unwrap_or(tail.len())];
        // What only a later line makes a signature is none where the person goes on.
        let below = below && stop.is_none();
        if closes(run, at, after, below, stop.is_some()) {
            return Some((at, stop));
        }
    }
    let first = own.len() - tail.len();
    name_block(run, own, first).map(|at| (at, None))
}

/// The first line of the paragraph that line `i` of `tail` stands in, not before `least`.
fn paragraph_begin(tail: &[usize], mut i: usize, least: usize) -> usize {
    while i > least && tail[i - 1] + 1 == tail[i] {
        i -= 1;
    }
    i
}

/// Index of the paragraph below a delimiter in which the person speaks.
fn speech(block: &[Line]) -> Option<usize> {
    let mut begin = None;
    for (i, line) in block.iter().enumerate() {
        if line.is_blank() {
            begin = None;
            continue;
        }
        let from = *begin.get_or_insert(i);
        if is_speech(line) {
            // A name and a sentence in one paragraph: the sentence alone.
            let named = is_name_line(&block[from], Strictness::AfterClosing);
            return Some(if named { i } else { from });
        }
    }
    None
}

/// `-- ` (RFC 3676 §4.3), with or without its space.
fn is_delimiter(line: &Line) -> bool {
    line.depth == 0 && matches!(line.bare(), "--" | "—" | "–" | "-- --")
}

/// Whether a closing formula at `at` with the lines after it is a signature; `goes_on` says that the person
/// speaks again below those lines.
fn closes(run: &[Line], at: usize, after: &[usize], name_below: bool, goes_on: bool) -> bool {
    match closing(&run[at]) {
        Closing::WithName => after.iter().all(|&i| is_contact_line(&run[i])),
        Closing::Formula => {
            let name_first = after.first().is_some_and(|&i| {
                is_name_line(&run[i], Strictness::AfterClosing)
                    || (after.len() > 1 && is_contact_line(&run[i]))
            });
            let alone = after.is_empty() && name_below;
            let formulas = after.first().is_some_and(|&i| closing(&run[i]) == Closing::Formula);
            let fits = after.iter().all(|&i| is_contact_line(&run[i]) || closing(&run[i]) != Closing::None);
            let letter_ends = name_first && !goes_on && !is_thanks(&run[at]);
            alone || letter_ends || (fits && (name_first || (formulas && (after.len() > 1 || name_below))))
        }
        Closing::None => false,
    }
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

/// "[image: image.png]", "[cid:image001.png@…]": where the text form leaves out a picture.
pub fn is_marker(line: &Line) -> bool {
    let bare = line.bare();
    let inner = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|inner| {
        !inner.contains(['[', ']']) && ["cid:", "image:"].iter().any(|each| inner.starts_with(each))
    })
}

/// "Sent from my bank account on 3 October, 300 EUR."
fn tells_of_money(folded: &str) -> bool {
    let mut words = folded.split(|c: char| !c.is_alphanumeric() && !matches!(c, '€' | '$' | '£'));
    words.any(|word| {
        let amount = word.trim_start_matches(|c: char| c.is_ascii_digit());
        matches!(amount, "€" | "$" | "£" | "eur" | "euro" | "euros" | "usd" | "account" | "compte" | "cuenta")
    })
}

/// What a mail program or telephone writes below a mail.
fn is_footer(folded: &str) -> bool {
    const OPENINGS: [&str; 61] = [
        "telecharger bluemail",
        "get bluemail",
        "envoye a partir d'",
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
        && !tells_of_money(folded)
        || folded.starts_with("scanned by ") && folded.contains("www.")
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
