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

/// Cases that read the same: of one cause, and with one fate.
struct Row {
    mark: &'static str,
    title: String,
    fate: String,
    findings: usize,
    cases: usize,
}

/// Returns a row for the cases that would be the same line, in the order of the first of each.
fn rows(cases: &[&CaseLine], document: &Document) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for case in cases {
        let (mark, fate) = fate(case, document);
        match rows.iter_mut().find(|row| row.title == case.title && row.fate == fate) {
            Some(row) => {
                row.findings += case.findings.len();
                row.cases += 1;
            }
            None => rows.push(Row { mark, title: case.title.clone(), fate, findings: case.findings.len(), cases: 1 }),
        }
    }
    rows
}

impl std::fmt::Display for Row {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { mark, title, fate, findings, cases } = self;
        let plural = if *findings == 1 { "finding " } else { "findings" };
        write!(out, "{mark} {} {findings:>5} {plural}  {fate}", fit(title, 52))?;
        if *cases > 1 { write!(out, ", in {cases} cases") } else { Ok(()) }
    }
}

/// Returns the mark of a case, and what became of it.
fn fate(case: &CaseLine, document: &Document) -> (&'static str, String) {
    let proved = || {
        let mut checks = checked(case);
        if let Some(tests) = document.tests.filter(|_| passed(case, domain::Gate::Regress)) {
            checks.push(format!("{} tests", tests.passed_after));
        }
        format!("proved ({})", checks.join(", "))
    };
    match case.status.as_str() {
        "delivered" => ("✔", proved()),
        "refused" => ("✘", format!("refused: {}", reason(case))),
        _ if is_planned(case) => ("…", format!("{}, not delivered: --plan", proved())),
        _ => ("…", format!("waiting: {}", reason(case))),
    }
}

fn is_planned(case: &CaseLine) -> bool {
    case.status != "delivered" && case.reason == Some(domain::Reason::Planned)
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
    for row in rows(&lines, document) {
        text += &format!("{row}\n");
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
        let planned: usize = lines.iter().filter(|case| is_planned(case)).map(|case| case.findings.len()).sum();
        let would = if planned > 0 { format!(", {planned} would be") } else { String::new() };
        text += &format!("{gone} of {all} findings gone{would}{tests}\n");
    }
    let tools = document.seconds_in_tools;
    text += &format!("{:.1} s, of which {tools:.1} s in tools; sandbox: {}\n", document.seconds, document.held());
    let show = lines.iter().find(|case| case.status != "delivered").or(lines.first());
    let mut next: Vec<String> = Vec::new();
    if let Some(branch) = document.branches.first() {
        let base = document.base_branch.clone().unwrap_or_else(|| document.base.chars().take(12).collect());
        next.push(format!("git log -p {base}..{}", branch.name));
    }
    if lines.iter().any(|case| is_planned(case)) {
        next.push("the same without --plan".to_owned());
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

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::pipeline::document::Document;

    #[test]
    fn cases_of_one_cause_and_one_fate_are_one_row() {
        let case = |number: i64, title: &str, reason: &str| {
            let finding = serde_json::json!({"id": "f", "kind": "linting", "rule": "E722", "severity": "error",
                "path": "a.py", "line": number, "message": "m"});
            serde_json::json!({"id": "c", "number": number, "title": title, "status": "refused", "reason": reason, "engine": null,
                "branch": null, "commit": null, "findings": [finding.clone(), finding], "gates": []})
        };
        let cases = [
            case(1, "E722 bare", "no_candidate"),
            case(2, "E722 bare", "new_finding"),
            case(3, "E722 bare", "no_candidate"),
            case(4, "E711 none", "no_candidate"),
        ];
        let document: Document = serde_json::from_value(serde_json::json!({"schema": 1, "repository": "r", "base": "b",
            "branches": [], "cases": cases, "recipe_runs": {}, "seconds": 0.0, "seconds_in_tools": 0.0}))
        .unwrap();
        let shown = summary(&document);
        let rows: Vec<_> = shown
            .lines()
            .filter(|line| line.starts_with('✘'))
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            rows,
            [
                "✘ E722 bare 4 findings refused: no engine has a candidate, in 2 cases",
                "✘ E722 bare 2 findings refused: it makes a new finding",
                "✘ E711 none 2 findings refused: no engine has a candidate",
            ]
        );
    }
}
