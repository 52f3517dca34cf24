//! Writes a plan to a folder, all or nothing.
//!
//! The new texts are first written in a folder of our own, and forced to the disk; the old ones get a second name there. A plan that is one
//! rename is one rename. For any other, a journal is renamed into place: that is the moment at which the change has happened. What follows
//! is renames only, one after the other, and [`recover`] can carry them out again: a kill before that moment leaves the tree as it was, one
//! after it leaves a tree that the next [`commit`] or [`recover`] completes. Where a rename fails, or somebody has changed a file since,
//! those that were made are taken back.
//!
//! Every path is opened part by part beneath the root, and no part may be a symbolic link (see `beneath`).

mod beneath;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;
use std::path::Path;

use domain::RepoPath;
use rustix::fs::{AtFlags, Mode};
use rustix::io::Errno;

pub use beneath::Beneath;

use beneath::{Mark, folder, rename};
use stage::{Direction, Entry, JOURNAL, Journal, Manner, Move, Stage, UNDO, sync};

use crate::paths::STAGE;
use crate::plan::{FileChange, Plan};

/// Why a plan was not written. The tree is as it was, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A file is not any more what the plan was made for.
    #[error("{path}: it has changed since the plan was made")]
    Stale {
        /// The file.
        path: String,
    },
    /// A part of the path is a symbolic link, or no folder.
    #[error("{path}: a part of it is a symbolic link or no folder")]
    Escape {
        /// The file.
        path: String,
    },
    /// Another commit is under way in this tree.
    #[error("another commit is under way in this tree")]
    Busy,
    /// The journal of a commit that was cut off cannot be followed.
    #[error("`{STAGE}` holds a journal that is not followed: {0}; look at that folder and remove it")]
    Journal(String),
    /// A commit was cut off, and files that it wrote were changed since: to complete it or to take it back would lose that.
    #[error("{path}: it was changed since a commit was cut off; its files are in `{STAGE}`: take what you need and remove it")]
    Torn {
        /// The file.
        path: String,
    },
    /// The system refused.
    #[error("{doing}")]
    System {
        /// What was being done.
        doing: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

/// Writes a plan to the folder `root`.
///
/// # Errors
/// [`CommitError`]: nothing is changed then, or if the system refuses to take back what was done, [`recover`] will.
pub fn commit(plan: &Plan, root: &Path) -> Result<(), CommitError> {
    recover(root)?;
    if plan.files.is_empty() {
        return Ok(());
    }
    let beneath = open(root)?;
    let Some(stage) = Stage::take(&beneath, true)? else { return Err(CommitError::Busy) };
    // Somebody may have been killed in between.
    settle(&beneath, &stage)?;
    let done = write(plan, &beneath, &stage);
    if done.is_ok() || !(stage.has(JOURNAL) || stage.has(UNDO)) {
        stage.clear(&beneath);
    }
    done
}

/// Says whether writing the plan is a single rename, so that there is never anything to recover.
#[must_use]
pub fn is_one_step(plan: &Plan) -> bool {
    plan.files.len() < 2
}

/// Completes a commit that was cut off after it had happened, and sweeps up one that was cut off before. Says whether there was one.
///
/// # Errors
/// [`CommitError`] when the system refuses; it can be called again.
pub fn recover(root: &Path) -> Result<bool, CommitError> {
    let beneath = open(root)?;
    let Some(stage) = Stage::take(&beneath, false)? else { return Ok(false) };
    settle(&beneath, &stage)?;
    stage.clear(&beneath);
    Ok(true)
}

fn open(root: &Path) -> Result<Beneath, CommitError> {
    Beneath::open(root).map_err(|source| CommitError::System { doing: format!("opening {}", root.display()), source })
}

/// Brings the tree to one side of a commit that was cut off.
fn settle(beneath: &Beneath, stage: &Stage) -> Result<(), CommitError> {
    if let Some(journal) = stage.read_journal(UNDO)? {
        take_back(beneath, stage, &journal)?;
    } else if let Some(journal) = stage.read_journal(JOURNAL)? {
        if can_go_on(beneath, stage, &journal)? {
            carry_out(beneath, stage, &journal.moves)?;
            tidy(beneath, &journal.moves);
        } else {
            go_back(beneath, stage, &journal)?;
        }
    }
    stage.empty();
    Ok(())
}

fn write(plan: &Plan, beneath: &Beneath, stage: &Stage) -> Result<(), CommitError> {
    stage.hide()?;
    let (files, moves) = prepare(plan, beneath, stage)?;
    sync(&stage.fd)?;
    // Checked once more, as late as can be.
    for file in &plan.files {
        unchanged(beneath, file)?;
    }
    let journal = stage.journal(files, moves)?;
    // A single rename needs none.
    if journal.moves.len() > 1 {
        stage.write_journal(&journal)?;
    }
    carry_out(beneath, stage, &journal.moves).or_else(|error| {
        if stage.has(JOURNAL) {
            go_back(beneath, stage, &journal)?
        } else {
            take_back(beneath, stage, &journal)?
        }
        Err(error)
    })?;
    tidy(beneath, &journal.moves);
    Ok(())
}

/// Writes everything that will be needed into the folder of the commit.
fn prepare(plan: &Plan, beneath: &Beneath, stage: &Stage) -> Result<(Vec<Entry>, Vec<Move>), CommitError> {
    let (mut files, mut moves) = (Vec::new(), Vec::new());
    let mut tops: BTreeMap<RepoPath, String> = BTreeMap::new();
    let deleted: BTreeSet<&RepoPath> = plan.files.iter().filter(|file| file.after.is_none()).map(|file| &file.path).collect();
    for (number, file) in plan.files.iter().enumerate() {
        let manner = unchanged(beneath, file)?;
        let path = file.path.clone();
        let old = file.before.as_deref().map(|text| (format!("{number}.old"), text));
        if let Some((name, text)) = &old {
            stage.keep_old(beneath, &path, name, text)?;
        }
        let to = |name: String, direction| Move { path: path.clone(), name, direction };
        match (&file.after, missing(beneath, &path, &deleted)?) {
            (None, _) => moves.push(to(format!("{number}.gone"), Direction::Out)),
            (Some(text), None) => {
                let name = format!("{number}.new");
                stage.write(&stage.fd, &name, text, manner)?;
                moves.push(to(name, if old.is_some() { Direction::Over } else { Direction::In }));
            }
            (Some(text), Some(top)) => {
                let known = tops.contains_key(&top);
                let name = tops.entry(top.clone()).or_insert_with(|| format!("{number}.folder")).clone();
                write_below(stage, &name, &top, &path, text, manner)?;
                if !known {
                    moves.push(Move { path: top, name, direction: Direction::In });
                }
            }
        }
        let (before, after) = (file.before.as_deref().map(Mark::of), file.after.as_deref().map(Mark::of));
        files.push(Entry { path, before, after, old: old.map(|(name, _)| name) });
    }
    // What goes, goes first: a folder may be where a file was.
    moves.sort_by_key(|step| step.direction != Direction::Out);
    Ok((files, moves))
}

/// Returns the topmost folder of a path that is not there, or is a file that goes.
fn missing(beneath: &Beneath, path: &RepoPath, deleted: &BTreeSet<&RepoPath>) -> Result<Option<RepoPath>, CommitError> {
    let escape = || CommitError::Escape { path: path.to_string() };
    let parts: Vec<&str> = path.parent().split('/').filter(|part| !part.is_empty()).collect();
    let mut at = rustix::io::fcntl_dupfd_cloexec(beneath.root(), 0).map_err(|errno| system("opening the root", errno))?;
    for (depth, part) in parts.iter().enumerate() {
        let top = || RepoPath::new(parts.get(..=depth).unwrap_or_default().join("/")).map_err(|_| escape());
        at = match folder(&at, part) {
            Ok(next) => next,
            Err(Errno::NOENT) => return top().map(Some),
            Err(Errno::NOTDIR) if deleted.contains(&top()?) => return top().map(Some),
            Err(_) => return Err(escape()),
        };
    }
    Ok(None)
}

/// Writes a file of a new folder, which is put into the tree as one.
fn write_below(
    stage: &Stage,
    name: &str,
    top: &RepoPath,
    path: &RepoPath,
    text: &[u8],
    manner: Manner,
) -> Result<(), CommitError> {
    let making = |errno| system("preparing a folder", errno);
    let below = path.parent().strip_prefix(top.as_str()).unwrap_or_default();
    let mut at = rustix::io::fcntl_dupfd_cloexec(&stage.fd, 0).map_err(making)?;
    for part in std::iter::once(name).chain(below.split('/').filter(|part| !part.is_empty())) {
        match rustix::fs::mkdirat(&at, part, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(making(errno)),
        }
        at = folder(&at, part).map_err(making)?;
    }
    stage.write(&at, path.file_name(), text, manner)?;
    sync(&at)
}

/// Checks that a file is what the plan says it is, and returns the manner of the file that takes its place.
fn unchanged(beneath: &Beneath, file: &FileChange) -> Result<Manner, CommitError> {
    let path = file.path.as_str();
    let stale = || CommitError::Stale { path: path.to_owned() };
    let most = file.before.as_ref().map_or(0, |before| before.len() as u64);
    match (beneath.find(&file.path, most), file.before.as_deref()) {
        (Ok(None), None) => Ok(Manner::New { executable: file.executable == Some(true) }),
        (Ok(Some(found)), Some(before)) if found.mark == Mark::of(before) => {
            let mode = match file.executable {
                Some(true) => found.mode | Mode::from_raw_mode(0o111),
                Some(false) => found.mode - Mode::from_raw_mode(0o111),
                None => found.mode,
            };
            Ok(Manner::Like { mode, owner: found.owner })
        }
        // A file that goes may be where a folder is to be.
        (Err(Errno::NOTDIR), None) => Ok(Manner::New { executable: file.executable == Some(true) }),
        (Ok(_) | Err(Errno::ISDIR), _) => Err(stale()),
        (Err(Errno::LOOP | Errno::NOTDIR), _) => Err(CommitError::Escape { path: path.to_owned() }),
        (Err(errno), _) => Err(system(&format!("opening {path}"), errno)),
    }
}

/// Makes the renames. They follow one another as closely as can be, and can be made again.
fn carry_out(beneath: &Beneath, stage: &Stage, moves: &[Move]) -> Result<(), CommitError> {
    for step in moves {
        let doing = |errno| system(&format!("writing {}", step.path), errno);
        let own = step.path.file_name();
        let done = match (beneath.parent(&step.path), step.direction) {
            (Ok(folder), Direction::In) => rename(&stage.fd, &step.name, &folder, own, true),
            (Ok(folder), Direction::Over) => rename(&stage.fd, &step.name, &folder, own, false),
            (Ok(folder), Direction::Out) => rename(&folder, own, &stage.fd, &step.name, false),
            (Err(errno), _) => Err(errno),
        };
        match done {
            Ok(()) => {}
            // A step that was made before the kill.
            Err(Errno::NOENT | Errno::EXIST | Errno::NOTDIR) if is_made(stage, step) => {}
            Err(Errno::EXIST) => return Err(CommitError::Stale { path: step.path.to_string() }),
            Err(errno) => return Err(doing(errno)),
        }
    }
    force(beneath, moves.iter().map(|step| &step.path))
}

/// Takes the folders away that are empty now. Nothing is taken back from here on.
fn tidy(beneath: &Beneath, moves: &[Move]) {
    for step in moves.iter().filter(|step| step.direction == Direction::Out) {
        drop_empty(beneath, &step.path, "");
    }
}

fn is_made(stage: &Stage, step: &Move) -> bool {
    stage.has(&step.name) == (step.direction == Direction::Out)
}

/// Says whether the steps that are left find what they were planned for.
fn can_go_on(beneath: &Beneath, stage: &Stage, journal: &Journal) -> Result<bool, CommitError> {
    for step in journal.moves.iter().filter(|step| !is_made(stage, step)) {
        // A new folder is no file of the plan; it must not be there.
        let before = journal.files.iter().find(|file| file.path == step.path).and_then(|file| file.before.as_ref());
        let before = before.filter(|_| step.direction != Direction::In);
        let there = beneath.is(&step.path, before).map_err(|errno| system(&format!("looking at {}", step.path), errno))?;
        if !there {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes a commit back, from here on whatever happens.
fn go_back(beneath: &Beneath, stage: &Stage, journal: &Journal) -> Result<(), CommitError> {
    for file in &journal.files {
        let look = |mark| beneath.is(&file.path, mark).map_err(|errno| system(&format!("looking at {}", file.path), errno));
        let made = journal.moves.iter().any(|step| is_made(stage, step) && covers(&step.path, &file.path));
        if made && !look(file.after.as_ref())? && !look(file.before.as_ref())? {
            return Err(CommitError::Torn { path: file.path.to_string() });
        }
    }
    rename(&stage.fd, JOURNAL, &stage.fd, UNDO, false).map_err(|errno| system("taking the commit back", errno))?;
    sync(&stage.fd)?;
    take_back(beneath, stage, journal)
}

fn covers(step: &RepoPath, file: &RepoPath) -> bool {
    step == file || file.is_below(step.as_str())
}

/// Gives every file its old text again. Each step can be made again.
fn take_back(beneath: &Beneath, stage: &Stage, journal: &Journal) -> Result<(), CommitError> {
    let tops = || journal.moves.iter().filter(|step| step.direction == Direction::In).map(|step| &step.path);
    // What is new goes first: a folder may be where a file was.
    for file in journal.files.iter().filter(|file| file.old.is_none()) {
        let ours = beneath.is(&file.path, file.after.as_ref());
        if ours.map_err(|errno| system(&format!("looking at {}", file.path), errno))? {
            let gone =
                beneath.parent(&file.path).and_then(|at| rustix::fs::unlinkat(&at, file.path.file_name(), AtFlags::empty()));
            gone.map_err(|errno| system(&format!("taking back {}", file.path), errno))?;
        }
        if let Some(top) = tops().find(|top| file.path.is_below(top.as_str())) {
            drop_empty(beneath, &file.path, top.parent());
        }
    }
    for file in &journal.files {
        let Some(old) = &file.old else { continue };
        let back = beneath.parent(&file.path).and_then(|at| rename(&stage.fd, old, &at, file.path.file_name(), false));
        match back {
            Ok(()) => {}
            Err(Errno::NOENT) if !stage.has(old) => {}
            Err(errno) => return Err(system(&format!("taking back {}", file.path), errno)),
        }
    }
    force(beneath, journal.files.iter().map(|file| &file.path))
}

/// Forces the folders of these paths to the disk.
fn force<'p>(beneath: &Beneath, paths: impl Iterator<Item = &'p RepoPath>) -> Result<(), CommitError> {
    let folders: BTreeMap<&str, &RepoPath> = paths.map(|path| (path.parent(), path)).collect();
    for path in folders.values() {
        match beneath.parent(path) {
            Ok(folder) => sync(&folder)?,
            Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(errno) => return Err(system(&format!("opening the folder of {path}"), errno)),
        }
    }
    Ok(())
}

/// Takes folders away that a file has left empty, as git does, up to the folder `stop`.
fn drop_empty(beneath: &Beneath, path: &RepoPath, stop: &str) {
    let mut folder = path.parent();
    while !folder.is_empty() && folder != stop {
        let Ok(path) = RepoPath::new(folder) else { return };
        let above: Result<OwnedFd, Errno> = beneath.parent(&path);
        if above.and_then(|above| rustix::fs::unlinkat(&above, path.file_name(), AtFlags::REMOVEDIR)).is_err() {
            return;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

fn system(doing: &str, errno: Errno) -> CommitError {
    CommitError::System { doing: doing.to_owned(), source: errno.into() }
}
