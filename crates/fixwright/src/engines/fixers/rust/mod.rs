//! Rust: what rustc and clippy report.

mod crate_paths;
mod deprecated_std;
mod descriptions;
mod len_without_is_empty;
mod missing_rust_use;
mod modules;
mod partial_write;
mod split_bounds;
mod std_paths;
mod tokens;
mod try_macro;
mod unknown_cfg;
mod unresolved_crate;
mod unused_lifetime;
mod unused_rust;
mod unused_unsafe;
mod uses;
mod while_let_loop;

#[cfg(test)]
use super::scenarios;
use super::{fixer, source};

/// The fixers, in the order in which they are asked.
pub(super) const FIXERS: &[fixer::Fixer] = &[
    crate_paths::FIXER,
    deprecated_std::FIXER,
    len_without_is_empty::FIXER,
    missing_rust_use::FIXER,
    partial_write::FIXER,
    split_bounds::FIXER,
    try_macro::FIXER,
    unknown_cfg::FIXER,
    unresolved_crate::FIXER,
    unused_lifetime::FIXER,
    unused_rust::FIXER,
    unused_unsafe::FIXER,
    while_let_loop::FIXER,
];
