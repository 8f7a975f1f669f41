//! Mails that are done with go to another folder. Nothing is deleted before the server has confirmed a
//! copy (TRAPS 3).

use super::set::{folder_name, uid_sets};
use super::wire::{Trouble, Wire};

/// Moves these mails. UIDs that are gone are no error (RFC 3501 §6.4.8).
pub(super) async fn file(wire: &mut Wire, uids: &[u32], folder: &str) -> Result<(), Trouble> {
    for set in uid_sets(uids) {
        if wire.abilities.moves {
            put(wire, "MOVE", &set, folder).await?;
        } else {
            put(wire, "COPY", &set, folder).await?;
            take_away(wire, &set).await?;
        }
    }
    Ok(())
}

/// MOVE or COPY; on a refusal the folder is made, and it is tried once more.
async fn put(wire: &mut Wire, verb: &str, set: &str, folder: &str) -> Result<(), Trouble> {
    let name = folder_name(folder);
    let command = format!("UID {verb} {set} {name}");
    let refusal = match wire.run(&command).await {
        Err(Trouble::No(refusal)) => refusal,
        done => return done,
    };
    // Not every server says TRYCREATE, and CREATE of a folder that exists does no harm.
    match wire.run(&format!("CREATE {name}")).await {
        Ok(()) => subscribe(wire, &name).await?,
        Err(Trouble::No(_)) => return Err(Trouble::No(refusal)),
        Err(other) => return Err(other),
    }
    wire.run(&command).await
}

/// So that people see the folder; a refusal does not matter.
async fn subscribe(wire: &mut Wire, name: &str) -> Result<(), Trouble> {
    match wire.run(&format!("SUBSCRIBE {name}")).await {
        Err(Trouble::No(_) | Trouble::Bad(_)) | Ok(()) => Ok(()),
        Err(other) => Err(other),
    }
}

/// Only after COPY said OK. Without UIDPLUS the mails stay marked: a plain EXPUNGE would also take what
/// people have marked.
async fn take_away(wire: &mut Wire, set: &str) -> Result<(), Trouble> {
    wire.run(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)")).await?;
    if wire.abilities.uidplus {
        wire.run(&format!("UID EXPUNGE {set}")).await?;
    }
    Ok(())
}
