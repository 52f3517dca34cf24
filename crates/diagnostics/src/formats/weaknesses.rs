//! Weaknesses in the code itself: bandit and gosec in JSON.

use domain::{FindingKind, Severity};
use serde_json::Value;

use super::json::{list, span, text};
use crate::reading::{Reading, number};
use crate::{Diagnostic, Span, Unit};

/// Reads either report.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let is_bandit = document.get("results").is_some() && document.pointer("/metrics/_totals").is_some();
    let is_gosec = document.get("Issues").is_some() && document.get("GosecVersion").is_some();
    if is_bandit {
        bandit(document, reading);
    } else if is_gosec {
        gosec(document, reading);
    }
    is_bandit || is_gosec
}

fn bandit(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("bandit json");
    for item in list(report, "/results") {
        let severity = severity(text(item, "/issue_severity"));
        // Columns are those of Python's syntax tree: bytes, from 0. The end is of the last line, which the range names.
        let place = span(item, ["/line_number", "/col_offset", "/line_number", "/end_col_offset"], 0, Unit::Byte)
            .filter(|_| item.pointer("/line_range/1").is_none())
            .or_else(|| span(item, ["/line_number", "/col_offset", "", ""], 0, Unit::Byte));
        let diagnostic =
            Diagnostic::new("bandit", text(item, "/test_id"), FindingKind::Security, severity, text(item, "/issue_text"));
        let diagnostic = diagnostic.at(text(item, "/filename"), place).explained_at(text(item, "/more_info"));
        reading.push("bandit json", diagnostic);
    }
    for item in list(report, "/errors") {
        reading.skip(format!("bandit could not read {}: {}", text(item, "/filename"), text(item, "/reason")));
    }
}

fn gosec(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("gosec json");
    for item in list(report, "/Issues") {
        // `12` or `12-14`.
        let line = number(text(item, "/line").split('-').next().unwrap_or_default());
        let place = (line > 0).then(|| Span::point(line, number(text(item, "/column")).max(1), Unit::Byte));
        let severity = severity(text(item, "/severity"));
        let diagnostic =
            Diagnostic::new("gosec", text(item, "/rule_id"), FindingKind::Security, severity, text(item, "/details"));
        reading.push("gosec json", diagnostic.at(text(item, "/file"), place).explained_at(text(item, "/cwe/url")));
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "HIGH" => Severity::Error,
        "MEDIUM" => Severity::Warning,
        _ => Severity::Info,
    }
}
