//! Text in the style of rustc: a headline, an arrow to the place, an excerpt. rustc and clippy without JSON, ruff, ty, pyrefly, zizmor,
//! cargo-deny, typos and rolldown (Vite), each with its own headline and its own arrow.

use domain::{FindingKind, Severity};

use super::{cargo, ruff};
use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

pattern! {
    RUSTC = r"^(error|warning|info|help|note)(?:\[([A-Za-z0-9_:-]+)\])?: (.+)$";
    PYREFLY = r"^\s*(ERROR|WARN|INFO) (.+) \[([a-z][a-z-]+)\]$";
    ROLLDOWN = r"^\[([A-Z][A-Z_]+)\] (.+)$";
    RUFF = r"^([A-Z]{1,6}\d{3,4}|invalid-syntax|unformatted)(?: \[\*\])?:? (.+)$";
    ARROW = r"^\s*(?:-->|╭▸|┌─|╭─\[|,-\[) ?(.+?):(\d+):(\d+)(?: ?\])?$";
    LINT = r"(?:#\[(?:warn|deny|forbid)\(|`-[DWF] )((?:clippy::)?[a-z0-9_:-]+)";
    PAGE = r"= help: .* https://rust-lang\.github\.io/rust-clippy/\S*#([a-z0-9_]+)$";
}

/// How many lines after a headline its arrow is looked for: a headline may go on over lines.
const NEAR: usize = 8;

/// Reads all messages of that style.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for (index, line) in lines.iter().enumerate() {
        let rest = lines.get(index + 1..).unwrap_or(&[]);
        if let Some(found) = RUSTC.captures(line).filter(|_| !reading.has_seen("cargo json")) {
            let Some((path, span)) = arrow(rest) else { continue };
            let code = found.get(2).map(|code| code.as_str().to_owned()).or_else(|| lint(rest));
            if let Some(diagnostic) = rustc_like(&found[1], code.as_deref(), &found[3], path) {
                let format = if matches!(diagnostic.tool.as_str(), "rustc" | "clippy") { "rustc text" } else { "annotated text" };
                reading.push(format, diagnostic.at(path, span));
            }
        } else if let Some(found) = PYREFLY.captures(line) {
            let Some((path, span)) = arrow(rest) else { continue };
            let kind = if &found[3] == "missing-import" { FindingKind::ImportError } else { FindingKind::TypeChecking };
            reading
                .push("pyrefly text", Diagnostic::new("pyrefly", &found[3], kind, severity(&found[1]), &found[2]).at(path, span));
        } else if let Some(found) = ROLLDOWN.captures(line) {
            let Some((path, span)) = arrow(rest) else { continue };
            let kind = if &found[1] == "UNRESOLVED_IMPORT" { FindingKind::ImportError } else { FindingKind::BuildError };
            reading
                .push("rolldown text", Diagnostic::new("rolldown", &found[1], kind, Severity::Error, &found[2]).at(path, span));
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

/// Returns a message with rustc's kind of headline as that of the tool which it is of: the file tells. A note alone is none of rustc's.
fn rustc_like(level: &str, code: Option<&str>, message: &str, path: &str) -> Option<Diagnostic> {
    let severity = severity(level);
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    if message.contains("` should be `") && code.is_none() {
        return Some(Diagnostic::new("typos", "typo", FindingKind::Linting, severity, message));
    }
    match (extension, code) {
        ("py" | "pyi", Some(code)) => {
            let is_name = matches!(code, "unresolved-import" | "unresolved-reference");
            let kind = if is_name { FindingKind::ImportError } else { FindingKind::TypeChecking };
            Some(Diagnostic::new("ty", code, kind, severity, message))
        }
        ("yml" | "yaml", Some(code)) => Some(Diagnostic::new("zizmor", code, FindingKind::Security, severity, message)),
        ("toml" | "lock", Some(code)) => {
            Some(Diagnostic::new("cargo-deny", code, FindingKind::DependencyIssue, severity, message))
        }
        _ if !matches!(level, "error" | "warning") => None,
        _ => {
            let tool = if code.is_some_and(|code| code.starts_with("clippy::")) { "clippy" } else { "rustc" };
            Some(Diagnostic::new(
                tool,
                code.unwrap_or(cargo::general_rule(severity)),
                cargo::kind(code, severity),
                severity,
                message,
            ))
        }
    }
}

fn severity(level: &str) -> Severity {
    match level {
        "error" | "ERROR" => Severity::Error,
        "warning" | "WARN" => Severity::Warning,
        _ => Severity::Info,
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

/// Returns the lint that the lines below a headline name: in a note, which stands below the first message of a lint alone, or by its page.
fn lint(rest: &[&str]) -> Option<String> {
    let notes = rest.iter().take(200).take_while(|line| !line.is_empty()).filter(|line| line.trim_start().starts_with("= "));
    let mut page = None;
    for line in notes {
        if let Some(found) = LINT.captures(line).filter(|_| line.trim_start().starts_with("= note")) {
            return Some(found[1].replace('-', "_"));
        }
        page = page.or_else(|| PAGE.captures(line).map(|found| format!("clippy::{}", &found[1])));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lint_is_named_by_its_page_where_no_note_names_it() {
        let message = |column: u32, note: &str| {
            let page = "  = help: for further information visit https://rust-lang.github.io/rust-clippy/rust-1.95.0/index.html#len_zero\n";
            format!("warning: length comparison to zero\n --> src/lib.rs:1:{column}\n  |\n1 | x\n  | ^\n  |\n{page}{note}\n")
        };
        let text = message(3, "  = note: `#[warn(clippy::len_zero)]` on by default\n") + &message(9, "");
        let mut reading = Reading::new(None);
        super::text(&text.lines().collect::<Vec<_>>(), &mut reading);
        let rules: Vec<&str> = reading.report.diagnostics.iter().map(|one| one.rule.as_str()).collect();
        assert_eq!(rules, ["clippy::len_zero", "clippy::len_zero"]);
    }
}
