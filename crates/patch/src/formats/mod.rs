//! Reads a text into files and hunks, whatever formats stand in it: one pass from top to bottom, so that a marker inside the body of
//! one format is never taken for the head of another.

mod blocks;
mod fence;
mod hunk;
mod label;
mod unified;
mod v4a;
mod whole;

pub(crate) use blocks::replacing;
pub(crate) use fence::Fence;

use crate::Refusal;
use crate::lines::split_lines;
use crate::model::{FilePatch, Format};
use crate::refusal::unreadable;

/// No answer has more hunks.
const MOST_HUNKS: usize = 20_000;

/// A text that is being read.
pub(crate) struct Scan<'a> {
    lines: Vec<&'a [u8]>,
    at: usize,
    fence: Option<Fence>,
    /// The word that ends a here-document.
    heredoc: Option<Vec<u8>>,
    /// The path that was named last, for what follows without one.
    label: Option<String>,
    /// The path of the block before.
    block_path: Option<String>,
    /// The last of `files` takes further hunks.
    open: bool,
    /// Another file that prose has named since the last edit.
    named: Option<String>,
    /// Where `label` was read, while it may still stand for what follows.
    label_at: Option<usize>,
    known: &'a dyn Fn(&str) -> bool,
    files: Vec<FilePatch>,
}

/// Reads every edit of `text`. `path` is the file that it is known to be about; `known` tells the paths of the tree.
pub(crate) fn read(text: &[u8], path: Option<&str>, known: &dyn Fn(&str) -> bool) -> Result<Vec<FilePatch>, Refusal> {
    let mut scan = Scan {
        lines: split_lines(text),
        at: 0,
        fence: None,
        heredoc: None,
        label: path.map(str::to_owned),
        block_path: path.map(str::to_owned),
        open: false,
        named: None,
        label_at: None,
        known,
        files: Vec::new(),
    };
    while let Some(line) = scan.line() {
        let before = scan.edits();
        scan.step(line)?;
        if scan.edits() != before {
            (scan.named, scan.label_at) = (None, None);
        }
        if scan.files.len() > MOST_HUNKS || scan.files.last().is_some_and(|file| file.hunks.len() > MOST_HUNKS) {
            return Err(unreadable(scan.at, "more edits than any answer has"));
        }
    }
    if let Some(end) = scan.heredoc.filter(|_| !scan.files.is_empty()) {
        let what = format!("the here-document is not closed by `{}`", String::from_utf8_lossy(&end));
        return Err(crate::refusal::truncated(scan.at, what));
    }
    if let Some(at) = scan.label_at.filter(|_| !scan.files.is_empty()) {
        return Err(crate::refusal::truncated(at + 1, "a file is named, and nothing follows"));
    }
    whole::refuse_excerpts(&scan.files)?;
    for file in &scan.files {
        let does_something = !file.hunks.is_empty() || file.whole.is_some() || file.mode.is_some();
        if !does_something && file.action == crate::model::Action::Modify {
            return Err(unreadable(file.line, "a file without hunks"));
        }
    }
    Ok(scan.files)
}

impl<'a> Scan<'a> {
    /// Returns the current line without its terminator.
    fn line(&self) -> Option<&'a [u8]> {
        self.peek(0)
    }

    fn peek(&self, ahead: usize) -> Option<&'a [u8]> {
        self.lines.get(self.at + ahead).map(|line| body(line))
    }

    /// The number of the current line, from 1.
    fn number(&self) -> usize {
        self.at + 1
    }

    fn step(&mut self, line: &'a [u8]) -> Result<(), Refusal> {
        if v4a::starts(line) {
            self.open = false;
            return v4a::read(self);
        }
        if blocks::starts(line) {
            self.open = false;
            return blocks::read(self);
        }
        if blocks::is_end(line) {
            return Err(unreadable(self.number(), "the end of a block that has no beginning"));
        }
        if unified::starts(self) {
            return unified::read(self);
        }
        if !self.files.is_empty() && self.ends_in_a_stump(line) {
            return Err(crate::refusal::truncated(self.number(), "the beginning of an edit, and nothing follows"));
        }
        if let Some(end) = fence::heredoc(line) {
            self.heredoc = Some(end.to_vec());
            whole::redirected(self, line)?;
        } else if self.heredoc.as_deref() == Some(line) {
            self.heredoc = None;
        } else if self.fence.as_ref().is_some_and(|fence| fence.closed_by(line)) {
            self.fence = None;
        } else if self.fence.is_none()
            && let Some(fence) = Fence::open(line)
        {
            return self.enter(fence);
        } else if let Some(path) = label::read(line, self.known) {
            (self.label, self.label_at) = (Some(path), Some(self.at));
        } else if !line.trim_ascii().is_empty() && self.fence.is_none() {
            // Prose between a name and an edit: the name does not speak of the edit any more.
            (self.label, self.label_at) = (None, None);
            self.named = self.other_file(line).or(self.named.take());
        }
        self.at += 1;
        Ok(())
    }

    /// How many edits were read, of which only changes count.
    fn edits(&self) -> (usize, usize) {
        (self.files.len(), self.files.last().map_or(0, |file| file.hunks.len()))
    }

    /// Returns a file of the tree that a line of prose names, other than the one of the last edit.
    fn other_file(&self, line: &[u8]) -> Option<String> {
        let last = self.files.last()?;
        let line = text(line.get(..1000).unwrap_or(line));
        let mut words = line.split_whitespace().map(|word| word.trim_matches(|c: char| "`*\"'(),.:;[]".contains(c)));
        words.find(|word| (self.known)(word) && *word != last.name()).map(str::to_owned)
    }

    /// Refuses an edit that says no file of its own, below prose about another one than the last edit's.
    fn same_file(&self) -> Result<(), Refusal> {
        let Some(named) = &self.named else { return Ok(()) };
        Err(unreadable(self.number(), format!("an edit below a text about `{named}`: name the file above the edit")))
    }

    /// Says whether `line` is the last one and the beginning of a mark, a head or a path.
    fn ends_in_a_stump(&self, line: &[u8]) -> bool {
        let begins = |mark: &&[u8]| line.len() >= 5 && mark.starts_with(line.trim_ascii_end());
        let marks: [&[u8]; 5] =
            [b"*** Begin Patch", b"*** Update File:", b"*** Add File:", b"*** Delete File:", b"diff --git a/"];
        let heads: [&[u8]; 3] = [b"<<<<<", b"diff --git ", b"--- "];
        // Without an end of its own it may be the beginning of anything: of a mark of which there is too little yet, or of a path.
        let only = |sign: u8, most: usize| !line.is_empty() && line.len() <= most && line.iter().all(|byte| *byte == sign);
        let is_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-".contains(byte);
        let half_a_path = line.contains(&b'/') && !line.starts_with(b"/") && line.iter().all(is_path);
        let half_a_head = line.len() >= 2 && b"diff --git ".starts_with(line);
        let cut = self.lines.get(self.at).is_some_and(|line| !line.ends_with(b"\n"))
            && (only(b'<', 9)
                || only(b'`', 2)
                || only(b'~', 2)
                || only(b'*', 3)
                || only(b'-', 3)
                || only(b'@', 2)
                || half_a_head
                || half_a_path);
        let stump = cut || marks.iter().any(begins) || heads.iter().any(|head| line.starts_with(head) && line.len() > head.len());
        stump && (1..self.lines.len() - self.at).all(|ahead| self.peek(ahead).is_none_or(|line| line.trim_ascii().is_empty()))
    }

    /// Goes into a fence, or takes it as the content of a file.
    fn enter(&mut self, fence: Fence) -> Result<(), Refusal> {
        if let Some(path) = fence.path(self.known) {
            (self.label, self.label_at) = (Some(path), Some(self.at));
        }
        if whole::fenced(self, &fence)? {
            return Ok(());
        }
        // What a label names begins anew; without a label the file before goes on.
        self.open &= self.label.is_none();
        self.fence = Some(fence);
        self.at += 1;
        Ok(())
    }

    /// Adds hunks to the file `name`, as a file of its own unless the last one is the same.
    fn file(&mut self, name: &str, format: Format) -> Option<&mut FilePatch> {
        let same = self.files.last().is_some_and(|file| file.format == format && file.new.as_deref() == Some(name));
        if !same {
            let line = self.number();
            self.files.push(FilePatch::of(name, line, format));
        }
        self.files.last_mut()
    }

    /// Says whether only blank lines follow.
    fn at_end(&self) -> bool {
        self.lines.get(self.at..).unwrap_or_default().iter().all(|line| line.trim_ascii().is_empty())
    }

    /// Says whether a line is the head of some edit.
    fn is_head(&self, ahead: usize) -> bool {
        let Some(line) = self.peek(ahead).filter(|line| may_be_head(line)) else { return false };
        v4a::starts(line) || v4a::is_mark(line) || blocks::starts(line) || unified::head_at(self, ahead)
    }
}

/// Says whether a line begins as the head of an edit may: most lines of a file do not.
fn may_be_head(line: &[u8]) -> bool {
    line.first().is_some_and(|first| b"*<-+@dBG".contains(first))
}

/// Returns a line without its terminator.
pub(crate) fn body(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Returns bytes as text, for names and messages.
fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}
