//! Secrets: never in the settings themselves and never in arguments, but in a file, a systemd
//! credential or a variable of the environment that the settings name.

use std::path::PathBuf;

use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::CREDENTIALS_DIRECTORY;
use super::mistake::Mistake;
use super::read::{Reading, Table, origin};

pub(super) const REMEDY: &str = "Write { credential = \"NAME\" } for a systemd credential, { file = \"/path\" } or \
                      { env = \"NAME\" }, and put the secret there";

/// Where a secret is kept.
enum Keeping {
    File(PathBuf),
    /// Where systemd has put it, and its name in the unit.
    Credential(PathBuf, String),
    Environment(String),
}

/// A password or another text. `None` where none is named, or where it cannot be had, which is told.
/// Where secrets are not needed it is empty.
pub(super) fn text(table: &Table<'_, '_>, key: &'static str) -> Option<SecretString> {
    let bytes = bytes(table, key)?;
    if let Ok(text) = std::str::from_utf8(bytes.expose_secret()) {
        Some(SecretString::from(text))
    } else {
        wrong(table, key, "holds bytes that are no text", "Put the password there as UTF-8 text".to_owned());
        None
    }
}

/// A key, as it is kept, less one line end after it.
pub(super) fn bytes(table: &Table<'_, '_>, key: &'static str) -> Option<SecretSlice<u8>> {
    table.raw(key)?;
    let keeping = keeping(table, key);
    if !table.reading.need.wants(&table.path_of(key)) {
        return Some(Vec::new().into());
    }
    let keeping = keeping?;
    match read(&keeping, table.reading) {
        Ok(secret) if secret.expose_secret().is_empty() => {
            wrong(table, key, format!("{} is empty", keeping.name()), keeping.remedy());
            None
        }
        Ok(secret) => Some(secret),
        Err(why) => {
            wrong(table, key, why, keeping.remedy());
            None
        }
    }
}

impl Keeping {
    fn name(&self) -> String {
        match self {
            Self::File(path) => format!("the file {}", path.display()),
            Self::Credential(_, name) => format!("the credential {name:?}"),
            Self::Environment(name) => format!("the variable {name}"),
        }
    }

    fn remedy(&self) -> String {
        match self {
            Self::File(path) => {
                let path = path.display();
                format!("Put the secret there: install -m 600 /dev/stdin {path}, owned by the daemon's user")
            }
            Self::Credential(path, name) => format!(
                "Put the secret into the file that LoadCredential={name}: names in the unit \
                 (/etc/complaintd/secrets/{name}), and start again; here it is looked for in {}",
                path.display()
            ),
            Self::Environment(name) => format!("Set {name} where the daemon starts"),
        }
    }
}

fn keeping(table: &Table<'_, '_>, key: &'static str) -> Option<Keeping> {
    let is_table = matches!(table.raw(key).map(|v| &v.kind), Some(config::ValueKind::Table(_)));
    if !is_table {
        let why = "a secret never stands in the settings or in their overrides";
        wrong(table, key, why, REMEDY.to_owned());
        return None;
    }
    let section = table.section(key);
    let file = section.path("file");
    let credential = section.optional::<String>("credential");
    let variable = section.optional::<String>("env");
    section.finish();
    match (file, credential, variable) {
        (Some(path), None, None) => Some(Keeping::File(path)),
        (None, Some(name), None) => credential_file(table, key, name),
        (None, None, Some(name)) => Some(Keeping::Environment(name)),
        (None, None, None) => {
            wrong(table, key, "names no place where the secret is kept", REMEDY.to_owned());
            None
        }
        _ => {
            let why = "names more than one place where the secret is kept";
            wrong(table, key, why, "Keep one of file, credential and env".to_owned());
            None
        }
    }
}

/// systemd puts credentials into a directory of their own (systemd.exec(5), LoadCredential=).
fn credential_file(table: &Table<'_, '_>, key: &'static str, name: String) -> Option<Keeping> {
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        let write = "Write the name that LoadCredential= gives in the unit, as \"relay-password\"";
        wrong(table, key, format!("{name:?} is no name of a credential"), write.to_owned());
        return None;
    }
    if let Some(directory) = table.reading.environment.get(CREDENTIALS_DIRECTORY) {
        return Some(Keeping::Credential(PathBuf::from(directory).join(&name), name));
    }
    if table.reading.need.wants(&table.path_of(key)) {
        let why = format!("the credential {name:?} is not there, since systemd did not start this process");
        let write = format!(
            "Run it as a unit with LoadCredential={name}:/etc/complaintd/secrets/{name}, or by hand with \
             {CREDENTIALS_DIRECTORY}=/etc/complaintd/secrets"
        );
        wrong(table, key, why, write);
    }
    None
}

fn read(keeping: &Keeping, reading: &Reading<'_>) -> Result<SecretSlice<u8>, String> {
    let mut bytes = match keeping {
        Keeping::File(path) | Keeping::Credential(path, _) => {
            std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", keeping.name()))?
        }
        Keeping::Environment(name) => match reading.environment.get(name) {
            Some(value) => value.clone().into_bytes(),
            None => return Err(format!("{} is not set", keeping.name())),
        },
    };
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    Ok(bytes.into())
}

/// Like [`Table::wrong`], but never shows what stands there: it may be the secret itself.
fn wrong(table: &Table<'_, '_>, key: &'static str, why: impl Into<String>, write: String) {
    table.reading.mistake(Mistake {
        key: table.path_of(key),
        value: None,
        why: why.into(),
        write,
        from: table.raw(key).map_or(super::mistake::Origin::File, origin),
    });
}
