//! A folder as it lies there, for a patch to be planned on: a work tree of git or any other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

use domain::{Files, RepoPath};
use patch::{Beneath, Special};

/// Folders nested deeper are not looked into.
const MAX_DEPTH: usize = 64;
/// More files than any tree has in which somebody edits by hand.
const MAX_FILES: usize = 2_000_000;

/// Returns what a patch may know of a folder. Bytes are read when they are asked for. What `.git` holds, and what a commit is prepared in, is not part of it, a folder that is
/// a repository of its own is a submodule, and a name that is no UTF-8 cannot be named by a patch and is left out.
///
/// # Errors
/// When a folder cannot be listed, or holds too much.
pub(crate) fn view(root: &Path) -> io::Result<patch::Tree> {
    let mut found = Found::default();
    found.list(root, "", 0)?;
    let Found { files, special, executable } = found;
    // What was a file when it was listed may be a link when it is read.
    let beneath = Beneath::open(root)?;
    let read = move |path: &RepoPath| beneath.read(path).ok().map(Arc::from);
    Ok(patch::Tree::new(Files::new(files, read)).with_special(special).with_executable(executable))
}

#[derive(Default)]
struct Found {
    files: Vec<RepoPath>,
    special: BTreeMap<RepoPath, Special>,
    executable: BTreeSet<RepoPath>,
}

impl Found {
    fn list(&mut self, folder: &Path, name: &str, depth: usize) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Some(own) = entry.file_name().to_str().map(str::to_owned) else { continue };
            if own == patch::STAGE {
                continue;
            }
            let path = if name.is_empty() { own.clone() } else { format!("{name}/{own}") };
            let Ok(at) = RepoPath::new(&path) else { continue };
            let about = entry.metadata()?;
            if about.is_symlink() {
                self.special.insert(at, Special::Link);
            } else if about.is_file() {
                if about.permissions().mode() & 0o100 != 0 {
                    self.executable.insert(at.clone());
                }
                self.files.push(at);
            } else if !about.is_dir() {
                self.special.insert(at, Special::Other);
            } else if entry.path().join(".git").symlink_metadata().is_ok() {
                self.special.insert(at, Special::Submodule);
            } else if own != ".git" && depth < MAX_DEPTH {
                self.list(&entry.path(), &path, depth + 1)?;
            }
            if self.files.len() > MAX_FILES {
                return Err(io::Error::new(io::ErrorKind::QuotaExceeded, format!("it holds more than {MAX_FILES} files")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_is_seen_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in [".git/config", "a/b.txt", "sub/.git", "run.sh"] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "text").unwrap();
        }
        fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink(".", root.join("a/loop")).unwrap();
        let tree = view(root).unwrap();
        let paths: Vec<&str> = tree.files().paths().iter().map(RepoPath::as_str).collect();
        assert_eq!(paths, ["a/b.txt", "run.sh"]);
        assert!(tree.is_executable(&RepoPath::new("run.sh").unwrap()));
        let through = "--- a/a/loop/b.txt\n+++ b/a/loop/b.txt\n@@ -1 +1 @@\n-text\n+other\n";
        assert!(patch::plan(through, &tree).is_err());
    }
}
