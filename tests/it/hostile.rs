//! Hostile and broken mails: each does what `hostile.jsonl` says, and nothing of it hurts.

use std::fmt::Write as _;

use complaintd::core::facts::{MailFacts, Origin};
use complaintd::core::ids::Address;

use super::corpus;

/// The three mails that are too large to be files; the rest is read.
fn hostile(file: &str) -> MailFacts {
    match file {
        "hostile/11-headers-20000.eml" => corpus::facts(&many_headers()),
        "hostile/14-single-line-10mb.eml" => corpus::facts(&one_long_line()),
        "hostile/15-flat-1500-parts.eml" => corpus::facts(&many_parts()),
        file => corpus::read(file),
    }
}

const HEAD: &str = "Return-Path: <jean.sauvage@courriel.example>\r\nDelivered-To: info@divikeys.com\r\n\
    Date: Mon, 02 Nov 2026 09:15:00 +0100\r\nFrom: Jean Sauvage <jean.sauvage@courriel.example>\r\n\
    To: info@divikeys.com\r\nSubject: Trop\r\nMessage-ID: <trop@courriel.example>\r\n";

fn many_headers() -> Vec<u8> {
    let mut mail = HEAD.to_owned();
    for i in 0..20_000 {
        write!(mail, "X-Remplissage-{i:05}: {i:x}\r\n").expect("a string");
    }
    (mail + "\r\nBonjour.\r\n").into_bytes()
}

fn one_long_line() -> Vec<u8> {
    [HEAD.as_bytes(), b"Content-Type: text/plain; charset=us-ascii\r\n\r\n", &vec![b'A'; 10_000_000], b"\r\n"]
        .concat()
}

fn many_parts() -> Vec<u8> {
    let mut mail = format!("{HEAD}Content-Type: multipart/mixed; boundary=\"=_frontiere\"\r\n\r\n");
    for i in 0..1_500 {
        write!(mail, "--=_frontiere\r\nContent-Type: text/plain; name=\"piece{i}.txt\"\r\n\r\nx\r\n")
            .expect("a string");
    }
    (mail + "--=_frontiere--\r\n").into_bytes()
}

/// Whether the mail is put before a human with nothing done by itself. What comes from our own address
/// is filed as such, which opens no case and sends nothing either.
fn is_quarantined(facts: &MailFacts) -> bool {
    facts.set_aside.is_some() || facts.origin == Origin::Own
}

fn origin_fits(facts: &MailFacts, label: &str) -> bool {
    match label {
        "human" => facts.origin == Origin::Human,
        "auto_reply" => matches!(facts.origin, Origin::AutoReply | Origin::Receipt),
        "bulk" => facts.origin == Origin::Bulk,
        "unknown" => !facts.may_answer.is_yes(),
        other => panic!("{other} is no origin"),
    }
}

/// Never acknowledged, but not because of anything in the mail: the router knows the first delivery by
/// its content digest (`same_content_is_known_whatever_the_message_id`).
const DUPLICATE: &str = "hostile/60-same-content-other-message-id.eml";

#[test]
fn each_mail_is_accepted_or_set_aside_and_answered_as_the_list_says() {
    let labels = corpus::lines("hostile.jsonl");
    assert_eq!(labels.len(), 60);
    let mut wrong = Vec::new();
    for label in &labels {
        let word = |key: &str| label[key].as_str().unwrap_or_default();
        let (file, facts) = (word("file"), hostile(word("file")));
        if is_quarantined(&facts) != (word("expect") == "quarantined") {
            wrong.push(format!("{file}: {} but {:?}", word("expect"), facts.set_aside));
        }
        if !origin_fits(&facts, word("origin")) {
            wrong.push(format!("{file}: {} but {:?}", word("origin"), facts.origin));
        }
        if facts.may_answer.is_yes() != (word("acknowledge") == "allowed") && file != DUPLICATE {
            wrong.push(format!("{file}: {} but {:?}", word("acknowledge"), facts.may_answer));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_dangerous_attachment_is_withheld_or_renamed() {
    for label in corpus::lines("hostile.jsonl").iter().filter(|label| label["expect"] == "accepted_defanged")
    {
        let file = label["file"].as_str().unwrap_or_default();
        let facts = hostile(file);
        let defanged = label["defanged"].as_array().map(Vec::len).unwrap_or_default();
        let html = label["defanged"][0] == "text/html part";
        let withheld = facts.attachments.iter().filter(|each| each.verdict.starts_with("withheld: ")).count();
        if html {
            assert!(
                file.contains("37")
                    || facts.warnings.iter().any(|warning| warning.starts_with("left out of the HTML")),
                "{file}"
            );
        } else if file.contains("26-path") {
            assert!(facts.attachments.len() > defanged, "{file}");
        } else {
            assert!(withheld >= defanged, "{file}: {:?}", facts.attachments);
        }
    }
}

#[test]
fn what_is_set_aside_says_the_value_and_the_limit_and_keeps_its_headers() {
    for (file, why) in [
        ("hostile/06-no-from-header.eml", "no readable author in the From field"),
        ("hostile/11-headers-20000.eml", "20,007 header fields, the limit is 1,000"),
        ("hostile/13-nested-1000-multiparts.eml", "more than 100 groups of parts, the limit is 100"),
        ("hostile/14-single-line-10mb.eml", "10,000,001 bytes in one line, the limit is 1,000,000"),
        ("hostile/15-flat-1500-parts.eml", "1,500 parts, the limit is 200"),
        ("hostile/25-zero-byte.eml", "the mail is empty: 0 bytes"),
        (
            "hostile/40-forged-staff-commands.eml",
            "its From names our own domain, but authentication failed on the way",
        ),
        ("hostile/57-message-partial.eml", "it is one piece of a mail sent in several (message/partial)"),
    ] {
        let facts = hostile(file);
        assert_eq!(facts.set_aside.as_ref().map(|aside| aside.why.as_str()), Some(why), "{file}");
        let no_author = file.contains("06") || file.contains("25");
        assert_eq!(facts.from.is_none(), no_author, "{file}");
        assert!(!facts.may_answer.is_yes(), "{file}");
    }
}

#[test]
fn headers_conjure_no_second_header_and_show_on_one_line() {
    for (file, name, subject) in [
        ("01-crlf-display-name", "Jean Sauvage Bcc: victime@ailleurs.example X-Piege: 1", "Réclamation"),
        (
            "02-crlf-subject-encoded-word",
            "Jean Sauvage",
            "Retrait bloqué Reply-To: pirate@ailleurs.example Content-Type: text/html <h1>Bonjour",
        ),
        (
            "03-header-fold-injection",
            "Jean Sauvage",
            "Question sur mon compte Bcc: victime@ailleurs.example X-Dossier: R-2026-000071-S",
        ),
        ("04-from-many-addresses", "Sauvage, Jean", "Réclamation"),
        ("08-eight-bit-in-headers", "Jérôme Pélissier", "Réclamation retard d'intérêts à Noël"),
        ("09-duplicate-headers", "Jean Sauvage", "Réclamation"),
        (
            "12-bad-encoded-words-and-date",
            "Jean Sauvage",
            "Récla =?x-inconnu?Q?mation=E9?= éé =?utf-8?X?rien?= fin\u{fffd}",
        ),
        ("22-bare-cr-bare-lf", "Jean Sauvage", "Fins de ligne"),
        ("23-nul-bytes", "Jean Sauvage", "Compte bloqu="),
    ] {
        let facts = hostile(&format!("hostile/{file}.eml"));
        let from = facts.from.expect("an author");
        assert_eq!((from.name.as_str(), facts.subject.as_str()), (name, subject), "{file}");
        assert_eq!(facts.reply_to, None, "{file}");
    }
    assert_eq!(hostile("hostile/12-bad-encoded-words-and-date.eml").sent_at, None);
    assert_eq!(hostile("hostile/10-five-hundred-recipients.eml").recipients().count(), 501);
    assert_eq!(
        hostile("hostile/09-duplicate-headers.eml").message_id.map(|id| id.to_string()).as_deref(),
        Some("7b4b0b64e2c79081a249@courriel.example")
    );
}

#[test]
fn broken_mime_still_shows_what_the_person_wrote() {
    for (file, words) in [
        ("16-broken-boundary", "Mon virement de 500 euros du 28 octobre n'est pas crédité."),
        ("17-missing-final-boundary", "Mon virement de 500 euros du 28 octobre n'est pas crédité."),
        ("18-boundary-parameter-missing", "Bonjour, mon code SMS n'arrive pas."),
        ("19-truncated-base64", "Mon virement de 500 euros"),
        ("20-invalid-charset-label", "Bonjour, mon intérêt du 30 juin n'a pas été versé."),
        ("21-charset-lie", "Bonjour, j’ai été débité de 50 € sans raison le 3 août."),
        ("22-bare-cr-bare-lf", "Bonjour,\nje n'ai pas mes papiers."),
        ("23-nul-bytes", "Bonjour, mon compte est bloqué."),
        ("36-html-script-events", "Bonjour, mes intérêts de septembre manquent."),
        ("38-html-hidden-instructions", "Bonjour, je n'ai pas reçu mon coupon de 96 euros de septembre"),
    ] {
        let facts = hostile(&format!("hostile/{file}.eml"));
        assert!(facts.reply_text.contains(words), "{file}: {}", facts.reply_text);
        for never in ["alert(", "INSTRUCTION AU SYSTEME", "statut=clos", "approve refund"] {
            let all = format!("{}{}{}", facts.reply_text, facts.quoted_text, facts.signature_text);
            assert!(!all.contains(never), "{file} shows {never}");
        }
    }
    let cut = hostile("hostile/17-missing-final-boundary.eml");
    assert_eq!(cut.attachments[0].name, "justificatif.pdf");
    assert!(cut.warnings.iter().any(|warning| warning.contains("incomplete")), "{:?}", cut.warnings);
    let damaged = hostile("hostile/19-truncated-base64.eml");
    assert!(damaged.attachments[0].bytes > 300 && damaged.attachments[0].verdict.contains("damaged"));
    assert_eq!(hostile("hostile/24-no-body.eml").reply_text, "");
}

#[test]
fn names_of_attachments_are_safe_and_tell_the_true_ending() {
    let names = |file: &str| -> Vec<String> {
        hostile(&format!("hostile/{file}.eml")).attachments.into_iter().map(|each| each.name).collect()
    };
    let safe = names("26-path-traversal-names");
    assert_eq!(safe[..7], ["tache", "x.dll", "passwd", "autoexec.bat", "htaccess", "_CON", "attachment.bin"]);
    assert!(safe[7].len() <= 255 && safe[7].ends_with("a.pdf"));
    assert_eq!(safe[8], "relevé.pdf");
    assert_eq!(names("27-rtlo-and-nul-name"), ["facturefdp.exe", "releve.pdf.exe"]);
    assert_eq!(names("23-nul-bytes"), ["ab.pdf"]);
    assert_eq!(names("56-tnef-winmail"), ["releve.txt"]);
    assert!(names("35-attached-mail-with-program").contains(&"mise_a_jour.exe".to_owned()));
}

#[test]
fn the_headers_of_an_attached_mail_do_not_count() {
    let facts = hostile("hostile/35-attached-mail-with-program.eml");
    assert_eq!((facts.origin, facts.refers_to.len()), (Origin::Human, 0));
    assert_eq!(facts.subject, "Fwd: est-ce bien vous ?");
}

#[test]
fn a_sender_from_a_domain_that_only_looks_like_ours_is_pointed_out() {
    let facts = hostile("hostile/39-homograph-staff-sender.eml");
    assert!(
        facts.warnings.iter().any(|warning| warning.contains("only looks like ours")),
        "{:?}",
        facts.warnings
    );
}

#[test]
fn mail_that_cannot_be_read_says_so() {
    let facts = hostile("hostile/55-pgp-encrypted.eml");
    assert_eq!(facts.attachments.len(), 2);
    assert!(facts.warnings.iter().any(|warning| warning.starts_with("encrypted, nobody here can read it")));
    let facts = hostile("hostile/54-smime-opaque-signed.eml");
    assert!(facts.reply_text.contains("Je conteste le prélèvement du 1er octobre."));
    assert!(facts.warnings.iter().any(|warning| warning.contains("its signature was not checked")));
}

#[test]
fn same_content_is_known_whatever_the_message_id() {
    let [first, again, other] =
        ["46-auto-submitted-no", "60-same-content-other-message-id", "59-same-message-id-other-content"]
            .map(|file| hostile(&format!("hostile/{file}.eml")));
    assert_eq!(first.content, again.content);
    assert_ne!(first.message_id, again.message_id);
    assert_eq!(first.message_id, other.message_id);
    assert_ne!(first.content, other.content);
}

#[test]
fn the_author_and_the_address_for_answers_are_told_apart() {
    let facts = hostile("hostile/07-reply-to-hijack.eml");
    assert_eq!(facts.from.map(|from| from.address), Address::parse("chantal.mouton12@orange.example"));
    assert_eq!(facts.reply_to, Address::parse("chantal.mouton12@orange-courriel.invalid"));
}
