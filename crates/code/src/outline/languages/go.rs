//! Go.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS};
use crate::outline::{DECLARATION, Kind};

pub(super) const TABLE: Table = Table {
    leaves: &[
        "comment",
        "interpreted_string_literal",
        "raw_string_literal",
        "rune_literal",
        "int_literal",
        "float_literal",
        "imaginary_literal",
        "label_name",
        "package_clause",
        "blank_identifier",
    ],
    names: &[
        ("identifier", Mention::Use),
        ("type_identifier", Mention::Type),
        ("field_identifier", Mention::Member),
        ("package_identifier", Mention::Use),
    ],
    defines: &[
        Define { node: "function_declaration", is: Kind::Function, how: How::Field("name") },
        Define { node: "method_declaration", is: Kind::Method, how: How::By(method) },
        Define { node: "method_elem", is: Kind::Method, how: How::By(announced) },
        Define { node: "type_spec", is: Kind::Type, how: How::By(of_type) },
        Define { node: "type_alias", is: Kind::Type, how: How::Field("name") },
        Define { node: "const_spec", is: Kind::Constant, how: How::By(names) },
        Define { node: "var_spec", is: Kind::Variable, how: How::By(names) },
    ],
    binds: &[
        ("parameter_declaration", "name"),
        ("variadic_parameter_declaration", "name"),
        ("short_var_declaration", "left"),
        ("range_clause", "left"),
        ("type_switch_statement", "alias"),
        ("receive_statement", "left"),
    ],
    labels: &[],
    outer: &[],
    imports: &["import_spec"],
    flat: &[],
    scopes: &["func_literal"],
    words: WORDS,
};

/// `func (r *Receiver[T]) name()` belongs to `Receiver`.
fn method<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let Some(name) = node.child_by_field_name("name") else { return Vec::new() };
    let receiver = node.child_by_field_name("receiver").and_then(|list| list.named_child(0));
    let mut owner = receiver.and_then(|receiver| receiver.child_by_field_name("type"));
    while let Some(of) = owner {
        owner = match of.kind() {
            "pointer_type" | "parenthesized_type" => of.named_child(0),
            "generic_type" => of.child_by_field_name("type"),
            _ => break,
        };
    }
    vec![Found { owner, ..Found::new(name) }]
}

fn announced<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("name");
    name.map(|name| Found { flags: DECLARATION, ..Found::new(name) }).into_iter().collect()
}

fn of_type<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let kind = match node.child_by_field_name("type").map(|of| of.kind()) {
        Some("struct_type") => Kind::Struct,
        Some("interface_type") => Kind::Interface,
        _ => Kind::Type,
    };
    node.child_by_field_name("name").map(|name| Found { kind: Some(kind), ..Found::new(name) }).into_iter().collect()
}

fn names<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let mut cursor = node.walk();
    let names = node.children_by_field_name("name", &mut cursor).filter(|name| name.kind() == "identifier");
    names.map(|name| Found { local: site.in_function, ..Found::new(name) }).collect()
}
