//! How UIDs and folder names are written in commands.

/// Commands stay below the 8,192 octets that every server takes (RFC 7162 §4): a range needs at most 22.
const MAX_RANGES: usize = 300;

/// UID sets for exactly these UIDs, neighbours joined to ranges; several where one would be too long.
pub(super) fn uid_sets(uids: &[u32]) -> Vec<String> {
    let mut uids = uids.to_vec();
    uids.sort_unstable();
    uids.dedup();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some((_, last)) if uid == *last + 1 => *last = uid,
            _ => ranges.push((uid, uid)),
        }
    }
    ranges
        .chunks(MAX_RANGES)
        .map(|part| part.iter().copied().map(range).collect::<Vec<_>>().join(","))
        .collect()
}

fn range((first, last): (u32, u32)) -> String {
    if first == last { first.to_string() } else { format!("{first}:{last}") }
}

/// A folder name as a quoted string in modified UTF-7 (RFC 3501 §5.1.3).
pub(super) fn folder_name(name: &str) -> String {
    format!("\"{}\"", modified_utf7(name).replace('\\', "\\\\").replace('"', "\\\""))
}

fn modified_utf7(name: &str) -> String {
    let mut out = String::new();
    let mut shifted: Vec<u8> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            flush_shifted(&mut out, &mut shifted);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shifted.extend(unit.to_be_bytes());
            }
        }
    }
    flush_shifted(&mut out, &mut shifted);
    out
}

fn flush_shifted(out: &mut String, shifted: &mut Vec<u8>) {
    if !shifted.is_empty() {
        let base64 = data_encoding::BASE64_NOPAD.encode(shifted).replace('/', ",");
        out.push('&');
        out.push_str(&base64);
        out.push('-');
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_become_ranges_and_nothing_else_is_named() {
        assert_eq!(uid_sets(&[]), Vec::<String>::new());
        assert_eq!(uid_sets(&[7]), ["7"]);
        assert_eq!(uid_sets(&[9, 1, 2, 3, 3, 5]), ["1:3,5,9"]);
        assert_eq!(uid_sets(&[4_294_967_295, 4_294_967_294]), ["4294967294:4294967295"]);
    }

    #[test]
    fn a_long_set_is_cut_so_that_every_server_takes_the_line() {
        let odd: Vec<u32> = (0..1000).map(|n| 4_000_000_000 + 2 * n).collect();
        let sets = uid_sets(&odd);
        assert!(sets.iter().all(|set| set.len() < 8_000));
        let named: usize = sets.iter().map(|set| set.split(',').count()).sum();
        assert_eq!(named, 1000);
    }

    #[test]
    fn folder_names_are_in_modified_utf7() {
        assert_eq!(folder_name("INBOX"), "\"INBOX\"");
        assert_eq!(folder_name("Traité"), "\"Trait&AOk-\"");
        assert_eq!(folder_name("R&D \"x\""), "\"R&-D \\\"x\\\"\"");
        // RFC 3501 §5.1.3, its own example
        assert_eq!(folder_name("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
        assert_eq!(folder_name("a\r\nb"), "\"a&AA0ACg-b\"", "a line break cannot end the command");
    }
}
