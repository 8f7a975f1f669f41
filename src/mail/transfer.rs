//! Content-Transfer-Encoding undone leniently (RFC 2045 §6): what can be decoded is kept, what
//! cannot is counted. Strict decoding is the MIME parser's; this is for what it gave up on.

/// Decoded bytes and how many bytes were skipped because they belong to no encoding.
#[derive(Debug)]
pub struct Decoded {
    pub bytes: Vec<u8>,
    pub skipped: usize,
}

/// How the content of a part is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoding {
    /// 7bit, 8bit, binary and every unknown word.
    Identity,
    Base64,
    QuotedPrintable,
}

impl Encoding {
    pub fn of(header: Option<&str>) -> Self {
        match header.map(|word| word.trim().to_ascii_lowercase()).as_deref() {
            Some("base64") => Self::Base64,
            Some("quoted-printable") => Self::QuotedPrintable,
            _ => Self::Identity,
        }
    }

    pub fn decode(self, raw: &[u8]) -> Decoded {
        match self {
            Self::Identity => Decoded { bytes: raw.to_vec(), skipped: 0 },
            Self::Base64 => base64(raw),
            Self::QuotedPrintable => quoted_printable(raw),
        }
    }
}

fn base64(raw: &[u8]) -> Decoded {
    let mut out = Decoded { bytes: Vec::with_capacity(raw.len() / 4 * 3), skipped: 0 };
    let (mut chunk, mut held) = (0_u32, 0_u32);
    for byte in raw {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                flush(&mut out.bytes, chunk, held);
                held = 0;
                continue;
            }
            byte if byte.is_ascii_whitespace() => continue,
            _ => {
                out.skipped += 1;
                continue;
            }
        };
        chunk = chunk << 6 | u32::from(value);
        held += 1;
        if held == 4 {
            out.bytes.extend_from_slice(&chunk.to_be_bytes()[1..]);
            held = 0;
        }
    }
    flush(&mut out.bytes, chunk, held);
    out
}

/// Writes the bytes of an incomplete group of `held` characters.
fn flush(out: &mut Vec<u8>, chunk: u32, held: u32) {
    match held {
        2 => out.push((chunk >> 4).to_be_bytes()[3]),
        3 => out.extend_from_slice(&(chunk >> 2).to_be_bytes()[2..]),
        _ => {}
    }
}

fn quoted_printable(raw: &[u8]) -> Decoded {
    let mut out = Decoded { bytes: Vec::with_capacity(raw.len()), skipped: 0 };
    let mut rest = raw;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'=' {
            out.bytes.push(*first);
        } else if let [high, low, tail @ ..] = after
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.bytes.push(high << 4 | low);
            rest = tail;
        } else if let Some(tail) = soft_break(after) {
            rest = tail;
        } else {
            // RFC 2045 §6.7 advises to show a wrong "=" as it is.
            out.bytes.push(b'=');
            out.skipped += 1;
        }
    }
    out
}

/// What follows a soft line break: white space and a line end after `=`.
fn soft_break(after: &[u8]) -> Option<&[u8]> {
    let blank = after.iter().take(80).take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
    match after.get(blank) {
        Some(b'\n') => Some(&after[blank + 1..]),
        None => Some(&[]),
        Some(_) => None,
    }
}

pub fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_content_is_decoded_as_far_as_it_goes() {
        for (encoding, raw, bytes, skipped) in [
            (Encoding::Base64, &b"Qm9u\r\nam91cg=="[..], &b"Bonjour"[..], 0),
            (Encoding::Base64, b"Qm9uam9", b"Bonjo", 0),
            (Encoding::Base64, b"Qm9u\r\n!!!!<am91cg", b"Bonjour", 5),
            (Encoding::QuotedPrintable, b"caf=C3=A9 =\r\nnoir", "café noir".as_bytes(), 0),
            (Encoding::QuotedPrintable, b"1 = 1 =ZZ =", b"1 = 1 =ZZ ", 2),
            (Encoding::Identity, b"as it is", b"as it is", 0),
        ] {
            let decoded = encoding.decode(raw);
            assert_eq!(
                (String::from_utf8_lossy(&decoded.bytes), decoded.skipped),
                (String::from_utf8_lossy(bytes), skipped)
            );
        }
    }
}
