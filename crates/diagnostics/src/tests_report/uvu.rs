//! uvu: a block a failing test, with its name in quotes, and the counts at the end.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    FAIL = r#"^\s+FAIL\s+(?:(\S.*?)\s+)?"(.+)"$"#;
    TOTAL = r"^  (Total|Passed|Skipped): +(\d+)$";
    FRAME = r"^\s+at (?:.* \()?(?:file://)?(/?[^\s():<>]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let figure = |name: &str| {
        let found = lines.iter().rev().filter_map(|line| TOTAL.captures(line)).find(|found| &found[1] == name);
        found.map(|found| count(&found[2]))
    };
    let (Some(total), Some(passed), Some(skipped)) = (figure("Total"), figure("Passed"), figure("Skipped")) else { return };
    let failed = total.saturating_sub(passed).saturating_sub(skipped);
    let mut run = Run { passed, failed, skipped, stated: Some(total.saturating_sub(skipped)), ..Run::default() };
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = FAIL.captures(line) else { continue };
        let block = || lines.iter().skip(index + 1).take(60).take_while(|line| !FAIL.is_match(line));
        let error = block().map(|line| line.trim()).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
        let own = |found: &regex::Captures<'_>| !found[1].contains("node_modules/");
        let place = block().filter_map(|line| FRAME.captures(line)).find(own);
        let place = place.map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
        run.failures.push(Failure { name: found[2].to_owned(), error, place });
        run.name(&found[2], TestOutcome::Failed);
    }
    run.add_to("uvu", reading);
}
