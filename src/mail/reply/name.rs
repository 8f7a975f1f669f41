//! Whether a line is the name of who signs.
//!
//! By its form alone: the sender's address is not known here, and people sign for others.

use super::line::Line;
use crate::core::fold::fold;

/// How sure the place makes us that a name stands there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strictness {
    /// Below a closing formula: any few words.
    AfterClosing,
    /// Below a blank line.
    SetApart,
    /// Directly below the last sentence.
    NextLine,
}

pub fn is_name_line(line: &Line, strictness: Strictness) -> bool {
    line.depth == 0 && is_name(line.bare(), strictness)
}

/// Words that begin a line of text, not a name.
const NOT_NAMES: [&str; 66] = [
    "bonjour",
    "bonsoir",
    "madame",
    "monsieur",
    "messieurs",
    "mesdames",
    "hello",
    "hi",
    "dear",
    "good",
    "hola",
    "buenos",
    "buenas",
    "beste",
    "geachte",
    "goedemiddag",
    "goedenavond",
    "goedendag",
    "merci",
    "thanks",
    "thank",
    "gracias",
    "bedankt",
    "dank",
    "objet",
    "urgent",
    "cher",
    "chere",
    "chers",
    "oui",
    "non",
    "yes",
    "no",
    "ok",
    "help",
    "svp",
    "please",
    "remboursez",
    "reponse",
    "le",
    "la",
    "les",
    "un",
    "une",
    "je",
    "vous",
    "ci-joint",
    "voir",
    "pj",
    "attached",
    "the",
    "i",
    "my",
    "mon",
    "ma",
    "mes",
    "votre",
    "your",
    "bonne",
    "mesi",
    "alo",
    "salut",
    "ps",
    "p.s",
    "nb",
    "stop",
];
const TITLES: [&str; 26] = [
    "m", "m.", "mr", "mr.", "mme", "mme.", "mlle", "mrs", "mrs.", "ms", "ms.", "dr", "dr.", "me", "maitre",
    "prof", "sr", "sr.", "sra", "sra.", "dhr", "dhr.", "mevr", "mevr.", "famille", "miss",
];
const PARTICLES: [&str; 24] = [
    "de", "du", "des", "la", "le", "les", "van", "von", "der", "den", "da", "di", "et", "and", "&", "y",
    "en", "d'", "del", "dos", "ter", "ten", "bin", "und",
];

pub fn is_name(text: &str, strictness: Strictness) -> bool {
    let text = text.trim_end_matches([',', ' ']);
    let text = text.strip_suffix('.').filter(|rest| rest.split_whitespace().count() <= 4).unwrap_or(text);
    // "Christelle Hamon, gérante", "Corinne Vautrin – 06 39 …": the name is what comes first.
    let head = text.split([',', '|', '/']).next().unwrap_or("");
    let head = head.split(" - ").next().unwrap_or("").split(" – ").next().unwrap_or("");
    let head = head.split(" (").next().unwrap_or("").trim();
    // "Tamsin x": kisses.
    let head = [" x", " xx", " xxx"].iter().find_map(|kisses| head.strip_suffix(kisses)).unwrap_or(head);
    let words: Vec<&str> = head
        .split_whitespace()
        .take_while(|word| !word.starts_with(|c: char| c.is_ascii_digit() || c == '+'))
        .collect();
    if words.is_empty() || words.len() > 8 || text.chars().count() > 90 {
        return false;
    }
    if head.contains(['?', '!', ':', '@', '€', '"', '«', ';', '%', '=']) || head.ends_with("...") {
        return false;
    }
    let first = fold(words[0]);
    let titled = TITLES.contains(&first.as_str());
    if strictness == Strictness::SetApart && is_group(&words) {
        return true;
    }
    if NOT_NAMES.contains(&first.trim_end_matches([',', '.'])) {
        return false;
    }
    // "Répondez-moi" is an order, "Marie-Ange" a name.
    let ordered =
        |word: &&str| word.split_once('-').is_some_and(|(_, rest)| rest.starts_with(char::is_lowercase));
    if words.iter().any(ordered) {
        return false;
    }
    if words.iter().any(|word| is_elided(word)) || (shouted(head) && words.len() > 4) {
        return false;
    }
    let has_digit_word = words.iter().any(|word| word.chars().any(|c| c.is_ascii_digit()));
    let capital = |word: &&&str| word.trim_start_matches(['(', '\'', '’']).starts_with(char::is_uppercase);
    let particle = |word: &str| {
        PARTICLES.contains(&word.to_lowercase().as_str()) || word.starts_with("d'") || word.starts_with("d’")
    };
    let capitals = words.iter().filter(capital).count();
    let all_named = words
        .iter()
        .all(|word| capital(&word) || particle(word) || TITLES.contains(&word.to_lowercase().as_str()));
    match strictness {
        Strictness::AfterClosing => {
            words.len() <= 2 && !has_digit_word && head.chars().any(char::is_alphabetic)
                || (all_named && capitals >= 1 && words.len() <= 7)
        }
        Strictness::SetApart => all_named && capitals >= 1 && (words.len() <= 6) && !has_digit_word,
        Strictness::NextLine => {
            all_named
                && !has_digit_word
                && words.len() <= 5
                && (titled || capitals >= 2 || words.len() == 1 && text.chars().count() <= 12)
        }
    }
}

/// "J'AI", "L'appartement": a sentence, unless it is the d' or O' of a family.
fn is_elided(word: &str) -> bool {
    let folded = fold(word);
    ["j'", "l'", "c'", "n'", "m'", "t'", "s'", "qu'"].iter().any(|begin| folded.starts_with(begin))
}

/// In capitals throughout, which then say nothing of names.
fn shouted(text: &str) -> bool {
    !text.chars().any(char::is_lowercase)
}

/// "Le collectif", "The accounts team": several people sign.
fn is_group(words: &[&str]) -> bool {
    const ARTICLES: [&str; 10] = ["le", "la", "les", "l", "the", "your", "votre", "el", "het", "de"];
    const GROUPS: [&str; 27] = [
        "service",
        "collectif",
        "equipe",
        "direction",
        "bureau",
        "comite",
        "syndicat",
        "association",
        "gerant",
        "gerante",
        "president",
        "presidente",
        "secretariat",
        "secretaire",
        "team",
        "support",
        "office",
        "board",
        "committee",
        "group",
        "groupe",
        "famille",
        "family",
        "equipo",
        "bestuur",
        "tresorier",
        "comptabilite",
    ];
    let line = fold(&words.join(" "));
    let mut each = line.split([' ', '\'']);
    let first = each.next().unwrap_or("");
    words.len() <= 6 && ARTICLES.contains(&first) && each.take(3).any(|word| GROUPS.contains(&word))
}
