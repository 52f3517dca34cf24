//! Formatters that name the files which they would write differently: one diagnostic a file, or a place where they name places.

use domain::{FindingKind, Severity};

use crate::reading::Reading;
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

pattern! {
    BLACK = r"^would reformat (.+)$";
    RUFF = r"^Would reformat: (.+)$";
    BROKEN = r"^error: cannot (?:format|parse):? (.+?)(?::(\d+):(\d+)|: (.*))$";
    // Black's own place stands in its words.
    CANNOT_PARSE = r"^Cannot parse(?: for target version [^:]+)?: (\d+):(\d+): ";
    ISORT = r"^ERROR: (.+?) Imports are incorrectly sorted and/or formatted\.$";
    // A path without an extension (`.prettierrc`) has no space; a sentence ends with a full stop.
    PRETTIER = r"^\[warn\] (\S+[^.\s]|\S.*\.\w+)$";
    PRETTIER_ERROR = r"^\[error\] (.+?): (SyntaxError: .*?) ?\((\d+):(\d+)\)$";
    RUSTFMT = r"^Diff in (.+?)(?: at line |:)(\d+):?$";
    CLANG_FORMAT = r"^(.+?):(\d+):(\d+): (?:error|warning): code should be clang-formatted \[-Wclang-format-violations\]$";
    BARE_PATH = r"^[^\s:'\x22<>|*?]+\.\w+$";
    GO_SYNTAX = r"^(.+?\.go):(\d+):(\d+): (.*)$";
}

/// What prettier 1 ends its list of bare paths with, and how long a list is looked for.
const LISTED_ABOVE: &str = "Code style issues found in the above file(s).";
const MOST_LISTED: usize = 1_000;

/// Reads all lines that name a file to be formatted.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    // Only where nothing else can be meant by a bare path: the tool is known to list them.
    let lister = reading.tool.filter(|tool| matches!(*tool, "gofmt" | "goimports" | "shfmt" | "prettier"));
    for (index, line) in lines.iter().enumerate() {
        if line.starts_with(LISTED_ABOVE) {
            let listed = lines.get(..index).unwrap_or_default().iter().rev().take(MOST_LISTED);
            let listed: Vec<&&str> = listed.take_while(|line| **line != "Checking formatting...").collect();
            for path in listed.into_iter().rev().filter(|line| BARE_PATH.is_match(line)) {
                push(reading, "prettier", (*path).to_owned(), None);
            }
            continue;
        }
        let named = [
            ("black", &*BLACK),
            ("ruff-format", &*RUFF),
            ("isort", &*ISORT),
            ("rustfmt", &*RUSTFMT),
            ("clang-format", &*CLANG_FORMAT),
        ];
        let found = named.into_iter().find_map(|(tool, pattern)| pattern.captures(line).map(|found| (tool, found)));
        if let Some((tool, found)) = found {
            let figure = |group: usize| found.get(group).map(|figure| crate::reading::number(figure.as_str()).max(1));
            push(reading, tool, found[1].to_owned(), figure(2).map(|line| (line, figure(3).unwrap_or(1))));
        } else if let Some(found) = PRETTIER_ERROR.captures(line) {
            broken(reading, "prettier", &found[1], &found[2], Some((&found[3], &found[4])));
        } else if let Some(found) = BROKEN.captures(line).filter(|found| found[1].ends_with(".py") || found[1].ends_with(".pyi"))
        {
            let message = found.get(4).map_or("cannot parse", |message| message.as_str());
            let told = CANNOT_PARSE.captures(message);
            let told = told.as_ref().map(|told| (told.get(1), told.get(2)));
            let place = told.or(Some((found.get(2), found.get(3)))).and_then(|(line, column)| line.zip(column));
            broken(reading, "black", &found[1], message, place.map(|(line, column)| (line.as_str(), column.as_str())));
        } else if let Some(found) = PRETTIER.captures(line).filter(|_| !line.contains("Code style")) {
            push(reading, "prettier", found[1].to_owned(), None);
        } else if let Some(tool) = lister.filter(|_| BARE_PATH.is_match(line)) {
            let tool = match tool {
                "prettier" => "prettier",
                "shfmt" => "shfmt",
                _ => "gofmt",
            };
            push(reading, tool, (*line).to_owned(), None);
        } else if let Some(found) = lister.and_then(|_| GO_SYNTAX.captures(line)) {
            broken(reading, "gofmt", &found[1], &found[4], Some((&found[2], &found[3])));
        }
    }
}

fn push(reading: &mut Reading<'_>, tool: &'static str, path: String, place: Option<(u32, u32)>) {
    let span = place.map(|(line, column)| Span::point(line, column, Unit::Char));
    let known =
        |other: &Diagnostic| other.kind == FindingKind::Formatting && other.path.as_ref() == Some(&path) && other.span == span;
    // A file may be named again, and near.
    if reading.report.diagnostics.iter().rev().take(50).any(known) {
        return;
    }
    let diagnostic = Diagnostic::new(tool, tool, FindingKind::Formatting, Severity::Error, "would be reformatted");
    reading.push(tool, diagnostic.at(path, span));
}

/// Adds what a formatter could not read.
fn broken(reading: &mut Reading<'_>, tool: &'static str, path: &str, message: &str, place: Option<(&str, &str)>) {
    let number = crate::reading::number;
    let span = place.map(|(line, column)| Span::point(number(line).max(1), number(column).max(1), Unit::Char));
    let diagnostic = Diagnostic::new(tool, "syntax-error", FindingKind::BuildError, Severity::Error, message);
    reading.push(tool, diagnostic.at(path, span));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// prettier 1.19, beside another program.
    #[test]
    fn prettier_1_lists_bare_paths_between_two_sentences() {
        let lines = [
            "other.css",
            "Checking formatting...",
            "[10:00:01] Starting 'build'...",
            "src/x.css",
            "Code style issues found in the above file(s). Forgot to run Prettier?",
        ];
        let mut reading = Reading::new(None);
        text(&lines, &mut reading);
        let paths: Vec<_> = reading.report.diagnostics.iter().filter_map(|found| found.path.as_deref()).collect();
        assert_eq!(paths, ["src/x.css"]);
    }

    #[test]
    fn prettier_names_files_with_and_without_an_extension() {
        let mut reading = Reading::new(Some("prettier"));
        let lines = ["[warn] .prettierrc", "[warn] src/a b.js", "[warn] jsxBracketSameLine is deprecated."];
        text(
            &[&lines[..], &["[warn] Code style issues found in 2 files. Run Prettier with --write to fix."]].concat(),
            &mut reading,
        );
        let paths: Vec<_> = reading.report.diagnostics.iter().filter_map(|found| found.path.as_deref()).collect();
        assert_eq!(paths, [".prettierrc", "src/a b.js"]);
    }
}
