//! Domains that only look like ours: letters of other alphabets in an internationalised name
//! (RFC 5891; Unicode Technical Standard 39 §4).

use super::Own;

/// How the domain reads to a human, if that is the name of one of our domains and it is another one.
pub fn of_ours(domain: &str, own: &Own<'_>) -> Option<String> {
    let shown = decoded(domain);
    (!own.has_domain(domain) && own.has_domain(&skeleton(&shown))).then_some(shown)
}

/// The domain with its `xn--` labels decoded.
pub(super) fn decoded(domain: &str) -> String {
    let label = |label: &str| {
        let lower = label.to_ascii_lowercase();
        lower.strip_prefix("xn--").and_then(punycode).unwrap_or(lower)
    };
    domain.split('.').map(label).collect::<Vec<_>>().join(".")
}

/// The Latin letters that those of a text look like.
fn skeleton(text: &str) -> String {
    let latin = |c| match c {
        'а' | 'α' => 'a',
        'е' | 'ε' => 'e',
        'і' | 'ı' | 'ι' | 'í' | 'ì' => 'i',
        'о' | 'ο' | '0' => 'o',
        'р' | 'ρ' => 'p',
        'с' | 'ϲ' => 'c',
        'у' | 'γ' => 'y',
        'х' | 'χ' => 'x',
        'ѕ' => 's',
        'ԁ' => 'd',
        'к' | 'κ' | 'ķ' => 'k',
        'ѵ' | 'ν' => 'v',
        'ӏ' | '1' => 'l',
        other => other,
    };
    text.chars().map(latin).collect()
}

/// RFC 3492 §6.2.
fn punycode(text: &str) -> Option<String> {
    let (basic, extended) = text.rsplit_once('-').unwrap_or(("", text));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = extended.chars().take(63).peekable();
    while digits.peek().is_some() {
        let (start, mut weight, mut k) = (i, 1_u32, 36_u32);
        loop {
            let digit = match digits.next()? {
                c @ 'a'..='z' => u32::from(c) - u32::from('a'),
                c @ '0'..='9' => u32::from(c) - u32::from('0') + 26,
                _ => return None,
            };
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(1, 26);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(36 - threshold)?;
            k += 36;
        }
        let length = u32::try_from(out.len()).ok()? + 1;
        bias = adapted(i - start, length, start == 0);
        n = n.checked_add(i / length)?;
        i %= length;
        out.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}

/// RFC 3492 §6.1.
fn adapted(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > 455 {
        delta /= 35;
        k += 36;
    }
    k + 36 * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::core::ids::Address;

    #[test]
    fn a_cyrillic_letter_in_our_name_is_seen() {
        let addresses: BTreeSet<Address> = Address::parse("info@divikeys.com").into_iter().collect();
        let own = Own { addresses: &addresses };
        assert_eq!(of_ours("xn--dvikeys-rog.com", &own).as_deref(), Some("dіvikeys.com"));
        for fine in ["divikeys.com", "example.com", "xn--mnchen-3ya.de", "xn--.com", "xn--99999999999.com"] {
            assert_eq!(of_ours(fine, &own), None, "{fine}");
        }
    }
}
