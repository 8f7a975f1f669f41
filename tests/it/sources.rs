//! The project's own sources as texts, for the tests that read them.

use std::path::Path;

/// A file of the project; the path is relative to its root, with `/`.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: String,
    pub text: String,
}

/// All Rust files below these folders, ordered by path.
pub fn read_all(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    for folder in folders {
        walk(root, &root.join(folder), &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!sources.is_empty(), "no sources below {folders:?}");
    sources
}

fn walk(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            // What the fuzzing builds is not ours.
            if path.ends_with("target") {
                continue;
            }
            walk(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let relative = path.strip_prefix(root).expect("below the root");
            let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
            sources.push(Source { path: relative.to_string_lossy().replace('\\', "/"), text });
        }
    }
}
