//! Reads what tools say: structured output, plain text, and test reports, into [`Diagnostic`]s, and those into findings.
//!
//! Pure: no I/O and no async. The program runs the tool; [`speak`] tells it how to make a known tool answer in a form that carries
//! suggestions and exact ranges, [`read`] reads the answer, and [`to_findings`] normalises it against the files of the tree. A whole log of a
//! CI job is for [`read_log`], or [`LogReader`] where it is large.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use diagnostics::{Origin, Output, read, to_findings};
//! use domain::{Files, Recipe, RepoPath};
//!
//! let output = Output { stdout: b"app/a.py:1:8: F401 `os` imported but unused\n", stderr: b"", tool: None };
//! let report = read(&output);
//! let files = Files::from_map(BTreeMap::from([(RepoPath::new("app/a.py").unwrap(), b"import os\n".to_vec())]));
//! let origin = Origin { recipe: Recipe::Lint, subproject: ".", roots: &[] };
//! let findings = to_findings(&report.diagnostics, &origin, &files);
//! assert_eq!((findings[0].rule.as_str(), findings[0].line()), ("F401", Some(1)));
//! ```

mod class;
mod could_not_run;
mod crash;
mod documents;
mod envelope;
mod findings;
mod formats;
mod hints;
mod labelled;
mod log;
mod matchers;
mod needs;
mod paths;
mod pattern;
mod position;
mod printed;
mod read;
mod reading;
mod sieve;
mod speak;
mod tests_report;
mod text;

use domain::{Applicability, FindingKind, Recipe, Severity, TestsSeen};

pub use class::Class;
pub use could_not_run::could_not_run;
pub use crash::{Access, Crash, Frame, crashes};
pub use envelope::{Dialect, peel};
pub use findings::to_findings;
pub use hints::Hints;
pub use log::{Decision, LogReader, LogReport, Outcome, PassingLog, Telling, patterns, read_log};
pub use matchers::Matchers;
pub use paths::root_of;
pub use read::{read, read_with};
pub use speak::{Spoken, is_able, speak, speak_env, tool_of, writer};
pub use text::decoded;

/// What a tool wrote.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// Standard output.
    pub stdout: &'a [u8],
    /// Standard error.
    pub stderr: &'a [u8],
    /// The tool, where [`speak`] or the user named it.
    pub tool: Option<&'a str>,
}

/// What was understood of an output.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The diagnostics, in the order of the output.
    pub diagnostics: Vec<Diagnostic>,
    /// The test report, if there is one.
    pub tests: TestsSeen,
    /// The failing tests, each once, in the order of the output, as the runner names them.
    pub failing: Vec<String>,
    /// The formats that were recognised, by name; empty when nothing was.
    pub formats: Vec<&'static str>,
    /// What could not be read, and why: a truncated document, a line that is not JSON.
    pub skipped: Vec<String>,
}

/// One message of a tool, as received: paths and positions are the tool's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The tool.
    pub tool: String,
    /// Its rule code, or a general word.
    pub rule: String,
    /// What kind of problem it is.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// The message, one line, without control characters.
    pub message: String,
    /// The file as the tool names it: absolute, or relative to the folder that the tool ran in.
    pub path: Option<String>,
    /// Where in the file.
    pub span: Option<Span>,
    /// Other places that belong to it, each with what the tool says of it.
    pub related: Vec<Related>,
    /// Where the rule is explained.
    pub help: Option<String>,
    /// What the tool offers to do about it, best first.
    pub suggestions: Vec<RawSuggestion>,
    /// What the tool knows it by from run to run, each under the name of how it is made.
    pub fingerprints: Vec<(String, String)>,
}

/// A place that belongs to a diagnostic: where a name was declared first, what led to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// What the tool says of it, one line.
    pub message: String,
    /// The file as the tool names it.
    pub path: String,
    /// Where in the file.
    pub span: Option<Span>,
}

/// A range in the tool's own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its start.
    pub start: Position,
    /// Its end, excluded; equal to the start where the tool names none.
    pub end: Position,
}

/// A position in the tool's own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// Bytes from the start of the file.
    Byte(usize),
    /// Unicode code points from the start of the file.
    Chars(usize),
    /// UTF-16 code units from the start of the file.
    Utf16(usize),
    /// Line and column, both from 1.
    LineColumn {
        /// The line.
        line: u32,
        /// The column.
        column: u32,
        /// What a column counts.
        unit: Unit,
    },
    /// After the last character of a line, before its end.
    LineEnd {
        /// The line, from 1.
        line: u32,
    },
}

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Bytes.
    Byte,
    /// Unicode code points.
    Char,
    /// UTF-16 code units.
    Utf16,
    /// Unicode code points, a tab counted up to the next stop of eight: shellcheck's first JSON.
    Tabbed,
    /// Cells of a terminal, with tab stops of eight: gcc's text.
    Display,
}

/// One way to settle a diagnostic, in the tool's own units.
#[derive(Debug, Clone, PartialEq)]
pub struct RawSuggestion {
    /// What it does, in the tool's words.
    pub message: String,
    /// How far the tool vouches for it.
    pub applicability: Applicability,
    /// Its edits: the file (`None`: that of the diagnostic), the range, the new text.
    pub edits: Vec<(Option<String>, Span, String)>,
}

/// Where an output came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The recipe.
    pub recipe: Recipe,
    /// The subproject's folder, `"."` for the root.
    pub subproject: &'a str,
    /// Absolute folders that stood for the repository's root when the tool ran (the workspace; the folder a report names): absolute
    /// paths below one are made relative to it.
    pub roots: &'a [String],
}
