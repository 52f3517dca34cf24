//! Java and Kotlin: compilers, build tools, and linters.

use domain::{FindingKind, Severity};

use super::{Shape, shape};
use crate::could_not_run::UNRESOLVED;
use crate::{Diagnostic, Unit};

const KIND: FindingKind = FindingKind::BuildError;

pub(super) const SHAPES: &[Shape] = &[
    // javac shows the column by a mark below the line of code.
    shape!(
        "javac",
        [".java:"],
        r"^<path>:<line>: (?<severity>error|warning): (?:\[(?<rule>[\w-]+)\] )?<message>$",
        below: &[r"^(?<mark>\s*)\^$"],
        near: 2,
        more: r"^  (\S.*|  .*)$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: javac,
    ),
    shape!(
        "javac",
        [".java:"],
        r"^<path>:<line>: (?<severity>error|warning): (?:\[(?<rule>[\w-]+)\] )?<message>$",
        kind: KIND,
        rule: "error",
        mend: javac,
    ),
    shape!(
        "checkstyle",
        ["[ERROR] ", "[WARN] ", "[INFO] "],
        r"^\[(?<severity>ERROR|WARN|INFO)\] (?<path>\S[^:]*?):<line>(?::<column>)?: <message> \[(?<rule>\w+)\]$",
    ),
    // As Maven's plug-in prints it.
    shape!(
        "checkstyle",
        ["[ERROR] ", "[WARNING] ", "[INFO] "],
        r"^\[(?<severity>ERROR|WARNING|INFO)\] (?<path>\S[^:]*?):\[<line>(?:,<column>)?\] \(\w+\) <rule>: <message>$",
    ),
    shape!(
        "javac",
        ["[ERROR] ", "[WARNING] "],
        r"^\[(?<severity>ERROR|WARNING)\] (?<path>\S[^:]*?\.java):\[<line>,<column>\] (?:error: )?(?:\[(?<rule>[\w-]+)\] )?<message>$",
        more: r"^(?:\[(?:ERROR|WARNING)\])?\s{2,}((?:symbol|location): .*)$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: javac,
    ),
    // As Maven's plug-in prints it, and as Maven repeats it.
    shape!(
        "kotlinc",
        [".kt: (", ".kts: (", ".kt:[", ".kts:["],
        r"^\[(?<severity>ERROR|WARNING|INFO)\] (?<path>\S[^:]*?\.kts?):(?: \(|\[)<line>, ?<column>[)\]] <message>$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: kotlinc,
    ),
    shape!(
        "kotlinc",
        [".kt:", ".kts:"],
        r"^<path>:<line>:<column>: (?<severity>error|warning|info): <message>$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: kotlinc,
    ),
    // As Gradle's plug-in prints it, with and without its older parentheses.
    shape!(
        "kotlinc",
        ["e: ", "w: "],
        r"^(?<severity>[ew]): (?<path>(?:file://)?/?(?:[A-Za-z]:[\\/])?[^\s:(][^:(]*?\.kts?): \(<line>, <column>\): <message>$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: kotlinc,
    ),
    shape!(
        "kotlinc",
        ["e: ", "w: "],
        r"^(?<severity>[ew]): (?<path>(?:file://)?/?(?:[A-Za-z]:[\\/])?[^\s:(][^:(]*?\.kts?):<line>:<column>:? <message>$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: kotlinc,
    ),
    shape!(
        "ktlint",
        [" (standard:", " (experimental:", " (custom"],
        r"^<path>:<line>:<column>: <message> \((?<rule>[\w-]+:[\w-]+)\)$",
        kind: FindingKind::Formatting,
        unit: Unit::Utf16,
    ),
    // Before version 1.0, and as plug-ins of Gradle print it.
    shape!(
        "ktlint",
        [".kt:", ".kts:"],
        r"^(?<path>\S[^:]*?\.kts?):<line>:<column>:? (?<message>[A-Z].*) \((?<rule>[a-z]+(?:-[a-z]+)+)\)$",
        kind: FindingKind::Formatting,
        unit: Unit::Utf16,
    ),
    shape!(
        "detekt",
        [".kt:", ".kts:"],
        r"^<path>:<line>:<column>: <message> \[(?<rule>[A-Z]\w+)\]$",
        severity: Severity::Warning,
        unit: Unit::Utf16,
    ),
    shape!(
        "android lint",
        [": Error: ", ": Warning: "],
        r"^<path>:<line>: (?<severity>Error|Warning|Information): <message> \[(?<rule>[A-Z]\w+)(?: from [^\]]+)?\]$",
        unit: Unit::Utf16,
    ),
    shape!(
        "pmd",
        [":\t"],
        r"^<path>:<line>:\t(?<rule>[A-Z]\w+):\t<message>$",
        severity: Severity::Warning,
    ),
    // Maven's plug-in names the class.
    shape!(
        "pmd",
        ["PMD Failure: "],
        r"^\[(?:INFO|WARNING|ERROR)\] PMD Failure: (?<path>[\w.$]+):<line> Rule:(?<rule>\w+) Priority:\d <message>$",
        mend: |found| found.path = found.path.take().map(|class| format!("{}.java", class.split('$').next().unwrap_or(&class).replace('.', "/"))),
    ),
    shape!(
        "spotbugs",
        ["  At ", " At "],
        r"^(?<severity>[HML]) [A-Z] (?<rule>\w+): <message>\s+(?:At|Dereferenced at|In) (?<path>[^:\s]+):\[lines? <line>(?:-<end_line>)?\]$",
        mend: |found| found.kind = FindingKind::Linting,
    ),
    // A rule that failed is named by where it stands; what the compiler said follows.
    shape!(
        "bazel",
        ["ERROR: "],
        r"^ERROR: (?<path>/\S+(?:\.bazel|\.bzl|/BUILD|/WORKSPACE)):<line>:<column>: <message>$",
        kind: KIND,
        rule: "error",
    ),
    shape!(
        "gradle",
        [" file '"],
        r"^(?:Build|Settings|Script|Initialization script) file '(?<path>[^']+)'(?: line: <line>)?$",
        below: &[r"^\* What went wrong:$", r"^(?<message>\S.*)$"],
        more: r"^> (.*)$",
        kind: KIND,
        rule: "build-script",
    ),
    shape!(
        "gradle",
        ["* What went wrong:"],
        r"^\* What went wrong:$",
        below: &[r"^(?<message>\S.*)$"],
        more: r"^\s*> (.*)$",
        kind: KIND,
        rule: "error",
        mend: resolution,
    ),
    shape!(
        "maven",
        ["[ERROR] Failed to execute goal on project", "[ERROR] Unresolveable build extension", "[ERROR] Plugin "],
        r"^\[ERROR\] (?<message>(?:Failed to execute goal on project|Unresolveable build extension|Plugin \S+ or one of its dependencies).*?)(?: -> \[Help \d+\])?$",
        kind: KIND,
        rule: "error",
        mend: resolution,
    ),
    shape!(
        "maven",
        ["[ERROR] 'dependencies", "[ERROR] 'build", "[ERROR] Malformed POM", "[ERROR] Non-parseable POM", "[FATAL] Non-parseable POM"],
        r"^\[(?:ERROR|FATAL)\] (?<message>(?:'|Malformed POM|Non-parseable POM).*?) @ (?:(?<path>/\S+\.xml), )?(?:line <line>, column <column>)?\s*$",
        kind: KIND,
        rule: "pom",
    ),
];

fn javac(found: &mut Diagnostic) {
    if found.severity == Severity::Warning {
        found.kind = FindingKind::Linting;
        if found.rule == "error" {
            found.rule = "warning".to_owned();
        }
    }
    if matches!(found.rule.as_str(), "deprecation" | "removal") {
        found.kind = FindingKind::Deprecation;
    }
    if found.message.starts_with("package ") && found.message.contains(" does not exist") {
        found.kind = FindingKind::ImportError;
    }
}

fn kotlinc(found: &mut Diagnostic) {
    if found.severity == Severity::Warning {
        (found.kind, found.rule) = (FindingKind::Linting, "warning".to_owned());
    }
}

/// Says of a build tool's last word whether it is a dependency that could not be had.
fn resolution(found: &mut Diagnostic) {
    // What failed was said above.
    let repeats = ["Compilation failed", "Compilation error", "There were failing tests", "finished with non-zero exit value"];
    if repeats.iter().any(|words| found.message.contains(words)) {
        found.message.clear();
        return;
    }
    let of_dependencies = [
        "Could not resolve",
        "Could not find artifact",
        "Could not transfer artifact",
        "Could not find ",
        "could not be resolved",
    ];
    if of_dependencies.iter().any(|words| found.message.contains(words)) && !found.message.contains("Could not find method") {
        (found.kind, found.rule) = (FindingKind::DependencyIssue, UNRESOLVED.to_owned());
    }
}
