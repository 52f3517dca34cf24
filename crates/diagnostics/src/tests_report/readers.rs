//! The readers of all runners, each with the words of which every report that it knows has one: what sleeps until a line has one of its
//! words costs nothing, neither the lines that it would look at nor the patterns that it would compile.
//!
//! All words are looked for in one pass. A reader without words, or with one that is too short to be looked for, never sleeps.

use std::sync::LazyLock;

use super::{
    assertions, ava, bats, bazel, behave, bun, cargo, catch2, cmocka, ctest, deno, doctest, dotnet, erlang, exunit, ginkgo, go,
    gradle, gtest, haskell, jest, junit_console, karma, mocha, native, nextest, node_spec, numbered, others, phpt, playwright,
    pytest, robot, scala, scripts, stestr, surefire, swift, tap, test_unit, unittest, uvu,
};
use crate::needs::Need;
use crate::reading::Reading;
use crate::sieve::Sieve;

/// What reads the reports of one runner or family, and the words that wake it.
pub(super) type Reader = (fn(&[&str], &mut Reading<'_>), &'static [&'static str]);

/// Those that read all lines.
pub(super) const FIRST: [Reader; 4] =
    [(pytest::read, &[]), (unittest::read, &[" test in ", " tests in "]), (stestr::read, &["Ran: "]), (cargo::read, &[])];

/// Those that read what no test of cargo's printed.
pub(super) const REST: [Reader; 36] = [
    (nextest::read, &["Summary [", "error: no tests to run"]),
    (go_or_ginkgo, &[]),
    (node_spec::read, &["ℹ tests ", "ℹ pass ", "ℹ fail ", "ℹ cancelled ", "ℹ skipped ", "ℹ todo ", "Failed tests:"]),
    (tap::read, &[]),
    (jest::read, &["Tests", "found, exiting"]),
    (mocha::read, &[" passing"]),
    (ava::read, &["  ─", "  ✔ "]),
    (
        ctest_or_gtest,
        &[" tests passed, ", "No tests were found!!!", " test from ", " tests from ", "[ RUN ", "[  FAILED  ] ", " test(s) run."],
    ),
    (catch2::read, &["test cases:", "All tests passed (", " test case"]),
    (surefire::read, &["Tests run: "]),
    (super::gotestsum::read, &["DONE "]),
    (gradle::read, &[" FAILED", " PASSED", " SKIPPED"]),
    (numbered::read, &[" example", " assertions, ", "PHPUnit ", " spec, ", " specs, "]),
    (phpt::read, &["Number of tests :"]),
    (dotnet::read, &["- Failed:", "Total tests: ", "Test summary: total: ", "Test run summary: ", " Total: "]),
    (bun::read, &[" across "]),
    (deno::read, &[" passed"]),
    (playwright::read, &[" using "]),
    (karma::read, &[": Executed "]),
    (uvu::read, &["  Total: "]),
    (assertions::read, &["[doctest] test cases:", "Running "]),
    (exunit::read, &["Finished in ", "Running ExUnit"]),
    (bats::read, &[" in file ", "in test file ", " ✓ "]),
    (test_unit::read, &[" pendings, "]),
    (robot::read, &["| PASS |", "| FAIL |", "| SKIP |"]),
    (behave::read, &[" scenario"]),
    (junit_console::read, &[" tests started"]),
    (native::read, &[]),
    (scripts::read, &[" test.", " tests.", " pending : ", "Test duration: "]),
    (doctest::read, &["Failed example:"]),
    (scala::read, &["Tests: succeeded ", ": Total "]),
    (erlang::read, &["TEST COMPLETE, ", "Passed ", " tests passed.", "Performing EUnit tests", "EUnit ", "(eunit)", "*failed*"]),
    (haskell::read, &[" tests failed (", " tests passed (", "To rerun use: --match ", "Randomized with seed "]),
    (swift::read, &["Executed ", "Test run with "]),
    (
        others::read,
        &[
            "[ FAIL ",
            "FAILED: ",
            "Test Summary:",
            "Some tests failed.",
            "All tests passed!",
            "All other tests passed!",
            " tests containing ",
        ],
    ),
    (bazel::read, &["Executed "]),
];

/// What a suite of Ginkgo says, `go test` is not asked about.
fn go_or_ginkgo(lines: &[&str], reading: &mut Reading<'_>) {
    go::read(&ginkgo::read(lines, reading), reading);
}

/// What GoogleTest printed within a test of CTest's is told as that.
fn ctest_or_gtest(lines: &[&str], reading: &mut Reading<'_>) {
    let within = ctest::read(lines, reading);
    if !cmocka::read(lines, reading) {
        gtest::read(lines, within, reading);
    }
}

static WORDS: LazyLock<Sieve> = LazyLock::new(|| {
    let needs = |words: &[&str]| match words {
        [] => Need::Nothing,
        words => Need::Literals(words.iter().map(|word| word.as_bytes().to_vec()).collect()),
    };
    Sieve::of(FIRST.iter().chain(&REST).map(|(_, words)| needs(words)).enumerate())
});

/// Says for each reader, the first ones first, whether any line has a word of its.
pub(super) fn woken(lines: &[&str]) -> Vec<bool> {
    let mut woken = vec![false; FIRST.len() + REST.len()];
    for line in lines {
        WORDS.candidates(line.as_bytes(), &mut |reader| {
            if let Some(is_woken) = woken.get_mut(reader) {
                *is_woken = true;
            }
        });
    }
    woken
}

/// Hands the lines to those readers that are awake.
pub(super) fn read(readers: &[Reader], woken: &[bool], lines: &[&str], reading: &mut Reading<'_>) {
    for (place, ((read, words), is_woken)) in readers.iter().zip(woken).enumerate() {
        // Whatever the tests read shows that nothing is lost.
        debug_assert!(
            *is_woken || tells_nothing(*read, lines, reading),
            "reader {place} knows a report without any of {words:?}"
        );
        if *is_woken {
            read(lines, reading);
        }
    }
}

fn tells_nothing(read: fn(&[&str], &mut Reading<'_>), lines: &[&str], reading: &Reading<'_>) -> bool {
    let mut tried = reading.clone();
    read(lines, &mut tried);
    tried.report == reading.report
}
