//! Go: what `go build`, `go vet` and staticcheck report.

mod copied_lock;
mod deprecated_go;
mod go_printf;
mod go_struct_tag;
mod misplaced_go;
mod missing_go_import;
mod missing_go_module;
mod misspelt_go;
mod packages;
mod scopes;
mod unused_go;
mod useless_go;

#[cfg(test)]
use super::scenarios;
use super::{fixer, nearest_name, source};

/// The fixers, in the order in which they are asked.
pub(super) const FIXERS: &[fixer::Fixer] = &[
    copied_lock::FIXER,
    deprecated_go::FIXER,
    go_printf::FIXER,
    go_struct_tag::FIXER,
    misplaced_go::FIXER,
    missing_go_import::FIXER,
    missing_go_module::FIXER,
    misspelt_go::FIXER,
    unused_go::FIXER,
    useless_go::FIXER,
];
