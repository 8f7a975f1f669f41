//! What speaks against taking a mail for a withdrawal or for thanks.
//!
//! A withdrawal ends a case, so that it must be certain: what is refused, conditional, asked about or
//! bargained over is none. Thanks for something bad are a reproach.

use super::normalise;
use super::signs::Signs;

/// How far before or after a verb a negation counts, in words of its clause.
const REACH: usize = 5;
/// How far before a state ("réglé") a negation counts.
const STATE_REACH: usize = 4;
/// Words between what thanks and what one is thanked for.
const THANKED_REACH: usize = 8;

/// To take back or to close; `*` begins a word.
const VERBS: [&str; 36] = [
    "retir*",
    "annul*",
    "abandonn*",
    "renonc*",
    "desist*",
    "withdraw*",
    "withdrew",
    "drop",
    "dropping",
    "dropped",
    "cancel*",
    "close",
    "closed",
    "closing",
    "clos",
    "clore",
    "close",
    "clotur*",
    "classe",
    "classez",
    "classer",
    "classiez",
    "ferme",
    "fermez",
    "fermer",
    "fermiez",
    "archiv*",
    "trek",
    "trekken",
    "intrek*",
    "sluit*",
    "cerrar*",
    "cierr*",
    "femen",
    "feme",
    "retracte*",
];
/// What is taken back or closed.
const CASES: [&str; 17] = [
    "reclamation*",
    "plainte*",
    "dossier*",
    "demande",
    "affaire",
    "complaint*",
    "case",
    "ticket",
    "file",
    "matter",
    "it",
    "klacht*",
    "zaak",
    "queja*",
    "reclamacion*",
    "caso",
    "plent",
];
const SETTLED: [&str; 16] = [
    "regle*",
    "resolu",
    "resolue",
    "resolus",
    "resolues",
    "rezoud",
    "resolved",
    "settled",
    "solved",
    "fixed",
    "opgelost",
    "geregeld",
    "resuelt*",
    "solucionad*",
    "arrange",
    "sorted",
];
const NEGATIONS: [&str; 14] = [
    "pas",
    "not",
    "t",
    "never",
    "jamais",
    "niet",
    "geen",
    "nunca",
    "aucunement",
    "nullement",
    "refus*",
    "weiger*",
    "pa",
    "cannot",
];
/// "Je ne vois pas d'inconvénient à ce que vous clôturiez".
const ALLOWING: [&str; 7] = ["hesit*", "inconvenient*", "oppos*", "objection*", "object", "bezwaar", "mind"];

/// Whether nothing in a mail speaks against a withdrawal.
pub fn may_withdraw(signs: &Signs) -> bool {
    !is_open(signs) && !sentences(&signs.joined).any(|each| each.bargains())
}

/// Whether the mail says that the matter goes on: not settled, not taken back, to be reopened.
pub fn is_open(signs: &Signs) -> bool {
    sentences(&signs.joined).any(|each| each.goes_on())
}

/// Whether thanks or praise are for something bad: "merci d'avoir perdu mon dossier".
pub fn is_irony(signs: &Signs) -> bool {
    sentences(&signs.joined).any(|each| each.thanks_for_bad())
}

struct Sentence<'t> {
    words: Vec<&'t str>,
    /// Where it is cut at commas and at "mais", "donc" and the like.
    clauses: Vec<Vec<&'t str>>,
    asks: bool,
}

fn sentences(joined: &str) -> impl Iterator<Item = Sentence<'_>> {
    joined.split_inclusive(['.', ';', ':', '?', '!', '\n']).map(|text| {
        const JOINTS: [&str; 10] = ["mais", "donc", "alors", "car", "but", "so", "and", "et", "maar", "pero"];
        let words_of = |text| {
            normalise::words(text).into_iter().filter(|word| !matches!(*word, "." | "?" | "!")).collect()
        };
        let clauses = text.split([',', '(', ')']).flat_map(|part| {
            let words: Vec<&str> = words_of(part);
            words.split(|word| JOINTS.contains(word)).map(<[&str]>::to_vec).collect::<Vec<_>>()
        });
        Sentence { words: words_of(text), clauses: clauses.collect(), asks: text.ends_with('?') }
    })
}

impl Sentence<'_> {
    fn says(&self, list: &[&str]) -> bool {
        self.words.iter().any(|word| is_one(word, list))
    }

    fn has(&self, pair: [&str; 2]) -> bool {
        self.words.windows(2).any(|two| is_one(two[0], &[pair[0]]) && is_one(two[1], &[pair[1]]))
    }

    /// Where it speaks of taking a case back or closing it.
    fn taken_back(&self) -> Option<usize> {
        self.words.iter().position(|word| is_one(word, &VERBS)).filter(|_| self.says(&CASES))
    }

    fn goes_on(&self) -> bool {
        let reopens = self.says(&["rouvr*", "reouvr*", "reopen*", "heropen*", "reabr*"]);
        let maintains = self.says(&CASES)
            && self.clauses.iter().any(|clause| {
                let verb = ["maintien*", "maintain*", "mainten*", "handhaaf*", "mantengo", "mantenemos"];
                let place = clause.iter().position(|word| is_one(word, &verb) && *word != "maintenant");
                place.is_some_and(|i| {
                    let near = &clause[i.saturating_sub(REACH)..clause.len().min(i + REACH)];
                    !near.iter().any(|word| {
                        is_one(word, &NEGATIONS) || ["plus", "inutile", "no", "longer", "need"].contains(word)
                    })
                })
            });
        reopens
            || maintains
            || self.clauses.iter().any(|clause| is_unsettled(clause))
            || (self.taken_back().is_some() && self.clauses.iter().any(|clause| is_refused(clause)))
    }

    /// A withdrawal on a condition, asked about, demanded by others or only reported.
    fn bargains(&self) -> bool {
        let Some(verb) = self.taken_back() else { return self.is_reported() && self.says(&SETTLED) };
        self.is_reported() || self.is_pressed() || self.is_conditional(verb) || self.only_asks()
    }

    fn is_reported(&self) -> bool {
        const SAY: [&str; 9] =
            ["ecrivez", "dites", "affirmez", "pretendez", "annoncez", "claim", "say", "wrote", "beweert"];
        SAY.iter().any(|verb| ["vous", "you", "u"].iter().any(|you| self.has([you, verb])))
    }

    fn is_pressed(&self) -> bool {
        const PRESSURE: [&str; 9] = [
            "chantage",
            "blackmail*",
            "chantaje",
            "chantage*",
            "pression*",
            "pressur*",
            "contrain*",
            "oblig*",
            "forc*",
        ];
        const TOLD: [[&str; 2]; 9] = [
            ["a", "demande"],
            ["ont", "demande"],
            ["me", "demand*"],
            ["asked", "me"],
            ["told", "me"],
            ["want", "me"],
            ["wants", "me"],
            ["me", "pid*"],
            ["vroeg", "mij"],
        ];
        self.says(&PRESSURE) || TOLD.iter().any(|pair| self.has(*pair))
    }

    fn is_conditional(&self, verb: usize) -> bool {
        const IF: [&str; 9] = ["si", "if", "als", "indien", "mits", "unless", "provided", "tant", "until"];
        // "If you could close my complaint", "si possible".
        const POLITE: [&str; 17] = [
            "vous", "you", "u", "pouvez", "pouviez", "pourriez", "voulez", "vouliez", "could", "can",
            "would", "please", "bien", "kunt", "wilt", "me", "just",
        ];
        const LITTLE: [&str; 10] = [
            "possible",
            "necessaire",
            "needed",
            "necessary",
            "besoin",
            "ce",
            "nodig",
            "posible",
            "not",
            "tout",
        ];
        let conditions = self.words.iter().enumerate().filter(|(_, word)| is_one(word, &IF));
        let strict = conditions.into_iter().any(|(i, _)| {
            let after = &self.words[i + 1..];
            let is_little = after.first().is_some_and(|word| LITTLE.contains(word));
            let is_polite = verb > i && self.words[i + 1..verb].iter().all(|word| POLITE.contains(word));
            !is_little && !is_polite
        });
        let later = ["retirerai*", "annulerai*", "renoncerai*", "retirare*", "retirarem*"];
        let before = &self.words[verb.saturating_sub(2)..verb];
        let future = is_one(self.words[verb], &later)
            || before.iter().any(|word| ["will", "ll", "would", "zal", "zou"].contains(word));
        strict || self.has(["a", "condition"]) || self.has(["seule", "condition"]) || future
    }

    fn only_asks(&self) -> bool {
        const REQUEST: [[&str; 2]; 10] = [
            ["can", "you"],
            ["could", "you"],
            ["would", "you"],
            ["pouvez", "vous"],
            ["pourriez", "vous"],
            ["pouvez", "*"],
            ["possible", "*"],
            ["kunt", "u"],
            ["pueden", "*"],
            ["puede", "*"],
        ];
        self.asks && !REQUEST.iter().any(|pair| self.has(*pair))
    }

    fn thanks_for_bad(&self) -> bool {
        const THANKS: [&str; 18] = [
            "merci",
            "remercie*",
            "bravo",
            "felicit*",
            "chapeau",
            "thank",
            "thanks",
            "thx",
            "congrat*",
            "kudos",
            "cheers",
            "gracias",
            "felicidades",
            "bedankt",
            "dank",
            "mesi",
            "well",
            "job",
        ];
        self.words.iter().enumerate().filter(|(_, word)| is_one(word, &THANKS)).any(|(i, _)| {
            let after = &self.words[i + 1..];
            let near = &after[..after.len().min(THANKED_REACH)];
            let place =
                near.iter().position(|word| is_one(word, &["for", "pour", "d", "de", "por", "voor", "pou"]));
            place.is_some_and(|of| is_bad(&after[of + 1..]))
        })
    }
}

/// Whether what one is thanked for is bad: the first word that says anything.
fn is_bad(thanked_for: &[&str]) -> bool {
    const LITTLE: [&str; 52] = [
        "avoir", "having", "m", "me", "nous", "us", "l", "le", "la", "les", "de", "d", "des", "du", "of",
        "vos", "votre", "your", "the", "ce", "ces", "cet", "cette", "this", "these", "all", "that", "tout",
        "toute", "un", "une", "a", "0", "€", "euros", "deux", "trois", "two", "three", "drie", "twee", "dos",
        "tres", "mois", "semaines", "jours", "heures", "months", "weeks", "hours", "maanden", "encore",
    ];
    const BAD: [&str; 47] = [
        "nothing",
        "rien",
        "nada",
        "niets",
        "anyen",
        "losing",
        "lost",
        "lose",
        "perdu*",
        "perdre",
        "perder",
        "perdido",
        "egare*",
        "egarer",
        "kwijtraken",
        "verliezen",
        "ignor*",
        "oubli*",
        "forgetting",
        "silenc*",
        "stilte",
        "radio",
        "mepris*",
        "attente",
        "delay",
        "delays",
        "retard*",
        "disparu*",
        "wasting",
        "ruin*",
        "gach*",
        "vole",
        "voler",
        "stealing",
        "robar*",
        "lying",
        "menti",
        "mensong*",
        "erreurs",
        "mistakes",
        "chaos",
        "galere*",
        "laisse",
        "abandonn*",
        "incompeten*",
        "ecrase*",
        "humili*",
    ];
    // "Thank you for your delayed reply" and the like are not told apart from irony; no customer says so.
    let said = thanked_for.iter().take(THANKED_REACH).find(|word| !LITTLE.contains(word));
    said.is_some_and(|word| is_one(word, &BAD))
}

fn is_refused(clause: &[&str]) -> bool {
    if clause.iter().any(|word| is_one(word, &ALLOWING)) {
        return false;
    }
    clause.iter().enumerate().filter(|(_, word)| is_one(word, &VERBS)).any(|(i, _)| {
        let before = &clause[i.saturating_sub(REACH)..i];
        let after = &clause[i + 1..clause.len().min(i + 1 + REACH)];
        let near = &before[before.len().saturating_sub(2)..];
        let denied = before
            .iter()
            .zip(before.iter().skip(1).chain([&clause[i]]))
            .any(|(word, next)| is_one(word, &NEGATIONS) && !matches!(*next, "besoin" | "la" | "nodig"));
        denied
            || near.iter().any(|word| ["ne", "no", "non"].contains(word))
            || is_out_of_question(before)
            || after.iter().enumerate().any(|(at, word)| {
                ["pas", "jamais", "not", "niet", "nunca"].contains(word)
                    && !after.get(at + 1).is_some_and(|next| ["besoin", "nodig", "grave"].contains(next))
            })
    })
}

fn is_out_of_question(words: &[&str]) -> bool {
    let says = |word: &str| words.contains(&word);
    (says("question") && (says("hors") || says("out")))
        || (says("intention") && (says("no") || says("aucune")))
}

fn is_unsettled(clause: &[&str]) -> bool {
    const NOTHING: [&str; 6] = ["rien", "nothing", "nada", "niets", "far", "loin"];
    clause.iter().enumerate().filter(|(_, word)| is_one(word, &SETTLED)).any(|(i, _)| {
        let before = &clause[i.saturating_sub(STATE_REACH)..i];
        before.iter().any(|word| is_one(word, &NEGATIONS) || NOTHING.contains(word))
    })
}

fn is_one(word: &str, list: &[&str]) -> bool {
    list.iter().any(|each| each.strip_suffix('*').map_or(word == *each, |begin| word.starts_with(begin)))
}
