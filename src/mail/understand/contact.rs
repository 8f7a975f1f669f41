//! How to reach the sender, as stated: name, telephone, postal address.
//!
//! Nothing is completed or corrected but the order and the capitals of the name. What stands in
//! quoted mails is somebody else's.

mod address;
mod phone;

use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::signs::start_of;
use crate::core::facts::Contact;
use crate::core::fold::fold;

/// A fixed pattern. Its letters are those of the Latin alphabets, its digits ASCII's: with all that Unicode
/// has of them, repeated, these patterns would take megabytes.
fn pattern(text: &str) -> Regex {
    const LETTER: &str = "[A-Za-zÀ-ÖØ-öø-ɏ]";
    const CAPITAL: &str = "[A-ZÀ-ÖØ-ÞĀĆČĐĒĚĞĪİŁŃŇŌŐŒŘŚŞŠŤŪŮŰŸŹŻŽ]";
    const WORD: &str = "[0-9A-Za-z_À-ÖØ-öø-ɏ]";
    let latin = [(r"\p{Lu}", CAPITAL), (r"\p{L}", LETTER), (r"\d", "[0-9]"), (r"\w", WORD)]
        .iter()
        .fold(text.to_owned(), |text, (all, latin)| text.replace(all, latin));
    Regex::new(&latin).expect("a fixed pattern")
}

pub fn of(reading: &Reading<'_>) -> Contact {
    let own = start_of(&reading.split.reply, 20_000);
    let signature = start_of(&reading.split.signature, 5_000);
    Contact {
        name: name(reading, own, signature),
        email: reading.from.map(|from| from.address.clone()),
        phone: phone::of(own).or_else(|| phone::of(signature)),
        postal_address: address::in_signature(signature).or_else(|| address::in_text(own)),
    }
}

fn name(reading: &Reading<'_>, own: &str, signature: &str) -> Option<String> {
    let stated = reading.from.map(|from| without_relay(from.name.trim(), from.address.as_str()));
    let stated = stated.filter(|name| is_usable(name));
    let signed = signed_name(signature);
    match (stated, signed) {
        (None, signed) => signed.map(|name| in_order(&name)),
        (Some(stated), signed) if is_organisation(stated) => {
            let signed = signed.filter(|name| !is_organisation(name));
            let person = signed.or_else(|| titled_name(own));
            Some(person.map_or_else(|| stated.to_owned(), |name| in_order(&name)))
        }
        (Some(stated), Some(signed)) if completes(&signed, stated) => Some(in_order(&signed)),
        (Some(stated), _) => Some(in_order(stated)),
    }
}

/// "Jeanne Martin via Divikeys": who handed the mail on is no part of the name. A mailing list puts its
/// own address there: then the words say whose that is and stay.
fn without_relay<'a>(name: &'a str, address: &str) -> &'a str {
    let relay = |via: &str| fold(via).split_whitespace().any(|word| fold(address).contains(word));
    match name.split_once(" via ") {
        Some((person, via)) if !person.trim().is_empty() && !relay(via) => person.trim(),
        _ => name,
    }
}

/// A display name that is one, not an address or a word for the box.
fn is_usable(name: &str) -> bool {
    !name.is_empty() && !name.contains('@') && name.chars().any(char::is_alphabetic)
}

/// A full signature beside a bare first name: "Tanya" signs "Tanya Richardson".
fn completes(signed: &str, stated: &str) -> bool {
    let words = |name: &str| fold(name).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let (signed, stated) = (words(signed), words(stated));
    stated.len() == 1 && signed.len() > 1 && signed.len() <= 4 && signed.contains(&stated[0])
}

const ORGANISATION: [&str; 60] = [
    "sarl",
    "sas",
    "sasu",
    "sci",
    "sa",
    "eurl",
    "scp",
    "selarl",
    "ltd",
    "llc",
    "inc",
    "nv",
    "n.v.",
    "bv",
    "b.v.",
    "gmbh",
    "plc",
    "cabinet",
    "etude",
    "service",
    "services",
    "support",
    "equipe",
    "team",
    "copieur",
    "scanner",
    "scan",
    "collectif",
    "association",
    "comptabilite",
    "accounts",
    "accounting",
    "office",
    "agence",
    "agency",
    "groupe",
    "group",
    "club",
    "syndicat",
    "mairie",
    "societe",
    "company",
    "transports",
    "menuiserie",
    "restaurant",
    "hotel",
    "garage",
    "secretariat",
    "contact",
    "info",
    "direction",
    "investisseurs",
    "compagnie",
    "consulting",
    "conseil",
    "immobilier",
    "immobiliere",
    "banque",
    "bank",
    "notaires",
];

fn is_organisation(name: &str) -> bool {
    fold(name).split([' ', ',', '-', '\'']).any(|word| ORGANISATION.contains(&word))
}

/// The person who signs: the first line of the signature that is a name and no formula.
fn signed_name(signature: &str) -> Option<String> {
    signature.lines().take(12).find_map(|line| {
        let line = line.trim().trim_start_matches("--").trim();
        let line = after_formula(line);
        let name = line.split([',', '|', '•', '(']).next()?.split(" – ").next()?.split(" - ").next()?;
        let name = name.split(|c: char| c.is_ascii_digit() || c == '+').next()?.trim().trim_end_matches('.');
        is_person(name).then(|| without_title(name))
    })
}

/// What follows a formula on its line: "Cordialement, Jeanne Martin".
fn after_formula(line: &str) -> &str {
    let folded = fold(line);
    let formula =
        ["cordialement", "bien a vous", "merci", "regards", "thanks", "saludos", "mvg", "cdlt", "cdt"];
    match line.split_once(',') {
        Some((_, rest)) if formula.iter().any(|each| folded.starts_with(each)) => rest.trim(),
        _ => line,
    }
}

const NO_PERSON: [&str; 32] = [
    "cordialement",
    "bien",
    "tres",
    "merci",
    "kind",
    "best",
    "regards",
    "yours",
    "many",
    "thanks",
    "sincerely",
    "met",
    "hoogachtend",
    "un",
    "saludos",
    "atentamente",
    "envoye",
    "sent",
    "get",
    "telecharger",
    "verstuurd",
    "enviado",
    "je",
    "veuillez",
    "respectueusement",
    "salutations",
    "sinceres",
    "provenance",
    "bonne",
    "mesi",
    "warm",
    "with",
];

fn is_person(name: &str) -> bool {
    let words: Vec<&str> = name.split_whitespace().collect();
    let first = fold(words.first().unwrap_or(&"")).trim_end_matches(['.', ',']).to_owned();
    (1..=6).contains(&words.len())
        && !NO_PERSON.contains(&first.as_str())
        && !name.contains([':', '@', '/', '?', '!', '€'])
        && words.iter().filter(|word| word.starts_with(char::is_uppercase)).count() * 2 >= words.len()
        && words[0].starts_with(char::is_uppercase)
}

fn without_title(name: &str) -> String {
    const TITLES: [&str; 16] = [
        "me", "maitre", "m.", "m", "mr", "mr.", "mme", "mme.", "mlle", "mrs", "mrs.", "ms", "ms.",
        "monsieur", "madame", "miss",
    ];
    let mut words = name.split_whitespace().peekable();
    while words.peek().is_some_and(|word| TITLES.contains(&fold(word).as_str())) {
        words.next();
    }
    words.collect::<Vec<_>>().join(" ")
}

/// "Mme Agnès Thouvenin" in a text that a group signs.
fn titled_name(text: &str) -> Option<String> {
    static TITLED: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?-u:\b)(?:M\.|Mme|Mlle|Mr\.?|Mrs\.?|Ms\.?|Madame|Monsieur)\s+(\p{Lu}[\p{L}'’-]+(?:\s+(?:d[eu]s?\s+)?\p{Lu}[\p{L}'’-]+){1,3})",
        )
    });
    // The last one named, for it is there that groups say whom to answer.
    TITLED.captures_iter(text).last().map(|hit| hit[1].to_owned())
}

/// Given name first, in ordinary capitals; a by-name of one word is left as it is.
pub fn in_order(name: &str) -> String {
    let name = name.split(" (").next().unwrap_or(name);
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','));
    let widow = without_birth_name(name);
    let name = widow.as_deref().unwrap_or(name);
    let turned = match name.split_once(", ") {
        Some((family, given)) if !given.contains(',') && family.split_whitespace().count() <= 3 => {
            format!("{given} {family}")
        }
        _ => name.to_owned(),
    };
    let words: Vec<&str> = turned.split_whitespace().collect();
    let shouted = |word: &&str| {
        word.chars().filter(|c| c.is_alphabetic()).count() > 1 && !word.chars().any(char::is_lowercase)
    };
    let leading = words.iter().take_while(|word| shouted(word)).count();
    let all = leading == words.len();
    let rest_is_given = words[leading..].iter().all(|word| !shouted(word));
    let mut ordered: Vec<&str> = words.clone();
    // Two capitals are initials or a by-name, not a family name.
    let family = words[..leading].iter().any(|word| word.chars().count() > 2);
    if family && !all && rest_is_given {
        ordered.rotate_left(leading);
    }
    let particle = ["DE", "DU", "DES", "VAN", "VON", "DER", "ET", "DEN"];
    let small = |word: &str| matches!(word, "la" | "le") || particle.contains(&word.to_uppercase().as_str());
    let uncapitalised = words.len() > 1 && !turned.chars().any(char::is_uppercase);
    ordered
        .iter()
        .enumerate()
        .map(|(i, word)| match word {
            word if particle.contains(word) && ordered.len() > 1 => word.to_lowercase(),
            // "de la Tour", but "Le Goff".
            &"LA" if i > 0 && ordered[i - 1] == "DE" => "la".to_owned(),
            word if shouted(word) && !word.contains('.') => capitalised(word),
            word if uncapitalised && !small(word) => capitalised(word),
            word => (*word).to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// "Mme Vve MARTIN née ROY Jeanne" is Jeanne Martin: the name that is borne and the given one, wherever
/// that stands. `None` where neither a birth name nor a widow is told.
fn without_birth_name(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split_whitespace().collect();
    let born = words.iter().position(|word| matches!(fold(word).as_str(), "nee" | "geboren"));
    let is_widow = |word: &&str| matches!(fold(word).trim_end_matches('.'), "vve" | "veuve");
    if words.len() < 3 || born.is_none_or(|at| at == 0) && !words.iter().any(is_widow) {
        return None;
    }
    let (borne, birth) = words.split_at(born.unwrap_or(words.len()));
    let borne: Vec<&str> = borne.iter().filter(|word| !is_widow(word)).copied().collect();
    let borne = without_title(&borne.join(" "));
    let shouted = |word: &str| !word.chars().any(char::is_lowercase);
    let only_family = !borne.contains(' ') || shouted(&borne);
    // A family name of one word comes first, else what is not in capitals is given.
    let given: Vec<&str> = match birth.get(2..) {
        Some(rest) if only_family && !borne.is_empty() => {
            let from = rest.iter().position(|word| !shouted(word)).unwrap_or(0);
            rest[from..].to_vec()
        }
        _ => Vec::new(),
    };
    Some(if given.is_empty() { borne } else { format!("{} {borne}", given.join(" ")) })
}

fn capitalised(word: &str) -> String {
    let mut begins = true;
    word.chars()
        .flat_map(|c| {
            let upper = std::mem::replace(&mut begins, matches!(c, '-' | '\'' | '’'));
            if upper { c.to_uppercase().collect::<Vec<_>>() } else { c.to_lowercase().collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_given_first_in_ordinary_capitals() {
        for (written, name) in [
            ("DELMAS Raymonde", "Raymonde Delmas"),
            ("Emilie TARDIEU", "Emilie Tardieu"),
            ("DE LA TOUR Jean-Marc", "Jean-Marc de la Tour"),
            ("Martin, Jeanne", "Jeanne Martin"),
            ("DOMINIQUE PARENT", "Dominique Parent"),
            ("T. Okonjo-Fraser", "T. Okonjo-Fraser"),
            ("kev", "kev"),
            ("patrick ollier", "Patrick Ollier"),
            ("Mme Vve LARROSE née PETIT Huguette", "Huguette Larrose"),
            ("Mme Vve Martin née Roy Anne", "Anne Martin"),
            ("Anne MARTIN née ROY", "Anne Martin"),
            ("Mme veuve MARTIN Anne", "Anne Martin"),
            ("René Née", "René Née"),
            ("anne-lise de la tour", "Anne-Lise de la Tour"),
        ] {
            assert_eq!(in_order(written), name);
        }
    }

    #[test]
    fn who_handed_a_mail_on_is_no_part_of_the_name() {
        for (name, address, person) in [
            ("Jeanne Martin via Divikeys", "jm@x.example", "Jeanne Martin"),
            (
                "Jeanne Martin via Reclamations",
                "reclamations@lists.example",
                "Jeanne Martin via Reclamations",
            ),
            ("Via Roma", "v@x.example", "Via Roma"),
        ] {
            assert_eq!(without_relay(name, address), person);
        }
    }
}
