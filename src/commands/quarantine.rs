//! `quarantine list|show|retry`: mails kept whole for a human, with the clocks that run all the same.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::case::{instant, message_view};
use super::{Format, print_json, table};
use crate::core::calendar::Calendar;
use crate::core::scan::Scan;
use crate::ports::{Disposition, MailEntry, Store};

pub async fn list(store: &dyn Store, calendar: &Calendar, format: Format) -> anyhow::Result<()> {
    let mails = store.mails(Some(Disposition::SetAside), None).await?;
    if format == Format::Json {
        return mails.iter().try_for_each(|mail| print_json(&view(mail, calendar)));
    }
    let rows: Vec<Vec<String>> = mails
        .iter()
        .map(|mail| {
            let due = calendar.deadlines(mail.received_at, mail.received_at);
            vec![
                mail.id.to_string(),
                instant(calendar, mail.received_at),
                instant(calendar, due.ack_due),
                mail.sender.as_ref().map(ToString::to_string).unwrap_or_default(),
                mail.bytes.to_string(),
                mail.cause.clone().unwrap_or_default(),
            ]
        })
        .collect();
    table(&["id", "received", "acknowledgement due", "from", "bytes", "why"], &rows);
    if !rows.is_empty() {
        say!("\n`complaintd quarantine show ID` prints a mail whole; `retry ID` reads it once more.");
    }
    Ok(())
}

/// The clocks of a mail that is set aside run from its reception as for any other (TRAPS 2).
fn view(mail: &MailEntry, calendar: &Calendar) -> serde_json::Value {
    let due = calendar.deadlines(mail.received_at, mail.received_at);
    let mut view = message_view(mail, calendar);
    view["due"] = json!({
        "ack": instant(calendar, due.ack_due),
        "resolution": due.resolution_due.to_string(),
        "calendar_version": calendar.version(),
    });
    view
}

/// Prints the raw bytes, unchanged.
pub async fn show(store: &dyn Store, calendar: &Calendar, id: i64, format: Format) -> anyhow::Result<()> {
    let mail = store.mail(id).await?.with_context(|| {
        format!("there is no mail {id}: `complaintd quarantine list` shows those set aside")
    })?;
    if format == Format::Json {
        let entries = store.mails(None, None).await?;
        let entry = entries.iter().find(|entry| entry.id == id).context("the mail has just gone")?;
        return print_json(&view(entry, calendar));
    }
    let aside = store.mails(Some(Disposition::SetAside), None).await?;
    let scan = aside.into_iter().find(|entry| entry.id == id).map(|entry| entry.scan);
    // What is dangerous is handed on to nobody unawares (PROCEDURE 7.5).
    if let Some(Scan::Infected { signature }) = scan {
        let _ = writeln!(std::io::stderr(), "complaintd: the virus {signature} was found in this mail");
    }
    std::io::stdout().write_all(&mail.raw).context("standard output is closed")
}

pub async fn retry(store: &dyn Store, id: i64) -> anyhow::Result<()> {
    if !store.retry_mail(id).await? {
        bail!(
            "mail {id} is not set aside: nothing was changed; `complaintd quarantine list` shows those that are"
        );
    }
    say!("mail {id} will be read again at the daemon's next round (or `complaintd run --once`)");
    Ok(())
}
