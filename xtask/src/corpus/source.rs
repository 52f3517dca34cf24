//! Real changes of single files, from the history of git repositories.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

/// A change that somebody made to one file.
pub(super) struct Change {
    pub(super) path: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) diff: Diff,
    /// All files of the tree, for what a path may be mistaken for.
    pub(super) names: std::rc::Rc<Vec<String>>,
}

impl Change {
    /// Returns the change with another diff.
    pub(super) fn with(&self, diff: Diff) -> Self {
        let names = std::rc::Rc::clone(&self.names);
        Self { path: self.path.clone(), before: self.before.clone(), after: self.after.clone(), diff, names }
    }
}

/// A unified diff of one file, cut into hunks.
#[derive(Clone)]
pub(super) struct Diff {
    /// `--- a` and `+++ b` and what stands before them.
    pub(super) head: Vec<String>,
    pub(super) hunks: Vec<Piece>,
}

/// A hunk.
#[derive(Clone)]
pub(super) struct Piece {
    pub(super) old: (usize, usize),
    pub(super) new: (usize, usize),
    /// Lines with their marks.
    pub(super) lines: Vec<String>,
}

impl Piece {
    /// The lines of one side, without marks.
    pub(super) fn side(&self, other: char) -> Vec<String> {
        let own = |line: &&String| !line.starts_with(other) && !line.starts_with('\\');
        self.lines.iter().filter(own).map(|line| line.get(1..).unwrap_or_default().to_owned()).collect()
    }
}

/// All that one commit does, when it is more than to change one file.
pub(super) struct Commit {
    pub(super) diff: String,
    /// Old name and new name.
    pub(super) renames: BTreeMap<String, String>,
    /// The files that it touches, before and after; `None`: not there.
    pub(super) before: BTreeMap<String, Option<String>>,
    pub(super) after: BTreeMap<String, Option<String>>,
    pub(super) names: std::rc::Rc<Vec<String>>,
}

/// Files of one commit; what touches more is not what one answer does.
const MOST_FILES: usize = 8;

/// Returns the commits of a repository that touch several files, or make or take away one, the newest first.
pub(super) fn commits(repository: &Path, most: usize) -> Result<Vec<Commit>> {
    let git = |args: &[&str]| -> Result<Option<String>> {
        let done = Command::new("git").arg("-C").arg(repository).args(args).output().context("running git")?;
        Ok(String::from_utf8(done.stdout).ok().filter(|_| done.status.success()))
    };
    let mut found = Vec::new();
    let list = git(&["log", "--no-merges", "--format=%H %P"])?.unwrap_or_default();
    for line in list.lines() {
        let Some((commit, parent)) = line.split_once(' ').filter(|(_, parent)| !parent.is_empty() && !parent.contains(' '))
        else {
            continue;
        };
        let status = git(&["diff", "--no-ext-diff", "-M", "--name-status", parent, commit])?.unwrap_or_default();
        let rows: Vec<Vec<&str>> = status.lines().map(|row| row.split('\t').collect()).collect();
        let simple =
            rows.iter().all(|row| matches!(row.first(), Some(kind) if ["M", "A", "D"].contains(kind) || kind.starts_with('R')));
        let one = rows.len() == 1 && rows.iter().all(|row| row.first() == Some(&"M"));
        if !simple || one || rows.is_empty() || rows.len() > MOST_FILES {
            continue;
        }
        let Some(diff) = git(&["diff", "--no-ext-diff", "-M", parent, commit])? else { continue };
        let odd = ["Binary files", "mode 120000", "mode 160000", "old mode", "\r", "\n\\"].iter().any(|sign| diff.contains(sign));
        if diff.len() > 60_000 || odd {
            continue;
        }
        let mut all = Commit {
            diff,
            renames: BTreeMap::new(),
            before: BTreeMap::new(),
            after: BTreeMap::new(),
            names: std::rc::Rc::new(
                git(&["ls-tree", "-r", "--name-only", parent])?.unwrap_or_default().lines().map(str::to_owned).collect(),
            ),
        };
        for row in &rows {
            if let [_, from, to] = row.as_slice() {
                all.renames.insert((*from).to_owned(), (*to).to_owned());
            }
            for path in row.iter().skip(1) {
                all.before.insert((*path).to_owned(), git(&["show", &format!("{parent}:{path}")])?);
                all.after.insert((*path).to_owned(), git(&["show", &format!("{commit}:{path}")])?);
            }
        }
        found.push(all);
        if found.len() >= most {
            break;
        }
    }
    Ok(found)
}

/// Returns the hunks between two texts.
pub(super) fn hunks(before: &str, after: &str) -> Vec<Piece> {
    let Ok(path) = domain::RepoPath::new("x") else { return Vec::new() };
    cut(&patch::diff(&path, Some(before.as_bytes()), Some(after.as_bytes()))).map(|diff| diff.hunks).unwrap_or_default()
}

/// Returns the changes of a repository, the newest first: text, not too large, with hunks.
pub(super) fn changes(repository: &Path, most: usize) -> Result<Vec<Change>> {
    let git = |args: &[&str]| -> Result<Vec<u8>> {
        let done = Command::new("git").arg("-C").arg(repository).args(args).output().context("running git")?;
        Ok(done.stdout)
    };
    let text = |args: &[&str]| -> Result<Option<String>> { Ok(String::from_utf8(git(args)?).ok()) };
    let mut found = Vec::new();
    let commits = text(&["log", "--no-merges", "--format=%H %P"])?.unwrap_or_default();
    for line in commits.lines() {
        let Some((commit, parent)) = line.split_once(' ').filter(|(_, parent)| !parent.is_empty() && !parent.contains(' '))
        else {
            continue;
        };
        let listed = text(&["ls-tree", "-r", "--name-only", parent])?.unwrap_or_default();
        let names = std::rc::Rc::new(listed.lines().map(str::to_owned).collect::<Vec<_>>());
        let changed = text(&["diff", "--no-ext-diff", "--no-renames", "--name-only", "--diff-filter=M", parent, commit])?
            .unwrap_or_default();
        for path in changed.lines().take(40) {
            let diff = text(&["diff", "--no-ext-diff", "--no-renames", parent, commit, "--", path])?;
            let before = text(&["show", &format!("{parent}:{path}")])?;
            let after = text(&["show", &format!("{commit}:{path}")])?;
            let (Some(diff), Some(before), Some(after)) = (diff, before, after) else { continue };
            // No format but the diff can say that ends of lines or the end of the file change.
            let same_ends = before.contains('\r') == after.contains('\r') && before.ends_with('\n') == after.ends_with('\n');
            // The same line taken away and added with another end.
            let side = |mark: char| diff.split('\n').filter(move |line| line.starts_with(mark)).filter_map(|line| line.get(1..));
            let gone: std::collections::HashSet<&str> = side('-').collect();
            let bare: std::collections::HashSet<&str> = gone.iter().map(|line| line.trim_end_matches('\r')).collect();
            let same_ends =
                same_ends && !side('+').any(|line| bare.contains(line.trim_end_matches('\r')) && !gone.contains(line));
            let small = same_ends && before.len() < 400_000 && diff.len() < 60_000;
            if let Some(diff) = cut(&diff).filter(|diff| small && !diff.hunks.is_empty() && !before.is_empty()) {
                found.push(Change { path: path.to_owned(), before, after, diff, names: std::rc::Rc::clone(&names) });
            }
            if found.len() >= most {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

fn cut(diff: &str) -> Option<Diff> {
    let mut out = Diff { head: Vec::new(), hunks: Vec::new() };
    for line in diff.split_terminator('\n') {
        if line.starts_with("@@ -") {
            let mut words = line.split(' ').skip(1);
            let range = |word: Option<&str>| -> Option<(usize, usize)> {
                let word = word?.get(1..)?;
                let (start, count) = word.split_once(',').unwrap_or((word, "1"));
                Some((start.parse().ok()?, count.parse().ok()?))
            };
            out.hunks.push(Piece { old: range(words.next())?, new: range(words.next())?, lines: Vec::new() });
        } else if let Some(hunk) = out.hunks.last_mut() {
            hunk.lines.push(line.to_owned());
        } else {
            out.head.push(line.to_owned());
        }
    }
    Some(out)
}
