//! The registry of fixers: one file a fixer, its id is its file name, its tests are its scenario folders in `fixtures/fixers/<id>/`.
//!
//! The other files are what several fixers know of a language: its tokens, scopes, imports, manifests.

mod c_headers;
mod cargo_manifests;
mod confusing_js;
mod deprecated_std;
mod fixer;
mod go_packages;
mod go_printf;
mod js_effects;
mod js_scope;
mod len_without_is_empty;
mod missing_c_header;
mod missing_go_import;
mod missing_js_import;
mod missing_python_import;
mod missing_rust_use;
mod misspelt_name;
mod npm_locks;
mod partial_write;
mod python;
mod python2_name;
mod python_imports;
mod python_members;
mod redeclared_js;
mod rust_descriptions;
mod rust_modules;
mod rust_std_paths;
mod rust_tokens;
mod rust_uses;
#[cfg(test)]
mod scenarios;
mod source;
mod split_bounds;
mod stale_lockfile;
mod try_macro;
mod undefined_js;
mod unknown_cfg;
mod unreachable_js;
mod unresolved_crate;
mod unused_c;
mod unused_go;
mod unused_js;
mod unused_lifetime;
mod unused_rust;
mod unused_unsafe;
mod useless_assignment;
mod vulnerable_dependency;
mod while_let_loop;

pub(crate) use fixer::{FixContext, Fixer, Repair};

/// All fixers. Where two know the same finding, both are asked, in this order.
pub(crate) const FIXERS: &[Fixer] = &[
    confusing_js::FIXER,
    deprecated_std::FIXER,
    go_printf::FIXER,
    len_without_is_empty::FIXER,
    missing_c_header::FIXER,
    missing_go_import::FIXER,
    missing_js_import::FIXER,
    missing_python_import::FIXER,
    missing_rust_use::FIXER,
    misspelt_name::FIXER,
    partial_write::FIXER,
    python2_name::FIXER,
    redeclared_js::FIXER,
    split_bounds::FIXER,
    stale_lockfile::FIXER,
    try_macro::FIXER,
    undefined_js::FIXER,
    unknown_cfg::FIXER,
    unreachable_js::FIXER,
    unresolved_crate::FIXER,
    unused_c::FIXER,
    unused_go::FIXER,
    unused_js::FIXER,
    unused_lifetime::FIXER,
    unused_rust::FIXER,
    unused_unsafe::FIXER,
    useless_assignment::FIXER,
    vulnerable_dependency::FIXER,
    while_let_loop::FIXER,
];
