//! The least of a PDF's syntax (ISO 32000-1 §7.3): names, numbers, texts, and where a stream begins.
//!
//! Each reads what stands at one place, within what a name may have; nothing is asserted of what surrounds it.

use crate::mail::limits;
use crate::mail::transfer::hex;

/// The data of a stream (§7.3.8.1), where it begins here.
pub fn begins_stream(rest: &[u8]) -> Option<&[u8]> {
    let mut data = rest.strip_prefix(b"stream")?;
    while let Some(after) = data.strip_prefix(b" ") {
        data = after;
    }
    data.strip_prefix(b"\r\n").or_else(|| data.strip_prefix(b"\n")).or_else(|| data.strip_prefix(b"\r"))
}

/// §7.5.7: numbers of objects and their places.
pub fn begins_like_objects(bytes: &[u8]) -> bool {
    let mut rest = bytes.trim_ascii_start();
    for _ in 0..2 {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits > 10 {
            return false;
        }
        rest = rest[digits..].trim_ascii_start();
    }
    true
}

/// The longest name that is looked for has sixteen letters.
const LONGEST_NAME: usize = 16;

/// The name at this place as far as it matters (§7.3.5: `#4a` may stand for a letter), and what follows.
pub fn name_at(rest: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut name = Vec::new();
    let mut at = 0;
    while let Some(byte) = rest.get(at).copied() {
        let digits = || Some(hex(*rest.get(at + 1)?)? << 4 | hex(*rest.get(at + 2)?)?);
        match byte {
            b'#' if let Some(byte) = digits() => {
                name.push(byte);
                at += 3;
            }
            byte if byte.is_ascii_alphanumeric() => {
                name.push(byte);
                at += 1;
            }
            _ => break,
        }
        if name.len() > LONGEST_NAME {
            break;
        }
    }
    (name, &rest[at..])
}

/// A number that stands here itself and is no reference to an object.
pub fn number(rest: &[u8]) -> Option<usize> {
    let rest = rest.trim_ascii_start();
    let digits = rest.iter().take(9).take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// A text in parentheses or in hexadecimal digits (§7.3.4), in Unicode or not (§7.9.2.2), if one begins
/// here, as much as a name may have; and how many bytes it takes.
pub fn string(rest: &[u8]) -> (Option<String>, usize) {
    let rest = rest.trim_ascii_start();
    let rest = &rest[..rest.len().min(4 * limits::MAX_NAME_BYTES)];
    let (bytes, read) = match rest {
        [b'(', rest @ ..] => literal(rest),
        [b'<', rest @ ..] if !rest.starts_with(b"<") => {
            let end = rest.iter().position(|byte| *byte == b'>').unwrap_or(rest.len());
            let digits: Vec<u8> = rest[..end].iter().filter_map(|byte| hex(*byte)).collect();
            let bytes = digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0));
            (bytes.collect(), end)
        }
        _ => return (None, 0),
    };
    let Some(wide) = bytes.strip_prefix(b"\xfe\xff") else {
        return (Some(String::from_utf8_lossy(&bytes).into_owned()), read);
    };
    let units = wide.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair));
    (Some(char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()), read)
}

/// The bytes up to the parenthesis that closes it, and how many it takes.
fn literal(rest: &[u8]) -> (Vec<u8>, usize) {
    let mut out = Vec::new();
    let mut open = 1;
    let mut bytes = rest.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(first @ b'0'..=b'7') => {
                    let mut code = u32::from(first - b'0');
                    for _ in 0..2 {
                        let Some(digit) = bytes.next_if(|byte| matches!(byte, b'0'..=b'7')) else { break };
                        code = code * 8 + u32::from(digit - b'0');
                    }
                    out.push(code.to_le_bytes()[0]);
                }
                Some(b'\n' | b'\r') | None => {}
                Some(other) => out.push(other),
            },
            b'(' => open += 1,
            b')' => {
                open -= 1;
                if open == 0 {
                    break;
                }
            }
            _ => {}
        }
        if byte != b'\\' && open > 0 {
            out.push(byte);
        }
    }
    (out, rest.len() - bytes.len())
}
