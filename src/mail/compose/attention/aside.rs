//! Notices about mail that is kept whole for a human.

use super::{Reader, Words};
use crate::mail::template::words::count;

impl Reader<'_> {
    pub(super) fn set_aside(&self, mail: i64, why: &str) -> Words {
        Words {
            title: self.say(format!("message n° {mail} mis de côté"), format!("message {mail} set aside")),
            happened: vec![
                self.say(
                    "Un message reçu n’a pas pu être traité automatiquement. Il est conservé en \
                     entier ; il n’a reçu aucune réponse et n’est rattaché à aucun dossier. S’il \
                     s’agit d’une réclamation, le délai de 48 heures court depuis sa réception.",
                    "A message received could not be handled automatically. It is kept whole; it \
                     got no answer and belongs to no case. If it is a complaint, the 48 hours have \
                     been running since it was received.",
                ),
                self.reason(why),
            ],
            steps: vec![
                self.step(
                    "Voir le message :",
                    "See the message:",
                    format!("complaintd quarantine show {mail}"),
                ),
                self.step(
                    "Une fois la cause levée, le remettre en traitement :",
                    "Once the cause is gone, have it handled again:",
                    format!("complaintd quarantine retry {mail}"),
                ),
            ],
        }
    }

    pub(super) fn still_set_aside(&self, mails: &[i64], all: u32, hours: i64) -> Words {
        let number = u64::from(all);
        let messages = count(number, "message", &self.say("messages", "messages"), self.tongue);
        let since = count(
            hours.unsigned_abs(),
            &self.say("heure", "hour"),
            &self.say("heures", "hours"),
            self.tongue,
        );
        let (waits, wait) =
            if all == 1 { ("attend", "is still set aside") } else { ("attendent", "are still set aside") };
        let list = mails.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let more = if usize::try_from(all).is_ok_and(|all| all > mails.len()) { "…" } else { "" };
        Words {
            title: self.say(
                format!("{messages} de côté depuis {since}"),
                format!("{messages} set aside for {since}"),
            ),
            happened: vec![
                self.say(
                    format!(
                        "{messages} {waits} toujours qu’une personne les lise ({list}{more}), le plus ancien depuis \
                         {since}. Rien n’y a été répondu. S’il s’agit d’une réclamation, l’accusé de réception est dû \
                         48 heures après la réception, week-ends et jours fériés compris."
                    ),
                    format!(
                        "{messages} {wait} for a person to read ({list}{more}), the oldest for {since}. Nothing was \
                         answered. If one is a complaint, its acknowledgement is due 48 hours after receipt, weekends \
                         and holidays included."
                    ),
                ),
            ],
            steps: vec![
                self.step("Les lister, avec leurs délais :", "List them, with their due dates:", "complaintd quarantine list"),
                self.step("En lire un :", "Read one:", "complaintd quarantine show N"),
                self.step(
                    "Une fois la cause levée, le remettre en traitement :",
                    "Once the cause is gone, have it handled again:",
                    "complaintd quarantine retry N",
                ),
                self.step(
                    "S’il s’agit d’une réclamation, en accuser réception vous-même avant que les 48 heures soient \
                     écoulées.",
                    "If it is a complaint, acknowledge it yourself before the 48 hours are over.",
                    "",
                ),
            ],
        }
    }
}
