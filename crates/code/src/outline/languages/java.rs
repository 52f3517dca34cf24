//! Java.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS};
use crate::outline::{DECLARATION, Kind, declared};

pub(super) const TABLE: Table = Table {
    leaves: &[
        "line_comment",
        "block_comment",
        "string_literal",
        "character_literal",
        "decimal_integer_literal",
        "hex_integer_literal",
        "octal_integer_literal",
        "binary_integer_literal",
        "decimal_floating_point_literal",
        "hex_floating_point_literal",
        "integral_type",
        "floating_point_type",
        "package_declaration",
    ],
    names: &[("identifier", Mention::Use), ("type_identifier", Mention::Type)],
    defines: &[
        Define { node: "class_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "record_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "interface_declaration", is: Kind::Interface, how: How::Field("name") },
        Define { node: "annotation_type_declaration", is: Kind::Interface, how: How::Field("name") },
        Define { node: "enum_declaration", is: Kind::Enum, how: How::Field("name") },
        Define { node: "enum_constant", is: Kind::Constant, how: How::Field("name") },
        Define { node: "method_declaration", is: Kind::Method, how: How::By(method) },
        Define { node: "annotation_type_element_declaration", is: Kind::Method, how: How::By(method) },
        Define { node: "constructor_declaration", is: Kind::Method, how: How::Field("name") },
        Define { node: "compact_constructor_declaration", is: Kind::Method, how: How::Field("name") },
        Define { node: "field_declaration", is: Kind::Variable, how: How::By(variables) },
        Define { node: "constant_declaration", is: Kind::Constant, how: How::By(variables) },
        Define { node: "local_variable_declaration", is: Kind::Variable, how: How::By(variables) },
    ],
    binds: &[
        ("formal_parameter", "name"),
        ("spread_parameter", ""),
        ("catch_formal_parameter", "name"),
        ("enhanced_for_statement", "name"),
        ("resource", "name"),
        ("inferred_parameters", ""),
        ("lambda_expression", "parameters"),
        ("instanceof_expression", "name"),
    ],
    labels: &[("element_value_pair", "key")],
    outer: &[],
    imports: &["import_declaration"],
    flat: &[],
    scopes: &[],
    words: WORDS,
};

fn method<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let flags = if node.child_by_field_name("body").is_some() { 0 } else { DECLARATION };
    node.child_by_field_name("name").map(|name| Found { flags, ..Found::new(name) }).into_iter().collect()
}

fn variables<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let local = node.kind() == "local_variable_declaration";
    declared::bound(node, "declarator").into_iter().map(|name| Found { local, ..Found::new(name) }).collect()
}
