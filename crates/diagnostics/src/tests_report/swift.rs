//! Test runners of Swift: XCTest, as itself and as xcpretty shows it, and swift-testing.

use std::collections::BTreeMap;

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    CASE = r"^Test Case '(?:-\[)?([\w.]+)[ .](\w+)\]?' (passed|failed|skipped) \([\d.]+ seconds\)\.?$";
    ERROR = r"^(?:❌ +)?(/?\S[^:]*\.(?:swift|mm?)):(\d+): error: (?:-\[)?([\w.]+)[ .](\w+)\]? : (.*)$";
    ALL = r"^Test Suite '(?:All tests|Selected tests)' (?:passed|failed) at ";
    EXECUTED = r"^\s*Executed (\d+) tests?, with (?:(\d+) tests? skipped and )?(\d+) failures? \(\d+ unexpected\) in ";
    PRETTY = r"^    (?:✗|x) (\w+), (\S.*)$";
    PRETTY_PASSED = r"^    (?:✓|\.) (\w+) \([\d.]+ seconds\)$";
    PRETTY_SUITE = r"^([A-Z]\w+)$";
    PRETTY_LISTED = r"^  (\w+), (\S.*)$";
    PRETTY_PLACE = r"^  (/\S.*\.(?:swift|mm?)):(\d+)$";
    ISSUE = r"^\S+\s+Test (\S.*?) recorded an issue(?: with .*?)? at (\S+\.swift):(\d+):(\d+): (.*)$";
    ENDED = r"^\S+\s+Test (\S.*?) (passed|failed|skipped)(?: after [\d.]+ seconds?)?(?: with \d+ (?:known )?issues?(?: .*)?)?\.?$";
    RAN = r"^\S+\s+Test run with (\d+) tests?(?: in \d+ suites?)? (?:passed|failed) after ";
}

/// An assertion that failed, and where.
type Told = (String, (String, u32, u32));

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    xctest(lines, reading);
    swift_testing(lines, reading);
}

fn xctest(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(last) = lines.iter().rposition(|line| line.contains("Executed ") && EXECUTED.is_match(line)) else { return };
    let mut run = Run::default();
    // Each suite says how many ran within it: what counts is what the one round all of them says.
    let whole = lines.iter().zip(lines.iter().skip(1)).filter(|(suite, _)| ALL.is_match(suite));
    let mut found: Vec<_> = whole.filter_map(|(_, executed)| EXECUTED.captures(executed)).collect();
    if found.is_empty() {
        found.extend(lines.get(last).and_then(|line| EXECUTED.captures(line)));
    }
    let mut failures = 0;
    for found in &found {
        run.stated = Some(run.stated.unwrap_or(0) + count(&found[1]));
        run.skipped += found.get(2).map_or(0, |figure| count(figure.as_str()));
        failures += count(&found[3]);
    }
    let mut errors: BTreeMap<(String, String), Vec<Told>> = BTreeMap::new();
    for found in lines.iter().filter(|line| line.contains(": error: ")).filter_map(|line| ERROR.captures(line)) {
        let told = errors.entry((found[3].to_owned(), found[4].to_owned())).or_default();
        told.push((found[5].to_owned(), (found[1].to_owned(), number(&found[2]), 1)));
    }
    for found in lines.iter().filter(|line| line.starts_with("Test Case '")).filter_map(|line| CASE.captures(line)) {
        let name = format!("{}.{}", &found[1], &found[2]);
        let outcome = super::outcome(&found[3]).unwrap_or(TestOutcome::Passed);
        if outcome == TestOutcome::Failed {
            let told = errors.remove(&(found[1].to_owned(), found[2].to_owned())).unwrap_or_default();
            if told.is_empty() {
                run.failures.push(Failure::new(&name, ""));
            }
            run.failures.extend(told.into_iter().map(|(error, place)| Failure { name: name.clone(), error, place: Some(place) }));
        }
        run.name(name, outcome);
    }
    if run.named.is_empty() {
        pretty(lines, &mut run);
    }
    run.failed = run.count(TestOutcome::Failed);
    if run.failed == 0 {
        // A test may fail several times; where none is named there is nothing better.
        run.failed = failures;
    }
    run.passed = run.stated.unwrap_or(0).saturating_sub(run.failed).saturating_sub(run.skipped);
    run.add_to("xctest", reading);
}

/// xcpretty: what ran below the name of its class, and at the end what failed with its place.
fn pretty(lines: &[&str], run: &mut Run) {
    let mut suite = "";
    let mut places: BTreeMap<&str, (String, u32, u32)> = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = PRETTY_LISTED.captures(line).and_then(|found| found.get(1)) else { continue };
        let place = lines.get(index + 1).and_then(|next| PRETTY_PLACE.captures(next));
        places.extend(place.map(|place| (found.as_str(), (place[1].to_owned(), number(&place[2]), 1))));
    }
    for line in lines {
        if let Some(found) = PRETTY_SUITE.captures(line).and_then(|found| found.get(1)) {
            suite = found.as_str();
        } else if let Some(found) = PRETTY.captures(line) {
            let place = found.get(1).and_then(|name| places.get(name.as_str())).cloned();
            run.failures.push(Failure { name: found[1].to_owned(), error: found[2].to_owned(), place });
            run.name_in(&format!("{suite}."), &found[1], TestOutcome::Failed);
        } else if let Some(found) = PRETTY_PASSED.captures(line) {
            run.name_in(&format!("{suite}."), &found[1], TestOutcome::Passed);
        }
    }
}

fn swift_testing(lines: &[&str], reading: &mut Reading<'_>) {
    let ran = lines.iter().rev().filter(|line| line.contains("Test run with "));
    let Some(found) = ran.filter_map(|line| RAN.captures(line)).next() else {
        return;
    };
    let mut run = Run { stated: Some(count(&found[1])), ..Run::default() };
    for line in
        lines.iter().filter(|line| line.contains(" Test ") && !line.contains("Test run ") && !line.contains("Test Suite "))
    {
        if let Some(found) = ISSUE.captures(line) {
            let place = Some((found[2].to_owned(), number(&found[3]), number(&found[4])));
            run.failures.push(Failure { name: found[1].to_owned(), error: found[5].to_owned(), place });
        } else if let Some(found) = ENDED.captures(line) {
            run.name(&found[1], super::outcome(&found[2]).unwrap_or(TestOutcome::Passed));
        }
    }
    run.failed = run.count(TestOutcome::Failed);
    run.skipped = run.count(TestOutcome::Skipped);
    run.passed = run.stated.unwrap_or(0).saturating_sub(run.failed).saturating_sub(run.skipped);
    run.add_to("swift-testing", reading);
}

#[cfg(test)]
mod tests {
    use super::super::report_of;
    use super::*;

    #[test]
    fn xctest_counts_tests_and_not_assertions() {
        let text = "Test Suite 'All tests' started at 2026-01-02 10:00:00.000\nTest Suite 'CartTests' started at 2026-01-02 10:00:00.000\n\
                    Test Case 'CartTests.testAdds' started at 2026-01-02 10:00:00.000\n/w/Tests/CartTests.swift:9: error: CartTests.testAdds : XCTAssertEqual failed: (\"1\") is not equal to (\"2\") - \n\
                    /w/Tests/CartTests.swift:10: error: CartTests.testAdds : XCTAssertTrue failed - \nTest Case 'CartTests.testAdds' failed (0.002 seconds)\n\
                    Test Case 'CartTests.testTakes' passed (0.001 seconds)\nTest Suite 'CartTests' failed at 2026-01-02 10:00:00.100\n\t Executed 2 tests, with 2 failures (0 unexpected) in 0.003 (0.003) seconds\n\
                    Test Suite 'All tests' failed at 2026-01-02 10:00:00.100\n\t Executed 2 tests, with 2 failures (0 unexpected) in 0.003 (0.003) seconds\n";
        let report = report_of(read, text);
        assert_eq!(
            (report.failing.as_slice(), report.tests.failed, report.tests.stated),
            (["CartTests.testAdds".to_owned()].as_slice(), 1, Some(2))
        );
        assert_eq!(report.diagnostics.len(), 2);
        let mac = text
            .replace("'CartTests.test", "'-[Shop.CartTests test")
            .replace("Adds' ", "Adds]' ")
            .replace("Takes' ", "Takes]' ")
            .replace("error: CartTests.testAdds :", "error: -[Shop.CartTests testAdds] :");
        assert_eq!(report_of(read, &mac).failing, ["Shop.CartTests.testAdds"]);
    }

    #[test]
    fn xcpretty_names_the_test_below_its_class() {
        let report = report_of(
            read,
            "CartTests\n    ✓ testTakes (0.001 seconds)\n    ✗ testAdds, XCTAssertTrue failed - \n\n\nShop.CartTests\n  testAdds, XCTAssertTrue failed - \n  /w/Tests/CartTests.swift:10\n  ```\n\n\n\t Executed 2 tests, with 1 failure (0 unexpected) in 0.003 (0.003) seconds\n",
        );
        assert_eq!((report.failing.as_slice(), report.tests.stated), (["testAdds".to_owned()].as_slice(), Some(2)));
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("/w/Tests/CartTests.swift"));
    }

    #[test]
    fn swift_testing_says_where() {
        let report = report_of(
            read,
            "◇ Test adds() started.\n✘ Test adds() recorded an issue at CartTests.swift:7:5: Expectation failed: (sum → 2) == 3\n✘ Test adds() failed after 0.001 seconds with 1 issue.\n✔ Test takes() passed after 0.001 seconds.\n✘ Test run with 2 tests failed after 0.002 seconds with 1 issue.\n",
        );
        assert_eq!(
            (report.failing.as_slice(), report.tests.failed, report.tests.passed),
            (["adds()".to_owned()].as_slice(), 1, 1)
        );
        assert_eq!(report.diagnostics[0].message, "test adds() failed: Expectation failed: (sum → 2) == 3");
    }
}
