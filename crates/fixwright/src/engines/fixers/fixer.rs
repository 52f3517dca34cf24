//! What a fixer is: a pure function from a finding and the files to proposals. The gates decide; a fixer need not be certain, but it
//! must be deterministic, and it proposes nothing rather than something that cannot be right.

use domain::{Applicability, Edit, Files, Finding, Subproject};

/// A deterministic fixer. Its id is its file name.
pub(crate) struct Fixer {
    /// The id.
    pub(crate) id: &'static str,
    /// What it repairs, one line, for `fixwright doctor` and the documentation.
    pub(crate) about: &'static str,
    /// Says whether it knows this kind of finding; cheap.
    pub(crate) handles: fn(&Finding) -> bool,
    /// Returns proposals, best first; empty when this finding is not for it after all.
    pub(crate) propose: fn(&FixContext<'_>) -> Vec<Proposal>,
    /// Protected files that it may change because that is where its findings live (manifests and lockfiles).
    pub(crate) may_change: &'static [&'static str],
}

/// What a fixer sees.
pub(crate) struct FixContext<'a> {
    /// The finding to settle.
    pub(crate) finding: &'a Finding,
    /// The subproject that it is in.
    pub(crate) subproject: &'a Subproject,
    /// The files, as they are after the edits that were accepted so far; locations of the finding are in these files.
    pub(crate) files: &'a Files,
}

/// One way to settle the finding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Proposal {
    /// What it does, one line, imperative mood: it becomes part of a commit message.
    pub(crate) summary: String,
    /// How sure the fixer is: `Safe` when behaviour cannot change, else `Unsafe`.
    pub(crate) applicability: Applicability,
    /// What to do.
    pub(crate) repair: Repair,
}

/// What a proposal does.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Repair {
    /// Replaces bytes.
    Edits(Vec<Edit>),
    /// Runs a command of the package manager in the subproject's folder of a private copy; the files of `may_change` (paths
    /// relative to that folder) that differ afterwards are the edits.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
        /// The only files whose changes are taken.
        may_change: Vec<String>,
    },
    /// Replaces bytes, and then runs a command over the result as [`Repair::Command`] does: a manifest and its lockfile are one
    /// change.
    EditsThenCommand {
        /// What is replaced first.
        edits: Vec<Edit>,
        /// Program and arguments.
        argv: Vec<String>,
        /// The only files whose changes by the command are taken, beside the edits.
        may_change: Vec<String>,
    },
}
