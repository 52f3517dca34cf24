//! Python's checkers, but for those whose messages are read by a file of their own: mypy, pylint, flake8, ruff.

use domain::{FindingKind, Severity};

use super::{Shape, shape};
use crate::{Diagnostic, Unit};

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "pyright",
        [" - error: ", " - warning: ", " - information: "],
        r"^\s*<path>:<line>:<column> - <severity>: <message>(?: \(<rule>\))?$",
        more: "^\u{a0}*\\s{2,}[\u{a0}\\s]{2,}(\\S.*?)(?: \\(report\\w+\\))?$",
        kind: FindingKind::TypeChecking,
        rule: "syntax-error",
        unit: Unit::Utf16,
        mend: pyright,
    ),
    shape!(
        "ty",
        [": error[", ": warning[", ": info["],
        r"^<path>:<line>:<column>: <severity>\[<rule>\] <message>$",
        kind: FindingKind::TypeChecking,
        mend: unresolved_import,
    ),
    shape!(
        "bandit",
        [">> Issue: ["],
        r"^>> Issue: \[<rule>:[\w-]+\] <message>$",
        below: &[r"^\s+Severity: <severity> ", r"^\s+Location: <path>:<line>:<column>$"],
        kind: FindingKind::Security,
        unit: Unit::Byte,
        first: 0,
    ),
    // `-f custom`, by its default template; the path may come before in any form.
    shape!(
        "bandit",
        ["[bandit]: "],
        r"^<path>:<line>: (?<rule>B\d{3})\[bandit\]: <severity>: <message>$",
        kind: FindingKind::Security,
    ),
    shape!(
        "mdformat",
        ["Error: File \""],
        r#"^Error: File "(?<path>.+)" is (?<message>not formatted)\.$"#,
        kind: FindingKind::Formatting,
        rule: "mdformat",
    ),
    shape!(
        "vulture",
        ["% confidence)"],
        r"^<path>:<line>: (?<message>(?<rule>unused [a-z]+|unreachable code|unsatisfiable \S+|redundant \S+).*?) \(\d+% confidence[^)]*\)$",
        severity: Severity::Warning,
        mend: |found| found.rule = found.rule.replace(' ', "-"),
    ),
    shape!(
        "pydocstyle",
        [" D1", " D2", " D3", " D4"],
        r"^\s+(?<rule>D\d{3}): <message>$",
        above: &[r"^<path>:<line> (?:at|in) .*:$"],
        severity: Severity::Warning,
    ),
    // `--output-format grouped`.
    shape!(
        "ruff",
        ["0:", "1:", "2:", "3:", "4:", "5:", "6:", "7:", "8:", "9:"],
        r"^\s+<line>:<column>\s+(?<rule>[A-Z]{1,6}\d{2,4}|[a-z]+(?:-[a-z]+)+)\s+(?:\[[*-]\] )?<message>$",
        above: &[r"^(?<path>\S.*\.(?:pyi?|ipynb|toml)):$"],
        mend: |found| {
            if found.rule == "invalid-syntax" {
                (found.rule, found.kind) = ("syntax-error".to_owned(), FindingKind::BuildError);
            }
        },
    ),
    shape!(
        "django",
        [".E", ".W", ".C"],
        r"^[\w.?<>]+: \((?<rule>\w+\.[CEW]\d{3})\) <message>$",
        sign: r"^System check identified ",
        kind: FindingKind::BuildError,
    ),
    shape!("doc8", [": D0"], r"^<path>:<line>: (?<rule>D0\d\d) <message>$", severity: Severity::Warning),
    shape!(
        "codespell",
        [" ==> "],
        r"^<path>:<line>: (?<message>\S+ +==> .+)$",
        rule: "spelling",
        severity: Severity::Warning,
    ),
    // Its own summary; what failed within stands above it.
    shape!(
        "tox",
        [": FAIL code ", ": FAIL ✖ in "],
        r"^\s*(?<message>[\w.{},-]+: FAIL(?: code \d+)?)\b",
        kind: FindingKind::TestFailure,
        rule: "environment",
    ),
    shape!(
        "pre-commit",
        ["- hook id: "],
        r"^- hook id: (?<rule>\S+)$",
        below: &[r"^- (?<message>exit code: \d+|files were modified by this hook)$"],
    ),
];

fn pyright(found: &mut Diagnostic) {
    found.kind = match found.rule.as_str() {
        "reportMissingImports" | "reportUndefinedVariable" => FindingKind::ImportError,
        "reportDeprecated" => FindingKind::Deprecation,
        _ => FindingKind::TypeChecking,
    };
}

fn unresolved_import(found: &mut Diagnostic) {
    if matches!(found.rule.as_str(), "unresolved-import" | "unresolved-reference" | "missing-import") {
        found.kind = FindingKind::ImportError;
    }
}
