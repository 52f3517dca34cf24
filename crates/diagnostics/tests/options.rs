//! What tools say in versions and with options that the recordings lack: what they really printed, cut to what matters.

use diagnostics::{Output, Position, read};

/// Returns each diagnostic in one line: the tool, the rule, the kind, the file and the line.
fn told(text: &str) -> Vec<String> {
    let report = read(&Output { stdout: text.as_bytes(), stderr: b"", tool: None });
    let line = |one: &diagnostics::Diagnostic| match one.span.map(|span| span.start) {
        Some(Position::LineColumn { line, .. }) => line,
        _ => 0,
    };
    let one = |one: &diagnostics::Diagnostic| {
        format!("{} {} {} {}:{}", one.tool, one.rule, one.kind, one.path.as_deref().unwrap_or("-"), line(one))
    };
    report.diagnostics.iter().map(one).collect()
}

#[test]
fn of_python() {
    let bandit = "/r/srv/run.py:6: B602[bandit]: HIGH: subprocess call with shell=True identified, security issue.\n";
    assert_eq!(told(bandit), ["bandit B602 security /r/srv/run.py:6"]);
    assert_eq!(told("Error: File \"/r/docs/a.md\" is not formatted.\n"), ["mdformat mdformat formatting /r/docs/a.md:0"]);
    // black says the place in words of its own, the target with it from version 24 on.
    let black = "error: cannot format fmt/c.py: Cannot parse: 1:6: def f(:\n\
                 error: cannot format fmt/d.py: Cannot parse for target version Python 3.13: 2:4: x = \n";
    assert_eq!(told(black), ["black syntax-error build_error fmt/c.py:1", "black syntax-error build_error fmt/d.py:2"]);
    // ruff 0.4 names the rule in the description alone.
    let gitlab = "[\n  {\n    \"description\": \"(F401) `os` imported but unused\",\n    \"fingerprint\": \"3adb\",\n    \"location\": {\n      \
                  \"lines\": {\"begin\": 1, \"end\": 1},\n      \"path\": \"pkg/core.py\"\n    },\n    \"severity\": \"major\"\n  }\n]\n";
    assert_eq!(told(gitlab), ["code-quality F401 linting pkg/core.py:1"]);
    let pytest = "collected 2 items\nINTERNALERROR> Traceback (most recent call last):\nINTERNALERROR>   File \
                  \"/x/site-packages/_pytest/main.py\", line 283, in wrap_session\nINTERNALERROR>     config.hook()\nINTERNALERROR>   File \
                  \"/r/conftest.py\", line 2, in <lambda>\nINTERNALERROR>     i.nme\nINTERNALERROR> AttributeError: no attribute 'nme'\n\n\
                  ==== no tests ran in 0.02s ====\n";
    assert_eq!(told(pytest), ["python AttributeError build_error /r/conftest.py:2"]);
}

#[test]
fn of_linters_of_javascript() {
    let compact = "/r/src/a.js: line 3, col 7, Error - Expected '===' and instead saw '=='. (eqeqeq)\n\
                   /r/src/b.js: line 1, col 10, Error - Parsing error: Unexpected token (\n\
                   /r/css/main.css: line 2, col 1, error - Unexpected unknown property \"colr\" (property-no-unknown)\n";
    assert_eq!(
        told(compact),
        [
            "eslint eqeqeq linting /r/src/a.js:3",
            "eslint syntax-error linting /r/src/b.js:1",
            "stylelint property-no-unknown linting /r/css/main.css:2",
        ]
    );
    let visualstudio = "/r/src/a.js(4,3): error no-undef : 'undefinedCall' is not defined.\n\
                        /r/src/b.js(1,10): error : Parsing error: Unexpected token (\n";
    assert_eq!(told(visualstudio), ["eslint no-undef linting /r/src/a.js:4", "eslint syntax-error linting /r/src/b.js:1"]);
    let codeframe = "error: 'b' is not defined (no-undef) at src/päth/b.js:2:17:\n  1 | export function f(a) {\n> 2 |   return a === b;\n    \
                     |                 ^\n\n\nwarning: Unexpected 'debugger' statement (no-debugger) at src/päth/b.js:5:3:\n> 5 |   debugger;\n";
    assert_eq!(told(codeframe), ["eslint no-undef linting src/päth/b.js:2", "eslint no-debugger linting src/päth/b.js:5"]);
    assert_eq!(told("/r/a.js:1:10: Parsing error: Unexpected token ( [Error]\n"), ["eslint syntax-error linting /r/a.js:1"]);
}

#[test]
fn of_bundlers() {
    let webpack = "ERROR in ./src/index.js\nModule not found: Error: Can't resolve './missing.css' in '/r/src'\n @ ./src/index.js 3:0-23\n\n\
                   ERROR in ./src/util.js 2:13\nModule parse failed: Unexpected token (2:13)\n";
    assert_eq!(
        told(webpack),
        ["webpack unresolved-import import_error ./src/index.js:3", "webpack error build_error ./src/util.js:2"]
    );
    let vite = "✓ built in 70ms\nCannot use keyword 'await' outside an async function\nfile: /r/src/boom.js:2:2\n1: export const boom = () => {\n\
                2:   await fetch('/x')\n     ^\n3: }\nerror during build:\nRollupError: Cannot use keyword 'await' outside an async function\n    at \
                error (file:///r/node_modules/rollup/dist/es/shared/node-entry.js:2287:30)\n";
    assert_eq!(told(vite), ["rollup error build_error /r/src/boom.js:2"]);
}

#[test]
fn a_formatter_that_is_started_to_list_files_names_them() {
    let log = |command: &str| {
        format!("travis_time:start:1\r$ {command}\nsrc/a.js\nsrc/dir/b.css\nThe command \"{command}\" exited with 1.\n")
    };
    let paths = |command: &str| {
        let read = diagnostics::read_log(log(command).as_bytes());
        read.report.diagnostics.iter().filter_map(|one| one.path.clone()).collect::<Vec<_>>()
    };
    assert_eq!(paths("npx prettier --list-different src"), ["src/a.js", "src/dir/b.css"]);
    assert!(paths("npx prettier --check src").is_empty());
}

#[test]
fn of_runners_of_javascript() {
    let failing = |text: &str| {
        let report = read(&Output { stdout: text.as_bytes(), stderr: b"", tool: None });
        (report.tests.framework.unwrap_or_default(), report.failing)
    };
    let dot = "XX...X\n\nFailed tests:\n\n✖ keeps at most max (2.564975ms)\n  AssertionError [ERR_ASSERTION]: Expected values\n  \n      at \
               TestContext.<anonymous> (file:///r/test/lru.test.js:9:12)\n✖ gets (0.262854ms)\n  RangeError [Error]: missing x\n      at Lru.get \
               (file:///r/src/lru.js:5:33)\n✖ Lru (5.798712ms)\n  '2 subtests failed'\n";
    assert_eq!(failing(dot), ("node:test".to_owned(), vec!["keeps at most max".to_owned(), "gets".to_owned()]));
    assert_eq!(
        told(dot),
        ["node:test node:test test_failure /r/test/lru.test.js:9", "node:test node:test test_failure /r/src/lru.js:5"]
    );
    let braces = "TAP version 13\n1..1\nnot ok 1 - a.test.ts # time=9.00ms {\n    1..2\n    not ok 1 - Queue # time=8.48ms {\n        1..1\n        not \
                  ok 1 - pops # time=0.84ms\n            ---\n            error:\n                name: \"Error\"\n            at: \
                  \"/r/src/queue.ts:5:36\"\n            ...\n    }\n    not ok 2 - deep # time=3.97ms\n}\n";
    assert_eq!(failing(braces), ("tap".to_owned(), vec!["a.test.ts > Queue > pops".to_owned(), "a.test.ts > deep".to_owned()]));
    let ava = "  ✖ deep › equal lists differ\n  - slug › skipped\n  ✔ slug › fine\n  ─\n\n  deep › equal\n\n  test/deep.js:4\n\n   3: a\n   4: \
               t.deepEqual(1, 2)\n\n  lists differ\n\n  › lib (file://lib/deep.js:2:36)\n  › file://test/deep.js:4:5\n\n  ─\n\n  1 test \
               failed\n  1 test skipped\n";
    assert_eq!(failing(ava), ("ava".to_owned(), vec!["deep › equal".to_owned()]));
}

/// Returns the framework, the counts (ran, failed, skipped), and the failing tests.
fn tests_of(text: &str) -> (String, (u64, u64, u64), Vec<String>) {
    let report = read(&Output { stdout: text.as_bytes(), stderr: b"", tool: None });
    let tests = report.tests;
    let ran = tests.stated.unwrap_or(tests.passed + tests.failed);
    (tests.framework.unwrap_or_default(), (ran, tests.failed, tests.skipped), report.failing)
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn of_go() {
    let hangs = "=== RUN   TestHang\npanic: test timed out after 1s\n\trunning tests:\n\t\tTestHang (1s)\n\ngoroutine 17 [running]:\n\
                 testing.(*M).startAlarm.func1()\n\t/usr/local/go/src/testing/testing.go:2802 +0x354\n\ngoroutine 1 [chan \
                 receive]:\nmain.main()\n\t_testmain.go:48 +0x9b\n\ngoroutine 7 [chan receive]:\nexample.com/q.Wait(...)\n\t/r/q/q.go:4\n\
                 example.com/q.TestHang(0x2921914e8488?)\n\t/r/q/q_test.go:8 +0x2f\ntesting.tRunner(0x2921914e8488, \
                 0x592e38)\n\t/usr/local/go/src/testing/testing.go:2036 +0xea\nFAIL\texample.com/q\t1.005s\nFAIL\n";
    assert_eq!(told(hangs), ["go test go test test_failure /r/q/q.go:4"]);
    let fuzzed = "--- FAIL: FuzzAt (0.02s)\n    --- FAIL: FuzzAt (0.00s)\n        testing.go:1927: panic: runtime error: index out of \
                  range [3] with length 3\n            goroutine 41 [running]:\n            runtime/debug.Stack()\n            \
                  \t/usr/local/go/src/runtime/debug/stack.go:26 +0x9b\n            example.com/f.At(...)\n            \t/r/f/f.go:5\n            \
                  example.com/f.FuzzAt.func1(0x0?)\n            \t/r/f/f_test.go:7 +0xa5\n    \n    Failing input written to \
                  testdata/fuzz/FuzzAt/d503\nFAIL\nexit status 1\nFAIL\texample.com/f\t0.022s\n";
    assert_eq!(told(fuzzed), ["go test go test test_failure /r/f/f.go:5"]);
    let suite = "Running Suite: Books Suite - /r/books\n====\nRandom Seed: 1\n\nWill run 1 of 1 specs\n------\n• [PANICKED] [0.001 seconds]\n\
                 Book [It] panics\n/r/books/books_test.go:19\n\n  [PANICKED] Test Panicked\n  In [It] at: \
                 /usr/local/go/src/internal/runtime/maps/runtime_faststr.go:265 @ 11/22/26\n\n  assignment to entry in nil map\n\n  Full Stack \
                 Trace\n    example.com/books_test.init.func1.3()\n    \t/r/books/books_test.go:21 +0x33\n------\n\nSummarizing 1 Failure:\n  \
                 [PANICKED!] Book [It] panics\n  /usr/local/go/src/internal/runtime/maps/runtime_faststr.go:265\n\nRan 1 of 1 Specs in 0.002 \
                 seconds\nFAIL! -- 0 Passed | 1 Failed | 0 Pending | 0 Skipped\n--- FAIL: TestBooks (0.00s)\nFAIL\nFAIL\texample.com/books\t0.01s\nFAIL\n";
    assert_eq!(tests_of(suite), ("ginkgo".to_owned(), (1, 1, 0), names(&["Book [It] panics"])));
    assert_eq!(told(suite), ["ginkgo ginkgo test_failure /r/books/books_test.go:21"]);
}

#[test]
fn of_runners_of_c_and_rust() {
    let brief = "t.cpp:10: Failure\nExpected equality of these values:\n  1\n  2\nt.cpp:11: Failure\nExpected: x\n[  FAILED  ] Stack.Pushes (0 ms)\n\
                 unknown file: Failure\nC++ exception with description \"empty\" thrown in the test body.\n[  FAILED  ] Stack.Throws (4 ms)\n\
                 [==========] 6 tests from 3 test suites ran. (4 ms total)\n[  PASSED  ] 3 tests.\n[  SKIPPED ] 1 test.\n";
    assert_eq!(tests_of(brief), ("gtest".to_owned(), (6, 2, 1), names(&["Stack.Pushes", "Stack.Throws"])));
    let places = told(brief);
    assert!(["t.cpp:10", "t.cpp:11"].iter().all(|place| places.iter().any(|told| told.ends_with(place))), "{places:?}");
    let compact = "t.cpp:7: failed: 1 + 1 == 3 for: 2 == 3\nt.cpp:13: failed: unexpected exception with message: 'böse'\nFailed 2 test cases, \
                   failed 2 assertions.\n";
    assert_eq!(tests_of(compact), ("catch2".to_owned(), (2, 2, 0), names(&[])));
    assert_eq!(told(compact).len(), 2);
    let boost = "Running 2 test cases...\nEntering test module \"money\"\nt.cpp(7): error: in \"cash/adds\": check 1 + 1 == 3 has failed [1 + 1 != \
                 3]\nLeaving test module \"money\"; testing time: 351us\n\nTest module \"money\" has failed with:\n  1 test case out of 2 passed\n  1 \
                 test case out of 2 failed\n";
    assert_eq!(tests_of(boost), ("boost test".to_owned(), (2, 1, 0), names(&["cash/adds"])));
    let calm = "\nrunning 1 test\ntest tests::never - should panic ... FAILED\n\nfailures:\n\n---- tests::never stdout ----\nnote: test did not panic \
                as expected at core/src/lib.rs:38:8\n\nfailures:\n    tests::never\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 \
                filtered out; finished in 0.00s\n";
    assert_eq!(told(calm), ["cargo test cargo test test_failure core/src/lib.rs:38"]);
    let clippy = b"travis_time:start:1\r$ cargo clippy --message-format=short -- -D warnings\nsrc/lib.rs:2:9: error: variable does not need to be \
                   mutable\nThe command \"cargo clippy --message-format=short -- -D warnings\" exited with 101.\n";
    let decision = diagnostics::read_log(clippy).decision.map(|decision| decision.class);
    assert_eq!(decision, Some(diagnostics::Class::Finding(domain::FindingKind::Linting)));
}

#[test]
fn of_linters_and_runners_of_the_jvm_and_of_ruby() {
    let pmd =
        "[INFO] PMD Failure: com.acme.A$B:4 Rule:UnusedPrivateField Priority:3 Avoid unused private fields such as 'unused'..\n";
    assert_eq!(told(pmd), ["pmd UnusedPrivateField linting com/acme/A.java:4"]);
    let quiet = "== lib/a.rb ==\nW:  6:  5: Lint/UselessAssignment: Useless assignment to variable - unused.\nC:  7: 10: [Correctable] \
                 Style/StringLiterals: Prefer single-quoted strings.\n\n1 file inspected, 2 offenses detected, 1 offense autocorrectable\n";
    assert_eq!(
        told(quiet),
        ["rubocop Lint/UselessAssignment linting lib/a.rb:6", "rubocop Style/StringLiterals linting lib/a.rb:7"]
    );
    let rspec = "Failures:\n\n  1) Cart#total aggregates\n     Got 2 failures:\n\n     1.1) Failure/Error: expect(1).to eq 2\n\n          expected: 2\n          \
                 # ./spec/cart_spec.rb:22:in `block (3 levels) in <top (required)>'\n\n     1.2) Failure/Error: expect([1]).to include(3)\n          \
                 expected [1] to include 3\n          # ./spec/cart_spec.rb:23:in `block (3 levels) in <top (required)>'\n\nFinished in 0.03 seconds \
                 (files took 0.1 seconds to load)\n1 example, 1 failure\n";
    assert_eq!(told(rspec), [22, 23].map(|line| format!("rspec rspec test_failure ./spec/cart_spec.rb:{line}")));
}
