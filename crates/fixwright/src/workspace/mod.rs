//! Private copies to work in: the user's repository is only read.
//!
//! [`Repository`] looks at what the user has, [`Hold`] keeps others from working on it, [`Base`] is the base commit in a bare clone of ours, and [`Tree`] is a private work tree
//! in which recipes run. [`mod@indexed`] keeps the index of the code of a folder.

mod base;
mod commit;
mod folder;
mod git;
mod hold;
mod indexed;
mod repository;
mod snapshot;
mod tree;

pub(crate) use base::Base;
pub(crate) use commit::{FINISH, commit, finish};
pub(crate) use folder::view;
pub(crate) use git::Git;
pub(crate) use hold::{Hold, WorkFolder};
pub(crate) use indexed::{Indexed, indexed};
pub(crate) use repository::{Repository, Untracked, Unusable};
pub(crate) use tree::{Changes, Tree, ensure_room, tree_digest};
