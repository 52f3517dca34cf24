//! Kotlin.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS, Words};
use crate::outline::{Kind, declared};

pub(super) const TABLE: Table = Table {
    leaves: &["line_comment", "block_comment", "string_content", "character_literal", "number_literal", "float_literal"],
    names: &[("identifier", Mention::Use)],
    defines: &[
        Define { node: "class_declaration", is: Kind::Class, how: How::By(class) },
        Define { node: "object_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "companion_object", is: Kind::Class, how: How::Field("name") },
        Define { node: "function_declaration", is: Kind::Function, how: How::Field("name") },
        Define { node: "enum_entry", is: Kind::Constant, how: How::By(super::first_child) },
        Define { node: "type_alias", is: Kind::Type, how: How::Field("type") },
        Define { node: "property_declaration", is: Kind::Variable, how: How::By(property) },
    ],
    binds: &[("parameter", ""), ("lambda_parameters", ""), ("for_statement", "")],
    labels: &[],
    outer: &[],
    imports: &["import"],
    flat: &[],
    scopes: &["lambda_literal", "anonymous_function"],
    words: Words { generics: true, ..WORDS },
};

fn class<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let Some(name) = node.child_by_field_name("name") else { return Vec::new() };
    let before = site.text.get(node.start_byte()..name.start_byte()).unwrap_or_default();
    let says = |word: &[u8]| before.split(u8::is_ascii_whitespace).any(|one| one == word);
    let kind = if says(b"interface") {
        Kind::Interface
    } else if says(b"enum") {
        Kind::Enum
    } else {
        Kind::Class
    };
    vec![Found { kind: Some(kind), ..Found::new(name) }]
}

fn property<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let mut cursor = node.walk();
    let declared = node.named_children(&mut cursor).find(|child| child.kind().ends_with("variable_declaration"));
    let names = declared.map(|names| declared::bound(names, "")).unwrap_or_default();
    names.into_iter().map(|name| Found { local: site.in_function, ..Found::new(name) }).collect()
}
