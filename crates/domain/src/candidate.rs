//! Proposed changes and the tries that led to them.

use serde::{Deserialize, Serialize};

use crate::{Applicability, Digest, Edit, Reason};

/// A proposed change, whoever wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The engine that made it: `tool`, `fixer`, `person`.
    pub engine: String,
    /// Who within the engine: the tool's or the fixer's name.
    pub author: String,
    /// What it does, one line.
    pub explanation: String,
    /// How far the author vouches for it.
    pub applicability: Applicability,
    /// The edits.
    pub edits: Vec<Edit>,
}

impl Candidate {
    /// Returns the digest that approvals and proofs are bound to: of the edits alone.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_parts(
            self.edits.iter().flat_map(|edit| {
                [edit.path.as_str().to_owned(), edit.start.to_string(), edit.end.to_string(), edit.text.clone()]
            }),
        )
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptStatus {
    /// A candidate was made and not judged yet.
    Drafted,
    /// Its edits did not fit.
    ApplyFailed,
    /// A gate refused it.
    VerifyFailed,
    /// It was delivered.
    Delivered,
    /// The limit of attempts stopped it.
    MaxAttemptsExceeded,
    /// The engine had nothing, or broke.
    Failed,
}

impl AttemptStatus {
    /// Returns the name used in the store and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::ApplyFailed => "apply_failed",
            Self::VerifyFailed => "verify_failed",
            Self::Delivered => "delivered",
            Self::MaxAttemptsExceeded => "max_attempts_exceeded",
            Self::Failed => "failed",
        }
    }
}

/// One try of one engine at some findings of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The engine.
    pub engine: String,
    /// The tool or fixer.
    pub author: String,
    /// What it did, one line.
    pub explanation: String,
    /// The findings it meant to settle.
    pub findings: Vec<String>,
    /// The digest of its candidate.
    pub candidate: Digest,
    /// How it ended.
    pub status: AttemptStatus,
    /// Why, when it did not succeed.
    pub reason: Option<Reason>,
}
