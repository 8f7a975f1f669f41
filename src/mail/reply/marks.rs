//! What elements of the known clients say: here is a quote, here a signature, this colour was chosen.

use super::tag::Tag;
use crate::core::fold::fold;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    None,
    Quote,
    QuoteToEnd,
    Signature,
}

const QUOTE_CLASSES: [&str; 8] = [
    "gmail_attr",
    "moz-cite-prefix",
    "yahoo_quoted",
    "protonmail_quote",
    "moz-forward-container",
    "outlookmessageheader",
    "zmail_extra",
    "tutanota_quote",
];
const QUOTE_IDS: [&str; 5] = ["yahoo_quoted", "reply-intro", "replybody", "isforwardcontent", "forwardbody"];
const QUOTE_TO_END_IDS: [&str; 5] = [
    "divrplyfwdmsg",
    "appendonsend",
    "mail-editor-reference-message-container",
    "olk_src_body_section",
    "ymail_android_reply",
];
const SIGNATURE_CLASSES: [&str; 6] = [
    "gmail_signature",
    "moz-signature",
    "protonmail_signature",
    "yahoo-signature",
    "apple-signature",
    "zimbra-signature",
];
const SIGNATURE_IDS: [&str; 8] = [
    "ms-outlook-mobile-signature",
    "composer_signature",
    "signature",
    "_rc_sig",
    "applemailsignature",
    "ymail_android_signature",
    "protonmail_mobile_signature",
    "x_signature",
];

/// What the class, id or style of the known clients says.
pub fn mark_of(tag: &Tag<'_>, block_follows: bool) -> Mark {
    if tag.attributes.is_empty() && tag.name != "blockquote" {
        return Mark::None;
    }
    let class = tag.attribute("class").unwrap_or_default();
    let id = tag.attribute("id").unwrap_or_default();
    let id = id.trim_start_matches("x_");
    if SIGNATURE_CLASSES.iter().any(|each| class.contains(each))
        || SIGNATURE_IDS.iter().any(|each| id.starts_with(each))
        || tag.attribute("data-marker").is_some_and(|marker| marker.starts_with("__sig"))
    {
        return Mark::Signature;
    }
    if QUOTE_TO_END_IDS.contains(&id) {
        return Mark::QuoteToEnd;
    }
    if tag.name == "blockquote" {
        return if is_indentation(tag, &class) { Mark::None } else { Mark::Quote };
    }
    if QUOTE_CLASSES.iter().any(|each| class.contains(each))
        || QUOTE_IDS.iter().any(|each| id.starts_with(each))
    {
        return Mark::Quote;
    }
    // Gmail's container holds answers between blocks as well; without a block it is a forward.
    if class.contains("gmail_quote") && !block_follows {
        return Mark::Quote;
    }
    Mark::None
}

/// A block that the author indented, which says nothing of a quote.
fn is_indentation(tag: &Tag<'_>, class: &str) -> bool {
    let style = tag.attribute("style").unwrap_or_default().replace(' ', "");
    let cited = tag.attribute("type").is_some() || tag.attribute("cite").is_some() || class.contains("quote");
    !cited && (style.contains("border:none") || style.contains("border:0"))
}

/// A colour set on purpose: neither black nor a grey, which quotes and footers have.
pub fn colour_of(tag: &Tag<'_>, style: &str) -> Option<String> {
    let value = if tag.name == "font" {
        tag.attribute("color")?
    } else {
        let at = style.match_indices("color:").map(|(at, _)| at).find(|at| !style[..*at].ends_with('-'))?;
        style[at + 6..].split(';').next().unwrap_or("").to_owned()
    };
    Some(fold(value.trim()))
}

/// Whether a colour is one that a person chooses for answers.
pub fn is_marking(colour: &str) -> bool {
    let channels: Vec<u32> = if let Some(hex) = colour.strip_prefix('#') {
        let wide = hex.len() >= 6 && hex.is_ascii();
        (0..3)
            .filter_map(|i| {
                let digits = if wide { hex.get(i * 2..i * 2 + 2)? } else { hex.get(i..=i)? };
                u32::from_str_radix(digits, 16).ok().map(|v| if wide { v } else { v * 17 })
            })
            .collect()
    } else if let Some(list) = colour.strip_prefix("rgb(") {
        list.trim_end_matches(')').split(',').filter_map(|v| v.trim().parse().ok()).collect()
    } else {
        return ["red", "blue", "green", "purple", "orange", "magenta", "teal", "navy"].contains(&colour);
    };
    let (Some(most), Some(least)) = (channels.iter().max(), channels.iter().min()) else { return false };
    most - least > 60
}
