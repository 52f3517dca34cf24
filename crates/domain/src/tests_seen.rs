//! What a test run reported, test by test where the runner says so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How one test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TestOutcome {
    /// It passed.
    Passed,
    /// It failed, or broke before it could fail.
    Failed,
    /// It was not run.
    Skipped,
}

/// The tests of one run. Counts are those that the runner states; names may be fewer (some runners name only failures).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestsSeen {
    /// The runner that was recognised (`pytest`, `cargo test`, …); `None` when no test report was found in the output.
    pub framework: Option<String>,
    /// Passed, as counted by the runner.
    pub passed: u64,
    /// Failed or broken, as counted by the runner.
    pub failed: u64,
    /// Of those that failed, the ones that broke before they could fail, where the runner tells the two apart.
    #[serde(default, skip_serializing_if = "is_none")]
    pub errors: u64,
    /// Skipped, as counted by the runner.
    pub skipped: u64,
    /// How many ran, where the runner states it in words of its own: some count those that were skipped, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<u64>,
    /// Each named test with its outcomes: a name may stand more than once (two binaries, a parametrised test).
    pub named: BTreeMap<String, Vec<TestOutcome>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl TestsSeen {
    /// Returns how many tests ran: passed and failed.
    #[must_use]
    pub fn ran(&self) -> u64 {
        self.passed + self.failed
    }

    /// Returns the names of tests that passed at `before` and do not pass as often here: failing, skipped or gone.
    #[must_use]
    pub fn lost_since(&self, before: &Self) -> Vec<String> {
        let passes = |seen: &Self, name: &str| {
            seen.named.get(name).map_or(0, |all| all.iter().filter(|o| **o == TestOutcome::Passed).count())
        };
        before.named.keys().filter(|name| passes(self, name) < passes(before, name)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vanished_or_failing_test_is_lost_and_an_old_failure_is_not() {
        let seen = |list: &[(&str, TestOutcome)]| TestsSeen {
            named: list.iter().map(|(name, outcome)| ((*name).to_owned(), vec![*outcome])).collect(),
            ..TestsSeen::default()
        };
        use TestOutcome::{Failed, Passed, Skipped};
        let before = seen(&[("a", Passed), ("b", Passed), ("c", Failed), ("d", Passed)]);
        let after = seen(&[("a", Passed), ("b", Failed), ("c", Failed), ("e", Passed), ("d", Skipped)]);
        assert_eq!(after.lost_since(&before), ["b", "d"]);
    }
}
