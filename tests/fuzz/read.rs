//! Any bytes are a mail: reading never panics, robots are never answered, nothing said grows without bound.
#![no_main]

use std::collections::BTreeSet;

use complaintd::core::facts::{MayAnswer, Origin};
use complaintd::mail::{self, Own, limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &[u8]| {
    let facts = mail::facts(raw, &Own { addresses: &BTreeSet::new() });
    if facts.may_answer == MayAnswer::Yes {
        assert_eq!(facts.origin, Origin::Human, "only people are answered");
        assert!(facts.from.is_some() && facts.set_aside.is_none());
    }
    assert!((0.0..=1.0).contains(&facts.confidence));
    assert!(facts.attachments.len() <= limits::MAX_PARTS);
    for attachment in &facts.attachments {
        assert!(!attachment.name.is_empty() && attachment.name.len() <= limits::MAX_NAME_BYTES);
        assert!(!attachment.name.contains(['/', '\\', '\0', '\n']), "{:?}", attachment.name);
    }
    // The same mail gives the same facts.
    let again = mail::facts(raw, &Own { addresses: &BTreeSet::new() });
    assert_eq!(facts.reply_text, again.reply_text);
    assert_eq!((facts.content, facts.intent), (again.content, again.intent));
});
