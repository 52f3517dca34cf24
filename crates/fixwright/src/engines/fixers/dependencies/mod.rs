//! Manifests and lockfiles, of any ecosystem.

mod cargo_manifests;
mod npm_locks;
mod stale_lockfile;
mod vulnerable_dependency;

use super::fixer;
#[cfg(test)]
use super::scenarios;

/// The fixers, in the order in which they are asked.
pub(super) const FIXERS: &[fixer::Fixer] = &[stale_lockfile::FIXER, vulnerable_dependency::FIXER];
