//! What a tool says as text and in each structured form of the same project lies at the same bytes: the forms count columns in different
//! units, from 0 or from 1, and the recordings have text outside of ASCII before what they report.

#![expect(clippy::unwrap_used, reason = "what must hold fails the test")]

use std::path::Path;

use serde_json::Value;

/// The forms that one project was recorded in, for each tool.
const FORMS: &[&[&str]] = &[
    &["actionlint/text", "actionlint/json_non_ascii"],
    &["ansible-lint/text", "ansible-lint/json"],
    &["biome/text", "biome/json_non_ascii", "biome/github", "biome/rdjson", "biome/sarif"],
    &["buf/lint", "buf/json"],
    &["checkstyle/text", "checkstyle/xml", "checkstyle/sarif"],
    &["cppcheck/gcc", "cppcheck/xml"],
    &["golangci-lint/text", "golangci-lint/json", "golangci-lint/sarif"],
    &["gosec/json", "gosec/sarif"],
    &["hadolint/text", "hadolint/json", "hadolint/sarif"],
    &["ktlint/text", "ktlint/json", "ktlint/sarif"],
    &["oxlint/text", "oxlint/json_non_ascii", "oxlint/unix", "oxlint/github"],
    &["phpcs/emacs", "phpcs/json", "phpcs/checkstyle"],
    &["pmd/json", "pmd/xml"],
    &["pyrefly/text", "pyrefly/json"],
    &["revive/text", "revive/json"],
    &["rubocop/text", "rubocop/json", "rubocop/emacs"],
    &["semgrep/json", "semgrep/sarif"],
    &["shellcheck/text", "shellcheck/gcc", "shellcheck/json"],
    &["staticcheck/text", "staticcheck/json_non_ascii", "staticcheck/sarif"],
    &["stylelint/unix", "stylelint/json_non_ascii"],
    &["ty/text", "ty/concise", "ty/gitlab"],
    &["typos/text", "typos/json"],
    &["yamllint/text", "yamllint/parsable"],
    &["zizmor/text", "zizmor/sarif"],
    &["cargo/clippy_text", "cargo/json_non_ascii"],
    &["gcc/text", "gcc/json_non_ascii"],
    &["prettier/check", "prettier/list"],
    &["tsc/plain", "tsc/pretty"],
];

/// Where the findings of a recording begin, in bytes.
fn places(case: &str) -> Vec<(String, u64, u64)> {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(case).join("expected.json");
    let expected: Value = serde_json::from_slice(&std::fs::read(expected).unwrap()).unwrap();
    let place = |finding: &Value| {
        let at = finding["location"].as_object()?;
        Some((at["path"].as_str()?.to_owned(), at["line"].as_u64()?, at["column"].as_u64()?))
    };
    let mut places: Vec<_> = expected["findings"].as_array().unwrap().iter().filter_map(place).collect();
    places.sort();
    places
}

#[test]
fn all_forms_of_a_tool_name_the_same_bytes() {
    let mut wrong = Vec::new();
    for forms in FORMS {
        let [first, others @ ..] = forms else { continue };
        let expected = places(first);
        assert!(!expected.is_empty(), "{first}");
        for other in others {
            let found = places(other);
            if found != expected {
                wrong.push(format!("{first}: {expected:?}\n{other}: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
