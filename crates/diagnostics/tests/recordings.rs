//! What is read out of recordings of real tools: `fixtures/<tool>/<case>/{stdout,stderr,exit,input/…}` gives `expected.json`.
//!
//! `UPDATE=1 cargo test -p fixwright-diagnostics` writes the expectations anew; read the difference before you keep it.

#![expect(clippy::unwrap_used, reason = "a recording that is not as it should be fails the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use diagnostics::{Diagnostic, Origin, Output, Position, Span, could_not_run, read, to_findings, tool_of};
use domain::{Files, Recipe, RepoPath};
use serde_json::{Value, json};

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn files(folder: &Path, prefix: &str, into: &mut BTreeMap<RepoPath, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            files(&path, &format!("{name}/"), into);
        } else {
            into.insert(RepoPath::new(name).unwrap(), std::fs::read(&path).unwrap());
        }
    }
}

/// Reads one recording as the program does.
fn read_case(case: &Path) -> Value {
    let bytes = |name: &str| std::fs::read(case.join(name)).unwrap();
    let text = |name: &str| String::from_utf8(bytes(name)).unwrap().trim().to_owned();
    let mut input = BTreeMap::new();
    files(&case.join("input"), "", &mut input);
    let tree = Files::from_map(input);
    let (stdout, stderr) = (bytes("stdout"), bytes("stderr"));
    let output = Output { stdout: &stdout, stderr: &stderr, tool: tool_of(&text("command")) };
    let report = read(&output);
    let roots = ["/repo".to_owned()];
    let findings = to_findings(&report.diagnostics, &Origin { recipe: Recipe::Lint, subproject: ".", roots: &roots }, &tree);
    for finding in &findings {
        for edit in finding.suggestions.iter().flat_map(|suggestion| &suggestion.edits) {
            let bytes = tree.read(&edit.path).unwrap();
            assert!(bytes.get(edit.range()).is_some(), "{}: an edit that does not fit", case.display());
        }
    }
    // What a finding does not carry, where there is any of it.
    let more = |one: &Diagnostic| {
        let related: Vec<String> =
            one.related.iter().map(|other| format!("{}{}: {}", other.path, place(other.span), other.message)).collect();
        (!related.is_empty() || one.help.is_some()).then(|| json!({"message": one.message, "help": one.help, "related": related}))
    };
    let more: Vec<Value> = report.diagnostics.iter().filter_map(more).collect();
    let mut told = json!({
        "formats": report.formats,
        "could_not_run": could_not_run(text("exit").parse().ok(), &output, &report),
        "skipped": report.skipped,
        "tests": report.tests,
        "findings": findings,
    });
    if !more.is_empty() {
        told["more"] = Value::Array(more);
    }
    told
}

fn place(span: Option<Span>) -> String {
    match span.map(|span| span.start) {
        Some(Position::LineColumn { line, column, .. }) => format!(":{line}:{column}"),
        Some(Position::Byte(offset) | Position::Chars(offset) | Position::Utf16(offset)) => format!(" at {offset}"),
        Some(Position::LineEnd { line }) => format!(":{line}"),
        None => String::new(),
    }
}

#[test]
fn recordings_are_read_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    #[expect(clippy::disallowed_methods, reason = "a test, asked by a person to write its expectations")]
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for case in folders(&root).iter().flat_map(|tool| folders(tool)) {
        let read = format!("{:#}\n", read_case(&case));
        let expected = case.join("expected.json");
        if update {
            std::fs::write(&expected, &read).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != read {
            wrong.push(format!("{}:\n{read}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_ids_of_a_report_are_unique_and_stay_the_same() {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ruff/check");
    let ids = |value: &Value| {
        value["findings"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = ids(&read_case(&case));
    let mut distinct = first.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), first.len());
    assert_eq!(ids(&read_case(&case)), first);
}
