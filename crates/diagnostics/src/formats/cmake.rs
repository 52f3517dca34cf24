//! CMake's errors and warnings: `CMake Error at FILE:LINE (command):`, then the text, indented.

use domain::{FindingKind, Severity};

use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span};

pattern! {
    HEAD = r"^CMake (Error|Warning|Deprecation Warning)(?: \(dev\))?(?: at (.+?):(\d+)(?: \((\w+)\))?)?:\s*(.*)$";
}

/// Reads all its messages.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for (index, line) in lines.iter().enumerate() {
        let Some(found) = HEAD.captures(line) else { continue };
        let severity = if &found[1] == "Error" { Severity::Error } else { Severity::Warning };
        let kind = match &found[1] {
            "Error" => FindingKind::BuildError,
            "Warning" => FindingKind::Linting,
            _ => FindingKind::Deprecation,
        };
        let paragraph = lines.iter().skip(index + 1).take(20).take_while(|line| line.starts_with("  "));
        let message = std::iter::once(&found[5]).chain(paragraph.copied()).collect::<Vec<_>>().join(" ");
        let rule = found.get(4).map_or("error", |command| command.as_str());
        let mut diagnostic = Diagnostic::new("cmake", rule, kind, severity, &message);
        if let Some((path, line)) = found.get(2).zip(found.get(3)) {
            diagnostic = diagnostic.at(path.as_str(), Span::line(number(line.as_str())));
        }
        reading.push("cmake text", diagnostic);
    }
}
