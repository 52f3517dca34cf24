//! Runs every fixer over its scenario folders: `fixtures/fixers/<id>/<case>/` with `finding.json`, `input/` and `expected/`.
//!
//! `finding.json` is one object or a list of them: `{"tool", "rule", "kind", "message", "path", "line", "column", "end_line", "end_column"}`,
//! all but `rule` optional; `"language"` names the subproject's language; `"subproject"` its folder. Findings are settled one after the
//! other by the fixer's first proposal, each on the files that the one before left (its location must be right there). A scenario
//! without `expected/` is one that the fixer must leave alone. For a proposal that is a command, `expected.json` holds
//! `{"argv": […], "may_change": […]}` in place of `expected/` (beside it for edits that a command follows). A file whose name would be
//! acted upon by tools (`.gitignore`) may be stored with `.in` appended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::{Digest, Edit, Files, Finding, FindingKind, Language, Location, Recipe, RepoPath, Severity, Subproject};

use super::fixer::{FixContext, Fixer, Repair};

/// Runs all scenarios of one fixer.
///
/// # Panics
/// When there is none, or one comes out otherwise than expected.
pub(crate) fn check(fixer: &Fixer) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fixers").join(fixer.id);
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("no scenarios of `{}` in {}: {error}", fixer.id, folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no scenarios in {}", folder.display());
    for case in cases {
        check_case(fixer, &case);
    }
}

fn check_case(fixer: &Fixer, case: &Path) {
    let name = case.display();
    let mut files = read_tree(&case.join("input"));
    let findings: serde_json::Value = serde_json::from_slice(&std::fs::read(case.join("finding.json")).unwrap()).unwrap();
    let findings = findings.as_array().cloned().unwrap_or_else(|| vec![findings]);
    let mut proposed = false;
    for given in &findings {
        let (finding, subproject) = finding(given);
        if !(fixer.handles)(&finding) {
            continue;
        }
        let view = Files::from_map(files.clone());
        let context = FixContext { finding: &finding, subproject: &subproject, files: &view };
        let Some(first) = (fixer.propose)(&context).into_iter().next() else { continue };
        proposed = true;
        match first.repair {
            Repair::Edits(edits) => apply(&mut files, edits, &name.to_string()),
            Repair::Command { argv, may_change } => check_command(case, &argv, &may_change),
            Repair::EditsThenCommand { edits, argv, may_change } => {
                apply(&mut files, edits, &name.to_string());
                check_command(case, &argv, &may_change);
            }
        }
    }
    if case.join("expected").exists() {
        assert!(proposed, "{name}: nothing was proposed");
        let expected = read_tree(&case.join("expected"));
        let text = |files: BTreeMap<RepoPath, Vec<u8>>| -> BTreeMap<RepoPath, String> {
            files.into_iter().map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned())).collect()
        };
        assert_eq!(text(files), text(expected), "{name}");
    } else if !case.join("expected.json").exists() {
        assert!(!proposed, "{name}: it should have been left alone");
    } else {
        assert!(proposed, "{name}: nothing was proposed");
    }
}

fn check_command(case: &Path, argv: &[String], may_change: &[String]) {
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(case.join("expected.json")).unwrap()).unwrap();
    assert_eq!(serde_json::json!({ "argv": argv, "may_change": may_change }), expected, "{}", case.display());
}

fn finding(given: &serde_json::Value) -> (Finding, Subproject) {
    let text = |key: &str| given[key].as_str().map(str::to_owned);
    let number = |key: &str| given[key].as_u64().map(|n| u32::try_from(n).unwrap());
    let kind = text("kind").map_or(FindingKind::Linting, |kind| serde_json::from_value(kind.into()).unwrap());
    let location = text("path").map(|path| {
        let line = number("line").unwrap_or(1);
        let column = number("column").unwrap_or(1);
        let end_line = number("end_line").unwrap_or(line);
        let end_column = number("end_column").unwrap_or(column);
        Location { path: RepoPath::new(path).unwrap(), line, column, end_line, end_column }
    });
    let subproject = text("subproject").unwrap_or_else(|| ".".to_owned());
    let language = text("language").map_or(Language::Other, |name| serde_json::from_value(name.into()).unwrap());
    let finding = Finding {
        id: "f".into(),
        kind,
        tool: text("tool").unwrap_or_default(),
        rule: text("rule").expect("a rule"),
        severity: Severity::Error,
        message: text("message").unwrap_or_default(),
        location,
        subproject: subproject.clone(),
        recipe: Recipe::Lint,
        fingerprint: Digest::of("f"),
        suggestions: Vec::new(),
    };
    (finding, Subproject { path: subproject, language, recipes: BTreeMap::new() })
}

fn read_tree(root: &Path) -> BTreeMap<RepoPath, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                let name = name.strip_suffix(".in").unwrap_or(name);
                files.insert(RepoPath::new(name).unwrap(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

fn apply(files: &mut BTreeMap<RepoPath, Vec<u8>>, mut edits: Vec<Edit>, name: &str) {
    edits.sort();
    edits.reverse();
    let mut bound: Option<(RepoPath, usize)> = None;
    for edit in edits {
        if let Some((path, start)) = &bound {
            assert!(*path != edit.path || edit.end <= *start, "{name}: overlapping edits");
        }
        bound = Some((edit.path.clone(), edit.start));
        let bytes = files.entry(edit.path).or_default();
        bytes.splice(edit.start..edit.end, edit.text.into_bytes());
    }
}
