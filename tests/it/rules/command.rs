//! What a colleague's first lines mean, and that nothing is guessed where a mistake would reach a customer.

use complaintd::core::case::{Mediation, Outcome};
use complaintd::core::command::{Asked, Command, MAX_COMMANDS, Mistake, read};
use complaintd::core::facts::{Category, Flag, Language, Missing};
use complaintd::core::ids::CaseNumber;
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 28);

fn asked(mail: &str) -> Asked {
    read(mail, TODAY)
}

fn done(mail: &str) -> Vec<Command> {
    asked(mail)
        .commands()
        .unwrap_or_else(|| panic!("{mail}: {:?}", asked(mail)))
        .into_iter()
        .cloned()
        .collect()
}

fn mistakes(mail: &str) -> Vec<Mistake> {
    asked(mail).lines.into_iter().filter_map(|line| line.means.err()).collect()
}

#[test]
fn each_command_has_an_english_and_a_french_name() {
    let other = CaseNumber::parse_lenient("R-2026-000142-U").unwrap();
    let day = date(2026, 12, 15);
    let text = || "Un texte.".to_owned();
    let evidence = || [Missing::Evidence, Missing::Name].into();
    let table: &[(&str, &str, Command)] = &[
        ("/take", "/prendre", Command::Take),
        ("/assign Anaïs Petit", "/attribuer Anaïs Petit", Command::Assign("Anaïs Petit".into())),
        ("/note\nUn texte.", "/note Un texte.", Command::Note(text())),
        ("/reply\nUn texte.", "/répondre\n\nUn texte.", Command::Reply(text())),
        (
            "/ask name, evidence\nUn texte.",
            "/demander nom et justificatifs\nUn texte.",
            Command::Ask(evidence(), text()),
        ),
        ("/progress\nUn texte.", "/avancement\nUn texte.", Command::Progress(text())),
        (
            "/extend 2026-12-15\nUn texte.",
            "/prolonger 15 décembre 2026 Un texte.",
            Command::Extend(day, text()),
        ),
        (
            "/final partly_upheld\nUn texte.",
            "/réponse finale partiellement fondée\nUn texte.",
            Command::Final(Outcome::PartlyUpheld, text()),
        ),
        ("/draft", "/brouillon", Command::Draft),
        ("/approve", "/valider", Command::Approve),
        ("/reject Un texte.", "/refuser Un texte.", Command::Reject(text())),
        ("/admissible", "/recevable", Command::Admissible),
        ("/inadmissible Un texte.", "/irrecevable\nUn texte.", Command::Inadmissible(text())),
        ("/category funded_project", "/catégorie projet financé", Command::Category(Category::FundedProject)),
        ("/language en", "/langue anglais", Command::Language(Language::English)),
        ("/flag legal_threat", "/drapeau menace juridique", Command::Flag(Flag::LegalThreat)),
        ("/flag -legal_threat", "/drapeau -menace juridique", Command::Unflag(Flag::LegalThreat)),
        ("/not-a-complaint\nUn texte.", "/pas-une-réclamation\nUn texte.", Command::NotAComplaint(text())),
        ("/merge R-2026-000142-U", "/fusionner r2026000142u", Command::Merge(other)),
        ("/split", "/séparer", Command::Split),
        ("/link R-2026-000142-U/R1", "/lier R-2026-000142-U", Command::Link(other)),
        ("/conflict Un texte.", "/conflit Un texte.", Command::Conflict(text())),
        ("/close withdrawn", "/clore retirée", Command::Close(Outcome::Withdrawn)),
        ("/reopen", "/rouvrir", Command::Reopen),
        ("/reexamine", "/réexaminer", Command::Reexamine),
        ("/mediation under_way", "/médiation en cours", Command::Mediation(Mediation::UnderWay)),
        ("/cause Un texte.", "/cause Un texte.", Command::Cause(text())),
        ("/action Un texte.", "/action Un texte.", Command::Action(text())),
        ("/post Un texte.", "/courrier Un texte.", Command::Post(text())),
        ("/posted 15/12 1A 234", "/posté le 15/12/2026 1A 234", Command::Posted(day, Some("1A 234".into()))),
        ("/call Un texte.", "/appel Un texte.", Command::Call(text())),
        ("/hold", "/gel", Command::Hold),
        ("/unhold", "/dégel", Command::Unhold),
        ("/status", "/état", Command::Status),
        ("/cases", "/dossiers", Command::Cases),
        ("/help", "/aide", Command::Help),
        ("/cancel", "/annuler", Command::Cancel),
    ];
    for (english, french, wanted) in table {
        assert_eq!(done(english), std::slice::from_ref(wanted), "{english}");
        assert_eq!(done(french), std::slice::from_ref(wanted), "{french}");
    }
}

#[test]
fn commands_stand_on_the_first_lines_and_the_rest_is_their_text() {
    let mail = "\u{feff}/take\n\n  /Category : technical\n\u{a0}/note rang her on Monday\n/reply\n\nDear Ms Petit,\n\n\
        The button works again.\n";
    let reply = "Dear Ms Petit,\n\nThe button works again.";
    assert_eq!(
        done(mail),
        [
            Command::Take,
            Command::Category(Category::Technical),
            Command::Note("rang her on Monday".into()),
            Command::Reply(reply.into()),
        ]
    );
    assert_eq!(asked("Dear Ms Petit,\nsee https://divikeys.com/help and /var/log.").lines, []);
    // What nothing takes is left, and is nobody's to send.
    assert_eq!(asked("/take\nI'll look at it.").text, "I'll look at it.");
}

#[test]
fn a_wrong_line_means_that_nothing_is_done() {
    let mail = "/take\n/categroy technical\n/note Rang her.";
    assert_eq!(asked(mail).commands(), None);
    assert_eq!(mistakes(mail), [Mistake::Unknown { written: "categroy".into(), like: Some("category") }]);
    assert_eq!(asked(mail).lines.len(), 3, "the transcript shows each line");
}

#[test]
fn trap_21_a_command_that_is_not_seen_as_one_does_not_send_a_note_to_a_customer() {
    for mail in [
        "Hello,\n/note he is lying, check the logs",
        "- /note he is lying",
        "> /note he is lying",
        "• /Note : he is lying",
        "/reply\nDear Sir,\n/note he is lying",
        "1. /note he is lying",
    ] {
        assert_eq!(mistakes(mail), [Mistake::TooLate], "{mail}");
    }
    // Whose text is it?
    for mail in
        ["/note\n/reply\nHe is lying.", "/reply\n/note\nHe is lying.", "/reply\n/note he is lying\nDear Sir,"]
    {
        assert_eq!(mistakes(mail), [Mistake::TwoTexts], "{mail}");
    }
    assert_eq!(mistakes("/nota he is lying").len(), 1);
}

#[test]
fn each_mistake_says_what_to_write_in_both_languages() {
    let table = [
        ("/takee", "Did you mean /take?", "Vouliez-vous dire /take\u{202f}?"),
        ("/xyzzyq", "there is no command /xyzzyq. /help", "la commande /xyzzyq n’existe pas. /aide"),
        ("/extend", "write /extend DATE", "écrivez /prolonger DATE"),
        (
            "/extend soon",
            "“soon” does not begin with a date",
            "«\u{202f}soon\u{202f}» ne commence pas par une date",
        ),
        ("/extend 2026-12-15", "needs a text", "demande un texte"),
        ("/merge R-2026-000142-V", "is not a case reference", "n’est pas une référence de dossier"),
        ("/take now", "nothing may follow", "rien ne suit"),
        ("/close happy", "Write one of: upheld, partly_upheld", "Écrivez l’un de ceux-ci\u{202f}: upheld"),
        ("/ask name shoes", "“shoes” is not known here", "«\u{202f}shoes\u{202f}» n’est pas connu"),
        ("/language und", "Write one of: fr, en, es, nl, ht", "fr, en, es, nl, ht"),
    ];
    for (mail, english, french) in table {
        let [mistake] = &mistakes(mail)[..] else { panic!("{mail}: {:?}", asked(mail)) };
        let told = mistake.told(Language::English);
        assert!(told.contains(english), "{mail}: {told}");
        let told = mistake.told(Language::French);
        assert!(told.contains(french), "{mail}: {told}");
    }
}

#[test]
fn a_mail_of_nothing_but_commands_is_bounded() {
    let asked = asked(&"/take\n".repeat(5_000));
    assert_eq!(asked.lines.len(), MAX_COMMANDS + 1);
    assert_eq!(asked.lines.last().map(|line| &line.means), Some(&Err(Mistake::TooMany)));
}

proptest! {
    /// Whatever is written: no panic, and every word of it is in a line, a command's text or what is left.
    #[test]
    fn no_word_of_a_colleague_is_dropped(mail in "(/?[a-zé-]{1,9}[ :]?[ -~é\u{a0}]{0,12}\n{0,2}){0,8}") {
        let asked = asked(&mail);
        let kept = format!("{asked:?}");
        for word in mail.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            prop_assert!(kept.contains(word), "{word} of {mail:?} is not in {kept}");
        }
        for line in &asked.lines {
            if let Err(mistake) = &line.means {
                prop_assert!(!mistake.told(Language::French).is_empty() && !mistake.told(Language::English).is_empty());
            }
        }
    }
}
