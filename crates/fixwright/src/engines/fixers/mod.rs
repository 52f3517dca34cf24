//! The registry of fixers: one file a fixer, its id is its file name, its tests are its scenario folders in `fixtures/fixers/<id>/`.

mod fixer;
#[cfg(test)]
mod scenarios;

pub(crate) use fixer::{FixContext, Fixer, Proposal, Repair};

/// All fixers. Where two know the same finding, both are asked, in this order.
pub(crate) const FIXERS: &[Fixer] = &[];
