//! What of a mail is quoted, by the marks and the announcements of many clients, and what only looks like it.

use complaintd::mail::reply::{Context, split, split_within};

use crate::common::words::words_of;

#[test]
fn trap_24_a_paragraph_that_begins_with_le_is_no_attribution() {
    let text = "Bonjour,\n\nLe 3 mars 2026 à 10:15, votre conseiller m'a écrit que tout allait bien :\nc'était faux.\n\n\
                Le 12, rien.\n\n--------------------\n\nJe veux une réponse.\n";
    let split = split(Some(text), None);
    assert_eq!(split.quoted, "");
    assert_eq!(words_of(&split.reply), words_of(text));
}

#[test]
fn trap_24_answers_inside_the_quote_are_the_persons_words() {
    let text = "Le mar. 2 juin 2026 à 09:12, Divikeys <info@divikeys.com> a écrit :\n> Êtes-vous le titulaire ?\n\nOui.\n\n\
                > Depuis quand ?\n\nDepuis mars.\n";
    let split = split(Some(text), None);
    assert_eq!(split.reply, "Oui.\n\nDepuis mars.");
    assert!(split.quoted.contains("titulaire") && split.quoted.contains("a écrit"));
}

#[test]
fn attributions_of_many_clients_are_quoted() {
    for line in [
        "Le lun. 1 juin 2026 à 09:12, Divikeys <info@divikeys.com> a écrit :",
        "Le lun. 1 juin 2026 à 09:12, Divikeys Réclamations\n<info@divikeys.com> a écrit :",
        "Le 01/06/2026 à 09:12, Divikeys a écrit :",
        "Le 2026-06-01 09:12, Divikeys a écrit :",
        "On Mon, Jun 1, 2026 at 9:12 AM Divikeys <info@divikeys.com> wrote:",
        "On 1 Jun 2026, at 09:12, Divikeys <info@divikeys.com> wrote:",
        "Op ma 1 jun 2026 om 09:12 schreef Divikeys <info@divikeys.com>:",
        "Op 01-06-2026 om 09:12 schreef Divikeys:",
        "El lun, 1 jun 2026 a las 9:12, Divikeys (<info@divikeys.com>) escribió:",
        "Am 01.06.26 um 09:12 schrieb Divikeys:",
        "Il giorno lun 1 giu 2026 alle ore 09:12 Divikeys <info@divikeys.com> ha scritto:",
        "Divikeys <info@divikeys.com> escreveu (segunda, 1/06/2026 à(s) 09:12):",
        "Quoting Divikeys <info@divikeys.com>:",
        "Le lun. 1 juin 2026 à\n09:12, Divikeys,\nréclamations\n<info@divikeys.com> a\nécrit :",
    ] {
        let split = split(Some(&format!("Pas d'accord.\n\n{line}\n> Bonjour,\n> C'est clos.\n")), None);
        assert_eq!(split.reply, "Pas d'accord.", "{line}");
        assert!(split.quoted.contains(line.lines().next().unwrap_or("")), "{line}");
    }
}

#[test]
fn what_mailx_quotes_is_known_by_its_indent_and_needs_no_date() {
    let told = "Divikeys – Service Réclamations <info@divikeys.com> wrote:";
    let own = "Le second débit est du 4 novembre.\n\nAnne Dupont";
    for mark in ["\t", "    ", "| "] {
        let quote = ["Bonjour,", "", "Nous avons bien reçu votre réclamation.", "Le médiateur est gratuit."]
            .map(|line| format!("{mark}{line}\n"))
            .concat();
        for text in [format!("{told}\n\n{quote}\n{own}\n"), format!("{own}\n\n{told}\n\n{quote}")] {
            let split = split_within(Some(&text), None, Context::Answer);
            assert_eq!(split.reply, "Le second débit est du 4 novembre.", "{text}");
            assert!(split.quoted.contains("médiateur"), "{text}");
        }
    }
    let typed = "Votre collègue <paul@divikeys.com> wrote:\nqu'il me rembourse.\nIl ne l'a pas fait.\n";
    assert_eq!(split(Some(typed), None).quoted, "", "in a mail that answers nothing it may be the person's");
}

#[test]
fn header_blocks_and_separators_begin_the_quote() {
    for head in [
        "-----Message d'origine-----\nDe : Divikeys\nEnvoyé : lundi 1 juin 2026 09:12\nÀ : moi\nObjet : Réponse",
        "________________________________\nDe : Divikeys <info@divikeys.com>\nEnvoyé : lundi 1 juin 2026 09:12\nÀ : moi\nObjet : Réponse",
        "From: Divikeys <info@divikeys.com>\nSent: Monday, June 1, 2026 9:12 AM\nTo: me\nSubject: Answer",
        "Van: Divikeys\nVerzonden: maandag 1 juni 2026 09:12\nAan: mij\nOnderwerp: Antwoord",
        "Von: Divikeys\nGesendet: Montag, 1. Juni 2026 09:12\nAn: mich\nBetreff: Antwort",
        "De: Divikeys\nEnviado el: lunes, 1 de junio de 2026 9:12\nPara: mí\nAsunto: Respuesta",
        "---------- Forwarded message ---------\nFrom: Divikeys <info@divikeys.com>\nDate: Mon, Jun 1, 2026\nSubject: Answer\nTo: me",
        "Begin forwarded message:\n\nFrom: Divikeys <info@divikeys.com>\nSubject: Answer\nDate: 1 June 2026\nTo: me",
    ] {
        let split = split(Some(&format!("Voici ma réponse.\n\n{head}\n\nBonjour,\nC'est clos.\n")), None);
        assert_eq!(split.reply, "Voici ma réponse.", "{head}");
    }
}

#[test]
fn a_letter_head_typed_by_the_person_is_no_quote() {
    let text = "De : Jeanne Martin\nÀ : Divikeys\nObjet : réclamation\n\nMon virement n'est pas arrivé.\n";
    assert_eq!(split(Some(text), None).quoted, "");
}

#[test]
fn what_somebody_told_them_is_no_attribution_in_a_new_mail() {
    for text in [
        "Bonjour,\n\nLe jeudi 5 mars 2026 à 14:30, votre agent m'a écrit :\n« C'est réglé. »\n\nC'est faux.",
        "Hello,\n\nOn 5 March 2026 at 14:30 your clerk wrote:\n\"All is well.\"\n\nIt is not.",
        "Hallo,\n\nOp 5 maart 2026 om 14:30 schreef uw collega:\n\"Geregeld.\"\n\nDat klopt niet.",
        "Hola,\n\nEl 5 de marzo de 2026 a las 14:30, su agente escribió:\n\"Resuelto.\"\n\nEs falso.",
        "Mon virement :\n\nDe : mon compte courant\nÀ : mon portefeuille\nDate : 5 mars 2026\nObjet : apport\n\nRien n'est arrivé.",
        "Expéditeur : Jeanne Martin\nDestinataire : Divikeys\nDate : 5 mars 2026\nObjet : mise en demeure\n\nPayez-moi.",
        "Deux soucis :\n> le code ne vient pas\n> personne ne répond\n\nMerci de faire vite.",
        ">>> AU SECOURS <<<\n\nTout a disparu.",
    ] {
        let new = split(Some(text), None);
        assert_eq!(new.quoted, "", "{text}");
        assert_eq!(words_of(&new.reply), words_of(text), "{text}");
        let page = text.replace('>', "&gt;").replace('<', "&lt;").replace('\n', "<br>");
        assert_eq!(split(Some(text), Some(&page)).quoted, "", "{page}");
    }
}

#[test]
fn the_same_signs_count_in_an_answer() {
    for head in
        ["Le 5 mars 2026 à 14:30, Divikeys a écrit :", "De : Divikeys\nDate : 5 mars 2026 14:30\nÀ : moi"]
    {
        let text = format!("Pas d'accord.\n\n{head}\nBonjour,\nC'est clos.");
        assert_eq!(split(Some(&text), None).quoted, "", "{head}");
        assert_eq!(split_within(Some(&text), None, Context::Answer).reply, "Pas d'accord.", "{head}");
    }
    let told = "Vous m'avez répondu :\n> C'est clos.\n\nNon.";
    assert_eq!(split(Some(told), None).quoted, "> C'est clos.");
    for (subject, context) in [
        ("Re: Votre demande", Context::Answer),
        ("RE : Votre demande", Context::Answer),
        ("TR: relevé", Context::Answer),
        ("Re[2]: relevé", Context::Answer),
        ("Retrait : rien reçu", Context::New),
        ("", Context::New),
    ] {
        assert_eq!(Context::of(false, subject), context, "{subject}");
    }
}
