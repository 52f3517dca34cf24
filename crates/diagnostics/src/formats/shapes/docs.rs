//! Prose: Markdown, HTML, spelling, and the words of SQL.

use domain::Severity;

use super::{Shape, shape};

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "markdownlint",
        [" MD"],
        r"^<path>:<line>(?::<column>)?(?: (?<severity>error|warning))? (?<rule>MD\d{3}(?:/[\w-]+)*) <message>$",
        severity: Severity::Warning,
    ),
    shape!(
        "pymarkdown",
        [": MD", ": PML"],
        r"^<path>:<line>:<column>: (?<rule>(?:MD|PML)\d{3}): <message>$",
        severity: Severity::Warning,
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
