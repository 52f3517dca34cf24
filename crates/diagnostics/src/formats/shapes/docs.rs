//! Prose: Markdown, HTML, spelling, and the words of SQL.

use domain::Severity;

use super::{Shape, shape};
use crate::Diagnostic;

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "markdownlint",
        [" MD"],
        r"^<path>:<line>(?::<column>)?(?: (?<severity>error|warning))? (?<rule>MD\d{3})(?:/[\w-]+)* <message>$",
        severity: Severity::Warning,
    ),
    shape!(
        "pymarkdown",
        [": MD", ": PML"],
        r"^<path>:<line>:<column>: (?<rule>(?:MD|PML)\d{3}): <message>$",
        severity: Severity::Warning,
    ),
    shape!("tldr-lint", [": TLDR"], r"^<path>:<line>: (?<rule>TLDR\d{3}) <message>$"),
    shape!(
        "sphinx",
        [": WARNING: ", ": ERROR: ", ": SEVERE: ", ": CRITICAL: "],
        r"^<path>(?::docstring of [^:]+)?(?::<line>)?: (?<severity>WARNING|ERROR|SEVERE|CRITICAL): <message>$",
        sign: r"^Running Sphinx v|^build (?:succeeded|finished with problems)",
        mend: sphinx,
    ),
    // Before its version 8: the first warning ends the build.
    shape!(
        "sphinx",
        ["arning, treated as error:"],
        r"^Warning, treated as error:$",
        below: &[r"^<path>:<line>:\s*<message>$"],
        near: 1,
    ),
    shape!(
        "mkdocs",
        [" -  Doc file '"],
        r"^(?<severity>WARNING|ERROR) +-  Doc file '<path>' <message>$",
        sign: r"^INFO +-  Building documentation|^Aborted with \d+ ",
    ),
    shape!("tidy", [" - Warning: ", " - Error: "], r"^line <line> column <column> - (?<severity>Warning|Error): <message>$",),
    shape!(
        "sqlfluff",
        ["L: "],
        r"^L:\s+<line> \| P:\s+<column> \| +(?<rule>[A-Z]{2}\d{2}|\w+) \| <message>$",
        above: &[r"^== \[(?<path>[^\]]+)\] FAIL$"],
        more: r"^\s+\|\s+(\S.*)$",
    ),
];

/// The kind of a warning stands at its end.
fn sphinx(found: &mut Diagnostic) {
    let kind = found.message.strip_suffix(']').and_then(|text| text.rsplit_once(" ["));
    if let Some((text, kind)) = kind.filter(|(_, kind)| !kind.contains(' ')) {
        (found.rule, found.message) = (kind.to_owned(), text.to_owned());
    }
}
