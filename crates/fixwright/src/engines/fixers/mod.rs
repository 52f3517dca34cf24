//! The registry of fixers: one file a fixer, its id is its file name, its tests are its scenario folders in `fixtures/fixers/<id>/`.
//!
//! The other files are what several fixers know of a language: its tokens, scopes, imports, manifests.

mod ambiguous_name;
mod broad_except;
mod c_headers;
mod cargo_manifests;
mod compound_statement;
mod confusing_js;
mod copied_lock;
mod deprecated_c;
mod deprecated_go;
mod deprecated_js;
mod deprecated_std;
mod fixer;
mod go_packages;
mod go_printf;
mod go_scopes;
mod go_struct_tag;
mod import_not_at_top;
mod js_effects;
mod js_scope;
mod len_without_is_empty;
mod misplaced_go;
mod missing_c_header;
mod missing_go_import;
mod missing_go_module;
mod missing_js_dependency;
mod missing_js_import;
mod missing_python_dependency;
mod missing_python_import;
mod missing_rust_use;
mod misspelt_c;
mod misspelt_go;
mod misspelt_js;
mod misspelt_name;
mod mutable_class_default;
mod naive_utc;
mod nearest_name;
mod nested_with_if;
mod npm_locks;
mod optional_import;
mod package_export;
mod partial_write;
mod percent_format;
mod python;
mod python2_name;
mod python2_syntax;
mod python_imports;
mod python_members;
mod python_redefinition;
mod python_scopes;
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
mod star_argument_order;
mod star_import;
mod stray_shebang;
mod try_macro;
mod type_comparison;
mod unclosed_file;
mod undefined_export;
mod undefined_js;
mod unknown_cfg;
mod unreachable_js;
mod unresolved_crate;
mod unused_c;
mod unused_global;
mod unused_go;
mod unused_js;
mod unused_lifetime;
mod unused_rust;
mod unused_unpacking;
mod unused_unsafe;
mod useless_assignment;
mod useless_expression;
mod useless_go;
mod vanilla_exception;
mod version_check;
mod vulnerable_dependency;
mod while_let_loop;

pub(crate) use fixer::{FixContext, Fixer, Repair};

/// All fixers. Where two know the same finding, both are asked, in this order.
pub(crate) const FIXERS: &[Fixer] = &[
    ambiguous_name::FIXER,
    broad_except::FIXER,
    compound_statement::FIXER,
    confusing_js::FIXER,
    copied_lock::FIXER,
    deprecated_c::FIXER,
    deprecated_go::FIXER,
    deprecated_js::FIXER,
    deprecated_std::FIXER,
    go_printf::FIXER,
    go_struct_tag::FIXER,
    import_not_at_top::FIXER,
    len_without_is_empty::FIXER,
    misplaced_go::FIXER,
    missing_c_header::FIXER,
    missing_go_import::FIXER,
    missing_go_module::FIXER,
    missing_js_dependency::FIXER,
    missing_js_import::FIXER,
    missing_python_dependency::FIXER,
    missing_python_import::FIXER,
    missing_rust_use::FIXER,
    misspelt_c::FIXER,
    misspelt_go::FIXER,
    misspelt_js::FIXER,
    misspelt_name::FIXER,
    mutable_class_default::FIXER,
    naive_utc::FIXER,
    nested_with_if::FIXER,
    optional_import::FIXER,
    package_export::FIXER,
    partial_write::FIXER,
    percent_format::FIXER,
    python2_name::FIXER,
    python2_syntax::FIXER,
    python_redefinition::FIXER,
    redeclared_js::FIXER,
    root_logger::FIXER,
    split_bounds::FIXER,
    stale_lockfile::FIXER,
    star_argument_order::FIXER,
    star_import::FIXER,
    stray_shebang::FIXER,
    try_macro::FIXER,
    type_comparison::FIXER,
    unclosed_file::FIXER,
    undefined_export::FIXER,
    undefined_js::FIXER,
    unknown_cfg::FIXER,
    unreachable_js::FIXER,
    unresolved_crate::FIXER,
    unused_c::FIXER,
    unused_global::FIXER,
    unused_go::FIXER,
    unused_js::FIXER,
    unused_lifetime::FIXER,
    unused_rust::FIXER,
    unused_unpacking::FIXER,
    unused_unsafe::FIXER,
    useless_assignment::FIXER,
    useless_expression::FIXER,
    useless_go::FIXER,
    vanilla_exception::FIXER,
    version_check::FIXER,
    vulnerable_dependency::FIXER,
    while_let_loop::FIXER,
];
