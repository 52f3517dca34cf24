//! E402: imports that stand below other statements. They move up when nothing in between can change what they import: only values,
//! functions and classes are defined there.

use std::collections::BTreeSet;

use domain::Applicability;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::imports::move_to_top;
use super::source::{Source, parts};
use super::syntax::{assigned_name, identifiers, proposals, source, stands_alone};

pub(super) const FIXER: Fixer = Fixer {
    id: "import_not_at_top",
    about: "moves imports to the top of the file",
    handles: |finding| matches!(finding.rule.as_str(), "E402" | "C0413" | "wrong-import-position"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let row = usize::try_from(context.finding.line()?).ok()?.checked_sub(1)?;
        let movable = movable(&source);
        // All that can move does so at once: each is a finding, and they want the same place.
        if !movable.iter().any(|node| node.start_position().row == row) {
            return None;
        }
        move_to_top(&source, context.files, &context.subproject.path, &movable)
    };
    proposals("Move imports to the top of the file", Applicability::Unsafe, edits())
}

/// The imports below other statements that may be done before them.
fn movable(source: &Source) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut between = Vec::new();
    let mut cursor = source.root().walk();
    for (index, node) in source.root().named_children(&mut cursor).filter(|node| node.kind() != "comment").enumerate() {
        match node.kind() {
            "import_statement" | "import_from_statement" if between.is_empty() => {}
            "import_statement" | "import_from_statement" => {
                let names = identifiers(source, node);
                // What is imported must not be a name that was given another meaning above, or that was used there.
                let entangled = between.iter().any(|other| !touched(source, *other).is_disjoint(&names));
                if !entangled && stands_alone(source, node) && !source.str(node).contains('*') {
                    found.push(node);
                }
            }
            "future_import_statement" => {}
            "expression_statement" if index == 0 => {}
            _ if is_inert(source, node) => between.push(node),
            _ => break,
        }
    }
    found
}

/// The names that a statement binds or reads when it is run. What a function does with a name, it does when it is called.
fn touched<'s>(source: &'s Source, statement: Node<'_>) -> BTreeSet<&'s str> {
    if statement.kind() != "function_definition" {
        return identifiers(source, statement);
    }
    let head = ["name", "parameters", "return_type"].into_iter().filter_map(|field| statement.child_by_field_name(field));
    head.flat_map(|part| identifiers(source, part)).collect()
}

/// Whether a statement only defines something.
fn is_inert(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "function_definition" => true,
        "class_definition" => node
            .child_by_field_name("superclasses")
            .is_none_or(|bases| parts(bases).iter().all(|base| source.str(*base) == "object")),
        "expression_statement" => {
            let is_text = node.named_child(0).is_some_and(|child| child.kind() == "string");
            is_text || assigned_name(node).is_some_and(|(_, value)| is_value(source, value))
        }
        _ => false,
    }
}

fn is_value(source: &Source, node: Node<'_>) -> bool {
    match node.kind() {
        "string" | "integer" | "float" | "true" | "false" | "none" | "concatenated_string" | "identifier" => true,
        "tuple" | "list" | "dictionary" | "set" | "pair" | "unary_operator" | "binary_operator" | "parenthesized_expression" => {
            parts(node).into_iter().all(|part| is_value(source, part))
        }
        "call" => node.child_by_field_name("function").is_some_and(|callee| {
            matches!(
                source.str(callee),
                "logging.getLogger"
                    | "getLogger"
                    | "frozenset"
                    | "set"
                    | "dict"
                    | "list"
                    | "tuple"
                    | "re.compile"
                    | "object"
                    | "namedtuple"
                    | "collections.namedtuple"
            )
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
