//! The classes of failure: the kinds of a finding, and beside them what no finding is.

use std::fmt;

use domain::FindingKind;

/// What kind of failure a run ended in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// One that a finding can be of.
    Finding(FindingKind),
    /// The program itself went down: a signal, a sanitizer, a panic.
    Crash,
    /// The CI system does not accept its configuration.
    WorkflowConfig,
    /// A tool, a version, a permission or a secret is missing where the job ran.
    Environment,
    /// Something could not be reached.
    Network,
    /// Memory, disk or time ran out.
    Resources,
    /// A test that may pass when it is run again.
    Flaky,
    /// Somebody, or a newer run, stopped it.
    Cancelled,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finding(kind) => return kind.fmt(f),
            Self::Crash => "crash",
            Self::WorkflowConfig => "workflow_config",
            Self::Environment => "environment",
            Self::Network => "network",
            Self::Resources => "resources",
            Self::Flaky => "flaky",
            Self::Cancelled => "cancelled",
        })
    }
}
