//! Takes an output apart and hands each part to the readers that may know it.
//!
//! The format is detected by content. The order matters in two places: JSON is taken out before text is read, so that no text reader
//! sees it; and tests are read before errors, so that an error within a failing test is not reported twice.

use std::borrow::Cow;

use serde_json::Value;

use crate::documents;
use crate::formats::{
    annotated, audit, cargo, checkstyle, clang_tidy, cmake, diff, eslint, formatters, forms, gcc, gcc_json, go, go_linters,
    located, lockfile, markdownlint, markup, mypy, node, npm, pylint, pyright, python, quality, rdjson, ruby, ruff, sarif,
    scanners, scripts, shapes, tsc, weaknesses, web, workflow,
};
use crate::labelled;
use crate::matchers::Matchers;
use crate::printed;
use crate::reading::Reading;
use crate::tests_report::{self, GoEvents};
use crate::text::{lines, pattern, plain};
use crate::{Output, Report};

/// Reads an output, whatever it is: the format is detected by content, with the tool as a hint.
///
/// ```
/// use diagnostics::{Output, read};
///
/// let stdout = br#"[{"code": "F401", "message": "`os` imported but unused", "filename": "a.py", "location": {"row": 1, "column": 8},
///     "end_location": {"row": 1, "column": 10}, "noqa_row": 1, "url": "https://x", "cell": null, "fix": null}]"#;
/// let report = read(&Output { stdout, stderr: b"", tool: None });
/// assert_eq!((report.formats, report.diagnostics[0].rule.as_str()), (vec!["ruff json"], "F401"));
/// // What breaks off is read as far as it goes, and said to break off.
/// let report = read(&Output { stdout: &stdout[..stdout.len() - 1], stderr: b"", tool: None });
/// assert_eq!((report.diagnostics.len(), report.skipped.len()), (1, 1));
/// ```
#[must_use]
pub fn read(output: &Output<'_>) -> Report {
    read_with(output, &Matchers::default())
}

/// Reads an output with the problem matchers of the project that it is of.
///
/// ```
/// use diagnostics::{Matchers, Output, read_with};
///
/// let mut matchers = Matchers::default();
/// matchers.read("house.json", r#"{"problemMatcher": [{"owner": "house",
///     "pattern": [{"regexp": "^!(.+)@(\\d+) (.+)$", "file": 1, "line": 2, "message": 3}]}]}"#);
/// let report = read_with(&Output { stdout: b"!a.zz@7 is odd\n", stderr: b"", tool: None }, &matchers);
/// assert_eq!((report.diagnostics[0].tool.as_str(), report.diagnostics[0].message.as_str()), ("house", "is odd"));
/// ```
#[must_use]
pub fn read_with(output: &Output<'_>, matchers: &Matchers) -> Report {
    read_and_rest(output, matchers).0
}

/// The same, with the text that stands around the documents.
pub(crate) fn read_and_rest(output: &Output<'_>, matchers: &Matchers) -> (Report, String) {
    let mut reading = Reading::new(output.tool);
    let mut events = GoEvents::default();
    let mut text = String::new();
    for stream in [output.stdout, output.stderr] {
        let unmarked = tests_report::xml(plain(stream), &mut reading);
        let unmarked = markup::xml(checkstyle::xml(unmarked, &mut reading), &mut reading);
        let unmarked = clang_tidy::yaml(unmarked, &mut reading);
        let found = documents::find(&unmarked);
        for value in &found.values {
            if let Some(said) = circleci(value) {
                text.push_str(&said);
            } else if !events.take(value) && !tests_report::document(value, &mut reading) {
                document(value, &mut reading);
            }
        }
        found.broken.into_iter().for_each(|what| reading.skip(what));
        text.push_str(&found.rest);
        text.push('\n');
    }
    let printed = events.finish(&mut reading);
    text.push_str(&printed);
    read_text(&text, &mut reading);
    matchers.text(&lines(&text), &mut reading);
    (reading.finish(), text)
}

/// Reads of an output only what tests ran.
pub(crate) fn tests(output: &[u8]) -> Report {
    let mut reading = Reading::new(None);
    let text = tests_report::xml(plain(output), &mut reading);
    tests_report::text(&lines(&text), &mut reading);
    reading.finish()
}

/// Returns what a step of CircleCI said, as its API answers: a list of pieces, each with its time and its stream.
fn circleci(value: &Value) -> Option<String> {
    let pieces = value.as_array().filter(|pieces| !pieces.is_empty())?;
    let said = |piece: &Value| {
        let stream = piece.get("type").and_then(Value::as_str)?;
        let known = matches!(stream, "out" | "err") && piece.get("time").is_some();
        known.then(|| piece.get("message")?.as_str()).flatten().map(plain_piece)
    };
    pieces.iter().map(said).collect()
}

fn plain_piece(message: &str) -> String {
    plain(message.as_bytes())
}

/// Hands a document to the reader that knows it.
fn document(value: &Value, reading: &mut Reading<'_>) {
    const READERS: [fn(&Value, &mut Reading<'_>) -> bool; 19] = [
        cargo::document,
        sarif::document,
        ruff::document,
        eslint::document,
        mypy::document,
        pylint::document,
        gcc_json::document,
        audit::document,
        scanners::document,
        web::document,
        pyright::document,
        weaknesses::document,
        scripts::document,
        go_linters::document,
        quality::document,
        rdjson::document,
        markdownlint::document,
        forms::document,
        go::document,
    ];
    let _ = READERS.iter().any(|reader| reader(value, reading));
}

pattern! {
    BUILD = r"(?m)^#1 (?:\[|DONE|transferring )";
    BUILD_FAILED = r"(?m)^#\d+ ERROR: ";
    BUILD_STAMP = r"^(?:#\d+ )?\d+\.\d{2,3} ";
    PIP_BEGINS = r"^(\s*)╰─> \[\d+ lines? of output\]$";
    PIP_ENDS = r"^\s*\[end of output\]$";
}

/// Takes off what the builder of an image writes before each line: the number of the step and the time since its start. What failed it
/// repeats, with the time alone: that is left out.
fn within_build(text: &str) -> Cow<'_, str> {
    if !text.contains("#1 ") || !BUILD.is_match(text) {
        return Cow::Borrowed(text);
    }
    let has_failed = BUILD_FAILED.is_match(text);
    let mut kept = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    let mut is_repeated = false;
    while let Some(line) = lines.next() {
        if line.trim_end() == "------" {
            is_repeated = !is_repeated && has_failed && lines.peek().is_some_and(|next| next.starts_with(" > "));
        }
        if !is_repeated {
            kept.push_str(&BUILD_STAMP.replace(line, ""));
        }
    }
    Cow::Owned(kept)
}

/// Takes off what pytest writes before each line of an error of its own, or of a plug-in's, which a conftest is.
fn within_pytest(text: Cow<'_, str>) -> Cow<'_, str> {
    const MARK: &str = "INTERNALERROR> ";
    if text.contains(MARK) { Cow::Owned(text.replace(MARK, "")) } else { text }
}

/// Moves to the margin what pip shows of the program that built a package: a compiler's messages, as it wrote them.
fn within_pip(text: &str) -> Cow<'_, str> {
    if !text.contains("╰─> [") {
        return Cow::Borrowed(text);
    }
    let mut depth: Option<usize> = None;
    let mut moved = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if PIP_ENDS.is_match(bare) {
            depth = None;
        }
        let blanks = bare.len() - bare.trim_start_matches(' ').len();
        moved.push_str(line.get(depth.map_or(0, |depth| blanks.min(depth))..).unwrap_or(line));
        if let Some(found) = PIP_BEGINS.captures(bare) {
            // As deep as the words after the arrow.
            depth = Some(found[1].len() + 4);
        }
    }
    Cow::Owned(moved)
}

/// Hands all lines to all readers of text.
fn read_text(text: &str, reading: &mut Reading<'_>) {
    let unmarked = within_build(text);
    let unmarked = labelled::unlabelled(&unmarked);
    let unmarked = within_pytest(unmarked);
    let dedented = within_pip(&unmarked);
    let mut lines = lines(&dedented);
    tests_report::text(&lines, reading);
    printed::empty(&mut lines, reading);
    formatters::text(&lines, reading);
    diff::text(text, reading);
    workflow::text(&lines, reading);
    // Before those that take any line of the common form.
    shapes::text(&mut lines, reading);
    annotated::text(&lines, reading);
    gcc::text(&lines, reading);
    located::text(&lines, reading);
    go::text(&lines, reading);
    tsc::text(&lines, reading);
    eslint::text(&lines, reading);
    cmake::text(&lines, reading);
    python::text(&lines, reading);
    ruby::text(&lines, reading);
    node::text(&lines, reading);
    npm::text(&lines, reading);
    scanners::lines(&lines, reading);
    lockfile::text(&lines, reading);
}
