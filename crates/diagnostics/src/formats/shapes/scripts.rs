//! Shells, scripting languages beside Python and Ruby, and the builders that run scripts.

use domain::{FindingKind, Severity};

use super::{Shape, shape};
use crate::{Diagnostic, Unit};

const KIND: FindingKind = FindingKind::BuildError;

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "shellcheck",
        ["^-- SC", "^ SC", "-^ SC"],
        r"^(?<mark>\s*)\^[-^]* (?<rule>SC\d{4}) \(<severity>\): +<message>$",
        above: &[r"^In <path> line <line>:$"],
        unit: Unit::Tabbed,
    ),
    shape!("shellcheck", [" [SC"], r"^<path>:<line>:<column>: <severity>: +<message> \[(?<rule>SC\d{4})\]$",),
    // `git diff --check` shows the line that it means; `git apply`, which says the same of a patch, shows it without a sign.
    shape!(
        "git",
        [": trailing whitespace.", ": space before tab in indent.", ": indent with spaces.", ": leftover conflict marker"],
        r"^<path>:<line>: (?<message>(?:trailing whitespace|space before tab in indent|indent with spaces)\.|leftover conflict marker)$",
        below: &[r"^\+"],
        near: 1,
        rule: "whitespace",
    ),
    // bash
    shape!(
        "bash",
        [": line "],
        r"^(?:bash: |/bin/(?:ba)?sh: )?<path>: line <line>: (?<message>(?:syntax error|unexpected EOF|warning: here-document|conditional binary operator expected|unexpected token).*)$",
        // It repeats the line of the script.
        more: r"^\S[^:]*: line \d+: `.*'()$",
        kind: KIND,
        rule: "syntax-error",
    ),
    shape!(
        "bash",
        [": line "],
        r"^(?:bash: |/bin/(?:ba)?sh: )?(?<path>[^\s:]+\.(?:ba|z|k)?sh): line <line>: <message>$",
        kind: KIND,
        rule: "error",
        mend: run,
    ),
    // dash
    shape!(
        "sh",
        [": Syntax error: ", ": parameter not set"],
        r"^(?:sh: |/bin/sh: )?<path>: <line>: (?<message>(?:Syntax error: .*|\S+: parameter not set))$",
        kind: KIND,
        rule: "syntax-error",
    ),
    shape!(
        "zsh",
        [": parse error"],
        r"^(?:zsh: )?<path>:<line>: (?<message>parse error.*)$",
        kind: KIND,
        rule: "syntax-error",
    ),
    shape!(
        "shfmt",
        [".sh:", ".bash:"],
        r"^<path>:<line>:<column>: <message>$",
        kind: KIND,
        rule: "syntax-error",
        unit: Unit::Byte,
    ),
    // PHP
    shape!(
        "php",
        ["Parse error: ", "syntax error, "],
        r"^(?:PHP )?Parse error:\s+<message> in <path> on line <line>$",
        kind: KIND,
        rule: "syntax-error",
    ),
    shape!(
        "php",
        ["Uncaught "],
        r"^(?:PHP )?Fatal error:\s+Uncaught (?<message>(?<rule>[\w\\]+): .*) in <path>:<line>$",
        kind: KIND,
    ),
    shape!(
        "php",
        ["Fatal error: ", "Warning: ", "Deprecated: ", "Notice: "],
        r"^(?:PHP )?(?<severity>Fatal error|Warning|Deprecated|Notice):\s+<message> in <path> on line <line>$",
        kind: KIND,
        severity: Severity::Warning,
        mend: php,
    ),
    shape!(
        "phpcs",
        [" | ERROR ", " | WARNING "],
        r"^\s+<line> \| (?<severity>ERROR|WARNING)\s+\| (?:\[[x ]\] )?<message>$",
        above: &[r"^FILE: <path>$"],
        more: r"^\s+\|\s+\|\s+(\S.*)$",
        mend: sniff,
    ),
    shape!(
        "phpcs",
        [": error - ", ": warning - "],
        r"^(?<path>\S[^:]*?\.(?:php|inc)):<line>:<column>: (?<severity>error|warning) - <message>$",
        mend: sniff,
    ),
    shape!(
        "phpstan",
        ["  "],
        r"^\s{2}(?<line>\d+|:\d+)\s{2,}<message>$",
        above: &[r"^\s{2}Line\s{2,}(?<path>\S.*\.php)\s*$"],
        more: r"^\s{9,}(\S.*)$",
        sign: r"^\s*(?:\[ERROR\] Found \d+ errors?|\[OK\] No errors)",
        kind: FindingKind::TypeChecking,
        mend: identifier,
    ),
    shape!(
        "psalm",
        ["ERROR: ", "INFO: "],
        r"^(?<severity>ERROR|INFO): (?<rule>[A-Z]\w+) - (?<path>[^:\s]+\.php):<line>:<column> - <message>(?: \(see <help>\))?$",
        kind: FindingKind::TypeChecking,
    ),
    // Perl, Lua
    shape!(
        "perl",
        [" at "],
        r"^(?<message>[^:\s#].*) at (?<path>[^\s:]+\.(?:p[lm]|t)) line <line>(?:\.|, near .*|, <\w+> line \d+\.?)$",
        kind: KIND,
        rule: "error",
    ),
    shape!(
        "perlcritic",
        ["(Severity: "],
        r"^(?:(?<path>[^:\s]+): )?<message> at line <line>, column <column>\.\s.*\(Severity: \d\)$",
    ),
    shape!(
        "lua",
        ["luac", "lua:", "lua5"],
        r"^luac?[\d.]*(?:\.exe)?: (?<path>[^\s:]+\.lua):<line>: <message>$",
        kind: KIND,
        rule: "error",
    ),
    // Builders
    shape!(
        "make",
        [": *** "],
        r"^(?<path>[^\s:]+):<line>: \*\*\* (?<message>.*?)(?:\.\s+Stop\.)?$",
        kind: KIND,
        rule: "makefile",
    ),
    shape!(
        "make",
        [", needed by '"],
        r"^make(?:\[\d+\])?: \*\*\* (?:\[<path>:<line>: [^\]]*\] )?(?<message>No rule to make target .*, needed by '.*?')(?:\.\s+Stop\.)?$",
        kind: KIND,
        rule: "no-rule",
    ),
    shape!(
        "ninja",
        ["ninja: error: "],
        r"^ninja: error: (?:(?<path>[^\s:]+):<line>: )?(?<message>[^\s].*)$",
        kind: KIND,
        rule: "error",
    ),
];

fn run(found: &mut Diagnostic) {
    if found.message.ends_with("command not found") {
        found.rule = "command-not-found".to_owned();
    } else if found.message.ends_with("unbound variable") {
        found.rule = "unbound-variable".to_owned();
    }
}

fn php(found: &mut Diagnostic) {
    if found.message.contains("deprecated") {
        found.kind = FindingKind::Deprecation;
    }
    found.rule = if found.severity == Severity::Error { "error" } else { "warning" }.to_owned();
}

/// The name of the sniff stands at the end when it was asked for (`-s`).
fn sniff(found: &mut Diagnostic) {
    let name = found.message.strip_suffix(')').and_then(|text| text.rsplit_once(" ("));
    if let Some((text, name)) = name.filter(|(_, name)| name.matches('.').count() >= 2 && !name.contains(' ')) {
        (found.rule, found.message) = (name.to_owned(), text.to_owned());
    }
}

/// phpstan's identifiers stand on a line of their own, after a mark.
fn identifier(found: &mut Diagnostic) {
    let name = found.message.rsplit_once("🪪 ").map(|(text, name)| (text.trim().to_owned(), name.trim().to_owned()));
    if let Some((text, name)) = name {
        let rule = name.split_whitespace().next().unwrap_or("message").to_owned();
        (found.message, found.rule) = (text, rule);
    }
}
