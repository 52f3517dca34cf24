//! Twisted's trial: the counts of unittest with words of its own, and blocks at whose end the tests stand that they are of.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::formats::python::{is_library, split_raised};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    RAN = r"^Ran (\d+) tests? in [\d.]+s$";
    ENDED = r"^(?:PASSED|FAILED) \(((?:(?:skips|expectedFailures|failures|errors|unexpectedSuccesses|successes)=\d+(?:, )?)+)\)$";
    PART = r"(\w+)=(\d+)";
    HEAD = r"^\[(FAIL|ERROR|SUCCESS!\?!)\]$";
    FRAME = r#"^  File "(.+?)", line (\d+), in .+$"#;
    NAME = r"^[\w.]+\.\w+$";
}

/// A block is no longer than this.
const LONGEST: usize = 300;

/// Reads a report of trial, and says whether it is one.
pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) -> bool {
    let Some(ended) = lines.iter().rev().find_map(|line| ENDED.captures(line)) else { return false };
    // Failures and errors alone may be unittest's.
    let has_block =
        || lines.windows(2).any(|two| matches!(two, [rule, head] if rule.starts_with("=====") && HEAD.is_match(head)));
    if !ended[1].contains("successes=") && !ended[1].contains("skips=") && !has_block() {
        return false;
    }
    let mut run = Run::default();
    let mut expected = 0;
    for part in PART.captures_iter(&ended[1]) {
        let number = count(&part[2]);
        match &part[1] {
            "successes" => run.passed = number,
            "skips" => run.skipped = number,
            "errors" => (run.failed, run.errors) = (run.failed + number, number),
            "expectedFailures" => expected = number,
            _ => run.failed += number,
        }
    }
    let ran = lines.iter().rev().find_map(|line| RAN.captures(line)).map(|found| count(&found[1]));
    run.stated = ran.or(Some(run.passed + run.failed + run.skipped + expected));
    for (index, line) in lines.iter().enumerate() {
        if HEAD.is_match(line) {
            let block = lines.iter().skip(index + 1).take(LONGEST);
            block_of(block.take_while(|line| !line.starts_with("=====") && !line.starts_with("-----")), &mut run);
        }
    }
    run.add_to("trial", reading);
    true
}

/// Reads a block: the stack, what was raised, and behind an empty line the tests that ended so.
fn block_of<'a>(lines: impl Iterator<Item = &'a &'a str>, run: &mut Run) {
    let (mut error, mut place, mut names) = (String::new(), None, Vec::new());
    let mut after_blank = false;
    for line in lines {
        if let Some(found) = FRAME.captures(line) {
            if !is_library(&found[1]) {
                place = Some((found[1].to_owned(), number(&found[2]), 1));
            }
        } else if after_blank && NAME.is_match(line) {
            names.push(*line);
        } else if error.is_empty() && !line.starts_with("Traceback ") && split_raised(told(line)).is_some() {
            told(line).clone_into(&mut error);
        }
        after_blank = line.is_empty() || after_blank && NAME.is_match(line);
    }
    for name in names {
        run.failures.push(Failure { name: name.to_owned(), error: error.clone(), place: place.clone() });
        run.name(name, TestOutcome::Failed);
    }
}

/// Returns a line without the word before what a callback raised.
fn told(line: &str) -> &str {
    line.strip_prefix("Failure: ").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::super::report_of;

    #[test]
    fn the_tests_of_a_block_stand_at_its_end() {
        let text = "proto.test\n  LineTests\n    test_split ...                  [FAIL]\n\n=====\n[FAIL]\nTraceback (most recent call last):\n  \
            File \"/r/proto/test.py\", line 9, in test_split\n    self.assertEqual(1, 2)\n  File \"/x/site-packages/twisted/t.py\", line 4, in \
            f\n    g\ntwisted.trial.unittest.FailTest: not equal:\na = 1\n\nb = 2\n\n\nproto.test.LineTests.test_split\n\
            proto.test.LineTests.test_again\n=====\n[ERROR]\nTraceback (most recent call last):\nFailure: twisted.internet.defer.TimeoutError: \
            <x> (test_never) still running at 1.0 secs\n\nproto.test.LineTests.test_never\n-----\nRan 6 tests in 1.006s\n\n\
            FAILED (skips=1, failures=2, errors=1, successes=2)\n";
        let report = report_of(super::super::unittest::read, text);
        let tests = &report.tests;
        assert_eq!((tests.framework.as_deref(), tests.stated, tests.failed), (Some("trial"), Some(6), 3));
        assert_eq!((tests.errors, tests.skipped, tests.passed), (1, 1, 2));
        let names = ["split", "again", "never"].map(|name| format!("proto.test.LineTests.test_{name}"));
        assert_eq!(report.failing, names);
        assert_eq!(report.diagnostics.first().and_then(|one| one.path.as_deref()), Some("/r/proto/test.py"));
    }
}
