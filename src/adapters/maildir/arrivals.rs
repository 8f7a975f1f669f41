//! Being told that files came into a directory, where the file system tells (inotify).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::timeout;

/// A watch on one directory. An arrival that nobody waits for is remembered.
#[derive(Debug)]
pub(super) struct Arrivals {
    arrived: Arc<Notify>,
    /// `None` where the system has no watches left: then only looking by itself helps.
    _watcher: Option<RecommendedWatcher>,
}

impl Arrivals {
    pub(super) fn watch(directory: &Path) -> Self {
        let arrived = Arc::new(Notify::new());
        let teller = Arc::clone(&arrived);
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if event.map_or(true, |event| is_arrival(event.kind)) {
                teller.notify_one();
            }
        })
        .and_then(|mut watcher| {
            watcher.watch(directory, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        })
        .inspect_err(|error| tracing::warn!("no watch on the Maildir, it is only polled: {error}"));
        Self { arrived, _watcher: watcher.ok() }
    }

    /// Whether something arrived since the last call, or arrives within this time.
    pub(super) async fn within(&self, longest: Duration) -> bool {
        timeout(longest, self.arrived.notified()).await.is_ok()
    }
}

fn is_arrival(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Any
            | EventKind::Other
            | EventKind::Create(_)
            | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both | RenameMode::Any))
    )
}
