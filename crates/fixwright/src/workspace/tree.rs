//! A private work tree, outside of the user's repository, that can be brought to any tree near the base.
//!
//! Recipes run here and may do to it what they like: before each run every tracked file is compared (by its stamp) with what we wrote,
//! and written again if anything touched it. What recipes build (object files, `target/`) stays, so each run is an incremental one.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use domain::{Digest, RepoPath};

use super::base::{Base, LARGEST, throwaway_git_dir};
use super::repository::Repository;

/// Files that differ from the base: `None` for a deleted one.
pub(crate) type Changes = BTreeMap<RepoPath, Option<Arc<[u8]>>>;

/// What a tool did to files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ByTool {
    /// With their bytes now.
    pub(crate) changes: Changes,
    /// Of which it made more than can be worked on.
    pub(crate) too_large: Vec<RepoPath>,
}

/// Returns the digest that names the tree which `changes` make of `base`.
pub(crate) fn tree_digest(base: &str, changes: &Changes) -> Digest {
    let parts = changes.iter().flat_map(|(path, bytes)| {
        let content = bytes.as_ref().map_or_else(|| "deleted".to_owned(), |bytes| Digest::of(bytes).to_string());
        [path.to_string(), content]
    });
    Digest::of_parts(std::iter::once(base.to_owned()).chain(parts))
}

/// What tells whether a file was touched since we wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    size: u64,
    modified: (i64, i64),
    mode: u32,
}

/// A private work tree.
pub(crate) struct Tree {
    /// Its root.
    pub(crate) root: PathBuf,
    /// The packages of the checkout that it links to.
    pub(crate) installed: Vec<PathBuf>,
    /// Folders whose packages were installed elsewhere.
    linked: std::collections::BTreeSet<String>,
    base: Base,
    stamps: HashMap<RepoPath, Stamp>,
    /// What it holds now beside the base.
    now: Changes,
}

impl Tree {
    /// Checks out the base commit below `folder`, and lets it see the dependencies that the user's checkout has installed.
    pub(crate) fn create(base: &Base, repository: &Repository, folder: &Path) -> anyhow::Result<Self> {
        let root = folder.join("tree");
        std::fs::create_dir_all(&root).with_context(|| format!("making {}", root.display()))?;
        let index = folder.join("index");
        let option = |name: &str, path: &Path| {
            let mut option = OsString::from(name);
            option.push(path);
            option
        };
        let (git_dir, work_tree) = (option("--git-dir=", &base.bare), option("--work-tree=", &root));
        let args = [git_dir, work_tree, "read-tree".into(), "--reset".into(), "-u".into(), base.commit.clone().into()];
        base.git
            .run_with(&root, &args, &[("GIT_INDEX_FILE", index.as_os_str())], None)
            // git does not say why a file could not be written.
            .map_err(|error| ensure_room(&root).err().unwrap_or_else(|| repository.broken(&error).into()))
            .context("checking out the base commit")?;
        throwaway_git_dir(base, repository, &root)?;
        std::fs::copy(&index, root.join(".git/index"))?;
        let mut tree = Self {
            root,
            installed: Vec::new(),
            linked: Default::default(),
            base: base.clone(),
            stamps: HashMap::new(),
            now: Changes::new(),
        };
        for path in base.files.paths() {
            tree.stamp(path);
        }
        if let Some(checkout) = &repository.checkout {
            tree.installed = link_dependencies(checkout, &tree.root, base);
        }
        Ok(tree)
    }

    /// Says whether the packages of a folder were linked by [`Tree::link_packages`].
    pub(crate) fn has_linked(&self, folder: &str) -> bool {
        self.linked.contains(folder)
    }

    /// Links packages that were installed elsewhere, in the place of those that were linked before.
    pub(crate) fn link_packages(&mut self, folder: &str, packages: &Path) {
        let to = self.root.join(folder).join("node_modules");
        if self.linked.contains(folder) {
            // What cannot be removed is in the way of the new links, and a tool will say so.
            let _ = std::fs::remove_dir_all(&to);
        }
        Links { checkout: packages.parent().unwrap_or(packages), root: &self.root }.make(packages, &to, true);
        self.linked.insert(folder.to_owned());
    }

    /// Says whether a file is executable in the base.
    pub(crate) fn is_executable(&self, path: &RepoPath) -> bool {
        self.base.executable.contains(path)
    }

    /// Brings the tracked files to the base with `changes`, whatever was done to them.
    pub(crate) fn bring_to(&mut self, changes: &Changes) -> anyhow::Result<()> {
        let before = std::mem::take(&mut self.now);
        let all = self.base.files.paths().iter().chain(changes.keys()).chain(before.keys());
        let all: std::collections::BTreeSet<RepoPath> = all.cloned().collect();
        for path in &all {
            let want = changes.get(path);
            let untouched = self.stamps.get(path).copied() == stamp_of(&self.root.join(path.as_str()));
            if untouched && want == before.get(path) {
                continue;
            }
            let bytes = match want {
                Some(bytes) => bytes.clone(),
                None => self.base.files.read(path),
            };
            if bytes.is_none() && want.is_none() && self.base.files.contains(path) {
                self.check_out(path)?;
                continue;
            }
            self.write(path, bytes.as_deref()).with_context(|| format!("writing {path} of the private tree"))?;
        }
        self.now = changes.clone();
        Ok(())
    }

    fn write(&mut self, path: &RepoPath, bytes: Option<&[u8]>) -> std::io::Result<()> {
        let file = self.root.join(path.as_str());
        // A recipe may have put a link where a folder of ours was: what is not a plain folder is removed, never followed.
        if let Some(folder) = self.not_a_folder_above(path) {
            std::fs::remove_file(folder)?;
        }
        let Some(bytes) = bytes else {
            self.stamps.remove(path);
            return match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        };
        let parent = file.parent().unwrap_or(&self.root).to_owned();
        std::fs::create_dir_all(&parent)?;
        match std::fs::symlink_metadata(&file) {
            Ok(meta) if meta.is_dir() => std::fs::remove_dir_all(&file)?,
            Ok(_) => std::fs::remove_file(&file)?,
            Err(_) => {}
        }
        std::fs::write(&file, bytes)?;
        let mode = if self.base.executable.contains(path) { 0o755 } else { 0o644 };
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode))?;
        self.stamp(path);
        Ok(())
    }

    /// Writes a file of the base that is too large to be read here.
    fn check_out(&mut self, path: &RepoPath) -> anyhow::Result<()> {
        self.write(path, None).with_context(|| format!("writing {path} of the private tree"))?;
        let option = |name: &str, path: &Path| OsString::from_iter([name.as_ref(), path.as_os_str()]);
        let (git_dir, work_tree) = (option("--git-dir=", &self.base.bare), option("--work-tree=", &self.root));
        let args = [git_dir, work_tree, "checkout-index".into(), "--force".into(), "--".into(), path.as_str().into()];
        let index = self.root.with_file_name("index");
        self.base.git.run_with(&self.root, &args, &[("GIT_INDEX_FILE", index.as_os_str())], None)?;
        self.stamp(path);
        Ok(())
    }

    /// Returns the first thing above a path, from the root downwards, that is there and is no plain folder.
    fn not_a_folder_above(&self, path: &RepoPath) -> Option<PathBuf> {
        let mut folder = self.root.clone();
        path.parent().split('/').filter(|part| !part.is_empty()).find_map(|part| {
            folder.push(part);
            std::fs::symlink_metadata(&folder).is_ok_and(|meta| !meta.is_dir()).then(|| folder.clone())
        })
    }

    fn stamp(&mut self, path: &RepoPath) {
        match stamp_of(&self.root.join(path.as_str())) {
            Some(stamp) => self.stamps.insert(path.clone(), stamp),
            None => self.stamps.remove(path),
        };
    }

    /// Returns the files among `paths` that differ from what was last written here, with their bytes now: what a tool did to them.
    pub(crate) fn changed_by_tool(&self, paths: &[RepoPath]) -> ByTool {
        let mut by_tool = ByTool::default();
        for path in paths {
            let file = self.root.join(path.as_str());
            if self.stamps.get(path).copied() == stamp_of(&file) {
                continue;
            }
            let regular =
                std::fs::symlink_metadata(&file).is_ok_and(|meta| meta.is_file()) && self.not_a_folder_above(path).is_none();
            match if regular { read(&file) } else { None } {
                Some(bytes) if bytes.len() > LARGEST => by_tool.too_large.push(path.clone()),
                bytes => drop(by_tool.changes.insert(path.clone(), bytes.map(Arc::from))),
            }
        }
        by_tool
    }
}

/// Reads a file as far as it can be worked on, and one byte more where there are more: a tool may have made it as large as the disk.
fn read(file: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file).ok()?.take(LARGEST as u64 + 1).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Fails when the disk is full that a folder is on: what was said of the work there is not believed.
pub(crate) fn ensure_room(folder: &Path) -> anyhow::Result<()> {
    const ROOM: u64 = 64 << 10;
    let disk = nix::sys::statvfs::statvfs(folder).context("asking for room on the disk")?;
    if disk.blocks_available().saturating_mul(disk.fragment_size()) < ROOM {
        return Err(std::io::Error::from(nix::errno::Errno::ENOSPC).into());
    }
    Ok(())
}

fn stamp_of(file: &Path) -> Option<Stamp> {
    let meta = std::fs::symlink_metadata(file).ok()?;
    let stamp = Stamp { inode: meta.ino(), size: meta.size(), modified: (meta.mtime(), meta.mtime_nsec()), mode: meta.mode() };
    meta.is_file().then_some(stamp)
}

/// Dependencies that were installed into the checkout and are not in the commit. Each package is linked by itself, so that what tools
/// write beside them (`node_modules/.cache`) stays private. Returns the folders that are linked to.
fn link_dependencies(checkout: &Path, root: &Path, base: &Base) -> Vec<PathBuf> {
    let mut folders: Vec<&str> = vec![""];
    let manifests = base.files.paths().iter().filter(|path| path.file_name() == "package.json");
    folders.extend(manifests.map(RepoPath::parent).filter(|folder| !folder.is_empty()));
    let checkout = std::fs::canonicalize(checkout).unwrap_or_else(|_| checkout.to_owned());
    let links = Links { checkout: &checkout, root };
    let mut linked = Vec::new();
    for folder in folders {
        let (from, to) = (checkout.join(folder).join("node_modules"), root.join(folder).join("node_modules"));
        let plain = std::fs::symlink_metadata(&from).is_ok_and(|meta| meta.is_dir());
        if !plain || to.exists() {
            continue;
        }
        links.make(&from, &to, true);
        linked.push(from);
    }
    linked
}

/// From the packages of a checkout to a private tree.
struct Links<'a> {
    checkout: &'a Path,
    root: &'a Path,
}

impl Links<'_> {
    fn make(&self, from: &Path, to: &Path, scopes: bool) {
        let Ok(entries) = std::fs::read_dir(from) else { return };
        if std::fs::create_dir_all(to).is_err() {
            return;
        }
        for entry in entries.flatten() {
            let name = entry.file_name();
            let is_scope = name.as_bytes().starts_with(b"@") || name == ".bin";
            if scopes && is_scope && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.make(&entry.path(), &to.join(&name), false);
            } else if name != ".cache" {
                let target = self.own(&entry.path()).unwrap_or_else(|| entry.path());
                // A package that cannot be linked is one that the tool will miss, and say so.
                let _ = std::os::unix::fs::symlink(target, to.join(&name));
            }
        }
    }

    /// Returns where the tree itself has what a package of the checkout is a link to: a workspace's package is source, and what is to be
    /// proved is the tree's.
    fn own(&self, package: &Path) -> Option<PathBuf> {
        std::fs::symlink_metadata(package).ok().filter(std::fs::Metadata::is_symlink)?;
        let real = std::fs::canonicalize(package).ok()?;
        let inside = real.strip_prefix(self.checkout).ok()?;
        let is_source = inside.components().all(|part| part.as_os_str() != "node_modules");
        is_source.then(|| self.root.join(inside))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Git;

    #[test]
    fn what_a_tool_has_blown_up_is_no_edit() {
        let repo = testkit::Repo::new();
        repo.file("a", "a\n").file("b", "b\n").file("c", "c\n").commit("a");
        #[expect(clippy::disallowed_methods, reason = "git of whoever runs the tests")]
        let path = std::env::var_os("PATH").unwrap();
        let git = Git::new("git".into(), path, repo.beside("git")).unwrap();
        let repository = Repository::open(&git, repo.path()).unwrap();
        let base = Base::open(&git, &repository, &repo.beside("data")).unwrap();
        let tree = Tree::create(&base, &repository, &repo.beside("work")).unwrap();
        // More than there is memory, and nearly nothing on the disk.
        std::fs::File::create(tree.root.join("a")).unwrap().set_len(1 << 40).unwrap();
        std::fs::write(tree.root.join("b"), "changed\n").unwrap();
        let path = |name: &str| RepoPath::new(name).unwrap();
        let by_tool = tree.changed_by_tool(&[path("a"), path("b"), path("c")]);
        let changes = Changes::from([(path("b"), Some(b"changed\n".as_slice().into()))]);
        assert_eq!(by_tool, ByTool { changes, too_large: vec![path("a")] });
    }
}
