//! CTest: one line a test, and a summary in percent.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    TEST = r"^\s*\d+/\d+ Test\s+#\d+: (.+?) \.*\s*(?:[A-Z][\w ]*)?(Passed|\*\*\*\s*[A-Z][\w ()]*?):?\s+[\d.]+ sec";
    SUMMARY = r"^\d+% tests passed, (\d+) tests? failed out of (\d+)";
    NONE = r"^No tests were found!!!";
}

/// Reads the report, and says whether there is one: what the tests print themselves is then within it.
pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) -> bool {
    if !lines.iter().any(|line| SUMMARY.is_match(line) || NONE.is_match(line)) {
        return false;
    }
    let mut run = Run::default();
    for found in lines.iter().filter_map(|line| TEST.captures(line)) {
        let word = found[2].trim_start_matches('*').trim();
        let outcome = match word {
            "Passed" => TestOutcome::Passed,
            "Skipped" | "Not Run (Disabled)" => TestOutcome::Skipped,
            _ => TestOutcome::Failed,
        };
        if outcome == TestOutcome::Failed {
            run.failures.push(Failure::new(&found[1], word));
        }
        run.name(&found[1], outcome);
    }
    let mut run = run.counted();
    run.stated = Some(lines.iter().filter_map(|line| SUMMARY.captures(line)).map(|found| count(&found[2])).sum());
    run.add_to("ctest", reading);
    true
}
