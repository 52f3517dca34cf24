//! What every format is read into: files, what happens to them, and hunks of lines.

use crate::lines::blocks;

/// One file of an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilePatch {
    /// The line of the answer, from 1.
    pub(crate) line: usize,
    /// Its name before and after, as the answer gives them.
    pub(crate) old: Option<String>,
    pub(crate) new: Option<String>,
    pub(crate) action: Action,
    /// The mode that it gets, as git writes modes.
    pub(crate) mode: Option<String>,
    pub(crate) hunks: Vec<Hunk>,
    /// Its whole content, when the answer gives that.
    pub(crate) whole: Option<Vec<u8>>,
    /// Only the first line of its content named it.
    pub(crate) named_inside: bool,
    pub(crate) format: Format,
}

impl FilePatch {
    /// Returns a file that is changed in place.
    pub(crate) fn of(name: &str, line: usize, format: Format) -> Self {
        Self { line, old: Some(name.to_owned()), new: Some(name.to_owned()), format, ..Self::default() }
    }

    /// Returns the name by which to speak of it.
    pub(crate) fn name(&self) -> &str {
        self.new.as_deref().or(self.old.as_deref()).unwrap_or("the answer")
    }
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Action {
    #[default]
    Modify,
    Create,
    Delete,
    Rename,
}

/// The format that an edit was written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A unified diff, of git or plain.
    #[default]
    Unified,
    /// SEARCH/REPLACE blocks, also as JSON objects of `old` and `new`.
    Blocks,
    /// `*** Begin Patch`.
    V4a,
    /// The whole file.
    Whole,
}

/// One hunk: old lines to find, and what becomes of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hunk {
    /// The line of the answer, from 1.
    pub(crate) line: usize,
    /// First old line as stated, from 1: a hint.
    pub(crate) stated: Option<usize>,
    /// First new line as stated, from 1.
    pub(crate) stated_new: Option<usize>,
    /// Old and new counts as stated: they only tell a hunk that was cut off.
    pub(crate) counts: Option<(usize, usize)>,
    /// Lines below which it stands, outermost first.
    pub(crate) anchors: Vec<Vec<u8>>,
    pub(crate) lines: Vec<Line>,
    /// The last old or new line is said to have no line feed.
    pub(crate) old_open: bool,
    pub(crate) new_open: bool,
    /// It is said to end at the end of the file.
    pub(crate) at_end: bool,
    /// Nothing of the answer follows it.
    pub(crate) last: bool,
    /// Its last line is the answer's last and has no end.
    pub(crate) unended: bool,
    /// The same without the numbers before its lines, if they are numbers of lines: what to try when it stands nowhere.
    pub(crate) unnumbered: Option<Box<Hunk>>,
    /// Old and new text, where they may be part of a line.
    pub(crate) needle: Option<(Vec<u8>, Vec<u8>)>,
}

/// One line of a hunk, without its terminator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) op: Op,
    pub(crate) text: Vec<u8>,
    /// It ended in a carriage return.
    pub(crate) cr: bool,
    /// It stood in the answer without any mark.
    pub(crate) raw: bool,
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Keep,
    Delete,
    Add,
}

impl Line {
    /// Reads a line whose mark, if it had one, is gone.
    pub(crate) fn new(op: Op, text: &[u8]) -> Self {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let (text, cr) = text.strip_suffix(b"\r").map_or((text, false), |text| (text, true));
        Self { op, text: text.to_vec(), cr, raw: false }
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.iter().all(u8::is_ascii_whitespace)
    }
}

impl Hunk {
    /// Makes a hunk of the text to find and the text that replaces it: lines in both are context.
    pub(crate) fn replacing(line: usize, old: &[&[u8]], new: &[&[u8]]) -> Self {
        let join = |lines: &[&[u8]]| -> Vec<u8> {
            let mut all = Vec::new();
            for line in lines {
                all.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
                all.push(b'\n');
            }
            all
        };
        let mut lines = Vec::with_capacity(old.len() + new.len());
        let mut at = 0;
        let put = |lines: &mut Vec<Line>, op, from: &[&[u8]]| lines.extend(from.iter().map(|text| Line::new(op, text)));
        for (was, is) in blocks(&join(old), &join(new)) {
            put(&mut lines, Op::Keep, old.get(at..was.start).unwrap_or_default());
            put(&mut lines, Op::Delete, old.get(was.clone()).unwrap_or_default());
            put(&mut lines, Op::Add, new.get(is).unwrap_or_default());
            at = was.end;
        }
        put(&mut lines, Op::Keep, old.get(at..).unwrap_or_default());
        Self { line, lines, ..Self::default() }
    }

    /// Returns how many lines are old (kept or deleted) and how many new (kept or added).
    pub(crate) fn sizes(&self) -> (usize, usize) {
        let count = |op: Op| self.lines.iter().filter(|line| line.op != op).count();
        (count(Op::Add), count(Op::Delete))
    }

    pub(crate) fn changes(&self) -> bool {
        self.lines.iter().any(|line| line.op != Op::Keep)
    }
}
