//! The person's own words, and what they want: the traps, the promises that hold for every text,
//! and the mails of other people and clients in `tests/data/words`.

mod quotes;

use std::time::{Duration, Instant};

use complaintd::core::facts::{Category, Flag, Intent, Language, Missing, Origin};
use complaintd::mail::reply::{Split, split};
use complaintd::mail::understand::{Reading, Understanding, understand};
use proptest::prelude::*;

use crate::common::words::words_of;

fn all_of(split: &Split) -> String {
    format!("{}\n{}\n{}", split.reply, split.quoted, split.signature)
}

fn read(text: &str) -> Understanding {
    let split = split(Some(text), None);
    understand(&Reading {
        from: None,
        subject: "",
        split: &split,
        attachments: &[],
        origin: Origin::Human,
        answers_something: false,
    })
}

// --- the person's own words ---------------------------------------------------------------------

#[test]
fn signatures_are_set_apart_with_and_without_a_delimiter() {
    for end in [
        "Cordialement,\nJeanne Martin",
        "Bien cordialement,\n\nJeanne MARTIN\nGérante\n0690 00 00 00",
        "Je vous prie d'agréer, Madame, Monsieur, mes salutations distinguées.\n\nJ. Martin",
        "-- \nJeanne Martin\nwww.martin.example",
        "Jeanne Martin\n12 rue des Lilas\n97150 Saint-Martin",
        "Merci d'avance,\nJeanne\n\nEnvoyé de mon iPhone",
        "Met vriendelijke groeten,\nJeanne",
        "Kind regards, Jeanne Martin",
        "À vous lire,\nJeanne",
        "Sentiments distingués.\n\nJeanne Martin",
        "Respectfully submitted,\nJeanne Martin\nMarigot",
        "Mèsi davans,\nJeanne Martin",
        "Le collectif des prêteurs",
    ] {
        let split = split(Some(&format!("Bonjour,\n\nJe n'ai rien reçu.\n\n{end}\n")), None);
        assert_eq!(split.reply, "Bonjour,\n\nJe n'ai rien reçu.", "{end}");
        assert_eq!(words_of(&split.signature), words_of(end), "{end}");
    }
}

#[test]
fn words_below_a_signature_are_the_persons() {
    for (end, signature, more) in [
        ("Cordialement,\nJeanne Martin", "Cordialement,\nJeanne Martin", "PS : je pars lundi."),
        (
            "Merci d'avance\nJeanne Martin",
            "Merci d'avance\nJeanne Martin",
            "Et aussi : vous avez prélevé 12 € de trop.",
        ),
        ("Kind regards,\nJeanne", "Kind regards,\nJeanne", "Edit: my card was charged again."),
        ("-- \nJeanne Martin\nGérante", "--\nJeanne Martin\nGérante", "Je n'ai toujours pas eu de réponse."),
        (
            "Bien à vous\nJeanne Martin\n0690 00 00 00",
            "Bien à vous\nJeanne Martin\n0690 00 00 00",
            "p.s. pas le matin",
        ),
    ] {
        let split = split(Some(&format!("Bonjour,\n\nRien reçu.\n\n{end}\n\n{more}\n")), None);
        assert_eq!(split.reply, format!("Bonjour,\n\nRien reçu.\n\n{more}"), "{end}");
        assert_eq!(split.signature, signature, "{end}");
    }
}

#[test]
fn a_rule_between_two_thoughts_is_no_delimiter() {
    let text = "Un : des frais indus.\n--\nDeux : le site ne marche plus depuis lundi.\n--\nJ'attends votre appel.\n";
    for split in [split(Some(text), None), split(None, Some(&text.replace('\n', "<br>")))] {
        assert_eq!((split.reply.as_str(), split.signature.as_str()), (text.trim_end(), ""));
    }
}

#[test]
fn notices_below_business_mail_are_no_words_of_the_person() {
    for notice in [
        "Les informations de ce courriel sont confidentielles, leur usage par un tiers est interdit.",
        "Martin LLP is authorised and regulated by the Solicitors Regulation Authority.",
        "Société certifiée ISO 9001. Nos conditions générales de vente sont sur notre site.",
    ] {
        let text = format!("Rien reçu.\n\nCordialement,\n\nJeanne Martin\nGérante\n\n{notice}");
        assert_eq!(split(Some(&text), None).reply, "Rien reçu.", "{notice}");
    }
}

#[test]
fn what_the_program_wrote_is_no_word_of_the_person() {
    for (line, split) in [
        "[cid:image001.png@01DC5240.AA]",
        "[image: image.png]",
        "Télécharger BlueMail pour Android",
        "Envoyé à partir d’Outlook pour Android",
    ]
    .map(|line| (line, split(Some(&format!("Rien reçu.\n\n{line}\n")), None)))
    {
        assert_eq!((split.reply.as_str(), split.signature.as_str()), ("Rien reçu.", line));
    }
    let told = "Disparu :\nSent from my bank account on 3 October, 300 EUR.\nOù est-ce ?";
    assert_eq!(split(Some(told), None).reply, told);
}

#[test]
fn a_text_part_that_only_says_there_is_html_yields_to_it() {
    let stub = "Votre logiciel de messagerie ne prend pas en charge le format HTML.";
    let split = split(Some(stub), Some("<p>Il manque 12 €.</p>"));
    assert_eq!((split.reply.as_str(), split.quoted.as_str()), ("Il manque 12 €.", stub));
}

#[test]
fn thanks_and_orders_at_the_end_are_text() {
    for end in [
        "Merci",
        "Merci d'avoir fait vite.",
        "Répondez-moi",
        "Cordialement",
        "Remboursez",
        "P.S. : mon numéro a changé.",
    ] {
        let text = format!("Bonjour,\n\nJe n'ai rien reçu.\n\n{end}\n");
        assert_eq!(split(Some(&text), None).signature, "", "{end}");
    }
}

#[test]
fn structure_of_html_is_used_where_there_is_one() {
    let own = "<div>Je conteste.</div>";
    for quote in [
        "<div class=\"gmail_quote\"><div class=\"gmail_attr\">Info</div><blockquote class=\"gmail_quote\">C'est clos.</blockquote></div>",
        "<blockquote type=\"cite\"><div>C'est clos.</div></blockquote>",
        "<div class=\"moz-cite-prefix\">Info :</div><blockquote cite=\"mid:x\">C'est clos.</blockquote>",
        "<div id=\"yahoo_quoted_12\" class=\"yahoo_quoted\"><div>Info :</div><div>C'est clos.</div></div>",
        "<div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\">Info</div><div>C'est clos.</div>",
        "<div class=\"protonmail_quote\">Info<blockquote>C'est clos.</blockquote></div>",
    ] {
        let split = split(None, Some(&format!("<html><body>{own}<br>{quote}</body></html>")));
        assert_eq!(split.reply, "Je conteste.", "{quote}");
        assert!(split.quoted.contains("C'est clos."), "{quote}");
    }
}

#[test]
fn an_indented_block_of_the_person_is_no_quote() {
    let html = "<div>Je cite le contrat :</div><blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">Article 6.3</blockquote>";
    assert!(split(None, Some(html)).reply.contains("Article 6.3"));
}

#[test]
fn lines_that_the_client_wrapped_are_joined_and_others_are_not() {
    let text = "Depuis votre mise à jour je ne reçois plus le code à six chiffres par\nSMS au moment de me connecter.\n\n- un essai\n- deux essais\n";
    assert_eq!(
        split(Some(text), None).reply,
        "Depuis votre mise à jour je ne reçois plus le code à six chiffres par SMS au moment de me connecter.\n\n- un essai\n- deux essais"
    );
}

#[test]
fn no_word_of_the_corpus_is_dropped() {
    for folder in [
        "tests/data/corpus/mails",
        "tests/data/corpus/hostile",
        "tests/data/words/mails",
        "tests/data/unseen/mails",
    ] {
        for entry in std::fs::read_dir(folder).expect("the folder is there").flatten() {
            let raw = std::fs::read(entry.path()).expect("a file");
            let Some(message) = mail_parser::MessageParser::default().parse(&raw) else { continue };
            let body = |ids: &[u32], html: bool| -> Option<String> {
                ids.iter().find_map(|id| match &message.parts.get(*id as usize)?.body {
                    mail_parser::PartType::Text(text) if !html => Some(text.to_string()),
                    mail_parser::PartType::Html(text) if html => Some(text.to_string()),
                    _ => None,
                })
            };
            let (plain, html) = (body(&message.text_body, false), body(&message.html_body, true));
            let split = split(plain.as_deref(), html.as_deref());
            let stream: String = all_of(&split).chars().filter(|c| c.is_alphanumeric()).collect();
            let kept = words_of(&all_of(&split));
            for word in words_of(plain.as_deref().unwrap_or("")).keys() {
                assert!(
                    kept.contains_key(word) || stream.contains(word.as_str()),
                    "{word:?} of {:?}",
                    entry.path()
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn no_word_of_any_text_is_dropped_or_doubled(text in "([a-zA-Z0-9éà>:<@.,!?\\- ]{0,30}\n){0,40}") {
        let split = split(Some(&text), None);
        prop_assert_eq!(words_of(&all_of(&split)), words_of(&text));
    }

    #[test]
    fn no_word_of_a_letter_like_text_is_dropped(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "Bonjour,", "", "Cordialement,", "Jeanne Martin", "-- ", "> cité", ">> cité deux fois", "De : Divikeys <info@x.example>",
        "Envoyé : lundi 1 juin 2026 09:12", "Objet : Réponse", "Le 1 juin 2026 à 09:12, X <x@y.example> a écrit :", "-----Message d'origine-----",
        "Envoyé de mon iPhone", "Je n'ai rien reçu depuis le 3 mars et personne ne me répond au téléphone.", "0690 00 00 00", "Merci", "____________",
        "Ce message est confidentiel et destiné à son destinataire ; par erreur, avertir l'expéditeur.", "On Mon, Jun 1, 2026 at 9:12 AM X <x@y.example>", "wrote:",
    ]), 0..30)) {
        let text = pieces.join("\n");
        let split = split(Some(&text), None);
        prop_assert_eq!(words_of(&all_of(&split)), words_of(&text));
    }

    #[test]
    fn no_word_of_html_is_dropped(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "<div>", "</div>", "<p>", "</p>", "<blockquote type=cite>", "</blockquote>", "<br>", "un mot", "deux", "trois mots ici", "<b>", "</b>",
        "<div class=\"gmail_quote\">", "<div id=appendonsend></div>", "<pre>", "</pre>", "&lt;", "&eacute;t&eacute;", "<", "<td>", "</tr>", "<span style=\"color:red\">",
    ]), 0..40)) {
        let html = pieces.join("");
        let split = split(None, Some(&html));
        let kept: String = all_of(&split).chars().filter(|c| c.is_alphabetic()).collect::<Vec<_>>().into_iter().collect();
        let count = |word: &str| pieces.iter().filter(|piece| **piece == word).count();
        prop_assert!(kept.matches("trois").count() >= count("trois mots ici"));
        prop_assert!(kept.matches("deux").count() >= count("deux"));
        prop_assert!(kept.matches("été").count() >= count("&eacute;t&eacute;"));
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,200}", html in "\\PC{0,200}") {
        let split = split(Some(&text), Some(&html));
        let understood = understand(&Reading {
            from: None, subject: &text, split: &split, attachments: &[], origin: Origin::Human, answers_something: false,
        });
        prop_assert!((0.0..=1.0).contains(&understood.confidence));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a measurement needs the clock")]
fn trap_4_hostile_text_takes_linear_time() {
    let mega = |piece: &str| piece.repeat(400_000 / piece.len());
    for text in [
        mega(">"),
        mega(">\n"),
        mega("On On On "),
        mega("On "),
        mega("Le "),
        mega("Le \n"),
        mega("-- \n"),
        mega("<"),
        mega("<div>"),
        mega("<a b='"),
        mega("De : x\n"),
        mega("a écrit :\n"),
        mega("Cordialement,\n"),
        mega("A\n"),
        mega("\n"),
        mega("&"),
        mega("\"a "),
        mega("0 "),
        mega("R-2026-"),
        mega("Jean Martin\n"),
        mega("je conteste "),
        mega("a,"),
        mega("<!--"),
        mega("<style>"),
        mega("<blockquote>"),
        mega("<p style=\"x\">"),
        mega("<div class=gmail_quote>"),
        mega("<title>"),
        mega("<a <a "),
        mega("<a b='>"),
    ] {
        let begun = Instant::now();
        for (plain, html) in [
            (Some(text.as_str()), None),
            (None, Some(text.as_str())),
            (Some(text.as_str()), Some(text.as_str())),
        ] {
            let split = split(plain, html);
            understand(&Reading {
                from: None,
                subject: "",
                split: &split,
                attachments: &[],
                origin: Origin::Human,
                answers_something: false,
            });
        }
        let start: String = text.chars().take(20).collect();
        assert!(begun.elapsed() < Duration::from_secs(10), "{start:?} took {:?}", begun.elapsed());
    }
}

// --- what they want -----------------------------------------------------------------------------

#[test]
fn polarity_direction_and_homographs_are_told() {
    for (text, intent) in [
        ("Je retire ma réclamation, le remboursement est arrivé.", Intent::Withdrawal),
        ("Bonjour, aucune réclamation de ma part. Quels sont vos horaires ?", Intent::Question),
        (
            "Votre facture n° 2231 reste impayée. Sans règlement sous huit jours nous engagerons une procédure. Veuillez trouver notre facture.",
            Intent::Unrelated,
        ),
        (
            "Je vous adresse ma candidature pour le poste de gestionnaire de réclamations. CV joint.",
            Intent::Unrelated,
        ),
        ("Où en est ma réclamation du 3 mars ?", Intent::StatusRequest),
        ("Supprimez mon compte et toutes mes données, conformément au RGPD.", Intent::DataRequest),
        ("Je conteste votre réponse du 12 mars et demande un nouvel examen.", Intent::Reexamination),
        ("Merci beaucoup pour votre aide !", Intent::Thanks),
    ] {
        assert_eq!(read(text).intent, Some(intent), "{text}");
    }
}

#[test]
fn doubt_means_complaint() {
    for text in [
        "Pour la énième fois, quand allez-vous me payer ?",
        "Je n'ai toujours rien reçu.",
        "Nobody ever answers your phone.",
        "Ma carte a été débitée deux fois.",
        "svp j plus rien a manger jattend le virement",
    ] {
        assert_eq!(read(text).intent, Some(Intent::Complaint), "{text}");
    }
}

#[test]
fn the_grievance_decides_the_category() {
    for (text, category) in [
        ("L'application plante à chaque ouverture, réglez ça.", Category::Technical),
        ("Mon retrait de 300 € n'est toujours pas arrivé.", Category::FinancialTransaction),
        ("Le chantier est à l'arrêt et le promoteur ne donne plus de nouvelles.", Category::FundedProject),
        ("Votre conseiller m'a insulté au téléphone et a raccroché.", Category::Other),
    ] {
        assert_eq!(read(text).category, Some(category), "{text}");
    }
}

#[test]
fn receipts_and_delivery_reports_have_no_intent() {
    let split = Split { reply: "Je suis absent.".to_owned(), ..Split::default() };
    for origin in [Origin::Bounce, Origin::Receipt] {
        let understood = understand(&Reading {
            from: None,
            subject: "",
            split: &split,
            attachments: &[],
            origin,
            answers_something: false,
        });
        assert_eq!((understood.intent, understood.category), (None, None));
        assert_eq!(understood.language, Language::French);
    }
}

#[test]
fn what_led_to_a_decision_is_told_in_words() {
    let read =
        read("Je suis scandalisé : mon virement de 300 euros a été débité deux fois et personne ne répond.");
    assert_eq!(read.intent, Some(Intent::Complaint));
    assert!(
        read.intent_signals
            .iter()
            .any(|signal| ["tells what went wrong", "tells a grievance"].contains(&signal.as_str())),
        "{:?}",
        read.intent_signals
    );
    assert!(!read.category_signals.is_empty());
    for signal in read.intent_signals.iter().chain(&read.category_signals) {
        assert!(
            !signal.contains(':') || signal.starts_with("subject") || signal.starts_with("says"),
            "{signal}"
        );
    }
}

// --- what must not be misread -------------------------------------------------------------------

#[test]
fn whoever_speaks_of_their_own_death_is_flagged_wherever_it_stands() {
    for text in [
        "Je n'ai plus envie de vivre.",
        "Rendez-moi cet argent ou je vais me jeter sous un train",
        "I would rather die than lose the house.",
        "Ya no quiero vivir así.",
        "Ik wil niet meer leven.",
        "mwen pito mouri",
        "Merci pour votre aide.\n\nCordialement,\nJean Petit\n\nPS : je vais me pendre ce soir.",
        "Bonjour,\n\n> Votre dossier est clos.\n> Je vais me suicider.\n",
    ] {
        let read = read(text);
        assert!(read.flags.contains(&Flag::VulnerablePerson), "{text}");
        assert!(!matches!(read.intent, Some(Intent::Unrelated | Intent::Thanks)), "{text}");
    }
    for text in ["Ça me tue d'attendre, votre site est lent.", "Je veux en finir avec ce dossier de 20 €."]
    {
        assert!(read(text).flags.is_empty(), "{text}");
    }
}

#[test]
fn a_word_that_means_something_else_raises_no_flag() {
    for text in [
        "Sue at your desk promised me an answer about the 20 euro fee.",
        "My laptop died while I was signing, please send the contract again.",
        "La clé RSA est refusée par votre site depuis hier matin.",
        "Je ne vois plus mes placements depuis que le site a changé.",
        "Je ne vois pas mon virement sur le compte, et personne ne répond.",
        "Le toit de la Résidence de l'Hôpital n'est pas posé, vous aviez dit juin.",
        "Je suis à bout de patience avec ces 20 € de frais.",
    ] {
        assert!(read(text).flags.is_empty(), "{text}: {:?}", read(text).flags);
    }
}

#[test]
fn a_withdrawal_is_certain_or_none() {
    let answer = "\n\nLe 09/11/2026 à 10:12, Divikeys a écrit :\n> Nous avons bien reçu votre réclamation R-2026-000412-I.\n";
    let intent = |text: &str| read(&format!("{text}{answer}")).intent;
    for text in [
        "Je ne retire pas ma réclamation.",
        "Je maintiens ma plainte.",
        "I am not dropping my complaint.",
        "Please don't close my case.",
        "Je retire ma réclamation seulement si vous payez.",
        "If you pay me I will withdraw my complaint.",
        "Votre agent m'a demandé de retirer ma plainte.",
        "Ik trek mijn klacht niet in.",
        "Rien n'est réglé, merci de rouvrir.",
    ] {
        assert!(
            !matches!(intent(text), Some(Intent::Withdrawal | Intent::Thanks)),
            "{text}: {:?}",
            intent(text)
        );
    }
    for text in [
        "Je retire ma réclamation, tout est réglé.",
        "Si vous pouviez clore ma réclamation, l'argent est arrivé.",
        "The money arrived, please close my complaint.",
    ] {
        assert_eq!(intent(text), Some(Intent::Withdrawal), "{text}");
    }
}

#[test]
fn thanks_for_something_bad_are_a_complaint() {
    for text in [
        "Thank you so much for losing my papers again.",
        "Merci infiniment d'avoir perdu mon dossier.",
        "Bedankt voor twee maanden stilte.",
    ] {
        assert_eq!(read(text).intent, Some(Intent::Complaint), "{text}");
    }
}

#[test]
fn what_is_pasted_into_a_sentence_is_evidence() {
    let lacks = |text: &str| read(text).missing.contains(&Missing::Evidence);
    for text in [
        "Je n'arrive plus à me connecter à mon compte. Le site répond « Erreur 503 ».",
        "Vous avez pris des frais. Sur mon relevé : 04/10/2026 PRLV DIVIKEYS 35,00 EUR. Remboursez.",
        "Vous m'avez écrit : « Votre retrait sera payé sous deux jours. » Mon argent n'est pas arrivé.",
    ] {
        assert!(!lacks(text), "{text}");
    }
    assert!(lacks("J'ai appelé, on m'a dit « c'est en cours », mes 300 € manquent toujours."));
}
