//! What the project is run, built and described by: YAML, containers, workflows, Terraform, protocol buffers.

use domain::{FindingKind, Severity};

use super::{Shape, shape};
use crate::reading::number;
use crate::{Diagnostic, Span, Unit};

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "yamllint",
        [" error ", " warning "],
        r"^\s{2}<line>:<column>\s+(?<severity>error|warning)\s+<message>\s+\((?<rule>[a-z-]+)\)$",
        above: &[r"^(?<path>\S.*\.(?:ya?ml|\w+))$"],
        mend: yaml_syntax,
    ),
    shape!(
        "yamllint",
        [" [error] ", " [warning] "],
        r"^<path>:<line>:<column>: \[(?<severity>error|warning)\] <message> \((?<rule>[a-z-]+)\)$",
        mend: yaml_syntax,
    ),
    // PyYAML, whoever called it: what is wrong, and where it was seen.
    shape!(
        "yaml",
        ["expected", "found", "not allowed"],
        r"^(?<message>(?:expected|could not find|did not find|found|mapping values are not allowed|block sequence entries are not allowed)\b.*)$",
        below: &[r#"^\s+in "(?<path>[^"<>]+)", line <line>, column <column>:?$"#],
        near: 1,
        rule: "syntax-error",
    ),
    shape!(
        "pre-commit",
        [": Failed to json decode (", ": Merge conflict string ", " imported"],
        r"^<path>(?::<line>)?(?::<column>)?: (?<message>Failed to json decode .*|Merge conflict string .*|\w+ (?:imported|called))$",
        sign: r"^- hook id: ",
        mend: hooked,
    ),
    shape!(
        "hadolint",
        [" DL", " SC"],
        r"^<path>:<line> (?<rule>DL\d{4}|SC\d{4}) (?:\x1b\[\S*m)?<severity>(?:\x1b\[\S*m)?: <message>$",
    ),
    shape!(
        "hadolint",
        ["Dockerfile", "ontainerfile"],
        r"^(?<path>[^:\s]*(?:Dockerfile|ontainerfile)[^:\s]*):<line>:<column> <message>$",
        kind: FindingKind::BuildError,
        rule: "syntax-error",
    ),
    shape!(
        "cargo-audit",
        ["RUSTSEC-"],
        r"^ID:\s+(?<rule>RUSTSEC-\d{4}-\d{4})$",
        above: &[r"^Crate:\s+(?<path>\S+)$", r"^Title:\s+<message>$"],
        kind: FindingKind::Security,
        mend: |found| found.path = Some("Cargo.lock".to_owned()),
    ),
    shape!(
        "helm",
        ["] templates/: "],
        r"^\[(?<severity>ERROR|WARNING)\] templates/: (?:parse error at \(|template: )<path>:<line>(?::<column>)?\)?: <message>$",
    ),
    // BuildKit, which shows the line of the Dockerfile before it says what came of it.
    shape!(
        "docker",
        ["ailed to solve: "],
        r"^ERROR: failed to (?:build: failed to )?solve: <message>$",
        above: &[r"^(?<path>[^\s:]+):<line>$"],
        kind: FindingKind::BuildError,
        rule: "build",
    ),
    shape!(
        "actionlint",
        [".yml:", ".yaml:"],
        r"^<path>:<line>:<column>: <message> \[(?<rule>[a-z][a-z-]+)\]$",
        unit: Unit::Byte,
    ),
    shape!(
        "ansible-lint",
        [".yml:", ".yaml:"],
        r"^<path>:<line>(?::<column>)?: (?<rule>[a-z][\w-]*(?:\[[\w.*-]+\])?): <message>$",
        mend: |found| found.rule = found.rule.trim().to_owned(),
    ),
    // Its own default: the rule and its text, then the place.
    shape!(
        "ansible-lint",
        [": "],
        r"^(?<rule>[a-z][a-z-]+(?:\[[\w.*-]+\])?): <message>$",
        below: &[r"^(?<path>[^:\s]+\.ya?ml):<line>(?::<column>)?(?: .*)?$"],
        near: 1,
    ),
    shape!(
        "tflint",
        ["Error: ", "Warning: ", "Notice: "],
        r"^(?<severity>Error|Warning|Notice): <message> \((?<rule>[a-z]\w+)\)$",
        below: &[r"^\s+on (?<path>\S.*?) line <line>(?:, in .*)?:$"],
    ),
    shape!(
        "terraform",
        ["Error: ", "Warning: "],
        r"^(?:[│╷|] ?)?(?<severity>Error|Warning): <message>$",
        below: &[r"^(?:[│|] )?\s+on (?<path>\S.*?) line <line>(?:, in .*)?:$"],
        near: 4,
        kind: FindingKind::BuildError,
        rule: "error",
    ),
    // Each place of a rule shows its lines; what the rule says stands above them all.
    shape!(
        "semgrep",
        ["┆ "],
        r"^\s+<line>┆ ",
        above: &[r"^\s{4}(?<path>[^\s❯┌│└].*)$", r"^\s+❯*❱?\s?❯+❱ <rule>$", r"^\s{10}(?<message>[^\s❰▶┆⋮\d].*)$"],
        more: r"^\s+\d+┆()",
    ),
    shape!(
        "protoc",
        [".proto:"],
        r"^<path>:<line>:<column>: (?:(?<severity>warning|error): )?<message>$",
        kind: FindingKind::BuildError,
        rule: "error",
    ),
    shape!(
        "protoc",
        [".proto: "],
        r"^<path>: (?<message>File not found\.|warning: .*)$",
        kind: FindingKind::BuildError,
        rule: "missing-file",
    ),
    shape!("buf", [".proto:"], r"^<path>:<line>:<column>:<message>$",),
];

/// What does not parse names its line within the text.
fn hooked(found: &mut Diagnostic) {
    let (_, at) = found.message.rsplit_once(": line ").unwrap_or_default();
    let line = at.split(' ').next().map(number).filter(|line| *line > 0);
    if let (None, Some(line)) = (found.span, line) {
        found.span = Some(Span::line(line));
    }
}

fn yaml_syntax(found: &mut Diagnostic) {
    let text = found.message.strip_prefix("syntax error: ").map(str::to_owned);
    if found.rule == "syntax" {
        (found.rule, found.severity) = ("syntax-error".to_owned(), Severity::Error);
    }
    found.message = text.unwrap_or_else(|| std::mem::take(&mut found.message));
}
