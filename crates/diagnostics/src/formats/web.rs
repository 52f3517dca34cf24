//! Linters of the web, but for eslint: stylelint, biome and oxlint in JSON.

use domain::{Applicability, FindingKind, Severity};
use serde_json::Value;

use super::json::{bytes, figure, list, offset, span, text};
use crate::reading::Reading;
use crate::{Diagnostic, Position, RawSuggestion, Span, Unit};

/// Reads any of the reports.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let diagnostics = || list(document, "/diagnostics");
    if document.as_array().is_some_and(|all| all.first().is_some_and(|one| one.get("parseErrors").is_some())) {
        stylelint(document, reading);
    } else if document.get("summary").is_some() && document.get("command").is_some() && document.get("diagnostics").is_some() {
        reading.saw("biome json");
        diagnostics().for_each(|item| biome(item, reading));
    } else if document.get("number_of_files").is_some() && document.get("diagnostics").is_some() {
        reading.saw("oxlint json");
        diagnostics().for_each(|item| oxlint(item, reading));
    } else {
        return false;
    }
    true
}

fn stylelint(report: &Value, reading: &mut Reading<'_>) {
    reading.saw("stylelint json");
    for file in list(report, "") {
        for item in list(file, "/warnings") {
            let rule = match text(item, "/rule") {
                "" | "CssSyntaxError" => "syntax-error",
                rule => rule,
            };
            // The rule stands at the end of the text, too.
            let message = text(item, "/text");
            let message = message.strip_suffix(&format!(" ({rule})")).unwrap_or(message);
            let place = span(item, ["/line", "/column", "/endLine", "/endColumn"], 1, Unit::Utf16);
            let mut diagnostic =
                Diagnostic::new("stylelint", rule, FindingKind::Linting, severity(text(item, "/severity")), message)
                    .at(text(file, "/source"), place);
            if let Some((start, end)) = offset(item, "/fix/range/0").zip(offset(item, "/fix/range/1")) {
                let range = Span { start: Position::Utf16(start), end: Position::Utf16(end) };
                let fix = RawSuggestion::edit("apply the fix", Applicability::Safe, range, text(item, "/fix/text"));
                diagnostic = diagnostic.suggesting(fix);
            }
            reading.push("stylelint json", diagnostic);
        }
    }
}

fn biome(item: &Value, reading: &mut Reading<'_>) {
    let category = text(item, "/category");
    let (kind, rule) = match category.split('/').next().unwrap_or_default() {
        "format" | "assist" => (FindingKind::Formatting, category),
        "parse" => (FindingKind::Linting, "syntax-error"),
        _ => (FindingKind::Linting, category.rsplit('/').next().unwrap_or(category)),
    };
    let message = match text(item, "/message") {
        // Its first version has the text in pieces beside this.
        "" => text(item, "/description"),
        message => message,
    };
    let diagnostic = Diagnostic::new("biome", rule, kind, severity(text(item, "/severity")), message);
    let path = [text(item, "/location/path"), text(item, "/location/path/file")].into_iter().find(|path| !path.is_empty());
    let pointers = ["/location/start/line", "/location/start/column", "/location/end/line", "/location/end/column"];
    let place = span(item, pointers, 1, Unit::Char).or_else(|| {
        let (start, end) = offset(item, "/location/span/0").zip(offset(item, "/location/span/1"))?;
        Some(bytes(start, end))
    });
    let mut diagnostic = placed(diagnostic, path, place);
    // What else it says of a place; of one that is none, the reader of the rule's page learns.
    for advice in list(item, "/advices").filter(|advice| advice.is_object()) {
        let place = span(advice, ["/start/line", "/start/column", "/end/line", "/end/column"], 1, Unit::Char);
        if let Some((path, place)) = diagnostic.path.clone().zip(place) {
            diagnostic.relate(text(advice, "/text"), path, place);
        }
    }
    let mut said = "";
    for advice in list(item, "/advices/advices") {
        let label = list(advice, "/log/1").map(|part| text(part, "/content")).next().unwrap_or_default();
        said = if label.is_empty() { said } else { label };
        let edits = advice.get("diff").map(changes).unwrap_or_default();
        if !edits.is_empty() {
            let is_safe = said.starts_with("Safe fix") || kind == FindingKind::Formatting;
            let applicability = if is_safe { Applicability::Safe } else { Applicability::Unsafe };
            let message = "apply the fix".to_owned();
            diagnostic = diagnostic.suggesting(RawSuggestion { message, applicability, edits });
        }
    }
    reading.push("biome json", diagnostic);
}

/// Returns the edits of a diff of biome's first version: pieces of one dictionary that stay, go, or come, and lines left out that stay.
fn changes(diff: &Value) -> Vec<(Option<String>, Span, String)> {
    let dictionary = text(diff, "/dictionary");
    let mut edits = Vec::new();
    let mut at = (1, 1);
    // Where it begins, and what comes there.
    let mut change: Option<((u32, u32), String)> = None;
    let edit = |start, end, new| (None, Span::lines(start, end, Unit::Byte), new);
    for op in list(diff, "/ops") {
        let piece = |pointer: &str| {
            let range = offset(op, &format!("{pointer}/range/0")).zip(offset(op, &format!("{pointer}/range/1")));
            range.and_then(|(start, end)| dictionary.get(start..end))
        };
        if let Some(new) = piece("/diffOp/insert") {
            change.get_or_insert_with(|| (at, String::new())).1.push_str(new);
        } else if let Some(old) = piece("/diffOp/delete") {
            change.get_or_insert_with(|| (at, String::new()));
            at = after(at, old);
        } else {
            edits.extend(change.take().map(|(start, new)| edit(start, at, new)));
            at = match (piece("/diffOp/equal"), figure(op, "/equalLines/line_count")) {
                (Some(same), _) => after(at, same),
                // The rest of the line counts as none of them.
                (None, Some(lines)) => (at.0.saturating_add(lines).saturating_add(1), 1),
                (None, None) => return Vec::new(),
            };
        }
    }
    edits.extend(change.take().map(|(start, new)| edit(start, at, new)));
    edits
}

/// Returns the place after a text that begins at a place.
fn after((line, column): (u32, u32), text: &str) -> (u32, u32) {
    let lines = u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
    let last = u32::try_from(text.rsplit('\n').next().map_or(0, str::len)).unwrap_or(u32::MAX);
    if lines == 0 { (line, column.saturating_add(last)) } else { (line.saturating_add(lines), last.saturating_add(1)) }
}

fn oxlint(item: &Value, reading: &mut Reading<'_>) {
    let code = text(item, "/code");
    // `eslint(no-debugger)`: the plugin, and the rule.
    let rule = code.split_once('(').map_or(code, |(_, rule)| rule.trim_end_matches(')'));
    let rule = if rule.is_empty() { "syntax-error" } else { rule };
    let diagnostic =
        Diagnostic::new("oxlint", rule, FindingKind::Linting, severity(text(item, "/severity")), text(item, "/message"));
    let place = offset(item, "/labels/0/span/offset")
        .map(|start| bytes(start, start.saturating_add(offset(item, "/labels/0/span/length").unwrap_or(0))));
    let path = Some(text(item, "/filename")).filter(|path| !path.is_empty());
    let mut diagnostic = placed(diagnostic, path, place).explained_at(text(item, "/url"));
    for label in list(item, "/labels").skip(1) {
        let start = offset(label, "/span/offset");
        if let Some((path, start)) = path.zip(start) {
            let length = offset(label, "/span/length").unwrap_or(0);
            diagnostic.relate(text(label, "/label"), path, bytes(start, start.saturating_add(length)));
        }
    }
    reading.push("oxlint json", diagnostic);
}

fn placed(diagnostic: Diagnostic, path: Option<&str>, place: Option<Span>) -> Diagnostic {
    match path {
        Some(path) => diagnostic.at(path, place),
        None => diagnostic,
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "warning" | "warn" => Severity::Warning,
        "information" | "info" | "hint" | "advice" => Severity::Info,
        _ => Severity::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_diff_of_a_fix_becomes_edits_of_bytes() {
        let piece = |op: &str, start: usize, end: usize| json!({"diffOp": {op: {"range": [start, end]}}});
        let report = json!({"summary": {}, "command": "lint", "diagnostics": [{
            "category": "lint/style/useConst", "severity": "warning", "description": "m", "location": {"path": {"file": "a.js"}, "span": [5, 8]},
            "advices": {"advices": [
                {"log": ["info", [{"elements": [], "content": "Safe fix: Use "}, {"elements": [], "content": "const"}]]},
                // `é; let y\n…`, of which two lines are left out, then `z`, which goes.
                {"diff": {"dictionary": "é; letconst y\n\nz", "ops": [
                    piece("equal", 0, 4), piece("delete", 4, 7), piece("insert", 7, 12), piece("equal", 12, 15),
                    {"equalLines": {"line_count": 2}}, piece("equal", 14, 15), piece("delete", 16, 17)]}},
            ]},
        }]});
        let mut reading = Reading::new(None);
        assert!(document(&report, &mut reading));
        let [found] = &reading.report.diagnostics[0].suggestions[..] else { panic!("{:?}", reading.report) };
        let expected = [
            (None, Span::lines((1, 5), (1, 8), Unit::Byte), "const".to_owned()),
            (None, Span::lines((6, 1), (6, 2), Unit::Byte), String::new()),
        ];
        assert_eq!((found.applicability, &found.edits[..]), (Applicability::Safe, &expected[..]));
    }
}
