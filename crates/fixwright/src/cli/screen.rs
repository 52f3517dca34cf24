//! What a person reads on standard output. Each line goes out without control characters; a reader that has left is no error.

use std::io::{IsTerminal as _, Write as _};

use anyhow::Context as _;

use crate::pipeline::document::{CaseLine, Document};
use crate::progress::plain;

/// Writes text to standard output.
///
/// # Errors
/// When it cannot be written. Nobody reading any more is not an error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    let written = out.write_all(plain(text).as_bytes()).and_then(|()| out.flush());
    unless_nobody_reads(written)
}

/// Writes a document for programs to standard output, one line feed at its end.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    unless_nobody_reads(written)
}

/// Writes bytes to standard output as they are; to a terminal without what would steer it.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_bytes(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if out.is_terminal() {
        drop(out);
        return print(&String::from_utf8_lossy(bytes));
    }
    let written = out.write_all(bytes).and_then(|()| out.flush());
    unless_nobody_reads(written)
}

fn unless_nobody_reads(written: std::io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error).context("writing the output"),
        _ => Ok(()),
    }
}

/// Returns one line for a case: its cause, how many findings, and what became of it.
pub(crate) fn case_line(case: &CaseLine, document: &Document) -> String {
    let (mark, fate) = match case.status.as_str() {
        "delivered" => {
            let mut checks = checked(case);
            if let Some(tests) = document.tests.filter(|_| passed(case, domain::Gate::Regress)) {
                checks.push(format!("{} tests", tests.passed_after));
            }
            ("✔", format!("proved ({})", checks.join(", ")))
        }
        "refused" => ("✘", format!("refused: {}", reason(case))),
        _ => ("…", format!("waiting: {}", reason(case))),
    };
    let count = case.findings.len();
    let plural = if count == 1 { "finding " } else { "findings" };
    format!("{mark} {} {count:>5} {plural}  {fate}", fit(&case.title, 52))
}

fn reason(case: &CaseLine) -> String {
    case.reason.map_or_else(|| "no reason was kept".to_owned(), |reason| reason.text().to_owned())
}

fn passed(case: &CaseLine, gate: domain::Gate) -> bool {
    case.gates.iter().any(|one| one.gate == gate && one.verdict == domain::Verdict::Pass)
}

/// Names what was run for a case and passed, and says what was not.
fn checked(case: &CaseLine) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if let Some(again) = case.gates.iter().find(|one| one.gate == domain::Gate::Reproduce && one.verdict == domain::Verdict::Pass)
    {
        let command = again.command.as_deref().unwrap_or_default();
        names.push(command.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
    }
    if passed(case, domain::Gate::Build) {
        names.push("build".to_owned());
    }
    if let Some(tests) = case.gates.iter().find(|one| one.gate == domain::Gate::Regress && one.verdict != domain::Verdict::Pass) {
        names.push(format!("no tests: {}", tests.reason.map_or("not checked", domain::Reason::text)));
    }
    names
}

fn fit(text: &str, width: usize) -> String {
    let text = plain(text).replace('\n', " ");
    let length = text.chars().count();
    if length > width { text.chars().take(width - 1).chain(['…']).collect() } else { text + &" ".repeat(width - length) }
}

/// Returns the closing lines of a run whose repository may be gone when they are read: without what to do next.
pub(crate) fn demo(document: &Document) -> String {
    summary(document).lines().filter(|line| !line.starts_with("next: ")).map(|line| format!("{line}\n")).collect()
}

/// Returns the closing lines of a run.
pub(crate) fn summary(document: &Document) -> String {
    let mut text = String::new();
    let mut lines: Vec<&CaseLine> = document.cases.iter().collect();
    lines.sort_by_key(|case| (case.status != "delivered", case.status != "refused", case.number));
    for case in &lines {
        text += &case_line(case, document);
        text.push('\n');
    }
    let (gone, all) = document.settled();
    for one in &document.unanswered {
        text += &format!("? {}\n", one.replace('\n', " "));
    }
    if all == 0 && document.stopped.is_none() {
        text += if document.unanswered.is_empty() { "no findings\n" } else { "no findings by what could run\n" };
    }
    let tests = document.tests.filter(|tests| tests.passed_before + tests.passed_after > 0).map(|tests| {
        if tests.passed_before == tests.passed_after {
            format!(", tests {} passed before and after", tests.passed_before)
        } else {
            format!(", tests {} passed before, {} after", tests.passed_before, tests.passed_after)
        }
    });
    let tests = tests.unwrap_or_default();
    for branch in &document.branches {
        let commits: std::collections::BTreeSet<_> = document
            .cases
            .iter()
            .filter(|case| case.branch.as_ref() == Some(&branch.name))
            .filter_map(|case| case.commit.as_ref())
            .collect();
        let plural = if commits.len() == 1 { "commit" } else { "commits" };
        let here: usize =
            document.cases.iter().filter(|case| case.branch.as_ref() == Some(&branch.name)).map(|case| case.findings.len()).sum();
        text += &format!("branch {}: {} {plural}, {here} of {all} findings gone{tests}\n", branch.name, commits.len());
    }
    if document.branches.is_empty() && all > 0 {
        text += &format!("{gone} of {all} findings gone{tests}\n");
    }
    let tools = document.seconds_in_tools;
    text += &format!("{:.1} s, of which {tools:.1} s in tools; sandbox: {}\n", document.seconds, document.held());
    let show = lines.iter().find(|case| case.status != "delivered").or(lines.first());
    let mut next: Vec<String> = Vec::new();
    if let Some(branch) = document.branches.first() {
        let base = document.base_branch.clone().unwrap_or_else(|| document.base.chars().take(12).collect());
        next.push(format!("git log -p {base}..{}", branch.name));
    }
    if let Some(case) = show {
        next.push(format!("fixwright show {}", case.number));
    }
    if !next.is_empty() {
        text += &format!("next: {}\n", next.join(" · "));
    }
    if let Some(reason) = document.stopped {
        text += &format!("stopped: {reason}; the work is kept: give the same command again to go on\n");
    }
    text
}
