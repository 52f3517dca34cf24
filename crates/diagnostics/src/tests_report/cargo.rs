//! `cargo test`: the text of Rust's own test harness, one report a binary and one for the documentation's examples.

use std::borrow::Cow;

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    TEST = r"^test (.+?)(?: - should panic| - compile fail| - compile)?(?: \(.*\))? \.\.\. (ok|FAILED|ignored)(?:, .*)?$";
    RESULT = r"^test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; \d+ measured(?:; \d+ filtered out)?";
    RUNNING = r"^running \d+ tests?$";
    BLOCK = r"^---- (.+) stdout ----$";
    PANICKED = r"^thread '.*' (?:\(\d+\) )?panicked at (.+?):(\d+):(\d+):$";
    // A test that should.
    NOT_PANICKED = r"^note: test did not panic as expected at (.+?):(\d+):(\d+)$";
    OLD_PANIC = r"^thread '.*' panicked at '(.*)', (.+?):(\d+):(\d+)$";
    // Its words may go on over lines.
    OLD_PANIC_OPENS = r"^thread '.*' panicked at '(.*)$";
    OLD_PANIC_CLOSES = r"^.*', (\S+?):(\d+):(\d+)$";
    // insta names where its macro stands; the panic is its own.
    SOURCE = r"^Source: (\S.*?):(\d+)$";
    FRAME = r"^\s+at (\S+?):(\d+):(\d+)$";
    LINE_OF_DOC = r"^(.+?) - .*\(line (\d+)\)$";
    DOC = r"^(.+) \(line \d+\)(?: - .*)?$";
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    // How many run is said in words that others use, too.
    if !lines.iter().any(|line| RESULT.is_match(line) || test(line).is_some()) {
        return;
    }
    let mut run = Run::default();
    let mut unfinished: (u64, u64, u64) = (0, 0, 0);
    for (index, line) in lines.iter().enumerate() {
        if RUNNING.is_match(line) {
            unfinished = (0, 0, 0);
        } else if let Some((name, word)) = test(line) {
            let (outcome, slot) = match word {
                "ok" => (TestOutcome::Passed, &mut unfinished.0),
                "FAILED" => (TestOutcome::Failed, &mut unfinished.1),
                _ => (TestOutcome::Skipped, &mut unfinished.2),
            };
            *slot += 1;
            run.name(name, outcome);
        } else if let Some(found) = RESULT.captures(line) {
            unfinished = (0, 0, 0);
            run.passed += count(&found[1]);
            run.failed += count(&found[2]);
            run.skipped += count(&found[3]);
        } else if let Some(found) = BLOCK.captures(line) {
            run.failures.extend(failed(&found[1], lines.get(index + 1..).unwrap_or(&[])));
        }
    }
    uncaptured(lines, &mut run);
    // A binary that dies (a signal, an abort) states nothing.
    run.passed += unfinished.0;
    run.failed += unfinished.1;
    run.skipped += unfinished.2;
    run.add_to("cargo test", reading);
}

/// Returns the lines without what failing tests printed: another runner that a test ran, whose report is no report of this run.
pub(super) fn without_captured<'a>(lines: &'a [&'a str], reading: &Reading<'_>) -> Cow<'a, [&'a str]> {
    let is_cargo =
        reading.report.tests.framework.as_deref().is_some_and(|known| known.split(", ").any(|name| name == "cargo test"));
    if !is_cargo || !lines.iter().any(|line| BLOCK.is_match(line)) {
        return Cow::Borrowed(lines);
    }
    let mut in_block = false;
    let outside = lines.iter().map(|line| {
        in_block = BLOCK.is_match(line) || in_block && *line != "failures:" && !RESULT.is_match(line);
        if in_block { "" } else { *line }
    });
    Cow::Owned(outside.collect())
}

/// Names the failing tests of a run with `--nocapture`, where what a test prints stands between its name and its outcome: the list at the
/// end names them, and the panic of its thread tells where.
fn uncaptured(lines: &[&str], run: &mut Run) {
    let mut listed = Vec::new();
    let mut in_list = false;
    for line in lines {
        in_list = *line == "failures:" || in_list && (line.is_empty() || line.starts_with("    "));
        if let Some(name) = line.strip_prefix("    ").filter(|name| in_list && !name.starts_with(' ')) {
            listed.push(name);
        }
    }
    for name in listed {
        if !run.named.iter().any(|named| named.name == name) {
            run.name(name, TestOutcome::Failed);
        }
        if run.failures.iter().any(|failure| failure.name == name) {
            continue;
        }
        let thread = format!("thread '{name}' ");
        let own = lines.iter().enumerate().filter(|(_, line)| line.starts_with(&thread));
        let panicked = own.into_iter().find_map(|(index, line)| Some((index, PANICKED.captures(line)?)));
        let Some((index, found)) = panicked else { continue };
        run.failures.push(Failure {
            name: name.to_owned(),
            error: lines.get(index + 1).copied().unwrap_or("").to_owned(),
            place: Some((found[1].to_owned(), number(&found[2]), number(&found[3]))),
        });
    }
}

/// Returns the name and the outcome of a test's line. An example of the documentation keeps its line number: two may share a path.
fn test(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("test ")?;
    let (name, ended) = rest.rsplit_once(" ... ")?;
    let word = ["ok", "FAILED", "ignored"].into_iter().find(|word| {
        ended.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(',') || rest.starts_with(" <"))
    })?;
    TEST.is_match(line).then_some(())?;
    let name = name.strip_suffix(" - should panic").unwrap_or(name);
    let cut = DOC.captures(name).and_then(|_| name.rfind(')')).and_then(|end| name.get(..=end));
    Some((cut.unwrap_or(name), word))
}

/// Returns the failures that a test's block tells of: the first panic, and that of the test's own thread, which may follow it.
fn failed(name: &str, rest: &[&str]) -> Vec<Failure> {
    let own = format!("thread '{name}' ");
    let first = failure(name, rest);
    let block = rest.iter().enumerate().take(LONGEST).take_while(|(_, line)| !BLOCK.is_match(line) && **line != "failures:");
    let last = block.filter(|(_, line)| line.starts_with(&own)).find_map(|(index, line)| {
        let found = PANICKED.captures(line).filter(|found| !is_library(&found[1]))?;
        let error = rest.get(index + 1).copied().unwrap_or("").to_owned();
        Some(Failure { error, place: Some((found[1].to_owned(), number(&found[2]), number(&found[3]))), ..first.clone() })
    });
    let last = last.filter(|last| last.place != first.place && !LINE_OF_DOC.is_match(name));
    [first].into_iter().chain(last).collect()
}

/// A block is no longer than this.
const LONGEST: usize = 400;

/// Nor are the words of a panic.
const LONGEST_WORDS: usize = 40;

/// Says whether a file is of a dependency or of Rust itself.
fn is_library(path: &str) -> bool {
    path.starts_with("/rustc/")
        || path.contains("/.cargo/registry/")
        || path.contains("/.cargo/git/")
        || path.contains("/lib/rustlib/")
        // As its own files were named before their paths began with a hash.
        || ["src/libcore/", "src/libstd/", "src/liballoc/", "libcore/", "libstd/", "liballoc/"].iter().any(|start| path.starts_with(start))
}

/// Returns the project's own place of a panic in a dependency, as far as the block names one.
fn own_place(block: &[&str]) -> Option<(String, u32, u32)> {
    let source = block.iter().find_map(|line| SOURCE.captures(line)).map(|found| (found[1].to_owned(), number(&found[2]), 1));
    let frames = || block.iter().filter_map(|line| FRAME.captures(line)).filter(|found| !is_library(&found[1]));
    source.or_else(|| frames().next().map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3]))))
}

fn failure(name: &str, rest: &[&str]) -> Failure {
    let mut failure = Failure::new(name.strip_suffix(" - should panic").unwrap_or(name), "");
    let block = rest.iter().take(LONGEST).take_while(|line| !BLOCK.is_match(line) && **line != "failures:");
    let block: Vec<&str> = block.copied().collect();
    for (index, line) in block.iter().enumerate() {
        if let Some(found) = PANICKED.captures(line) {
            failure.error = block.get(index + 1).copied().unwrap_or("").to_owned();
            failure.place = Some((found[1].to_owned(), number(&found[2]), number(&found[3])));
            break;
        }
        if let Some(found) = OLD_PANIC.captures(line) {
            failure.error = found[1].to_owned();
            failure.place = Some((found[2].to_owned(), number(&found[3]), number(&found[4])));
            break;
        }
        if let Some(found) = OLD_PANIC_OPENS.captures(line) {
            failure.error = found[1].to_owned();
            let closes = block.iter().skip(index + 1).take(LONGEST_WORDS).find_map(|line| OLD_PANIC_CLOSES.captures(line));
            failure.place = closes.map(|found| (found[1].to_owned(), number(&found[2]), number(&found[3])));
            break;
        }
        if let Some(found) = NOT_PANICKED.captures(line) {
            failure.error = "test did not panic as expected".to_owned();
            failure.place = Some((found[1].to_owned(), number(&found[2]), number(&found[3])));
            break;
        }
        if failure.error.is_empty() && !line.is_empty() {
            failure.error = (*line).to_owned();
        }
    }
    if failure.place.as_ref().is_some_and(|(path, _, _)| is_library(path)) {
        failure.place = own_place(&block);
    }
    // The place of a panic in an example of the documentation counts lines of the example.
    if let Some(found) = LINE_OF_DOC.captures(name) {
        failure.place = Some((found[1].to_owned(), number(&found[2]), 1));
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::test;

    #[test]
    fn the_words_of_an_old_panic_go_on_over_lines() {
        let text = "running 2 tests\ntest sums ... FAILED\ntest reads ... ok\n\nfailures:\n\n---- sums stdout ----\nthread 'sums' panicked at 'assertion failed: `(left == right)`\n  left: `3`,\n \
                    right: `4`', src/cart.rs:14:9\nnote: Run with `RUST_BACKTRACE=1` for a backtrace.\n\n\nfailures:\n    sums\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured\n";
        let mut reading = crate::reading::Reading::new(None);
        super::read(&crate::text::lines(text), &mut reading);
        let report = reading.finish();
        assert_eq!((report.tests.failed, report.tests.passed, report.failing.as_slice()), (1, 1, ["sums".to_owned()].as_slice()));
        assert_eq!((report.diagnostics.len(), report.diagnostics[0].path.as_deref()), (1, Some("src/cart.rs")));
    }

    #[test]
    fn names_keep_what_tells_them_apart() {
        assert_eq!(test("test a::b ... ok"), Some(("a::b", "ok")));
        assert_eq!(test("test a - should panic ... FAILED"), Some(("a", "FAILED")));
        assert_eq!(test("test src/lib.rs - add (line 3) ... ok"), Some(("src/lib.rs - add (line 3)", "ok")));
        assert_eq!(test("test src/lib.rs - add (line 3) - compile ... ok"), Some(("src/lib.rs - add (line 3)", "ok")));
        assert_eq!(test("test slow ... ignored, because"), Some(("slow", "ignored")));
        assert_eq!(test("test result: ok. 1 passed"), None);
    }
}
