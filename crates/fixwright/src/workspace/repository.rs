//! The user's repository: looked at, never touched.
//!
//! Everything here reads. The only write that ever reaches it is the branch of a delivery (`forge/local.rs`).

use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::base::Base;
use super::git::{self, Git};

/// How long a first look may take: nothing of the repository has been checked yet.
const LOOK: Duration = Duration::from_secs(30);

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
    #[error("{0}: the repository belongs to another user")]
    Foreign(PathBuf),
    #[error("{path}: its configuration (core.worktree) says that its files are in {top}, which is not its work tree")]
    Elsewhere { path: PathBuf, top: PathBuf },
    #[error("{0}: the repository has no commit yet")]
    Unborn(PathBuf),
    #[error("{0}: the commit at HEAD holds no files")]
    Empty(PathBuf),
    #[error("another fixwright works on {0}")]
    Busy(PathBuf),
    #[error("the branch {0} is there already, with other commits on it")]
    Taken(String),
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
            Self::Foreign(_) => "run fixwright as the user who owns it, or clone it: git clone THERE HERE",
            Self::Elsewhere { .. } => "if that is a mistake: git config --unset core.worktree",
            Self::Unborn(_) => "commit something first: fixwright works from a commit, not from the work tree",
            Self::Empty(_) => "commit some files first",
            Self::Busy(_) => "wait for it to end, or stop it",
            Self::Taken(_) => "rename or delete it, then give the same command again: it goes on",
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
        let git = &git.within(LOOK);
        let asked = ["rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-object-format", "--git-common-dir"];
        let answer = git.run(&folder, &asked).map_err(|error| match &error {
            git::Error::Failed { message, .. } if message.contains("not a git repository") => {
                Unusable::NotARepository(path.clone())
            }
            git::Error::Failed { message, .. } if says_foreign(message) => Unusable::Foreign(path.clone()),
            _ => broken(error),
        })?;
        // The folder comes last: a line feed may be in its name.
        let answer = answer.strip_suffix(b"\n").unwrap_or(&answer);
        let lines: Vec<&[u8]> = answer.splitn(4, |byte| *byte == b'\n').collect();
        let [bare, shallow, format, common] = lines.as_slice() else {
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
            let top = PathBuf::from(OsStr::from_bytes(top));
            if !is_work_tree_of(&top, &git_dir) {
                return Err(Unusable::Elsewhere { path, top });
            }
            Some(top)
        };
        let head =
            git.line(&folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).map_err(|_| Unusable::Unborn(path.clone()))?;
        let base = git.line(&folder, &["rev-parse", "--verify", &format!("{head}^{{commit}}")]).map_err(broken)?;
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

    /// Returns what to say when git cannot read what is in the repository.
    pub(crate) fn broken(&self, error: &git::Error) -> Unusable {
        Unusable::Broken { path: PathBuf::from(self.name()), message: error.to_string() }
    }

    /// Returns the name under which the store knows the repository.
    pub(crate) fn name(&self) -> String {
        self.checkout.as_ref().unwrap_or(&self.git_dir).display().to_string()
    }

    /// Says in one line what of the work tree is not in the base commit and so is ignored; `None` for a clean tree.
    pub(crate) fn ignored_changes(&self, base: &Base) -> Option<String> {
        let top = self.checkout.as_ref()?;
        let found = match self.uncommitted(base, top, Untracked::Folders) {
            Ok(found) => found,
            Err(error) => return Some(format!("what is not committed is ignored, and could not be found out: {error}")),
        };
        let said: Vec<String> = [(found.changed, "changed"), (found.staged, "staged"), (found.untracked, "untracked")]
            .into_iter()
            .filter(|(paths, _)| !paths.is_empty())
            .map(|(paths, what)| format!("{} {what}", paths.len()))
            .collect();
        (!said.is_empty()).then(|| format!("ignored, because not committed: {}", said.join(", ")))
    }

    /// Returns the paths of `top`, the work tree, whose files may be otherwise than in the base commit.
    ///
    /// To find out whether a file was changed, git would run the repository's clean filters over it. So it looks at the user's index and
    /// files, but by the configuration and attributes of our clone, which has no filters.
    pub(crate) fn uncommitted(&self, base: &Base, top: &Path, untracked: Untracked) -> Result<Uncommitted, git::Error> {
        let inside = |name: &str| -> Result<PathBuf, git::Error> {
            let path = base.git.run(top, &["rev-parse", "--git-path", name])?;
            Ok(top.join(OsStr::from_bytes(path.strip_suffix(b"\n").unwrap_or(&path))))
        };
        let (index, exclude) = (inside("index")?, inside("info/exclude")?);
        let option = |name: &str, path: &Path| OsString::from_iter([OsStr::new(name), path.as_os_str()]);
        let git = |args: &[&OsStr], stdin: Option<&[u8]>| {
            let (git_dir, work_tree) = (option("--git-dir=", &base.bare), option("--work-tree=", top));
            let args: Vec<&OsStr> =
                [git_dir.as_os_str(), work_tree.as_os_str()].into_iter().chain(args.iter().copied()).collect();
            base.git.run_with(top, &args, &[("GIT_INDEX_FILE", index.as_os_str())], stdin)
        };
        let raw = git(&["diff-files", "--raw", "--no-abbrev", "-z", "--ignore-submodules=all"].map(OsStr::new), None)?;
        let hash = |list: &[u8]| git(&["hash-object", "--no-filters", "--stdin-paths"].map(OsStr::new), Some(list));
        let changed = differing(&raw, hash);
        let staged = git(&["diff-index", "--cached", "--name-only", "-z", &self.base, "--"].map(OsStr::new), None)?;
        let mut others = ["ls-files", "--others", "--exclude-per-directory=.gitignore", "-z"].map(OsStr::new).to_vec();
        if untracked == Untracked::Folders {
            others.extend(["--directory", "--no-empty-directory"].map(OsStr::new));
        }
        let excluded = option("--exclude-from=", &exclude);
        others.extend(exclude.is_file().then_some(excluded.as_os_str()));
        Ok(Uncommitted { changed, staged: split(&staged), untracked: split(&git(&others, None)?) })
    }
}

/// How untracked files are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untracked {
    /// A folder of them is one.
    Folders,
    /// Each by itself.
    Files,
}

/// Paths in the work tree, as git names them.
#[derive(Debug)]
pub(crate) struct Uncommitted {
    /// Whose files are not as in the index.
    pub(crate) changed: Vec<Vec<u8>>,
    /// That are in the index otherwise than in the base.
    pub(crate) staged: Vec<Vec<u8>>,
    /// That are not in the index.
    pub(crate) untracked: Vec<Vec<u8>>,
}

fn split(listed: &[u8]) -> Vec<Vec<u8>> {
    listed.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Says whether git refuses because of who owns the repository: "dubious ownership" today, "is owned by someone else" at first.
fn says_foreign(message: &str) -> bool {
    message.contains("dubious ownership") || message.contains("is owned by someone else")
}

/// Says whether what `.git` of a folder is, or leads to, belongs to the repository: its configuration can name any folder as its work tree,
/// such as a home, whose tools and packages recipes would then see.
fn is_work_tree_of(top: &Path, git_dir: &Path) -> bool {
    const LONGEST: u64 = 64 << 10;
    let at = top.join(".git");
    let named = |path: &Path| {
        let mut line = Vec::new();
        std::fs::File::open(path).ok()?.take(LONGEST).read_to_end(&mut line).ok()?;
        let line = line.strip_prefix(b"gitdir: ")?;
        Some(top.join(OsStr::from_bytes(line.trim_ascii_end())))
    };
    let own = match std::fs::metadata(&at) {
        Ok(meta) if meta.is_file() => named(&at),
        _ => Some(at),
    };
    own.and_then(|own| std::fs::canonicalize(own).ok()).is_some_and(|own| own.starts_with(git_dir))
}

/// Returns the files of a raw difference between index and work tree whose bytes really differ. git says which look different by time
/// and size, and their raw bytes are hashed.
fn differing(raw: &[u8], hash: impl Fn(&[u8]) -> Result<Vec<u8>, git::Error>) -> Vec<Vec<u8>> {
    let mut fields = raw.split(|byte| *byte == 0);
    let mut differing = Vec::new();
    let mut doubtful: Vec<(String, &[u8])> = Vec::new();
    while let (Some(meta), Some(path)) = (fields.next(), fields.next()) {
        let meta = String::from_utf8_lossy(meta);
        let words: Vec<&str> = meta.split(' ').collect();
        match words.as_slice() {
            // Plain files alone: a link may lead to what never ends.
            [_, mode, id, _, "M"] if mode.starts_with("100") && !path.contains(&b'\n') => doubtful.push(((*id).to_owned(), path)),
            _ => differing.push(path.to_vec()),
        }
    }
    if doubtful.is_empty() {
        return differing;
    }
    let list: Vec<u8> = doubtful.iter().flat_map(|(_, path)| [path, b"\n".as_slice()].concat()).collect();
    let hashed = hash(&list).map(|hashed| String::from_utf8_lossy(&hashed).into_owned()).unwrap_or_default();
    // One that cannot be read any more has no hash, and is told like one that differs.
    let mut hashed = hashed.lines();
    differing.extend(doubtful.into_iter().filter(|(id, _)| hashed.next() != Some(id)).map(|(_, path)| path.to_vec()));
    differing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_by_ownership_is_told_from_others() {
        assert!(says_foreign("fatal: detected dubious ownership in repository at '/r'; To add an exception"));
        assert!(says_foreign("fatal: unsafe repository ('/r' is owned by someone else)"));
        assert!(!says_foreign("fatal: not a git repository"));
    }

    #[test]
    fn a_work_tree_is_where_its_repository_is_named() {
        let repo = testkit::Repo::new();
        repo.file("a", "a").commit("a");
        let linked = repo.beside("linked");
        repo.git(["worktree", "add", "--quiet", "--detach", linked.to_str().unwrap()]);
        let git_dir = std::fs::canonicalize(repo.path().join(".git")).unwrap();
        assert!(is_work_tree_of(repo.path(), &git_dir) && is_work_tree_of(&linked, &git_dir));
        let other = testkit::Repo::new();
        assert!(!is_work_tree_of(other.path(), &git_dir) && !is_work_tree_of(&repo.beside("nowhere"), &git_dir));
    }
}
