//! Which repairs are deterministic, as data: what a class of failure (and, where that tells more, the rule that decided it) is repaired
//! by. A row promises nothing of one failure: the engines are asked, and the gates decide. That a tool has an answer of its own is said
//! only where one of those that complained has any.

use diagnostics::{Class, Diagnostic, Report};
use domain::FindingKind;

/// What may repair a class of failure without a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Repairs {
    #[serde(skip)]
    class: Class,
    /// Rules of the reader that this row is for, by how their names begin, a word at least; none: all others of the class.
    #[serde(skip)]
    rules: &'static [&'static str],
    /// The engine `tool` can: with the suggestions that come with the findings, or as a formatter that writes.
    pub(crate) tool: bool,
    /// The fixers that know such findings.
    pub(crate) fixers: &'static [&'static str],
}

const fn row(class: FindingKind, rules: &'static [&'static str], tool: bool, fixers: &'static [&'static str]) -> Repairs {
    Repairs { class: Class::Finding(class), rules, tool, fixers }
}

/// The table, the more specific rows of a class first.
const TABLE: &[Repairs] = &[
    row(FindingKind::Formatting, &[], true, &[]),
    row(
        FindingKind::Linting,
        &["lint-python"],
        true,
        &[
            "ambiguous_name",
            "broad_except",
            "compound_statement",
            "import_not_at_top",
            "missing_python_import",
            "misspelt_name",
            "mutable_class_default",
            "naive_utc",
            "nested_with_if",
            "package_export",
            "percent_format",
            "python2_name",
            "python2_syntax",
            "python_redefinition",
            "root_logger",
            "star_argument_order",
            "star_import",
            "stray_shebang",
            "type_comparison",
            "unclosed_file",
            "undefined_export",
            "unused_global",
            "unused_unpacking",
            "useless_expression",
            "vanilla_exception",
            "version_check",
        ],
    ),
    row(
        FindingKind::Linting,
        &["lint-js"],
        true,
        &[
            "confusing_js",
            "deprecated_js",
            "missing_js_import",
            "misspelt_js",
            "redeclared_js",
            "undefined_js",
            "unreachable_js",
            "unused_js",
            "useless_assignment",
        ],
    ),
    row(
        FindingKind::Linting,
        &["lint-rust"],
        true,
        &[
            "deprecated_std",
            "len_without_is_empty",
            "partial_write",
            "split_bounds",
            "try_macro",
            "unknown_cfg",
            "unused_lifetime",
            "unused_rust",
            "unused_unsafe",
            "while_let_loop",
        ],
    ),
    row(
        FindingKind::Linting,
        &["lint-golangci"],
        true,
        &["copied_lock", "deprecated_go", "go_printf", "go_struct_tag", "misplaced_go", "useless_go"],
    ),
    row(FindingKind::Linting, &[], true, &[]),
    row(FindingKind::BuildError, &["build-rust"], true, &["crate_paths", "missing_rust_use", "unresolved_crate"]),
    row(FindingKind::BuildError, &["build-go"], true, &["missing_go_import", "missing_go_module", "misspelt_go", "unused_go"]),
    row(FindingKind::BuildError, &["build-c", "link"], true, &["missing_c_header", "misspelt_c", "unused_c"]),
    row(FindingKind::BuildError, &["syntax"], false, &["python2_syntax"]),
    row(FindingKind::ImportError, &["import-python"], false, &["missing_python_dependency", "optional_import"]),
    row(FindingKind::ImportError, &["import-js"], false, &["missing_js_dependency"]),
    row(FindingKind::ImportError, &["import-rust"], true, &["crate_paths", "missing_rust_use", "unresolved_crate"]),
    row(FindingKind::DependencyIssue, &["lockfile-stale"], false, &["stale_lockfile"]),
    row(FindingKind::DependencyIssue, &["resolve-go"], false, &["missing_go_module"]),
    row(FindingKind::DependencyIssue, &["diagnostics"], false, &["vulnerable_dependency"]),
    row(FindingKind::Security, &["audit"], false, &["vulnerable_dependency"]),
    row(
        FindingKind::Deprecation,
        &["deprecation-raised", "diagnostics"],
        false,
        &["deprecated_c", "deprecated_go", "deprecated_js", "deprecated_std", "naive_utc"],
    ),
];

/// Returns what may repair a failure that this rule of the reader decided to be of this class, by what the tools said.
pub(crate) fn of(class: Class, rule: &str, report: &Report) -> Option<Repairs> {
    let is_named = |start: &&str| rule.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let fits = |row: &&Repairs| row.class == class && (row.rules.is_empty() || row.rules.iter().any(is_named));
    let row = TABLE.iter().find(fits)?;
    let kind = match class {
        Class::Finding(kind) => Some(kind),
        _ => None,
    };
    let offers = |one: &Diagnostic| !one.suggestions.is_empty() || diagnostics::is_able(&one.tool);
    let tool = row.tool && report.diagnostics.iter().any(|one| Some(one.kind) == kind && offers(one));
    Some(Repairs { tool, ..*row }).filter(|row| row.tool || !row.fixers.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engines::fixers;

    #[test]
    fn every_fixer_that_is_named_exists() {
        for name in TABLE.iter().flat_map(|row| row.fixers) {
            assert!(fixers::all().any(|fixer| fixer.id == *name), "{name} is no fixer");
        }
        assert!(TABLE.iter().all(|row| row.tool || !row.fixers.is_empty()));
    }

    /// Returns the report of what a tool says.
    fn said(text: &str) -> Report {
        diagnostics::read(&diagnostics::Output { stdout: text.as_bytes(), stderr: b"", tool: None })
    }

    #[test]
    fn the_rule_tells_more_than_the_class() {
        let nothing = Report::default();
        let fixers = |class, rule| of(class, rule, &nothing).map(|row| row.fixers);
        let dependency = Class::Finding(FindingKind::DependencyIssue);
        assert_eq!(fixers(dependency, "lockfile-stale"), Some(&["stale_lockfile"][..]));
        assert_eq!(fixers(dependency, "resolve-python"), None);
        assert_eq!(fixers(Class::Finding(FindingKind::Deprecation), "action-deprecated"), None);
        let build = Class::Finding(FindingKind::BuildError);
        assert!(fixers(build, "build-c").is_some() && fixers(build, "build-cmake").is_none(), "a part of a name is none");
        assert_eq!(fixers(Class::Network, "network"), None);
        assert_eq!(fixers(Class::Cancelled, "cancelled"), None);
    }

    #[test]
    fn a_tool_is_named_where_it_has_an_answer() {
        let by_tool = |class, rule: &str, text: &str| of(Class::Finding(class), rule, &said(text)).map(|row| row.tool);
        let lint = |text| by_tool(FindingKind::Linting, "diagnostics", text);
        assert_eq!(lint("a.py:1:8: F401 [*] `os` imported but unused\nFound 1 error.\n"), Some(true));
        assert_eq!(lint("✖   subject may not be empty [subject-empty]\n\n✖   found 1 problems, 0 warnings\n"), None);
        assert_eq!(lint("a.kt:3:9: The function f is too long (61). [LongMethod]\n"), None);
        assert_eq!(by_tool(FindingKind::Formatting, "formatting-python", "would reformat a.py\n"), Some(true));
        assert_eq!(by_tool(FindingKind::Linting, "lint-golangci", ""), Some(false), "fixers know some of it");
    }
}
