//! What a run must not change, as text: so that a failed comparison shows which line differs.

use std::collections::hash_map::DefaultHasher;
use std::fmt::Write;
use std::fs;
use std::hash::Hasher;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::Repo;

pub(crate) fn of(repo: &Repo) -> String {
    let mut lines = String::new();
    tree(&mut lines, "tree", repo.path(), Path::new(""), &|path| path == Path::new(".git"));

    // A linked worktree has its index and HEAD in one folder and the rest in another.
    let private = folder(repo, "--git-dir");
    let shared = folder(repo, "--git-common-dir");
    for name in ["index", "HEAD", "config.worktree"] {
        entry(&mut lines, "git", &private, Path::new(name));
    }
    for name in ["config", "info/exclude", "info/attributes", "logs/refs/stash"] {
        entry(&mut lines, "git", &shared, Path::new(name));
    }
    for name in ["hooks", "worktrees"] {
        // A folder left empty is as good as none: git makes and removes it as it goes.
        tree(&mut lines, "git", &shared, Path::new(name), &|_| false);
    }
    for line in repo.git(["for-each-ref", "--format=%(objectname) %(symref) %(refname)"]).lines() {
        if !line.contains(" refs/heads/fixwright/") {
            lines.push_str(&format!("ref {line}\n"));
        }
    }
    lines
}

fn folder(repo: &Repo, which: &str) -> PathBuf {
    repo.path().join(repo.git(["rev-parse", which]))
}

/// Adds a line for everything below a folder, folders included, in the order of names.
fn tree(lines: &mut String, label: &str, root: &Path, below: &Path, skip: &dyn Fn(&Path) -> bool) {
    let Ok(entries) = fs::read_dir(root.join(below)) else { return };
    let mut paths: Vec<_> = entries.map(|found| below.join(found.expect("listing a folder").file_name())).collect();
    paths.sort();
    for path in paths.iter().filter(|path| !skip(path)) {
        entry(lines, label, root, path);
        if fs::symlink_metadata(root.join(path)).is_ok_and(|metadata| metadata.is_dir()) {
            tree(lines, label, root, path, skip);
        }
    }
}

/// Adds the line of one path: mode, digest of the content, name, target.
fn entry(lines: &mut String, label: &str, root: &Path, path: &Path) {
    let full = root.join(path);
    let Ok(metadata) = fs::symlink_metadata(&full) else { return };
    let mode = metadata.mode();
    let added = if metadata.is_file() {
        // What may not be read is told apart by its mode.
        writeln!(lines, "{label} {mode:o} {} {path:?}", fs::read(&full).map_or_else(|_| "-".to_owned(), |bytes| digest(&bytes)))
    } else if metadata.is_symlink() {
        writeln!(lines, "{label} {mode:o} {path:?} -> {:?}", fs::read_link(&full).expect("reading a link"))
    } else {
        writeln!(lines, "{label} {mode:o} {path:?}")
    };
    added.expect("writing to a string");
}

/// Good enough to see a change, which is all that a test asks.
fn digest(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    format!("{}:{:016x}", bytes.len(), hasher.finish())
}
