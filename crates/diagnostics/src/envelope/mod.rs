//! What a CI system writes round the output of a command: stamps, folds, headings, echoes of the commands.
//!
//! All that reads a log reads it peeled, and every peeled line knows the raw lines that it came from, so that whatever is found can be
//! shown where it stands. A log is fed in pieces of any size: nothing but the line at hand is kept, and lines are cut.

mod buildkite;
mod circleci;
mod dialect;
mod github;
mod gitlab;
mod jenkins;
mod raw;
mod travis;

use std::borrow::Cow;

use crate::text::{cut, plain};

pub use dialect::Dialect;
use raw::{RawLine, RawLines};

/// Before the file of a project's own patterns that a step has the system read.
pub(crate) const ADD_MATCHER: &str = "::add-matcher::";

/// What the envelope says about the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A step begins.
    Step(String),
    /// A step begins that is not what the job is for: it cleans up, or uploads what was made.
    Aside(String),
    /// The step that began last is not run.
    Skipped,
    /// A command is run.
    Command(String),
    /// The last step that did anything ended with this code.
    Exit(i32),
    /// The system itself calls the line an error.
    Error,
    /// A step of this name failed.
    FailedIn(String),
    /// The job ended well.
    Passed,
    /// The job ended badly.
    Failed,
    /// The job was stopped from outside.
    Cancelled,
}

/// One line without its envelope.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// The text, without colour; `None` where all of the line belongs to the envelope.
    pub(crate) text: Option<&'a str>,
    /// The first and the last raw line that it came from, from 1.
    pub(crate) raw: (u64, u64),
    /// What the envelope says here.
    pub(crate) marks: &'a [Mark],
}

/// What a dialect makes of a line.
#[derive(Debug, Default, PartialEq)]
struct Bare<'a> {
    text: Option<Cow<'a, str>>,
    /// The line goes on where the one before ended.
    continues: bool,
    marks: Vec<Mark>,
}

impl<'a> Bare<'a> {
    fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    fn mark(mark: Mark) -> Self {
        Self { marks: vec![mark], ..Self::default() }
    }

    fn marked(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }
}

/// The state of the dialect that a log is in.
#[derive(Debug)]
enum Peels {
    Plain,
    GitHub(github::Peel),
    GitLab(gitlab::Peel),
    Jenkins(jenkins::Peel),
    Travis(travis::Peel),
    Buildkite(buildkite::Peel),
    CircleCi(circleci::Peel),
}

impl Peels {
    fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Plain => Self::Plain,
            Dialect::GitHub => Self::GitHub(github::Peel::default()),
            Dialect::GitLab => Self::GitLab(gitlab::Peel::default()),
            Dialect::Jenkins => Self::Jenkins(jenkins::Peel::default()),
            Dialect::Travis => Self::Travis(travis::Peel::default()),
            Dialect::Buildkite => Self::Buildkite(buildkite::Peel::default()),
            Dialect::CircleCi => Self::CircleCi(circleci::Peel::default()),
        }
    }

    /// Peels a line. `next` is the raw line after it, for what only that tells.
    fn line<'a>(&mut self, raw: &'a str, next: Option<&str>) -> Bare<'a> {
        match self {
            Self::Plain => Bare::text(bare(raw)),
            Self::GitHub(peel) => peel.line(raw),
            Self::GitLab(peel) => peel.line(raw),
            Self::Jenkins(peel) => peel.line(raw),
            Self::Travis(peel) => peel.line(raw),
            Self::Buildkite(peel) => peel.line(raw, next),
            Self::CircleCi(peel) => peel.line(raw),
        }
    }
}

/// Takes the envelope off a log that is fed in pieces.
#[derive(Debug, Default)]
pub(crate) struct Peeler {
    dialect: Option<(Dialect, Peels)>,
    /// The beginning, until it shows the dialect.
    head: Vec<u8>,
    lines: RawLines,
    /// The last raw line, until the next one is known, where that tells what it is.
    held: Option<(u64, String)>,
    /// The last peeled line, where the next may go on with it.
    joined: Option<(String, (u64, u64), Vec<Mark>)>,
}

/// How much of a log is looked at to tell its dialect.
const HEAD: usize = 64 * 1024;

impl Peeler {
    /// Returns one for a log whose dialect is known.
    pub(crate) fn of(dialect: Dialect) -> Self {
        Self { dialect: Some((dialect, Peels::new(dialect))), ..Self::default() }
    }

    /// Returns the dialect, once it is known.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect.as_ref().map_or(Dialect::Plain, |(dialect, _)| *dialect)
    }

    /// Takes more of the log, and hands the lines that are whole to `sink`.
    pub(crate) fn feed(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&Line<'_>)) {
        if self.dialect.is_some() {
            return self.split(bytes, sink);
        }
        let (head, rest) = bytes.split_at(bytes.len().min(HEAD.saturating_sub(self.head.len())));
        self.head.extend_from_slice(head);
        if self.head.len() >= HEAD {
            self.begin(sink);
            self.split(rest, sink);
        }
    }

    /// Hands over what is left.
    pub(crate) fn finish(&mut self, sink: &mut dyn FnMut(&Line<'_>)) {
        if self.dialect.is_none() {
            self.begin(sink);
        }
        let mut lines = std::mem::take(&mut self.lines);
        lines.finish(&mut |line| self.raw(line, sink));
        if let Some((number, line)) = self.held.take() {
            self.peeled(RawLine { number, text: &line, is_plain: false }, None, sink);
        }
        self.flush(sink);
    }

    fn begin(&mut self, sink: &mut dyn FnMut(&Line<'_>)) {
        let head = std::mem::take(&mut self.head);
        let dialect = Dialect::of(&String::from_utf8_lossy(&head));
        self.dialect = Some((dialect, Peels::new(dialect)));
        self.split(&head, sink);
    }

    fn split(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&Line<'_>)) {
        let mut lines = std::mem::take(&mut self.lines);
        lines.feed(bytes, &mut |line| self.raw(line, sink));
        self.lines = lines;
    }

    fn raw(&mut self, line: RawLine<'_>, sink: &mut dyn FnMut(&Line<'_>)) {
        if !matches!(self.dialect, Some((_, Peels::Buildkite(_)))) {
            return self.peeled(line, None, sink);
        }
        if let Some((number, held)) = self.held.replace((line.number, line.text.to_owned())) {
            let next = self.held.take();
            let held = RawLine { number, text: &held, is_plain: false };
            self.peeled(held, next.as_ref().map(|(_, line)| line.as_str()), sink);
            self.held = next;
        }
    }

    fn peeled(&mut self, line: RawLine<'_>, next: Option<&str>, sink: &mut dyn FnMut(&Line<'_>)) {
        let Some((_, peels)) = &mut self.dialect else { return };
        let RawLine { number, text: raw, is_plain } = line;
        if let Peels::GitHub(peel) = peels
            && is_plain
            && let Some(text) = peel.plain(raw)
        {
            return sink(&Line { text: Some(text), raw: (number, number), marks: &[] });
        }
        let Bare { text, continues, marks } = peels.line(raw, next);
        if continues
            && let Some((joined, (_, last), known)) = &mut self.joined
            && joined.len() < crate::text::LONGEST_LINE
        {
            joined.push_str(text.as_deref().unwrap_or_default());
            *last = number;
            known.extend(marks);
            return;
        }
        self.flush(sink);
        match text {
            Some(text) if matches!(self.dialect, Some((_, Peels::GitLab(_)))) => {
                self.joined = Some((text.into_owned(), (number, number), marks));
            }
            text => sink(&Line { text: text.as_deref(), raw: (number, number), marks: &marks }),
        }
    }

    fn flush(&mut self, sink: &mut dyn FnMut(&Line<'_>)) {
        if let Some((text, raw, marks)) = self.joined.take() {
            sink(&Line { text: Some(&text), raw, marks: &marks });
        }
    }
}

/// Returns a log without its envelope; any other text as it is.
///
/// ```
/// let log = "2026-05-01T10:00:00.0000000Z ##[group]Run make\n2026-05-01T10:00:00.0000000Z ##[endgroup]\n2026-05-01T10:00:01.0000000Z cc -c a.c\n";
/// assert_eq!(diagnostics::peel(log).lines().last(), Some("cc -c a.c"));
/// assert_eq!(diagnostics::peel("cc -c a.c\n"), "cc -c a.c\n");
/// ```
#[must_use]
pub fn peel(log: &str) -> Cow<'_, str> {
    if Dialect::of(cut(log, HEAD)) == Dialect::Plain {
        return Cow::Borrowed(log);
    }
    let mut peeled = String::with_capacity(log.len());
    let mut keep = |line: &Line<'_>| {
        if let Some(text) = line.text {
            peeled.push_str(text);
            peeled.push('\n');
        }
    };
    let mut peeler = Peeler::default();
    peeler.feed(log.as_bytes(), &mut keep);
    peeler.finish(&mut keep);
    Cow::Owned(peeled)
}

/// Returns a line without what stands before a place in it.
fn cut_front(line: Cow<'_, str>, cut: usize) -> Cow<'_, str> {
    match line {
        Cow::Borrowed(line) => Cow::Borrowed(line.get(cut..).unwrap_or(line)),
        Cow::Owned(mut line) => {
            line.drain(..cut);
            Cow::Owned(line)
        }
    }
}

/// Returns a line without escape sequences.
fn bare(line: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\x1b', line.as_bytes()).is_some() { Cow::Owned(plain(line.as_bytes())) } else { Cow::Borrowed(line) }
}

#[cfg(test)]
mod tests;
