//! Whether a recipe ran at all: a missing tool, a usage error or an unreachable registry is no finding about the code, and a run that
//! was not one proves nothing.

use regex::Regex;

use crate::text::{lines, one_line, pattern, plain};
use crate::{Output, Report};

/// The rule of a dependency that could not be had.
pub(crate) const UNRESOLVED: &str = "unresolved-dependency";

/// Says in one line why a recipe did not run, `None` where it did.
///
/// A run that failed and said nothing that was understood counts as one that could not be judged.
///
/// ```
/// use diagnostics::{Output, could_not_run, read};
///
/// let output = Output { stdout: b"", stderr: b"sh: 1: ruff: not found\n", tool: None };
/// assert!(could_not_run(Some(127), &output, &read(&output)).is_some_and(|why| why.contains("ruff")));
/// assert_eq!(could_not_run(Some(0), &output, &read(&output)), None);
/// ```
#[must_use]
pub fn could_not_run(exit_code: Option<i32>, output: &Output<'_>, report: &Report) -> Option<String> {
    // A build that could not get its dependencies compiled nothing.
    let unresolved = |found: &&crate::Diagnostic| found.path.is_none() && found.rule == UNRESOLVED;
    let understood = !report.diagnostics.iter().all(|found| unresolved(&found)) || report.tests.framework.is_some();
    let code = match exit_code {
        Some(0) => return None,
        Some(code) => code,
        // Killed: by whoever ran it, who knows why, or by a signal of its own.
        None if understood => return None,
        None => return Some("it was killed before it reported anything".to_owned()),
    };
    let (stdout, stderr) = (plain(output.stdout), plain(output.stderr));
    let (said, more) = (lines(&stderr), lines(&stdout));
    let all = || said.iter().chain(more.iter()).copied();

    if report.tests.framework.is_none()
        && let Some(reason) = crash(&said).or_else(|| crash(&more))
    {
        return Some(reason);
    }
    // One command of several may have been missing; what the others found stands.
    if understood {
        return None;
    }
    if let Some(found) = report.diagnostics.iter().find(unresolved) {
        return Some(one_line(&found.message));
    }
    if let Some(reason) = all().find_map(hindrance) {
        return Some(reason);
    }
    if code == 126 || code == 127 {
        let why = all().find(|line| !line.trim().is_empty()).unwrap_or("the command was not found");
        return Some(one_line(why));
    }
    // Exit 5 of pytest: it ran, and there were no tests. That has a report; so this is something else.
    let first = all().find(|line| is_telling(line)).map_or(String::new(), |line| format!(": {}", one_line(line)));
    if USAGE.iter().any(|pattern| all().any(|line| pattern.is_match(line))) {
        return Some(format!("it was not called as it wants to be{first}"));
    }
    Some(format!("exited with {code} and nothing in its output was understood{first}"))
}

pattern! {
    NOT_FOUND = r"^(?:\S*sh: )?(?:\d+: |line \d+: )?(\S+): (?:command )?not found$";
    NO_FILE = r"^(?:env|/usr/bin/env|\S*sh): (?:\d+: )?[‘'`]?(.+?)['’]?: (?:No such file or directory|Permission denied)$";
    NO_RULE = r"^make(?:\[\d+\])?: \*\*\* (?:No rule to make target|No targets specified).*$";
    NO_PYTHON_MODULE = r"^\S*(?:python|pypy)[\w.]*(?:\.exe)?: No module named ([\w.]+)";
    NO_CARGO_COMMAND = r"^error: no such (?:command|subcommand): `(.+)`";
    NOT_INSTALLED = r"^error: '(cargo-\w+)' is not installed for the toolchain";
    NO_TOOLCHAIN = r"^error: toolchain '(.+)' is not installed";
    NO_MANIFEST = r"^error: could not find `Cargo\.toml`|^error: failed to parse manifest at|^error: no targets specified in the manifest";
    CARGO_RESOLVE = r"^error: (?:no matching package named|failed to select a version for|failed to get `|failed to download|failed to load source|failed to query|failed to sync|failed to fetch|unable to update|rustc .* is not supported by|package `.*` cannot be built because it requires rustc|feature `.*` is required)";
    NPM_SCRIPT = r"^npm (?:error|ERR!) Missing script: (.+)$";
    NPM_CODE = r"^npm (?:error|ERR!) code (ENOENT|ERESOLVE|ETARGET|E40\d|ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN|EINTEGRITY|EJSONPARSE|ENOLOCK|ENOTCACHED|EBADENGINE|ENEEDAUTH|EAUDITNOLOCK)$";
    NPM_AUDIT = r"^npm (?:error|ERR!) audit (?:endpoint returned an error|request to .* failed).*$";
    GO_MODULES = r"^(?:go: |\S+\.go:\d+:\d+: )(?:.*: )?(?:module lookup disabled|Get \x22http.*\x22: dial|.*dial tcp: .*|go\.mod file not found.*|cannot find main module.*|errors parsing go\.mod:|no modules specified)";
    GO_PATTERN = r"^(?:pattern \S+: )?(?:directory prefix \. does not contain (?:main module|modules).*|go: go\.mod file not found.*)$";
    GO_TOOLCHAIN = r"^go: (?:download go\d.*|go\.mod requires go >= .*|errors parsing go\.mod.*)$";
    ESLINT_CONFIG = r"^ESLint couldn't find (?:an eslint\.config|a configuration file|the config|the plugin).*$";
    ESLINT_LOAD = r"^(?:Error: )?(?:Failed to load (?:config|plugin|parser) .*|Cannot find module '.*'|.*Invalid configuration.*|TypeError: Key .*: .*)$";
    RUFF_CONFIG = r"^(?:error: (?:Failed to parse|invalid value|unexpected argument|Failed to load)|\s+Cause: Failed to parse ).*$";
    NETWORK = r"(?:Temporary failure in name resolution|Could not resolve host|Name or service not known|Failed to establish a new connection|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|spurious network error|error sending request for url)";
    PIP_RESOLVE = r"^ERROR: (?:No matching distribution found for|Could not find a version that satisfies|ResolutionImpossible|Could not open requirements file).*$";
    NO_DISPLAY = r"^(?:No space left on device|.*: No space left on device)$";
}

static USAGE_WORDS: [&str; 4] = [
    r"^(?i:usage): ",
    r"(?i:unrecognized arguments|unrecognized option|unknown option|unexpected argument|no such option|invalid option)",
    r"^(?:\S+: )?error: (?:the following (?:required )?arguments|argument )",
    r"^flag provided but not defined: ",
];

static USAGE: std::sync::LazyLock<Vec<Regex>> =
    std::sync::LazyLock::new(|| USAGE_WORDS.iter().map(|word| crate::text::compile(word)).collect());

/// Returns why a linter gave up before it looked at anything, whatever was understood of its own stack.
fn crash(lines: &[&str]) -> Option<String> {
    let headline = |line: &&str| matches!(line.trim(), "ruff failed" | "Oops! Something went wrong! :(");
    let at = lines.iter().position(headline)?;
    let rest = lines.iter().skip(at + 1).take(12).map(|line| line.trim());
    let why: Vec<&str> = rest.filter(|line| is_telling(line) && !line.starts_with("ESLint: ")).take(4).collect();
    let words =
        |why: &[&str]| one_line(&why.iter().map(|line| line.trim_start_matches("Cause: ")).collect::<Vec<_>>().join(": "));
    match lines.get(at).map(|line| line.trim()) {
        Some("ruff failed") => Some(format!("ruff failed: {}", words(&why))),
        _ => Some(format!("eslint failed: {}", words(why.get(..1).unwrap_or(&[])))),
    }
}

/// Returns why a recipe could not run, if a line says so.
fn hindrance(line: &str) -> Option<String> {
    let quoted = || one_line(line);
    if let Some(found) = NO_PYTHON_MODULE.captures(line) {
        return Some(format!("the Python module `{}` is not installed", &found[1]));
    }
    if let Some(found) = NO_CARGO_COMMAND.captures(line) {
        return Some(format!("cargo has no command `{}`", &found[1]));
    }
    if let Some(found) = NOT_INSTALLED.captures(line) {
        return Some(format!("`{}` is not installed for this toolchain", &found[1]));
    }
    if let Some(found) = NO_TOOLCHAIN.captures(line) {
        return Some(format!("the Rust toolchain `{}` is not installed", &found[1]));
    }
    if let Some(found) = NPM_SCRIPT.captures(line) {
        return Some(format!("package.json has no script {}", &found[1]));
    }
    if [
        &*NO_MANIFEST,
        &*CARGO_RESOLVE,
        &*NPM_CODE,
        &*NPM_AUDIT,
        &*GO_PATTERN,
        &*GO_TOOLCHAIN,
        &*ESLINT_CONFIG,
        &*NO_RULE,
        &*NO_DISPLAY,
    ]
    .iter()
    .any(|pattern| pattern.is_match(line))
    {
        return Some(quoted());
    }
    if let Some(found) = NOT_FOUND.captures(line) {
        return Some(format!("the command `{}` was not found", &found[1]));
    }
    if let Some(found) = NO_FILE.captures(line) {
        return Some(format!("the command `{}` could not be started", &found[1]));
    }
    let weak = [&*GO_MODULES, &*ESLINT_LOAD, &*RUFF_CONFIG, &*NETWORK, &*PIP_RESOLVE];
    if weak.iter().any(|pattern| pattern.is_match(line)) { Some(quoted()) } else { None }
}

/// Says whether a line is worth quoting.
fn is_telling(line: &str) -> bool {
    let line = line.trim();
    line.chars().filter(|c| c.is_alphanumeric()).count() >= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: i32, stdout: &str, stderr: &str) -> Option<String> {
        let output = Output { stdout: stdout.as_bytes(), stderr: stderr.as_bytes(), tool: None };
        could_not_run(Some(code), &output, &crate::read(&output))
    }

    #[test]
    fn what_hinders_a_recipe_is_said() {
        let table = [
            (127, "sh: 1: ruff: not found\n", "the command `ruff` was not found"),
            (127, "bash: line 1: mypy: command not found\n", "the command `mypy` was not found"),
            (126, "sh: 1: ./build.sh: Permission denied\n", "the command `./build.sh` could not be started"),
            (1, "/usr/bin/python3: No module named pytest\n", "the Python module `pytest` is not installed"),
            (
                101,
                "error: no such command: `clippy`\n\n\tView all installed commands with `cargo --list`\n",
                "cargo has no command `clippy`",
            ),
            (
                101,
                "error: could not find `Cargo.toml` in `/x` or any parent directory\n",
                "error: could not find `Cargo.toml` in `/x` or any parent directory",
            ),
            (1, "npm error code E404\nnpm error 404 Not Found\n", "npm error code E404"),
            (2, "make: *** No rule to make target 'lint'.  Stop.\n", "make: *** No rule to make target 'lint'. Stop."),
            (
                2,
                "usage: mypy [-h] [-v] [-V]\nmypy: error: unrecognized arguments: --x\n",
                "it was not called as it wants to be: usage: mypy [-h] [-v] [-V]",
            ),
            (3, "", "exited with 3 and nothing in its output was understood"),
        ];
        for (code, stderr, expected) in table {
            assert_eq!(reason(code, "", stderr).as_deref(), Some(expected), "{stderr}");
        }
    }

    #[test]
    fn a_recipe_that_ran_is_not_excused() {
        assert_eq!(reason(0, "anything", ""), None);
        assert_eq!(reason(5, "=== no tests ran in 0.01s ===\n", ""), None);
        assert_eq!(reason(2, "cc -c a.c\n", "a.c:1:1: error: expected ';'\nmake: *** [Makefile:2: a.o] Error 1\n"), None);
        // A program under test may say anything.
        let tests = "running 1 test\ntest a ... FAILED\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(reason(101, tests, "npm error Missing script: \"x\"\nsh: 1: y: not found\nruff failed\n"), None);
        // One of two linters is missing: what the other found stands.
        assert_eq!(reason(1, "a.py:1:1: F401 'os' imported but unused\n", "/usr/bin/python3: No module named mypy\n"), None);
    }
}
