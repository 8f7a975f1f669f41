//! Reading settings key by key, so that every mistake is found in one pass. Each value goes through
//! serde; what serde says of a wrong type is put in plain words. A key that nobody asked for is a
//! mistake too, with the name that was probably meant.
//!
//! What the keys mean is not here but in `sections`.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use config::{Value, ValueKind};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::mistake::{Mistake, Origin, meant};
use super::{ENVIRONMENT_PREFIX, Need};

/// One reading of a settings file: what was found wrong, and which keys there are.
pub(super) struct Reading<'e> {
    /// Paths in the settings are relative to the file they stand in.
    pub base: PathBuf,
    pub environment: &'e BTreeMap<String, String>,
    pub need: Need,
    mistakes: RefCell<Vec<Mistake>>,
    asked: RefCell<BTreeSet<String>>,
}

/// A value that a key may hold; serde reads it, and `EXPECTS` says in plain words what it reads.
pub(super) trait Setting: DeserializeOwned {
    const EXPECTS: &'static str;
}

/// A table of the settings, with the keys that were asked for.
pub(super) struct Table<'r, 'e> {
    pub reading: &'r Reading<'e>,
    path: String,
    values: BTreeMap<String, Value>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'e> Reading<'e> {
    pub fn new(base: &Path, environment: &'e BTreeMap<String, String>, need: Need) -> Self {
        Self {
            base: base.to_owned(),
            environment,
            need,
            mistakes: RefCell::default(),
            asked: RefCell::default(),
        }
    }

    pub fn mistake(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().push(mistake);
    }

    pub fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort();
        mistakes.dedup();
        mistakes
    }

    /// Every key that was asked for, without the positions in lists: `mailboxes.port`.
    pub fn keys(&self) -> BTreeSet<String> {
        self.asked.borrow().clone()
    }

    pub fn table(&self, path: &str, value: Option<&Value>) -> Table<'_, 'e> {
        let values = match value.map(|v| &v.kind) {
            None | Some(ValueKind::Nil) => BTreeMap::new(),
            Some(ValueKind::Table(table)) => table.iter().map(|(k, v)| (k.clone(), v.clone())).collect(),
            Some(_) => {
                let write = format!("Write it as a section: a line [{path}], and its keys below");
                self.mistake(Mistake {
                    key: path.to_owned(),
                    value: value.map(shown),
                    why: "a section is expected here, not a single value".to_owned(),
                    write,
                    from: value.map_or(Origin::File, origin),
                });
                BTreeMap::new()
            }
        };
        Table { reading: self, path: path.to_owned(), values, asked: RefCell::default() }
    }
}

impl<'r, 'e> Table<'r, 'e> {
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The raw value of a key, for keys that are tables themselves.
    pub fn raw(&self, key: &'static str) -> Option<&Value> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
        }
        drop(asked);
        self.reading.asked.borrow_mut().insert(without_positions(&self.path_of(key)));
        self.values.get(key).filter(|value| !matches!(value.kind, ValueKind::Nil))
    }

    pub fn section(&self, key: &'static str) -> Table<'r, 'e> {
        let value = self.raw(key);
        self.reading.table(&self.path_of(key), value)
    }

    pub fn optional<T: Setting>(&self, key: &'static str) -> Option<T> {
        let value = self.raw(key)?;
        match read_value::<T>(value) {
            Ok(read) => {
                self.refuse_placeholder(key, value);
                Some(read)
            }
            Err(why) => {
                self.wrong(key, why, format!("Write {}", T::EXPECTS));
                None
            }
        }
    }

    pub fn or<T: Setting>(&self, key: &'static str, default: T) -> T {
        self.optional(key).unwrap_or(default)
    }

    /// `write` completes "Write …" where the key is missing.
    pub fn required<T: Setting>(&self, key: &'static str, write: &str) -> Option<T> {
        if self.raw(key).is_none() {
            self.wrong(key, "is missing", format!("Write {write}"));
            return None;
        }
        // A letter with an empty name or telephone is never sent: better said before the first one.
        if matches!(self.raw(key).map(|value| &value.kind), Some(ValueKind::String(text)) if text.trim().is_empty())
        {
            self.wrong(key, "is empty", format!("Write {write}"));
            return None;
        }
        self.optional(key)
    }

    /// A path, relative to the settings' folder.
    pub fn path(&self, key: &'static str) -> Option<PathBuf> {
        self.optional::<String>(key).map(|text| self.reading.base.join(text))
    }

    pub fn has(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|value| !matches!(value.kind, ValueKind::Nil))
    }

    pub fn wrong(&self, key: &str, why: impl Into<String>, write: impl Into<String>) {
        let value = self.values.get(key);
        self.reading.mistake(Mistake {
            key: self.path_of(key),
            value: value.map(shown),
            why: why.into(),
            write: write.into(),
            from: value.map_or(Origin::File, origin),
        });
    }

    /// Names the values that wait to be filled in, where the settings are to be used for real.
    fn refuse_placeholder(&self, key: &'static str, value: &Value) {
        if self.reading.need == Need::Everything && is_placeholder(value) {
            self.wrong(key, "is a placeholder that nobody has filled in", "Write the real value");
        }
    }

    /// Tells the keys that nobody asked for. Last, once all were asked.
    pub fn finish(&self) {
        let asked = self.asked.borrow();
        for (key, value) in self.values.iter().filter(|(key, _)| !asked.contains(&key.as_str())) {
            let write = match meant(key, asked.iter().copied()) {
                Some(near) => format!("Did you mean {near:?}? Else take the line out"),
                None => format!("Take the line out; the keys here are {}", asked.join(", ")),
            };
            // What stands there is not shown: it may be a secret under a mistyped name.
            self.reading.mistake(Mistake {
                key: self.path_of(key),
                value: None,
                why: "is no key of this section".to_owned(),
                write,
                from: origin(value),
            });
        }
    }
}

/// Reads one value; on failure says why, in plain words.
pub(super) fn read_value<T: Setting>(value: &Value) -> Result<T, String> {
    let readings = readings(value);
    let mut first = None;
    for json in &readings {
        match T::deserialize(json) {
            Ok(read) => return Ok(read),
            Err(error) => {
                first.get_or_insert_with(|| plain_words(&error.to_string(), json));
            }
        }
    }
    Err(first.unwrap_or_else(|| "is empty".to_owned()))
}

/// What serde says of a type is for programmers; what our own types say is for people already.
fn plain_words(serde_says: &str, json: &Json) -> String {
    let technical = ["invalid type", "invalid value", "unknown variant", "missing field", "invalid length"];
    if !technical.iter().any(|start| serde_says.starts_with(start)) {
        return serde_says.to_owned();
    }
    match json {
        Json::String(_) if serde_says.starts_with("unknown variant") => "is none of the words known here",
        Json::String(_) => "is a text",
        Json::Number(_) if serde_says.starts_with("invalid value") => "is a number out of range",
        Json::Number(_) => "is a number",
        Json::Bool(_) => "is true or false",
        Json::Array(_) => "is a list, or has a wrong value in it",
        Json::Object(_) => "is a section",
        Json::Null => "is empty",
    }
    .to_owned()
}

/// A value of the file has one reading. A variable of the environment is text and may stand for a
/// number, for true or false, or for a list with commas.
fn readings(value: &Value) -> Vec<Json> {
    let exact = json(value);
    let Json::String(text) = &exact else {
        return vec![exact];
    };
    if matches!(origin(value), Origin::File) {
        return vec![exact];
    }
    let scalar = |text: &str| match text.parse::<i64>() {
        Ok(number) => Json::from(number),
        Err(_) => text.parse::<bool>().map_or_else(|_| Json::from(text), Json::from),
    };
    let parts = || text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let texts = Json::Array(parts().map(Json::from).collect());
    let scalars = Json::Array(parts().map(scalar).collect());
    vec![exact.clone(), scalar(text), texts, scalars]
}

fn json(value: &Value) -> Json {
    match &value.kind {
        ValueKind::Nil => Json::Null,
        ValueKind::Boolean(b) => Json::from(*b),
        ValueKind::I64(n) => Json::from(*n),
        ValueKind::U64(n) => Json::from(*n),
        ValueKind::I128(n) => Json::from(n.to_string()),
        ValueKind::U128(n) => Json::from(n.to_string()),
        ValueKind::Float(x) => Json::from(*x),
        ValueKind::String(text) => Json::from(text.as_str()),
        ValueKind::Table(table) => table.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
        ValueKind::Array(values) => values.iter().map(json).collect(),
    }
}

/// The value as a mistake shows it, shortened.
pub(super) fn shown(value: &Value) -> String {
    const LONGEST: usize = 80;
    let text = json(value).to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

pub(super) fn origin(value: &Value) -> Origin {
    match value.origin() {
        Some(name) if name.starts_with(ENVIRONMENT_PREFIX) => Origin::Environment(name.to_owned()),
        _ => Origin::File,
    }
}

fn is_placeholder(value: &Value) -> bool {
    const WORDS: &[&str] = &["à compléter", "a completer", "to be filled in", "changeme", "change-me"];
    match &value.kind {
        ValueKind::String(text) => {
            let text = text.to_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        }
        ValueKind::Array(values) => values.iter().any(is_placeholder),
        _ => false,
    }
}

/// `mailboxes[0].port` is the key `mailboxes.port`.
fn without_positions(path: &str) -> String {
    path.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect::<Vec<_>>().join(".")
}

macro_rules! settings {
    ($($type:ty = $expects:literal),+ $(,)?) => {
        $(impl $crate::config::read::Setting for $type { const EXPECTS: &'static str = $expects; })+
    };
}
pub(super) use settings;

settings! {
    String = "a text in double quotes",
    bool = "true or false, without quotes",
    u16 = "a whole number from 0 to 65535, without quotes",
    u32 = "a whole number from 0 on, without quotes",
    u64 = "a whole number from 0 on, without quotes",
    Vec<String> = "a list of texts, as [\"one\", \"two\"]",
    Vec<u32> = "a list of whole numbers, as [1, 5, 15]",
    crate::core::ids::Address = "a mail address in double quotes, as \"info@example.com\"",
    Vec<crate::core::ids::Address> = "a list of mail addresses, as [\"anne@example.com\"]",
}
