//! What a colleague's first lines mean, that no word of them is lost, and that each mistake says what to write.
//! That nothing is guessed where a mistake would reach a customer is in `traps`.

use complaintd::core::case::{Mediation, Outcome};
use complaintd::core::command::{
    Asked, Command, FORMS, MAX_COMMANDS, Mistake, Name, NoDate, Text, Toward, read,
};
use complaintd::core::facts::{Category, Flag, Language, Missing};
use complaintd::core::ids::CaseNumber;
use jiff::civil::{Date, date};
use proptest::prelude::*;

mod traps;

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
        (
            "/posted 20/11 1A 234",
            "/posté le 20/11/2026 1A 234",
            Command::Posted(date(2026, 11, 20), Some("1A 234".into())),
        ),
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
fn a_wrong_line_means_that_nothing_is_done_and_nothing_lost() {
    let mail = "/take\n/categroy technical\n/note Rang her.";
    assert_eq!(asked(mail).commands(), None);
    let wanted = Mistake::Unknown { written: "categroy".into(), like: Some(Name::Category) };
    assert_eq!(mistakes(mail), [wanted]);
    assert_eq!(asked(mail).lines.len(), 3, "the transcript shows each line");
    for head in
        ["/final happy", "/extend soon", "/nota", "/take now", "/note\n/reply", "/reply\n/categroy technical"]
    {
        let asked = asked(&format!("{head}\n\nDear Ms Petit,\n\nThe button works."));
        assert_eq!(asked.commands(), None, "{head}");
        assert_eq!(asked.text, "Dear Ms Petit,\n\nThe button works.", "{head}");
    }
}

#[test]
fn a_date_lies_where_its_command_looks() {
    assert_eq!(done("/posted 20/11"), [Command::Posted(date(2026, 11, 20), None)]);
    assert_eq!(done("/posted 28/11/2026 – 1A 234"), [Command::Posted(TODAY, Some("1A 234".into()))]);
    for (mail, reason) in [
        ("/extend mardi 15 décembre 2026 - la banque est fermée", "la banque est fermée"),
        ("/extend le 15/12 – la banque", "la banque"),
        ("/extend 15/12/2026: the bank", "the bank"),
        ("/prolonger 15 décembre 30 clients attendent", "30 clients attendent"),
    ] {
        assert_eq!(done(mail), [Command::Extend(date(2026, 12, 15), reason.into())], "{mail}");
    }
    for (mail, why) in [
        ("/extend 20 novembre the bank", NoDate::YearNeeded),
        ("/extend 20/11/2026 the bank", NoDate::WrongSide(date(2026, 11, 20), Toward::Future)),
        ("/posted 15/12/2026", NoDate::WrongSide(date(2026, 12, 15), Toward::Past)),
        ("/extend lundi 15 décembre 2026 la banque", NoDate::OtherWeekday(date(2026, 12, 15))),
        ("/extend 1-2 weeks", NoDate::Unread),
        ("/extend 2.5 semaines", NoDate::Unread),
        ("/extend 2 may take longer", NoDate::Unread),
    ] {
        assert!(
            matches!(&mistakes(mail)[..], [Mistake::NoDate { why: found, .. }] if *found == why),
            "{mail}: {:?}",
            asked(mail)
        );
    }
}

#[test]
fn a_sign_before_a_flag_takes_it_away_and_never_sets_it() {
    for mail in [
        "/flag -fraud",
        "/flag - fraude",
        "/flag —fraude",
        "/flag \u{2011}fraude",
        "/drapeau — fraude",
        "/flag −fraude.",
        "/flag: -fraude",
        "/flag—fraude",
    ] {
        assert_eq!(done(mail), [Command::Unflag(Flag::FraudSuspected)], "{mail}");
    }
    for mail in [
        "/flag --fraude",
        "/flag + fraude",
        "/flag \"-fraude\"",
        "/flag fraude -",
        "/category -other",
        "/flag ⁃fraude",
        "/flag ‒fraude",
    ] {
        assert!(matches!(&mistakes(mail)[..], [Mistake::NoneOf { .. }]), "{mail}: {:?}", asked(mail));
    }
}

#[test]
fn arguments_are_read_as_people_write_them() {
    let other = CaseNumber::parse_lenient("R-2026-000142-U").unwrap();
    for argument in [
        "R-2026-142-U",
        "R-2O26-OOO142-U",
        "with R-2026-000142-U",
        "avec R-2026-000142-U/R1",
        "[r 2026 000142 u].",
        "2026-142-u",
    ] {
        assert_eq!(done(&format!("/merge {argument}")), [Command::Merge(other)], "{argument}");
        assert_eq!(done(&format!("/lier {argument}")), [Command::Link(other)], "{argument}");
    }
    assert_eq!(mistakes("/merge R-2026-000142-U R-2026-000008-5"), [Mistake::TwoReferences]);
    for argument in [
        "R-2026-000142-U R-2026-000143-U",
        "not R-2026-000142-U",
        "R-2026-000142-U R1 now",
        "R-2026-000142-V",
    ] {
        assert_eq!(mistakes(&format!("/merge {argument}")), [Mistake::NoReference(argument.into())]);
    }
    for (argument, to) in [
        ("à Anaïs", "Anaïs"),
        ("to Anaïs Petit", "Anaïs Petit"),
        ("Anaïs !", "Anaïs"),
        ("Antoine", "Antoine"),
        ("<a@b.fr>", "a@b.fr"),
        ("a@b.fr <mailto:a@b.fr>", "a@b.fr"),
        ("Anaïs Petit <a@b.fr>", "a@b.fr"),
    ] {
        assert_eq!(done(&format!("/assign {argument}")), [Command::Assign(to.into())], "{argument}");
    }
    for (mail, wanted) in [
        ("/état ?", Command::Status),
        ("/prendre !", Command::Take),
        ("/clore Fondée !", Command::Close(Outcome::Upheld)),
        ("/clore fondé", Command::Close(Outcome::Upheld)),
        ("/clore accepté", Command::Close(Outcome::Upheld)),
        ("/clore partiellement fondé", Command::Close(Outcome::PartlyUpheld)),
        ("/clore non fondé", Command::Close(Outcome::NotUpheld)),
        ("/clore rejeté.", Command::Close(Outcome::NotUpheld)),
        ("/clore refusé", Command::Close(Outcome::NotUpheld)),
        ("/clore retiré", Command::Close(Outcome::Withdrawn)),
        ("/ask « documents » !", Command::Ask([Missing::Evidence].into(), String::new())),
    ] {
        assert_eq!(done(mail), [wanted], "{mail}");
    }
}

#[test]
fn each_mistake_says_what_to_write_in_both_languages() {
    let table = [
        ("/takee", "Did you mean /take?", "Vouliez-vous dire /prendre\u{202f}? /aide en donne la liste"),
        ("/repondra", "Did you mean /reply?", "Vouliez-vous dire /répondre\u{202f}?"),
        ("/xyzzyq", "there is no command /xyzzyq. /help", "la commande /xyzzyq n’existe pas. /aide"),
        ("/extend", "write /extend DATE REASON", "écrivez /prolonger DATE MOTIF"),
        (
            "/extend soon",
            "“soon” does not begin with a date",
            "«\u{202f}soon\u{202f}» ne commence pas par une date",
        ),
        ("/extend 20/11 x", "Write the year as well", "Écrivez aussi l’année"),
        ("/extend 20/11/2026 x", "2026-11-20 is past", "le 20/11/2026 est passé"),
        ("/posted 15/12/2026", "2026-12-15 is still to come", "le 15/12/2026 est encore à venir"),
        ("/extend Monday 15/12 x", "not the day of the week", "n’est pas le jour de la semaine"),
        ("/extend 2026-12-15", "needs a text", "demande un texte"),
        ("/merge R-2026-000142-V", "is not a case reference", "n’est pas une référence de dossier"),
        ("/merge R-2026-000142-U R-2026-000008-5", "two cases are named", "deux dossiers sont cités"),
        ("/take now", "nothing may follow", "rien ne doit suivre cette commande"),
        ("/reply note x", "Did you mean /note?", "Vouliez-vous dire /note\u{202f}?"),
        ("/post 20/11 1A 234", "Did you mean /posted?", "Vouliez-vous dire /posté\u{202f}?"),
        ("/reply x\ny", "Write the whole letter below", "Écrivez toute la lettre en dessous"),
        (
            "/close happy",
            "Write one of: upheld, partly_upheld",
            "Écrivez l’un de ces mots\u{202f}: fondée, partiellement fondée, non fondée",
        ),
        ("/ask name shoes", "“shoes” is not known here", "nom, coordonnées, faits, démarches, justificatifs"),
        ("/language und", "Write one of: fr, en, es, nl, ht", "français, anglais, espagnol"),
    ];
    for (mail, english, french) in table {
        let [mistake] = &mistakes(mail)[..] else { panic!("{mail}: {:?}", asked(mail)) };
        let told = mistake.told(Language::English);
        assert!(told.contains(english), "{mail}: {told}");
        let told = mistake.told(Language::French);
        assert!(told.contains(french), "{mail}: {told}");
        let bare =
            told.match_indices([':', ';', '?', '!', '»']).all(|(at, _)| told[..at].ends_with('\u{202f}'));
        assert!(bare && told.matches('«').count() == told.matches("«\u{202f}").count(), "{told}");
    }
}

#[test]
fn a_mail_of_nothing_but_commands_is_bounded() {
    let asked = asked(&"/take\n".repeat(5_000));
    assert_eq!(asked.lines.len(), MAX_COMMANDS + 1);
    assert_eq!(asked.lines.last().map(|line| &line.means), Some(&Err(Mistake::TooMany)));
    // One endless word is not read through at each slash.
    let endless = read(&"*/a".repeat(20_000), TODAY);
    assert!(!endless.wants_to_stop());
}

/// A line of the head: a command as it stands in the table, with an argument that may be right, and capitals.
fn head_line() -> impl Strategy<Value = String> {
    let form = prop::sample::select(FORMS);
    let argument = prop::sample::select(vec![
        "",
        "",
        "fondée",
        "fraude",
        "- fraude",
        "15/12/2026",
        "20 novembre bvzq",
        "R-2026-000142-U",
        "technique",
        "nom, justificatifs",
        "en",
        "terminée",
        "qwvx",
        "qwvx /note",
        "final zvbx",
        "Madame, wxqv",
        "!",
    ]);
    let prefix = prop::sample::select(vec!["/", "/", "/", "\\", "- /", "*/", "/\u{200b}"]);
    (form, any::<bool>(), prefix, argument).prop_map(|(form, french, prefix, argument)| {
        let name = if french { form.french.name } else { form.english.name };
        format!("{prefix}{name} {argument}\n")
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// The text of a letter that a command would send.
fn letter(command: &Command) -> Option<&str> {
    match command {
        Command::Reply(text)
        | Command::Ask(_, text)
        | Command::Progress(text)
        | Command::Extend(_, text)
        | Command::Final(_, text)
        | Command::NotAComplaint(text) => Some(text),
        _ => None,
    }
}

proptest! {
    /// Whatever is written: no panic, and every word of it is in a line, a command's text or what is left; and
    /// no letter has the name of a command in it.
    #[test]
    fn no_word_of_a_colleague_is_dropped(
        head in prop::collection::vec(head_line(), 0..5),
        many in prop::sample::select(vec![0, 0, 0, MAX_COMMANDS]),
        body in "([/／]{0,2}[a-zé-]{1,9}[ :]?[ -~é\u{a0}\u{200b}«»—/／]{0,12}\n{0,2}){0,8}",
    ) {
        let mail = format!("{}{}{body}", "/take\n".repeat(many), head.concat());
        let asked = asked(&mail);
        let kept = format!("{asked:?}");
        for word in words(&mail) {
            prop_assert!(kept.contains(word), "{word} of {mail:?} is not in {kept}");
        }
        if asked.commands().is_none() {
            let shown: Vec<&str> = asked.lines.iter().flat_map(|line| words(&line.written)).chain(words(&asked.text)).collect();
            prop_assert!(words(&mail).all(|word| shown.contains(&word)), "{mail:?}: {kept}");
        }
        for text in asked.commands().iter().flatten().filter_map(|command| letter(command)) {
            for form in FORMS.iter().filter(|form| form.text == Text::Internal) {
                let hidden = format!(" /{} ", form.english.name);
                prop_assert!(!format!(" {text} ").replace('\n', " ").contains(&hidden), "{mail:?}");
            }
        }
        for line in &asked.lines {
            if let Err(mistake) = &line.means {
                prop_assert!(!mistake.told(Language::French).is_empty() && !mistake.told(Language::English).is_empty());
            }
        }
    }
}
