//! Buildkite: stamps in escape sequences, headings behind three signs, commands behind a dollar sign.

use super::{Bare, Mark, bare};
use crate::text::pattern;

pattern! {
    // The escape may have been lost on the way.
    STAMP = r"\x1b?_bk;t=\d+\x07";
    HEADING = r"^(?:---|\+\+\+|~~~) (\S.*)$";
    GO_TEST = r"^--- (?:FAIL|PASS|SKIP|BENCH): ";
    EXITED = r"^(?:🚨 Error: The command exited with status|user command error: exit status) (-?\d+)$";
    COMMAND = r"^\$ (.+)$";
}

/// What is known while the lines pass.
#[derive(Debug, Default)]
pub(super) struct Peel {
    /// The line before was `--- a`, and this one is the `+++ b` of a diff.
    in_diff: bool,
    /// A heading, or a command, stood on the line before.
    at_head: bool,
}

impl Peel {
    pub(super) fn line<'a>(&mut self, raw: &'a str, next: Option<&str>) -> Bare<'a> {
        let stamped = STAMP.replace_all(raw, "").into_owned();
        let line = bare(&stamped).into_owned();
        let begins_diff = line.starts_with("--- ") && next.is_some_and(|next| STAMP.replace_all(next, "").starts_with("+++ "));
        let ends_diff = std::mem::replace(&mut self.in_diff, begins_diff);
        let at_head = std::mem::take(&mut self.at_head);
        // Go's tests begin a line so, too.
        if begins_diff || ends_diff || GO_TEST.is_match(&line) {
            return Bare::text(line);
        }
        if line.trim_end() == "^^^ +++" {
            return Bare::default();
        }
        if let Some(found) = EXITED.captures(line.trim_end()) {
            return found[1].parse().map_or_else(|_| Bare::default(), |code| Bare::mark(Mark::Exit(code)));
        }
        if let Some(found) = HEADING.captures(&line) {
            self.at_head = true;
            return Bare::mark(begin(found[1].trim_end()));
        }
        match COMMAND.captures(&line).filter(|_| at_head) {
            Some(found) => {
                self.at_head = true;
                Bare::mark(Mark::Command(found[1].to_owned()))
            }
            None => Bare::text(line),
        }
    }
}

fn begin(heading: &str) -> Mark {
    let asides =
        ["Running agent ", "Running global ", "Running local pre-exit", "Running repository pre-exit", "Uploading artifacts"];
    if asides.iter().any(|word| heading.starts_with(word)) {
        Mark::Aside(heading.to_owned())
    } else {
        Mark::Step(heading.to_owned())
    }
}
