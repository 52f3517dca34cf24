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
    fn line_column(&self) -> (u32, u32) {
        (self.line, self.byte_column.unwrap_or(self.column).max(1))
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
        let (line, column) = place.line_column();
        diagnostic = diagnostic.at(&place.file, Span::point(line, column, Unit::Byte));
    }
    for note in &message.children {
        if let Some(place) = note.locations.first().map(|range| &range.caret) {
            let (line, column) = place.line_column();
            diagnostic.relate(&note.message, &place.file, Span::point(line, column, Unit::Byte));
        }
    }
    diagnostic = diagnostic.explained_at(message.option_url.as_deref().unwrap_or_default());
    diagnostic.suggestions.extend(suggestion(message, Applicability::Unsafe));
    diagnostic.suggestions.extend(message.children.iter().filter_map(|child| suggestion(child, Applicability::Display)));
    diagnostic
}

fn suggestion(message: &Message, applicability: Applicability) -> Option<RawSuggestion> {
    let edit = |fix: &FixIt| {
        let span = Span::lines(fix.start.line_column(), fix.next.line_column(), Unit::Byte);
        (Some(fix.start.file.clone()), span, fix.string.clone())
    };
    let edits: Vec<_> = message.fixits.iter().map(edit).collect();
    (!edits.is_empty()).then(|| RawSuggestion { message: one_line(&message.message), applicability, edits })
}
