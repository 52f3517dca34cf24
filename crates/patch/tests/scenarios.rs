//! Scenario folders: an answer, the folder before, and the folder that is expected or the refusal.
//!
//! `fixtures/patch/<name>/` holds `answer`, `before/`, and either `expected/` (the whole folder afterwards) or `refusal`, each line of
//! which is part of what is said.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use domain::{Files, RepoPath};
use patch::{Outcome, Tree, plan};

type Folder = BTreeMap<RepoPath, Vec<u8>>;

fn read(root: &Path) -> Folder {
    let mut out = Folder::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = RepoPath::new(path.strip_prefix(root).unwrap().to_str().unwrap()).unwrap();
                out.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    out
}

fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/patch");
    let mut all: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

#[test]
fn every_scenario_comes_out_as_it_says() {
    let mut wrong = Vec::new();
    for folder in scenarios() {
        let name = folder.file_name().unwrap().to_str().unwrap();
        let before = read(&folder.join("before"));
        let planned = plan(fs::read(folder.join("answer")).unwrap(), &Tree::new(Files::from_map(before.clone())));
        let refusal = fs::read_to_string(folder.join("refusal")).ok();
        match (planned, refusal) {
            (Err(refusal), Some(said)) if said.lines().all(|part| refusal.to_string().contains(part)) => {}
            (Err(refusal), said) => wrong.push(format!("{name}: refused with `{refusal}`, and expected is {said:?}")),
            (Ok(plan), Some(_)) => wrong.push(format!("{name}: it must be refused:\n{}", String::from_utf8_lossy(&plan.diff()))),
            (Ok(plan), None) => {
                let expected = read(&folder.join("expected"));
                let mut after = before.clone();
                for file in &plan.files {
                    match &file.after {
                        Some(text) => after.insert(file.path.clone(), text.to_vec()),
                        None => after.remove(&file.path),
                    };
                }
                if after != expected || (plan.outcome == Outcome::AlreadyApplied) != (before == expected) {
                    wrong.push(format!("{name}: {:?}\n{}", plan.outcome, String::from_utf8_lossy(&plan.diff())));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
