//! Python: what ruff, flake8, pylint and the interpreter report.

mod ambiguous_name;
mod broad_except;
mod compound_statement;
mod import_not_at_top;
mod imports;
mod members;
mod missing_python_dependency;
mod missing_python_import;
mod misspelt_name;
mod mutable_class_default;
mod naive_utc;
mod nested_with_if;
mod optional_import;
mod package_export;
mod percent_format;
mod python2_name;
mod python2_syntax;
mod python_redefinition;
mod root_logger;
mod scopes;
mod star_argument_order;
mod star_import;
mod stray_shebang;
mod syntax;
mod type_comparison;
mod unclosed_file;
mod undefined_export;
mod unused_global;
mod unused_unpacking;
mod useless_expression;
mod vanilla_exception;
mod version_check;

#[cfg(test)]
use super::scenarios;
use super::{fixer, nearest_name, source};

/// The fixers, in the order in which they are asked.
pub(super) const FIXERS: &[fixer::Fixer] = &[
    ambiguous_name::FIXER,
    broad_except::FIXER,
    compound_statement::FIXER,
    import_not_at_top::FIXER,
    missing_python_dependency::FIXER,
    missing_python_import::FIXER,
    misspelt_name::FIXER,
    mutable_class_default::FIXER,
    naive_utc::FIXER,
    nested_with_if::FIXER,
    optional_import::FIXER,
    package_export::FIXER,
    percent_format::FIXER,
    python2_name::FIXER,
    python2_syntax::FIXER,
    python_redefinition::FIXER,
    root_logger::FIXER,
    star_argument_order::FIXER,
    star_import::FIXER,
    stray_shebang::FIXER,
    type_comparison::FIXER,
    unclosed_file::FIXER,
    undefined_export::FIXER,
    unused_global::FIXER,
    unused_unpacking::FIXER,
    useless_expression::FIXER,
    vanilla_exception::FIXER,
    version_check::FIXER,
];
