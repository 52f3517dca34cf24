//! Whatever a tool writes, reading it ends soon, in findings that fit the files, and without a panic.

#![expect(clippy::unwrap_used, reason = "what must hold fails the test")]

use std::path::Path;
use std::sync::LazyLock;

use diagnostics::{
    Diagnostic, Origin, Output, Position, Span, Unit, could_not_run, crashes, peel, read, read_log, speak, to_findings, writer,
};
use domain::{Files, FindingKind, Recipe, RepoPath, Severity};
use proptest::prelude::*;

fn tree() -> Files {
    let files = [("src/a.py", "é = 1\r\n\t🦀 x\n"), ("b.c", ""), ("package-lock.json", "{\"packages\": 3}")];
    Files::from_map(files.map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec())).into())
}

/// Reads an output and checks what must hold of any.
fn check(stdout: &[u8], stderr: &[u8], tool: Option<&str>) {
    let output = Output { stdout, stderr, tool };
    let report = read(&output);
    let roots = ["/repo".to_owned(), String::new(), "/".to_owned()];
    for subproject in [".", "src", "../x"] {
        let origin = Origin { recipe: Recipe::Lint, subproject, roots: &roots };
        let tree = tree();
        let findings = to_findings(&report.diagnostics, &origin, &tree);
        let mut ids: Vec<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), findings.len(), "ids are unique");
        for finding in &findings {
            assert!(!finding.message.chars().any(char::is_control), "{:?}", finding.message);
            assert!(!finding.rule.chars().any(char::is_control));
            let Some(location) = &finding.location else { continue };
            assert!((location.line, location.column) <= (location.end_line, location.end_column));
            assert!(tree.contains(&location.path) && location.line > 0 && location.column > 0);
            for edit in finding.suggestions.iter().flat_map(|suggestion| &suggestion.edits) {
                assert!(tree.read(&edit.path).unwrap().get(edit.range()).is_some());
            }
        }
    }
    for code in [None, Some(0), Some(1), Some(127)] {
        let reason = could_not_run(code, &output, &report);
        assert!(reason.is_none_or(|reason| !reason.chars().any(char::is_control)));
    }
}

/// Reads a log and checks what must hold of any.
fn check_log(log: &[u8]) {
    let crashes = crashes(log);
    assert!(crashes.len() <= 101 && crashes.iter().all(|crash| !crash.message.chars().any(char::is_control)));
    let found = read_log(log);
    let lines = u64::try_from(log.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count()).unwrap() + 1;
    for (first, last) in found.explaining.iter().copied().chain(found.decision.and_then(|decision| decision.lines)) {
        assert!(1 <= first && first <= last && last <= lines, "{first}-{last} of {lines}");
    }
    let _ = peel(&String::from_utf8_lossy(log));
}

/// All recordings, as material to be cut and mixed.
static RECORDINGS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut all = Vec::new();
    for tool in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for case in std::fs::read_dir(tool).unwrap().map(|entry| entry.unwrap().path()) {
            all.extend(["stdout", "stderr"].map(|name| std::fs::read(case.join(name)).unwrap()));
        }
    }
    all.sort();
    all
});

const TOOLS: [Option<&str>; 8] =
    [None, Some("ruff"), Some("gofmt"), Some("go vet"), Some("pylint"), Some("clang"), Some("prettier"), Some("pyflakes")];

/// What envelopes are made of.
const ENVELOPES: [&str; 26] = [
    "2026-05-01T10:00:00.1234567Z ",
    "2026-05-01T10:00:00.123456Z 01O+",
    "2026-05-01T10:00:00.123456Z 01E ",
    "job\tstep\t",
    "\u{feff}",
    "##[group]Run x",
    "##[endgroup]",
    "##[error]",
    "Process completed with exit code 99999999999.",
    "Process completed with exit code -1.",
    "section_start:1:step_script[collapsed=true]",
    "section_end:1:x",
    "\u{1b}[0K\u{1b}[32;1m$ make",
    "ERROR: Job failed: exit code 2",
    "[Pipeline] { (Branch: é)",
    "[é] ",
    "+ make",
    "\u{1b}[8mha:x",
    "ERROR: script returned exit code 1",
    "Finished: FAILURE",
    "travis_time:start:a",
    "The command \"x\" exited with 1.",
    "\u{1b}_bk;t=1\u{7}",
    "--- a",
    "+++ b",
    "a.c:1:1: error: x",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(stdout in proptest::collection::vec(any::<u8>(), 0..2_000), stderr in proptest::collection::vec(any::<u8>(), 0..500), tool in 0..TOOLS.len()) {
        check(&stdout, &stderr, TOOLS[tool]);
    }

    #[test]
    fn mutilated_recordings(picks in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4), tool in 0..TOOLS.len()) {
        let all = &*RECORDINGS;
        let mut mixed = Vec::new();
        for (which, from, to, byte) in picks {
            let recording = which.get(all);
            let (from, to) = (from.index(recording.len() + 1), to.index(recording.len() + 1));
            mixed.extend_from_slice(&recording[from.min(to)..from.max(to)]);
            let middle = mixed.len() / 2;
            if let Some(place) = mixed.get_mut(middle) {
                *place = byte;
            }
        }
        check(&mixed, b"", TOOLS[tool]);
        check_log(&mixed);
        check(b"", &mixed, None);
    }

    #[test]
    fn figures_out_of_any_range(line in any::<u32>(), column in any::<u32>(), offset in any::<usize>(), path in "[./a-z%]{0,12}") {
        let text = format!(
            "src/a.py:{line}:{column}: F401 x\nb.c:{line}:{column}: error: y\nfix-it:\"b.c\":{{{line}:{column}-{column}:{line}}}:\"z\"\n\
             src/a.ts({line},{column}): error TS1: z\n@@ -{line},{column} +{line},{column} @@\n--- a\n+++ {path}\n@@ -{line},1 +{line},1 @@\n-a\n+b\n\
             {{\"runs\": [{{\"tool\": {{}}, \"results\": [{{\"message\": {{}}, \"fixes\": [{{\"artifactChanges\": [{{\"artifactLocation\": {{\"uri\": \
             \"{path}\"}}, \"replacements\": [{{\"deletedRegion\": {{\"charOffset\": {column}, \"charLength\": {line}}}}}]}}]}}]}}]}}], \"version\": \"2.1.0\"}}\n"
        );
        check(text.as_bytes(), b"", None);
        let positions = [Position::Byte(offset), Position::Chars(offset), Position::Utf16(offset), Position::LineEnd { line }];
        let columns = [Unit::Byte, Unit::Char, Unit::Utf16, Unit::Tabbed, Unit::Display].map(|unit| Position::LineColumn { line, column, unit });
        for start in positions.into_iter().chain(columns) {
            let diagnostic = Diagnostic {
                tool: "t".into(), rule: "r".into(), kind: FindingKind::Linting, severity: Severity::Error, message: "m".into(),
                path: Some(path.clone()), span: Some(Span { start, end: Position::Byte(0) }), related: Vec::new(), help: None, suggestions: Vec::new(), fingerprints: Vec::new(),
            };
            let origin = Origin { recipe: Recipe::Lint, subproject: ".", roots: &[] };
            prop_assert_eq!(to_findings(&[diagnostic], &origin, &tree()).len(), 1);
        }
    }

    #[test]
    fn shuffled_envelopes(picks in proptest::collection::vec((0..ENVELOPES.len(), 0..ENVELOPES.len(), 0..3_usize), 1..30)) {
        let log: String = picks.iter().map(|(first, second, end)| format!("{}{}{}", ENVELOPES[*first], ENVELOPES[*second], ["\n", "\r", "\r\n"][*end])).collect();
        check_log(log.as_bytes());
    }

    #[test]
    fn any_command_line(command in "[-a-z=&|$()'\"\\\\# \t]{0,40}") {
        let _ = writer(&command);
        let spoken = speak(&command);
        prop_assert_eq!(&speak(&spoken.command).command, &spoken.command, "said twice is said once");
    }
}

/// Quadratic time would make this run for many minutes; how time grows is measured by `cargo xtask bench diagnostics`.
#[test]
fn megabytes_of_anything_take_linear_time() {
    let long_line = "a".repeat(1 << 20);
    let unfinished = "[{\"a\":1},\n".repeat(6_000) + &"{\"a\":\n".repeat(12_000);
    let frames = "  File \"/repo/a.py\", line 1, in f\n    x\n".repeat(6_000);
    let errors = "ReferenceError: a is not defined\n".repeat(4_000);
    let failures = "FAILED a.py::t - x\n".repeat(8_000) + "=== short test summary info ===\n1 failed in 1.0s\n";
    let not_ok = format!("TAP version 13\n{}", "not ok 1 - a\n  ---\n".repeat(4_000));
    let vet = "x.c:1:1: error: a\nfix-it:\"x.c\":{1:1-1:1}:\"b\"\n".repeat(6_000);
    let subtests = format!("{}FAIL\tpkg\t0.1s\n", (0..4_000).map(|n| format!("--- FAIL: T{n} (0.0s)\n")).collect::<String>());
    let jest = format!("{}Tests: 1 failed, 1 total\n", (0..4_000).map(|n| format!("  ● t{n}\n\n    x\n")).collect::<String>());
    let suggestions = "error: x\n".repeat(12_000);
    let no_heads = "    ^-- SC2086 (info): x\n 3 | ERROR | y\n  1:1  ✖  z  rule\n".repeat(4_000);
    let no_places = "* What went wrong:\nERROR in ./a 1:1\n✘ [ERROR] x\n>> Issue: [B1:x] y\nA.java:1: error: z\n".repeat(12_000);
    for text in [long_line, unfinished, frames, errors, failures, not_ok, vet, subtests, jest, suggestions, no_heads, no_places] {
        check(text.as_bytes(), b"", None);
    }
    check_log("error[E0308]: x\n##[error]y\n".repeat(30_000).as_bytes());
    check_log("travis_time:start:a\r$ x\nFAILED a.py::t\n".repeat(15_000).as_bytes());
}
