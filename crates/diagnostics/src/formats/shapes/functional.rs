//! Scala, Haskell, Erlang, Clojure, Groovy, Dart, Julia and R: compilers and linters.

use domain::{FindingKind, Severity};

use super::{Shape, shape};
use crate::{Diagnostic, Unit};

const KIND: FindingKind = FindingKind::BuildError;

pub(super) const SHAPES: &[Shape] = &[
    // Below sbt, and below Mill and Gradle, each with its own mark.
    shape!(
        "scalac",
        [".scala:", ".sbt:", ".sc:"],
        r"^(?:\[(?<severity>(?i:error|warn))\] |\[ant:scalac\] )?(?:\[E\] )?(?<path>[^\s:\[][^:]*\.(?:scala|sbt|sc)):<line>(?::<column>)?: (?:error: )?<message>$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: scalac,
    ),
    shape!(
        "scalac",
        ["rror: ", "arning: "],
        r"^(?:\[(?:error|warn)\] )?-- (?:\[(?<rule>E\d+)\] )?(?<message>[A-Z][\w ]*?(?:(?<severity>Error|Warning)): )(?<path>\S[^:]*\.scala):<line>:<column> ?-*\s*$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        first: 0,
        more: r"^(?:\[(?:error|warn)\] )?\s*(?:\d+ )?\|\s*(?:\^+\s*)?([^\s^|].*)?$",
        mend: scalac,
    ),
    shape!(
        "ghc",
        [".hs:", ".lhs:"],
        r"^<path>:(?:<line>:<column>(?:-\d+)?|\(\d+,\d+\)-\(\d+,\d+\)): (?<severity>error|warning):(?: \[(?:GHC-\d+|-W[\w=, -]+)\])* (?<message>[^\s\[].*)$",
        kind: KIND,
        rule: "error",
        mend: ghc,
    ),
    shape!(
        "ghc",
        [".hs:", ".lhs:"],
        r"^<path>:<line>:<column>(?:-\d+)?:(?: (?<severity>error|warning|Warning):)?(?: \[(?:(?<rule>GHC-\d+)|-W[\w=, -]+)\])*$",
        below: &[r"^\s+(?:• )?<message>$"],
        near: 1,
        more: r"^(?: {6,}|\s+• )(\S.*)$",
        kind: KIND,
        rule: "error",
        mend: ghc,
    ),
    shape!("hlint", [".hs:", ".lhs:"], r"^<path>:<line>:<column>(?:-\d+)?: (?<severity>Suggestion|Warning|Error): <message>$",),
    shape!(
        "erlc",
        [".erl:", ".hrl:", ".yrl:", ".xrl:"],
        r"^(?:===> )?<path>:<line>(?::<column>)?: (?:(?<severity>Warning): )?(?<message>[a-zA-Z'].*)$",
        kind: KIND,
        rule: "error",
        mend: compiler,
    ),
    // As rebar3 shows it since version 3.20.
    shape!(
        "erlc",
        ["╰── "],
        r"^\s*│\s*╰── <message>$",
        above: &[r"^\s*┌─ (?<path>\S+\.[ehyx]rl):$", r"^\s*<line> │"],
        kind: KIND,
        rule: "error",
        mend: |found| found.message = found.message.trim_start_matches("Warning: ").to_owned(),
    ),
    shape!(
        "clojure",
        ["Syntax error "],
        r"^(?:Execution error.*|Syntax error (?:compiling|reading source|macroexpanding)(?: \S+)?) at \((?<path>[^():]+):<line>:<column>\)\.$",
        below: &[r"^<message>$"],
        near: 1,
        kind: KIND,
        rule: "syntax-error",
    ),
    shape!(
        "clojure",
        ["compiling:("],
        r"^(?:Exception in thread \x22main\x22 )?(?:[\w.$]+(?:Exception|Error): )+(?<message>.*?),? ?compiling:\((?<path>[^():]+):<line>:<column>\)",
        kind: KIND,
        rule: "error",
    ),
    shape!(
        "groovyc",
        [".groovy: ", "WorkflowScript: "],
        r"^(?<path>(?:/|\w:)?[^\s:]*(?:\.groovy|WorkflowScript)): <line>: (?<message>\S.*?)(?: ?@ line \d+, column <column>\.)?$",
        kind: KIND,
        rule: "error",
    ),
    // `dart analyze`, and what Flutter makes of it.
    shape!(
        "dart",
        [" • ", " - "],
        r"^\s*(?<severity>error|warning|info) • (?<message>\S.*?) • (?<path>[^\s:•]+\.dart):<line>:<column> • (?<rule>\w+)$",
        mend: dart,
    ),
    shape!(
        "dart",
        [".dart:"],
        r"^\s*(?<severity>error|warning|info) - (?<path>[^\s:]+\.dart):<line>:<column> - (?<message>\S.*) - (?<rule>\w+)$",
        mend: dart,
    ),
    shape!(
        "dart",
        [".dart:"],
        r"^<path>:<line>:<column>: (?<severity>Error|Warning): <message>$",
        kind: KIND,
        rule: "error",
        mend: compiler,
    ),
    shape!(
        "julia",
        ["in expression starting at "],
        r"^in expression starting at (?<path>\S.*?):<line>$",
        above: &[r"^ERROR: (?:LoadError: )*<message>$"],
        kind: KIND,
        rule: "error",
        mend: julia,
    ),
    shape!(
        "lintr",
        [": style: ", "_linter]"],
        r"^(?<path>[^\s:][^:]*\.(?:[rR]|[rRq]md|Rnw)):<line>:<column>: (?<severity>style|warning|error): (?:\[(?<rule>\w+)\] )?<message>$",
    ),
    // As Mix prints it.
    shape!(
        "dialyzer",
        [".ex:", ".exs:"],
        r"^(?<path>[^\s:]+\.exs?):<line>:(?:<column>:)?(?<rule>[a-z_]+)$",
        below: &[r"^<message>$"],
        near: 1,
        kind: FindingKind::TypeChecking,
    ),
    shape!(
        "credo",
        ["┃ "],
        r"^\s*┃ \[(?<severity>[A-Z])\] \S+ <message>$",
        below: &[r"^\s*┃ +(?<path>[^\s:]+\.exs?):<line>(?::<column>)? #\(.*\)$"],
        near: 3,
        severity: Severity::Warning,
    ),
];

fn compiler(found: &mut Diagnostic) {
    if found.severity != Severity::Error {
        found.kind = FindingKind::Linting;
        if found.rule == "error" {
            found.rule = "warning".to_owned();
        }
    }
}

fn scalac(found: &mut Diagnostic) {
    compiler(found);
    if found.message.starts_with("not found: ") || found.message.contains(" is not a member of package ") {
        found.kind = FindingKind::ImportError;
    }
}

fn ghc(found: &mut Diagnostic) {
    compiler(found);
    if found.message.contains("Could not find module") || found.message.contains("Could not load module") {
        found.kind = FindingKind::ImportError;
    }
}

/// What the compiler says itself has a code of an analyser as well.
fn dart(found: &mut Diagnostic) {
    if found.severity == Severity::Error {
        found.kind = if found.rule == "uri_does_not_exist" { FindingKind::ImportError } else { KIND };
    }
}

/// Tests that failed were told by their runner.
fn julia(found: &mut Diagnostic) {
    if found.message.starts_with("Some tests did not pass") {
        found.message.clear();
    }
}
