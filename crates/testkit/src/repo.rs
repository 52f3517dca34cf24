//! A git repository in a folder of its own, the same each time it is made.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use crate::{Tools, snapshot};

/// The time of the first commit, in seconds: 2026-01-01 00:00 UTC. Each further command is a minute later.
const BEGIN: u64 = 1_767_225_600;

/// A real repository, deleted when dropped.
///
/// Neither the user's nor the system's git configuration is read, nor any `GIT_*` variable; author and dates are fixed, so that the same
/// steps give the same commits.
#[derive(Debug)]
pub struct Repo {
    folder: TempDir,
    path: PathBuf,
    minutes: AtomicU64,
}

impl Default for Repo {
    fn default() -> Self {
        Self::new()
    }
}

impl Repo {
    /// Makes an empty repository, its branch `main` not yet born.
    #[must_use]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("making a folder");
        // Links resolved, so that a test can compare paths.
        let path = folder.path().canonicalize().expect("resolving the folder").join("repo");
        fs::create_dir(&path).expect("making the repository's folder");
        let repo = Self { folder, path, minutes: AtomicU64::new(0) };
        repo.git(["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    /// Returns the folder of the work tree.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a path beside the repository that is deleted with it: for a data directory, a clone, a report.
    #[must_use]
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the work tree, with the folders above it.
    pub fn file(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> &Self {
        fs::write(self.place(path.as_ref()), bytes).expect("writing a file");
        self
    }

    /// Writes a file that may be run.
    pub fn program(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> &Self {
        self.file(&path, bytes);
        fs::set_permissions(self.path.join(path), fs::Permissions::from_mode(0o755)).expect("making a file executable");
        self
    }

    /// Makes a symbolic link in the work tree.
    pub fn link(&self, path: impl AsRef<Path>, target: impl AsRef<Path>) -> &Self {
        symlink(target, self.place(path.as_ref())).expect("making a link");
        self
    }

    fn place(&self, path: &Path) -> PathBuf {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("making folders");
        path
    }

    /// Commits all that is in the work tree, and returns the commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(["rev-parse", "HEAD"])
    }

    /// Runs git in the work tree, and returns what it wrote, without the line's end.
    ///
    /// # Panics
    /// When git fails.
    pub fn git<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> String {
        let Output { status, stdout, stderr } = self.command(arguments).output().expect("running git");
        let text = |bytes| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        assert!(status.success(), "git failed with {status}: {}", text(&stderr));
        text(&stdout)
    }

    /// Returns the command that [`Repo::git`] would run: to look at how git fails, or to give it input.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let date = format!("{} +0000", BEGIN + 60 * self.minutes.fetch_add(1, Ordering::Relaxed));
        let mut command = Command::new("git");
        command
            .args(arguments)
            .current_dir(&self.path)
            .env_clear()
            .env("PATH", Tools::inherited_path())
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_AUTHOR_NAME", "Ada Test")
            .env("GIT_AUTHOR_EMAIL", "ada@example.org")
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_NAME", "Ada Test")
            .env("GIT_COMMITTER_EMAIL", "ada@example.org")
            .env("GIT_COMMITTER_DATE", &date)
            .stdin(Stdio::null());
        command
    }

    /// Returns all that a run must leave as it was, as text to compare: a line for each file of the work tree (mode, digest, path), the
    /// index, `HEAD`, all refs but those under `refs/heads/fixwright/`, stashes, configuration, hooks and worktrees.
    #[must_use]
    pub fn snapshot(&self) -> String {
        snapshot::of(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> Repo {
        let repo = Repo::new();
        repo.file("src/a.txt", "a\n").program("run", "#!/bin/sh\n").link("link", "src/a.txt").commit("first");
        repo
    }

    #[test]
    fn the_same_steps_give_the_same_commit() {
        let (one, two) = (made(), made());
        assert_eq!(one.git(["rev-parse", "HEAD"]), two.git(["rev-parse", "HEAD"]));
        assert_eq!(one.git(["log", "--format=%an %ae %s"]), "Ada Test ada@example.org first");
        assert_eq!(
            one.git(["ls-tree", "-r", "--format=%(objectmode) %(path)", "HEAD"]),
            "120000 link\n100755 run\n100644 src/a.txt"
        );
    }

    #[test]
    #[should_panic(expected = "git failed with exit status: 1")]
    fn a_git_that_fails_fails_the_test() {
        Repo::new().git(["config", "no.such"]);
    }

    /// A change to a repository.
    type Step = (&'static str, fn(&Repo));

    #[test]
    fn every_change_shows_in_the_snapshot() {
        let changes: [Step; 15] = [
            ("content", |repo| _ = repo.file("src/a.txt", "b\n")),
            ("an ignored file", |repo| _ = repo.file("src/new", "")),
            ("an empty folder", |repo| fs::create_dir(repo.path().join("empty")).unwrap()),
            ("a mode", |repo| fs::set_permissions(repo.path().join("run"), fs::Permissions::from_mode(0o700)).unwrap()),
            ("a link's target", |repo| {
                fs::remove_file(repo.path().join("link")).unwrap();
                repo.link("link", "run");
            }),
            ("the index", |repo| drop(repo.git(["update-index", "--chmod=-x", "run"]))),
            ("HEAD", |repo| drop(repo.git(["symbolic-ref", "HEAD", "refs/heads/other"]))),
            ("a branch", |repo| drop(repo.git(["branch", "other"]))),
            ("a packed branch", |repo| drop([repo.git(["branch", "other"]), repo.git(["pack-refs", "--all"])])),
            ("a tag", |repo| drop(repo.git(["tag", "v1"]))),
            ("a stash", |repo| {
                repo.file("src/a.txt", "b\n").git(["stash"]);
                assert_eq!(fs::read(repo.path().join("src/a.txt")).unwrap(), b"a\n");
            }),
            ("configuration", |repo| drop(repo.git(["config", "core.abbrev", "9"]))),
            ("a hook", |repo| _ = repo.file(".git/hooks/pre-commit", "")),
            ("excludes", |repo| _ = repo.file(".git/info/exclude", "*.o\n")),
            ("a worktree", |repo| drop(repo.git(["worktree", "add", "--detach", "--quiet", "../other"]))),
        ];
        for (what, change) in changes {
            let repo = made();
            let before = repo.snapshot();
            assert_eq!(repo.snapshot(), before, "looking changes it");
            change(&repo);
            assert_ne!(repo.snapshot(), before, "{what}");
        }
    }

    #[test]
    fn our_own_branches_do_not_show_in_the_snapshot() {
        let repo = made();
        let before = repo.snapshot();
        repo.git(["branch", "fixwright/lint-1"]);
        repo.git(["gc", "--quiet"]);
        assert_eq!(repo.snapshot(), before);
    }

    #[test]
    fn odd_names_and_an_unborn_branch_are_shown() {
        use std::os::unix::ffi::OsStrExt;
        let repo = Repo::new();
        repo.file(OsStr::from_bytes(b"a\nb\xff"), "").link("loop", "loop");
        let snapshot = repo.snapshot();
        assert!(snapshot.contains(r#""a\nb\xFF""#) && snapshot.contains(r#""loop" -> "loop""#), "{snapshot}");
    }
}
