//! cmocka, whose marks are those of GoogleTest and whose words are its own.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    RAN = r"^\[=+\] (?:\S+: )?(\d+) test\(s\) run\.$";
    RUN = r"^\[ RUN +\] (\S.*)$";
    TEST = r"^\[ +(OK|FAILED|SKIPPED|ERROR) +\] (\S+)$";
    ERROR = r"^\[ +ERROR +\] --- (.*)$";
    LINE = r"^\[ +LINE +\] --- (\S.*?):(\d+): error: .*$";
}

/// Reads the report, and says whether it is one.
pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) -> bool {
    let ran: Vec<u64> = lines.iter().filter_map(|line| RAN.captures(line)).map(|found| count(&found[1])).collect();
    if ran.is_empty() {
        return false;
    }
    let mut run = Run::default();
    let mut current: Option<Failure> = None;
    for line in lines {
        if let Some(found) = RUN.captures(line) {
            current = Some(Failure::new(&found[1], ""));
        } else if let Some((found, failure)) = ERROR.captures(line).zip(current.as_mut()) {
            if failure.error.is_empty() {
                found[1].clone_into(&mut failure.error);
            }
        } else if let Some((found, failure)) = LINE.captures(line).zip(current.as_mut()) {
            failure.place.get_or_insert((found[1].to_owned(), number(&found[2]), 1));
        } else if let Some(found) = TEST.captures(line)
            && let Some(failure) = current.take_if(|failure| failure.name == found[2])
        {
            // Those at the end are listed again.
            let outcome = super::outcome(&found[1]).unwrap_or(TestOutcome::Failed);
            if outcome == TestOutcome::Failed {
                run.failures.push(failure);
            }
            run.name(&found[2], outcome);
        }
    }
    let mut run = run.counted();
    run.stated = Some(ran.iter().sum());
    run.add_to("cmocka", reading);
    true
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_not_taken_for_googletest() {
        let text = "[==========] Running 3 test(s).\n[ RUN      ] test_add\n[  ERROR   ] --- 0x2 != 0x3\n[   LINE   ] --- t.c:6: error: Failure!\n\
            [  FAILED  ] test_add\n[ RUN      ] test_ok\n[       OK ] test_ok\n[ RUN      ] test_skip\n[  SKIPPED ] test_skip\n\
            [==========] 3 test(s) run.\n[  PASSED  ] 1 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n[  SKIPPED ] test_skip\n\
            [  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] test_add\n";
        let report = crate::read(&crate::Output { stdout: text.as_bytes(), stderr: b"", tool: None });
        let tests = &report.tests;
        assert_eq!((tests.framework.as_deref(), tests.stated), (Some("cmocka"), Some(3)));
        assert_eq!((tests.passed, tests.failed, tests.skipped), (1, 1, 1));
        assert_eq!(report.failing, ["test_add"]);
        let paths: Vec<_> = report.diagnostics.iter().map(|one| one.path.as_deref()).collect();
        assert_eq!(paths, [Some("t.c")]);
    }
}
