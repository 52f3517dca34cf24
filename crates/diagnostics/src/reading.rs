//! What the readers build: the report in the making, and short ways to make a diagnostic.

use domain::{Applicability, FindingKind, Severity};

use crate::text::{one_line, path_of_uri};
use crate::{Diagnostic, Position, RawSuggestion, Related, Report, Span, Unit};

/// More diagnostics than anyone repairs in one run: what comes after is counted and left out.
const MOST_DIAGNOSTICS: usize = 50_000;

/// More places of one diagnostic than anyone looks at.
const MOST_RELATED: usize = 50;

/// More names of one diagnostic than any tool gives it.
const MOST_FINGERPRINTS: usize = 10;

/// A report in the making.
#[derive(Debug, Default, Clone)]
pub(crate) struct Reading<'a> {
    /// What was understood so far.
    pub(crate) report: Report,
    /// The tool, where it is known.
    pub(crate) tool: Option<&'a str>,
    left_out: usize,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(tool: Option<&'a str>) -> Self {
        Self { tool, ..Self::default() }
    }

    /// Notes that a format was recognised.
    pub(crate) fn saw(&mut self, format: &'static str) {
        if !self.report.formats.contains(&format) {
            self.report.formats.push(format);
        }
    }

    /// Says whether a format was recognised already.
    pub(crate) fn has_seen(&self, format: &str) -> bool {
        self.report.formats.contains(&format)
    }

    /// Says whether the tool is known to be `tool`.
    pub(crate) fn is_tool(&self, tool: &str) -> bool {
        self.tool == Some(tool)
    }

    /// Adds a diagnostic of a format.
    pub(crate) fn push(&mut self, format: &'static str, diagnostic: Diagnostic) {
        self.saw(format);
        if self.report.diagnostics.len() < MOST_DIAGNOSTICS {
            self.report.diagnostics.push(diagnostic);
        } else {
            self.left_out += 1;
        }
    }

    /// Notes what could not be read.
    pub(crate) fn skip(&mut self, what: impl Into<String>) {
        if self.report.skipped.len() < 20 {
            self.report.skipped.push(what.into());
        }
    }

    /// Returns the report.
    pub(crate) fn finish(mut self) -> Report {
        if self.left_out > 0 {
            self.report.skipped.push(format!("{} diagnostics after the first {MOST_DIAGNOSTICS}", self.left_out));
        }
        self.report
    }
}

impl Diagnostic {
    /// Returns a diagnostic that names no place.
    pub(crate) fn new(
        tool: impl Into<String>,
        rule: impl Into<String>,
        kind: FindingKind,
        severity: Severity,
        message: &str,
    ) -> Self {
        Self {
            tool: tool.into(),
            rule: one_line(&rule.into()),
            kind,
            severity,
            message: one_line(message),
            path: None,
            span: None,
            related: Vec::new(),
            help: None,
            suggestions: Vec::new(),
            fingerprints: Vec::new(),
        }
    }

    /// Returns it with its file and place.
    pub(crate) fn at(mut self, path: impl Into<String>, span: impl Into<Option<Span>>) -> Self {
        self.path = Some(path_of_uri(&path.into()));
        self.span = span.into();
        self
    }

    /// Returns it with the address of what explains its rule.
    pub(crate) fn explained_at(mut self, address: &str) -> Self {
        self.help = Some(one_line(address)).filter(|address| address.starts_with("https://") || address.starts_with("http://"));
        self
    }

    /// Adds a place that belongs to it.
    pub(crate) fn relate(&mut self, message: &str, path: impl Into<String>, span: impl Into<Option<Span>>) {
        if self.related.len() < MOST_RELATED {
            self.related.push(Related { message: one_line(message), path: path.into(), span: span.into() });
        }
    }

    /// Returns it with what the tool knows it by.
    pub(crate) fn known_by(mut self, name: &str, value: &str) -> Self {
        let has_room = self.fingerprints.len() < MOST_FINGERPRINTS;
        self.fingerprints.extend(Some((one_line(name), one_line(value))).filter(|(_, value)| has_room && !value.is_empty()));
        self
    }

    /// Returns it with one more suggestion.
    pub(crate) fn suggesting(mut self, suggestion: RawSuggestion) -> Self {
        self.suggestions.push(suggestion);
        self
    }
}

impl Span {
    /// Returns the span from one line and column (from 1) to another.
    pub(crate) fn lines((line, column): (u32, u32), (end_line, end_column): (u32, u32), unit: Unit) -> Self {
        Self {
            start: Position::LineColumn { line, column, unit },
            end: Position::LineColumn { line: end_line, column: end_column, unit },
        }
    }

    /// Returns the empty span at a line and column (from 1).
    pub(crate) fn point(line: u32, column: u32, unit: Unit) -> Self {
        Self::lines((line, column), (line, column), unit)
    }

    /// Returns the empty span at the start of a line.
    pub(crate) fn line(line: u32) -> Self {
        Self::point(line, 1, Unit::Byte)
    }
}

impl RawSuggestion {
    /// Returns a suggestion of one edit in the diagnostic's own file.
    pub(crate) fn edit(message: &str, applicability: Applicability, span: Span, text: impl Into<String>) -> Self {
        Self { message: one_line(message), applicability, edits: vec![(None, span, text.into())] }
    }
}

/// Returns a number in a text, 0 where it is none or far too large: no file has such a line.
pub(crate) fn number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}
