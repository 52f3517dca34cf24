//! The base commit in a bare clone of ours: its files, readable without touching the user's repository or running its filters.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout};
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, bail};
use domain::{Digest, Files, RepoPath};
use patch::Special;

use super::git::Git;
use super::repository::Repository;

/// Files over this size are never read as text to be repaired (16 MiB).
pub(super) const LARGEST: usize = 16 << 20;

/// Repositories borrow from few others.
const MOST_ALTERNATES: usize = 16;

/// The base commit. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Base {
    pub(crate) git: Git,
    /// Our bare clone. It borrows the objects of the user's repository (git's alternates), so it costs nothing to make.
    pub(crate) bare: PathBuf,
    /// The commit.
    pub(crate) commit: String,
    /// The regular files that a path of ours can name.
    pub(crate) files: Files,
    /// Executable ones among them.
    pub(crate) executable: Arc<std::collections::BTreeSet<RepoPath>>,
    /// What a path of ours can name and is no regular file.
    special: Arc<BTreeMap<RepoPath, Special>>,
    /// What is in the commit and cannot be worked on: submodules.
    pub(crate) submodules: Vec<String>,
}

/// `git cat-file --batch`, kept running.
struct Reader {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Reader {
    fn start(git: &Git, bare: &Path) -> anyhow::Result<Self> {
        let mut child = git.spawn(bare, &["cat-file", "--batch"])?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else { bail!("git cat-file has no pipes") };
        Ok(Self { child, stdin, stdout: BufReader::new(stdout) })
    }

    /// Returns the bytes of an object, `None` when they are too many.
    fn read(&mut self, id: &str) -> anyhow::Result<Option<Arc<[u8]>>> {
        self.stdin.write_all(format!("{id}\n").as_bytes())?;
        self.stdin.flush()?;
        let mut header = String::new();
        self.stdout.read_line(&mut header)?;
        let size: usize = header.trim().rsplit(' ').next().and_then(|n| n.parse().ok()).context("a missing object")?;
        if size > LARGEST {
            std::io::copy(&mut self.stdout.by_ref().take(size as u64 + 1), &mut std::io::sink())?;
            return Ok(None);
        }
        let mut bytes = vec![0; size + 1];
        self.stdout.read_exact(&mut bytes)?;
        bytes.pop();
        Ok(Some(bytes.into()))
    }
}

impl Base {
    /// Opens the base commit of `repository`, making or refreshing the bare clone below `data_dir`.
    pub(crate) fn open(git: &Git, repository: &Repository, data_dir: &Path) -> anyhow::Result<Self> {
        let bare = bare_clone(repository, data_dir)?;
        let listing = git
            .run(&bare, &["ls-tree", "-r", "-z", "--full-tree", &repository.base])
            .map_err(|error| repository.broken(&error))?;
        let mut ids: HashMap<RepoPath, String> = HashMap::new();
        let mut executable = std::collections::BTreeSet::new();
        let mut special = BTreeMap::new();
        let mut submodules = Vec::new();
        for entry in listing.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else { continue };
            let meta = String::from_utf8_lossy(&entry[..tab]).into_owned();
            let name = std::str::from_utf8(&entry[tab + 1..]).ok().and_then(|name| RepoPath::new(name).ok());
            let [mode, _, id] = meta.split(' ').collect::<Vec<_>>()[..] else { continue };
            match (mode, name) {
                ("160000", path) => {
                    submodules.push(String::from_utf8_lossy(&entry[tab + 1..]).into_owned());
                    special.extend(path.map(|path| (path, Special::Submodule)));
                }
                ("100644" | "100755", Some(path)) => {
                    if mode == "100755" {
                        executable.insert(path.clone());
                    }
                    ids.insert(path, id.to_owned());
                }
                // Symbolic links and names that are not UTF-8 are checked out, and never edited.
                ("120000", Some(path)) => drop(special.insert(path, Special::Link)),
                _ => {}
            }
        }
        let reader: Mutex<Option<Reader>> = Mutex::new(None);
        let known: Mutex<HashMap<RepoPath, Arc<[u8]>>> = Mutex::new(HashMap::new());
        let paths: Vec<RepoPath> = ids.keys().cloned().collect();
        let (of_git, of_bare) = (git.clone(), bare.clone());
        let files = Files::new(paths, move |path| {
            if let Some(bytes) = known.lock().ok()?.get(path) {
                return Some(Arc::clone(bytes));
            }
            let id = ids.get(path)?;
            let mut reader = reader.lock().ok()?;
            let mut read = || {
                let started = match reader.take() {
                    Some(started) => reader.insert(started),
                    None => reader.insert(Reader::start(&of_git, &of_bare)?),
                };
                let bytes = started.read(id);
                if bytes.is_err() {
                    *reader = None;
                }
                bytes
            };
            // A second try, for one that something has ended.
            let bytes = read().or_else(|_: anyhow::Error| read()).ok()??;
            known.lock().ok()?.insert(path.clone(), Arc::clone(&bytes));
            Some(bytes)
        });
        Ok(Self {
            git: git.clone(),
            bare,
            commit: repository.base.clone(),
            files,
            executable: executable.into(),
            special: special.into(),
            submodules,
        })
    }

    /// Returns the tree as a patch is laid on it.
    pub(crate) fn tree(&self) -> patch::Tree {
        let tree = patch::Tree::from(&self.files);
        tree.with_special(self.special.as_ref().clone()).with_executable(self.executable.as_ref().clone())
    }

    /// Returns the folders that the objects of the commit are in: ours, the user's, and those that the user's borrows from.
    pub(crate) fn object_folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![self.bare.join("objects")];
        let mut at = 0;
        while let Some(folder) = folders.get(at).cloned() {
            let listed = std::fs::read(folder.join("info/alternates")).unwrap_or_default();
            for line in listed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
                let path = std::fs::canonicalize(folder.join(unquoted(line)));
                if let Ok(path) = path
                    && folders.len() < MOST_ALTERNATES
                    && !folders.contains(&path)
                {
                    folders.push(path);
                }
            }
            at += 1;
        }
        folders.retain(|folder| folder.is_dir());
        folders
    }
}

/// Makes our bare clone, or points the one that is there at where the user's objects are now.
fn bare_clone(repository: &Repository, data_dir: &Path) -> anyhow::Result<PathBuf> {
    let bare = clone_path(repository, data_dir);
    let objects = repository.git_dir.join("objects");
    for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
        let folder = bare.join(folder);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    }
    write(&bare.join("objects/info/alternates"), &alternate(&objects))?;
    write(&bare.join("HEAD"), b"ref: refs/heads/none\n")?;
    write(&bare.join("config"), config(&repository.object_format, true).as_bytes())?;
    // Files are taken as they are: no line-end conversion, no smudge filters, no keyword expansion.
    write(&bare.join("info/attributes"), b"* -text -eol -filter -ident -working-tree-encoding\n")?;
    let shallow = bare.join("shallow");
    match std::fs::read(repository.git_dir.join("shallow")) {
        Ok(list) => write(&shallow, &list)?,
        Err(_) => drop(std::fs::remove_file(&shallow)),
    }
    Ok(bare)
}

/// Returns where our bare clone of the repository is.
pub(crate) fn clone_path(repository: &Repository, data_dir: &Path) -> PathBuf {
    let name = Digest::of(repository.git_dir.as_os_str().as_bytes()).short(16);
    data_dir.join("clones").join(format!("{name}.git"))
}

/// Returns the line of git's list of alternates that names a folder: quoted as C does it, since a line feed may be in the name.
fn alternate(folder: &Path) -> Vec<u8> {
    let mut line = b"\"".to_vec();
    for byte in folder.as_os_str().as_bytes() {
        match byte {
            b'"' | b'\\' => line.extend([b'\\', *byte]),
            0x20..=0x7e => line.push(*byte),
            _ => line.extend(format!("\\{byte:03o}").bytes()),
        }
    }
    line.extend(b"\"\n");
    line
}

/// Returns the folder that a line of git's list of alternates names.
fn unquoted(line: &[u8]) -> PathBuf {
    let Some(inner) = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return PathBuf::from(std::ffi::OsStr::from_bytes(line));
    };
    let mut bytes = Vec::new();
    let mut rest = inner;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let digits = rest.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        match (*first, digits.and_then(|digits| u8::from_str_radix(digits, 8).ok())) {
            (b'\\', Some(byte)) => {
                bytes.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            (b'\\', None) => {
                bytes.extend(rest.first());
                rest = rest.get(1..).unwrap_or_default();
            }
            (byte, _) => bytes.push(byte),
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

fn config(object_format: &str, bare: bool) -> String {
    if object_format == "sha256" {
        format!("[core]\n\trepositoryformatversion = 1\n\tbare = {bare}\n[extensions]\n\tobjectformat = sha256\n")
    } else {
        format!("[core]\n\trepositoryformatversion = 0\n\tbare = {bare}\n")
    }
}

/// Writes the smallest `.git` that lets tools in `tree` ask git about the base commit and its tags. It borrows all objects, is thrown
/// away with the tree, and no git of ours ever runs in it: a recipe may write there what it likes.
pub(crate) fn throwaway_git_dir(base: &Base, repository: &Repository, tree: &Path) -> anyhow::Result<()> {
    let git_dir = tree.join(".git");
    for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
        std::fs::create_dir_all(git_dir.join(folder))?;
    }
    write(&git_dir.join("objects/info/alternates"), &alternate(&base.bare.join("objects")))?;
    write(&git_dir.join("config"), config(&repository.object_format, false).as_bytes())?;
    if repository.shallow {
        std::fs::copy(base.bare.join("shallow"), git_dir.join("shallow"))?;
    }
    let branch = repository.branch.as_deref().filter(|name| RepoPath::new(name).is_ok());
    match branch {
        Some(branch) => {
            write(&git_dir.join("HEAD"), format!("ref: refs/heads/{branch}\n").as_bytes())?;
            let file = git_dir.join("refs/heads").join(branch);
            file.parent().map(std::fs::create_dir_all).transpose()?;
            write(&file, format!("{}\n", base.commit).as_bytes())?;
        }
        None => write(&git_dir.join("HEAD"), format!("{}\n", base.commit).as_bytes())?,
    }
    let tags = base.git.run(&repository.git_dir, &["for-each-ref", "--format=%(objectname) %(refname)", "refs/tags"])?;
    let sorted = BTreeMap::from_iter(tags.split(|b| *b == b'\n').filter_map(|line| {
        let space = line.iter().position(|b| *b == b' ')?;
        Some((line[space..].to_vec(), line[..space].to_vec()))
    }));
    let mut packed = b"# pack-refs with: sorted \n".to_vec();
    sorted.iter().for_each(|(name, id)| packed.extend([id.as_slice(), name, b"\n"].concat()));
    write(&git_dir.join("packed-refs"), &packed)?;
    Ok(())
}

/// Writes a file whole or not at all, and only where it differs: somebody else may be reading it (`fixwright init` takes no hold).
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if std::fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    tempfile::NamedTempFile::new_in(folder)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.persist(path).map_err(|error| error.error)))
        .map(drop)
        .with_context(|| format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_read_back_as_it_was_named() {
        for name in ["/plain/path", "/a b/\"quoted\"/back\\slash", "/line\nfeed/\u{e9}"] {
            let line = alternate(Path::new(name));
            let line = line.strip_suffix(b"\n").unwrap();
            assert_eq!(unquoted(line), Path::new(name), "{name:?}");
        }
        assert_eq!(unquoted(b"../other/objects"), Path::new("../other/objects"));
    }
}
