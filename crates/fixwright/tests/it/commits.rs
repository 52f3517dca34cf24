//! Commits in every language, in a real repository: what `fixwright safety` says that they newly let the program do.
//!
//! Each folder of `fixtures/commits` has the files before and after, and what must be said of it: every gain (`+ PATH:LINE CAPABILITY`) and how
//! many things the program cannot do any more (`- N`). All of them also rename or move something that could do as much before, which is no gain.

use std::fs;
use std::path::{Path, PathBuf};

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

#[test]
fn a_commit_in_every_language_gains_what_it_newly_does_and_nothing_else() {
    let mut wrong = Vec::new();
    let mut languages: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    languages.retain(|path| path.is_dir());
    languages.sort();
    assert!(languages.len() >= 14, "{languages:?}");
    for language in languages {
        let repo = Repo::new();
        for (path, text) in files(&language.join("before")) {
            repo.file(&path, text);
        }
        repo.commit("before");
        for (path, text) in files(&language.join("after")) {
            repo.file(&path, text);
        }
        repo.commit("after");
        let bench = Bench::new(repo);
        let expected = fs::read_to_string(language.join("expected.txt")).unwrap();
        let ended = if expected.contains("+ ") { code::REMAIN } else { code::DONE };
        let document = bench.run(["safety", "--json", "--base", "HEAD~1"]).document(ended);
        let gains = document["gains"].as_array().unwrap().iter();
        let mut said: Vec<String> = gains
            .map(|gain| {
                let what = gain["capability"].as_str().unwrap_or("unknown");
                format!("+ {}:{} {what}", gain["path"].as_str().unwrap(), gain["line"])
            })
            .collect();
        said.push(format!("- {}", document["delta"]["removed"].as_array().unwrap().len()));
        if said != expected.lines().collect::<Vec<_>>() {
            wrong.push(format!("{}: {said:#?}\ninstead of\n{expected}", language.display()));
        }
        assert_eq!(bench.left(), Vec::<String>::new());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
