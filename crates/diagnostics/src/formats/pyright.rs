//! pyright's and basedpyright's JSON. Lines and characters count from 0, characters in UTF-16.

use domain::{FindingKind, Severity};
use serde_json::Value;

use super::json::{figure, list, text};
use crate::reading::Reading;
use crate::{Diagnostic, Span, Unit};

/// Reads a report.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    if document.get("generalDiagnostics").is_none() {
        return false;
    }
    reading.saw("pyright json");
    for item in list(document, "/generalDiagnostics") {
        let rule = Some(text(item, "/rule")).filter(|rule| !rule.is_empty()).unwrap_or("syntax-error");
        let kind = match rule {
            "reportMissingImports" | "reportUndefinedVariable" => FindingKind::ImportError,
            "reportDeprecated" => FindingKind::Deprecation,
            _ => FindingKind::TypeChecking,
        };
        let severity = match text(item, "/severity") {
            "error" => Severity::Error,
            "warning" => Severity::Warning,
            _ => Severity::Info,
        };
        let place = |end: &str| {
            let line = figure(item, &format!("/range/{end}/line"))?;
            Some((line.saturating_add(1), figure(item, &format!("/range/{end}/character"))?.saturating_add(1)))
        };
        let span = place("start").map(|start| Span::lines(start, place("end").unwrap_or(start), Unit::Utf16));
        reading.push(
            "pyright json",
            Diagnostic::new("pyright", rule, kind, severity, text(item, "/message")).at(text(item, "/file"), span),
        );
    }
    true
}
