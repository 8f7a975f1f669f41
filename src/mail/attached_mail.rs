//! A complaint that comes as an attached mail under a covering note that says nothing ("voir
//! ci-joint") is read as if its words stood in the mail itself.
//!
//! The complainant stays who sent the outer mail; a warning names the inner author. Headers of the
//! attached mail do not count, and what a machine or we ourselves wrote in it is quoted text, never
//! somebody's words. No word of the note is dropped.

use super::reply::Split;
use crate::core::facts::{MailFacts, Origin, Person};
use crate::core::fold::fold;

/// Attached mails within attached mails whose words are read.
pub const MAX_DEPTH: usize = 3;

/// Longest note that may say nothing but where to look, in words.
const MAX_NOTE_WORDS: usize = 12;
/// Longest note that consists of nothing but [`EMPTY`] words.
const MAX_EMPTY_WORDS: usize = 30;

/// Words that point at what is attached.
const POINTING: &[&str] = &[
    "joint",
    "jointe",
    "joints",
    "jointes",
    "joins",
    "attache",
    "attachee",
    "dessous",
    "apres",
    "attached",
    "attachment",
    "enclosed",
    "below",
    "forwarded",
    "forwarding",
    "transfere",
    "transferee",
    "transfert",
    "transmets",
    "transfers",
    "pj",
    "fwd",
    "fw",
    "tr",
    "fyi",
    "adjunto",
    "adjunta",
    "bijlage",
    "bijgevoegd",
    "suit",
    "voici",
    "voila",
    "voir",
    "see",
];

/// Words of greeting, courtesy and pointing that say nothing of a matter.
const EMPTY: &[&str] = &[
    "bonjour",
    "bonsoir",
    "madame",
    "monsieur",
    "messieurs",
    "mesdames",
    "merci",
    "cordialement",
    "salutations",
    "bien",
    "vous",
    "a",
    "au",
    "aux",
    "le",
    "la",
    "les",
    "l",
    "un",
    "une",
    "de",
    "du",
    "des",
    "d",
    "et",
    "en",
    "ce",
    "cet",
    "cette",
    "ces",
    "ci",
    "je",
    "j",
    "mon",
    "ma",
    "mes",
    "votre",
    "vos",
    "svp",
    "veuillez",
    "trouver",
    "trouverez",
    "avance",
    "pour",
    "info",
    "information",
    "message",
    "mail",
    "mails",
    "email",
    "courriel",
    "courrier",
    "lettre",
    "reclamation",
    "plainte",
    "piece",
    "pieces",
    "fichier",
    "document",
    "documents",
    "suivant",
    "suivante",
    "dear",
    "sir",
    "madam",
    "hello",
    "hi",
    "good",
    "morning",
    "afternoon",
    "please",
    "find",
    "the",
    "my",
    "your",
    "to",
    "for",
    "of",
    "this",
    "is",
    "in",
    "and",
    "thank",
    "thanks",
    "you",
    "regards",
    "kind",
    "best",
    "complaint",
    "letter",
    "file",
    "documentation",
    "copy",
    "copie",
    "hola",
    "gracias",
    "por",
    "favor",
    "ver",
    "mi",
    "zie",
    "bedankt",
    "envoye",
    "depuis",
    "iphone",
    "sent",
    "from",
];

/// Longest quote beside such a note, in words: under an answer to somebody, an attached mail is a
/// document that the person shows, and not what they say.
const MAX_QUOTED_WORDS: usize = 20;

/// Whether the mail itself says nothing: its own words are none, or only point at an attachment.
pub fn only_points(split: &Split) -> bool {
    if split.quoted.split_whitespace().nth(MAX_QUOTED_WORDS).is_some() {
        return false;
    }
    let folded = fold(&split.reply);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let points = words.iter().any(|word| POINTING.contains(word));
    let says_nothing = || words.iter().all(|word| EMPTY.contains(word) || POINTING.contains(word));
    words.is_empty()
        || words.len() <= MAX_NOTE_WORDS && points
        || words.len() <= MAX_EMPTY_WORDS && says_nothing()
}

/// Adds what an attached mail says; returns the warning that tells of it. `author` is the name of who
/// wrote it, where no address of theirs is known.
pub fn add(
    split: &mut Split,
    inner: &MailFacts,
    author: &str,
    outer_from: Option<&Person>,
) -> Option<String> {
    if inner.set_aside.is_some() && inner.origin != Origin::Own {
        return None;
    }
    if inner.origin != Origin::Human {
        for text in [&inner.reply_text, &inner.signature_text, &inner.quoted_text] {
            append(&mut split.quoted, text);
        }
        return None;
    }
    append(&mut split.reply, &inner.reply_text);
    let address = inner.from.as_ref().map(|from| &from.address);
    let same = address.is_some_and(|own| outer_from.is_some_and(|from| from.address.key() == own.key()));
    // Name and telephone of somebody else are not the complainant's.
    append(if same { &mut split.signature } else { &mut split.quoted }, &inner.signature_text);
    append(&mut split.quoted, &inner.quoted_text);
    let by = match address {
        Some(_) if same => String::new(),
        Some(address) => format!(" by {address}"),
        None if author.is_empty() => String::new(),
        None => format!(" by {author}"),
    };
    Some(format!(
        "the words are those of an attached mail{by}: the sender of this mail stays the complainant"
    ))
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_that_only_points_is_told_from_one_that_says_something() {
        let note = |reply: &str| only_points(&Split { reply: reply.to_owned(), ..Split::default() });
        for reply in [
            "",
            "Voir ci-joint",
            "Bonjour,\n\nVeuillez trouver ci-joint ma réclamation.\n\nMerci d'avance",
            "FYI",
            "voir ci-dessous",
            "Please see attached.",
            "TR : réclamation de Mme Durand, pièce jointe",
            "…",
        ] {
            assert!(note(reply), "{reply}");
        }
        let quoted = "Nous accusons réception de votre réclamation. ".repeat(5);
        let answer = Split { reply: "Voir ci-joint".to_owned(), quoted, ..Split::default() };
        assert!(!only_points(&answer), "an answer with a document");
        for reply in [
            "Je conteste le prélèvement de 50 euros.",
            "Bonjour, j'ai reçu ceci de votre part, je trouve cela douteux et je m'en plains : voir ci-joint.",
            "Merci de me rembourser.",
        ] {
            assert!(!note(reply), "{reply}");
        }
    }
}
