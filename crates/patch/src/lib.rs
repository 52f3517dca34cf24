//! Edits to text: composed, applied all or nothing, and never in the wrong place.
//!
//! Pure: no I/O. Three things live here. [`Overlay`] composes the edits of many authors over one base and can render any subset of
//! them, which is how candidates are proved together, cut apart when a gate fails, and delivered as a stack. [`plan`] reads a unified
//! diff and fits it to a tree, or refuses. [`diff`] and [`LineMap`] compare two texts.

mod lines;
mod overlay;
mod unified;

pub use lines::{LineMap, Mapped, diff, line_edits};
pub use overlay::{At, Overlay, Owner};
pub use unified::{FileChange, Plan, plan};

/// Why edits were refused. The tree is untouched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The range does not lie in the file.
    #[error("{path}: bytes {start}..{end} are not in the file")]
    OutOfRange {
        /// The file.
        path: String,
        /// Start of the range.
        start: usize,
        /// End of the range.
        end: usize,
    },
    /// Two edits claim the same bytes.
    #[error("{path}: the edit at byte {start} overlaps another")]
    Overlap {
        /// The file.
        path: String,
        /// Start of the range.
        start: usize,
    },
    /// Nothing would be different afterwards.
    #[error("it changes nothing")]
    NoChange,
    /// The answer holds no edits that can be read.
    #[error("line {line}: {what}")]
    Unreadable {
        /// The line of the answer, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A path that cannot be a file of the repository, or a file that is not as the answer says.
    #[error("{path}: {what}")]
    BadFile {
        /// The path as the answer gives it.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// The text that a hunk expects is not there, or there more than once.
    #[error("{path}: hunk {hunk} fits {places}")]
    NoPlace {
        /// The file.
        path: String,
        /// The hunk, from 1.
        hunk: usize,
        /// Where it was found.
        places: Places,
    },
}

/// Where a hunk was found when it was not found exactly once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places(pub Vec<usize>);

impl std::fmt::Display for Places {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("nowhere: its context is not in the file"),
            lines => {
                let lines: Vec<String> = lines.iter().take(8).map(ToString::to_string).collect();
                write!(f, "at several places: lines {}", lines.join(", "))
            }
        }
    }
}
