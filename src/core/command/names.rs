//! The names of the commands in English and French, as people type them, and how each is used.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::super::facts::Language;
use super::super::fold::{fold, is_accent, is_padding, is_unseen};
use super::slash::is_mark;

/// What the text below the commands is to a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Text {
    /// Not its own.
    None,
    /// Needed; it stays in the company.
    Internal,
    /// Needed; its first words may stand on the command's own line. The customer is told.
    Reason,
    /// Needed; a letter to the customer, all in one place.
    Letter,
    /// A letter to the customer that does without.
    Beside,
}

impl Text {
    pub fn is_taken(self) -> bool {
        self != Self::None
    }

    pub fn is_needed(self) -> bool {
        self.is_taken() && self != Self::Beside
    }

    pub fn goes_out(self) -> bool {
        self.is_taken() && self != Self::Internal
    }
}

macro_rules! forms {
    ($($name:ident $text:ident
        $english:literal $english_usage:literal $english_does:literal
        $french:literal $french_usage:literal $french_does:literal
        $(also $($alias:literal)+)?;)+) => {
        /// Which command.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Name { $($name),+ }

        /// Every command, in the order of the guide for staff.
        pub const FORMS: &[Form] = &[$(Form {
            name: Name::$name,
            text: forms!(@ $text),
            english: Usage { name: $english, argument: $english_usage, does: $english_does },
            french: Usage { name: $french, argument: $french_usage, does: $french_does },
            aliases: &[$($($alias),+)?],
        }),+];
    };
    (@ alone) => { Text::None };
    (@ internal) => { Text::Internal };
    (@ reason) => { Text::Reason };
    (@ letter) => { Text::Letter };
    (@ beside) => { Text::Beside };
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
    pub text: Text,
    pub english: Usage,
    pub french: Usage,
    /// Other spellings that people are used to.
    aliases: &'static [&'static str],
}

forms! {
    Take alone "take" "" "makes you the handler" "prendre" "" "vous confie le dossier" also "je-prends";
    Assign alone "assign" "NAME" "gives the case to a colleague"
        "attribuer" "NOM" "confie le dossier à un collègue" also "reassign" "réattribuer";
    Note internal "note" "" "keeps your text as an internal note" "note" "" "garde votre texte comme note interne"
        also "internal-note" "note-interne";
    Reply letter "reply" "" "sends your text to the customer" "répondre" "" "envoie votre texte au client";
    Ask beside "ask" "ITEM…" "asks the customer for what is missing"
        "demander" "ÉLÉMENT…" "demande au client ce qui manque";
    Progress letter "progress" "" "tells the customer how far the examination is"
        "avancement" "" "informe le client de l’avancement";
    Extend reason "extend" "DATE REASON" "announces a new date to the customer, with your text as the reason"
        "prolonger" "DATE MOTIF" "annonce au client une nouvelle date, avec votre texte pour motif";
    Final letter "final" "OUTCOME" "sends the final reply"
        "réponse-finale" "DÉCISION" "envoie la réponse finale" also "final-reply" "finale";
    Draft alone "draft" "" "sends you the skeleton of a final reply"
        "brouillon" "" "vous envoie la trame d’une réponse finale";
    Approve alone "approve" "" "lets the final reply go" "valider" "" "laisse partir la réponse finale" also "approuver";
    Reject internal "reject" "REASON" "sends the draft back" "refuser" "MOTIF" "renvoie le projet à son auteur";
    Admissible alone "admissible" "" "finds the complaint admissible" "recevable" "" "déclare la réclamation recevable";
    Inadmissible reason "inadmissible" "REASON" "finds the complaint inadmissible"
        "irrecevable" "MOTIF" "déclare la réclamation irrecevable";
    Category alone "category" "CATEGORY" "corrects the category" "catégorie" "CATÉGORIE" "corrige la catégorie";
    Language alone "language" "LANGUAGE" "corrects the customer's language"
        "langue" "LANGUE" "corrige la langue du client";
    Flag alone "flag" "FLAG" "sets a flag; -FLAG takes it away"
        "drapeau" "SIGNALEMENT" "pose un signalement\u{202f}; -SIGNALEMENT l’enlève" also "signaler" "signalement";
    NotAComplaint letter "not-a-complaint" "" "reclassifies the case and sends your text as the answer"
        "pas-une-réclamation" "" "reclasse le dossier et envoie votre texte comme réponse";
    Merge alone "merge" "REFERENCE" "joins this case to another"
        "fusionner" "RÉFÉRENCE" "joint ce dossier à un autre";
    Split alone "split" "" "makes the message a case of its own" "séparer" "" "fait du message un dossier à part";
    Link alone "link" "REFERENCE" "notes that two cases belong together"
        "lier" "RÉFÉRENCE" "note que deux dossiers sont liés";
    Conflict internal "conflict" "REASON" "declares a conflict of interest: the case goes to somebody else"
        "conflit" "MOTIF" "déclare un conflit d’intérêts\u{202f}: le dossier est confié à une autre personne";
    Close alone "close" "OUTCOME" "closes the case" "clore" "DÉCISION" "clôt le dossier" also "clôturer" "fermer";
    Reopen alone "reopen" "" "opens the case again" "rouvrir" "" "rouvre le dossier" also "réouvrir";
    Reexamine alone "reexamine" "" "opens the re-examination" "réexaminer" "" "ouvre le réexamen"
        also "re-examine" "réexamen";
    Mediation alone "mediation" "STATE" "notes where the mediation stands"
        "médiation" "ÉTAT" "note l’état de la médiation";
    Cause internal "cause" "CAUSE" "notes the root cause" "cause" "CAUSE" "note la cause profonde";
    Action internal "action" "TEXT" "notes a corrective action" "action" "TEXTE" "note une mesure corrective";
    Post internal "post" "DETAILS" "registers a letter that came by post"
        "courrier" "DÉTAILS" "enregistre une lettre reçue par la poste";
    Posted alone "posted" "DATE [NUMBER]" "confirms that a printed letter was posted"
        "posté" "DATE [NUMÉRO]" "confirme qu’une lettre imprimée a été postée";
    Call internal "call" "DETAILS" "records a telephone call" "appel" "DÉTAILS" "consigne un appel téléphonique";
    Hold alone "hold" "" "keeps the case from erasure" "gel" "" "protège le dossier de l’effacement" also "geler";
    Unhold alone "unhold" "" "lifts that, with a second person"
        "dégel" "" "lève cette protection, à deux" also "dégeler";
    Status alone "status" "" "tells you where the case stands" "état" "" "vous dit où en est le dossier" also "statut";
    Cases alone "cases" "" "lists your cases" "dossiers" "" "liste vos dossiers";
    Help alone "help" "" "explains the commands" "aide" "" "explique les commandes";
    Cancel alone "cancel" "" "stops what is still held" "annuler" "" "arrête ce qui est encore retenu"
        also "stop" "arrêter";
}

/// Each spelling, as [`normal`] has it.
static SPELLED: LazyLock<BTreeMap<String, &'static Form>> = LazyLock::new(|| {
    FORMS.iter().flat_map(|form| form.names().map(move |name| (normal(name), form))).collect()
});

impl Form {
    pub fn of(name: Name) -> &'static Self {
        FORMS.iter().find(|form| form.name == name).expect("the table makes both, the names and their forms")
    }

    /// As those are told who read French, or else English.
    pub fn usage(&self, language: Language) -> &Usage {
        if language == Language::French { &self.french } else { &self.english }
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.english.name, self.french.name].into_iter().chain(self.aliases.iter().copied())
    }
}

/// Words of the longest name.
const MOST_WORDS: usize = 3;
/// Longest beginning of a line that may be a name, in bytes.
const NAME_BYTES: usize = 60;

/// The command whose name a line begins with (its slash already cut), and its argument. Capitals,
/// accents, the kind of hyphen and a colon after the name do not matter; hyphens may be spaces
/// (`/réponse finale fondée`).
pub fn named(line: &str) -> Option<(&'static Form, &str)> {
    // The longest first: `/note interne` is not `/note` with the argument `interne`.
    ends_of_words(line).into_iter().rev().find_map(|end| {
        let form = SPELLED.get(&normal(&line[..end]))?;
        Some((*form, argument(&line[end..])))
    })
}

/// Where each of the first words ends. A sign that joins no letters ends the name: `/flag - fraud` takes a
/// flag away, and its `-` is none of the name's.
fn ends_of_words(line: &str) -> Vec<usize> {
    let start = &line[..line.floor_char_boundary(NAME_BYTES)];
    let mut ends = Vec::new();
    let mut word_end = None;
    for (at, c) in start.char_indices() {
        if is_unseen(c) && word_end.is_none() {
            continue;
        }
        if c.is_alphanumeric() || is_accent(c) || is_unseen(c) {
            word_end = Some(at + c.len_utf8());
        } else if c.is_whitespace() {
            ends.extend(word_end.take());
        } else if word_end.is_none() || !is_hyphen(c) {
            break;
        }
    }
    ends.extend(word_end);
    ends.truncate(MOST_WORDS);
    ends
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '_' | '\u{2010}' | '\u{2011}')
}

/// What follows a name, without what only sets it apart.
fn argument(after: &str) -> &str {
    let glued = |c: char| is_mark(c) || matches!(c, '.' | ',' | ';' | '!' | '?' | ')' | ']');
    let apart = |c: char| is_padding(c) || matches!(c, ':' | '：' | '»' | '”');
    after.trim_start_matches(glued).trim_start_matches(apart).trim_end_matches(is_padding)
}

/// A name or a word of a list as it is compared: folded, words joined by one hyphen, without the marks and the
/// punctuation around it. A sign before it stays: `-fraud` is not `fraud`.
pub fn normal(written: &str) -> String {
    let around = |c: char| c.is_whitespace() || is_mark(c) || matches!(c, '.' | ',' | ';' | ':' | '!' | '?');
    let mut normal = String::with_capacity(written.len());
    for c in fold(written).trim_matches(around).chars() {
        let c = if c.is_whitespace() || c == '_' { '-' } else { c };
        if !(c == '-' && normal.ends_with('-')) {
            normal.push(c);
        }
    }
    normal
}

/// The internal command whose name and a colon begin a line without a slash: `Note: …`.
pub fn labelled(line: &str) -> Option<(&str, &'static Form)> {
    let line = line.trim_start_matches(|c: char| !c.is_alphabetic());
    let (label, _) = line.split_at_checked(line.find([':', '：'])?)?;
    let form = SPELLED.get(&normal(label)).filter(|form| form.text == Text::Internal)?;
    Some((label.trim_end(), form))
}

/// Likeness from which a name is suggested, or taken for a wish to stop.
const ALIKE: f64 = 0.5;
/// Likeness from which a word with a slash, in a letter to a customer, is taken for an internal command.
const MUCH_ALIKE: f64 = 0.75;

/// The command whose name is most like what was written.
pub fn nearest(line: &str) -> Option<Name> {
    let written = first_word(line);
    let likest = SPELLED.iter().map(|(name, form)| (likeness(&written, name), form.name));
    let likest = likest.filter(|(likeness, _)| *likeness >= ALIKE);
    likest.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// Whether `/cancel` may be meant: another name that is right is not.
pub fn is_like_cancel(line: &str) -> bool {
    if let Some((form, _)) = named(line) {
        return form.name == Name::Cancel;
    }
    let written = first_word(line);
    Form::of(Name::Cancel).names().any(|name| likeness(&written, &normal(name)) >= ALIKE)
}

/// Whether a name is mistyped whose text must not leave the company.
pub fn is_like_internal(line: &str) -> bool {
    let written = first_word(line);
    let mut internal = SPELLED.iter().filter(|(_, form)| form.text == Text::Internal);
    internal.any(|(name, _)| likeness(&written, name) >= MUCH_ALIKE)
}

/// From 0 to 1. What is longer than any name is like none, so that hostile words cost nothing.
fn likeness(written: &str, name: &str) -> f64 {
    if written.len() > NAME_BYTES / 2 { 0.0 } else { strsim::normalized_damerau_levenshtein(written, name) }
}

fn first_word(line: &str) -> String {
    let start = line.trim_start_matches(is_padding);
    let start = &start[..start.floor_char_boundary(NAME_BYTES)];
    normal(start.split(|c: char| c.is_whitespace() || c == ':').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_as_it_stands_and_no_two_commands_share_one() {
        for form in FORMS {
            for name in form.names() {
                assert_eq!(named(name).map(|(found, _)| found.name), Some(form.name), "{name}");
            }
        }
    }

    #[test]
    fn names_are_known_as_people_type_them() {
        for (line, name, argument) in [
            ("Réponse-finale : fondée", Name::Final, "fondée"),
            ("RÉPONSE FINALE fondée", Name::Final, "fondée"),
            ("repondre", Name::Reply, ""),
            ("pas une réclamation", Name::NotAComplaint, ""),
            ("not\u{2011}a\u{2011}complaint", Name::NotAComplaint, ""),
            ("Assign Anaïs Petit", Name::Assign, "Anaïs Petit"),
            ("note: rang her", Name::Note, "rang her"),
            ("note, rang her", Name::Note, "rang her"),
            ("note interne : ment", Name::Note, "ment"),
            ("no\u{ad}te rang", Name::Note, "rang"),
            ("note* rang", Name::Note, "rang"),
            ("note » rang", Name::Note, "rang"),
            ("note “rang” her", Name::Note, "“rang” her"),
            ("flag \u{ad}- fraud", Name::Flag, "- fraud"),
            ("reply \u{ad}/note", Name::Reply, "/note"),
            ("e\u{301}tat", Name::Status, ""),
            ("cancel.", Name::Cancel, ""),
            ("annuler !", Name::Cancel, "!"),
            ("flag - fraud", Name::Flag, "- fraud"),
            ("flag —fraud", Name::Flag, "—fraud"),
            ("flag—fraud", Name::Flag, "—fraud"),
            ("flag \u{2011}fraud", Name::Flag, "\u{2011}fraud"),
        ] {
            assert_eq!(named(line).map(|(form, rest)| (form.name, rest)), Some((name, argument)), "{line}");
        }
        for line in ["home/marie", "notes", "", "usr/bin", "note-he", "reponse", "answer", "review", "- note"]
        {
            assert_eq!(named(line).map(|(form, _)| form.name), None, "{line}");
        }
    }

    #[test]
    fn french_texts_have_the_spaces_of_french() {
        for form in FORMS {
            let french = form.french;
            for text in [french.name, french.argument, french.does] {
                let bare = [';', ':', '?', '!'].map(|sign| text.matches(sign).count()).iter().sum::<usize>();
                assert_eq!(text.matches('\u{202f}').count(), bare, "{text}");
            }
        }
    }
}
