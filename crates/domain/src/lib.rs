//! What fixwright's things are, and what may happen to them.
//!
//! Pure: no I/O, no async, no clock, no randomness. Every other crate may import this one; it imports none of them.
//!
//! # Glossary (one word a concept: in code, SQL, JSON and logs)
//!
//! | word | meaning | here |
//! |---|---|---|
//! | Finding | one problem, normalised | [`Finding`] |
//! | Recipe | a named command of a subproject | [`Recipe`], [`Subproject`] |
//! | Case | one cause to repair, with its findings and state | [`Case`] |
//! | Attempt | one try of one engine at a case | [`Attempt`] |
//! | Candidate | a proposed change | [`Candidate`] |
//! | Gate, Verdict, Evidence | a check, its answer, and what was run for it | [`Gate`], [`Verdict`], [`Evidence`] |
//! | Delivery | how the change leaves | [`Delivery`] |

mod candidate;
mod case;
mod digest;
mod edit;
mod files;
mod finding;
mod gate;
mod path;
mod policy;
mod reason;
mod recipe;
mod tests_seen;

pub use candidate::{Attempt, AttemptStatus, Candidate};
pub use case::{Action, Case, CaseState, Event, IllegalEvent};
pub use digest::Digest;
pub use edit::{Applicability, Edit, Suggestion};
pub use files::Files;
pub use finding::{Finding, FindingKind, Location, Severity};
pub use gate::{Evidence, Gate, Verdict};
pub use path::{BadPath, RepoPath};
pub use policy::{Cleared, Delivery, NotCleared};
pub use reason::Reason;
pub use recipe::{Language, Recipe, RecipeCommand, Subproject};
pub use tests_seen::{TestOutcome, TestsSeen};
