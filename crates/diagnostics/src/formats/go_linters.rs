//! Linters of Go in JSON: golangci-lint, which runs many, and staticcheck by itself.

use domain::{FindingKind, Severity};
use serde_json::Value;

use super::json::{list, span, text};
use crate::reading::Reading;
use crate::{Diagnostic, Unit};

/// Reads a report of golangci-lint, or one line of staticcheck's.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let issues = document.get("Issues").filter(|all| all.is_null() || all.is_array());
    if issues.is_some() && document.pointer("/Report").is_some() {
        reading.saw("golangci-lint json");
        list(document, "/Issues").for_each(|item| golangci(item, reading));
        return true;
    }
    let is_staticcheck = document.pointer("/location/file").is_some() && document.get("code").is_some_and(Value::is_string);
    if is_staticcheck {
        staticcheck(document, reading);
    }
    is_staticcheck
}

fn golangci(item: &Value, reading: &mut Reading<'_>) {
    let rule = text(item, "/FromLinter");
    let kind = kind(rule);
    let severity = match text(item, "/Severity") {
        "warning" | "low" | "medium" => Severity::Warning,
        "info" => Severity::Info,
        _ => Severity::Error,
    };
    let diagnostic = Diagnostic::new("golangci-lint", rule, kind, severity, text(item, "/Text"));
    let place = span(item, ["/Pos/Line", "/Pos/Column", "", ""], 1, Unit::Byte);
    reading.push("golangci-lint json", diagnostic.at(text(item, "/Pos/Filename"), place));
}

/// Returns what kind of problem a linter of golangci-lint reports.
pub(super) fn kind(linter: &str) -> FindingKind {
    match linter {
        "gofmt" | "gofumpt" | "goimports" | "gci" | "golines" => FindingKind::Formatting,
        "typecheck" => FindingKind::BuildError,
        "gosec" => FindingKind::Security,
        _ => FindingKind::Linting,
    }
}

fn staticcheck(item: &Value, reading: &mut Reading<'_>) {
    let code = text(item, "/code");
    let kind = match code {
        "compile" => FindingKind::BuildError,
        "SA1019" => FindingKind::Deprecation,
        _ => FindingKind::Linting,
    };
    let severity = match text(item, "/severity") {
        "ignored" => return reading.saw("staticcheck json"),
        "warning" => Severity::Warning,
        _ => Severity::Error,
    };
    let place = span(item, ["/location/line", "/location/column", "/end/line", "/end/column"], 1, Unit::Byte);
    let diagnostic = Diagnostic::new("staticcheck", code, kind, severity, text(item, "/message"));
    let mut diagnostic = diagnostic.at(text(item, "/location/file"), place);
    for other in list(item, "/related") {
        let place = span(other, ["/location/line", "/location/column", "/end/line", "/end/column"], 1, Unit::Byte);
        diagnostic.relate(text(other, "/message"), text(other, "/location/file"), place);
    }
    if code.starts_with(['S', 'Q', 'U']) {
        diagnostic = diagnostic.explained_at(&format!("https://staticcheck.dev/docs/checks/#{code}"));
    }
    reading.push("staticcheck json", diagnostic);
}
