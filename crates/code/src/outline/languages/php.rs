//! PHP.

use crate::outline::Kind;
use crate::outline::table::{Define, How, Mention, Table, WORDS};

pub(super) const TABLE: Table = Table {
    leaves: &["comment", "string_content", "string", "nowdoc_string", "integer", "float", "text", "variable_name"],
    names: &[("name", Mention::Use)],
    defines: &[
        Define { node: "function_definition", is: Kind::Function, how: How::Field("name") },
        Define { node: "method_declaration", is: Kind::Method, how: How::Field("name") },
        Define { node: "class_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "interface_declaration", is: Kind::Interface, how: How::Field("name") },
        Define { node: "trait_declaration", is: Kind::Trait, how: How::Field("name") },
        Define { node: "enum_declaration", is: Kind::Enum, how: How::Field("name") },
        Define { node: "enum_case", is: Kind::Constant, how: How::Field("name") },
        Define { node: "namespace_definition", is: Kind::Module, how: How::WithBody("name") },
        Define { node: "const_element", is: Kind::Constant, how: How::By(super::first_child) },
    ],
    binds: &[],
    labels: &[],
    outer: &[],
    imports: &["namespace_use_declaration"],
    flat: &[],
    scopes: &[],
    words: WORDS,
};
