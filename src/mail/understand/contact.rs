//! How to reach the sender, as stated: name, telephone, postal address.
//!
//! Nothing is completed or corrected but the order and the capitals of the name. What stands in
//! quoted mails is somebody else's.

use std::sync::LazyLock;

use regex::Regex;

use super::Reading;
use super::signs::start_of;
use crate::core::facts::Contact;
use crate::core::fold::fold;

pub fn of(reading: &Reading<'_>) -> Contact {
    let own = start_of(&reading.split.reply, 20_000);
    let signature = start_of(&reading.split.signature, 5_000);
    Contact {
        name: name(reading, own, signature),
        email: reading.from.map(|from| from.address.clone()),
        phone: phone(own).or_else(|| phone(signature)),
        postal_address: address_in_signature(signature).or_else(|| address_in_text(own)),
    }
}

// --- name ---------------------------------------------------------------------------------------

fn name(reading: &Reading<'_>, own: &str, signature: &str) -> Option<String> {
    let stated = reading.from.map(|from| from.name.trim()).filter(|name| is_usable(name));
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
        Regex::new(r"(?-u:\b)(?:M\.|Mme|Mlle|Mr\.?|Mrs\.?|Ms\.?|Madame|Monsieur)\s+(\p{Lu}[\p{L}'’-]+(?:\s+(?:d[eu]s?\s+)?\p{Lu}[\p{L}'’-]+){1,3})")
            .expect("the pattern is valid")
    });
    // The last one named, for it is there that groups say whom to answer.
    TITLED.captures_iter(text).last().map(|hit| hit[1].to_owned())
}

/// Given name first, in ordinary capitals; a by-name of one word is left as it is.
pub fn in_order(name: &str) -> String {
    let name = name.split(" (").next().unwrap_or(name);
    let name = name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ','));
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

fn capitalised(word: &str) -> String {
    let mut begins = true;
    word.chars()
        .flat_map(|c| {
            let upper = std::mem::replace(&mut begins, matches!(c, '-' | '\'' | '’'));
            if upper { c.to_uppercase().collect::<Vec<_>>() } else { c.to_lowercase().collect() }
        })
        .collect()
}

// --- telephone ----------------------------------------------------------------------------------

static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:\+|(?-u:\b)00)\d{1,3}[ .\u{a0}\u{202f}\-/]?(?:\(0?\d{0,4}\)[ .\u{a0}\-]?)?\d[\d \u{a0}\u{202f}.\-/]{5,16}\d|\(\d{3}\) ?\d{3}[ .\-]\d{4}|(?-u:\b)0\d(?:(?: - |[ .\u{a0}\u{202f}\-/])?\d){7,9}(?-u:\b)",
    )
    .expect("the pattern is valid")
});

static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?-u:\b)(?:t[ée]l(?:[ée]phone)?|phone|mob(?:ile)?|m[óo]vil|port(?:able)?|gsm|whatsapp|call me (?:on|at)|telefoon|appel(?:er|ez)[- ]moi au)(?-u:\b)[ .:\u{a0}n°-]{0,4}(\d[\d .\u{a0}\-]{5,14}\d)",
    )
    .expect("the pattern is valid")
});

/// The first telephone number, as written.
fn phone(text: &str) -> Option<String> {
    // Fewer digits make no number.
    text.bytes().filter(u8::is_ascii_digit).nth(6)?;
    let general = PHONE.find_iter(text).find(|hit| is_phone(text, hit.start(), hit.end()));
    let labelled = LABELLED.captures(text).and_then(|hit| hit.get(1));
    let first = match (general, labelled) {
        (Some(a), Some(b)) if b.start() < a.start() => b.as_str(),
        (Some(a), _) => a.as_str(),
        (None, Some(b)) => b.as_str(),
        (None, None) => return None,
    };
    Some(first.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/')).to_owned())
}

/// Numbers of accounts, amounts and days are not telephones.
fn is_phone(text: &str, from: usize, to: usize) -> bool {
    let hit = &text[from..to];
    let digits = hit.bytes().filter(u8::is_ascii_digit).count();
    let in_a_longer_number =
        text[..from].trim_end_matches([' ', '\u{a0}']).ends_with(|c: char| c.is_ascii_digit());
    let free_before = !in_a_longer_number
        && !text[..from].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '_' | '.'));
    let free_after =
        !text[to..].starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '€' | '%' | '/' | ':'));
    let date = hit.contains('/') || (hit.matches('-').count() == 2 && digits == 8);
    let before = fold(start_of_last(&text[..from], 24));
    let numbered = [
        "iban", "n°", "no.", "numero", "client", "compte", "ref", "dossier", "commande", "contrat", "siret",
        "account",
    ]
    .iter()
    .any(|word| before.trim_end().ends_with(word));
    let telephone = before.contains("tel") || before.contains("phone") || before.contains("numero");
    (9..=15).contains(&digits) && free_before && free_after && !date && (!numbered || telephone)
}

fn start_of_last(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

// --- postal address -----------------------------------------------------------------------------

const STREET: &str = r"(?:rue|r\.|avenue|av\.?|bd|boulevard|bld|place|pl\.|chemin|ch\.|all[ée]e|impasse|quai|cours|route|rte|lotissement|lot\.?|mont[ée]e|passage|square|sentier|ruelle|esplanade|promenade|faubourg|fbg|hameau|lieu-dit|lieudit|villa|cit[ée]|z\.?a\.?|zac|zi)";

static STREET_FR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(
        r"(?i)(?-u:\b)\d{{1,4}}(?:\s?(?:bis|ter|quater|[a-d]))?,?\s+{STREET}\s+\p{{L}}[\p{{L}}'’ .-]{{1,50}}"
    ))
    .expect("the pattern is valid")
});
static STREET_OTHER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)(?-u:\b)\d{1,5}[a-z]?,?\s+(?:[\p{L}'’.-]+\s+){1,4}(?:street|st\.?|road|rd\.?|lane|ln|avenue|ave\.?|drive|dr\.?|close|court|way|terrace|gardens|crescent|gate|rise|quay|wharf|parade|wynd|place|square|row|hill|park|grove|walk|mews|boulevard|orchard)(?-u:\b)
        | (?-u:\b)(?:calle|c/|avenida|avda\.?|plaza|paseo|carrer|rue|avenue|airport\ road|[\p{L}-]+(?:straat|weg|laan|gracht|plein|kade|dijk|singel))\s+[\p{L}\s'’.-]{0,30},?\s*\d{1,4}(?-u:\b)
        | (?-u:\b)[\p{L}-]+(?:straat|weg|laan|gracht|plein|kade|dijk|singel)\s+\d{1,4}(?-u:\b)
        | ^\s*(?:[\p{Lu}][\p{L}'’-]+\s+){1,3}(?:street|road|drive|lane|avenue)\s+\d{1,4}(?-u:\b)
        | (?-u:\b)(?:p\.?o\.?\ box|bp|cs|b\.p\.|postbus|apartado)\s*\d+
        | ^\s*(?:[\p{L}'’-]+\s+){1,3}(?:road|street|lane|drive|avenue|close)\s*,
        | ^\s*(?:za|zac|zi|z\.a\.|zone\ artisanale|zone\ industrielle|r[ée]sidence|lotissement|lieu-dit|hameau|chez)\s+[\p{L}'’ -]+",
    )
    .expect("the pattern is valid")
});
/// A code and a town, in the forms of the countries that write here.
static TOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)(?-u:\b)(?:F-|B-|L-|CH-|D-)?\d{5}\s+\p{Lu}[\p{L}'’ -]+
        | (?-u:\b)\d{4}\s?[A-Z]{2}\s+\p{Lu}\p{L}+
        | (?-u:\b)\p{Lu}[\p{L} '’-]+,?\s+[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}(?-u:\b)
        | (?-u:\b)[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}(?-u:\b)
        | ^\s*(?:B-|CH-|L-)?\d{4}\s+\p{Lu}\p{L}+
        | (?-u:\b)\p{Lu}[\p{L} '’.-]+,\s+[A-Z]{2}\s+\d{5}(?-u:\b)
        | ,\s*\d{4}\s+\p{Lu}\p{L}+",
    )
    .expect("the pattern is valid")
});

fn is_address_line(line: &str) -> bool {
    line.chars().count() <= 110
        && !line.contains('@')
        && (STREET_FR.is_match(line) || STREET_OTHER.is_match(line) || TOWN.is_match(line))
        && !PHONE.is_match(line)
}

/// The lines of the signature that are an address, joined by ", ".
fn address_in_signature(signature: &str) -> Option<String> {
    let lines: Vec<&str> = signature.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = lines.iter().position(|line| is_address_line(line));
    let Some(first) = first else { return place_only(&lines) };
    let run: Vec<&str> = lines[first..]
        .iter()
        .take(4)
        .take_while(|line| is_address_line(line) || is_place(line))
        .copied()
        .collect();
    let joined = run.iter().map(|line| line.trim_end_matches([',', '.', ' '])).collect::<Vec<_>>().join(", ");
    Some(without_firm(&joined).to_owned())
}

/// "SCI Les Trois Caps – 5 quai Surcouf, 35400 Saint-Malo": the address begins at the number.
fn without_firm(line: &str) -> &str {
    for dash in [" – ", " - ", " | ", " • ", " : "] {
        if let Some((before, after)) = line.split_once(dash) {
            let firm = !is_address_line(before);
            if firm && (STREET_FR.is_match(after) || STREET_OTHER.is_match(after)) {
                return after.trim();
            }
        }
    }
    line
}

/// "Cole Bay, Sint Maarten" below a name.
fn place_only(lines: &[&str]) -> Option<String> {
    let line = lines.iter().skip(1).find(|line| is_place(line) && !is_occupation(line))?;
    Some((*line).to_owned())
}

/// "Managing Director, Reid Joinery": what somebody does and for whom, which has the form of a place.
fn is_occupation(line: &str) -> bool {
    const OCCUPATIONS: [&str; 46] = [
        "director",
        "directeur",
        "directrice",
        "manager",
        "gerant",
        "gerante",
        "president",
        "presidente",
        "ceo",
        "cfo",
        "founder",
        "fondateur",
        "fondatrice",
        "partner",
        "partners",
        "associe",
        "associee",
        "consultant",
        "consultante",
        "advisor",
        "adviser",
        "advisory",
        "counsel",
        "avocat",
        "avocate",
        "attorney",
        "lawyer",
        "solicitor",
        "solicitors",
        "accountant",
        "comptable",
        "expert",
        "ingenieur",
        "engineer",
        "head",
        "responsable",
        "charge",
        "chargee",
        "assistant",
        "assistante",
        "practice",
        "joinery",
        "clinic",
        "solutions",
        "studio",
        "partenaires",
    ];
    fold(line).split([' ', ',', '-', '\'']).any(|word| OCCUPATIONS.contains(&word))
}

/// Capitalised words only, with at most a comma between them.
fn is_place(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    (1..=6).contains(&words.len())
        && !is_organisation(line)
        && line.contains(',')
        && !line.contains(['@', ':', '?', '!', '.'])
        && !line.chars().any(|c| c.is_ascii_digit())
        && !line.ends_with(',')
        && words.iter().all(|word| {
            word.starts_with(char::is_uppercase)
                || ["de", "du", "la", "le", "of", "sur", "les"].contains(word)
        })
}

/// An address that is told in the text itself.
fn address_in_text(text: &str) -> Option<String> {
    const TOLD: [&str; 12] = [
        "adresse",
        "habite",
        "demeur",
        "domicili",
        "address",
        "live at",
        "woon",
        "direccion",
        "rue:",
        "courrier",
        "envoyer",
        "ecri",
    ];
    let (line, hit) =
        text.lines().filter(|line| line.bytes().any(|b| b.is_ascii_digit())).find_map(|line| {
            let folded = fold(line);
            if !TOLD.iter().any(|word| folded.contains(word)) {
                return None;
            }
            let hit = STREET_FR.find(line).or_else(|| STREET_OTHER.find(line))?;
            let said = fold(&line[..hit.start()]);
            TOLD.iter().any(|word| said.contains(word)).then_some((line, hit))
        })?;
    let town = TOWN.find(&line[hit.start()..]).map(|town| hit.start() + town.end());
    let end = town
        .filter(|end| *end < hit.end() + 60)
        .unwrap_or_else(|| end_of_street(line, hit.start(), hit.end()));
    Some(line[hit.start()..end].trim_end_matches([',', '.', ' ']).to_owned())
}

/// A street told in a sentence ends before the sentence goes on.
fn end_of_street(line: &str, from: usize, to: usize) -> usize {
    let street = &line[from..to];
    let stops = [
        " pas ", " et ", " à ", " a ", " pour ", " depuis ", " mais ", " merci", " and ", " not ", " au ",
        ". ", ", ",
    ];
    stops.iter().filter_map(|stop| street.find(stop)).min().map_or(to, |at| from + at)
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
            ("anne-lise de la tour", "Anne-Lise de la Tour"),
        ] {
            assert_eq!(in_order(written), name);
        }
    }

    #[test]
    fn telephones_are_kept_as_written() {
        for (text, number) in [
            ("Rappelez-moi au 06.39.98.41.07 svp", Some("06.39.98.41.07")),
            ("+44 7700 900417", Some("+44 7700 900417")),
            ("Tel: (721) 555-0112", Some("(721) 555-0112")),
            ("0690001422", Some("0690001422")),
            ("bel 06 - 10 20 30 40", Some("06 - 10 20 30 40")),
            ("+33 (0)6 39 98 41 07", Some("+33 (0)6 39 98 41 07")),
            ("móvil 612 345 678", Some("612 345 678")),
            ("IBAN FR76 3000 4000 0100 0012 3456 789", None),
            ("n° client 0021886", None),
            ("le 10/01/2026 à 09:00", None),
        ] {
            assert_eq!(phone(text).as_deref(), number, "{text}");
        }
    }
}
