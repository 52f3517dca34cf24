//! Languages, syntax and capabilities over tree-sitter: what the gates and the fixers need to know of a program.
//!
//! Pure and CPU-bound: no I/O. Input is hostile: size and time are bounded, trees are walked without recursion, and what could not
//! be parsed is said.

#![cfg_attr(
    not(all(feature = "csharp", feature = "ruby", feature = "php", feature = "kotlin", feature = "scala", feature = "bash")),
    allow(dead_code, reason = "some of what the tables of languages are made of is needed by one language alone")
)]

mod capabilities;
mod errors;
mod index;
mod language;
mod lookup;
mod map;
mod masking;
mod multiset;
mod outline;
mod parsing;
mod safety;
mod suppression;
mod testing;

pub use capabilities::{Capability, Change, Delta, Found, Placed, Scan, Scans, Skipped, Unknown, capabilities, delta};
pub use errors::{SyntaxError, new_syntax_errors};
pub use index::{Content, Entry, Error, File, Index, LeftOut, Read, Skip, Storage, Tally, Update, skip_folder};
pub use language::{language_of, language_of_text};
pub use lookup::{Certainty, Mention, Similar, Symbol, Target, Used};
pub use map::{Focus, Ranked, render};
pub use outline::{Definition, Import, Kind, Outline, Role, outline};
pub use parsing::{Descendants, descendants, parse};
pub use safety::{Broken, Evaluation, Issue, IssueKind, broken, evaluate, issues};
pub use suppression::suppressions;
pub use testing::tests_in;
pub use tree_sitter;
