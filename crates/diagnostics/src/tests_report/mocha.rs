//! mocha's `spec` reporter: ticks and numbered failures, counts, and the failures again below.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    COUNT = r"^  (\d+) (passing|failing|pending)(?: \(.*\))?$";
    TICK = r"^(\s{2,})(✔|✓|√|-|\d+\)) (.+?)(?: \(\d+ms\))?$";
    GROUP = r"^(\s{2,})(\S.*)$";
    NUMBERED = r"^  (\d+)\) (.*)$";
    PLACE = r"^\s+at .*?\(?((?:file://)?[^\s():]+):(\d+):(\d+)\)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(end) = lines.iter().position(|line| COUNT.captures(line).is_some_and(|found| &found[2] == "passing")) else {
        return;
    };
    let mut run = Run::default();
    for found in lines.iter().filter_map(|line| COUNT.captures(line)) {
        match &found[2] {
            "passing" => run.passed += count(&found[1]),
            "failing" => run.failed += count(&found[1]),
            _ => run.skipped += count(&found[1]),
        }
    }
    run.failures = failures(lines.get(end..).unwrap_or(&[]));
    let mut groups: Vec<(usize, &str)> = Vec::new();
    for line in lines.iter().take(end) {
        let tick = TICK.captures(line);
        let Some(found) =
            tick.as_ref().or(GROUP.captures(line).as_ref()).map(|found| (found[1].len(), found.get(2), found.get(3)))
        else {
            continue;
        };
        let (depth, mark, name) = found;
        groups.retain(|(other, _)| *other < depth);
        match name {
            None => groups.push((depth, mark.map_or("", |name| name.as_str()))),
            Some(name) => {
                let path: Vec<&str> = groups.iter().map(|(_, group)| *group).chain([name.as_str()]).collect();
                // What tests print may stand like a group: those that failed are named below.
                let path = path.join(" ");
                let mark = mark.map_or("", |mark| mark.as_str());
                let is_named = |failure: &Failure| failure.name != path && failure.name.ends_with(&format!(" {}", name.as_str()));
                if mark.ends_with(')')
                    && !run.failures.iter().any(|failure| failure.name == path)
                    && run.failures.iter().any(is_named)
                {
                    continue;
                }
                let outcome = match mark {
                    "-" => TestOutcome::Skipped,
                    mark if mark.ends_with(')') => TestOutcome::Failed,
                    _ => TestOutcome::Passed,
                };
                run.name(path, outcome);
            }
        }
    }
    // Reporters that show a mark a test name those that failed below.
    let unnamed =
        run.failures.iter().map(|failure| failure.name.clone()).filter(|name| !run.named.iter().any(|known| known.name == *name));
    for name in unnamed.collect::<Vec<_>>() {
        run.name(name, TestOutcome::Failed);
    }
    run.add_to("mocha", reading);
}

/// Returns the failures: the name goes over lines, a group a line, and ends with a colon.
fn failures(lines: &[&str]) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = NUMBERED.captures(line) else { continue };
        let mut path = vec![found[2].trim().to_owned()];
        let mut rest = lines.iter().skip(index + 1).take(60).copied().take_while(|line| !NUMBERED.is_match(line)).peekable();
        // The outermost group may have no name.
        let is_unnamed = |path: &[String]| path.iter().all(String::is_empty);
        while let Some(part) = rest
            .next_if(|line| is_unnamed(&path) || !line.trim().is_empty() && !path.last().is_some_and(|last| last.ends_with(':')))
        {
            path.push(part.trim().to_owned());
        }
        path.retain(|part| !part.is_empty());
        let name = path.join(" ");
        let mut failure = Failure::new(name.trim_end_matches(':'), "");
        for line in rest {
            if failure.error.is_empty() {
                line.trim().clone_into(&mut failure.error);
            }
            if let Some(found) =
                PLACE.captures(line).filter(|found| !found[1].contains("node_modules/") && !line.contains("node:"))
            {
                failure.place = Some((crate::text::path_of_uri(&found[1]), number(&found[2]), number(&found[3])));
                break;
            }
        }
        failures.push(failure);
    }
    failures
}
