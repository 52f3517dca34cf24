//! CTest: one line a test, and a summary in percent.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    TEST = r"^\s*\d+/\d+ Test\s+#\d+: (.+?) \.*\s*(?:[A-Z][\w ]*)?(Passed|\*\*\*\s*[A-Z][\w ()]*?):?\s+[\d.]+ sec";
    SUMMARY = r"^\d+% tests passed, (\d+) tests? failed out of (\d+)";
    LISTED = r"^\s+\d+ - (\S.*?) \(([\w ]+)\)(?:\s.*)?$";
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
    let mut left_out = lines.iter().skip_while(|line| **line != "The following tests did not run:").skip(1);
    while let Some(found) = left_out.next().and_then(|line| LISTED.captures(line)) {
        if !run.named.iter().any(|named| named.name == found[1]) {
            run.name(&found[1], TestOutcome::Skipped);
        }
    }
    // A reason may go over lines: the list at the end has them all.
    let listed = lines.iter().skip_while(|line| **line != "The following tests FAILED:").skip(1);
    for found in listed.map_while(|line| LISTED.captures(line)) {
        if !run.named.iter().any(|named| named.name == found[1]) {
            run.failures.push(Failure::new(&found[1], &found[2]));
            run.name(&found[1], TestOutcome::Failed);
        }
    }
    let mut run = run.counted();
    let summaries: Vec<_> = lines.iter().filter_map(|line| SUMMARY.captures(line)).collect();
    run.stated = Some(summaries.iter().map(|found| count(&found[2])).sum());
    run.failed = run.failed.max(summaries.iter().map(|found| count(&found[1])).sum());
    run.add_to("ctest", reading);
    true
}
