//! mypy: its text, and the JSON lines of newer versions.

use domain::{FindingKind, Severity};
use serde::Deserialize;
use serde_json::Value;

use crate::reading::{Reading, number};
use crate::text::{is_path, one_line, pattern};
use crate::{Diagnostic, Span, Unit};

#[derive(Deserialize)]
struct Message {
    file: String,
    line: i64,
    /// From 0. Bytes, as in Python's syntax tree, before mypy had a parser of its own, which names ends too.
    column: i64,
    end_column: Option<i64>,
    message: String,
    hint: Option<String>,
    code: Option<String>,
    severity: String,
}

/// Reads one line of its JSON.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    if document.get("file").is_none() || document.get("severity").is_none() || document.get("hint").is_none() {
        return false;
    }
    let Ok(message) = serde_json::from_value::<Message>(document.clone()) else { return false };
    reading.saw("mypy json");
    if message.severity == "note" {
        return true;
    }
    let line = u32::try_from(message.line).unwrap_or(1).max(1);
    let column = u32::try_from(message.column).unwrap_or(0).saturating_add(1);
    let text = match &message.hint {
        Some(hint) => format!("{}; {hint}", message.message),
        None => message.message,
    };
    let diagnostic = diagnostic(message.code.as_deref(), &message.severity, &text);
    let unit = if message.end_column.is_some() { Unit::Char } else { Unit::Byte };
    reading.push("mypy json", diagnostic.at(message.file, Span::point(line, column, unit)));
    true
}

fn diagnostic(code: Option<&str>, severity: &str, message: &str) -> Diagnostic {
    let severity = severity.parse().unwrap_or(Severity::Error);
    let rule = code.unwrap_or("error");
    let kind = match rule {
        "import-not-found" | "import-untyped" | "import" => FindingKind::ImportError,
        "deprecated" => FindingKind::Deprecation,
        _ => FindingKind::TypeChecking,
    };
    Diagnostic::new("mypy", rule, kind, severity, message)
}

pattern! {
    // What stops it before it looks into the file.
    MODULE = r"^(\S.*?\.pyi?): error: ((?:Duplicate module named|Source file found twice under different module names).*)$";
    MESSAGE = r"^(.+?\.pyi?):(\d+)(?::(\d+))?(?::\d+:\d+)?: (error|note|warning): (.*?)(?:\s+\[([a-z][a-z0-9-]*)\])?$";
}

/// Reads one line of its text. A note says more of the message before it.
pub(crate) fn line(line: &str, reading: &mut Reading<'_>) -> bool {
    if let Some(found) = MODULE.captures(line).filter(|found| is_path(&found[1])) {
        reading.push("mypy text", diagnostic(None, "error", &found[2]).at(&found[1], None));
        return true;
    }
    let Some(found) = MESSAGE.captures(line).filter(|found| is_path(&found[1])) else { return false };
    reading.saw("mypy text");
    let message = &found[5];
    if &found[4] == "note" {
        let last =
            reading.report.diagnostics.last_mut().filter(|last| last.tool == "mypy" && last.path.as_deref() == Some(&found[1]));
        if let Some(last) = last.filter(|_| !message.starts_with("Revealed type") && !message.starts_with("See ")) {
            last.message = one_line(&format!("{}; {message}", last.message));
        }
        return true;
    }
    let column = found.get(3).map_or(1, |column| number(column.as_str()));
    let span = Span::point(number(&found[2]).max(1), column, Unit::Byte);
    let diagnostic = diagnostic(found.get(6).map(|code| code.as_str()), &found[4], message);
    reading.push("mypy text", diagnostic.at(&found[1], span));
    true
}
