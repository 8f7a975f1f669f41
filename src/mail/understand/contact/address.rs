//! The sender's postal address as stated, in the signature or told in the text.

use std::sync::LazyLock;

use regex::Regex;

use crate::core::fold::fold;

const STREET: &str = r"(?:rue|r\.|avenue|av\.?|bd|boulevard|bld|place|pl\.|chemin|ch\.|all[ée]e|impasse|quai|cours|route|rte|lotissement|lot\.?|mont[ée]e|passage|square|sentier|ruelle|esplanade|promenade|faubourg|fbg|hameau|lieu-dit|lieudit|villa|cit[ée]|z\.?a\.?|zac|zi)";

static STREET_FR: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(&format!(
        r"(?i)(?-u:\b)\d{{1,4}}(?:\s?(?:bis|ter|quater|[a-d]))?,?\s+{STREET}\s+\p{{L}}[\p{{L}}'’ .-]{{1,50}}"
    ))
});
static STREET_OTHER: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"(?ix)(?-u:\b)\d{1,5}[a-z]?,?\s+(?:[\p{L}'’.-]+\s+){1,4}(?:street|st\.?|road|rd\.?|lane|ln|avenue|ave\.?|drive|dr\.?|close|court|way|terrace|gardens|crescent|gate|rise|quay|wharf|parade|wynd|place|square|row|hill|park|grove|walk|mews|boulevard|orchard)(?-u:\b)
        | (?-u:\b)(?:calle|c/|avenida|avda\.?|plaza|paseo|carrer|rue|avenue|airport\ road|[\p{L}-]+(?:straat|weg|laan|gracht|plein|kade|dijk|singel))\s+[\p{L}\s'’.-]{0,30},?\s*\d{1,4}(?-u:\b)
        | (?-u:\b)[\p{L}-]+(?:straat|weg|laan|gracht|plein|kade|dijk|singel)\s+\d{1,4}(?-u:\b)
        | ^\s*(?:[\p{Lu}][\p{L}'’-]+\s+){1,3}(?:street|road|drive|lane|avenue)\s+\d{1,4}(?-u:\b)
        | ^\s*(?:chemin|route|boulevard|place|quai|all[ée]e|impasse)\s+[\p{L}\s'’.-]{1,40},?\s*\d{1,4}(?-u:\b)
        | (?-u:\b)(?:p\.?o\.?\ box|bp|cs|b\.p\.|postbus|apartado)\s*\d+
        | ^\s*(?:[\p{L}'’-]+\s+){1,3}(?:road|street|lane|drive|avenue|close)\s*,
        | ^\s*(?:za|zac|zi|z\.a\.|zone\ artisanale|zone\ industrielle|r[ée]sidence|lotissement|lieu-dit|hameau|chez)\s+[\p{L}'’ -]+",
    )
});
/// A code and a town, in the forms of the countries that write here.
static TOWN: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"(?x)(?-u:\b)(?:F-|B-|L-|CH-|D-)?\d{5}\s+\p{Lu}[\p{L}'’ -]+
        | (?-u:\b)\d{4}\s?[A-Z]{2}\s+\p{Lu}\p{L}+
        | (?-u:\b)\p{Lu}[\p{L} '’-]+,?\s+[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}(?-u:\b)
        | (?-u:\b)[A-Z]{1,2}\d[A-Z\d]?\s+\d[A-Z]{2}(?-u:\b)
        | ^\s*(?:B-|CH-|L-)?\d{4}\s+\p{Lu}\p{L}+
        | (?-u:\b)\p{Lu}[\p{L} '’.-]+,\s+[A-Z]{2}\s+\d{5}(?-u:\b)
        | (?-u:\b)\p{Lu}[\p{L} '’.-]+,?\s+AI-?\d{4}(?-u:\b)
        | ,\s*\d{4}\s+\p{Lu}\p{L}+",
    )
});

fn is_address_line(line: &str) -> bool {
    line.chars().count() <= 110
        && !line.contains('@')
        && (STREET_FR.is_match(line) || STREET_OTHER.is_match(line) || TOWN.is_match(line))
        && !super::phone::is_in(line)
}

/// The lines of the signature that are an address, joined by ", ".
pub fn in_signature(signature: &str) -> Option<String> {
    let lines: Vec<&str> = signature.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let first = lines.iter().position(|line| is_address_line(line));
    let Some(first) = first else { return place_only(&lines) };
    let first = if first > 0 && is_street_above(lines[first - 1], lines[first]) { first - 1 } else { first };
    let run = &lines[first..first + length_of_address(&lines[first..])];
    let joined = run.iter().map(|line| line.trim_end_matches([',', '.', ' '])).collect::<Vec<_>>().join(", ");
    Some(without_firm(&joined).to_owned())
}

/// Lines of an address: a quarter or a village may stand between the street and the town, which is the
/// usual form in the Antilles, and the country below it.
const MAX_LINES: usize = 6;

fn length_of_address(lines: &[&str]) -> usize {
    let mut town = false;
    let mut length = 0;
    for (at, line) in lines.iter().take(MAX_LINES).enumerate() {
        let ends = |next: Option<&&str>| next.is_some_and(|next| TOWN.is_match(next) || is_country(next));
        let belongs = at == 0
            || is_country(line)
            || at < 4 && (is_address_line(line) || is_place(line))
            || !town && is_locality(line) && ends(lines.get(at + 1));
        if !belongs {
            break;
        }
        length = at + 1;
        town |= TOWN.is_match(line);
        if is_country(line) {
            break;
        }
    }
    length
}

/// "Lange Voorhout 9-II" above a code and a town: a name of a street that has no word for street.
fn is_street_above(line: &str, below: &str) -> bool {
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"^\p{Lu}[\p{L} '’.-]{2,40} \d{1,4}[ /-]?[\p{L}\d]{0,4}(?: (?:bus|bte|app?t?\.?) ?\w{1,5})?$",
        )
    });
    let only_town = TOWN.is_match(below) && !STREET_FR.is_match(below) && !STREET_OTHER.is_match(below);
    only_town && NUMBERED.is_match(line) && !super::phone::is_in(line)
}

/// Words of a quarter, an estate or a beach, and nothing else.
fn is_locality(line: &str) -> bool {
    (1..=6).contains(&line.split_whitespace().count())
        && line.starts_with(char::is_uppercase)
        && line.chars().all(|c| c.is_alphabetic() || " '’-.,".contains(c))
        && !super::is_organisation(line)
        && !is_occupation(line)
}

fn is_country(line: &str) -> bool {
    const COUNTRIES: [&str; 53] = [
        "france",
        "belgique",
        "belgie",
        "belgium",
        "suisse",
        "schweiz",
        "switzerland",
        "luxembourg",
        "monaco",
        "nederland",
        "pays-bas",
        "netherlands",
        "the netherlands",
        "united kingdom",
        "royaume-uni",
        "great britain",
        "uk",
        "england",
        "scotland",
        "wales",
        "ireland",
        "irlande",
        "germany",
        "deutschland",
        "allemagne",
        "spain",
        "espana",
        "espagne",
        "portugal",
        "italy",
        "italia",
        "italie",
        "usa",
        "united states",
        "etats-unis",
        "canada",
        "sint maarten",
        "st maarten",
        "saint martin",
        "st martin",
        "saint barthelemy",
        "saint barth",
        "guadeloupe",
        "martinique",
        "guyane",
        "anguilla",
        "curacao",
        "aruba",
        "bonaire",
        "haiti",
        "dominica",
        "republique dominicaine",
        "antilles francaises",
    ];
    let folded =
        fold(line).replace(['.', ',', '(', ')'], "").replace("saint-", "saint ").replace("st-", "st ");
    COUNTRIES.contains(&folded.trim())
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
        && !super::is_organisation(line)
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
pub fn in_text(text: &str) -> Option<String> {
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
            (TOLD.iter().any(|word| said.contains(word)) && !is_of_the_desk(&said)).then_some((line, hit))
        })?;
    let town = TOWN.find(&line[hit.start()..]).map(|town| hit.start() + town.end());
    let end = town
        .filter(|end| *end < hit.end() + 60)
        .unwrap_or_else(|| end_of_street(line, hit.start(), hit.end()));
    Some(line[hit.start()..end].trim_end_matches([',', '.', ' ']).to_owned())
}

/// Whether the words before an address say that it is the desk's: "your address", or where the writer
/// sent a letter.
fn is_of_the_desk(said: &str) -> bool {
    const MINE: [&str; 9] = [
        "mon adresse",
        "ma nouvelle",
        "my address",
        "my new",
        "habite",
        "demeur",
        "domicili",
        "mijn adres",
        "mi direccion",
    ];
    const YOURS: [&str; 14] = [
        "votre adresse",
        "votre siege",
        "vos bureaux",
        "votre agence",
        "your address",
        "your office",
        "your registered",
        "uw adres",
        "su direccion",
        "j'ai envoye",
        "j'ai ecrit",
        "nous avons envoye",
        "i sent",
        "i wrote",
    ];
    let last = |words: &[&str]| words.iter().filter_map(|word| said.rfind(word)).max();
    last(&YOURS).is_some_and(|yours| last(&MINE).is_none_or(|mine| mine < yours))
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
    fn addresses_are_taken_whole() {
        for (lines, address) in [
            (
                "Jo Roy\n7 rue du Port\nGrand Case\n97150 Saint-Martin\n0590 11 22 33",
                "7 rue du Port, Grand Case, 97150 Saint-Martin",
            ),
            (
                "Jo Roy\n7 rue du Port\nQuartier d'Orléans\n97150 SAINT MARTIN",
                "7 rue du Port, Quartier d'Orléans, 97150 SAINT MARTIN",
            ),
            (
                "Jo Roy\nRésidence Les Palmiers, Bât. B\nOyster Pond\n97150 ST MARTIN",
                "Résidence Les Palmiers, Bât. B, Oyster Pond, 97150 ST MARTIN",
            ),
            (
                "Jo Roy\nWelfare Road 24\nCole Bay\nSint Maarten\n+1-721-544-1234",
                "Welfare Road 24, Cole Bay, Sint Maarten",
            ),
            ("Jo Roy\nChemin du Lac 4\nCH-1009 Pully", "Chemin du Lac 4, CH-1009 Pully"),
            ("J. Roy\nKorte Vijverberg 3-II\n2513 AB Den Haag", "Korte Vijverberg 3-II, 2513 AB Den Haag"),
            (
                "Jo Roy\nKerkstraat 12 bus 3\n9000 Gent\nBelgique\nGSM 0470 12 34 56",
                "Kerkstraat 12 bus 3, 9000 Gent, Belgique",
            ),
            ("Jo Roy\nThe Quarter AI-2640\nAnguilla\n1-264-497-1234", "The Quarter AI-2640, Anguilla"),
            (
                "Jo Roy\n7 rue du Port, 97150 Saint-Martin\nEnvoyé de mon iPhone",
                "7 rue du Port, 97150 Saint-Martin",
            ),
            ("Jo Roy\n7 rue du Port\n97150 Saint-Martin\nMarie Roy", "7 rue du Port, 97150 Saint-Martin"),
        ] {
            assert_eq!(in_signature(lines).as_deref(), Some(address), "{lines}");
        }
    }

    #[test]
    fn where_a_letter_was_sent_is_not_where_the_writer_lives() {
        for (text, address) in [
            ("J'ai envoyé un courrier au 14 rue Anegada, 97150 Saint-Martin", None),
            ("votre adresse est bien 14 rue Anegada ?", None),
            (
                "J'ai écrit en mai. Mon adresse : 7 rue du Port, 97150 Saint-Martin",
                Some("7 rue du Port, 97150 Saint-Martin"),
            ),
            ("Vous pouvez m'écrire au 7 rue du Port", Some("7 rue du Port")),
        ] {
            assert_eq!(in_text(text).as_deref(), address, "{text}");
        }
    }
}
