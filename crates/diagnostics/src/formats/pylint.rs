//! pylint: `json2`, the older `json`, and its text.

use domain::{FindingKind, Severity};
use serde::Deserialize;
use serde_json::Value;

use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    r#type: String,
    symbol: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(rename = "messageId", alias = "message-id")]
    id: Option<String>,
    #[serde(default)]
    line: u32,
    /// From 0.
    #[serde(default)]
    column: u32,
    #[serde(rename = "endLine")]
    end_line: Option<u32>,
    #[serde(rename = "endColumn")]
    end_column: Option<u32>,
    path: String,
}

/// Reads a report.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let is_message = |item: &Value| item.get("symbol").is_some() && item.get("module").is_some();
    let list = match document {
        Value::Object(report) if report.contains_key("statistics") => report.get("messages").and_then(Value::as_array),
        Value::Array(list) if list.first().map_or(reading.is_tool("pylint"), is_message) => Some(list),
        _ => None,
    };
    let Some(list) = list else { return false };
    reading.saw("pylint json");
    for item in list {
        match serde_json::from_value::<Message>(item.clone()) {
            Ok(message) => reading.push("pylint json", diagnostic(&message)),
            Err(error) => reading.skip(format!("a pylint message: {error}")),
        }
    }
    true
}

fn diagnostic(message: &Message) -> Diagnostic {
    let start = (message.line.max(1), message.column.saturating_add(1));
    let end = message.end_line.zip(message.end_column).map_or(start, |(line, column)| (line, column.saturating_add(1)));
    let symbol = message.symbol.as_deref().or(message.id.as_deref()).unwrap_or("message");
    Diagnostic::new("pylint", symbol, kind(symbol), severity(&message.r#type), &message.message)
        .at(&message.path, Span::lines(start, end, unit(symbol)))
}

/// Returns what a column counts: bytes, as Python's syntax tree does, but for the checks that look at the words of a line.
fn unit(symbol: &str) -> Unit {
    match symbol {
        "anomalous-backslash-in-string"
        | "anomalous-unicode-escape-in-string"
        | "fixme"
        | "syntax-error"
        | "trailing-whitespace" => Unit::Char,
        _ => Unit::Byte,
    }
}

fn kind(symbol: &str) -> FindingKind {
    match symbol {
        "deprecated-module" | "deprecated-method" | "deprecated-class" | "deprecated-argument" => FindingKind::Deprecation,
        "import-error" => FindingKind::ImportError,
        _ => FindingKind::Linting,
    }
}

fn severity(category: &str) -> Severity {
    match category.get(..1) {
        Some("e" | "f" | "E" | "F") => Severity::Error,
        Some("w" | "W") => Severity::Warning,
        _ => Severity::Info,
    }
}

pattern! {
    MESSAGE = r"^(.+?):(\d+):(\d+): ([CRWEFI])(\d{4}): (.*) \(([a-z0-9-]+)\)$";
}

/// Returns a message by its name and its code.
pub(super) fn named(symbol: &str, code: &str, message: &str) -> Diagnostic {
    Diagnostic::new("pylint", symbol, kind(symbol), severity(code), message)
}

/// Reads one line of its text.
pub(crate) fn line(line: &str, reading: &mut Reading<'_>) -> bool {
    let Some(found) = MESSAGE.captures(line) else { return false };
    let span = Span::point(number(&found[2]).max(1), number(&found[3]).saturating_add(1), unit(&found[7]));
    let diagnostic = Diagnostic::new("pylint", &found[7], kind(&found[7]), severity(&found[4]), &found[6]);
    reading.push("pylint text", diagnostic.at(&found[1], span));
    true
}
