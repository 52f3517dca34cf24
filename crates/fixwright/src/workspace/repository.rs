//! The user's repository: looked at, never touched.
//!
//! Everything here reads. The only write that ever reaches it is the branch of a delivery (`forge/local.rs`).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::git::{self, Git};

/// A repository that can be worked on.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// The folder that holds objects and refs, shared by all linked worktrees.
    pub(crate) git_dir: PathBuf,
    /// The root of the work tree; `None` for a bare repository.
    pub(crate) checkout: Option<PathBuf>,
    /// The folder that the user named, relative to the root; `""` for all.
    pub(crate) prefix: String,
    /// The commit at `HEAD`.
    pub(crate) base: String,
    /// The branch at `HEAD`; `None` when it is detached.
    pub(crate) branch: Option<String>,
    /// Only part of the history is there.
    pub(crate) shallow: bool,
    /// `sha1` or `sha256`.
    pub(crate) object_format: String,
}

/// Why a repository cannot be used: exit code 3.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("{0}: no such folder")]
    NoFolder(PathBuf),
    #[error("{0}: not a git repository")]
    NotARepository(PathBuf),
    #[error("{0}: the repository has no commit yet")]
    Unborn(PathBuf),
    #[error("{0}: the commit at HEAD holds no files")]
    Empty(PathBuf),
    #[error("another fixwright works on {0}")]
    Busy(PathBuf),
    #[error("{path}: {message}")]
    Broken { path: PathBuf, message: String },
}

impl Unusable {
    /// Returns what the user can do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::NoFolder(_) => "name the folder of a git repository",
            Self::NotARepository(_) => {
                "run it inside a git repository, or make one: git init && git add -A && git commit -m start"
            }
            Self::Unborn(_) => "commit something first: fixwright works from a commit, not from the work tree",
            Self::Empty(_) => "commit some files first",
            Self::Busy(_) => "wait for it to end, or stop it",
            Self::Broken { .. } => "see what `git fsck` says there",
        }
    }
}

impl Repository {
    /// Looks at the repository that holds `path`.
    pub(crate) fn open(git: &Git, path: &Path) -> Result<Self, Unusable> {
        let path = std::fs::canonicalize(path).map_err(|_| Unusable::NoFolder(path.to_owned()))?;
        let folder = if path.is_dir() { path.clone() } else { return Err(Unusable::NotARepository(path)) };
        let broken = |error: git::Error| Unusable::Broken { path: path.clone(), message: error.to_string() };
        let asked = ["rev-parse", "--git-common-dir", "--is-bare-repository", "--is-shallow-repository", "--show-object-format"];
        let answer = git.run(&folder, &asked).map_err(|error| match &error {
            git::Error::Failed { message, .. } if message.contains("not a git repository") => {
                Unusable::NotARepository(path.clone())
            }
            _ => broken(error),
        })?;
        let lines: Vec<&[u8]> = answer.split(|byte| *byte == b'\n').collect();
        let [common, bare, shallow, format, ..] = lines.as_slice() else {
            return Err(Unusable::Broken { path, message: "git rev-parse gave no answer".to_owned() });
        };
        let git_dir = std::fs::canonicalize(folder.join(OsStr::from_bytes(common)))
            .map_err(|error| Unusable::Broken { path: path.clone(), message: error.to_string() })?;
        let inside_git_dir = folder.starts_with(&git_dir);
        let checkout = if *bare == b"true" || inside_git_dir {
            None
        } else {
            let top = git.run(&folder, &["rev-parse", "--show-toplevel"]).map_err(broken)?;
            let top = top.strip_suffix(b"\n").unwrap_or(&top);
            Some(PathBuf::from(OsStr::from_bytes(top)))
        };
        let base = git
            .line(&folder, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])
            .map_err(|_| Unusable::Unborn(path.clone()))?;
        let branch = git.line(&folder, &["symbolic-ref", "--quiet", "--short", "HEAD"]).ok();
        let prefix = checkout.as_ref().and_then(|top| folder.strip_prefix(top).ok()).unwrap_or(Path::new(""));
        Ok(Self {
            prefix: prefix.to_string_lossy().into_owned(),
            checkout,
            base,
            branch,
            shallow: *shallow == b"true",
            object_format: String::from_utf8_lossy(format).into_owned(),
            git_dir,
        })
    }

    /// Returns the name under which the store knows the repository.
    pub(crate) fn name(&self) -> String {
        self.checkout.as_ref().unwrap_or(&self.git_dir).display().to_string()
    }

    /// Says in one line what of the work tree is not in the base commit and so is ignored; `None` for a clean tree.
    pub(crate) fn ignored_changes(&self, git: &Git) -> Option<String> {
        let top = self.checkout.as_ref()?;
        let count = |args: &[&str]| {
            let out = git.run(top, args).unwrap_or_default();
            out.split(|byte| *byte == 0).filter(|path| !path.is_empty()).count()
        };
        let changed = self.changed_files(git, top);
        let staged = count(&["diff-index", "--cached", "--name-only", "-z", "HEAD", "--"]);
        let untracked = count(&["ls-files", "--others", "--exclude-standard", "--directory", "--no-empty-directory", "-z"]);
        let said: Vec<String> = [(changed, "changed"), (staged, "staged"), (untracked, "untracked")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!said.is_empty()).then(|| format!("ignored, because not committed: {}", said.join(", ")))
    }

    /// Counts tracked files whose bytes differ from the index. git itself would run the repository's clean filters to find out, so
    /// it only says which look different by time and size, and their raw bytes are hashed here.
    fn changed_files(&self, git: &Git, top: &Path) -> usize {
        let raw = git.run(top, &["diff-files", "--raw", "--no-abbrev", "-z", "--ignore-submodules=all"]).unwrap_or_default();
        let mut fields = raw.split(|byte| *byte == 0);
        let mut differing = 0;
        let mut doubtful: Vec<(String, &[u8])> = Vec::new();
        while let (Some(meta), Some(path)) = (fields.next(), fields.next()) {
            let meta = String::from_utf8_lossy(meta);
            let words: Vec<&str> = meta.split(' ').collect();
            match words.as_slice() {
                [_, _, id, _, "M"] if !path.contains(&b'\n') => doubtful.push(((*id).to_owned(), path)),
                _ => differing += 1,
            }
        }
        if doubtful.is_empty() {
            return differing;
        }
        let list: Vec<u8> = doubtful.iter().flat_map(|(_, path)| [path, b"\n".as_slice()].concat()).collect();
        let hashed = git.run_with(top, &["hash-object", "--no-filters", "--stdin-paths"], &[], Some(&list));
        let Ok(hashed) = hashed else { return differing + doubtful.len() };
        let hashed = String::from_utf8_lossy(&hashed).into_owned();
        differing + doubtful.iter().zip(hashed.lines()).filter(|((id, _), now)| id != now).count()
    }
}
