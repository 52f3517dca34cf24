//! Scala.

use crate::outline::Kind;
use crate::outline::table::{Define, How, Mention, Table, WORDS};

pub(super) const TABLE: Table = Table {
    leaves: &["comment", "block_comment", "string", "character_literal", "integer_literal", "floating_point_literal"],
    names: &[("identifier", Mention::Use), ("type_identifier", Mention::Type), ("operator_identifier", Mention::Use)],
    defines: &[
        Define { node: "class_definition", is: Kind::Class, how: How::Field("name") },
        Define { node: "object_definition", is: Kind::Class, how: How::Field("name") },
        Define { node: "package_object", is: Kind::Module, how: How::Field("name") },
        Define { node: "trait_definition", is: Kind::Trait, how: How::Field("name") },
        Define { node: "enum_definition", is: Kind::Enum, how: How::Field("name") },
        Define { node: "simple_enum_case", is: Kind::Constant, how: How::Field("name") },
        Define { node: "full_enum_case", is: Kind::Constant, how: How::Field("name") },
        Define { node: "type_definition", is: Kind::Type, how: How::Field("name") },
        Define { node: "function_definition", is: Kind::Function, how: How::Field("name") },
        Define { node: "function_declaration", is: Kind::Function, how: How::Field("name") },
        Define { node: "val_definition", is: Kind::Variable, how: How::By(super::pattern) },
        Define { node: "var_definition", is: Kind::Variable, how: How::By(super::pattern) },
    ],
    binds: &[("parameter", "name"), ("class_parameter", "name")],
    labels: &[],
    outer: &[],
    imports: &["import_declaration"],
    flat: &[],
    scopes: &["lambda_expression"],
    words: WORDS,
};
