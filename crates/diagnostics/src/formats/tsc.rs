//! The TypeScript compiler, plain and pretty.

use domain::{FindingKind, Severity};

use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span, Unit};

pattern! {
    PLAIN = r"^\s*(?:\[[\w@/ -]+\] )?(?:ERROR in )?(\S.*?)\((\d+),(\d+)\): (error|warning|message) (TS\d+): (.*)$";
    // A bundler puts the name of its plug-in before it.
    PRETTY = r"^\s*(?:\[[\w@/ -]+\] )?(\S.*?):(\d+):(\d+) - (error|warning|message) (TS\d+): (.*)$";
    GENERAL = r"^error (TS\d+): (.*)$";
}

/// Reads all its messages.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for line in lines {
        if !line.contains(" TS") {
            continue;
        }
        // As Angular passes it on.
        let line = line.strip_prefix("Error: ").unwrap_or(line);
        if let Some(found) = PLAIN.captures(line).or_else(|| PRETTY.captures(line)) {
            let severity = if &found[4] == "error" { Severity::Error } else { Severity::Warning };
            let span = Span::point(number(&found[2]).max(1), number(&found[3]).max(1), Unit::Utf16);
            reading.push("tsc text", Diagnostic::new("tsc", &found[5], kind(&found[5]), severity, &found[6]).at(&found[1], span));
        } else if let Some(found) = GENERAL.captures(line) {
            // About its configuration or input, not about a line.
            reading.push("tsc text", Diagnostic::new("tsc", &found[1], FindingKind::BuildError, Severity::Error, &found[2]));
        }
    }
}

fn kind(code: &str) -> FindingKind {
    match code {
        // Cannot find module; could not find a declaration file for it.
        "TS2307" | "TS7016" | "TS2792" => FindingKind::ImportError,
        "TS6385" | "TS6387" => FindingKind::Deprecation,
        _ => FindingKind::TypeChecking,
    }
}
