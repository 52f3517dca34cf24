//! Compilers and checkers of C, C++, C# and Swift whose lines do not look like gcc's.

use domain::{FindingKind, Severity};

use super::super::cargo;
use super::{Shape, shape};
use crate::{Diagnostic, Unit};

const KIND: FindingKind = FindingKind::BuildError;

pub(super) const SHAPES: &[Shape] = &[
    // MSBuild's form, which csc, mcs, fsc and cl share; the project stands at the end.
    shape!(
        "csc",
        [": error CS", ": warning CS", ": error FS", ": warning FS", ": error CA", ": warning CA", ": error IDE", ": warning IDE"],
        r"^\s*(?<path>[^\s:(\[](?:[^:(]|:\\)*?)\(<line>,<column>(?:,<end_line>,<end_column>)?\): (?<severity>error|warning) (?<rule>[A-Z]{2,5}\d{2,5}): <message>(?: \[[^\]]+\.\w+proj(?:::[^\]]*)?\])?$",
        kind: KIND,
        unit: Unit::Utf16,
        mend: analyser,
    ),
    shape!(
        "csc",
        ["error CS", "error MSB", "error NU", "error NETSDK", "warning NU", "warning MSB", "warning NETSDK"],
        r"^\s*(?:(?<path>[^\s:(\[](?:[^:(]|:\\)*?)(?:\(<line>,<column>\))? ?: )?(?<severity>error|warning) (?<rule>(?:CS|MSB|NU|NETSDK)\d{3,5}): <message>(?: \[[^\]]+\.\w+proj(?:::[^\]]*)?\])?$",
        kind: KIND,
        unit: Unit::Utf16,
        mend: analyser,
    ),
    shape!(
        "msvc",
        [": error C", ": warning C", ": fatal error C", ": error LNK", ": fatal error LNK", ": fatal  error C"],
        r"^\s*(?:\d+>)?(?<path>[^\s(:\[](?:[^:(]|:\\)*?)(?:\(<line>(?:,<column>)?(?:-\d+)?\))? ?: (?<severity>fatal error|error|warning) (?<rule>C\d{4}|LNK\d{4}): <message>(?: \[[^\]]+\.\w+proj\])?$",
        kind: KIND,
        mend: compiler,
    ),
    // clang where it speaks as Microsoft's compiler does.
    shape!(
        "clang",
        ["):  error: ", "):  warning: ", "):  fatal error: ", "): error: ", "): warning: ", "): fatal error: "],
        r"^(?<path>(?:[A-Za-z]:[\\/])?[^\s:(\[][^:]*?\.(?:[chCHm]|mm|cc|cpp|cxx|hh|hpp|hxx|inl|ipp|inc|def|cu))\(<line>,<column>\):  ?(?<severity>fatal error|error|warning): (?<message>.*?)(?: \[-W(?<rule>[\w#+=-]+)\])?$",
        kind: KIND,
        rule: "error",
        unit: Unit::Byte,
        mend: compiler,
    ),
    shape!(
        "cppcheck",
        [": error: ", ": warning: ", ": style: ", ": performance: ", ": portability: ", ": information: "],
        r"^(?<path>[^\s:][^:]*?\.(?:[chCH]|cc|cpp|cxx|c\+\+|hh|hpp|hxx|inl|ipp|tcc)):<line>:<column>: (?<severity>error|warning|style|performance|portability|information): <message> \[(?<rule>[a-z]\w+)\]$",
        unit: Unit::Byte,
    ),
    shape!(
        "clang-tidy",
        [": warning: ", ": error: "],
        r"^<path>:<line>:<column>: (?<severity>error|warning): <message> \[(?<rule>[a-z]+-[\w.+-]+(?:,[a-z]+-[\w.+-]+)*?)(?:,-warnings-as-errors)?\]$",
        unit: Unit::Byte,
        mend: compiler,
    ),
    shape!(
        "cpplint",
        ["  ["],
        r"^<path>:<line>:  <message>  \[(?<rule>\w+/[\w+]+)\] \[\d\]$",
        severity: Severity::Warning,
    ),
    // What CocoaPods passes on of a build, behind the platform where there are several.
    shape!(
        "xcodebuild",
        [" xcodebuild: "],
        r"^\s+- (?:ERROR|WARN|NOTE)\s+\| (?:\[\w+\] )?xcodebuild: +<path>:<line>:<column>: (?<severity>fatal error|error|warning): <message>$",
        kind: KIND,
        rule: "error",
        mend: compiler,
    ),
    // rustc with `--message-format short`.
    shape!(
        "rustc",
        [".rs:"],
        r"^(?<path>\S[^:]*?\.rs):<line>:<column>: (?<severity>error|warning)(?:\[(?<rule>\w+)\])?: <message>$",
        kind: KIND,
        rule: "error",
        mend: rustc,
    ),
    shape!(
        "gfortran",
        [".f:", ".f90:", ".F90:", ".f95:", ".f03:", ".f08:", ".F:", ".for:"],
        r"^<path>:<line>:<column>:$",
        below: &[r"^(?<severity>Error|Warning|Fatal Error): <message>$"],
        near: 8,
        kind: KIND,
        rule: "error",
        mend: compiler,
    ),
    // Elixir: the message first, then where.
    shape!(
        "elixir",
        ["warning: ", "error: "],
        r"^\s*(?<severity>warning|error): <message>$",
        below: &[r"^\s+(?:└─ )?(?<path>[^\s:]+\.(?:exs?|erl|eex|heex)):<line>(?::<column>)?(?:: .*)?$"],
        kind: KIND,
        rule: "error",
        mend: compiler,
    ),
    shape!(
        "elixir",
        ["** ("],
        r"^\*\* \((?<rule>CompileError|SyntaxError|TokenMissingError|MismatchedDelimiterError)\) (?:\(for doctest at\) |invalid syntax found on )?<path>:<line>(?::<column>)?: <message>$",
        kind: KIND,
    ),
    shape!(
        "swiftlint",
        [" Violation: "],
        r"^<path>:<line>(?::<column>)?: (?<severity>error|warning): (?<message>[A-Z][\w ]* Violation: .*) \((?<rule>\w+)\)$",
    ),
    // xcpretty marks what the compiler says.
    shape!(
        "swiftc",
        ["❌", "⚠️"],
        r"^(?<severity>❌|⚠️) +(?<path>/\S[^:]*):<line>:<column>: <message>$",
        kind: KIND,
        rule: "error",
        mend: compiler,
    ),
    shape!(
        "swiftc",
        [".swift:"],
        r"^<path>:<line>:<column>: (?<severity>error|warning): <message>(?: \[#?(?<rule>\w+)\])?$",
        kind: KIND,
        rule: "error",
        mend: compiler,
    ),
];

fn rustc(found: &mut Diagnostic) {
    let code = Some(found.rule.clone()).filter(|rule| rule != "error");
    found.kind = cargo::kind(code.as_deref(), found.severity);
    if code.is_none() {
        found.rule = cargo::general_rule(found.severity).to_owned();
    }
    if code.is_some_and(|code| code.starts_with("clippy::")) {
        found.tool = "clippy".to_owned();
    }
}

fn compiler(found: &mut Diagnostic) {
    if found.severity != Severity::Error {
        found.kind = FindingKind::Linting;
        if found.rule == "error" {
            found.rule = "warning".to_owned();
        }
    }
    if found.rule.starts_with("clang-diagnostic-error") {
        found.kind = FindingKind::BuildError;
    } else if found.tool == "clang-tidy" {
        found.kind = FindingKind::Linting;
    }
}

/// A code of an analyser is no error of the compiler, even where it fails the build.
fn analyser(found: &mut Diagnostic) {
    let letters = found.rule.trim_end_matches(|c: char| c.is_ascii_digit());
    found.kind = match letters {
        "NU" => FindingKind::DependencyIssue,
        "CS" if matches!(found.rule.as_str(), "CS0612" | "CS0618" | "CS0619") => FindingKind::Deprecation,
        "CS" if matches!(found.rule.as_str(), "CS0246" | "CS0234" | "CS0103") => FindingKind::ImportError,
        "CS" | "FS" | "MSB" | "NETSDK" if found.severity == Severity::Error => FindingKind::BuildError,
        _ => FindingKind::Linting,
    };
    match letters {
        "FS" => found.tool = "fsc".to_owned(),
        "MSB" | "NETSDK" => found.tool = "msbuild".to_owned(),
        "NU" => found.tool = "nuget".to_owned(),
        _ => {}
    }
}
