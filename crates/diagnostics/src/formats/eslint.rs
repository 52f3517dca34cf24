//! eslint: its JSON, and the `stylish` text that `npm run lint` prints.

use domain::{Applicability, FindingKind, Severity};
use serde::Deserialize;
use serde_json::Value;

use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Position, RawSuggestion, Span, Unit};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    rule_id: Option<String>,
    #[serde(default)]
    severity: u8,
    #[serde(default)]
    message: String,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    fix: Option<Fix>,
    #[serde(default)]
    suggestions: Option<Vec<Suggestion>>,
    #[serde(default)]
    fatal: bool,
}

#[derive(Deserialize)]
struct Fix {
    range: (i64, i64),
    text: String,
}

#[derive(Deserialize)]
struct Suggestion {
    #[serde(default)]
    desc: String,
    fix: Option<Fix>,
}

/// Reads the list of files.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let Some(list) = document.as_array() else { return false };
    let is_eslint = |item: &Value| item.get("filePath").is_some() && item.get("messages").is_some();
    if !list.first().map_or(reading.is_tool("eslint"), is_eslint) {
        return false;
    }
    reading.saw("eslint json");
    for file in list {
        let path = file.get("filePath").and_then(Value::as_str).unwrap_or_default();
        for item in file.get("messages").and_then(Value::as_array).into_iter().flatten() {
            match serde_json::from_value::<Message>(item.clone()) {
                Ok(message) if is_about_the_run(&message) => {}
                Ok(message) => reading.push("eslint json", diagnostic(path, &message)),
                Err(error) => reading.skip(format!("an eslint message: {error}")),
            }
        }
    }
    true
}

/// Says whether a message is about what was linted, not about its text.
fn is_about_the_run(message: &Message) -> bool {
    message.rule_id.is_none() && !message.fatal && message.message.starts_with("File ignored")
}

fn diagnostic(path: &str, message: &Message) -> Diagnostic {
    let severity = if message.severity == 1 { Severity::Warning } else { Severity::Error };
    let rule = message.rule_id.as_deref().unwrap_or(rule_without_id(&message.message));
    let start = message.line.map(|line| (line.max(1), message.column.unwrap_or(1).max(1)));
    let end = message.end_line.zip(message.end_column);
    let span = start.map(|start| Span::lines(start, end.unwrap_or(start), Unit::Utf16));
    let mut diagnostic = Diagnostic::new("eslint", rule, FindingKind::Linting, severity, &message.message).at(path, span);
    if let Some(fix) = &message.fix {
        diagnostic.suggestions.extend(suggestion("apply the fix", Applicability::Safe, fix));
    }
    for offer in message.suggestions.iter().flatten() {
        if let Some(fix) = &offer.fix {
            diagnostic.suggestions.extend(suggestion(&offer.desc, Applicability::Display, fix));
        }
    }
    diagnostic
}

fn rule_without_id(message: &str) -> &'static str {
    if message.contains("eslint-disable") { "unused-directive" } else { "parse-error" }
}

/// Returns a fix as a suggestion. A range before the start is about the byte order mark: no edit of text.
fn suggestion(message: &str, applicability: Applicability, fix: &Fix) -> Option<RawSuggestion> {
    let position = |offset: i64| usize::try_from(offset).ok().map(Position::Utf16);
    let span = Span { start: position(fix.range.0)?, end: position(fix.range.1)? };
    Some(RawSuggestion::edit(message, applicability, span, &fix.text))
}

pattern! {
    MESSAGE = r"^\s+(\d+):(\d+)\s+(error|warning)\s+(.*?)(?:\s{2,}([@\w/-]+))?$";
    SUMMARY = r"^[✖✕x] \d+ problems? \(\d+ errors?, \d+ warnings?\)";
}

/// Reads the `stylish` text: a line with the path, then its messages indented.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    if reading.has_seen("eslint json") || !lines.iter().any(|line| SUMMARY.is_match(line)) {
        return;
    }
    reading.saw("eslint text");
    let mut path = None;
    for line in lines {
        if let Some(found) = MESSAGE.captures(line) {
            let Some(path) = path else { continue };
            let severity = if &found[3] == "warning" { Severity::Warning } else { Severity::Error };
            let rule = found.get(5).map_or(rule_without_id(&found[4]), |rule| rule.as_str());
            let span = Span::point(number(&found[1]), number(&found[2]), Unit::Utf16);
            reading
                .push("eslint text", Diagnostic::new("eslint", rule, FindingKind::Linting, severity, &found[4]).at(path, span));
        } else if !line.starts_with(char::is_whitespace) {
            path = (!line.is_empty()).then_some(*line);
        }
    }
}
