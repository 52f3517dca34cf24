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
    holds(text, "bats", (3, 1, 1), &["adds"], &["t.bats:3"]);
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

#[test]
fn ginkgo_and_the_test_of_go_around_it() {
    let text = "Running Suite: Cart - /r/cart\n=====\nRandom Seed: 7\n\nWill run 3 of 4 specs\n------------------------------\n• [FAILED] [0.000 seconds]\nCart when empty [It] has no total\n/r/cart/cart_test.go:17\n\n  [FAILED] Expected\n      <int>: 1\n  to equal\n      <int>: 0\n  In [It] at: /r/cart/cart_test.go:18 @ 11/22/26 04:08:21.046\n------------------------------\nP [PENDING]\nCart when empty is pending\n/r/cart/cart_test.go:20\n------------------------------\n••\n\nSummarizing 1 Failure:\n  [FAIL] Cart when empty [It] has no total\n  /r/cart/cart_test.go:18\n\nRan 3 of 4 Specs in 0.001 seconds\nFAIL! -- 2 Passed | 1 Failed | 1 Pending | 0 Skipped\n--- FAIL: TestCart (0.00s)\nFAIL\n\nGinkgo ran 1 suite in 14.6s\n\nTest Suite Failed\n";
    holds(text, "ginkgo", (3, 1, 1), &["Cart when empty [It] has no total"], &["/r/cart/cart_test.go:18"]);
}

#[test]
fn the_console_of_junit() {
    let text = "╷\n├─ JUnit Jupiter ✔\n│  └─ Calculator ✔\n│     ├─ adds() ✘ sum ==> expected: <3> but was: <2>\n└─ JUnit Vintage ✔\n\nFailures (2):\n  JUnit Jupiter:Calculator:adds()\n    MethodSource [className = 'CalcTest', methodName = 'adds', methodParameterTypes = '']\n    => org.opentest4j.AssertionFailedError: sum ==> expected: <3> but was: <2>\n       org.junit.jupiter.api.Assertions.assertEquals(Assertions.java:563)\n       CalcTest.adds(CalcTest.java:10)\n       java.base/java.lang.reflect.Method.invoke(Method.java:569)\n  JUnit Jupiter:Deep:divides()\n    MethodSource [className = 'acme.calc.Deep', methodName = 'divides', methodParameterTypes = '']\n    => java.lang.ArithmeticException: / by zero\n       acme.calc.Deep.divides(Deep.java:16)\n\nTest run finished after 318 ms\n[         5 tests found           ]\n[         1 tests skipped         ]\n[         4 tests started         ]\n[         0 tests aborted         ]\n[         2 tests successful      ]\n[         2 tests failed          ]\n";
    holds(text, "junit", (4, 2, 1), &["adds()", "divides()"], &["CalcTest.java:10", "acme/calc/Deep.java:16"]);
}

#[test]
fn runners_of_c() {
    let text = ".F.E.\n\n\n!!!FAILURES!!!\nTest Results:\nRun:  3   Failures: 1   Errors: 1\n\n\n1) test: MathTest::adds (F) line: 13 t.cpp\nequality assertion failed\n- Expected: 3\n- Actual  : 2\n\n\n2) test: MathTest::throws (E) \nuncaught exception of type std::exception (or derived).\n- boom\n";
    holds(text, "cppunit", (3, 2, 0), &["MathTest::adds", "MathTest::throws"], &["t.cpp:13", "-:0"]);
    let text = "Running suite(s): Math\n33%: Checks: 3, Failures: 2, Errors: 0\nt.c:4:F:core:test_add:0: Assertion '1 + 1 == 3' failed: 1 + 1 == 2, 3 == 3\nt.c:8:F:core:test_str:0: Assertion '\"a\" == \"b\"' failed\n";
    holds(text, "check", (3, 2, 0), &["core:test_add", "core:test_str"], &["t.c:4", "t.c:8"]);
    let text = "Suite: math\n  Test: adds ...FAILED\n    1. c.c:2  - CU_ASSERT_EQUAL(1 + 1,3)\n    2. c.c:2  - 0\n  Test: is fine ...passed\n\nRun Summary:    Type  Total    Ran Passed Failed Inactive\n              suites      1      1    n/a      0        0\n               tests      2      2      1      1        0\n             asserts      3      3      1      2      n/a\n";
    holds(text, "cunit", (2, 1, 0), &["adds"], &["c.c:2", "c.c:2"]);
    let text = "[RUN ] math::adds\n[----] k.c:2: Assertion Failed\n[----]   \n[----]   sum\n[----]   \n[FAIL] math::adds: (0.00s)\n[----] k.c:4: Unexpected signal caught below this line!\n[FAIL] math::crashes: CRASH!\n[PASS] math::fine: (0.00s)\n[SKIP] math::off: Test is disabled\n[====] Synthesis: Tested: 3 | Passing: 1 | Failing: 2 | Crashing: 1 \n";
    holds(text, "criterion", (3, 2, 1), &["math::adds", "math::crashes"], &["k.c:2", "k.c:4"]);
    let text = "1/3 good    OK              0.01s\n2/3 bad     FAIL            0.01s   exit status 3\n>>> MALLOC_PERTURB_=179 /r/build/t 3\n3/3 skipped SKIP            0.01s   exit status 77\n\nSummary of Failures:\n\n2/3 bad     FAIL            0.01s   exit status 3\n\nOk:                 1   \nExpected Fail:      0   \nFail:               1   \nUnexpected Pass:    0   \nSkipped:            1   \nTimeout:            0   \n";
    holds(text, "meson", (2, 1, 1), &["bad"], &["-:0"]);
}

#[test]
fn runners_of_scripts() {
    let text = "testUpper\nASSERT:upper expected:<ABC> but was:<abc>\nshunit2:ERROR testUpper() returned non-zero return code.\ntestFile\nASSERT:file is there\nASSERT:unreachable\nshunit2:ERROR testFile() returned non-zero return code.\ntestOk\n\nRan 3 tests.\n\nFAILED (failures=5)\n";
    holds(text, "shunit2", (3, 2, 0), &["testUpper", "testFile"], &["-:0", "-:0", "-:0"]);
    let text = "testOk\n\nRan 1 test.\n\nOK\n";
    holds(text, "shunit2", (1, 0, 0), &[], &[]);
    let text = "-*.+\n1 success / 1 failure / 1 error / 1 pending : 0.00108 seconds\n\nPending -> spec/util_spec.lua @ 10\nutil later\n\nFailure -> spec/util_spec.lua @ 2\nutil adds\nspec/util_spec.lua:3: Expected objects to be equal.\nPassed in:\n(number) 2\n\nError -> spec/util_spec.lua @ 6\nutil breaks\nspec/util_spec.lua:7: no file\n";
    holds(text, "busted", (3, 2, 1), &["util adds", "util breaks"], &["spec/util_spec.lua:3", "spec/util_spec.lua:7"]);
    let text = "  x.\n\nFailed tests:\n\n  1) math adds:\n\n      actual expected\n\n      23\n\n      Expected 2 to equal specified value: 3\n\n      at /r/lab.js:6:22\n\n\n1 of 2 tests failed\nTest duration: 13 ms\n";
    holds(text, "lab", (2, 1, 0), &["math adds"], &["/r/lab.js:6"]);
}

#[test]
fn python_by_itself_and_by_green() {
    let text = "**********************************************************************\nFile \"/r/stack.py\", line 5, in stack\nFailed example:\n    s.pop()\nExpected:\n    2\nGot:\n    1\n**********************************************************************\nFile \"/r/stack.py\", line 18, in stack.Stack.push\nFailed example:\n    Stack().pop()\nException raised:\n    Traceback (most recent call last):\n      File \"/r/stack.py\", line 24, in pop\n    IndexError: pop from empty list\n**********************************************************************\n2 items had failures:\n   1 of   4 in stack\n   1 of   1 in stack.Stack.push\n***Test Failed*** 2 failures.\n";
    holds(text, "doctest", (2, 2, 0), &["stack", "stack.Stack.push"], &["/r/stack.py:5", "/r/stack.py:18"]);
    let text = "F   test_one\n\nFailure in test_g.T.test_one\n  File \"/r/test_g.py\", line 6, in test_one\n    self.assertIn('z', 'abc')\nAssertionError: 'z' not found in 'abc'\n\nError in test_g.T.test_two\n  File \"/r/test_g.py\", line 9, in test_two\n    {}['k']\n    ~~^^^^^\nKeyError: 'k'\n\nRan 3 tests in 0.087s using 2 processes\n\nFAILED (errors=1, failures=1, passes=1)\n";
    holds(text, "unittest", (3, 2, 0), &["test_g.T.test_one", "test_g.T.test_two"], &["/r/test_g.py:6", "/r/test_g.py:9"]);
}

#[test]
fn a_panic_in_a_dependency_is_told_where_the_project_called_it() {
    let text = "running 1 test\ntest tests::lists ... FAILED\n\nfailures:\n\n---- tests::lists stdout ----\nSnapshot: lists\nSource: src/lib.rs:9\n\nthread 'tests::lists' (2495) panicked at /home/ci/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/insta-1.49.0/src/runtime.rs:734:13:\nsnapshot assertion for 'lists' failed in line 9\n\nfailures:\n    tests::lists\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.06s\n";
    holds(text, "cargo test", (1, 1, 0), &["tests::lists"], &["src/lib.rs:9"]);
}

#[test]
fn parts_of_a_test_of_pytest() {
    let text = "collected 3 items\n\ntest_rows.py uF.\n\n=== FAILURES ===\n____ test_rows [row] (row=1) ____\n\n    def test_rows(subtests):\n>               assert row != 1\nE               assert 1 != 1\n\ntest_rows.py:7: AssertionError\n____ test_rows ____\ncontains 1 failed subtest\n____ TestMore.test_each (name='b') ____\n>               self.assertEqual(name, \"a\")\nE               AssertionError: 'b' != 'a'\n\ntest_rows.py:18: AssertionError\n=== short test summary info ===\nSUBFAILED[row] (row=1) test_rows.py::test_rows - assert 1 != 1\nFAILED test_rows.py::test_rows - contains 1 failed subtest\nSUBFAILED(name='b') test_rows.py::TestMore::test_each - AssertionError: 'b' != 'a'\n=== 3 failed, 2 passed in 0.87s ===\n";
    holds(
        text,
        "pytest",
        (5, 3, 0),
        &["test_rows.py::test_rows", "test_rows.py::TestMore::test_each"],
        &["test_rows.py:7", "test_rows.py:18"],
    );
}

#[test]
fn a_reason_of_ctest_may_go_over_lines() {
    let text = "1/2 Test #1: fast .............................   Passed    0.00 sec\n    Start 2: says\n2/2 Test #2: says .............................***Failed  Required regular expression not found. Regex=[all good\n]  0.00 sec\n\n50% tests passed, 1 tests failed out of 2\n\nThe following tests FAILED:\n\t  2 - says (Failed)\nErrors while running CTest\n";
    holds(text, "ctest", (2, 1, 0), &["says"], &["-:0"]);
}

#[test]
fn a_test_of_minitest_may_be_named_in_words() {
    let text = "  1) Error:\nCart#test_0002_needs prices:\nNoMethodError: undefined method `[]' for nil:NilClass\n    test/cart_test.rb:4:in `total'\n\n1 runs, 0 assertions, 0 failures, 1 errors, 0 skips\n";
    holds(text, "minitest", (1, 1, 0), &["Cart#test_0002_needs prices"], &["test/cart_test.rb:4"]);
}

#[test]
fn minitest_as_rails_reports_it_and_a_run_for_each_part() {
    let text = "Run options: --seed 7\n\n# Running:\n\n..S.\n\nFinished in 0.2s, 8.0 runs/s, 8.0 assertions/s.\n4 runs, 4 assertions, 0 failures, 0 errors, 1 skips\n\nRun options: --seed 8\n\n# Running:\n\n.F\n\nFailure:\nShop::CartTest#test_total [/r/test/cart_test.rb:12]:\nExpected: 3\n  Actual: 4\n\nbin/rails test test/cart_test.rb:9\n\nE\n\nError:\nShop::CartTest#test_empty:\nKeyError: key not found: :sum\n    /r/app/cart.rb:4:in `fetch'\n\n\nFinished in 0.2s, 8.0 runs/s, 8.0 assertions/s.\n3 runs, 3 assertions, 1 failures, 1 errors, 0 skips\nrake aborted!\n";
    let failing = ["Shop::CartTest#test_total", "Shop::CartTest#test_empty"];
    holds(text, "minitest", (7, 2, 1), &failing, &["/r/test/cart_test.rb:12", "/r/app/cart.rb:4"]);
    // A reporter that says the place without a colon, and the exception below it.
    let text = "# Running tests with run options --seed 2:\n\nF.\n\nFinished tests in 0.1s, 20.0 tests/s, 20.0 assertions/s.\n\n\nFailure:\nCartTest#test_: a cart should add up.  [/r/test/cart_test.rb:12]\nMinitest::Assertion: Expected true to not be truthy.\n\n2 tests, 2 assertions, 1 failures, 0 errors, 0 skips\n";
    holds(text, "minitest", (2, 1, 0), &["CartTest#test_: a cart should add up."], &["/r/test/cart_test.rb:12"]);
}

#[test]
fn runs_of_phpunit_are_added_up_and_their_sum_is_no_run() {
    let one = "PHPUnit 9.6.0 by Sebastian Bergmann and contributors.\n\n..\n\nOK (2 tests, 2 assertions)\n";
    let other = "PHPUnit 9.6.0 by Sebastian Bergmann and contributors.\n\n.F\n\nThere was 1 failure:\n\n1) CartTest::testTotal\nFailed asserting that 3 is 4.\n\n/r/tests/CartTest.php:9\n\nFAILURES!\nTests: 2, Assertions: 2, Failures: 1.\n";
    holds(&format!("{one}{other}{one}"), "phpunit", (6, 1, 0), &["CartTest::testTotal"], &["/r/tests/CartTest.php:9"]);
    let text = "2 examples, 1 failure\n\n3 examples, 0 failures\n\n5 examples, 1 failure\n\nTook 3 seconds\n";
    holds(text, "rspec", (5, 1, 0), &[], &[]);
}

#[test]
fn nose_names_functions_and_what_it_generated() {
    let rule = "======================================================================";
    let line = "----------------------------------------------------------------------";
    let text = format!(
        "F.E\n{rule}\nFAIL: tests.test_shop.test_total\n{line}\nTraceback (most recent call last):\n  File \"/usr/lib/python2.7/dist-packages/nose/case.py\", line 197, in runTest\n    self.test(*self.arg)\n  File \"/r/tests/test_shop.py\", line 5, in test_total\n    assert total() == 4\nAssertionError: \n-------------------- >> begin captured stdout << ---------------------\nTraceback (most recent call last):\n  File \"/r/shop.py\", line 2, in <module>\nImportError: No module named 'x'\n\n--------------------- >> end captured stdout << ----------------------\n\n{rule}\nERROR: tests.test_shop.test_each(3, 'a')\n{line}\nTraceback (most recent call last):\n  File \"/r/tests/test_shop.py\", line 9, in check\n    raise KeyError(3)\nKeyError: 3\n\n{line}\nRan 3 tests in 0.1s\n\nFAILED (errors=1, failures=1)\n"
    );
    let report = read(&Output { stdout: text.as_bytes(), stderr: b"", tool: None });
    assert_eq!(report.failing, ["tests.test_shop.test_each(3, 'a')", "tests.test_shop.test_total"]);
    assert_eq!((report.tests.stated, report.tests.failed, report.tests.errors), (Some(3), 2, 1));
}

#[test]
fn phpt() {
    let text = "PASS strlen() [tests/strings/a.phpt] \n========DIFF========\n003+ Fatal error: Uncaught E: no\n========DONE========\nFAIL Cart: adds [up] [ext/cart/tests/adds.phpt] \n=====================\nNumber of tests :   12                 9\nTests skipped   :    3 ( 25.0%) --------\nTests warned    :    0 (  0.0%) (  0.0%)\nTests failed    :    1 (  8.3%) ( 11.1%)\nTests passed    :    8 ( 66.7%) ( 88.9%)\n---------------------\nFAILED TEST SUMMARY\n---------------------\nCart: adds [up] [ext/cart/tests/adds.phpt]\n";
    let failing = ["Cart: adds [up] [ext/cart/tests/adds.phpt]"];
    holds(text, "phpt", (9, 1, 3), &failing, &["ext/cart/tests/adds.phpt:0"]);
}

#[test]
fn mocha_names_a_test_below_a_group_without_a_name() {
    let text = "  5 passing (2s)\n  1 failing\n\n  1) \n       \n         Cart\n           adds:\n     Error: no\n      at add (src/cart.ts:4:9)\n";
    holds(text, "mocha", (6, 1, 0), &["Cart adds"], &["src/cart.ts:4"]);
}

#[test]
fn rspec_that_names_its_seed_is_no_hspec() {
    let text = "Randomized with seed 253\n\nFailures:\n\n  1) Cart adds\n     Failure/Error: yield\n\n     LocalJumpError:\n       no block given (yield)\n     # ./lib/tasks/cart.rake:23:in `time'\n     # ./spec/cart_spec.rb:12:in `block'\n\nFinished in 2.5 seconds (files took 1.2 seconds to load)\n3 examples, 1 failure\n\nFailed examples:\n\nrspec ./spec/cart_spec.rb:10 # Cart adds\n\nRandomized with seed 253\n";
    holds(text, "rspec", (3, 1, 0), &["Cart adds"], &["./lib/tasks/cart.rake:23"]);
    let text = "\nRandomized with seed 253\n...\n\nFinished in 2.5 seconds (files took 1.2 seconds to load)\n3 examples, 0 failures\n\nRandomized with seed 253\n";
    holds(text, "rspec", (3, 0, 0), &[], &[]);
}

#[test]
fn pytest_before_5_writes_no_short_summary() {
    let long = "=================================== FAILURES ===================================\n______________________________ TestCart.test_add _______________________________\n\nself = <test_cart.TestCart object at 0x7f>\n\n    def test_add(self):\n>       assert add(1) == 3\nE       assert 2 == 3\nE        +  where 2 = add(1)\n\ntests/test_cart.py:9: AssertionError\n----------------------------- Captured stderr call -----------------------------\nother.py:3: boom\n";
    let end = "=============== 1 failed, 2 passed, 1 skipped in 0.12 seconds ================\n___________________________________ summary ____________________________________\nERROR:   py27: commands failed\n";
    holds(
        &format!("tests/test_cart.py .F.s\n\n{long}{end}"),
        "pytest",
        (3, 1, 1),
        &["TestCart.test_add"],
        &["tests/test_cart.py:9"],
    );
    let verbose = "tests/test_cart.py::TestCart::test_add FAILED\ntests/test_cart.py::test_b PASSED\n\n";
    let failing = ["tests/test_cart.py::TestCart::test_add"];
    holds(&format!("{verbose}{long}{end}"), "pytest", (3, 1, 1), &failing, &["tests/test_cart.py:9"]);
}

#[test]
fn projects_of_vitest_and_jest_are_named_beside_the_file() {
    let vitest = |open: &str, close: &str| {
        format!(
            " ❯{open}unit{close}src/a.test.ts (2 tests | 1 failed) 12ms\n ❯{open}ui (chromium){close}src/b.test.ts (1 test | 1 failed) 8ms\n\n⎯⎯⎯⎯ Failed Tests 2 ⎯⎯⎯⎯\n\n FAIL {open}unit{close}src/a.test.ts > cart > adds\nAssertionError: expected 2 to be 3 // Object.is equality\n ❯ src/a.test.ts:2:54\n\n⎯⎯⎯⎯[1/2]⎯\n\n FAIL {open}ui (chromium){close}src/b.test.ts > draws\nError: Test timed out in 100ms.\n ❯ src/b.test.ts:5:3\n\n⎯⎯⎯⎯[2/2]⎯\n\n Test Files  2 failed (2)\n      Tests  2 failed | 1 passed (3)\n"
        )
    };
    // Without colours, and with them, when they are gone.
    for text in [vitest(" |", "| "), vitest("  ", "  ")] {
        let failing = ["src/a.test.ts > cart > adds", "src/b.test.ts > draws"];
        holds(&text, "vitest", (3, 2, 0), &failing, &["src/a.test.ts:2", "src/b.test.ts:5"]);
    }
    let verbose = " × |ui (chromium)| src/b.test.ts > draws 9ms\n ✓ |unit| src/a.test.ts > ok 0ms\n\n Test Files  1 failed | 1 passed (2)\n      Tests  1 failed | 1 passed (2)\n";
    holds(verbose, "vitest", (2, 1, 0), &["src/b.test.ts > draws"], &[]);
    let jest = |open: &str, close: &str| {
        format!(
            "FAIL{open}ui tests{close}t/sum.test.js\n  ● cart › adds\n\n    expect(received).toBe(expected) // Object.is equality\n\n    > 1 | expect(2).toBe(3)\n\n      at Object.toBe (t/sum.test.js:1:56)\n\nPASS{open}unit{close}t/other.test.js\n\nTest Suites: 1 failed, 1 passed, 2 total\nTests:       1 failed, 1 passed, 2 total\n"
        )
    };
    for text in [jest(" ", " "), jest("  ", "  ").replace("FAIL", " FAIL ").replace("PASS", " PASS ")] {
        holds(&text, "jest", (2, 1, 0), &["cart › adds"], &["t/sum.test.js:1"]);
    }
}

#[test]
fn what_a_script_of_testscript_ran_is_told_by_the_script() {
    let text = "--- FAIL: TestScripts (0.01s)\n    --- FAIL: TestScripts/resolve (0.33s)\n        testscript.go:584: # the first answers (0.181s)\n            # it is fast (0.2s)\n            > run within 200ms\n            [stdout]\n            {}\n            \n            FAIL: testdata/script/resolve.txtar:19: run: took 235ms\n            \nFAIL\nFAIL\texample.com/app\t0.92s\nFAIL\n";
    holds(
        text,
        "go test",
        (2, 2, 0),
        &["TestScripts", "TestScripts/resolve"],
        &["example.com/app/testdata/script/resolve.txtar:19"],
    );
}

#[test]
fn a_short_summary_of_pytest_need_not_have_what_failed() {
    let long = "=================================== FAILURES ===================================\n_______________________________ TestCart.test_add ______________________________\n\n>       assert add(1) == 3\nE       assert 2 == 3\n\ntests/test_cart.py:9: AssertionError\n";
    let skipped =
        "=========================== short test summary info ============================\nSKIPPED [1] tests/test_b.py:3: no\n";
    let text = format!("F.s [100%]\n{long}{skipped}1 failed, 1 passed, 1 skipped, 9 deselected in 0.12s\n");
    holds(&text, "pytest", (2, 1, 1), &["TestCart.test_add"], &["tests/test_cart.py:9"]);
    // Of two runs one tells, and the other does not.
    let told = "=================================== FAILURES ===================================\n_________________________________ test_divides _________________________________\n\n>       assert 1 / 0\nE       ZeroDivisionError: division by zero\n\ntests/test_d.py:4: ZeroDivisionError\n=========================== short test summary info ============================\nFAILED tests/test_d.py::test_divides - ZeroDivisionError: division by zero\n========================= 1 failed, 2 passed in 1.00s ==========================\n";
    holds(
        &format!("{text}{told}"),
        "pytest",
        (5, 2, 1),
        &["tests/test_d.py::test_divides", "TestCart.test_add"],
        &["tests/test_d.py:4", "tests/test_cart.py:9"],
    );
}

#[test]
fn what_a_test_of_mocha_prints_is_no_group() {
    let text = "\n\n  the shop\n    ✓ opens\n  login\n{ status: 250,\n  body: { code: 250 } }\n    1) answers\n\n\n  1 passing (9s)\n  1 failing\n\n  1) login\n       answers:\n     Error: no\n      at /r/test/login.test.js:28:11\n\n";
    holds(text, "mocha", (2, 1, 0), &["login answers"], &["/r/test/login.test.js:28"]);
}

#[test]
fn ctest_lists_what_it_did_not_run() {
    let text = "1/3 Test #1: adds .............***Failed    0.14 sec\n3/3 Test #3: opens ............   Passed    0.10 sec\n\n50% tests passed, 1 tests failed out of 2\n\nThe following tests did not run:\n\t  2 - draws (Skipped)\n\nThe following tests FAILED:\n\t  1 - adds (Failed)                 fast\nErrors while running CTest\n";
    holds(text, "ctest", (2, 1, 1), &["adds"], &["-:0"]);
}

#[test]
fn a_summary_of_playwright_that_is_a_notice_too_counts_once() {
    let summary = "  1 failed\n    a.spec.ts:3:3 › shop › adds ────\n  1 skipped\n  2 passed (7.0s)\n";
    let block = "  1) a.spec.ts:3:3 › shop › adds ──────\n\n    Error: expect(received).toBe(expected)\n\n    > 4 |     expect(1 + 1).toBe(3);\n        at /r/a.spec.ts:4:19\n\n";
    let start = "Running 4 tests using 1 worker\n\n";
    for again in [summary.to_owned(), format!("\n{summary}")] {
        let text = format!("{start}{block}{summary}{again}");
        holds(&text, "playwright", (3, 1, 1), &["a.spec.ts:3:3 › shop › adds"], &["/r/a.spec.ts:4"]);
    }
}

#[test]
fn packages_of_a_workspace_may_have_runners_of_their_own() {
    let text = " FAIL  src/a.test.ts > cart > adds\nAssertionError: expected 2 to be 3\n ❯ src/a.test.ts:2:54\n Test Files  1 failed (1)\n      Tests  1 failed | 1 skipped (2)\nFAIL src/view.test.js\n  view\n    ✕ draws (38 ms)\n    ✓ opens\n  ● view › draws\n    expect(received).toEqual(expected)\n      at Object.toEqual (src/view.test.js:3:20)\nTest Suites: 1 failed, 1 total\nTests:       1 failed, 1 passed, 2 total\n   ✓ another program's\n";
    holds(
        text,
        "jest, vitest",
        (3, 2, 1),
        &["view › draws", "src/a.test.ts > cart > adds"],
        &["src/view.test.js:3", "src/a.test.ts:2"],
    );
}

#[test]
fn pytest_sugar_has_a_report_of_its_own() {
    let text = "Test session starts (platform: linux, Python 3.11.7, pytest 9.2.0, pytest-sugar 1.1.1)\ncollected 3 items\n\n―――――――――――― test_add[2-2-5] ――――――――――――\n\n>       assert add(a, b) == total\nE       assert 4 == 5\n\ntests/test_cart.py:6: AssertionError\n\n――――――――― ERROR at setup of TestShop.test_open ―――――――――\n\n>       raise RuntimeError(\"no key\")\nE       RuntimeError: no key\n\ntests/test_cart.py:14: RuntimeError\n=========================== short test summary info ============================\nFAILED tests/test_cart.py::test_add[2-2-5] - assert 4 == 5\nFAILED tests/test_cart.py::TestShop::test_open - RuntimeError: no key\n\nResults (0.19s):\n       1 passed\n       1 failed\n         - tests/test_cart.py:4 test_add[2-2-5]\n       1 error\n";
    let failing = ["tests/test_cart.py::test_add[2-2-5]", "tests/test_cart.py::TestShop::test_open"];
    holds(text, "pytest", (3, 2, 0), &failing, &["tests/test_cart.py:6", "tests/test_cart.py:14"]);
}

#[test]
fn a_test_of_rust_that_should_have_panicked_has_a_place() {
    let text = "running 1 test\ntest tests::panics - should panic ... FAILED\n\nfailures:\n\n---- tests::panics stdout ----\nnote: test did not panic as expected at src/lib.rs:19:8\n\nfailures:\n    tests::panics\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.16s\n";
    holds(text, "cargo test", (1, 1, 0), &["tests::panics"], &["src/lib.rs:19"]);
}

#[test]
fn gotestsum_need_not_know_how_long_a_test_took() {
    let text = "=== Failed\n=== FAIL: cart TestOpens (0.00s)\n    cart_test.go:10: not open\n\n=== FAIL: cart TestAdd (unknown)\n\nDONE 2 tests, 2 failures in 0.006s\n";
    holds(text, "go test", (2, 2, 0), &["TestOpens", "TestAdd"], &["cart/cart_test.go:10", "-:0"]);
}

#[test]
fn in_colours_testdox_draws_its_frame_whole() {
    let block = " ✘ Adds\n   ┐\n   ├ Failed asserting that 2 is identical to 3.\n   │\n   ╵ /r/tests/CartTest.php:4\n   ┴\n\n";
    let text = format!(
        "PHPUnit 9.6.7 by Sebastian Bergmann and contributors.\n\nCart\n{block} ✔ Opens\n\nTime: 00:00.048, Memory: 6.00 MB\n\nSummary of non-successful tests:\n\nCart\n{block}FAILURES!\nTests: 2, Assertions: 2, Failures: 1.\n"
    );
    let places = ["/r/tests/CartTest.php:4", "/r/tests/CartTest.php:4"];
    holds(&text, "phpunit", (2, 1, 0), &["Cart::Adds"], &places);
}

#[test]
fn an_error_that_no_test_of_vitest_caught_has_a_place() {
    let text = " FAIL  a.test.ts > a\nAssertionError: expected 1 to be 2\n ❯ a.test.ts:2:27\n\n⎯⎯⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯⎯⎯\n\nVitest caught 1 unhandled error during the test run.\nThis might cause false positive tests. Resolve unhandled errors to make sure your tests are not affected.\n\n⎯⎯⎯⎯⎯ Uncaught Exception ⎯⎯⎯⎯⎯\nError: late\n ❯ Timeout._onTimeout src/late.ts:3:38\n ❯ listOnTimeout ../node:internal/timers:581:17\n\nThis error originated in \"a.test.ts\" test file.\n⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯\n\n Test Files  1 failed (1)\n      Tests  1 failed | 1 passed (2)\n     Errors  1 error\n";
    holds(text, "vitest", (2, 1, 0), &["a.test.ts > a"], &["a.test.ts:2", "src/late.ts:3"]);
}
