//! What a notice says to a colleague: what happened, what was kept, what to do, with the command.
//!
//! Internal words only; nothing here reaches a customer. `Attention` says which case it is.

mod aside;
mod flagged;
mod viruses;

use super::super::template::words::{Tongue, clean, count, date, time};
use crate::core::case::{Case, Clock};
use crate::core::ids::CaseNumber;
use crate::core::letter::{Attention, Letter, LetterKind};
use crate::core::policy::Policy;

pub(super) struct Words {
    /// For the subject line: a few words, no name.
    pub(super) title: String,
    pub(super) happened: Vec<String>,
    pub(super) steps: Vec<Step>,
}

pub(super) struct Step {
    pub(super) text: String,
    /// What to type on the server; empty where nothing is to be typed.
    pub(super) command: String,
}

/// Longest reason that is repeated, in characters.
const LONGEST_WHY: usize = 300;

pub(super) fn words(letter: &Letter, case: &Case, policy: &Policy, tongue: Tongue) -> Words {
    let to = Reader { case, policy, tongue };
    match &letter.about {
        None => to.bare(),
        Some(Attention::AcknowledgementNotSent { hours }) => to.acknowledgement_not_sent(*hours),
        Some(Attention::DeadlineMissed { clock }) => to.deadline_missed(*clock),
        Some(Attention::LetterFailed { ordinal, kind, why }) => to.letter_failed(*ordinal, *kind, why),
        Some(Attention::LetterBounced { ordinal, kind, status }) => {
            to.letter_bounced(*ordinal, *kind, status)
        }
        Some(Attention::NotAcknowledged { why }) => to.not_acknowledged(why),
        Some(Attention::Stranger { quotes }) => to.stranger(*quotes),
        Some(Attention::Ambiguous { cases }) => to.ambiguous(cases),
        Some(Attention::Reopened) => to.reopened(),
        Some(Attention::ColleagueWrote) => to.colleague_wrote(),
        Some(Attention::VirusFound { signature, documents }) => to.virus_found(signature, documents),
        Some(Attention::NotScanned { why, documents }) => to.not_scanned(why, documents),
        Some(Attention::Flagged { flags }) => to.flagged(flags),
        Some(Attention::SetAside { mail, why }) => to.set_aside(*mail, why),
        Some(Attention::StillSetAside { mails, all, hours, older }) => {
            to.still_set_aside(mails, *all, *hours, *older)
        }
        Some(Attention::OutboxHeld { sent, limit }) => to.outbox_held(*sent, *limit),
    }
}

/// A clock's name, as in «accuser réception : jeudi 18 juin 2026».
pub(super) fn clock_words(clock: Clock, tongue: Tongue) -> &'static str {
    match clock {
        Clock::Ack | Clock::AckWatch | Clock::AsideWatch => tongue.pick("accuser réception", "acknowledge"),
        Clock::Admissibility => {
            tongue.pick("dire si la réclamation est recevable", "say whether the complaint is admissible")
        }
        Clock::Resolution => tongue.pick("répondre", "answer"),
        Clock::Cap => {
            tongue.pick("limite de deux mois, tous niveaux compris", "two-month limit, all levels included")
        }
    }
}

fn kind_words(kind: LetterKind, tongue: Tongue) -> &'static str {
    match kind {
        LetterKind::Acknowledgement => tongue.pick("l’accusé de réception", "the acknowledgement"),
        LetterKind::Notice => tongue.pick("un avis interne", "an internal notice"),
    }
}

/// What an enhanced status code tells (RFC 3463 §3).
fn status_words(status: &str, tongue: Tongue) -> &'static str {
    let mut parts = status.split('.').skip(1);
    match (parts.next(), parts.next()) {
        (Some("1"), _) => tongue.pick("l’adresse n’existe pas", "the address does not exist"),
        (Some("2"), Some("2")) => tongue.pick("la boîte est pleine", "the mailbox is full"),
        (Some("2"), _) => tongue.pick("la boîte n’est plus en service", "the mailbox is out of service"),
        (Some("4"), _) => tongue.pick("le serveur n’a pas pu être joint", "the server could not be reached"),
        (Some("7"), _) => {
            tongue.pick("le serveur refuse nos messages", "the server refuses our messages as unwanted")
        }
        _ => tongue.pick("le message n’a pas pu être remis", "the message could not be delivered"),
    }
}

struct Reader<'a> {
    case: &'a Case,
    policy: &'a Policy,
    tongue: Tongue,
}

impl Reader<'_> {
    fn say(&self, french: impl Into<String>, english: impl Into<String>) -> String {
        self.tongue.pick(french.into(), english.into())
    }

    fn step(&self, french: &str, english: &str, command: impl Into<String>) -> Step {
        Step { text: self.say(french, english), command: command.into() }
    }

    fn look_at_case(&self) -> Step {
        self.step("Voir le dossier :", "See the case:", format!("complaintd case show {}", self.case.number))
    }

    fn look_at_outbox(&self) -> Step {
        self.step("Voir où en sont les lettres :", "See how the letters stand:", "complaintd outbox list")
    }

    fn retry_letter(&self) -> Step {
        self.step(
            "Une fois la cause levée, renvoyer la lettre (son numéro est dans cette liste) \
                     :",
            "Once the cause is gone, send the letter again (its number is in that list):",
            "complaintd outbox retry N",
        )
    }

    fn acknowledge_by_hand(&self) -> Step {
        let mailbox = &self.policy.mailbox;
        Step {
            text: self.say(
                format!(
                    "Sinon, accuser réception vous-même depuis {mailbox}, ou par courrier, avant la \
                     date ci-dessus."
                ),
                format!(
                    "Otherwise acknowledge it yourself from {mailbox}, or by post, before the date \
                     above."
                ),
            ),
            command: String::new(),
        }
    }

    /// The reason as the program noted it, which is in English.
    fn reason(&self, why: &str) -> String {
        let why = clean(why, LONGEST_WHY);
        self.say(format!("Motif noté : {why}."), format!("Reason noted: {why}."))
    }

    fn bare(&self) -> Words {
        Words {
            title: self.say("un dossier demande votre attention", "a case needs your attention"),
            happened: vec![self.say("Un dossier demande votre attention.", "A case needs your attention.")],
            steps: vec![self.look_at_case()],
        }
    }

    fn acknowledgement_not_sent(&self, hours: i64) -> Words {
        let hours = count(
            hours.unsigned_abs(),
            self.say("heure", "hour").as_str(),
            &self.say("heures", "hours"),
            self.tongue,
        );
        Words {
            title: self.say(
                format!("accusé de réception non parti après {hours}"),
                format!("no acknowledgement sent after {hours}"),
            ),
            happened: vec![self.say(
                format!(
                    "Cette réclamation est arrivée il y a {hours} et l’envoi de son accusé de \
                     réception n’est toujours pas confirmé. Il est dû 48 heures après la réception, \
                     week-ends et jours fériés compris."
                ),
                format!(
                    "This complaint arrived {hours} ago and its acknowledgement is still not \
                     confirmed as sent. It is due 48 hours after receipt, weekends and holidays \
                     included."
                ),
            )],
            steps: vec![self.look_at_outbox(), self.look_at_case(), self.acknowledge_by_hand()],
        }
    }

    fn deadline_missed(&self, clock: Clock) -> Words {
        let due = self.case.dues.get(&clock).map(|due| self.policy.calendar.local(due.due_at));
        let when = due.map_or_else(String::new, |at| {
            let hour = if clock == Clock::Ack {
                format!(" {}", time(at.time(), self.tongue))
            } else {
                String::new()
            };
            format!(" ({}{hour})", date(at.date(), self.tongue))
        });
        let what = clock_words(clock, self.tongue);
        Words {
            title: self.say(format!("échéance dépassée : {what}"), format!("due date missed: {what}")),
            happened: vec![
                self.say(
                    format!("Une échéance de ce dossier est passée sans avoir été tenue : {what}{when}."),
                    format!("A due date of this case has passed unmet: {what}{when}."),
                ),
                self.missed_duty(clock),
            ],
            steps: vec![self.look_at_case()],
        }
    }

    fn missed_duty(&self, clock: Clock) -> String {
        match clock {
            Clock::Ack | Clock::AckWatch | Clock::AsideWatch => self.say(
                "Accusez réception sans attendre, et notez la cause du retard.",
                "Acknowledge it without waiting, and note why it is late.",
            ),
            Clock::Admissibility => self.say(
                "Dites au réclamant sans attendre si sa réclamation est recevable, avec les \
                     raisons si elle ne l’est pas.",
                "Tell the complainant without waiting whether the complaint is admissible, with \
                     reasons if it is not.",
            ),
            Clock::Resolution => self.say(
                "Répondez sans attendre, ou annoncez au réclamant une nouvelle date, avec les \
                     raisons du retard et des excuses.",
                "Answer without waiting, or give the complainant a new date, with the reasons \
                     for the delay and an apology.",
            ),
            Clock::Cap => self.say(
                "Les deux mois sont écoulés : le réclamant peut saisir le médiateur. Répondez \
                     sans attendre et prévenez la direction.",
                "The two months are over: the complainant may go to the mediator. Answer \
                     without waiting and tell the management.",
            ),
        }
    }

    fn letter_failed(&self, ordinal: u32, kind: LetterKind, why: &str) -> Words {
        let what = kind_words(kind, self.tongue);
        Words {
            title: self.say(format!("lettre refusée : {what}"), format!("letter refused: {what}")),
            happened: vec![
                self.say(
                    format!(
                        "Le serveur d’envoi a refusé définitivement {what} (lettre n° {ordinal} du \
                     dossier). La lettre est conservée ; elle ne partira pas d’elle-même."
                    ),
                    format!(
                        "The relay refused {what} for good (letter {ordinal} of the case). The letter \
                     is kept; it will not leave by itself."
                    ),
                ),
                self.reason(why),
            ],
            steps: vec![self.look_at_outbox(), self.retry_letter(), self.acknowledge_by_hand()],
        }
    }

    fn letter_bounced(&self, ordinal: u32, kind: LetterKind, status: &str) -> Words {
        let what = kind_words(kind, self.tongue);
        let meaning = status_words(status, self.tongue);
        let status = clean(status, 60);
        Words {
            title: self.say(format!("lettre revenue : {what}"), format!("letter came back: {what}")),
            happened: vec![self.say(
                format!(
                    "La lettre n° {ordinal} du dossier, {what}, est revenue : {meaning} ({status}). \
                     Le réclamant ne l’a pas reçue ; le délai court toujours."
                ),
                format!(
                    "Letter {ordinal} of the case, {what}, came back: {meaning} ({status}). The \
                     complainant did not get it; the clock still runs."
                ),
            )],
            steps: vec![
                self.look_at_case(),
                self.step(
                    "Chercher une autre adresse ou un numéro de téléphone dans le message du \
                     réclamant, et le joindre par ce moyen ou par courrier.",
                    "Look for another address or a telephone number in the complainant’s message, \
                     and reach them that way or by post.",
                    "",
                ),
            ],
        }
    }

    fn not_acknowledged(&self, why: &str) -> Words {
        Words {
            title: self.say(
                "réclamation enregistrée sans accusé de réception",
                "complaint registered without acknowledgement",
            ),
            happened: vec![
                self.say(
                    "Un dossier a été ouvert, mais aucun accusé de réception automatique n’est \
                     parti : ce message ne permet pas d’y répondre sans l’avis d’une personne. Les \
                     délais courent.",
                    "A case was opened, but no automatic acknowledgement left: this message may not \
                     be answered without a person’s judgement. The clocks are running.",
                ),
                self.reason(why),
            ],
            steps: vec![self.look_at_case(), self.acknowledge_by_hand()],
        }
    }

    fn stranger(&self, quotes: CaseNumber) -> Words {
        Words {
            title: self.say("une personne inconnue cite un dossier", "an unknown person quotes a case"),
            happened: vec![self.say(
                format!(
                    "L’auteur de ce message cite le dossier {quotes} ou répond à l’une de ses \
                     lettres, mais n’y participe pas. Rien de ce dossier ne lui a été communiqué ; \
                     son message a ouvert un dossier distinct."
                ),
                format!(
                    "The author of this message quotes case {quotes} or answers one of its letters, \
                     but takes no part in it. Nothing of that case was told; the message opened a \
                     case of its own."
                ),
            )],
            steps: vec![
                self.look_at_case(),
                self.step(
                    "Comparer avec le dossier cité :",
                    "Compare it with the case quoted:",
                    format!("complaintd case show {quotes}"),
                ),
                self.step(
                    "Décider s’il s’agit de la même personne, d’un mandataire ou d’un tiers ; en \
                     cas de doute, ne rien révéler du dossier cité.",
                    "Decide whether it is the same person, a representative or a third party; in \
                     doubt, reveal nothing of the case quoted.",
                    "",
                ),
            ],
        }
    }

    fn ambiguous(&self, cases: &[CaseNumber]) -> Words {
        let list = cases.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut steps = vec![self.look_at_case()];
        steps.extend(
            cases
                .iter()
                .take(5)
                .map(|case| self.step("Comparer :", "Compare:", format!("complaintd case show {case}"))),
        );
        Words {
            title: self.say("un message désigne plusieurs dossiers", "a message points to several cases"),
            happened: vec![self.say(
                format!(
                    "Ce message désigne plusieurs dossiers de son auteur : {list}. Pour ne pas \
                     mêler les dossiers, il en a ouvert un nouveau ; une personne doit dire auquel \
                     il se rapporte."
                ),
                format!(
                    "This message points to several cases of its author: {list}. So as not to mix \
                     them, it opened a new one; a person must say which it belongs to."
                ),
            )],
            steps,
        }
    }

    fn reopened(&self) -> Words {
        Words {
            title: self.say("dossier rouvert", "case reopened"),
            happened: vec![self.say(
                "Le réclamant a écrit de nouveau dans un dossier qui était clos ; le dossier \
                     est rouvert. Ses échéances d’origine n’ont pas changé.",
                "The complainant wrote again in a case that was closed; the case is open again. \
                     Its original due dates have not changed.",
            )],
            steps: vec![
                self.look_at_case(),
                self.step(
                    "Lire le message et décider : une suite à donner, un réexamen, ou une simple \
                     information.",
                    "Read the message and decide: something to do, a review, or mere information.",
                    "",
                ),
            ],
        }
    }

    fn colleague_wrote(&self) -> Words {
        Words {
            title: self
                .say("message d’un collègue conservé, non envoyé", "a colleague’s message kept, not sent"),
            happened: vec![self.say(
                "Un message venu de l’adresse d’un collègue répond dans ce dossier. Il y est conservé \
                     comme message interne : rien n’a été envoyé au réclamant, et rien de ce qu’il \
                     demande n’a été exécuté.",
                "A message from a colleague’s address answers in this case. It is kept there as \
                     internal: nothing was sent to the complainant, and nothing it asks for was \
                     carried out.",
            )],
            steps: vec![
                self.look_at_case(),
                self.step(
                    "Si ces mots étaient destinés au réclamant, les lui écrire autrement : cette version \
                     ne transmet pas les réponses des collègues.",
                    "If these words were meant for the complainant, write to them in another way: this \
                     version does not pass colleagues’ answers on.",
                    "",
                ),
            ],
        }
    }

    fn outbox_held(&self, sent: u64, limit: u64) -> Words {
        Words {
            title: self.say("tous les envois sont retenus", "everything outgoing is held"),
            happened: vec![self.say(
                format!(
                    "{sent} lettres sont parties en une heure ; la limite est de {limit}. Par \
                     prudence (deux automates qui se répondent ?), plus rien ne part, sauf les avis \
                     internes. Rien n’est perdu : les lettres attendent, les délais courent."
                ),
                format!(
                    "{sent} letters left within an hour; the limit is {limit}. As a precaution (two \
                     robots answering each other?) nothing leaves any more, except internal \
                     notices. Nothing is lost: the letters wait, the clocks run."
                ),
            )],
            steps: vec![
                self.step(
                    "Voir ce qui attend, et pour qui :",
                    "See what is waiting, and for whom:",
                    "complaintd outbox list",
                ),
                self.step(
                    "Si tout est normal, laisser repartir les envois :",
                    "If all is well, let the letters leave:",
                    "complaintd outbox release",
                ),
                self.step(
                    "Si cela se reproduit un jour d’affluence, relever la limite dans la \
                     configuration.",
                    "If this happens again on a busy day, raise the limit in the configuration.",
                    "",
                ),
            ],
        }
    }
}
