//! Lists whose items begin with `-` or `+`, in a diff whose context has lost its marks: `- item` reads as a deletion of ` item`.

use std::collections::HashSet;

use crate::formats::body;
use crate::lines::lines;
use crate::model::{FilePatch, Format, Hunk, Line, Op};
use crate::paths::{self, Roots};
use crate::tree::Tree;

/// Reads as context what stands in the file with the mark that it seems to have, and not without it. Only hunks that miss what their
/// heads count are read again, only in files whose context is seen to have lost marks, and only where the head is then right.
pub(crate) fn read_again(files: &mut [FilePatch], tree: &Tree) {
    for file in files {
        let unmarked = file.hunks.iter().flat_map(|hunk| &hunk.lines).any(|line| line.raw && !line.is_blank());
        if file.format != Format::Unified || !unmarked || file.hunks.iter().all(counts_well) {
            continue;
        }
        let Some(before) = paths::existing(file, tree, &mut Roots::default()).ok().and_then(|path| tree.files().read(&path))
        else {
            continue;
        };
        let whole: HashSet<&[u8]> = lines(&before).map(body).collect();
        let trimmed: HashSet<&[u8]> = whole.iter().map(|line| line.trim_ascii()).collect();
        for hunk in file.hunks.iter_mut().filter(|hunk| !counts_well(hunk)) {
            let read = |line: &Line| {
                let kept = unmark(line)?;
                (whole.contains(kept.text.as_slice()) && !trimmed.contains(line.text.trim_ascii())).then_some(kept)
            };
            let lines = hunk.lines.iter().map(|line| read(line).unwrap_or_else(|| line.clone())).collect();
            let other = Hunk { lines, ..hunk.clone() };
            if counts_well(&other) && other.changes() {
                *hunk = other;
            }
        }
    }
}

/// Says whether a hunk has the lines that its head counts.
fn counts_well(hunk: &Hunk) -> bool {
    hunk.counts.is_none_or(|counts| counts == hunk.sizes())
}

/// Returns a changed line as context that never had a mark; `None` for one that is context already.
fn unmark(line: &Line) -> Option<Line> {
    let sign = match line.op {
        Op::Keep => return None,
        Op::Delete => b'-',
        Op::Add => b'+',
    };
    Some(Line { op: Op::Keep, text: [&[sign], line.text.as_slice()].concat(), raw: true, cr: line.cr })
}
