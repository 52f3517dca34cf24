//! Bad input: what breaks off, is of another encoding, or is mixed is read as far as it goes, and what was lost is said. Never is it an
//! empty success.

#![expect(clippy::unwrap_used, reason = "what must hold fails the test")]

use std::path::{Path, PathBuf};

use diagnostics::{Origin, Output, Report, could_not_run, crashes, read, read_log, to_findings};
use domain::{Files, Recipe, RepoPath};

fn recorded(case: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(case);
    ["stdout", "stderr"].map(|name| std::fs::read(folder.join(name)).unwrap()).concat()
}

fn read_bytes(bytes: &[u8]) -> Report {
    read(&Output { stdout: bytes, stderr: b"", tool: None })
}

fn places(report: &Report) -> Vec<(Option<String>, String)> {
    report.diagnostics.iter().map(|one| (one.path.clone(), one.rule.clone())).collect()
}

/// The recordings of structured output: those whose output is one document of JSON or XML.
fn documents() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = |folder: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect()
    };
    let mut all: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for case in folders(&root).iter().flat_map(|tool| folders(tool)) {
        let bytes = std::fs::read(case.join("stdout")).unwrap();
        if bytes.trim_ascii_start().first().is_some_and(|first| matches!(first, b'{' | b'[' | b'<')) {
            all.push((case, bytes));
        }
    }
    all.sort();
    all
}

#[test]
fn a_document_that_breaks_off_is_read_as_far_as_it_goes_and_the_loss_is_said() {
    let mut silent = Vec::new();
    let (mut partial, mut cut) = (0, 0);
    for (case, bytes) in documents() {
        let whole = read_bytes(&bytes);
        if whole.diagnostics.len() < 3 || !whole.skipped.is_empty() {
            continue;
        }
        for tenth in [5, 9] {
            let end = bytes.len() * tenth / 10;
            let Some(start) = bytes.get(..end) else { continue };
            let report = read_bytes(start);
            cut += 1;
            partial += usize::from(!report.diagnostics.is_empty());
            let is_silent = report.skipped.is_empty() && report.diagnostics.len() < whole.diagnostics.len();
            // One document a line: what is there is whole, and nothing shows that there was more.
            let one_a_line =
                bytes.iter().filter(|byte| **byte == b'\n').count() >= whole.diagnostics.len() && bytes.starts_with(b"{\"");
            if is_silent && !one_a_line {
                silent.push(format!("{} at {tenth}/10: {:?}", case.display(), report.formats));
            }
            let output = Output { stdout: start, stderr: b"", tool: None };
            if report.diagnostics.is_empty() && could_not_run(Some(1), &output, &report).is_none() {
                silent.push(format!("{} at {tenth}/10 is an empty success", case.display()));
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
    assert!(cut > 40 && partial * 10 >= cut * 8, "{partial} of {cut} gave anything");
}

#[test]
fn output_in_utf_16_is_read_and_of_latin_1_what_is_ascii() {
    for case in ["ruff/check", "javac/text", "tsc/plain", "pytest/failures", "clang/text"] {
        let bytes = recorded(case);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let units = |mark: &str| -> Vec<u16> { format!("{mark}{text}").encode_utf16().collect() };
        let little: Vec<u8> = units("\u{feff}").into_iter().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = units("\u{feff}").into_iter().flat_map(u16::to_be_bytes).collect();
        let unmarked: Vec<u8> = units("").into_iter().flat_map(u16::to_le_bytes).collect();
        let expected = read_bytes(&bytes);
        for other in [&little, &big, &unmarked] {
            let report = read_bytes(other);
            assert_eq!((&report.diagnostics, &report.tests), (&expected.diagnostics, &expected.tests), "{case}");
        }
        assert_eq!(read_log(&little).report.diagnostics, read_log(&bytes).report.diagnostics, "{case}");
    }
    let latin: Vec<u8> =
        "src/caf\u{e9}.py:3:5: F401 'os' imported but unused\n".chars().map(|c| u8::try_from(c).unwrap()).collect();
    assert_eq!(places(&read_bytes(&latin)), [(Some("src/caf\u{fffd}.py".to_owned()), "F401".to_owned())]);
}

#[test]
fn documents_that_follow_each_other_and_tools_that_are_mixed_are_all_read() {
    let cases = ["ruff/check", "eslint/check", "shellcheck/json1", "mypy/json", "cargo/clippy", "hadolint/json"];
    let mut mixed = Vec::new();
    let mut expected = 0;
    for case in cases {
        let bytes = recorded(case);
        expected += read_bytes(&bytes).diagnostics.len();
        mixed.extend_from_slice(b"> the next one\n");
        mixed.extend_from_slice(bytes.trim_ascii_end());
        mixed.extend_from_slice(b"\nmain.c:3:1: error: expected ';'\n");
        expected += 1;
    }
    let report = read_bytes(&mixed);
    assert_eq!(report.diagnostics.len(), expected, "{:?}", report.formats);
    // On one line, without anything between.
    let twice = recorded("eslint/check").trim_ascii().repeat(2);
    assert_eq!(read_bytes(&twice).diagnostics.len(), 2 * read_bytes(&recorded("eslint/check")).diagnostics.len());
}

/// Many tools do not end their document's last line, and what follows on the other stream then stands on it.
#[test]
fn a_document_is_read_though_text_follows_on_its_last_line() {
    let mut lost = Vec::new();
    // One document a line always ends with it.
    let is_one = |bytes: &[u8]| bytes.starts_with(b"<") || serde_json::from_slice::<serde_json::Value>(bytes).is_ok();
    for (case, bytes) in documents().into_iter().filter(|(_, bytes)| is_one(bytes)) {
        let alone = read_bytes(&bytes);
        for said in ["done in 3 s\n", " INFO 2 errors\n", "SLF4J(W): No providers were found.\n"] {
            let joined = read_bytes(&[bytes.trim_ascii_end(), said.as_bytes()].concat());
            if (&joined.diagnostics, &joined.tests) != (&alone.diagnostics, &alone.tests) {
                lost.push(format!("{} before {said:?}: {:?}", case.display(), joined.formats));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}

#[test]
fn a_junit_report_that_breaks_off_keeps_its_whole_tests() {
    let bytes = recorded("pytest/junit");
    let text = String::from_utf8(bytes).unwrap();
    let whole = read_bytes(text.as_bytes()).tests;
    let cut = text.get(..text.rfind("<testcase").unwrap() + 20).unwrap();
    let report = read_bytes(cut.as_bytes());
    assert_eq!(report.skipped.len(), 1, "{:?}", report.skipped);
    let count = |tests: &domain::TestsSeen| tests.passed + tests.failed + tests.skipped;
    assert_eq!(count(&report.tests) + 1, count(&whole));
}

#[test]
fn a_test_that_had_begun_to_tell_of_its_failure_where_the_report_breaks_off_has_failed() {
    let text = String::from_utf8(recorded("phpunit/junit")).unwrap();
    let cut = text.get(..text.find("RuntimeException: ").unwrap()).unwrap();
    for report in [cut.to_owned(), format!("{cut}\n\nb.c:3:4: error: expected ';'\n")] {
        let found = read_bytes(report.as_bytes());
        let tests = &found.tests;
        assert_eq!((tests.passed, tests.failed, tests.errors), (1, 2, 1), "{report}");
        assert_eq!(found.failing, ["CalcTest::testFails", "CalcTest::testRaises"]);
        assert_eq!(found.skipped, ["a JUnit report breaks off after 3 tests"]);
        let is_after = report.ends_with("';'\n");
        assert_eq!(found.diagnostics.iter().any(|one| one.path.as_deref() == Some("b.c")), is_after, "what follows is read");
    }
}

#[test]
fn junit_reports_that_follow_each_other_are_all_read_and_so_is_what_stands_between() {
    let cases = ["pytest/junit", "mocha/xunit", "phpunit/junit", "bats/junit", "node-test/junit"];
    let crlf = |text: &[u8]| String::from_utf8_lossy(text).replace('\n', "\r\n").into_bytes();
    let places = |bytes: &[u8]| read_bytes(bytes).diagnostics.into_iter().map(|one| (one.path, one.span)).collect::<Vec<_>>();
    for case in cases {
        assert_eq!(places(&crlf(&recorded(case))), places(&recorded(case)), "{case} with CR LF");
    }
    let (mut stream, mut failed) = (b"> all\n".to_vec(), 0);
    for case in cases {
        failed += read_bytes(&recorded(case)).tests.failed;
        stream.extend_from_slice(recorded(case).trim_ascii_end());
        stream.extend_from_slice(b"\nmain.c:3:1: error: expected ';'\n");
    }
    let found = read_bytes(&stream);
    assert_eq!((found.tests.failed, found.skipped.len()), (failed, 0), "{:?}", found.skipped);
    assert_eq!(found.diagnostics.iter().filter(|one| one.path.as_deref() == Some("main.c")).count(), cases.len());
}

#[test]
fn what_a_step_of_circleci_said_is_read_out_of_the_answer_of_its_api() {
    let said = serde_json::json!([
        {"message": "\u{1b}[1mflake8\u{1b}[0m\r\na.py:1:1: F401 'os' imp", "time": "2026-05-01T10:00:00Z", "type": "out", "truncated": false},
        {"message": "orted but unused\r\nb.py:2:1: E999 SyntaxError: invalid syntax\r\n", "time": "2026-05-01T10:00:01Z", "type": "out"},
    ]);
    let report = read_bytes(said.to_string().as_bytes());
    let rules: Vec<&str> = report.diagnostics.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(rules, ["F401", "syntax-error"]);
    assert!(crashes(said.to_string().as_bytes()).is_empty());
}

/// What a formatter would change is the same, whatever became of the ends of its lines on the way.
#[test]
fn lines_of_a_diff_end_as_those_of_the_file() {
    let diff = "--- a.py\n+++ a.py\n@@ -1,3 +1,3 @@\n-x = {  1 }\n+x = {1}\n y = 2\n-z=3\n+z = 3\n";
    let edits = |file: &str, log: &str| -> Vec<String> {
        let path = RepoPath::new("a.py").unwrap();
        let files = Files::from_map([(path, file.as_bytes().to_vec())].into());
        let origin = Origin { recipe: Recipe::Format, subproject: ".", roots: &[] };
        let findings = to_findings(&read_log(log.as_bytes()).report.diagnostics, &origin, &files);
        findings.iter().flat_map(|one| &one.suggestions).flat_map(|one| &one.edits).map(|edit| edit.text.to_string()).collect()
    };
    let (file, crlf) = ("x = {  1 }\ny = 2\nz=3\n", |text: &str| text.replace('\n', "\r\n"));
    for log in [diff.to_owned(), crlf(diff)] {
        assert_eq!(edits(file, &log), ["x = {1}\n", "z = 3\n"]);
        assert_eq!(edits(&crlf(file), &log), ["x = {1}\r\n", "z = 3\r\n"]);
    }
    let raw = |text: &str| read(&Output { stdout: text.as_bytes(), stderr: b"", tool: Some("black") }).diagnostics;
    let path = RepoPath::new("a.py").unwrap();
    let files = Files::from_map([(path, file.as_bytes().to_vec())].into());
    let origin = Origin { recipe: Recipe::Format, subproject: ".", roots: &[] };
    let found = to_findings(&raw(&crlf(diff)), &origin, &files);
    assert!(found.iter().flat_map(|one| &one.suggestions).flat_map(|one| &one.edits).all(|edit| !edit.text.contains('\r')));
}
