//! What runners of tests and the code under test say in words that others share.

use domain::FindingKind::TestFailure;

use crate::class::Class::{Crash, Finding};
use crate::log::rule::Reach::{Block, Line};
use crate::log::rule::{Rule, WORDS_OF_TESTS, last, rule};

pub(super) const RULES: &[Rule] = &[
    rule("test-python-error", Finding(TestFailure), (90, 93), Line, &["E   "], r"^E   +\S"),
    rule("crash-rust", Crash, (85, 92), Block, &["panicked at "], r"^thread 'main' (?:\(\d+\) )?panicked at "),
    rule(
        "test-rust-panic",
        Finding(TestFailure),
        (80, 92),
        Block,
        &["panicked at "],
        r"^\s*thread '.*' (?:\(\d+\) )?panicked at ",
    ),
    rule(
        "test-python-module",
        Finding(TestFailure),
        (85, 84),
        Line,
        &["FAILED ", "ERROR ", "ERROR: "],
        r"^(?:FAILED|ERROR) \S+\.py(?:$| )|^ERROR: \w+ \(\S+\)|^FAILED \((?:failures|errors)=",
    ),
    rule(
        "test-js-summary",
        Finding(TestFailure),
        (85, 60),
        Line,
        &["FAIL ", " failing", "Tests: "],
        r"^\s*FAIL\s+\S+\.[cm]?[jt]sx?\b|^\s+\d+ failing$|^Tests: +\d+ failed",
    ),
    rule(
        "test-others",
        Finding(TestFailure),
        (85, 88),
        Line,
        &["rspec ./", "rspec './", "Failed asserting", "Failed test ", "ASSERT FAILED: ", "ssertion Failed: ", "ASSERT:"],
        r"^ASSERT:\S|^rspec '?\./|^Failed asserting|^\s*#\s+Failed test '|^\s+(?:ASSERT FAILED|Assertion Failed): ",
    ),
    rule(
        "test-others-assert",
        Finding(TestFailure),
        (85, 93),
        Line,
        WORDS_OF_TESTS,
        r"^\s+(?:\d+\.\d+\) )?Failure/Error: |^\s+\(in test file .+, line \d+\)$| ERROR: .* is NOT correct!$|: (?:fatal )?error: in \x22|^\s+Assertion with \S+ failed$|^\s*[Ee]rror: expect\(|^UNEXPECTED EXCEPTION: |: DocTestFailure$|^\(fail\) \S|^  \[(?:FAILED|PANICKED)\] \S|^error: (?:[A-Z]\w*)?Error: |^   FAIL  \S",
    ),
    rule(
        "test-words",
        Finding(TestFailure),
        (60, 70),
        Line,
        &[" FAILED", "TEST FAILURE", "ests failed", "est failed", ".phpt]"],
        r"^FAIL \S.* \[\S+\.phpt\]|^\s+\S+ FAILED$|^TEST FAILURE$|^(?:Some|\d+) tests? failed\b",
    ),
    rule("test-doctest", Finding(TestFailure), (85, 90), Block, &["Failed example:"], r"^Failed example:$"),
    last(rule(
        "crash-pytest",
        Crash,
        (60, 91),
        Line,
        &["INTERNALERROR> "],
        r"^INTERNALERROR> (?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit)?: ",
    )),
    rule("test-xcode", Finding(TestFailure), (85, 85), Block, &["Testing failed:"], r"^Testing failed:$"),
    rule(
        "test-others-summary",
        Finding(TestFailure),
        (85, 60),
        Line,
        &["There was 1 ", "failures:", "errors:", "FAILURES!", "ERRORS!"],
        r"^There (?:was|were) \d+ (?:failure|error)s?:|^(?:FAILURES|ERRORS)!$",
    ),
];
