//! Test runners of R, Julia, Dart and Clojure: testthat, Julia's `Test`, `dart test` and `flutter test`, `clojure.test`.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    R_COUNTS = r"^\s*\[ FAIL (\d+) \| WARN \d+ \| SKIP (\d+) \| PASS (\d+) \]$";
    R_OLD_COUNTS = r"^\s*(?:\[ )?OK: (\d+)(?: \|)? SKIPPED: (\d+)(?:(?: \|)? WARNINGS: \d+)?(?: \|)? FAILED: (\d+)(?: \])?$";
    // A reporter that shows progress has no rule before it.
    R_FAILED = r"^\s*(?:(?:──|--) )?(Failure|Error) \('?([^()']+\.[rR]):(\d+)(?::(\d+))?'?\): (\S.*?) *[─-]*$";
    R_OLD_FAILED = r"^\s*(?:(?:──|--) )?\d+\. (Failure|Error): (\S.*?) \(@([^()]+\.[rR])#(\d+)\) *[─-]*$";
    JULIA_COUNTS = r"^(?:ERROR: (?:LoadError: )?)?Some tests did not pass: (\d+) passed, (\d+) failed, (\d+) errored, (\d+) broken\.";
    JULIA_SUMMARY = r"^Test Summary:\s+\|((?: +(?:Pass|Fail|Error|Broken|Total|Time))+)\s*$";
    JULIA_FAILED = r"^(?:(\S.*?): )?(Test Failed|Error During Test) at (\S.*?):(\d+)$";
    JULIA_SAYS = r"^\s+(?:Evaluated|Expression|Test threw exception|Got exception outside of a @test): ?(.*)$";
    DART_FAILED = r"^\d\d:\d\d \+\d+(?: ~\d+)? -\d+: (?:(\S+_test\.dart): )?(\S.*) \[E\]\s*$";
    DART_COUNTS = r"^\d\d:\d\d \+(\d+)(?: ~(\d+))?(?: -(\d+))?: (?:Some tests failed\.|All tests passed!|All other tests passed!)\s*$";
    DART_PLACE = r"^\s+(?:package:)?(\S+_test\.dart) (\d+):(\d+)\s";
    DART_STACK = r"^(?:#\d+ +\S.* \(|\s+)(?:file://)?(\S+_test\.dart):(\d+):(\d+)\)?:?$";
    CLOJURE_COUNTS = r"^Ran (\d+) tests containing (\d+) assertions\.$";
    CLOJURE_ENDED = r"^(\d+) failures, (\d+) errors\.$";
    CLOJURE_FAILED = r"^(FAIL|ERROR) in \(?(\S[^()]*)\)? \(([^():]*):(-?\d+)\)$";
    CLOJURE_ACTUAL = r"^\s+actual: (.*)$";
}

/// What belongs to a test stands no further below its name.
const LONGEST: usize = 40;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    testthat(lines, reading);
    julia(lines, reading);
    dart(lines, reading);
    clojure(lines, reading);
}

fn testthat(lines: &[&str], reading: &mut Reading<'_>) {
    let mut counts = lines.iter().filter(|line| line.contains("FAIL")).filter_map(|line| {
        let new = R_COUNTS.captures(line).map(|found| [count(&found[1]), count(&found[2]), count(&found[3])]);
        new.or_else(|| R_OLD_COUNTS.captures(line).map(|found| [count(&found[3]), count(&found[2]), count(&found[1])]))
    });
    let Some([failed, skipped, passed]) = counts.next_back() else { return };
    let mut run = Run { failed, skipped, passed, ..Run::default() };
    for (index, line) in lines.iter().enumerate() {
        let (name, place) = if let Some(found) = R_FAILED.captures(line) {
            let column = found.get(4).map_or(1, |column| number(column.as_str()));
            (found[5].to_owned(), (found[2].to_owned(), number(&found[3]), column))
        } else if let Some(found) = R_OLD_FAILED.captures(line) {
            (found[2].to_owned(), (found[3].to_owned(), number(&found[4]), 1))
        } else {
            continue;
        };
        let error =
            lines.iter().skip(index + 1).take(LONGEST).find(|line| !line.trim().is_empty()).map_or("", |line| line.trim());
        let is_known = run.failures.iter().any(|known| known.name == name && known.place.as_ref() == Some(&place));
        if is_known {
            continue;
        }
        run.failures.push(Failure { name: name.clone(), error: error.to_owned(), place: Some(place) });
        run.name(name, TestOutcome::Failed);
    }
    run.add_to("testthat", reading);
}

fn julia(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| line.starts_with("Test Summary:")) {
        return;
    }
    let mut run = Run::default();
    let stated = lines.iter().rev().find_map(|line| JULIA_COUNTS.captures(line));
    if let Some(found) = stated {
        let of = |group: usize| count(&found[group]);
        run = Run { passed: of(1), failed: of(2) + of(3), errors: of(3), skipped: of(4), ..run };
    } else {
        for (head, row) in lines.iter().zip(lines.iter().skip(1)) {
            let Some(found) = JULIA_SUMMARY.captures(head) else { continue };
            // Each figure ends where the heading of its column does.
            let own = found.get(1).map_or(0, |columns| columns.start());
            for (at, name) in columns(head, own) {
                let figure = row.get(..at).unwrap_or(row).rsplit([' ', '|']).next().map_or(0, count);
                match name {
                    "Pass" => run.passed += figure,
                    "Fail" => run.failed += figure,
                    "Error" => (run.failed, run.errors) = (run.failed + figure, run.errors + figure),
                    "Broken" => run.skipped += figure,
                    _ => {}
                }
            }
        }
    }
    run.stated = Some(run.passed + run.failed + run.skipped);
    for (index, line) in
        lines.iter().enumerate().filter(|(_, line)| line.contains("Test Failed at ") || line.contains("Error During Test at "))
    {
        let Some(found) = JULIA_FAILED.captures(line) else { continue };
        let says = lines.iter().skip(index + 1).take(3).filter_map(|line| JULIA_SAYS.captures(line)).next_back();
        let error = says.map_or(String::new(), |says| says[1].to_owned());
        let name = found.get(1).map_or("", |name| name.as_str());
        run.failures.push(Failure { name: name.to_owned(), error, place: Some((found[3].to_owned(), number(&found[4]), 1)) });
        if !name.is_empty() && run.named.iter().all(|known| known.name != name) {
            run.name(name, TestOutcome::Failed);
        }
    }
    run.add_to("julia", reading);
}

/// Returns where each heading of a table ends, with its name.
fn columns(head: &str, from: usize) -> Vec<(usize, &str)> {
    let own = head.get(from..).unwrap_or_default();
    own.split(' ').filter(|name| !name.is_empty()).filter_map(|name| Some((from + own.find(name)? + name.len(), name))).collect()
}

fn dart(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().filter(|line| line.contains(" tests ")).find_map(|line| DART_COUNTS.captures(line))
    else {
        return;
    };
    let of = |group: usize| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { passed: of(1), skipped: of(2), failed: of(3), ..Run::default() };
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.trim_end().ends_with("[E]")) {
        let Some(found) = DART_FAILED.captures(line) else { continue };
        let block = || {
            lines.iter().skip(index + 1).take(LONGEST).take_while(|line| line.is_empty() || line.starts_with([' ', '#', '\t']))
        };
        let expected = block().find(|line| line.trim_start().starts_with("Expected: "));
        let error = expected.or_else(|| block().find(|line| !line.is_empty())).map_or("", |line| line.trim());
        let place = block().find_map(|line| DART_PLACE.captures(line).or_else(|| DART_STACK.captures(line)));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
        run.failures.push(Failure { name: found[2].to_owned(), error: error.to_owned(), place });
        let file = found.get(1).map_or(String::new(), |file| format!("{}: ", file.as_str()));
        run.name_in(&file, &found[2], TestOutcome::Failed);
    }
    run.add_to("dart test", reading);
}

fn clojure(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    let (mut stated, mut any) = (0, false);
    for (ran, ended) in lines.iter().zip(lines.iter().skip(1)) {
        let Some((ran, ended)) = CLOJURE_COUNTS.captures(ran).zip(CLOJURE_ENDED.captures(ended)) else { continue };
        stated += count(&ran[1]);
        run.failed += count(&ended[1]) + count(&ended[2]);
        run.errors += count(&ended[2]);
        any = true;
    }
    if !any {
        return;
    }
    run.stated = Some(stated);
    run.passed = stated.saturating_sub(run.failed);
    for (index, line) in
        lines.iter().enumerate().filter(|(_, line)| line.starts_with("FAIL in ") || line.starts_with("ERROR in "))
    {
        let Some(found) = CLOJURE_FAILED.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !line.trim().is_empty());
        let error = block().find_map(|line| CLOJURE_ACTUAL.captures(line)).map_or(String::new(), |found| found[1].to_owned());
        let place = (!found[3].is_empty()).then(|| (found[3].to_owned(), number(&found[4]), 1));
        run.failures.push(Failure { name: found[2].to_owned(), error, place });
        run.name(&found[2], TestOutcome::Failed);
    }
    run.add_to("clojure.test", reading);
}

#[cfg(test)]
mod tests {
    use super::super::report_of;
    use super::*;

    fn told(report: &crate::Report) -> (Option<&str>, u64, u64, &[String], Option<&str>) {
        let path = report.diagnostics.first().and_then(|one| one.path.as_deref());
        (report.tests.framework.as_deref(), report.tests.failed, report.tests.passed, &report.failing, path)
    }

    #[test]
    fn testthat_of_every_age_names_test_and_line() {
        let names = ["cart adds".to_owned()];
        let new = report_of(
            read,
            "── Failure (test-cart.R:9:3): cart adds ─────────\ncart$sum() not equal to 3.\n\n[ FAIL 1 | WARN 0 | SKIP 2 | PASS 11 ]\n",
        );
        assert_eq!(told(&new), (Some("testthat"), 1, 11, names.as_slice(), Some("test-cart.R")));
        let old = report_of(
            read,
            "  ── 1. Failure: cart adds (@test-cart.R#9)  ────\n  cart$sum() not equal to 3.\n  \n  ══ testthat results  ════\n  OK: 11 SKIPPED: 2 FAILED: 1\n  1. Failure: cart adds (@test-cart.R#9) \n",
        );
        assert_eq!(told(&old), (Some("testthat"), 1, 11, names.as_slice(), Some("test-cart.R")));
    }

    #[test]
    fn julia_counts_by_its_table_or_its_last_words() {
        let text = "cart adds: Test Failed at /w/test/runtests.jl:5\n  Expression: sum(cart) == 3\n   Evaluated: 2 == 3\nTest Summary: | Pass  Fail  Error  Total\ncart          |    3     1      2      6\n";
        let report = report_of(read, text);
        assert_eq!(told(&report), (Some("julia"), 3, 3, ["cart adds".to_owned()].as_slice(), Some("/w/test/runtests.jl")));
        let report = report_of(
            read,
            &format!("{text}ERROR: LoadError: Some tests did not pass: 3 passed, 1 failed, 2 errored, 0 broken.\n"),
        );
        assert_eq!((report.tests.failed, report.tests.errors), (3, 2));
    }

    #[test]
    fn dart_names_the_test_without_its_file() {
        let report = report_of(
            read,
            "00:01 +3 -1: test/cart_test.dart: Cart adds [E]\n  Expected: <3>\n    Actual: <2>\n  package:matcher expect\n  test/cart_test.dart 9:7  main.<fn>.<fn>\n\n00:02 +3 -1: Some tests failed.\n",
        );
        assert_eq!(told(&report), (Some("dart test"), 1, 3, ["Cart adds".to_owned()].as_slice(), Some("test/cart_test.dart")));
    }

    #[test]
    fn clojure_tells_test_file_and_line() {
        let report = report_of(
            read,
            "lein test shop.cart-test\n\nFAIL in (adds) (cart_test.clj:9)\nexpected: (= 3 (sum cart))\n  actual: (not (= 3 2))\n\nRan 2 tests containing 4 assertions.\n1 failures, 0 errors.\n",
        );
        assert_eq!(told(&report), (Some("clojure.test"), 1, 1, ["adds".to_owned()].as_slice(), Some("cart_test.clj")));
    }
}
