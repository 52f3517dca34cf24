//! What happens to one file: it is changed, made, taken away, renamed, or replaced as a whole.

use std::borrow::Cow;
use std::sync::Arc;

use domain::RepoPath;

use crate::answer::{has_bare_signs, has_entities};
use crate::formats::body;
use crate::lines::lines;
use crate::model::{Action, FilePatch, Format, Hunk, Op};
use crate::paths::{self, Roots};
use crate::place::{self, Rung};
use crate::plan::{FileChange, Reached};
use crate::refusal::{Refusal, bad_file, truncated, unreadable};
use crate::tree::Tree;
use crate::whole;

/// What came of the edits of one file.
pub(crate) enum Fitted {
    Already,
    Changed { changes: Vec<FileChange>, reached: Vec<Reached> },
}

/// Refuses an answer whose last hunk was cut off.
pub(crate) fn complete(files: &[FilePatch], tree: &Tree) -> Result<(), Refusal> {
    let Some(file) = files.last().filter(|file| file.format == Format::Unified) else { return Ok(()) };
    let Some(hunk) = file.hunks.last() else { return Ok(()) };
    let short = |hunk: &Hunk| {
        let (old, new) = hunk.sizes();
        hunk.counts.map(|(stated_old, stated_new)| (stated_old.saturating_sub(old), stated_new.saturating_sub(new)))
    };
    if cut_within(file, hunk, tree) {
        return Err(truncated(hunk.line + hunk.lines.len(), "the last line is the beginning of a line of the file"));
    }
    let Some((old, new)) = short(hunk).filter(|missing| hunk.last && *missing != (0, 0)) else { return Ok(()) };
    // Where the last line is the last one of the file, nothing can follow.
    let ends_in_change = hunk.lines.last().is_some_and(|line| line.op != Op::Keep) && !ends_file(file, hunk, tree);
    // Three lines of context that are missing at the end do no harm; but an added line without an end may be half of one.
    let half = hunk.unended && hunk.lines.last().is_some_and(|line| line.op == Op::Add);
    let only_context = old == new && old <= 3 && !half;
    let mut others = files.iter().flat_map(|file| &file.hunks).rev().skip(1).filter_map(short).peekable();
    let counts_well = others.peek().is_some() && others.all(|missing| missing == (0, 0));
    let behind = hunk.lines.iter().rev().take_while(|line| line.op == Op::Keep).count();
    if !only_context && (ends_in_change || (counts_well && behind < 3)) {
        let lines = hunk.line + hunk.lines.len();
        return Err(truncated(lines, "the last hunk is shorter than its head says"));
    }
    Ok(())
}

/// Says whether the answer ends within a line: its last one is not in the file, and one that goes on behind it is.
fn cut_within(file: &FilePatch, hunk: &Hunk, tree: &Tree) -> bool {
    let Some(last) = hunk.lines.last().filter(|last| hunk.unended && last.op != Op::Add && !last.text.is_empty()) else {
        return false;
    };
    let before = paths::existing(file, tree, &mut Roots::default()).ok().and_then(|path| tree.files().read(&path));
    before.is_some_and(|before| {
        let text = last.text.as_slice();
        let mut longer = false;
        for line in lines(&before).map(body) {
            if line == text || line.trim_ascii_end() == text {
                return false;
            }
            longer |= line.starts_with(text);
        }
        longer
    })
}

/// Says whether the last old line of a hunk is the last line of its file.
fn ends_file(file: &FilePatch, hunk: &Hunk, tree: &Tree) -> bool {
    let Some(last) = hunk.lines.iter().rfind(|line| line.op != Op::Add) else { return file.action == Action::Create };
    let before = paths::existing(file, tree, &mut Roots::default()).ok().and_then(|path| tree.files().read(&path));
    before.is_some_and(|before| {
        let text = body(&before);
        let from = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
        text.get(from..) == Some(last.text.as_slice())
    })
}

/// Finds the file that is there for a patch; `None`: it is to be made.
pub(crate) fn there(file: &mut FilePatch, tree: &Tree, roots: &mut Roots) -> Result<Option<RepoPath>, Refusal> {
    if file.action == Action::Create {
        return Ok(None);
    }
    match paths::existing(file, tree, roots) {
        Ok(path) => Ok(Some(path)),
        Err(refusal) => {
            let only_adds = |hunk: &Hunk| hunk.lines.iter().all(|line| line.op == Op::Add || (line.raw && line.is_blank()));
            let new_text = match file.format {
                Format::Whole => true,
                Format::Blocks => matches!(file.hunks.as_slice(), [hunk] if only_adds(hunk)),
                Format::Unified => matches!(file.hunks.as_slice(), [hunk] if only_adds(hunk) && hunk.stated == Some(0)),
                Format::V4a => false,
            };
            let absent = matches!(refusal, Refusal::NoSuchFile { .. });
            if file.action == Action::Modify && new_text && absent {
                file.action = Action::Create;
                file.old = None;
                return Ok(None);
            }
            Err(refusal)
        }
    }
}

/// Fits the edits of one file.
pub(crate) fn fit(path: RepoPath, file: &FilePatch, tree: &Tree) -> Result<Fitted, Refusal> {
    let executable = match file.mode.as_deref() {
        None => None,
        Some("100644") if file.action == Action::Create => None,
        Some("100644") => Some(false),
        Some("100755") => Some(true),
        Some(mode) => return Err(bad_file(path.as_str(), format!("mode {mode} is not a regular file"))),
    };
    let before = tree.files().read(&path);
    if file.action == Action::Create {
        return create(path, file, before, executable);
    }
    let before = before.ok_or_else(|| bad_file(path.as_str(), "it cannot be read"))?;
    if is_binary(&before) && (!file.hunks.is_empty() || file.whole.is_some()) {
        return Err(bad_file(path.as_str(), "it is binary"));
    }
    let executable = executable.filter(|wanted| *wanted != tree.is_executable(&path));
    let (after, reached) = match change(&path, file, &before)? {
        Some(found) => found,
        None if file.action == Action::Modify && executable.is_none() => return Ok(Fitted::Already),
        None if file.action == Action::Delete => {
            return Err(bad_file(path.as_str(), "it would be deleted and holds other text than the answer says"));
        }
        None => (before.to_vec(), Vec::new()),
    };
    let changes = match file.action {
        Action::Delete => {
            let says_all = after.is_empty() || (file.hunks.is_empty() && file.format == Format::V4a);
            if !says_all {
                return Err(bad_file(path.as_str(), "it would be deleted and holds more than the answer says"));
            }
            vec![FileChange { path, before: Some(before), after: None, executable: None }]
        }
        Action::Rename => {
            let target =
                file.new.as_deref().map(paths::checked).transpose()?.ok_or_else(|| bad_file(path.as_str(), "no new name"))?;
            if target == path {
                vec![FileChange { path, before: Some(before), after: Some(after.into()), executable }]
            } else {
                if tree.files().contains(&target) {
                    return Err(bad_file(target.as_str(), "it would be created by a rename and exists already"));
                }
                let executable = executable.or_else(|| tree.is_executable(&path).then_some(true));
                let gone = FileChange { path, before: Some(before), after: None, executable: None };
                vec![gone, FileChange { path: target, before: None, after: Some(after.into()), executable }]
            }
        }
        Action::Modify | Action::Create => {
            if *after == *before && executable.is_none() {
                return Err(Refusal::NoChange);
            }
            vec![FileChange { path, before: Some(before), after: Some(after.into()), executable }]
        }
    };
    Ok(Fitted::Changed { changes, reached })
}

/// The text afterwards, and how it was reached.
type Changed = (Vec<u8>, Vec<Reached>);

/// Changes the text of a file; `None`: it is there already.
fn change(path: &RepoPath, file: &FilePatch, before: &[u8]) -> Result<Option<Changed>, Refusal> {
    let added: Vec<&[u8]> = match &file.whole {
        Some(content) => lines(content).map(body).collect(),
        None => file.hunks.iter().flat_map(place::added).collect(),
    };
    if let Some(line) = place::placeholder(before, &added, path.as_str()) {
        return Err(bad_file(path.as_str(), format!("the added line `{line}` stands for code that was left out")));
    }
    let reached = |rung, line| Reached { path: path.clone(), format: file.format, rung, line };
    if let Some(content) = &file.whole {
        let after = whole::over(path, before, content)?;
        return Ok((after != before).then(|| (after, vec![reached(Rung::Whole, 1)])));
    }
    if file.hunks.is_empty() {
        return Ok(Some((before.to_vec(), Vec::new())));
    }
    match place::place(path.as_str(), before, &file.hunks)? {
        place::Outcome::Already => Ok(None),
        place::Outcome::Changed(after, placed) => {
            let reached = placed.iter().map(|it| reached(it.rung, it.at + 1)).collect();
            Ok(Some((after, reached)))
        }
    }
}

fn create(path: RepoPath, file: &FilePatch, before: Option<Arc<[u8]>>, executable: Option<bool>) -> Result<Fitted, Refusal> {
    let (after, rung) = match &file.whole {
        Some(content) => (content.clone(), Rung::Whole),
        None if file.hunks.is_empty() => (Vec::new(), Rung::Exact),
        None => {
            let [hunk] = file.hunks.as_slice() else {
                return Err(bad_file(path.as_str(), "a new file in several hunks"));
            };
            (content(hunk, &path)?, Rung::Exact)
        }
    };
    if let Some(line) = place::placeholder(&[], &lines(&after).map(body).collect::<Vec<_>>(), path.as_str()) {
        return Err(bad_file(path.as_str(), format!("the line `{line}` stands for code that was left out")));
    }
    match before {
        Some(before) if *before == *after => return Ok(Fitted::Already),
        Some(_) => return Err(bad_file(path.as_str(), "it would be created and exists already")),
        None => {}
    }
    let reached = vec![Reached { path: path.clone(), format: file.format, rung, line: 1 }];
    let changes = vec![FileChange { path, before: None, after: Some(after.into()), executable }];
    Ok(Fitted::Changed { changes, reached })
}

/// Returns the content of a new file.
fn content(hunk: &Hunk, path: &RepoPath) -> Result<Vec<u8>, Refusal> {
    let mut lines = hunk.lines.as_slice();
    while let Some((last, rest)) = lines.split_last().filter(|(last, _)| last.raw && last.is_blank()) {
        let _ = last;
        lines = rest;
    }
    let mut out = Vec::new();
    for line in lines {
        match line.op {
            Op::Add => out.extend_from_slice(&line.text),
            // A blank line may have lost its mark.
            Op::Keep if line.is_blank() => {}
            Op::Keep | Op::Delete => return Err(bad_file(path.as_str(), "a new file with lines that are not added")),
        }
        out.extend_from_slice(if line.cr { b"\r\n" } else { b"\n" });
    }
    if hunk.new_open {
        out.pop();
    }
    Ok(out)
}

/// Says whether an edit that fits may have been changed on its way: everything that it says is written as in markup, or with the quotes
/// of a typesetter, and nothing of it could be compared with the file.
pub(crate) fn doubtful(file: &FilePatch, changes: &[FileChange]) -> Option<Refusal> {
    // A file that is renamed has its text before in one change and its text after in the other.
    let before = changes.iter().find_map(|change| change.before.as_deref()).unwrap_or_default();
    let after = changes.iter().find_map(|change| change.after.as_deref()).unwrap_or_default();
    let all: Cow<'_, [u8]> = match &file.whole {
        Some(content) => Cow::Borrowed(content),
        None => Cow::Owned(file.hunks.iter().flat_map(|hunk| &hunk.lines).fold(Vec::new(), |mut all, line| {
            all.extend_from_slice(&line.text);
            all.push(b'\n');
            all
        })),
    };
    if has_entities(&all) && !has_bare_signs(&all) && has_entities(after) && !has_entities(before) {
        return Some(unreadable(file.line, "it cannot be told whether `&lt;` and its like are meant or were made on the way"));
    }
    let curly = |text: &[u8]| {
        ["\u{2018}", "\u{2019}", "\u{201c}", "\u{201d}"].iter().any(|sign| memchr::memmem::find(text, sign.as_bytes()).is_some())
    };
    let count =
        |text: &[u8]| memchr::memmem::find_iter(text, "\u{2019}").count() + memchr::memmem::find_iter(text, "\u{201c}").count();
    let straight = |text: &[u8]| memchr::memchr2(b'"', b'\'', text).is_some();
    if curly(&all) && !straight(&all) && count(after) > count(before) {
        return Some(unreadable(file.line, "it cannot be told whether its curly quotes are meant or were made on the way"));
    }
    let tab = |text: &[u8]| text.starts_with(b"\t") || memchr::memmem::find(text, b"\n\t").is_some();
    let blanks = |text: &[u8]| text.starts_with(b"  ") || memchr::memmem::find(text, b"\n  ").is_some();
    // Old lines that begin with blanks, as the file has them, were not made into tabs on the way, and so neither were the new ones.
    let keeps_blanks =
        file.hunks.iter().flat_map(|hunk| &hunk.lines).any(|line| line.op != Op::Add && line.text.starts_with(b"  "));
    if !before.is_empty() && !keeps_blanks && tab(after) && !tab(before) && blanks(before) {
        return Some(unreadable(file.line, "its tabs may be blanks: the file has none at the beginning of lines"));
    }
    None
}

fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes.get(..8000).unwrap_or(bytes)).is_some()
}
