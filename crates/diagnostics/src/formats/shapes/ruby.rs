//! Ruby's compiler and linter. What its tests say is read with the tests.

use domain::{FindingKind, Severity};

use super::{Shape, shape};
use crate::Diagnostic;

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "rubocop",
        [": C: ", ": W: ", ": E: ", ": F: ", ": R: ", ": I: "],
        // The form `tap` has it in comments.
        r"^(?:# )?(?<path>[^\s:(\[#][^:]*?):<line>:<column>: (?<severity>[CWEFRI]): (?:\[Correctable\] |\[Corrected\] )?<rule>: <message>$",
        mend: department,
    ),
    // The forms `simple` and `quiet`.
    shape!(
        "rubocop",
        ["C:", "W:", "E:", "F:", "R:", "I:"],
        r"^(?<severity>[CWEFRI]): *<line>: *<column>: (?:\[Correctable\] |\[Corrected\] )?(?<rule>[A-Z]\w+/[\w/]+): <message>$",
        above: &[r"^== (?<path>\S.*) ==$"],
        mend: department,
    ),
    shape!(
        "ruby",
        [": syntax error"],
        r"^(?:ruby: )?<path>:<line>: (?<message>syntax errors?\b.*)$",
        kind: FindingKind::BuildError,
        rule: "syntax-error",
    ),
    shape!("ruby", [".rb:"], r"^(?<path>[^\s:]+\.rb):<line>: (?<severity>warning): <message>$",),
];

fn department(found: &mut Diagnostic) {
    match found.rule.split('/').next() {
        Some("Layout") => found.kind = FindingKind::Formatting,
        Some("Security") => found.kind = FindingKind::Security,
        _ if found.rule == "Lint/Syntax" => {
            (found.rule, found.severity) = ("syntax-error".to_owned(), Severity::Error);
        }
        _ => {}
    }
}
