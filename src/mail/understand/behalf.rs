//! Whether the person writes for somebody else: a relative, a guardian, a lawyer (PROCEDURE 4.6).
//!
//! Whoever writes for a company writes for themselves: a manager needs no mandate. A wrong yes costs a
//! sentence in the acknowledgement and a wrong no nothing, since staff see the mail: plain words only.

use std::sync::LazyLock;

use regex::Regex;

use super::signs::Signs;

/// Ways to say it, folded; `RELATIVE` and `PERSON` stand for the lists below.
const WAYS: &[&str] = &[
    // French
    r"(?:ecris|ecrivons|adresse|contacte|agis|signale|interviens|reclamation|plainte)(?: \S+){0,3} (?:pour|au nom de|de la part de) (?:le compte de )?(?:ma|mon|mes|une?) (?:\S+ )?RELATIVE",
    r"(?:au nom(?: et pour le compte)? de|pour le compte de|de la part de|dans l'interet de) (?:(?:ma|mon|mes|notre|nos) (?:\S+ )?(?:RELATIVE|mandante?)|PERSON|feue?\b|la succession|l'indivision)",
    r"en (?:ma |notre )?qualite de? (?:conseils?|avocate?|tut(?:eur|rice)|curat(?:eur|rice)|mandataire|notaire|execut(?:eur|rice)|ayant droit|representante?|heritiere?|fils|fille)\b",
    r"je suis (?:le |la |l'|son |sa )?(?:conseil|avocate?|tut(?:eur|rice)|curat(?:eur|rice)|mandataire|notaire|fils|fille|niece|neveu|assistante sociale|aidante?)(?: familiale?| judiciaire)? (?:de|du|d')\b",
    r"(?:conseil|avocate?|mandataire|tut(?:eur|rice)|curat(?:eur|rice)) de PERSON",
    r"(?:ai|avons) (?:recu )?(?:mandat|procuration) (?:de|pour)\b",
    r"mandatee?s? par (?:PERSON|m(?:on|a) (?:client|RELATIVE))",
    r"\b(?:mon client|ma cliente|nos clients?|notre cliente?)(?:,|\b.{0,60}\b(?:PERSON|somme|dossier|reclamation|compte|lettre|reponse))",
    // English
    r"on behalf of (?:(?:my|our|his|her|a) (?:\S+ )?RELATIVE|PERSON|the estate|the late)",
    r"(?:writ(?:e|ing)|complain(?:ing)?|contact(?:ing)? you|act(?:ing)?) for (?:(?:my|our) (?:\S+ )?RELATIVE|PERSON)",
    r"as (?:the |his |her |their )?(?:son|daughter|solicitor|attorney|lawyer|guardian|execut(?:or|rix)|carer|trustee) (?:of|for)\b",
    r"\b(?:i|we) represent (?:my|our|PERSON)",
    r"(?:power of attorney for|instructed by) (?:my|our|PERSON)",
    r"\bour client\b|\bmy client,? ",
    // Dutch, Spanish, Creole
    r"namens (?:mijn (?:\S+ )?RELATIVE|PERSON)",
    r"schrijf (?:u )?voor mijn (?:\S+ )?RELATIVE",
    r"en (?:nombre|representacion) de (?:mis? (?:\S+ )?RELATIVE|PERSON)",
    r"(?:ekri (?:nou |w |ou )?pou|nan non) (?:manman|papa|granmoun|matant|tonton)",
];

const RELATIVES: &str = "mere|pere|maman|papa|mari|femme|epoux|epouse|conjointe?|compagn(?:on|e)|fils|fille|frere|soeur|oncle|tante|\
     grand[- ]?mere|grand[- ]?pere|grands[- ]parents|parents|belle[- ]mere|beau[- ]pere|voisine?|amie?|marraine|parrain|clients?|cliente|\
     mother|father|mum|mom|dad|husband|wife|partner|son|daughter|brother|sister|uncle|aunt|grandmother|grandfather|neighbou?r|friend|\
     moeder|vader|ouders|man|vrouw|zoon|dochter|broer|zus|buurvrouw|buurman|vriend|vriendin|\
     madre|padre|marido|esposa|esposo|hijo|hija|hermano|hermana|abuela|abuelo|vecina|vecino|clienta";

const PERSONS: &str = r"(?:m\.|mr\b|mrs\b|ms\b|miss\b|dr\b|mme\b|mlle\b|monsieur\b|madame\b|de heer\b|dhr\b|mevrouw\b|mevr\b|el senor\b|la senora\b)";

static FOR_ANOTHER: LazyLock<Regex> = LazyLock::new(|| {
    let ways = WAYS.join("|").replace("RELATIVE", &format!(r"(?:{RELATIVES})\b")).replace("PERSON", PERSONS);
    Regex::new(&format!("(?s){ways}")).expect("the ways are tested")
});

pub fn of(signs: &Signs) -> bool {
    FOR_ANOTHER.is_match(&signs.folded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::fold::fold;

    #[test]
    fn who_writes_for_another_says_so() {
        for text in [
            "Je vous écris pour ma mère, qui n’a pas d’ordinateur.",
            "agissant en qualité de curatrice de Madame Wozniak",
            "J'interviens en qualité de conseil de Monsieur et Madame K.",
            "Je suis la fille de Mme Petit, qui a perdu 3 000 €.",
            "restituer à notre client, M. Rigaud, la somme de 22 000 €",
            "Tuteur de Monsieur Albert Novak, 84 ans, nous découvrons",
            "Au nom et pour le compte de Madame Pellerin",
            "I am writing on behalf of my elderly father.",
            "We act for Mr Stone in this matter.",
            "Ik schrijf namens mijn moeder.",
            "Escribo en nombre de mi madre.",
            "M ap ekri pou manman mwen.",
        ] {
            assert!(FOR_ANOTHER.is_match(&fold(text)), "{text}");
        }
    }

    #[test]
    fn who_writes_for_themselves_or_for_their_company_needs_no_mandate() {
        for text in [
            "Je suis cliente chez vous depuis 2022, j'ai mis les économies de mon mari.",
            "je suis venue avec ma mère au bureau de Marigot",
            "au nom de ma société, je conteste ces frais",
            "On behalf of our company I ask for the statement.",
            "mon notaire me les réclame pour une succession",
            "J'ai d'autres clients madame, m'a-t-elle dit.",
            "Comment un client dépose-t-il une réclamation chez vous ?",
            "I represent an insurance broker and would be glad to discuss a partnership.",
            "ouvert au nom de mon notaire",
            "Votre collègue a parlé au nom de la direction.",
        ] {
            assert!(!FOR_ANOTHER.is_match(&fold(text)), "{text}");
        }
    }
}
