//! SARIF 2.1.0, with the fixes that a result may carry.
//!
//! Read result by result, so that one odd result of one tool does not lose the others.

use domain::{Applicability, FindingKind, Severity};
use serde_json::Value;
use serde_sarif::sarif::{ArtifactLocation, Fix, PhysicalLocation, Region, Result as Outcome, ResultLevel};

use crate::reading::Reading;
use crate::text::{one_line, path_of_uri, percent_decoded};
use crate::{Diagnostic, Position, RawSuggestion, Span, Unit};

/// Reads a log.
pub(crate) fn document(document: &Value, reading: &mut Reading<'_>) -> bool {
    let Some(runs) = document.get("runs").and_then(Value::as_array) else { return false };
    let is_sarif = document.get("version").is_some() || document.get("$schema").is_some();
    if !is_sarif || !runs.iter().all(|run| run.get("tool").is_some()) {
        return false;
    }
    reading.saw("sarif");
    for value in runs {
        let run = Run::new(value);
        for item in value.get("results").and_then(Value::as_array).into_iter().flatten() {
            match serde_json::from_value::<Outcome>(item.clone()) {
                Ok(outcome) => {
                    if let Some(diagnostic) = run.diagnostic(&outcome, item) {
                        reading.push("sarif", diagnostic);
                    }
                }
                Err(error) => reading.skip(format!("a SARIF result: {error}")),
            }
        }
    }
    true
}

/// What the results of a run refer to.
struct Run<'a> {
    value: &'a Value,
    tool: String,
    unit: Unit,
}

impl<'a> Run<'a> {
    fn new(value: &'a Value) -> Self {
        let tool = value.pointer("/tool/driver/name").and_then(Value::as_str).unwrap_or("sarif");
        let unit = match (value.get("columnKind").and_then(Value::as_str), tool.split(' ').next().unwrap_or_default()) {
            (Some("utf16CodeUnits"), _) => Unit::Utf16,
            (Some("unicodeCodePoints"), _) => Unit::Char,
            // Those that say nothing count as their language does.
            (_, "golangci-lint" | "gosec" | "staticcheck" | "govulncheck" | "Semgrep" | "semgrep" | "zizmor") => Unit::Byte,
            (_, "ktlint" | "detekt" | "PMD" | "SpotBugs" | "ESLint") => Unit::Utf16,
            _ => Unit::Char,
        };
        // `Semgrep OSS`
        let tool = one_line(tool).to_lowercase();
        let tool = if tool.starts_with("semgrep ") { "semgrep".to_owned() } else { tool };
        Self { value, tool, unit }
    }

    fn diagnostic(&self, outcome: &Outcome, item: &Value) -> Option<Diagnostic> {
        let is_listed =
            |field: &str, values: &[&str]| item.get(field).and_then(Value::as_str).is_some_and(|value| values.contains(&value));
        let is_suppressed = outcome.suppressions.as_ref().is_some_and(|list| !list.is_empty());
        if is_suppressed
            || is_listed("kind", &["pass", "notApplicable", "informational"])
            || is_listed("baselineState", &["absent"])
        {
            return None;
        }
        let rule = self.rule(outcome, item);
        let id = outcome
            .rule_id
            .clone()
            .or_else(|| item.pointer("/rule/id")?.as_str().map(str::to_owned))
            .or_else(|| rule?.get("id")?.as_str().map(str::to_owned))
            .unwrap_or_else(|| "message".to_owned());
        // Some write the tool or the group before the rule, though elsewhere they do not.
        let id = match self.tool.as_str() {
            "biome" => id.rsplit('/').next().unwrap_or(&id).to_owned(),
            tool => id.strip_prefix(&format!("{tool}/")).map_or(id.clone(), str::to_owned),
        };
        let severity = self.severity(outcome, rule);
        let mut diagnostic = Diagnostic::new(self.tool.clone(), id, kind(rule), severity, &message(outcome, rule));
        let place = outcome.locations.iter().flatten().find_map(|location| location.physical_location.as_ref());
        if let Some(path) = place.and_then(|place| self.path(place.artifact_location.as_ref()?)) {
            let span = place.and_then(|place| place.region.as_ref()).and_then(|region| self.span(region));
            diagnostic = diagnostic.at(path, span);
        }
        for other in item.get("relatedLocations").and_then(Value::as_array).into_iter().flatten() {
            self.relate(other, &mut diagnostic);
        }
        let help = rule.and_then(|rule| rule.get("helpUri")).and_then(Value::as_str);
        diagnostic = diagnostic.explained_at(help.unwrap_or_default());
        for names in ["partialFingerprints", "fingerprints"] {
            for (name, value) in item.get(names).and_then(Value::as_object).into_iter().flatten() {
                diagnostic = diagnostic.known_by(name, value.as_str().unwrap_or_default());
            }
        }
        diagnostic.suggestions = outcome.fixes.iter().flatten().filter_map(|fix| self.suggestion(fix)).collect();
        Some(diagnostic)
    }

    /// Adds a related location of a result.
    fn relate(&self, other: &Value, diagnostic: &mut Diagnostic) {
        let Some(Ok(place)) =
            other.get("physicalLocation").map(|place| serde_json::from_value::<PhysicalLocation>(place.clone()))
        else {
            return;
        };
        let Some(path) = place.artifact_location.as_ref().and_then(|location| self.path(location)) else { return };
        let said = other.pointer("/message/text").and_then(Value::as_str).unwrap_or_default();
        diagnostic.relate(said, path, place.region.as_ref().and_then(|region| self.span(region)));
    }

    /// Returns the rule of a result: of the tool itself, or of the extension that the result names (CodeQL's packs).
    fn rule(&self, outcome: &Outcome, item: &Value) -> Option<&'a Value> {
        let at = |pointer: &str| item.pointer(pointer).and_then(Value::as_u64).and_then(|index| usize::try_from(index).ok());
        let extensions = || self.value.pointer("/tool/extensions")?.as_array();
        let component = match at("/rule/toolComponent/index") {
            Some(index) => extensions()?.get(index)?,
            None => self.value.pointer("/tool/driver")?,
        };
        let rules = |component: &'a Value| component.get("rules")?.as_array();
        let own = rules(component).and_then(|rules| rules.get(at("/rule/index").or_else(|| at("/ruleIndex"))?));
        let id = outcome.rule_id.as_deref().or_else(|| item.pointer("/rule/id")?.as_str());
        let is_it = |rule: &&Value| rule.get("id").and_then(Value::as_str).is_some_and(|own| Some(own) == id);
        own.or_else(|| {
            let all = std::iter::once(component).chain(extensions().into_iter().flatten());
            all.filter_map(rules).flatten().find(is_it)
        })
    }

    fn severity(&self, outcome: &Outcome, rule: Option<&Value>) -> Severity {
        let default = || rule?.pointer("/defaultConfiguration/level")?.as_str();
        match (outcome.level, default()) {
            (Some(ResultLevel::Error), _) | (None, Some("error")) => Severity::Error,
            (Some(ResultLevel::Note | ResultLevel::None), _) | (None, Some("note" | "none")) => Severity::Info,
            (Some(ResultLevel::Warning), _) | (None, _) => Severity::Warning,
        }
    }

    /// Returns the path that a location names: its URI, below the folder that it is relative to.
    fn path(&self, location: &ArtifactLocation) -> Option<String> {
        let by_index = || {
            let index = usize::try_from(location.index?).ok()?;
            self.value.get("artifacts")?.get(index)?.pointer("/location/uri")?.as_str()
        };
        let uri = location.uri.as_deref().or_else(by_index)?;
        if uri.starts_with("file:") || uri.starts_with('/') {
            return Some(path_of_uri(uri));
        }
        let mut path = percent_decoded(uri).into_owned();
        let mut base = location.uri_base_id.clone();
        // A base may be relative to another; a circle of them ends here.
        for _ in 0..8 {
            let Some(named) = base.and_then(|base| self.value.get("originalUriBaseIds")?.get(&base)) else { break };
            if let Some(uri) = named.get("uri").and_then(Value::as_str) {
                path = format!("{}/{path}", path_of_uri(uri).trim_end_matches('/'));
            }
            base = named.get("uriBaseId").and_then(Value::as_str).map(str::to_owned);
        }
        Some(path)
    }

    /// Returns the span of a region: lines and columns, or an offset in characters or bytes.
    fn span(&self, region: &Region) -> Option<Span> {
        let figure = |value: Option<i64>| value.and_then(|value| u32::try_from(value).ok());
        if let Some(line) = figure(region.start_line) {
            let column = figure(region.start_column).unwrap_or(1);
            let end_line = figure(region.end_line).unwrap_or(line);
            let start = Position::LineColumn { line, column, unit: self.unit };
            let end = match figure(region.end_column) {
                Some(column) => Position::LineColumn { line: end_line, column, unit: self.unit },
                None => Position::LineEnd { line: end_line },
            };
            return Some(Span { start, end });
        }
        let offset = |value: Option<i64>| value.and_then(|value| usize::try_from(value).ok());
        let (start, length, is_bytes) = match (offset(region.char_offset), offset(region.byte_offset)) {
            (Some(start), _) => (start, offset(region.char_length).unwrap_or(0), false),
            (None, Some(start)) => (start, offset(region.byte_length).unwrap_or(0), true),
            (None, None) => return None,
        };
        let position = |offset| match (is_bytes, self.unit) {
            (true, _) => Position::Byte(offset),
            (false, Unit::Utf16) => Position::Utf16(offset),
            (false, _) => Position::Chars(offset),
        };
        Some(Span { start: position(start), end: position(start.saturating_add(length)) })
    }

    fn suggestion(&self, fix: &Fix) -> Option<RawSuggestion> {
        let mut edits = Vec::new();
        for change in &fix.artifact_changes {
            let path = self.path(&change.artifact_location)?;
            for replacement in &change.replacements {
                let text = match &replacement.inserted_content {
                    Some(content) => content.text.clone()?,
                    None => String::new(),
                };
                edits.push((Some(path.clone()), self.span(&replacement.deleted_region)?, text));
            }
        }
        let message = fix.description.as_ref().and_then(|message| message.text.as_deref()).unwrap_or("apply the fix");
        (!edits.is_empty()).then(|| RawSuggestion { message: one_line(message), applicability: Applicability::Unsafe, edits })
    }
}

/// Returns the text of a result: its own, or that of its rule with the arguments filled in.
fn message(outcome: &Outcome, rule: Option<&Value>) -> String {
    let by_id = || {
        let strings = rule?.get("messageStrings")?;
        strings.get(outcome.message.id.as_deref()?)?.get("text")?.as_str()
    };
    let own = outcome.message.text.as_deref();
    let Some(text) = own.or_else(by_id).or_else(|| rule?.pointer("/shortDescription/text")?.as_str()) else {
        return outcome.rule_id.clone().unwrap_or_default();
    };
    let arguments = outcome.message.arguments.iter().flatten().take(10).enumerate();
    arguments
        .fold(text.to_owned(), |text, (index, argument)| text.replace(&format!("{{{index}}}"), crate::text::cut(argument, 500)))
}

fn kind(rule: Option<&Value>) -> FindingKind {
    let tags = || rule?.pointer("/properties/tags")?.as_array();
    let has_score = rule.is_some_and(|rule| rule.pointer("/properties/security-severity").is_some());
    let is_security = |tag: &Value| tag.as_str().is_some_and(|tag| tag.eq_ignore_ascii_case("security"));
    if has_score || tags().is_some_and(|tags| tags.iter().any(is_security)) {
        FindingKind::Security
    } else {
        FindingKind::Linting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// As CodeQL writes them: the rules are those of a pack, and a result names it.
    #[test]
    fn a_rule_of_an_extension_is_the_one_that_the_result_names() {
        let rule = |id: &str, level: &str| json!({"id": id, "helpUri": format!("https://x/{id}"), "defaultConfiguration": {"level": level}, "properties": {"tags": ["security"]}});
        let log = json!({"version": "2.1.0", "runs": [{
            "tool": {"driver": {"name": "CodeQL", "rules": [{"id": "cpp/other"}]}, "extensions": [{"name": "none"}, {"name": "pack", "rules": [rule("js/a", "note"), rule("js/b", "error")]}]},
            "results": [
                {"ruleId": "js/b", "rule": {"id": "js/b", "index": 1, "toolComponent": {"index": 1}}, "message": {"text": "m"},
                 "partialFingerprints": {"primaryLocationLineHash": "9d0b:1"}},
                {"rule": {"id": "js/a", "toolComponent": {"index": 1}}, "message": {"text": "m"}},
                {"ruleId": "js/a", "message": {"text": "m"}},
            ],
        }]});
        let mut reading = Reading::new(None);
        assert!(document(&log, &mut reading));
        let told: Vec<_> = reading.report.diagnostics.iter().map(|one| (one.rule.as_str(), one.severity, one.kind)).collect();
        let security = FindingKind::Security;
        assert_eq!(
            told,
            [("js/b", Severity::Error, security), ("js/a", Severity::Info, security), ("js/a", Severity::Info, security)]
        );
        let first = &reading.report.diagnostics[0];
        assert_eq!(first.help.as_deref(), Some("https://x/js/b"));
        assert_eq!(first.fingerprints, [("primaryLocationLineHash".to_owned(), "9d0b:1".to_owned())]);
    }

    #[test]
    fn places_are_read_in_all_their_forms() {
        let fix = |region: Value| json!({"artifactChanges": [{"artifactLocation": {"uri": "a%20b.js", "uriBaseId": "SRC"}, "replacements": [{"deletedRegion": region}]}]});
        let log = json!({"version": "2.1.0", "runs": [{
            "tool": {"driver": {"name": "Tool", "rules": [{"id": "R1", "messageStrings": {"m": {"text": "no {0} here"}}, "properties": {"tags": ["security"]}, "defaultConfiguration": {"level": "error"}}]}},
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": {"SRC": {"uri": "sub/", "uriBaseId": "ROOT"}, "ROOT": {"uri": "file:///repo/"}},
            "results": [
                {"ruleIndex": 0, "message": {"id": "m", "arguments": ["x"]}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file:///repo/c.js"}, "region": {"startLine": 2}}}],
                 "fixes": [fix(json!({"charOffset": 3, "charLength": 2})), fix(json!({"byteOffset": 4, "byteLength": 0})), fix(json!({"startLine": 1, "startColumn": 2, "endColumn": 5}))]},
                {"ruleId": "R1", "message": {"text": "accepted"}, "suppressions": [{"kind": "inSource"}]},
                {"ruleId": "R1", "message": {"text": "fine"}, "kind": "pass"},
                {"ruleId": "R1", "message": 3},
            ],
        }]});
        let mut reading = Reading::new(None);
        assert!(document(&log, &mut reading));
        let [found] = &reading.report.diagnostics[..] else { panic!("{:?}", reading.report) };
        assert_eq!((found.tool.as_str(), found.rule.as_str(), found.message.as_str()), ("tool", "R1", "no x here"));
        assert_eq!((found.severity, found.kind), (Severity::Error, FindingKind::Security));
        let start = Position::LineColumn { line: 2, column: 1, unit: Unit::Utf16 };
        assert_eq!(
            (found.path.as_deref(), found.span),
            (Some("/repo/c.js"), Some(Span { start, end: Position::LineEnd { line: 2 } }))
        );
        let edits: Vec<_> = found.suggestions.iter().flat_map(|suggestion| &suggestion.edits).collect();
        assert!(edits.iter().all(|(path, _, text)| path.as_deref() == Some("/repo/sub/a b.js") && text.is_empty()));
        let spans: Vec<Span> = edits.iter().map(|(_, span, _)| *span).collect();
        assert_eq!(
            spans,
            [
                Span { start: Position::Utf16(3), end: Position::Utf16(5) },
                Span { start: Position::Byte(4), end: Position::Byte(4) },
                Span::lines((1, 2), (1, 5), Unit::Utf16),
            ]
        );
        assert_eq!(reading.report.skipped.len(), 1, "the odd one is named, and costs no other");
    }
}
