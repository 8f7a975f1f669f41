//! Where a mail goes: tables of what it says and what the store knows (PROCEDURE 2).

use complaintd::core::decide::doubt_of;
use complaintd::core::facts::{BounceAction, Intent, MailFacts, Origin, Person, SetAside};
use complaintd::core::ids::{CaseNumber, Digest};
use complaintd::core::letter::Attention;
use complaintd::core::route::{Known, Route, route};
use complaintd::core::thread::{Candidate, Evidence, Relation, bounced_letter, relate, signed_letters};
use complaintd::core::token::LetterRef;
use jiff::{SignedDuration, Timestamp};

use crate::common::{address, at, automatic, bounce, complaint, id, mail, number, policy};

const MARIE: &str = "marie@exemple.fr";
const PAUL: &str = "paul@exemple.fr";

fn received() -> Timestamp {
    at("2026-06-01T12:00:00Z")
}

fn candidate(serial: u32, evidence: Evidence, participant: &str) -> Candidate {
    Candidate { case: number(serial), evidence, participants: [address(participant)].into() }
}

fn routed(mail: &MailFacts, candidates: &[Candidate]) -> Route {
    let known = Known { twin: None, candidates: candidates.to_vec() };
    route(mail, received(), &known, &policy())
}

fn related(sender: &str, candidates: &[Candidate]) -> Relation {
    relate(&address(sender), candidates, &policy())
}

fn letter(serial: u32, ordinal: u32) -> LetterRef {
    LetterRef { case: number(serial), ordinal }
}

/// PROCEDURE 2.2
#[test]
fn rule_2_2_the_strongest_evidence_that_names_a_case_of_the_senders_decides() {
    let all = [
        Evidence::OurMessageId,
        Evidence::ReplyAddress,
        Evidence::KnownMessageId,
        Evidence::Reference,
        Evidence::SameContent,
    ];
    for (i, strong) in all.iter().enumerate() {
        for weak in &all[i + 1..] {
            let candidates = [candidate(2, *weak, MARIE), candidate(1, *strong, MARIE)];
            let expected = Relation::Matched { case: number(1), by: *strong };
            assert_eq!(related(MARIE, &candidates), expected, "{strong:?} before {weak:?}");
        }
    }
}

/// PROCEDURE 2.2
#[test]
fn trap_9_a_letter_whose_message_id_the_relay_rewrote_is_known_by_its_reply_address() {
    let policy = policy();
    let reply_to = policy.key.reply_address(letter(1, 1), &policy.mailbox);
    let answer = MailFacts {
        in_reply_to: vec![id("rewritten-by-relay@provider.example")],
        to: vec![reply_to],
        ..complaint()
    };
    assert_eq!(signed_letters(&answer, &policy), [(Evidence::ReplyAddress, letter(1, 1))]);
}

/// PROCEDURE 2.2
#[test]
fn trap_10_an_answer_without_references_is_known_by_address_or_reference() {
    let policy = policy();
    let reply_to = policy.key.reply_address(letter(1, 1), &policy.mailbox);
    let delivered = MailFacts { delivered_to: vec![reply_to], ..complaint() };
    assert_eq!(signed_letters(&delivered, &policy), [(Evidence::ReplyAddress, letter(1, 1))]);
    let quoting = [candidate(1, Evidence::Reference, MARIE)];
    let expected = Route::Join { case: number(1), by: Evidence::Reference };
    assert_eq!(routed(&complaint(), &quoting), expected);
}

#[test]
fn trap_10_only_what_we_signed_counts_and_only_in_its_own_place() {
    let policy = policy();
    let ours = policy.key.message_id(letter(1, 1), "divikeys.com");
    let bounce_to = policy.key.bounce_address(letter(1, 1), &policy.mailbox);
    let forged = id("r-2026-000001-x.1.aaaaaaaaaaaaaaaa@divikeys.com");
    let answer = MailFacts {
        in_reply_to: vec![forged],
        references: vec![id("x@y.fr"), ours],
        to: vec![bounce_to],
        ..complaint()
    };
    assert_eq!(signed_letters(&answer, &policy), [(Evidence::OurMessageId, letter(1, 1))]);
}

/// PROCEDURE 2.3 and 2.4
#[test]
fn trap_12_a_stranger_who_quotes_a_reference_gets_a_case_of_his_own() {
    for evidence in [Evidence::OurMessageId, Evidence::ReplyAddress, Evidence::Reference] {
        let candidates = [candidate(1, evidence, MARIE)];
        let stranger = Relation::Stranger { quotes: number(1), by: evidence };
        assert_eq!(related(PAUL, &candidates), stranger, "{evidence:?}");
        assert_eq!(routed(&mail(PAUL, "Bonjour"), &candidates), Route::Open(stranger.clone()));
        assert_eq!(doubt_of(&stranger), Some(Attention::Stranger { quotes: number(1) }));
    }
}

/// PROCEDURE 2.3
#[test]
fn trap_12_a_reference_beside_the_senders_own_case_does_not_take_the_mail_away() {
    let candidates = [candidate(1, Evidence::OurMessageId, MARIE), candidate(2, Evidence::Reference, PAUL)];
    assert_eq!(related(PAUL, &candidates), Relation::Matched { case: number(2), by: Evidence::Reference });
}

/// PROCEDURE 2.3
#[test]
fn trap_13_answers_of_many_people_to_one_mailing_do_not_merge() {
    // The mailing's id is known from Marie's case, where she answered it first.
    let candidates = [candidate(1, Evidence::KnownMessageId, MARIE)];
    assert_eq!(related(PAUL, &candidates), Relation::New);
    assert_eq!(routed(&mail(PAUL, "Et moi ?"), &candidates), Route::Open(Relation::New));
    let marie = Relation::Matched { case: number(1), by: Evidence::KnownMessageId };
    assert_eq!(related(MARIE, &candidates), marie);
}

/// PROCEDURE 2.4
#[test]
fn rule_2_4_two_cases_equally_named_are_left_to_a_human() {
    let candidates = [candidate(1, Evidence::Reference, MARIE), candidate(2, Evidence::Reference, MARIE)];
    let expected = Relation::Ambiguous { cases: vec![number(1), number(2)] };
    assert_eq!(related(MARIE, &candidates), expected);
    assert_eq!(routed(&complaint(), &candidates), Route::Open(expected));
    let nearest = [candidate(2, Evidence::OurMessageId, MARIE), candidate(1, Evidence::OurMessageId, MARIE)];
    let by_id = Relation::Matched { case: number(2), by: Evidence::OurMessageId };
    assert_eq!(related(MARIE, &nearest), by_id, "an answer names its nearest letter first");
}

/// PROCEDURE 2.7
#[test]
fn trap_29_mail_of_before_the_activation_is_filed_unless_a_case_has_it() {
    let since = policy().answer_since;
    let before = since - SignedDuration::from_hours(1);
    let known = Known::default();
    assert!(matches!(route(&complaint(), before, &known, &policy()), Route::File(_)));
    assert_eq!(route(&complaint(), since, &known, &policy()), Route::Open(Relation::New));
    let known = Known { candidates: vec![candidate(1, Evidence::Reference, MARIE)], ..known };
    assert!(matches!(route(&complaint(), before, &known, &policy()), Route::Join { .. }));
}

/// PROCEDURE 2.8
#[test]
fn trap_18_automatic_mail_is_filed_unless_it_reads_like_a_complaint() {
    let filed = |mail: &MailFacts| matches!(routed(mail, &[]), Route::File(_));
    assert!(filed(&automatic(MARIE)));
    let forwarded = |confidence| MailFacts {
        intent: Some(Intent::Complaint),
        confidence,
        complains_though_automatic: true,
        ..automatic("regle-de-transfert@exemple.fr")
    };
    assert_eq!(routed(&forwarded(0.95), &[]), Route::Open(Relation::New));
    assert_eq!(routed(&forwarded(0.4), &[]), Route::Open(Relation::New));
    assert_eq!(
        routed(&MailFacts { origin: Origin::Bulk, ..forwarded(0.95) }, &[]),
        Route::Open(Relation::New),
        "a program that sends for a person"
    );
    assert!(filed(&forwarded(0.2)));
    let unknown_words = MailFacts { complains_though_automatic: false, ..forwarded(0.95) };
    assert!(filed(&unknown_words), "robots are often half a complaint");
    assert!(filed(&MailFacts { origin: Origin::Bulk, ..unknown_words }));
    assert!(filed(&MailFacts { intent: Some(Intent::Question), ..forwarded(0.95) }));
    assert!(filed(&MailFacts { origin: Origin::Receipt, ..forwarded(0.95) }));
    let known = [candidate(1, Evidence::OurMessageId, MARIE)];
    assert!(matches!(routed(&automatic(MARIE), &known), Route::Join { .. }), "kept in its case");
}

/// PROCEDURE 2.9
#[test]
fn trap_28_the_same_mail_at_two_of_our_addresses_is_one() {
    let of = Digest::of(b"the first delivery");
    let known = Known { twin: Some(of), candidates: vec![candidate(1, Evidence::Reference, MARIE)] };
    assert_eq!(route(&complaint(), received(), &known, &policy()), Route::Duplicate { of });
}

/// PROCEDURE 2.11
#[test]
fn rule_2_11_what_cannot_be_understood_safely_is_kept_for_a_human() {
    let aside = |mail: &MailFacts| matches!(routed(mail, &[]), Route::SetAside(_));
    let too_many = SetAside { why: "1,500 parts, the limit is 1,000".to_owned() };
    assert!(aside(&MailFacts { set_aside: Some(too_many), ..complaint() }));
    assert!(aside(&MailFacts { from: None, ..complaint() }));
    assert!(aside(&MailFacts { origin: Origin::Own, ..complaint() }), "trap 27: no letter of ours");
}

/// PROCEDURE 2.12
#[test]
fn rule_2_12_a_colleagues_mail_opens_no_case_and_joins_none_of_others() {
    let colleague = mail("anne@divikeys.com", "Pour information");
    assert!(matches!(routed(&colleague, &[]), Route::SetAside(_)));
    let quoting = [candidate(1, Evidence::Reference, MARIE)];
    assert!(matches!(routed(&colleague, &quoting), Route::SetAside(_)));
    let answering = [candidate(1, Evidence::OurMessageId, MARIE)];
    let joined = Route::Join { case: number(1), by: Evidence::OurMessageId };
    assert_eq!(routed(&colleague, &answering), joined, "a notice of the case, say");
    let desk = Candidate { case: CaseNumber::DESK, ..answering[0].clone() };
    assert!(matches!(routed(&colleague, &[desk]), Route::SetAside(_)));
}

/// PROCEDURE 6.3
#[test]
fn trap_34_a_bounce_is_tied_to_its_letter_by_address_then_by_what_it_returns() {
    let policy = policy();
    let report = bounce(BounceAction::Failed);
    let bounce_to = policy.key.bounce_address(letter(1, 1), &policy.mailbox);
    let ours = policy.key.message_id(letter(2, 3), "divikeys.com");
    let returning = |id| {
        let bounce = report
            .bounce
            .clone()
            .map(|b| complaintd::core::facts::Bounce { original_message_id: Some(id), ..b });
        MailFacts { bounce, ..report.clone() }
    };
    let by_address = MailFacts { to: vec![bounce_to], ..returning(ours.clone()) };
    assert_eq!(routed(&by_address, &[]), Route::Report(letter(1, 1)), "the address is surer");
    assert_eq!(bounced_letter(&returning(ours.clone()), &policy), Some(letter(2, 3)));
    let answering = MailFacts { in_reply_to: vec![ours], ..report.clone() };
    assert_eq!(bounced_letter(&answering, &policy), Some(letter(2, 3)), "as qmail does");
    assert!(matches!(routed(&returning(id("other@y.fr")), &[]), Route::File(_)));
}

#[test]
fn rule_6_3_a_report_that_only_names_a_case_fails_no_letter_and_is_shown_to_a_human() {
    let report = bounce(BounceAction::Failed);
    let naming = [candidate(1, Evidence::Reference, MARIE)];
    let Route::SetAside(why) = routed(&report, &naming) else { panic!("it is set aside") };
    assert!(why.contains(&number(1).to_string()), "{why}");
    assert!(matches!(routed(&bounce(BounceAction::Delayed), &naming), Route::File(_)), "it may still arrive");
}

#[test]
fn a_sender_is_compared_without_regard_to_case() {
    let shouting = MailFacts {
        from: Some(Person { name: String::new(), address: address("Marie@EXEMPLE.FR") }),
        ..complaint()
    };
    let known = [candidate(1, Evidence::Reference, MARIE)];
    let expected = Route::Join { case: CaseNumber::new(2026, 1).expect("in range"), by: Evidence::Reference };
    assert_eq!(routed(&shouting, &known), expected);
}
