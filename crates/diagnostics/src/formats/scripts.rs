//! Linters of what runs the project: shellcheck, hadolint, actionlint and zizmor in JSON.

use domain::{Applicability, FindingKind, Severity};
use serde_json::Value;

use super::json::{bytes, figure, including_last, list, offset, span, text};
use crate::reading::Reading;
use crate::{Diagnostic, RawSuggestion, Unit};

/// Where these tools have the ends of a range.
const RANGE: [&str; 4] = ["/line", "/column", "/endLine", "/endColumn"];

/// Reads any of the reports.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let first = document.as_array().and_then(|all| all.first());
    let has = |names: &[&str]| first.is_some_and(|one| names.iter().all(|name| one.get(name).is_some()));
    let is_comment = |one: &Value| one.get("code").is_some_and(Value::is_number) && one.get("level").is_some();
    let comments = document.get("comments").and_then(Value::as_array);
    if comments.is_some_and(|all| all.iter().all(is_comment)) {
        reading.saw("shellcheck json1");
        list(document, "/comments").for_each(|item| shellcheck(item, Unit::Char, reading));
    } else if first.is_some_and(is_comment) {
        list(document, "").for_each(|item| shellcheck(item, Unit::Tabbed, reading));
    } else if has(&["code", "file", "level", "line"]) {
        list(document, "").for_each(|item| hadolint(item, reading));
    } else if has(&["filepath", "kind", "message", "line"]) {
        list(document, "").for_each(|item| actionlint(item, reading));
    } else if has(&["ident", "determinations", "locations"]) {
        list(document, "").for_each(|item| zizmor(item, reading));
    } else {
        return false;
    }
    true
}

fn shellcheck(item: &Value, unit: Unit, reading: &mut Reading<'_>) {
    let rule = format!("SC{:04}", figure(item, "/code").unwrap_or(0));
    let mut diagnostic =
        Diagnostic::new("shellcheck", rule, FindingKind::Linting, severity(text(item, "/level")), text(item, "/message"))
            .at(text(item, "/file"), span(item, RANGE, 1, unit));
    let help = format!("https://www.shellcheck.net/wiki/{}", diagnostic.rule);
    diagnostic = diagnostic.explained_at(&help);
    let edits: Vec<_> = list(item, "/fix/replacements")
        .filter_map(|edit| Some((None, span(edit, RANGE, 1, unit)?, text(edit, "/replacement").to_owned())))
        .collect();
    if !edits.is_empty() {
        let message = "apply the replacement".to_owned();
        diagnostic = diagnostic.suggesting(RawSuggestion { message, applicability: Applicability::Unsafe, edits });
    }
    reading.push("shellcheck json1", diagnostic);
}

fn hadolint(item: &Value, reading: &mut Reading<'_>) {
    let level = severity(text(item, "/level"));
    let diagnostic = Diagnostic::new("hadolint", text(item, "/code"), FindingKind::Linting, level, text(item, "/message"));
    reading.push("hadolint json", diagnostic.at(text(item, "/file"), span(item, RANGE, 1, Unit::Char)));
}

fn actionlint(item: &Value, reading: &mut Reading<'_>) {
    let place = span(item, ["/line", "/column", "/line", "/end_column"], 1, Unit::Byte).map(including_last);
    let message = text(item, "/message");
    let diagnostic = Diagnostic::new("actionlint", text(item, "/kind"), FindingKind::Linting, Severity::Error, message);
    reading.push("actionlint json", diagnostic.at(text(item, "/filepath"), place));
}

fn zizmor(item: &Value, reading: &mut Reading<'_>) {
    reading.saw("zizmor json");
    if item.get("ignored").and_then(Value::as_bool) == Some(true) {
        return;
    }
    let primary = |place: &&Value| text(place, "/symbolic/kind") == "Primary";
    let Some(place) = list(item, "/locations").find(primary).or_else(|| list(item, "/locations").next()) else { return };
    let severity = match text(item, "/determinations/severity") {
        "High" => Severity::Error,
        "Medium" | "Low" => Severity::Warning,
        _ => Severity::Info,
    };
    let message = match text(place, "/symbolic/annotation") {
        "" => text(item, "/desc").to_owned(),
        annotation => format!("{}: {annotation}", text(item, "/desc")),
    };
    let diagnostic = Diagnostic::new("zizmor", text(item, "/ident"), FindingKind::Security, severity, &message);
    let local = ["/symbolic/key/Local/verbatim_path", "/symbolic/key/Local/given_path"];
    let path = local.into_iter().map(|pointer| text(place, pointer)).find(|path| !path.is_empty()).unwrap_or_default();
    let offsets = ["start", "end"].map(|end| offset(place, &format!("/concrete/location/offset_span/{end}")));
    let span = match offsets {
        [Some(start), Some(end)] => Some(bytes(start, end)),
        _ => None,
    };
    let mut diagnostic = diagnostic.at(path, span).explained_at(text(item, "/url"));
    for other in list(item, "/locations").filter(|other| text(other, "/symbolic/kind") == "Related") {
        let path = local.into_iter().map(|pointer| text(other, pointer)).find(|path| !path.is_empty()).unwrap_or_default();
        let ends = ["start", "end"].map(|end| offset(other, &format!("/concrete/location/offset_span/{end}")));
        if let [Some(start), Some(end)] = ends {
            diagnostic.relate(text(other, "/symbolic/annotation"), path, bytes(start, end));
        }
    }
    reading.push("zizmor json", diagnostic);
}

fn severity(level: &str) -> Severity {
    match level {
        "error" => Severity::Error,
        "warning" => Severity::Warning,
        _ => Severity::Info,
    }
}
