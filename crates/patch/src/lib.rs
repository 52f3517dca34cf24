//! Edits to text: composed, applied all or nothing, and never in the wrong place.
//!
//! [`plan()`] reads an answer in any format that models and tools write, and fits it to a [`Tree`], or refuses. It is pure; with the feature
//! `commit`, [`commit()`] writes a plan to a folder. [`Overlay`] composes the edits of many authors over one base and can render any subset
//! of them, which is how candidates are proved together, cut apart when a gate fails, and delivered as a stack. [`diff`] and [`LineMap`]
//! compare two texts.
//!
//! # The formats
//!
//! All of these say the same, and come out the same:
//!
//! ```
//! use domain::{Files, RepoPath};
//! use patch::{Tree, plan};
//!
//! let path = RepoPath::new("src/sum.py")?;
//! let before = "def sum(a, b):\n    total = a - b\n    return total\n";
//! let tree = Tree::new(Files::from_map([(path, before.into())].into()));
//!
//! // A unified diff: its numbers are only a hint, its counts are not read, and it may be in prose, or in a fence.
//! let unified = "Here it is:\n```diff\n--- a/src/sum.py\n+++ b/src/sum.py\n@@ -90,3 +90,3 @@\n def sum(a, b):\n-    total = a - b\n\
//!     +    total = a + b\n     return total\n```\n";
//! // SEARCH/REPLACE blocks.
//! let blocks = "src/sum.py\n<<<<<<< SEARCH\n    total = a - b\n=======\n    total = a + b\n>>>>>>> REPLACE\n";
//! // The format of `apply_patch`.
//! let v4a = "*** Begin Patch\n*** Update File: src/sum.py\n@@ def sum(a, b):\n-    total = a - b\n+    total = a + b\n*** End Patch\n";
//! // The whole file.
//! let whole = "src/sum.py\n```python\ndef sum(a, b):\n    total = a + b\n    return total\n```\n";
//! // Any of them in JSON, or a list of replacements.
//! let json = r#"[{"path": "src/sum.py", "old": "    total = a - b\n", "new": "    total = a + b\n"}]"#;
//!
//! for answer in [unified, blocks, v4a, whole, json] {
//!     let plan = plan(answer, &tree)?;
//!     let after = plan.files[0].after.as_deref().unwrap_or_default();
//!     assert_eq!(after, b"def sum(a, b):\n    total = a + b\n    return total\n");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Refusals
//!
//! What fits nowhere, or at more than one place, is refused as data for the next turn, and nothing of the answer is planned:
//!
//! ```
//! use domain::{Files, RepoPath};
//! use patch::{Refusal, Tree, Why, plan};
//!
//! let tree = Tree::new(Files::from_map([(RepoPath::new("f")?, "x = 0\ny = 1\nx = 0\n".into())].into()));
//! let refusal = plan("--- a/f\n+++ b/f\n@@\n-x = 0\n+x = 2\n", &tree).unwrap_err();
//! assert_eq!(refusal.to_string(), "f: hunk 1 fits at several places: lines 1, 3");
//! assert!(matches!(refusal, Refusal::Misfit(misfit) if misfit.why == Why::Several(vec![1, 3])));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Writing a plan
//!
//! `plan` says what becomes of each file ([`Plan::files`]), as a diff ([`Plan::diff`]) and as digests ([`Plan::manifest`]), and how each hunk
//! found its place ([`Plan::reached`]). [`commit()`] writes it to a folder, all or nothing; [`recover`] completes what a killed one left.

mod answer;
#[cfg(feature = "commit")]
mod commit;
mod files;
mod formats;
#[cfg(feature = "fuzz")]
#[doc(hidden)]
pub mod fuzz;
mod lines;
mod marks;
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
