//! Who vouches for a mail's From: results that a server wrote, believed or not, and DKIM signatures with
//! their keys from a name server on loopback.

mod dns;

use std::time::{Duration, Instant};

use complaintd::core::authenticity::{Authenticity, Finding, Statement, Verdict, judge};
use complaintd::core::ids::Address;
use complaintd::mail::authenticity::{NO_ID, Trusted, domain_of, stated, to_verify};
use complaintd::ports::{Signatures as _, Signed};
use data_encoding::BASE64;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::{Canonicalization, DkimSigner};
use proptest::prelude::*;

pub use dns::{Manner, NameServer};

const OUR_MX: &str = "Received: from mail.exemple.fr (mail.exemple.fr [192.0.2.7]) by mx.divikeys.com (Postfix)\r\n\
    \twith ESMTPS id 4XYZ for <info@divikeys.com>; Mon, 23 Nov 2026 08:55:02 -0400\r\n";
const THEIR_HOP: &str =
    "Received: from pc (pc [10.0.0.7]) by mail.exemple.fr with ESMTPSA; Mon, 23 Nov 2026 08:55:01 -0400\r\n";
const SOPHIE: &str = "From: Sophie Martin <sophie@exemple.fr>\r\n";
const BODY: &str = "Subject: test\r\n\r\nBonjour\r\n";

fn ours(mx_hosts: &[&str]) -> Trusted {
    let mx_hosts = mx_hosts.iter().map(|&host| host.to_owned()).collect();
    Trusted { authserv_id: "mx.divikeys.com".to_owned(), mx_hosts }
}

fn results(value: &str) -> String {
    format!("Authentication-Results: {value}\r\n")
}

/// What this value says where our server writes it, above its own Received line.
fn verdict_of(value: &str) -> Verdict {
    let raw = format!("{}{OUR_MX}{THEIR_HOP}{SOPHIE}{BODY}", results(value));
    stated(raw.as_bytes(), &ours(&[])).verdict
}

#[test]
fn results_are_read_as_rfc_8601_has_them() {
    for (value, verdict) in [
        ("mx.divikeys.com; dmarc=pass header.from=exemple.fr", Verdict::Dmarc),
        ("MX.Divikeys.COM 1; DMARC=PASS (p=none) Header.From=Exemple.FR", Verdict::Dmarc),
        ("\"mx.divikeys.com\"; dmarc=pass header.from=exemple.fr", Verdict::Dmarc),
        (
            "(a (nested \\) one) of us) mx.divikeys.com;\r\n\tdmarc = pass\r\n\t(ok)\theader . from = exemple.fr",
            Verdict::Dmarc,
        ),
        (
            "mx.divikeys.com; spf=pass smtp.mailfrom=autre.example; dkim/1=pass header.d=exemple.fr",
            Verdict::Dkim,
        ),
        ("mx.divikeys.com; dkim=pass header.i=@exemple.fr header.b=\"ab;=+/\"", Verdict::Dkim),
        ("mx.divikeys.com; dkim=fail reason=\"bad; dkim=pass\" header.d=exemple.fr", Verdict::Failed),
        ("mx.divikeys.com; dkim=fail header.d=exemple.fr; dkim=pass header.d=exemple.fr", Verdict::Dkim),
        ("mx.divikeys.com; spf=pass smtp.mailfrom=bounce@exemple.fr", Verdict::Spf),
        ("mx.divikeys.com; spf=pass smtp.mailfrom=\"a b\"@exemple.fr", Verdict::Spf),
        (
            "mx.divikeys.com; spf=softfail smtp.mailfrom=exemple.fr; dmarc=fail (p=reject) header.from=exemple.fr",
            Verdict::Failed,
        ),
        ("mx.divikeys.com; dmarc=temperror header.from=exemple.fr", Verdict::Unknown),
        ("mx.divikeys.com; dmarc=bestguesspass header.from=exemple.fr", Verdict::None),
        ("mx.divikeys.com; none", Verdict::None),
        ("mx.divikeys.com", Verdict::None),
        ("mx.divikeys.com; auth=pass smtp.auth=sophie@exemple.fr", Verdict::None),
    ] {
        assert_eq!(verdict_of(value), verdict, "{value}");
    }
}

#[test]
fn trap_22_what_does_not_speak_for_from_or_is_odd_proves_nothing() {
    for value in [
        // Another's name, or ours only in part.
        "mx.attacker.example; dmarc=pass header.from=exemple.fr",
        "mx.divikeys.com.attacker.example; dmarc=pass header.from=exemple.fr",
        "(mx.divikeys.com) mx.attacker.example; dmarc=pass header.from=exemple.fr",
        // Another domain's proof.
        "mx.divikeys.com; dmarc=pass header.from=attacker.example",
        "mx.divikeys.com; dmarc=pass",
        "mx.divikeys.com; dkim=pass header.d=attacker.example",
        "mx.divikeys.com; dkim=pass header.d=exemple.fr.attacker.example",
        "mx.divikeys.com; dkim=pass header.d=fr",
        "mx.divikeys.com; dkim=pass header.i=@news.exemple.fr",
        "mx.divikeys.com; dkim=pass header.d=attacker.example header.i=@exemple.fr",
        "mx.divikeys.com; spf=pass smtp.helo=exemple.fr",
        // Words that the sender can have quoted: comments, quoted texts, reasons.
        "mx.divikeys.com; spf=fail (x; dmarc=pass header.from=exemple.fr) smtp.mailfrom=attacker.example",
        "mx.divikeys.com; spf=fail smtp.mailfrom=\"x; dmarc=pass header.from=exemple.fr\"@attacker.example",
        "mx.divikeys.com; spf=fail reason=\"\\\"; dmarc=pass header.from=exemple.fr\"",
        // What never ends, other versions, no semicolon.
        "mx.divikeys.com; dmarc=pass header.from=exemple.fr (x",
        "mx.divikeys.com; dmarc=pass header.from=exemple.fr reason=\"x",
        "mx.divikeys.com 2; dmarc=pass header.from=exemple.fr",
        "mx.divikeys.com; dmarc/2=pass header.from=exemple.fr",
        "mx.divikeys.com dmarc=pass header.from=exemple.fr",
        "dmarc=pass header.from=exemple.fr",
        "",
    ] {
        assert_eq!(verdict_of(value), Verdict::None, "{value}");
    }
}

/// A staff member's address, results of our server that the forger wrote himself.
#[test]
fn trap_22_only_the_topmost_results_above_our_own_received_line_count() {
    let forged = results("mx.divikeys.com; dmarc=pass header.from=exemple.fr");
    let other = results("filter.divikeys.com; dkim=none");
    let failed = results("mx.divikeys.com; dmarc=fail header.from=exemple.fr");
    let lmtp = "Received: from mx.divikeys.com by store.divikeys.com with LMTP id 7; Mon, 23 Nov 2026 08:55:03 -0400\r\n";
    let forged_mx = OUR_MX.replace("192.0.2.7", "192.0.2.9");
    let hidden_mx = OUR_MX.replace("from mail.exemple.fr", "from x(");
    for (mx_hosts, blocks, verdict) in [
        // Where our servers write: above, also with a filter's results or the hand-over inside on top.
        (&[][..], vec![&forged[..], OUR_MX, THEIR_HOP], Verdict::Dmarc),
        (&[], vec![&other, &forged, OUR_MX, THEIR_HOP], Verdict::Dmarc),
        (&[], vec![lmtp, &forged, OUR_MX], Verdict::Dmarc),
        (&["mx.divikeys.com"], vec![lmtp, &forged, OUR_MX], Verdict::Dmarc),
        (&[".divikeys.com"], vec![&forged, lmtp, OUR_MX], Verdict::Dmarc),
        // The forger's own: below.
        (&[], vec![OUR_MX, &forged], Verdict::None),
        (&[], vec![lmtp, OUR_MX, &forged], Verdict::None),
        (&[], vec![OUR_MX, &forged, THEIR_HOP], Verdict::None),
        (&[], vec![OUR_MX, &forged, &forged_mx], Verdict::None),
        (&["mx.divikeys.com"], vec![OUR_MX, &forged, &forged_mx], Verdict::None),
        // Also where the client's name makes our own line unreadable.
        (&["mx.divikeys.com"], vec![&hidden_mx, &forged, &forged_mx], Verdict::None),
        // After another of ours.
        (&[], vec![&failed, &forged, OUR_MX], Verdict::Failed),
        (&[], vec![&failed, OUR_MX, &forged], Verdict::Failed),
        // No line of ours at all.
        (&[], vec![&forged], Verdict::None),
        (&["mx.divikeys.com"], vec![&forged, THEIR_HOP], Verdict::None),
    ] {
        let raw = [&blocks.concat(), SOPHIE, BODY].concat();
        let found = stated(raw.as_bytes(), &ours(mx_hosts));
        assert_eq!(found.verdict, verdict, "{mx_hosts:?} {raw}\n{}", found.why);
    }
}

#[test]
fn trap_22_a_from_that_two_readers_see_differently_is_never_vouched_for() {
    let said = results("mx.divikeys.com; dmarc=pass header.from=exemple.fr; dkim=pass header.d=exemple.fr");
    for from in [
        "From: Sophie <sophie@exemple.fr>\r\nFrom: Eve <eve@attacker.example>\r\n",
        "From: sophie@exemple.fr, eve@attacker.example\r\n",
        "From: \"sophie@exemple.fr\" <eve@attacker.example>\r\n",
        "From: undisclosed:;\r\n",
        "From:\r\n",
        "",
    ] {
        let raw = format!("{said}{OUR_MX}{from}{BODY}");
        assert!(!stated(raw.as_bytes(), &ours(&[])).verdict.vouches(), "{from}");
    }
}

#[test]
fn a_server_without_a_name_is_believed_where_that_is_configured() {
    let said = results(
        "spf=pass (sender IP is 192.0.2.7) smtp.mailfrom=exemple.fr; dkim=pass (signature was\r\n verified) header.d=exemple.fr;dmarc=pass action=none header.from=exemple.fr;compauth=pass reason=100",
    );
    let mx = "Received: from mail.exemple.fr (192.0.2.7) by DB5EUR01FT003.mail.protection.outlook.com (10.1.1.1) with Microsoft SMTP Server; Mon, 23 Nov 2026 12:55:02 +0000\r\n";
    let inner = "Received: from DB5EUR01FT003.eop.example by DB6PR07.eurprd07.prod.outlook.com with HTTPS; Mon, 23 Nov 2026 12:55:03 +0000\r\n";
    let raw = format!("{inner}{said}{mx}{SOPHIE}{BODY}");
    let trusted = |id: &str| Trusted {
        authserv_id: id.to_owned(),
        mx_hosts: vec![".mail.protection.outlook.com".to_owned()],
    };
    assert_eq!(stated(raw.as_bytes(), &trusted(NO_ID)).verdict, Verdict::Dmarc);
    assert_eq!(stated(raw.as_bytes(), &trusted("spf")).verdict, Verdict::None);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test of how long it takes")]
fn hostile_headers_cost_no_more_than_their_length() {
    let begun = Instant::now();
    let pass = "; dkim=pass header.d=exemple.fr";
    for value in [
        format!("mx.divikeys.com{}", pass.repeat(10_000)),
        format!("mx.divikeys.com{}", "; a=b".repeat(200)),
        format!("mx.divikeys.com{}{pass}", "(".repeat(400_000)),
        format!("mx.divikeys.com; x=\"{}\"{pass}", "\\\"".repeat(200_000)),
        format!("{}{pass}", "\"".repeat(300_000)),
    ] {
        assert_eq!(verdict_of(&value), Verdict::None);
    }
    let many = results("mx.divikeys.com; dmarc=pass header.from=exemple.fr").repeat(10_000);
    let raw = format!("{OUR_MX}{many}{SOPHIE}{BODY}");
    assert_eq!(stated(raw.as_bytes(), &ours(&[])).verdict, Verdict::None);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a sender writes below our own line, nothing vouches for him, and nothing fails.
    #[test]
    fn trap_22_nothing_below_our_own_line_vouches(pieces in proptest::collection::vec(piece(), 0..40)) {
        let raw = [OUR_MX.as_bytes(), &pieces.concat(), SOPHIE.as_bytes(), BODY.as_bytes()].concat();
        for mx_hosts in [&[][..], &["mx.divikeys.com"]] {
            prop_assert_eq!(stated(&raw, &ours(mx_hosts)).verdict, Verdict::None);
        }
        let _ = to_verify(&raw);
        let _ = stated(&pieces.concat(), &ours(&[]));
    }
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&'static [u8]> = vec![
        b"Authentication-Results:",
        b" mx.divikeys.com",
        b"; dmarc=pass header.from=exemple.fr",
        b"; dkim=pass header.d=exemple.fr\r\n",
        b"Received: from x by mx.divikeys.com with LMTP; Mon, 23 Nov 2026 08:55:02 -0400\r\n",
        b"Received: from x( by y\r\n",
        b"DKIM-Signature: d=exemple.fr; b=\r\n",
        b"From: sophie@exemple.fr\r\n",
        b"(",
        b")",
        b"\"",
        b"\\",
        b";",
        b"=",
        b" . ",
        b"\r\n",
        b"\r\n ",
        "é\u{202e}".as_bytes(),
        b"\0",
    ];
    prop_oneof![
        8 => proptest::sample::select(known).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..20),
    ]
}

// ------------------------------------------------------------------ signatures

/// A sender's key, and its record.
pub struct Signer {
    key: Vec<u8>,
    pub record: String,
}

impl Signer {
    pub fn new() -> Self {
        let key = Ed25519Key::generate_pkcs8().expect("a key");
        let public = Ed25519Key::from_pkcs8_maybe_unchecked_der(&key).expect("a key").public_key();
        Self { key, record: format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(&public)) }
    }

    /// The mail with a signature of this domain on top.
    pub fn signs(&self, domain: &str, fields: &[&str], mail: &str) -> String {
        let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(&self.key).expect("a key");
        let signature = DkimSigner::from_key(key)
            .domain(domain)
            .selector("s1")
            .headers(fields.iter().copied())
            .body_canonicalization(Canonicalization::Relaxed)
            .sign(mail.as_bytes())
            .expect("signed");
        format!("{}{mail}", signature.to_header())
    }
}

const SIGNED_FIELDS: &[&str] = &["From", "Subject"];

fn sophies(body: &str) -> String {
    format!("{SOPHIE}Subject: test\r\nTo: info@divikeys.com\r\n\r\n{body}\r\n")
}

/// The verdict as triage reaches it: what asks nobody first, then DNS.
async fn verified(server: &NameServer, raws: &[String]) -> Vec<Authenticity> {
    let verifier = server.verifier();
    let mut all = Vec::new();
    for raw in raws {
        all.push(match to_verify(raw.as_bytes()) {
            Err(done) => done,
            Ok(from) => {
                let signed = Signed { raw: raw.clone().into_bytes(), from: from.clone() };
                let found = verifier.verify(vec![signed]).await;
                judge(&domain_of(&from), "the keys in DNS", &found[0])
            }
        });
    }
    all
}

#[tokio::test]
async fn a_signature_of_the_sender_s_domain_vouches_for_from() {
    let signer = Signer::new();
    let mail = sophies("Bonjour");
    let whole = signer.signs("exemple.fr", SIGNED_FIELDS, &mail);
    let signed_by = |domain: &str| signer.signs(domain, SIGNED_FIELDS, &mail);
    let cases = [
        ("its own", whole.clone(), Verdict::Dkim),
        ("its own, line ends as a Maildir has them", whole.replace("\r\n", "\n"), Verdict::Dkim),
        ("its own, below a hop", format!("{OUR_MX}{whole}"), Verdict::Dkim),
        ("its own and a stranger's", signer.signs("list.example", SIGNED_FIELDS, &whole), Verdict::Dkim),
        ("a stranger's", signed_by("list.example"), Verdict::None),
        ("a subdomain's", signed_by("news.exemple.fr"), Verdict::None),
        ("altered text", whole.replace("Bonjour", "Bonsoir"), Verdict::Failed),
        ("altered subject", whole.replace("Subject: test", "Subject: /final"), Verdict::Failed),
        ("another sender", whole.replace("sophie@", "anne@"), Verdict::Failed),
        ("another domain", whole.replace("sophie@exemple.fr", "anne@divikeys.com"), Verdict::None),
        ("a second From", format!("From: anne@exemple.fr\r\n{whole}"), Verdict::None),
        ("From not signed", signer.signs("exemple.fr", &["Subject"], &mail), Verdict::None),
        ("no key", signed_by("exemple.fr").replace("s=s1", "s=s2"), Verdict::None),
        ("no signature", mail.clone(), Verdict::None),
    ];
    let names = ["s1._domainkey.exemple.fr", "s1._domainkey.list.example", "s1._domainkey.news.exemple.fr"];
    let server = NameServer::start(&names.map(|name| (name, signer.record.as_str())), Manner::Answers).await;
    let raws: Vec<String> = cases.iter().map(|(_, raw, _)| raw.clone()).collect();
    for ((what, _, verdict), found) in cases.iter().zip(verified(&server, &raws).await) {
        assert_eq!(found.verdict, *verdict, "{what}: {}", found.why);
    }
    let ours = |name: &String| name.ends_with("_domainkey.exemple.fr");
    assert!(server.asked().iter().all(ours), "only From's domain is asked for: {:?}", server.asked());
}

#[tokio::test]
async fn the_example_of_rfc_8463_holds_with_both_of_its_keys() {
    let raw = include_bytes!("../data/senders/rfc8463.eml").to_vec();
    let keys = [
        (
            "brisbane._domainkey.football.example.com",
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ),
        (
            "test._domainkey.football.example.com",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
        ),
    ];
    let server = NameServer::start(&keys, Manner::Answers).await;
    let from = to_verify(&raw).expect("signed by From's domain");
    let found = server.verifier().verify(vec![Signed { raw, from }]).await;
    let passes = |each: &Statement| each.result == Finding::Pass;
    assert_eq!((found[0].len(), found[0].iter().all(passes)), (2, true), "{found:?}");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test of how long it takes")]
async fn dns_that_fails_or_is_silent_leaves_it_unknown_and_holds_nobody_up() {
    let signer = Signer::new();
    let raw = signer.signs("exemple.fr", SIGNED_FIELDS, &sophies("Bonjour"));
    for manner in [Manner::Fails, Manner::Silent] {
        let server = NameServer::start(&[], manner).await;
        let from = Address::parse("sophie@exemple.fr").expect("an address");
        let mails = vec![Signed { raw: raw.clone().into_bytes(), from }; 40];
        let begun = Instant::now();
        let found = server.verifier().verify(mails).await;
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        assert_eq!(found.len(), 40);
        for statements in &found {
            assert_eq!(judge("exemple.fr", "DNS", statements).verdict, Verdict::Unknown, "{statements:?}");
        }
        assert!(!server.asked().is_empty());
        assert!(server.verifier().probe("exemple.fr").await.is_err());
    }
    let server = NameServer::start(&[], Manner::Answers).await;
    server.verifier().probe("exemple.fr").await.expect("no such record is an answer too");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test of how long it takes")]
async fn thousands_of_signatures_are_a_handful_of_questions() {
    let signature = "DKIM-Signature: v=1; a=ed25519-sha256; d=exemple.fr; s=SELECTOR; h=From;\r\n bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n";
    let many: String = (0..10_000).map(|i| signature.replace("SELECTOR", &format!("s{i}"))).collect();
    let long = signature.replace("h=From", &format!("h=From{}", ":Subject".repeat(50_000)));
    let tag = format!("DKIM-Signature: d=exemple.fr; {}\r\n", "x=".repeat(100_000));
    let server = NameServer::start(&[], Manner::Answers).await;
    let verifier = server.verifier();
    let begun = Instant::now();
    for head in [many, long, tag] {
        let raw = format!("{head}{SOPHIE}Subject: test\r\n\r\n").into_bytes();
        let from = Address::parse("sophie@exemple.fr").expect("an address");
        let found = verifier.verify(vec![Signed { raw, from }]).await;
        assert!(found[0].len() <= 5, "{}", found[0].len());
    }
    assert!(server.asked().len() <= 10, "{:?}", server.asked());
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}
