//! Which mails are in the folder: UIDs and sizes, never flags (TRAPS 1).

use super::view::{Entry, entry};
use super::wire::{Trouble, Wire};

/// A complete listing at least each so many; between them only what is new is asked for.
const INCREMENTAL_LISTINGS: u32 = 500;

/// All mails now in the folder, in order of arrival.
pub(super) async fn list(wire: &mut Wire) -> Result<&[Entry], Trouble> {
    refresh(wire).await?;
    wire.listings += 1;
    Ok(wire.view.mails().expect("refresh has listed the folder"))
}

async fn refresh(wire: &mut Wire) -> Result<(), Trouble> {
    if wire.view.mails().is_some() && !wire.view.has_news() {
        wire.run("NOOP").await?;
    }
    if wire.listings >= INCREMENTAL_LISTINGS || wire.view.is_out_of_step() {
        wire.view.forget_listing();
    }
    match wire.view.mails().map(|mails| mails.last().map_or(0, |mail| mail.uid)) {
        Some(_) if !wire.view.has_news() => Ok(()),
        Some(last) => append_after(wire, last).await,
        None => list_all(wire).await,
    }
}

async fn list_all(wire: &mut Wire) -> Result<(), Trouble> {
    for _ in 0..2 {
        let removals = wire.view.removals();
        let mails = ask(wire, 1).await?;
        if wire.view.removals() == removals {
            wire.view.replace(mails);
            wire.listings = 0;
            return Ok(());
        }
        // Mails were removed meanwhile, and which of ours they were is not certain.
        wire.run("NOOP").await?;
    }
    Err(Trouble::Inconsistent("mails were removed while the folder was listed, twice".to_owned()))
}

async fn append_after(wire: &mut Wire, last: u32) -> Result<(), Trouble> {
    let removals = wire.view.removals();
    let new = ask(wire, last.saturating_add(1)).await?;
    if wire.view.removals() != removals {
        return list_all(wire).await;
    }
    wire.view.append(new);
    Ok(())
}

/// The mails from this UID on. An error if the server listed fewer than it said exist.
async fn ask(wire: &mut Wire, first: u32) -> Result<Vec<Entry>, Trouble> {
    let exists = wire.view.exists();
    if exists == 0 {
        return Ok(Vec::new());
    }
    let known = if first == 1 { 0 } else { wire.view.mails().map_or(0, <[Entry]>::len) };
    let removals = wire.view.removals();
    let mut found = Vec::with_capacity(exists.saturating_sub(known));
    let command = format!("UID FETCH {first}:* (UID RFC822.SIZE)");
    let patience = wire.patience();
    wire.query(&command, patience, |response| found.extend(entry(response))).await?;
    // `n:*` names the last mail even where its UID is below n (RFC 3501 §6.4.8).
    found.retain(|mail| mail.uid >= first);
    found.sort_unstable_by_key(|mail| mail.uid);
    found.dedup_by_key(|mail| mail.uid);
    let listed = known + found.len();
    if listed < exists && wire.view.removals() == removals {
        return Err(Trouble::Inconsistent(format!(
            "the server says that {exists} mails exist but listed only {listed}"
        )));
    }
    Ok(found)
}
