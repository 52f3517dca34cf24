//! gcc's `-fdiagnostics-format=json`.

use domain::{Applicability, Severity};
use serde::Deserialize;
use serde_json::Value;

use super::gcc::{general_rule, kind};
use crate::reading::Reading;
use crate::text::one_line;
use crate::{Diagnostic, RawSuggestion, Span, Unit};

#[derive(Deserialize)]
struct Message {
    kind: String,
    message: String,
    option: Option<String>,
    option_url: Option<String>,
    #[serde(default)]
    locations: Vec<Range>,
    #[serde(default)]
    fixits: Vec<FixIt>,
    #[serde(default)]
    children: Vec<Message>,
    /// What the first column is called, as `-fdiagnostics-column-origin` has it; said of the message, and holds for its notes.
    #[serde(rename = "column-origin", default = "one")]
    origin: u32,
}

fn one() -> u32 {
    1
}

#[derive(Deserialize)]
struct Range {
    caret: Place,
}

#[derive(Deserialize)]
struct FixIt {
    start: Place,
    next: Place,
    string: String,
}

#[derive(Deserialize)]
struct Place {
    file: String,
    line: u32,
    column: u32,
    #[serde(rename = "byte-column")]
    byte_column: Option<u32>,
}

impl Place {
    fn line_column(&self, origin: u32) -> (u32, u32) {
        let column = self.byte_column.unwrap_or(self.column);
        (self.line, column.saturating_add(1).saturating_sub(origin).max(1))
    }
}

/// Reads the list of messages.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let Some(list) = document.as_array() else { return false };
    let is_gcc = |item: &Value| item.get("kind").is_some() && item.get("locations").is_some() && item.get("message").is_some();
    if !list.first().is_some_and(is_gcc) {
        return false;
    }
    reading.saw("gcc json");
    for item in list {
        match serde_json::from_value::<Message>(item.clone()) {
            // A note that stands alone says more of the message before it.
            Ok(message) if message.kind == "note" => {}
            Ok(message) => reading.push("gcc json", diagnostic(&message)),
            Err(error) => reading.skip(format!("a gcc message: {error}")),
        }
    }
    true
}

fn diagnostic(message: &Message) -> Diagnostic {
    let severity = if message.kind == "warning" { Severity::Warning } else { Severity::Error };
    let option = message.option.as_deref().map(|option| option.replacen("-Werror=", "-W", 1));
    let rule = option.clone().unwrap_or_else(|| general_rule(&message.message, severity).to_owned());
    let mut diagnostic = Diagnostic::new("gcc", rule, kind(option.as_deref(), severity), severity, &message.message);
    if let Some(place) = message.locations.first().map(|range| &range.caret) {
        let (line, column) = place.line_column(message.origin);
        diagnostic = diagnostic.at(&place.file, Span::point(line, column, Unit::Byte));
    }
    for note in &message.children {
        if let Some(place) = note.locations.first().map(|range| &range.caret) {
            let (line, column) = place.line_column(message.origin);
            diagnostic.relate(&note.message, &place.file, Span::point(line, column, Unit::Byte));
        }
    }
    diagnostic = diagnostic.explained_at(message.option_url.as_deref().unwrap_or_default());
    diagnostic.suggestions.extend(suggestion(message, message.origin, Applicability::Unsafe));
    diagnostic
        .suggestions
        .extend(message.children.iter().filter_map(|child| suggestion(child, message.origin, Applicability::Display)));
    diagnostic
}

fn suggestion(message: &Message, origin: u32, applicability: Applicability) -> Option<RawSuggestion> {
    let edit = |fix: &FixIt| {
        let span = Span::lines(fix.start.line_column(origin), fix.next.line_column(origin), Unit::Byte);
        (Some(fix.start.file.clone()), span, fix.string.clone())
    };
    let edits: Vec<_> = message.fixits.iter().map(edit).collect();
    (!edits.is_empty()).then(|| RawSuggestion { message: one_line(&message.message), applicability, edits })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_may_begin_at_0() {
        let place =
            |column: u32| json!({"file": "a.c", "line": 3, "column": column, "display-column": column, "byte-column": column});
        let report = json!([{"kind": "error", "message": "m", "column-origin": 0, "locations": [{"caret": place(57)}], "children": [],
            "fixits": [{"start": place(57), "next": place(63), "string": "printf"}]}]);
        let mut reading = Reading::new(None);
        assert!(document(&report, &mut reading));
        let found = &reading.report.diagnostics[0];
        assert_eq!(found.span, Some(Span::point(3, 58, Unit::Byte)));
        assert_eq!(found.suggestions[0].edits[0].1, Span::lines((3, 58), (3, 64), Unit::Byte));
    }
}
