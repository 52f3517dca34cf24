//! Test runners of C and C++ that say little: CppUnit, Check, CUnit's basic mode, Criterion, and `meson test`.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    CPPUNIT_COUNTS = r"^Run:\s+(\d+)\s+Failures:\s+(\d+)\s+Errors:\s+(\d+)$";
    CPPUNIT_OK = r"^OK \((\d+)(?: tests?)?\)$";
    CPPUNIT_HEAD = r"^\d+\) test: (\S.*?) \([FE]\)(?: line: (\d+) (\S.*?))?\s*$";
    CHECK_COUNTS = r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$";
    CHECK_RESULT = r"^(\S.*?):(\d+):([PFE]):([^:]*:[^:]*):-?\d+: (.*)$";
    CUNIT_COUNTS = r"^\s+tests\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+\d+";
    CUNIT_TEST = r"^\s+Test: (.+?) \.\.\.\s*(passed|FAILED)$";
    CUNIT_PLACE = r"^\s+\d+\. (\S.*?):(\d+)\s+- (.*)$";
    CRITERION_COUNTS = r"^\[====\] Synthesis: Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+)\s*$";
    CRITERION_TEST = r"^\[(PASS|FAIL|SKIP)\] (\S+?::\S+?): .*$";
    CRITERION_PLACE = r"^\[----\] (\S.*?):(\d+): (.*)$";
    CRITERION_SAYS = r"^\[----\]\s+(\S.*)$";
    MESON_COUNT = r"^(Ok|Expected Fail|Fail|Unexpected Pass|Skipped|Timeout):\s+(\d+)\s*$";
    MESON_TEST = r"^\s*\d+/\d+ (\S.*?)\s+(OK|FAIL|SKIP|TIMEOUT|ERROR|EXPECTEDFAIL|UNEXPECTEDPASS|INTERRUPT)\s+[\d.]+ ?s(?:\s+(\S.*))?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    cppunit(lines, reading);
    check(lines, reading);
    cunit(lines, reading);
    criterion(lines, reading);
    meson(lines, reading);
}

fn cppunit(lines: &[&str], reading: &mut Reading<'_>) {
    let counts = lines.iter().rev().find_map(|line| CPPUNIT_COUNTS.captures(line));
    let Some(found) = counts.filter(|_| lines.iter().any(|line| CPPUNIT_HEAD.is_match(line))) else {
        // What passes says nothing else; the dots above tell it from other programs.
        let passed = lines.iter().zip(lines.iter().skip(1)).zip(lines.iter().skip(2));
        let dotted = |line: &str| !line.is_empty() && line.chars().all(|c| c == '.');
        let mut found = passed.filter(|((dots, _), _)| dotted(dots)).find_map(|((_, _), ok)| CPPUNIT_OK.captures(ok));
        if let Some(found) = found.take() {
            Run { passed: count(&found[1]), ..Run::default() }.add_to("cppunit", reading);
        }
        return;
    };
    let (total, errors) = (count(&found[1]), count(&found[3]));
    let mut run = Run { failed: count(&found[2]) + errors, errors, stated: Some(total), ..Run::default() };
    run.passed = total.saturating_sub(run.failed);
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = CPPUNIT_HEAD.captures(line) else { continue };
        let error = lines.get(index + 1).map_or(String::new(), |next| next.trim().to_owned());
        let place = found.get(3).zip(found.get(2)).map(|(path, line)| (path.as_str().to_owned(), number(line.as_str()), 1));
        run.failures.push(Failure { name: found[1].to_owned(), error, place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("cppunit", reading);
}

fn check(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    for line in lines {
        if let Some(found) = CHECK_COUNTS.captures(line) {
            let errors = count(&found[3]);
            let failed = count(&found[2]) + errors;
            run.stated = Some(run.stated.unwrap_or(0) + count(&found[1]));
            run.passed += count(&found[1]).saturating_sub(failed);
            (run.failed, run.errors) = (run.failed + failed, run.errors + errors);
        } else if let Some(found) = CHECK_RESULT.captures(line).filter(|_| run.stated.is_some()) {
            let is_passed = &found[3] == "P";
            run.name(&found[4], if is_passed { TestOutcome::Passed } else { TestOutcome::Failed });
            if !is_passed {
                let place = Some((found[1].to_owned(), number(&found[2]), 1));
                run.failures.push(Failure { name: found[4].to_owned(), error: found[5].to_owned(), place });
            }
        }
    }
    if run.stated.is_some() {
        run.add_to("check", reading);
    }
}

fn cunit(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| line.starts_with("Run Summary:")) {
        return;
    }
    let Some(found) = lines.iter().rev().find_map(|line| CUNIT_COUNTS.captures(line)) else { return };
    let mut run = Run { passed: count(&found[3]), failed: count(&found[4]), stated: Some(count(&found[2])), ..Run::default() };
    let mut failing: Option<String> = None;
    for line in lines {
        if let Some(found) = CUNIT_TEST.captures(line) {
            let is_failed = &found[2] == "FAILED";
            run.name(&found[1], if is_failed { TestOutcome::Failed } else { TestOutcome::Passed });
            failing = is_failed.then(|| found[1].to_owned());
        } else if let Some((name, found)) = failing.as_ref().zip(CUNIT_PLACE.captures(line)) {
            let place = Some((found[1].to_owned(), number(&found[2]), 1));
            run.failures.push(Failure { name: name.clone(), error: found[3].to_owned(), place });
        }
    }
    run.add_to("cunit", reading);
}

/// A crash is one of the failures. What is wrong with a test stands above its name.
fn criterion(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| CRITERION_COUNTS.captures(line)) else { return };
    let mut run = Run { passed: count(&found[2]), failed: count(&found[3]), stated: Some(count(&found[1])), ..Run::default() };
    let mut said: Vec<(String, (String, u32, u32))> = Vec::new();
    for line in lines {
        if let Some(found) = CRITERION_TEST.captures(line) {
            let outcome = super::outcome(&found[1]).unwrap_or(TestOutcome::Failed);
            run.name(&found[2], outcome);
            for (error, place) in said.drain(..).filter(|_| outcome == TestOutcome::Failed) {
                run.failures.push(Failure { name: found[2].to_owned(), error, place: Some(place) });
            }
        } else if let Some(found) = CRITERION_PLACE.captures(line) {
            said.push((found[3].to_owned(), (found[1].to_owned(), number(&found[2]), 1)));
        } else if let Some((found, (error, _))) = CRITERION_SAYS.captures(line).zip(said.last_mut())
            && error == "Assertion Failed"
        {
            found[1].clone_into(error);
        }
    }
    run.skipped = run.count(TestOutcome::Skipped);
    run.add_to("criterion", reading);
}

fn meson(lines: &[&str], reading: &mut Reading<'_>) {
    let counts: Vec<_> = lines.iter().filter_map(|line| MESON_COUNT.captures(line)).collect();
    if !counts.iter().any(|found| &found[1] == "Ok") {
        return;
    }
    let of = |word: &str| counts.iter().filter(|found| &found[1] == word).map(|found| count(&found[2])).sum::<u64>();
    let mut run = Run { passed: of("Ok") + of("Expected Fail"), skipped: of("Skipped"), ..Run::default() };
    run.failed = of("Fail") + of("Unexpected Pass") + of("Timeout");
    for found in lines.iter().filter_map(|line| MESON_TEST.captures(line)) {
        let outcome = match &found[2] {
            "OK" | "EXPECTEDFAIL" => TestOutcome::Passed,
            "SKIP" => TestOutcome::Skipped,
            _ => TestOutcome::Failed,
        };
        // The list of those that failed says them again.
        if run.named.iter().any(|named| named.name == found[1]) {
            continue;
        }
        if outcome == TestOutcome::Failed {
            run.failures.push(Failure::new(&found[1], found.get(3).map_or("", |why| why.as_str())));
        }
        run.name(&found[1], outcome);
    }
    run.add_to("meson", reading);
}
