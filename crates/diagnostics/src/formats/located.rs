//! Tools that write one line a message, `path:line:column: text`: told apart by how the text begins.

use domain::{FindingKind, Severity};

use super::{mypy, pylint, ruff};
use crate::reading::{Reading, number};
use crate::text::{is_path, pattern};
use crate::{Diagnostic, Span, Unit};

pattern! {
    FLAKE8 = r"^(.+?):(\d+):(\d+): ([A-Z]{1,6}\d{2,5}|invalid-syntax|SyntaxError)(:?)( \[\*\])? (.*)$";
    // pylint's `parseable` and `msvs`, which others write as `pylint`: the code, and pylint's own name for it.
    PARSEABLE = r"^(.+?)[:(](\d+)\)?: \[([A-Z]{1,6}\d{2,5})(?:\(([a-z0-9-]+)\).*?)?\] (.*)$";
    PYFLAKES = r"^(.+?\.pyi?):(\d+):(\d+):? (.*)$";
}

/// Reads all lines of that form, but for compilers of C and for Go, whose messages go on over lines.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for (index, line) in lines.iter().enumerate() {
        // Cheap: none of these tools indents, and every one of their lines has a colon before a figure. What
        // begins with two is a workflow command, which may repeat such a line.
        if !line.contains(':') || line.starts_with(char::is_whitespace) || line.starts_with("::") {
            continue;
        }
        let next = lines.get(index + 1).copied().unwrap_or("");
        let _ = pylint::line(line, reading)
            || mypy::line(line, reading)
            || flake8(line, reading)
            || parseable(line, reading)
            || pyflakes(line, next, reading);
    }
}

/// flake8, pycodestyle, and ruff's `concise`.
fn flake8(line: &str, reading: &mut Reading<'_>) -> bool {
    let is_of_python = |path: &str| ![".go", ".rb", ".js", ".ts", ".md", ".rst"].iter().any(|end| path.ends_with(end));
    let Some(found) = FLAKE8.captures(line).filter(|found| is_of_python(&found[1]) && is_path(&found[1])) else { return false };
    let is_ruff = reading.is_tool("ruff") || found.get(6).is_some() || matches!(&found[4], "invalid-syntax" | "SyntaxError");
    let tool = match (is_ruff, reading.tool) {
        (true, _) => "ruff",
        (false, Some(tool)) => tool,
        (false, None) => "flake8",
    };
    let rule = match &found[4] {
        // As older versions of flake8 and ruff name it.
        "E999" | "SyntaxError" => "syntax-error",
        code => ruff::rule(code),
    };
    let severity = if rule.starts_with(['W', 'C']) && !is_ruff { Severity::Warning } else { Severity::Error };
    let diagnostic = Diagnostic::new(tool, rule, ruff::kind(rule), severity, &found[7]);
    let unit = if is_ruff || found[7].contains('`') || counts_characters(rule) { Unit::Char } else { Unit::Byte };
    let span = Span::point(number(&found[2]).max(1), number(&found[3]).max(1), unit);
    reading.push("flake8 text", diagnostic.at(&found[1], span));
    true
}

/// Says whether a check of flake8 looks at the text of a line, as pycodestyle does; all others stand on Python's syntax tree, whose columns
/// are bytes. ruff, which quotes with backticks, counts characters everywhere.
fn counts_characters(rule: &str) -> bool {
    rule == "syntax-error" || rule.starts_with(['E', 'W', 'Q'])
}

/// The form that pylint calls parseable: without columns.
fn parseable(line: &str, reading: &mut Reading<'_>) -> bool {
    let Some(found) = PARSEABLE.captures(line).filter(|found| is_path(&found[1])) else { return false };
    let span = Span::line(number(&found[2]).max(1));
    let diagnostic = match found.get(4) {
        Some(symbol) => pylint::named(symbol.as_str(), &found[3], &found[5]),
        None => {
            let rule = ruff::rule(&found[3]);
            let tool = if found[5].contains('`') { "ruff" } else { reading.tool.unwrap_or("flake8") };
            Diagnostic::new(tool, rule, ruff::kind(rule), Severity::Error, &found[5])
        }
    };
    reading.push("pylint text", diagnostic.at(&found[1], span));
    true
}

pattern! {
    PYFLAKES_TEXT = concat!(
        r"^(?:'.*' imported but unused|local variable '.*' is assigned to but never used|undefined name '.*'|redefinition of ",
        r"|f-string is missing placeholders|import '.*' from line|'.*' (?:is|may be) |unable to detect undefined names",
        r"|from .* import \*|dictionary key .* repeated|raise NotImplemented|local variable .* referenced before",
        r"|use ==/!= to compare|assertion is always true|'return' |'continue' |'break' |'\.\.\.' ",
        r"|syntax error|invalid syntax|duplicate argument|unexpected indent|expected an indented block|unindent does not match)",
    );
}

/// pyflakes, whose messages have no code: known by their words.
fn pyflakes(line: &str, next: &str, reading: &mut Reading<'_>) -> bool {
    let Some(found) = PYFLAKES.captures(line).filter(|found| reading.is_tool("pyflakes") || PYFLAKES_TEXT.is_match(&found[4]))
    else {
        return false;
    };
    let is_syntax = next.starts_with(|c: char| !c.is_whitespace()) && !PYFLAKES.is_match(next) && !found[4].contains('\'');
    let rule = if is_syntax || found[4].contains("syntax") { "syntax-error" } else { pyflakes_rule(&found[4]) };
    let unit = if rule == "syntax-error" { Unit::Char } else { Unit::Byte };
    let span = Span::point(number(&found[2]).max(1), number(&found[3]).max(1), unit);
    reading.push(
        "pyflakes text",
        Diagnostic::new("pyflakes", rule, FindingKind::Linting, Severity::Error, &found[4]).at(&found[1], span),
    );
    true
}

/// Returns flake8's code for what pyflakes says: the same check under the name that fixers know.
fn pyflakes_rule(message: &str) -> &'static str {
    match message {
        message if message.ends_with("imported but unused") => "F401",
        message if message.ends_with("is assigned to but never used") => "F841",
        message if message.starts_with("undefined name") => "F821",
        message if message.starts_with("redefinition of") => "F811",
        message if message.starts_with("f-string is missing") => "F541",
        _ => "message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parseable_form_of_pylint_is_read_of_whoever_writes_it() {
        let mut reading = Reading::new(None);
        text(
            &[
                "app.py:6: [F841] Local variable `s` is assigned to but never used",
                "m.py:1: [W0611(unused-import), ] Unused import os",
                "tool/run.py(11): [E1101(no-member)Runner.go] Instance of 'Runner' has no 'missing' member",
            ],
            &mut reading,
        );
        let told: Vec<_> =
            reading.report.diagnostics.iter().map(|one| (&*one.tool, &*one.rule, one.severity, &*one.message)).collect();
        assert_eq!(
            told,
            [
                ("ruff", "F841", Severity::Error, "Local variable `s` is assigned to but never used"),
                ("pylint", "unused-import", Severity::Warning, "Unused import os"),
                ("pylint", "no-member", Severity::Error, "Instance of 'Runner' has no 'missing' member"),
            ]
        );
    }

    /// ruff 0.9.
    #[test]
    fn what_does_not_parse_is_named_by_older_versions_too() {
        let mut reading = Reading::new(None);
        text(&["broken.py:1:7: SyntaxError: Expected a parameter or the end of the parameter list"], &mut reading);
        let found = &reading.report.diagnostics[0];
        assert_eq!(
            (found.tool.as_str(), found.rule.as_str(), found.path.as_deref()),
            ("ruff", "syntax-error", Some("broken.py"))
        );
    }
}
