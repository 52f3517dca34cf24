//! JavaScript and what belongs to it: linters, bundlers, style sheets, markup. eslint and tsc have files of their own.

use domain::{FindingKind, Severity};

use super::{Shape, shape};
use crate::{Diagnostic, Unit};

const KIND: FindingKind = FindingKind::BuildError;

pub(super) const SHAPES: &[Shape] = &[
    shape!(
        "biome",
        [" lint/", " parse ", " assist/", " format ", " plugin ", " syntax/"],
        r"^<path>(?::<line>:<column>)? (?<rule>(?:lint|assist|syntax)/\S+|parse|format|plugin)\s.*━{3,}",
        below: &[r"^\s+(?<severity>[×✖!i⚠ℹ]) <message>$"],
        mend: biome,
    ),
    shape!(
        "oxlint",
        ["): "],
        r"^\s*(?<severity>[⚠×x!✖]) (?<plugin>[\w-]+)\((?<rule>[\w@/.-]+)\): <message>$",
        below: &[r"^\s*[╭,]─?-?\[<path>:<line>:<column>\]"],
        unit: Unit::Byte,
    ),
    // What is left in a log of GitHub's of the command that it writes there.
    shape!(
        "oxlint",
        [".js:", ".ts:", ".jsx:", ".tsx:", ".mjs:", ".cjs:", ".mts:", ".cts:"],
        r"^(?<path>[^\s:]+\.[cm]?[jt]sx?):<line>:<column>: <message>$",
        sign: r"^Finished in [\d.]+m?s on \d+ files? (?:with \d+ rules? )?using \d+ threads?",
        unit: Unit::Byte,
    ),
    // The form `compact`, which stylelint has, too.
    shape!(
        "eslint",
        [", Error - ", ", Warning - "],
        r"^<path>: line <line>, col <column>, (?<severity>Error|Warning) - <message>(?: \((?<rule>@?[a-z][\w@/-]*)\))?$",
        unit: Unit::Utf16,
        mend: unparsed,
    ),
    shape!(
        "stylelint",
        [", error - ", ", warning - "],
        r"^<path>: line <line>, col <column>, (?<severity>error|warning) - <message>(?: \((?<rule>[\w@/-]+)\))?$",
        unit: Unit::Utf16,
        mend: syntax,
    ),
    shape!(
        "eslint",
        ["): error ", "): warning "],
        r"^(?<path>[^\s(][^(]*\.(?:[cm]?[jt]sx?|vue|svelte))\(<line>,<column>\): (?<severity>error|warning) (?<rule>@?[a-z][\w@/-]*)? ?: <message>$",
        unit: Unit::Utf16,
        mend: unparsed,
    ),
    // The form `codeframe`: the code follows.
    shape!(
        "eslint",
        ["error: ", "warning: "],
        r"^(?<severity>error|warning): <message>(?: \((?<rule>@?[a-z][\w@/-]*)\))? at (?<path>\S.*?\.(?:[cm]?[jt]sx?|vue|svelte)):<line>:<column>:$",
        unit: Unit::Utf16,
        mend: unparsed,
    ),
    shape!(
        "eslint",
        [" [Error]", " [Warning]"],
        r"^(?<path>[^\s:()][^:]*\.(?:[cm]?[jt]sx?|vue|svelte)):<line>:<column>: <message> \[(?<severity>Error|Warning)\]$",
        unit: Unit::Utf16,
        mend: unparsed,
    ),
    shape!(
        "oxlint",
        ["[Warning/", "[Error/"],
        r"^<path>:<line>:<column>: <message> \[(?<severity>Warning|Error)/(?:[\w-]+\()?(?<rule>[\w@/.-]+)\)?\]$",
        unit: Unit::Byte,
    ),
    shape!(
        "stylelint",
        ["✖", "⚠", "×", "‼"],
        r"^\s+<line>:<column>\s+(?<severity>[✖⚠×‼])\s+<message>\s{2,}<rule>$",
        above: &[r"^(?<path>\S.*\.\w+)$"],
        unit: Unit::Utf16,
        mend: syntax,
    ),
    shape!(
        "stylelint",
        [" [error]", " [warning]"],
        r"^<path>:<line>:<column>: <message>(?: \((?<rule>[\w@/-]+)\))? \[(?<severity>error|warning)\]$",
        unit: Unit::Utf16,
        mend: syntax,
    ),
    // Its versions before 6, by the reporter of PostCSS.
    shape!(
        "stylelint",
        ["\t"],
        r"^<line>:<column>\t(?:(?<severity>[✖⚠×‼])\s+)?<message> \((?<rule>[a-z][\w/-]+)\)(?: \[[\w-]+\])?$",
        above: &[r"^(?<path>\S.*\.\w+)$"],
        unit: Unit::Utf16,
        mend: syntax,
    ),
    shape!(
        "htmlhint",
        ["^ "],
        r"^\s+\^ <message> \((?<rule>[a-z][\w-]+)\)$",
        above: &[r"^\s{3}(?<path>/\S.*\.\w+)$", r"^\s+L<line> \|"],
        sign: r"^Scanned \d+ files?, ",
    ),
    shape!(
        "htmlhint",
        [" [error/", " [warning/"],
        r"^<path>:<line>:<column>: <message> \[(?<severity>error|warning)/(?<rule>[\w-]+)\]$",
        unit: Unit::Utf16,
    ),
    shape!(
        "spectral",
        [" error ", " warning ", " information ", " hint "],
        r"^\s+<line>:<column>\s+(?<severity>error|warning|information|hint)\s+<rule>\s{2,}<message>(?:\s{2,}\S+)?$",
        above: &[r"^(?<path>/?\S.*\.(?:ya?ml|json))$"],
        sign: r"^[✖✔] \d+ problems? \(\d+ errors?, \d+ warnings?, \d+ infos?, \d+ hints?\)",
    ),
    shape!(
        "standard",
        [" (", ".js:", ".jsx:", ".mjs:", ".cjs:", ".ts:", ".tsx:", ".vue:"],
        r"^\s{2}(?<path>/\S[^:]*?):<line>:<column>: <message>(?: \((?<rule>[\w@/-]+)\))?$",
        sign: r"^standard: Use JavaScript Standard Style|^standard: Run ",
        unit: Unit::Utf16,
    ),
    // By a formatter of the project's own, most often.
    shape!(
        "eslint",
        [".js:", ".jsx:", ".ts:", ".tsx:", ".mjs:", ".vue:"],
        r"^(?<path>[^\s:()]+\.(?:[cm]?[jt]sx?|vue)):<line>(?::<column>)?:? <message> \((?<rule>@?[a-z][\w-]*/[\w/-]+|[a-z]+(?:-[a-z]+)+)\)$",
        unit: Unit::Utf16,
    ),
    shape!(
        "tslint",
        ["ERROR: ", "WARNING: "],
        r"^(?<severity>ERROR|WARNING): (?<path>[^\s:(\[][^:\[]*\.[cm]?[jt]sx?):<line>:<column>(?: -)? <message>$",
        unit: Unit::Utf16,
    ),
    shape!(
        "tslint",
        ["ERROR: ", "WARNING: "],
        r"^(?<severity>ERROR|WARNING): (?:\(<rule>\) )?(?<path>[^\s:(\[][^:\[]*\.[cm]?[jt]sx?)\[<line>, <column>\]: <message>$",
        unit: Unit::Utf16,
    ),
    shape!(
        "tslint",
        ["ERROR: ", "WARNING: "],
        r"^\s*(?<severity>ERROR|WARNING): <line>:<column>\s+<rule>\s+<message>$",
        above: &[r"^(?<path>\S.*\.[cm]?[jt]sx?)(?::\d+:\d+)?$"],
        unit: Unit::Utf16,
    ),
    shape!("commitlint", ["✖   ", "⚠   "], r"^(?<severity>[✖⚠])   <message> \[(?<rule>[a-z-]+)\]$",),
    shape!(
        "esbuild",
        ["✘ [ERROR] ", "▲ [WARNING] ", "X [ERROR] ", "> "],
        r"^(?:✘|▲|X|!) \[(?<severity>ERROR|WARNING)\] <message>(?: \[(?<rule>[\w-]+)\])?$",
        below: &[r"^\s{4}(?<path>\S[^:]*?):<line>:<column>:$"],
        near: 8,
        kind: KIND,
        rule: "error",
        unit: Unit::Byte,
        first: 0,
        mend: unresolved,
    ),
    // Its older form, which Vite passes on.
    shape!(
        "esbuild",
        [": ERROR: ", ": WARNING: "],
        r"^<path>:<line>:<column>: (?<severity>ERROR|WARNING): <message>$",
        kind: KIND,
        rule: "error",
        unit: Unit::Byte,
        first: 0,
        mend: unresolved,
    ),
    // ts-loader, below the headline of webpack, which names the module alone.
    shape!(
        "tsc",
        ["[tsl] "],
        r"^\[tsl\] (?<severity>ERROR|WARNING) in <path>\(<line>,<column>\)$",
        below: &[r"^\s+(?<rule>TS\d+): <message>$"],
        near: 1,
        kind: FindingKind::TypeChecking,
        unit: Unit::Utf16,
        mend: unresolved,
    ),
    shape!(
        "deno",
        [" [ERROR]: ", " [WARN]: "],
        r"^(?<rule>TS\d+) \[(?<severity>ERROR|WARN)\]: <message>$",
        below: &[r"^\s+at (?<path>(?:file://)?/\S+?):<line>:<column>$"],
        kind: FindingKind::TypeChecking,
        unit: Unit::Utf16,
        mend: unresolved,
    ),
    shape!(
        "sass",
        ["Error: "],
        r"^Error: <message>$",
        below: &[r"^\s{2}(?<path>\S+\.(?:scss|sass|css)) <line>:<column>  \S.*$"],
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
    ),
    // The Ruby one.
    shape!(
        "sass",
        ["Error: "],
        r"^(?:Syntax )?[Ee]rror: <message>$",
        below: &[r"^\s+on line <line> of (?<path>\S+\.(?:scss|sass|css))$"],
        near: 3,
        kind: KIND,
        rule: "error",
    ),
    shape!(
        "hugo",
        [" REF_NOT_FOUND: "],
        r#"^(?:Building sites … )?ERROR (?:\S+ \S+ )?(?:\[[\w-]+\] )?(?<message>REF_NOT_FOUND: Ref ".*?"): "<path>:<line>:<column>": page not found$"#,
        kind: KIND,
        rule: "REF_NOT_FOUND",
    ),
    shape!(
        "hugo",
        ["rror building site: "],
        r#"^(?:Error|ERROR).*?: [Ee]rror building site: (?:[\w ]+: )*"<path>:<line>:<column>": <message>$"#,
        kind: KIND,
        rule: "error",
    ),
    // Next.js and what else shows a place and then says what is wrong there.
    shape!(
        "next",
        ["./"],
        r"^\./<path>:<line>:<column>$",
        below: &[r"^(?<message>(?:Type error|Syntax error|Module not found|Error|Parsing .* failed)\b.*)$"],
        near: 1,
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        mend: next,
    ),
    shape!(
        "eslint",
        ["  Error: ", "  Warning: "],
        r"^<line>:<column>  (?<severity>Error|Warning): <message>  <rule>$",
        above: &[r"^\./(?<path>\S.*\.\w+)$"],
        unit: Unit::Utf16,
    ),
    shape!(
        "svelte-check",
        [".svelte:", ".ts:", ".js:"],
        r"^<path>:<line>:<column>$",
        below: &[r"^(?<severity>Error|Warn|Hint): <message>(?: \((?:ts|js|svelte|css)\))?$"],
        near: 1,
        sign: r"^svelte-check found \d+ ",
        kind: FindingKind::TypeChecking,
        unit: Unit::Utf16,
    ),
    // Version 4 names the line of an import that leads nowhere below.
    shape!(
        "webpack",
        ["ERROR in ", "WARNING in "],
        r"^(?<severity>ERROR|WARNING) in (?<path>\S+)$",
        below: &[r"^(?<message>Module not found: .*)$", r"^ @ \S+ <line>:<column>-\d"],
        near: 2,
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        first: 0,
        mend: bundled,
    ),
    shape!(
        "webpack",
        ["ERROR in ", "WARNING in "],
        r"^(?<severity>ERROR|WARNING) in (?<path>\S+?)(?:[ :]<line>:<column>(?:-\d+(?::\d+)?)?)?$",
        below: &[r"^(?<message>\S.*)$"],
        near: 2,
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        first: 0,
        mend: bundled,
    ),
    // As Vite says it.
    shape!(
        "rollup",
        ["Could not resolve \"", "failed to resolve import \""],
        r#"^ {0,4}(?:\[[\w:-]+\]:? )?(?:RollupError: )?(?<message>(?:Could not resolve|Rollup failed to resolve import|Failed to resolve import) "[^"]+" from "(?<path>[^"]+)").*$"#,
        kind: KIND,
        rule: "error",
        mend: unresolved,
    ),
    shape!(
        "rollup",
        ["): "],
        r"^(?:\[[\w:-]+\] )?<path> \(<line>:<column>\): <message>$",
        sign: r"^(?:error during build:|RollupError: .*)$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        first: 0,
        mend: unresolved,
    ),
    shape!(
        "rollup",
        ["[!] "],
        r"^\[!\] <message>$",
        below: &[r"^(?<path>[^\s:(][^:(]*?\.\w+) \(<line>:<column>\)$"],
        near: 4,
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        first: 0,
        mend: unresolved,
    ),
    // Vite up to 4 says what is wrong, and in which file below.
    shape!(
        "rollup",
        ["file: "],
        r"^file: <path>:<line>:<column>$",
        above: &[r"^(?:\[[\w:-]+\] )?(?<message>\S.*)$"],
        sign: r"^error during build:$",
        kind: KIND,
        rule: "error",
        unit: Unit::Utf16,
        first: 0,
        mend: unresolved,
    ),
    shape!(
        "cspell",
        [" - Unknown word (", " - Forbidden word ("],
        r"^<path>:<line>:<column> - (?<message>(?:Unknown|Forbidden) word \(.*?\))",
        rule: "spelling",
        severity: Severity::Warning,
        unit: Unit::Utf16,
    ),
];

fn biome(found: &mut Diagnostic) {
    // What does not parse is not formatted, and was told.
    if found.message.starts_with("Code formatting aborted due to parsing errors") {
        found.message.clear();
    }
    match found.rule.split('/').next().unwrap_or_default() {
        "assist" | "format" => found.kind = FindingKind::Formatting,
        "parse" | "syntax" => found.rule = "syntax-error".to_owned(),
        _ => found.rule = found.rule.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

/// Names what eslint could not parse as it is named elsewhere.
fn unparsed(found: &mut Diagnostic) {
    if found.message.starts_with("Parsing error: ") {
        found.rule = "syntax-error".to_owned();
    }
}

fn syntax(found: &mut Diagnostic) {
    if matches!(found.rule.as_str(), "CssSyntaxError" | "message") {
        found.rule = "syntax-error".to_owned();
    }
}

/// Drops what only repeats the place: what a loader says of it follows on a line of its own.
fn bundled(found: &mut Diagnostic) {
    // ts-loader says the place below the file, and then all of it again in its own words.
    let is_place = !found.message.is_empty() && found.message.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-'));
    if is_place || found.message.starts_with("./") && found.message.ends_with(|c: char| c.is_ascii_digit()) {
        found.message.clear();
    }
    unresolved(found);
}

/// Tells what the types say from what does not build.
fn next(found: &mut Diagnostic) {
    if found.message.starts_with("Type error: ") {
        found.kind = FindingKind::TypeChecking;
    }
    unresolved(found);
}

/// Says of a bundler's message whether it is a module that cannot be found.
fn unresolved(found: &mut Diagnostic) {
    const WORDS: [&str; 5] =
        ["Could not resolve", "Module not found", "failed to resolve import", "Failed to resolve import", "is not exported by"];
    if WORDS.iter().any(|words| found.message.contains(words)) {
        (found.kind, found.rule) = (FindingKind::ImportError, "unresolved-import".to_owned());
    }
}
