//! What is attached to a mail, in every wrapping that people's programs use: the samples of
//! `tests/data/attachments` (see its `make.py`), and mails made on the spot.

use complaintd::core::facts::{Intent, MailFacts, Origin};
use proptest::prelude::*;

use super::corpus::{self, facts};

pub fn sample(name: &str) -> MailFacts {
    let path = corpus::folder().join("../attachments").join(name);
    facts(&std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}")))
}

/// Name, type and verdict of each document, without the pictures and signatures beside them.
pub fn documents(facts: &MailFacts) -> Vec<(&str, &str, &str)> {
    facts
        .documents()
        .map(|each| (each.name.as_str(), each.media_type.as_str(), each.verdict.as_str()))
        .collect()
}

pub fn names(facts: &MailFacts) -> Vec<&str> {
    facts.documents().map(|each| each.name.as_str()).collect()
}

pub fn warns(facts: &MailFacts, of: &str) -> bool {
    facts.warnings.iter().any(|warning| warning.contains(of))
}

/// A mail with a text and one part more.
pub fn with_part(text: &str, head: &str, body: &str) -> MailFacts {
    facts(
        format!(
            "From: a@b.example\r\nTo: info@divikeys.com\r\nSubject: x\r\nDate: Mon, 02 Nov 2026 09:15:00 +0100\r\n\
             Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\
             {text}\r\n--x\r\n{head}\r\n\r\n{body}\r\n--x--\r\n"
        )
        .as_bytes(),
    )
}

const RELEVE: (&str, &str, &str) = ("releve.pdf", "application/pdf", "unscanned");

#[test]
fn trap_23_names_of_files_in_every_spelling() {
    let mut wrong = Vec::new();
    for (spelling, name) in [
        // RFC 2047 in quotes, as Outlook and Gmail write it, in one word and in several.
        ("filename=\"=?iso-8859-15?Q?re=E7u_50_=A4.pdf?=\"", "reçu 50 €.pdf"),
        ("filename=\"=?utf-8?B?cmVsZXbD?=\r\n =?utf-8?B?qS5wZGY=?=\"", "relevé.pdf"),
        ("filename=\"=?utf-8?Q?..=2Frelev=C3=A9.pdf?=\"", "relevé.pdf"),
        // RFC 2231, continued, with quotes that do not belong there, beside a poorer name.
        ("filename*=iso-8859-1'fr'relev%E9%20mars.pdf", "relevé mars.pdf"),
        ("filename*0=\"releve \"; filename*1=\"de mars.pdf\"", "releve de mars.pdf"),
        ("filename*=\"utf-8''relev%C3%A9.pdf\"", "relevé.pdf"),
        ("filename=\"releve.pdf\"; filename*=utf-8''relev%C3%A9.pdf", "relevé.pdf"),
        // Folded after the sign, and in the middle.
        ("filename=\r\n  \"relevé mars.pdf\"", "relevé mars.pdf"),
        ("filename*=\r\n utf-8''relev%C3%A9.pdf", "relevé.pdf"),
        ("\r\n\tfilename=\"releve\r\n mars.pdf\"", "releve mars.pdf"),
        // Without quotes, and with quotes in it.
        ("filename=relevé mars 2026.pdf", "relevé mars 2026.pdf"),
        ("filename=\"le \\\"vrai\\\" contrat.pdf\"", "le _vrai_ contrat.pdf"),
        // Paths, directions, endings, and nothing.
        ("filename=\"/Users/marie/Bureau/relevé.pdf\"", "relevé.pdf"),
        ("filename=\"factu\u{202e}fdp.exe\"", "factufdp.exe"),
        ("filename=\"facture.pdf.exe\"", "facture.pdf.exe"),
        ("filename=\"facture.pdf              .exe\"", "facture.pdf .exe"),
        ("filename=\"\"", "attachment.pdf"),
        ("x=y", "attachment.pdf"),
    ] {
        let head = format!("Content-Type: application/pdf\r\nContent-Disposition: attachment; {spelling}");
        let read = with_part("texte", &head, "%PDF-1.4");
        if names(&read) != [name] {
            wrong.push(format!("{spelling}: {:?} and not {name}", names(&read)));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let of_the_type = with_part(
        "texte",
        "Content-Type: application/pdf;\r\n\tname=\"=?utf-8?Q?relev=C3=A9.pdf?=\"\r\nContent-Disposition: attachment",
        "%PDF-1.4",
    );
    assert_eq!(names(&of_the_type), ["relevé.pdf"]);
}

#[test]
fn logos_are_told_from_what_a_person_shows() {
    let picture = |page: &str, head: &str, bytes: usize| {
        let raw = format!(
            "From: a@b.example\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n\
             <p>Bonjour</p>{page}\r\n--x\r\n{head}\r\n\r\n{}\r\n--x--\r\n",
            "P".repeat(bytes)
        );
        facts(raw.as_bytes()).attachments[0].inline
    };
    let shown = "<img src=\"cid:image001.png@01DC\">";
    let id = "Content-ID: <image001.png@01DC>";
    let png = |name: &str| {
        format!(
            "Content-Type: image/png; name=\"{name}\"\r\nContent-Disposition: inline; filename=\"{name}\"\r\n{id}"
        )
    };
    assert!(picture(shown, &png("image001.png"), 9_000), "shown and numbered");
    assert!(picture("<img src='cid:image001.png%4001DC'>", &png("x.png"), 900), "the id as an address");
    assert!(picture("", &png("image001.png"), 9_000), "numbered by Outlook, the page is lost");
    assert!(!picture("", &png("recu.png"), 9_000), "nowhere shown: a document");
    assert!(!picture(shown, &png("IMG_0447.png"), 9_000), "a photograph");
    assert!(!picture(shown, &png("image001.png"), 90_000), "too large for a logo");
    assert!(!picture("", &png("image0.png"), 9_000), "numbered by a telephone");
    let attached = "Content-Type: image/png\r\nContent-Disposition: attachment; filename=\"image001.png\"";
    assert!(!picture("", attached, 9_000), "called an attachment and nowhere shown");
}

#[test]
fn trap_23_winmail_dat_gives_way_to_what_it_holds() {
    let read = sample("winmail.eml");
    assert_eq!(
        documents(&read),
        [
            ("Relevé d’octobre 2026.pdf", "application/pdf", "unscanned"),
            (
                "facture.pdf.exe",
                "application/octet-stream",
                "withheld: a program (.exe) under the look of a document (.pdf)"
            ),
        ]
    );
    assert!(read.attachments.iter().any(|each| each.inline && each.name == "image001.png"), "the logo");
    assert_eq!(
        read.reply_text,
        "Bonjour,\n\nMon retrait de 480 euros du 12 octobre n'est toujours pas arrivé."
    );
    assert_eq!(read.intent, Some(Intent::Complaint));
    assert!(warns(&read, "winmail.dat was opened"));
}

#[test]
fn trap_23_a_text_that_only_winmail_dat_has_is_read() {
    let read = sample("winmail-rtf.eml");
    assert_eq!(
        read.reply_text,
        "Bonjour,\n\nMon virement de 75 € a été refusé deux fois, je conteste les frais."
    );
    assert_eq!((read.signature_text.as_str(), documents(&read).len()), ("Karim Benali", 0));
}

#[test]
fn a_winmail_dat_that_is_cut_off_stays_beside_what_could_be_read() {
    let path = corpus::folder().join("../attachments/winmail.eml");
    let whole = std::fs::read_to_string(path).expect("a sample");
    let cut = format!("{}\r\n--=_b--\r\n", &whole[..whole.len() - 600]);
    let read = facts(cut.as_bytes());
    assert!(names(&read).contains(&"Relevé d’octobre 2026.pdf"), "{:?}", names(&read));
    assert!(names(&read).contains(&"winmail.dat") && warns(&read, "winmail.dat is damaged"));
}

#[test]
fn trap_23_files_written_into_the_text_leave_it_and_no_word_else_does() {
    let read = sample("uuencode.eml");
    assert_eq!(names(&read), ["relevé octobre.pdf"]);
    assert_eq!(read.attachments[0].bytes, 69);
    assert_eq!(
        read.reply_text,
        "Bonjour,\n\nVoici mon relevé : le virement de 300 euros n'y est pas.\n\nJe begin 644 à perdre patience."
    );
    let read = sample("yenc.eml");
    assert_eq!(documents(&read), [("photo du recu.jpg", "image/jpeg", "unscanned")]);
    assert_eq!(read.attachments[0].bytes, 516);
    assert_eq!(read.reply_text, "Voici la photo du recu.\nMerci de me rembourser.");
}

#[test]
fn a_program_written_into_the_text_is_withheld() {
    let read =
        facts(b"From: a@b.example\r\n\r\nVoici\r\nbegin 644 facture.exe\r\n#0V%T\r\n`\r\nend\r\nMerci\r\n");
    assert_eq!(documents(&read), [("facture.exe", "application/octet-stream", "withheld: a program (.exe)")]);
    let inner = "From: c@d.example\r\nSubject: y\r\n\r\nVoici\r\nbegin 644 facture.exe\r\n#0V%T\r\n`\r\nend";
    let read = with_part("Je me plains de ce mail.", "Content-Type: message/rfc822", inner);
    assert_eq!(names(&read), ["y.eml", "facture.exe"]);
    assert_eq!(read.attachments[0].verdict, "withheld: a mail with a dangerous file in it");
}

pub const WORDS: &str = "Bonjour,\n\nMon retrait de 480 euros du 12 octobre n'est toujours pas arrivé sur mon compte et \
    personne ne me répond. Je demande son versement.";

#[test]
fn trap_23_a_complaint_forwarded_as_an_attachment_is_read_as_one() {
    for (file, name, note) in [
        ("attached-mail.eml", "Virement manquant.eml", "Bonjour,\n\nVoir ci-joint."),
        ("attached-eml-file.eml", "Virement manquant.eml", "pour info"),
    ] {
        let read = sample(file);
        assert_eq!(read.reply_text, format!("{note}\n\n{WORDS}"), "{file}");
        assert_eq!(
            (names(&read), read.intent),
            (vec![name, "releve.pdf"], Some(Intent::Complaint)),
            "{file}"
        );
        let from = read.from.as_ref().map(|from| from.address.to_string());
        assert_eq!(
            from.as_deref(),
            Some("solene.marchand@mail.example"),
            "{file}: the sender stays the complainant"
        );
        assert_eq!(read.contact.name.as_deref(), Some("Solène Marchand"), "{file}");
        assert_eq!(read.contact.phone, None, "{file}: the telephone is that of somebody else");
        assert!(read.quoted_text.contains("06 12 34 56 78"), "{file}: and still no word is lost");
        assert!(
            warns(&read, "of an attached mail by paul.etienne@autre.example"),
            "{file}: {:?}",
            read.warnings
        );
    }
}

#[test]
fn an_attached_mail_is_no_word_of_the_person_who_says_something_or_of_a_machine() {
    let forwarded = |text: &str, inner: &str| {
        with_part(
            text,
            "Content-Type: message/rfc822",
            &format!("{inner}\r\n\r\nMon coupon de 96 euros manque."),
        )
    };
    let human = "From: c@d.example\r\nTo: a@b.example\r\nSubject: y";
    let read = forwarded("Je conteste les frais de 12 euros que vous avez pris.", human);
    assert!(!read.reply_text.contains("coupon"));
    for inner in [
        "From: Divikeys <info@divikeys.com>\r\nSubject: [R-2026-000071-S] votre dossier",
        "From: c@d.example\r\nSubject: y\r\nList-Id: <x.list.example>",
        "From: c@d.example\r\nSubject: y\r\nAuto-Submitted: auto-replied",
    ] {
        let read = forwarded("voir ci-joint", inner);
        assert_eq!((read.reply_text.as_str(), read.origin), ("voir ci-joint", Origin::Human), "{inner}");
        assert!(read.quoted_text.contains("coupon"), "{inner}: no word is lost");
        assert_eq!(read.refers_to, [], "{inner}: its headers do not count");
    }
    let dsn = facts(b"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; c@d.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: y\r\n\r\nMon coupon manque.\r\n--x--\r\n");
    assert_eq!((dsn.origin, dsn.attachments.len(), dsn.reply_text.as_str()), (Origin::Bounce, 0, ""));
}

#[test]
fn trap_4_attached_mails_within_each_other_are_opened_so_far_and_no_further() {
    let mut mail = "From: a@b.example\r\nSubject: fin\r\n\r\nMon coupon de 96 euros manque.".to_owned();
    for level in 0..12 {
        let body = data_encoding::BASE64.encode(mail.as_bytes());
        mail = format!(
            "From: a@b.example\r\nSubject: niveau {level}\r\nContent-Type: application/octet-stream; name=\"n{level}.eml\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}"
        );
    }
    let read = facts(mail.as_bytes());
    assert!(read.set_aside.is_none());
    assert_eq!(read.attachments.len(), complaintd::mail::limits::MAX_CONTAINERS + 1);
    let two = "From: c@d.example\r\nSubject: y\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nvoir dessous\r\n--i\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: z\r\n\r\nMon coupon de 96 euros manque.\r\n--i--";
    let read = with_part("ci-joint", "Content-Type: message/rfc822", two);
    assert_eq!(read.reply_text, "ci-joint\n\nvoir dessous\n\nMon coupon de 96 euros manque.");
}

#[test]
fn trap_4_an_attached_mail_beyond_the_limits_is_withheld_and_the_outer_one_read() {
    let bomb =
        ["Content-Type: multipart/mixed; boundary=q\r\n\r\n".to_owned(), "--q\r\n\r\nx\r\n".repeat(900)]
            .concat();
    let inner = data_encoding::BASE64.encode(format!("From: c@d.example\r\nSubject: y\r\n{bomb}").as_bytes());
    let head = "Content-Type: application/octet-stream; name=b.eml\r\nContent-Transfer-Encoding: base64";
    let read = with_part("Mon coupon manque.", head, &inner);
    assert_eq!(read.reply_text, "Mon coupon manque.");
    assert_eq!(
        read.attachments[0].verdict,
        "withheld: a mail that cannot be looked into: 900 parts, the limit is 200"
    );
}

#[test]
fn what_is_only_signed_is_read_and_its_signature_is_no_document() {
    for (file, told) in [
        ("smime-signed.eml", "smime.p7s"),
        ("smime-opaque.eml", "signed as one sealed file"),
        ("smime-opaque-streamed.eml", "signed as one sealed file"),
    ] {
        let read = sample(file);
        assert_eq!((read.reply_text.as_str(), documents(&read)), (WORDS, vec![RELEVE]), "{file}");
        assert_eq!((read.intent, read.may_answer.is_yes()), (Some(Intent::Complaint), true), "{file}");
        assert!(warns(&read, told) || read.attachments.iter().any(|each| each.name == told), "{file}");
        assert!(!warns(&read, "encrypted"), "{file}");
    }
    for (file, documents) in [("pgp-clearsigned.eml", 0), ("pgp-signed.eml", 0)] {
        let read = sample(file);
        assert_eq!((read.reply_text.as_str(), read.documents().count()), (WORDS, documents), "{file}");
        assert!(
            !read.signature_text.contains("BEGIN PGP") && read.signature_text.contains("Solène"),
            "{file}"
        );
    }
}

#[test]
fn trap_23_a_mail_that_is_attached_within_a_signed_envelope_is_read() {
    let read = sample("smime-opaque-mail.eml");
    assert_eq!(read.reply_text, format!("Voir ci-joint.\n\n{WORDS}"));
    assert!(warns(&read, "of an attached mail by paul.etienne@autre.example"), "{:?}", read.warnings);
    assert_eq!((names(&read), read.contact.phone.as_deref()), (vec!["Virement manquant.eml"], None));
}

#[test]
fn what_nobody_can_read_opens_a_case_and_a_person_is_told() {
    for file in ["smime-encrypted.eml", "pgp-inline-encrypted.eml"] {
        let read = sample(file);
        let document = documents(&read)[0].2;
        assert_eq!(document, "withheld: encrypted, nobody here can read it", "{file}");
        assert!(warns(&read, "encrypted, nobody here can read it: ask for the text"), "{file}");
        assert_eq!(read.reply_text, "", "{file}");
        assert_eq!(read.intent, Some(Intent::Complaint), "{file}: it may be one");
        assert!(
            read.missing.iter().any(|missing| missing.word() == "description"),
            "{file}: so it is asked for"
        );
    }
    let beside = with_part(
        "Mon coupon de 96 euros manque, la preuve est chiffrée.",
        "Content-Type: application/octet-stream; name=preuve.asc",
        "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----",
    );
    assert!(warns(&beside, "a part of the mail is encrypted") && !warns(&beside, "ask for the text"));
}

#[test]
fn archives_are_looked_into_as_far_as_their_tables_tell() {
    let read = sample("archives.eml");
    let verdicts: Vec<(&str, &str)> =
        documents(&read).into_iter().map(|(name, _, verdict)| (name, verdict)).collect();
    assert_eq!(
        verdicts,
        [
            ("documents.zip", "unscanned"),
            ("grand.zip", "unscanned"),
            ("chiffre.zip", "withheld: an encrypted archive, whose content cannot be examined"),
            ("double.zip", "withheld: an archive within an archive"),
            ("gonfle.zip", "withheld: an archive that unpacks to 60 MB"),
            ("programme.zip", "withheld: an archive with a program in it (.exe)"),
            ("macros.docx", "withheld: a document with macros"),
            ("lettre.docx", "unscanned"),
            ("bande.tar", "withheld: an archive with a program in it (.exe)"),
        ]
    );
}

#[test]
fn containers_that_are_cut_or_altered_anywhere_are_still_read() {
    for file in [
        "winmail.eml",
        "winmail-rtf.eml",
        "smime-opaque-streamed.eml",
        "uuencode.eml",
        "yenc.eml",
        "archives.eml",
        "pgp-clearsigned.eml",
        "msg-plain.eml",
        "msg-dangerous.eml",
        "winmail-message.eml",
        "pdf.eml",
    ] {
        let path = corpus::folder().join("../attachments").join(file);
        let whole = std::fs::read(path).expect("a sample");
        let step = whole.len() / 24 + 1;
        for at in (0..whole.len()).step_by(step) {
            let mut altered = whole.clone();
            altered[at] = if altered[at] == b'/' { b'A' } else { b'/' };
            for raw in [&whole[..at], &altered] {
                let read = facts(raw);
                assert!(read.attachments.iter().all(|each| !each.name.is_empty()), "{file} at {at}");
            }
        }
    }
}

#[test]
fn trap_18_a_complaint_that_a_rule_forwards_as_an_attachment_is_still_understood() {
    let raw = format!(
        "From: a@b.example\r\nSubject: x\r\nAuto-Submitted: auto-generated\r\nContent-Type: message/rfc822\r\n\r\n\
         From: c@d.example\r\nSubject: y\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{WORDS}"
    );
    let read = facts(raw.as_bytes());
    assert_eq!((read.origin, read.may_answer.is_yes()), (Origin::AutoReply, false));
    assert_eq!((read.reply_text.as_str(), read.intent), (WORDS, Some(Intent::Complaint)));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test measures")]
fn trap_4_texts_that_begin_and_never_end_cost_little() {
    let line = "M".to_owned() + &"A".repeat(60) + "\n";
    for piece in [
        "begin 644 x\n",
        &format!("begin 644 x\n{line}"),
        "begin-base64 644 x\nQUJD\n",
        "=ybegin line=128 size=9 name=x\nabc\n",
        "-----BEGIN PGP SIGNED MESSAGE-----\n",
        "-----BEGIN PGP MESSAGE-----\n",
        "-----BEGIN PGP SIGNED MESSAGE-----\n\n-----BEGIN PGP SIGNATURE-----\n",
        "-----BEGIN PGP MESSAGE-----\n-----END PGP MESSAGE-----\n",
    ] {
        let text = piece.repeat(1_000_000 / piece.len());
        let started = std::time::Instant::now();
        let (kept, files) = complaintd::mail::uuencode::take_out(text.as_bytes());
        assert!(files.is_empty() && kept.len() == text.len(), "{piece}");
        let _ = complaintd::mail::sealed::unarmoured(&text);
        let taken = started.elapsed();
        assert!(taken.as_millis() < 3_000, "{piece}: {taken:?}");
    }
    let head = "Content-Type: application/ms-tnef\r\nContent-Transfer-Encoding: 8bit";
    let files = "\u{2}\u{0}".repeat(100_000);
    let read = with_part("texte", head, &format!("\u{78}\u{9f}{files}"));
    assert_eq!(read.attachments.len(), 1);
}

/// Parts of a TNEF stream (MS-OXTNEF §2.1.3).
fn tnef(attributes: &[(u8, u32, &[u8])]) -> Vec<u8> {
    let mut out = b"\x78\x9f\x3e\x22\x01\0".to_vec();
    for (level, id, bytes) in attributes {
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        out.extend([&[*level][..], &id.to_le_bytes(), &length, bytes, &[0, 0]].concat());
    }
    out
}

#[test]
fn a_message_in_winmail_dat_is_listed_with_its_files() {
    let file: [(u8, u32, &[u8]); 3] =
        [(2, 0x0006_9002, &[0; 14]), (2, 0x0001_8010, b"lire.exe\0"), (2, 0x0006_800F, b"MZ")];
    let message = [b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46".to_vec(), tnef(&file)].concat();
    let length = u32::try_from(message.len()).unwrap().to_le_bytes();
    let object =
        [b"\x01\0\0\0\x0d\0\x01\x37\x01\0\0\0".to_vec(), length.to_vec(), message, vec![0; 3]].concat();
    let outer =
        tnef(&[(2, 0x0006_9002, &[0; 14]), (2, 0x0001_8010, b"Re: dossier\0"), (2, 0x0006_9005, &object)]);
    let body = data_encoding::BASE64.encode(&outer);
    let head = "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64";
    let read = with_part("Mon coupon manque.", head, &body);
    let verdicts: Vec<_> = documents(&read).into_iter().map(|(name, _, verdict)| (name, verdict)).collect();
    assert_eq!(
        verdicts,
        [
            ("Re_ dossier.dat", "withheld: a mail with a dangerous file in it"),
            ("lire.exe", "withheld: a program (.exe)"),
        ]
    );
}

#[test]
fn what_a_pdf_does_when_it_is_opened_is_seen_in_its_object_streams() {
    let read = sample("pdf.eml");
    let verdicts: Vec<_> = documents(&read).into_iter().map(|(name, _, verdict)| (name, verdict)).collect();
    assert_eq!(
        verdicts,
        [
            ("releve.pdf", "unscanned"),
            ("script.pdf", "withheld: a PDF with scripts (/JS)"),
            ("lance.pdf", "withheld: a PDF that starts a program (/Launch)"),
            ("rendu.pdf", "withheld: a PDF with scripts (/JS)"),
            ("facture.pdf", "unscanned"),
            ("joint.pdf", "withheld: a PDF with a program (.exe) in it"),
            ("chiffre.pdf", "unscanned"),
            ("echappe.pdf", "withheld: a PDF with scripts (/JavaScript)"),
            ("predit.pdf", "withheld: a PDF with scripts (/JavaScript)"),
            ("emballe.pdf", "withheld: a PDF with objects that cannot be examined"),
            ("gonfle.pdf", "withheld: a PDF whose objects unpack beyond reason"),
        ]
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test measures")]
fn trap_4_object_streams_that_never_end_cost_little() {
    // Blocks of nothing (RFC 1951 §3.2.4), and a block that never ends.
    let nothing = [b"stream\n\x78\x9c".to_vec(), b"\0\0\0\xff\xff".repeat(50)].concat();
    let many =
        |piece: &[u8]| [b"%PDF-1.7 /Type/ObjStm".to_vec(), piece.repeat(1_000_000 / piece.len())].concat();
    for pdf in [
        many(b" stream\n"),
        many(b"/ObjStm stream\n\x78\x9c\xed"),
        many(b"/ObjStm/Predictor 12/Columns 999999999 stream\n\x78\x9c\x03\0\0\0\0\x01 endstream"),
        many(&nothing),
        many(b"/F(((((((("),
        many(b"/EF/F(a.exe"),
    ] {
        let started = std::time::Instant::now();
        let why = complaintd::mail::danger::of("x.pdf", "application/pdf", &pdf);
        let taken = started.elapsed();
        let piece = String::from_utf8_lossy(&pdf[21..60]);
        assert!(taken.as_millis() < 3_000, "{piece}: {why:?}: {taken:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_word_is_lost_around_a_file_in_the_text(
        lines in proptest::collection::vec("[ -~é]{0,60}", 1..20), at in any::<prop::sample::Index>(), names in "[a-z]{1,9}",
    ) {
        let at = at.index(lines.len());
        let block = format!("begin 644 {names}.txt\n#0V%T\n`\nend");
        let mut all: Vec<&str> = lines.iter().map(String::as_str).collect();
        all.insert(at, &block);
        let text = all.join("\n");
        let (kept, files) = complaintd::mail::uuencode::take_out(text.as_bytes());
        prop_assert_eq!(files.len(), 1);
        let whole = lines.join("\n");
        let kept = String::from_utf8_lossy(&kept);
        prop_assert_eq!(kept.trim_end_matches('\n'), whole.trim_end_matches('\n'));
    }
}
