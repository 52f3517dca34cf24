//! The deterministic fixers as an engine: each that knows the finding is asked.

use domain::{Edit, RepoPath};

use super::fixers::{self, FixContext, Repair};
use super::{Ask, Draft, Engine, Write};

/// The engine `fixer`.
pub(crate) struct Fixers;

impl Engine for Fixers {
    fn propose(&self, ask: &Ask<'_>) -> Vec<Draft> {
        let context = FixContext { finding: ask.finding, subproject: ask.subproject, files: ask.files };
        let mut drafts = Vec::new();
        for fixer in fixers::all().filter(|fixer| (fixer.handles)(ask.finding)) {
            for proposal in (fixer.propose)(&context) {
                let (edits, command) = split(proposal.repair, &ask.subproject.path);
                drafts.push(Draft {
                    engine: "fixer",
                    author: fixer.id.to_owned(),
                    explanation: proposal.summary,
                    applicability: proposal.applicability,
                    edits,
                    command,
                    may_change: fixer.may_change,
                });
            }
        }
        drafts
    }
}

fn split(repair: Repair, subproject: &str) -> (Vec<Edit>, Option<Write>) {
    let write = |argv, may_change: Vec<String>| {
        let from_root = |name: &String| RepoPath::new(format!("{subproject}/{name}")).ok().map(String::from);
        Some(Write { argv, only: Some(may_change.iter().filter_map(from_root).collect()), asks: true })
    };
    match repair {
        Repair::Edits(edits) => (edits, None),
        Repair::Command { argv, may_change } => (Vec::new(), write(argv, may_change)),
        Repair::EditsThenCommand { edits, argv, may_change } => (edits, write(argv, may_change)),
    }
}
