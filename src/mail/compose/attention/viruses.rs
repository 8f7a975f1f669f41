//! Notices about what the virus scanner found, or could not look at (PROCEDURE 7.5).

use super::super::super::template::words::{clean, clean_file_name};
use super::{LONGEST_WHY, Reader, Step, Words};

impl Reader<'_> {
    pub(super) fn virus_found(&self, signature: &str, documents: &[String]) -> Words {
        let signature = clean(signature, LONGEST_WHY);
        let mut happened = vec![self.say(
            format!(
                "L’antivirus a trouvé {signature} dans un message de ce dossier. La réclamation est \
                 enregistrée et ses délais courent ; le message d’origine est conservé, mais ce qui est \
                 dangereux n’est transmis à personne."
            ),
            format!(
                "The virus scanner found {signature} in a message of this case. The complaint is \
                 registered and its clocks run; the original message is kept, but what is dangerous is \
                 handed on to nobody."
            ),
        )];
        if !documents.is_empty() {
            happened.push(self.documents_withheld(documents));
        }
        Words {
            title: self.say("virus trouvé dans un message", "virus found in a message"),
            happened,
            steps: vec![
                self.look_at_case(),
                self.step(
                    "Ne pas ouvrir ces documents dans la boîte aux lettres : le message d’origine s’y trouve \
                     encore.",
                    "Do not open these documents in the mailbox: the original message is still there.",
                    "",
                ),
                self.ask_for_another_copy(),
            ],
        }
    }

    pub(super) fn not_scanned(&self, why: &str, documents: &[String]) -> Words {
        Words {
            title: self.say("document non examiné par l’antivirus", "document not examined for viruses"),
            happened: vec![
                self.say(
                    "L’antivirus ne peut pas examiner un document de ce dossier. Par prudence il n’est \
                     transmis à personne. La réclamation est enregistrée et ses délais courent ; le message \
                     d’origine est conservé.",
                    "The virus scanner cannot examine a document of this case. As a precaution it is handed on \
                     to nobody. The complaint is registered and its clocks run; the original message is kept.",
                ),
                self.documents_withheld(documents),
                self.reason(why),
            ],
            steps: vec![self.look_at_case(), self.ask_for_another_copy()],
        }
    }

    fn documents_withheld(&self, documents: &[String]) -> String {
        let names: Vec<String> = documents.iter().map(|name| clean_file_name(name)).collect();
        let list = names.join(", ");
        self.say(format!("Documents retenus : {list}."), format!("Documents withheld: {list}."))
    }

    fn ask_for_another_copy(&self) -> Step {
        self.step(
            "Si le document compte pour la réclamation, demander au réclamant de l’envoyer sous une autre \
             forme ; il a pu l’envoyer sans rien savoir.",
            "If the document matters to the complaint, ask the complainant to send it in another form; they \
             may have sent it unknowingly.",
            "",
        )
    }
}
