//! Linters of Go whose lines do not look like the compiler's; the others are read beside it.

use domain::FindingKind;

use super::{Shape, shape};
use crate::Unit;

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "gosec",
        ["] - G"],
        r"^\[(?<path>[^:\]]+):<line>(?:-\d+)?\] - (?<rule>G\d{3})(?: \([^)]*\))?: <message> \(Confidence: \w+, Severity: <severity>\)$",
        kind: FindingKind::Security,
    ),
    // Every linter that it ran stands behind its message.
    shape!(
        "gometalinter",
        [".go:"],
        r"^<path>:<line>:(?<column>\d{1,9})?:(?<severity>warning|error): <message> \((?<rule>[a-z]+)\)$",
        unit: Unit::Byte,
        mend: |found| if matches!(found.rule.as_str(), "gofmt" | "goimports") { found.kind = FindingKind::Formatting },
    ),
    shape!(
        "errcheck",
        [".go:"],
        r"^<path>:<line>:<column>:\t(?<message>\S.*)$",
        rule: "errcheck",
        unit: Unit::Byte,
        mend: |found| found.message = format!("error return value is not checked: {}", found.message),
    ),
];
