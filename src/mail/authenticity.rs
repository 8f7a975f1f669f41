//! What a mail's own header block says about its sender's authenticity: the results that a server of ours
//! wrote (RFC 8601), and whether there is a DKIM signature to be verified (RFC 6376).
//!
//! A sender writes any header he likes. Of all fields named Authentication-Results, at most one is
//! believed: the topmost that bears the name of our own server, and only above the line that this
//! server wrote when it took the mail, where no sender writes (TRAPS 22, GHSA-6r38-6mcf-2ww3). What is odd
//! in it makes it worthless, never a proof. Nothing here asks the network.

use super::headers::{Field, Headers};
use super::{is_ours, lookalike, received_by};
use crate::core::authenticity::{Authenticity, Finding, Method, Statement, Verdict, aligned, judge};
use crate::core::ids::Address;

/// Longest field of results that is read, in bytes; those of large providers have some 1,500.
const MAX_RESULTS_BYTES: usize = 16 * 1024;
/// Results in one field.
const MAX_RESULTS: usize = 100;
/// Longest DKIM-Signature, in bytes; a key of 8,192 bits makes some 2,500.
const MAX_SIGNATURE_BYTES: usize = 16 * 1024;
/// In the place of an id: the server writes none, as Microsoft 365 does.
pub const NO_ID: &str = "-";

/// Whose results are believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trusted {
    /// The name under which our server writes its results.
    pub authserv_id: String,
    /// Names of our own mail exchangers; where there is none, the topmost Received field is ours.
    pub mx_hosts: Vec<String>,
}

/// What the results that our own server wrote say about From.
pub fn stated(raw: &[u8], trusted: &Trusted) -> Authenticity {
    let headers = Headers::scan(raw);
    let nothing = |why: String| Authenticity::new(Verdict::None, why);
    let id = &trusted.authserv_id;
    let from = match only_from(&headers) {
        Ok(from) => from,
        Err(why) => return nothing(why.to_owned()),
    };
    let mut theirs = headers.all("Authentication-Results").filter(|field| has_id(field, id));
    let Some(field) = theirs.next() else { return nothing(format!("no results of {id}")) };
    let Some(border) = border(&headers, &trusted.mx_hosts) else {
        return nothing(format!("results of {id}, but no Received line of ours: not believed"));
    };
    if field.position() > border {
        return nothing(format!("results of {id} below our own Received line: not believed"));
    }
    match statements(field, id) {
        Some(statements) => judge(&domain_of(&from), id, &statements),
        None => nothing(format!("results of {id} that cannot be read: not believed")),
    }
}

/// From, if there is a DKIM signature that could speak for it: what is worth asking DNS about.
pub fn to_verify(raw: &[u8]) -> Result<Address, Authenticity> {
    let headers = Headers::scan(raw);
    let nothing = |why: &str| Authenticity::new(Verdict::None, why);
    if !headers.has("DKIM-Signature") {
        return Err(nothing("no DKIM signature"));
    }
    let from = only_from(&headers).map_err(nothing)?;
    let domain = domain_of(&from);
    let speaks = |field: &Field<'_>| signer(field).is_some_and(|signer| aligned(&signer, &domain));
    if headers.all("DKIM-Signature").any(speaks) {
        Ok(from)
    } else {
        Err(nothing(&format!("no DKIM signature of {domain}")))
    }
}

/// The domain of an address as it is compared: `xn--` labels decoded.
pub fn domain_of(address: &Address) -> String {
    lookalike::decoded(address.domain())
}

/// A domain or an address as a result or a signature names it, as it is compared.
pub fn domain_in(value: &str) -> Option<String> {
    let domain = value.rsplit('@').next().unwrap_or_default();
    let domain = domain.trim_matches(|c: char| "<>.".contains(c) || c.is_whitespace()).to_lowercase();
    (!domain.is_empty() && domain.len() <= 253).then(|| lookalike::decoded(&domain))
}

/// The one address in the one From field. With more, one reader sees this sender and another that one.
fn only_from(headers: &Headers<'_>) -> Result<Address, &'static str> {
    let mut fields = headers.all("From");
    let field = fields.next().ok_or("no From field")?;
    if fields.next().is_some() {
        return Err("more than one From field");
    }
    let people = field.people();
    match people.as_slice() {
        [one] => Ok(one.address.clone()),
        [] => Err("no address in From"),
        _ => Err("more than one address in From"),
    }
}

/// Where the Received field stands that our server wrote when it took the mail from outside: all above it
/// was written by servers of ours.
fn border(headers: &Headers<'_>, mx_hosts: &[String]) -> Option<usize> {
    let mut hops = headers.all("Received").map(|field| (field, field.unfolded()));
    let border = if mx_hosts.is_empty() {
        // Over LMTP only a server of ours hands on to the mailbox (RFC 2033 §5).
        hops.find(|(_, hop)| !is_local_delivery(hop))
    } else {
        // One that cannot be read may be ours, garbled by what the client called itself.
        hops.find(|(_, hop)| received_by(hop).is_none_or(|by| is_ours(&by, mx_hosts)))
    };
    border.map(|(field, _)| field.position())
}

fn is_local_delivery(hop: &str) -> bool {
    let hop = super::headers::without_comments(hop);
    let Some(by) = received_by(&hop) else { return false };
    let mut words = hop.split_ascii_whitespace().skip_while(|word| word.trim_end_matches([';', '.']) != by);
    words.next();
    words.next().is_some_and(|word| word.eq_ignore_ascii_case("with"))
        && words.next().is_some_and(|word| word.to_ascii_uppercase().starts_with("LMTP"))
}

fn has_id(field: &Field<'_>, id: &str) -> bool {
    let value = field.unfolded();
    let beginning = &value[..value.floor_char_boundary(MAX_RESULTS_BYTES)];
    let first = Segments::of(beginning).next().unwrap_or_default();
    match first.as_slice() {
        [_, Token::Equals, ..] => id == NO_ID,
        [Token::Word(word), ..] => word.eq_ignore_ascii_case(id),
        _ => false,
    }
}

/// All statements of a field; `None` where it is not as RFC 8601 §2.2 has it.
fn statements(field: &Field<'_>, id: &str) -> Option<Vec<Statement>> {
    let value = field.unfolded();
    if value.len() > MAX_RESULTS_BYTES {
        return None;
    }
    let mut segments = Segments::of(&value);
    if id != NO_ID {
        match segments.next()?.as_slice() {
            [Token::Word(_)] => {}
            [Token::Word(_), Token::Word(version)] if version == "1" => {}
            _ => return None,
        }
    }
    let mut found = Vec::new();
    for (count, segment) in segments.by_ref().enumerate() {
        if count >= MAX_RESULTS {
            return None;
        }
        found.extend(statement(&segment));
    }
    segments.is_whole().then_some(found)
}

/// `dkim=pass header.d=exemple.fr`; methods that say nothing about From are left out.
fn statement(segment: &[Token]) -> Option<Statement> {
    let [Token::Word(method), Token::Equals, Token::Word(result), properties @ ..] = segment else {
        return None;
    };
    let method = method.to_ascii_lowercase();
    // RFC 8601 §2.2: methods have versions, of which there is one so far.
    let method = Method::from_word(method.strip_suffix("/1").unwrap_or(&method))?;
    let names: &[&str] = match method {
        Method::Dmarc => &["header.from"],
        Method::Dkim => &["header.d", "header.i"],
        Method::Spf => &["smtp.mailfrom"],
    };
    let domain = names.iter().find_map(|name| property(properties, name)).and_then(domain_in);
    Some(Statement { method, result: Finding::from_word(&result.to_ascii_lowercase()), domain })
}

fn property<'t>(tokens: &'t [Token], name: &str) -> Option<&'t str> {
    tokens.windows(3).find_map(|three| match three {
        [Token::Word(key), Token::Equals, Token::Word(value)] if key.eq_ignore_ascii_case(name) => {
            Some(value.as_str())
        }
        _ => None,
    })
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Token {
    /// An atom, a quoted text, or both joined (`"a b"@exemple.fr`).
    Word(String),
    Equals,
}

/// The parts of a structured field between semicolons: comments left out, quoted texts whole.
struct Segments<'v> {
    chars: std::iter::Peekable<std::str::Chars<'v>>,
    /// Whether a quoted text or a comment never ended.
    cut: bool,
    ended: bool,
}

impl<'v> Segments<'v> {
    fn of(value: &'v str) -> Self {
        Self { chars: value.chars().peekable(), cut: false, ended: false }
    }

    /// Whether all was read and nothing stayed open.
    fn is_whole(&self) -> bool {
        self.ended && !self.cut
    }

    /// RFC 5322 §3.2.2: comments nest, and a backslash takes the next character as it is.
    fn skip_comment(&mut self) {
        let mut depth = 1_usize;
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => drop(self.chars.next()),
                '(' => depth += 1,
                ')' if depth == 1 => return,
                ')' => depth -= 1,
                _ => {}
            }
        }
        self.cut = true;
    }

    fn quoted(&mut self, word: &mut String) {
        while let Some(c) = self.chars.next() {
            match c {
                '\\' => word.extend(self.chars.next()),
                '"' => return,
                _ => word.push(c),
            }
        }
        self.cut = true;
    }
}

impl Iterator for Segments<'_> {
    type Item = Vec<Token>;

    fn next(&mut self) -> Option<Vec<Token>> {
        if self.ended {
            return None;
        }
        let mut words = Words::default();
        loop {
            match self.chars.next() {
                None => self.ended = true,
                Some(';') => {}
                Some('(') => {
                    self.skip_comment();
                    words.end();
                    continue;
                }
                Some('"') => {
                    self.quoted(words.open());
                    continue;
                }
                Some('=') => {
                    words.end();
                    words.tokens.push(Token::Equals);
                    continue;
                }
                Some(c) if c.is_whitespace() => {
                    words.end();
                    continue;
                }
                Some(c) => {
                    words.open().push(c);
                    continue;
                }
            }
            words.end();
            return Some(words.tokens);
        }
    }
}

#[derive(Default)]
struct Words {
    tokens: Vec<Token>,
    open: Option<String>,
}

impl Words {
    fn open(&mut self) -> &mut String {
        self.open.get_or_insert_default()
    }

    /// White space may stand around the dot of `header.from` (RFC 8601 §2.2).
    fn end(&mut self) {
        let Some(word) = self.open.take() else { return };
        match self.tokens.last_mut() {
            Some(Token::Word(last)) if word.starts_with(['.', '/']) || last.ends_with(['.', '/']) => {
                last.push_str(&word);
            }
            _ => self.tokens.push(Token::Word(word)),
        }
    }
}

/// The domain that signed: the tag `d` (RFC 6376 §3.5).
fn signer(field: &Field<'_>) -> Option<String> {
    let value = field.unfolded();
    if value.len() > MAX_SIGNATURE_BYTES {
        return None;
    }
    let mut tags = value.split(';').filter_map(|tag| tag.split_once('='));
    tags.find(|(name, _)| name.trim() == "d").and_then(|(_, domain)| domain_in(domain))
}
