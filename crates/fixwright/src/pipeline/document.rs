//! The document that a run ends with: the same for `--json`, `show`, `report` and the closing lines. Its schema is 1.

use std::collections::BTreeMap;

use domain::{Attempt, Digest, Evidence, Finding, Reason};
use serde::{Deserialize, Serialize};

use crate::contain::Held;

/// What came of a run. Additions keep the schema's number; a change of meaning raises it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Document {
    pub(crate) schema: u32,
    pub(crate) repository: String,
    /// The commit that all of it is about.
    pub(crate) base: String,
    /// The branch at `HEAD`, where it is not detached.
    #[serde(default)]
    pub(crate) base_branch: Option<String>,
    pub(crate) branches: Vec<BranchLine>,
    pub(crate) cases: Vec<CaseLine>,
    /// How often each recipe was run.
    pub(crate) recipe_runs: BTreeMap<String, u64>,
    pub(crate) seconds: f64,
    /// Wall time in which at least one tool was running.
    pub(crate) seconds_in_tools: f64,
    /// Tests that passed at the base and at the tip, where a test recipe ran.
    #[serde(default)]
    pub(crate) tests: Option<TestsLine>,
    /// Recipes that could not run, files that were ignored, tools that are not there.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    /// Recipes that were asked and could not run, and why: what they would have found is not known.
    #[serde(default)]
    pub(crate) unanswered: Vec<String>,
    /// `interrupted` or `out_of_budget` when the work was stopped early; it goes on when the command is given again.
    #[serde(default)]
    pub(crate) stopped: Option<Reason>,
    /// The back end of the sandbox in which everything ran.
    #[serde(default)]
    pub(crate) sandbox: String,
    /// What it could not hold.
    #[serde(default)]
    pub(crate) not_held: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BranchLine {
    pub(crate) name: String,
    pub(crate) tip: String,
    pub(crate) cases: Vec<String>,
    /// The file with the text for a pull request.
    #[serde(default)]
    pub(crate) pull_request: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CaseLine {
    pub(crate) id: String,
    /// What a person types for it: `fixwright show NUMBER`.
    #[serde(default)]
    pub(crate) number: i64,
    #[serde(default)]
    pub(crate) title: String,
    /// `delivered`, `refused` or `pending`.
    pub(crate) status: String,
    pub(crate) reason: Option<Reason>,
    pub(crate) engine: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) commit: Option<String>,
    pub(crate) findings: Vec<FindingLine>,
    pub(crate) gates: Vec<Evidence>,
    #[serde(default)]
    pub(crate) attempts: Vec<Attempt>,
    /// The digest of the patch that a person must approve first: `fixwright verify --approve` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) candidate: Option<Digest>,
    /// That patch, or, with `--plan`, the difference that a delivery would make.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) diff: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FindingLine {
    pub(crate) id: String,
    pub(crate) kind: domain::FindingKind,
    pub(crate) rule: String,
    pub(crate) severity: domain::Severity,
    pub(crate) path: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TestsLine {
    pub(crate) passed_before: u64,
    pub(crate) passed_after: u64,
}

impl From<&Finding> for FindingLine {
    fn from(finding: &Finding) -> Self {
        Self {
            id: finding.id.clone(),
            kind: finding.kind,
            rule: finding.rule.clone(),
            severity: finding.severity,
            path: finding.path().map(ToString::to_string),
            line: finding.line(),
            message: finding.message.clone(),
        }
    }
}

impl Document {
    /// Returns what held the commands.
    pub(crate) fn held(&self) -> Held {
        Held { backend: self.sandbox.clone(), not_held: self.not_held.clone() }
    }

    /// Returns how many findings were settled, and how many there were.
    pub(crate) fn settled(&self) -> (usize, usize) {
        let count = |cases: &mut dyn Iterator<Item = &CaseLine>| cases.map(|case| case.findings.len()).sum();
        let done = count(&mut self.cases.iter().filter(|case| case.status == "delivered"));
        (done, count(&mut self.cases.iter()))
    }
}
