//! Test runners of Erlang: Common Test, as itself and as rebar3 shows it, and EUnit.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    CT_COUNTS = r"TEST COMPLETE, (\d+) ok, (\d+) failed(?:, (\d+) skipped)? of (\d+) test cases";
    CT_FAILED = r"^(?:\d+> )?(\w+:[\w'<>/ -]+?) failed on line (\d+)$";
    CT_REASON = r"^Reason: (.*)$";
    REBAR_COUNTS = r"^(?:Failed (\d+) tests?\. |Skipped (\d+) \([^)]*\) tests?\. )*(?:Passed (\d+) tests?\.|All (\d+) tests passed\.) *$";
    REBAR_FAILED = r"^%%% (\w+) ==> (\S.*): FAILED$";
    REBAR_LINE = r"^\s*line: (\d+)$";
    EUNIT_COUNTS = r"^\s+Failed: (\d+)\.\s+Skipped: (\d+)\.\s+Passed: (\d+)\.$";
    EUNIT_PASSED = r"^\s+All (\d+) tests passed\.$";
    EUNIT_TEST = r"^\s*(\w+):(?:\d+:)? ?(\w+)(?: \(.*?\))?\s?\.\.\.\s?(?:\[[\d.]+ s\] ?)?\*failed\*$";
    EUNIT_PLACE = r"^in (?:function|call from) .*\((\S+\.erl), line (\d+)\)$";
    EUNIT_ERROR = r"^\*\*(?:error|throw|exit): ?(.*)$";
    PROGRESS_HEAD = r"^\s+\d+\) (\S.*)$";
    PROGRESS_PLACE = r"^\s+%% (\S+\.erl):(\d+):in ";
    PROGRESS_COUNTS = r"^(\d+) tests?, (\d+) failures?(?:, (\d+) skips?)?$";
}

/// What belongs to a test stands no further below its name.
const LONGEST: usize = 25;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let has = |words: &str| lines.iter().any(|line| line.contains(words));
    if has("TEST COMPLETE, ") {
        common_test(lines, reading);
    } else if has("Running Common Test suites") || has("%%% ") {
        rebar(lines, reading);
    }
    if has("Performing EUnit tests") {
        progress(lines, reading);
    } else if has("EUnit ") || has("(eunit)") || has("*failed*") {
        eunit(lines, reading);
    }
}

fn common_test(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    let mut stated = 0;
    for found in lines.iter().filter_map(|line| CT_COUNTS.captures(line)) {
        let of = |group: usize| found.get(group).map_or(0, |figure| count(figure.as_str()));
        run.passed += of(1);
        run.failed += of(2);
        run.skipped += of(3);
        stated += of(4);
    }
    run.stated = Some(stated);
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(" failed on line ")) {
        let Some(found) = CT_FAILED.captures(line) else { continue };
        let reason = lines.get(index + 1).and_then(|line| CT_REASON.captures(line));
        // The suite's file is named after it.
        let module = found[1].split(':').next().unwrap_or_default();
        let place = module.ends_with("_SUITE").then(|| (format!("{module}.erl"), number(&found[2]), 1));
        let error = reason.map_or(String::new(), |reason| reason[1].to_owned());
        run.failures.push(Failure { name: found[1].to_owned(), error, place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("common test", reading);
}

fn rebar(lines: &[&str], reading: &mut Reading<'_>) {
    let mut counts =
        lines.iter().filter(|line| line.starts_with(['F', 'S', 'P', 'A'])).filter_map(|line| REBAR_COUNTS.captures(line));
    let Some(found) = counts.next_back() else { return };
    let of = |group: usize| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { failed: of(1), skipped: of(2), passed: of(3) + of(4), ..Run::default() };
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("%%% ")) {
        let Some(found) = REBAR_FAILED.captures(line) else { continue };
        let mark = format!("%%% {} ==>", &found[1]);
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !REBAR_FAILED.is_match(line));
        let error = block().next().map_or("", |line| line.strip_prefix(mark.as_str()).unwrap_or(line).trim());
        let at = block().find_map(|line| REBAR_LINE.captures(line)).map(|found| number(&found[1]));
        let place = at.map(|line| (format!("{}.erl", &found[1]), line, 1));
        let name = format!("{}:{}", &found[1], &found[2]);
        run.failures.push(Failure { name: name.clone(), error: error.to_owned(), place });
        run.name(name, TestOutcome::Failed);
    }
    run.add_to("common test", reading);
}

fn eunit(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    let mut any = false;
    for line in lines.iter().filter(|line| line.starts_with(' ')) {
        if let Some(found) = EUNIT_COUNTS.captures(line) {
            run.failed += count(&found[1]);
            run.skipped += count(&found[2]);
            run.passed += count(&found[3]);
            any = true;
        } else if let Some(found) = EUNIT_PASSED.captures(line) {
            run.passed += count(&found[1]);
            any = true;
        }
    }
    if !any {
        return;
    }
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.ends_with("*failed*")) {
        let Some(found) = EUNIT_TEST.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !line.trim().is_empty());
        let error = block().find_map(|line| EUNIT_ERROR.captures(line)).map_or(String::new(), |found| found[1].to_owned());
        let place = block().find_map(|line| EUNIT_PLACE.captures(line));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), 1));
        let name = format!("{}:{}", &found[1], &found[2]);
        run.failures.push(Failure { name: name.clone(), error, place });
        run.name(name, TestOutcome::Failed);
    }
    run.add_to("eunit", reading);
}

/// rebar3's own form of EUnit.
fn progress(lines: &[&str], reading: &mut Reading<'_>) {
    let from = lines.iter().position(|line| line.contains("Performing EUnit tests")).unwrap_or(0);
    let Some(found) = lines.iter().skip(from).find_map(|line| PROGRESS_COUNTS.captures(line)) else { return };
    let of = |group: usize| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { failed: of(2), skipped: of(3), stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(of(2)).saturating_sub(of(3));
    for (index, line) in lines.iter().enumerate().skip(from) {
        let Some(found) = PROGRESS_HEAD.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !PROGRESS_HEAD.is_match(line));
        let error = block().next().map_or("", |line| line.trim());
        let place = block().find_map(|line| PROGRESS_PLACE.captures(line));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), 1));
        run.failures.push(Failure { name: found[1].to_owned(), error: error.to_owned(), place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("eunit", reading);
}

#[cfg(test)]
mod tests {
    use super::super::report_of;
    use super::*;

    #[test]
    fn common_test_counts_each_suite() {
        let report = report_of(
            read,
            "Testing lib.store_SUITE: Starting test, 3 test cases\n- - - - - -\nstore_SUITE:reads failed on line 31\nReason: {badmatch,none}\n- - - - - -\n\n\
             Testing lib.store_SUITE: *** FAILED test case 2 of 3 ***\nTesting lib.store_SUITE: TEST COMPLETE, 1 ok, 1 failed, 1 skipped of 3 test cases\n\n\
             Testing lib.log_SUITE: TEST COMPLETE, 4 ok, 0 failed of 4 test cases\n",
        );
        let tests = &report.tests;
        assert_eq!((tests.stated, tests.passed, tests.failed, tests.skipped), (Some(7), 5, 1, 1));
        assert_eq!(report.failing, ["store_SUITE:reads"]);
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("store_SUITE.erl"));
        let report = report_of(
            read,
            "===> Running Common Test suites...\n%%% store_SUITE: ..\n%%% store_SUITE ==> main.reads: FAILED\n%%% store_SUITE ==> \nFailure/Error: ?assertEqual(1, 2)\n      line: 31\nFailed 1 tests. Passed 2 tests. \n",
        );
        assert_eq!(
            (report.failing.as_slice(), report.tests.failed, report.tests.passed),
            (["store_SUITE:main.reads".to_owned()].as_slice(), 1, 2)
        );
    }

    #[test]
    fn eunit_names_the_test_and_its_line() {
        let report = report_of(
            read,
            "======================== EUnit ========================\nstore_tests: reads_test...*failed*\nin function store_tests:reads_test/0 (test/store_tests.erl, line 9)\n\
             **error:{badmatch,none}\n  output:<<\"\">>\n\n=======================================================\n  Failed: 1.  Skipped: 0.  Passed: 2.\n",
        );
        assert_eq!((report.tests.framework.as_deref(), report.tests.failed, report.tests.passed), (Some("eunit"), 1, 2));
        assert_eq!(report.failing, ["store_tests:reads_test"]);
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("test/store_tests.erl"));
        let report = report_of(
            read,
            "===> Performing EUnit tests...\n.F\nFailures:\n\n  1) store_tests:reads_test/0\n     Failure/Error: {error,{badmatch,none},[]}\n     %% /w/test/store_tests.erl:9:in `store_tests:reads_test/0`\n     Output: \n\n\
             Finished in 0.021 seconds\n2 tests, 1 failures\n",
        );
        assert_eq!(
            (report.failing.as_slice(), report.tests.stated),
            (["store_tests:reads_test/0".to_owned()].as_slice(), Some(2))
        );
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("/w/test/store_tests.erl"));
    }
}
