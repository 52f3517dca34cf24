//! The local forge: commits in our bare clone, and a branch of them in the user's repository.
//!
//! Commits are a function of their content: the date is that of the base commit. So a delivery that is made twice (a kill in between, a
//! second run) is the same branch with the same tip, and looking the branch up is enough to know that it has happened.

use std::path::Path;

use anyhow::{Context as _, ensure};

use crate::workspace::{Base, Changes, Repository};

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
    let name = format!("refs/heads/{branch}");
    base.git.line(&repository.git_dir, &["rev-parse", "--verify", "--quiet", &name]).ok()
}

/// Gives the user's repository the branch at `tip`: its objects, then the name, which must not be there yet. Checkout, index, `HEAD`
/// and configuration are not touched, and no hook runs. A kill at any moment leaves nothing there that doing it again does not clear.
pub(crate) fn push(base: &Base, repository: &Repository, branch: &str, tip: &str) -> anyhow::Result<()> {
    let listed = base.git.run(&base.bare, &["rev-list", "--objects", "--no-object-names", tip, &format!("^{}", base.commit)])?;
    let objects = repository.git_dir.join("objects");
    for id in String::from_utf8_lossy(&listed).lines() {
        give(&base.bare.join("objects"), &objects, id).with_context(|| format!("writing {id} into the repository"))?;
    }
    let name = format!("refs/heads/{branch}");
    // Of a git of ours that was killed: nobody else makes a branch whose name is the digest of its content, and we hold the repository.
    let _ = std::fs::remove_file(repository.git_dir.join(format!("{name}.lock")));
    let none = "0".repeat(tip.len());
    let made = base.git.run(&repository.git_dir, &["update-ref", "-m", "fixwright: delivered", &name, tip, &none]);
    match made {
        Err(error) if self::tip(base, repository, branch).as_deref() != Some(tip) => {
            Err(error).with_context(|| format!("making the branch {branch}"))
        }
        // Someone with another data directory was first: the same content is the same branch.
        _ => Ok(()),
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
    let copied = std::fs::copy(&source, &half).and_then(|_| std::fs::rename(&half, &target));
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
