//! Letters as their readers get them: snapshots for the owners of the procedure, and what each letter
//! must and must not say (DOMAIN §3).

mod desk;

use complaintd::core::case::{Case, Clock, Document};
use complaintd::core::facts::Flag;
use complaintd::core::ids::MessageId;
use complaintd::core::letter::{Attention, Channel, Letter, LetterLanguage};
use complaintd::core::policy::Policy;
use complaintd::core::token::{LetterRef, TokenPlace};
use complaintd::mail::compose::{ComposeError, Composer, Sender};
use mail_parser::MessageParser;

use desk::*;

const LANGUAGES: [LetterLanguage; 3] =
    [LetterLanguage::French, LetterLanguage::English, LetterLanguage::Both];

// ---------------------------------------------------------------- snapshots

#[test]
fn acknowledgements_as_customers_read_them() {
    for language in LANGUAGES {
        let name = language.word().replace('+', "-");
        insta::assert_snapshot!(
            format!("acknowledgement-{name}-full"),
            snapshot(&compose(&large_case(), &acknowledgement(language)))
        );
        insta::assert_snapshot!(
            format!("acknowledgement-{name}-small"),
            snapshot(&compose(&small_case(), &acknowledgement(language)))
        );
        let fraud_for_another =
            Case { flags: [Flag::FraudSuspected].into(), for_another: true, ..small_case() };
        insta::assert_snapshot!(
            format!("acknowledgement-{name}-careful"),
            snapshot(&compose(&fraud_for_another, &acknowledgement(language)))
        );
    }
}

#[test]
fn notices_as_colleagues_read_them() {
    for language in [LetterLanguage::French, LetterLanguage::English] {
        for about in attentions() {
            let letter = Letter { language, ..notice(about.clone()) };
            let detail = match about {
                Attention::DeadlineMissed { clock } => format!("-{clock}"),
                Attention::StillSetAside { all, .. } => format!("-{all}"),
                _ => String::new(),
            };
            insta::assert_snapshot!(
                format!("notice-{language}-{}{detail}", about.word()),
                snapshot(&compose(&case_of(&about), &letter))
            );
        }
    }
}

#[test]
fn the_html_source_of_an_acknowledgement() {
    let mail = read(&compose(&large_case(), &acknowledgement(LetterLanguage::French)).bytes);
    insta::assert_snapshot!("acknowledgement-fr-full-html", mail.html);
}

// ---------------------------------------------------------------- what a letter must say

#[test]
fn an_acknowledgement_says_everything_that_it_must() {
    let french = [
        ("received on", "jeudi 18 juin 2026"),
        ("received at, local time", "à 10\u{A0}h\u{A0}30 (heure de Marigot)"),
        ("channel", "par courrier électronique"),
        ("reference", "R-2026-000123-"),
        ("subject", "Retrait bloqué\u{202F}: où est mon argent\u{202F}?"),
        ("document", "relevé de juin.pdf (312\u{A0}ko)"),
        ("second document", "capture d'écran.png (1,4\u{A0}Mo)"),
        ("answer", "au plus tard le jeudi 9 juillet 2026"),
        ("working days", "15 jours ouvrés"),
        ("admissibility", "Au plus tard le jeudi 2 juillet 2026"),
        ("delay", "la nouvelle date"),
        ("missing", "un numéro de téléphone ou une adresse postale où vous joindre"),
        ("no condition", "Ce n’est pas une condition"),
        ("how to add", "Répondez simplement à ce message"),
        ("free", "gratuite"),
        ("review", "réexamen"),
        ("mediator", "médiateur indépendant"),
        ("confidential", "confidentiel"),
        ("department", "Service Réclamations"),
    ];
    let english = [
        ("received on", "Thursday 18 June 2026"),
        ("received at, local time", "at 10:30 (Marigot time)"),
        ("channel", "by e-mail"),
        ("reference", "R-2026-000123-"),
        ("subject", "Retrait bloqué"),
        ("document", "relevé de juin.pdf (312\u{A0}kB)"),
        ("second document", "capture d'écran.png (1.4\u{A0}MB)"),
        ("answer", "by Thursday 9 July 2026 at the latest"),
        ("working days", "15 working days"),
        ("admissibility", "By Thursday 2 July 2026 at the latest"),
        ("delay", "the new date"),
        ("missing", "a telephone number or postal address at which we can reach you"),
        ("no condition", "This is not a condition"),
        ("how to add", "Simply reply to this message"),
        ("free", "free of charge"),
        ("review", "review"),
        ("mediator", "mediator (ombudsman)"),
        ("confidential", "confidential"),
        ("department", "Complaints Department"),
    ];
    let everywhere = [
        ("e-mail", "info@divikeys.com"),
        ("phone", "+590 590 12 34 56"),
        ("post", "Divikeys SAS, 14 rue Anegada, Hope estate, 97150 SAINT MARTIN"),
        ("data protection", "https://divikeys.com/confidentialite"),
    ];
    for language in LANGUAGES {
        let mail = read(&compose(&large_case(), &acknowledgement(language)).bytes);
        let mut demanded = everywhere.to_vec();
        if language != LetterLanguage::English {
            demanded.extend(french);
        }
        if language != LetterLanguage::French {
            demanded.extend(english);
        }
        for (what, words) in demanded {
            assert!(mail.text.contains(words), "{language} text: {what}\n{}", mail.text);
            assert!(mail.html_text().contains(words), "{language} HTML: {what}\n{}", mail.html_text());
        }
    }
}

#[test]
fn an_acknowledgement_says_nothing_that_it_must_not() {
    for language in LANGUAGES {
        let mail = read(&compose(&large_case(), &acknowledgement(language)).bytes);
        let all = format!("{}{}", mail.text, mail.html).to_lowercase();
        for forbidden in [
            "mot de passe",
            "password",
            "carte bancaire",
            "card number",
            "pièce d’identité",
            "identity",
            "ec.europa.eu",
            "/odr",
            "<img",
            "<script",
            "fonts.g",
            "src=",
            "url(",
            "@import",
            "remboursé",
            "refund",
        ] {
            assert!(!all.contains(forbidden), "{language}: {forbidden}");
        }
        let links: Vec<&str> =
            mail.html.split("href=\"").skip(1).filter_map(|l| l.split('"').next()).collect();
        let ours = |link: &&str| link.starts_with("https://divikeys.com") || link.starts_with("mailto:info@");
        assert!(!links.is_empty() && links.iter().all(ours), "{links:?}");
    }
}

#[test]
fn what_does_not_apply_is_not_mentioned() {
    let mail = read(&compose(&small_case(), &acknowledgement(LetterLanguage::French)).bytes);
    for absent in ["recevable", "DOCUMENTS REÇUS\n-", "POUR NOUS AIDER", "English version"] {
        assert!(!mail.text.contains(absent), "{absent}\n{}", mail.text);
    }
    assert!(mail.text.contains("Aucun document n’était joint"));
}

#[test]
fn a_complaint_by_post_has_no_hour() {
    let case = Case { channel: Channel::Post, ..small_case() };
    let mail = read(&compose(&case, &acknowledgement(LetterLanguage::French)).bytes);
    assert!(mail.text.contains("le jeudi 18 juin 2026, par courrier postal."), "{}", mail.text);
}

#[test]
fn text_and_html_say_the_same_words() {
    for language in LANGUAGES {
        for case in [small_case(), large_case()] {
            let mail = read(&compose(&case, &acknowledgement(language)).bytes);
            assert_eq!(words(&mail.text), words(&mail.html_text()), "{language}");
        }
        for about in attentions() {
            let letter = Letter { language, ..notice(about.clone()) };
            let mail = read(&compose(&case_of(&about), &letter).bytes);
            assert_eq!(words(&mail.text), words(&mail.html_text()), "{language} {}", about.word());
        }
    }
}

#[test]
fn many_documents_are_counted_and_long_names_and_subjects_cut() {
    let mut case = small_case();
    case.subject = "x".repeat(400);
    case.documents =
        (1..=25).map(|n| Document::new(format!("{n}\u{202E}\r\n{}.pdf", "n".repeat(200)), 1_000)).collect();
    let mail = read(&compose(&case, &acknowledgement(LetterLanguage::French)).bytes);
    assert_eq!(mail.text.matches(".pdf (1\u{A0}ko)").count(), 20);
    assert!(mail.text.contains("- et 5 autres documents\n"), "{}", mail.text);
    assert!(mail.text.contains(&format!("«\u{202F}{}…\u{202F}»", "x".repeat(149))));
    assert!(!mail.text.contains('\u{202E}'));
    assert!(mail.text.lines().filter(|l| l.contains(".pdf")).all(|l| l.chars().count() < 100));
}

#[test]
fn a_name_that_is_no_name_is_not_greeted() {
    for (name, greeting) in [
        ("Marie Dupont", "Bonjour Marie Dupont,"),
        ("J. P. O'Neil", "Bonjour J. P. O'Neil,"),
        ("", "Bonjour Marie Dupont,"),
        ("Gagnez 1000 sur gains.example", "Bonjour,"),
        ("http://gains.example", "Bonjour,"),
        ("marie@example.fr", "Bonjour,"),
        ("gains.example", "Bonjour,"),
        ("<b>Marie</b>", "Bonjour,"),
    ] {
        let mut case = small_case();
        case.complainant.as_mut().expect("set above").name = name.to_owned();
        let mail = read(&compose(&case, &acknowledgement(LetterLanguage::French)).bytes);
        assert_eq!(mail.text.lines().nth(2), Some(greeting), "{name:?}");
    }
}

// ---------------------------------------------------------------- typography

#[test]
fn french_letters_have_french_typography() {
    let mut texts = Vec::new();
    for case in [small_case(), large_case()] {
        texts.push(read(&compose(&case, &acknowledgement(LetterLanguage::French)).bytes));
    }
    for about in attentions() {
        texts.push(read(&compose(&case_of(&about), &notice(about)).bytes));
    }
    for mail in texts {
        for text in [&mail.text, &mail.html_text()] {
            // The names of documents are the customer's own.
            let text = text.replace("capture d'écran", "");
            for wrong in [" :", " ;", " !", " ?", " »", "« ", "\u{A0}:", "'"] {
                let at = text.find(wrong).map(|at| text[..at].chars().rev().take(30).collect::<String>());
                assert_eq!(at, None, "{wrong:?} stands in a letter (shown backwards)");
            }
        }
        assert!(!mail.subject.contains(" :") && !mail.subject.contains('\''), "{}", mail.subject);
    }
}

// ---------------------------------------------------------------- headers and envelope

#[test]
fn the_headers_are_those_of_an_automatic_answer_in_its_thread() {
    let letter = compose(&small_case(), &acknowledgement(LetterLanguage::French));
    let mail = read(&letter.bytes);
    assert_eq!(mail.subject, format!("Accusé de réception de votre réclamation [{}]", small_case().number));
    assert_eq!(mail.header("In-Reply-To"), Some("<m2@example.fr>"));
    assert_eq!(mail.header("References"), Some("<m1@example.fr> <m2@example.fr>"));
    assert_eq!(mail.header("Auto-Submitted"), Some("auto-replied"));
    assert_eq!(mail.header("X-Auto-Response-Suppress"), Some("All"));
    assert_eq!(mail.header("Date"), Some("Thu, 18 Jun 2026 10:30:05 -0400"));
    assert_eq!(mail.header("Message-ID"), Some(format!("<{}>", letter.message_id).as_str()));
    assert_eq!(mail.header("Precedence"), None);
    let about = LetterRef { case: small_case().number, ordinal: 1 };
    assert_eq!(policy().key.open_message_id(&letter.message_id), Some(about));
    let reply_to = address(mail.header("Reply-To").expect("set with subaddressing"));
    assert_eq!(policy().key.open_address(&reply_to), Some((TokenPlace::ReplyAddress, about)));
    assert_eq!(policy().key.open_address(&letter.envelope_from), Some((TokenPlace::BounceAddress, about)));
    let notice = read(&compose(&small_case(), &notice(Attention::Reopened)).bytes);
    assert_eq!(notice.header("Auto-Submitted"), Some("auto-generated"));
}

#[test]
fn without_subaddressing_the_mailbox_itself_stands_in_the_envelope() {
    let policy = Policy { subaddressing: false, ..policy() };
    let letter = composer()
        .compose(&small_case(), &acknowledgement(LetterLanguage::French), &policy)
        .expect("nothing is missing");
    assert_eq!(letter.envelope_from, policy.mailbox);
    assert_eq!(read(&letter.bytes).header("Reply-To"), None);
}

#[test]
fn a_letter_in_both_languages_has_one_subject_and_both_texts() {
    let mail = read(&compose(&large_case(), &acknowledgement(LetterLanguage::Both)).bytes);
    let words = "Accusé de réception de votre réclamation / We have received your complaint";
    assert_eq!(mail.subject, format!("{words} [{}]", large_case().number));
    assert_eq!(mail.header("Content-Language"), Some("fr, en"));
    assert_eq!(mail.html.matches("<html").count(), 1);
    assert_eq!(mail.html.matches("<body").count(), 1);
    assert!(!mail.html.contains("@@"));
    let (fr, en) = (mail.text.find("Bonjour"), mail.text.find("Dear"));
    assert!(fr.is_some() && fr < en, "{}", mail.text);
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    for language in LANGUAGES {
        let letter = acknowledgement(language);
        assert_eq!(compose(&large_case(), &letter), compose(&large_case(), &letter));
    }
}

#[test]
fn every_line_is_short_and_seven_bit() {
    let mut case = large_case();
    case.subject = "é".repeat(500);
    for language in LANGUAGES {
        let letter = Letter {
            to_name: "ü".repeat(300),
            references: (0..40)
                .map(|n| MessageId::parse(&format!("{n}.{}@x", "r".repeat(n * 24))).expect("an id"))
                .collect(),
            ..acknowledgement(language)
        };
        let bytes = compose(&case, &letter).bytes;
        assert!(bytes.is_ascii());
        assert!(!bytes.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r'), "a bare line feed");
        let text = String::from_utf8(bytes).expect("ASCII");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        assert!(body.lines().all(|line| line.len() <= 76));
        let ids = |line: &&str| line.starts_with(" <") || line.starts_with("References:");
        assert!(head.lines().filter(|line| !ids(line)).all(|line| line.len() <= 78), "{head}");
        assert!(head.lines().all(|line| line.len() <= 998), "{head}");
        assert!(
            read(text.as_bytes()).header("References").expect("there").split(' ').count()
                <= Letter::MAX_REFERENCES
        );
    }
}

#[test]
fn hostile_01_to_03_nothing_a_customer_wrote_becomes_a_header_or_a_part() {
    let attacks = [
        "Marie\r\nBcc: victime@example.com",
        "Marie\nBcc: victime@example.com\n\n<script>alert(1)</script>",
        "Marie\r\n\r\n--=_r-2026-000123-k.1\r\nContent-Type: text/html\r\n\r\nX",
        "=?utf-8?q?Marie=0D=0ABcc:_victime@example.com?=",
        "\"Marie\" <victime@example.com>, x",
        "Marie\u{2028}Bcc: victime@example.com\u{85}X: y\u{0}",
        "{{ reference }}{% for x in y %}",
    ];
    let plain = read(&compose(&large_case(), &acknowledgement(LetterLanguage::Both)).bytes);
    let names = |mail: &Read| mail.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    for attack in attacks {
        let mut case = large_case();
        case.subject = attack.to_owned();
        attack.clone_into(&mut case.complainant.as_mut().expect("set above").name);
        case.documents = vec![Document::new(attack, 1)];
        let letter = Letter { to_name: attack.to_owned(), ..acknowledgement(LetterLanguage::Both) };
        let bytes = compose(&case, &letter).bytes;
        let mail = read(&bytes);
        assert_eq!(names(&mail), names(&plain), "{attack:?}");
        assert_eq!(mail.subject, plain.subject, "{attack:?}");
        assert!(!mail.html.contains("<script"), "{attack:?}");
        let to = MessageParser::default().parse(&bytes).and_then(|m| m.to().cloned()).expect("a recipient");
        let to: Vec<_> = to.iter().filter_map(|one| one.address().map(str::to_owned)).collect();
        assert_eq!(to, ["marie.dupont@example.fr"], "{attack:?}");
    }
}

#[test]
fn a_notice_never_leaves_the_company() {
    let letter = Letter { to: address("marie.dupont@example.fr"), ..notice(Attention::Reopened) };
    let refused = composer().compose(&small_case(), &letter, &policy());
    assert_eq!(refused, Err(ComposeError::NoticeOutside));
    let colleague = Letter { to: address("PAUL@divikeys.com"), ..notice(Attention::Reopened) };
    assert!(composer().compose(&small_case(), &colleague, &policy()).is_ok());
}

// ---------------------------------------------------------------- holes and overrides

#[test]
fn a_missing_value_blocks_the_letter_and_is_named() {
    type Remove = fn(&mut Sender, &mut Case);
    let without: [(&str, Remove); 9] = [
        ("phone", |sender, _| sender.phone = "  ".to_owned()),
        ("legal_name", |sender, _| sender.legal_name.clear()),
        ("department", |sender, _| sender.department_fr.clear()),
        ("postal", |sender, _| sender.postal = vec![String::new()]),
        ("privacy_url", |sender, _| sender.privacy_url.clear()),
        ("website", |sender, _| sender.website.clear()),
        ("company", |sender, _| sender.name.clear()),
        ("received_at", |_, case| case.received_at = None),
        ("answer_by", |_, case| drop(case.dues.remove(&Clock::Resolution))),
    ];
    for (variable, remove) in without {
        let (mut sender, mut case) = (sender(), small_case());
        remove(&mut sender, &mut case);
        let composer = Composer::new(templates(&[]).expect("right"), sender);
        let refused = composer.compose(&case, &acknowledgement(LetterLanguage::French), &policy());
        let Err(ComposeError::Hole { hole, .. }) = &refused else { panic!("{variable}: {refused:?}") };
        assert_eq!(hole.variable.as_deref(), Some(variable));
        let words = refused.expect_err("a hole").to_string();
        assert!(
            words.contains(&format!("`{variable}` has no value")) && words.contains("fr/acknowledgement"),
            "{words}"
        );
    }
}

fn embedded(name: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/config/templates/");
    std::fs::read_to_string(format!("{root}{name}")).expect("the templates are in the repository")
}

#[test]
fn an_override_takes_the_place_of_one_template() {
    let text = embedded("fr/acknowledgement.txt")
        .replace("Bien à vous,", "Toute l'équipe vous salue, {{ variables.opening_hours }} !");
    let templates = templates(&[("fr/acknowledgement.txt", &text)]).expect("it is right");
    let letter = Composer::new(templates, sender())
        .compose(&small_case(), &acknowledgement(LetterLanguage::French), &policy())
        .expect("nothing is missing");
    let mail = read(&letter.bytes);
    assert!(
        mail.text.contains("Toute l’équipe vous salue, de 9 h à 17 h\u{202F}!"),
        "typeset too\n{}",
        mail.text
    );
    assert!(mail.html.contains("Bien à vous,"));
}

#[test]
fn all_mistakes_of_templates_are_told_at_once_with_file_line_and_remedy() {
    let typo = embedded("fr/acknowledgement.txt").replace("{{ reference }}", "{{ refrence }}");
    let open = embedded("en/acknowledgement.txt").replace("{% endfor %}", "");
    let forgotten = embedded("en/acknowledgement.mjml").replace("{{ phone }}", "0590 12 34 56");
    let pixel = embedded("fr/notice.mjml").replace("<h2 ", "<img src=\"https://x.example/p\" /><h2 ");
    let nonsense = "<mjml><mj-body><mj-nothing></mj-nothing></mj-body></mjml>";
    let errors = templates(&[
        ("fr/acknowledgement.txt", &typo),
        ("en/acknowledgement.txt", &open),
        ("fr/notice.mjml", &pixel),
        ("en/notice.mjml", nonsense),
        ("en/notice.txt", "no subject {{ title | upcase }}"),
        ("fr/acknowledgment.txt", "x"),
    ])
    .expect_err("none of them is right");
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("template-mistakes", told.join("\n"));
    let errors = templates(&[("en/acknowledgement.mjml", &forgotten)]).expect_err("no telephone");
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].to_string().contains("does not tell `phone`"), "{}", errors[0]);
}

// ---------------------------------------------------------------- size and speed

#[test]
fn letters_are_small_enough_not_to_be_clipped() {
    for language in LANGUAGES {
        let bytes = compose(&large_case(), &acknowledgement(language)).bytes.len();
        println!("acknowledgement {language}: {bytes} bytes");
        let limit = if language == LetterLanguage::Both { 40_000 } else { 25_000 };
        assert!(bytes < limit, "{language}: {bytes} bytes");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this test measures, and asserts nothing of time")]
fn composing_is_fast() {
    const ROUNDS: u32 = 200;
    let (composer, case, policy) = (composer(), large_case(), policy());
    for language in LANGUAGES {
        let letter = acknowledgement(language);
        let begun = std::time::Instant::now();
        for _ in 0..ROUNDS {
            std::hint::black_box(composer.compose(&case, &letter, &policy).expect("nothing is missing"));
        }
        println!("acknowledgement {language}: {:?} each", begun.elapsed() / ROUNDS);
    }
}
