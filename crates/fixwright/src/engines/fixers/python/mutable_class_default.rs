//! RUF012: a list, dictionary or set as a class attribute is shared by all instances. Saying so (`ClassVar`) keeps what the program does and tells
//! readers and type checkers that it is meant.

use domain::Applicability;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::imports::add_import;
use super::source::{Source, ancestor, is_field};
use super::syntax::{is_bound_here, proposals, scope, source, uses};

pub(super) const FIXER: Fixer = Fixer {
    id: "mutable_class_default",
    about: "annotates mutable class attributes as ClassVar",
    handles: |finding| finding.rule == "RUF012",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let range = source.range(context.finding.location.as_ref()?)?;
        let value = source.node(range.clone()).filter(|node| node.byte_range() == range)?;
        let assignment = ancestor(value, &["assignment"]).filter(|_| is_field(value, "right"))?;
        scope(assignment).filter(|scope| scope.kind() == "class_definition")?;
        let class_var = class_var(&source)?;
        let container = container(&source, value)?;
        // The annotation is evaluated in the class, where a method may be called `list`.
        let first = container.split('.').next().unwrap_or_default();
        let rebound = is_builtin(container)
            && uses(&source, source.root(), first).into_iter().any(|name| is_bound_here(name) && !is_local(name));
        let of = if rebound { String::new() } else { format!("[{container}]") };
        let edit = if let Some(annotation) = assignment.child_by_field_name("type") {
            source.edit(annotation.byte_range(), format!("{}[{}]", class_var.name, source.str(annotation)))
        } else {
            // `a = b = []` and `a, b = [], []` cannot be annotated.
            let left = assignment.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
            if assignment.parent()?.kind() != "expression_statement" {
                return None;
            }
            source.edit(left.end_byte()..left.end_byte(), format!(": {}{of}", class_var.name))
        };
        let mut edits = vec![edit];
        if class_var.add {
            edits.extend(add_import(&source, context.files, &context.subproject.path, "typing", Some("ClassVar"))?);
        }
        Some(edits)
    };
    proposals("Declare the shared class attribute as such", Applicability::Safe, edits())
}

fn is_builtin(name: &str) -> bool {
    matches!(name, "list" | "dict" | "set")
}

/// Whether a name is bound within a function.
fn is_local(name: Node<'_>) -> bool {
    let of_its_own = if is_field(name, "name") { name.parent() } else { Some(name) };
    of_its_own.and_then(scope).is_some_and(|scope| matches!(scope.kind(), "function_definition" | "lambda"))
}

struct ClassVar {
    name: &'static str,
    add: bool,
}

/// How `ClassVar` is called here.
fn class_var(source: &Source) -> Option<ClassVar> {
    let mut cursor = source.root().walk();
    for node in source.root().named_children(&mut cursor) {
        if node.kind() == "import_statement" && source.str(node) == "import typing" {
            return Some(ClassVar { name: "typing.ClassVar", add: false });
        }
        // A name of this file's own would be shadowed.
        if node.kind() == "class_definition"
            && node.child_by_field_name("name").is_some_and(|name| source.str(name) == "ClassVar")
        {
            return None;
        }
    }
    Some(ClassVar { name: "ClassVar", add: true })
}

/// The type of a literal or a constructor's call.
fn container<'s>(source: &'s Source, value: Node<'_>) -> Option<&'s str> {
    match value.kind() {
        "list" | "list_comprehension" => Some("list"),
        "dictionary" | "dictionary_comprehension" => Some("dict"),
        "set" | "set_comprehension" => Some("set"),
        "call" => {
            let callee = source.str(value.child_by_field_name("function")?);
            // A class that is defined further down, or in this class, does not exist when the annotation is evaluated; what is called on the right does.
            callee.split('.').all(super::syntax::is_identifier).then_some(callee)
        }
        "parenthesized_expression" => container(source, value.named_child(0)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
