//! Why edits were refused, as data: what a person reads, and what a model needs for its next turn.

use serde::Serialize;

use crate::Rung;

/// Why edits were refused. The tree is untouched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
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
    #[error("{}{what}", at_line(*line))]
    Unreadable {
        /// The line of the answer, from 1; 0 for the answer as a whole.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The answer ends before it is complete.
    #[error("line {line}: the answer was cut off: {what}")]
    Truncated {
        /// The line of the answer, from 1.
        line: usize,
        /// What is missing.
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
    /// A file that is to be changed and is not in the tree.
    #[error("{path}: there is no such file{}", in_full(alike))]
    NoSuchFile {
        /// The path as the answer gives it.
        path: String,
        /// Files of the same name in other folders: a name alone does not tell which is meant.
        alike: Vec<String>,
    },
    /// A hunk cannot be placed, or what it would write cannot be trusted.
    #[error("{0}")]
    Misfit(Box<Misfit>),
}

/// A hunk that was refused, with everything that the next turn needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misfit {
    /// The file.
    pub path: String,
    /// The hunk of that file, from 1.
    pub hunk: usize,
    /// The line of the answer on which the hunk begins, from 1.
    pub line: usize,
    /// What is wrong.
    pub why: Why,
    /// The coarsest rung that was tried, or the one that gave the places.
    pub rung: Rung,
    /// The first line that differs at the most likely place.
    pub difference: Option<Difference>,
    /// The text of the file there now.
    pub region: Option<Region>,
    /// What would be easier to place.
    pub suggestion: String,
    /// The hunks of the same file that have their place, from 1: they need not be sent again.
    pub placed: Vec<usize>,
}

/// What is wrong with a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its context and deleted lines are not in the file.
    Nowhere,
    /// It fits at these lines (from 1), and nothing says which is meant.
    Several(Vec<usize>),
    /// It would write something that cannot be trusted.
    Unsafe(String),
}

/// A line as the hunk has it and as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The line of the file, from 1.
    pub line: usize,
    /// The hunk's line.
    pub expected: String,
    /// The file's line; `None` past its end.
    pub found: Option<String>,
}

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Region {
    /// The first line, from 1.
    pub line: usize,
    /// The lines.
    pub text: String,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: hunk {}", self.path, self.hunk)?;
        match &self.why {
            Why::Nowhere => {
                f.write_str(" fits nowhere: its context is not in the file")?;
                match &self.difference {
                    Some(Difference { line, expected, found: Some(found) }) => {
                        write!(f, " (line {line} is `{found}` and not `{expected}`)")
                    }
                    _ => Ok(()),
                }
            }
            Why::Several(lines) => {
                let lines: Vec<String> = lines.iter().take(8).map(ToString::to_string).collect();
                write!(f, " fits at several places: lines {}", lines.join(", "))
            }
            Why::Unsafe(what) => write!(f, ": {what}"),
        }
    }
}

/// Begins a message about a line of the answer; what is wrong with the answer as a whole has none.
fn at_line(line: usize) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}

/// Ends a message about a file that is not there.
fn in_full(alike: &[String]) -> String {
    if alike.is_empty() { String::new() } else { format!("; give the whole path if it is {}", alike.join(" or ")) }
}

pub(crate) fn bad_file(path: &str, what: impl Into<String>) -> Refusal {
    Refusal::BadFile { path: path.to_owned(), what: what.into() }
}

pub(crate) fn unreadable(line: usize, what: impl Into<String>) -> Refusal {
    Refusal::Unreadable { line, what: what.into() }
}

pub(crate) fn truncated(line: usize, what: impl Into<String>) -> Refusal {
    Refusal::Truncated { line, what: what.into() }
}
