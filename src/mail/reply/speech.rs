//! Whether a line below a signature is one in which the person speaks again.
//!
//! Contact lines, functions and slogans do not speak of "me", and notices of a firm are about the mail: a
//! line of the person is told by the words that only somebody who speaks uses ("je", "my", "niemand").

use super::formula::is_postscript;
use super::line::{Line, Place};

/// Fewest words of a sentence that nothing but its form tells.
const MIN_SENTENCE_WORDS: usize = 5;

/// Fewest words of a line that its words tell.
const MIN_SPOKEN_WORDS: usize = 3;

/// Words of people who speak of themselves or to somebody, in the languages of the desk.
const SPOKEN: [&str; 68] = [
    "je",
    "j'ai",
    "j'attends",
    "j'y",
    "j'en",
    "j'avais",
    "j'aimerais",
    "moi",
    "me",
    "m'a",
    "m'avez",
    "mon",
    "ma",
    "mes",
    "vous",
    "c'est",
    "c'etait",
    "suis",
    "ai",
    "avez",
    "n'ai",
    "n'est",
    "rien",
    "toujours",
    "jamais",
    "personne",
    "veux",
    "bonjour",
    "svp",
    "i",
    "i'm",
    "i've",
    "i'd",
    "my",
    "me",
    "you",
    "never",
    "nobody",
    "nothing",
    "it's",
    "was",
    "hello",
    "ik",
    "mijn",
    "mij",
    "heb",
    "nooit",
    "niemand",
    "niets",
    "yo",
    "mi",
    "mis",
    "me",
    "estoy",
    "tengo",
    "nunca",
    "nadie",
    "nada",
    "usted",
    "ich",
    "mein",
    "meine",
    "mir",
    "nichts",
    "mwen",
    "ou",
    "janm",
    "anyen",
];

/// What notices below business mail are about.
const NOTICES: [&str; 34] = [
    "message",
    "courriel",
    "e-mail",
    "email",
    "mail ",
    "bericht",
    "mensaje",
    "informations",
    "information",
    "secret professionnel",
    "destinataire",
    "recipient",
    "confiden",
    "regulated",
    "registered",
    "authorised",
    "certifie",
    "conditions generales",
    "terms",
    "interdit",
    "prohibited",
    "honoraires",
    "siret",
    "rcs ",
    "capital",
    "association agreee",
    "impri",
    "print",
    "virus",
    "vat ",
    "tva",
    "orias",
    "responsabilite",
    "liab",
];

/// Lines that lead to more: "Edit:", "Pièces jointes :", "Autre chose :".
const LEADS: [&str; 22] = [
    "edit",
    "pj",
    "p.j",
    "piece jointe",
    "pieces jointes",
    "ci-joint",
    "autre chose",
    "j'oubliais",
    "et aussi",
    "ah oui",
    "au fait",
    "one more thing",
    "also",
    "attached",
    "attachments",
    "update",
    "by the way",
    "bijlage",
    "adjunto",
    "otra cosa",
    "ajout",
    "precision",
];

pub fn is_speech(line: &Line) -> bool {
    if line.depth > 0 || line.place != Place::Own {
        return false;
    }
    if is_postscript(line) {
        return true;
    }
    let folded = line.folded();
    let words: Vec<&str> = folded
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .collect();
    let lead = LEADS.iter().any(|lead| {
        folded
            .strip_prefix(lead)
            .is_some_and(|rest| rest.trim_start_matches(['.', ' ']).starts_with([':', ',']))
    });
    if lead && words.len() >= 3 {
        return true;
    }
    // "www.martin.example", "06 90 00 00 00": reached, not told.
    let contact = folded.contains('@') || folded.contains("www.") || folded.contains("http");
    let notice = NOTICES.iter().any(|notice| folded.contains(notice));
    let needed = if contact || notice {
        3
    } else if ends(folded) {
        1
    } else {
        2
    };
    let asks = folded.ends_with('?') && !contact && !notice;
    words.len() >= MIN_SPOKEN_WORDS
        && (asks || words.iter().filter(|word| SPOKEN.contains(word)).count() >= needed)
}

/// Whether a line has the form of a sentence or of an item: what below `--` is a thought and no name.
pub fn is_sentence(line: &Line) -> bool {
    let bare = line.bare();
    let words = bare.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    let plain = bare.split_whitespace().filter(|word| word.starts_with(|c: char| c.is_lowercase())).count();
    let folded = line.folded();
    line.depth == 0
        && line.place == Place::Own
        && words >= MIN_SENTENCE_WORDS
        && ends(folded)
        && plain * 2 >= words
        && !bare.contains(['"', '«', '“', '|', '@'])
        && !NOTICES.iter().any(|notice| folded.contains(notice))
}

fn ends(folded: &str) -> bool {
    folded.trim_end_matches(['"', ')', ' ']).ends_with(['.', '!', '?'])
}
