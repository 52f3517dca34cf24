//! Gates, their verdicts, and the evidence that they leave.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Digest, Reason};

/// A check that every candidate passes, in this order: cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gate {
    /// The answer can be read as edits.
    Parse,
    /// Every edit fits the files, all or nothing.
    Apply,
    /// Nothing protected is touched, the size is bounded, and nothing is merely silenced.
    Scope,
    /// Every changed file parses at least as well as before.
    Syntax,
    /// It lets the program do nothing that it could not do before, but for what the policy passes or a person approved.
    Capability,
    /// It brings in no secrets, no hidden text and no blobs, and takes away no licence.
    Secrets,
    /// It builds.
    Build,
    /// The failure was there at the base and is gone.
    Reproduce,
    /// No test that passed at the base fails or vanishes.
    Regress,
    /// No finding is new.
    Rescan,
}

impl Gate {
    /// All gates in order.
    pub const ALL: [Self; 10] = [
        Self::Parse,
        Self::Apply,
        Self::Scope,
        Self::Syntax,
        Self::Capability,
        Self::Secrets,
        Self::Build,
        Self::Reproduce,
        Self::Regress,
        Self::Rescan,
    ];
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parse => "parse",
            Self::Apply => "apply",
            Self::Scope => "scope",
            Self::Syntax => "syntax",
            Self::Capability => "capability",
            Self::Secrets => "secrets",
            Self::Build => "build",
            Self::Reproduce => "reproduce",
            Self::Regress => "regress",
            Self::Rescan => "rescan",
        })
    }
}

/// The answer of a gate. Only `Pass` is a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Checked and good.
    Pass,
    /// Checked and bad.
    Fail,
    /// It could not be checked: never a pass.
    Inconclusive,
    /// There is nothing to check here (no build step, no tests): said so wherever the candidate is shown.
    NotApplicable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::NotApplicable => "not_applicable",
        })
    }
}

/// What one gate said of one tree, and what was run for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The gate.
    pub gate: Gate,
    /// Its answer.
    pub verdict: Verdict,
    /// Why, as a code; `None` for a plain pass.
    pub reason: Option<Reason>,
    /// One line for a person: what was seen before and after.
    pub detail: String,
    /// The command that was run, where one was.
    pub command: Option<String>,
    /// Its exit status; `None` when nothing was run or a signal ended it.
    pub exit_code: Option<i32>,
    /// How long it took.
    pub seconds: f64,
    /// Blob with the recipe's output at the base.
    pub before: Option<Digest>,
    /// Blob with the recipe's output on the candidate's tree: the evidence itself.
    pub evidence: Option<Digest>,
}

impl Evidence {
    /// Returns the evidence of a gate for which nothing had to be run.
    #[must_use]
    pub fn still(gate: Gate, verdict: Verdict, reason: Option<Reason>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { gate, verdict, reason, detail, command: None, exit_code: None, seconds: 0.0, before: None, evidence: None }
    }
}
