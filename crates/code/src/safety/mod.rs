//! Whether a change is safe to look at and to run: what it lets the program do, secrets, hidden text, binary blobs, licences, syntax.
//!
//! This says what is there; what of it is refused is a matter of policy, and decided elsewhere.

mod hidden;
mod secrets;

use domain::{Digest, RepoPath};
use rayon::prelude::*;

use crate::capabilities::{Change, Delta, Scans, between, changed_lines, looked_at, within_bounds};
use crate::language::language_of_file;
use crate::multiset::cancel;
use crate::new_syntax_errors;

/// A text that grows a file beyond this is generated, or hides something.
const LARGE: usize = 1 << 20;

/// What is wrong with a change, whatever it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueKind {
    /// A key or a password stands in it.
    Secret,
    /// Text that reads otherwise than it runs: controls of direction, characters without width, letters that look like others.
    HiddenText,
    /// Bytes that are no text.
    Binary,
    /// A header with copyright or licence goes.
    LicenceRemoved,
    /// A file is very large.
    Large,
}

/// Something that is wrong with a change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Issue {
    /// The file.
    pub path: RepoPath,
    /// Where, from 1.
    pub line: u32,
    /// What kind of thing.
    pub kind: IssueKind,
    /// What it is, without the secret itself.
    pub message: String,
}

/// A syntax error that was not there before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Broken {
    /// The file.
    pub path: RepoPath,
    /// Where, from 1.
    pub line: u32,
    /// What is wrong.
    pub message: String,
}

/// All that is said of a change.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Evaluation {
    /// What no change may bring.
    pub issues: Vec<Issue>,
    /// What a person should know.
    pub warnings: Vec<Issue>,
    /// What it lets the program do.
    pub delta: Delta,
    /// What does not parse any more.
    pub syntax: Vec<Broken>,
    /// The same for the same result, wherever and whenever it was worked out.
    pub hash: Digest,
}

/// Evaluates a change. `scans` knows what was looked at before.
#[must_use]
pub fn evaluate(changes: &[Change<'_>], scans: &Scans) -> Evaluation {
    // All that is asked of a file is asked by one thread, one thing after the other: it keeps the tree of the text that it parsed last.
    let each = changes.par_iter().zip(within_bounds(changes)).with_max_len(1).map(|(change, is_within)| {
        let scans = looked_at(change, is_within, scans);
        let errors = if is_within { errors(change.path, change.before, change.after) } else { Vec::new() };
        (scans, errors, issues(change))
    });
    let (mut looked, mut broken, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for (scans, errors, issues) in each.collect::<Vec<_>>() {
        looked.push(scans);
        broken.extend(errors);
        all.extend(issues);
    }
    let syntax = not_moved(changes, broken);
    let (issues, warnings): (Vec<_>, Vec<_>) = all.into_iter().partition(|one| one.kind != IssueKind::Large);
    let delta = between(changes, looked);
    let mut parts: Vec<String> = issues.iter().chain(&warnings).map(|one| format!("{one:?}")).collect();
    parts.extend(delta.added.iter().map(|one| format!("+{one:?}")));
    parts.extend(delta.removed.iter().map(|one| format!("-{one:?}")));
    parts.extend(delta.unknown.iter().map(|one| format!("?{one:?}")));
    parts.extend(syntax.iter().map(|one| format!("{one:?}")));
    parts.sort();
    Evaluation { issues, warnings, delta, syntax, hash: Digest::of_parts(parts) }
}

/// Returns what does not parse any more after a change, as [`Evaluation::syntax`] has it: a part of [`evaluate`] that needs no scans.
#[must_use]
pub fn broken(changes: &[Change<'_>]) -> Vec<Broken> {
    let within = changes.iter().zip(within_bounds(changes)).filter(|(_, is_within)| *is_within);
    not_moved(changes, within.flat_map(|(change, _)| errors(change.path, change.before, change.after)).collect())
}

/// Leaves out what did not parse before and was moved into another file: that is not to blame.
fn not_moved(changes: &[Change<'_>], mut broken: Vec<(Broken, Vec<u8>)>) -> Vec<Broken> {
    if !broken.is_empty() {
        let gone = changes.iter().zip(within_bounds(changes)).filter(|(_, is_within)| *is_within);
        let mut gone = gone.flat_map(|(change, _)| errors(change.path, change.after, change.before)).collect();
        cancel(&mut broken, &mut gone, |(one, code)| (one.message.clone(), code.clone()));
    }
    broken.into_iter().map(|(one, _)| one).collect()
}

/// Returns the first syntax errors of one text of a file that another one of it does not have, each with the line of code that it is in.
fn errors(path: &RepoPath, before: Option<&[u8]>, after: Option<&[u8]>) -> Vec<(Broken, Vec<u8>)> {
    let Some(after) = after else { return Vec::new() };
    let Some(language) = language_of_file(path, after) else { return Vec::new() };
    let errors = new_syntax_errors(language, before, after).unwrap_or_default();
    if errors.is_empty() {
        return Vec::new();
    }
    let lines: Vec<&[u8]> = after.split(|byte| *byte == b'\n').collect();
    let told = errors.into_iter().take(100).map(|error| {
        let code = lines.get(error.line.saturating_sub(1) as usize).map(|line| line.trim_ascii().to_vec()).unwrap_or_default();
        (Broken { path: path.clone(), line: error.line, message: error.what }, code)
    });
    told.collect()
}

/// Returns what is wrong with the lines that a change adds to a file, and with what it takes away.
#[must_use]
pub fn issues(change: &Change<'_>) -> Vec<Issue> {
    let Some(after) = change.after else { return Vec::new() };
    let before = change.before.unwrap_or_default();
    let issue = |line: u32, kind, message: String| Issue { path: change.path.clone(), line, kind, message };
    let mut all = Vec::new();
    if is_binary(after) {
        if after != before {
            all.push(issue(1, IssueKind::Binary, format!("{} bytes that are no text", after.len())));
        }
        return all;
    }
    if after.len() > LARGE && after.len() > before.len() {
        all.push(issue(1, IssueKind::Large, format!("it becomes {} KiB large", after.len() >> 10)));
    }
    let lines: Vec<&[u8]> = after.split(|byte| *byte == b'\n').collect();
    for line in changed_lines(before, after) {
        let Some(bytes) = usize::try_from(line).ok().and_then(|at| lines.get(at.checked_sub(1)?)) else { continue };
        // Nobody reads further, and minified code is one line.
        let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(16 << 10)).unwrap_or_default());
        all.extend(secrets::in_line(&text).map(|what| issue(line, IssueKind::Secret, what)));
        all.extend(hidden::in_line(&text, line == 1).map(|what| issue(line, IssueKind::HiddenText, what)));
    }
    if change.before.is_some()
        && let Some((line, text)) = licence_gone(before, after)
    {
        all.push(issue(line, IssueKind::LicenceRemoved, format!("`{text}` is gone")));
    }
    all
}

fn is_binary(bytes: &[u8]) -> bool {
    bytes.get(..bytes.len().min(64 << 10)).unwrap_or_default().contains(&0)
}

/// Returns the first line of the head of a file that speaks of copyright or licence and that is not in it any more.
fn licence_gone(before: &[u8], after: &[u8]) -> Option<(u32, String)> {
    // Years and white space may change.
    let essence = |line: &str| line.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
    let after = String::from_utf8_lossy(after.get(..after.len().min(64 << 10)).unwrap_or_default());
    let left: std::collections::HashSet<String> = after.lines().map(essence).collect();
    let before = String::from_utf8_lossy(before.get(..before.len().min(16 << 10)).unwrap_or_default());
    let gone = before.lines().take(40).enumerate().find(|(_, line)| {
        let low = line.to_lowercase();
        let speaks =
            ["copyright (c)", "copyright ©", "spdx-license-identifier", "licensed under", "license:", "all rights reserved"];
        (speaks.iter().any(|word| low.contains(word)) || low.trim_start_matches(['#', '/', '*', ' ']).starts_with("copyright"))
            && !left.contains(&essence(line))
    });
    gone.and_then(|(at, line)| Some((u32::try_from(at + 1).ok()?, line.trim().chars().take(80).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(before: &str, after: &[u8]) -> Vec<(IssueKind, u32)> {
        let path = RepoPath::new("a.py").unwrap();
        let change = Change { path: &path, before: Some(before.as_bytes()), after: Some(after) };
        issues(&change).into_iter().map(|one| (one.kind, one.line)).collect()
    }

    #[test]
    fn only_what_is_added_counts() {
        // Put together here, so that this file holds no key.
        let key = format!("KEY = '{}{}'\n", "AKIA", "Z7XW4QGJ2NLPT5RB");
        assert_eq!(kinds("a = 1\n", format!("a = 1\n{key}").as_bytes()), [(IssueKind::Secret, 2)]);
        assert_eq!(kinds(&key, format!("# note\n{key}").as_bytes()), []);
    }

    #[test]
    fn bytes_large_files_and_licences() {
        assert_eq!(kinds("a\n", b"a\0b"), [(IssueKind::Binary, 1)]);
        assert_eq!(kinds("", "a = 1\n".repeat(200_000).as_bytes()), [(IssueKind::Large, 1)]);
        let head = "# Copyright (c) 2020 Somebody\n# SPDX-License-Identifier: MIT\na = 1\n";
        assert_eq!(kinds(head, b"a = 2\n"), [(IssueKind::LicenceRemoved, 1)]);
        assert_eq!(kinds(head, head.replace("2020", "2021").as_bytes()), []);
    }

    #[test]
    fn what_never_parsed_may_move_into_another_file() {
        let (a, b) = (RepoPath::new("a.py").unwrap(), RepoPath::new("b.py").unwrap());
        let broken = b"x = = 1\ny = 2\n".as_slice();
        let of = |before: &'static [u8], after: &'static [u8], new: &'static [u8]| {
            let changes = [
                Change { path: &a, before: Some(before), after: Some(after) },
                Change { path: &b, before: None, after: Some(new) },
            ];
            evaluate(&changes, &Scans::default()).syntax.len()
        };
        assert_eq!(of(broken, b"y = 2\n", b"x = = 1\n"), 0);
        assert_eq!(of(broken, broken, b"x = = 1\n"), 1);
        assert_eq!(of(broken, b"y = 2\n", b"z = = 1\n"), 1);
    }

    #[test]
    fn the_hash_is_that_of_the_result() {
        let path = RepoPath::new("a.py").unwrap();
        let of = |after: &str| {
            evaluate(&[Change { path: &path, before: Some(b"a = 1\n"), after: Some(after.as_bytes()) }], &Scans::default()).hash
        };
        assert_eq!(of("eval(x)\n"), of("eval(x)\n"));
        assert_ne!(of("eval(x)\n"), of("a = 2\n"));
    }
}
