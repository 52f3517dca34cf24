//! Edits to text: composed, applied all or nothing, and never in the wrong place.
//!
//! [`plan()`] reads an answer in any format that models and tools write, and fits it to a [`Tree`], or refuses. It is pure; with the feature
//! `commit`, [`commit()`] writes a plan to a folder. [`Overlay`] composes the edits of many authors over one base and can render any subset
//! of them, which is how candidates are proved together, cut apart when a gate fails, and delivered as a stack. [`diff`] and [`LineMap`]
//! compare two texts.

mod answer;
#[cfg(feature = "commit")]
mod commit;
mod files;
mod formats;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod lines;
mod model;
mod overlay;
mod paths;
mod place;
mod plan;
mod refusal;
mod tree;
mod whole;

pub use answer::{Confidence, Repair};
#[cfg(feature = "commit")]
pub use commit::{Beneath, CommitError, commit, is_one_step, recover};
pub use lines::{LineMap, Mapped, diff, line_edits};
pub use model::Format;
pub use overlay::{At, Overlay, Owner};
pub use paths::STAGE;
pub use place::Rung;
pub use plan::{FileChange, Judge, Outcome, Plan, Reached, plan, plan_with};
pub use refusal::{Difference, Misfit, Refusal, Region, Why};
pub use tree::{Special, Tree};
