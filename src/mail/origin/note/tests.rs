//! Notes to anybody, and persons who write as little; none of these texts was learned from.

use super::*;

const OURS: &str = "Re: Accusé de réception de votre réclamation R-2026-000071-S";

fn is_doubted(subject: &str, text: &str) -> bool {
    !signs(Words { subject, text, whole: text, answers: subject == OURS, local: None }).is_empty()
}

#[test]
fn rule_2_13_a_short_answer_that_reads_like_a_note_is_doubted() {
    for text in [
        "Parti en montagne, sans ordinateur. Bises",
        "Cette boîte est relevée le jeudi.",
        "Phone's off until Monday, exams. Love you all",
        "La boutique est fermée pour congés. Nous répondrons à votre message à notre retour.",
        "Merci pour votre message ! Notre équipe vous répond sous 48 h. Pensez à consulter la FAQ.",
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
        "Nous ne sommes pas d'accord.",
        "Bien reçu, merci.",
        "Die Rechnung stimmt nicht.",
        "Sinds gisteren werkt de site niet meer.",
        "Pas de souci, prenez votre temps.",
        "Merci de ne pas m'appeler au travail.",
        "Oui merci. Fermé en janvier, mais je suis là.",
        "Bonjour, c'est noté. Absent la semaine prochaine.",
    ] {
        assert!(!is_doubted(OURS, text), "{text}");
    }
}

#[test]
fn rule_2_13_a_first_mail_and_a_long_one_are_not_doubted() {
    let note = "La boutique est fermée pour congés. Nous répondrons à votre message à notre retour.";
    assert!(is_doubted(OURS, note));
    assert!(!is_doubted("Fermeture", note));
    assert!(!is_doubted(OURS, &format!("{note} ").repeat(12)));
}

#[test]
fn the_classes_are_those_of_the_weights() {
    assert_eq!(WEIGHTS.classes, CLASSES);
}

#[test]
fn what_led_to_the_doubt_is_told_in_words() {
    let text = "Merci pour votre message ! Notre équipe vous répond sous 48 h. Pensez à consulter la FAQ.";
    let told = signs(Words { subject: OURS, text, whole: text, answers: true, local: None });
    assert_eq!(told[0], "a short answer that reads like a note");
    assert!(told[1..].iter().any(|sign| sign.starts_with("says ")), "{told:?}");
}
