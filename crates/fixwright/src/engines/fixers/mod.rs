//! The registry of fixers: one file a fixer, its id is its file name, its tests are its scenario folders in `fixtures/fixers/<id>/`.
//!
//! The other files are what several fixers know of a language: its tokens, scopes, imports, manifests.

mod broad_except;
mod cargo_manifests;
mod confusing_js;
mod deprecated_std;
mod fixer;
mod js_effects;
mod js_scope;
mod len_without_is_empty;
mod missing_js_import;
mod missing_rust_use;
mod mutable_class_default;
mod naive_utc;
mod npm_locks;
mod package_export;
mod percent_format;
mod python;
mod python2_name;
mod python_imports;
mod redeclared_js;
mod root_logger;
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
mod stray_shebang;
mod try_macro;
mod unclosed_file;
mod undefined_js;
mod unreachable_js;
mod unresolved_crate;
mod unused_global;
mod unused_js;
mod unused_lifetime;
mod unused_rust;
mod useless_assignment;
mod useless_expression;
mod vanilla_exception;
mod vulnerable_dependency;
mod while_let_loop;

pub(crate) use fixer::{FixContext, Fixer, Repair};

/// All fixers. Where two know the same finding, both are asked, in this order.
pub(crate) const FIXERS: &[Fixer] = &[
    broad_except::FIXER,
    confusing_js::FIXER,
    deprecated_std::FIXER,
    len_without_is_empty::FIXER,
    missing_js_import::FIXER,
    missing_rust_use::FIXER,
    mutable_class_default::FIXER,
    naive_utc::FIXER,
    package_export::FIXER,
    percent_format::FIXER,
    python2_name::FIXER,
    redeclared_js::FIXER,
    root_logger::FIXER,
    split_bounds::FIXER,
    stale_lockfile::FIXER,
    stray_shebang::FIXER,
    try_macro::FIXER,
    unclosed_file::FIXER,
    undefined_js::FIXER,
    unreachable_js::FIXER,
    unresolved_crate::FIXER,
    unused_global::FIXER,
    unused_js::FIXER,
    unused_lifetime::FIXER,
    unused_rust::FIXER,
    useless_assignment::FIXER,
    useless_expression::FIXER,
    vanilla_exception::FIXER,
    vulnerable_dependency::FIXER,
    while_let_loop::FIXER,
];
