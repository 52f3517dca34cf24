//! Short ways into a JSON document whose form is another's: what is absent or of another type reads as empty.

use serde_json::Value;

use crate::{Position, Span, Unit};

/// Returns the text at a place.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the entries of the list at a place.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

/// Returns the number at a place, `None` where it is none that a line or column can be.
pub(super) fn figure(value: &Value, pointer: &str) -> Option<u32> {
    value.pointer(pointer).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok())
}

/// Returns the offset at a place.
pub(super) fn offset(value: &Value, pointer: &str) -> Option<usize> {
    value.pointer(pointer).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
}

/// Returns the span between the lines and columns at four places; columns count from `first` on. Without a column it is the line's
/// beginning, without an end it is empty.
pub(super) fn span(value: &Value, [line, column, end_line, end_column]: [&str; 4], first: u32, unit: Unit) -> Option<Span> {
    let column_at = |pointer| figure(value, pointer).map(|column| column.saturating_add(1).saturating_sub(first).max(1));
    let start = (figure(value, line).filter(|line| *line > 0)?, column_at(column).unwrap_or(1));
    let end = figure(value, end_line).zip(column_at(end_column)).filter(|end| *end >= start).unwrap_or(start);
    Some(Span::lines(start, end, unit))
}

/// Returns a span whose end, as a tool names it, is its last character.
pub(super) fn including_last(span: Span) -> Span {
    let end = match span.end {
        Position::LineColumn { line, column, unit } => Position::LineColumn { line, column: column.saturating_add(1), unit },
        end => end,
    };
    Span { end, ..span }
}

/// Returns the span of some bytes.
pub(super) fn bytes(start: usize, end: usize) -> Span {
    Span { start: Position::Byte(start), end: Position::Byte(end.max(start)) }
}
