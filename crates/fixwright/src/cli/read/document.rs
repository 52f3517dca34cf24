//! The document of `read --json`: how a failure ended, why, and each finding, in words that stay.

use std::collections::BTreeMap;

use diagnostics::{Access, Diagnostic, Frame, LogReport, Position, Related, Span, Telling, Unit};
use serde::Serialize;

use crate::engines::repairs::{self, Repairs};

/// What a log or report says. Lines are raw lines from 1: LF, CR LF and a lone CR each end one.
#[derive(Debug, Serialize)]
pub(super) struct Document<'a> {
    schema: u32,
    /// The CI system, `plain` for none.
    dialect: &'static str,
    outcome: &'static str,
    class: Option<String>,
    /// Of the class, from 0 to 1.
    confidence: Option<f64>,
    /// The rule that decided the class, and the lines that it matched.
    decided_by: Option<DecidedBy>,
    step: Option<&'a str>,
    command: Option<&'a str>,
    exit_code: Option<i32>,
    tests: Tests<'a>,
    explaining: &'a [(u64, u64)],
    diagnostics: Vec<Finding<'a>>,
    crashes: Vec<CrashLine<'a>>,
    /// What may repair this class of failure without a model.
    repairs: Option<Repairs>,
    formats: &'a [&'static str],
    /// What could not be read, and why.
    skipped: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    explain: Option<Vec<Told<'a>>>,
}

#[derive(Debug, Serialize)]
struct DecidedBy {
    rule: &'static str,
    lines: Option<(u64, u64)>,
}

/// The tests, counted as the runner counts them.
#[derive(Debug, Serialize)]
struct Tests<'a> {
    framework: Option<&'a str>,
    run: u64,
    passed: u64,
    failed: u64,
    errors: u64,
    skipped: u64,
    failing: &'a [String],
}

/// One message of a tool. Places are in the tool's own units, from 1, and `unit` says what a column counts; where it counts from the start of
/// the file, the line is not known without the file, and `offset` says where.
#[derive(Debug, Serialize)]
struct Finding<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    end: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
    /// What a column or an offset counts: `byte`, `character`, `utf16`, `tabbed` (characters, tab stops of eight), or `cell` of a terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    severity: domain::Severity,
    kind: String,
    tool: &'a str,
    rule: &'a str,
    message: &'a str,
    /// Other places that belong to it, each with what the tool says of it: no findings of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedPlace<'a>>,
    /// What the tool knows it by from run to run.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fingerprints: BTreeMap<&'a str, &'a str>,
    /// What the tool offers to do about it. Those of one suggestion belong together.
    edits: Vec<Edit<'a>>,
}

#[derive(Debug, Serialize)]
struct RelatedPlace<'a> {
    file: &'a str,
    line: Option<u32>,
    column: Option<u32>,
    message: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Edit<'a> {
    suggestion: usize,
    applicability: domain::Applicability,
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    file: Option<&'a str>,
    start: Place,
    end: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'static str>,
    text: &'a str,
}

#[derive(Debug, Serialize)]
struct CrashLine<'a> {
    reporter: &'a str,
    class: &'a str,
    message: &'a str,
    /// How memory was accessed, `read` or `write`, and how many bytes, where that is known.
    access: Option<&'static str>,
    size: Option<u32>,
    /// Where it happened, the innermost frame first, those of the runtime too; where the memory was allocated, and where it was freed.
    frames: Vec<FrameLine<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allocated: Vec<FrameLine<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    freed: Vec<FrameLine<'a>>,
    /// Stays the same when lines move.
    token: &'a str,
}

/// A frame of a stack; what is not known of it is left out.
#[derive(Debug, Serialize)]
struct FrameLine<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    function: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    /// It is the runtime's or a library's, not the program's.
    runtime: bool,
}

/// A line that a rule matched.
#[derive(Debug, Serialize)]
struct Told<'a> {
    rule: &'static str,
    class: String,
    lines: (u64, u64),
    text: &'a str,
}

/// Returns the document of what was read.
pub(super) fn of(read: &LogReport, explain: bool) -> Document<'_> {
    let decision = read.decision;
    let tests = &read.report.tests;
    let run = tests.stated.unwrap_or_else(|| tests.ran());
    Document {
        schema: 1,
        dialect: read.dialect.name(),
        outcome: read.outcome.name(),
        class: decision.map(|decision| decision.class.to_string()),
        confidence: decision.map(|decision| f64::from(decision.confidence) / 100.0),
        decided_by: decision.map(|decision| DecidedBy { rule: decision.rule, lines: decision.lines }),
        step: read.step.as_deref(),
        command: read.command.as_deref(),
        exit_code: read.exit_code,
        tests: Tests {
            framework: tests.framework.as_deref(),
            run,
            // A package of Go that only says `ok` is one that passed, and no test.
            passed: tests.passed.min(run.saturating_sub(tests.failed)),
            failed: tests.failed.saturating_sub(tests.errors),
            errors: tests.errors,
            skipped: tests.skipped,
            failing: &read.report.failing,
        },
        explaining: &read.explaining,
        diagnostics: read.report.diagnostics.iter().map(finding).chain(crashes(read)).collect(),
        crashes: read.crashes.iter().map(crash).collect(),
        repairs: decision.and_then(|decision| repairs::of(decision.class, decision.rule, &read.report)),
        formats: &read.report.formats,
        skipped: &read.report.skipped,
        explain: explain.then(|| read.tellings.iter().map(told).collect()),
    }
}

fn crash(crash: &diagnostics::Crash) -> CrashLine<'_> {
    let access = crash.access.map(|(access, _)| match access {
        Access::Read => "read",
        Access::Write => "write",
    });
    CrashLine {
        reporter: &crash.reporter,
        class: &crash.class,
        message: &crash.message,
        access,
        size: crash.access.map(|(_, size)| size).filter(|size| *size > 0),
        frames: crash.frames.iter().map(frame).collect(),
        allocated: crash.allocated.iter().map(frame).collect(),
        freed: crash.freed.iter().map(frame).collect(),
        token: &crash.token,
    }
}

fn frame(frame: &Frame) -> FrameLine<'_> {
    let known = |figure: u32| Some(figure).filter(|figure| *figure > 0);
    let (line, column) = (known(frame.line), known(frame.column));
    FrameLine { function: &frame.function, file: &frame.file, line, column, runtime: frame.is_runtime() }
}

fn finding(diagnostic: &Diagnostic) -> Finding<'_> {
    let start = diagnostic.span.map(|span| place(span.start));
    let edits = diagnostic.suggestions.iter().enumerate().flat_map(|(number, suggestion)| {
        suggestion.edits.iter().map(move |(file, span, text)| Edit {
            suggestion: number,
            applicability: suggestion.applicability,
            message: &suggestion.message,
            file: file.as_deref().or(diagnostic.path.as_deref()),
            start: place(span.start),
            end: place(span.end),
            unit: unit(span.start),
            text,
        })
    });
    Finding {
        file: diagnostic.path.as_deref(),
        line: start.and_then(|start| start.line),
        column: start.and_then(|start| start.column),
        end: diagnostic.span.and_then(end),
        offset: start.and_then(|start| start.offset),
        unit: diagnostic.span.and_then(|span| unit(span.start)),
        severity: diagnostic.severity,
        kind: diagnostic.kind.to_string(),
        tool: &diagnostic.tool,
        rule: &diagnostic.rule,
        message: &diagnostic.message,
        related: diagnostic.related.iter().map(related).collect(),
        fingerprints: diagnostic.fingerprints.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        edits: edits.collect(),
    }
}

fn related(one: &Related) -> RelatedPlace<'_> {
    let at = one.span.map(|span| place(span.start));
    let (line, column) = at.map_or((None, None), |at| (at.line, at.column));
    RelatedPlace { file: &one.path, line, column, message: &one.message }
}

/// Returns the crashes as findings, each at the innermost frame that is the program's own, where no tool's message stands there already.
fn crashes(read: &LogReport) -> impl Iterator<Item = Finding<'_>> {
    let is_known = |frame: &Frame| {
        read.report.diagnostics.iter().any(|known| {
            let line = known.span.and_then(|span| place(span.start).line);
            line == Some(frame.line) && known.path.as_deref().is_some_and(|path| path.ends_with(&frame.file))
        })
    };
    // Of exceptions the readers know more: which of them a runner told of, which somebody caught and logged.
    let is_told = |crash: &diagnostics::Crash| match crash.reporter.as_str() {
        "python" if read.report.diagnostics.iter().any(|known| known.tool == "python") => true,
        "python" | "node" | "ruby" | "jvm" | "php" => read.report.tests.failed > 0,
        _ => false,
    };
    read.crashes.iter().filter(move |crash| !is_told(crash)).filter_map(move |crash| {
        let frame = crash.frames.iter().find(|frame| !frame.is_runtime() && !frame.file.is_empty() && frame.line > 0)?;
        (!is_known(frame)).then(|| Finding {
            file: Some(&frame.file),
            line: Some(frame.line),
            column: (frame.column > 0).then_some(frame.column),
            end: None,
            offset: None,
            unit: None,
            severity: domain::Severity::Error,
            kind: diagnostics::Class::Crash.to_string(),
            tool: &crash.reporter,
            rule: &crash.class,
            message: &crash.message,
            related: Vec::new(),
            fingerprints: BTreeMap::new(),
            edits: Vec::new(),
        })
    })
}

/// Returns the end of a range; a tool that names one place alone names no end.
fn end(span: Span) -> Option<Place> {
    (span.end != span.start).then(|| place(span.end))
}

fn place(position: Position) -> Place {
    let (line, column, offset) = match position {
        Position::Byte(offset) | Position::Chars(offset) | Position::Utf16(offset) => (None, None, Some(offset)),
        Position::LineColumn { line, column, .. } => (Some(line), Some(column), None),
        Position::LineEnd { line } => (Some(line), None, None),
    };
    Place { line, column, offset }
}

/// Returns what the columns or the offset of a position count.
fn unit(position: Position) -> Option<&'static str> {
    match position {
        Position::Byte(_) | Position::LineColumn { unit: Unit::Byte, .. } => Some("byte"),
        Position::Chars(_) | Position::LineColumn { unit: Unit::Char, .. } => Some("character"),
        Position::Utf16(_) | Position::LineColumn { unit: Unit::Utf16, .. } => Some("utf16"),
        Position::LineColumn { unit: Unit::Tabbed, .. } => Some("tabbed"),
        Position::LineColumn { unit: Unit::Display, .. } => Some("cell"),
        Position::LineEnd { .. } => None,
    }
}

fn told(telling: &Telling) -> Told<'_> {
    Told { rule: telling.rule, class: telling.class.to_string(), lines: telling.lines, text: &telling.text }
}

/// Returns `file:line:column` as far as it is known.
pub(super) fn location(diagnostic: &Diagnostic) -> Option<String> {
    let file = diagnostic.path.as_deref()?;
    let place = diagnostic.span.map(|span| place(span.start));
    let figure = |figure: Option<u32>| figure.map(|figure| format!(":{figure}")).unwrap_or_default();
    let (line, column) = place.map_or((None, None), |place| (place.line, place.column));
    Some(format!("{file}{}{}", figure(line), figure(column)))
}
