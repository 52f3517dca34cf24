//! Linters of Go in JSON: golangci-lint, which runs many, and staticcheck by itself.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::{Applicability, FindingKind, Severity};
use serde_json::Value;

use super::json::{bytes, figure, list, offset, span, text};
use crate::reading::Reading;
use crate::text::one_line;
use crate::{Diagnostic, RawSuggestion, Span, Unit};

/// Reads a report of golangci-lint, or one line of staticcheck's.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let issues = document.get("Issues").filter(|all| all.is_null() || all.is_array());
    if issues.is_some() && document.pointer("/Report").is_some() {
        reading.saw("golangci-lint json");
        list(document, "/Issues").for_each(|item| golangci(item, reading));
        return true;
    }
    let is_staticcheck = document.pointer("/location/file").is_some() && document.get("code").is_some_and(Value::is_string);
    if is_staticcheck {
        staticcheck(document, reading);
    }
    is_staticcheck
}

fn golangci(item: &Value, reading: &mut Reading<'_>) {
    let rule = text(item, "/FromLinter");
    let kind = kind(rule);
    let severity = match text(item, "/Severity") {
        "warning" | "low" | "medium" => Severity::Warning,
        "info" => Severity::Info,
        _ => Severity::Error,
    };
    let diagnostic = Diagnostic::new("golangci-lint", rule, kind, severity, text(item, "/Text"));
    let place = span(item, ["/Pos/Line", "/Pos/Column", "", ""], 1, Unit::Byte);
    let mut diagnostic = diagnostic.at(text(item, "/Pos/Filename"), place);
    diagnostic.suggestions.extend(list(item, "/SuggestedFixes").filter_map(suggested));
    diagnostic.suggestions.extend(replacement(item));
    reading.push("golangci-lint json", diagnostic);
}

/// A fix whose edits are offsets in bytes from the start of the file; what they put there is in base 64.
fn suggested(fix: &Value) -> Option<RawSuggestion> {
    let edit = |edit: &Value| {
        let (start, end) = (offset(edit, "/Pos")?, offset(edit, "/End")?);
        let new = match edit.get("NewText") {
            Some(Value::String(encoded)) => String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?,
            _ => String::new(),
        };
        (end >= start).then(|| (None, bytes(start, end), new))
    };
    let edits: Vec<_> = list(fix, "/TextEdits").map(edit).collect::<Option<_>>()?;
    let message = Some(text(fix, "/Message")).filter(|message| !message.is_empty()).unwrap_or("apply the fix");
    (!edits.is_empty()).then(|| RawSuggestion { message: one_line(message), applicability: Applicability::Safe, edits })
}

/// What version 1 had in the place of fixes: whole lines, or a part of one, from a column that counts from 0.
fn replacement(item: &Value) -> Option<RawSuggestion> {
    let fix = item.get("Replacement").filter(|fix| fix.is_object())?;
    let first = figure(item, "/LineRange/From").or_else(|| figure(item, "/Pos/Line")).filter(|line| *line > 0)?;
    let last = figure(item, "/LineRange/To").filter(|last| *last >= first).unwrap_or(first);
    let (range, new) = if let Some(inline) = fix.get("Inline").filter(|inline| inline.is_object()) {
        let start = figure(inline, "/StartCol")?.checked_add(1)?;
        let end = start.checked_add(figure(inline, "/Length")?)?;
        (Span::lines((first, start), (first, end), Unit::Byte), text(inline, "/NewString").to_owned())
    } else {
        let deletes = fix.get("NeedOnlyDelete").and_then(Value::as_bool) == Some(true);
        let lines: Vec<&str> = list(fix, "/NewLines").filter_map(Value::as_str).collect();
        if lines.is_empty() != deletes {
            return None;
        }
        let new = lines.into_iter().flat_map(|line| [line, "\n"]).collect();
        (Span::lines((first, 1), (last.checked_add(1)?, 1), Unit::Byte), new)
    };
    Some(RawSuggestion::edit("apply the replacement", Applicability::Safe, range, new))
}

/// Returns what kind of problem a linter of golangci-lint reports.
pub(super) fn kind(linter: &str) -> FindingKind {
    match linter {
        "gofmt" | "gofumpt" | "goimports" | "gci" | "golines" => FindingKind::Formatting,
        "typecheck" => FindingKind::BuildError,
        "gosec" => FindingKind::Security,
        _ => FindingKind::Linting,
    }
}

fn staticcheck(item: &Value, reading: &mut Reading<'_>) {
    let code = text(item, "/code");
    let kind = match code {
        "compile" => FindingKind::BuildError,
        "SA1019" => FindingKind::Deprecation,
        _ => FindingKind::Linting,
    };
    let severity = match text(item, "/severity") {
        "ignored" => return reading.saw("staticcheck json"),
        "warning" => Severity::Warning,
        _ => Severity::Error,
    };
    let place = span(item, ["/location/line", "/location/column", "/end/line", "/end/column"], 1, Unit::Byte);
    let diagnostic = Diagnostic::new("staticcheck", code, kind, severity, text(item, "/message"));
    let mut diagnostic = diagnostic.at(text(item, "/location/file"), place);
    for other in list(item, "/related") {
        let place = span(other, ["/location/line", "/location/column", "/end/line", "/end/column"], 1, Unit::Byte);
        diagnostic.relate(text(other, "/message"), text(other, "/location/file"), place);
    }
    if code.starts_with(['S', 'Q', 'U']) {
        diagnostic = diagnostic.explained_at(&format!("https://staticcheck.dev/docs/checks/#{code}"));
    }
    reading.push("staticcheck json", diagnostic);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fixes_of_both_versions_are_read() {
        let issue = |more: Value| {
            let mut issue =
                json!({"FromLinter": "x", "Text": "t", "Pos": {"Filename": "a.go", "Offset": 9, "Line": 3, "Column": 2}});
            issue.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            issue
        };
        let report = json!({"Report": {}, "Issues": [
            issue(json!({"SuggestedFixes": [{"Message": "m", "TextEdits": [{"Pos": 9, "End": 12, "NewText": "w6kK"}, {"Pos": 20, "End": 20, "NewText": null}]}]})),
            issue(json!({"Replacement": {"NeedOnlyDelete": false, "NewLines": null, "Inline": {"StartCol": 4, "Length": 2, "NewString": "ok"}}})),
            issue(json!({"LineRange": {"From": 3, "To": 5}, "Replacement": {"NeedOnlyDelete": false, "NewLines": ["a", "b"], "Inline": null}})),
            issue(json!({"Replacement": {"NeedOnlyDelete": true, "NewLines": null, "Inline": null}})),
            issue(json!({"Replacement": null, "SuggestedFixes": [{"TextEdits": [{"Pos": 1, "End": 1, "NewText": "?"}]}]})),
        ]});
        let mut reading = Reading::new(None);
        assert!(document(&report, &mut reading));
        let edits = |one: &Diagnostic| {
            one.suggestions.iter().flat_map(|fix| fix.edits.clone()).map(|(_, span, new)| (span, new)).collect::<Vec<_>>()
        };
        let told: Vec<_> = reading.report.diagnostics.iter().map(edits).collect();
        let lines = |first, last| Span::lines((first, 1), (last, 1), Unit::Byte);
        assert_eq!(
            told,
            [
                vec![(bytes(9, 12), "é\n".to_owned()), (bytes(20, 20), String::new())],
                vec![(Span::lines((3, 5), (3, 7), Unit::Byte), "ok".to_owned())],
                vec![(lines(3, 6), "a\nb\n".to_owned())],
                vec![(lines(3, 4), String::new())],
                vec![],
            ]
        );
    }
}
