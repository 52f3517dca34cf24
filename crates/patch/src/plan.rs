//! From an answer to what it does to a tree: everything, or a refusal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::{Digest, RepoPath};
use serde::Serialize;

use crate::answer::{self, Confidence, Reading, Repair};
use crate::files::{self, Fitted};
use crate::lines::{LineMap, git_diff};
use crate::marks;
use crate::model::{Action, FilePatch, Format};
use crate::place::Rung;
use crate::refusal::{Refusal, bad_file, unreadable};
use crate::tree::Tree;

/// One file before and after; `None` stands for "no such file".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// The file.
    pub path: RepoPath,
    /// Its bytes before.
    pub before: Option<Arc<[u8]>>,
    /// Its bytes after.
    pub after: Option<Arc<[u8]>>,
    /// Set when the patch makes it executable (`true`) or not (`false`).
    pub executable: Option<bool>,
}

/// What came of an answer that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Files will be different.
    Changes,
    /// The files are already as the answer wants them.
    AlreadyApplied,
}

/// How one hunk found its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// The file.
    pub path: RepoPath,
    /// The format that the hunk was written in.
    pub format: Format,
    /// The rung that decided.
    pub rung: Rung,
    /// The first line of the file that it speaks of, from 1.
    pub line: usize,
}

/// What an answer does to a tree: nothing is done yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whether there is anything to do.
    pub outcome: Outcome,
    /// The files that change, by path.
    pub files: Vec<FileChange>,
    /// How each hunk found its place.
    pub reached: Vec<Reached>,
    /// What was done to the answer before it could be read.
    pub repairs: Vec<Repair>,
    /// What the author said about it.
    pub explanation: Option<String>,
    /// How sure the author is.
    pub confidence: Option<Confidence>,
}

impl Plan {
    /// Returns the canonical git diff of the whole plan. It holds the bytes of the files, which need not be UTF-8.
    #[must_use]
    pub fn diff(&self) -> Vec<u8> {
        self.files
            .iter()
            .flat_map(|file| git_diff(&file.path, file.before.as_deref(), file.after.as_deref(), file.executable))
            .collect()
    }

    /// Returns the digest of each file afterwards; `None` for one that is gone.
    #[must_use]
    pub fn manifest(&self) -> BTreeMap<RepoPath, Option<Digest>> {
        self.files.iter().map(|file| (file.path.clone(), file.after.as_deref().map(Digest::of))).collect()
    }

    /// Returns for each file how many lines are added and removed.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<RepoPath, (usize, usize)> {
        let count = |file: &FileChange| {
            LineMap::new(file.before.as_deref().unwrap_or_default(), file.after.as_deref().unwrap_or_default()).counts()
        };
        self.files.iter().map(|file| (file.path.clone(), count(file))).collect()
    }

    /// The rung of the hunk that was hardest to place: what a judge of the syntax wants to know.
    #[must_use]
    pub fn rung(&self) -> Option<Rung> {
        self.reached.iter().map(|reached| reached.rung).max()
    }
}

/// Fits an answer, in whatever format it is, to a tree.
///
/// # Errors
/// [`Refusal`] when it cannot be read, names a path that cannot be, or does not fit in one way only; nothing is ever applied in part.
pub fn plan(answer: impl AsRef<[u8]>, tree: &Tree) -> Result<Plan, Refusal> {
    plan_with(answer, tree, &mut |_, _| Ok(()))
}

/// Says why a file must not change so, if it must not. It is shown the file before and after, and the hardest rung of the plan.
pub type Judge<'j> = dyn FnMut(&FileChange, Option<Rung>) -> Result<(), String> + 'j;

/// Like [`plan`], with a judge of its own: it is shown each file before and after, with the hardest rung, and may refuse it.
///
/// # Errors
/// As [`plan`], and what the judge says.
pub fn plan_with(answer: impl AsRef<[u8]>, tree: &Tree, judge: &mut Judge<'_>) -> Result<Plan, Refusal> {
    let answer = answer::read(answer.as_ref())?;
    let mut refusal: Option<Refusal> = None;
    for reading in &answer.readings {
        let nothing_yet = refusal.as_ref().is_none_or(|refusal| matches!(refusal, Refusal::Unreadable { line: 0, .. }));
        // Only where the plain reading holds no edit at all is the text thought to be changed on its way; for entities it is enough
        // that it does not fit.
        let one_line = matches!(refusal, Some(Refusal::Unreadable { line: 0..=5, .. }))
            && reading.repairs.contains(&Repair::LiteralNewlines);
        if !nothing_yet && !one_line && !reading.repairs.contains(&Repair::Entities) {
            continue;
        }
        match attempt(reading, tree) {
            Ok(Attempt::Planned(mut plan)) => {
                for file in &plan.files {
                    judge(file, plan.rung()).map_err(|what| bad_file(file.path.as_str(), what))?;
                }
                plan.repairs.clone_from(&reading.repairs);
                plan.explanation.clone_from(&answer.explanation);
                plan.confidence = answer.confidence;
                return Ok(plan);
            }
            Ok(Attempt::Doubtful(refusal)) => return Err(refusal),
            Err(found) => {
                if nothing_yet {
                    refusal = Some(found);
                }
            }
        }
    }
    Err(refusal.unwrap_or_else(|| unreadable(0, "the answer is empty")))
}

enum Attempt {
    Planned(Plan),
    /// It can be read in two ways, and both fit.
    Doubtful(Refusal),
}

fn attempt(reading: &Reading, tree: &Tree) -> Result<Attempt, Refusal> {
    let known = |name: &str| RepoPath::new(name).is_ok_and(|path| tree.files().contains(&path));
    let mut edits = reading.edits(&known)?;
    marks::read_again(&mut edits, tree);
    files::complete(&edits, tree)?;
    let mut plan = Plan {
        outcome: Outcome::Changes,
        files: Vec::new(),
        reached: Vec::new(),
        repairs: Vec::new(),
        explanation: None,
        confidence: None,
    };
    let mut already = false;
    for (path, file) in gather(edits, tree)? {
        match files::fit(path, &file, tree)? {
            Fitted::Already => already = true,
            Fitted::Changed { changes, reached } => {
                if let Some(refusal) = files::doubtful(&file, &changes) {
                    return Ok(Attempt::Doubtful(refusal));
                }
                plan.files.extend(changes);
                plan.reached.extend(reached);
            }
        }
    }
    plan.files.retain(|file| file.before != file.after || file.executable.is_some());
    plan.files.sort_by(|a, b| a.path.cmp(&b.path));
    apart(&plan.files)?;
    match (plan.files.is_empty(), already) {
        (true, false) => Err(Refusal::NoChange),
        (true, true) => Ok(Attempt::Planned(Plan { outcome: Outcome::AlreadyApplied, ..plan })),
        (false, _) => Ok(Attempt::Planned(plan)),
    }
}

/// Puts the edits of one file together, each under its path in the tree.
fn gather(edits: Vec<FilePatch>, tree: &Tree) -> Result<Vec<(RepoPath, FilePatch)>, Refusal> {
    let mut roots = crate::paths::Roots::default();
    let mut resolved: Vec<(Option<RepoPath>, FilePatch)> = Vec::with_capacity(edits.len());
    for mut file in edits {
        let path = files::there(&mut file, tree, &mut roots)?;
        resolved.push((path, file));
    }
    let mut out: Vec<(RepoPath, FilePatch)> = Vec::with_capacity(resolved.len());
    let mut at: BTreeMap<RepoPath, usize> = BTreeMap::new();
    for (path, file) in resolved {
        let path = match path {
            Some(path) => path,
            None => crate::paths::new_place(&file, tree, &roots)?,
        };
        let target = match file.action {
            Action::Rename => Some(crate::paths::new_place(&file, tree, &roots)?),
            _ => None,
        };
        let mut file = file;
        if let Some(target) = target {
            file.new = Some(target.to_string());
        }
        match at.get(&path).and_then(|at| out.get_mut(*at)) {
            None => {
                at.insert(path.clone(), out.len());
                out.push((path, file));
            }
            Some((_, known))
                if known.whole.is_none()
                    && file.whole.is_none()
                    && known.action == file.action
                    && (file.action != Action::Rename || known.new == file.new) =>
            {
                known.hunks.extend(file.hunks);
                known.mode = known.mode.take().or(file.mode);
            }
            Some((_, known)) if known.whole.is_some() && known.whole == file.whole && known.action == file.action => {}
            Some(_) => return Err(bad_file(path.as_str(), "the answer says different things of it")),
        }
    }
    Ok(out)
}

/// Refuses a file that is written twice, or that would lie beneath another one.
fn apart(files: &[FileChange]) -> Result<(), Refusal> {
    let written: BTreeSet<&RepoPath> = files.iter().filter(|file| file.after.is_some()).map(|file| &file.path).collect();
    for pair in files.windows(2) {
        if let [a, b] = pair
            && a.path == b.path
        {
            return Err(bad_file(a.path.as_str(), "it is written twice"));
        }
    }
    for file in &written {
        let mut folder = file.parent();
        while !folder.is_empty() {
            if RepoPath::new(folder).is_ok_and(|folder| written.contains(&folder)) {
                return Err(bad_file(file.as_str(), format!("`{folder}` would be a file and a folder")));
            }
            folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        }
    }
    Ok(())
}
