//! Findings of a report that the user gives (`fix --from`): which findings of the base they mean.
//!
//! A report is a claim, and the gates need a recipe that can show the finding before and after. So a reported finding is repaired as the
//! finding of the base run that it means; with it come the fixes that the report offers. Vulnerable dependencies need no recipe: the
//! lockfiles tell.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diagnostics::{Diagnostic, Hints, LogReader, Matchers, Origin};
use domain::{Edit, Files, Finding, FindingKind, Reason, Recipe, RepoPath, Subproject, Suggestion};

use super::compare::words;
use super::reproduce::BaseRuns;
use super::run::Run;
use crate::advisories::{self, Advisory};

/// What a report says.
pub(crate) struct Reported {
    findings: Vec<Finding>,
    /// The vulnerabilities that it names.
    pub(crate) advisories: Vec<Arc<Advisory>>,
    /// What of it could not be read.
    pub(crate) skipped: Vec<String>,
}

/// A report in which nothing was understood, with what could not be read.
#[derive(Debug, thiserror::Error)]
#[error("no tool's report was recognised in the file given with --from{}", .skipped.first().map(|what| format!(": {what}")).unwrap_or_default())]
pub(crate) struct NothingRead {
    skipped: Vec<String>,
}

/// What the findings of a report are at the base.
pub(crate) struct Meant {
    /// Ids of the findings of the base runs that are meant.
    pub(crate) selected: BTreeSet<String>,
    /// Reported findings that no base run shows, and why.
    pub(crate) unseen: Vec<(Finding, Reason)>,
}

impl Reported {
    /// Reads a report against the files of the base. An error when nothing in it could be understood.
    pub(crate) fn read(text: &str, files: &Files, subprojects: &[Subproject]) -> Result<Self, NothingRead> {
        let mut log = LogReader::new(Hints { matchers: Matchers::in_tree(files), ..Hints::default() });
        log.feed(text.as_bytes());
        let named = |named: &str| {
            // Those below `.github` were read already.
            let file = |name: &str| RepoPath::new(name).ok().filter(|path| !name.starts_with(".github/") && files.contains(path));
            let path = file(&Matchers::file_of(named, |name| file(name).is_some())?)?;
            Some((path.as_str().to_owned(), files.text(&path)?.to_string()))
        };
        let report = log.finish_with(named).report;
        let mut findings = to_findings(&report.diagnostics, files, subprojects);
        // Records say what is vulnerable; whether the project is, its lockfiles tell.
        findings.retain(|finding| finding.tool != "osv");
        let mut advisories = advisories::from_findings(&findings);
        advisories.extend(advisories::from_osv(text));
        if report.formats.is_empty() && advisories.is_empty() && !is_empty_list(text) {
            return Err(NothingRead { skipped: report.skipped });
        }
        Ok(Self { findings, advisories, skipped: report.skipped })
    }

    /// Says what has to be known of a report as a whole: what of it could not be read, and that it names nothing.
    pub(crate) fn notes(&self) -> Vec<String> {
        let is_empty = self.findings.is_empty() && self.advisories.is_empty();
        let unread = self.skipped.iter().map(|what| format!("not all of the report could be read: {what}"));
        unread.chain(is_empty.then(|| "the report names no finding: nothing is repaired".to_owned())).collect()
    }

    /// Finds what is meant in the runs at the base, and lends those findings the fixes of the report.
    pub(crate) fn find_in(&self, runs: &mut BaseRuns, files: &Files) -> Meant {
        let mut meant = Meant { selected: BTreeSet::new(), unseen: Vec::new() };
        if !self.advisories.is_empty() {
            let audits = runs.values().filter(|run| run.recipe == Recipe::Audit);
            meant.selected.extend(audits.flat_map(|run| run.findings.iter().map(|finding| finding.id.clone())));
        }
        for reported in &self.findings {
            let all = runs.values().flat_map(|run| &run.findings);
            let changed = is_diff(reported).then(|| changed_lines(reported, files));
            let found =
                changed.as_ref().map_or_else(|| same_as(reported, all.clone()), |lines| in_diff(reported, all.clone(), lines));
            if found.is_empty() {
                meant.unseen.push((reported.clone(), why_unseen(reported, runs)));
            }
            for finding in runs.values_mut().flat_map(|run| &mut run.findings).filter(|finding| found.contains(&finding.id)) {
                for one in lent(reported, finding, changed.as_deref()) {
                    if finding.suggestions.iter().all(|own| own.edits != one.edits) {
                        finding.suggestions.push(one);
                    }
                }
            }
            meant.selected.extend(found);
        }
        meant
    }
}

/// Says whether a report is the list without entries that many tools write when there is nothing to tell.
fn is_empty_list(text: &str) -> bool {
    text.chars().filter(|c| !c.is_whitespace()).eq(['[', ']'])
}

/// Normalises diagnostics of a report whose paths may be relative to the root or to any subproject, or absolute on another machine.
fn to_findings(diagnostics: &[Diagnostic], files: &Files, subprojects: &[Subproject]) -> Vec<Finding> {
    let roots: Vec<String> = diagnostics::root_of(diagnostics, files).into_iter().collect();
    let mut by_path: BTreeMap<Option<&str>, Vec<Diagnostic>> = BTreeMap::new();
    for diagnostic in diagnostics {
        by_path.entry(diagnostic.path.as_deref()).or_default().push(diagnostic.clone());
    }
    let folders = || std::iter::once(".").chain(subprojects.iter().map(|one| one.path.as_str()).filter(|path| *path != "."));
    let mut findings: Vec<Finding> = Vec::new();
    for (path, group) in by_path {
        let read = |subproject| {
            let recipe = group.first().map_or(Recipe::Lint, |one| recipe_of(one.kind));
            diagnostics::to_findings(&group, &Origin { recipe, subproject, roots: &roots }, files)
        };
        let mut at_root = read(".");
        if path.is_some() && at_root.iter().all(|finding| finding.location.is_none()) {
            let elsewhere = folders().skip(1).map(read).find(|found| found.iter().any(|finding| finding.location.is_some()));
            at_root = elsewhere.unwrap_or(at_root);
        }
        findings.extend(at_root);
    }
    findings
}

/// The recipe that shows findings of a kind, nearly everywhere.
fn recipe_of(kind: FindingKind) -> Recipe {
    match kind {
        FindingKind::Linting | FindingKind::Deprecation | FindingKind::Security => Recipe::Lint,
        FindingKind::Formatting => Recipe::Format,
        FindingKind::TypeChecking => Recipe::Typecheck,
        FindingKind::TestFailure => Recipe::Test,
        FindingKind::BuildError | FindingKind::ImportError => Recipe::Build,
        FindingKind::DependencyIssue => Recipe::Audit,
    }
}

/// Returns the ids of the base findings that a reported one means, by the surest likeness that has any. The report may be of an older
/// commit: then lines have moved, and the nearest counts.
fn same_as<'f>(reported: &Finding, base: impl Iterator<Item = &'f Finding>) -> BTreeSet<String> {
    let same_rule = |other: &Finding| other.rule.eq_ignore_ascii_case(&reported.rule);
    let in_place: Vec<&Finding> = match reported.kind {
        FindingKind::DependencyIssue => base.filter(|other| other.kind == FindingKind::DependencyIssue).collect(),
        _ => base.filter(|other| other.path() == reported.path()).collect(),
    };
    let ids = |fits: &dyn Fn(&Finding) -> bool| -> BTreeSet<String> {
        in_place.iter().filter(|other| fits(other)).map(|other| other.id.clone()).collect()
    };
    if reported.kind == FindingKind::DependencyIssue {
        let package =
            |finding: &Finding| advisories::Vulnerable::read(finding).map(|it| (it.ecosystem, it.ecosystem.name_of(&it.package)));
        return ids(&|other| same_rule(other) && package(other) == package(reported));
    }
    let same_line = |other: &Finding| other.line() == reported.line();
    let column = |finding: &Finding| finding.location.as_ref().map(|location| location.column);
    let same_place = |other: &Finding| same_line(other) && column(other) == column(reported);
    let same_message = |other: &Finding| words(other) == words(reported);
    // Of several on one line, each has its own fix.
    let sure: [&dyn Fn(&Finding) -> bool; 4] =
        [&|o| same_place(o) && same_rule(o), &|o| same_place(o) && same_message(o), &|o| same_line(o) && same_rule(o), &|o| {
            same_line(o) && same_message(o)
        }];
    let found = sure.into_iter().map(|fits| ids(fits)).find(|found| !found.is_empty());
    found.unwrap_or_else(|| {
        let line = reported.line().unwrap_or(0);
        let moved = in_place.iter().filter(|other| same_rule(other) && same_message(other));
        moved.min_by_key(|other| other.line().unwrap_or(0).abs_diff(line)).map(|other| other.id.clone()).into_iter().collect()
    })
}

/// Says whether a reported finding is the diff of a file: it names no rule, and has the changes.
fn is_diff(reported: &Finding) -> bool {
    reported.rule == reported.tool && !reported.suggestions.is_empty()
}

/// Returns the first and the last line that each edit of a report's finding changes.
fn changed_lines(reported: &Finding, files: &Files) -> Vec<(u32, u32)> {
    let text = reported.path().and_then(|path| files.read(path)).unwrap_or_default();
    let ends: Vec<usize> = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let line = |offset: usize| u32::try_from(ends.partition_point(|end| *end < offset) + 1).unwrap_or(u32::MAX);
    let edits = reported.suggestions.iter().flat_map(|one| &one.edits);
    // An edit of whole lines ends where the next one begins.
    edits.map(|edit| (line(edit.start), line(edit.end.saturating_sub(1).max(edit.start)))).collect()
}

/// Returns the ids of the base findings that a diff is to settle: those of a formatter in its file, whichever wrote the diff; or
/// those that stand on lines that it changes.
fn in_diff<'f>(reported: &Finding, base: impl Iterator<Item = &'f Finding>, changed: &[(u32, u32)]) -> BTreeSet<String> {
    let in_file: Vec<&Finding> = base.filter(|other| other.path().is_some() && other.path() == reported.path()).collect();
    let ids = |fits: &dyn Fn(&Finding) -> bool| -> BTreeSet<String> {
        in_file.iter().filter(|other| fits(other)).map(|other| other.id.clone()).collect()
    };
    let of_formatters = ids(&|other| other.kind == FindingKind::Formatting);
    if of_formatters.is_empty() { ids(&|other| changed.iter().any(|lines| is_on(other, lines))) } else { of_formatters }
}

fn is_on(finding: &Finding, (first, last): &(u32, u32)) -> bool {
    finding.line().is_some_and(|line| (first..=last).contains(&&line))
}

/// Returns what a report offers for the base finding that it means. `changed`: the lines of its edits, where it is a diff.
fn lent(reported: &Finding, finding: &Finding, changed: Option<&[(u32, u32)]>) -> Vec<Suggestion> {
    let Some(changed) = changed else {
        // Its edits are of the line that it names: where that has moved since, they would change other text.
        let has_moved = finding.kind != FindingKind::DependencyIssue && reported.line() != finding.line();
        return if has_moved { Vec::new() } else { reported.suggestions.clone() };
    };
    let mut offered = Vec::new();
    let mut changed = changed.iter();
    for whole in &reported.suggestions {
        // Of a linter's diff what it does to the line first: that is nearly always all that the finding needs.
        let lines = whole.edits.iter().zip(changed.by_ref());
        let edits: Vec<Edit> = lines.filter(|(_, lines)| is_on(finding, lines)).map(|(edit, _)| edit.clone()).collect();
        if finding.kind != FindingKind::Formatting && !edits.is_empty() && edits.len() < whole.edits.len() {
            offered.push(Suggestion { edits, ..whole.clone() });
        }
        offered.push(whole.clone());
    }
    offered
}

fn why_unseen(reported: &Finding, runs: &BaseRuns) -> Reason {
    if reported.location.is_none() && reported.kind != FindingKind::DependencyIssue {
        return Reason::LocationUnusable;
    }
    let is_its_tool = |run: &&Run| match diagnostics::tool_of(&run.command) {
        Some(tool) => tool == reported.tool,
        None => run.recipe == recipe_of(reported.kind),
    };
    let reports_it = |run: &&Run| is_its_tool(run) || run.findings.iter().any(|finding| finding.tool == reported.tool);
    let able: Vec<&Run> = runs.values().filter(reports_it).collect();
    if able.is_empty() {
        Reason::NoRecipe
    } else if able.iter().any(|run| run.could_not_run.is_none()) {
        Reason::NotReproduced
    } else {
        Reason::CouldNotRun
    }
}

#[cfg(test)]
mod tests {
    use domain::{Digest, TestsSeen};

    use super::*;

    fn files() -> Files {
        let path = |p: &str| RepoPath::new(p).unwrap();
        Files::from_map([(path("web/a.py"), b"import os\nimport sys\n\n\nl = 1\n".to_vec())].into())
    }

    fn run(findings: Vec<Finding>) -> Run {
        Run {
            recipe: Recipe::Lint,
            subproject: "web".into(),
            command: "ruff check .".into(),
            exit_code: Some(1),
            timed_out: false,
            could_not_run: None,
            seconds: 0.0,
            findings,
            tests: TestsSeen::default(),
            skipped: vec![],
            output: Digest::of(""),
            held: crate::contain::Held::default(),
        }
    }

    fn meant(report: &str, base: &str) -> (Vec<u32>, Vec<Reason>) {
        let web = Subproject { path: "web".into(), language: domain::Language::Python, recipes: BTreeMap::new() };
        let read = |text: &str| Reported::read(text, &files(), std::slice::from_ref(&web)).unwrap().findings;
        let mut runs = BaseRuns::from([((0, Recipe::Lint), run(read(base)))]);
        let reported = Reported::read(report, &files(), std::slice::from_ref(&web)).unwrap();
        let meant = reported.find_in(&mut runs, &files());
        let selected = runs[&(0, Recipe::Lint)].findings.iter().filter(|finding| meant.selected.contains(&finding.id));
        (selected.filter_map(Finding::line).collect(), meant.unseen.into_iter().map(|(_, reason)| reason).collect())
    }

    const BASE: &str = "a.py:1:8: F401 `os` imported but unused\na.py:2:8: F401 `sys` imported but unused\n";

    #[test]
    fn a_reported_finding_is_that_of_the_base_in_its_place() {
        assert_eq!(meant("a.py:2:8: F401 `sys` imported but unused\n", BASE), (vec![2], vec![]));
        assert_eq!(meant("/ci/job/web/a.py:1:8: F401 `os` imported but unused\n", BASE), (vec![1], vec![]));
    }

    /// Returns what each finding of the base can do after a report was laid beside it: its line, and the texts of the edits of each suggestion.
    fn offered(report: &str, base: &str, files: &Files) -> Vec<(u32, Vec<Vec<String>>)> {
        let read = |text: &str| Reported::read(text, files, &[]).unwrap();
        let mut runs = BaseRuns::from([((0, Recipe::Lint), run(read(base).findings))]);
        read(report).find_in(&mut runs, files);
        let texts = |one: &Suggestion| one.edits.iter().map(|edit| edit.text.clone()).collect();
        let all = runs.values().flat_map(|run| &run.findings);
        let mut offered: Vec<_> =
            all.map(|finding| (finding.line().unwrap(), finding.suggestions.iter().map(texts).collect())).collect();
        offered.sort();
        offered
    }

    fn of_one(text: &str) -> Files {
        Files::from_map([(RepoPath::new("a.cc").unwrap(), text.as_bytes().to_vec())].into())
    }

    #[test]
    fn of_two_on_one_line_each_has_its_own_fix() {
        let files = of_one("int *p = 0, *q = 0;\n");
        let base = "a.cc:1:10: warning: use nullptr [m-u]\na.cc:1:18: warning: use nullptr [m-u]\n";
        let fix = |at: u32| {
            format!(
                r#"{{"message":"use nullptr","location":{{"path":"a.cc","range":{{"start":{{"line":1,"column":{at}}}}}}},"code":{{"value":"m-u"}},"suggestions":[{{"range":{{"start":{{"line":1,"column":{at}}},"end":{{"line":1,"column":{}}}}},"text":"n{at}"}}]}}"#,
                at + 1
            )
        };
        let expected = [(1, vec![vec!["n10".to_owned()]]), (1, vec![vec!["n18".to_owned()]])];
        assert_eq!(offered(&format!("{}\n{}\n", fix(10), fix(18)), base, &files), expected);
        // Nor where a tool names the rule once alone.
        let base = base.replacen(" [m-u]\na", "\na", 1);
        assert_eq!(offered(&format!("{}\n{}\n", fix(10), fix(18)), &base, &files), expected);
    }

    #[test]
    fn a_fix_for_a_line_that_has_moved_since_is_not_taken() {
        let fix = r#"{"message":"use nullptr","location":{"path":"a.cc","range":{"start":{"line":1,"column":10}}},"code":{"value":"m-u"},"suggestions":[{"range":{"start":{"line":1,"column":10},"end":{"line":1,"column":11}},"text":"n"}]}"#;
        let base = "a.cc:2:10: warning: use nullptr [m-u]\n";
        assert_eq!(offered(fix, base, &of_one("int *q = 1;\nint *p = 0;\n")), [(2, vec![])]);
    }

    #[test]
    fn a_diff_settles_what_stands_on_the_lines_that_it_changes() {
        let files = of_one("one\ntwo\nthree\nfour\nfive\n");
        let diff = "--- a/a.cc\n+++ b/a.cc\n@@ -1,5 +1,5 @@\n-one\n+ONE\n two\n three\n-four\n+FOUR\n five\n";
        let base = "a.cc:1:1: warning: x [m-u]\na.cc:2:1: warning: x [m-u]\na.cc:4:2: warning: x [m-v]\n";
        let own = |text: &str| vec![vec![format!("{text}\n")], vec!["ONE\n".to_owned(), "FOUR\n".to_owned()]];
        assert_eq!(offered(diff, base, &files), [(1, own("ONE")), (2, vec![]), (4, own("FOUR"))]);
        let formatter = "--- a.cc:before\n+++ a.cc:after\n@@ -1 +1 @@\n-one\n+1\n";
        assert_eq!(offered(diff, formatter, &files)[0].1.len(), 2, "whichever tool wrote either");
    }

    #[test]
    fn a_report_that_names_nothing_says_so() {
        let empty = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"ruff"}},"results":[]}]}"#;
        assert_eq!(Reported::read(empty, &files(), &[]).unwrap().notes(), ["the report names no finding: nothing is repaired"]);
        assert_eq!(
            Reported::read("[\n]\n", &files(), &[]).unwrap().notes(),
            ["the report names no finding: nothing is repaired"]
        );
        assert!(Reported::read("[]x", &files(), &[]).is_err());
        let cut = r#"{"version": "2.1.0", "runs": [{"results": [{"ruleId": "F4"#;
        let error = Reported::read(cut, &files(), &[]).err().unwrap().to_string();
        assert!(error.contains("breaks off after 0 whole entries"), "{error}");
    }

    #[test]
    fn one_of_an_older_commit_is_found_by_its_words() {
        assert_eq!(meant("a.py:5:8: F401 `sys` imported but unused\n", BASE), (vec![2], vec![]));
    }

    #[test]
    fn what_the_base_does_not_show_is_said_with_its_reason() {
        assert_eq!(meant("a.py:5:1: E741 Ambiguous variable name: `l`\n", BASE), (vec![], vec![Reason::NotReproduced]));
        let foreign = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"CodeQL"}},"results":[{"ruleId":"py/x","message":{"text":"m"},
            "locations":[{"physicalLocation":{"artifactLocation":{"uri":"web/a.py"},"region":{"startLine":5}}}]}]}]}"#;
        assert_eq!(meant(foreign, BASE), (vec![], vec![Reason::NoRecipe]));
    }

    #[test]
    fn a_place_outside_of_the_tree_is_none() {
        assert_eq!(meant("../a.py:1:8: F401 `os` imported but unused\n", BASE), (vec![], vec![Reason::LocationUnusable]));
        assert_eq!(meant("a.py:99:8: F401 `os` imported but unused\n", BASE), (vec![], vec![Reason::LocationUnusable]));
    }

    #[test]
    fn a_project_s_own_patterns_are_read() {
        let matcher = r#"{"problemMatcher": [{"owner": "house", "pattern": [{"regexp": "^!(.+)@(\\d+) (.+)$", "file": 1, "line": 2, "message": 3}]}]}"#;
        let mut all: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
        for (path, text) in [("web/a.py", "x = 1\ny = 2\n"), (".github/house.json", matcher)] {
            all.insert(RepoPath::new(path).unwrap(), text.as_bytes().to_vec());
        }
        let files = Files::from_map(all);
        let findings = Reported::read("!web/a.py@2 is odd\n", &files, &[]).unwrap().findings;
        assert_eq!(findings.iter().map(|found| (found.tool.as_str(), found.line())).collect::<Vec<_>>(), [("house", Some(2))]);
    }

    #[test]
    fn patterns_that_a_step_names_are_read_where_it_names_them() {
        let matcher = r#"{"problemMatcher": [{"owner": "own", "pattern": [{"regexp": "^!(.+)@(\\d+) (.+)$", "file": 1, "line": 2, "message": 3}]}]}"#;
        let mut all: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
        for (path, text) in [("web/a.py", "x = 1\ny = 2\n"), ("ci/own.json", matcher)] {
            all.insert(RepoPath::new(path).unwrap(), text.as_bytes().to_vec());
        }
        let files = Files::from_map(all);
        let log = "##[add-matcher]/home/runner/work/w/w/ci/own.json\n!web/a.py@2 is odd\n";
        for log in [log.to_owned(), log.replace("##[add-matcher]", "::add-matcher::")] {
            let stamped: String = log.lines().map(|line| format!("2026-05-01T10:00:00.1234567Z {line}\n")).collect();
            let findings = Reported::read(&stamped, &files, &[]).unwrap().findings;
            assert_eq!(
                findings.iter().map(|found| (found.tool.as_str(), found.line())).collect::<Vec<_>>(),
                [("own", Some(2))],
                "{log}"
            );
        }
    }

    #[test]
    fn prose_is_no_report() {
        assert!(Reported::read("all is well\n", &files(), &[]).is_err());
    }
}
