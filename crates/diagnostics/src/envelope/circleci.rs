//! CircleCI: the script of a step at its head, its exit code at its end.

use super::{Bare, Mark, bare};
use crate::text::pattern;

pattern! {
    SHEBANG = r"^#!/bin/(?:ba)?sh(?: -\S+.*)?$";
    EXITED = r"^(?:CircleCI received exit code|Exited with code(?: exit status)?) (-?\d+)\s*$";
}

/// What is known while the lines pass.
#[derive(Debug, Default)]
pub(super) struct Peel {
    in_script: bool,
}

impl Peel {
    pub(super) fn line<'a>(&mut self, raw: &'a str) -> Bare<'a> {
        let line = bare(raw);
        if SHEBANG.is_match(&line) {
            self.in_script = true;
            return Bare::default();
        }
        if self.in_script {
            // The script ends at the first empty line.
            self.in_script = !line.trim().is_empty();
            return if self.in_script { Bare::mark(Mark::Command(line.into_owned())) } else { Bare::default() };
        }
        if let Some(code) = EXITED.captures(&line).and_then(|found| found[1].parse().ok()) {
            return Bare::mark(if code == 0 { Mark::Passed } else { Mark::Exit(code) });
        }
        Bare::text(line)
    }
}
