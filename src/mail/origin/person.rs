//! Whether a text that has a mark of a machine is a person's all the same: it speaks for somebody and
//! tells a grievance, wants something of us, or says what no form knows.
//!
//! Asked only where such a mark was found, and never to find a machine.

use std::sync::LazyLock;

use regex::Regex;

use crate::core::fold::fold;
use crate::mail::understand::concept;

/// Text that is looked at, in characters: whoever complains has begun by then.
const READ_CHARS: usize = 6_000;

/// How much of a person is heard in a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Voice {
    /// Nothing that a form could not say.
    Nobody,
    /// Something that forms seldom say.
    Somebody,
    /// Somebody who speaks of themselves and wants something of us.
    Clear,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

/// Somebody demands something, or will not have it so.
static DEMANDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:je|j'|nous) ?(?:reclam|conteste|exig|demand|refus)|\bma reclamation\b|\brembours|\bmy complaint\b|\bi (?:complain|demand|insist|dispute|refuse)\b|\bwe (?:complain|demand|insist|dispute|refuse)\b|\brefund|inadmissible|inacceptable|unacceptable|scandal|pas recu|not received",
    )
});
/// Somebody speaks of their affairs with us.
static AFFAIRS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(?:mon|ma|mes|my|notre|our) (?:virement|retrait|versement|argent|sous|epargne|compte|dossier|account|money|file|case|savings|payout|withdrawal)\b|(?:virement|retrait) (?:n'|est |reste )|\binvesti\b",
    )
});
static WE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:nous|notre|nos|we|our|us|wij|ons|onze|nosotros|nuestra|nuestro)\b"));
/// Questions that forms put as headings.
static FORM_QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\bquestions?|\burgences?|\burgente?|\burgency|\baide|\bhelp|\bproblemes?|nous lire|\bemails?|\bcorrectly|\bcorrectement) ?\?",
    )
});
/// Somebody speaks of themselves.
static FIRST_PERSON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:je|j'\w+|me|m'\w+|moi|mon|ma|mes|i|i'm|i've|i'd|my|me|mine|ik|mijn|mij|yo|mi|mis|mwen)\b")
});
/// Somebody speaks to us about what we did, or of people and papers that no form knows.
static KNOWS_US: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\bvous (?:m'|me |dites|disiez|aviez|avez (?:dit|promis|ecrit|pris|preleve|bloque|encaisse|debite|refuse|ferme|clos)\b|ne (?:repondez|faites|tenez|voulez|m'))|\b(?:avec|chez|contre) vous\b|\bvotre service (?:est|ne|n')|\bvotre (?:agence|conseill|standard|plateforme|site|collegue|silence|appel)|\b(?:prenez|baladez|moquez|remboursez|arretez|rendez)\b|\bvos (?:explications|conseill|services|questions|reponses|equipes)|\byour (?:agents?|site|platform|team|staff|office|call|answer|decision|reply|questions|three|letter)\b|\byou (?:told|asked|said|sent|took|keep|never|have|charged|promised|people)\b|(?:joindre|contacte[rz]|appele[rz]|ecri(?:re|vez) a|adresse[rz](?:-vous)? a|call|contact|write to|bel|llame a) (?:mon|ma|my|mijn|mi) (?:epouse|epoux|femme|mari|conjointe?|compagne|compagnon|fils|fille|soeur|frere|mere|pere|avocate?|notaire|comptable|wife|husband|partner|son|daughter|sister|brother|mother|father|lawyer|solicitor|accountant|vrouw|man|zoon|dochter|advocaat|mujer|esposa|marido|hijo|hija|abogado)\b|\b(?:mon|ma|my|mijn|mi) (?:epouse|epoux|femme|mari|conjointe?|compagne|compagnon|fils|fille|soeur|frere|mere|pere|avocate?|notaire|comptable|wife|husband|partner|son|daughter|sister|brother|mother|father|lawyer|solicitor|accountant|vrouw|man|zoon|dochter|advocaat|mujer|esposa|marido|hijo|hija|abogado) (?:peut|pourra|repondra|can|will|kan|puede)\b|\b(?:la|les|l'|une|the) ?(?:pieces?|justificatifs?|attestation|releves?|documents?) (?:que|demand|manqu|you|request)|\bpieces? (?:demandee|manquante)|\bpersonne ne\b|\bnobody\b|\bno ?one\b|d'accord|\bagree\b|\bmerci (?:de|pour) (?:votre (?:appel|diligence|reponse|rapidite)|m'avoir|l'appel)|\b(?:thanks|thank you) for (?:coming|getting) back\b|\bsi je ne |\bunless you\b",
    )
});

/// Concepts (`understand/concepts.txt`) by which a text tells a grievance.
const GRIEVANCES: [&str; 9] =
    ["fault", "anger", "went_wrong", "demand", "complain_open", "contest", "fraud", "legal", "redress"];

fn read(text: &str) -> String {
    fold(&text.chars().take(READ_CHARS).collect::<String>())
}

fn grieves(folded: &str) -> bool {
    let found = concept::find_in(folded);
    GRIEVANCES.iter().any(|concept| found.contains(concept))
}

/// What was found in a text, folded.
struct Said {
    i: bool,
    we: bool,
    demands: bool,
    wants: bool,
    asks: bool,
    knows: bool,
    grieves: bool,
}

impl Said {
    fn of(text: &str) -> Self {
        let text = read(text);
        let demands = DEMANDS.is_match(&text);
        Self {
            i: FIRST_PERSON.is_match(&text),
            we: WE.is_match(&text),
            demands,
            wants: demands || AFFAIRS.is_match(&text),
            asks: FORM_QUESTION.replace_all(&text, "").contains('?'),
            knows: KNOWS_US.is_match(&text),
            grieves: grieves(&text),
        }
    }
}

/// Whether a text is in the first person.
pub fn speaks_of_themselves(text: &str) -> bool {
    FIRST_PERSON.is_match(&read(text))
}

/// Who is heard in the newly written text.
pub fn voice(text: &str) -> Voice {
    let said = Said::of(text);
    if said.i && (said.wants || said.asks)
        || said.we && said.wants
        || said.knows && (said.grieves || said.wants)
    {
        Voice::Clear
    } else if said.wants || said.asks && !said.we || said.grieves || said.knows {
        Voice::Somebody
    } else {
        Voice::Nobody
    }
}

/// The same of a text whose every sentence is one of a form: that something is closed or unread is no
/// grievance there.
pub fn voice_in_a_form(text: &str) -> Voice {
    let said = Said::of(text);
    if said.wants || said.asks || said.knows { voice(text) } else { Voice::Nobody }
}

/// Whether somebody complains here, whatever the mail is marked as (TRAPS 18): a grievance or a demand,
/// told to us or by somebody who speaks of themselves. News about other people's complaints are none.
pub fn complains(text: &str) -> bool {
    let said = Said::of(text);
    said.demands && (said.i || said.we) || said.grieves && (said.i || said.knows || said.demands)
}
