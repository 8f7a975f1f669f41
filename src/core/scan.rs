//! What a virus scanner said of a mail, and what follows for the documents in it (PROCEDURE 7.5).
//!
//! A document is handed on when it is clean, or when no scanner is set up and nothing else is wrong
//! with it. The scanner itself is behind a port; here are only its words.

use std::collections::BTreeMap;

use super::case::Document;
use super::facts::{Attachment, MailFacts};
use super::ids::Digest;
use super::letter::Attention;

/// The verdict of a document that nobody has looked at yet.
pub const UNSCANNED: &str = "unscanned";
/// The verdict of a document in which nothing was found.
pub const CLEAN: &str = "clean";
const WITHHELD: &str = "withheld: ";
const INFECTED: &str = "infected: ";
const UNSCANNABLE: &str = "unscannable: ";
/// Most documents that a notice names.
const DOCUMENTS_NAMED: usize = 20;

/// What the scanner said of a whole mail.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Scan {
    /// No scanner is set up.
    #[default]
    NotAsked,
    Clean,
    Infected {
        signature: String,
    },
    /// It did not answer; it is asked again later.
    Pending,
    /// It will never be able to look.
    Unscannable {
        why: String,
    },
}

impl Scan {
    /// The word in the store and in listings.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::NotAsked => None,
            Self::Clean => Some(CLEAN.to_owned()),
            Self::Pending => Some(UNSCANNED.to_owned()),
            Self::Infected { signature } => Some(format!("{INFECTED}{signature}")),
            Self::Unscannable { why } => Some(format!("{UNSCANNABLE}{why}")),
        }
    }

    /// The inverse of [`Scan::text`].
    pub fn from_text(text: &str) -> Option<Self> {
        if let Some(signature) = text.strip_prefix(INFECTED) {
            return Some(Self::Infected { signature: signature.to_owned() });
        }
        if let Some(why) = text.strip_prefix(UNSCANNABLE) {
            return Some(Self::Unscannable { why: why.to_owned() });
        }
        match text {
            CLEAN => Some(Self::Clean),
            UNSCANNED => Some(Self::Pending),
            _ => None,
        }
    }

    /// Why a mail is set aside, with what whoever opens it must know.
    pub fn warns(&self, why: &str) -> String {
        match self {
            Self::Infected { signature } => format!("{why}; the virus {signature} was found in it"),
            _ => why.to_owned(),
        }
    }
}

/// What was found in a mail: as a whole and, where that was not clean, in each document by itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    pub scan: Scan,
    /// By the digest of the document's content; one that is not here could not be looked at by itself.
    pub documents: BTreeMap<Digest, Scan>,
}

impl From<Scan> for Found {
    fn from(scan: Scan) -> Self {
        Self { scan, documents: BTreeMap::new() }
    }
}

impl Found {
    /// Writes the verdicts into what was read in the mail.
    pub fn apply(self, facts: &mut MailFacts) {
        let named = facts.attachments.iter().any(|each| self.is_infected(each));
        for attachment in &mut facts.attachments {
            if let Some(verdict) = self.verdict(attachment, named) {
                attachment.verdict = verdict;
            }
        }
        facts.scan = self.scan;
    }

    fn is_infected(&self, attachment: &Attachment) -> bool {
        matches!(self.documents.get(&attachment.sha256), Some(Scan::Infected { .. }))
    }

    /// What the scan makes of an attachment's verdict; `None` leaves it. `named`: whether the finding
    /// in the mail is known to sit in one of its documents.
    fn verdict(&self, attachment: &Attachment, named: bool) -> Option<String> {
        let nothing_found = || (attachment.verdict == UNSCANNED).then(|| CLEAN.to_owned());
        let alone = self.documents.get(&attachment.sha256);
        match (&self.scan, alone) {
            (Scan::NotAsked | Scan::Pending, _) => None,
            (Scan::Clean, _) | (Scan::Unscannable { .. }, Some(Scan::Clean)) => nothing_found(),
            (Scan::Infected { .. }, Some(Scan::Infected { signature })) => {
                Some(format!("{WITHHELD}virus {signature}"))
            }
            (Scan::Infected { .. }, Some(Scan::Clean)) if named => nothing_found(),
            // Nobody can say where it sits: none of the documents is trusted.
            (Scan::Infected { signature }, _) => Some(format!("{WITHHELD}virus {signature} in its mail")),
            // What is withheld for another reason stays so.
            (Scan::Unscannable { why }, _) => {
                (attachment.verdict == UNSCANNED).then(|| format!("{WITHHELD}{why}"))
            }
        }
    }
}

/// What a human must be told about the scan of this mail.
pub fn attention(mail: &MailFacts) -> Option<Attention> {
    let withheld_for = |sign: &str| -> Vec<String> {
        let sign = format!("{WITHHELD}{sign}");
        let named = mail.attachments.iter().filter(|each| each.verdict.starts_with(&sign));
        named.take(DOCUMENTS_NAMED).map(|each| each.name.clone()).collect()
    };
    match &mail.scan {
        Scan::Infected { signature } => {
            Some(Attention::VirusFound { signature: signature.clone(), documents: withheld_for("virus ") })
        }
        Scan::Unscannable { why } => {
            let documents = withheld_for(why);
            (!documents.is_empty()).then(|| Attention::NotScanned { why: why.clone(), documents })
        }
        Scan::NotAsked | Scan::Clean | Scan::Pending => None,
    }
}

/// Whether the installation has a virus scanner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setup {
    WithoutScanner,
    WithScanner,
}

impl Document {
    /// Why this document is not handed on to anybody, if it is not (PROCEDURE 7.5).
    pub fn kept_back(&self, setup: Setup) -> Option<&str> {
        match (self.verdict.as_str(), setup) {
            (CLEAN, _) | (UNSCANNED, Setup::WithoutScanner) => None,
            (UNSCANNED, Setup::WithScanner) => Some("not looked at by the virus scanner yet"),
            (withheld, _) => Some(withheld.strip_prefix(WITHHELD).unwrap_or(withheld)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infected(signature: &str) -> Scan {
        Scan::Infected { signature: signature.to_owned() }
    }

    fn attachment(content: &str, verdict: &str) -> Attachment {
        Attachment {
            name: format!("{content}.pdf"),
            media_type: "application/pdf".to_owned(),
            bytes: 1,
            sha256: Digest::of(content.as_bytes()),
            inline: false,
            verdict: verdict.to_owned(),
        }
    }

    fn verdict(found: &Found, content: &str, verdict: &str, named: bool) -> String {
        let attachment = attachment(content, verdict);
        found.verdict(&attachment, named).unwrap_or(attachment.verdict)
    }

    fn document(verdict: &str) -> Document {
        Document { verdict: verdict.to_owned(), ..Document::new("x.pdf", 1) }
    }

    #[test]
    fn what_the_store_keeps_reads_back() {
        let why = "too large".to_owned();
        for scan in [Scan::Clean, Scan::Pending, infected("Win.Test.EICAR_HDB-1"), Scan::Unscannable { why }]
        {
            assert_eq!(Scan::from_text(&scan.text().expect("a word")), Some(scan));
        }
        assert_eq!((Scan::NotAsked.text(), Scan::from_text("odd")), (None, None));
    }

    #[test]
    fn a_clean_mail_makes_its_documents_clean_but_not_its_programs() {
        let clean = Found::from(Scan::Clean);
        assert_eq!(verdict(&clean, "a", UNSCANNED, false), CLEAN);
        assert_eq!(verdict(&clean, "a", "withheld: a program (.exe)", false), "withheld: a program (.exe)");
        for unknown in [Scan::NotAsked, Scan::Pending] {
            assert_eq!(verdict(&unknown.into(), "a", UNSCANNED, false), UNSCANNED);
        }
    }

    #[test]
    fn a_finding_names_its_document_or_withholds_them_all() {
        let of = |content: &str| Digest::of(content.as_bytes());
        let documents = BTreeMap::from([(of("bad"), infected("X")), (of("good"), Scan::Clean)]);
        let named = Found { scan: infected("X"), documents };
        assert_eq!(verdict(&named, "bad", "withheld: a program", true), "withheld: virus X");
        assert_eq!(verdict(&named, "good", UNSCANNED, true), CLEAN);
        assert_eq!(verdict(&named, "never looked at", UNSCANNED, true), "withheld: virus X in its mail");
        let documents = BTreeMap::from([(of("good"), Scan::Clean)]);
        let somewhere = Found { scan: infected("X"), documents };
        assert_eq!(verdict(&somewhere, "good", UNSCANNED, false), "withheld: virus X in its mail");
    }

    #[test]
    fn of_a_mail_too_large_the_documents_count_that_could_be_looked_at() {
        let documents = BTreeMap::from([(Digest::of(b"small"), Scan::Clean)]);
        let found = Found { scan: Scan::Unscannable { why: "too large".to_owned() }, documents };
        assert_eq!(verdict(&found, "small", UNSCANNED, false), CLEAN);
        assert_eq!(verdict(&found, "large", UNSCANNED, false), "withheld: too large");
    }

    #[test]
    fn what_is_not_known_to_be_clean_is_handed_on_only_where_there_is_no_scanner() {
        for (is, setup, why) in [
            (CLEAN, Setup::WithScanner, None),
            (CLEAN, Setup::WithoutScanner, None),
            (UNSCANNED, Setup::WithoutScanner, None),
            (UNSCANNED, Setup::WithScanner, Some("not looked at by the virus scanner yet")),
            ("withheld: virus X", Setup::WithoutScanner, Some("virus X")),
            ("a word of a later version", Setup::WithScanner, Some("a word of a later version")),
        ] {
            assert_eq!(document(is).kept_back(setup), why, "{is}");
        }
    }
}
