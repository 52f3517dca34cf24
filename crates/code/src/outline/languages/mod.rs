//! One table a language.

mod bash;
mod c;
mod cpp;
mod csharp;
mod go;
mod java;
mod javascript;
mod kotlin;
mod php;
mod python;
mod ruby;
mod rust;
mod scala;

use domain::Language;
use tree_sitter::{Language as Grammar, Node};

use super::declared;
use super::table::{Found, Site, Table};

/// Returns the table of a language.
pub(super) fn table(language: Language) -> Option<&'static Table> {
    Some(match language {
        Language::Rust => &rust::TABLE,
        Language::Python => &python::TABLE,
        Language::JavaScript | Language::TypeScript => &javascript::TABLE,
        Language::Go => &go::TABLE,
        Language::C => &c::TABLE,
        Language::Cpp => &cpp::TABLE,
        Language::Java => &java::TABLE,
        Language::CSharp => &csharp::TABLE,
        Language::Ruby => &ruby::TABLE,
        Language::Php => &php::TABLE,
        Language::Kotlin => &kotlin::TABLE,
        Language::Scala => &scala::TABLE,
        Language::Bash => &bash::TABLE,
        Language::Other => return None,
    })
}

/// Returns the language whose grammar read a file: a header that says C may have been read as C++.
pub(super) fn really(language: Language, grammar: &Grammar) -> Language {
    if language == Language::C && *grammar == tree_sitter_cpp::LANGUAGE.into() { Language::Cpp } else { language }
}

/// Says whether it is the grammar of TSX, whose numbers differ from those of TypeScript.
pub(super) fn is_tsx(grammar: &Grammar) -> bool {
    *grammar == tree_sitter_typescript::LANGUAGE_TSX.into()
}

/// For kinds whose name has no field of its own.
fn first_child<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    node.named_child(0).map(Found::new).into_iter().collect()
}

/// For definitions of variables by a pattern.
fn pattern<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let names = declared::bound(node, "pattern");
    names.into_iter().map(|name| Found { local: site.in_function, ..Found::new(name) }).collect()
}
