//! The Test Anything Protocol: node:test, tape, ava, bats, prove.
//!
//! A line of it in someone's log must not count, so a plan (`1..N`) or a version line is asked for.

use domain::{FindingKind, Severity, TestOutcome};

use super::{Failure, Run, count};
use crate::Diagnostic;
use crate::reading::{Reading, number};
use crate::text::{path_of_uri, pattern};

pattern! {
    START = r"^(?:TAP version 1[234]|1\.\.\d+(?: .*)?)$";
    RESULT = r"^(\s*)(not )?ok\b(?: (\d+))?(?: - | )?(.*?)(?:\s+# ?(?i:(SKIP\w*|TODO))\b.*)?(?:\s+# time=[\d.]+m?s(?: \{)?)?$";
    TIMED = r"^\s*(?:not )?ok\b.*\s# time=[\d.]+m?s(?: \{)?$";
    // A group that says so before its tests, as vitest has it.
    OPENS = r"^(\s*)(?:not )?ok \d+ - (.*?)(?:\s+# time=[\d.]+m?s)? \{$";
    ALL_SKIPPED = r"^(\s*)(not )?ok\b(?: (\d+))?\s*# ?(?i:skip|todo)\b";
    SUBTEST = r"^(\s*)# Subtest: (.*)$";
    ENTRY = r"^\s+(\w+): (.*)$";
    AT = r"^\s*(?:at:? )?.*?\(?((?:file://)?/?[\w@./~+-]+\.\w+):(\d+):(\d+)\)?$";
    COMMENT = r"^# (\S.*)$";
    // What Perl's tests say, on another stream.
    PERL_FAILED = r"^\s*#\s+Failed (?:\(TODO\) )?test(?: '(.*)')?(?: at (\S+) line (\d+)\.)?$";
    PERL_PLACE = r"^\s*#\s+at (\S+) line (\d+)\.$";
    PROVED = r"^Files=\d+, Tests=(\d+), ";
    PROVE_FAILED = r"^\S+ +\(Wstat: .* Failed: (\d+)\)$";
    BATS_PLACE = r"^# \(in test file (.+?), line (\d+)\)$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if !lines.iter().any(|line| START.is_match(line)) {
        return prove(lines, reading);
    }
    // Perl announces subtests alike, and says nothing of how long they took.
    let is_node = lines.iter().any(|line| SUBTEST.is_match(line)) && lines.iter().any(|line| line.contains("duration_ms"));
    // tap has subtests of the same form, and says of each how long it took.
    let is_tap = lines.iter().any(|line| TIMED.is_match(line));
    let mut run = Run::default();
    // The names of the groups around a subtest: its parent's result comes after it, so they are taken from `# Subtest:`.
    let mut groups: Vec<(usize, String)> = Vec::new();
    let mut heading: Option<&str> = None;
    // Comments directly below a failure explain it, as bats does.
    let mut explains = false;
    for (index, line) in lines.iter().enumerate() {
        explains = line.starts_with("not ok") || explains && line.starts_with('#');
        if let Some(found) = SUBTEST.captures(line) {
            let depth = found[1].len();
            groups.retain(|(other, _)| *other < depth);
            groups.push((depth, found[2].to_owned()));
        } else if let Some(found) = OPENS.captures(line) {
            let depth = found[1].len();
            groups.retain(|(other, _)| *other < depth);
            groups.push((depth, found[2].to_owned()));
        } else if let Some(depth) = line.trim_end().strip_suffix('}').filter(|blanks| blanks.trim().is_empty()).map(str::len) {
            groups.retain(|(other, _)| *other < depth);
        } else if let Some(found) = COMMENT.captures(line).filter(|_| !is_node && !explains) {
            // tape groups assertions below a comment with the test's name.
            heading = found.get(1).map(|name| name.as_str()).filter(|name| !is_count(name));
        } else if let Some(found) = RESULT.captures(line) {
            let depth = found[1].len();
            let rest = lines.get(index + 1..).unwrap_or(&[]);
            let is_directive = found.get(5).is_some() || ALL_SKIPPED.is_match(line);
            let own = if ALL_SKIPPED.is_match(line) && found[4].starts_with('#') { "" } else { found[4].trim() };
            let own = if own.is_empty() {
                found.get(3).map_or("", |number| number.as_str()).to_owned()
            } else {
                own.replace("\\#", "#")
            };
            let block = yaml(rest);
            // A group has no outcome of its own.
            if block.is_some_and(|block| entry(block, "type").as_deref() == Some("suite")) {
                continue;
            }
            let mut path: Vec<String> = groups.iter().filter(|(other, _)| *other < depth).map(|(_, name)| name.clone()).collect();
            path.extend(heading.filter(|_| !is_node).map(str::to_owned));
            path.push(own);
            let name = path.join(" > ");
            let outcome = match (found.get(2).is_some(), is_directive) {
                (_, true) => TestOutcome::Skipped,
                (false, false) => TestOutcome::Passed,
                (true, false) => TestOutcome::Failed,
            };
            // A group that failed by its subtests alone has no place of its own.
            let is_told = block.is_some_and(|block| entry(block, "failureType").as_deref() == Some("subtestsFailed"));
            if outcome == TestOutcome::Failed && !is_told {
                run.failures.push(failure(&name, block, rest));
            }
            run.name(name, outcome);
        }
    }
    let proved = lines.iter().rev().find_map(|line| PROVED.captures(line));
    if let Some(found) = proved.filter(|_| lines.iter().any(|line| PERL_FAILED.is_match(line))) {
        // What `prove -v` shows names less than what the tests say on the other stream.
        run.named.retain(|named| named.outcome != TestOutcome::Failed);
        run.failures.clear();
        return proven(run, count(&found[1]), lines).add_to("tap", reading);
    }
    perl(lines, &mut run);
    // All tests that were planned after it never ran.
    if let Some(why) = lines.iter().find_map(|line| line.strip_prefix("Bail out!")) {
        let message = format!("bailed out: {}", why.trim());
        reading.push(
            "tap",
            Diagnostic::new("tap", "tap", FindingKind::TestFailure, Severity::Error, message.trim_end_matches(": ")),
        );
    }
    let is_mocha = !is_node && !is_tap && lines.iter().any(|line| line.contains(" at Context.<anonymous> ("));
    let framework = match (is_mocha, is_node && !is_tap) {
        (true, _) => "mocha",
        (false, true) => "node:test",
        (false, false) => "tap",
    };
    run.counted().add_to(framework, reading);
}

/// Reads what `prove` says of tests whose own lines it does not show: their number, and what those that failed say on another stream.
fn prove(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| PROVED.captures(line)) else { return };
    proven(Run::default(), count(&found[1]), lines).add_to("tap", reading);
}

/// Adds the counts of `prove` to a run, and the names that its tests say.
fn proven(mut run: Run, total: u64, lines: &[&str]) -> Run {
    run.stated = Some(total);
    run.failed = lines.iter().filter_map(|line| PROVE_FAILED.captures(line)).map(|found| count(&found[1])).sum();
    run.skipped = run.count(TestOutcome::Skipped);
    run.passed = total.saturating_sub(run.failed).saturating_sub(run.skipped);
    perl(lines, &mut run);
    let names: Vec<String> = run.failures.iter().map(|failure| failure.name.clone()).filter(|name| !name.is_empty()).collect();
    names.into_iter().for_each(|name| run.name(name, TestOutcome::Failed));
    run
}

/// Adds the places that Perl's tests name for themselves, the failures of one name in their order.
fn perl(lines: &[&str], run: &mut Run) {
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = PERL_FAILED.captures(line) else { continue };
        let place = match found.get(2).zip(found.get(3)) {
            Some((path, line)) => Some((path.as_str().to_owned(), number(line.as_str()), 1)),
            None => {
                lines.get(index + 1).and_then(|next| PERL_PLACE.captures(next)).map(|at| (at[1].to_owned(), number(&at[2]), 1))
            }
        };
        let name = found.get(1).map_or("", |name| name.as_str());
        let is_it = |failure: &Failure| {
            failure.place.is_none() && (failure.name == name || failure.name.ends_with(&format!(" > {name}")) || name.is_empty())
        };
        if let Some(failure) = run.failures.iter().position(is_it).and_then(|at| run.failures.get_mut(at)) {
            failure.place = place;
        } else if place.is_some() && !run.failures.iter().any(|known| known.place == place) {
            // Without `-v`, prove shows nothing else of it.
            run.failures.push(Failure { name: name.to_owned(), error: String::new(), place });
        }
    }
}

fn is_count(comment: &str) -> bool {
    ["tests ", "pass ", "fail ", "skip ", "todo ", "Failed test", "at ", "Looks like", "ok"]
        .iter()
        .any(|start| comment.starts_with(start))
}

/// Returns the lines of the block of details below a result.
fn yaml<'a>(rest: &'a [&'a str]) -> Option<&'a [&'a str]> {
    if rest.first()?.trim() != "---" {
        return None;
    }
    // It is indented as its first line is, but for text over lines, of which vitest leaves the indentation as it was. One without an end
    // ends at the next result.
    let indent = |line: &str| line.len() - line.trim_start().len();
    let depth = rest.first().map_or(0, |line| indent(line));
    let is_result =
        |line: &str| indent(line) < depth && (line.trim_start().starts_with("ok ") || line.trim_start().starts_with("not ok "));
    let mut block = rest.iter().take(400).take_while(|line| !is_result(line));
    let end = block.position(|line| line.trim() == "..." && indent(line) == depth)?;
    rest.get(1..end)
}

/// Returns an entry of a block: its text, or the first line of it where it goes over lines.
fn entry(block: &[&str], key: &str) -> Option<String> {
    let at = block.iter().position(|line| ENTRY.captures(line).is_some_and(|found| &found[1] == key))?;
    let value = block.get(at).and_then(|line| ENTRY.captures(line)).map(|found| found[2].to_owned())?;
    if matches!(value.as_str(), "|-" | "|" | ">-" | ">") {
        return block.get(at + 1).map(|line| line.trim().to_owned());
    }
    Some(value.trim_matches(['\'', '"']).to_owned())
}

/// Reads a failure whose error and stack stand below it without marks, as mocha has it.
fn unboxed(name: &str, rest: &[&str]) -> Failure {
    let below = || rest.iter().take(LONGEST).take_while(|line| line.starts_with("  "));
    let frame = below().filter(|line| line.trim_start().starts_with("at ")).filter_map(|line| AT.captures(line));
    let own = frame.map(|found| (path_of_uri(&found[1]), number(&found[2]), number(&found[3])));
    let place = own.into_iter().find(|(path, _, _)| !path.contains("node_modules/") && !path.starts_with("node:"));
    let error = below().next().map_or("", |line| line.trim());
    Failure { name: name.to_owned(), error: error.to_owned(), place }
}

/// What stands below a failure is no longer than this.
const LONGEST: usize = 60;

fn failure(name: &str, block: Option<&[&str]>, rest: &[&str]) -> Failure {
    let Some(block) = block else {
        // bats explains in comments.
        let comments: Vec<&str> = rest.iter().take_while(|line| line.starts_with("# ")).copied().collect();
        let place =
            comments.iter().find_map(|line| BATS_PLACE.captures(line)).map(|found| (found[1].to_owned(), number(&found[2]), 1));
        if comments.is_empty() {
            return unboxed(name, rest);
        }
        let error = comments.iter().find(|line| !BATS_PLACE.is_match(line)).map_or("", |line| line.trim_start_matches("# "));
        return Failure { name: name.to_owned(), error: error.to_owned(), place };
    };
    let error = ["error", "message", "name"].into_iter().filter_map(|key| entry(block, key)).find(|text| !text.is_empty());
    let is_ours = |path: &str| !path.contains("node_modules/") && !path.starts_with("node:");
    let frame = |line: &&str| {
        let line = line.trim().trim_matches(['\'', '"']);
        let found = AT.captures(line)?;
        let path = path_of_uri(&found[1]);
        is_ours(&path).then(|| (path, number(&found[2]), number(&found[3])))
    };
    let stack = block.iter().position(|line| line.trim_start().starts_with("stack:"));
    let place = stack.and_then(|at| block.get(at + 1..)?.iter().find_map(frame)).or_else(|| block.iter().find_map(frame));
    let place = place.or_else(|| frame(&entry(block, "location")?.as_str()));
    // As tap has it below `at:`.
    let named = |keys: [&str; 2]| keys.into_iter().find_map(|key| entry(block, key));
    let place = place.or_else(|| {
        let (path, line) = (named(["file", "fileName"])?, number(&named(["line", "lineNumber"])?));
        let column = named(["column", "columnNumber"]).map_or(1, |column| number(&column));
        (line > 0 && is_ours(&path)).then(|| (path_of_uri(&path), line, column))
    });
    Failure { name: name.to_owned(), error: error.unwrap_or_default(), place }
}
