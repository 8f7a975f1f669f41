//! A text, or HTML after a NUL: no word of a text is dropped or doubled, whoever wrote it.
#![no_main]

use complaintd::mail::reply::split;
use libfuzzer_sys::fuzz_target;

#[path = "../common/words.rs"]
mod words;

use words::words_of;

fuzz_target!(|input: &str| {
    if let Some((text, html)) = input.split_once('\0') {
        split((!text.is_empty()).then_some(text), Some(html));
        return;
    }
    let split = split(Some(input), None);
    let all = format!("{}\n{}\n{}", split.reply, split.quoted, split.signature);
    assert_eq!(words_of(&all), words_of(input));
});
