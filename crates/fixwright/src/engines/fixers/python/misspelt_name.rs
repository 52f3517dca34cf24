//! F821, NameError: a name that differs by a letter or two from one that exists where it is used.

use std::collections::BTreeSet;

use domain::Applicability;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::members::BUILTINS;
use super::nearest_name::nearest;
use super::python2_name::{identifier_at, name_in};
use super::source::{Source, walk};
use super::syntax::{identifiers, is_bound_here, is_variable, proposals, source, uses};

pub(super) const FIXER: Fixer = Fixer {
    id: "misspelt_name",
    about: "corrects names that are misspelt",
    handles: |finding| name_in(&finding.message).is_some(),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let Some(name) = name_in(&context.finding.message) else { return Vec::new() };
    let edits = || {
        let source = source(context)?;
        let node = identifier_at(&source, context, name)?;
        // A name that is bound anywhere in the file is spelt as it is meant.
        if is_bound_here(node) || uses(&source, source.root(), name).into_iter().any(is_bound_here) {
            return None;
        }
        let known = visible(&source, node);
        let right = nearest(name, known.into_iter().chain(BUILTINS.split_ascii_whitespace()))?;
        Some(vec![source.edit(node.byte_range(), right)])
    };
    proposals(format!("Correct the spelling of {name}"), Applicability::Unsafe, edits())
}

/// The names that can be read where `node` stands: of the functions around it and of the module.
fn visible<'s>(source: &'s Source, node: Node<'_>) -> BTreeSet<&'s str> {
    let around: Vec<usize> = std::iter::successors(Some(node), Node::parent).map(|node| node.id()).collect();
    let mut found = BTreeSet::new();
    let mut bound = |from: Node<'_>| {
        let mut walk = code::descendants(from);
        while let Some(inner) = walk.next() {
            match inner.kind() {
                "function_definition" | "class_definition" if inner.id() != from.id() => {
                    found.extend(inner.child_by_field_name("name").map(|name| source.str(name)));
                    walk.skip_below();
                }
                "import_statement" | "import_from_statement" => {
                    walk.skip_below();
                    found.extend(imported(source, inner));
                }
                "identifier" if is_variable(inner) && is_bound_here(inner) => {
                    found.insert(source.str(inner));
                }
                _ => {}
            }
        }
    };
    walk(source.root(), |scope| {
        if scope.kind() == "module" || scope.kind() == "function_definition" && around.contains(&scope.id()) {
            bound(scope);
        }
    });
    found
}

fn imported<'s>(source: &'s Source, statement: Node<'_>) -> Vec<&'s str> {
    let mut cursor = statement.walk();
    let names: Vec<&str> = statement
        .children_by_field_name("name", &mut cursor)
        .filter_map(|name| match name.child_by_field_name("alias") {
            Some(alias) => Some(source.str(alias)),
            None => source.str(name).split('.').next(),
        })
        .collect();
    if names.is_empty() { identifiers(source, statement).into_iter().collect() } else { names }
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
