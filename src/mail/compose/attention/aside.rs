//! Notices about mail that is kept whole for a human.

use super::{Reader, Words};
use crate::core::calendar::Calendar;
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

    pub(super) fn still_set_aside(&self, mails: &[i64], all: u32, hours: i64, older: u32) -> Words {
        let since = count(
            hours.unsigned_abs(),
            &self.say("heure", "hour"),
            &self.say("heures", "hours"),
            self.tongue,
        );
        let mut list = mails.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if usize::try_from(all).is_ok_and(|all| all > mails.len()) {
            list.push_str(", …");
        }
        let mut happened = vec![self.who_waits(&list, all, &since), self.what_is_due(all, hours)];
        if older > 0 {
            happened.push(self.say(
                format!("Autres messages toujours de côté, signalés auparavant : {older}."),
                format!("Other messages still set aside, told before: {older}."),
            ));
        }
        Words {
            title: if all == 1 {
                self.say(
                    format!("message n° {list} mis de côté depuis {since}"),
                    format!("message {list} set aside for {since}"),
                )
            } else {
                self.say(
                    format!("{all} messages mis de côté, le plus ancien depuis {since}"),
                    format!("{all} messages set aside, the oldest for {since}"),
                )
            },
            happened,
            steps: vec![
                self.step(
                    "Les lister, avec leurs délais :",
                    "List them, with their due dates:",
                    "complaintd quarantine list",
                ),
                self.step("En lire un :", "Read one:", "complaintd quarantine show N"),
                self.step(
                    "Une fois la cause levée, le remettre en traitement :",
                    "Once the cause is gone, have it handled again:",
                    "complaintd quarantine retry N",
                ),
            ],
        }
    }

    fn who_waits(&self, list: &str, all: u32, since: &str) -> String {
        if all == 1 {
            self.say(
                format!(
                    "Le message n° {list}, mis de côté, attend toujours qu’une personne le lise ; il est arrivé \
                     il y a {since}. Il n’a reçu aucune réponse."
                ),
                format!(
                    "Message {list} is set aside and still waits for a person to read it; it arrived {since} \
                     ago. It got no answer."
                ),
            )
        } else {
            self.say(
                format!(
                    "{all} messages mis de côté attendent toujours qu’une personne les lise ({list}) ; le plus \
                     ancien est arrivé il y a {since}. Aucun n’a reçu de réponse."
                ),
                format!(
                    "{all} messages are set aside and still wait for a person to read them ({list}); the oldest \
                     arrived {since} ago. None got an answer."
                ),
            )
        }
    }

    fn what_is_due(&self, all: u32, hours: i64) -> String {
        let if_so = if all == 1 {
            self.say("S’il s’agit d’une réclamation", "If it is a complaint")
        } else {
            self.say("Si l’un d’eux est une réclamation", "If one is a complaint")
        };
        if hours >= Calendar::ACK_HOURS {
            self.say(
                format!(
                    "{if_so}, les 48 heures sont dépassées : accusez-en réception sans attendre et notez la cause \
                     du retard."
                ),
                format!("{if_so}, the 48 hours are over: acknowledge it without waiting, and note why it is late."),
            )
        } else {
            self.say(
                format!(
                    "{if_so}, accusez-en réception vous-même : c’est dû 48 heures après la réception, week-ends et \
                     jours fériés compris."
                ),
                format!(
                    "{if_so}, acknowledge it yourself: this is due 48 hours after receipt, weekends and holidays \
                     included."
                ),
            )
        }
    }
}
