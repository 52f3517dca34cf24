//! The exit codes, the same for every command. Scripts depend on them.

/// Nothing is left: no findings, or all of them delivered.
pub(crate) const DONE: u8 = 0;
/// Findings remain.
pub(crate) const REMAIN: u8 = 1;
/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;
/// The repository cannot be used.
pub(crate) const REPOSITORY: u8 = 3;
/// The environment lacks something: a tool, space on the disk, rights.
pub(crate) const ENVIRONMENT: u8 = 4;
/// A budget ran out; the work is kept.
pub(crate) const BUDGET: u8 = 5;
/// A defect of fixwright.
pub(crate) const INTERNAL: u8 = 70;
/// Interrupted; the work is kept.
pub(crate) const INTERRUPTED: u8 = 130;
