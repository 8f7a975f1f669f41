//! Reading one mail: the traps that other systems fell into, bounces in all dialects, and that
//! nothing whatsoever makes the reader fail.

use complaintd::core::facts::{BounceAction, Intent, MailFacts, Origin};
use complaintd::core::ids::{Address, Digest};
use complaintd::mail::{self, Own};
use proptest::prelude::*;

use super::corpus::{self, facts};

/// A mail of Marie's with more header fields and a text.
fn marie(fields: &str, text: &str) -> MailFacts {
    let fields = if fields.is_empty() { String::new() } else { format!("{fields}\r\n") };
    facts(
        format!(
            "Return-Path: <marie@example.fr>\r\nFrom: Marie Dupont <marie@example.fr>\r\nTo: info@divikeys.com\r\n\
             Message-ID: <m1@example.fr>\r\nDate: Mon, 02 Nov 2026 09:15:00 +0100\r\n{fields}\r\n{text}\r\n"
        )
        .as_bytes(),
    )
}

const COMPLAINT: &str = "Bonjour,\r\n\r\nMon retrait de 300 euros n'est pas arrivé, je demande son remboursement.\r\n\r\nMarie Dupont";

#[test]
fn trap_4_a_poison_mail_is_set_aside_and_costs_little() {
    let bomb = |piece: &[u8]| -> MailFacts {
        let head = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n";
        facts(&[head, piece.repeat(400_000 / piece.len()).as_slice()].concat())
    };
    for piece in [
        &b"--x\r\n"[..],
        b"x--x ",
        b"--x\r\nContent-Type: message/rfc822\r\n\r\n",
        b"Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n\r\n",
    ] {
        let facts = bomb(piece);
        assert!(facts.set_aside.is_some(), "{}", String::from_utf8_lossy(piece));
        assert_eq!(facts.from.map(|from| from.address), Address::parse("a@b.example"));
    }
    for piece in [&b"> "[..], b"<div>", b"=?utf-8?Q?", b"\r", b"&#", b"On a, b wrote:\n> ", b"-- \n"] {
        let _ = facts(
            &[
                b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n",
                piece.repeat(100_000 / piece.len()).as_slice(),
            ]
            .concat(),
        );
        let _ =
            facts(&[b"From: a@b.example\r\n\r\n", piece.repeat(100_000 / piece.len()).as_slice()].concat());
    }
}

#[test]
fn trap_6_a_mail_without_message_id_has_an_identity() {
    let raw = b"From: a@b.example\r\nSubject: x\r\n\r\nBonjour";
    let first = facts(raw);
    assert_eq!((first.message_id, first.digest), (None, Digest::of(raw)));
    assert_ne!(facts(b"From: a@b.example\r\nSubject: x\r\n\r\nBonsoir").digest, first.digest);
}

#[test]
fn trap_5_the_content_survives_what_transport_adds_and_nothing_else() {
    let mail = |head: &str, body: &str| {
        facts(format!("{head}From: A@b.example\r\nSubject: x\r\n\r\n{body}").as_bytes())
    };
    let first = mail("", "Bonjour");
    assert_eq!(
        mail("Received: by y; Mon, 2 Nov 2026 09:15:00 +0100\r\nX-Spam: no\r\n", "Bonjour").content,
        first.content
    );
    assert_ne!(mail("", "Bonsoir").content, first.content);
}

#[test]
fn trap_17_suppress_forbids_our_answer_and_keeps_the_complaint() {
    let facts = marie("X-Auto-Response-Suppress: All", COMPLAINT);
    assert_eq!(facts.origin, Origin::Human);
    assert!(facts.may_answer.why_not().is_some_and(|why| why.contains("X-Auto-Response-Suppress")));
    assert!(facts.intent.is_some() && facts.set_aside.is_none());
}

#[test]
fn trap_18_a_mail_marked_automatic_is_never_answered_and_still_understood() {
    let facts = marie(
        "Auto-Submitted: auto-generated\r\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent",
        COMPLAINT,
    );
    assert_eq!(facts.origin, Origin::AutoReply);
    assert!(!facts.may_answer.is_yes());
    assert_eq!(facts.intent, Some(Intent::Complaint), "the router sees that it reads like a complaint");
    let line: serde_json::Value = complaintd::commands::inspect::inspect_line("x", &facts);
    assert_eq!(line["intent"], serde_json::Value::Null);
    assert!(facts.complains_though_automatic, "{:?}", facts.origin_signals);
}

#[test]
fn trap_19_a_header_that_says_no_is_a_persons() {
    for fields in
        ["Auto-Submitted: no", "AUTO-SUBMITTED: No (person)", "Precedence: normal", "Precedence: first-class"]
    {
        assert!(marie(fields, COMPLAINT).may_answer.is_yes(), "{fields}");
    }
}

#[test]
fn trap_23_charsets_and_containers() {
    let vietnamese = b"From: a@b.example\r\nContent-Type: text/plain; charset=windows-1258\r\nContent-Transfer-Encoding: 8bit\r\n\r\nXin ch\xe0o";
    assert_eq!(facts(vietnamese).reply_text, "Xin chào");
    let japanese = b"From: a@b.example\r\n\r\n\x1b$B%O%m!<\x1b(B";
    assert_eq!(facts(japanese).reply_text, "ハロー");
    let eight_bit = b"From: Ren\xe9 <a@b.example>\r\nSubject: \xc9t\xe9\r\n\r\nd\xe9bit\0\xe9";
    let read = facts(eight_bit);
    assert_eq!(read.from.map(|from| from.name).as_deref(), Some("René"));
    assert_eq!((read.subject.as_str(), read.reply_text.as_str()), ("Été", "débité"));
    let nameless = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nVoir ci-joint\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: Votre dossier\r\n\r\nBonjour\r\n--x--\r\n";
    let read = facts(nameless);
    assert_eq!(read.attachments[0].name, "Votre dossier.eml");
    assert_eq!(read.reply_text, "Voir ci-joint\n\nBonjour");
    assert_eq!(corpus::read("hostile/56-tnef-winmail.eml").attachments[0].name, "releve.txt");
}

#[test]
fn names_of_attachments_in_every_spelling() {
    for (spelling, name) in [
        ("filename=\"=?UTF-8?Q?relev=C3=A9.pdf?=\"", "relevé.pdf"),
        ("filename=\"=?UTF-8?B?cmVsZXbDqQ==?= =?UTF-8?Q?_mars.pdf?=\"", "relevé mars.pdf"),
        ("filename*=utf-8''relev%C3%A9.pdf", "relevé.pdf"),
        ("filename*0*=utf-8''rel;\r\n filename*1*=ev%C3%A9;\r\n filename*2=.pdf", "relevé.pdf"),
        ("filename=\r\n \"relevé mars.pdf\"", "relevé mars.pdf"),
        ("filename=\r\n\t=?iso-8859-1?Q?relev=E9.pdf?=", "relevé.pdf"),
        ("filename=relevé.pdf", "relevé.pdf"),
        ("filename=\"a;b=c.pdf\"", "a;b=c.pdf"),
        ("filename=\"C:\\\\Users\\\\marie\\\\relevé.pdf\"", "relevé.pdf"),
    ] {
        let mail = format!(
            "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntexte\r\n--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; {spelling}\r\n\r\n%PDF\r\n--x--\r\n"
        );
        let read = facts(mail.as_bytes());
        assert_eq!(
            read.attachments.iter().map(|each| each.name.as_str()).collect::<Vec<_>>(),
            [name],
            "{spelling}"
        );
    }
}

#[test]
fn trap_27_our_own_copies_are_ours_and_a_colleague_is_not() {
    for (from, origin) in [
        ("info@divikeys.com", Origin::Own),
        ("INFO@Divikeys.com", Origin::Own),
        ("info+abc@divikeys.com", Origin::Own),
        ("claire.belizaire@divikeys.com", Origin::Human),
        ("info@divikeys.com.example", Origin::Human),
    ] {
        let raw = format!(
            "From: Divikeys <{from}>\r\nTo: marie@example.fr\r\nSubject: [R-2026-000071-S]\r\n\r\nOù en est mon dossier ?"
        );
        let facts = facts(raw.as_bytes());
        assert_eq!((facts.origin, facts.may_answer.is_yes()), (origin, origin == Origin::Human), "{from}");
    }
}

#[test]
fn trap_31_receipts_and_calendar_answers_are_no_replies() {
    let receipt = corpus::read("hostile/52-read-receipt.eml");
    assert_eq!((receipt.origin, receipt.may_answer.is_yes(), receipt.bounce), (Origin::Receipt, false, None));
    for method in ["REPLY", "REQUEST", "CANCEL"] {
        let accepted = marie(
            &format!(
                "Subject: Accepted: Rendez-vous\r\nContent-Type: text/calendar; charset=utf-8; method={method}"
            ),
            "BEGIN:VCALENDAR\r\nEND:VCALENDAR",
        );
        assert_eq!((accepted.origin, accepted.may_answer.is_yes()), (Origin::AutoReply, false), "{method}");
    }
    let with_file = marie(
        "Content-Type: multipart/mixed; boundary=x",
        &format!(
            "--x\r\n\r\n{COMPLAINT}\r\n--x\r\nContent-Type: text/calendar; name=a.ics\r\nContent-Disposition: attachment; filename=a.ics\r\n\r\nBEGIN:VCALENDAR\r\n--x--"
        ),
    );
    assert_eq!(with_file.origin, Origin::Human, "a diary entry as evidence is a person's");
}

#[test]
fn contact_forms_and_copiers_write_for_persons() {
    let form = facts(b"Return-Path: <www@site.example>\r\nFrom: Site <noreply@site.example>\r\nReply-To: marie@example.fr\r\nSubject: Formulaire de contact\r\n\r\nMon virement manque.");
    assert_eq!((form.origin, form.may_answer.is_yes()), (Origin::Human, true));
    let scan = corpus::read("mails/100-scan-sans-texte.eml");
    assert_eq!((scan.origin, scan.may_answer.is_yes(), scan.attachments.len()), (Origin::Human, true, 1));
}

/// A text that some mail system sends back, without RFC 3464's parts.
struct Returned {
    system: &'static str,
    head: &'static str,
    text: &'static str,
    recipient: &'static str,
    status: Option<&'static str>,
    action: BounceAction,
}

const RETURNED: &[Returned] = &[
    Returned {
        system: "Gmail",
        head: "From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\r\nSubject: Delivery Status Notification (Failure)\r\nX-Failed-Recipients: x.y@gmail.example",
        text: "** Address not found **\r\n\r\nYour message wasn't delivered to x.y@gmail.example because the address couldn't be found, or is unable to receive mail.\r\n\r\nThe response was:\r\n\r\n550 5.1.1 The email account that you tried to reach does not exist.",
        recipient: "x.y@gmail.example",
        status: Some("5.1.1"),
        action: BounceAction::Failed,
    },
    Returned {
        system: "Exim",
        head: "Return-Path: <>\r\nFrom: Mail Delivery System <Mailer-Daemon@host.example>\r\nSubject: Mail delivery failed: returning message to sender",
        text: "This message was created automatically by mail delivery software.\r\n\r\nA message that you sent could not be delivered to one or more of its\r\nrecipients. This is a permanent error. The following address(es) failed:\r\n\r\n  paul@host.example\r\n    mailbox is full: retry timeout exceeded\r\n",
        recipient: "paul@host.example",
        status: Some("5.2.2"),
        action: BounceAction::Failed,
    },
    Returned {
        system: "Exim, warning",
        head: "Return-Path: <>\r\nFrom: Mail Delivery System <Mailer-Daemon@host.example>\r\nSubject: Warning: message 1abc delayed 24 hours",
        text: "This message was created automatically by mail delivery software.\r\nA message that you sent has not yet been delivered to one or more of its\r\nrecipients after more than 24 hours on the queue.\r\n\r\nThe address to which the message has not yet been delivered is:\r\n\r\n  paul@host.example\r\n    Connection timed out\r\n",
        recipient: "paul@host.example",
        status: Some("4.4.1"),
        action: BounceAction::Delayed,
    },
    Returned {
        system: "qmail",
        head: "From: MAILER-DAEMON@relay.example\r\nSubject: failure notice",
        text: "Hi. This is the qmail-send program at relay.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\n\r\n<jean@free.example>:\r\n203.0.113.25 does not like recipient.\r\nRemote host said: 554 5.7.1 rejected\r\n",
        recipient: "jean@free.example",
        status: Some("5.7.1"),
        action: BounceAction::Failed,
    },
    Returned {
        system: "Exchange",
        head: "From: postmaster@firm.example\r\nSubject: Undeliverable: Votre dossier",
        text: "Delivery has failed to these recipients or groups:\r\n\r\nb.illidge@firm.example<mailto:b.illidge@firm.example>\r\nThe email address you entered couldn't be found.\r\n\r\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'",
        recipient: "b.illidge@firm.example",
        status: Some("5.1.10"),
        action: BounceAction::Failed,
    },
    Returned {
        system: "Domino",
        head: "From: Postmaster@notes.example\r\nSubject: DELIVERY FAILURE: User pierre not listed in Domino Directory",
        text: "Your message\r\n\r\n  Subject: Votre dossier\r\n\r\nwas not delivered to:\r\n\r\n  pierre@notes.example\r\n\r\nbecause:\r\n\r\n  User pierre (pierre@notes.example) not listed in Domino Directory",
        recipient: "pierre@notes.example",
        status: Some("5.1.1"),
        action: BounceAction::Failed,
    },
    Returned {
        system: "Postfix",
        head: "Return-Path: <>\r\nFrom: MAILER-DAEMON (Mail Delivery System) <MAILER-DAEMON@mx.example>\r\nSubject: Undelivered Mail Returned to Sender",
        text: "This is the mail system at host mx.example.\r\n\r\nI'm sorry to have to inform you that your message could not\r\nbe delivered to one or more recipients.\r\n\r\n<luc@free.example>: host mx.free.example[203.0.113.25] said: 550 5.1.1\r\n    <luc@free.example>: Recipient address rejected: User unknown",
        recipient: "luc@free.example",
        status: Some("5.1.1"),
        action: BounceAction::Failed,
    },
    Returned {
        system: "Exchange in French",
        head: "From: postmaster@firm.example\r\nSubject: =?utf-8?Q?Non_remis_=3A_Votre_dossier?=",
        text: "Échec de la remise à ces destinataires ou groupes :\r\n\r\nb@firm.example\r\nLa boîte aux lettres du destinataire est pleine.",
        recipient: "b@firm.example",
        status: Some("5.2.2"),
        action: BounceAction::Failed,
    },
    Returned {
        system: "a provider that calls itself by no daemon's name",
        head: "From: Messagerie <no-reply@provider.example>\r\nSubject: =?utf-8?Q?Votre_message_n'a_pas_=C3=A9t=C3=A9_remis?=",
        text: "Bonjour,\r\n\r\nVotre message adressé à c@provider.example n'a pas pu être distribué : adresse introuvable.",
        recipient: "c@provider.example",
        status: Some("5.1.1"),
        action: BounceAction::Failed,
    },
];

#[test]
fn bounces_without_their_standard_parts_are_read_by_their_words() {
    for each in RETURNED {
        let letter = "Message-ID: <our-letter@divikeys.com>\r\nFrom: Divikeys <info@divikeys.com>";
        let raw = format!(
            "{}\r\nTo: info@divikeys.com\r\n\r\n{}\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n{letter}\r\n",
            each.head, each.text
        );
        let facts = facts(raw.as_bytes());
        let bounce = facts.bounce.unwrap_or_else(|| panic!("{} sent a bounce", each.system));
        assert_eq!(bounce.recipient, Address::parse(each.recipient), "{}", each.system);
        assert_eq!((bounce.status.as_deref(), bounce.action), (each.status, each.action), "{}", each.system);
        assert_eq!(
            bounce.original_message_id.map(|id| id.to_string()).as_deref(),
            Some("our-letter@divikeys.com"),
            "{}",
            each.system
        );
        assert_eq!((facts.origin, facts.may_answer.is_yes()), (Origin::Bounce, false), "{}", each.system);
    }
}

#[test]
fn a_person_who_forwards_a_bounce_is_a_person() {
    let facts = marie(
        "Subject: TR: Undelivered Mail Returned to Sender",
        "Voilà ce que je reçois quand je vous écris.\r\n\r\nThis is the mail system at host mx.example.\r\nYour message could not be delivered.\r\n<x@y.example>: 550 5.1.1 User unknown",
    );
    assert_eq!((facts.origin, facts.bounce), (Origin::Human, None));
    assert!(facts.may_answer.is_yes());
}

#[test]
fn a_mail_beyond_the_size_limit_is_known_by_its_headers() {
    let addresses = Address::parse("info@divikeys.com").into_iter().collect();
    let own = Own { addresses: &addresses };
    let head = b"From: Marie <marie@example.fr>\r\nSubject: Photos\r\nMessage-ID: <p@example.fr>\r\n\r\n";
    let facts = mail::facts_of_headers(head, 60_000_000, &own);
    assert_eq!(
        facts.set_aside.map(|aside| aside.why).as_deref(),
        Some("60,000,000 bytes, the limit is 41,943,040")
    );
    assert_eq!(
        (facts.subject.as_str(), facts.origin, facts.may_answer.is_yes()),
        ("Photos", Origin::Human, false)
    );
}

#[test]
fn pictures_of_a_signature_are_told_from_documents() {
    let mail = |name: &str, bytes: usize| {
        let raw = format!(
            "From: a@b.example\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>Bonjour</p><img src=\"cid:1@x\">\r\n--x\r\nContent-Type: image/png; name=\"{name}\"\r\nContent-ID: <1@x>\r\nContent-Disposition: inline; filename=\"{name}\"\r\n\r\n{}\r\n--x--\r\n",
            "P".repeat(bytes)
        );
        facts(raw.as_bytes()).attachments[0].inline
    };
    assert!(mail("image001.png", 30_000) && mail("logo.png", 3_000) && mail("x.png", 2_000));
    assert!(!mail("IMG_5120.png", 2_000) && !mail("image001.png", 200_000) && !mail("x.png", 50_000));
}

/// Pieces out of which broken mails are made.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&'static [u8]> = vec![
        b"\r\n",
        b"\n",
        b"\r",
        b"\r\n\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"--b",
        b"From: ",
        b"Marie <marie@example.fr>",
        b"Subject: ",
        b"=?utf-8?Q?",
        b"=?utf-8?B?w6k=?=",
        b"=C3=A9",
        b"?=",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n",
        b"Content-Type: text/plain; charset=iso-2022-jp\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: message/delivery-status\r\n\r\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Disposition: attachment; filename*0*=utf-8''%C3",
        b"Content-Disposition: attachment; filename=\"..\\\\x\0.exe\"\r\n",
        b"<div style=\"display:none\">",
        b"<script>",
        b"</",
        b"<!--",
        b"&#x",
        b"&eacute;",
        b"PK\x03\x04",
        b"\x78\x9f\x3e\x22\x01\0",
        b"\x02\x0f\x80\x06\0\x04\0\0\0%PDF\0\0",
        b"Content-Type: application/ms-tnef\r\n\r\n",
        b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\n\r\n",
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80",
        b"begin 644 x.txt\n#0V%T\n",
        b"`\nend\n",
        b"=ybegin line=128 size=3 name=x\r\n",
        b"=yend size=3\r\n",
        b"-----BEGIN PGP SIGNED MESSAGE-----\n",
        b"-----BEGIN PGP SIGNATURE-----\n",
        b"-----END PGP SIGNATURE-----\n",
        b"-----BEGIN PGP MESSAGE-----\n",
        b"-----END PGP MESSAGE-----\n",
        b"Content-Disposition: attachment; filename=x.eml\r\n",
        b"PK\x01\x02",
        b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0",
        b"\xff\xfe",
        b"\x1b$B",
        b"\0",
        b"\xe9",
        "é\u{202e}".as_bytes(),
        b"Auto-Submitted: (a(b",
        b"Final-Recipient: rfc822; ",
        b"Status: 5.0.0\r\n",
        b"Message-ID: <<>>",
        b"References: <a@b>,\r\n <c@",
        b"Date: Mon, 99 Foo 99999 99:99 +9999\r\n",
        b"Received: by x; ",
        b"(((((",
        b"\"",
        b"<",
        b">",
        b"@",
        b";",
        b",",
        b"=",
    ];
    prop_oneof![
        8 => proptest::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..40),
    ]
}

fn check(raw: &[u8]) {
    let facts = facts(raw);
    assert_eq!(facts.digest, Digest::of(raw));
    let json = complaintd::commands::inspect::inspect_json("x", &facts);
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    assert!(!complaintd::commands::inspect::inspect_text("x", &facts).is_empty());
    let plain = |text: &str| !text.contains(['\r', '\n', '\0']);
    assert!(plain(&facts.subject) && facts.from.iter().all(|from| plain(&from.name)));
    for each in &facts.attachments {
        assert!(
            !each.name.is_empty()
                && each.name.len() <= 255
                && plain(&each.name)
                && !each.name.contains(['/', '\\']),
            "{:?}",
            each.name
        );
    }
    assert!(facts.from.is_some() || !facts.may_answer.is_yes());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_the_reader_fail(pieces in proptest::collection::vec(piece(), 0..60)) {
        check(&pieces.concat());
    }

    #[test]
    fn a_damaged_mail_is_still_read(which in 0_usize..160, cuts in proptest::collection::vec((any::<prop::sample::Index>(), piece()), 1..6), end in any::<prop::sample::Index>()) {
        let label = &corpus::lines("labels.jsonl")[which];
        let file = corpus::folder().join(label["file"].as_str().unwrap_or_default());
        let mut raw = std::fs::read(file).expect("a mail of the corpus");
        for (at, piece) in cuts {
            let at = at.index(raw.len());
            raw.splice(at..(at + piece.len() / 2).min(raw.len()), piece);
        }
        raw.truncate(end.index(raw.len()) + 1);
        check(&raw);
    }
}
