//! Text in the style of rustc: a headline, an arrow to the place, an excerpt. rustc and clippy without JSON, and ruff.

use domain::{FindingKind, Severity};

use super::{cargo, ruff};
use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

pattern! {
    RUSTC = r"^(error|warning)(?:\[([A-Za-z0-9_:]+)\])?: (.+)$";
    RUFF = r"^([A-Z]{1,6}\d{3,4}|invalid-syntax|unformatted)(?: \[\*\])?:? (.+)$";
    ARROW = r"^\s*--> (.+?):(\d+):(\d+)$";
    LINT = r"(?:#\[(?:warn|deny|forbid)\(|`-[DWF] )((?:clippy::)?[a-z0-9_:-]+)";
}

/// How many lines after a headline its arrow is looked for: a headline may go on over lines.
const NEAR: usize = 8;

/// Reads all messages of that style.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for (index, line) in lines.iter().enumerate() {
        let rest = lines.get(index + 1..).unwrap_or(&[]);
        if let Some(found) = RUSTC.captures(line).filter(|_| !reading.has_seen("cargo json")) {
            let Some((path, span)) = arrow(rest) else { continue };
            let severity = if &found[1] == "error" { Severity::Error } else { Severity::Warning };
            let code = found.get(2).map(|code| code.as_str().to_owned()).or_else(|| lint(rest));
            let code = code.as_deref();
            let tool = if code.is_some_and(|code| code.starts_with("clippy::")) { "clippy" } else { "rustc" };
            let rule = code.unwrap_or(cargo::general_rule(severity));
            let diagnostic = Diagnostic::new(tool, rule, cargo::kind(code, severity), severity, &found[3]);
            reading.push("rustc text", diagnostic.at(path, span));
        } else if let Some(found) = RUFF.captures(line).filter(|_| !reading.has_seen("ruff json")) {
            let Some((path, span)) = arrow(rest) else { continue };
            let rule = ruff::rule(&found[1]);
            let diagnostic = if rule == "unformatted" {
                Diagnostic::new("ruff-format", "ruff-format", FindingKind::Formatting, Severity::Error, &found[2]).at(path, None)
            } else {
                Diagnostic::new("ruff", rule, ruff::kind(rule), Severity::Error, &found[2]).at(path, span)
            };
            reading.push("ruff text", diagnostic);
        }
    }
}

/// Returns the place that the arrow below a headline names. Another headline or an empty line ends the search.
fn arrow<'a>(rest: &[&'a str]) -> Option<(&'a str, Span)> {
    for line in rest.iter().take(NEAR) {
        if let Some(found) = ARROW.captures(line) {
            let path = found.get(1)?.as_str();
            return Some((path, Span::point(number(&found[2]), number(&found[3]), Unit::Char)));
        }
        if line.is_empty() || RUSTC.is_match(line) {
            return None;
        }
    }
    None
}

/// Returns the lint that the notes below a headline name.
fn lint(rest: &[&str]) -> Option<String> {
    let notes = rest.iter().take(200).take_while(|line| !line.is_empty()).filter(|line| line.trim_start().starts_with("= note"));
    let named: Vec<_> = notes.filter_map(|line| LINT.captures(line)).map(|found| found[1].replace('-', "_")).collect();
    named.into_iter().next()
}
