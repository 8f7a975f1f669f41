//! Character references of HTML (HTML §13.5): numbers, and the names that mail programs write.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Name and character, alternating.
const NAMES: &str = "nbsp \u{a0} amp & lt < gt > quot \" apos ' eacute é egrave è ecirc ê euml ë agrave à acirc â \
    aacute á auml ä aring å aelig æ ccedil ç icirc î iuml ï iacute í igrave ì ocirc ô ouml ö oacute ó \
    ograve ò oelig œ ugrave ù ucirc û uuml ü uacute ú ntilde ñ atilde ã otilde õ szlig ß yuml ÿ \
    yacute ý Eacute É Egrave È Ecirc Ê Agrave À Acirc Â Aacute Á Ccedil Ç Icirc Î Iuml Ï Ocirc Ô \
    Ouml Ö OElig Œ Ugrave Ù Ucirc Û Uuml Ü Ntilde Ñ AElig Æ Auml Ä euro € pound £ yen ¥ cent ¢ copy © \
    reg ® trade ™ laquo « raquo » lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” bdquo „ ndash – mdash — \
    hellip … bull • middot · deg ° ordm º ordf ª sup2 ² sup3 ³ frac12 ½ times × divide ÷ plusmn ± \
    para ¶ sect § iexcl ¡ iquest ¿ shy \u{ad} zwnj \u{200c} zwj \u{200d} ensp \u{2002} emsp \u{2003} \
    thinsp \u{2009} rarr → larr ← check ✓";

static BY_NAME: LazyLock<HashMap<&str, char>> = LazyLock::new(|| {
    let words: Vec<&str> = NAMES.split(' ').collect();
    words.chunks_exact(2).filter_map(|pair| Some((pair[0], pair[1].chars().next()?))).collect()
});

/// Text with its character references decoded; what is none stays as it is.
pub fn decode_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let is_end = |byte: u8| !byte.is_ascii_alphanumeric() && byte != b'#';
        let end = rest.bytes().take(32).position(is_end);
        let name = end.or((rest.len() < 32).then_some(rest.len())).map_or("", |end| &rest[..end]);
        if let Some(c) = entity(name) {
            out.push(c);
            rest = &rest[name.len()..];
            rest = rest.strip_prefix(';').unwrap_or(rest);
        } else {
            out.push('&');
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else { return BY_NAME.get(name).copied() };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_and_the_rest_stays() {
        for (html, text) in [
            ("50&nbsp;&euro; &amp; &lt;b&gt;", "50\u{a0}€ & <b>"),
            ("l&#8217;&#xE9;t&eacute", "l’été"),
            ("a & b &unknown; &#0; &#xffffffff; &", "a & b &unknown; &#0; &#xffffffff; &"),
            ("&quot;&shy;&OElig;", "\"\u{ad}Œ"),
        ] {
            assert_eq!(decode_entities(html), text);
        }
    }
}
