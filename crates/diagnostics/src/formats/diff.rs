//! Unified diffs that a formatter or fixer prints instead of writing: each file's edits are what the tool would do.
//!
//! Diffs of git are left alone: they show what was done, not what should be; but for those of pre-commit, which shows what hooks did.

use domain::{Applicability, FindingKind, Severity};

use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, RawSuggestion, Span, Unit};

pattern! {
    HUNK = r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@";
    // Behind the name: when it was changed, or which of the two it is.
    STAMP = r"\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d.*$|\t+\([a-z]+\)$";
}

type Edit = (Option<String>, Span, String);

/// Reads all diffs of a text, whose lines still have their carriage returns.
pub(crate) fn text(text: &str, reading: &mut Reading<'_>) {
    if !text.contains("\n@@ -") && !text.starts_with("@@ -") {
        return;
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let is_fixer = lines.iter().any(|line| line.starts_with("Would fix "));
    let mut at = 0;
    let mut in_git = false;
    let mut of_hooks = false;
    while let Some(line) = lines.get(at) {
        of_hooks |= line.trim_end() == "All changes made by hooks:";
        in_git = (in_git || line.starts_with("diff --git ")) && !(line.is_empty() || line.starts_with("diff -u "));
        let header = line.strip_prefix("--- ").zip(lines.get(at + 1).and_then(|next| next.strip_prefix("+++ ")));
        let Some((old, new)) = header.filter(|_| lines.get(at + 2).is_some_and(|next| HUNK.is_match(next))) else {
            at += 1;
            continue;
        };
        let (edits, used) = hunks(lines.get(at + 2..).unwrap_or(&[]));
        if (of_hooks || !in_git) && !edits.is_empty() {
            let tool = reading.tool.or(of_hooks.then_some("pre-commit"));
            reading.push("unified diff", diagnostic(old, new, edits, is_fixer, tool));
        }
        at += 2 + used;
    }
}

fn diagnostic(old: &str, new: &str, edits: Vec<Edit>, is_fixer: bool, tool: Option<&str>) -> Diagnostic {
    let (old, new) = (STAMP.replace(old.trim_end(), ""), STAMP.replace(new.trim_end(), ""));
    let tool = match tool {
        Some(tool) => tool,
        None if old.ends_with(":before") => "isort",
        None if old.ends_with(".orig") && new.ends_with(".go") => "gofmt",
        None if old.ends_with(".orig") => "shfmt",
        None if is_fixer => "ruff",
        None => "diff",
    };
    let path = new.strip_suffix(":after").unwrap_or(&new);
    // Some name the two sides by folders that there are not.
    let sides = [("a/", "b/"), ("original/", "fixed/"), ("before/", "after/")];
    let path =
        sides.iter().find_map(|(a, b)| path.strip_prefix(b).filter(|path| old.strip_prefix(a) == Some(path))).unwrap_or(path);
    // What came from a pipe has no name.
    let path = if matches!(path, "/dev/null" | "-" | "/dev/stdin") { &old } else { path };
    let (kind, message) =
        if is_fixer { (FindingKind::Linting, "would be fixed") } else { (FindingKind::Formatting, "would be reformatted") };
    let suggestion = RawSuggestion { message: format!("apply the changes of {tool}"), applicability: Applicability::Safe, edits };
    Diagnostic::new(tool, tool, kind, Severity::Error, message).at(path, None).suggesting(suggestion)
}

/// Reads the hunks of one file: their edits, and how many lines they take.
fn hunks(lines: &[&str]) -> (Vec<Edit>, usize) {
    let mut edits = Vec::new();
    let mut at = 0;
    while let Some(found) = lines.get(at).and_then(|line| HUNK.captures(line)) {
        at += 1;
        let count = |group: usize| found.get(group).map_or(1, |count| number(count.as_str()));
        let (mut old_left, mut new_left) = (count(2), count(4));
        // A hunk without old lines stands after the line that it names.
        let mut line = number(&found[1]) + u32::from(old_left == 0);
        let mut change: Option<(u32, String)> = None;
        while old_left > 0 || new_left > 0 {
            let Some(text) = lines.get(at) else { break };
            match text.split_at_checked(1) {
                Some(("-", _)) if old_left > 0 => {
                    change.get_or_insert((line, String::new()));
                    (line, old_left) = (line.saturating_add(1), old_left - 1);
                }
                Some(("+", added)) if new_left > 0 => {
                    let (_, text) = change.get_or_insert((line, String::new()));
                    text.push_str(added);
                    if !lines.get(at + 1).is_some_and(|next| next.starts_with("\\ ")) {
                        text.push('\n');
                    }
                    new_left -= 1;
                }
                Some((" ", _)) | None if old_left > 0 && new_left > 0 => {
                    edits.extend(change.take().map(|(start, text)| edit(start, line, text)));
                    (line, old_left, new_left) = (line.saturating_add(1), old_left - 1, new_left - 1);
                }
                Some(("\\", _)) => {}
                _ => return (Vec::new(), at),
            }
            at += 1;
        }
        edits.extend(change.take().map(|(start, text)| edit(start, line, text)));
        while lines.get(at).is_some_and(|line| line.starts_with("\\ ")) {
            at += 1;
        }
    }
    (edits, at)
}

fn edit(start: u32, end: u32, text: String) -> Edit {
    (None, Span::lines((start, 1), (end, 1), Unit::Byte), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_one_that_is_there() {
        let named = |old: &str, new: &str| {
            let mut reading = Reading::new(None);
            text(&format!("--- {old}\n+++ {new}\n@@ -1 +1 @@\n-a\n+b\n"), &mut reading);
            reading.report.diagnostics[0].path.clone().unwrap()
        };
        assert_eq!(named("a.c\t2026-05-01 10:00:00.000000000 +0000", "-\t2026-05-01 10:00:01.000000000 +0000"), "a.c");
        assert_eq!(named("a.py\t(original)", "a.py\t(reformatted)"), "a.py");
        assert_eq!(named("original/a.py", "fixed/a.py"), "a.py");
        assert_eq!(named("before/a.py", "after/a.py"), "a.py");
        assert_eq!(named("a/a.py", "b/a.py"), "a.py");
        assert_eq!(named("x/a.py", "fixed/a.py"), "fixed/a.py");
    }
}
