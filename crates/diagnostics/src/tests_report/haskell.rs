//! Test runners of Haskell: tasty, a tree whose leaves end in a verdict, and hspec, which tells what failed at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TASTY_FAILED = r"^(\d+) out of (\d+) tests failed \([\d.]+s\)$";
    TASTY_PASSED = r"^All (\d+) tests passed \([\d.]+s\)$";
    TASTY_LEAF = r"^( *)(\S.*?): +(OK|FAIL)(?: \([\d.]+s\))?$";
    TASTY_GROUP = r"^( *)(\S.*)$";
    PLACE = r"^\s*(\S+\.l?hs):(\d+)(?::(\d+))?:?$";
    HSPEC_COUNTS = r"^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?$";
    HSPEC_HEAD = r"^  \d+\) (\S.*)$";
    HSPEC_PLACE = r"^  (\S+\.l?hs):(\d+):(\d+): *$";
    HSPEC_RERUN = r"^\s+To rerun use: --match ";
}

/// What belongs to a test stands no further below its name.
const LONGEST: usize = 40;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    tasty(lines, reading);
    if is_hspec(lines) {
        hspec(lines, reading);
    }
}

/// Says whether the counts that hspec shares with RSpec are its own: RSpec, too, names a seed, but says how long its files took.
pub(super) fn is_hspec(lines: &[&str]) -> bool {
    lines.iter().any(|line| {
        line.contains("To rerun use: --match ") || line.starts_with("Randomized with seed ") && !line.ends_with("seed")
    }) && !lines.iter().any(|line| {
        line.starts_with("rspec ./")
            || line.starts_with("rspec './")
            || line.starts_with("Finished in ") && line.ends_with(" to load)")
    })
}

fn tasty(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    let (mut stated, mut end) = (0, 0);
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.ends_with("s)") && line.contains(" tests ")) {
        let (failed, total) = match (TASTY_FAILED.captures(line), TASTY_PASSED.captures(line)) {
            (Some(found), _) => (count(&found[1]), count(&found[2])),
            (None, Some(found)) => (0, count(&found[1])),
            _ => continue,
        };
        run.failed += failed;
        run.passed += total.saturating_sub(failed);
        stated += total;
        end = index;
    }
    if end == 0 {
        return;
    }
    run.stated = Some(stated);
    // The groups that a line stands in, each with how far in it is.
    let mut groups: Vec<(usize, &str)> = Vec::new();
    let mut within: Option<usize> = None;
    for (index, line) in lines.iter().enumerate().take(end) {
        let indent = line.len() - line.trim_start().len();
        // What a test says stands deeper than its name.
        if line.trim().is_empty() || within.is_some_and(|depth| indent > depth) {
            continue;
        }
        within = None;
        groups.retain(|(depth, _)| *depth < indent);
        let Some(found) = TASTY_LEAF.captures(line) else {
            groups.extend(TASTY_GROUP.captures(line).and_then(|found| found.get(2)).map(|name| (indent, name.as_str())));
            continue;
        };
        within = Some(indent);
        if &found[3] == "FAIL" {
            let group: String =
                groups.iter().filter(|(depth, _)| indent > 0 || *depth > 0).map(|(_, name)| format!("{name}.")).collect();
            let name = format!("{group}{}", &found[2]);
            let block = || {
                let deeper = |line: &&&str| line.trim().is_empty() || line.len() - line.trim_start().len() > indent;
                lines.iter().skip(index + 1).take(LONGEST).take_while(deeper)
            };
            let place = block().find_map(|line| PLACE.captures(line));
            let place = place
                .map(|found| (found[1].to_owned(), number(&found[2]), found.get(3).map_or(1, |column| number(column.as_str()))));
            let error = block().find(|line| !line.trim().is_empty() && !PLACE.is_match(line)).map_or("", |line| line.trim());
            run.failures.push(Failure { name: name.clone(), error: error.to_owned(), place });
            run.name(name, TestOutcome::Failed);
        }
    }
    run.add_to("tasty", reading);
}

fn hspec(lines: &[&str], reading: &mut Reading<'_>) {
    let mut run = Run::default();
    let (mut stated, mut any) = (0, false);
    for found in lines.iter().filter_map(|line| HSPEC_COUNTS.captures(line)) {
        let of = |group: usize| found.get(group).map_or(0, |figure| count(figure.as_str()));
        stated += of(1);
        run.failed += of(2);
        run.skipped += of(3);
        any = true;
    }
    if !any {
        return;
    }
    run.stated = Some(stated);
    run.passed = stated.saturating_sub(run.failed).saturating_sub(run.skipped);
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = HSPEC_HEAD.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(LONGEST).take_while(|line| !HSPEC_RERUN.is_match(line));
        if !lines.iter().skip(index + 1).take(LONGEST).any(|line| HSPEC_RERUN.is_match(line)) {
            continue;
        }
        let place = index.checked_sub(1).and_then(|before| HSPEC_PLACE.captures(lines.get(before)?));
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
        let error = block().find(|line| !line.trim().is_empty()).map_or("", |line| line.trim());
        run.failures.push(Failure { name: found[1].to_owned(), error: error.to_owned(), place });
        run.name(&found[1], TestOutcome::Failed);
    }
    run.add_to("hspec", reading);
}

#[cfg(test)]
mod tests {
    use super::super::report_of;
    use super::*;

    #[test]
    fn tasty_names_a_leaf_by_its_groups() {
        let report = report_of(
            read,
            "Preprocessing...\nStore\n  Reader\n    takes one:  OK\n    takes two:  FAIL (0.02s)\n      test/Reader.hs:14:\n      expected: 2\n       but got: 1\n    rest: kept: OK\n  Log: OK\n\n1 out of 4 tests failed (0.03s)\n",
        );
        assert_eq!(report.failing, ["Store.Reader.takes two"]);
        assert_eq!((report.tests.stated, report.tests.failed, report.tests.passed), (Some(4), 1, 3));
        assert_eq!(
            (report.diagnostics[0].path.as_deref(), report.diagnostics[0].message.as_str()),
            (Some("test/Reader.hs"), "test Store.Reader.takes two failed: expected: 2")
        );
    }

    #[test]
    fn hspec_tells_what_failed_at_its_end() {
        let report = report_of(
            read,
            "Store\n  takes one\n  takes two FAILED [1]\n\nFailures:\n\n  test/StoreSpec.hs:12:17: \n  1) Store takes two\n       expected: 2\n        but got: 1\n\n  To rerun use: --match \"/Store/takes two/\"\n\n\
             Randomized with seed 17\n\nFinished in 0.0004 seconds\n2 examples, 1 failure\n",
        );
        assert_eq!((report.failing.as_slice(), report.tests.stated), (["Store takes two".to_owned()].as_slice(), Some(2)));
        assert_eq!(report.diagnostics[0].path.as_deref(), Some("test/StoreSpec.hs"));
    }
}
