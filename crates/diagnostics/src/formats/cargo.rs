//! rustc and clippy as JSON: cargo's message stream, or rustc's own.

use cargo_metadata::diagnostic::{Applicability as Vouched, Diagnostic as Message, DiagnosticLevel, DiagnosticSpan};
use domain::{Applicability, FindingKind, Severity};
use serde_json::Value;

use crate::reading::Reading;
use crate::{Diagnostic, Position, RawSuggestion, Span};

/// What stands in a replacement where a person is to fill something in, though the suggestion may not be marked so.
const PLACEHOLDERS: [&str; 9] = ["/*", "<item>", "<ident>", "<name>", "!(..)", "![..]", "todo!()", "unimplemented!()", "..."];

/// Reads one message of the stream.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let message = match document.get("reason").and_then(Value::as_str) {
        Some("compiler-message") => document.get("message"),
        // Artifacts, build scripts, the end of the build.
        Some(_) => {
            reading.saw("cargo json");
            return true;
        }
        None if document.get("$message_type").and_then(Value::as_str) == Some("diagnostic") => Some(document),
        None => return false,
    };
    reading.saw("cargo json");
    match message.map(|message| serde_json::from_value::<Message>(message.clone())) {
        Some(Ok(message)) => {
            if let Some(diagnostic) = diagnostic(&message) {
                reading.push("cargo json", diagnostic);
            }
        }
        Some(Err(error)) => reading.skip(format!("a compiler message: {error}")),
        None => reading.skip("a compiler message without a message"),
    }
    true
}

fn diagnostic(message: &Message) -> Option<Diagnostic> {
    let severity = match message.level {
        DiagnosticLevel::Error | DiagnosticLevel::Ice => Severity::Error,
        DiagnosticLevel::Warning => Severity::Warning,
        DiagnosticLevel::Note | DiagnosticLevel::Help => Severity::Info,
        // "for more information about this error, try …"
        _ => return None,
    };
    let primary = message.spans.iter().find(|span| span.is_primary).or(message.spans.first());
    let code = message.code.as_ref().map(|code| code.code.as_str());
    if is_summary(&message.message) && primary.is_none() {
        return None;
    }
    let tool = if code.is_some_and(|code| code.starts_with("clippy::")) { "clippy" } else { "rustc" };
    let mut diagnostic =
        Diagnostic::new(tool, code.unwrap_or(general_rule(severity)), kind(code, severity), severity, &message.message);
    if let Some(primary) = primary {
        let place = called_from(primary);
        diagnostic = diagnostic.at(&place.file_name, span(place));
    }
    for part in std::iter::once(message).chain(&message.children) {
        diagnostic.suggestions.extend(suggestions(part));
    }
    relate(message, &mut diagnostic);
    let link = message.children.iter().find_map(|part| part.message.split_whitespace().find(|word| word.starts_with("https://")));
    let index = code.filter(|code| is_error_code(code)).map(|code| format!("https://doc.rust-lang.org/error_codes/{code}.html"));
    if let Some(link) = link.map(str::to_owned).or(index) {
        diagnostic = diagnostic.explained_at(&link);
    }
    Some(diagnostic)
}

/// Returns what kind of problem a code names.
pub(crate) fn kind(code: Option<&str>, severity: Severity) -> FindingKind {
    match code {
        Some("deprecated" | "deprecated_in_future") => FindingKind::Deprecation,
        Some(code) if is_error_code(code) => FindingKind::BuildError,
        None if severity == Severity::Error => FindingKind::BuildError,
        _ => FindingKind::Linting,
    }
}

fn is_error_code(code: &str) -> bool {
    code.strip_prefix('E').is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the rule of a message without a code: a syntax error, or a warning of the compiler driver.
pub(crate) fn general_rule(severity: Severity) -> &'static str {
    if severity == Severity::Error { "error" } else { "warning" }
}

/// Says whether a message only counts others.
pub(crate) fn is_summary(message: &str) -> bool {
    message.starts_with("aborting due to")
        || message.starts_with("could not compile")
        || message.starts_with("Some errors have detailed")
        || message.ends_with("warning emitted")
        || message.ends_with("warnings emitted")
}

/// Adds the other places of a message, and those of its notes.
fn relate(message: &Message, diagnostic: &mut Diagnostic) {
    for other in message.spans.iter().filter(|span| !span.is_primary) {
        let place = called_from(other);
        diagnostic.relate(other.label.as_deref().unwrap_or_default(), &place.file_name, span(place));
    }
    for part in &message.children {
        for other in part.spans.iter().filter(|span| span.suggested_replacement.is_none()) {
            let place = called_from(other);
            let said = other.label.as_deref().filter(|label| !label.is_empty()).unwrap_or(&part.message);
            diagnostic.relate(said, &place.file_name, span(place));
        }
    }
}

/// Returns the place in the user's own text: where the outermost macro was called, if the span lies in the body of one.
fn called_from(span: &DiagnosticSpan) -> &DiagnosticSpan {
    let mut place = span;
    while let Some(expansion) = &place.expansion {
        place = &expansion.span;
    }
    place
}

fn span(span: &DiagnosticSpan) -> Span {
    let byte = |offset: u32| Position::Byte(usize::try_from(offset).unwrap_or(usize::MAX));
    Span { start: byte(span.byte_start), end: byte(span.byte_end) }
}

/// Returns what one part of a message suggests: one suggestion, or several where it names alternatives for the same place.
fn suggestions(part: &Message) -> Vec<RawSuggestion> {
    let spans: Vec<&DiagnosticSpan> = part.spans.iter().filter(|span| span.suggested_replacement.is_some()).collect();
    let Some(first) = spans.first() else { return Vec::new() };
    let same_place = |span: &&&DiagnosticSpan| {
        (&span.file_name, span.byte_start, span.byte_end) == (&first.file_name, first.byte_start, first.byte_end)
    };
    // The JSON lists the parts of all alternatives one after the other; each begins with the same place.
    let alternatives = spans.iter().filter(same_place).count();
    let size = if spans.len().is_multiple_of(alternatives) { spans.len() / alternatives } else { return Vec::new() };
    spans.chunks(size).filter_map(|parts| suggestion(part, parts, alternatives > 1)).collect()
}

fn suggestion(part: &Message, spans: &[&DiagnosticSpan], one_of_several: bool) -> Option<RawSuggestion> {
    let mut applicability = if one_of_several { Applicability::Unsafe } else { Applicability::Safe };
    let mut edits = Vec::new();
    for place in spans {
        let replacement = place.suggested_replacement.as_deref()?;
        applicability = applicability.max(match place.suggestion_applicability {
            Some(Vouched::MachineApplicable) => Applicability::Safe,
            Some(Vouched::MaybeIncorrect) => Applicability::Unsafe,
            Some(Vouched::HasPlaceholders) => return None,
            _ => Applicability::Display,
        });
        if has_placeholder(replacement, place) {
            return None;
        }
        edits.push((Some(place.file_name.clone()), span(place), replacement.to_owned()));
    }
    Some(RawSuggestion { message: crate::text::one_line(&part.message), applicability, edits })
}

/// Says whether a replacement holds a placeholder that the text which it replaces does not hold.
fn has_placeholder(replacement: &str, place: &DiagnosticSpan) -> bool {
    PLACEHOLDERS.iter().any(|mark| replacement.contains(mark) && !place.text.iter().any(|line| line.text.contains(mark)))
}
