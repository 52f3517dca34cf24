//! Two texts compared line by line, by imara-diff's histogram algorithm.

use std::fmt::Write as _;
use std::ops::Range;

use domain::{Edit, RepoPath};
use imara_diff::{Algorithm, Diff, InternedInput};

/// One changed block: the lines `before` (counted from 0) became the lines `after`.
pub(crate) type Block = (Range<usize>, Range<usize>);

/// How lines of one text correspond to those of another.
#[derive(Debug, Clone)]
pub struct LineMap {
    blocks: Vec<Block>,
}

/// Where a line of the later text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// It is this line (from 1) of the earlier text, unchanged.
    Same(u32),
    /// It is in a block that was changed; these lines (from 1, the end excluded, possibly none) of the earlier text stood there.
    Changed(Range<u32>),
}

impl LineMap {
    /// Compares two texts.
    #[must_use]
    pub fn new(before: &[u8], after: &[u8]) -> Self {
        Self { blocks: blocks(before, after) }
    }

    /// Returns where `line` (from 1) of the later text comes from.
    #[must_use]
    pub fn to_before(&self, line: u32) -> Mapped {
        let line = (line as usize).saturating_sub(1);
        let mut shift = 0_isize;
        for (before, after) in &self.blocks {
            if line < after.start {
                break;
            }
            if line < after.end {
                return Mapped::Changed(one_based(before));
            }
            shift = signed(before.end) - signed(after.end);
        }
        Mapped::Same(u32::try_from(signed(line) + shift + 1).unwrap_or(1))
    }

    /// Returns where `line` (from 1) of the earlier text went: the line of the later text, or `None` if it was changed or removed.
    #[must_use]
    pub fn to_after(&self, line: u32) -> Option<u32> {
        let line = (line as usize).saturating_sub(1);
        let mut shift = 0_isize;
        for (before, after) in &self.blocks {
            if line < before.start {
                break;
            }
            if line < before.end {
                return None;
            }
            shift = signed(after.end) - signed(before.end);
        }
        u32::try_from(signed(line) + shift + 1).ok()
    }

    /// Returns the lines (from 1, the end excluded) of the later text that were changed or added.
    pub fn changed_after(&self) -> impl Iterator<Item = Range<u32>> + '_ {
        self.blocks.iter().map(|(_, after)| one_based(after))
    }

    /// Returns how many lines were added and how many removed.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        self.blocks.iter().fold((0, 0), |(added, removed), (before, after)| (added + after.len(), removed + before.len()))
    }
}

fn signed(n: usize) -> isize {
    isize::try_from(n).unwrap_or(isize::MAX)
}

fn one_based(range: &Range<usize>) -> Range<u32> {
    let up = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    up(range.start)..up(range.end)
}

/// Returns the changed blocks of two texts, in order.
pub(crate) fn blocks(before: &[u8], after: &[u8]) -> Vec<Block> {
    let input = InternedInput::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let wide = |range: Range<u32>| range.start as usize..range.end as usize;
    diff.hunks().map(|hunk| (wide(hunk.before), wide(hunk.after))).collect()
}

/// The lines, each with its terminator.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    let ends = memchr::memchr_iter(b'\n', text).map(|end| end + 1);
    let open = (!text.is_empty() && !text.ends_with(b"\n")).then_some(text.len());
    ends.chain(open).map(move |end| {
        let line = text.get(at..end).unwrap_or_default();
        at = end;
        line
    })
}

/// Splits at line feeds, each line with its terminator.
pub(crate) fn split_lines(text: &[u8]) -> Vec<&[u8]> {
    lines(text).collect()
}

/// Returns the edits, one a changed block, that turn `before` into `after`. Bytes that are not UTF-8 make it `None`.
#[must_use]
pub fn line_edits(path: &RepoPath, before: &[u8], after: &[u8]) -> Option<Vec<Edit>> {
    let offsets = |text: &[u8]| {
        let mut at = 0;
        let mut offsets: Vec<usize> = vec![0];
        for line in lines(text) {
            at += line.len();
            offsets.push(at);
        }
        offsets
    };
    let (old, new) = (offsets(before), offsets(after));
    let slice = |offsets: &[usize], range: &Range<usize>| Some(*offsets.get(range.start)?..*offsets.get(range.end)?);
    blocks(before, after)
        .iter()
        .map(|(was, is)| {
            let text = std::str::from_utf8(after.get(slice(&new, is)?)?).ok()?;
            Some(Edit::new(path, slice(&old, was)?, text))
        })
        .collect()
}

/// Returns the unified diff of one file, with `a/` and `b/` paths and three lines of context; empty when the texts are equal.
///
/// `None` stands for "no such file". Bytes that are not UTF-8 are shown by the replacement character: this form is for people.
#[must_use]
pub fn diff(path: &RepoPath, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    String::from_utf8_lossy(&unified(path, before, after)).into_owned()
}

/// Returns the diff of one file as git writes it, byte for byte.
pub(crate) fn git_diff(path: &RepoPath, before: Option<&[u8]>, after: Option<&[u8]>, executable: Option<bool>) -> Vec<u8> {
    let (old, new) = (quoted("a", path), quoted("b", path));
    let mode = |executable: bool| if executable { "100755" } else { "100644" };
    let mut out = format!("diff --git {old} {new}\n");
    match (before, after, executable) {
        (None, _, executable) => {
            let _ = writeln!(out, "new file mode {}", mode(executable.unwrap_or(false)));
        }
        (_, None, _) => out.push_str("deleted file mode 100644\n"),
        (_, _, Some(now)) => {
            let _ = write!(out, "old mode {}\nnew mode {}\n", mode(!now), mode(now));
        }
        (_, _, None) => {}
    }
    let mut out = out.into_bytes();
    let empty = before.unwrap_or_default().is_empty() && after.unwrap_or_default().is_empty();
    if !empty {
        out.extend(unified(path, before, after));
    }
    out
}

/// A name as git writes it: in quotes when it holds signs that it escapes.
fn quoted(side: &str, path: &RepoPath) -> String {
    let plain = path.as_str().bytes().all(|byte| (b' '..0x7f).contains(&byte) && byte != b'"' && byte != b'\\');
    if plain {
        return format!("{side}/{path}");
    }
    let mut out = format!("\"{side}/");
    for byte in path.as_str().bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..0x7f => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}

fn unified(path: &RepoPath, before: Option<&[u8]>, after: Option<&[u8]>) -> Vec<u8> {
    const CONTEXT: usize = 3;
    let (old, new) = (before.unwrap_or_default(), after.unwrap_or_default());
    let (old_lines, new_lines) = (split_lines(old), split_lines(new));
    let mut out = Vec::new();
    // A name with a blank ends in a tab, so that tools see where it ends.
    let tab = if path.as_str().contains(' ') { "\t" } else { "" };
    let name = |side: &str, there: bool| if there { format!("{}{tab}", quoted(side, path)) } else { "/dev/null".to_owned() };
    let blocks = blocks(old, new);
    if blocks.is_empty() && before.is_some() == after.is_some() {
        return out;
    }
    out.extend(format!("--- {}\n+++ {}\n", name("a", before.is_some()), name("b", after.is_some())).bytes());
    let mut group: &[Block] = &blocks;
    while let Some(((first_old, first_new), _)) = group.split_first() {
        let joined = 1 + group.windows(2).take_while(|pair| matches!(pair, [a, b] if b.0.start - a.0.end <= 2 * CONTEXT)).count();
        let (hunk, rest) = group.split_at(joined);
        let (last_old, last_new) = hunk.last().unwrap_or(&group[0]);
        let lead = first_old.start.min(CONTEXT);
        let trail = (old_lines.len() - last_old.end).min(CONTEXT);
        let old_range = first_old.start - lead..last_old.end + trail;
        let new_range = first_new.start - lead..last_new.end + trail;
        let span = |range: &Range<usize>| {
            let start = if range.is_empty() { range.start } else { range.start + 1 };
            format!("{start},{}", range.len())
        };
        out.extend(format!("@@ -{} +{} @@\n", span(&old_range), span(&new_range)).bytes());
        let mut at = old_range.start;
        for (was, is) in hunk {
            old_lines[at..was.start].iter().for_each(|line| push(&mut out, b' ', line));
            old_lines[was.clone()].iter().for_each(|line| push(&mut out, b'-', line));
            new_lines[is.clone()].iter().for_each(|line| push(&mut out, b'+', line));
            at = was.end;
        }
        old_lines[at..old_range.end].iter().for_each(|line| push(&mut out, b' ', line));
        group = rest;
    }
    out
}

fn push(out: &mut Vec<u8>, mark: u8, line: &[u8]) {
    out.push(mark);
    out.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path() -> RepoPath {
        RepoPath::new("a.txt").unwrap()
    }

    #[test]
    fn diff_reads_like_gits() {
        let shown = diff(&path(), Some(b"1\n2\n3\n4\n5\n6\n"), Some(b"1\n2\n3\n4\nfive\n6"));
        insta::assert_snapshot!(shown, @r"
        --- a/a.txt
        +++ b/a.txt
        @@ -2,5 +2,5 @@
         2
         3
         4
        -5
        -6
        +five
        +6
        \ No newline at end of file
        ");
    }

    #[test]
    fn lines_are_followed_over_a_change() {
        let map = LineMap::new(b"a\nb\nc\nd\n", b"x\na\nB\nc\nd\n");
        assert_eq!(map.to_before(2), Mapped::Same(1));
        assert_eq!(map.to_before(3), Mapped::Changed(2..3));
        assert_eq!(map.to_before(5), Mapped::Same(4));
        assert_eq!(map.to_after(2), None);
        assert_eq!(map.to_after(4), Some(5));
        assert_eq!(map.counts(), (2, 1));
    }

    proptest! {
        #[test]
        fn line_edits_rebuild_the_text(before in "([a-c]\n){0,12}[a-c]?", after in "([a-c]\n){0,12}[a-c]?") {
            let mut text = before.clone().into_bytes();
            for edit in line_edits(&path(), before.as_bytes(), after.as_bytes()).unwrap().into_iter().rev() {
                text.splice(edit.range(), edit.text.into_bytes());
            }
            prop_assert_eq!(text, after.into_bytes());
        }

        /// Our diff, read back by our strict reader, gives the later text again.
        #[test]
        fn diff_round_trips(before in "([a-c]\n){0,12}[a-c]?", after in "([a-c]\n){0,12}[a-c]?") {
            let shown = diff(&path(), Some(before.as_bytes()), Some(after.as_bytes()));
            prop_assume!(before != after);
            let files = domain::Files::from_map([(path(), before.into_bytes())].into());
            let plan = crate::plan(&shown, &crate::Tree::new(files)).unwrap();
            prop_assert_eq!(plan.files[0].after.as_deref().unwrap(), after.as_bytes());
        }
    }
}
