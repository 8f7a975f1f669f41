//! Marks the signature among the person's own lines: client footers, disclaimers, what stands below
//! `-- `, and a closing formula or a name with what follows it.
//!
//! When in doubt a line stays with the text: a name too many in it hurts less than a word too few.

use super::line::{Line, Place};

/// Longest signature that is recognised without a separator, in lines with words.
const MAX_SIGNATURE_LINES: usize = 14;

pub fn mark(lines: &mut [Line]) {
    for line in lines.iter_mut().filter(|line| line.place == Place::Own) {
        if is_footer(line.folded()) || is_disclaimer(line.folded()) {
            line.place = Place::Signature;
        }
    }
    let mut from = 0;
    while from < lines.len() {
        let run = lines[from..].iter().take_while(|line| line.place != Place::Quote).count();
        if run > 0 {
            mark_run(&mut lines[from..from + run]);
        }
        from += run.max(1);
    }
}

/// One stretch of own lines between two quotes.
fn mark_run(run: &mut [Line]) {
    let mut end = run.len();
    if let Some(at) = run.iter().position(|line| is_delimiter(line)) {
        for line in &mut run[at..] {
            line.place = Place::Signature;
        }
        end = at;
    } else if let Some(at) = run.iter().position(|line| line.place == Place::Signature && line.has_words()) {
        // A marked block with nothing but the signature of the client behind it.
        let own_after = run[at..].iter().any(|line| line.place == Place::Own && line.has_words());
        if !own_after {
            end = at;
        }
    }
    let below = end < run.len() && run[end..].iter().any(|line| is_name_line(line, Strictness::AfterClosing));
    let own: Vec<usize> = (0..end).filter(|i| run[*i].place == Place::Own && !run[*i].is_blank()).collect();
    if let Some(at) = begin(run, &own, below) {
        for line in &mut run[at..end] {
            line.place = Place::Signature;
        }
    }
}

/// `-- ` (RFC 3676 §4.3), with or without its space.
fn is_delimiter(line: &Line) -> bool {
    line.depth == 0 && matches!(line.bare(), "--" | "—" | "–" | "-- --")
}

/// Index of the line where the signature begins, among the lines with words.
fn begin(run: &[Line], own: &[usize], name_below: bool) -> Option<usize> {
    let first = own.len().saturating_sub(MAX_SIGNATURE_LINES);
    let tail = &own[first..];
    for (k, &at) in tail.iter().enumerate() {
        let after = &tail[k + 1..];
        match closing(&run[at]) {
            Closing::WithName if after.iter().all(|&i| is_contact_line(&run[i])) => return Some(at),
            Closing::Formula => {
                let name_first = after.first().is_some_and(|&i| {
                    is_name_line(&run[i], Strictness::AfterClosing)
                        || (after.len() > 1 && is_contact_line(&run[i]))
                });
                let alone = after.is_empty() && name_below;
                let formulas = after.first().is_some_and(|&i| closing(&run[i]) == Closing::Formula);
                let fits =
                    after.iter().all(|&i| is_contact_line(&run[i]) || closing(&run[i]) != Closing::None);
                let letter_ends =
                    name_first && !is_thanks(&run[at]) && after.iter().all(|&i| !is_postscript(&run[i]));
                if alone
                    || letter_ends
                    || (fits && (name_first || (formulas && (after.len() > 1 || name_below))))
                {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    name_block(run, own, first)
}

/// A name without a closing formula, at the end, set apart by a blank line or by its form.
fn name_block(run: &[Line], own: &[usize], first: usize) -> Option<usize> {
    for k in first.max(1)..own.len() {
        let at = own[k];
        let before = &run[own[k - 1]];
        let set_apart = own[k - 1] + 1 < at;
        let strictness = if set_apart { Strictness::SetApart } else { Strictness::NextLine };
        let sentence_before = before.bare().ends_with(['.', '!', '?', '…', ')', '"', '»', ',', '😊', '🙏'])
            || !is_name_line(before, Strictness::SetApart);
        let fits = own[k + 1..].iter().all(|&i| is_contact_line(&run[i]));
        let enough = set_apart || before.bare().ends_with(['.', '!', '?', '…', ')']);
        if fits
            && enough
            && closing(&run[at]) == Closing::None
            && sentence_before
            && is_name_line(&run[at], strictness)
        {
            return Some(at);
        }
    }
    None
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Closing {
    None,
    /// "Cordialement,"
    Formula,
    /// "Cordialement, Jeanne Martin"
    WithName,
}

/// Formulas that close a letter; each may be followed by a few words.
const FORMULAS: [&str; 81] = [
    "cordialement",
    "bien cordialement",
    "tres cordialement",
    "cordiales salutations",
    "cdlt",
    "cdt",
    "bien a vous",
    "sincerement",
    "respectueusement",
    "bien respectueusement",
    "salutations",
    "meilleures salutations",
    "mes salutations",
    "avec mes salutations",
    "sinceres salutations",
    "respectueuses salutations",
    "salutations distinguees",
    "bonne journee",
    "bonne soiree",
    "belle journee",
    "bonne fin de journee",
    "bon week-end",
    "bonne reception",
    "excellente journee",
    "tres bonne journee",
    "a bientot",
    "amicalement",
    "bien amicalement",
    "courtoisement",
    "bien sincerement",
    "sinceres",
    "regards",
    "kind regards",
    "best regards",
    "warm regards",
    "kindest regards",
    "with kind regards",
    "rgds",
    "best wishes",
    "best",
    "many thanks",
    "cheers",
    "sincerely",
    "yours sincerely",
    "yours faithfully",
    "yours truly",
    "yours",
    "respectfully",
    "with thanks",
    "all the best",
    "take care",
    "faithfully",
    "br",
    "saludos",
    "un saludo",
    "saludos cordiales",
    "un cordial saludo",
    "cordiales saludos",
    "atentamente",
    "cordialmente",
    "reciba un",
    "met vriendelijke groet",
    "vriendelijke groet",
    "vriendelijke groeten",
    "hoogachtend",
    "mvg",
    "groet",
    "groeten",
    "met groet",
    "mit freundlichen grussen",
    "freundliche grusse",
    "mfg",
    "viele grusse",
    "ak tout respe",
    "votre bien devoue",
    "votre devoue",
    "confraternellement",
    "devouement",
    "yours ever",
    "with best",
    "with many thanks",
];

/// Thanks that close a letter when nothing but these words stands in the line.
const THANKS: [&str; 40] = [
    "merci",
    "merci d'avance",
    "merci par avance",
    "d'avance merci",
    "par avance merci",
    "merci beaucoup",
    "merci a vous",
    "merci bien",
    "grand merci",
    "un grand merci",
    "merci bcp",
    "mille mercis",
    "tous mes remerciements",
    "avec mes remerciements",
    "avec tous mes remerciements",
    "en vous remerciant",
    "en vous remerciant par avance",
    "en vous remerciant d'avance",
    "remerciements",
    "merci de votre aide",
    "merci pour votre aide",
    "merci pour elle",
    "merci pour lui",
    "thanks",
    "thank you",
    "thanks in advance",
    "thank you in advance",
    "thanks a lot",
    "thanks very much",
    "thank you very much",
    "thx",
    "gracias",
    "muchas gracias",
    "gracias de antemano",
    "bedankt",
    "alvast bedankt",
    "dank",
    "bij voorbaat dank",
    "mesi",
    "mesi anpil",
];

fn closing(line: &Line) -> Closing {
    let folded = line.folded();
    if folded.len() >= 300 || line.depth > 0 {
        return Closing::None;
    }
    if is_long_valediction(folded) {
        return Closing::Formula;
    }
    let text = folded.trim_end_matches([',', '.', '!', ' ', ';', ':', '-']);
    if text.len() > 80 {
        return Closing::None;
    }
    let formula_alone = |text: &str| {
        THANKS.contains(&text) || FORMULAS.contains(&text) || {
            let short = text.split_whitespace().count() <= 6;
            short
                && FORMULAS
                    .iter()
                    .any(|formula| formula.len() > 4 && text.strip_prefix(formula).is_some_and(goes_on))
                || is_introduction(folded)
        }
    };
    // "Merci et bonne journée", "Merci d'avance, cordialement".
    let joined = text.replace(" et ", ",").replace(" and ", ",").replace(" y ", ",").replace(" en ", ",");
    if formula_alone(text) || joined.split(',').all(|part| formula_alone(part.trim())) {
        return Closing::Formula;
    }
    closing_with_name(line)
}

/// "Merci d'avance pour votre aide," or "On behalf of the group,": a short line that a comma leads
/// to the name below.
fn is_introduction(folded: &str) -> bool {
    const OPENINGS: [&str; 24] = [
        "merci",
        "avec mes",
        "avec nos",
        "en vous",
        "dans l'attente",
        "pour le",
        "pour la",
        "pour les",
        "au nom",
        "p/o",
        "thank",
        "many thanks",
        "with thanks",
        "looking forward",
        "on behalf",
        "for the",
        "namens",
        "alvast",
        "bij voorbaat",
        "en nombre de",
        "gracias",
        "quedo a",
        "a la espera",
        "bien",
    ];
    folded.ends_with(',')
        && folded.split_whitespace().count() <= 9
        && OPENINGS.iter().any(|opening| folded.starts_with(opening))
}

/// Thanks may stand inside a text; a formula that closes a letter hardly does.
fn is_thanks(line: &Line) -> bool {
    THANKS.iter().any(|thanks| line.folded().starts_with(thanks))
}

/// "P.S.", after which the person speaks again.
fn is_postscript(line: &Line) -> bool {
    ["ps ", "ps:", "p.s", "p. s", "nb ", "nb:", "n.b"].iter().any(|ps| line.folded().starts_with(ps))
}

/// Words that may follow a formula in its line: "à vous", "de Saint-Martin", "to you all".
fn goes_on(rest: &str) -> bool {
    // "groet-en", "salutation-s".
    if rest.len() <= 3 && rest.chars().all(char::is_alphabetic) {
        return true;
    }
    let rest = rest.trim_start_matches([',', ' ']);
    [
        "a vous",
        "a toute",
        "a tous",
        "to you",
        "a ustedes",
        "et ",
        "and ",
        "de ",
        "from ",
        "uit ",
        "van ",
        "distinguees",
        "cordial",
    ]
    .iter()
    .any(|begin| rest.starts_with(begin))
}

/// "Cordialement, Jeanne Martin" or "Merci, J. Martin" on one line.
fn closing_with_name(line: &Line) -> Closing {
    let bare = line.bare();
    let folded = line.folded();
    let found = FORMULAS.iter().chain(&THANKS).filter(|formula| formula.len() > 3).find(|formula| {
        folded.strip_prefix(**formula).is_some_and(|rest| rest.starts_with([',', ' ', '.', '-']))
    });
    let Some(formula) = found else { return Closing::None };
    let words_before = formula.split_whitespace().count();
    let name: Vec<&str> = bare.split_whitespace().skip(words_before).collect();
    let name = name.join(" ");
    let name = name.trim_start_matches(['-', ',', '.', ' ']);
    if name.is_empty() || name.contains(['.', '?', '!', ':']) && !is_name(name, Strictness::NextLine) {
        return Closing::None;
    }
    if is_name(name, Strictness::NextLine) { Closing::WithName } else { Closing::None }
}

/// "Je vous prie d'agréer, Madame, Monsieur, l'expression de mes salutations distinguées."
fn is_long_valediction(folded: &str) -> bool {
    const ASKS: [&str; 12] = [
        "agreer",
        "agreez",
        "recevoir",
        "recevez",
        "croire",
        "croyez",
        "acceptez",
        "accepter",
        "reciba",
        "acepte",
        "presenter",
        "assurance de",
    ];
    const OFFERS: [&str; 12] = [
        "salutations",
        "sentiments",
        "consideration",
        "respects",
        "hommages",
        "devouement",
        "mes meilleurs",
        "respectueux",
        "saludo",
        "salutation",
        "distinguee",
        "cordial",
    ];
    ASKS.iter().any(|ask| folded.contains(ask)) && OFFERS.iter().any(|offer| folded.contains(offer))
}

/// How sure the place makes us that a name stands there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Strictness {
    /// Below a closing formula: any few words.
    AfterClosing,
    /// Below a blank line.
    SetApart,
    /// Directly below the last sentence.
    NextLine,
}

fn is_name_line(line: &Line, strictness: Strictness) -> bool {
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

fn is_name(text: &str, strictness: Strictness) -> bool {
    let text = text.trim_end_matches([',', ' ']);
    let text = text.strip_suffix('.').filter(|rest| rest.split_whitespace().count() <= 4).unwrap_or(text);
    // "Christelle Hamon, gérante", "Corinne Vautrin – 06 39 …": the name is what comes first.
    let head = text.split([',', '|', '/']).next().unwrap_or("");
    let head = head.split(" - ").next().unwrap_or("").split(" – ").next().unwrap_or("");
    let head = head.split(" (").next().unwrap_or("").trim();
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
    let first = crate::mail::understand::normalise::fold(words[0]);
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
    let line = crate::mail::understand::normalise::fold(&words.join(" "));
    let mut each = line.split([' ', '\'']);
    let first = each.next().unwrap_or("");
    words.len() <= 6 && ARTICLES.contains(&first) && each.take(3).any(|word| GROUPS.contains(&word))
}

/// A line that may stand in a signature below the name: short, no sentence.
fn is_contact_line(line: &Line) -> bool {
    let bare = line.bare();
    if line.place == Place::Signature || bare.is_empty() {
        return true;
    }
    let length = bare.chars().count();
    if length > 110 || line.depth > 0 {
        return false;
    }
    let words = bare.split_whitespace().count();
    let contact = bare.contains('@') || bare.contains("www.") || bare.contains("http") || digits(bare) >= 8;
    if contact && length <= 110 && !bare.contains('?') {
        return words <= 16;
    }
    let sentence = words >= 5 && bare.ends_with(['.', '!', '?']) || bare.contains('?') || bare.ends_with(':');
    let item = bare.starts_with(['-', '*', '•']) && words > 4;
    !sentence && !item && (length <= 64 || bare.contains(['|', '•', '–', '·'])) && !is_postscript(line)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// What a mail program or telephone writes below a mail.
fn is_footer(folded: &str) -> bool {
    const OPENINGS: [&str; 58] = [
        "envoye de mon",
        "envoye depuis",
        "envoye a partir de",
        "envoye avec",
        "envoye via",
        "envoye par mon",
        "envoye de l'",
        "envoye de yahoo",
        "envoye de outlook",
        "envoye de ma ",
        "envoye a l'aide de",
        "sent from my",
        "sent from yahoo",
        "sent from outlook",
        "sent from mail",
        "sent from the ",
        "sent from a ",
        "sent from proton",
        "sent from samsung",
        "sent from gmail",
        "sent via ",
        "sent with ",
        "sent using ",
        "get outlook for",
        "telecharger outlook",
        "obtenir outlook",
        "obtenez outlook",
        "provenance : courrier",
        "provenance: courrier",
        "provenance : mail",
        "enviado desde",
        "enviado con",
        "enviado a traves",
        "obtener outlook",
        "descargar outlook",
        "verstuurd vanaf",
        "verzonden vanaf",
        "verzonden met",
        "verstuurd met",
        "verzonden via",
        "outlook voor ",
        "download outlook",
        "outlook pour ",
        "outlook para ",
        "outlook fur ",
        "gesendet von",
        "von meinem iphone",
        "gesendet mit",
        "inviato da",
        "diese nachricht wurde",
        "garanti sans virus",
        "sans virus",
        "virus-free",
        "virusvrij",
        "l'absence de virus",
        "mail envoye depuis",
        "message envoye depuis",
        "ecrit depuis mon",
    ];
    folded.len() < 160
        && OPENINGS.iter().any(|opening| folded.starts_with(opening))
        && !folded.contains(" le ")
        || folded.starts_with("cet e-mail a ete verifie par")
        || folded.starts_with("cet email a ete verifie par")
        || folded.starts_with("this email has been checked for viruses")
}

/// Legal notices below business mail.
fn is_disclaimer(folded: &str) -> bool {
    const SIGNS: [&str; 30] = [
        "confidentiel",
        "destinataire",
        "par erreur",
        "expediteur",
        "pieces jointes",
        "ce message",
        "cet e-mail",
        "ce courriel",
        "cet email",
        "usage exclusif",
        "confidential",
        "intended recipient",
        "intended solely",
        "in error",
        "this email",
        "this e-mail",
        "this message",
        "notify the sender",
        "the sender",
        "privileged",
        "vertrouwelijk",
        "geadresseerde",
        "confidencial",
        "destinatario",
        "por error",
        "dit bericht",
        "este mensaje",
        "diese e-mail",
        "vertraulich",
        "irrtumlich",
    ];
    const PAPER: [&str; 8] = [
        "avant d'imprimer",
        "ne pas imprimer",
        "n'imprimez",
        "before printing",
        "imprimer ce",
        "antes de imprimir",
        "afdrukt",
        "print this e",
    ];
    if folded.len() < 200 && PAPER.iter().any(|paper| folded.contains(paper)) {
        return true;
    }
    folded.len() >= 80 && SIGNS.iter().filter(|sign| folded.contains(*sign)).count() >= 3
}
