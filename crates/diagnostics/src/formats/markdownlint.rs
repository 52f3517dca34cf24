//! markdownlint in JSON: what it would do about a line stands beside each message, counted from that line.

use domain::{Applicability, FindingKind, Severity};
use serde_json::Value;

use super::json::{figure, list, span, text};
use crate::reading::Reading;
use crate::{Diagnostic, RawSuggestion, Span, Unit};

/// Reads a report.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let has = |one: &Value| ["lineNumber", "ruleNames", "ruleDescription"].iter().all(|name| one.get(name).is_some());
    if !document.as_array().and_then(|all| all.first()).is_some_and(has) {
        return false;
    }
    for item in list(document, "") {
        reading.push("markdownlint json", diagnostic(item));
    }
    true
}

fn diagnostic(item: &Value) -> Diagnostic {
    let message = match text(item, "/errorDetail") {
        "" => text(item, "/ruleDescription").to_owned(),
        detail => format!("{} [{detail}]", text(item, "/ruleDescription")),
    };
    let severity = if text(item, "/severity") == "warning" { Severity::Warning } else { Severity::Error };
    let place = span(item, ["/lineNumber", "/errorRange/0", "", ""], 1, Unit::Utf16);
    let diagnostic = Diagnostic::new("markdownlint", text(item, "/ruleNames/0"), FindingKind::Linting, severity, &message)
        .at(text(item, "/fileName"), place)
        .explained_at(text(item, "/ruleInformation"));
    match fix(item) {
        Some((place, new)) => diagnostic.suggesting(RawSuggestion::edit("apply the fix", Applicability::Safe, place, new)),
        None => diagnostic,
    }
}

/// Returns what is to be replaced, and by what: a part of the line, or all of it with its end where -1 characters go.
fn fix(item: &Value) -> Option<(Span, &str)> {
    let info = item.get("fixInfo").filter(|info| info.is_object())?;
    let line = figure(info, "/lineNumber").or_else(|| figure(item, "/lineNumber"))?;
    if info.get("deleteCount").and_then(Value::as_i64) == Some(-1) {
        return Some((Span::lines((line, 1), (line.checked_add(1)?, 1), Unit::Utf16), ""));
    }
    let column = figure(info, "/editColumn").unwrap_or(1);
    let end = column.checked_add(figure(info, "/deleteCount").unwrap_or(0))?;
    Some((Span::lines((line, column), (line, end), Unit::Utf16), text(info, "/insertText")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::{Files, Recipe, RepoPath};
    use serde_json::{Value, json};

    use crate::{Origin, Output, read, to_findings};

    #[test]
    fn what_is_put_into_a_line_or_in_its_place_has_the_ends_of_the_file() {
        let text = "# a\r\n🦀\tb\r\n\r\n\r\n# c";
        let fix = |line: u32, fix: Value| json!({"fileName": "a.md", "lineNumber": line, "ruleNames": ["MD000", "x"], "ruleDescription": "m", "fixInfo": fix});
        let report = json!([
            fix(1, json!({"lineNumber": 2, "insertText": "\n"})),
            fix(2, json!({"editColumn": 3, "deleteCount": 1, "insertText": " "})),
            fix(4, json!({"deleteCount": -1})),
            fix(5, json!({"editColumn": 4, "insertText": "\n"})),
            fix(5, Value::Null),
        ]);
        let read = read(&Output { stdout: report.to_string().as_bytes(), stderr: b"", tool: None });
        let files = Files::from_map(BTreeMap::from([(RepoPath::new("a.md").unwrap(), text.as_bytes().to_vec())]));
        let found = to_findings(&read.diagnostics, &Origin { recipe: Recipe::Lint, subproject: ".", roots: &[] }, &files);
        let edits = found.iter().flat_map(|one| &one.suggestions).flat_map(|one| &one.edits);
        let told: Vec<_> = edits.map(|edit| (&text[edit.start..edit.end], edit.start, edit.text.as_str())).collect();
        assert_eq!(told, [("", 5, "\r\n"), ("\t", 9, " "), ("\r\n", 15, ""), ("", 20, "\r\n")]);
    }
}
