//! `demo`: a whole desk on this machine, worked by the daemon's own code, on sample mails of its own.
//! It needs nothing but the binary and leaves a folder in which `run -c` can be started.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::{assemble, load_path, table};
use crate::config::Config;
use crate::core::event::Event;
use crate::core::facts::{Category, Intent};
use crate::core::ids::{Address, CaseNumber, Digest};
use crate::core::letter::LetterKind;
use crate::ports::{LetterEntry, MailEntry};
use crate::shell::Desk;
use crate::shell::run::{now, once};

const SETTINGS: &str = include_str!("demo/complaintd.toml");
const CALENDAR: &str = include_str!("../../config/calendars/saint-martin.toml");
/// By this file a folder is known to be a demo's, which may be made anew.
const MARK: &str = "complaintd-demo.txt";

/// A sample mail: its name, and what it shows.
struct Sample {
    name: &'static str,
    shows: &'static str,
    text: &'static str,
}

macro_rules! sample {
    ($name:literal, $shows:literal) => {
        Sample { name: $name, shows: $shows, text: include_str!(concat!("demo/", $name, ".eml")) }
    };
}

/// What lies in the mailbox in the morning.
const MORNING: &[Sample] = &[
    sample!("01-claire-debit-deux-fois", "complaint in French, with a document"),
    sample!("02-james-late-project", "complaint in English, with a document"),
    sample!("03-karim-code-sms", "complaint written on a telephone"),
    sample!("04-lucia-intereses", "complaint in Spanish"),
    sample!("05-paul-adresse-fermee", "complaint from an address that takes no mail"),
    sample!("06-absence-du-bureau", "out-of-office"),
    sample!("07-lettre-d-information", "newsletter"),
    sample!("08-nora-mail-casse", "broken mail"),
    sample!("09-sans-expediteur", "mail without a sender"),
];

/// What comes once the acknowledgements are there; each answers the letter to the address named.
const AFTERNOON: &[(Sample, &str)] = &[
    (sample!("10-claire-complement", "follow-up"), "claire.moreau@courriel.example"),
    (sample!("11-james-vacances", "vacation reply to our letter"), "james.whitfield@post.example"),
    (sample!("12-avis-de-non-remise", "bounce of our letter"), "paul.lambert@ferme.example"),
    (
        sample!("13-inconnu-cite-une-reference", "stranger who quotes a reference"),
        "claire.moreau@courriel.example",
    ),
];

pub async fn run(dir: Option<PathBuf>, keep: bool) -> anyhow::Result<()> {
    let dir = dir.unwrap_or_else(|| std::env::temp_dir().join("complaintd-demo"));
    let config = prepare(&dir, keep)?;
    let desk = assemble::desk(&config, now()).await?;
    say!("A complaints desk in {}\n", dir.display());

    let mut played = Vec::new();
    for sample in MORNING {
        played.push((sample, deliver(&dir, sample.name, sample.text)?));
    }
    // The second alias gets Claire's mail too: one mail, delivered twice.
    let copy = Sample {
        name: "14-claire-seconde-adresse",
        shows: "the first mail, delivered to a second address as well",
        text: MORNING[0].text,
    };
    let text = copy.text.replace("Delivered-To: info@", "Delivered-To: reclamations@");
    played.push((&copy, deliver(&dir, copy.name, &text)?));
    work(&config, &desk).await?;

    for (sample, to) in AFTERNOON {
        let text = answering(&desk, sample.text, to).await?;
        played.push((sample, deliver(&dir, sample.name, &text)?));
    }
    work(&config, &desk).await?;

    show_decisions(&desk, &played).await?;
    show_letters(&desk).await?;
    show_next(&dir);
    Ok(())
}

/// Makes the folder with its Maildirs, settings and key.
fn prepare(dir: &Path, keep: bool) -> anyhow::Result<Config> {
    let settings = dir.join("complaintd.toml");
    if keep && settings.exists() {
        return load_path(&settings);
    }
    if dir.exists() {
        if fs::read_dir(dir).with_context(|| format!("{} cannot be read", dir.display()))?.next().is_some()
            && !dir.join(MARK).exists()
        {
            bail!(
                "{} exists and is not a demo's folder: name an empty one with --dir; nothing was changed",
                dir.display()
            );
        }
        fs::remove_dir_all(dir)
            .with_context(|| format!("the earlier demo in {} cannot be removed", dir.display()))?;
    }
    fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let dir = dir.canonicalize().with_context(|| format!("{} cannot be found", dir.display()))?;
    fs::write(dir.join(MARK), "Made by `complaintd demo`; the next demo makes it anew.\n")?;
    for maildir in ["inbox", "filed", "sent"] {
        for part in ["new", "cur", "tmp"] {
            fs::create_dir_all(dir.join(maildir).join(part))?;
        }
    }
    let key: [u8; 32] = rand::random();
    fs::write(dir.join("token.key"), data_encoding::HEXLOWER.encode(&key))?;
    fs::write(dir.join("saint-martin.toml"), CALENDAR)?;
    fs::write(&settings, SETTINGS.replace("{dir}", &dir.display().to_string()))?;
    load_path(&settings)
}

/// Drops a mail into the mailbox as a delivery agent does; answers its digest, by which it is found.
fn deliver(dir: &Path, name: &str, text: &str) -> anyhow::Result<Digest> {
    let date = now().to_zoned(jiff::tz::TimeZone::UTC);
    let date = jiff::fmt::rfc2822::to_string(&date).context("the present has a date")?;
    let raw = text.replace("{date}", &date);
    let (tmp, new) = (dir.join("inbox/tmp").join(name), dir.join("inbox/new").join(name));
    fs::write(&tmp, &raw).with_context(|| format!("{} cannot be written", tmp.display()))?;
    fs::rename(&tmp, &new).with_context(|| format!("{} cannot be written", new.display()))?;
    Ok(Digest::of(raw.as_bytes()))
}

/// Fills in what an answer takes from the letter that it answers.
async fn answering(desk: &Desk, text: &str, to: &str) -> anyhow::Result<String> {
    let to = Address::parse(to).context("a sample's address")?;
    let letters = desk.store.letters(None, None).await?;
    let found = letters.iter().find(|letter| letter.recipient == to);
    let letter = found.with_context(|| format!("no acknowledgement went to {to}: the demo cannot go on"))?;
    let of = crate::core::token::LetterRef { case: letter.case, ordinal: letter.ordinal };
    let (key, mailbox) = (&desk.policy.key, &desk.policy.mailbox);
    Ok(text
        .replace("{reply_to}", key.reply_address(of, mailbox).as_str())
        .replace("{envelope_from}", key.bounce_address(of, mailbox).as_str())
        .replace("{message_id}", letter.message_id.as_str())
        .replace("{reference}", &letter.case.to_string())
        .replace("{subject}", &format!("[{}]", letter.case)))
}

async fn work(config: &Config, desk: &Desk) -> anyhow::Result<()> {
    let relay = assemble::relay(config)?;
    let mut folders = assemble::folders(config);
    match once(desk, relay.as_ref(), &mut folders, now()).await.into_iter().next() {
        Some(error) => Err(error).context("the desk could not work"),
        None => Ok(()),
    }
}

async fn show_decisions(desk: &Desk, played: &[(&Sample, Digest)]) -> anyhow::Result<()> {
    let mails = desk.store.mails(None, None).await?;
    let letters = desk.store.letters(None, None).await?;
    let mut rows = Vec::new();
    for (sample, digest) in played {
        let mail = mails.iter().find(|mail| mail.digest == *digest);
        let mail = mail.with_context(|| format!("{} was not taken in", sample.name))?;
        rows.push(vec![
            mail.sender.as_ref().map_or_else(|| "(nobody)".to_owned(), ToString::to_string),
            sample.shows.to_owned(),
            decided(mail),
            why(desk, mail, &letters).await?,
        ]);
    }
    table(&["from", "what came in", "decided", "why, and what went out"], &rows);
    Ok(())
}

fn decided(mail: &MailEntry) -> String {
    match mail.case {
        Some(case) => format!("{case}"),
        None => mail.disposition.word().replace('_', " "),
    }
}

/// The journal's own reason, and the letters of the case that this mail opened.
async fn why(desk: &Desk, mail: &MailEntry, letters: &[LetterEntry]) -> anyhow::Result<String> {
    let Some(number) = mail.case else {
        return Ok(mail.cause.clone().unwrap_or_default());
    };
    let journal = desk.store.journal(number).await?;
    let added = journal.iter().find_map(|entry| match &entry.event {
        Event::MessageAdded(added) if added.mail == mail.digest => Some((entry.seq, added)),
        _ => None,
    });
    let Some((_, added)) = added else { return Ok(String::new()) };
    if added.because != "opened the case" {
        return Ok(added.because.clone());
    }
    let own =
        letters.iter().filter(|letter| letter.case == number && letter.kind == LetterKind::Acknowledgement);
    let sent: Vec<String> = own.map(|letter| format!("acknowledgement {}", letter.state)).collect();
    let told: Vec<&str> = attention(&journal);
    Ok([
        vec![format!("opened the case{}", understood(&journal))],
        sent,
        told.into_iter().map(str::to_owned).collect(),
    ]
    .concat()
    .join("; "))
}

/// What was read in the mail that opened the case: ` (complaint, fr, financial transaction)`.
fn understood(journal: &[crate::core::case::JournalEntry]) -> String {
    let opened = journal.iter().find_map(|entry| match &entry.event {
        Event::Opened(opened) => Some(opened),
        _ => None,
    });
    let Some(opened) = opened else { return String::new() };
    let words =
        [opened.intent.map(Intent::word), Some(opened.language.word()), opened.category.map(Category::word)];
    format!(" ({})", words.into_iter().flatten().collect::<Vec<_>>().join(", ").replace('_', " "))
}

fn attention(journal: &[crate::core::case::JournalEntry]) -> Vec<&str> {
    let raised = journal.iter().filter_map(|entry| match &entry.event {
        Event::AttentionRaised { attention } => Some(attention.word()),
        _ => None,
    });
    raised
        .map(|word| match word {
            "letter_bounced" => "it came back: a human is told",
            "stranger" => "nothing of that case is told; a human is told",
            _ => "a human is told",
        })
        .collect()
}

/// One acknowledgement as its reader sees it.
async fn show_letters(desk: &Desk) -> anyhow::Result<()> {
    let letters = desk.store.letters(None, None).await?;
    let first = letters.iter().find(|letter| letter.kind == LetterKind::Acknowledgement);
    let first = first.context("no acknowledgement was written")?;
    let (_, bytes) = desk.store.letter(first.id).await?.context("the letter has just gone")?;
    say!("\nOne of the {} letters, as the customer reads it:\n", letters.len());
    for line in crate::mail::as_text(&bytes).lines() {
        say!("  | {line}");
    }
    let open = desk.store.cases().await?.iter().filter(|case| case.number != CaseNumber::DESK).count();
    say!("\n{open} cases are open; every step is in the journal (`complaintd verify` proves it).");
    Ok(())
}

fn show_next(dir: &Path) {
    let (dir, program) = (dir.display(), std::env::args().next().unwrap_or_else(|| "complaintd".to_owned()));
    say!(
        "\nGo on with it:\n  \
         {program} run -c {dir}/complaintd.toml                  the daemon; then copy a mail into {dir}/inbox/new/\n  \
         {program} case list -c {dir}/complaintd.toml\n  \
         {program} case show REFERENCE -c {dir}/complaintd.toml  with its journal\n  \
         {program} verify -c {dir}/complaintd.toml\n\
         What the customers and the staff got lies in {dir}/sent/new/."
    );
}
