//! Errors of Node, wherever they appear: a script that stops, or the report of a test runner.
//!
//! Kept are those that a fixer may mend: a module that cannot be found, a name that is not defined, text that does not parse. Any
//! other error is one only where no test reported it.

use domain::{FindingKind, Severity};

use crate::reading::{Reading, number};
use crate::text::{path_of_uri, pattern};
use crate::{Diagnostic, Span, Unit};

pattern! {
    ERROR = r"^\W*(?:Uncaught |Exception during run: )?(?:(\w*Error)(?: \[(\w+)\])?: (.+)|(Cannot find module '.+' from '.+'))$";
    FRAME = r"^\W*(?:at |❯ |› )?(?:.*\()?((?:file://)?[^\s():]+):(\d+):(\d+)\)?(?: \{)?$";
    CODE_FRAME = r"^((?:file://)?/[^\s:]+|[\w./-]+\.[cm]?[jt]sx?):(\d+)$";
    REQUIRE_STACK = r"^[\s#]*- (/\S+)$";
    IMPORTED_FROM = r"^(Cannot find (?:module|package) '.+?') imported from (\S+?)$";
    FROM = r"^(Cannot find module '.+?') from '(.+?)'$";
    YAML_ERROR = r"^\s+error: ['\x22]?(.+?)['\x22]?$";
    YAML_NAME = r"^\s+name: '(\w*Error)'$";
}

/// How many lines after an error its frames are looked for.
const NEAR: usize = 40;

/// Reads all errors.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    let in_tests = reading.report.tests.framework.is_some();
    for (index, line) in lines.iter().enumerate() {
        if !line.contains("rror") && !line.contains("Cannot find module") {
            continue;
        }
        let after = lines.iter().skip(index + 1).take(NEAR).copied().collect::<Vec<_>>();
        if let Some(found) = ERROR.captures(line) {
            let name = found.get(1).map_or("Error", |name| name.as_str());
            let code = found.get(2).map(|code| code.as_str());
            let message = found.get(3).or(found.get(4)).map_or("", |message| message.as_str());
            let before = lines.get(index.saturating_sub(6)..index).unwrap_or(&[]);
            error(name, code, message, before, &after, in_tests, reading);
        } else if let Some(found) = YAML_ERROR.captures(line) {
            // TAP: the error and its name are entries of a block that ends with `...`.
            let block: Vec<&str> = after.into_iter().take_while(|line| line.trim() != "...").collect();
            if let Some(name) = block.iter().find_map(|line| YAML_NAME.captures(line)) {
                error(&name[1], None, &found[1], &[], &block, in_tests, reading);
            }
        }
    }
}

fn error(
    name: &str,
    code: Option<&str>,
    message: &str,
    before: &[&str],
    after: &[&str],
    in_tests: bool,
    reading: &mut Reading<'_>,
) {
    let Some((rule, kind)) = classify(name, code, message) else {
        // Not one that a fixer knows. It is worth a finding if it is what stopped the script.
        let frame = frames(after).next();
        if let Some((path, span)) = frame.filter(|_| !in_tests && ends_the_process(after)) {
            let diagnostic = Diagnostic::new("node", name, FindingKind::BuildError, Severity::Error, message);
            reading.push("node error", diagnostic.at(path, span));
        }
        return;
    };
    let (message, importer) = match IMPORTED_FROM.captures(message).or_else(|| FROM.captures(message)) {
        Some(found) => (found[1].to_owned(), Some(path_of_uri(found[2].trim_matches(['\'', '"'])))),
        None => (message.to_owned(), None),
    };
    let place = if rule == "SyntaxError" { code_frame(before) } else { None };
    // A frame may name the file from the root of the project.
    let is_importer = |path: &str| importer.as_ref().is_none_or(|known| path.ends_with(known.as_str()) || known.ends_with(path));
    let place = place.or_else(|| frames(after).find(|(path, _)| is_importer(path)));
    let place =
        place.map(|(path, span)| (path, Some(span))).or_else(|| importer.or_else(|| requirer(after)).map(|path| (path, None)));
    let place = place.or_else(|| code_frame(before).map(|(path, span)| (path, Some(span))));
    // Words like these also stand in prose; only what names a place is a finding.
    if let Some((path, span)) = place {
        reading.push("node error", Diagnostic::new("node", rule, kind, Severity::Error, &message).at(path, span));
    }
}

/// Returns the rule and kind of an error that a fixer may mend.
fn classify(name: &str, code: Option<&str>, message: &str) -> Option<(&'static str, FindingKind)> {
    match (name, code) {
        (_, Some("ERR_MODULE_NOT_FOUND")) => Some(("ERR_MODULE_NOT_FOUND", FindingKind::ImportError)),
        ("ReferenceError", _) if message.ends_with("is not defined") => Some(("ReferenceError", FindingKind::ImportError)),
        ("Error", _) if message.starts_with("Cannot find module") => Some(("MODULE_NOT_FOUND", FindingKind::ImportError)),
        ("Error", _) if message.starts_with("Cannot find package") => Some(("ERR_MODULE_NOT_FOUND", FindingKind::ImportError)),
        ("SyntaxError", _) if message.contains("does not provide an export") => {
            Some(("missing-export", FindingKind::ImportError))
        }
        ("SyntaxError", _) => Some(("SyntaxError", FindingKind::BuildError)),
        _ => None,
    }
}

/// Returns the frames of a stack that lie in the project, the innermost first.
fn frames<'a>(after: &'a [&'a str]) -> impl Iterator<Item = (String, Span)> + 'a {
    after.iter().filter_map(|line| {
        let found = FRAME.captures(line)?;
        let path = path_of_uri(&found[1]);
        let is_ours =
            !path.starts_with("node:") && !path.contains("node_modules/") && path.contains('.') && !path.starts_with("http");
        is_ours.then(|| (path, Span::point(number(&found[2]), number(&found[3]), Unit::Utf16)))
    })
}

/// Returns the place that stands above the excerpt of a script that does not parse.
fn code_frame(before: &[&str]) -> Option<(String, Span)> {
    let found = before.iter().rev().find_map(|line| CODE_FRAME.captures(line))?;
    let path = path_of_uri(&found[1]);
    (!path.contains("node_modules/")).then(|| (path, Span::line(number(&found[2]))))
}

/// Returns the first file of a `Require stack:`.
fn requirer(after: &[&str]) -> Option<String> {
    let start = after.iter().position(|line| line.contains("Require stack:"))?;
    after.get(start + 1).and_then(|line| REQUIRE_STACK.captures(line)).map(|found| found[1].to_owned())
}

/// Says whether a stack is the last that the process said.
fn ends_the_process(after: &[&str]) -> bool {
    after.iter().any(|line| line.starts_with("Node.js v"))
}
