//! The notice of a message that cannot wait: what its words tell, and what to do within hours.

use std::collections::BTreeSet;

use super::{Reader, Step, Words};
use crate::core::facts::Flag;

impl Reader<'_> {
    pub(super) fn flagged(&self, flags: &BTreeSet<Flag>) -> Words {
        let named: Vec<String> = flags.iter().map(|flag| self.flag_words(*flag)).collect();
        let list = named.join(", ");
        let mut steps = vec![self.look_at_case()];
        steps.extend(flags.iter().filter_map(|flag| self.flag_step(*flag)));
        Words {
            title: self.say(format!("à lire sans attendre : {list}"), format!("to be read at once: {list}")),
            happened: vec![self.say(
                format!(
                    "D’après les mots d’un message reçu, il s’agit peut-être de ceci : {list}. Un \
                     programme l’a relevé ; une personne doit en juger sans attendre."
                ),
                format!(
                    "Going by the words of a message, this may be about: {list}. A program noticed \
                     it; a person must judge at once."
                ),
            )],
            steps,
        }
    }

    fn flag_words(&self, flag: Flag) -> String {
        match flag {
            Flag::FraudSuspected => self.say("un soupçon de fraude", "suspected fraud"),
            Flag::VulnerablePerson => self.say("une personne vulnérable", "a vulnerable person"),
            Flag::DataBreachSuspected => {
                self.say("une fuite de données personnelles", "a leak of personal data")
            }
            Flag::LegalThreat => self.say("une action en justice annoncée", "announced legal action"),
            Flag::RegulatorMentioned => self.say("une autorité de contrôle", "a supervisory authority"),
            Flag::MediatorMentioned => self.say("un médiateur", "a mediator (ombudsman)"),
            Flag::PressThreat => self.say("la presse", "the press"),
            Flag::DataRequest => self.say("des droits sur les données", "data subject rights"),
        }
    }

    fn flag_step(&self, flag: Flag) -> Option<Step> {
        let (french, english) = match flag {
            Flag::FraudSuspected => (
                "Vérifier les dernières opérations et bloquer ce qui peut encore l’être.",
                "Check the last transactions and stop what can still be stopped.",
            ),
            Flag::VulnerablePerson => (
                "Lire le message dans l’heure. Si la personne parle de se faire du mal, l’appeler ; \
                     en cas de danger immédiat, le 15 ou le 112. Elle peut aussi appeler le 3114 (prévention du \
                     suicide, gratuit, jour et nuit).",
                "Read the message within the hour. If the person speaks of self-harm, call them; in \
                     immediate danger, call 15 or 112. In France they can also call 3114 (suicide prevention, free, \
                     day and night).",
            ),
            // RGPD, art. 33
            Flag::DataBreachSuspected => (
                "Prévenir la personne chargée de la protection des données : une violation se notifie \
                     à la CNIL dans les 72 heures après en avoir pris connaissance (RGPD, article 33).",
                "Tell whoever is in charge of data protection: a breach is notified to the authority \
                     (CNIL) within 72 hours of becoming aware of it (GDPR, Article 33).",
            ),
            _ => return None,
        };
        Some(self.step(french, english, ""))
    }
}
