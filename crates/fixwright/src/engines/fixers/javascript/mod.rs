//! JavaScript and TypeScript: what eslint, the TypeScript compiler and Node report.

mod confusing_js;
mod deprecated_js;
mod effects;
mod missing_js_dependency;
mod missing_js_import;
mod misspelt_js;
mod redeclared_js;
mod scopes;
mod undefined_js;
mod unreachable_js;
mod unused_js;
mod useless_assignment;

#[cfg(test)]
use super::scenarios;
pub(super) use scopes::Scopes;

use super::{fixer, nearest_name, source};

/// The fixers, in the order in which they are asked.
pub(super) const FIXERS: &[fixer::Fixer] = &[
    confusing_js::FIXER,
    deprecated_js::FIXER,
    missing_js_dependency::FIXER,
    missing_js_import::FIXER,
    misspelt_js::FIXER,
    redeclared_js::FIXER,
    undefined_js::FIXER,
    unreachable_js::FIXER,
    unused_js::FIXER,
    useless_assignment::FIXER,
];
