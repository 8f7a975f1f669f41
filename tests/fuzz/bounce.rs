//! What mail systems write about a letter of ours: a report, or a text from a machine's address.
#![no_main]

use std::collections::BTreeSet;

use complaintd::core::facts::{MayAnswer, Origin};
use complaintd::mail::{self, Own};
use libfuzzer_sys::fuzz_target;

const REPORT: &str = "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\r\nTo: info@divikeys.com\r\n\
    Subject: Undelivered Mail Returned to Sender\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
    --b\r\nContent-Type: text/plain\r\n\r\nNotification\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n";
const TEXT: &str = "Return-Path: <>\r\nFrom: postmaster@mx.example\r\nTo: info@divikeys.com\r\nSubject: failure notice\r\n\r\n";

fuzz_target!(|status: &[u8]| {
    for head in [REPORT, TEXT] {
        let raw = [head.as_bytes(), status, b"\r\n--b--\r\n"].concat();
        let facts = mail::facts(&raw, &Own { addresses: &BTreeSet::new() });
        assert_ne!(facts.may_answer, MayAnswer::Yes, "nothing without a sender is answered");
        if facts.bounce.is_some() {
            assert_eq!(facts.origin, Origin::Bounce);
        }
    }
});
