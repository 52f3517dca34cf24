//! Linkers, compilers and linters, which share the form of their messages.

use domain::FindingKind::{BuildError, Linting};

use crate::class::Class::Finding;
use crate::log::rule::Reach::{Block, Line};
use crate::log::rule::{CODES, Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule(
        "link",
        Finding(BuildError),
        (93, 94),
        Line,
        &["undefined reference to", "cannot find -l", "LNK20", "symbol(s) not found"],
        r"undefined reference to|cannot find -l|error LNK20\d\d|symbol\(s\) not found",
    ),
    rule("lint-golangci", Finding(Linting), (88, 88), Line, &[".go:"], r"^\S+\.go:\d+:\d+: .+ \([a-z]+\)$"),
    rule(
        "build-c",
        Finding(BuildError),
        (90, 92),
        Line,
        &[": error: ", ": fatal error: ", " error C"],
        r"^(?:[A-Za-z]:)?[^\s:][^:]*:\d+:(?:\d+:)? (?:fatal )?error: |\(\d+(?:,\d+)?\)\s*: (?:fatal )?error C\d+",
    ),
    rule("lint-go-vet", Finding(Linting), (85, 0), Line, &["# ["], r"^# \[\S+\]$"),
    rule("build-go", Finding(BuildError), (85, 90), Line, &[".go:"], r"^(?:vet: )?\S+\.go:\d+:\d+: \S"),
    rule(
        "build-jvm",
        Finding(BuildError),
        (90, 90),
        Line,
        &["[ERROR] ", ".java:", "e: "],
        r"^\[ERROR\] \S+\.(?:java|kt):\[\d+,\d+\]|^\S+\.java:\d+: error: |^e: \S+\.kts?",
    ),
    rule(
        "build-dotnet",
        Finding(BuildError),
        (92, 92),
        Line,
        &["error CS", "error MSB", "error NU"],
        r"\(\d+,\d+\): error CS\d+: |: error (?:MSB|NU)\d+: ",
    ),
    rule("build-cmake", Finding(BuildError), (90, 90), Block, &["CMake Error"], r"^CMake Error(?: at|:)"),
    rule(
        "lint-python",
        Finding(Linting),
        (90, 88),
        Line,
        &[".py:", ".pyi:"],
        r"^\S.*?\.pyi?:\d+:\d+: (?:\[?[A-Z]{1,4}\d{2,5}\b)",
    ),
    rule("lint-python-code", Finding(Linting), (90, 88), Line, CODES, r"^[A-Z]{1,6}\d{3,4} (?:\[[*-]\] )?\S"),
    rule(
        "syntax",
        Finding(BuildError),
        (85, 92),
        Line,
        &["SyntaxError: ", "IndentationError: ", "TabError: "],
        r"(?:Syntax|Indentation|Tab)Error: ",
    ),
    rule("lint-js", Finding(Linting), (90, 88), Line, &[" error "], r"^\s+\d+:\d+\s+error\s+\S"),
    rule(
        "lint-rust",
        Finding(Linting),
        (80, 88),
        Block,
        &["error: "],
        r"^error: (?:unused|this |redundant|unneeded|needless|used |manual|missing|unnecessary|the |called |use of|variable|function|struct|field|method|constant|you |very |casting|it )",
    ),
    rule("lint-shell", Finding(Linting), (88, 86), Line, &["SC1", "SC2", "SC3"], r"\bSC[123]\d{3}\b"),
];
