//! The demo repairs all that somebody other than the author can repair, in every language whose toolchain is here.

use serde_json::Value;
use testkit::Repo;

use crate::bench::{Bench, Ran, code};

/// Repository, and the rules of the findings that it holds for its author.
const FOR_THE_AUTHOR: &[(&str, &[&str])] = &[
    ("rust-warnings", &["clippy::too_many_arguments"]),
    ("rust-build", &[]),
    // The feature that nobody has written.
    ("python-names", &["unittest"]),
    ("c-warnings", &["-Wsign-compare"]),
    ("javascript-requires", &[]),
    ("go-imports", &[]),
];

#[test]
fn nothing_is_left_but_what_is_for_the_author() {
    let bench = Bench::new(Repo::new());
    let mut command = bench.command(["demo", "--json"]);
    for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        #[expect(clippy::disallowed_methods, reason = "the toolchains of whoever runs the tests")]
        let value = std::env::var_os(name);
        command.envs(value.map(|value| (name, value)));
    }
    let document = Ran::of(command.spawn().unwrap()).document(code::DONE);
    let repositories = document["repositories"].as_array().unwrap();
    assert!(repositories.iter().any(|one| one["name"] == "rust-build"), "these tests were built with it");
    for repository in repositories {
        let (name, expected) = FOR_THE_AUTHOR.iter().find(|(name, _)| repository["name"] == *name).unwrap();
        let cases = repository["document"]["cases"].as_array().unwrap();
        let left = cases.iter().filter(|case| case["status"] != "delivered");
        let rules: Vec<&Value> =
            left.flat_map(|case| case["findings"].as_array().unwrap()).map(|finding| &finding["rule"]).collect();
        // A linter that is not installed finds nothing to leave.
        assert!(
            rules.len() <= expected.len() && rules.iter().all(|rule| expected.iter().any(|one| **rule == *one)),
            "{name}: {rules:?} are left"
        );
        assert!(!repository["document"]["branches"].as_array().unwrap().is_empty(), "{name}");
    }
}
