//! The sender's telephone number, as written: not an account, a day or an amount, and nobody else's.

use std::sync::LazyLock;

use regex::{Match, Regex};

use crate::core::fold::fold;

static PHONE: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"\((?:\+|00)\d{1,3}\)[ .\u{a0}\u{202f}\-/]?(?:\(0\))?\d[\d \u{a0}\u{202f}.\-/]{5,16}\d|(?-u:\b)1[ .\u{a0}\-]?(?:\([2-9]\d{2}\)|[2-9]\d{2})[ .\u{a0}\-]?\d{3}[ .\u{a0}\-]\d{4}(?-u:\b)|(?-u:\b)[2-9]\d{2}-\d{3}-\d{4}(?-u:\b)|(?:\+|(?-u:\b)00)\d{1,3}[ .\u{a0}\u{202f}\-/]?(?:\(0?\d{0,4}\)[ .\u{a0}\-]?)?\d[\d \u{a0}\u{202f}.\-/]{5,16}\d|\(\d{3}\) ?\d{3}[ .\-]\d{4}|(?-u:\b)0\d(?:(?: - |[ .\u{a0}\u{202f}\-/])?\d){7,9}(?-u:\b)",
    )
});

static LABELLED: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"(?i)(?-u:\b)(?:t[ée]l(?:[ée]phone)?|phone|mob(?:ile)?|m[óo]vil|port(?:able)?|gsm|whatsapp|call me (?:on|at)|telefoon|appel(?:er|ez)[- ]moi au)(?-u:\b)[ .:\u{a0}n°-]{0,4}(\d[\d .\u{a0}\-]{5,14}\d)",
    )
});

/// The first telephone number of the sender, as written.
pub fn of(text: &str) -> Option<String> {
    // Fewer digits make no number.
    text.bytes().filter(u8::is_ascii_digit).nth(6)?;
    let hits = PHONE.find_iter(text).filter(|hit| is_phone(text, hit.start(), hit.end()));
    let labelled = LABELLED.captures_iter(text).filter_map(|hit| hit.get(1));
    let theirs = |hit: &Match<'_>| !is_of_another(text, hit.start(), hit.end());
    let (general, labelled) = (hits.take(MAX_NUMBERS).find(theirs), labelled.take(MAX_NUMBERS).find(theirs));
    let first = match (general, labelled) {
        (Some(a), Some(b)) if b.start() < a.start() => b.as_str(),
        (Some(a), _) => a.as_str(),
        (None, Some(b)) => b.as_str(),
        (None, None) => return None,
    };
    Some(first.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '-' | '/')).to_owned())
}

/// Whether a line holds something in the form of a number.
pub fn is_in(line: &str) -> bool {
    PHONE.is_match(line)
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
    let date =
        hit.contains('/') && !has_strokes_of_a_phone(hit) || (hit.matches('-').count() == 2 && digits == 8);
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

/// "0690/55/44/33", "05/90/87/65/43", "02/123 45 67": a stroke divides telephones too, but no day, month
/// and year stand in them.
fn has_strokes_of_a_phone(hit: &str) -> bool {
    let pieces: Vec<&str> =
        hit.split(|c: char| !c.is_ascii_digit()).filter(|piece| !piece.is_empty()).collect();
    let strokes = hit.matches('/').count();
    let area = pieces[0].len();
    let pairs = strokes == 4 && pieces.len() == 5 && pieces.iter().all(|piece| piece.len() == 2);
    let after_area = strokes == 1
        && pieces.get(1).is_some_and(|next| {
            (next.len() == 3 || hit.starts_with('+') || area > 2)
                && !hit.split('/').nth(1).is_some_and(is_year)
        });
    hit.starts_with('0') && area == 4 || pairs || after_area
}

fn is_year(text: &str) -> bool {
    (text.starts_with("19") || text.starts_with("20"))
        && text.bytes().take_while(u8::is_ascii_digit).count() == 4
}

/// Numbers that are looked at; more stand in a directory.
const MAX_NUMBERS: usize = 50;

/// Bytes before a number that tell whose it is.
const CLAUSE_BYTES: usize = 120;

/// The desk's own number, or one that is dialled.
static OURS: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"(?-u:\b)(?:(?:votre|vos|your|uw|jullie|su|vuestro) (?:\S+ ){0,2}(?:numeros?|n°|tel|telephone|telefoon\S*|telefono|standard|ligne|lignes|bureaux?|service|services|agence|accueil|hotline|helpline|phone|line|number|office|nummer|linea)|vous (?:joindre|appeler|contacter|telephoner)|(?:j'ai|nous avons|on a) (?:\S+ ){0,3}(?:appele|rappele|telephone|compose|joint)|i (?:have |'ve |also ){0,2}(?:called|phoned|rang|rung|dialled|dialed|tried)|ik (?:heb|had|belde)|he llamado|llame al)(?-u:\b)",
    )
});
/// Somebody else's: a possessive and a person, shortly before the number.
static KIN: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"(?-u:\b)(?:mon|ma|mes|notre|my|our|mijn|onze|mi|nuestr[ao]) (?:collegue|assistante?|epouse|femme|mari|epoux|conjointe?|compagne|compagnon|fille|fils|frere|soeur|voisine?|amie?|avocate?|colleague|assistant|wife|husband|partner|daughter|son|brother|sister|neighbour|friend|lawyer|collega|vrouw|man|echtgenote|dochter|zoon|esposa|marido|colega|hija|hijo|abogad[ao])(?-u:\b)(?:'s)?(?: \S+){0,5} ?[:(]? ?$",
    )
});
/// Whom to call when the writer is away.
static STANDING_IN: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"(?-u:\b)(?:urgent\w*|urgences?|dringende?|spoed)(?-u:\b).*(?-u:\b)(?:contact\w*|appel\w*|joindre|bellen|call|reach|llam\w*)(?-u:\b)",
    )
});
/// Words by which the number is the writer's after all.
static MINE: LazyLock<Regex> = LazyLock::new(|| {
    super::pattern(
        r"(?-u:\b)(?:moi|me|m'\w+|mij|mijn nummer|mon (?:numero|tel\w*|portable|mobile|fixe)|my (?:number|phone|mobile|cell)|mi (?:numero|movil|telefono)|us|ons|votre (?:appel|rappel)|your call|depuis le|from)(?-u:\b)",
    )
});

/// Whether the words around a number say that it is not the writer's: the desk's, which was called, or
/// a colleague's who stands in.
fn is_of_another(text: &str, from: usize, to: usize) -> bool {
    let before = start_of_last(&text[..from], CLAUSE_BYTES);
    let clause =
        before.rsplit(['.', '!', '?', '\n', ';']).find(|part| part.trim().len() > 3).unwrap_or_default();
    // Lines that are folded anew go on; a sentence that has ended does not.
    let clause = fold(clause);
    let after = fold(super::start_of(&text[to..], 40));
    let in_brackets = after.trim_start().strip_prefix('(').and_then(|rest| rest.split(')').next());
    if in_brackets.is_some_and(|said| KIN.is_match(said)) {
        return true;
    }
    let last = |pattern: &Regex| pattern.find_iter(&clause).last().map(|hit| hit.start());
    let other = [&*OURS, &*KIN, &*STANDING_IN].into_iter().filter_map(last).max();
    other.is_some_and(|other| last(&MINE).is_none_or(|mine| mine < other))
}

fn start_of_last(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("les 01/10/2026 09 12", None),
            ("entre 01/2026 0912 33", None),
            ("du 01/10/26 au 05/11/26", None),
            ("0690/55/44/33", Some("0690/55/44/33")),
            ("05/90/87/65/43", Some("05/90/87/65/43")),
            ("02/123.45.67", Some("02/123.45.67")),
            ("1-264-497-1234", Some("1-264-497-1234")),
            ("Tel 1 (721) 554-1234", Some("1 (721) 554-1234")),
            ("721-554-1234", Some("721-554-1234")),
            ("(+33)6 39 98 00 11", Some("(+33)6 39 98 00 11")),
        ] {
            assert_eq!(of(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn the_number_of_somebody_else_is_not_the_senders() {
        for text in [
            "J'ai composé deux fois votre numéro 0590 87 00 00 sans succès",
            "I called your office on 0590 87 00 00 and nobody answers",
            "Impossible de vous joindre au 0590 87 00 00",
            "Merci d'appeler mon collègue Paul au 0590 11 22 33",
            "voyez avec ma femme : 0690 11 22 33",
            "0690 11 22 33 (mon mari)",
            "my husband's number is 0690 11 22 33",
            "Voor dringende zaken kunt u bellen met 0590 11 22 33",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        for text in [
            "J'ai appelé en vain. Rappelez-moi au 0690 11 22 33",
            "J'ai appelé votre service depuis mon numéro 0690 11 22 33",
            "J'ai appelé votre numéro 0590 87 00 00. Mon portable : 0690 11 22 33",
            "Mon mari et moi attendons votre appel au 0690 11 22 33",
            "C'est urgent, appelez-moi : 0690 11 22 33",
            "Je suis joignable au 0690 11 22 33",
            "my husband and I can be reached, call us on 0690 11 22 33",
        ] {
            assert_eq!(of(text).as_deref(), Some("0690 11 22 33"), "{text}");
        }
    }
}
