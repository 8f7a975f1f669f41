//! The closed lists: each value with the word that a reader of English and one of French is shown, and the other
//! words that people use for it.

use super::super::case::{Mediation, Outcome};
use super::super::facts::{Category, Flag, Language, Missing};
use super::names::normal;

/// A value as it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// The list's own word.
    pub english: &'static str,
    pub french: &'static str,
}

/// A value of a list, and how it may be written.
pub struct Word<T> {
    pub means: T,
    pub shown: Shown,
    /// More spellings, as [`normal`] has them.
    also: &'static [&'static str],
}

impl<T> Word<T> {
    fn spells(&self, written: &str) -> bool {
        [self.shown.english, self.shown.french].iter().any(|word| normal(word) == written)
            || self.also.contains(&written)
    }
}

/// The value that a word, as [`normal`] has it, stands for.
pub fn find<T: Copy>(list: &[Word<T>], written: &str) -> Option<T> {
    list.iter().find(|word| word.spells(written)).map(|word| word.means)
}

/// `Type::Value "in French", "more" "spellings";`
macro_rules! list {
    ($(#[$doc:meta])* $list:ident: $type:ident { $($value:ident $french:literal $(, $($also:literal)+)?;)+ }) => {
        $(#[$doc])*
        pub const $list: &[Word<$type>] = &[$(Word {
            means: $type::$value,
            shown: Shown { english: $type::$value.word(), french: $french },
            also: &[$($($also),+)?],
        }),+];
    };
}

list! {
    OUTCOMES: Outcome {
        Upheld "fondée", "fonde" "acceptee" "accepte" "favorable" "accepted";
        PartlyUpheld "partiellement fondée", "partiellement-fonde" "partiellement-acceptee" "partiellement-accepte"
            "partiellement-favorable" "partially-upheld" "partielle" "partly";
        NotUpheld "non fondée", "non-fonde" "infondee" "infonde" "rejetee" "rejete" "refusee" "refuse" "defavorable"
            "rejected";
        Withdrawn "retirée", "retire";
        Inadmissible "irrecevable";
        NotDecidable "indécidable", "sans-decision-possible";
    }
}
list! {
    CATEGORIES: Category {
        Technical "technique";
        FinancialTransaction "transaction financière", "financial" "transaction";
        FundedProject "projet financé", "project" "projet";
        Other "autre";
    }
}
list! {
    /// Without `und`, which is what we say, and no correction.
    LANGUAGES: Language {
        French "français", "french";
        English "anglais", "english";
        Spanish "espagnol", "spanish";
        Dutch "néerlandais", "dutch";
        Creole "créole";
    }
}
list! {
    FLAGS: Flag {
        FraudSuspected "fraude", "fraud" "soupcon-de-fraude";
        LegalThreat "menace juridique", "legal";
        RegulatorMentioned "régulateur", "regulator";
        MediatorMentioned "médiateur", "mediator";
        PressThreat "presse", "press";
        VulnerablePerson "personne vulnérable", "vulnerable";
        DataBreachSuspected "fuite de données", "data-breach";
        DataRequest "demande de données";
    }
}
list! {
    MEDIATIONS: Mediation {
        Requested "demandée", "demande" "saisie" "saisi";
        UnderWay "en cours";
        Ended "terminée", "termine" "close" "clos";
    }
}
list! {
    ITEMS: Missing {
        Name "nom";
        Contact "coordonnées", "telephone" "adresse" "address" "phone";
        Description "faits", "facts";
        StepsTaken "démarches", "steps" "etapes";
        Evidence "justificatifs", "justificatif" "documents" "document" "proof" "preuve" "preuves" "pieces";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value has a word, each word finds its value, and none another.
    fn is_whole<T: Copy + PartialEq + std::fmt::Debug>(list: &[Word<T>], all: impl Iterator<Item = T>) {
        assert_eq!(list.iter().map(|word| word.means).collect::<Vec<_>>(), all.collect::<Vec<_>>());
        for word in list {
            for each in word.also {
                assert_eq!(normal(each), *each, "write it as it is compared");
            }
            for each in [word.shown.english, word.shown.french].iter().chain(word.also) {
                let found: Vec<T> =
                    list.iter().filter(|w| w.spells(&normal(each))).map(|w| w.means).collect();
                assert_eq!(found, [word.means], "{each}");
            }
        }
    }

    #[test]
    fn each_value_has_its_words_and_no_two_share_one() {
        is_whole(OUTCOMES, Outcome::ALL.iter().copied());
        is_whole(CATEGORIES, Category::ALL.iter().copied());
        is_whole(LANGUAGES, Language::ALL.iter().copied().filter(|each| *each != Language::Unknown));
        is_whole(FLAGS, Flag::ALL.iter().copied());
        is_whole(MEDIATIONS, Mediation::ALL.iter().copied());
        is_whole(ITEMS, Missing::ALL.iter().copied());
    }
}
