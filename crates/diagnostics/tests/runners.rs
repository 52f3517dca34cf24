//! Test runners of which there is no recording: what they really print, cut to what matters.

use diagnostics::{Output, Position, read};

/// What was read: the framework, the counts (ran, failed, skipped), the failing tests, and the places of the failures.
#[track_caller]
fn holds(text: &str, framework: &str, counts: (u64, u64, u64), failing: &[&str], places: &[&str]) {
    let report = read(&Output { stdout: text.as_bytes(), stderr: b"", tool: None });
    let place = |one: &diagnostics::Diagnostic| {
        let line = match one.span.map(|span| span.start) {
            Some(Position::LineColumn { line, .. }) => line,
            _ => 0,
        };
        format!("{}:{line}", one.path.as_deref().unwrap_or("-"))
    };
    let tests = &report.tests;
    let ran = tests.stated.unwrap_or(tests.passed + tests.failed);
    assert_eq!(tests.framework.as_deref(), Some(framework));
    assert_eq!((ran, tests.failed, tests.skipped), counts);
    assert_eq!(report.failing, failing);
    assert_eq!(report.diagnostics.iter().map(place).collect::<Vec<_>>(), places, "{:?}", report.diagnostics);
}

#[test]
fn bun() {
    let text = "3 | describe('math', () => {\n5 |     expect(1 + 1).toBe(3);\n                      ^\nerror: expect(received).toBe(expected)\n\nExpected: 3\nReceived: 2\n\n      at <anonymous> (/r/math.test.ts:5:19)\n(fail) math > adds [4.65ms]\n(pass) math > ok [0.07ms]\n(skip) math > skip\n\n 1 pass\n 1 skip\n 1 fail\n 1 expect() calls\nRan 3 tests across 1 file. [120.00ms]\n";
    holds(text, "bun test", (2, 1, 1), &["math > adds"], &["/r/math.test.ts:5"]);
}

#[test]
fn deno() {
    let text = "running 3 tests from ./main_test.ts\nadds ... FAILED (2ms)\nok ... ok (181µs)\nsteps ...\n  inner ... FAILED (0ms)\nsteps ... FAILED (due to 1 failed step) (5ms)\n\n ERRORS \n\nadds => ./main_test.ts:1:6\nerror: Error: not 3\n    at file:///r/main_test.ts:2:26\n\nsteps ... inner => ./main_test.ts:7:11\nerror: TypeError: inner broke\n    at file:///r/main_test.ts:8:11\n    at innerWrapped (ext:cli/40_test.js:300:11)\n\n FAILURES \n\nadds => ./main_test.ts:1:6\nsteps ... inner => ./main_test.ts:7:11\n\nFAILED | 1 passed | 2 failed (1 step) (20ms)\n\nerror: Test failed\n";
    holds(text, "deno test", (3, 2, 0), &["adds", "steps ... inner"], &["/r/main_test.ts:2", "/r/main_test.ts:8"]);
}

#[test]
fn playwright_tells_a_flaky_test_from_one_that_failed() {
    let text = "Running 3 tests using 1 worker\n\n  ✘  1 tests/a.spec.js:4:3 › group › adds (22ms)\n  ✘  2 tests/a.spec.js:10:1 › flaky (9ms)\n  ✓  3 tests/a.spec.js:10:1 › flaky (retry #1) (18ms)\n\n  1) tests/a.spec.js:4:3 › group › adds ─────────────\n\n    Error: expect(received).toBe(expected) // Object.is equality\n\n    > 5 |     expect(1 + 1).toBe(3);\n        at /r/tests/a.spec.js:5:19\n\n  2) tests/a.spec.js:10:1 › flaky ───────────\n\n    Error: expect(received).toBe(expected) // Object.is equality\n\n        at /r/tests/a.spec.js:11:22\n\n  1 failed\n    tests/a.spec.js:4:3 › group › adds ────────────\n  1 flaky\n    tests/a.spec.js:10:1 › flaky ────────────\n  1 skipped\n  1 passed (5.7s)\n";
    holds(text, "playwright", (3, 1, 1), &["tests/a.spec.js:4:3 › group › adds"], &["/r/tests/a.spec.js:5"]);
}

#[test]
fn uvu() {
    let text = "uvu.js\n✘ •   (1 / 2)\n\n   FAIL  \"adds\"\n    Expected values to be strictly equal:  (is)\n\n    at assert (/r/node_modules/uvu/assert/index.js:33:8)\n    at Object.handler (/r/t/uvu.js:4:10)\n\n\n  Total:     2\n  Passed:    1\n  Skipped:   0\n  Duration:  2.59ms\n";
    holds(text, "uvu", (2, 1, 0), &["adds"], &["/r/t/uvu.js:4"]);
}

#[test]
fn doctest_and_boost() {
    let text = "[doctest] doctest version is \"2.4.9\"\nTEST CASE:  adds\n\nd.cpp:5: ERROR: CHECK( 1 + 1 == 3 ) is NOT correct!\n  values: CHECK( 2 == 3 )\n\nTEST CASE:  adds\n  deep\n\nd.cpp:6: FATAL ERROR: REQUIRE( false ) is NOT correct!\n\n[doctest] test cases: 2 | 1 passed | 1 failed | 0 skipped\n[doctest] Status: FAILURE!\n";
    holds(text, "doctest", (2, 1, 0), &["adds"], &["d.cpp:5", "d.cpp:6"]);
    let text = "Running 3 test cases...\nb.cpp(5): error: in \"adds\": check 1 + 1 == 3 has failed [2 != 3]\nunknown location(0): fatal error: in \"s/throws\": std::runtime_error: x\nb.cpp(10): last checkpoint: \"throws\" test entry\n\n*** 2 failures are detected in the test module \"w\"\n";
    holds(text, "boost test", (3, 2, 0), &["adds", "s/throws"], &["b.cpp:5", "b.cpp:10"]);
}

#[test]
fn exunit() {
    let text = "  1) test divides (WTest)\n     test/w_test.exs:8\n     ** (ArithmeticError) bad argument in arithmetic expression\n     code: W.f(1)\n     stacktrace:\n       (w 0.1.0) lib/w.ex:4: W.f/1\n       test/w_test.exs:9: (test)\n\n.\nFinished in 0.02 seconds (0.00s async, 0.02s sync)\n3 tests, 1 failure, 1 skipped\n";
    holds(text, "exunit", (3, 1, 1), &["test divides (WTest)"], &["lib/w.ex:4"]);
}

#[test]
fn bats_as_people_see_it() {
    let text = "t.bats\n   adds1/3 ✗ adds\n   (in test file t.bats, line 3)\n     `[ \"$result\" -eq 3 ]' failed\n   ok2/3 ✓ ok\n   skips3/3 - skips (skipped: no)\n\n3 tests, 1 failure, 1 skipped\n";
    holds(text, "bats", (2, 1, 1), &["adds"], &["t.bats:3"]);
}

#[test]
fn scenarios() {
    let text = "Feature: cart # features/cart.feature:1\n\n  Scenario: add                # features/cart.feature:3\n    Given an empty cart        # features/steps/cart.py:4\n    Then the cart has 3 apples # features/steps/cart.py:14\n      ASSERT FAILED: 2 != 3\n\n\nFailing scenarios:\n  features/cart.feature:3  add\n\n0 features passed, 1 failed, 0 skipped\n0 scenarios passed, 1 failed, 0 skipped\n";
    holds(text, "behave", (1, 1, 0), &["add"], &["features/steps/cart.py:14"]);
    let text = "Failures:\n\n1) Scenario: two # features/a.feature:2\n   ✔ Given the number 1 # features/steps.js:3\n   ✖ Then I have 4 # features/steps.js:5\n       AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:\n           at World.<anonymous> (/r/features/steps.js:6:10)\n\n2) Scenario: unknown # features/a.feature:6\n   ? Given something odd\n\n\n2 scenarios (1 failed, 1 undefined)\n4 steps (1 failed, 1 undefined, 2 passed)\n";
    holds(text, "cucumber", (2, 2, 0), &["two", "unknown"], &["/r/features/steps.js:6", "features/a.feature:6"]);
}

#[test]
fn test_unit() {
    let text = "===========\nFailure: test_sum(SumTest)\ntest.rb:5:in `test_sum'\n     4:   def test_sum\n  => 5:     assert_equal(3, 1 + 1)\n<3> expected but was\n<2>\n===========\nFinished in 0.06 seconds.\n3 tests, 2 assertions, 1 failures, 0 errors, 0 pendings, 0 omissions, 0 notifications\n";
    holds(text, "test-unit", (3, 1, 0), &["test_sum(SumTest)"], &["test.rb:5"]);
}

#[test]
fn robot() {
    let text = "Adds                                  | FAIL |\n2 != 3\n--------\nPasses                                | PASS |\n--------\nSuite                                 | FAIL |\n2 tests, 1 passed, 1 failed\n";
    holds(text, "robot", (2, 1, 0), &["Adds"], &["-:0"]);
}

#[test]
fn each_expectation_that_failed_is_told_and_what_was_skipped_is_not() {
    let text = "[ RUN      ] Math.Adds\nt.cpp:4: Failure\nExpected equality\nt.cpp:5: Failure\nValue of: false\n[  FAILED  ] Math.Adds (0 ms)\n[==========] 1 test from 1 test suite ran. (0 ms total)\n";
    holds(text, "gtest", (1, 1, 0), &["Math.Adds"], &["t.cpp:4", "t.cpp:5"]);
    let text = "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\nThere were 2 failures:\n\n1) ATest::testAdds\nFailed asserting that 2 is identical to 3.\n\n/r/ATest.php:8\n\n2) ATest::testB\nno\n\n/r/ATest.php:9\n\n--\n\nThere was 1 skipped test:\n\n1) ATest::testSkip\nno\n\n/r/ATest.php:29\n\nFAILURES!\nTests: 3, Assertions: 3, Failures: 2, Skipped: 1.\n";
    holds(text, "phpunit", (3, 2, 1), &["ATest::testAdds", "ATest::testB"], &["/r/ATest.php:8", "/r/ATest.php:9"]);
}

#[test]
fn what_go_says_belongs_to_the_test_that_said_it() {
    let text = "--- FAIL: TestTable (0.00s)\n    --- FAIL: TestTable/two (0.00s)\n        sub_test.go:9: n = 2\n            want 1\n    sub_test.go:13: a log line\nFAIL\nFAIL\texample.com/w/sub\t0.011s\n";
    holds(text, "go test", (2, 2, 0), &["TestTable", "TestTable/two"], &["example.com/w/sub/sub_test.go:9"]);
    let text = "panic: test timed out after 1s\n\trunning tests:\n\t\tTestHang (1s)\n\ngoroutine 5 [running]:\ntesting.(*M).startAlarm.func1()\n\t/usr/local/go/src/testing/testing.go:2802 +0x354\n\ngoroutine 19 [sleep]:\ntime.Sleep(0xdf8475800)\n\t/usr/local/go/src/runtime/time.go:363 +0x165\nexample.com/w.TestHang(0x39ea78f56488?)\n\t/r/hang_test.go:11 +0x1d\nFAIL\texample.com/w\t1.007s\nFAIL\n";
    holds(text, "go test", (1, 1, 0), &["TestHang"], &["/r/hang_test.go:11"]);
}
