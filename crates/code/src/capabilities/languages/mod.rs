//! The languages, a file each: what the kinds of nodes of its grammar are to the scan, and what its imports bring in.

#[cfg(feature = "bash")]
mod bash;
mod c;
#[cfg(feature = "csharp")]
mod csharp;
pub(super) mod foreign;
mod go;
pub(super) mod hooks;
mod java;
mod javascript;
#[cfg(feature = "kotlin")]
mod kotlin;
mod macros;
#[cfg(feature = "php")]
mod php;
mod python;
#[cfg(feature = "ruby")]
mod ruby;
mod rust;
#[cfg(feature = "scala")]
mod scala;

use std::borrow::Cow;

use domain::Language;
use tree_sitter::Tree;

use super::grammar::{Grammar, Role, Slot};

const fn f(name: &'static str) -> Slot {
    Slot::Field(name)
}

const fn n(at: usize) -> Slot {
    Slot::Child(at)
}

const fn k(kind: &'static str) -> Slot {
    Slot::Kind(kind)
}

const NO: Slot = Slot::Nothing;

/// Returns all grammars, with the language whose files they read.
pub(super) fn all() -> Vec<(Language, Grammar)> {
    let of = |language: Language, grammar: tree_sitter_language::LanguageFn, table: &[(&str, Role)], manner| {
        (language, Grammar::new(grammar.into(), table, manner))
    };
    vec![
        of(Language::Python, tree_sitter_python::LANGUAGE, python::TABLE, python::MANNER),
        of(Language::JavaScript, tree_sitter_javascript::LANGUAGE, javascript::TABLE, javascript::MANNER),
        of(Language::TypeScript, tree_sitter_typescript::LANGUAGE_TYPESCRIPT, javascript::TABLE, javascript::MANNER),
        of(Language::TypeScript, tree_sitter_typescript::LANGUAGE_TSX, javascript::TABLE, javascript::MANNER),
        of(Language::Go, tree_sitter_go::LANGUAGE, go::TABLE, go::MANNER),
        of(Language::Rust, tree_sitter_rust::LANGUAGE, rust::TABLE, rust::MANNER),
        of(Language::Java, tree_sitter_java::LANGUAGE, java::TABLE, java::MANNER),
        of(Language::C, tree_sitter_c::LANGUAGE, c::TABLE, c::MANNER),
        of(Language::C, tree_sitter_cpp::LANGUAGE, c::TABLE, c::MANNER),
        of(Language::Cpp, tree_sitter_cpp::LANGUAGE, c::TABLE, c::MANNER),
        #[cfg(feature = "csharp")]
        of(Language::CSharp, tree_sitter_c_sharp::LANGUAGE, csharp::TABLE, csharp::MANNER),
        #[cfg(feature = "ruby")]
        of(Language::Ruby, tree_sitter_ruby::LANGUAGE, ruby::TABLE, ruby::MANNER),
        #[cfg(feature = "php")]
        of(Language::Php, tree_sitter_php::LANGUAGE_PHP, php::TABLE, php::MANNER),
        #[cfg(feature = "kotlin")]
        of(Language::Kotlin, tree_sitter_kotlin_ng::LANGUAGE, kotlin::TABLE, kotlin::MANNER),
        #[cfg(feature = "scala")]
        of(Language::Scala, tree_sitter_scala::LANGUAGE, scala::TABLE, scala::MANNER),
        #[cfg(feature = "bash")]
        of(Language::Bash, tree_sitter_bash::LANGUAGE, bash::TABLE, bash::MANNER),
    ]
}

/// Parses a text as it is read, and returns it so: what the grammar of a language hides from the scan is made visible, at the same places.
/// `None` as for [`crate::parse`].
pub(super) fn parsed(language: Language, text: &str) -> Option<(Cow<'_, str>, Tree)> {
    let text = match language {
        Language::Rust => return macros::parsed(text),
        Language::C | Language::Cpp => c::without_dead_code(text),
        _ => Cow::Borrowed(text),
    };
    let tree = crate::parse(language, text.as_bytes())?;
    Some((text, tree))
}
