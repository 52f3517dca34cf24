//! Judges a tree without fixwright: findings by the tool's own report, the build, and the tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::plan::{Commands, Linter};
use crate::shell;

/// What a tree is like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    pub(crate) findings: Counts,
    pub(crate) build: Option<bool>,
    pub(crate) tests: Option<Tests>,
}

/// Findings by rule and file. Messages are left out: a repair of one name in `unused imports: a, b` rewords the message and makes
/// no new finding.
pub(crate) type Counts = BTreeMap<(String, String), usize>;

/// What a test run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tests {
    pub(crate) ok: bool,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// Measures `tree`.
pub(crate) fn measure(tree: &Path, linter: Linter, commands: &Commands, test: Option<&str>) -> Result<Measured> {
    let output = sh(tree, &commands.count)?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let findings = count(linter, tree, &stdout, &stderr)
        .with_context(|| format!("`{}` in {}: {}", commands.count, tree.display(), stderr.lines().last().unwrap_or_default()))?;
    let build = commands.build.as_deref().map(|line| Ok::<_, anyhow::Error>(sh(tree, line)?.status.success())).transpose()?;
    let tests = test.map(|line| {
        let output = sh(tree, line)?;
        let text = [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat();
        let (passed, failed) = tests_of(&text);
        Ok::<_, anyhow::Error>(Tests { ok: output.status.success(), passed, failed })
    });
    Ok(Measured { findings, build, tests: tests.transpose()? })
}

/// Runs a command line in `tree`, with a limit and with the test tools on its path.
pub(crate) fn sh(tree: &Path, line: &str) -> Result<std::process::Output> {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", "900", "sh", "-c", line]).current_dir(tree);
    command
        .env("PATH", shell::path_with_tools(&shell::root()?)?)
        .env_remove("CARGO_TARGET_DIR")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let output = shell::output_of(&mut command)?;
    if output.status.code() == Some(124) {
        bail!("`{line}` took more than 900 s in {}", tree.display());
    }
    Ok(output)
}

/// Returns how many findings of `before` are gone, and how many of `after` are new.
pub(crate) fn compare(before: &Counts, after: &Counts) -> (usize, usize) {
    let more = |a: &Counts, b: &Counts| a.iter().map(|(key, n)| n.saturating_sub(b.get(key).copied().unwrap_or(0))).sum();
    (more(before, after), more(after, before))
}

/// Returns what is worse in `after`, in words; empty when nothing is.
pub(crate) fn worse(before: &Measured, after: &Measured) -> Vec<String> {
    let mut worse = Vec::new();
    if before.build == Some(true) && after.build == Some(false) {
        worse.push("the build broke".to_owned());
    }
    if let (Some(b), Some(a)) = (before.tests, after.tests)
        && ((b.ok && !a.ok) || a.passed < b.passed || a.failed > b.failed)
    {
        worse.push(format!("tests: {} passed and {} failed before, {} and {} after", b.passed, b.failed, a.passed, a.failed));
    }
    worse
}

/// Reads the tool's own report.
fn count(linter: Linter, tree: &Path, stdout: &str, stderr: &str) -> Result<Counts> {
    match linter {
        Linter::Clippy => clippy(stdout),
        Linter::Ruff => ruff(stdout, tree),
        Linter::Eslint => eslint(stdout, tree),
        Linter::GoVet => go_vet(stdout, stderr, tree),
        Linter::Gofmt => Ok(stdout.lines().map(|file| (("gofmt".to_owned(), file.to_owned()), 1)).collect()),
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

fn below(tree: &Path, file: &str) -> String {
    let file = Path::new(file);
    file.strip_prefix(tree).unwrap_or(file).display().to_string()
}

fn add(counts: &mut Counts, rule: &str, file: String) {
    *counts.entry((rule.to_owned(), file)).or_insert(0) += 1;
}

/// One JSON message a line. A target that is built twice (as itself and for its tests) says everything twice.
fn clippy(stdout: &str) -> Result<Counts> {
    let mut counts = Counts::new();
    let mut seen = BTreeSet::new();
    let mut finished = false;
    for line in stdout.lines().filter(|line| line.starts_with('{')) {
        let message: Value = serde_json::from_str(line).context("reading a message of cargo")?;
        finished |= text(&message, "/reason") == Some("build-finished");
        let spans = message.pointer("/message/spans").and_then(Value::as_array);
        let primary = spans.and_then(|spans| spans.iter().find(|span| span.get("is_primary") == Some(&Value::Bool(true))));
        let Some(span) = primary else { continue };
        let rule = text(&message, "/message/code/code").unwrap_or("error");
        let file = text(span, "/file_name").unwrap_or_default().to_owned();
        let said = text(&message, "/message/message").unwrap_or_default().to_owned();
        let at = [span.get("byte_start"), span.get("byte_end")].map(|v| v.and_then(Value::as_u64));
        if seen.insert((rule.to_owned(), file.clone(), said, at)) {
            add(&mut counts, rule, file);
        }
    }
    if !finished {
        bail!("cargo did not get to the end of its report");
    }
    Ok(counts)
}

fn ruff(stdout: &str, tree: &Path) -> Result<Counts> {
    let report: Vec<Value> = serde_json::from_str(stdout).context("reading the report of ruff")?;
    let mut counts = Counts::new();
    for one in &report {
        let file = below(tree, text(one, "/filename").unwrap_or_default());
        add(&mut counts, text(one, "/code").unwrap_or("invalid-syntax"), file);
    }
    Ok(counts)
}

fn eslint(stdout: &str, tree: &Path) -> Result<Counts> {
    let report: Vec<Value> = serde_json::from_str(stdout).context("reading the report of eslint")?;
    let mut counts = Counts::new();
    for file in &report {
        let name = below(tree, text(file, "/filePath").unwrap_or_default());
        for message in file.get("messages").and_then(Value::as_array).into_iter().flatten() {
            add(&mut counts, text(message, "/ruleId").unwrap_or("fatal"), name.clone());
        }
    }
    Ok(counts)
}

/// Objects of package → analyzer → list, between comment lines, on either stream as the version likes.
fn go_vet(stdout: &str, stderr: &str, tree: &Path) -> Result<Counts> {
    let json: Vec<&str> = stdout.lines().chain(stderr.lines()).filter(|line| !line.starts_with('#')).collect();
    let json = json.join("\n");
    let mut counts = Counts::new();
    let mut seen = BTreeSet::new();
    for object in serde_json::Deserializer::from_str(&json).into_iter::<Value>() {
        let object =
            object.with_context(|| format!("reading the report of go vet: {}", json.lines().next().unwrap_or_default()))?;
        let packages = object.as_object().into_iter().flat_map(|packages| packages.values());
        for (analyzer, list) in packages.filter_map(Value::as_object).flatten() {
            for one in list.as_array().into_iter().flatten() {
                let position = text(one, "/posn").unwrap_or_default();
                // A package is vetted twice, with and without its tests.
                if seen.insert((analyzer.clone(), position.to_owned(), text(one, "/message").unwrap_or_default().to_owned())) {
                    add(&mut counts, analyzer, below(tree, position.split(':').next().unwrap_or_default()));
                }
            }
        }
    }
    Ok(counts)
}

/// Returns how many tests passed and failed, by the summary lines of the usual runners.
fn tests_of(output: &str) -> (u64, u64) {
    let (mut passed, mut failed) = (0, 0);
    for line in output.lines() {
        let words: Vec<&str> =
            line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')')).filter(|w| !w.is_empty()).collect();
        let before =
            |word: &str| words.windows(2).find(|two| two.get(1) == Some(&word)).and_then(|two| two.first()?.parse::<u64>().ok());
        let after =
            |word: &str| words.windows(2).find(|two| two.first() == Some(&word)).and_then(|two| two.get(1)?.parse::<u64>().ok());
        let trimmed = line.trim_start();
        // cargo test, pytest, mocha
        let summary = trimmed.starts_with("test result:") || (line.contains(" in ") && line.contains('s'));
        if summary {
            passed += before("passed").unwrap_or(0);
            failed += before("failed").unwrap_or(0) + before("errors").or(before("error")).unwrap_or(0);
        }
        passed += before("passing").unwrap_or(0);
        failed += before("failing").unwrap_or(0);
        // TAP and node:test
        if trimmed.starts_with("# ") || trimmed.starts_with("ℹ ") {
            passed += after("pass").unwrap_or(0);
            failed += after("fail").unwrap_or(0);
        }
        // go test -v
        passed += u64::from(trimmed.starts_with("--- PASS:"));
        failed += u64::from(trimmed.starts_with("--- FAIL:"));
        // unittest
        if let (Some("Ran"), Some("tests" | "test")) = (words.first().copied(), words.get(2).copied()) {
            passed += after("Ran").unwrap_or(0);
        }
        if let Some(rest) = trimmed.strip_prefix("FAILED (") {
            let broken: u64 = rest
                .split([',', ')'])
                .filter_map(|part| part.trim().split_once('='))
                .filter(|(k, _)| matches!(*k, "failures" | "errors"))
                .filter_map(|(_, n)| n.parse::<u64>().ok())
                .sum();
            failed += broken;
            passed = passed.saturating_sub(broken);
        }
    }
    (passed, failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(list: &[(&str, &str, usize)]) -> Counts {
        list.iter().map(|(rule, file, n)| (((*rule).to_owned(), (*file).to_owned()), *n)).collect()
    }

    #[test]
    fn repaired_and_new_are_counted_by_rule_and_file() {
        let before = counts(&[("a", "x", 3), ("b", "x", 1)]);
        let after = counts(&[("a", "x", 1), ("a", "y", 1), ("b", "x", 2)]);
        assert_eq!(compare(&before, &after), (2, 2));
        assert_eq!(compare(&before, &before), (0, 0));
    }

    #[test]
    fn reports_of_the_tools_are_counted() {
        let tree = Path::new("/t");
        let two = counts(&[("F401", "a.py", 2), ("invalid-syntax", "b.py", 1)]);
        let report =
            r#"[{"code":"F401","filename":"/t/a.py"},{"code":"F401","filename":"/t/a.py"},{"code":null,"filename":"/t/b.py"}]"#;
        assert_eq!(ruff(report, tree).unwrap(), two);
        let report =
            r#"[{"filePath":"/t/a.js","messages":[{"ruleId":"no-var"},{"ruleId":null}]},{"filePath":"/t/b.js","messages":[]}]"#;
        assert_eq!(eslint(report, tree).unwrap(), counts(&[("no-var", "a.js", 1), ("fatal", "a.js", 1)]));
        let message = r#"{"reason":"compiler-message","message":{"message":"m","code":{"code":"clippy::x"},"spans":[{"is_primary":true,"file_name":"src/lib.rs","byte_start":1,"byte_end":2}]}}"#;
        let end = r#"{"reason":"build-finished","success":true}"#;
        assert_eq!(clippy(&format!("{message}\n{message}\n{end}")).unwrap(), counts(&[("clippy::x", "src/lib.rs", 1)]));
        assert!(clippy(message).is_err(), "a report without its end");
        let vet = "# p\n{\n\"p\": {\"printf\": [{\"posn\": \"/t/a.go:3:2\", \"message\": \"m\"}]}\n}\n";
        assert_eq!(go_vet("", &format!("{vet}{vet}"), tree).unwrap(), counts(&[("printf", "a.go", 1)]));
        assert!(ruff("ruff: command not found", tree).is_err());
    }

    #[test]
    fn test_runs_are_counted() {
        for (output, expected) in [
            ("test result: ok. 3 passed; 0 failed; 0 ignored;\ntest result: FAILED. 1 passed; 2 failed; 0 ignored", (4, 2)),
            ("==== 1 failed, 312 passed, 2 warnings in 1.20s ====", (312, 1)),
            ("5 passed in 0.01s", (5, 0)),
            ("  12 passing (3ms)\n  2 failing\n", (12, 2)),
            ("1..4\n# tests 4\n# pass  3\n# fail  1\n", (3, 1)),
            ("ℹ tests 4\nℹ pass 4\nℹ fail 0", (4, 0)),
            ("=== RUN TestA\n--- PASS: TestA (0.00s)\n    --- FAIL: TestB/x (0.00s)\n", (1, 1)),
            ("Ran 7 tests in 0.003s\n\nFAILED (failures=1, errors=1)\n", (5, 2)),
            ("nothing that looks like tests", (0, 0)),
        ] {
            assert_eq!(tests_of(output), expected, "{output}");
        }
    }

    #[test]
    fn fewer_passes_more_failures_and_a_broken_build_are_worse() {
        let tests = |ok, passed, failed| Some(Tests { ok, passed, failed });
        let of = |build, tests| Measured { findings: Counts::new(), build, tests };
        let before = of(Some(true), tests(false, 10, 1));
        assert_eq!(worse(&before, &before), [] as [String; 0]);
        assert_eq!(worse(&before, &of(Some(true), tests(true, 11, 0))), [] as [String; 0]);
        for after in
            [of(Some(false), tests(false, 10, 1)), of(Some(true), tests(false, 9, 1)), of(Some(true), tests(false, 10, 2))]
        {
            assert_eq!(worse(&before, &after).len(), 1);
        }
        assert_eq!(worse(&of(None, tests(true, 0, 0)), &of(None, tests(false, 0, 0))).len(), 1);
    }
}
