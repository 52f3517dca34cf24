//! `dotnet test`, whatever framework runs inside (xUnit, NUnit, MSTest): the tests by name, and the counts of each assembly.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^(?:\s{2}(Passed|Failed|Skipped) |(Passed|Failed|Skipped) {2,3})(\S.*?)(?: \[[^\]]*\])?$";
    COUNTS = r"^(?:Passed|Failed|Skipped)!\s+- Failed:\s*(\d+), Passed:\s*(\d+), Skipped:\s*(\d+), Total:\s*(\d+),";
    TOTAL = r"^\s*(Total tests|Passed|Failed|Skipped): (\d+)$";
    // Before version 15.9, all in one line.
    TOTALS = r"^Total tests: (\d+)\. Passed: (\d+)\. Failed: (\d+)\. Skipped: (\d+)\.";
    FRAME = r"^\s+at .* in (.+):line (\d+)$";
    // The terminal's own logger of newer versions.
    TERMINAL_TEST = r"^\s+(\S.*?)\((\d+)\): error TESTERROR: ?(.*)$";
    TERMINAL_SAYS = r"^\s*(\S.*?) \((?:\d+(?:d|h|m|s|ms) ?)+\): Error Message: *(.*)$";
    TERMINAL_COUNTS = r"^Test summary: total: (\d+), failed: (\d+), succeeded: (\d+), skipped: (\d+), duration: ";
    // The testing platform that runs without vstest.
    PLATFORM_TEST = r"^\s*(failed|skipped) (\S.*?) \((?:\d+(?:d|h|m|s|ms) ?)+\)$";
    PLATFORM_COUNT = r"^\s+(total|failed|succeeded|skipped): (\d+)$";
    PLATFORM_FRAME = r"^\s+at .* in (.+?):(?:line )?(\d+)$";
    XUNIT = r"^\s+(\S.*) \[FAIL\]$";
    XUNIT_COUNTS = r"^\s+\S+\s+Total: (\d+), Errors: (\d+), Failed: (\d+), Skipped: (\d+)(?:, Not Run: \d+)?, Time: ";
    XUNIT_PLACE = r"^\s+(\S.*?)\((\d+),\d+\): at ";
}

/// What belongs to a test of xUnit's own console stands no further below its name.
const LONGEST: usize = 40;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let assemblies: Vec<_> = lines.iter().filter_map(|line| COUNTS.captures(line)).collect();
    let is_total = lines.iter().any(|line| line.trim_start().starts_with("Total tests: "));
    let is_terminal = lines.iter().any(|line| line.starts_with("Test summary: total: "));
    if assemblies.is_empty() && !is_total && !is_terminal {
        platform(lines, reading);
        return xunit(lines, reading);
    }
    let mut run = Run::default();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = TEST.captures(line) else { continue };
        let word = found.get(1).or(found.get(2)).map_or("", |word| word.as_str());
        let outcome = super::outcome(word).unwrap_or(TestOutcome::Passed);
        if outcome == TestOutcome::Failed {
            run.failures.push(failure(&found[3], lines.get(index + 1..).unwrap_or_default()));
        }
        run.name(&found[3], outcome);
    }
    let mut stated = 0;
    for found in &assemblies {
        run.failed += count(&found[1]);
        run.passed += count(&found[2]);
        run.skipped += count(&found[3]);
        stated += count(&found[4]);
    }
    for found in lines.iter().filter_map(|line| TOTALS.captures(line)) {
        stated += count(&found[1]);
        run.passed += count(&found[2]);
        run.failed += count(&found[3]);
        run.skipped += count(&found[4]);
    }
    if assemblies.is_empty() && stated == 0 {
        for found in lines.iter().filter_map(|line| TERMINAL_COUNTS.captures(line)) {
            stated += count(&found[1]);
            run.failed += count(&found[2]);
            run.passed += count(&found[3]);
            run.skipped += count(&found[4]);
        }
    }
    terminal(lines, &mut run);
    if assemblies.is_empty() && stated == 0 {
        for found in lines.iter().filter_map(|line| TOTAL.captures(line)) {
            let figure = count(&found[2]);
            match &found[1] {
                "Passed" => run.passed += figure,
                "Failed" => run.failed += figure,
                "Skipped" => run.skipped += figure,
                _ => stated += figure,
            }
        }
    }
    run.stated = Some(stated);
    let framework =
        if lines.iter().any(|line| line.contains("xUnit.net") || XUNIT.is_match(line)) { "xunit" } else { "dotnet test" };
    run.add_to(framework, reading);
}

/// Reads what failed as the terminal's logger shows it: each as an error of the build.
fn terminal(lines: &[&str], run: &mut Run) {
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(": error TESTERROR:")) {
        let Some(found) = TERMINAL_TEST.captures(line) else { continue };
        let below = lines.get(index + 1).copied().unwrap_or("");
        let said = if found[3].is_empty() { below } else { found.get(3).map_or("", |said| said.as_str()) };
        let Some(says) = TERMINAL_SAYS.captures(said) else { continue };
        let place = Some((found[1].to_owned(), number(&found[2]), 1));
        let is_known = run.failures.iter().any(|known| known.name == says[1] && known.place == place);
        if !is_known {
            run.failures.push(Failure { name: says[1].to_owned(), error: says[2].to_owned(), place });
            run.name(&says[1], TestOutcome::Failed);
        }
    }
}

/// Microsoft's testing platform: what failed, and a summary of the run.
fn platform(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(end) = lines.iter().rposition(|line| line.starts_with("Test run summary: ")) else { return };
    let mut run = Run::default();
    for found in lines.iter().skip(end + 1).take(LONGEST).filter_map(|line| PLATFORM_COUNT.captures(line)) {
        let figure = count(&found[2]);
        match &found[1] {
            "total" => run.stated = Some(figure),
            "failed" => run.failed = figure,
            "skipped" => run.skipped = figure,
            _ => run.passed = figure,
        }
    }
    for (index, line) in lines.iter().enumerate().take(end).filter(|(_, line)| line.trim_start().starts_with("failed ")) {
        let Some(found) = PLATFORM_TEST.captures(line) else { continue };
        let block = || {
            lines.iter().skip(index + 1).take(LONGEST).take_while(|line| line.starts_with(' ') && !PLATFORM_TEST.is_match(line))
        };
        let error = block().next().map_or("", |line| line.trim());
        let place = block().find_map(|line| PLATFORM_FRAME.captures(line));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), 1));
        run.failures.push(Failure { name: found[2].to_owned(), error: error.to_owned(), place });
        run.name(&found[2], TestOutcome::Failed);
    }
    run.add_to("dotnet test", reading);
}

/// xUnit's own console: counts of each assembly, and what failed in it.
fn xunit(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    let mut stated = None;
    for found in lines.iter().filter(|line| line.contains(" Total: ")).filter_map(|line| XUNIT_COUNTS.captures(line)) {
        let of = |group: usize| count(&found[group]);
        stated = Some(stated.unwrap_or(0) + of(1));
        run.errors += of(2);
        run.failed += of(2) + of(3);
        run.skipped += of(4);
    }
    let Some(total) = stated else { return };
    run.stated = stated;
    run.passed = total.saturating_sub(run.failed).saturating_sub(run.skipped);
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.ends_with(" [FAIL]")) {
        let Some(found) = XUNIT.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| line.starts_with("      "));
        let error = block().next().map_or("", |line| line.trim());
        let place = block().find_map(|line| XUNIT_PLACE.captures(line).or_else(|| FRAME.captures(line)));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), 1));
        run.failures.push(Failure { name: found[1].to_owned(), error: error.to_owned(), place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("xunit", reading);
}

fn failure(name: &str, after: &[&str]) -> Failure {
    let block: Vec<&str> = after.iter().take(80).take_while(|line| !TEST.is_match(line)).copied().collect();
    let message = block.iter().position(|line| line.trim() == "Error Message:");
    let error = message.and_then(|at| block.get(at + 1)).map_or("", |line| line.trim());
    let mut failure = Failure::new(name, error);
    let frame = block.iter().filter_map(|line| FRAME.captures(line)).next();
    failure.place = frame.map(|found| (found[1].to_owned(), number(&found[2]), 1));
    failure
}

#[cfg(test)]
mod tests {
    use super::super::report_of;
    use super::*;

    #[test]
    fn dotnet_test_of_every_age_names_test_and_line() {
        let old = report_of(
            read,
            "Passed   Shop.CartTest.Takes\nFailed   Shop.CartTest.Adds\nError Message:\n Assert.Equal() Failure\nStack Trace:\n   at Shop.CartTest.Adds() in /w/CartTest.cs:line 19\n\nTotal tests: 3. Passed: 1. Failed: 1. Skipped: 1.\nTest Run Failed.\n",
        );
        let new = report_of(
            read,
            "failed Shop.CartTest.Adds (6s 220ms)\n  Assert.Equal() Failure\n    at Shop.CartTest.Adds() in /w/CartTest.cs:19\n\nTest run summary: Failed!\n  total: 3\n  failed: 1\n  succeeded: 1\n  skipped: 1\n  duration: 7s 001ms\n",
        );
        for report in [old, new] {
            let tests = &report.tests;
            assert_eq!((tests.stated, tests.passed, tests.failed, tests.skipped), (Some(3), 1, 1, 1));
            assert_eq!(
                (report.failing.as_slice(), report.diagnostics[0].path.as_deref()),
                (["Shop.CartTest.Adds".to_owned()].as_slice(), Some("/w/CartTest.cs"))
            );
            assert_eq!(report.diagnostics[0].message, "test Shop.CartTest.Adds failed: Assert.Equal() Failure");
        }
    }

    #[test]
    fn the_terminal_logger_shows_tests_as_errors() {
        let report = report_of(
            read,
            "  Shop.Tests test net10.0 failed with 1 error(s) (4.7s)\n    /w/CartTest.cs(37): error TESTERROR:\n      Adds (193ms): Error Message:   Expected: 3\n        But was:  2\n\nTest summary: total: 12, failed: 1, succeeded: 10, skipped: 1, duration: 4.7s\n",
        );
        let tests = &report.tests;
        assert_eq!((tests.stated, tests.passed, tests.failed, tests.skipped), (Some(12), 10, 1, 1));
        assert_eq!(
            (report.failing.as_slice(), report.diagnostics[0].path.as_deref()),
            (["Adds".to_owned()].as_slice(), Some("/w/CartTest.cs"))
        );
    }

    #[test]
    fn the_console_of_xunit_counts_each_assembly() {
        let text = "  Starting:    Shop.Tests\n    Shop.Tests.CartTest.Adds [FAIL]\n      Assert.Equal() Failure\n      Expected: 3\n      Actual:   2\n      Stack Trace:\n\
                    \x20       /w/test/CartTest.cs(19,0): at Shop.Tests.CartTest.Adds()\n  Finished:    Shop.Tests\n=== TEST EXECUTION SUMMARY ===\n\
                    \x20  Shop.Tests  Total: 7, Errors: 0, Failed: 1, Skipped: 2, Time: 0.797s\n   Log.Tests  Total: 3, Errors: 0, Failed: 0, Skipped: 0, Time: 0.1s\n";
        let report = report_of(read, text);
        let tests = &report.tests;
        assert_eq!((tests.framework.as_deref(), tests.stated, tests.failed, tests.skipped), (Some("xunit"), Some(10), 1, 2));
        assert_eq!(
            (report.failing.as_slice(), report.diagnostics[0].path.as_deref()),
            (["Shop.Tests.CartTest.Adds".to_owned()].as_slice(), Some("/w/test/CartTest.cs"))
        );
    }
}
