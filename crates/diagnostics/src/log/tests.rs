//! What no recording shows: other logs of the same job, pieces, ends without a code.

use domain::FindingKind;

use super::*;

#[test]
fn the_example_of_the_documentation_holds() {
    let log = b"travis_time:start:1\r$ make\nmain.c:3:5: error: expected ';'\nThe command \"make\" exited with 2.\n";
    let read = read_log(log);
    assert_eq!((read.command.as_deref(), read.exit_code), (Some("make"), Some(2)));
    assert_eq!(read.explaining, [(3, 3)]);
}

#[test]
fn what_the_passing_log_says_too_explains_nothing() {
    let log = |more: &str| format!("ERROR: cannot reach cache 10.0.0.1 after 12 ms\n{more}done in 3.2s\n");
    let failing = log("ERROR: the schema has no table users\n");
    assert_eq!(read_log(failing.as_bytes()).explaining.first(), Some(&(1, 1)));
    let mut hints = Hints::default();
    hints.passing.feed(log("").replace("12 ms", "7 ms").as_bytes());
    let mut reader = LogReader::new(hints);
    reader.feed(failing.as_bytes());
    assert_eq!(reader.finish().explaining.first(), Some(&(2, 2)));
}

#[test]
fn a_step_after_the_failure_is_not_taken_for_it() {
    let log = "section_start:1:step_script\r\n\u{1b}[32;1m$ make all\u{1b}[0;m\na.c:1:1: error: no\nsection_end:1:step_script\r\n\
               section_start:2:after_script\r\n\u{1b}[32;1m$ cat log\u{1b}[0;m\nb.c:9:9: error: old\nsection_end:2:after_script\r\nERROR: Job failed: exit code 2\n";
    let read = read_log(log.as_bytes());
    assert_eq!((read.dialect, read.outcome), (Dialect::GitLab, Outcome::Failed));
    assert_eq!((read.step.as_deref(), read.command.as_deref(), read.exit_code), (Some("step_script"), Some("make all"), Some(2)));
    assert_eq!(read.report.diagnostics.iter().filter_map(|one| one.path.as_deref()).collect::<Vec<_>>(), ["a.c"]);
    let skipped = "[Pipeline] { (Test)\n+ make\na.c:1:1: error: no\n[Pipeline] { (Deploy)\nStage \"Deploy\" skipped due to earlier failure(s)\n\
                   ERROR: script returned exit code 2\nFinished: FAILURE\n";
    let read = read_log(skipped.as_bytes());
    assert_eq!((read.step.as_deref(), read.exit_code), (Some("Test"), Some(2)));
}

#[test]
fn how_a_job_ended_may_be_all_that_is_known() {
    let class = |log: &str| read_log(log.as_bytes()).decision.map(|decision| decision.class.to_string());
    let github = |end: &str| format!("##[group]Run ./run\n##[endgroup]\nworking\n##[error]{end}\n");
    assert_eq!(class(&github("Process completed with exit code 137.")).as_deref(), Some("resources"));
    assert_eq!(class(&github("Process completed with exit code 139.")).as_deref(), Some("crash"));
    assert_eq!(class(&github("Process completed with exit code 3.")), None);
    assert_eq!(class(&github("The operation was canceled.")).as_deref(), Some("cancelled"));
    let passed = read_log(b"##[group]Run ./run\n##[endgroup]\nerror: 0 of them\n");
    assert_eq!((passed.outcome, passed.decision, passed.explaining), (Outcome::Passed, None, Vec::new()));
    assert_eq!(read_log(b"").outcome, Outcome::Unknown);
}

#[test]
fn much_output_is_bounded_and_the_loss_is_said() {
    let mut reader = LogReader::default();
    let piece = "nothing to see in this line of output\n".repeat(30_000);
    (0..20).for_each(|_| reader.feed(piece.as_bytes()));
    reader.feed(b"a.c:1:1: error: no\n");
    assert!(reader.job.steps.iter().map(step::Step::size).sum::<usize>() <= 7 << 20);
    let read = reader.finish();
    assert_eq!(read.explaining.first(), Some(&(600_001, 600_001)));
    assert!(read.report.skipped.iter().any(|what| what.ends_with("bytes in the middle of the log")), "{:?}", read.report.skipped);
}

#[test]
fn what_a_formatter_would_change_is_kept_beside_the_name_of_the_file() {
    let log = "ERROR: /repo/a.py Imports are incorrectly sorted and/or formatted.\n\
               --- /repo/a.py:before\t2026-05-01 10:00:00\n+++ /repo/a.py:after\t2026-05-01 10:00:01\n@@ -1,2 +1,2 @@\n+import os\n import sys\n-import os\n";
    let found = read_log(log.as_bytes()).report.diagnostics;
    assert_eq!(found.iter().map(|one| one.suggestions.len()).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_report_of_warnings_alone_does_not_say_how_it_ended_and_says_each_once() {
    let one = r#"{"code":"SA4018","severity":"warning","location":{"file":"a.go","line":3,"column":2},"end":{"file":"a.go","line":3,"column":7},"message":"self-assignment of x to x"}"#;
    let read = read_log(format!("{one}\n{one}\n").as_bytes());
    assert_eq!((read.outcome, read.report.diagnostics.len()), (Outcome::Unknown, 1));
    assert_eq!(read.decision.map(|decision| decision.class.to_string()).as_deref(), Some("linting"));
    let clean = r#"{"Issues":null,"Report":{"Linters":[]}}"#;
    assert_eq!(read_log(clean.as_bytes()).outcome, Outcome::Passed);
}

#[test]
fn a_crash_after_a_document_is_seen() {
    let log = "{\"Issues\":null,\"Report\":{\"Linters\":[]}}\n\
               ==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60 at pc 0x4 bp 0x7 sp 0x7\nREAD of size 4 at 0x60 thread T0\n    #0 0x4 in f /repo/a.c:7:3\n\
               SUMMARY: AddressSanitizer: heap-use-after-free /repo/a.c:7:3 in f\n";
    let read = read_log(log.as_bytes());
    assert_eq!(read.crashes.iter().map(|crash| crash.class.as_str()).collect::<Vec<_>>(), ["heap-use-after-free"]);
    assert_eq!(read.outcome, Outcome::Failed);
}

#[test]
fn a_crash_that_no_rule_knows_is_one_all_the_same() {
    let class = |log: &str| read_log(log.as_bytes()).decision.map(|decision| decision.class.to_string());
    assert_eq!(class("*** buffer overflow detected ***: terminated\n").as_deref(), Some("crash"));
    let java = "== Java Exception: java.lang.IllegalStateException: state\n\tat F.parse(F.java:4)\n\tat F.fuzzerTestOneInput(F.java:8)\n";
    assert_eq!(class(java).as_deref(), Some("crash"));
    let thread = "thread 'worker' panicked at r.rs:6:49:\nindex out of bounds: the len is 0 but the index is 3\n";
    assert_eq!(class(thread).as_deref(), Some("crash"));
    for shell in ["run.sh: line 3:  2183 Segmentation fault      ./a x", "bash: line 1:  2197 Aborted                 ./a abrt"] {
        let read = read_log(format!("{shell}\n").as_bytes());
        assert_eq!(read.crashes.iter().map(|crash| crash.reporter.as_str()).collect::<Vec<_>>(), ["shell"], "{shell}");
    }
}

#[test]
fn what_was_said_last_before_managers_repeat_it_explains_what_nothing_else_does() {
    let travis = "travis_time:start:1\r$ npm test\nall is well\nvariable $gone is not used\nnpm ERR! Test failed.  See above for more details.\nmake: *** [all] Error 1\n";
    for end in ["travis_time:end:1:start=1,finish=2,duration=1\r\nThe command \"npm test\" exited with 1.\n", ""] {
        // A log without an end is one whose shell was ended with the command.
        let read = read_log(format!("{travis}{end}").as_bytes());
        assert_eq!((read.outcome, read.explaining.first()), (Outcome::Failed, Some(&(4, 4))), "{end:?}");
    }
    let stamp = "2024-05-01T10:00:00.1234567Z ";
    let github = "##[group]Run x\nx\n##[endgroup]\nno such luck\n##[error]Process completed with exit code 1.\nNode 20 is being deprecated.\n";
    let read = read_log(github.lines().map(|line| format!("{stamp}{line}\n")).collect::<String>().as_bytes());
    assert_eq!((read.command.as_deref(), read.explaining.first()), (Some("x"), Some(&(4, 4))));
}

#[test]
fn what_a_linter_or_a_bundler_says_within_a_build_explains_it() {
    let gradle = "##[group]Run ./gradlew build\n##[endgroup]\n> Task :app:test\n/r/src/main/java/a/Cart.java:47:\tUnusedPrivateField:\tAvoid unused private fields such as 'jar'.\n> Task :app:pmdMain FAILED\n\nFAILURE: Build failed with an exception.\n\n* What went wrong:\nExecution failed for task ':app:pmdMain'.\n##[error]Process completed with exit code 1.\n";
    let read = read_log(gradle.as_bytes());
    assert_eq!(read.decision.map(|decision| decision.class.to_string()).as_deref(), Some("linting"));
    assert_eq!(read.explaining.first(), Some(&(4, 4)));
    let vite = "##[group]Run npm run build\n##[endgroup]\n✗ Build failed in 35.91s\nerror during build:\n[commonjs--resolver] Could not load /r/node_modules/x/a.js: EILSEQ: illegal byte sequence, read\n    at async open (node:internal/fs/promises:555:24)\n\nbefore `npm run build` failed with exit code 1\n##[error]Process completed with exit code 1.\n";
    assert_eq!(read_log(vite.as_bytes()).explaining.first(), Some(&(4, 6)));
}

#[test]
fn an_action_says_how_the_program_ended_that_it_ran() {
    let log = "##[group]Run acme/build@v1\n##[endgroup]\na.c:3:5: error: no\n##[error]The process '/usr/bin/make' failed with exit code 2\n";
    let read = read_log(log.as_bytes());
    assert_eq!((read.outcome, read.exit_code, read.explaining.first()), (Outcome::Failed, Some(2), Some(&(3, 3))));
    // A warning of it is none.
    let log = "##[group]Run acme/build@v1\n##[endgroup]\n##[warning]The process '/usr/bin/git' failed with exit code 128\n";
    assert_eq!(read_log(log.as_bytes()).outcome, Outcome::Passed);
}

#[test]
fn clang_may_speak_as_the_compiler_of_windows_does() {
    let log = "##[group]Run ninja\n##[endgroup]\nIn file included from D:\\a\\lib\\cart.cpp:18:\nD:\\a\\include\\cart.h(73,14):  fatal error: 'parts.inc' file not found\n#include \"parts.inc\"\n         ^~~~~~~~~~~\n1 error generated.\nD:\\a\\lib\\b.cpp(2,15): warning: unused variable 'x' [-Wunused-variable]\nninja: build stopped: subcommand failed.\n##[error]Process completed with exit code 1.\n";
    let read = read_log(log.as_bytes());
    let paths = |read: &LogReport| read.report.diagnostics.iter().filter_map(|one| one.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(&read), ["D:\\a\\include\\cart.h", "D:\\a\\lib\\b.cpp"]);
    assert_eq!(read.explaining.first(), Some(&(4, 4)));
}

#[test]
fn the_test_within_explains_and_not_the_suite_around_it() {
    let log = "##[group]Run node --test\n##[endgroup]\nTAP version 13\n# Subtest: cart\n    # Subtest: adds\n    not ok 1 - adds\n      ---\n      code: 'ERR_ASSERTION'\n      ...\n    1..1\nnot ok 1 - cart\n1..1\n# fail 1\n##[error]Process completed with exit code 1.\n";
    assert_eq!(read_log(log.as_bytes()).explaining.first(), Some(&(6, 6)));
}

#[test]
fn what_oxlint_wrote_for_github_keeps_its_place() {
    let log = "##[group]Run oxlint\n##[endgroup]\n##[error]src/a.js:1:7: Variable 'x' is declared but never used.\n\nFound 0 warnings and 1 error.\nFinished in 108ms on 1 file with 96 rules using 2 threads.\n##[error]Process completed with exit code 1.\n";
    let read = read_log(log.as_bytes());
    assert_eq!(read.report.diagnostics.first().and_then(|one| one.path.as_deref()), Some("src/a.js"));
    assert_eq!(read.decision.map(|decision| decision.class.to_string()).as_deref(), Some("linting"));
}

#[test]
fn what_has_a_place_decides_before_what_has_none() {
    let event = |action: &str, output: &str| {
        format!("{{\"ImportPath\":\"example.com/cart\",\"Action\":\"{action}\",\"Output\":\"{output}\"}}\n")
    };
    let built = event("build-output", "cart.go:7:47: cannot use 1 as string value in return statement\\n");
    let log = format!(
        "[Pipeline] {{ (Test)\n+ go test -json ./...\n{built}{}[Pipeline] }}\nERROR: script returned exit code 1\nFinished: FAILURE\n",
        event("output", "FAIL\\texample.com/cart [build failed]\\n")
    );
    let class = read_log(log.as_bytes()).decision.map(|decision| decision.class.to_string());
    assert_eq!(class.as_deref(), Some("build_error"));
    let cops = "##[group]Run rubocop\n##[endgroup]\n##[error]Layout/SpaceInsideParens: Space inside parentheses detected.\n##[error]Process completed with exit code 1.\n";
    let read = read_log(cops.as_bytes());
    assert_eq!(read.decision.map(|decision| decision.class.to_string()).as_deref(), Some("linting"));
}

#[test]
fn lines_that_a_diagnostic_explains_have_their_text_too() {
    let log = "Running with gitlab-runner 17.0.0\nsection_start:1:step_script\r\u{1b}[0K\n\u{1b}[32;1m$ lint\u{1b}[0;m\nlooking\n  odd thing in\ta.zz\ntwo problems\nsection_end:2:step_script\r\u{1b}[0K\n\u{1b}[31;1mERROR: Job failed: exit code 1\u{1b}[0;m\n";
    let read = read_log(log.as_bytes());
    assert_eq!((&read.explaining[..], &read.explaining_texts[..]), (&[(7, 7)][..], &["two problems".to_owned()][..]));
    let warned =
        "a.c:3:5: warning: unused variable 'x' [-Wunused-variable]\na.c:4:5: error: expected ';'\nmake: *** [all] Error 1\n";
    let read = read_log(warned.as_bytes());
    assert_eq!(read.explaining_texts[0], "a.c:4:5: error: expected ';'");
    assert_eq!(read.explaining.len(), read.explaining_texts.len());
}

#[test]
fn the_class_of_a_line_that_says_it_all() {
    let finding = Class::Finding;
    let gradle = "   > Could not resolve a.b:c:1.\n        > Could not GET 'https://x/y.pom'. Received status code";
    let missing = format!("{gradle} 404 from server: Not Found");
    let down = format!("{gradle} 503 from server: Service Unavailable");
    let table = [
        ("ERROR: mapping values are not allowed in this context", finding(FindingKind::BuildError), "yaml-syntax"),
        ("Error response from daemon: manifest for a/b:1 not found: manifest unknown", Class::Environment, "no-image"),
        ("ERROR: Job failed (system failure): prepare environment: timed out", Class::Environment, "system-failure"),
        ("DCO: 1 commit is missing a Signed-off-by line", finding(FindingKind::Linting), "sign-off"),
        ("Total: 1 (UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 1)", finding(FindingKind::Security), "audit"),
        (&missing, finding(FindingKind::DependencyIssue), "missing-jvm"),
        (&down, Class::Network, "network-fetch"),
    ];
    for (text, class, rule) in table {
        let read = read_log(format!("checking\n{text}\nmake: *** [all] Error 1\n").as_bytes());
        let decision = read.decision.unwrap();
        assert_eq!((decision.class, decision.rule), (class, rule), "{text}");
        let last = text.lines().next_back().unwrap().trim();
        assert!(rule == "missing-jvm" || read.explaining_texts[0] == last, "{:?}", read.explaining_texts);
    }
    assert!(read_log(b"Total: 0 (UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 0)\n").decision.is_none());
}

#[test]
fn what_git_says_of_white_space_is_of_the_diff_that_shows_it() {
    let found = |text: &str| read_log(text.as_bytes()).report.diagnostics.len();
    assert_eq!(found("docs/a.md:3: trailing whitespace.\n+abc   \n"), 1);
    assert_eq!(found("fix.patch:12: trailing whitespace.\nabc   \nwarning: 1 line adds whitespace errors.\n"), 0);
}

/// Returns the place of each diagnostic.
fn places(log: &str) -> Vec<String> {
    let place = |one: &crate::Diagnostic| {
        let line = one.span.and_then(|span| match span.start {
            crate::Position::LineColumn { line, .. } => Some(line),
            _ => None,
        });
        format!("{}:{}", one.path.as_deref().unwrap_or("-"), line.unwrap_or(0))
    };
    read_log(log.as_bytes()).report.diagnostics.iter().map(place).collect()
}

#[test]
fn what_the_builder_of_an_image_repeats_counts_once() {
    let log = "##[group]Run docker build .\n##[endgroup]\n#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n\n#9 [6/7] RUN pytest\n#9 0.512 E   assert 1 == 2\n#9 0.513 tests/test_a.py:3: AssertionError\n#9 0.514 FAILED tests/test_a.py::test_a - assert 1 == 2\n#9 0.515 1 failed, 2 passed in 0.12s\n#9 ERROR: process \"/bin/sh -c pytest\" did not complete successfully: exit code: 1\n------\n > [6/7] RUN pytest:\n0.514 FAILED tests/test_a.py::test_a - assert 1 == 2\n0.515 1 failed, 2 passed in 0.12s\n------\nDockerfile:14\n--------------------\n  14 | >>> RUN pytest\n--------------------\nERROR: failed to solve: process \"/bin/sh -c pytest\" did not complete successfully: exit code: 1\n##[error]Process completed with exit code 1.\n";
    let tests = read_log(log.as_bytes()).report.tests;
    assert_eq!((tests.passed, tests.failed), (2, 1));
    assert!(places(log).contains(&"Dockerfile:14".to_owned()));
}

#[test]
fn a_message_over_lines_keeps_its_place_and_takes_no_other() {
    let log = "##[group]Run ng build\n##[endgroup]\n✘ [ERROR] NG8001: 'app-gone' is not a known element:\n1. If it is a component, then verify that it is imported.\n2. If it is a web component then add a schema. [plugin angular-compiler]\n\n    src/app/app.html:3:0:\n      3 │ <app-gone></app-gone>\n        ╵ ~~~~~~~~~~\n\n✘ [ERROR] Two output files share the same path\n\n✘ [ERROR] TS2322: Type 'string' is not assignable to type 'number'. [plugin angular-compiler]\n\n    src/app/app.ts:11:2:\n      11 │   total: number = 'x';\n         ╵   ~~~~~\n\n##[error]Process completed with exit code 1.\n";
    assert_eq!(places(log), ["src/app/app.html:3", "src/app/app.ts:11"]);
}

#[test]
fn what_hooks_changed_is_what_is_wrong() {
    let log = "##[group]Run pre-commit run --all-files --show-diff-on-failure\n##[endgroup]\nfix end of files.........................................................Failed\n- hook id: end-of-file-fixer\n- exit code: 1\n- files were modified by this hook\n\nFixing docs/a.md\n\npre-commit hook(s) made changes.\nAll changes made by hooks:\ndiff --git a/docs/a.md b/docs/a.md\nindex 1269488..5d2f1f1 100644\n--- a/docs/a.md\n+++ b/docs/a.md\n@@ -1 +1 @@\n-data\n\\ No newline at end of file\n+data\n##[error]Process completed with exit code 1.\n";
    assert_eq!(places(log).iter().filter(|place| **place == "docs/a.md:0").count(), 1, "{:?}", places(log));
    // Any other diff of git shows what was done.
    assert!(places(&log.replace("All changes made by hooks:", "$ git diff")).iter().all(|place| !place.starts_with("docs/")));
}

#[test]
fn what_next_says_of_a_type_is_of_the_types() {
    let log = "##[group]Run next build\n##[endgroup]\nFailed to compile.\n\n./src/app/page.tsx:5:9\nType error: Type 'string' is not assignable to type 'number'.\n\n> 5 |   const total: number = \"x\";\n    |         ^\nNext.js build worker exited with code: 1 and signal: null\n##[error]Process completed with exit code 1.\n";
    let read = read_log(log.as_bytes());
    assert_eq!(read.decision.map(|decision| decision.class.to_string()).as_deref(), Some("type_checking"));
    assert_eq!(places(log), ["src/app/page.tsx:5"]);
}

#[test]
fn the_name_of_a_branch_is_no_command() {
    let log = "[Pipeline] parallel\n[Pipeline] { (Branch: lint)\n[lint] + ruff check .\n[lint] a.py:1:8: F401 `os` imported but unused\n[Pipeline] }\nFailed in branch lint\nERROR: script returned exit code 1\nFinished: FAILURE\n";
    let read = read_log(log.as_bytes());
    assert_eq!((read.step.as_deref(), read.command.as_deref()), (Some("lint"), Some("ruff check .")));
}
