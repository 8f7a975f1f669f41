//! A Maildir as the [`Mailbox`] port, and as a relay ([`MaildirRelay`]).
//!
//! What must be true: `tmp` is never read, so no half-written mail is taken; a mail is known by the part
//! of its file name before the `:`, which stays when people read or flag it (TRAPS 1); a mail that is
//! done with is renamed into another Maildir, never deleted (TRAPS 3), never over another file.

mod arrivals;
mod relay;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::task::spawn_blocking;

use self::arrivals::Arrivals;
pub use self::relay::MaildirRelay;
use crate::ports::{Fetched, Listed, Mailbox, Place, PortError, PortResult, Wake};

/// Between the `:` and the flags of a file name.
const FLAGS_OPEN: &str = ":2,";

/// The unit lets the daemon write to its own folder only.
const READ_ONLY: &str = "Under systemd, name the folder in ReadWritePaths= (systemctl edit complaintd)";

#[derive(Clone, Debug)]
pub struct MaildirSettings {
    /// The mailbox's name in the configuration.
    pub name: String,
    /// The directory that holds `new`, `cur` and `tmp`.
    pub path: PathBuf,
    /// How the folder is called in listings.
    pub folder: String,
    /// The Maildir for mails that are done with, on the same file system; `None` leaves them in place.
    pub filed: Option<PathBuf>,
    /// How often to look by itself: not every file system tells of changes.
    pub poll: Duration,
}

#[derive(Debug)]
pub struct MaildirFolder {
    settings: MaildirSettings,
    arrivals: Option<Arrivals>,
    /// When `new` had last changed before the last listing.
    listed_at: Option<SystemTime>,
}

impl MaildirFolder {
    pub fn new(settings: MaildirSettings) -> Self {
        Self { settings, arrivals: None, listed_at: None }
    }

    fn place(&self, uid: &str) -> Place {
        Place {
            mailbox: self.settings.name.clone(),
            folder: self.settings.folder.clone(),
            validity: 0,
            uid: uid.to_owned(),
        }
    }

    fn failed(&self, step: &str, error: &io::Error) -> PortError {
        let path = self.settings.path.display();
        let text = format!("{} ({path}): {step}: {error}", self.label());
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => PortError::Permanent(format!(
                "{text}. A Maildir is a directory with `new`, `cur` and `tmp`: correct the path or make it"
            )),
            io::ErrorKind::PermissionDenied => PortError::Permanent(format!(
                "{text}. Give the user that complaintd runs as the right to read and write there"
            )),
            io::ErrorKind::ReadOnlyFilesystem => PortError::Permanent(format!("{text}. {READ_ONLY}")),
            io::ErrorKind::CrossesDevices => PortError::Permanent(format!(
                "{text}. `filed` must be on the same file system as the mailbox, so that a mail moves in one step"
            )),
            _ => PortError::Temporary(text),
        }
    }

    /// Runs file work beside the async threads.
    async fn work<T: Send + 'static>(
        &self,
        step: &str,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> PortResult<T> {
        let done = spawn_blocking(work).await.map_err(io::Error::other);
        done.and_then(|result| result).map_err(|error| self.failed(step, &error))
    }
}

#[async_trait]
impl Mailbox for MaildirFolder {
    fn label(&self) -> String {
        format!("{}/{}", self.settings.name, self.settings.folder)
    }

    async fn list(&mut self) -> PortResult<Vec<Listed>> {
        let path = self.settings.path.clone();
        let (changed, mut files) = self
            .work("listing", move || Ok((fs::metadata(path.join("new"))?.modified().ok(), files(&path)?)))
            .await?;
        self.listed_at = changed;
        files.retain(|file| !is_being_written(file));
        files.sort_by(|a, b| (a.modified, &a.unique).cmp(&(b.modified, &b.unique)));
        Ok(files.iter().map(|file| Listed { place: self.place(&file.unique), bytes: file.bytes }).collect())
    }

    async fn fetch(&mut self, mails: &[Listed], limit: u64) -> PortResult<Vec<Fetched>> {
        let path = self.settings.path.clone();
        let wanted: Vec<String> = mails.iter().map(|mail| mail.place.uid.clone()).collect();
        let read = self.work("fetching", move || read_all(&path, &wanted, limit)).await?;
        Ok(read
            .into_iter()
            .map(|mail| Fetched {
                place: self.place(&mail.unique),
                internal_date: Timestamp::try_from(mail.modified).ok(),
                bytes: mail.bytes,
                raw: mail.raw,
                whole: mail.whole,
            })
            .collect())
    }

    async fn fetch_more(&mut self, mail: &Place, start: u64, bytes: u64) -> PortResult<Option<Vec<u8>>> {
        let (path, unique) = (self.settings.path.clone(), mail.uid.clone());
        self.work("fetching", move || read_more(&path, &unique, start, bytes)).await
    }

    async fn file(&mut self, places: &[Place]) -> PortResult<()> {
        let Some(filed) = self.settings.filed.clone() else { return Ok(()) };
        let path = self.settings.path.clone();
        let wanted: Vec<String> = places.iter().map(|place| place.uid.clone()).collect();
        self.work("moving to the filed mail, none deleted", move || move_all(&path, &filed, &wanted)).await
    }

    fn files_away(&self) -> bool {
        self.settings.filed.is_some()
    }

    async fn wait(&mut self, longest: Duration) -> PortResult<Wake> {
        let new = self.settings.path.join("new");
        if self.arrivals.is_none() {
            // What came before the watch began is found by looking.
            self.arrivals = Some(Arrivals::watch(&new));
            return Ok(Wake::Look);
        }
        let mut left = longest;
        loop {
            let new = new.clone();
            let changed = self.work("looking", move || Ok(fs::metadata(new)?.modified().ok())).await?;
            if changed != self.listed_at {
                return Ok(Wake::Look);
            }
            if left.is_zero() {
                return Ok(Wake::Quiet);
            }
            let pause = self.settings.poll.max(Duration::from_millis(10)).min(left);
            if self.arrivals.as_ref().expect("made above").within(pause).await {
                return Ok(Wake::Look);
            }
            left = left.saturating_sub(pause);
        }
    }
}

// ---------------------------------------------------------------- files

/// A mail's file in `new` or `cur`.
struct MailFile {
    unique: String,
    path: PathBuf,
    modified: SystemTime,
    bytes: u64,
}

/// All mails. `new` is read before `cur`, since mails only ever move from the one to the other.
fn files(maildir: &Path) -> io::Result<Vec<MailFile>> {
    let mut moved = true;
    let mut found = BTreeMap::new();
    // A file that someone renames between being listed and being looked at is found in the next pass.
    for _ in 0..3 {
        if !moved {
            break;
        }
        moved = false;
        found.clear();
        for part in ["new", "cur"] {
            for entry in fs::read_dir(maildir.join(part))? {
                match mail_file(&entry?.path()) {
                    Ok(Some(file)) => drop(found.insert(file.unique.clone(), file)),
                    Ok(None) => {}
                    Err(error) if error.kind() == io::ErrorKind::NotFound => moved = true,
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(found.into_values().collect())
}

/// `None` for what is no mail: directories, dot files, names that are not text.
fn mail_file(path: &Path) -> io::Result<Option<MailFile>> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return Ok(None) };
    if name.starts_with('.') {
        return Ok(None);
    }
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Ok(None);
    }
    let unique = name.split(':').next().unwrap_or(name).to_owned();
    Ok(Some(MailFile {
        unique,
        path: path.to_owned(),
        modified: metadata.modified()?,
        bytes: metadata.len(),
    }))
}

/// How long a file without a byte may still be filled by who made it, against the rules, in `new` itself.
const EMPTY_FOR: Duration = Duration::from_mins(1);

fn is_being_written(file: &MailFile) -> bool {
    file.bytes == 0 && file.modified.elapsed().is_ok_and(|age| age < EMPTY_FOR)
}

struct ReadMail {
    unique: String,
    modified: SystemTime,
    bytes: u64,
    raw: Vec<u8>,
    whole: bool,
}

/// Reads those mails that are there, in the order wanted.
fn read_all(maildir: &Path, wanted: &[String], limit: u64) -> io::Result<Vec<ReadMail>> {
    let mut index = index(maildir)?;
    let mut read = Vec::new();
    for unique in wanted {
        let mut mail = read_one(index.get(unique), limit)?;
        if mail.is_none() && index.contains_key(unique) {
            // Renamed meanwhile, by someone who opened it.
            index = self::index(maildir)?;
            mail = read_one(index.get(unique), limit)?;
        }
        read.extend(mail);
    }
    Ok(read)
}

fn index(maildir: &Path) -> io::Result<BTreeMap<String, MailFile>> {
    Ok(files(maildir)?.into_iter().map(|file| (file.unique.clone(), file)).collect())
}

fn read_one(file: Option<&MailFile>, limit: u64) -> io::Result<Option<ReadMail>> {
    let Some(file) = file else { return Ok(None) };
    let opened = match File::open(&file.path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut raw = Vec::new();
    opened.take(limit.saturating_add(1)).read_to_end(&mut raw)?;
    let whole = raw.len() as u64 <= limit;
    if !whole {
        raw.pop();
    }
    let bytes = if whole { raw.len() as u64 } else { file.bytes.max(limit + 1) };
    Ok(Some(ReadMail { unique: file.unique.clone(), modified: file.modified, bytes, raw, whole }))
}

fn read_more(maildir: &Path, unique: &str, start: u64, bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = index(maildir)?.remove(unique) else { return Ok(None) };
    let mut opened = File::open(&file.path)?;
    opened.seek(io::SeekFrom::Start(start))?;
    let mut raw = Vec::new();
    opened.take(bytes).read_to_end(&mut raw)?;
    Ok(Some(raw))
}

/// Renames into `cur` of the Maildir for filed mail, marked as seen. One that is gone is no error.
fn move_all(maildir: &Path, filed: &Path, wanted: &[String]) -> io::Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    make_maildir(filed)?;
    let target = filed.join("cur");
    let index = index(maildir)?;
    for file in wanted.iter().filter_map(|unique| index.get(unique)) {
        match fs::rename(&file.path, free_name(&target, file)?) {
            // Renamed or removed meanwhile; if it is still there, the next round files it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved?,
        }
    }
    sync_directory(&target)?;
    sync_directory(&maildir.join("new"))?;
    sync_directory(&maildir.join("cur"))
}

/// A name in the target that is not taken: rename would replace the file there.
fn free_name(target: &Path, file: &MailFile) -> io::Result<PathBuf> {
    let flags = flags_with_seen(&file.path);
    for attempt in 0..1000 {
        let unique = if attempt == 0 { file.unique.clone() } else { format!("{}_{attempt}", file.unique) };
        let path = target.join(format!("{unique}{FLAGS_OPEN}{flags}"));
        if !path.try_exists()? {
            return Ok(path);
        }
    }
    Err(io::Error::other("no free file name among the filed mail"))
}

/// The flags people have set, and S; in ASCII order, as the format demands.
fn flags_with_seen(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let mut flags: Vec<char> = name.split_once(FLAGS_OPEN).map_or("", |(_, flags)| flags).chars().collect();
    flags.push('S');
    flags.sort_unstable();
    flags.dedup();
    flags.into_iter().collect()
}

fn make_maildir(path: &Path) -> io::Result<()> {
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(path.join(part))?;
    }
    Ok(())
}

/// Makes a rename survive a power cut.
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
