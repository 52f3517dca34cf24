//! Checkstyle's XML, which linters of many languages can write. It is two kinds of element deep, so patterns read it, and what is
//! truncated is read as far as it goes.

use domain::{FindingKind, Severity};
use regex::Captures;

use crate::reading::{Reading, number};
use crate::text::{find, pattern};
use crate::{Diagnostic, Span, Unit};

pattern! {
    ELEMENT = r#"<(file|error)((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*/?>"#;
    ATTRIBUTE = r#"([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')"#;
    ENTITY = r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));";
}

/// Reads all reports that stand in a text, and returns the text around them.
pub(crate) fn xml(text: String, reading: &mut Reading<'_>) -> String {
    without(text, ("<checkstyle", "</checkstyle>"), "a Checkstyle report breaks off", reading, elements)
}

/// Hands each report between two tags to `read`, and returns the text around them. One without an end is read as far as it goes, and
/// the loss is noted.
pub(super) fn without(
    text: String,
    (opens, closes): (&str, &str),
    loss: &'static str,
    reading: &mut Reading<'_>,
    read: fn(&str, &mut Reading<'_>),
) -> String {
    let mut rest = String::new();
    let mut left = text.as_str();
    while let Some((before, report, after)) = next(left, opens, closes, loss, reading) {
        rest.push_str(before);
        rest.push('\n');
        read(report, reading);
        left = after;
    }
    if rest.is_empty() {
        return text;
    }
    rest.push_str(left);
    rest
}

/// Returns the text before a report, the report, and what follows it.
fn next<'a>(
    text: &'a str,
    opens: &str,
    closes: &str,
    loss: &'static str,
    reading: &mut Reading<'_>,
) -> Option<(&'a str, &'a str, &'a str)> {
    let open = find(text, opens)?;
    let declared = text.get(..open)?.rfind("<?xml").filter(|at| text.get(*at..open).is_some_and(|between| between.len() < 200));
    let start = declared.unwrap_or(open);
    let (before, report) = text.split_at_checked(start)?;
    let end = match report.find(closes) {
        Some(at) => at + closes.len(),
        // Nothing was found, and the element is empty.
        None if report.lines().next().is_some_and(|line| line.trim_end().ends_with("/>")) => report.find("/>")? + 2,
        None => {
            reading.skip(loss);
            report.len()
        }
    };
    let (report, after) = report.split_at_checked(end)?;
    Some((before, report, after))
}

fn elements(report: &str, reading: &mut Reading<'_>) {
    reading.saw("checkstyle xml");
    let mut path = String::new();
    for element in ELEMENT.captures_iter(report) {
        let attribute = |name: &str| attribute(&element[2], name);
        if &element[1] == "file" {
            path = attribute("name").unwrap_or_default();
            continue;
        }
        let source = attribute("source").unwrap_or_default();
        let (tool, rule) = named(&source, reading.tool);
        let severity = match attribute("severity").as_deref() {
            Some("warning") => Severity::Warning,
            Some("info" | "ignore") => Severity::Info,
            _ => Severity::Error,
        };
        let message = attribute("message").unwrap_or_default();
        let line = number(&attribute("line").unwrap_or_default());
        let column = number(&attribute("column").unwrap_or_default()).max(1);
        let place = (line > 0).then(|| Span::point(line, column, Unit::Char));
        let diagnostic = Diagnostic::new(tool, rule, FindingKind::Linting, severity, &message);
        reading.push("checkstyle xml", if path.is_empty() { diagnostic } else { diagnostic.at(&path, place) });
    }
}

/// Returns what an attribute of an element says.
pub(super) fn attribute(attributes: &str, name: &str) -> Option<String> {
    let found = ATTRIBUTE.captures_iter(attributes).find(|found| &found[1] == name)?;
    found.get(2).or(found.get(3)).map(|value| unescaped(value.as_str()))
}

/// Returns the tool and the rule of a source: `ShellCheck.SC2086`, `com.puppycrawl.tools.checkstyle.checks.…​.UnusedImportsCheck`,
/// `eslint.rules.semi`.
fn named(source: &str, tool: Option<&str>) -> (String, String) {
    let rule = source.rsplit('.').next().unwrap_or(source);
    let by_source = match source {
        source if source.starts_with("com.puppycrawl.") => "checkstyle".to_owned(),
        // PHP's sniffs: the standard, a category, the sniff, the message.
        source if source.matches('.').count() == 3 => return (tool.unwrap_or("phpcs").to_owned(), source.to_owned()),
        source => source.split_once('.').map_or("checkstyle".to_owned(), |(tool, _)| tool.to_ascii_lowercase()),
    };
    let rule = if rule.is_empty() { "message" } else { rule };
    (tool.map_or(by_source, str::to_owned), rule.strip_suffix("Check").filter(|rule| !rule.is_empty()).unwrap_or(rule).to_owned())
}

/// Returns what a text with entities stands for.
pub(crate) fn unescaped(text: &str) -> String {
    let replaced = ENTITY.replace_all(text, |found: &Captures<'_>| {
        let code = found.get(1).and_then(|code| code.as_str().parse().ok());
        let code = code.or_else(|| u32::from_str_radix(found.get(2)?.as_str(), 16).ok());
        let named = found.get(3).map(|name| match name.as_str() {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => '\'',
        });
        named.or_else(|| char::from_u32(code?)).map_or(String::new(), String::from)
    });
    replaced.into_owned()
}
