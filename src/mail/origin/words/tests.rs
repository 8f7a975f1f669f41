//! Sentences of machines and of persons who use the same words.

use super::*;

/// As an answer to a letter of ours, where the subject says so.
fn said(subject: &str, text: &str) -> Option<Heard> {
    heard(Words { subject, text, whole: text, answers: false, local: Some("marie") })
}

fn origin(subject: &str, text: &str) -> Option<(Origin, bool)> {
    said(subject, text).map(|heard| (heard.origin, heard.doubtful))
}

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
            "Nous sommes en plein déménagement, la box ne sera rebranchée que le 20. Je lirai votre message \
                à ce moment-là, inutile de le renvoyer.",
        ),
        ("Away", "No signal on the boat. I'll read this in May."),
        ("Re: Votre dossier", "Je suis absente jusqu'au 12. En cas d'urgence : 05 90 00 00 00."),
        ("RE: Your complaint", "I am out of the office. For anything urgent please call Anna."),
        ("RE: Uw klacht", "Ik ben afwezig tot 8 juli. Voor dringende zaken: 038 000 12 12."),
        (
            "Re: Accusé",
            "Bonjour,\nEn formation cette semaine, je suis de retour lundi.\nMerci d'appeler le standard.",
        ),
        ("Re: Accusé", "Je suis en arrêt maladie. Veuillez contacter Paul Roc au 05 90 00 00 01.\n\nAnne"),
        (
            "Re: Accusé",
            "Je suis en congés et ne lis pas mes messages. Je vous répondrai à mon retour, lundi.",
        ),
        ("Re: Accusé", "Le cabinet sera fermé du 1er au 8 mai. Réouverture le lundi 9 à 9 h."),
        ("Re: Accusé", "Cette adresse n'est plus utilisée. Merci de m'écrire à anne@neuf.example."),
        (
            "Re: Your complaint",
            "I'm on sick leave until further notice. Please contact Jo at jo@firm.example.",
        ),
        (
            "Re: Your complaint",
            "Mr Roc no longer works here. Please direct your message to info@firm.example.",
        ),
        ("Re: Su reclamación", "Estaré de vacaciones hasta el lunes. Responderé a mi regreso."),
        ("Re: Uw klacht", "Ik ben op vakantie tot maandag. Uw bericht lees ik daarna."),
        (
            "Re: Your complaint",
            "I'm driving with Do Not Disturb turned on. I'll see your message when I arrive.",
        ),
    ] {
        assert_eq!(origin(subject, text), Some((Origin::AutoReply, false)), "{subject}: {text}");
    }
}

#[test]
fn persons_who_are_away_stay_persons() {
    for (subject, text) in [
        ("Absence de réponse", "Je suis absent la semaine prochaine, mais mon virement n'est pas arrivé."),
        (
            "Absence de nouvelles du projet",
            "Aucune nouvelle depuis mars. Répondez avant mon retour de vacances.",
        ),
        ("Mon retrait", "Je suis en vacances jusqu'au 12, merci de me répondre par courrier."),
        ("Vacances", "Bonjour, je suis en vacances et mon compte est bloqué."),
        ("Re: mon dossier", "Je suis absente du 3 au 12, ma sœur peut vous répondre."),
        ("Re: mon dossier", "Je suis en déplacement, en cas d'urgence appelez-moi. Et mon virement ?"),
        ("Re: Out of office", "Your agent is always out of the office."),
        ("Message automatique incompréhensible", "J'ai reçu un message automatique que je ne comprends pas."),
        ("Réponse automatique ?", "Y a-t-il quelqu'un chez vous ?"),
        ("RE: Réponse automatique : Votre réclamation", "Et mes intérêts ?"),
        ("Re: Out of office: Anne Roc", "She has been away since May. Who has my file now?"),
        ("Out of office hours nobody helps", "I rang five times last night."),
        ("Re: Accusé", "En vacances, j'enverrai la pièce demandée ; mon fils peut vous répondre."),
        ("Re: Your complaint", "I am away until Friday. For urgent matters call my lawyer."),
        ("Absence du bureau de poste", "Vous m'avez envoyé un courrier que je ne peux pas retirer."),
    ] {
        assert_eq!(said(subject, text), None, "{subject}: {text}");
    }
}

/// What is not sure is a person's, and not answered.
#[test]
fn where_a_person_is_heard_beside_the_words_nothing_is_dropped() {
    for (subject, text) in [
        ("Réponse automatique : assez !", "Je veux parler à quelqu'un. Mon versement n'est pas là."),
        (
            "Re: Accusé",
            "Merci pour votre appel. Je suis en déplacement, en mon absence écrivez à mon épouse.",
        ),
        ("Re: Accusé", "Merci de votre diligence. Je suis en déplacement, je lirai votre réponse demain."),
    ] {
        assert_eq!(origin(subject, text), Some((Origin::AutoReply, true)), "{subject}: {text}");
    }
}

#[test]
fn machines_that_say_so_are_seen_and_persons_who_quote_them_are_not() {
    for (subject, text) in [
        ("x", "Ceci est un message automatique, merci de ne pas y répondre."),
        ("x", "Cet e-mail a été envoyé automatiquement."),
        ("x", "This is an automated message. Please do not reply to this email."),
        ("x", "Merci de ne pas répondre à ce message."),
        ("Votre message est en attente", "Merci de cliquer sur le lien ci-dessous pour le délivrer."),
        ("Re: Your complaint", "Your message was waitlisted. Click here to deliver it."),
        ("[#4711] Votre demande", "Votre demande n° 4711 a bien été prise en compte."),
        (
            "Ticket reçu",
            "Nous accusons réception de votre demande. Notre équipe vous répondra sous 48 heures.",
        ),
        (
            "Re: Votre réclamation",
            "Merci pour votre message ! Notre équipe répond en général en moins d'une heure.",
        ),
        ("Your complaint", "Thank you for your e-mail. We will get back to you within 2 business days."),
    ] {
        assert_eq!(origin(subject, text), Some((Origin::AutoReply, false)), "{subject}: {text}");
    }
    for (subject, text) in [
        ("Re: mon dossier", "Je ne reçois qu'une réponse automatique à chaque fois."),
        ("x", "Vous écrivez « ceci est un message automatique », mais personne ne répond."),
        ("Re: mon dossier", "I only ever get an automated message."),
        ("x", "Nous avons bien reçu votre message du 3 mars, mais il ne répond pas à ma question."),
        ("Bloqué", "Merci de ne pas répondre à ce message par un copier-coller."),
        ("Bloqué", "Please do not reply to this email with another template."),
        ("Stop", "Ce message est envoyé automatiquement chaque matin par votre site, arrêtez."),
        ("Compte en attente de validation", "J'ai cliqué sur le lien, rien ne se passe."),
        ("RE: Verify your email address", "I click on the link and nothing happens."),
        ("Confirmez votre adresse e-mail", "Quand je clique la page reste blanche."),
        (
            "Accusé de réception de votre réclamation [R-2026-000015-7]",
            "Nous avons bien reçu votre courriel.",
        ),
        ("Rép : Accusé de réception [R-2026-000015-7]", "Nous avons bien reçu votre message. Pas d'accord."),
        ("Accusé de réception", "« Un conseiller vous répondra » disiez-vous, personne ne l'a fait."),
    ] {
        assert_eq!(said(subject, text), None, "{subject}: {text}");
    }
}

#[test]
fn receipts_mailings_and_notifications_without_fields_are_seen() {
    use Origin::{AutoReply, Bulk, Receipt};
    for (subject, text, expected) in [
        ("Lu : Votre réclamation", "Votre message a été lu le 10/11/2026.", Receipt),
        ("Read: Your complaint", "Your message was read on Tuesday.", Receipt),
        ("Non lu : Accusé", "Votre message a été supprimé sans être lu le mardi 10.", Receipt),
        ("Novembre", "Au sommaire : le port.\n\nPour ne plus recevoir cette lettre, cliquez ici.", Bulk),
        ("Soldes", "Profitez-en !\nVoir la version en ligne\nSe désabonner", Bulk),
        ("Webinar", "Register now.\n\nUnsubscribe here: https://x.example/u", Bulk),
        ("Fichiers", "luc@x.example vous a envoyé 3 fichiers.", AutoReply),
        ("CI", "All jobs failed. You are receiving this because you are subscribed.", AutoReply),
    ] {
        assert_eq!(origin(subject, text), Some((expected, false)), "{subject}: {text}");
    }
    for (subject, text) in [
        ("Lu : votre réponse", "J'ai lu votre réponse et je la refuse."),
        ("Vos mails", "Impossible de se désabonner de vos mails !"),
        ("Vos mails", "I cannot unsubscribe from your newsletter."),
        ("Re: vos offres", "Je ne souhaite plus recevoir vos offres."),
    ] {
        assert_eq!(said(subject, text), None, "{subject}: {text}");
    }
    let footer = "Vous m'avez prélevé deux fois, remboursez-moi.\n\nVoir la version en ligne\nSe désabonner";
    assert_eq!(origin("Facture", footer), Some((Bulk, true)));
    let program =
        |text| heard(Words { subject: "x", text, whole: text, answers: false, local: Some("alerts") });
    assert_eq!(program("The monitor is down.").map(|heard| heard.doubtful), Some(false));
    assert_eq!(program("Where is my money?").map(|heard| heard.doubtful), Some(true));
}
