//! reviewdog's `rdjson` and `rdjsonl`. Columns count bytes by its rules; ruff and biome count characters all the same.

use domain::{Applicability, FindingKind, Severity};
use serde::Deserialize;
use serde_json::Value;

use crate::reading::Reading;
use crate::{Diagnostic, RawSuggestion, Span, Unit};

#[derive(Deserialize)]
struct Message {
    message: String,
    location: Location,
    severity: Option<String>,
    source: Option<Source>,
    code: Option<Code>,
    #[serde(default)]
    suggestions: Vec<Suggestion>,
    #[serde(default, alias = "relatedLocations")]
    related_locations: Vec<RelatedLocation>,
}

#[derive(Deserialize)]
struct RelatedLocation {
    #[serde(default)]
    message: String,
    location: Location,
}

#[derive(Deserialize)]
struct Location {
    path: String,
    range: Option<Range>,
}

#[derive(Deserialize)]
struct Range {
    start: Place,
    end: Option<Place>,
}

#[derive(Deserialize, Clone, Copy)]
struct Place {
    line: u32,
    column: Option<u32>,
}

#[derive(Deserialize)]
struct Source {
    name: String,
}

#[derive(Deserialize)]
struct Code {
    value: String,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Suggestion {
    range: Range,
    text: String,
}

/// Reads a whole report, or one line of `rdjsonl`.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let is_message = |item: &Value| item.get("message").is_some() && item.pointer("/location/path").is_some();
    let source = document.pointer("/source/name").and_then(Value::as_str).map(str::to_owned);
    let items: Vec<&Value> = match document.get("diagnostics").and_then(Value::as_array) {
        Some(list) if list.iter().all(is_message) => list.iter().collect(),
        None if is_message(document) => vec![document],
        _ => return false,
    };
    reading.saw("rdjson");
    for item in items {
        match serde_json::from_value::<Message>(item.clone()) {
            Ok(message) => {
                let tool = message.source.as_ref().map(|source| source.name.clone()).or_else(|| source.clone());
                let tool = tool.or_else(|| reading.tool.map(str::to_owned)).unwrap_or_else(|| "reviewdog".to_owned());
                reading.push("rdjson", diagnostic(&tool, &message));
            }
            Err(error) => reading.skip(format!("an rdjson message: {error}")),
        }
    }
    true
}

fn diagnostic(tool: &str, message: &Message) -> Diagnostic {
    let tool = tool.to_ascii_lowercase();
    let unit = if matches!(tool.as_str(), "ruff" | "biome") { Unit::Char } else { Unit::Byte };
    let severity = match message.severity.as_deref() {
        Some("WARNING" | "warning") => Severity::Warning,
        Some("INFO" | "info") => Severity::Info,
        _ => Severity::Error,
    };
    let rule = message.code.as_ref().map_or("message", |code| code.value.as_str());
    // biome's rules stand in groups.
    let rule = if tool == "biome" { rule.rsplit('/').next().unwrap_or(rule) } else { rule };
    let mut diagnostic = Diagnostic::new(tool, rule, FindingKind::Linting, severity, &message.message);
    diagnostic = diagnostic.at(&message.location.path, message.location.range.as_ref().map(|range| span(range, unit)));
    for other in &message.related_locations {
        diagnostic.relate(&other.message, &other.location.path, other.location.range.as_ref().map(|range| span(range, unit)));
    }
    let help = message.code.as_ref().and_then(|code| code.url.as_deref());
    diagnostic = diagnostic.explained_at(help.unwrap_or_default());
    for suggestion in &message.suggestions {
        let span = span(&suggestion.range, unit);
        diagnostic.suggestions.push(RawSuggestion::edit("apply the suggestion", Applicability::Unsafe, span, &suggestion.text));
    }
    diagnostic
}

/// Returns a range. One without columns covers its lines.
fn span(range: &Range, unit: Unit) -> Span {
    let start = (range.start.line.max(1), range.start.column.unwrap_or(1).max(1));
    let end = match range.end {
        Some(Place { line, column: Some(column) }) => (line, column.max(1)),
        Some(Place { line, column: None }) => (line.saturating_add(1), 1),
        None => start,
    };
    Span::lines(start, end, unit)
}
