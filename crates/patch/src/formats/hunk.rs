//! The lines of a hunk, as unified diffs and V4A write them: a mark and the text.

use super::{Scan, body};
use crate::model::{Hunk, Line, Op};

/// Where the hunk stands: it tells which lines may be lines of it that have lost their mark.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// In a format with an end of its own.
    V4a,
    /// In a unified diff.
    Diff,
}

/// Reads the lines of `hunk` from the current line on.
pub(super) fn read(scan: &mut Scan<'_>, hunk: &mut Hunk, within: Within) {
    let (mut old, mut new) = (0, 0);
    while let Some(line) = scan.line() {
        let short = hunk.counts.map(|counts| old < counts.0 || new < counts.1);
        let op = match line.first() {
            _ if ends(scan, hunk, line, within, short) => break,
            Some(b'\\') if line.starts_with(b"\\ ") => {
                match hunk.lines.last().map(|line| line.op) {
                    Some(Op::Delete) => hunk.old_open = true,
                    Some(Op::Add) => hunk.new_open = true,
                    _ => (hunk.old_open, hunk.new_open) = (true, true),
                }
                scan.at += 1;
                continue;
            }
            Some(b' ') => Some(Op::Keep),
            Some(b'+') => Some(Op::Add),
            Some(b'-') => Some(Op::Delete),
            _ => None,
        };
        old += usize::from(op != Some(Op::Add));
        new += usize::from(op != Some(Op::Delete));
        let whole = scan.lines.get(scan.at).copied().unwrap_or_default();
        hunk.lines.push(match op {
            Some(op) => Line::new(op, whole.get(1..).unwrap_or_default()),
            None => Line { raw: true, ..Line::new(Op::Keep, whole) },
        });
        scan.at += 1;
    }
    hunk.last = scan.at_end();
    hunk.unended = scan.at == scan.lines.len() && scan.lines.last().is_some_and(|line| !line.ends_with(b"\n"));
}

/// Says whether the current line is not of the hunk any more. `short`: the hunk has fewer lines than its head says, if it says.
fn ends(scan: &Scan<'_>, hunk: &Hunk, line: &[u8], within: Within, short: Option<bool>) -> bool {
    let marked = matches!(line.first(), Some(b' ' | b'+' | b'-'));
    if line.starts_with(b"--- ") {
        // A deleted line `-- x` followed by an added one `++ y` looks like the head of a file.
        return super::unified::names_at(scan, 0) && (short != Some(true) || super::unified::is_hunk_head(scan.peek(2)));
    }
    if line.trim_ascii_end() == b"--" && line.len() <= 3 && signature(scan) {
        return true;
    }
    if line.is_empty() && short == Some(false) && scan.fence.is_none() && bullets(scan, hunk) {
        return true;
    }
    if line.is_empty() || marked || line.starts_with(b"\\ ") {
        return false;
    }
    if scan.is_head(0) || scan.heredoc.as_deref() == Some(line) {
        return true;
    }
    if within == Within::V4a {
        return false;
    }
    if let Some(fence) = &scan.fence {
        // A context line "```" that lost its mark, or the end: the count and what follows tell.
        let closes = fence.closed_by(line);
        let goes_on = closes
            && short == Some(true)
            && matches!(scan.peek(1).and_then(<[u8]>::first), Some(b' ' | b'+' | b'-'))
            && scan.lines.get(scan.at + 1..).unwrap_or_default().iter().any(|line| fence.closed_by(body(line)));
        return closes && !goes_on;
    }
    match short {
        Some(short) => !short,
        None => hunk.lines.last().is_some_and(|line| line.raw && line.is_blank()) || super::Fence::open(line).is_some(),
    }
}

/// Says whether a list of prose follows a hunk that is complete: `- so` and `+ so`, as no changed line of the hunk looks.
fn bullets(scan: &Scan<'_>, hunk: &Hunk) -> bool {
    let is_bullet = |text: &[u8]| text.first() == Some(&b' ') && text.get(1).is_some_and(|byte| !byte.is_ascii_whitespace());
    let next = (1..4).filter_map(|ahead| scan.peek(ahead)).find(|line| !line.is_empty());
    next.is_some_and(|line| matches!(line.first(), Some(b'-' | b'+')) && line.get(1..).is_some_and(is_bullet))
        && !hunk.lines.iter().any(|line| line.op != Op::Keep && is_bullet(&line.text))
}

/// Says whether the signature of `git format-patch` stands here: `-- ` and the version of git, at the end.
fn signature(scan: &Scan<'_>) -> bool {
    let version = scan.peek(1).is_some_and(|line| line.first().is_some_and(u8::is_ascii_digit) && line.contains(&b'.'));
    version
        && (2..6)
            .all(|ahead| scan.peek(ahead).is_none_or(|line| line.is_empty() || scan.is_head(ahead) || line.starts_with(b"From ")))
}
