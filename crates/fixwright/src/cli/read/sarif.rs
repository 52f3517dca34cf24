//! The findings as SARIF 2.1.0: one run for each tool and each way to count columns, so that whoever reads it sees who said what, and
//! edits mean the same place.

use diagnostics::{Diagnostic, LogReport, Position, Span, Unit};
use serde_json::{Value, json};

use crate::cli::sarif::{self, Columns, foreign_uri};

/// Returns the log.
pub(super) fn of(read: &LogReport) -> Value {
    let mut runs: Vec<(&str, Columns)> = Vec::new();
    for diagnostic in &read.report.diagnostics {
        if !runs.contains(&key(diagnostic)) {
            runs.push(key(diagnostic));
        }
    }
    sarif::document(runs.into_iter().map(|(tool, columns)| {
        let own = read.report.diagnostics.iter().filter(|diagnostic| key(diagnostic) == (tool, columns));
        (json!({"name": tool}), columns, own.map(|diagnostic| result(diagnostic, columns)).collect())
    }))
}

fn key(diagnostic: &Diagnostic) -> (&str, Columns) {
    (&diagnostic.tool, columns(diagnostic))
}

/// Returns what the columns of a diagnostic and of its edits count, as far as SARIF has a word for it.
fn columns(diagnostic: &Diagnostic) -> Columns {
    let edits = diagnostic.suggestions.iter().flat_map(|one| &one.edits).map(|(_, span, _)| *span);
    let is_utf16 = |position| matches!(position, Position::Utf16(_) | Position::LineColumn { unit: Unit::Utf16, .. });
    let spans = diagnostic.span.into_iter().chain(edits);
    if spans.flat_map(|span| [span.start, span.end]).any(is_utf16) { Columns::Utf16 } else { Columns::Characters }
}

fn result(diagnostic: &Diagnostic, columns: Columns) -> Value {
    let place = diagnostic.path.as_ref().map(|path| sarif::place(&foreign_uri(path), diagnostic.span.map(region)));
    let mut result = sarif::result(&diagnostic.rule, sarif::level(diagnostic.severity), &diagnostic.message, place);
    let Some(fields) = result.as_object_mut() else { return result };
    if let Some(path) = &diagnostic.path {
        let fixes: Vec<Value> = diagnostic.suggestions.iter().filter_map(|one| fix(one, path, columns)).collect();
        if !fixes.is_empty() {
            fields.insert("fixes".to_owned(), json!(fixes));
        }
    }
    if !diagnostic.fingerprints.is_empty() {
        let names = diagnostic.fingerprints.iter().map(|(name, value)| (name.clone(), json!(value)));
        fields.insert("partialFingerprints".to_owned(), Value::Object(names.collect()));
    }
    result
}

/// Returns a fix, `None` where SARIF cannot say which places it means.
fn fix(suggestion: &diagnostics::RawSuggestion, own: &str, columns: Columns) -> Option<Value> {
    let change = |(file, span, text): &(Option<String>, Span, String)| {
        let is_exact = |position| match position {
            Position::Byte(_) | Position::LineEnd { .. } | Position::LineColumn { column: 1, .. } => true,
            Position::Chars(_) | Position::LineColumn { unit: Unit::Char, .. } => columns == Columns::Characters,
            Position::Utf16(_) | Position::LineColumn { unit: Unit::Utf16, .. } => columns == Columns::Utf16,
            // SARIF counts neither bytes nor cells.
            Position::LineColumn { unit: Unit::Byte | Unit::Tabbed | Unit::Display, .. } => false,
        };
        [span.start, span.end].into_iter().all(is_exact).then(|| {
            json!({
                "artifactLocation": {"uri": foreign_uri(file.as_deref().unwrap_or(own))},
                "replacements": [{"deletedRegion": region(*span), "insertedContent": {"text": text}}],
            })
        })
    };
    let changes: Vec<Value> = suggestion.edits.iter().map(change).collect::<Option<_>>()?;
    Some(json!({"description": {"text": suggestion.message}, "artifactChanges": changes}))
}

fn region(span: Span) -> Value {
    match (span.start, span.end) {
        (Position::LineColumn { line, column, unit }, Position::LineColumn { line: end, column: end_column, .. }) => {
            // A column of a terminal or in bytes is none of SARIF's.
            if matches!(unit, Unit::Byte | Unit::Tabbed | Unit::Display) && (column, end_column) != (1, 1) && end != line {
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
