//! What the code under test printed, which a test runner shows beside its report: no tool's messages, however much they look like some.
//!
//! The runners' own readers come first. The lines are then emptied, so that no other reader takes them.

use std::collections::HashMap;

use crate::reading::Reading;
use crate::text::pattern;

pattern! {
    PYTEST = r"^-{5,} Captured (?:stdout|stderr|log)(?: \w+)? -{5,}$";
    PYTEST_ENDS = r"^(?:-{5,} .* -{5,}|_{3,} .+ _{3,}|={3,} .* ={3,})$";
    JEST = r"^  console\.(?:log|error|warn|info|debug|trace|dir|assert|table|group)(?:$| )";
    VITEST = r"^(?:stdout|stderr) \| \S";
    GO_RUN = r"^=== (?:RUN|CONT|NAME)\s+(\S+)$";
    GO_ENDED = r"^\s*--- (PASS|SKIP|FAIL): (\S+) ";
    GTEST_RUN = r"^\[ RUN      \] (\S+)$";
    GTEST_OK = r"^\[       OK \] (\S+) ";
    CTEST = r"^\s*\d+/\d+ Test\s+#\d+: ";
    CTEST_ENDS = r"^(?:\s+Start\s+\d+: |\d+% tests passed, )";
    SUREFIRE = r"^(?:\[INFO\] )?Running [\w.$]+$";
    SUREFIRE_RAN = r"^(?:\[(?:INFO|WARNING|ERROR)\] +)?Tests run: \d+, Failures: ";
}

/// Empties the lines that tests printed.
pub(crate) fn empty(lines: &mut [&str], reading: &Reading<'_>) {
    let frameworks = reading.report.tests.framework.clone().unwrap_or_default();
    for framework in frameworks.split(", ") {
        match framework {
            "pytest" => between(lines, |line| PYTEST.is_match(line), |line| PYTEST_ENDS.is_match(line)),
            // What was printed is indented; the report goes on at the margin.
            "jest" => between(lines, |line| JEST.is_match(line), ends_console),
            "vitest" => between(lines, |line| VITEST.is_match(line), str::is_empty),
            "junit" | "testng" => surefire(lines),
            "go test" => go(lines),
            "gtest" => gtest(lines),
            "cmocka" => lines.iter_mut().filter(|line| line.starts_with("[   LINE   ] --- ")).for_each(|line| *line = ""),
            "ctest" => between(lines, |line| CTEST.is_match(line), |line| CTEST_ENDS.is_match(line)),
            _ => {}
        }
    }
}

/// Empties what stands between a line that begins it and one that ends it, which may begin the next.
fn between(lines: &mut [&str], begins: impl Fn(&str) -> bool, ends: impl Fn(&str) -> bool) {
    let mut is_printed = false;
    for line in lines {
        if begins(line) {
            is_printed = true;
        } else if is_printed && ends(line) {
            is_printed = false;
        } else if is_printed {
            *line = "";
        }
    }
}

fn ends_console(line: &str) -> bool {
    !line.is_empty() && !line.starts_with("    ")
}

/// A class's own output stands between the line that names it and that of its counts. One that never ends took the machine with it.
fn surefire(lines: &mut [&str]) {
    let mut begun: Option<usize> = None;
    for index in 0..lines.len() {
        let Some(line) = lines.get(index).copied() else { return };
        if SUREFIRE.is_match(line) {
            begun.get_or_insert(index);
        } else if SUREFIRE_RAN.is_match(line)
            && let Some(printed) = begun.take().and_then(|begun| lines.get_mut(begun + 1..index))
        {
            printed.fill("");
        }
    }
}

/// With `-v`, what a test that passed printed stands after the line that says that it runs.
fn go(lines: &mut [&str]) {
    // The lines of each test.
    let mut running: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut current: Option<&str> = None;
    for index in 0..lines.len() {
        let Some(line) = lines.get(index).copied() else { return };
        if let Some(found) = GO_RUN.captures(line) {
            let name = found.get(1).map(|name| name.as_str());
            current = name.filter(|name| running.contains_key(name) || running.len() < MOST_TESTS);
            if let Some(name) = current {
                running.entry(name).or_default();
            }
        } else if let Some(found) = GO_ENDED.captures(line) {
            let ended = running.remove(&found[2]);
            if &found[1] != "FAIL" {
                for printed in ended.into_iter().flatten() {
                    if let Some(line) = lines.get_mut(printed) {
                        *line = "";
                    }
                }
            }
            current = None;
        } else if let Some(printed) = current.and_then(|name| running.get_mut(name)) {
            printed.push(index);
        }
    }
}

/// More tests do not run at once.
const MOST_TESTS: usize = 1_000;

fn gtest(lines: &mut [&str]) {
    let mut begun: Option<(String, usize)> = None;
    for index in 0..lines.len() {
        let Some(line) = lines.get(index).copied() else { return };
        if let Some(found) = GTEST_RUN.captures(line) {
            begun = Some((found[1].to_owned(), index + 1));
        } else if let Some(found) = GTEST_OK.captures(line) {
            let own = begun.take().filter(|(name, _)| *name == found[1]);
            if let Some(printed) = own.and_then(|(_, from)| lines.get_mut(from..index)) {
                printed.fill("");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::lines;

    fn left(framework: &str, text: &str) -> String {
        let mut reading = Reading::new(None);
        reading.report.tests.framework = Some(framework.to_owned());
        let mut lines = lines(text);
        empty(&mut lines, &reading);
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_tests_print_is_left_out_and_the_report_stays() {
        let pytest =
            "----- Captured stdout call -----\na.c:1:2: error: x\n----- Captured log call -----\nE x\n_____ test_b _____\nE  y\n";
        assert_eq!(
            left("pytest", pytest),
            "----- Captured stdout call -----\n----- Captured log call -----\n_____ test_b _____\nE  y"
        );
        assert_eq!(
            left("jest", "  console.error\n    Error: x\n\n      at a.js:1:2\n\nFAIL a.test.js\n"),
            "  console.error\nFAIL a.test.js"
        );
        assert_eq!(
            left(
                "junit",
                "[INFO] Running a.B\nA.java:1: error: x\n[ERROR] Tests run: 1, Failures: 1, Errors: 0\n\tat a.B.c(B.java:1)\n"
            ),
            "[INFO] Running a.B\n[ERROR] Tests run: 1, Failures: 1, Errors: 0\n\tat a.B.c(B.java:1)"
        );
        assert_eq!(
            left("gtest", "[ RUN      ] A.b\na.cc:1:2: error: x\n[       OK ] A.b (0 ms)\n[ RUN      ] A.c\na.cc:3: Failure\n"),
            "[ RUN      ] A.b\n[       OK ] A.b (0 ms)\n[ RUN      ] A.c\na.cc:3: Failure"
        );
    }

    #[test]
    fn of_tests_side_by_side_only_the_lines_of_those_that_pass_are_left_out() {
        let text = "=== RUN   TestA\n=== RUN   TestB\na.go:1:1: of B\n=== CONT  TestA\na.go:2:2: of A\n--- PASS: TestB (0.00s)\n--- FAIL: TestA (0.00s)\n";
        let left = left("go test", text);
        assert!(left.contains("of A") && !left.contains("of B"), "{left}");
    }
}
