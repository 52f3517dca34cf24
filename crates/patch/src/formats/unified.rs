//! Unified diffs: git's and plain ones, with or without prefixes, heads, counts or numbers.

use super::hunk::{self, Within};
use super::{Scan, text};
use crate::Refusal;
use crate::model::{Action, FilePatch, Format, Hunk, Op};
use crate::refusal::{truncated, unreadable};

/// Says whether a part of a unified diff begins at the current line.
pub(super) fn starts(scan: &Scan<'_>) -> bool {
    head_at(scan, 0)
}

/// Says whether a part of a unified diff begins `ahead` lines further on.
pub(super) fn head_at(scan: &Scan<'_>, ahead: usize) -> bool {
    let Some(line) = scan.peek(ahead) else { return false };
    line.starts_with(b"diff --git ")
        || line.starts_with(b"GIT binary patch")
        || names_at(scan, ahead)
        || is_hunk_head(Some(line))
        || (line.starts_with(b"+++ ") && is_hunk_head(scan.peek(ahead + 1)))
        || (line.starts_with(b"Binary files ") && line.ends_with(b" differ"))
}

/// Says whether `--- a` and `+++ b` stand there.
pub(super) fn names_at(scan: &Scan<'_>, ahead: usize) -> bool {
    let at = |ahead, mark: &[u8]| scan.peek(ahead).is_some_and(|line| line.starts_with(mark));
    at(ahead, b"--- ") && at(ahead + 1, b"+++ ")
}

/// Says whether `--- a` and `+++ b` stand there, and neither can be a path.
pub(super) fn names_no_file(scan: &Scan<'_>, ahead: usize) -> bool {
    let is_path = |ahead: usize| {
        let name = scan.peek(ahead).map(text).and_then(|line| name(line.get(4..).unwrap_or_default()));
        name.is_none_or(|name| super::label::plain(&name, scan.known).is_some() || name.contains(['/', '\\']))
    };
    names_at(scan, ahead) && !is_path(ahead) && !is_path(ahead + 1)
}

/// Says whether a line is the head of a hunk.
pub(super) fn is_hunk_head(line: Option<&[u8]>) -> bool {
    line.is_some_and(|line| line == b"@@" || line.starts_with(b"@@ "))
}

/// Reads a head and what belongs to it.
pub(super) fn read(scan: &mut Scan<'_>) -> Result<(), Refusal> {
    let Some(line) = scan.line() else { return Ok(()) };
    if line.starts_with(b"GIT binary patch") || line.starts_with(b"Binary files ") {
        return Err(unreadable(scan.number(), "a binary patch"));
    }
    if line.starts_with(b"diff --git ") {
        return git_head(scan);
    }
    if names_at(scan, 0) || line.starts_with(b"+++ ") {
        let file = FilePatch { line: scan.number(), ..FilePatch::default() };
        scan.files.push(file);
        scan.open = true;
        return names(scan);
    }
    read_hunk(scan)
}

/// Reads `diff --git` and its extended lines up to the names.
fn git_head(scan: &mut Scan<'_>) -> Result<(), Refusal> {
    let mut file = FilePatch { line: scan.number(), ..FilePatch::default() };
    (file.old, file.new) = scan.line().and_then(git_names).map_or((None, None), |(old, new)| (Some(old), Some(new)));
    scan.at += 1;
    while let Some(line) = scan.line() {
        let line = text(line);
        if let Some(mode) = line.strip_prefix("new file mode ") {
            (file.action, file.mode) = (Action::Create, Some(mode.trim().to_owned()));
        } else if line.starts_with("deleted file mode ") {
            file.action = Action::Delete;
            refuse_special(line.strip_prefix("deleted file mode ").unwrap_or_default(), scan.number())?;
        } else if let Some(mode) = line.strip_prefix("new mode ") {
            file.mode = Some(mode.trim().to_owned());
        } else if let Some(path) = line.strip_prefix("rename from ") {
            (file.action, file.old) = (Action::Rename, Some(unquote(path)));
        } else if let Some(path) = line.strip_prefix("rename to ") {
            (file.action, file.new) = (Action::Rename, Some(unquote(path)));
        } else if line.starts_with("copy from ") {
            return Err(unreadable(scan.number(), "a copy"));
        } else if let Some(mode) = line.strip_prefix("index ").and_then(|rest| rest.split_once(' ')).map(|(_, mode)| mode) {
            refuse_special(mode, scan.number())?;
        } else if !["old mode ", "similarity index ", "dissimilarity index ", "index "].iter().any(|head| line.starts_with(head))
        {
            break;
        }
        scan.at += 1;
    }
    scan.files.push(file);
    scan.open = true;
    if names_at(scan, 0) { names(scan) } else { Ok(()) }
}

fn refuse_special(mode: &str, line: usize) -> Result<(), Refusal> {
    match mode.trim() {
        "120000" => Err(unreadable(line, "a symbolic link")),
        "160000" => Err(unreadable(line, "a submodule")),
        _ => Ok(()),
    }
}

/// Reads `--- a` and `+++ b`, of which the first may be missing.
fn names(scan: &mut Scan<'_>) -> Result<(), Refusal> {
    let mut sides = [None, None];
    for (side, mark) in sides.iter_mut().zip(["--- ", "+++ "]) {
        if let Some(found) = scan.line().map(text).as_deref().and_then(|line| line.strip_prefix(mark)) {
            *side = Some(name(found));
            scan.at += 1;
        }
    }
    let [old, new] = sides;
    let none = |side: &Option<Option<String>>| matches!(side, Some(None));
    let (creates, deletes) = (none(&old), none(&new));
    if let Some(file) = scan.files.last_mut() {
        let renames = file.action == Action::Rename;
        match (creates, deletes) {
            (true, true) => return Err(unreadable(scan.at, "both names are /dev/null")),
            (true, false) => file.action = Action::Create,
            (false, true) => file.action = Action::Delete,
            (false, false) => {}
        }
        if !renames {
            file.old = old.flatten().or_else(|| new.clone().flatten());
            file.new = new.flatten().or_else(|| file.old.clone());
            if creates {
                file.old = None;
            }
        }
    }
    // A diff may go on without a head of a hunk.
    let marked = scan.line().is_some_and(|line| matches!(line.first(), Some(b' ' | b'+' | b'-')));
    if marked && !names_at(scan, 0) { push_hunk(scan, Hunk { line: scan.number(), ..Hunk::default() }) } else { Ok(()) }
}

fn read_hunk(scan: &mut Scan<'_>) -> Result<(), Refusal> {
    if !scan.open {
        let Some(path) = scan.label.clone() else {
            return Err(unreadable(scan.number(), "a hunk before any file: name the file by `--- a/FILE` and `+++ b/FILE`"));
        };
        scan.file(&path, Format::Unified);
        scan.open = true;
    } else {
        scan.same_file()?;
    }
    let hunk = head(scan.line().unwrap_or_default(), scan.number());
    scan.at += 1;
    push_hunk(scan, hunk)
}

fn push_hunk(scan: &mut Scan<'_>, mut hunk: Hunk) -> Result<(), Refusal> {
    hunk::read(scan, &mut hunk, Within::Diff);
    if !hunk.changes() {
        return Err(unreadable(hunk.line, "a hunk that changes nothing"));
    }
    let (old, new) = hunk.sizes();
    let short = hunk.counts.is_some_and(|(stated_old, stated_new)| old < stated_old || new < stated_new);
    if hunk.last && short && (scan.fence.is_some() || scan.heredoc.is_some()) {
        return Err(truncated(scan.at, "the last hunk is shorter than its head says and nothing closes it"));
    }
    let note = b"\\ No newline at end of file".as_slice();
    if hunk.unended
        && scan.lines.last().is_some_and(|line| line.starts_with(b"\\ ") && line.len() < note.len() && note.starts_with(line))
    {
        return Err(truncated(scan.at, "the answer ends within `\\ No newline at end of file`"));
    }
    // `-` without an end of its own: a blank line that is deleted, or the beginning of the next file's head. Only the counts tell.
    let dashes = hunk.lines.last().is_some_and(|line| line.op == Op::Delete && line.text.iter().all(|byte| b"- ".contains(byte)));
    if hunk.unended && dashes && hunk.counts != Some((old, new)) {
        return Err(truncated(scan.at, "the last line may be the beginning of the next file's head"));
    }
    // An added line cannot be compared with anything: with nothing behind it in an open fence it may be half of one.
    let adds = hunk.lines.last().is_some_and(|line| line.op == Op::Add);
    if hunk.unended && adds && (scan.fence.is_some() || scan.heredoc.is_some()) {
        return Err(truncated(scan.at, "the last line has no end and nothing closes what it is in"));
    }
    if let Some(file) = scan.files.last_mut() {
        file.hunks.push(hunk);
    }
    Ok(())
}

/// Reads the head of a hunk: the numbers if it has them, else what stands there as the line below which it is.
pub(super) fn head(line: &[u8], number: usize) -> Hunk {
    let mut hunk = Hunk { line: number, ..Hunk::default() };
    let line = text(line);
    let rest = line.trim_start_matches('@').trim();
    let mut words = rest.split_whitespace();
    // No file has more lines: larger numbers are no numbers.
    let number_of = |text: &str| text.parse::<u32>().ok().map(|number| number as usize);
    let range = |word: Option<&str>, mark: char| -> Option<(usize, Option<usize>)> {
        let word = word?.strip_prefix(mark)?;
        let (start, count) = word.split_once(',').map_or((word, Some(1)), |(start, count)| (start, number_of(count)));
        Some((number_of(start)?, count))
    };
    let (old, new) = (range(words.next(), '-'), range(words.next(), '+'));
    if let Some((start, _)) = old {
        hunk.stated = Some(start);
        hunk.stated_new = new.map(|(start, _)| start);
        hunk.counts = old.and_then(|(_, count)| count).zip(new.and_then(|(_, count)| count));
    } else {
        let anchor = rest.trim_end_matches('@').trim();
        let says = !anchor.is_empty() && !anchor.starts_with("...") && !anchor.starts_with('-') && !anchor.starts_with('…');
        if says {
            hunk.anchors.push(anchor.as_bytes().to_vec());
        }
    }
    hunk
}

/// Reads the name of a `---` or `+++` line; `None` for `/dev/null`.
fn name(text: &str) -> Option<String> {
    let text = text.split('\t').next().unwrap_or(text).trim_end();
    // `diff` without a tab: `name 2024-01-31 10:00:00`.
    let dated = text.split_once(" 20").filter(|(_, rest)| rest.get(2..3) == Some("-") && rest.get(5..6) == Some("-"));
    let text = dated.map_or(text, |(name, _)| name.trim_end());
    (text != "/dev/null").then(|| unquote(text))
}

/// Reads a name that git may have put in quotes, with octal escapes.
fn unquote(name: &str) -> String {
    let Some(inner) = name.trim().strip_prefix('"').and_then(|name| name.strip_suffix('"')) else {
        return name.trim_end().trim_matches('`').to_owned();
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.bytes().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b't') => bytes.push(b'\t'),
            Some(digit @ b'0'..=b'7') => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|byte| matches!(byte, b'0'..=b'7')) {
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
            }
            Some(other) => bytes.push(other),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads the two names of `diff --git a/x b/x`: they may hold blanks when they are the same.
fn git_names(line: &[u8]) -> Option<(String, String)> {
    let line = text(line);
    let rest = line.strip_prefix("diff --git ")?;
    if rest.starts_with('"') {
        let end = rest.get(1..)?.find("\" ")? + 2;
        return Some((unquote(rest.get(..end)?), unquote(rest.get(end..)?.trim_start())));
    }
    let same = rest.match_indices(' ').map(|(at, _)| rest.split_at(at)).find(|(old, new)| {
        let new = new.trim_start();
        old.split_once('/').map(|(_, path)| path) == new.split_once('/').map(|(_, path)| path) || *old == new
    });
    same.or_else(|| rest.split_once(' ')).map(|(old, new)| (old.to_owned(), new.trim_start().to_owned()))
}
