//! Recordings of real tools, each put into the log of a failing job as each CI system writes it: the envelope costs nothing of what the
//! tool said, the failing step is found, and the class and the explaining line are what a person would name.

#![expect(clippy::unwrap_used, reason = "what must hold fails the test")]

use std::fmt::Write as _;
use std::path::Path;

use diagnostics::{Dialect, Outcome, Output, peel, read, read_log};

/// Recording, class, and what the line that explains the failure says (any of these).
const LABELLED: &[(&str, &str, &[&str])] = &[
    ("cargo/text", "build_error", &["error[E0308]: mismatched types"]),
    ("cargo/test", "test_failure", &["panicked at src/lib.rs"]),
    ("cargo/fmt", "formatting", &["Diff in /repo/src/main.rs"]),
    ("cargo/unresolvable", "dependency_issue", &["no matching package named"]),
    ("cargo/locked", "dependency_issue", &["cannot update the lock file"]),
    ("gcc/make", "build_error", &["src/main.c:5:34: error:"]),
    ("gcc/link", "build_error", &["undefined reference to `not_here'"]),
    ("gcc/missing_header", "build_error", &["fatal error: no/such.h"]),
    ("cmake/error", "build_error", &["CMake Error at CMakeLists.txt:3"]),
    ("go/build", "build_error", &["syntax error", "cannot use"]),
    ("go/sum", "dependency_issue", &["missing go.sum entry"]),
    ("go/test", "test_failure", &["--- FAIL: TestAdd"]),
    ("pytest/failures", "test_failure", &["RuntimeError: no fixture", "AssertionError"]),
    ("pytest/collection", "import_error", &["No module named 'not_installed_anywhere'"]),
    ("unittest/plain", "test_failure", &["AttributeError: module 'collections'", "ImportError: Failed to import"]),
    ("jest/check", "test_failure", &["● math › fails"]),
    ("mocha/spec", "test_failure", &["AssertionError [ERR_ASSERTION]: 2 == 3"]),
    ("mocha/import", "import_error", &["Cannot find module 'not-installed-anywhere'"]),
    ("prove/perl", "test_failure", &["not ok 2 - differs"]),
    ("gtest/run", "test_failure", &["a.cc:3: Failure"]),
    ("ctest/failures", "test_failure", &["***Failed"]),
    ("tsc/plain", "type_checking", &["error TS6133: 'missing'"]),
    ("mypy/text", "type_checking", &["Cannot find implementation or library stub"]),
    ("eslint/stylish", "linting", &["'b' is never reassigned"]),
    ("flake8/text", "linting", &["F401 'os'", "E999 SyntaxError"]),
    ("pylint/text", "linting", &["C0114"]),
    ("black/check", "formatting", &["cannot parse", "would reformat"]),
    ("isort/check", "formatting", &["Imports are incorrectly sorted"]),
    ("clang-format/dry_run", "formatting", &["code should be clang-formatted"]),
    ("ruff/format_check", "formatting", &["File would be reformatted"]),
    ("npm/ci", "dependency_issue", &["can only install packages when"]),
    ("sanitizer/overflow", "crash", &["AddressSanitizer: heap-buffer-overflow"]),
    ("sanitizer/undefined", "crash", &["signed integer overflow"]),
    ("cargo/panic", "crash", &["panicked at r.rs:3:9"]),
    ("go/panic", "crash", &["panic: runtime error"]),
    ("python/uncaught", "build_error", &["JSONDecodeError"]),
    ("node/uncaught", "build_error", &["TypeError: Cannot read properties"]),
    ("node/missing_module", "import_error", &["Cannot find module 'left-pad-not-here'"]),
    ("node/reference", "build_error", &["pth is not defined"]),
    ("python/traceback", "build_error", &["name 'undefined_thing' is not defined"]),
];

struct Recording {
    command: String,
    code: i32,
    output: String,
}

fn recording(case: &str) -> Recording {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(case);
    let text = |name: &str| String::from_utf8(std::fs::read(folder.join(name)).unwrap()).unwrap();
    Recording {
        command: text("command").trim().to_owned(),
        code: text("exit").trim().parse().unwrap(),
        output: text("stdout") + &text("stderr"),
    }
}

/// Writes the log of a job that checks out, runs the command, and cleans up.
fn logged(dialect: Dialect, Recording { command, code, output }: &Recording) -> String {
    let mut log = String::new();
    match dialect {
        Dialect::GitHub => {
            let mut line = |text: &str| writeln!(log, "2026-05-01T10:00:00.1234567Z {text}").unwrap();
            line("##[group]Run actions/checkout@v5");
            line("with:");
            line("##[endgroup]");
            line("error: a warning of the step before");
            line(&format!("##[group]Run {command}"));
            line(&format!("\u{1b}[36;1m{command}\u{1b}[0m"));
            line("shell: /usr/bin/bash -e {0}");
            line("##[endgroup]");
            output.lines().for_each(&mut line);
            line(&format!("##[error]Process completed with exit code {code}."));
            line("Post job cleanup.");
            line("[command]/usr/bin/git version");
        }
        Dialect::GitLab => {
            let mut line = |text: &str| write!(log, "{text}\r\n").unwrap();
            line("Running with gitlab-runner 18.2.0 (abc)");
            line("section_start:1714557600:get_sources\r\u{1b}[0K\u{1b}[0K\u{1b}[36;1mGetting source\u{1b}[0;m");
            line("section_end:1714557600:get_sources\r\u{1b}[0K");
            line("section_start:1714557600:step_script\r\u{1b}[0K\u{1b}[0K\u{1b}[36;1mExecuting \"step_script\"\u{1b}[0;m");
            line(&format!("\u{1b}[32;1m$ {command}\u{1b}[0;m"));
            output.lines().for_each(&mut line);
            line(
                "section_end:1714557600:step_script\r\u{1b}[0Ksection_start:1714557600:cleanup_file_variables\r\u{1b}[0K\u{1b}[0K",
            );
            line("section_end:1714557600:cleanup_file_variables\r\u{1b}[0K");
            line(&format!("\u{1b}[31;1mERROR: Job failed: exit code {code}\u{1b}[0;m"));
        }
        Dialect::Jenkins => {
            let mut line = |text: &str| writeln!(log, "[2026-05-01T10:00:00.123Z] {text}").unwrap();
            line("[Pipeline] stage");
            line("[Pipeline] { (Check)");
            line("[Pipeline] sh");
            line(&format!("+ {command}"));
            output.lines().for_each(&mut line);
            line("[Pipeline] }");
            line("[Pipeline] // stage");
            line("[Pipeline] End of Pipeline");
            line(&format!("ERROR: script returned exit code {code}"));
            line("Finished: FAILURE");
        }
        Dialect::Travis => {
            let mut line = |text: &str| writeln!(log, "{text}").unwrap();
            line("travis_fold:start:git.checkout\r\u{1b}[0Ktravis_time:start:0a\r\u{1b}[0K$ git clone");
            line("travis_time:end:0a:start=1,finish=2,duration=1\r\u{1b}[0Ktravis_fold:end:git.checkout");
            line(&format!("travis_time:start:0b\r\u{1b}[0K$ {command}"));
            output.lines().for_each(&mut line);
            line("travis_time:end:0b:start=1,finish=2,duration=1\r\u{1b}[0K");
            line(&format!("\u{1b}[31;1mThe command \"{command}\" exited with {code}.\u{1b}[0m"));
            line("Done. Your build exited with 1.");
        }
        Dialect::Buildkite => {
            let mut line = |text: &str| write!(log, "\u{1b}_bk;t=1714557600000\u{7}{text}\r\n").unwrap();
            line("~~~ Preparing working directory");
            line("~~~ Running commands");
            line(&format!("\u{1b}[90m$\u{1b}[0m {command}"));
            output.lines().for_each(&mut line);
            line(
                "\u{1b}[31m🚨 Error: The command exited with status 1\u{1b}[0m"
                    .replace("status 1", &format!("status {code}"))
                    .as_str(),
            );
            line("~~~ Running global pre-exit hook");
        }
        Dialect::CircleCi => {
            write!(log, "#!/bin/bash -eo pipefail\n{command}\n\n{output}\nExited with code exit status {code}\n\nCircleCI received exit code {code}\n")
                .unwrap();
        }
        Dialect::Plain => log.clone_from(output),
    }
    log
}

const DIALECTS: [Dialect; 6] =
    [Dialect::GitHub, Dialect::GitLab, Dialect::Jenkins, Dialect::Travis, Dialect::Buildkite, Dialect::CircleCi];

/// Splits a log as its lines are numbered.
fn raw_lines(log: &str) -> Vec<String> {
    log.replace("\r\n", "\n").replace('\r', "\n").split('\n').map(str::to_owned).collect()
}

#[test]
fn the_envelope_costs_nothing_of_what_the_tool_said() {
    let mut wrong = Vec::new();
    for (case, ..) in LABELLED {
        let recorded = recording(case);
        let mut alone = read(&Output { stdout: recorded.output.as_bytes(), stderr: b"", tool: None });
        // What a log says twice (a header that two files include) is told once.
        let mut told = Vec::new();
        alone.diagnostics.retain(|one| {
            let message = (one.tool.clone(), one.rule.clone(), one.path.clone(), one.span, one.message.clone());
            let is_new = one.path.is_none() || !told.contains(&message);
            told.push(message);
            is_new
        });
        for dialect in DIALECTS {
            let log = logged(dialect, &recorded);
            let found = read_log(log.as_bytes());
            assert_eq!(
                (found.dialect, found.outcome, found.exit_code),
                (dialect, Outcome::Failed, Some(recorded.code)),
                "{case}"
            );
            assert_eq!(found.command.as_deref(), Some(recorded.command.as_str()), "{case}, {dialect:?}");
            let peeled = read(&Output { stdout: peel(&log).as_bytes(), stderr: b"", tool: None });
            if found.report.diagnostics != alone.diagnostics || found.report.tests != alone.tests || peeled.tests != alone.tests {
                wrong.push(format!("{case}, {dialect:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_class_and_the_explaining_line_are_found() {
    let mut wrong = Vec::new();
    for (case, class, lines) in LABELLED {
        let recorded = recording(case);
        for dialect in DIALECTS {
            let log = logged(dialect, &recorded);
            let found = read_log(log.as_bytes());
            let decided = found.decision.map(|decision| decision.class.to_string());
            if decided.as_deref() != Some(*class) {
                wrong.push(format!(
                    "{case}, {dialect:?}: class {decided:?} by {:?}",
                    found.decision.map(|decision| decision.rule)
                ));
            }
            let all = raw_lines(&log);
            let (first, last) = found.explaining.first().copied().unwrap_or((1, 1));
            let explained = all[usize::try_from(first).unwrap() - 1..usize::try_from(last).unwrap()].join("\n");
            if !lines.iter().any(|line| explained.contains(line)) {
                wrong.push(format!("{case}, {dialect:?}: explained by {explained:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
}

#[test]
fn a_report_of_a_crash_alone_is_a_failure() {
    let found =
        read_log(b"a.c:3:5: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'\n");
    assert_eq!(found.outcome, Outcome::Failed);
}
