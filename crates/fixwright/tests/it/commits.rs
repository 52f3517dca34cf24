//! Commits in every language, out of the history of real packages: what `fixwright safety` says that they newly let the program do.
//!
//! Each folder of `fixtures/commits` has the files before and after, and what must be said of it; its README says how. In every language one of
//! them gains something.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use testkit::Repo;

use crate::bench::{Bench, code};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/commits")
}

/// Returns the files below a folder, each with its path in it.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut open, mut all) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                all.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    all
}

/// Returns what is said of the last commit of a repository, in the form of `expected.txt`.
fn said(document: &Value) -> Vec<String> {
    let place = |one: &Value| format!("{}:{}", one["path"].as_str().unwrap(), one["line"]);
    let line = |sign: char, one: &Value| format!("{sign} {} {}", place(one), one["capability"].as_str().unwrap_or("unknown"));
    let of = |list: &Value| list.as_array().unwrap().clone();
    let mut said: Vec<String> = of(&document["gains"]).iter().map(|gain| line('+', gain)).collect();
    let passed = of(&document["delta"]["added"]).into_iter().filter(|one| !said.contains(&line('+', one)));
    let passed: Vec<String> = passed.map(|one| line('=', &one)).collect();
    said.extend(passed);
    said.push(format!("- {}", of(&document["delta"]["removed"]).len()));
    said
}

#[test]
fn a_commit_in_every_language_gains_what_it_newly_does_and_nothing_else() {
    const LANGUAGES: &[&str] = &[
        "bash",
        "c",
        "cpp",
        "csharp",
        "go",
        "java",
        "javascript",
        "kotlin",
        "php",
        "python",
        "ruby",
        "rust",
        "scala",
        "typescript",
    ];
    let mut wrong = Vec::new();
    let mut commits: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    commits.retain(|path| path.is_dir());
    commits.sort();
    let mut gaining = BTreeSet::new();
    for commit in commits {
        assert!(commit.join("origin.txt").is_file(), "{} comes from nowhere", commit.display());
        let repo = Repo::new();
        for (path, text) in files(&commit.join("before")) {
            repo.file(&path, text);
        }
        repo.commit("before");
        for (path, text) in files(&commit.join("after")) {
            repo.file(&path, text);
        }
        repo.commit("after");
        let bench = Bench::new(repo);
        let expected = fs::read_to_string(commit.join("expected.txt")).unwrap();
        if expected.contains(['+', '=']) {
            gaining.extend(commit.file_name().unwrap().to_str().unwrap().split('-').next().map(str::to_owned));
        }
        let ended = if expected.contains("+ ") { code::REMAIN } else { code::DONE };
        let said = said(&bench.run(["safety", "--json", "--base", "HEAD~1"]).document(ended));
        if said != expected.lines().collect::<Vec<_>>() {
            wrong.push(format!("{}: {said:#?}\ninstead of\n{expected}", commit.display()));
        }
        assert_eq!(bench.left(), Vec::<String>::new());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(gaining.iter().map(String::as_str).collect::<Vec<_>>(), LANGUAGES);
}
