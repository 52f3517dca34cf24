//! ruff's JSON.

use domain::{Applicability, FindingKind, Severity};
use serde::Deserialize;
use serde_json::Value;

use crate::reading::Reading;
use crate::text::one_line;
use crate::{Diagnostic, RawSuggestion, Span, Unit};

#[derive(Deserialize)]
struct Message {
    code: Option<String>,
    message: String,
    filename: Option<String>,
    location: Option<Place>,
    end_location: Option<Place>,
    fix: Option<Fix>,
    url: Option<String>,
    severity: Option<String>,
    /// The cell of a notebook: its rows are not rows of the file.
    cell: Option<Value>,
}

#[derive(Deserialize, Clone, Copy)]
struct Place {
    row: u32,
    column: u32,
}

#[derive(Deserialize)]
struct Fix {
    applicability: Option<String>,
    message: Option<String>,
    #[serde(default)]
    edits: Vec<Edit>,
}

#[derive(Deserialize)]
struct Edit {
    content: Option<String>,
    location: Place,
    end_location: Place,
}

/// Reads the list of messages, or one of those that `json-lines` writes.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let is_ruff = |item: &Value| item.get("filename").is_some() && item.get("location").is_some() && item.get("code").is_some();
    let list = match document {
        Value::Array(list) if list.first().map_or(reading.is_tool("ruff"), is_ruff) => list.as_slice(),
        one @ Value::Object(_) if is_ruff(one) && one.get("end_location").is_some() => std::slice::from_ref(one),
        _ => return false,
    };
    reading.saw("ruff json");
    for item in list {
        match serde_json::from_value::<Message>(item.clone()) {
            Ok(message) => reading.push("ruff json", diagnostic(&message)),
            Err(error) => reading.skip(format!("a ruff message: {error}")),
        }
    }
    true
}

fn diagnostic(message: &Message) -> Diagnostic {
    let severity = message.severity.as_deref().and_then(|severity| severity.parse().ok()).unwrap_or(Severity::Error);
    let rule = rule(message.code.as_deref().unwrap_or_default());
    let mut diagnostic = Diagnostic::new("ruff", rule, kind(rule), severity, &message.message);
    let in_notebook = message.cell.as_ref().is_some_and(|cell| !cell.is_null());
    if let Some(path) = &message.filename {
        let place = message.location.filter(|_| !in_notebook);
        diagnostic = diagnostic.at(path, place.map(|start| span(start, message.end_location.unwrap_or(start))));
    }
    diagnostic = diagnostic.explained_at(message.url.as_deref().unwrap_or_default());
    if let Some(fix) = message.fix.as_ref().filter(|_| !in_notebook) {
        let applicability = match fix.applicability.as_deref() {
            Some("safe" | "Safe" | "Automatic" | "automatic") => Applicability::Safe,
            Some("unsafe" | "Unsafe" | "Suggested" | "suggested") => Applicability::Unsafe,
            _ => Applicability::Display,
        };
        let edits = fix.edits.iter();
        diagnostic.suggestions.push(RawSuggestion {
            message: one_line(fix.message.as_deref().unwrap_or("apply the fix")),
            applicability,
            edits: edits
                .map(|edit| (None, span(edit.location, edit.end_location), edit.content.clone().unwrap_or_default()))
                .collect(),
        });
    }
    diagnostic
}

/// Returns the rule of a code; a syntax error has none, or the word `invalid-syntax`.
pub(crate) fn rule(code: &str) -> &str {
    if matches!(code, "" | "invalid-syntax" | "SyntaxError") { "syntax-error" } else { code }
}

/// Returns what kind of problem a code of ruff or flake8 names.
pub(crate) fn kind(rule: &str) -> FindingKind {
    match rule.strip_prefix('S') {
        Some(digits) if digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) => FindingKind::Security,
        _ => FindingKind::Linting,
    }
}

fn span(start: Place, end: Place) -> Span {
    Span::lines((start.row, start.column), (end.row, end.column), Unit::Char)
}
