//! What type checkers and runners of tests say in words of their own.

use domain::FindingKind::{TestFailure, TypeChecking};

use crate::class::Class::{Finding, Flaky};
use crate::log::rule::Reach::{Indented, Line};
use crate::log::rule::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "test-timeout",
        Flaky,
        (60, 91),
        Line,
        &[
            "xceeded timeout of",
            "imeout - Async callback",
            "est timed out",
            "imeout of ",
            "panic: test timed out",
            "Failed: Timeout ",
        ],
        r"[Ee]xceeded timeout of \d+ ?ms|^E +Failed: Timeout [>(]|Test timed out in \d+ms|Timeout - Async callback|Test timed out|[Tt]imeout of \d+ms exceeded|panic: test timed out after",
    ),
    rule(
        "types-python",
        Finding(TypeChecking),
        (93, 90),
        Line,
        &[": error: ", " error: "],
        r"^[^\s:]+\.pyi?:\d+(?::\d+)?: error: |^\s+\S+\.pyi?:\d+:\d+ - error: ",
    ),
    rule(
        "types-ts",
        Finding(TypeChecking),
        (93, 91),
        Line,
        &["error TS"],
        r"\(\d+,\d+\): error TS\d+: |:\d+:\d+ - error TS\d+: ",
    ),
    rule(
        "test-python",
        Finding(TestFailure),
        (93, 86),
        Line,
        &["FAILED ", "ERROR ", "FAIL: "],
        r"^(?:FAILED|ERROR) \S+\.py::|^FAIL: \w+ \(\S+\)",
    ),
    rule("test-python-assert", Finding(TestFailure), (93, 93), Line, &["E   "], r"^E   +(?:AssertionError|assert |Failed: )"),
    rule(
        "test-js",
        Finding(TestFailure),
        (93, 92),
        Line,
        &["● ", "not ok ", "✖ ", "AssertionError"],
        r"^\s*● (?:.+ › |[^C]|C[^o]|Co[^n])|^not ok \d+|^✖ [^\d\s]|^\s*AssertionError(?: \[ERR_ASSERTION\])?: ",
    ),
    rule(
        "test-rust",
        Finding(TestFailure),
        (93, 84),
        Line,
        &[" ... FAILED", "test result: FAILED", " FAIL ["],
        r"^test .+ \.\.\. FAILED$|^test result: FAILED|^\s+FAIL \[\s*[\d.]+s\]",
    ),
    rule("test-go", Finding(TestFailure), (93, 93), Indented, &["--- FAIL: "], r"^\s*--- FAIL: \S"),
    rule(
        "test-jvm",
        Finding(TestFailure),
        (93, 91),
        Line,
        &["<<< FAILURE!", "<<< ERROR!", " FAILED"],
        r"^(?:\[ERROR\] +)?[\w$]+[.(\[]\S*.*<<< (?:FAILURE|ERROR)!|^\S+ > .+ FAILED$",
    ),
    rule(
        "test-jvm-summary",
        Finding(TestFailure),
        (93, 60),
        Line,
        &["<<< FAILURE!", "<<< ERROR!", "There were failing tests", "There are test failures"],
        r"<<< (?:FAILURE|ERROR)!|There (?:were failing tests|are test failures)",
    ),
    rule(
        "test-native",
        Finding(TestFailure),
        (92, 90),
        Line,
        &["[  FAILED  ]", "The following tests FAILED", "***Failed", ": Failure", ": FAILED:"],
        r"^\[  FAILED  \] \S|The following tests FAILED|\*\*\*Failed|^\S+:\d+: (?:Failure|FAILED:)$",
    ),
];
