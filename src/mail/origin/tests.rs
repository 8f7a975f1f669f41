//! Header fields, and what they make of a mail.

use std::collections::BTreeSet;

use super::*;

fn judged(head: &str, text: &str) -> Judged {
    let raw = format!("{head}\n\n{text}");
    let headers = Headers::scan(raw.as_bytes());
    let addresses: BTreeSet<Address> = Address::parse("info@divikeys.com").into_iter().collect();
    let own = Own { addresses: &addresses };
    let from = headers.first("From").and_then(|field| field.people().into_iter().next());
    let subject = headers.text("Subject").unwrap_or_default();
    judge(&Evidence {
        headers: &headers,
        from: from.as_ref(),
        subject: &subject,
        text,
        signature: "",
        shape: &Shape::default(),
        has_documents: false,
        reports: &[],
        bounce: None,
        own: &own,
    })
}

#[test]
fn headers_decide_the_origin() {
    use Origin::{AutoReply, Bulk, Human, Own};
    for (head, origin, answerable) in [
        ("From: a@b.example", Human, true),
        ("From: a@b.example\nPrecedence: normal", Human, true),
        ("From: a@b.example\nPrecedence: first-class", Human, true),
        ("From: a@b.example\nImportance: high\nX-Priority: 1", Human, true),
        ("From: a@b.example\nReturn-Path: <>", Human, false),
        ("From: a@b.example\nReturn-Path: < >", Human, false),
        ("From: a@b.example\nPrecedence: Bulk", Bulk, false),
        ("From: a@b.example\nPrecedence: list (Mailman)", Bulk, false),
        ("From: a@b.example\nPrecedence: JUNK", AutoReply, false),
        ("From: a@b.example\nPrecedence: auto_reply", AutoReply, false),
        ("From: a@b.example\nX-Autoreply: yes", AutoReply, false),
        ("From: a@b.example\nX-Autorespond: absence", AutoReply, false),
        ("From: a@b.example\nList-Id: <x.list.example>", Bulk, false),
        ("From: a@b.example\nList-Unsubscribe: <https://x.example>", Bulk, false),
        ("From: a@b.example\nFeedback-ID: 1:user:proton", Human, true),
        ("From: a@b.example\nList-Id: <info.divikeys.com>\nPrecedence: list", Human, true),
        ("From: a@b.example\nList-Post: <mailto:info@divikeys.com>\nList-Unsubscribe: <x>", Human, true),
        ("From: noreply@b.example", AutoReply, false),
        ("From: no-reply@b.example\nReply-To: marie@c.example", Human, true),
        ("From: mailer-daemon@b.example", AutoReply, false),
        ("From: scan@b.example\nX-Mailer: bizhub scan", Human, true),
        ("From: info@divikeys.com", Own, false),
        ("From: Info+tag@Divikeys.com", Own, false),
        ("From: claire@divikeys.com", Human, true),
        ("From: a@b.example\nX-Mailer: MailChimp Mailer - **CID1**", Bulk, false),
        ("From: a@b.example\nX-Mailer: Zendesk Mailer", AutoReply, false),
        ("From: a@b.example\nX-FD-Automatic: true", AutoReply, false),
        ("From: a@b.example\nX-FD-Automatic: false", Human, true),
        ("From: a@b.example\nX-OTRS-Loop: a@b.example", AutoReply, false),
        ("From: a@b.example\nX-RT-Loop-Prevention: b.example", AutoReply, false),
        ("From: a@b.example\nX-Cron-Env: <SHELL=/bin/sh>", AutoReply, false),
        ("From: a@b.example\nX-JIRA-FingerPrint: 1", AutoReply, false),
        ("From: a@b.example\nX-GitHub-Reason: ci", AutoReply, false),
        ("From: a@b.example\nX-Loop: info@divikeys.com", AutoReply, false),
        ("From: a@b.example\nX-Loop: list@b.example", Human, true),
        ("From: a@b.example\nX-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", AutoReply, false),
    ] {
        let judged = judged(head, "Bonjour");
        assert_eq!((judged.origin, judged.may_answer.is_yes()), (origin, answerable), "{head}");
    }
}

#[test]
fn trap_18_a_person_under_a_doubtful_mark_is_heard_and_not_answered() {
    let words = "Vous m'avez pris 35 € sans prévenir, remboursez-moi.";
    for from in ["postmaster@asso.example", "root@b.example"] {
        let judged = judged(&format!("From: {from}\nSubject: Frais"), words);
        assert_eq!((judged.origin, judged.may_answer.is_yes()), (Origin::Human, false), "{from}");
    }
    let robot = judged("From: postmaster@b.example", "Disk usage is at 91 %.");
    assert_eq!(robot.origin, Origin::AutoReply);
}

#[test]
fn trap_18_a_complaint_is_told_from_news_of_complaints() {
    for (text, complains) in [
        ("Vous m'avez prélevé deux fois la facture. Merci de me rembourser.", true),
        ("Au nom de nos adhérents, je conteste le report et demande les intérêts dus.", true),
        ("You charged me twice, I demand a refund.", true),
        ("L'AMF publie son bilan : les réclamations augmentent de 12 %. Lire la suite", false),
        ("Investors complain of delays. Read more", false),
        ("Je suis en mission jusqu'au 4, avec très peu de réseau.", false),
    ] {
        assert_eq!(person::complains(text), complains, "{text}");
    }
}

#[test]
fn trap_17_a_request_for_no_automatic_answer_is_no_sign_of_a_machine() {
    for (value, answerable) in
        [("All", false), ("DR, OOF, AutoReply", false), ("OOF", true), ("DR, RN, NRN", true)]
    {
        let judged = judged(&format!("From: a@b.example\nX-Auto-Response-Suppress: {value}"), "Bonjour");
        assert_eq!((judged.origin, judged.may_answer.is_yes()), (Origin::Human, answerable), "{value}");
    }
}

#[test]
fn trap_19_auto_submitted_in_every_spelling() {
    for (value, origin) in [
        ("no", Origin::Human),
        ("No", Origin::Human),
        (" NO ; reason=\"x\"", Origin::Human),
        ("no (a person)", Origin::Human),
        ("", Origin::Human),
        ("auto-replied", Origin::AutoReply),
        ("  (robot) Auto-Replied ; owner-email=\"a@b.example\"", Origin::AutoReply),
        ("auto-replied (vacation)", Origin::AutoReply),
        ("auto-generated", Origin::AutoReply),
        ("AUTO-GENERATED; x=y", Origin::AutoReply),
        ("auto-notified; owner-email=\"a@b.example\"", Origin::AutoReply),
        ("yes", Origin::AutoReply),
    ] {
        let judged = judged(&format!("From: a@b.example\nAUTO-submitted: {value}"), "Bonjour");
        assert_eq!(judged.origin, origin, "{value:?}");
        assert_eq!(judged.may_answer.is_yes(), origin == Origin::Human, "{value:?}");
    }
}
