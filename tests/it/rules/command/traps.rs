//! Nothing that a colleague writes is guessed where a mistake would reach a customer: what looks like a command and is
//! none, whose a text is, the wish to stop, and lines that a mail program has broken.

use complaintd::core::command::{Asked, Command, MAX_COMMANDS, Mistake, Name};
use complaintd::mail::reply::split;

use super::{asked, done, mistakes};

/// What people write for `/note …`, and whether it counts on the first line.
const NOTES: &[(&str, bool)] = &[
    ("/note he lies", true),
    ("/Note : he lies", true),
    ("\\note he lies", true),
    ("//note he lies", true),
    ("/ note he lies", true),
    ("／note he lies", true),
    ("⁄note he lies", true),
    ("∕note he lies", true),
    ("/\u{200b}note he lies", true),
    ("\u{ad}/\u{2060}no\u{ad}te he lies", true),
    ("\u{202a}/note he lies", true),
    ("\u{2066}/note he lies", true),
    ("*/note* he lies", true),
    ("_/note_ he lies", true),
    ("\"/note\" he lies", true),
    ("« /note » he lies", true),
    ("/*note* he lies", true),
    ("/note interne : he lies", true),
    ("- /note he lies", false),
    ("• /note he lies", false),
    ("> /note he lies", false),
    ("1. /note he lies", false),
    ("2) /note he lies", false),
    ("1/note he lies", false),
    ("a) /note he lies", false),
    ("(b) /note he lies", false),
    ("PS: /note he lies", false),
    ("PS:/note he lies", false),
    ("Hello /note he lies", false),
    ("Hello, *\u{200b}/note* he lies", false),
    ("Hello \\note he lies", false),
    ("(/note he lies)", false),
    ("Hello /nota he lies", false),
    ("/nota he lies", false),
    ("/notes he lies", false),
    ("\\nota he lies", false),
    ("/ nota he lies", false),
    ("*/nota* he lies", false),
];

#[test]
fn trap_21_a_command_that_is_not_seen_as_one_does_not_send_a_note_to_a_customer() {
    for (line, counts) in NOTES {
        match asked(line).commands().as_deref() {
            Some([Command::Note(text)]) if *counts => assert_eq!(text, "he lies", "{line}"),
            None if !counts => {}
            other => panic!("{line}: {other:?}"),
        }
        for mail in [
            format!("Hello,\n{line}"),
            format!("Hello,\n\n{line}\nYour button works."),
            format!("/reply\nDear Madam,\n{line}"),
            format!("/reply\nDear Madam,\n\nYour button works.\n\n{line}\n"),
            format!("/take\n/ask evidence\nDear Madam,\n{line}"),
        ] {
            assert_eq!(mistakes(&mail), [Mistake::TooLate], "{mail}");
        }
        // Within a line, `oui / note` and `1/note` are no commands.
        if !line.contains("/ ") && !line.starts_with("1/") {
            let glued = line.trim_start_matches("« ");
            assert!(asked(&format!("/reply Dear Madam, {glued}")).commands().is_none(), "{line}");
        }
        // Beside a command, and above the letter.
        if *counts {
            assert!(asked(&format!("/reply {line}")).commands().is_none(), "{line}");
            assert!(asked(&format!("/reply\n{line}\nDear Madam,")).commands().is_none(), "{line}");
        }
    }
}

#[test]
fn trap_21_an_internal_name_without_its_slash_is_asked_about() {
    for (mail, like) in [
        ("Note: he lies", Name::Note),
        ("note : he lies", Name::Note),
        ("*Note interne :* he lies\n\nDear Madam,", Name::Note),
        ("Appel : il ment", Name::Call),
        ("- Action: ring her", Name::Action),
        ("/reply\nNote: he lies", Name::Note),
    ] {
        assert!(
            matches!(&mistakes(mail)[..], [Mistake::Unclear { like: found, .. }] if *found == like),
            "{mail}: {:?}",
            asked(mail)
        );
    }
    for mail in [
        "Hello,\nNote: the button works.",
        "Réponse : non",
        "Notes: two",
        "/take\nNote: he lies",
        "/note\nNote: he lies",
    ] {
        assert_eq!(mistakes(mail), [], "{mail}");
    }
}

#[test]
fn a_slash_in_a_letter_is_no_command_where_nobody_could_mean_one() {
    for text in [
        "Vous et/ou votre note.\nLe 15/12/2026, 24h/24.",
        "See https://divikeys.com/help or http://help/call now.",
        "/var/log/note\n/home/marie",
        "1/ Ouvrez la page.\n2/ Le code s’affiche.",
        "30 €/appel, 5 %/dossier",
        "par courrier / appel",
    ] {
        assert_eq!(done(&format!("/reply\n{text}")), [Command::Reply(text.into())]);
        assert_eq!(asked(text), Asked { lines: vec![], text: text.into() });
    }
}

#[test]
fn a_wrapped_mail_keeps_its_commands_on_lines_of_their_own() {
    let long = "he has written to us four times since May and was always answered";
    let letter = "Dear Madam, the button of the page works again since this morning, and\nyour account is open. We have \
        looked at each of the four requests that\nyou sent.";
    // Not joined on to the line before, and so seen.
    let below =
        format!("{letter} The button of the old page was broken since the month of May\n/note he lies\n");
    assert_eq!(mistakes(&split(Some(&below), None).reply), [Mistake::TooLate]);
    for slash in ["/", "\\", "／", "*/", "a) /"] {
        let mail = format!(
            "{letter}\nWe thank you for all of the letters that you have sent to our desk and\n{slash}memo he lies"
        );
        let own = split(Some(&mail), None).reply;
        assert_eq!(mistakes(&own), [Mistake::TooLate], "{own}");
    }
    // What follows a command is not joined on to it.
    let above = format!("/reply\n/note {long}\n{letter}");
    let own = split(Some(&above), None).reply;
    assert!(own.contains(&format!("{long}\n")), "{own}");
    assert_eq!(asked(&own).commands(), None, "{own}");
    let own = split(Some(&format!("/note {long}\n/reply\n{letter}")), None).reply;
    assert_eq!(done(&own)[0], Command::Note(long.into()), "{own}");
}

#[test]
fn a_wish_to_stop_is_never_overheard() {
    let late = format!("{}/cancel", "/take\n".repeat(MAX_COMMANDS + 10));
    let deep = format!("Dear Madam,\n{}/annuler\n", "- /take\n".repeat(100));
    for mail in [
        "/cancel",
        "/annuler !",
        "/cancel please",
        "/annuler l'envoi",
        "/cancle",
        "/anuler",
        "/arrêter",
        "No!\n/cancel",
        "- /stop",
        "\\cancel",
        "/ cancel",
        "No /cancel it",
        "/take\nwait, /cancell it",
        "/reply /cancel",
        "/note\nplease /annulez",
        "Cancel!",
        "annuler",
        "stop.",
        "Annuler\n\nMarie",
        &late,
        &deep,
    ] {
        assert!(asked(mail).wants_to_stop(), "{mail}");
    }
    for mail in [
        "",
        "/take",
        "/call she rang",
        "Please cancel my order.",
        "/reply\nStop by whenever you like.",
        "/nota x",
    ] {
        assert!(!asked(mail).wants_to_stop(), "{mail}");
    }
}

#[test]
fn it_is_certain_whose_a_text_is() {
    for mail in [
        "/note\n/reply\nHe is lying.",
        "/reply\n/note\nHe is lying.",
        "/reply\n/note he is lying\nDear Sir,",
        "/reply Dear Madam,\n/note he is lying\n\nYour button works.",
        "/note he is lying\n/ask evidence\nil a menti",
        "/ask evidence\n/reply\nDear Madam,",
        "/ask evidence\n/note he lies\nDear Madam,",
        "/extend 15/12 the bank\n/note he lies\nmore",
        "/final upheld\n/note he lies\nDear Madam,",
        "/note he lies\n/extend 15/12 the bank\nmore",
    ] {
        let mistakes = mistakes(mail);
        assert!(
            !mistakes.is_empty() && mistakes.iter().all(|each| *each == Mistake::TwoTexts),
            "{mail}: {mistakes:?}"
        );
    }
    for mail in [
        "/note he lies\n/reply\nDear Madam,",
        "/note he lies\n/cause the bank\n/final upheld\nDear Madam,",
        "/note he lies\n/extend 15/12\nThe bank is closed.",
        "/reply Dear Madam, it works.\n/note he lies",
        "/note he lies\n/ask evidence",
        "/reply Dear Madam, it works.\n/note\nHe lies.",
        "/extend 15/12 the bank\nis closed",
    ] {
        assert_eq!(mistakes(mail), [], "{mail}");
    }
    // A letter is in one place.
    for mail in [
        "/répondre au client\nMadame,",
        "/reply Dear Madam,\nit works.",
        "/progress soon\nDear Madam,",
        "/not-a-complaint x\ny",
    ] {
        assert!(matches!(&mistakes(mail)[..], [Mistake::TwoPlaces(_)]), "{mail}");
    }
}

#[test]
fn what_may_be_meant_for_another_command_is_asked_about() {
    for (mail, like) in [
        ("/reply final upheld\nDear Madam,", Name::Final),
        ("/répondre définitive\nMadame,", Name::Final),
        ("/répondre finale", Name::Final),
        ("/reply: note he lies", Name::Note),
        ("/répondre interne : il ment", Name::Note),
        ("/reply internal", Name::Note),
        ("/post 20/11 1A 234 567", Name::Posted),
        ("/post 20/11/2026", Name::Posted),
        ("/post le 15 décembre n° RK123456785FR", Name::Posted),
    ] {
        assert!(
            matches!(&mistakes(mail)[..], [Mistake::Unclear { like: found, .. }] if *found == like),
            "{mail}: {:?}",
            asked(mail)
        );
    }
    for mail in ["/réponse fondée\nMadame,", "/answer\nDear", "/review"] {
        assert!(matches!(&mistakes(mail)[..], [Mistake::Unknown { .. }]), "{mail}: {:?}", asked(mail));
    }
    for mail in ["/post 20/11 letter from Ms Petit", "/post 20/11\nA letter.", "/reply Finally it works."] {
        assert_eq!(mistakes(mail), [], "{mail}");
    }
}
