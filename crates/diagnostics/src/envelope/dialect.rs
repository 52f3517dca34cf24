//! Which CI system wrote a log.

use super::{github, gitlab};
use crate::text::pattern;

/// The CI system that wrote a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// None that is known: the output of a command.
    #[default]
    Plain,
    /// GitHub Actions, and those that keep to its form (Gitea, Forgejo).
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Jenkins.
    Jenkins,
    /// Travis CI.
    Travis,
    /// Buildkite.
    Buildkite,
    /// CircleCI.
    CircleCi,
}

pattern! {
    // Or a page of a run, copied: what a step runs stands indented below its name, and its shell below that.
    GITHUB = r"(?m)^##\[(?:group|endgroup|error|command|section)\]|^Run \S.*\n(?:  .*\n){1,40}?  shell: \S";
    GITLAB = r"(?m)(?:^|[\r\n]|\x1b\[0K)section_(?:start|end):\d+:|^(?:\x1b\[[0-9;]*[mK])*Running with gitlab-runner |^(?:\x1b\[[0-9;]*[mK])*ERROR: Job failed(?: \(|: )";
    JENKINS = r"(?m)^(?:\[[0-9T:.Z-]+\] |\d\d:\d\d:\d\d(?:\.\d{1,3})? +)?(?:\x1b\[8mha:\S*\x1b\[0m)*(?:\[Pipeline\] |Finished: (?:SUCCESS|FAILURE|UNSTABLE|ABORTED|NOT_BUILT)\s*$)";
    TRAVIS = r"(?m)(?:^|\r|\x1b\[0K)travis_(?:fold:(?:start|end)|time:(?:start|end)):|^(?:\x1b\[[0-9;]*m)*Done\. Your build exited with \d+\.";
    BUILDKITE = r"_bk;t=\d+\x07|(?m)^~~~ (?:Preparing|Running|Setting up) |🚨 Error: The command exited with status \d+";
    CIRCLECI = r"(?m)\A#!/bin/(?:ba)?sh -eo? ?(?:pipefail)?\s*$|^CircleCI received exit code \d+|^Exited with code exit status \d+";
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Plain, Self::GitHub, Self::GitLab, Self::Jenkins, Self::Travis, Self::Buildkite, Self::CircleCi];

    /// Tells the dialect from the beginning of a log.
    pub(super) fn of(head: &str) -> Self {
        // Both stamp alike; GitLab names the stream after it.
        if gitlab::is_stamped(head) {
            return Self::GitLab;
        }
        if github::is_stamped(head) || GITHUB.is_match(head) {
            return Self::GitHub;
        }
        if GITLAB.is_match(head) {
            return Self::GitLab;
        }
        let others =
            [(&JENKINS, Self::Jenkins), (&TRAVIS, Self::Travis), (&BUILDKITE, Self::Buildkite), (&CIRCLECI, Self::CircleCi)];
        others.into_iter().find(|(pattern, _)| pattern.is_match(head)).map_or(Self::Plain, |(_, dialect)| dialect)
    }

    /// Returns its name, as reports write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Jenkins => "jenkins",
            Self::Travis => "travis",
            Self::Buildkite => "buildkite",
            Self::CircleCi => "circleci",
        }
    }
}
