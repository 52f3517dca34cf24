//! What a CI system writes round the output of a command.

use std::borrow::Cow;

use crate::text::pattern;

pattern! {
    // GitHub stamps every line; the log that `gh run view --log` prints has the job and the step before that.
    STAMP = r"(?m)^(?:[^\t\r\n]*\t[^\t\r\n]*\t)?\x{feff}?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z ?";
}

/// Returns a log without the time stamps that its lines begin with; any other text as it is.
#[must_use]
pub fn peel(log: &str) -> Cow<'_, str> {
    let mut lines = log.lines().filter(|line| !line.trim().is_empty()).take(20);
    let stamped = |line: &str| STAMP.find(line).is_some_and(|found| found.start() == 0);
    // One stamped line among others is somebody's own log.
    if log.is_empty() || !lines.all(stamped) { Cow::Borrowed(log) } else { STAMP.replace_all(log, "") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_are_peeled_where_every_line_has_one() {
        let log = "\u{feff}2024-05-01T10:00:00.1234567Z ##[group]Run ruff\n2024-05-01T10:00:01.1234567Z a.py:1:1: F401 x\n";
        assert_eq!(peel(log), "##[group]Run ruff\na.py:1:1: F401 x\n");
        let viewed = "lint\tRun ruff\t2024-05-01T10:00:01.1234567Z a.py:1:1: F401 x\n";
        assert_eq!(peel(viewed), "a.py:1:1: F401 x\n");
        let own = "starting\n2024-05-01T10:00:00Z request\n";
        assert_eq!(peel(own), own);
    }
}
