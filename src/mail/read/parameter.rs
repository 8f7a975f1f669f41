//! Parameters of a Content-Type or Content-Disposition field (RFC 2045 §5.1, RFC 2231), read from the
//! field as it stands: for the spellings that mail-parser loses or takes the poorer form of.

use crate::mail::charset;
use crate::mail::transfer::hex;

/// Sections of one value (RFC 2231 §3) that are put together.
const MAX_SECTIONS: usize = 100;

/// The value of a parameter in an unfolded field, and whether it is in the extended notation.
pub fn value(field: &str, name: &str) -> Option<(String, bool)> {
    let all = parameters(field);
    let plain = || {
        let found = all.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| (value.clone(), false))
    };
    // RFC 6266 §4.3: where both are there, the extended one is the better.
    extended(&all, name).map(|value| (value, true)).or_else(plain)
}

/// Keys in lower case and values without their quotes.
fn parameters(field: &str) -> Vec<(String, String)> {
    let pairs = pieces(field).into_iter().skip(1).filter_map(|piece| {
        let (key, value) = piece.split_once('=')?;
        Some((key.trim().to_ascii_lowercase(), unquoted(value.trim())))
    });
    pairs.take(2 * MAX_SECTIONS).collect()
}

/// What stands between semicolons outside of quotes.
fn pieces(field: &str) -> Vec<&str> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in field.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                pieces.push(&field[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&field[from..]);
    pieces
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    // Careless programs write paths of Windows without doubling the strokes.
    inner.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// `name*=charset'language'%41`, whole or in sections, of which some may be plain (RFC 2231 §4.1).
fn extended(all: &[(String, String)], name: &str) -> Option<String> {
    let mut sections: Vec<(usize, bool, &str)> = all
        .iter()
        .filter_map(|(key, value)| {
            let rest = key.strip_prefix(name)?.strip_prefix('*')?;
            let coded = rest.is_empty() || rest.ends_with('*');
            let number = rest.trim_end_matches('*');
            let number = if number.is_empty() { 0 } else { number.parse().ok()? };
            Some((number, coded, value.as_str()))
        })
        .collect();
    sections.sort_by_key(|section| section.0);
    let mut charset = None;
    let mut bytes = Vec::new();
    for (i, (_, coded, value)) in sections.iter().take(MAX_SECTIONS).enumerate() {
        let mut value = *value;
        if i == 0
            && *coded
            && let Some((label, rest)) = value.split_once('\'')
        {
            charset = Some(label).filter(|label| !label.is_empty());
            value = rest.split_once('\'').map_or(rest, |(_, text)| text);
        }
        if *coded { percent_decoded(value, &mut bytes) } else { bytes.extend_from_slice(value.as_bytes()) }
    }
    (!bytes.is_empty()).then(|| charset::decode(&bytes, charset).text)
}

fn percent_decoded(value: &str, out: &mut Vec<u8>) {
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%'
            && let [high, low, tail @ ..] = after
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = tail;
        } else {
            out.push(*first);
        }
    }
}
