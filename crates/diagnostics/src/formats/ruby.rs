//! Ruby's exceptions that nothing caught: what was raised, and the innermost line of the project that led there.

use domain::{FindingKind, Severity};

use crate::reading::{Reading, number};
use crate::text::pattern;
use crate::{Diagnostic, Span};

pattern! {
    RAISED = r"^(\S+?\.rb):(\d+):in [`'][^']*': (.+) \(([A-Z][\w:]*)\)$";
    FROM = r"^\s+(?:\d+: )?from (\S+?\.rb):(\d+):in ";
}

/// A stack is no deeper than this, and begins no further below the message.
const DEEPEST: usize = 200;
const LONGEST_MESSAGE: usize = 15;

/// Says whether a file is one of Ruby's own or of a gem.
pub(crate) fn is_library(path: &str) -> bool {
    ["/gems/", "/lib/ruby/", "/usr/share/rubygems", "/vendor/bundle/"].iter().any(|part| path.contains(part))
        || path.starts_with("<internal:")
}

/// Reads all of them.
pub(crate) fn text(lines: &[&str], reading: &mut Reading<'_>) {
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(".rb:")) {
        let Some(found) = RAISED.captures(line) else { continue };
        // Newer versions show the line of code between the message and the stack.
        let after = lines.get(index + 1..).unwrap_or_default();
        let stack = after.iter().take(LONGEST_MESSAGE).position(|line| FROM.is_match(line)).unwrap_or(after.len());
        let below = after.iter().skip(stack).take(DEEPEST).map_while(|line| FROM.captures(line));
        let frames = std::iter::once((found[1].to_owned(), number(&found[2])))
            .chain(below.map(|frame| (frame[1].to_owned(), number(&frame[2]))));
        let kind = match &found[4] {
            "LoadError" | "NameError" => FindingKind::ImportError,
            _ => FindingKind::BuildError,
        };
        let raised = Diagnostic::new("ruby", &found[4], kind, Severity::Error, &found[3]);
        // A stack through libraries alone is a broken tool, not the code that it was to run.
        if let Some((path, line)) = frames.into_iter().find(|(path, _)| !is_library(path)) {
            reading.push("ruby text", raised.at(path, Span::line(line)));
        }
    }
}
