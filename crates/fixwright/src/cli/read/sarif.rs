//! The findings as SARIF 2.1.0: one run a tool, so that whoever reads it sees who said what.

use diagnostics::{Diagnostic, LogReport, Position, Span, Unit};
use serde_json::{Value, json};

use crate::cli::sarif::{self, foreign_uri};

/// Returns the log.
pub(super) fn of(read: &LogReport) -> Value {
    let mut tools: Vec<&str> = Vec::new();
    for diagnostic in &read.report.diagnostics {
        if !tools.contains(&diagnostic.tool.as_str()) {
            tools.push(&diagnostic.tool);
        }
    }
    sarif::document(tools.into_iter().map(|tool| {
        let own = read.report.diagnostics.iter().filter(|diagnostic| diagnostic.tool == tool);
        (json!({"name": tool}), own.map(result).collect())
    }))
}

fn result(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.path.as_ref().map(|path| sarif::place(&foreign_uri(path), diagnostic.span.map(region)));
    let mut result = sarif::result(&diagnostic.rule, sarif::level(diagnostic.severity), &diagnostic.message, place);
    if let (Some(path), Some(fields)) = (&diagnostic.path, result.as_object_mut()) {
        let fixes: Vec<Value> = diagnostic.suggestions.iter().map(|one| fix(one, path)).collect();
        if !fixes.is_empty() {
            fields.insert("fixes".to_owned(), json!(fixes));
        }
    }
    result
}

fn fix(suggestion: &diagnostics::RawSuggestion, own: &str) -> Value {
    let changes = suggestion.edits.iter().map(|(file, span, text)| {
        json!({
            "artifactLocation": {"uri": foreign_uri(file.as_deref().unwrap_or(own))},
            "replacements": [{"deletedRegion": region(*span), "insertedContent": {"text": text}}],
        })
    });
    json!({"description": {"text": suggestion.message}, "artifactChanges": changes.collect::<Vec<_>>()})
}

fn region(span: Span) -> Value {
    match (span.start, span.end) {
        (Position::LineColumn { line, column, unit }, Position::LineColumn { line: end, column: end_column, .. }) => {
            // A column of a terminal or in bytes is none of SARIF's.
            if matches!(unit, Unit::Byte | Unit::Display) && (column, end_column) != (1, 1) && end != line {
                return json!({"startLine": line, "endLine": end});
            }
            json!({"startLine": line, "startColumn": column, "endLine": end, "endColumn": end_column})
        }
        (Position::LineColumn { line, .. } | Position::LineEnd { line }, _) => json!({"startLine": line}),
        (Position::Byte(start), Position::Byte(end)) => json!({"byteOffset": start, "byteLength": end.saturating_sub(start)}),
        (Position::Chars(start) | Position::Utf16(start), Position::Chars(end) | Position::Utf16(end)) => {
            json!({"charOffset": start, "charLength": end.saturating_sub(start)})
        }
        (Position::Byte(start), _) => json!({"byteOffset": start}),
        (Position::Chars(start) | Position::Utf16(start), _) => json!({"charOffset": start}),
    }
}
