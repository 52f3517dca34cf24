//! Suppressions: comments and attributes that silence a tool. A change that adds one settles nothing.

use domain::Language;

use crate::{descendants, parse};

/// Markers in comments, in lower case.
const PYTHON: &[&str] = &[
    "noqa",
    "type: ignore",
    "type:ignore",
    "pyright: ignore",
    "pyright:ignore",
    "pyre-ignore",
    "pyre-fixme",
    "pylint: disable",
    "pylint:disable",
    "pylint: skip-file",
    "mypy: ignore-errors",
    "mypy: disable-error-code",
    "nosec",
    "fmt: off",
    "fmt: skip",
    "isort: skip",
    "isort:skip",
    "isort: off",
    "yapf: disable",
    "ruff: ignore",
    "ruff: disable",
    "nosonar",
    "no-check-annotations",
    "pragma: no cover",
];
const SCRIPT: &[&str] = &[
    "eslint-disable",
    "@ts-ignore",
    "@ts-expect-error",
    "@ts-nocheck",
    "prettier-ignore",
    "tslint:disable",
    "biome-ignore",
    "jshint ignore",
    "jshint -",
    "jscs:disable",
    "oxlint-disable",
    "deno-lint-ignore",
    "istanbul ignore",
    "c8 ignore",
    "nosonar",
    "flow-ignore",
    "$flowfixme",
    "$flowignore",
];
const GO: &[&str] = &["nolint", "lint:ignore", "lint:file-ignore", "#nosec", "nosonar"];
const C: &[&str] = &[
    "nolint",
    "clang-format off",
    "cppcheck-suppress",
    "lint -e",
    "lint !e",
    "gcovr_excl",
    "lcov_excl",
    "coverity[",
    "nosonar",
    "iwyu pragma: keep",
];
const JAVA: &[&str] =
    &["@suppresswarnings", "checkstyle:off", "checkstyle.off", "nopmd", "noinspection", "nosonar", "spotless:off"];
const CSHARP: &[&str] = &["resharper disable", "nosonar", "stylecop.disable"];
const RUBY: &[&str] =
    &["rubocop:disable", "rubocop:todo", "standard:disable", "steep:ignore", "typed: ignore", "brakeman:ignore"];
const PHP: &[&str] = &[
    "@phpstan-ignore",
    "@psalm-suppress",
    "phpcs:ignore",
    "phpcs:disable",
    "@codingstandardsignore",
    "@suppresswarnings",
    "nosonar",
];
const KOTLIN: &[&str] = &["ktlint-disable", "detekt:", "noinspection", "nosonar"];
const SCALA: &[&str] = &["scalastyle:off", "scalafix:off", "scalafix:ok", "scalafmt: off", "nosonar"];
const BASH: &[&str] = &["shellcheck disable", "nosonar"];
const ANY: &[&str] = &[
    "noqa",
    "type: ignore",
    "pylint: disable",
    "nosec",
    "eslint-disable",
    "@ts-ignore",
    "nolint",
    "shellcheck disable",
    "hadolint ignore",
    "yamllint disable",
    "markdownlint-disable",
    "rubocop:disable",
    "phpcs:disable",
    "@suppresswarnings",
    "nosonar",
];

/// Names of attributes (Rust) that silence.
const RUST_ATTRIBUTES: &[&str] = &["allow", "expect", "rustfmt::skip", "rustfmt_skip"];

/// Returns the suppressions in a file: comments and attributes that silence a tool (`# noqa`, `# type: ignore`, `# pylint: disable`,
/// `#[allow(…)]`, `#[expect(…)]`, `eslint-disable`, `@ts-ignore`, `//nolint`, `NOLINT`, …), in order.
///
/// Each is given as it stands (the comment or the attribute, its white space made single) and not with the code beside it: a change of that code adds no suppression,
/// and one more rule in the list of an old one makes a new one. Without a grammar, or when the file does not parse in time, every line that holds a marker counts.
#[must_use]
pub fn suppressions(language: Language, text: &[u8]) -> Vec<String> {
    let markers = match language {
        Language::Rust => &[],
        Language::Python => PYTHON,
        Language::JavaScript | Language::TypeScript => SCRIPT,
        Language::Go => GO,
        Language::C | Language::Cpp => C,
        Language::Java => JAVA,
        Language::CSharp => CSHARP,
        Language::Ruby => RUBY,
        Language::Php => PHP,
        Language::Kotlin => KOTLIN,
        Language::Scala => SCALA,
        Language::Bash => BASH,
        Language::Other => ANY,
    };
    let Some(tree) = parse(language, text) else {
        let lines = String::from_utf8_lossy(text);
        let silences = |line: &str| match language {
            Language::Rust => line.trim_start().starts_with("#") && rust_attribute_silences(line),
            Language::Cpp | Language::C if pragma_silences(line) => true,
            _ => marked(line, markers),
        };
        return lines.lines().filter(|line| silences(line)).map(single_spaced).collect();
    };
    let mut found = Vec::new();
    for node in descendants(tree.root_node()) {
        let own = || text.get(node.byte_range()).map(String::from_utf8_lossy).unwrap_or_default();
        match node.kind() {
            "comment" | "line_comment" | "block_comment" | "html_comment" => {
                found.extend(
                    own().lines().filter(|line| marked(line, markers) || inline_configuration(language, line)).map(single_spaced),
                );
            }
            "attribute_item" | "inner_attribute_item" if rust_attribute_silences(&own()) => found.push(single_spaced(&own())),
            "annotation" | "marker_annotation" | "file_annotation" | "attribute_list" if annotation_silences(&own()) => {
                found.push(single_spaced(&own()));
            }
            "preproc_call" | "preproc_pragma" if pragma_silences(&own()) => found.push(single_spaced(&own())),
            _ => {}
        }
    }
    found
}

fn marked(line: &str, markers: &[&str]) -> bool {
    let line = line.to_lowercase();
    markers.iter().any(|marker| line.contains(marker))
}

/// `/* eslint no-undef: "off" */`: configuration within a file.
fn inline_configuration(language: Language, comment: &str) -> bool {
    matches!(language, Language::JavaScript | Language::TypeScript)
        && comment.trim_start_matches(['/', '*', ' ', '\t']).starts_with("eslint ")
}

fn rust_attribute_silences(attribute: &str) -> bool {
    // `cfg_attr(test, allow(…))` silences as well, so names are looked for behind every `[`, `(` and `,`.
    let packed: String = attribute.chars().filter(|c| !c.is_whitespace()).collect();
    packed.match_indices(['[', '(', ',']).any(|(at, _)| {
        let rest = packed.get(at + 1..).unwrap_or_default();
        RUST_ATTRIBUTES.iter().any(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with(['(', ']', ')', ','])))
    })
}

/// `@SuppressWarnings("unchecked")`, `@file:Suppress("UNUSED")`, `@nowarn`, `[SuppressMessage(…)]`.
fn annotation_silences(annotation: &str) -> bool {
    let name = annotation.trim_start_matches(['@', '[', ' ']);
    let name = ["file:", "assembly:", "module:"].iter().find_map(|target| name.strip_prefix(target)).unwrap_or(name).trim_start();
    ["Suppress", "nowarn"].iter().any(|word| name.starts_with(word))
}

fn pragma_silences(line: &str) -> bool {
    let packed = single_spaced(line).replace("# pragma", "#pragma").to_lowercase();
    packed.starts_with("#pragma")
        && (packed.contains("diagnostic ignored")
            || packed.contains("diagnostic warning")
            || (packed.contains("warning") && packed.contains("disable")))
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python() {
        let text = "import os  # noqa: F401\ns = '# noqa'\nx = f()  # type: ignore[attr]\n# pylint: disable=all\n# a note\n";
        assert_eq!(
            suppressions(Language::Python, text.as_bytes()),
            ["# noqa: F401", "# type: ignore[attr]", "# pylint: disable=all"]
        );
    }

    #[test]
    fn rust() {
        let text = "#![allow(dead_code)]\n#[derive(Debug)]\n#[cfg_attr(test, expect(unused))]\nstruct A;\n// allow(this)\n#[rustfmt::skip]\nfn f() {}\n#[cfg(any(a, allowed))]\nfn g() {}\n";
        assert_eq!(
            suppressions(Language::Rust, text.as_bytes()),
            ["#![allow(dead_code)]", "#[cfg_attr(test, expect(unused))]", "#[rustfmt::skip]"]
        );
    }

    #[test]
    fn scripts() {
        let text = "/* eslint-disable no-console,\n   no-undef */\n// @ts-ignore\nlet a = 'eslint-disable';\n/* eslint no-undef: 0 */\n/* global b */\n";
        for language in [Language::JavaScript, Language::TypeScript] {
            assert_eq!(
                suppressions(language, text.as_bytes()),
                ["/* eslint-disable no-console,", "// @ts-ignore", "/* eslint no-undef: 0 */"]
            );
        }
    }

    #[test]
    fn go_and_c() {
        assert_eq!(suppressions(Language::Go, b"package a\n\nvar b = 1 //nolint:unused\n"), ["//nolint:unused"]);
        let text = b"#pragma GCC diagnostic ignored \"-Wall\"\n#pragma once\nint a; // NOLINT(x)\n";
        for language in [Language::C, Language::Cpp] {
            let found = suppressions(language, text);
            assert_eq!(found.len(), 2, "{language}: {found:?}");
            assert!(found[0].starts_with("#pragma GCC") && found[1].ends_with("// NOLINT(x)"), "{found:?}");
        }
    }

    #[test]
    fn annotations() {
        for (language, text, silences) in [
            (
                Language::Java,
                "class A { @SuppressWarnings(\"x\") void b() {} @Override void c() {} }",
                "@SuppressWarnings(\"x\")",
            ),
            (Language::Kotlin, "class A {\n  @Suppress(\"UNUSED\")\n  fun a() {}\n}\n", "@Suppress(\"UNUSED\")"),
            (Language::Scala, "@nowarn class A { @tailrec def b: Int = 1 }", "@nowarn"),
            (
                Language::CSharp,
                "#pragma warning disable CS0168\nclass A { [Fact] void B() {} }",
                "#pragma warning disable CS0168",
            ),
            (Language::Ruby, "a = 1 # rubocop:disable Lint/X\nb = '# rubocop:disable'\n", "# rubocop:disable Lint/X"),
            (Language::Php, "<?php\n// @phpstan-ignore-next-line\n$a = 1; // note\n", "// @phpstan-ignore-next-line"),
            (Language::Bash, "# shellcheck disable=SC2086\necho $1 # note\n", "# shellcheck disable=SC2086"),
        ] {
            assert_eq!(suppressions(language, text.as_bytes()), [silences], "{language}");
        }
    }

    #[test]
    fn code_beside_a_suppression_does_not_count_and_its_rules_do() {
        let of = |text: &str| suppressions(Language::Python, text.as_bytes());
        assert_eq!(of("import a, b # noqa: F401\n"), of("import b  #  noqa: F401\n"));
        assert_ne!(of("import a # noqa: F401\n"), of("import a # noqa: F401, E402\n"));
    }
}
