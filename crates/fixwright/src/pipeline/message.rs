//! What is written to people with a delivery: commit messages and the text of the pull request.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::{Digest, Evidence, Finding, FindingKind, Verdict};

use crate::contain::Held;

/// How the repository's own commits are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `fix(lint): remove unused imports`
    Conventional,
    /// `lint: remove unused imports`
    Area,
    /// `Remove unused imports`
    Sentence,
}

impl Style {
    /// Returns the style of most of the subjects; Conventional Commits where there are too few to tell or they follow none.
    pub(crate) fn of(subjects: &[String]) -> Self {
        const ENOUGH: usize = 5;
        if subjects.len() < ENOUGH {
            return Self::Conventional;
        }
        let area = |subject: &String| subject.split_once(": ").map(|(area, _)| area.to_owned());
        let conventional = |subject: &&String| {
            area(subject).is_some_and(|area| {
                let kind = area.split(['(', '!']).next().unwrap_or_default();
                matches!(
                    kind,
                    "feat" | "fix" | "chore" | "docs" | "style" | "refactor" | "perf" | "test" | "build" | "ci" | "revert"
                )
            })
        };
        let plain_area = |subject: &&String| area(subject).is_some_and(|area| !area.contains(' ') && !area.is_empty());
        let sentence = |subject: &&String| subject.chars().next().is_some_and(char::is_uppercase) && area(subject).is_none();
        let most = |count: usize| count * 2 > subjects.len();
        if most(subjects.iter().filter(conventional).count()) {
            Self::Conventional
        } else if most(subjects.iter().filter(plain_area).count()) {
            Self::Area
        } else if most(subjects.iter().filter(sentence).count()) {
            Self::Sentence
        } else {
            Self::Conventional
        }
    }

    fn subject(self, kind: FindingKind, title: &str) -> String {
        let area = match kind {
            FindingKind::Linting => "lint",
            FindingKind::Formatting => "format",
            FindingKind::TypeChecking => "types",
            FindingKind::TestFailure => "tests",
            FindingKind::BuildError => "build",
            FindingKind::DependencyIssue => "deps",
            FindingKind::ImportError => "imports",
            FindingKind::Deprecation => "deprecation",
            FindingKind::Security => "security",
        };
        let subject = match self {
            Self::Conventional => format!("fix({area}): {title}"),
            Self::Area => format!("{area}: {title}"),
            Self::Sentence => format!("Fix {title}"),
        };
        let line: String = subject.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= 72 { line } else { line.chars().take(71).chain(['…']).collect() }
    }
}

/// What a commit message says.
pub(crate) struct Commit<'a> {
    pub(crate) kind: FindingKind,
    pub(crate) title: &'a str,
    pub(crate) findings: Vec<&'a Finding>,
    /// What the repairs did, each once.
    pub(crate) did: BTreeSet<String>,
    /// `tool ruff`, `fixer bare_except`, …
    pub(crate) authors: BTreeSet<String>,
    pub(crate) evidence: Digest,
}

/// Returns the message of a commit: subject, what was done and where, trailers.
pub(crate) fn commit(style: Style, commit: &Commit<'_>) -> String {
    const SHOWN: usize = 20;
    let mut text = format!("{}\n\n", style.subject(commit.kind, commit.title));
    for did in commit.did.iter().take(SHOWN) {
        let _ = writeln!(text, "- {did}");
    }
    if commit.did.len() > SHOWN {
        let _ = writeln!(text, "- and {} more of the kind", commit.did.len() - SHOWN);
    }
    text.push('\n');
    for finding in commit.findings.iter().take(2 * SHOWN) {
        let place = finding.location.as_ref().map(|at| format!(" {}:{}", at.path, at.line)).unwrap_or_default();
        let _ = writeln!(text, "Finding: {} {}{place}", finding.id, finding.rule);
    }
    if commit.findings.len() > 2 * SHOWN {
        let _ = writeln!(text, "Finding: and {} more", commit.findings.len() - 2 * SHOWN);
    }
    let _ = writeln!(text, "Evidence: sha256:{}", commit.evidence);
    let authors: Vec<&str> = commit.authors.iter().map(String::as_str).collect();
    let _ = writeln!(text, "Assisted-by: fixwright {} ({})", env!("CARGO_PKG_VERSION"), authors.join(", "));
    text
}

/// What the text of a pull request says.
pub(crate) struct PullRequest<'a> {
    pub(crate) branch: &'a str,
    pub(crate) base: &'a str,
    /// Title and number of findings of each case.
    pub(crate) cases: Vec<(String, usize)>,
    pub(crate) evidence: &'a [Evidence],
    pub(crate) notes: &'a [String],
    pub(crate) held: &'a Held,
}

/// Returns the text of a pull request: the cause in a sentence, the proof as a table, what was not checked, how to undo.
pub(crate) fn pull_request(it: &PullRequest<'_>) -> String {
    let total: usize = it.cases.iter().map(|(_, count)| count).sum();
    let mut text = match it.cases.as_slice() {
        [(title, count)] => format!("{title}: {count} finding{} settled.\n", if *count == 1 { "" } else { "s" }),
        many => format!("{total} findings of {} causes are settled, one cause a commit.\n", many.len()),
    };
    text.push_str("\n| cause | findings |\n|---|---|\n");
    for (title, count) in &it.cases {
        let _ = writeln!(text, "| {} | {count} |", cell(title));
    }
    text.push_str("\n## Proof\n\n| check | verdict | before and after | command | seconds |\n|---|---|---|---|---|\n");
    let mut unchecked: BTreeSet<String> = BTreeSet::new();
    for one in it.evidence {
        let command = one.command.as_ref().map(|command| format!("`{}`", cell(command))).unwrap_or_default();
        let _ = writeln!(text, "| {} | {} | {} | {command} | {:.1} |", one.gate, one.verdict, cell(&one.detail), one.seconds);
        if one.verdict != Verdict::Pass {
            unchecked.insert(format!("{}: {}", one.gate, one.detail));
        }
    }
    text.push_str("\n## Not checked\n\n");
    unchecked.extend(it.notes.iter().cloned());
    unchecked.insert("variants of the failure, and fuzzing".to_owned());
    if it.held.is_open() {
        unchecked.insert("the recipes ran without a containing sandbox (back end `none`)".to_owned());
    } else if !it.held.not_held.is_empty() {
        unchecked.insert(format!("the recipes ran in the sandbox {}", it.held));
    }
    for one in &unchecked {
        let _ = writeln!(text, "- {}", cell(one));
    }
    let _ = write!(
        text,
        "\n## Undo\n\nBefore merging: `git branch -D {}`. After merging: `git revert {}..{}`, or one commit by its id.\n",
        it.branch, it.base, it.branch
    );
    text
}

fn cell(text: &str) -> String {
    crate::progress::plain(text).replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subjects(list: &[&str]) -> Vec<String> {
        list.iter().cycle().take(10).map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn the_repositorys_own_style_is_kept() {
        assert_eq!(Style::of(&subjects(&["fix(a): b", "chore: c"])), Style::Conventional);
        assert_eq!(Style::of(&subjects(&["net: close sockets", "docs: typo", "sched: fix race"])), Style::Area);
        assert_eq!(Style::of(&subjects(&["Add a thing", "Fix another"])), Style::Sentence);
        assert_eq!(Style::of(&subjects(&["wip", "x"])), Style::Conventional);
        assert_eq!(Style::of(&[]), Style::Conventional);
    }

    #[test]
    fn subjects_stay_within_a_line() {
        let subject = Style::Conventional.subject(FindingKind::Linting, &"word ".repeat(40));
        assert!(subject.chars().count() <= 72 && subject.ends_with('…'));
    }
}
