//! The document that `fixwright fix --json` ends with, read as a script of a user would read it: from the documented form, and not
//! through the program's own types.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// The whole document.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    schema: u32,
    pub(crate) base: String,
    pub(crate) branches: Vec<Branch>,
    pub(crate) cases: Vec<Case>,
    pub(crate) recipe_runs: Runs,
    /// Wall time in which at least one tool was running.
    pub(crate) seconds_in_tools: f64,
}

/// How often recipes ran: in all, or by name.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Runs {
    Total(u64),
    ByRecipe(std::collections::BTreeMap<String, u64>),
}

impl Runs {
    /// Returns how often any recipe ran.
    pub(crate) fn total(&self) -> u64 {
        match self {
            Self::Total(runs) => *runs,
            Self::ByRecipe(runs) => runs.values().sum(),
        }
    }
}

/// A branch that was delivered.
#[derive(Debug, Deserialize)]
pub(crate) struct Branch {
    pub(crate) name: String,
    pub(crate) tip: String,
}

/// A cause, with what became of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Delivered,
    Refused,
    Pending,
}

/// A finding of the base run.
#[derive(Debug, Deserialize)]
pub(crate) struct Finding {
    pub(crate) id: String,
}

impl Report {
    /// Reads the document.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let report: Self = serde_json::from_str(text.trim()).context("reading the document of `fixwright fix --json`")?;
        ensure!(report.schema == 1, "the document has schema {}: this reads schema 1", report.schema);
        Ok(report)
    }

    /// Returns the findings that are in no case or in two: each must be in exactly one.
    pub(crate) fn findings_twice(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.cases.iter().flat_map(|case| case.findings.iter().map(|f| f.id.as_str())).collect();
        ids.sort_unstable();
        ids.windows(2).filter_map(|two| (two.first() == two.last()).then(|| two.first().copied()).flatten()).collect()
    }

    /// Returns how many findings were left for each reason, the most frequent first. One without a reason counts as `(no reason)`.
    pub(crate) fn left_by_reason(&self) -> Vec<(String, usize)> {
        let mut counts = std::collections::BTreeMap::new();
        for case in self.cases.iter().filter(|case| case.status != Status::Delivered) {
            *counts.entry(case.reason.clone().unwrap_or_else(|| NO_REASON.to_owned())).or_insert(0) += case.findings.len();
        }
        let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

/// How a case that is left without saying why is shown.
pub(crate) const NO_REASON: &str = "(no reason)";

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"schema": 1, "repository": "/r", "base": "0123abc",
      "branches": [{"name": "fixwright/lint-0123abc", "tip": "fedc", "cases": ["a"]}],
      "cases": [
        {"id": "a", "status": "delivered", "reason": null, "engine": "tool", "branch": "fixwright/lint-0123abc", "commit": "fedc",
         "findings": [{"id": "1", "kind": "linting", "rule": "F401", "severity": "error", "path": "a.py", "line": 1, "message": "m"}],
         "gates": [{"gate": "apply", "verdict": "pass", "reason": null, "command": null, "exit_code": null, "seconds": 0.0, "evidence": null}]},
        {"id": "b", "status": "refused", "reason": "no_candidate", "engine": null, "branch": null, "commit": null,
         "findings": [{"id": "2", "kind": "linting", "rule": "E741", "severity": "error", "path": null, "line": null, "message": "m"},
                      {"id": "3", "kind": "linting", "rule": "E741", "severity": "error", "path": "a.py", "line": 9, "message": "m"}], "gates": []},
        {"id": "c", "status": "pending", "reason": null, "findings": [{"id": "1"}], "gates": []}],
      "recipe_runs": {"lint": 3, "test": 2}, "seconds": 2.5, "seconds_in_tools": 2.25}"#;

    #[test]
    fn the_documented_form_is_read() {
        let report = Report::parse(DOCUMENT).unwrap();
        assert_eq!(report.recipe_runs.total(), 5);
        assert_eq!(report.left_by_reason(), [("no_candidate".to_owned(), 2), (NO_REASON.to_owned(), 1)]);
        assert_eq!(report.findings_twice(), ["1"]);
        assert_eq!(Report::parse(&DOCUMENT.replace(r#"{"lint": 3, "test": 2}"#, "7")).unwrap().recipe_runs.total(), 7);
    }

    #[test]
    fn another_schema_and_half_a_document_are_refused() {
        assert!(Report::parse(&DOCUMENT.replace("\"schema\": 1", "\"schema\": 2")).is_err());
        assert!(Report::parse(DOCUMENT.get(..200).unwrap()).is_err());
    }
}
