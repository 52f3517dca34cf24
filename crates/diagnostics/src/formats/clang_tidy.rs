//! The fixes that clang-tidy exports (`--export-fixes`): YAML, with offsets in bytes.

use domain::{Applicability, FindingKind, Severity};
use serde::Deserialize;

use super::json::bytes;
use crate::reading::Reading;
use crate::text::find;
use crate::{Diagnostic, RawSuggestion};

/// A longer document is not one that anyone prints.
const LONGEST: usize = 32 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Export {
    #[serde(default)]
    diagnostics: Vec<Exported>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Exported {
    diagnostic_name: String,
    diagnostic_message: Message,
    #[serde(default)]
    notes: Vec<Message>,
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    message: String,
    #[serde(default)]
    file_path: String,
    #[serde(default)]
    file_offset: usize,
    #[serde(default)]
    replacements: Vec<Replacement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replacement {
    file_path: String,
    offset: usize,
    length: usize,
    replacement_text: String,
}

/// Reads all exports that stand in a text, and returns the text around them.
pub(crate) fn yaml(text: String, reading: &mut Reading<'_>) -> String {
    const OPENS: &str = "---\nMainSourceFile:";
    let text = if find(&text, "---\r\nMainSourceFile:").is_some() { text.replace("\r\n", "\n") } else { text };
    let mut rest = String::new();
    let mut left = text.as_str();
    while let Some((before, export)) = find(left, OPENS).and_then(|at| left.split_at_checked(at)) {
        let end = export.find("\n...").map_or(export.len(), |at| at + "\n...".len());
        let Some((export, after)) = export.split_at_checked(end) else { break };
        rest.push_str(before);
        rest.push('\n');
        reading.saw("clang-tidy yaml");
        match serde_norway::from_str::<Export>(export.get(..LONGEST).unwrap_or(export).trim_end_matches("...")) {
            Ok(export) => export.diagnostics.into_iter().for_each(|one| reading.push("clang-tidy yaml", diagnostic(one))),
            Err(error) => reading.skip(format!("fixes of clang-tidy: {error}")),
        }
        left = after;
    }
    if rest.is_empty() {
        return text;
    }
    rest.push_str(left);
    rest
}

fn diagnostic(Exported { diagnostic_name: rule, diagnostic_message: message, notes, level }: Exported) -> Diagnostic {
    let severity = match level.as_deref() {
        Some("Error") => Severity::Error,
        Some("Remark") => Severity::Info,
        _ => Severity::Warning,
    };
    let kind = if rule.starts_with("clang-diagnostic-error") { FindingKind::BuildError } else { FindingKind::Linting };
    let mut diagnostic = Diagnostic::new("clang-tidy", rule, kind, severity, &message.message);
    if !message.file_path.is_empty() {
        diagnostic = diagnostic.at(message.file_path, bytes(message.file_offset, message.file_offset));
    }
    for note in notes.into_iter().filter(|note| !note.file_path.is_empty()) {
        diagnostic.relate(&note.message, note.file_path, bytes(note.file_offset, note.file_offset));
    }
    if !message.replacements.is_empty() {
        let edits = message.replacements.into_iter().map(|edit| {
            let span = bytes(edit.offset, edit.offset.saturating_add(edit.length));
            (Some(edit.file_path), span, edit.replacement_text)
        });
        let message = "apply the fix".to_owned();
        diagnostic = diagnostic.suggesting(RawSuggestion { message, applicability: Applicability::Safe, edits: edits.collect() });
    }
    diagnostic
}
