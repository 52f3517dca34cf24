//! Imports, formatting, and errors that carry the code of their compiler.

use domain::FindingKind::{BuildError, Formatting, ImportError, Linting};

use crate::class::Class::Finding;
use crate::log::rule::Reach::{Block, Indented, Line};
use crate::log::rule::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "import-python",
        Finding(ImportError),
        (92, 93),
        Line,
        &["ModuleNotFoundError: ", "ImportError: "],
        r"^(?:E\s+)?(?:ModuleNotFoundError: No module named|ImportError: )",
    ),
    rule(
        "import-js",
        Finding(ImportError),
        (90, 91),
        Line,
        &[
            "Cannot find module '",
            "Cannot find package '",
            "ERR_MODULE_NOT_FOUND",
            "Failed to resolve import",
            "Module not found: ",
            "does not provide an export named",
        ],
        r"Cannot find (?:module|package) '|does not provide an export named|Failed to resolve import|Module not found: ",
    ),
    rule(
        "import-rust",
        Finding(ImportError),
        (90, 93),
        Block,
        &["error[E04", "can't find crate"],
        r"^error\[E04(?:32|33|63)\]|can't find crate for",
    ),
    rule(
        "import-go",
        Finding(ImportError),
        (90, 92),
        Line,
        &[" cannot find package ", " is not in GOROOT", " is not in std"],
        r"\.go:\d+:\d+: (?:cannot find package \x22|package \S+ is not in (?:GOROOT|std)\b)",
    ),
    rule(
        "formatting-python",
        Finding(Formatting),
        (92, 88),
        Line,
        &["ould reformat", "ould be reformatted", "ncorrectly sorted"],
        r"^(?:W|w)ould reformat:? \S|ould be reformatted|Imports are incorrectly sorted",
    ),
    rule(
        "formatting-terraform",
        Finding(Formatting),
        (75, 60),
        Line,
        &["Terraform exited with code 3"],
        r"^Error: Terraform exited with code 3\.$",
    ),
    rule(
        "helm-lint",
        Finding(Linting),
        (90, 88),
        Line,
        &["[ERROR] "],
        r"^\[ERROR\] (?:templates/|Chart\.yaml|values\.yaml|crds/)\S*: ",
    ),
    rule(
        "formatting-prettier",
        Finding(Formatting),
        (92, 88),
        Line,
        &["[warn] ", "Code style issues", "content differs"],
        r"^\[warn\] (?:\S+\.\w+$|Code style issues)|^Code style issues found|File content differs from formatting output",
    ),
    rule("formatting-rust", Finding(Formatting), (92, 88), Indented, &["Diff in "], r"^Diff in .+?(?::\d+:| at line \d+:)$"),
    rule(
        "formatting-others",
        Finding(Formatting),
        (90, 88),
        Line,
        &[
            "clang-format-violations",
            "format violations",
            "is not properly formatted",
            "ile is not `gofmt",
            "ile is not gofmted",
            "ile is not goimport",
            "ile is not `goimport",
            "files were modified by this hook",
        ],
        r"ile is not (?:gofmted|`?goimport)|-Wclang-format-violations|had format violations|is not properly formatted|ile is not `gofmt|files were modified by this hook",
    ),
    rule("build-rust", Finding(BuildError), (93, 93), Block, &["error[E"], r"^error\[E\d{4}\]: "),
    rule(
        "build-script",
        Finding(BuildError),
        (90, 60),
        Line,
        &["failed to run custom build command for"],
        r"^error: failed to run custom build command for",
    ),
];
