//! The V4A format: `*** Begin Patch` … `*** End Patch`.

use super::hunk::{self, Within};
use super::{Scan, text, unified};
use crate::Refusal;
use crate::model::{Action, FilePatch, Format, Hunk};
use crate::refusal::{truncated, unreadable};

const FILES: [(&[u8], Action); 3] =
    [(b"*** Update File:", Action::Modify), (b"*** Add File:", Action::Create), (b"*** Delete File:", Action::Delete)];

/// Says whether a patch begins at `line`.
pub(super) fn starts(line: &[u8]) -> bool {
    line.trim_ascii_end() == b"*** Begin Patch" || FILES.iter().any(|(mark, _)| line.starts_with(mark))
}

/// Says whether `line` is a mark inside a patch.
pub(super) fn is_mark(line: &[u8]) -> bool {
    starts(line)
        || [b"*** End Patch".as_slice(), b"*** End of File", b"*** Move to:"]
            .iter()
            .any(|mark| line.trim_ascii_end().starts_with(mark))
}

/// Reads a patch up to its end.
pub(super) fn read(scan: &mut Scan<'_>) -> Result<(), Refusal> {
    let first = scan.number();
    if scan.line().is_some_and(|line| line.trim_ascii_end() == b"*** Begin Patch") {
        scan.at += 1;
    }
    let before = scan.files.len();
    while let Some(line) = scan.line() {
        let file = FILES.iter().find_map(|(mark, action)| Some((line.strip_prefix(*mark)?, *action)));
        if line.trim_ascii_end() == b"*** End Patch" {
            scan.at += 1;
            if scan.files.len() == before {
                return Err(unreadable(first, "a patch without files"));
            }
            return Ok(());
        } else if let Some((path, action)) = file {
            let name = text(path.trim_ascii()).trim_matches('`').to_owned();
            let mut file = FilePatch { action, ..FilePatch::of(&name, scan.number(), Format::V4a) };
            scan.at += 1;
            match action {
                Action::Create => added(scan, &mut file)?,
                Action::Delete => {}
                Action::Modify | Action::Rename => updated(scan, &mut file)?,
            }
            scan.files.push(file);
        } else if line.trim_ascii().is_empty() {
            scan.at += 1;
        } else {
            return Err(unreadable(scan.number(), "a line that belongs to no file of the patch"));
        }
    }
    Err(truncated(scan.at, "`*** End Patch` is missing"))
}

fn added(scan: &mut Scan<'_>, file: &mut FilePatch) -> Result<(), Refusal> {
    let mut content = Vec::new();
    while let Some(line) = scan.line().filter(|line| !is_mark(line)) {
        match line.first() {
            Some(b'+') => content.extend_from_slice(line.get(1..).unwrap_or_default()),
            None => {}
            // Some write the content of a new file below a head of a hunk.
            _ if content.is_empty() && unified::is_hunk_head(Some(line)) => {
                scan.at += 1;
                continue;
            }
            _ => return Err(unreadable(scan.number(), "a line of a new file without `+`")),
        }
        content.push(b'\n');
        scan.at += 1;
    }
    // A blank line before the next mark is no line of the file.
    if content.ends_with(b"\n\n") && scan.lines.get(scan.at.saturating_sub(1)).is_some_and(|line| super::body(line).is_empty()) {
        content.pop();
    }
    if scan.line().is_some_and(|line| line.starts_with(b"*** End of File")) {
        scan.at += 1;
    }
    file.old = None;
    file.whole = Some(content);
    Ok(())
}

fn updated(scan: &mut Scan<'_>, file: &mut FilePatch) -> Result<(), Refusal> {
    if let Some(to) = scan.line().and_then(|line| line.strip_prefix(b"*** Move to:")) {
        (file.action, file.new) = (Action::Rename, Some(text(to.trim_ascii())));
        scan.at += 1;
    }
    loop {
        let mut hunk = Hunk { line: scan.number(), ..Hunk::default() };
        let mut heads = 0;
        while let Some(line) = scan.line().filter(|line| unified::is_hunk_head(Some(line))) {
            let head = unified::head(line, scan.number());
            hunk.stated = hunk.stated.or(head.stated);
            hunk.anchors.extend(head.anchors);
            heads += 1;
            scan.at += 1;
        }
        hunk::read(scan, &mut hunk, Within::V4a);
        if scan.line().is_some_and(|line| line.trim_ascii_end() == b"*** End of File") {
            hunk.at_end = true;
            scan.at += 1;
        }
        let empty = hunk.lines.iter().all(|line| line.raw && line.is_blank());
        if !(hunk.changes() || empty && heads == 0) {
            return Err(unreadable(hunk.line, "a hunk that changes nothing"));
        }
        if !empty {
            file.hunks.push(hunk);
        }
        if !unified::is_hunk_head(scan.line()) {
            break;
        }
    }
    if file.hunks.is_empty() && file.action != Action::Rename {
        return Err(unreadable(file.line, "a file without hunks"));
    }
    Ok(())
}
