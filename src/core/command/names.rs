//! The names of the commands in English and French, as people type them, and how each is used.

use super::super::fold::fold;

macro_rules! forms {
    ($($name:ident $takes_text:ident
        $english:literal $english_usage:literal $english_does:literal
        $french:literal $french_usage:literal $french_does:literal
        $(also $($alias:literal)+)?;)+) => {
        /// Which command.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Name { $($name),+ }

        /// Every command, in the order of the guide for staff.
        pub const FORMS: &[Form] = &[$(Form {
            name: Name::$name,
            takes_text: forms!(@ $takes_text),
            english: Usage { name: $english, argument: $english_usage, does: $english_does },
            french: Usage { name: $french, argument: $french_usage, does: $french_does },
            aliases: &[$($($alias),+)?],
        }),+];
    };
    (@ text) => { true };
    (@ alone) => { false };
}

/// How a command is written in one language, for the guide and for who mistyped it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    pub name: &'static str,
    /// What follows the name, empty where nothing does.
    pub argument: &'static str,
    pub does: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Form {
    pub name: Name,
    /// Whether the text below the commands is its text.
    pub takes_text: bool,
    pub english: Usage,
    pub french: Usage,
    /// Other spellings, folded, that people are used to.
    aliases: &'static [&'static str],
}

forms! {
    Take alone "take" "" "makes you the handler" "prendre" "" "vous confie le dossier" also "je-prends";
    Assign alone "assign" "NAME" "gives the case to a colleague"
        "attribuer" "NOM" "confie le dossier à un collègue" also "reassign" "reattribuer";
    Note text "note" "" "keeps your text as an internal note" "note" "" "garde votre texte comme note interne";
    Reply text "reply" "" "sends your text to the customer"
        "repondre" "" "envoie votre texte au client" also "reponse" "answer";
    Ask text "ask" "ITEM…" "asks the customer for what is missing"
        "demander" "ÉLÉMENT…" "demande au client ce qui manque";
    Progress text "progress" "" "tells the customer how far the examination is"
        "avancement" "" "informe le client de l’avancement";
    Extend text "extend" "DATE" "announces a new date to the customer, with your text as the reason"
        "prolonger" "DATE" "annonce au client une nouvelle date, avec votre texte pour motif";
    Final text "final" "OUTCOME" "sends the final reply"
        "reponse-finale" "DÉCISION" "envoie la réponse finale" also "final-reply" "finale";
    Draft alone "draft" "" "sends you the skeleton of a final reply"
        "brouillon" "" "vous envoie la trame d’une réponse finale";
    Approve alone "approve" "" "lets the final reply go" "valider" "" "laisse partir la réponse finale" also "approuver";
    Reject text "reject" "REASON" "sends the draft back" "refuser" "MOTIF" "renvoie le projet à son auteur";
    Admissible alone "admissible" "" "finds the complaint admissible" "recevable" "" "déclare la réclamation recevable";
    Inadmissible text "inadmissible" "REASON" "finds the complaint inadmissible"
        "irrecevable" "MOTIF" "déclare la réclamation irrecevable";
    Category alone "category" "CATEGORY" "corrects the category" "categorie" "CATÉGORIE" "corrige la catégorie";
    Language alone "language" "LANGUAGE" "corrects the customer's language"
        "langue" "LANGUE" "corrige la langue du client";
    Flag alone "flag" "FLAG" "sets a flag; -FLAG takes it away"
        "drapeau" "DRAPEAU" "pose un drapeau ; -DRAPEAU l’enlève" also "signaler";
    NotAComplaint text "not-a-complaint" "" "reclassifies the case and sends your text as the answer"
        "pas-une-reclamation" "" "reclasse le dossier et envoie votre texte comme réponse";
    Merge alone "merge" "REFERENCE" "joins this case to another"
        "fusionner" "RÉFÉRENCE" "joint ce dossier à un autre";
    Split alone "split" "" "makes the message a case of its own" "separer" "" "fait du message un dossier à part";
    Link alone "link" "REFERENCE" "notes that two cases belong together"
        "lier" "RÉFÉRENCE" "note que deux dossiers sont liés";
    Conflict text "conflict" "REASON" "declares a conflict of interest: the case goes to somebody else"
        "conflit" "MOTIF" "déclare un conflit d’intérêts : le dossier est confié à un autre";
    Close alone "close" "OUTCOME" "closes the case" "clore" "DÉCISION" "clôt le dossier" also "cloturer" "fermer";
    Reopen alone "reopen" "" "opens the case again" "rouvrir" "" "rouvre le dossier" also "reouvrir";
    Reexamine alone "reexamine" "" "opens the re-examination" "reexaminer" "" "ouvre le réexamen"
        also "re-examine" "reexamen" "review";
    Mediation alone "mediation" "STATE" "notes where the mediation stands"
        "mediation" "ÉTAT" "note l’état de la médiation";
    Cause text "cause" "CAUSE" "notes the root cause" "cause" "CAUSE" "note la cause première";
    Action text "action" "TEXT" "notes a corrective action" "action" "TEXTE" "note une mesure corrective";
    Post text "post" "DETAILS" "registers a letter that came by post"
        "courrier" "DÉTAILS" "enregistre une lettre reçue par la poste";
    Posted alone "posted" "DATE [NUMBER]" "confirms that a printed letter was posted"
        "poste" "DATE [NUMÉRO]" "confirme qu’une lettre imprimée a été postée";
    Call text "call" "DETAILS" "records a telephone call" "appel" "DÉTAILS" "consigne un appel téléphonique";
    Hold alone "hold" "" "keeps the case from erasure" "gel" "" "protège le dossier de l’effacement" also "geler";
    Unhold alone "unhold" "" "lifts that, with a second person" "degel" "" "le lève, à deux personnes" also "degeler";
    Status alone "status" "" "tells you where the case stands" "etat" "" "vous dit où en est le dossier" also "statut";
    Cases alone "cases" "" "lists your cases" "dossiers" "" "liste vos dossiers";
    Help alone "help" "" "explains the commands" "aide" "" "explique les commandes";
    Cancel alone "cancel" "" "stops what is still held" "annuler" "" "arrête ce qui est encore retenu" also "stop";
}

impl Form {
    pub fn of(name: Name) -> &'static Self {
        FORMS.iter().find(|form| form.name == name).expect("the table makes both, the names and their forms")
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.english.name, self.french.name].into_iter().chain(self.aliases.iter().copied())
    }
}

/// Words of the longest name.
const MOST_WORDS: usize = 3;
/// Longest beginning of a line that may be a name, in bytes.
const NAME_BYTES: usize = 60;

/// The command whose name a line begins with (its `/` already cut), and its argument. Capitals,
/// accents, the kind of hyphen and a colon after the name do not matter; hyphens may be spaces
/// (`/réponse finale fondée`).
pub fn named(line: &str) -> Option<(&'static Form, &str)> {
    // The longest first: `/reponse finale` is not `/reponse` with the argument `finale`.
    let ends: Vec<usize> = ends_of_words(line).collect();
    ends.into_iter().rev().find_map(|end| {
        let written = normal(&line[..end]);
        let form = FORMS.iter().find(|form| form.names().any(|name| name == written))?;
        Some((form, line[end..].trim_start_matches([':', ' ', '\t', '\u{a0}', '\u{202f}']).trim()))
    })
}

/// Where each of the first words ends.
fn ends_of_words(line: &str) -> impl Iterator<Item = usize> {
    let is_gap = |c: char| c.is_whitespace() || c == ':';
    let start = &line[..line.floor_char_boundary(NAME_BYTES)];
    let mut inside = false;
    let mut ends = Vec::new();
    for (at, c) in start.char_indices() {
        if inside && is_gap(c) {
            ends.push(at);
        }
        inside = !is_gap(c);
    }
    if inside {
        ends.push(start.len());
    }
    ends.truncate(MOST_WORDS);
    ends.into_iter()
}

/// As the table spells names: folded, words joined by one hyphen, no apostrophes.
fn normal(written: &str) -> String {
    let folded = fold(written);
    let words =
        folded.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_')).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").trim_end_matches(['.', ',', '!']).to_owned()
}

/// The name, in whichever language, that is most like what was written.
pub fn nearest(line: &str) -> Option<&'static str> {
    let first = normal(line.split_whitespace().next().unwrap_or_default());
    let first = &first[..first.floor_char_boundary(NAME_BYTES)];
    FORMS
        .iter()
        .flat_map(Form::names)
        .map(|name| (strsim::normalized_damerau_levenshtein(first, name), name))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_as_it_stands_and_no_two_commands_share_one() {
        for form in FORMS {
            for name in form.names() {
                assert_eq!(normal(name), name, "write it as it is compared");
                assert_eq!(named(name).map(|(found, _)| found.name), Some(form.name), "{name}");
            }
        }
    }

    #[test]
    fn names_are_known_as_people_type_them() {
        for (line, name, argument) in [
            ("Réponse-finale : fondée", Name::Final, "fondée"),
            ("RÉPONSE FINALE fondée", Name::Final, "fondée"),
            ("reponse", Name::Reply, ""),
            ("pas une réclamation", Name::NotAComplaint, ""),
            ("not\u{2011}a\u{2011}complaint", Name::NotAComplaint, ""),
            ("Assign Anaïs Petit", Name::Assign, "Anaïs Petit"),
            ("note: rang her", Name::Note, "rang her"),
            ("e\u{301}tat", Name::Status, ""),
            ("cancel.", Name::Cancel, ""),
        ] {
            assert_eq!(named(line).map(|(form, rest)| (form.name, rest)), Some((name, argument)), "{line}");
        }
        for line in ["home/marie", "notes", "", "usr/bin"] {
            assert_eq!(named(line), None, "{line}");
        }
    }
}
