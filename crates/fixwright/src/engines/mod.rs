//! Where candidates come from, cheapest first: the tools' own suggestions, then deterministic fixers.
//!
//! An engine is asked about one finding at a time and answers with drafts. It never touches a file: a draft is edits, or a command that
//! the pipeline runs in a private tree and whose effect becomes the edits.

mod fixer;
pub(crate) mod fixers;
pub(crate) mod repairs;
mod tool;

use domain::{Applicability, Edit, Files, Finding, Subproject};

/// What an engine is asked.
pub(crate) struct Ask<'a> {
    pub(crate) finding: &'a Finding,
    pub(crate) subproject: &'a Subproject,
    /// The files in which the finding's location is right.
    pub(crate) files: &'a Files,
}

/// What an engine answers: a candidate that may still have to be worked out by a command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// The engine.
    pub(crate) engine: &'static str,
    /// The tool or fixer.
    pub(crate) author: String,
    /// What it does, one line.
    pub(crate) explanation: String,
    /// How far the author vouches for it.
    pub(crate) applicability: Applicability,
    /// Edits, in the coordinates of the files that were asked about.
    pub(crate) edits: Vec<Edit>,
    /// Run after the edits; what it does to the files that it may change is added to them.
    pub(crate) command: Option<Write>,
    /// Patterns of protected files that this author is registered to change.
    pub(crate) may_change: &'static [&'static str],
}

/// A command that changes files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Write {
    /// Program and arguments.
    pub(crate) argv: Vec<String>,
    /// Paths from the repository's root of the only files whose changes are taken; `None` takes them all.
    pub(crate) only: Option<Vec<String>>,
    /// It is a package manager, and may have to ask its registry.
    pub(crate) asks: bool,
}

/// A source of candidates.
pub(crate) trait Engine: Send + Sync {
    /// Returns drafts for the finding, best first; empty when it has none.
    fn propose(&self, ask: &Ask<'_>) -> Vec<Draft>;
}

/// Asks all engines and returns their drafts, the most trusted first: what a tool applies by itself, what a fixer is sure of, then the
/// rest in the same order.
pub(crate) fn propose(ask: &Ask<'_>) -> Vec<Draft> {
    let engines: [&dyn Engine; 2] = [&tool::Tool, &fixer::Fixers];
    let mut drafts: Vec<Draft> = engines.iter().flat_map(|engine| engine.propose(ask)).collect();
    // A fixer knows why it is unsure; of equal standing, its draft comes before what a tool only shows.
    drafts.sort_by_key(|draft| match (draft.applicability, draft.engine) {
        (Applicability::Safe, "tool") => 0,
        (Applicability::Safe, _) => 1,
        (Applicability::Unsafe, "tool") => 2,
        (Applicability::Unsafe, _) => 3,
        (Applicability::Display, "tool") => 4,
        (Applicability::Display, _) => 5,
    });
    drafts
}
