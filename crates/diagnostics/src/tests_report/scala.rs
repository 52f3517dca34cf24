//! Test runners of Scala: ScalaTest, munit, specs2 and JUnit's interface, below sbt, which marks each line, or by themselves.

use std::borrow::Cow;

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    MARK = r"^\[(?:info|error|warn)\] ?";
    COUNTS = r"^Tests: succeeded (\d+), failed (\d+), canceled (\d+), ignored (\d+), pending (\d+)";
    SUITE = r"^([A-Z][\w.$]*):$";
    FAILED = r"^\s*- (\S.*?) \*\*\* FAILED \*\*\*(?: \([\d, a-z]+\))?$";
    PLACE = r"^\s+(?:(\S.*?) )?\(([\w$-]+\.(?:scala|java|sc)):(\d+)\)$";
    TOTALS = r"^(?:Failed|Passed|Error): Total (\d+), Failed (\d+), Errors (\d+), Passed (\d+)(?:, (?:Ignored|Skipped) (\d+))?(?:, (?:Skipped|Ignored|Canceled|Pending) (\d+))?";
    MUNIT = r"^==> X (\S.*?)\s+[\d.]+m?s\b ?(.*)$";
    MUNIT_PLACE = r"^(?:[\w.$]+: )?(\S+\.scala):(\d+)";
    JUNIT = r"^Test (\S+) failed: (.*?),? took [\d.]+ sec$";
    FRAME = r"^\s+at ([\w.$]+)\.[\w$<>]+\(([\w$-]+\.scala):(\d+)\)$";
    SPECS = r"^\s*x (\S.*)$";
    SPECS_PLACE = r"^\s+(\S.*) \(([\w$-]+\.scala):(\d+)\)$";
}

/// What belongs to a test stands no further below its name.
const LONGEST: usize = 12;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let is_told = |line: &&str| line.contains("Tests: succeeded ") || line.contains(": Total ");
    if !lines.iter().any(is_told) {
        return;
    }
    let lines: Vec<Cow<'_, str>> = lines.iter().map(|line| MARK.replace(line, "")).collect();
    if !scalatest(&lines, reading) {
        others(&lines, reading);
    }
}

fn scalatest(lines: &[Cow<'_, str>], reading: &mut Reading<'_>) -> bool {
    let mut run = Run::default();
    let mut any = false;
    for found in lines.iter().filter_map(|line| COUNTS.captures(line)) {
        let of = |group: usize| count(&found[group]);
        run.passed += of(1);
        run.failed += of(2);
        run.skipped += of(3) + of(4) + of(5);
        any = true;
    }
    if !any {
        return false;
    }
    run.stated = Some(run.passed + run.failed);
    let mut suite = String::new();
    for (index, line) in lines.iter().enumerate() {
        if let Some(found) = SUITE.captures(line) {
            suite = format!("{}: ", &found[1]);
        }
        let Some(found) = FAILED.captures(line) else { continue };
        let mut failure = Failure::new(&found[1], "");
        // The first line that names a place ends the message; another test may follow directly.
        let block = lines.iter().skip(index + 1).take(LONGEST);
        for line in block.take_while(|line| line.starts_with("  ") && !line.trim_start().starts_with("- ")) {
            if let Some(place) = PLACE.captures(line) {
                if failure.error.is_empty() {
                    place.get(1).map_or("", |said| said.as_str()).clone_into(&mut failure.error);
                }
                failure.place = Some((place[2].to_owned(), number(&place[3]), 1));
                break;
            } else if failure.error.is_empty() {
                line.trim().clone_into(&mut failure.error);
            }
        }
        // The same is told again below the last suite.
        let is_known = run.failures.iter().any(|known| known.name == failure.name && known.place == failure.place);
        if !is_known {
            run.failures.push(failure);
        }
        run.name_in(&suite, &found[1], TestOutcome::Failed);
    }
    run.add_to("scalatest", reading);
    true
}

/// Reads what others tell sbt, which counts the tests of each project.
fn others(lines: &[Cow<'_, str>], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    let mut stated = 0;
    for found in lines.iter().filter_map(|line| TOTALS.captures(line)) {
        let of = |group: usize| found.get(group).map_or(0, |figure| count(figure.as_str()));
        stated += of(1);
        run.failed += of(2) + of(3);
        run.errors += of(3);
        run.passed += of(4);
        run.skipped += of(5) + of(6);
    }
    run.stated = Some(stated);
    let mut framework = "sbt";
    for (index, line) in lines.iter().enumerate() {
        let block = || lines.iter().skip(index + 1).take(LONGEST);
        let (name, error, place) = if let Some(found) = MUNIT.captures(line) {
            framework = "munit";
            let below = block().next().map_or("", |line| line.trim());
            let said = found.get(2).map(|said| said.as_str()).filter(|said| !said.is_empty()).unwrap_or(below);
            let place = said.split(' ').chain(block().map(|line| line.trim())).find_map(|said| MUNIT_PLACE.captures(said));
            (found[1].to_owned(), said.to_owned(), place.map(|place| (place[1].to_owned(), number(&place[2]))))
        } else if let Some(found) = JUNIT.captures(line) {
            framework = "junit";
            let class = found[1].rsplit_once('.').map_or("", |(class, _)| class);
            let frame = block().filter_map(|line| FRAME.captures(line)).find(|frame| frame[1].starts_with(class));
            (found[1].to_owned(), found[2].to_owned(), frame.map(|frame| (frame[2].to_owned(), number(&frame[3]))))
        } else if let Some((found, place)) = SPECS.captures(line).zip(block().next().and_then(|next| SPECS_PLACE.captures(next)))
        {
            framework = "specs2";
            (found[1].to_owned(), place[1].to_owned(), Some((place[2].to_owned(), number(&place[3]))))
        } else {
            continue;
        };
        run.failures.push(Failure { name: name.clone(), error, place: place.map(|(file, line)| (file, line, 1)) });
        run.name(name, TestOutcome::Failed);
    }
    run.add_to(framework, reading);
}

#[cfg(test)]
mod tests {
    use super::super::report_of;
    use super::*;

    fn places(report: &crate::Report) -> Vec<(&str, String)> {
        report
            .diagnostics
            .iter()
            .map(|one| (one.path.as_deref().unwrap_or(""), format!("{:?}", one.span.map(|span| span.start))))
            .collect()
    }

    #[test]
    fn scalatest_below_sbt_counts_each_project() {
        let report = report_of(
            read,
            "[info] StackSpec:\n[info] A stack\n[info] - should pop the last value *** FAILED *** (9 milliseconds)\n[info]   1 did not equal 2 (StackSpec.scala:14)\n\
             [info] - should be empty at first\n[info] QueueSpec:\n[info] - takes *** FAILED ***\n[info]   java.lang.IllegalStateException: none left\n\
             [info]   at acme.Queue.take(Queue.scala:8)\n[info] Tests: succeeded 1, failed 2, canceled 0, ignored 1, pending 0\n[info] *** 2 TESTS FAILED ***\n\
             [error] Failed: Total 4, Failed 2, Errors 0, Passed 1, Ignored 1\n[info] Tests: succeeded 3, failed 0, canceled 0, ignored 0, pending 0\n",
        );
        assert_eq!(report.failing, ["should pop the last value", "takes"]);
        let tests = &report.tests;
        assert_eq!((tests.framework.as_deref(), tests.stated, tests.failed, tests.skipped), (Some("scalatest"), Some(6), 2, 1));
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("StackSpec.scala"));
        assert_eq!(places(&report).len(), 2);
    }

    #[test]
    fn others_below_sbt_are_told_by_their_lines() {
        let munit = "==> X acme.CartSuite.adds one  0.021s munit.ComparisonFailException: /w/src/test/scala/acme/CartSuite.scala:9\n8:\n9:  assertEquals(1, 2)\n\
                     [error] Failed: Total 2, Failed 1, Errors 0, Passed 1\n";
        let report = report_of(read, munit);
        assert_eq!(
            (report.failing.as_slice(), report.tests.framework.as_deref()),
            (["acme.CartSuite.adds one".to_owned()].as_slice(), Some("munit"))
        );
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("/w/src/test/scala/acme/CartSuite.scala"));
        let junit = "[error] Test acme.CartTest.adds failed: java.lang.AssertionError: expected:<1> but was:<2>, took 0.01 sec\n[error]     at acme.CartTest.adds(CartTest.scala:7)\n\
                     [error] Failed: Total 2, Failed 1, Errors 0, Passed 1\n";
        let report = report_of(read, junit);
        assert_eq!((report.failing.as_slice(), report.tests.stated), (["acme.CartTest.adds".to_owned()].as_slice(), Some(2)));
        assert_eq!(
            report.diagnostics[0].message,
            "test acme.CartTest.adds failed: java.lang.AssertionError: expected:<1> but was:<2>"
        );
    }
}
