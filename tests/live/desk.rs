//! The whole desk, as customers and admins meet it: the real program, Dovecot and Postfix.

use crate::installation::{Choice, FILED, Installation, Running, delivered, eventually, header, messages_in};
use crate::lab::{Dovecot, Postfix, pause};
use serde_json::Value;
use std::time::Duration;

fn complaint(from: &str, id: &str, subject: &str, more: &str) -> Vec<u8> {
    format!(
        "From: Client <{from}>\r\nTo: info@lab.test\r\nSubject: {subject}\r\nDate: Mon, 23 Nov 2026 08:58:00 -0400\r\n\
         Message-ID: <{id}@client.example>\r\n{more}MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         Bonjour,\r\n\r\nmon virement de 200 euros du 3 novembre n'est jamais arrivé. Je suis très mécontent et\r\n\
         je demande son remboursement immédiat.\r\n\r\nCordialement\r\n"
    )
    .into_bytes()
}

struct World {
    dovecot: Dovecot,
    postfix: Postfix,
    desk: Installation,
}

impl World {
    fn case_of(&self, address: &str) -> Option<Value> {
        let mut cases = self.desk.json(&["case", "list"]);
        cases.retain(|case| case["complainant"]["address"] == address);
        assert!(cases.len() < 2, "{address} has several cases: {cases:?}");
        cases.pop()
    }

    fn case_in_full(&self, address: &str) -> Option<Value> {
        let case = self.case_of(address)?;
        let reference = case["reference"].as_str().unwrap();
        self.desk.json(&["case", "show", reference]).pop()
    }

    /// The first letter to this person, once it is there.
    fn letter(&self, account: &str) -> Vec<u8> {
        eventually(&format!("a letter to {account}"), 20, || delivered(&self.dovecot, account).pop())
    }
}

#[test]
fn a_desk_with_a_real_mailbox_and_a_real_relay() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::start(&dovecot);
    let choice = Choice { answer_since: "activation", ..Choice::default() };
    let desk = Installation::new(&dovecot, &postfix, &choice);
    let mut world = World { dovecot, postfix, desk };

    trap_29_old_mail(&world);
    check_is_a_table(&world);
    let daemon = world.desk.start("log");
    eventually("the old mail is filed", 20, || (messages_in(&world.dovecot, FILED) == 1).then_some(()));

    world.postfix.take("staff2@lab.test", "info@lab.test", &complaint("staff2@lab.test", "grey", "Gris", ""));
    acknowledged_and_answered(&world);
    trap_6_junk(&world);
    trap_20_a_letter_that_comes_back(&world);
    a_mailbox_that_goes_and_comes(&mut world, &daemon);
    greylisted_and_sent(&world);

    assert!(delivered(&world.dovecot, "customer5").is_empty(), "old mail was answered");
    assert_eq!(messages_in(&world.dovecot, "INBOX"), 0);
    ends_when_told(&world, daemon);
}

/// What lay in the mailbox before the first start is filed, and nobody is answered.
fn trap_29_old_mail(world: &World) {
    world.dovecot.deliver("info", &complaint("customer5@lab.test", "old", "Ancienne plainte", ""));
    // The server notes whole seconds.
    pause(Duration::from_millis(1100));
}

fn check_is_a_table(world: &World) {
    let output = world.desk.command(&["check"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    for what in [
        "configuration",
        "calendar",
        "templates",
        "store",
        "mailbox info/INBOX",
        "mailbox info/Junk",
        "relay",
    ] {
        assert!(said.lines().any(|line| line.starts_with(&format!("ok    {what} "))), "{what} in:\n{said}");
    }
    // A wrong password is told with the mailbox and what to do, and nothing else fails.
    let path = world.desk.path("password");
    std::fs::write(&path, "wrong").unwrap();
    let output = world.desk.command(&["check"]);
    std::fs::write(&path, Dovecot::password("info")).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let line =
        said.lines().find(|line| line.starts_with("FAIL  mailbox info/INBOX")).expect("a line that fails");
    assert!(line.contains("password") || line.contains("AUTHENTICATIONFAILED"), "{line}");
    assert!(said.contains("FAIL  relay") && said.contains("ok    store"), "{said}");
}

fn acknowledged_and_answered(world: &World) {
    let mail = complaint("customer1@lab.test", "m1", "Virement", "References: <older@client.example>\r\n");
    world.postfix.take("customer1@lab.test", "info@lab.test", &mail);
    let letter = world.letter("customer1");
    let text = String::from_utf8_lossy(&letter).into_owned();
    assert_eq!(header(&letter, "In-Reply-To").as_deref(), Some("<m1@client.example>"), "{text}");
    assert_eq!(header(&letter, "References").as_deref(), Some("<older@client.example> <m1@client.example>"));
    assert_eq!(header(&letter, "Auto-Submitted").as_deref(), Some("auto-replied"));
    let return_path = header(&letter, "Return-Path").unwrap();
    assert!(return_path.starts_with("<info+"), "{return_path}");
    let reply_to = header(&letter, "Reply-To").unwrap();
    let (_, signed) = reply_to.split_once('<').unwrap_or(("", &reply_to));
    let signed = signed.trim_end_matches('>');
    assert!(signed.starts_with("info+"), "{reply_to}");

    // By the signed address alone: no reference, no thread, another subject.
    let answer = complaint("customer1@lab.test", "m2", "Encore moi", "");
    world.postfix.take("customer1@lab.test", signed, &answer);
    let case = eventually("the answer joins the case", 20, || {
        let case = world.case_in_full("customer1@lab.test")?;
        (case["messages"].as_array()?.len() == 2).then_some(case)
    });
    assert_eq!(case["status"], "open");
    assert!(case["acknowledged_at"].is_string(), "{case}");
    assert_eq!(case["letters"].as_array().unwrap().len(), 1, "{case}");
    assert_eq!(delivered(&world.dovecot, "customer1").len(), 1);
    holds(world);
}

fn trap_6_junk(world: &World) {
    let mail = complaint("customer2@lab.test", "junk", "Plainte", "X-Spam-Flag: YES\r\n");
    world.dovecot.put("info", "Junk", "1.junk.lab", &mail);
    world.letter("customer2");
    eventually("what was in Junk is filed", 10, || (messages_in(&world.dovecot, "Junk") == 0).then_some(()));
}

/// Postfix takes the letter, another server refuses it, and the report comes to the signed address.
fn trap_20_a_letter_that_comes_back(world: &World) {
    let from = "marie@gone.example";
    world.postfix.take(from, "info@lab.test", &complaint(from, "gone", "Frais", ""));
    let notice = world.letter("staff1");
    let case = eventually("the letter is marked as failed", 20, || {
        let case = world.case_in_full(from)?;
        (case["letters"][0]["state"] == "failed").then_some(case)
    });
    let reference = case["reference"].as_str().unwrap();
    assert!(String::from_utf8_lossy(&notice).contains(reference), "the notice names the case");
    assert_eq!(case["attention"][0]["attention"], "letter_bounced", "{case}");
    assert_eq!(case["messages"].as_array().unwrap().len(), 2, "the complaint and the report: {case}");
    assert_eq!(case["letters"].as_array().unwrap().len(), 2, "the acknowledgement and the notice: {case}");
}

/// The daemon finds its mailbox again by itself.
fn a_mailbox_that_goes_and_comes(world: &mut World, daemon: &Running) {
    world.dovecot.kick("info");
    world.dovecot.goes_down();
    eventually("a try to connect that fails", 20, || daemon.log().contains("refused").then_some(()));
    world.dovecot.comes_up_again();
    world.dovecot.deliver("info", &complaint("customer3@lab.test", "night", "La nuit", ""));
    world.letter("customer3");
}

/// 450 at first; a minute later the relay takes it.
fn greylisted_and_sent(world: &World) {
    eventually("a first try", 20, || world.postfix.log().contains("450 4.7.1").then_some(()));
    let tries = || {
        let case = world.case_in_full("staff2@lab.test")?;
        Some((case["letters"][0]["state"].as_str()?.to_owned(), case["letters"][0]["attempts"].as_u64()?))
    };
    assert_eq!(tries(), Some(("queued".to_owned(), 1)));
    let (_, attempts) = eventually("the second try", 90, || tries().filter(|(state, _)| state == "sent"));
    assert_eq!(attempts, 2);
}

fn holds(world: &World) {
    let proof = world.desk.json(&["verify"]).pop().expect("one line");
    assert_eq!(proof["holds"], true, "{proof}");
}

fn ends_when_told(world: &World, mut daemon: Running) {
    assert!(daemon.is_running(), "{}", daemon.log());
    let log = daemon.log();
    assert!(!log.contains("@lab.test") && !log.contains("Virement"), "the log holds personal data:\n{log}");
    assert_eq!(daemon.stop().code(), Some(0));
    holds(world);
}
