//! `fixwright read`: a log or a report said in one document, with no repository and no store.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};
use testkit::Repo;

use crate::bench::{Bench, Ran, code};

fn bench() -> Bench {
    Bench::new(Repo::new())
}

/// Reads what stands on standard input.
fn read(bench: &Bench, args: &[&str], input: &str) -> Ran {
    let mut child = bench.command(["read", "-"].iter().chain(args)).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ran = Ran::of(child);
    assert!(!bench.data().exists(), "it needs no store");
    ran
}

fn document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap()
}

fn github(command: &str, output: &str, end: &str) -> String {
    let script = format!("##[group]Run {command}\n\u{1b}[36;1m{command}\u{1b}[0m\n##[endgroup]\n{output}{end}");
    let steps = format!("##[group]Run actions/checkout@v4\n##[endgroup]\nerror: a word of git\n{script}Post job cleanup.\n");
    steps.lines().map(|line| format!("2026-05-01T10:00:00.1234567Z {line}\n")).collect()
}

const PYTEST: &str = "F.                                                            [100%]\n=================================== FAILURES ===================================\n\
    ___________________________________ test_add ___________________________________\n\n    def test_add():\n>       assert add(1, 2) == 4\nE       assert 3 == 4\nE        +  where 3 = add(1, 2)\n\n\
    tests/test_add.py:5: AssertionError\n=========================== short test summary info ============================\n\
    FAILED tests/test_add.py::test_add - assert 3 == 4\n1 failed, 1 passed, 2 skipped in 0.03s\n";

#[test]
fn a_log_is_told_in_the_words_that_are_promised() {
    let bench = bench();
    let log = github("pytest -q", PYTEST, "##[error]Process completed with exit code 1.\n");
    let ran = read(&bench, &["--json"], &log);
    assert_eq!(ran.code, Some(code::REMAIN), "{ran:?}");
    let found = document(&ran);
    assert_eq!(
        (&found["dialect"], &found["outcome"], &found["class"], &found["exit_code"]),
        (&json!("github"), &json!("failed"), &json!("test_failure"), &json!(1))
    );
    assert!(found["confidence"].as_f64().unwrap() > 0.5, "{found:#}");
    assert_eq!((&found["step"], &found["command"]), (&json!("Run pytest -q"), &json!("pytest -q")));
    let tests = json!({"framework": "pytest", "run": 2, "passed": 1, "failed": 1, "errors": 0, "skipped": 2, "failing": ["tests/test_add.py::test_add"]});
    assert_eq!(found["tests"], tests);
    assert_eq!(found["explaining"][0], json!([13, 13]), "{found:#}");
    let one = &found["diagnostics"][0];
    assert_eq!((&one["file"], &one["line"], &one["severity"]), (&json!("tests/test_add.py"), &json!(5), &json!("error")));
    assert!(found.get("explain").is_none());
    let explained = document(&read(&bench, &["--json", "--explain"], &log));
    assert!(explained["explain"].as_array().unwrap().iter().any(|told| told["lines"] == json!([13, 13])), "{explained:#}");

    let shown = read(&bench, &["--explain"], &log).stdout;
    for said in
        ["✘ failed: test_failure", "1 failed", "tests/test_add.py::test_add", "line 13  E assert 3 == 4", "test-python-assert"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
}

#[test]
fn a_carriage_return_alone_counts_as_a_line() {
    let log = "section_start:1:step_script\r\u{1b}[0K\n\u{1b}[32;1m$ make\u{1b}[0;m\r\nprogress 1%\rprogress 2%\rmain.c:3:5: error: expected ';'\r\n\
               section_end:1:step_script\r\u{1b}[0K\nERROR: Job failed: exit code 2\n";
    let found = document(&read(&bench(), &["--json"], log));
    assert_eq!((&found["dialect"], &found["explaining"][0], &found["exit_code"]), (&json!("gitlab"), &json!([6, 6]), &json!(2)));
    let one = &found["diagnostics"][0];
    assert_eq!((&one["file"], &one["line"], &one["column"]), (&json!("main.c"), &json!(3), &json!(5)));
}

#[test]
fn a_report_keeps_its_edits_and_becomes_sarif_and_is_read_again() {
    let bench = bench();
    let report = json!([{"code": "F401", "message": "`os` imported but unused", "filename": "a.py", "location": {"row": 1, "column": 8},
        "end_location": {"row": 1, "column": 10}, "noqa_row": 1, "url": "https://x", "cell": null,
        "fix": {"applicability": "safe", "message": "Remove import", "edits": [
            {"content": "", "location": {"row": 1, "column": 1}, "end_location": {"row": 2, "column": 1}}]}}]);
    let ran = read(&bench, &["--json"], &report.to_string());
    let found = document(&ran);
    assert_eq!((ran.code, &found["class"], &found["outcome"]), (Some(code::REMAIN), &json!("linting"), &json!("failed")));
    assert_eq!(found["diagnostics"][0]["end"], json!({"line": 1, "column": 10}));
    let edit = &found["diagnostics"][0]["edits"][0];
    assert_eq!(
        (&edit["file"], &edit["start"], &edit["end"]),
        (&json!("a.py"), &json!({"line": 1, "column": 1}), &json!({"line": 2, "column": 1}))
    );
    assert_eq!((&edit["applicability"], &edit["text"]), (&json!("safe"), &json!("")));
    let sarif = read(&bench, &["--sarif"], &report.to_string());
    let again = document(&read(&bench, &["--json"], &sarif.stdout));
    assert_eq!(again["formats"], json!(["sarif"]));
    for field in ["file", "line", "column", "end", "severity", "rule", "message", "tool"] {
        assert_eq!(again["diagnostics"][0][field], found["diagnostics"][0][field], "{field}");
    }
    assert_eq!(again["diagnostics"][0]["edits"][0]["end"], edit["end"]);
}

/// What SARIF has no word for is left out, and what it has keeps its meaning.
#[test]
fn edits_keep_their_unit_in_sarif_or_are_left_out() {
    let bench = bench();
    let eslint = json!([{"filePath": "/r/a.js", "messages": [{"ruleId": "no-debugger", "severity": 2, "message": "m", "line": 1, "column": 16, "endLine": 1, "endColumn": 25,
        "fix": {"range": [15, 25], "text": ""}}], "errorCount": 1}]);
    let sarif = document(&read(&bench, &["--sarif"], &eslint.to_string()));
    assert_eq!(sarif["runs"][0]["columnKind"], json!("utf16CodeUnits"));
    let again = document(&read(&bench, &["--json"], &sarif.to_string()));
    let one = &again["diagnostics"][0];
    assert_eq!((&one["unit"], &one["column"]), (&json!("utf16"), &json!(16)));
    assert_eq!((&one["edits"][0]["unit"], &one["edits"][0]["start"]), (&json!("utf16"), &json!({"offset": 15})));

    let clang = "a.c:1:26: error: expected ';'\nfix-it:\"a.c\":{1:26-1:26}:\";\"\n";
    let found = document(&read(&bench, &["--json"], clang));
    assert_eq!(found["diagnostics"][0]["edits"][0]["unit"], json!("byte"), "{found:#}");
    let sarif = document(&read(&bench, &["--sarif"], clang));
    assert_eq!(sarif["runs"][0]["results"][0].get("fixes"), None, "{sarif:#}");
}

#[test]
fn a_crash_is_told_with_its_stacks() {
    let log = "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x4 bp 0x7 sp 0x7\nREAD of size 4 at 0x602000000010 thread T0\n    \
               #0 0x4 in use /r/a.c:7:12\n    #1 0x5 in main /r/a.c:12:3\n    #2 0x6 in __libc_start_main ../csu/libc-start.c:392\n\n0x602000000010 is located 0 bytes inside of 4-byte region\n\
               freed by thread T0 here:\n    #0 0x8 in free (/r/a+0x8)\n    #1 0x9 in drop /r/a.c:4:3\n\npreviously allocated by thread T0 here:\n    #0 0xa in malloc (/r/a+0xa)\n    #1 0xb in make /r/a.c:2:9\n\n\
               SUMMARY: AddressSanitizer: heap-use-after-free /r/a.c:7:12 in use\n";
    let found = document(&read(&bench(), &["--json"], log));
    let crash = &found["crashes"][0];
    assert_eq!((&crash["class"], &crash["access"], &crash["size"]), (&json!("heap-use-after-free"), &json!("read"), &json!(4)));
    assert_eq!(crash["frames"][0], json!({"function": "use", "file": "/r/a.c", "line": 7, "column": 12, "runtime": false}));
    assert_eq!(crash["frames"][2]["runtime"], json!(true));
    assert_eq!((&crash["freed"][1]["function"], &crash["allocated"][1]["line"]), (&json!("drop"), &json!(2)));
}

#[test]
fn a_passing_log_and_a_named_tool_change_what_is_told() {
    let bench = bench();
    let noise = "ERROR: no cache for key 17\n";
    let passing = bench.repo.beside("passing");
    fs::write(&passing, github("make", noise, "")).unwrap();
    let log = github(
        "make",
        &format!("{noise}ERROR: the schema has no table users\n"),
        "##[error]Process completed with exit code 1.\n",
    );
    let first = |args: &[&str]| document(&read(&bench, args, &log))["explaining"][0][0].as_u64().unwrap();
    assert_eq!(first(&["--json"]), 7);
    assert_eq!(first(&["--json", "--passing", passing.to_str().unwrap()]), 8);
    let odd = "a.py:1:1: x is odd\n";
    assert_eq!(document(&read(&bench, &["--json"], odd))["diagnostics"], json!([]));
    assert_eq!(document(&read(&bench, &["--json", "--format", "pyflakes"], odd))["diagnostics"][0]["tool"], "pyflakes");
    let missed = document(&read(&bench, &["--json", "--format", "sarif"], odd));
    assert_eq!(missed["skipped"], json!(["nothing in it was recognised as output of sarif"]));
}

#[test]
fn the_exit_code_says_whether_a_failure_was_told() {
    let bench = bench();
    let passed = github("pytest", "2 passed in 0.01s\n", "");
    assert_eq!(read(&bench, &[], &passed).code, Some(code::DONE));
    assert_eq!(read(&bench, &[], "{\"version\": \"2.1.0\", \"runs\": []}").code, Some(code::DONE));
    assert_eq!(read(&bench, &[], "src/a.c:1:1: error: no\n").code, Some(code::REMAIN));
    for nothing in ["", "all is well\n", "{\"a\": "] {
        let ran = read(&bench, &["--json"], nothing);
        assert_eq!((ran.code, document(&ran)["outcome"].as_str()), (Some(code::USAGE), Some("unknown")), "{ran:?}");
    }
    for wrong in
        [&["read", "/no/such/log"][..], &["read", "-", "--passing", "-"], &["read", "-", "--format", "nothing"], &["read"]]
    {
        assert_eq!(bench.run(wrong).code, Some(code::USAGE), "{wrong:?}");
    }
}

#[test]
fn a_project_s_own_patterns_are_used_and_no_others() {
    let matcher = |owner: &str, sign: &str| {
        json!({"problemMatcher": [{"owner": owner, "pattern": [{"regexp": format!("^{sign}(.+)@(\\d+) (.+)$"), "file": 1, "line": 2, "message": 3}]}]}).to_string()
    };
    let folder = tempfile::tempdir().unwrap();
    let repository = folder.path().join("repo");
    fs::create_dir_all(repository.join(".github/matchers")).unwrap();
    fs::create_dir_all(repository.join("ci")).unwrap();
    fs::write(repository.join(".github/matchers/house.json"), matcher("house", "!")).unwrap();
    fs::write(repository.join("ci/own.json"), matcher("own", "%")).unwrap();
    fs::write(folder.path().join("outside.json"), matcher("stranger", "~")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("outside.json"), repository.join("ci/link.json")).unwrap();
    let log = "::add-matcher::/home/ci/w/ci/own.json\n::add-matcher::ci/link.json\n::add-matcher::../outside.json\n\
               !a.zz@1 is odd\n%b.zz@2 is odd\n~c.zz@3 is odd\n";
    let tools = |args: &[&str]| -> Vec<String> {
        let found = document(&read(&bench(), args, log));
        found["diagnostics"].as_array().unwrap().iter().map(|one| one["tool"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(tools(&["--json", "--repo", repository.to_str().unwrap()]), ["house", "own"]);
    assert!(tools(&["--json"]).is_empty());
}

#[test]
fn what_is_packed_is_refused_by_name() {
    let bench = bench();
    let zip = bench.repo.beside("run.zip");
    fs::write(&zip, b"PK\x03\x04\x14\0").unwrap();
    for args in [["read", zip.to_str().unwrap()].as_slice(), ["fix", "--from", zip.to_str().unwrap()].as_slice()] {
        let ran = bench.run(args);
        assert_eq!(ran.code, Some(code::USAGE), "{ran:?}");
        assert!(ran.stderr.contains("is a zip archive") && ran.stderr.contains("unpack it"), "{ran:?}");
    }
}

#[test]
fn each_line_that_explains_is_shown_with_its_text() {
    let log = github("lint", "looking\ntwo problems\n", "##[error]Process completed with exit code 1.\n");
    let ran = read(&bench(), &[], &log);
    let shown = ran.stdout.split("explained by").nth(1).unwrap();
    assert!(shown.contains("  two problems\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("repairs"), "{}", ran.stdout);
}
