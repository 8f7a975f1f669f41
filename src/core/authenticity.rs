//! Whether a mail is shown to come from the address in its From header: what was stated about it, and
//! what that comes to. It is recorded on the message and never decides whether a person is answered:
//! a complaint with no proof at all is a complaint (docs/decisions/0012).

use serde::{Deserialize, Serialize};

use super::facts::words;

words! {
    /// The strongest thing that is known about From.
    Verdict {
        /// DMARC passed for the domain of From (RFC 7489 §3).
        Dmarc = "dmarc",
        /// A DKIM signature holds, of the domain of From or of one above it.
        Dkim = "dkim",
        /// Only the sending server was one of that domain (RFC 7208): says nothing of who wrote.
        Spf = "spf",
        /// It was examined and does not hold: forged, or altered on the way (a mailing list).
        Failed = "failed",
        /// Nothing that is believed says anything about From.
        None = "none",
        /// It could not be found out, or was not looked for.
        Unknown = "unknown",
    }
}

impl Verdict {
    /// Whether From may stand for a person of ours (PRODUCT 2.5 (c)).
    pub const fn vouches(self) -> bool {
        matches!(self, Self::Dmarc | Self::Dkim)
    }

    /// Whether nothing was said about From, for or against it.
    pub const fn is_nothing(self) -> bool {
        matches!(self, Self::None | Self::Unknown)
    }
}

/// What is recorded on a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Authenticity {
    pub verdict: Verdict,
    /// On what it rests, for a human; one line.
    pub why: String,
}

impl Authenticity {
    pub fn new(verdict: Verdict, why: impl Into<String>) -> Self {
        Self { verdict, why: why.into() }
    }
}

impl Default for Authenticity {
    fn default() -> Self {
        Self::new(Verdict::Unknown, "not looked for")
    }
}

/// How something was examined (RFC 8601 §2.7); other methods say nothing about From.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    Dmarc,
    Dkim,
    Spf,
}

impl Method {
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Dmarc, Self::Dkim, Self::Spf].into_iter().find(|method| method.word() == word)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Dmarc => "dmarc",
            Self::Dkim => "dkim",
            Self::Spf => "spf",
        }
    }
}

/// One result, of a server of ours or of our own verification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    pub method: Method,
    pub result: Finding,
    /// The domain that it is about, in lower case.
    pub domain: Option<String>,
}

/// Results as RFC 8601 §2.7 names them, those alike in meaning taken together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finding {
    Pass,
    Fail,
    /// Tried, with no answer: another time it may be another result.
    NoAnswer,
    /// none, neutral, policy, permerror and what nobody has defined.
    Nothing,
}

impl Finding {
    pub fn from_word(word: &str) -> Self {
        match word {
            "pass" => Self::Pass,
            "fail" | "hardfail" => Self::Fail,
            "temperror" => Self::NoAnswer,
            _ => Self::Nothing,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NoAnswer => "temperror",
            Self::Nothing => "none",
        }
    }
}

/// What the statements come to for a From of this domain. `by` says whose they are.
pub fn judge(from: &str, by: &str, statements: &[Statement]) -> Authenticity {
    let about = |method, finding| {
        statements.iter().any(|each| each.method == method && each.result == finding && bears(each, from))
    };
    let strongest = [
        // Where one server says both, one of the two was talked into it.
        (Method::Dmarc, Finding::Fail, Verdict::Failed),
        (Method::Dmarc, Finding::Pass, Verdict::Dmarc),
        (Method::Dkim, Finding::Pass, Verdict::Dkim),
        (Method::Spf, Finding::Pass, Verdict::Spf),
        (Method::Dmarc, Finding::NoAnswer, Verdict::Unknown),
        (Method::Dkim, Finding::NoAnswer, Verdict::Unknown),
        (Method::Dkim, Finding::Fail, Verdict::Failed),
    ];
    match strongest.into_iter().find(|(method, finding, _)| about(*method, *finding)) {
        Some((method, finding, verdict)) => {
            Authenticity::new(verdict, format!("{}={} for {from}, by {by}", method.word(), finding.word()))
        }
        None => Authenticity::new(Verdict::None, format!("nothing about {from}, by {by}")),
    }
}

/// Whether a statement is about a From of this domain.
fn bears(statement: &Statement, from: &str) -> bool {
    let domain = statement.domain.as_deref();
    match (statement.method, statement.result) {
        // Must name the very From that we read: two readers may see two senders in one field.
        (Method::Dmarc, Finding::Pass) => domain == Some(from),
        (Method::Dmarc, _) => domain.is_none_or(|domain| domain == from),
        _ => domain.is_some_and(|domain| aligned(domain, from)),
    }
}

/// Whether who holds `domain` may speak for `from`: it is that domain or one above it. Who holds the DNS
/// of a domain holds the names below it, but not the other way round: to tell a company's subdomain
/// from a registry's customer would need the public suffix list (RFC 7489 §3.2).
pub fn aligned(domain: &str, from: &str) -> bool {
    let above = |rest: &str| rest.ends_with('.') && domain.contains('.');
    from.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || above(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(method: Method, result: Finding, domain: &str) -> Statement {
        Statement { method, result, domain: (!domain.is_empty()).then(|| domain.to_owned()) }
    }

    #[test]
    fn only_the_domain_itself_or_one_above_it_speaks_for_from() {
        for (domain, from, speaks) in [
            ("exemple.fr", "exemple.fr", true),
            ("exemple.fr", "mail.exemple.fr", true),
            ("mail.exemple.fr", "exemple.fr", false),
            ("a.exemple.fr", "b.exemple.fr", false),
            ("exemple.fr", "mauvais-exemple.fr", false),
            ("fr", "exemple.fr", false),
            (".fr", "exemple.fr", false),
            ("", "exemple.fr", false),
        ] {
            assert_eq!(aligned(domain, from), speaks, "{domain} for {from}");
        }
    }

    #[test]
    fn the_strongest_statement_about_from_counts_and_a_failed_dmarc_before_all() {
        use Finding::{Fail, NoAnswer, Nothing, Pass};
        use Method::{Dkim, Dmarc, Spf};
        let (own, other) = ("exemple.fr", "autre.example");
        for (statements, verdict) in [
            (vec![], Verdict::None),
            (vec![said(Dmarc, Pass, own)], Verdict::Dmarc),
            (vec![said(Dmarc, Pass, other)], Verdict::None),
            (vec![said(Dmarc, Pass, "")], Verdict::None),
            (vec![said(Dmarc, Fail, "")], Verdict::Failed),
            (vec![said(Dmarc, Pass, own), said(Dmarc, Fail, own)], Verdict::Failed),
            (vec![said(Dmarc, Fail, own), said(Dkim, Pass, own)], Verdict::Failed),
            (vec![said(Dmarc, Nothing, own), said(Dkim, Pass, own)], Verdict::Dkim),
            (vec![said(Dkim, Pass, other), said(Spf, Pass, own)], Verdict::Spf),
            (vec![said(Dkim, Fail, other), said(Spf, Fail, own)], Verdict::None),
            (vec![said(Dkim, Fail, own), said(Dkim, Pass, own)], Verdict::Dkim),
            (vec![said(Dkim, Fail, own)], Verdict::Failed),
            (vec![said(Dkim, Fail, own), said(Dkim, NoAnswer, own)], Verdict::Unknown),
        ] {
            assert_eq!(judge(own, "mx.example", &statements).verdict, verdict, "{statements:?}");
        }
    }
}
