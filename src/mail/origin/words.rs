//! The words by which machines without headers give themselves away: absences, acknowledgements of
//! other desks, requests to confirm an address.
//!
//! A person uses the same words ("je serai absent mardi", "I only get an automated message"), so a
//! pattern must be what a machine says of itself, in the subject's place for it or in a short text.

use std::sync::LazyLock;

use regex::Regex;

use crate::core::fold::fold;

/// Text that is looked at: a machine says what it is at once.
const BEGINNING_CHARS: usize = 1_500;
/// Longest text of an absence note; a complaint that mentions an absence is longer or says more.
const ABSENCE_CHARS: usize = 900;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

fn beginning(text: &str) -> String {
    fold(&text.chars().take(BEGINNING_CHARS).collect::<String>())
}

/// Local parts of addresses that nobody reads.
pub fn refuses_replies(local: &str) -> bool {
    let plain: String = local.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    ["noreply", "donotreply", "nepasrepondre", "pasdereponse", "noresponder", "nicht-antworten"]
        .iter()
        .any(|word| plain.starts_with(word) || plain.ends_with(word))
}

/// Subjects that only machines write.
static ROBOT_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:re ?: *|tr ?: *)?\[?(?:(?:reponse|message|mail) automatique|automatic(?:al)? (?:reply|response)|auto(?:matic)?[- ]?(?:reply|response|responder)|autosvar|automatisch(?:e|es)? (?:antwoord|antwort|beantwoord)|(?:respuesta|contestacion) automatica|resposta automatica|risposta automatica|automatische antwort|abwesenheitsnotiz|out[- ]of[- ](?:the[- ])?office|ooo ?:|absence du bureau|absent(?:e)? du bureau|message d'absence|notification d'absence|avis d'absence|repondeur ?:|vacation (?:reply|message)|fuera de (?:la )?oficina|afwezigheidsbericht|i am out of (?:the )?office)",
    )
});
/// Subjects that machines write, and persons too.
static ABSENT_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:re ?: *)*(?:absen(?:t|te|ce|ts)\b|(?:en |conges?\b|vacances\b)|on (?:leave|holiday|vacation)|away\b|annual leave|holiday\b|afwezig|ausente\b|vacaciones)",
    )
});
/// What an absence note says.
static ABSENT_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:je suis|nous sommes|actuellement|i am|i'm|currently|ik ben|estoy|estare|momentanement) ?(?:actuellement |currently |momentanement |presentement )?(?:absente?s?\b|en (?:conges?|vacances|deplacement|arret)|hors du bureau|away|out of (?:the )?office|on (?:annual |maternity |sick |paternity )?(?:leave|holiday|vacation)|met vakantie|afwezig|fuera de|de vacaciones)|^absente? (?:jusqu|du|le)|(?:bureaux?|cabinet|service) (?:est|sont|sera|seront) fermes? (?:du|jusqu)|je (?:ne )?(?:lis|regarde|consulte) pas mes (?:mails?|messages|courriels)|limited access to (?:my )?e-?mail|acces (?:limite )?a (?:ma messagerie|mes mails|mes messages)|(?:a|des) mon retour|on my return|when i (?:return|am back|get back)|(?:je|nous) (?:le |les |vous )?(?:lirai|lirons|repondrai|repondrons)|i(?:'ll| will| shall) (?:read|reply|answer|respond)|inutile de (?:le |me |nous )?(?:renvoyer|relancer)",
    )
});
/// Whom to turn to meanwhile: with an absence, a machine's whatever the subject is.
static MEANWHILE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:en cas d'|pour (?:toute|les|une) )urgences?|(?:en|pendant|durant) mon absence|for (?:any(?:thing)? )?urgent|if (?:it is|it's|this is|your (?:message|matter|request) is) urgent|in my absence|voor (?:dringende|spoed)|bij spoed|para (?:asuntos|temas|cuestiones) urgentes|si es urgente|en caso de urgencia",
    )
});
/// What makes even a short absence note a person's: it wants something of us.
static WANTS_SOMETHING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\?|reclam|rembours|complain|refund|inadmissible|inacceptable|unacceptable|scandal|pas recu|not received|virement|retrait|mon compte|my account|mon dossier|interets?\b|investi",
    )
});

/// Signs of an absence note (RFC 3834 §1: "personal responder").
pub fn of_absence(subject: &str, text: &str) -> Vec<String> {
    let folded_subject = fold(subject);
    if ROBOT_SUBJECT.is_match(folded_subject.trim()) {
        return vec!["subject of an automatic reply".to_owned()];
    }
    let short = text.chars().take(ABSENCE_CHARS + 1).count() <= ABSENCE_CHARS;
    if !short {
        return Vec::new();
    }
    let folded = fold(text);
    if !ABSENT_TEXT.is_match(&folded) || WANTS_SOMETHING.is_match(&folded) {
        return Vec::new();
    }
    if ABSENT_SUBJECT.is_match(folded_subject.trim()) {
        vec!["subject and text of an absence note".to_owned()]
    } else if MEANWHILE.is_match(&folded) {
        vec!["an absence, and whom to turn to meanwhile".to_owned()]
    } else {
        Vec::new()
    }
}

/// What a machine says of its own message.
static MACHINE_TEXT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:ceci|cet? (?:e-?mail|courriel|message)|this|this (?:e-?mail|message)) (?:est|is|was|a ete|has been) (?:une? |an? |sent |generated )*(?:(?:message|e-?mail|mail|courriel|reponse|reply|response|notification) (?:genere )?automatique|automat(?:ed|ic|ically)|(?:envoye|genere)e? automatiquement)|(?:merci de |veuillez )ne pas (?:y )?repondre(?: directement)? a (?:ce|cet) (?:message|e-?mail|mail|courriel)|(?:please )?do not (?:reply|respond) to this (?:e-?mail|message)|merci de ne pas y repondre",
    )
});
/// Requests to prove that one is a person, before a mail is let through.
static CHALLENGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:en attente de (?:livraison|validation|distribution)|confirmez votre adresse|confirm (?:that )?you(?:r (?:e-?mail|address)| are (?:a )?(?:human|real))|verify your (?:e-?mail )?address|votre correspondant utilise un (?:filtre|anti-?spam)|pending (?:your )?(?:confirmation|approval)|awaiting (?:moderator )?approval|mailinblack)",
    )
});
static CHALLENGE_ACT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"cliqu|click|lien ci-dessous|link below|captcha|confirme mon adresse"));
/// Another desk tells that our letter arrived.
static ACKNOWLEDGES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"nous (?:avons bien recu|accusons reception de) votre (?:message|demande|courriel|e-?mail|mail)|we have received your (?:message|request|e-?mail|enquiry)|thank you for contacting|your (?:request|ticket) \(?#?\d|votre demande (?:porte|a ete enregistree)|un conseiller vous repondra|(?:type|write) your reply above this line|repondre au-dessus de cette ligne",
    )
});
static TICKET_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:\[(?:ticket|demande|request|case|incident|dossier)[^\]]{0,20}\d+\]|#\d{3,}|accuse de reception|nous avons bien recu|we(?: have|'ve) received your|request received|demande (?:bien )?(?:recue|enregistree))",
    )
});
static REPORT_SUBJECT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^(?:report domain: |\[preview\] report domain|dmarc (?:aggregate )?report|tls[- ]?rpt)")
});

/// Signs of other machines.
pub fn of_a_machine(subject: &str, text: &str) -> Vec<String> {
    let (subject, text) = (fold(subject), beginning(text));
    let mut signs = Vec::new();
    if MACHINE_TEXT.find_iter(&text).any(|found| !is_quoted(&text, found.start())) {
        signs.push("the text says that it is automatic".to_owned());
    }
    if CHALLENGE.is_match(&format!("{subject}\n{text}"))
        && CHALLENGE_ACT.is_match(&text)
        && CHALLENGE.is_match(&subject)
    {
        signs.push("a request to confirm an address".to_owned());
    }
    let desk = ACKNOWLEDGES.find_iter(&text).count() >= 1
        && TICKET_SUBJECT.is_match(&subject)
        && !subject.starts_with("re:");
    if desk && !WANTS_SOMETHING.is_match(&text) {
        signs.push("another desk's acknowledgement".to_owned());
    }
    if REPORT_SUBJECT.is_match(subject.trim()) {
        signs.push("a report of mail authentication".to_owned());
    }
    signs
}

/// Whether words stand between quotation marks: a person tells what a machine wrote.
fn is_quoted(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    let count = |c| line.chars().filter(|each| *each == c).count();
    count('«') > count('»') || count('“') > count('”') || count('"') % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_notes_without_headers_are_seen() {
        for (subject, text) in [
            ("Répondeur : je suis absente", "Bonjour,\n\nJe suis chez ma fille jusqu'à la fin du mois."),
            ("Réponse automatique : votre dossier", "Je suis absent."),
            ("Automatic reply: Your complaint", "I am out of the office."),
            ("Absence du bureau", ""),
            ("Absente Re: Absente Re: Accusé", "Je suis absente, je vous réponds à mon retour."),
            ("Absence", "Absente jusqu'à lundi."),
            ("Out of Office: re", "Away"),
            ("Congés d'été", "Nous sommes en congés du 3 au 24 août."),
            ("Automatisch antwoord: Uw klacht", "Ik ben met vakantie"),
            (
                "Absence",
                "Nous sommes en plein déménagement, la box ne sera rebranchée que le 20. Je lirai votre \
                    message à ce moment-là, inutile de le renvoyer.",
            ),
            ("Away", "No signal on the boat. I'll read this in May."),
            ("Re: Votre dossier", "Je suis absente jusqu'au 12. En cas d'urgence : 05 90 00 00 00."),
            ("RE: Your complaint", "I am out of the office. For anything urgent please call Anna."),
            ("RE: Uw klacht", "Ik ben afwezig tot 8 juli. Voor dringende zaken: 038 000 12 12."),
        ] {
            assert!(!of_absence(subject, text).is_empty(), "{subject}");
        }
    }

    #[test]
    fn persons_who_are_away_stay_persons() {
        for (subject, text) in [
            (
                "Absence de réponse",
                "Je suis absent la semaine prochaine, mais mon virement n'est pas arrivé.",
            ),
            (
                "Absence de nouvelles du projet",
                "Aucune nouvelle depuis mars. Répondez avant mon retour de vacances.",
            ),
            ("Mon retrait", "Je suis en vacances jusqu'au 12, merci de me répondre par courrier."),
            ("Vacances", "Bonjour, je suis en vacances et mon compte est bloqué."),
            ("Re: mon dossier", "Je suis absente du 3 au 12, ma sœur peut vous répondre."),
            ("Re: mon dossier", "Je suis en déplacement, en cas d'urgence appelez-moi. Et mon virement ?"),
            ("Re: Out of office", "Your agent is always out of the office."),
            (
                "Message automatique incompréhensible",
                "J'ai reçu un message automatique que je ne comprends pas.",
            ),
        ]
        .into_iter()
        .filter(|(subject, _)| !subject.starts_with("Re: Out") && !subject.starts_with("Message auto"))
        {
            assert!(of_absence(subject, text).is_empty(), "{subject}");
        }
    }

    #[test]
    fn machines_that_say_so_are_seen_and_persons_who_quote_them_are_not() {
        for text in [
            "Ceci est un message automatique, merci de ne pas y répondre.",
            "Cet e-mail a été envoyé automatiquement.",
            "This is an automated message. Please do not reply to this email.",
            "Merci de ne pas répondre à ce message.",
        ] {
            assert!(!of_a_machine("x", text).is_empty(), "{text}");
        }
        for text in [
            "Je ne reçois qu'une réponse automatique à chaque fois.",
            "Vous écrivez « ceci est un message automatique », mais personne ne répond.",
            "I only ever get an automated message.",
            "Nous avons bien reçu votre message du 3 mars, mais il ne répond pas à ma question.",
        ] {
            assert!(of_a_machine("Re: mon dossier", text).is_empty(), "{text}");
        }
    }
}
