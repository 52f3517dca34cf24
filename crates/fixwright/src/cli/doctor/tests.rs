//! Machines made to order: a `PATH` of scripts.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// A machine with these programs and what they do.
fn machine(programs: &[(&str, &str)]) -> (tempfile::TempDir, Env) {
    let folder = tempfile::tempdir().unwrap();
    for (name, script) in programs {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let env = Env::from_pairs([("PATH", folder.path())]);
    (folder, env)
}

fn sandbox() -> Walls {
    let held = Capabilities {
        backend: "none",
        holds: vec![Hold::WallTime, Hold::Output],
        not_held: vec![Hold::Network, Hold::FileReads],
        missing: Vec::new(),
        memory_by: Some(MemoryBy::Looks),
        registries: false,
        better: vec!["memory by a spell: learn it".to_owned()],
    };
    let probe = |name, held| Probe { name, held, untried: None };
    Walls { held, probes: vec![probe("doors", true), probe("windows", false)] }
}

fn doctor(programs: &[(&str, &str)], json: bool) -> (bool, String) {
    let (_folder, env) = machine(programs);
    let mut out = Vec::new();
    let ready = run(&Args { json }, &env, &sandbox(), &mut out).unwrap();
    (ready, String::from_utf8(out).unwrap())
}

fn line<'t>(text: &'t str, name: &str) -> &'t str {
    text.lines().find(|line| line.split_whitespace().nth(1) == Some(name)).unwrap()
}

#[test]
fn it_names_versions_and_what_installs_the_rest() {
    let programs = [
        ("git", "echo git version 2.39.5"),
        (
            "cargo",
            "case $1 in clippy) echo \"error: 'cargo-clippy' is not installed\" >&2; exit 1;; *) echo 'cargo 1.95.0 (abc 2026-01-01)';; esac",
        ),
        ("cargo-clippy", ""),
        ("cargo-fmt", ""),
        ("go", "test \"$1\" = version && echo go version go1.26.1 linux/amd64"),
        ("gofmt", "exit 2"),
        (
            "python3",
            "case \"$*\" in *EXTERNALLY*) echo False;; '-m pytest --version') echo pytest 8.1.0;; -m*) exit 1;; *) echo Python 3.11.7;; esac",
        ),
    ];
    let (ready, text) = doctor(&programs, false);
    assert!(ready);
    // The fixers are listed too; which there are is not this test's business.
    let (before, after) = text.split_once("Fixers\n").unwrap();
    let text = [before, after.get(after.find("Sandbox").unwrap()..).unwrap()].concat();
    insta::assert_snapshot!(text, @r"
    Toolchains
      ✔ git            needed for everything                2.39.5
      ✔ cargo          Rust                                 1.95.0
      · rustc          Rust                                 missing: curl --proto '=https' -sSf https://sh.rustup.rs | sh
      ✔ python3        Python                               3.11.7
      · node           JavaScript, TypeScript               missing: sudo apt-get install nodejs
      · npm            JavaScript, TypeScript               missing: sudo apt-get install npm
      ✔ go             Go                                   1.26.1
      · gcc            C, C++                               missing: sudo apt-get install gcc
      · clang          C, C++                               missing: sudo apt-get install clang
      · make           builds of C                          missing: sudo apt-get install make
      · cmake          builds of C and C++                  missing: sudo apt-get install cmake
      · mvn            Java                                 missing: sudo apt-get install maven
      · gradle         Java                                 missing: sudo apt-get install gradle
    Linters
      ✘ cargo-clippy   Rust                                 does not work (error: 'cargo-clippy' is not installed): rustup component add clippy
      · ruff           Python: lint with fixes, format      missing: python3 -m pip install ruff
      · flake8         Python                               missing: python3 -m pip install flake8
      · pylint         Python                               missing: python3 -m pip install pylint
      · eslint         JavaScript, TypeScript               missing: npm install --save-dev eslint
      · golangci-lint  Go, where a project uses it          missing: go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@latest
    Formatters
      ✔ cargo-fmt      Rust                                 1.95.0
      · black          Python, where a project uses it      missing: python3 -m pip install black
      · isort          Python, where a project uses it      missing: python3 -m pip install isort
      · prettier       JavaScript, where a project uses it  missing: npm install --save-dev prettier
      ✔ gofmt          Go                                   there
      · clang-format   C, C++, where a project uses it      missing: sudo apt-get install clang-format
    Type checkers
      · mypy           Python, where a project uses it      missing: python3 -m pip install mypy
      · tsc            TypeScript                           missing: npm install --save-dev typescript
    Test runners
      ✔ pytest         Python; else unittest runs           8.1.0
    Auditors of dependencies
      · cargo-audit    Cargo.lock                           missing: cargo install --locked cargo-audit
      · pip-audit      Python requirements                  missing: python3 -m pip install pip-audit
      · osv-scanner    lockfiles of all kinds               missing: go install github.com/google/osv-scanner/v2/cmd/osv-scanner@latest
    Sandbox
      none             holds wall time, output
                       does not hold network, file reads
                       holds memory by looks
                       would be better: memory by a spell: learn it
      ✔ doors
      ✘ windows                                      does not hold

    The main job can run: `fixwright demo` shows it.
    ");
}

#[test]
fn where_the_system_owns_python_pip_is_not_the_way() {
    let owned = |python: &'static str| doctor(&[("python3", python)], false).1;
    let text = owned("case \"$*\" in *EXTERNALLY*) echo True;; -m*) exit 1;; esac");
    assert!(line(&text, "ruff").ends_with("missing: pipx install ruff"));
    assert!(line(&text, "pytest").ends_with("missing: sudo apt-get install python3-pytest"));
}

#[test]
fn git_and_one_toolchain_are_what_it_takes() {
    let good = "echo 1.2.3";
    for (programs, expected) in [
        (&[("git", good), ("node", good)] as &[_], true),
        (&[("git", good)], false),
        (&[("git", good), ("make", good), ("npm", good)], false),
        (&[("node", good)], false),
        (&[("git", good), ("node", "exit 1")], false),
    ] {
        assert_eq!(doctor(programs, false).0, expected, "{programs:?}");
    }
}

#[test]
fn the_json_document_says_the_same() {
    let (ready, text) = doctor(&[("git", "echo git version 2.39.5"), ("clang", "echo '\u{1b}[31mbroken' >&2; exit 1")], true);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((ready, &document["ready"], &document["schema"]), (false, &false.into(), &1.into()));
    let tool = |name: &str| document["tools"].as_array().unwrap().iter().find(|tool| tool["name"] == name).unwrap().clone();
    assert_eq!((tool("git")["state"].as_str(), tool("git")["version"].as_str()), (Some("found"), Some("2.39.5")));
    assert_eq!((tool("clang")["state"].as_str(), tool("clang")["says"].as_str()), (Some("broken"), Some("[31mbroken")));
    assert_eq!(tool("go")["install"], "sudo apt-get install golang-go");
    assert_eq!(document["sandbox"]["not_held"][0], "network");
    assert_eq!(document["sandbox"]["probes"][1], serde_json::json!({ "name": "windows", "held": false }));
}

#[test]
fn versions_are_found_in_what_tools_say() {
    for (said, found) in [
        ("git version 2.39.5", Some("2.39.5")),
        ("go version go1.26.1 linux/amd64", Some("1.26.1")),
        ("v20.20.2", Some("20.20.2")),
        ("7.2.0 (mccabe: 0.7.0, pycodestyle: 2.13.0) CPython 3.11.7 on Linux", Some("7.2.0")),
        ("VULTURE: none", None),
        ("golangci-lint has version 2.1.6 built with go1.24", Some("2.1.6")),
    ] {
        assert_eq!(version(said).as_deref(), found);
    }
}
