//! `go build`, `go vet` and linters that print as they do: their text, and the JSON of `go vet -json`, which carries fixes.

use domain::{Applicability, FindingKind, Severity};
use serde::Deserialize;
use serde_json::Value;

use super::go_linters;
use crate::reading::{Reading, number};
use crate::text::{is_path, one_line, pattern};
use crate::{Diagnostic, Position, RawSuggestion, Span, Unit};

pattern! {
    MESSAGE = r"^(vet: )?(\S.*?\.go):(\d+)(?::(\d+))?: (.*)$";
    GOLANGCI = r"^\d+ issues?[.:]";
    PRINTF = r"^\S+ (?:format %\S* (?:has|reads) arg |call (?:has possible|needs|has arguments|has error-wrapping)|arg list ends with redundant newline|does not support error-wrapping)|^non-constant format string in call to ";
    // What the other analysers of vet say, which the compiler never does.
    VET = r"^unreachable code$|passes lock by value: |return copies lock value: |composite literal uses unkeyed fields$|self-assignment of |result of \S+ call not used$|^struct field tag .* not compatible|^struct field \S+ repeats |loop variable \S+ captured by func literal$|cancel function is not used on all paths|^possible misuse of |^method \S+ should have signature |^the cancel\d* function|^call to .* from a non-test goroutine$|^assignment copies lock value|^impossible (?:interface|type) |^suspect |^using \S+ before checking for errors$|^redundant (?:or|and): ";
    LINTER = r"^(.*) \(([a-z]+)\)$";
    STATICCHECK = r"^(.*?) *\(((?:SA|ST|S|QF|U)\d{4})\)$";
    GENERAL = r"^(?:go: )?(?:finding module for package|(no required module provides package \S+|cannot find module providing package \S+|missing go\.sum entry for .*))";
}

/// Reads all messages of the compiler and of vet.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    let is_golangci = reading.is_tool("golangci-lint") || lines.iter().any(|line| GOLANGCI.is_match(line));
    let is_formatter = matches!(reading.tool, Some("gofmt" | "goimports"));
    let mut last_was_message = false;
    for line in lines {
        if let Some(found) = MESSAGE.captures(line).filter(|found| !is_formatter && is_message(found)) {
            let message = found[5].trim_end_matches("; to add:").trim_end_matches(':');
            // "too many errors" and the like name no line of their own.
            let span = Span::point(
                number(&found[3]).max(1),
                found.get(4).map_or(1, |column| number(column.as_str()).max(1)),
                Unit::Byte,
            );
            let diagnostic = diagnostic(message, found.get(1).is_some(), is_golangci, reading.tool);
            reading.push("go text", diagnostic.at(&found[2], span));
            last_was_message = true;
        } else if let Some(more) = line.strip_prefix('\t').filter(|_| last_was_message) {
            // What a call has and what it should have, on lines of their own; advice is not part of the message.
            let last = reading.report.diagnostics.last_mut().filter(|_| more.starts_with("have ") || more.starts_with("want "));
            if let Some(last) = last {
                last.message = one_line(&format!("{} {more}", last.message));
            }
        } else {
            last_was_message = false;
            if let Some(found) = GENERAL.captures(line).and_then(|found| found.get(1)) {
                let diagnostic = diagnostic(found.as_str().trim_end_matches([';', ':']), false, false, None);
                reading.push("go text", diagnostic);
            }
        }
    }
}

/// Says whether it is one, and not a line of a log. Only old versions leave the column out, and they name the folder.
fn is_message(found: &regex::Captures<'_>) -> bool {
    let path = &found[2];
    is_path(path) && (found.get(4).is_some() || found.get(1).is_some() || path.starts_with("./") || path.starts_with("../"))
}

fn diagnostic(message: &str, is_type_check: bool, is_golangci: bool, tool: Option<&str>) -> Diagnostic {
    if let Some(found) = LINTER.captures(message).filter(|_| is_golangci) {
        return Diagnostic::new("golangci-lint", &found[2], go_linters::kind(&found[2]), Severity::Error, &found[1]);
    }
    if let Some(found) = STATICCHECK.captures(message) {
        let kind = if &found[2] == "SA1019" { FindingKind::Deprecation } else { FindingKind::Linting };
        return Diagnostic::new("staticcheck", &found[2], kind, Severity::Warning, &found[1]);
    }
    match compiler_rule(message) {
        Some((rule, kind)) => Diagnostic::new("go", rule, kind, Severity::Error, message),
        None if PRINTF.is_match(message) => Diagnostic::new("go vet", "printf", FindingKind::Linting, Severity::Error, message),
        None if VET.is_match(message) => Diagnostic::new("go vet", "vet", FindingKind::Linting, Severity::Error, message),
        None if tool == Some("revive") => Diagnostic::new("revive", "message", FindingKind::Linting, Severity::Warning, message),
        None if tool == Some("go vet") && !is_type_check => {
            Diagnostic::new("go vet", "vet", FindingKind::Linting, Severity::Error, message)
        }
        None => Diagnostic::new("go", "error", FindingKind::BuildError, Severity::Error, message),
    }
}

/// Returns a word and a kind for what the compiler says most: it has no codes of its own.
fn compiler_rule(message: &str) -> Option<(&'static str, FindingKind)> {
    let rule = match message {
        m if m.starts_with('"') && m.ends_with(" and not used") => ("unused-import", FindingKind::BuildError),
        m if m.starts_with("declared and not used") || m.ends_with("declared and not used") => {
            ("unused-variable", FindingKind::BuildError)
        }
        m if m.ends_with("declared but not used") => ("unused-variable", FindingKind::BuildError),
        m if m.starts_with("undefined: ") => ("undefined", FindingKind::ImportError),
        m if m.starts_with("syntax error") => ("syntax-error", FindingKind::BuildError),
        m if m.starts_with("missing go.sum entry") => ("stale-lockfile", FindingKind::DependencyIssue),
        m if m.starts_with("no required module provides package") => ("missing-dependency", FindingKind::DependencyIssue),
        m if m.starts_with("cannot find module providing package") => ("missing-dependency", FindingKind::DependencyIssue),
        m if m.starts_with("cannot find package") => ("missing-dependency", FindingKind::DependencyIssue),
        m if m.starts_with("package ") && m.contains(" is not in ") => ("unknown-package", FindingKind::ImportError),
        _ => return None,
    };
    Some(rule)
}

#[derive(Deserialize)]
struct Message {
    posn: String,
    end: Option<String>,
    message: String,
    #[serde(default)]
    suggested_fixes: Vec<Fix>,
}

#[derive(Deserialize)]
struct Fix {
    #[serde(default)]
    message: String,
    #[serde(default)]
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
struct Edit {
    filename: String,
    start: usize,
    end: usize,
    #[serde(default)]
    new: String,
}

/// Reads the messages of `go vet -json`: packages, in them analysers, in them messages.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let Some(packages) = document.as_object() else { return false };
    let analysers = || packages.values().filter_map(Value::as_object).flatten();
    let is_vet = |value: &Value| {
        value.as_array().is_some_and(|list| list.iter().all(|item| item.get("posn").is_some())) || value.get("error").is_some()
    };
    let is_empty = packages.is_empty() && reading.is_tool("go vet");
    if !is_empty
        && (analysers().next().is_none()
            || !packages.values().all(Value::is_object)
            || !analysers().all(|(_, value)| is_vet(value)))
    {
        return false;
    }
    reading.saw("go vet json");
    for (analyser, value) in analysers() {
        for item in value.as_array().into_iter().flatten() {
            match serde_json::from_value::<Message>(item.clone()) {
                Ok(message) => reading.push("go vet json", vetted(analyser, &message)),
                Err(error) => reading.skip(format!("a message of go vet: {error}")),
            }
        }
    }
    true
}

fn vetted(analyser: &str, message: &Message) -> Diagnostic {
    let mut diagnostic = Diagnostic::new("go vet", analyser, FindingKind::Linting, Severity::Error, &message.message);
    if let Some((path, start)) = position(&message.posn) {
        let end = message.end.as_deref().and_then(position).map_or(start, |(_, end)| end);
        diagnostic = diagnostic.at(path, Span::lines(start, end, Unit::Byte));
    }
    for (index, fix) in message.suggested_fixes.iter().enumerate() {
        let edits = fix.edits.iter();
        diagnostic.suggestions.push(RawSuggestion {
            message: one_line(&fix.message),
            // `go vet -fix` takes the first; the others are alternatives.
            applicability: if index == 0 { Applicability::Safe } else { Applicability::Unsafe },
            edits: edits
                .map(|edit| {
                    let span = Span { start: Position::Byte(edit.start), end: Position::Byte(edit.end) };
                    (Some(edit.filename.clone()), span, edit.new.clone())
                })
                .collect(),
        });
    }
    diagnostic
}

/// Splits `path:line:column`.
fn position(text: &str) -> Option<(&str, (u32, u32))> {
    let mut parts = text.rsplitn(3, ':');
    let (column, line) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((parts.next()?, (line, column)))
}
