//! C#.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS, Words};
use crate::outline::{Kind, declared};

pub(super) const TABLE: Table = Table {
    leaves: &[
        "comment",
        "string_literal",
        "verbatim_string_literal",
        "raw_string_literal",
        "character_literal",
        "integer_literal",
        "real_literal",
        "predefined_type",
    ],
    names: &[("identifier", Mention::Use)],
    defines: &[
        Define { node: "class_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "record_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "struct_declaration", is: Kind::Struct, how: How::Field("name") },
        Define { node: "interface_declaration", is: Kind::Interface, how: How::Field("name") },
        Define { node: "enum_declaration", is: Kind::Enum, how: How::Field("name") },
        Define { node: "enum_member_declaration", is: Kind::Constant, how: How::Field("name") },
        Define { node: "delegate_declaration", is: Kind::Type, how: How::Field("name") },
        Define { node: "namespace_declaration", is: Kind::Module, how: How::Field("name") },
        Define { node: "method_declaration", is: Kind::Method, how: How::Field("name") },
        Define { node: "constructor_declaration", is: Kind::Method, how: How::Field("name") },
        Define { node: "destructor_declaration", is: Kind::Method, how: How::Field("name") },
        Define { node: "local_function_statement", is: Kind::Function, how: How::Field("name") },
        Define { node: "property_declaration", is: Kind::Variable, how: How::Field("name") },
        Define { node: "variable_declaration", is: Kind::Variable, how: How::By(variables) },
    ],
    binds: &[("parameter", "name"), ("foreach_statement", "left"), ("catch_declaration", "name")],
    labels: &[],
    outer: &[],
    imports: &["using_directive"],
    flat: &[],
    scopes: &["lambda_expression", "anonymous_method_expression"],
    words: Words { generics: true, ..WORDS },
};

fn variables<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let names = declared::bound(node, "");
    names.into_iter().map(|name| Found { local: site.in_function, ..Found::new(name) }).collect()
}
