//! The gate `regress`: the tests after a change against the tests before it, never against "all green".

use domain::{Reason, TestsSeen, Verdict};

use super::run::Run;

/// The answer of a gate, in words and as a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<Reason>,
    pub(crate) detail: String,
    /// The tests that passed before and fail or are gone, where the runner names them.
    pub(crate) lost: Vec<String>,
}

impl Judged {
    pub(crate) fn new(verdict: Verdict, reason: Option<Reason>, detail: impl Into<String>) -> Self {
        Self { verdict, reason, detail: detail.into(), lost: Vec::new() }
    }
}

/// Judges a test run against that of the base. `again` is a second run of the same tree, asked for when tests were lost: a test that
/// passes there flips by itself, is called flaky, and is not held against the change.
pub(crate) fn judge(before: &Run, after: &Run, again: Option<&Run>) -> Judged {
    if let Some(why) = &before.could_not_run {
        return Judged::new(
            Verdict::Inconclusive,
            Some(Reason::CouldNotRun),
            format!("the tests could not run at the base: {why}"),
        );
    }
    if let Some(why) = &after.could_not_run {
        let reason = if after.timed_out { Reason::TimedOut } else { Reason::CouldNotRun };
        return Judged::new(Verdict::Inconclusive, Some(reason), format!("the tests ran before and could not run after: {why}"));
    }
    let again = again.filter(|again| again.could_not_run.is_none());
    let (was, is) = (&before.tests, &after.tests);
    if was.framework.is_none() {
        return by_exit_code(before, after, again);
    }
    if was.ran() + was.skipped == 0 {
        return Judged::new(Verdict::NotApplicable, Some(Reason::NoTests), "no tests were found");
    }
    if was.passed == 0 {
        let detail = format!("no test passed at the base ({} failed), so none can be compared", was.failed);
        return Judged::new(Verdict::NotApplicable, Some(Reason::NoPassingTests), detail);
    }
    let mut lost = is.lost_since(was);
    let mut flaky = Vec::new();
    if let Some(again) = again {
        let still = again.tests.lost_since(was);
        (lost, flaky) = lost.into_iter().partition(|name| still.contains(name));
    }
    if !lost.is_empty() {
        let detail = format!("{} passed before and fail or are gone: {}", counted(lost.len(), "test"), list(&lost));
        return Judged { lost, ..Judged::new(Verdict::Fail, Some(Reason::TestsBroken), detail) };
    }
    // Where the runner names only failures, the counts must say the rest.
    let unnamed = is.passed < was.passed && named_passes(was) < was.passed && flaky.is_empty();
    let back = again.filter(|again| again.tests.passed >= was.passed);
    if unnamed && back.is_none() {
        let twice = again.map(|again| format!(" and {} when they ran again", again.tests.passed)).unwrap_or_default();
        let detail = format!("{} tests passed before, {} after{twice}", was.passed, is.passed);
        return Judged::new(Verdict::Fail, Some(Reason::TestsBroken), detail);
    }
    let mut detail = format!("{} passed before, {} after", was.passed, is.passed);
    if was.failed + is.failed > 0 {
        detail += &format!("; {} failed before, {} after", was.failed, is.failed);
    }
    if !flaky.is_empty() {
        detail += &format!("; flaky: {}", list(&flaky));
        return Judged::new(Verdict::Pass, Some(Reason::TestsFlaky), detail);
    }
    if let Some(back) = back.filter(|_| unnamed) {
        detail += &format!("; flaky: {} passed when they ran again", back.tests.passed);
        return Judged::new(Verdict::Pass, Some(Reason::TestsFlaky), detail);
    }
    Judged::new(Verdict::Pass, None, detail)
}

/// A runner whose report nobody can read: only its exit code speaks.
fn by_exit_code(before: &Run, after: &Run, again: Option<&Run>) -> Judged {
    let is_good = |run: &Run| run.exit_code == Some(0);
    match (before.exit_code, after.exit_code) {
        (Some(0), Some(0)) => Judged::new(Verdict::Pass, None, "exit 0 before and after; the runner reports no single tests"),
        (Some(0), _) if again.is_some_and(is_good) => Judged::new(
            Verdict::Pass,
            Some(Reason::TestsFlaky),
            "exit 0 before, not after, and 0 when they ran again: flaky; the runner reports no single tests",
        ),
        (Some(0), code) => {
            let detail = format!("exit 0 before, {} after", code.map_or_else(|| "killed".to_owned(), |code| code.to_string()));
            Judged::new(Verdict::Fail, Some(Reason::TestsBroken), detail)
        }
        _ => Judged::new(
            Verdict::NotApplicable,
            Some(Reason::NoPassingTests),
            "the test command failed at the base and reports no single tests, so none can be compared",
        ),
    }
}

fn named_passes(tests: &TestsSeen) -> u64 {
    let passes = tests.named.values().flatten().filter(|outcome| **outcome == domain::TestOutcome::Passed);
    passes.count() as u64
}

/// Returns a number with what it counts, in the plural where it takes one.
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn list(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(String::as_str).collect();
    let more = names.len().saturating_sub(5);
    if more == 0 { shown.join(", ") } else { format!("{} and {more} more", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use domain::TestOutcome::{Failed, Passed};
    use domain::{Digest, Recipe, TestOutcome};

    use super::*;

    fn run(exit_code: i32, tests: &[(&str, TestOutcome)]) -> Run {
        let count = |what| tests.iter().filter(|(_, outcome)| *outcome == what).count() as u64;
        Run {
            recipe: Recipe::Test,
            subproject: ".".into(),
            command: "pytest".into(),
            exit_code: Some(exit_code),
            timed_out: false,
            could_not_run: None,
            seconds: 0.0,
            findings: vec![],
            tests: TestsSeen {
                framework: Some("pytest".into()),
                passed: count(Passed),
                failed: count(Failed),
                skipped: 0,
                named: tests.iter().map(|(name, outcome)| ((*name).to_owned(), vec![*outcome])).collect(),
                ..TestsSeen::default()
            },
            skipped: vec![],
            output: Digest::of(""),
            held: crate::contain::Held::default(),
        }
    }

    #[test]
    fn the_baseline_counts_and_not_all_green() {
        let before = run(1, &[("a", Passed), ("b", Failed)]);
        assert_eq!(judge(&before, &before, None).verdict, Verdict::Pass);
        assert_eq!(judge(&before, &run(1, &[("a", Failed), ("b", Passed)]), None).reason, Some(Reason::TestsBroken));
        assert_eq!(judge(&before, &run(0, &[("b", Passed)]), None).reason, Some(Reason::TestsBroken), "a vanished test");
    }

    #[test]
    fn nothing_found_or_nothing_run_is_never_a_pass() {
        let good = run(0, &[("a", Passed)]);
        let none = run(5, &[]);
        assert_eq!(judge(&none, &none, None).reason, Some(Reason::NoTests));
        assert_eq!(judge(&none, &none, None).verdict, Verdict::NotApplicable);
        let missing = Run { could_not_run: Some("pytest: not found".into()), ..run(127, &[]) };
        assert_eq!(judge(&missing, &missing, None).verdict, Verdict::Inconclusive);
        assert_eq!(judge(&good, &missing, None).verdict, Verdict::Inconclusive);
        let red = run(1, &[("a", Failed)]);
        assert_eq!(judge(&red, &red, None).reason, Some(Reason::NoPassingTests));
    }

    #[test]
    fn a_test_that_flips_by_itself_is_flaky_and_named() {
        let good = run(0, &[("a", Passed), ("b", Passed)]);
        let bad = run(1, &[("a", Passed), ("b", Failed)]);
        let judged = judge(&good, &bad, Some(&good));
        assert_eq!((judged.verdict, judged.reason), (Verdict::Pass, Some(Reason::TestsFlaky)));
        assert!(judged.detail.contains("flaky: b"));
        assert_eq!(judge(&good, &bad, Some(&bad)).verdict, Verdict::Fail);
    }

    #[test]
    fn without_names_the_counts_and_without_counts_the_exit_code_decide() {
        let counted = |passed, exit| {
            let mut it = run(exit, &[]);
            it.tests.passed = passed;
            it
        };
        assert_eq!(judge(&counted(9, 0), &counted(9, 0), None).verdict, Verdict::Pass);
        let lost = |again: &Run| judge(&counted(9, 0), &counted(8, 0), Some(again));
        assert_eq!(judge(&counted(9, 0), &counted(8, 0), None).verdict, Verdict::Fail);
        assert_eq!(lost(&counted(8, 0)).verdict, Verdict::Fail);
        assert_eq!((lost(&counted(9, 0)).verdict, lost(&counted(9, 0)).reason), (Verdict::Pass, Some(Reason::TestsFlaky)));
        let mute = |exit| {
            let mut it = run(exit, &[]);
            it.tests.framework = None;
            it
        };
        assert_eq!(judge(&mute(0), &mute(0), None).verdict, Verdict::Pass);
        assert_eq!(judge(&mute(0), &mute(2), None).verdict, Verdict::Fail);
        assert_eq!(judge(&mute(0), &mute(2), Some(&mute(2))).verdict, Verdict::Fail);
        let flaky = judge(&mute(0), &mute(2), Some(&mute(0)));
        assert_eq!((flaky.verdict, flaky.reason), (Verdict::Pass, Some(Reason::TestsFlaky)));
        let broken = Run { could_not_run: Some("killed".into()), ..mute(0) };
        assert_eq!(judge(&mute(0), &mute(2), Some(&broken)).verdict, Verdict::Fail, "what did not run has not passed");
        assert_eq!(judge(&mute(2), &mute(2), None).verdict, Verdict::NotApplicable);
    }
}
