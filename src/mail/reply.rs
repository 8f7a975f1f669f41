//! What the person newly wrote, what they quote, how they sign. (A stub: all is reply.)

/// The three texts of a mail.
#[derive(Debug)]
pub struct Split {
    pub reply: String,
    pub quoted: String,
    pub signature: String,
}

pub fn split(plain: Option<&str>, html: Option<&str>) -> Split {
    let reply = plain.map(str::to_owned).or_else(|| html.map(super::html::to_text)).unwrap_or_default();
    Split { reply: reply.trim().to_owned(), quoted: String::new(), signature: String::new() }
}
