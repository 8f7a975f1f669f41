//! A colleague's own words: no command is guessed, and every word is in a line, a command's text or what is left.
#![no_main]

use complaintd::core::command::{MAX_COMMANDS, read};
use complaintd::core::facts::Language;
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|mail: &str| {
    let asked = read(mail, date(2026, 11, 28));
    assert!(asked.lines.len() <= 2 * MAX_COMMANDS + 2);
    let right = asked.lines.iter().all(|line| line.means.is_ok());
    assert_eq!(asked.commands().is_some(), right);
    asked.wants_to_stop();
    // ASCII, since the texts of commands are compared as `Debug` writes them, which changes other signs.
    let kept = format!("{asked:?}");
    for word in mail.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        assert!(kept.contains(word), "{word} is lost");
    }
    for mistake in asked.lines.iter().filter_map(|line| line.means.as_ref().err()) {
        assert!(!mistake.told(Language::French).is_empty() && !mistake.told(Language::English).is_empty());
    }
});
