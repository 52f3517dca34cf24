//! Reports of code quality in JSON: Code Climate's form, which GitLab takes as an artefact, rubocop's, and phpstan's.

use domain::{FindingKind, Severity};
use serde_json::Value;

use super::json::{figure, including_last, list, span, text};
use crate::reading::Reading;
use crate::{Diagnostic, Span, Unit};

/// Reads any of the reports.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    // What GitLab asks for is less: ruff wrote no more at first.
    let is_named =
        |one: &Value| one.get("check_name").is_some() || one.get("fingerprint").is_some() && one.get("description").is_some();
    let is_issue = |one: &Value| is_named(one) && one.pointer("/location/path").is_some();
    if document.as_array().and_then(|all| all.first()).is_some_and(is_issue) {
        list(document, "").for_each(|item| code_climate(item, reading));
    } else if is_issue(document) {
        // An engine writes one a line.
        code_climate(document, reading);
    } else if document.pointer("/metadata/rubocop_version").is_some() {
        rubocop(document, reading);
    } else if document.pointer("/totals/file_errors").is_some() {
        phpstan(document, reading);
    } else {
        return false;
    }
    true
}

fn code_climate(item: &Value, reading: &mut Reading<'_>) {
    let severity = match text(item, "/severity") {
        "info" => Severity::Info,
        "minor" => Severity::Warning,
        _ => Severity::Error,
    };
    let engine = Some(text(item, "/engine_name")).filter(|name| !name.is_empty()).or(reading.tool).unwrap_or("code-quality");
    let is_security = list(item, "/categories").any(|category| category == "Security");
    let kind = if is_security { FindingKind::Security } else { FindingKind::Linting };
    let (rule, message) = (text(item, "/check_name"), text(item, "/description"));
    let (rule, message) = match message.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((code, rest)) if rule.is_empty() && !code.contains(' ') => (code, rest),
        _ if rule.is_empty() => ("message", message),
        _ => (rule, message),
    };
    let message = message.strip_prefix(rule).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(message);
    let diagnostic = Diagnostic::new(engine, rule, kind, severity, message).known_by("fingerprint", text(item, "/fingerprint"));
    let positions = ["begin/line", "begin/column", "end/line", "end/column"].map(|name| format!("/location/positions/{name}"));
    let exact = span(item, positions.each_ref().map(String::as_str), 1, Unit::Char);
    let place = exact.or_else(|| figure(item, "/location/lines/begin").filter(|line| *line > 0).map(Span::line));
    reading.push("code quality json", diagnostic.at(text(item, "/location/path"), place));
}

fn rubocop(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("rubocop json");
    for file in list(report, "/files") {
        for item in list(file, "/offenses").filter(|item| item.get("corrected").and_then(Value::as_bool) != Some(true)) {
            let cop = text(item, "/cop_name");
            let (kind, rule) = match cop.split('/').next().unwrap_or_default() {
                "Layout" => (FindingKind::Formatting, cop),
                "Security" => (FindingKind::Security, cop),
                _ if cop == "Lint/Syntax" => (FindingKind::Linting, "syntax-error"),
                _ => (FindingKind::Linting, cop),
            };
            let severity = match text(item, "/severity") {
                "error" | "fatal" => Severity::Error,
                "info" => Severity::Info,
                _ => Severity::Warning,
            };
            let message = text(item, "/message");
            let message = message.strip_prefix(&format!("{cop}: ")).unwrap_or(message);
            // The last column belongs to the range.
            let start = ["/location/start_line", "/location/start_column", "/location/last_line", "/location/last_column"];
            let place = span(item, start, 1, Unit::Char)
                .map(including_last)
                .or_else(|| span(item, ["/location/line", "/location/column", "", ""], 1, Unit::Char));
            reading
                .push("rubocop json", Diagnostic::new("rubocop", rule, kind, severity, message).at(text(file, "/path"), place));
        }
    }
}

fn phpstan(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("phpstan json");
    for (path, file) in report.get("files").and_then(Value::as_object).into_iter().flatten() {
        for item in list(file, "/messages") {
            let rule = Some(text(item, "/identifier")).filter(|rule| !rule.is_empty()).unwrap_or("message");
            let diagnostic = Diagnostic::new("phpstan", rule, FindingKind::TypeChecking, Severity::Error, text(item, "/message"));
            reading.push("phpstan json", diagnostic.at(path, figure(item, "/line").filter(|line| *line > 0).map(Span::line)));
        }
    }
    for message in list(report, "/errors").filter_map(Value::as_str) {
        reading.push("phpstan json", Diagnostic::new("phpstan", "error", FindingKind::TypeChecking, Severity::Error, message));
    }
}
