//! pytest: the counts, the names of its short summary and of `-v`, and where each failure is.

use std::collections::{BTreeMap, BTreeSet};

use domain::TestOutcome;

use super::{Failure, Run, count, outcome};
use crate::formats::python::{Raised, is_library, is_syntax, split_raised};
use crate::reading::{Reading, number};
use crate::text::pattern;

pattern! {
    SUMMARY = r"^(?:=+ )?((?:\d+ [a-z-]+(?: [a-z]+)?(?:, )?)+|no tests ran|no tests collected)(?: \(.*\))? in \d[\d.]*(?:s| seconds)(?: \([\d:]+\))?(?: =+)?$";
    COUNT = r"(\d+) ([a-z-]+(?: [a-z]+)?)";
    // As pytest-sugar counts.
    RESULTS = r"^Results \([\d.]+s\):$";
    RESULT = r"^ +(\d+) ([a-z]+)$";
    VERBOSE = r"^(\S.*?::.+?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?: \(.*\))?(?:\s+\[\s*\d+%\])?$";
    XDIST = r"^\[gw\d+\](?: \[\s*\d+%\])? (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (\S.*)$";
    SHORT = r"^(PASSED|FAILED|ERROR|XFAIL|XPASS) (\S.*)$";
    // A part of a test: its message and parameters stand before the test's name.
    SUBTEST = r"^SUBFAIL(?:ED)?(\[.*?\])?(?: ?(\(.*?\)))? (\S+::\S.*)$";
    BLOCK = r"^(?:_{3,}|―{3,}) (?:ERROR (?:at (?:setup|teardown) of|collecting) )?(.+?) (?:_{3,}|―{3,})$";
    // How pytest-sugar and pytest-pretty name the place of a failing test beside its name.
    RESULT_PLACE = r"^(?:\s+- )?(\S+\.py):\d+ (\S.*?)(?: - .*)?$";
    PLACE = r"^(\S.*?):(\d+): (?:in .+|\w*)$";
    FILE = r#"^E\s+File "(.+?)", line (\d+)$"#;
    // `--tb=line`, `--tb=native`
    LINE = r"^(\S.*?\.py):(\d+): (\S.*)$";
    NATIVE = r#"^\s*File "(.+?)", line (\d+), in .+$"#;
    CAPTURED = r"^-{3,} (?:Captured|live) .* -{3,}$";
    CONFTEST = r"^ImportError while loading conftest '.+'\.$";
}

/// What a block of the long report says.
#[derive(Default)]
struct Block {
    error: String,
    place: Option<(String, u32)>,
    raised: Option<(String, String)>,
    /// The examples of a doctest that failed before the last one.
    earlier: Vec<(String, u32)>,
}

pub(super) fn read(lines: &[&str], reading: &mut Reading<'_>) {
    let blocks = blocks(lines);
    // What a fixer may mend: also where the conftest stops pytest before it can report.
    for block in blocks.values() {
        if let Some((exception, message)) = &block.raised {
            let raised = Raised { exception: exception.clone(), message: message.clone(), place: block.place.clone() };
            if raised.is_of_the_code() && raised.place.is_some() {
                reading.push("pytest", raised.diagnostic());
            }
        }
    }
    let Some(summaries) = summaries(lines) else { return };
    let mut run = Run::default();
    let mut expected = 0;
    for (number, word) in &summaries {
        match word.as_str() {
            "passed" | "xpassed" => run.passed += number,
            "failed" => run.failed += number,
            "error" | "errors" => (run.failed, run.errors) = (run.failed + number, run.errors + number),
            "skipped" => run.skipped += number,
            "xfailed" => expected += number,
            _ => {}
        }
    }
    // What breaks while it is torn down was counted before.
    let again = lines.iter().filter(|line| line.contains(" ERROR at teardown of ") && BLOCK.is_match(line)).count() as u64;
    run.stated = Some((run.passed + run.failed + expected).saturating_sub(again));
    names(lines, &blocks, &mut run);
    one_line_each(lines, &mut run);
    run.add_to("pytest", reading);
}

/// Returns the counts of all summaries, `None` where there is no report of pytest.
fn summaries(lines: &[&str]) -> Option<Vec<(u64, String)>> {
    let is_pytest = |word: &str| {
        matches!(
            word,
            "passed" | "failed" | "skipped" | "error" | "errors" | "xfailed" | "xpassed" | "deselected" | "warning" | "warnings"
        )
    };
    let mut found = None;
    for summary in lines.iter().filter_map(|line| SUMMARY.captures(line)) {
        let counts: Vec<(u64, String)> =
            COUNT.captures_iter(&summary[1]).map(|part| (count(&part[1]), part[2].to_owned())).collect();
        // Plug-ins count what they do: `1 rerun`, `2 subtests passed`.
        if counts.is_empty() || counts.iter().any(|(_, word)| is_pytest(word)) {
            found.get_or_insert_with(Vec::new).extend(counts);
        }
    }
    for (index, _) in lines.iter().enumerate().filter(|(_, line)| RESULTS.is_match(line)) {
        let below = lines.get(index + 1..).unwrap_or_default().iter();
        // Below a count stand the tests.
        let below = below.take_while(|line| line.starts_with("    ")).filter_map(|line| RESULT.captures(line));
        let counts = below.map(|part| (count(&part[1]), part[2].to_owned())).filter(|(_, word)| is_pytest(word));
        found.get_or_insert_with(Vec::new).extend(counts);
    }
    found
}

/// Names the tests: those of `-v`, and those of the short summary that `-v` did not name.
fn names(lines: &[&str], blocks: &BTreeMap<String, Block>, run: &mut Run) {
    let mut verbose: BTreeMap<String, ()> = BTreeMap::new();
    for line in lines {
        let named = match VERBOSE.captures(line) {
            Some(found) => Some((found[1].to_owned(), found[2].to_owned())),
            None => XDIST.captures(line).map(|found| (found[2].trim_end().to_owned(), found[1].to_owned())),
        };
        if let Some((name, ended)) = named.and_then(|(name, word)| Some((name, outcome(&word)?))) {
            verbose.insert(name.clone(), ());
            run.name(name, ended);
        }
    }
    let start = lines.iter().position(|line| line.contains(" short test summary info ")).unwrap_or(lines.len());
    for line in lines.iter().skip(start) {
        if let Some(found) = SUBTEST.captures(line) {
            let (name, error) = split_reason(found.get(3).map_or("", |name| name.as_str()));
            let parts = [found.get(1), found.get(2)].into_iter().flatten();
            let part = parts.fold(String::new(), |part, more| format!("{part} {}", more.as_str()));
            run.name(name, TestOutcome::Failed);
            run.failures.push(failure(name, &part, error, blocks));
            continue;
        }
        let Some(found) = SHORT.captures(line) else { continue };
        let Some(ended) = outcome(&found[1]) else { continue };
        let (name, error) = split_reason(&found[2]);
        if !verbose.contains_key(name) {
            run.name(name, ended);
        }
        // What its parts said was told of them.
        if ended == TestOutcome::Failed && !(error.starts_with("contains ") && error.contains(" failed subtest")) {
            let failure = failure(name, "", error, blocks);
            run.failures.extend(earlier_examples(&failure, blocks));
            run.failures.push(failure);
        }
    }
    if start == lines.len() || run.count(TestOutcome::Failed) < run.failed {
        blamed(lines, blocks, run);
    }
}

/// Returns a failure for each example of a doctest that failed before the one that a failure is about.
fn earlier_examples(failure: &Failure, blocks: &BTreeMap<String, Block>) -> Vec<Failure> {
    let test = failure.name.split_once("::").map_or("", |(_, test)| test);
    let earlier = blocks.get(&format!("[doctest] {test}")).map_or(&[][..], |block| &block.earlier);
    let at = |(path, line): &(String, u32)| Failure { place: Some((path.clone(), *line, 1)), ..failure.clone() };
    earlier.iter().map(at).collect()
}

/// Names what failed and is not in a short summary, which versions before 5 write only when they are asked to, and later ones as they are
/// asked to: by the headings of the long report, which leave the file out, and where the test is named with its file, by that.
fn blamed(lines: &[&str], blocks: &BTreeMap<String, Block>, run: &mut Run) {
    let mut in_section = false;
    let mut seen = BTreeSet::new();
    let placed: BTreeMap<String, String> = lines
        .iter()
        .filter_map(|line| RESULT_PLACE.captures(line))
        .map(|found| (found[2].to_owned(), format!("{}::{}", &found[1], with_colons(&found[2]))))
        .collect();
    for line in lines {
        if line.starts_with("====") {
            in_section = line.contains(" FAILURES ") || line.contains(" ERRORS ");
        }
        let Some(found) = in_section.then(|| BLOCK.captures(line)).flatten() else { continue };
        let test = &found[1];
        let is_same = |name: &str| name.split_once("::").is_some_and(|(_, own)| own.replace("::", ".") == *test);
        let known = run.named.iter().find(|named| named.outcome == TestOutcome::Failed && is_same(&named.name));
        let name = known.map(|named| named.name.clone()).or_else(|| placed.get(test).cloned()).unwrap_or_else(|| test.to_owned());
        let is_told =
            |failure: &Failure| failure.name == name || failure.name.split_once("::").is_some_and(|(_, own)| own == test);
        if run.failures.iter().any(is_told) {
            continue;
        }
        if known.is_none() {
            run.name(name.clone(), TestOutcome::Failed);
        }
        let block = if seen.insert(test.to_owned()) { blocks.get(test) } else { blocks.get(&again(test)) };
        if let Some(block) = block {
            let place = block.place.clone().map(|(path, line)| (path, line, 1));
            run.failures.push(Failure { name, error: block.error.clone(), place });
        }
    }
}

/// Returns the name within the file as the runner writes it: `Class::test[a.b]` of `Class.test[a.b]`.
fn with_colons(name: &str) -> String {
    let (test, parameters) = name.split_at(name.find('[').unwrap_or(name.len()));
    format!("{}{parameters}", test.replace('.', "::"))
}

/// Gives failures that have no block their line of `--tb=line`, which stand in the same order as they do in the short summary.
fn one_line_each(lines: &[&str], run: &mut Run) {
    let Some(start) = lines.iter().position(|line| line.starts_with("====") && line.contains(" FAILURES ")) else { return };
    let section = lines.iter().skip(start + 1).take_while(|line| !line.starts_with("===="));
    let mut placed: Vec<_> = section.filter_map(|line| LINE.captures(line)).collect();
    for failure in run.failures.iter_mut().filter(|failure| failure.place.as_ref().is_some_and(|(_, line, _)| *line == 0)) {
        let same = |found: &regex::Captures<'_>| {
            // The summary is cut at the width of the terminal.
            let error = failure.error.strip_suffix("...").unwrap_or(&failure.error);
            failure.error.starts_with(&found[3]) || found[3].starts_with(error) && !error.is_empty()
        };
        let Some(at) = placed.iter().position(same) else { continue };
        let found = placed.remove(at);
        failure.place = Some((found[1].to_owned(), number(&found[2]), 1));
    }
}

/// Splits `file.py::test[a - b] - the reason`.
fn split_reason(text: &str) -> (&str, &str) {
    let after_brackets = match (text.find('['), text.find(" - ")) {
        (Some(open), Some(dash)) if open < dash => text.find("] - ").map(|at| at + 1),
        (Some(_), None) => None,
        (_, dash) => dash,
    };
    match after_brackets.and_then(|at| Some((text.get(..at)?, text.get(at..)?.strip_prefix(" - ")?))) {
        Some((name, reason)) => (name, reason),
        None => (text, ""),
    }
}

fn failure(name: &str, part: &str, error: &str, blocks: &BTreeMap<String, Block>) -> Failure {
    let (file, test) = name.split_once("::").unwrap_or((name, ""));
    let block = blocks.get(&format!("{}{part}", test.replace("::", "."))).or_else(|| blocks.get(name));
    let block = block.or_else(|| blocks.get(&format!("[doctest] {test}")));
    // What broke while it was torn down, or set up, has a block of the same name.
    let other = blocks.get(&again(&test.replace("::", "."))).filter(|other| !error.is_empty() && is_of(other, error));
    let block = if block.is_some_and(|block| is_of(block, error)) { block } else { other.or(block) };
    let error = if error.is_empty() { block.map_or("", |block| &block.error) } else { error };
    let place = block.and_then(|block| block.place.clone()).map_or((file.to_owned(), 0, 1), |(path, line)| (path, line, 1));
    Failure { name: name.to_owned(), error: error.to_owned(), place: Some(place) }
}

/// Says whether a block tells of the error that the short summary has, which may be cut.
fn is_of(block: &Block, error: &str) -> bool {
    let error = error.lines().next().map_or("", |error| error.strip_suffix("...").unwrap_or(error));
    !block.error.is_empty() && (block.error.starts_with(error) || error.starts_with(&block.error))
}

/// Returns under which name the second block of a test is kept.
fn again(name: &str) -> String {
    format!("{name} (again)")
}

/// Returns the blocks of the long report by the name of the test or file.
fn blocks(lines: &[&str]) -> BTreeMap<String, Block> {
    let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
    let mut name: Option<String> = None;
    let mut is_captured = false;
    for line in lines {
        if let Some(found) = BLOCK.captures(line) {
            let known = blocks.contains_key(&found[1]);
            (name, is_captured) = (Some(if known { again(&found[1]) } else { found[1].to_owned() }), false);
        } else if is_captured || CAPTURED.is_match(line) {
            // What was printed and logged on the way has stacks of its own.
            is_captured = !line.starts_with("====");
            name = name.filter(|_| is_captured);
        } else if CONFTEST.is_match(line) {
            name = Some("conftest".to_owned());
        } else if line.starts_with("====") {
            name = None;
        } else if let Some(name) = &name {
            read_line(line, blocks.entry(name.clone()).or_default());
        }
    }
    blocks
}

fn read_line(line: &str, block: &mut Block) {
    if let Some(found) = PLACE.captures(line).filter(|found| !is_library(&found[1])) {
        if line.ends_with(": DocTestFailure") {
            block.earlier.extend(block.place.take());
        }
        block.place = Some((found[1].to_owned(), number(&found[2])));
    } else if let Some(found) = NATIVE.captures(line).filter(|found| !is_library(&found[1])) {
        block.place = Some((found[1].to_owned(), number(&found[2])));
    } else if let Some((exception, message)) = split_raised(line).filter(|(exception, _)| exception.ends_with("Error")) {
        if block.error.is_empty() {
            line.clone_into(&mut block.error);
        }
        block.raised = Some((exception, message));
    } else if let Some(found) = FILE.captures(line) {
        block.place = Some((found[1].to_owned(), number(&found[2])));
    } else if let Some(error) = line.strip_prefix("E  ") {
        let error = error.trim();
        if block.error.is_empty() || split_raised(error).is_some_and(|(exception, _)| is_syntax(&exception)) {
            block.error = error.to_owned();
        }
        if let Some((exception, message)) = split_raised(error).filter(|(exception, _)| exception.ends_with("Error")) {
            block.raised = Some((exception, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_may_count_what_plug_ins_do() {
        let counts = |line: &str| summaries(&[line]).map(|counts| counts.iter().map(|(number, _)| number).sum::<u64>());
        assert_eq!(counts("= 1 failed, 1 passed, 1 rerun in 0.02s ="), Some(3));
        assert_eq!(counts("1 failed, 2 subtests passed in 0.10s"), Some(3));
        assert_eq!(counts("= 3 files in 0.02s ="), None);
        // Before version 5.
        assert_eq!(counts("== 1 failed, 2 passed, 3 pytest-warnings in 190.03 seconds =="), Some(6));
    }

    #[test]
    fn plug_ins_that_draw_the_report_anew_are_read() {
        let text = "tests/test_stock.py:25 test_take[a.b] - AssertionError: below n…\n==== ERRORS ====\n\
            ____ ERROR at setup of test_remote ____\ntests/test_stock.py:18: in remote\nE   OSError: no\n==== FAILURES ====\n\
            ____ test_take[a.b] ____\ntests/test_stock.py:29: in test_take\nE   assert -1 == 0\n____ TestOld.test_x ____\n\
            src/stock.py:15: in add\nE   KeyError: 1\n==== warnings summary ====\ntests/test_stock.py:62 TestOld.test_x - KeyError: 1\n\
            tests/test_stock.py:17 test_remote - OSError: no\nResults (0.11s):\n         2 failed\n         - tests/test_stock.py:25 \
            test_take[a.b]\n         4 passed\n         1 skipped\n         1 xfailed\n         1 error\n";
        let report = super::super::report_of(read, text);
        let tests = &report.tests;
        assert_eq!((tests.stated, tests.passed, tests.failed, tests.errors, tests.skipped), (Some(8), 4, 3, 1, 1));
        let names =
            ["tests/test_stock.py::test_remote", "tests/test_stock.py::test_take[a.b]", "tests/test_stock.py::TestOld::test_x"];
        assert_eq!(report.failing, names);
    }

    #[test]
    fn what_breaks_after_a_test_that_failed_has_its_own_place() {
        let text = "=== ERRORS ===\n____ ERROR at teardown of TestPost.test_post[x] ____\n    yield b\nE   AssertionError: empty at the \
            end\n\ntests/conftest.py:11: AssertionError\n=== FAILURES ===\n____ TestPost.test_post[x] ____\ntests/test_book.py:7: \n\
            E   decimal.InvalidOperation: [<class 'decimal.ConversionSyntax'>]\n\nledger/book.py:9: InvalidOperation\n\
            === short test summary info ===\nFAILED tests/test_book.py::TestPost::test_post[x] - decimal.InvalidOperation: [<class 'de...\n\
            ERROR tests/test_book.py::TestPost::test_post[x] - AssertionError: empty at the end\n=== 1 failed, 1 error in 0.09s ===\n";
        let report = super::super::report_of(read, text);
        let paths: Vec<_> = report.diagnostics.iter().filter_map(|one| one.path.as_deref()).collect();
        assert_eq!(paths, ["ledger/book.py", "tests/conftest.py"]);
    }

    #[test]
    fn each_example_of_a_doctest_that_goes_on_is_a_place() {
        let text = "=== FAILURES ===\n____ [doctest] lib.text.shout ____\nExpected:\n    'A'\nGot:\n    'A!'\n\n/r/lib/text.py:4: \
            DocTestFailure\nExpected:\n    1\nGot:\n    2\n\n/r/lib/text.py:6: DocTestFailure\n=== short test summary info ===\n\
            FAILED lib/text.py::lib.text.shout\n1 failed, 1 passed in 0.91s\n";
        let report = super::super::report_of(read, text);
        let lines: Vec<_> = report.diagnostics.iter().map(|one| one.span).collect();
        assert_eq!(lines, [4, 6].map(|line| Some(crate::Span::point(line, 1, crate::Unit::Char))));
        assert_eq!((report.tests.failed, report.failing.len()), (1, 1));
    }

    #[test]
    fn a_reason_is_told_from_a_parameter() {
        assert_eq!(split_reason("a.py::t - x: [1] - 2"), ("a.py::t", "x: [1] - 2"));
        assert_eq!(split_reason("a.py::t[x - y] - boom"), ("a.py::t[x - y]", "boom"));
        assert_eq!(split_reason("a.py::t[x - y]"), ("a.py::t[x - y]", ""));
        assert_eq!(split_reason("a.py"), ("a.py", ""));
    }
}
