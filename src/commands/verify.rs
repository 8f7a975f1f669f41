//! `verify` proves what is stored; `migrate` brings the store to this version.

use std::process::ExitCode;

use serde_json::json;

use super::{Format, assemble, print_json};
use crate::adapters::store;
use crate::config::Config;

/// Exit code 0 when everything holds, 1 when something does not.
pub async fn run(config: &Config, format: Format) -> anyhow::Result<ExitCode> {
    let sql = assemble::existing(config).await?;
    let verified = store::verify(&sql).await?;
    let holds = verified.findings.is_empty();
    if format == Format::Json {
        print_json(&json!({
            "holds": holds,
            "cases": verified.cases,
            "entries": verified.entries,
            "mails": verified.mails,
            "head": verified.head.to_string(),
            "findings": verified.findings.iter().map(|f| json!({"case": f.case, "where": f.place, "what": f.what})).collect::<Vec<_>>(),
        }))?;
    } else {
        let (journals, entries, mails) = (verified.cases, verified.entries, verified.mails);
        say!("{journals} journals (one of each case, one of the desk), {entries} entries, {mails} mails");
        say!(
            "head {}  (the same as long as nothing is written: note it, with a copy of the store, where nobody here \
             can write)",
            verified.head
        );
        for finding in &verified.findings {
            say!("  {finding}");
        }
        say!(
            "{}",
            if holds {
                "everything holds"
            } else {
                "the evidence does not hold: keep the store as it is and tell the auditor"
            }
        );
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub async fn migrate(config: &Config) -> anyhow::Result<()> {
    let sql = assemble::sql(config).await?;
    say!("the store {} is at this version", sql.place());
    Ok(())
}
