//! Maven's surefire and failsafe: a line of counts a class, the failing tests with their times, and a summary of each module.
//!
//! What runs inside of it is nearly always JUnit; TestNG says so.

use std::collections::BTreeSet;

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    COUNTS = r"^(?:\[(?:INFO|WARNING|ERROR|WARN)\] +)?Tests run: (\d+), Failures: (\d+), Errors: (\d+)(?:, Skipped: (\d+))?(.*)$";
    OF_CLASS = r"^,? *Time elapsed: ";
    FAILING = r"^(?:\[ERROR\] +)?(\S.*?)(?: -- | +)Time elapsed: [\d.,]+ (?:s|sec) +<<< (FAILURE|ERROR)!$";
    OLD_NAME = r"^(.+?)\(([A-Za-z_$][\w.$]*)\)$";
    // Version 2.22 names what JUnit 5 ran without its class, which the line of its counts has.
    BARE_NAME = r"^[\w$]+(?:[{(\[].*)?$";
    IN_CLASS = r" (?:in|-- in) ([\w.$]+)$";
    // A line of the summary: `[ERROR]   CalcTest.adds:12 expected: …`.
    LISTED = r"^(?:\[ERROR\] )? {2,}([\w$]+(?:[.>][\w$]+)*)(?:\(.*?\))?:(\d+)(?:->.*?)?(?:[ :] *(.*))?$";
    // Before version 2.13 it named the class behind the test.
    OLD_LISTED = r"^(?:Failed tests:|Tests in error:)?\s+(\w+)\(([\w.$]+)\)(?:: (.*))?$";
    FRAME = r"^\s+at (?:app//)?([\w.$]+)\.([\w$<>]+)\(([\w$]+\.(?:java|kt|groovy|scala)):(\d+)\)$";
    TESTNG = r"\bTestNG\b|TestSuite -- Time|in TestSuite$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let counted: Vec<_> = lines.iter().filter_map(|line| COUNTS.captures(line)).collect();
    if counted.is_empty() {
        return;
    }
    let mut run = Run::default();
    // The totals of each module, which have no time; where the log was cut before them, the classes.
    let is_of_class = |found: &regex::Captures<'_>| OF_CLASS.is_match(&found[5]);
    let has_totals = counted.iter().any(|found| !is_of_class(found));
    let mut stated = 0;
    for found in counted.iter().filter(|found| has_totals != is_of_class(found)) {
        let of = |group: usize| found.get(group).map_or(0, |figure| count(figure.as_str()));
        stated += of(1);
        run.errors += of(3);
        run.failed += of(2) + of(3);
        run.skipped += of(4);
    }
    run.stated = Some(stated);
    run.passed = stated.saturating_sub(run.failed).saturating_sub(run.skipped);
    run.failures = failures(lines);
    let mut seen = BTreeSet::new();
    let names: Vec<String> = run.failures.iter().map(|failure| failure.name.clone()).collect();
    for name in names.into_iter().filter(|name| seen.insert(name.clone())) {
        run.name(name, TestOutcome::Failed);
    }
    let is_testng = lines.iter().any(|line| TESTNG.is_match(line));
    run.add_to(if is_testng { "testng" } else { "junit" }, reading);
}

/// Returns the failing tests, by the lines with their times; where there is none, by those of the summary.
fn failures(lines: &[&str]) -> Vec<Failure> {
    let mut failures: Vec<Failure> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = FAILING.captures(line).filter(|found| !found[1].starts_with("Tests run:")) else { continue };
        let around = || lines.iter().take(index).rev().find_map(|line| IN_CLASS.captures(line).filter(|_| COUNTS.is_match(line)));
        let (class, name) = match OLD_NAME.captures(&found[1]) {
            Some(old) => (old[2].to_owned(), format!("{}.{}", &old[2], &old[1])),
            None if BARE_NAME.is_match(&found[1]) => match around() {
                Some(class) => (class[1].to_owned(), format!("{}.{}", &class[1], &found[1])),
                None => (String::new(), found[1].to_owned()),
            },
            None => (
                found[1]
                    .split(['(', '[', '{'])
                    .next()
                    .and_then(|own| own.rsplit_once('.'))
                    .map_or("", |(class, _)| class)
                    .to_owned(),
                found[1].to_owned(),
            ),
        };
        let ours = project_of(&class);
        // Its words may have blank lines; what Maven marks is its own, and what comes after the stack is of no test.
        let block = lines.iter().skip(index + 1).take(60).take_while(|line| !line.starts_with('['));
        let mut failure = Failure::new(name, "");
        let mut in_stack = false;
        for line in block {
            if line.trim().is_empty() {
                if in_stack {
                    break;
                }
                continue;
            }
            in_stack = in_stack || FRAME.is_match(line);
            if let Some(frame) = FRAME.captures(line).filter(|frame| frame[1].starts_with(ours)) {
                failure.place = Some((path_of(&frame[1], &frame[3]), number(&frame[4]), 1));
                break;
            } else if failure.error.is_empty() {
                line.trim().clone_into(&mut failure.error);
            }
        }
        failures.push(failure);
    }
    let mut in_list = false;
    for line in lines {
        in_list = line.starts_with("Failed tests:") || line.starts_with("Tests in error:") || in_list && line.starts_with("  ");
        let Some(found) = OLD_LISTED.captures(line).filter(|_| in_list) else { continue };
        let name = format!("{}.{}", &found[2], &found[1]);
        if failures.iter().all(|known| known.name != name) {
            failures.push(Failure::new(name, found.get(3).map_or("", |error| error.as_str())));
        }
    }
    if failures.is_empty() {
        for found in lines.iter().filter_map(|line| LISTED.captures(line)) {
            failures.push(Failure::new(&found[1], found.get(3).map_or("", |error| error.as_str())));
        }
    }
    failures
}

/// Returns the packages that are the project's own, told from those of a test of it: `com.acme.` of `com.acme.shop.CartTest`.
fn project_of(class: &str) -> &str {
    let dots: Vec<usize> = class.match_indices('.').map(|(at, _)| at).collect();
    let end = dots.get(1).or(dots.first()).map_or(class.len(), |at| at + 1);
    class.get(..end).unwrap_or(class)
}

/// Returns the file of a class below its folder of sources: a frame names the file alone.
fn path_of(class: &str, file: &str) -> String {
    match class.rsplit_once('.') {
        Some((package, _)) => format!("{}/{file}", package.replace('.', "/")),
        None => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(text: &str) -> (Vec<String>, domain::TestsSeen) {
        let mut reading = Reading::new(None);
        read(&crate::text::lines(text), &mut reading);
        let report = reading.finish();
        (report.failing, report.tests)
    }

    #[test]
    fn a_name_without_its_class_is_of_the_class_whose_counts_stand_above() {
        let text = "[ERROR] Tests run: 9, Failures: 1, Errors: 1, Skipped: 0, Time elapsed: 0.442 s <<< FAILURE! - in com.acme.StockTest\n\
                    [ERROR] adds{int, int}[2]  Time elapsed: 0.034 s  <<< FAILURE!\norg.opentest4j.AssertionFailedError: no\n\
                    \tat com.acme.StockTest.adds(StockTest.java:20)\n\n\
                    [ERROR] com.acme.DateTest.leap[2000, false](2) -- Time elapsed: 0.011 s <<< FAILURE!\njava.lang.AssertionError: no\n\
                    \tat org.testng.Assert.fail(Assert.java:110)\n\tat com.acme.DateTest.leap(DateTest.java:14)\n\n\
                    [ERROR] Tests run: 9, Failures: 2, Errors: 0, Skipped: 0\n";
        let mut reading = Reading::new(None);
        read(&crate::text::lines(text), &mut reading);
        let report = reading.finish();
        assert_eq!(report.failing, ["com.acme.StockTest.adds{int, int}[2]", "com.acme.DateTest.leap[2000, false](2)"]);
        let paths: Vec<_> = report.diagnostics.iter().filter_map(|one| one.path.as_deref()).collect();
        assert_eq!(paths, ["com/acme/StockTest.java", "com/acme/DateTest.java"]);
    }

    #[test]
    fn the_totals_count_and_not_the_classes_beside_them() {
        let text = "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.05 s -- in a.GoodTest\n\
                    [ERROR] Tests run: 3, Failures: 1, Errors: 1, Skipped: 1, Time elapsed: 0.05 s <<< FAILURE! -- in a.BadTest\n\
                    [ERROR] a.BadTest.fails -- Time elapsed: 0.01 s <<< FAILURE!\n\
                    java.lang.AssertionError: no\n\tat org.junit.Assert.fail(Assert.java:89)\n\tat a.BadTest.fails(BadTest.java:9)\n\n\
                    [ERROR] breaks(a.BadTest)  Time elapsed: 0.01 sec  <<< ERROR!\n\
                    [ERROR] Tests run: 5, Failures: 1, Errors: 1, Skipped: 1\n";
        let (failing, tests) = read_of(text);
        assert_eq!(failing, ["a.BadTest.fails", "a.BadTest.breaks"]);
        assert_eq!((tests.stated, tests.passed, tests.failed, tests.errors, tests.skipped), (Some(5), 2, 2, 1, 1));
        let cut = text.rsplit_once("[ERROR] Tests run").unwrap().0;
        assert_eq!(read_of(cut).1, tests);
        assert_eq!(tests.framework.as_deref(), Some("junit"));
    }
}
