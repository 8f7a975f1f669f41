//! What a notice to the company's people says: what happened, and what to do about it, in plain words.

use crate::core::case::Clock;
use crate::core::letter::{Attention, LetterKind};

#[derive(Default)]
pub(super) struct Told {
    pub title: String,
    pub happened: String,
    pub to_do: String,
}

fn told_as(title: &str, happened: String, to_do: &str) -> Told {
    Told { title: title.to_owned(), happened, to_do: to_do.to_owned() }
}

const BY_HAND: &str = "écrivez vous-même à cette personne dans les 48 heures de la réception.";

pub(super) fn told(attention: &Attention) -> Told {
    match attention {
        Attention::AcknowledgementNotSent { hours } => told_as(
            "accusé de réception non parti",
            format!("{hours} heures après la réception, l’accusé de réception n’est toujours pas parti."),
            "voyez « complaintd outbox list » ; si la panne dure, écrivez vous-même à cette personne avant la fin des 48 heures.",
        ),
        Attention::DeadlineMissed { clock } => told_as(
            "échéance dépassée",
            format!("L’échéance « {} » est dépassée.", self::clock(*clock)),
            "traitez ce dossier aujourd’hui et informez la personne du retard et de ses raisons.",
        ),
        Attention::LetterFailed { kind, why, .. } => told_as(
            "lettre refusée",
            format!("Le serveur de messagerie a refusé définitivement la lettre ({}) : {why}", letter(*kind)),
            "joignez la personne autrement (téléphone, courrier) ; l’adresse corrigée, « complaintd outbox retry » la renvoie.",
        ),
        Attention::LetterBounced { kind, status, .. } => told_as(
            "lettre revenue",
            format!("La lettre ({}) est revenue : {status}. La personne ne l’a pas reçue.", letter(*kind)),
            "joignez la personne autrement (téléphone, courrier) ; les 48 heures courent toujours.",
        ),
        Attention::NotAcknowledged { why } => told_as(
            "réclamation sans accusé de réception",
            format!(
                "Une réclamation est enregistrée, mais aucune machine ne doit en accuser réception : {why}."
            ),
            BY_HAND,
        ),
        Attention::Stranger { quotes } => told_as(
            "référence citée par un tiers",
            format!(
                "Cette personne cite le dossier {quotes}, auquel elle ne participe pas. Son message a son propre dossier ; \
                 rien du dossier cité ne lui a été communiqué."
            ),
            "vérifiez si elle a mandat ; sinon, ne confirmez pas même que ce dossier existe.",
        ),
        Attention::Ambiguous { cases } => {
            let list: Vec<String> = cases.iter().map(ToString::to_string).collect();
            told_as(
                "message à rattacher",
                format!("Ce message désigne plusieurs dossiers de la même personne : {}.", list.join(", ")),
                "décidez auquel il appartient.",
            )
        }
        Attention::Reopened => told_as(
            "dossier rouvert",
            "La personne a écrit de nouveau dans un dossier clos, qui est rouvert.".to_owned(),
            "lisez son message : complément, contestation ou simple remerciement ?",
        ),
        Attention::SetAside { mail, why } => told_as(
            "message mis de côté",
            format!("Le message n° {mail} n’a pas pu être traité de lui-même : {why}."),
            &format!(
                "lisez-le (« complaintd quarantine show {mail} ») ; ses délais courent comme pour tout autre. \
                 « complaintd quarantine retry {mail} » le fait relire."
            ),
        ),
        Attention::OutboxHeld { sent, limit } => told_as(
            "envois suspendus",
            format!(
                "{sent} lettres sont parties en une heure, la limite est {limit} : tous les envois sont suspendus."
            ),
            "voyez « complaintd outbox list ». Si ces lettres sont légitimes, « complaintd outbox release » les laisse partir.",
        ),
    }
}

fn letter(kind: LetterKind) -> &'static str {
    match kind {
        LetterKind::Acknowledgement => "accusé de réception",
        LetterKind::Notice => "alerte interne",
    }
}

pub(super) fn clock(clock: Clock) -> &'static str {
    match clock {
        Clock::Ack => "accusé de réception (48 heures)",
        Clock::AckWatch => "contrôle de l’accusé de réception",
        Clock::Admissibility => "recevabilité (10 jours ouvrés)",
        Clock::Resolution => "réponse (15 jours ouvrés)",
        Clock::Cap => "deux mois",
    }
}
