//! Python.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS};
use crate::outline::{Kind, declared};

pub(super) const TABLE: Table = Table {
    leaves: &["comment", "integer", "float", "string_content", "escape_sequence", "string_start", "string_end"],
    names: &[("identifier", Mention::Use)],
    defines: &[
        Define { node: "function_definition", is: Kind::Function, how: How::Field("name") },
        Define { node: "class_definition", is: Kind::Class, how: How::Field("name") },
        Define { node: "assignment", is: Kind::Variable, how: How::By(assignment) },
        Define { node: "type_alias_statement", is: Kind::Type, how: How::By(alias) },
    ],
    binds: &[
        ("parameters", ""),
        ("lambda_parameters", ""),
        ("for_statement", "left"),
        ("for_in_clause", "left"),
        ("as_pattern_target", ""),
        ("named_expression", "name"),
        ("global_statement", "global"),
        ("nonlocal_statement", "global"),
    ],
    labels: &[("keyword_argument", "name")],
    outer: &["decorated_definition"],
    imports: &["import_statement", "import_from_statement", "future_import_statement"],
    flat: &[],
    scopes: &["lambda"],
    words: WORDS,
};

/// What is assigned to in a function is local to it; elsewhere it is a variable of the module or class. A lambda with a name is a function.
fn assignment<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let left = node.child_by_field_name("left").filter(|left| left.kind() == "identifier");
    if let Some(name) = left.filter(|_| node.child_by_field_name("right").is_some_and(|right| right.kind() == "lambda")) {
        return vec![Found { kind: Some(Kind::Function), ..Found::new(name) }];
    }
    let names = declared::bound(node, "left");
    names.into_iter().map(|name| Found { local: site.in_function, ..Found::new(name) }).collect()
}

fn alias<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let mut at = node.child_by_field_name("left");
    while let Some(inner) = at {
        if inner.kind() == "identifier" {
            return vec![Found::new(inner)];
        }
        at = inner.named_child(0);
    }
    Vec::new()
}
