//! Runners that number their failures and state the counts in one line: RSpec, Minitest, PHPUnit, Jasmine.
//!
//! Each failure is a block: a line with its number and name, what went wrong, and the stack. What passed they do not name, so the
//! counts are those that they state.

use domain::TestOutcome;

use super::{Failure, Run, count};
use crate::pattern::Pattern;
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    RSPEC = r"^(\d+) examples?, (\d+) failures?(?:, (\d+) pending)?(?:, (\d+) errors? occurred outside of examples)?$";
    MINITEST = r"^(\d+) (?:runs|tests), \d+ assertions, (\d+) failures, (\d+) errors, (\d+) skips$";
    PHPUNIT = r"^(?:Tests: (\d+), Assertions: \d+((?:, [\w ]+: \d+)*)\.|OK \((\d+) tests?, \d+ assertions?\))$";
    PHPUNIT_SECTION = r"^There w(?:as|ere) \d+ (error|failure|\w+(?: \w+)*?)s?:$";
    PHPUNIT_COUNT = r", ([\w ]+): (\d+)";
    JASMINE = r"^(\d+) specs?, (\d+) failures?(?:, (\d+) pending specs?)?$";
    HEAD = r"^\s*\d+\) (\S.*)$";
    MINITEST_NAME = r"^(\S.*?#\S.*?)(?:\s+\[([^\]:]+):(\d+)\]:?|:)$";
    PHPUNIT_NAME = r"^([\w\\]+::\w+(?: with data set .*)?)$";
    // One of several expectations of an example that failed together.
    PART = r"^\s*(\d+)\.\d+\) Failure/Error: (.*)$";
    RUBY_FRAME = r"^\s*(?:# )?(\.?/?[^\s:]+\.(?:rb|rake|ru|erb|haml)):(\d+)(?::in .*)?$";
    PHP_FRAME = r"^\s*(?:[│╵]\s*)?(/?[^\s:]+\.php):(\d+)$";
    JS_FRAME = r"^\s+at (?:.* \()?(?:file://)?(/?[^\s():<>]+\.[cm]?[jt]sx?):(\d+):(\d+)\)?$";
    TESTDOX = r"^ ([✔✘↩∅☢⚠]) (.+)$";
    LOADING = r"^An error occurred while loading (\S+?)\.$";
}

/// A block is no longer than this.
const LONGEST: usize = 60;

/// No example has more expectations that fail together.
const MOST_PARTS: usize = 20;

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    if !super::haskell::is_hspec(lines) {
        runs(lines, &RSPEC).into_iter().for_each(|run| rspec(run, reading));
    }
    runs(lines, &MINITEST).into_iter().for_each(|run| minitest(run, reading));
    if lines.iter().any(|line| line.starts_with("PHPUnit ")) {
        runs(lines, &PHPUNIT).into_iter().for_each(|run| phpunit(run, reading));
    }
    runs(lines, &JASMINE).into_iter().for_each(|run| jasmine(run, reading));
}

/// Returns the lines of each run: a command may have the runner run once a folder, and each run ends with its counts. What runs them in
/// parallel adds them all up at the end, which is no run.
fn runs<'a, 'b>(lines: &'a [&'b str], counts: &Pattern) -> Vec<&'a [&'b str]> {
    let (mut runs, mut from) = (Vec::new(), 0);
    let mut sum: Vec<u64> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = counts.captures(line) else { continue };
        let own: Vec<u64> = (1..found.len()).map(|group| found.get(group).map_or(0, |figure| count(figure.as_str()))).collect();
        if runs.len() < 2 || own != sum {
            runs.extend(lines.get(from..=index));
            sum.resize(own.len(), 0);
            sum.iter_mut().zip(&own).for_each(|(sum, own)| *sum = sum.saturating_add(*own));
        }
        from = index + 1;
    }
    runs
}

fn rspec(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| RSPEC.captures(line)) else { return };
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { errors: of(4), failed: of(2) + of(4), skipped: of(3), stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(of(2)).saturating_sub(of(3));
    // What is pending is numbered as well, above the failures.
    let from = lines.iter().position(|line| *line == "Failures:").unwrap_or(lines.len());
    let is_error = |line: &str| line.strip_prefix("Failure/Error: ").map(str::to_owned);
    run.failures = blocks(lines.get(from..).unwrap_or_default(), "Finished in ", None, &RUBY_FRAME, is_error);
    run.failures = run.failures.into_iter().flat_map(|failure| aggregated(failure, lines)).collect();
    for (index, line) in lines.iter().enumerate() {
        if let Some(found) = LOADING.captures(line) {
            let block = lines.get(index + 1..).unwrap_or_default();
            let mut failure = Failure::new(&found[1], error_of(block, is_error));
            failure.place = place(block, &RUBY_FRAME).or_else(|| Some((found[1].to_owned(), 0, 0)));
            run.failures.push(failure);
        }
    }
    finish(run, "rspec", reading);
}

/// Says whether the block of an example begins with how many of its expectations failed, as version 3.12 has it.
fn is_several(lines: &[&str], name: &str) -> bool {
    let is_head = |line: &&str| HEAD.captures(line).is_some_and(|found| &found[1] == name);
    let after = lines.iter().position(is_head).and_then(|at| lines.get(at + 1));
    after.is_some_and(|line| line.trim().starts_with("Got ") && line.ends_with(" failures:"))
}

/// Returns the failures of an example whose expectations failed together, each with its own place; that of the example is where they
/// were gathered.
fn aggregated(failure: Failure, lines: &[&str]) -> Vec<Failure> {
    let head = |line: &str| HEAD.captures(line).is_some_and(|found| found[1] == failure.name);
    let at = lines
        .iter()
        .position(|line| head(line))
        .filter(|_| failure.error.contains(" failures from failure aggregation") || is_several(lines, &failure.name));
    let Some(block) = at.and_then(|at| lines.get(at + 1..)) else { return vec![failure] };
    let block: Vec<&str> = block.iter().take(MOST_PARTS * LONGEST).take_while(|line| !HEAD.is_match(line)).copied().collect();
    let parts: Vec<Failure> = block
        .iter()
        .enumerate()
        .filter_map(|(index, line)| Some((index, PART.captures(line)?)))
        .map(|(index, found)| {
            let rest: Vec<&str> = block.iter().skip(index + 1).take_while(|line| !PART.is_match(line)).copied().collect();
            Failure { name: failure.name.clone(), error: found[2].to_owned(), place: place(&rest, &RUBY_FRAME) }
        })
        .collect();
    if parts.is_empty() { vec![failure] } else { parts }
}

fn minitest(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| MINITEST.captures(line)) else { return };
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { errors: of(3), failed: of(2) + of(3), skipped: of(4), stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(run.failed).saturating_sub(run.skipped);
    for (index, line) in lines.iter().enumerate() {
        let is_failure = HEAD.captures(line).map_or(*line, |head| head.get(1).map_or("", |head| head.as_str()));
        let is_failure = matches!(is_failure, "Failure:" | "Error:");
        let named = lines.get(index + 1).filter(|_| is_failure).and_then(|next| MINITEST_NAME.captures(next));
        let Some(named) = named else { continue };
        let block = lines.get(index + 2..).unwrap_or_default();
        let mut failure = Failure::new(&named[1], error_of(block, |_| None));
        let own = named.get(2).zip(named.get(3)).map(|(path, line)| (path.as_str().to_owned(), number(line.as_str()), 1));
        failure.place = own.or_else(|| place(block, &RUBY_FRAME));
        run.failures.push(failure);
    }
    finish(run, "minitest", reading);
}

fn phpunit(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| PHPUNIT.captures(line)) else { return };
    let total = found.get(1).or(found.get(3)).map_or(0, |total| count(total.as_str()));
    let counts = found.get(2).map_or("", |counts| counts.as_str());
    let of = |name: &str| PHPUNIT_COUNT.captures_iter(counts).find(|one| &one[1] == name).map_or(0, |one| count(&one[2]));
    let errors = of("Errors");
    let mut run = Run { errors, failed: errors + of("Failures"), stated: Some(total), ..Run::default() };
    run.skipped = of("Skipped") + of("Incomplete");
    run.passed = total.saturating_sub(run.failed).saturating_sub(run.skipped);
    // A section a kind, and only two of them are of failures: `There were 2 errors:`, `There was 1 skipped test:`.
    let mut is_failed = false;
    let listed: Vec<&str> = lines
        .iter()
        .map(|line| {
            if let Some(found) = PHPUNIT_SECTION.captures(line) {
                is_failed = matches!(&found[1], "error" | "failure");
            }
            if is_failed || line.starts_with("Tests: ") { *line } else { "" }
        })
        .collect();
    run.failures = blocks(&listed, "Tests: ", Some(&PHPUNIT_NAME), &PHP_FRAME, |_| None);
    if run.failures.is_empty() {
        run.failures = testdox(lines);
    }
    finish(run, "phpunit", reading);
}

/// How the lines below a test of `--testdox` begin: in colours the frame is drawn whole.
const FRAME_OF_TESTDOX: [char; 5] = ['│', '┐', '├', '╵', '┴'];

/// Returns the failures of `--testdox`, which names tests in words below the words of their class.
fn testdox(lines: &[&str]) -> Vec<Failure> {
    let mut class = "";
    let mut failures = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match TESTDOX.captures(line) {
            Some(found) if matches!(&found[1], "✘" | "☢") => {
                let block: Vec<&str> = lines
                    .iter()
                    .skip(index + 1)
                    .take(LONGEST)
                    .take_while(|line| line.trim_start().starts_with(FRAME_OF_TESTDOX))
                    .copied()
                    .collect();
                let words = block
                    .iter()
                    .map(|line| line.trim().trim_start_matches(FRAME_OF_TESTDOX).trim())
                    .find(|line| !line.is_empty());
                let mut failure = Failure::new(format!("{class}::{}", &found[2]), words.unwrap_or_default());
                failure.place = place(&block, &PHP_FRAME);
                failures.push(failure);
            }
            Some(_) => {}
            None if !line.is_empty() && !line.starts_with([' ', '│']) => class = line,
            None => {}
        }
    }
    failures
}

fn jasmine(lines: &[&str], reading: &mut Reading<'_>) {
    let Some(found) = lines.iter().rev().find_map(|line| JASMINE.captures(line)) else { return };
    let of = |group| found.get(group).map_or(0, |figure| count(figure.as_str()));
    let mut run = Run { failed: of(2), skipped: of(3), stated: Some(of(1)), ..Run::default() };
    run.passed = of(1).saturating_sub(run.failed).saturating_sub(run.skipped);
    let from = lines.iter().position(|line| *line == "Failures:").unwrap_or(lines.len());
    let is_error = |line: &str| (!matches!(line, "Message:" | "Stack:")).then(|| line.to_owned());
    run.failures = blocks(lines.get(from..).unwrap_or_default(), "Pending:", None, &JS_FRAME, is_error);
    run.failures = run.failures.into_iter().flat_map(|failure| expectations(failure, lines)).collect();
    finish(run, "jasmine", reading);
}

/// Returns the failed expectations of a spec, each of which has a message and a stack.
fn expectations(failure: Failure, lines: &[&str]) -> Vec<Failure> {
    let head = |line: &&str| HEAD.captures(line).is_some_and(|found| found[1] == failure.name);
    let block = lines.iter().position(head).and_then(|at| lines.get(at + 1..)).unwrap_or_default();
    let block: Vec<&str> =
        block.iter().take(MOST_PARTS * LONGEST).take_while(|line| !line.is_empty() && !HEAD.is_match(line)).copied().collect();
    let parts: Vec<Failure> = block
        .split(|line| line.trim() == "Message:")
        .skip(1)
        .map(|part| Failure { name: failure.name.clone(), error: error_of(part, |_| None), place: place(part, &JS_FRAME) })
        .collect();
    if parts.len() < 2 { vec![failure] } else { parts }
}

fn finish(mut run: Run, framework: &'static str, reading: &mut Reading<'_>) {
    let mut names: Vec<String> = run.failures.iter().map(|failure| failure.name.clone()).collect();
    names.dedup();
    names.into_iter().for_each(|name| run.name(name, TestOutcome::Failed));
    run.add_to(framework, reading);
}

/// Returns the numbered blocks up to a line that begins with `end`: the name stands after the number, or has a form of its own.
fn blocks(
    lines: &[&str],
    end: &str,
    name: Option<&Pattern>,
    frame: &Pattern,
    error: impl Fn(&str) -> Option<String> + Copy,
) -> Vec<Failure> {
    let upto = lines.iter().position(|line| line.starts_with(end)).unwrap_or(lines.len());
    let lines = lines.get(..upto).unwrap_or_default();
    let heads = lines.iter().enumerate().filter_map(|(index, line)| Some((index, HEAD.captures(line)?[1].to_owned())));
    let heads: Vec<(usize, String)> = heads.filter(|(_, named)| name.is_none_or(|name| name.is_match(named))).collect();
    let ends = heads.iter().skip(1).map(|(index, _)| *index).chain([lines.len()]);
    let block = |((index, name), end): (&(usize, String), usize)| {
        let block = lines.get(index + 1..end).unwrap_or_default();
        let mut failure = Failure::new(name, error_of(block, error));
        failure.place = place(block, frame);
        failure
    };
    heads.iter().zip(ends).map(block).collect()
}

/// Returns the first line of a block that says what went wrong: one that `error` takes, or the first with words.
fn error_of(block: &[&str], error: impl Fn(&str) -> Option<String>) -> String {
    let lines = || block.iter().take(LONGEST).map(|line| line.trim()).filter(|line| !line.is_empty());
    lines().find_map(error).or_else(|| lines().next().map(str::to_owned)).unwrap_or_default()
}

/// Returns the last place of a stack that is the project's: the innermost stands first, and what checks lies in a library.
fn place(block: &[&str], frame: &Pattern) -> Option<(String, u32, u32)> {
    let is_own = |path: &str| !["/gems/", "/vendor/", "node_modules/", "/usr/"].iter().any(|part| path.contains(part));
    block.iter().take(LONGEST).filter_map(|line| frame.captures(line)).find(|found| is_own(&found[1])).map(|found| {
        let column = found.get(3).map_or(1, |column| number(column.as_str()));
        (found[1].to_owned(), number(&found[2]), column)
    })
}
