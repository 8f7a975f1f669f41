//! Notes to anybody, and persons who write as little.

use super::*;

const OURS: &str = "Re: Accusé de réception de votre réclamation R-2026-000071-S";

fn is_doubted(subject: &str, text: &str) -> bool {
    shows_nobody(Words { subject, text, whole: text, answers: subject == OURS, local: None }, "")
}

#[test]
fn rule_2_13_an_answer_that_could_go_to_anybody_is_doubted_whatever_it_says() {
    for text in [
        "La boutique prend l'air jusqu'au 12. Les commandes partiront à notre retour.",
        "Parti en montagne, sans ordinateur. Bises",
        "Je suis à la campagne, je compte rentrer vers le 20.",
        "Où suis-je ? Dans un train. Quand reviendrai-je ? Quand il s'arrêtera.",
        "Une fuite ? Appelez le 05 90 00 00 01. Un devis ? Joignez deux photos.",
        "Cette boîte est relevée le jeudi.",
        "Mes dossiers sont suivis par Anne, qui vous rappellera.",
        "Pour une demande, je vous invite à utiliser le formulaire de notre site.",
        "Merci d'avoir choisi la maison Roc. Réponse sous 72 h.",
        "Adhésion 2026 : 28 euros.",
        "Thanks for your note! I'm hiking and back on the 3rd.",
        "Phone's off until Monday, exams. Love you all",
        "Ich bin im Urlaub und lese keine E-Mails.",
        "Ik lees deze mailbox niet elke dag.",
        "Estoy de viaje y leo poco el correo.",
        "Mwen an konjé jis 15 dawout.",
        // What a person says who says no more is not told from it, and costs a receipt at most.
        "Bien reçu, merci.",
        "ok",
    ] {
        assert!(is_doubted(OURS, text), "{text}");
    }
}

#[test]
fn rule_2_13_whoever_speaks_of_the_matter_or_to_this_desk_is_heard() {
    for text in [
        "Je suis absente jusqu'au 3, demandez-moi les pièces avant.",
        "Suis sur un toit. C'est vous qui appelez à midi ?",
        "En congés, mais je conteste toujours les frais.",
        "La somme retenue est 2 150 €, pas 2 510.",
        "Le virement était du 3 juin.",
        "Ma femme a un compte chez vous, même problème.",
        "Et mes intérêts ?",
        "????",
        "Merci pour cette confirmation, je pars lundi.",
        "Merci à Anne, qui a pris le temps de m'expliquer.",
        "Deux mois, c'est trop long.",
        "Vous avez inversé deux chiffres.",
        "On m'avait dit une semaine.",
        "Nobody has called me.",
        "Die Rechnung stimmt nicht.",
        "Sinds gisteren werkt de site niet meer.",
        "Pas de souci, prenez votre temps.",
        "Merci de ne pas m'appeler au travail.",
        "Oui merci. Fermé en janvier, mais je suis là.",
        "Bonjour, c'est noté. Absent la semaine prochaine.",
        "On holiday, but please close the case.",
        "Any update on this? Thx",
        "Thanks for the quick confirmation. I am abroad until the 12th.",
        "Danke für die Bestätigung. Bin im Krankenhaus.",
        "Het bedrag klopt niet.",
        "No estoy de acuerdo con el plazo.",
        "Kilè n ap jwenn yon repons pou lajan an ?",
    ] {
        assert!(!is_doubted(OURS, text), "{text}");
    }
}

/// An unacknowledged complaint costs more than an unanswered answer.
#[test]
fn rule_2_13_a_first_mail_is_not_doubted_for_its_words() {
    for (subject, text) in [
        ("Bonjour", "Bonjour"),
        (
            "RE: vos mails",
            "52 notifications en une nuit. \"Votre paiement a bien été reçu\". Quel paiement !!!",
        ),
        ("Salon fermé", "Le salon est fermé du 20 au 30. Bises"),
        ("appli", "bjr lappli se ferme toute seule, jai reinstallé, rien a faire"),
        ("Service", "Personne ne répond à vos numéros."),
        ("Retrait", "Toujours rien."),
        ("RE: Statement", "The link gives an empty file. I cannot file my returns because of your system."),
        ("Vacances", "Avant mes vacances je voudrais savoir où en est le retrait."),
    ] {
        assert!(!is_doubted(subject, text), "{subject}: {text}");
    }
}

#[test]
fn rule_2_13_an_answer_with_a_title_of_its_own_must_say_more_than_that_it_was_read() {
    let with = |subject| Words { subject, text: "Oui merci.", whole: "", answers: true, local: None };
    assert!(!shows_nobody(with("Re: Accusé"), ""));
    assert!(shows_nobody(with("En mer"), ""));
}

#[test]
fn rule_2_13_a_telephones_line_or_a_long_text_is_a_persons() {
    let words = |text| Words { subject: OURS, text, whole: text, answers: true, local: None };
    assert!(!shows_nobody(words("ok"), "Envoyé de mon iPhone"));
    assert!(!shows_nobody(words(&"Il pleut sur la mer. ".repeat(50)), ""));
}
