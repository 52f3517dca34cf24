//! C++: C with more kinds of definitions, and read node by node, because its expressions hold functions.

use tree_sitter::Node;

use super::c;
use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS, Words};
use crate::outline::{DECLARATION, Kind, declared};

pub(super) const TABLE: Table = Table {
    leaves: &[
        "comment",
        "string_literal",
        "raw_string_literal",
        "system_lib_string",
        "number_literal",
        "char_literal",
        "primitive_type",
        "statement_identifier",
        "storage_class_specifier",
        "type_qualifier",
        "preproc_directive",
        "access_specifier",
        "virtual_specifier",
        "auto",
        "this",
    ],
    names: &[
        ("identifier", Mention::Use),
        ("type_identifier", Mention::Type),
        ("field_identifier", Mention::Member),
        ("namespace_identifier", Mention::Use),
    ],
    defines: &[
        Define { node: "function_definition", is: Kind::Function, how: How::By(c::function) },
        Define { node: "declaration", is: Kind::Variable, how: How::By(c::declaration) },
        Define { node: "field_declaration", is: Kind::Variable, how: How::By(member) },
        Define { node: "type_definition", is: Kind::Type, how: How::By(c::typedef) },
        Define { node: "alias_declaration", is: Kind::Type, how: How::Field("name") },
        Define { node: "concept_definition", is: Kind::Type, how: How::Field("name") },
        Define { node: "class_specifier", is: Kind::Class, how: How::By(class) },
        Define { node: "struct_specifier", is: Kind::Struct, how: How::By(class) },
        Define { node: "union_specifier", is: Kind::Union, how: How::By(class) },
        Define { node: "enum_specifier", is: Kind::Enum, how: How::WithBody("name") },
        Define { node: "enumerator", is: Kind::Constant, how: How::Field("name") },
        Define { node: "namespace_definition", is: Kind::Module, how: How::Field("name") },
        Define { node: "preproc_def", is: Kind::Macro, how: How::Field("name") },
        Define { node: "preproc_function_def", is: Kind::Macro, how: How::Field("name") },
    ],
    binds: &[
        ("parameter_declaration", "declarator"),
        ("optional_parameter_declaration", "declarator"),
        ("for_range_loop", "declarator"),
        ("preproc_params", ""),
    ],
    labels: &[],
    outer: &[],
    imports: &["preproc_include"],
    flat: &["preproc_arg"],
    scopes: &["lambda_expression"],
    words: Words { generics: true, ..WORDS },
};

/// Splits `A::B::name` into the name and the innermost type that it belongs to.
pub(super) fn qualified(name: Node<'_>) -> Found<'_> {
    let (mut at, mut owner) = (name, None);
    while at.kind() == "qualified_identifier" {
        owner = at.child_by_field_name("scope").or(owner);
        let Some(inner) = at.child_by_field_name("name") else { break };
        at = inner;
    }
    // `vector<T>::size` belongs to `vector`; `name<int>` is a specialisation of `name`.
    let of_template = |node: Node<'_>| matches!(node.kind(), "template_type" | "template_function" | "template_method");
    if of_template(at) {
        at = at.child_by_field_name("name").unwrap_or(at);
    }
    let owner = owner.map(|owner| owner.child_by_field_name("name").filter(|_| of_template(owner)).unwrap_or(owner));
    Found { owner, ..Found::new(at) }
}

fn class<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("name").filter(|_| node.child_by_field_name("body").is_some());
    name.map(qualified).into_iter().collect()
}

/// A member: a method that is only announced; fields are not told.
fn member<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let mut cursor = node.walk();
    let one = |declarator: Node<'t>| match declared::declarator(declarator)? {
        (name, true) => Some(Found { kind: Some(Kind::Function), flags: DECLARATION, ..qualified(name) }),
        _ => None,
    };
    node.children_by_field_name("declarator", &mut cursor).filter_map(one).collect()
}
