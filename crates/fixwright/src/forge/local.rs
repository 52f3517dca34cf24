//! The local forge: commits in our bare clone, and a branch of them in the user's repository.
//!
//! Commits are a function of their content: the date is that of the base commit. So a delivery that is made twice (a kill in between, a
//! second run) is the same branch with the same tip, and looking the branch up is enough to know that it has happened.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::workspace::{Base, Changes, Git, Repository};

/// A commit to be made.
pub(crate) struct Draft {
    /// Subject, body and trailers.
    pub(crate) message: String,
    /// The files as this commit leaves them, those that differ from the commit before.
    pub(crate) changes: Changes,
}

/// Who writes the commits.
pub(crate) struct Author<'a> {
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
}

/// Makes a stack of commits on the base in our own clone, and returns their ids in order.
pub(crate) fn make_commits(base: &Base, author: &Author<'_>, branch: &str, drafts: &[Draft]) -> anyhow::Result<Vec<String>> {
    let date = base.git.line(&base.bare, &["show", "-s", "--format=%ct", &base.commit])?;
    let clean = |text: &str| text.replace(['<', '>', '\n', '\0'], "").trim().to_owned();
    let by = format!("{} <{}> {date} +0000", clean(author.name), clean(author.email));
    let mut stream: Vec<u8> = Vec::new();
    let reference = format!("refs/heads/{branch}");
    stream.extend(format!("reset {reference}\nfrom {}\n\n", base.commit).bytes());
    for (number, draft) in drafts.iter().enumerate() {
        let message = draft.message.as_bytes();
        stream.extend(
            format!("commit {reference}\nmark :{}\nauthor {by}\ncommitter {by}\ndata {}\n", number + 1, message.len()).bytes(),
        );
        stream.extend_from_slice(message);
        stream.push(b'\n');
        for (path, bytes) in &draft.changes {
            let name = quote(path.as_str());
            match bytes {
                None => stream.extend(format!("D {name}\n").bytes()),
                Some(bytes) => {
                    let mode = if base.executable.contains(path) { "100755" } else { "100644" };
                    stream.extend(format!("M {mode} inline {name}\ndata {}\n", bytes.len()).bytes());
                    stream.extend_from_slice(bytes);
                    stream.push(b'\n');
                }
            }
        }
    }
    stream.extend_from_slice(b"done\n");
    let marks = tempfile::NamedTempFile::new_in(&base.bare)?;
    let export = format!("--export-marks={}", marks.path().display());
    let args = ["fast-import", "--quiet", "--done", "--force", &export];
    base.git.run_with(&base.bare, &args, &[], Some(&stream)).context("making the commits")?;
    let listed = std::fs::read_to_string(marks.path())?;
    let mut ids = vec![String::new(); drafts.len()];
    for (mark, id) in listed.lines().filter_map(|line| line.split_once(' ')) {
        let number: usize = mark.trim_start_matches(':').parse().unwrap_or(0);
        if let Some(slot) = number.checked_sub(1).and_then(|at| ids.get_mut(at)) {
            id.clone_into(slot);
        }
    }
    ensure!(ids.iter().all(|id| !id.is_empty()), "git fast-import did not name every commit");
    Ok(ids)
}

/// Returns the tip of a branch of the user's repository, `None` when there is no such branch.
pub(crate) fn tip(base: &Base, repository: &Repository, branch: &str) -> Option<String> {
    tip_in(&base.git, &repository.git_dir, branch)
}

fn tip_in(git: &Git, git_dir: &Path, branch: &str) -> Option<String> {
    git.line(git_dir, &["rev-parse", "--verify", "--quiet", &format!("refs/heads/{branch}")]).ok()
}

/// Gives the user's repository the branch at `tip`: its objects, then the name, which must not be there yet. Checkout, index, `HEAD`
/// and configuration are not touched, and no hook runs. A kill at any moment leaves nothing there that doing it again does not clear.
pub(crate) fn push(base: &Base, repository: &Repository, branch: &str, tip: &str) -> anyhow::Result<()> {
    let listed = base.git.run(&base.bare, &["rev-list", "--objects", "--no-object-names", tip, &format!("^{}", base.commit)])?;
    let objects = repository.git_dir.join("objects");
    for id in String::from_utf8_lossy(&listed).lines() {
        give(&base.bare.join("objects"), &objects, id).with_context(|| format!("writing {id} into the repository"))?;
    }
    name_tip(&base.git, &repository.git_dir, branch, tip).with_context(|| format!("making the branch {branch}"))
}

/// How long to wait for others of us that make a branch of this repository, each of whom is done in milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);

/// Makes a branch that is not there yet. Somebody with another data directory may make the same one at this moment, and a git of ours
/// may have been killed and have left its lock: from outside the two look alike, so we take turns at the repository, and a lock that is
/// there in our turn is nobody's.
fn name_tip(git: &Git, git_dir: &Path, branch: &str, tip: &str) -> anyhow::Result<()> {
    let _turn = turn(git_dir)?;
    let name = format!("refs/heads/{branch}");
    let _ = std::fs::remove_file(git_dir.join(format!("{name}.lock")));
    let none = "0".repeat(tip.len());
    match git.run(git_dir, &["update-ref", "-m", "fixwright: delivered", &name, tip, &none]) {
        Err(error) if tip_in(git, git_dir, branch).as_deref() != Some(tip) => Err(error.into()),
        // Made, by us or by somebody who was first: the same content is the same branch.
        _ => Ok(()),
    }
}

/// Waits for our turn, which ends with the file that is returned. It is the folder itself that is locked: nothing is left in it, and the
/// kernel lets go of it when we are killed.
fn turn(git_dir: &Path) -> anyhow::Result<File> {
    let folder = File::open(git_dir)?;
    let until = Instant::now() + PATIENCE;
    loop {
        match folder.try_lock() {
            Ok(()) => return Ok(folder),
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(PAUSE),
            Err(error) => return Err(error).with_context(|| format!("waiting for a turn at {}", git_dir.display())),
        }
    }
}

/// Copies an object, whole or not at all. Its name while it is half there is ours alone, the same each time, so that what a kill leaves
/// is overwritten by the next try, and one that git's own housekeeping removes.
fn give(from: &Path, to: &Path, id: &str) -> anyhow::Result<()> {
    let (folder, rest) = id.split_at_checked(2).context("an object without a name")?;
    let (source, folder) = (from.join(folder).join(rest), to.join(folder));
    let target = folder.join(rest);
    // What is not here was in the repository before.
    if target.exists() || !source.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        std::fs::create_dir_all(&folder)?;
        // A repository that is shared by a group has folders that its members may write.
        std::fs::set_permissions(&folder, std::fs::metadata(to)?.permissions())?;
    }
    let ours = domain::Digest::of(from.as_os_str().as_encoded_bytes()).short(8);
    let half = folder.join(format!("tmp_obj_fixwright_{ours}_{rest}"));
    let _ = std::fs::remove_file(&half);
    // The branch must not outlive its objects: they are on the disk before it is named, so that a power cut leaves both or neither.
    let copied = std::fs::copy(&source, &half)
        .and_then(|_| File::open(&half)?.sync_all())
        .and_then(|()| std::fs::rename(&half, &target))
        .and_then(|()| File::open(&folder)?.sync_all());
    if copied.is_err() {
        let _ = std::fs::remove_file(&half);
    }
    Ok(copied?)
}

/// Quotes a path for fast-import.
fn quote(path: &str) -> String {
    let mut quoted = String::from("\"");
    for c in path.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns the subjects of the latest commits (at most 50), newest first: how this repository writes them.
pub(crate) fn recent_subjects(base: &Base) -> Vec<String> {
    let log = base.git.run(&base.bare, &["log", "-50", "--no-merges", "--format=%s", &base.commit]).unwrap_or_default();
    String::from_utf8_lossy(&log).lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_that_many_make_at_once_is_made_whatever_locks_lie_there() {
        let repo = testkit::Repo::new();
        let tip = repo.file("a", "a").commit("a");
        let git_dir = repo.path().join(".git");
        #[expect(clippy::disallowed_methods, reason = "git of whoever runs the tests")]
        let path = std::env::var_os("PATH").unwrap();
        let git = Git::new("git".into(), path, repo.beside("git")).unwrap();
        for number in 0..20 {
            let branch = format!("fixwright/fix-{number}");
            let lock = git_dir.join(format!("refs/heads/{branch}.lock"));
            std::fs::create_dir_all(lock.parent().unwrap()).unwrap();
            std::fs::write(lock, "").unwrap();
            thread::scope(|scope| {
                let all = [(); 4].map(|()| scope.spawn(|| name_tip(&git, &git_dir, &branch, &tip)));
                for one in all {
                    one.join().unwrap().unwrap();
                }
            });
            assert_eq!(tip_in(&git, &git_dir, &branch), Some(tip.clone()));
        }
    }
}
