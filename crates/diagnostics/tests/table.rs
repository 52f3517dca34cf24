//! The table of tools in `docs/diagnostics.md` says what is so: each recording that it names is there and is understood, no tool that was
//! recorded is left out, and as many are read by their text as is promised.

#![expect(clippy::unwrap_used, reason = "what must hold fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// So many tools are read by their default output.
const PROMISED: usize = 60;

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table: the tool, its text, its structured output.
fn rows() -> BTreeMap<String, [Vec<String>; 2]> {
    let page = std::fs::read_to_string(crate_folder().join("../../docs/diagnostics.md")).unwrap();
    let cell = |text: &str| -> Vec<String> {
        let names = text.split(',').map(|name| name.trim().trim_matches('`').to_owned());
        names.filter(|name| name != "–").collect()
    };
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [tool, text, structured] = cells.as_slice() else { return None };
        (!matches!(*tool, "tool" | "---")).then(|| ((*tool).to_owned(), [cell(text), cell(structured)]))
    };
    page.lines().filter(|line| line.starts_with('|')).filter_map(row).collect()
}

/// Says whether anything of a recording is understood.
fn is_understood(case: &Path) -> bool {
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
    expected["formats"].as_array().is_some_and(|formats| !formats.is_empty()) || case.join("crashes.json").is_file()
}

#[test]
fn every_recording_that_is_named_is_there_and_understood() {
    let fixtures = crate_folder().join("fixtures");
    let mut wrong = Vec::new();
    for (tool, cells) in rows() {
        for case in cells.iter().flatten().filter(|case| *case != "documented") {
            let folder = fixtures.join(&tool).join(case);
            if !folder.is_dir() || !is_understood(&folder) {
                wrong.push(format!("{tool}/{case}"));
            }
        }
        if cells.iter().all(Vec::is_empty) {
            wrong.push(format!("{tool}: nothing is read of it"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_tool_that_was_recorded_is_named_and_as_many_as_promised_by_their_text() {
    let rows = rows();
    let entries = std::fs::read_dir(crate_folder().join("fixtures")).unwrap().map(|entry| entry.unwrap().path());
    let recorded: BTreeSet<String> =
        entries.filter(|path| path.is_dir()).map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let missing: Vec<&String> = recorded.iter().filter(|tool| !rows.contains_key(*tool)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let by_recording = rows.values().filter(|[text, _]| text.iter().any(|case| case != "documented")).count();
    assert!(by_recording >= PROMISED, "{by_recording}");
}
