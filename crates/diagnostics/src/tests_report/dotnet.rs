//! `dotnet test`, whatever framework runs inside (xUnit, NUnit, MSTest): the tests by name, and the counts of each assembly.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^\s{2}(Passed|Failed|Skipped) (\S.*?)(?: \[[^\]]*\])?$";
    COUNTS = r"^(?:Passed|Failed|Skipped)!\s+- Failed:\s*(\d+), Passed:\s*(\d+), Skipped:\s*(\d+), Total:\s*(\d+),";
    TOTAL = r"^\s*(Total tests|Passed|Failed|Skipped): (\d+)$";
    FRAME = r"^\s+at .* in (.+):line (\d+)$";
    XUNIT = r"^\s+(\S.*) \[FAIL\]$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let assemblies: Vec<_> = lines.iter().filter_map(|line| COUNTS.captures(line)).collect();
    let is_total = lines.iter().any(|line| line.trim_start().starts_with("Total tests: "));
    if assemblies.is_empty() && !is_total {
        return;
    }
    let mut run = Run::default();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = TEST.captures(line) else { continue };
        let outcome = super::outcome(&found[1]).unwrap_or(TestOutcome::Passed);
        if outcome == TestOutcome::Failed {
            run.failures.push(failure(&found[2], lines.get(index + 1..).unwrap_or_default()));
        }
        run.name(&found[2], outcome);
    }
    let mut stated = 0;
    for found in &assemblies {
        run.failed += count(&found[1]);
        run.passed += count(&found[2]);
        run.skipped += count(&found[3]);
        stated += count(&found[4]);
    }
    if assemblies.is_empty() {
        for found in lines.iter().filter_map(|line| TOTAL.captures(line)) {
            let figure = count(&found[2]);
            match &found[1] {
                "Passed" => run.passed += figure,
                "Failed" => run.failed += figure,
                "Skipped" => run.skipped += figure,
                _ => stated += figure,
            }
        }
    }
    run.stated = Some(stated);
    let framework =
        if lines.iter().any(|line| line.contains("xUnit.net") || XUNIT.is_match(line)) { "xunit" } else { "dotnet test" };
    run.add_to(framework, reading);
}

fn failure(name: &str, after: &[&str]) -> Failure {
    let block: Vec<&str> = after.iter().take(80).take_while(|line| !TEST.is_match(line)).copied().collect();
    let message = block.iter().position(|line| line.trim() == "Error Message:");
    let error = message.and_then(|at| block.get(at + 1)).map_or("", |line| line.trim());
    let mut failure = Failure::new(name, error);
    let frame = block.iter().filter_map(|line| FRAME.captures(line)).next();
    failure.place = frame.map(|found| (found[1].to_owned(), number(&found[2]), 1));
    failure
}
