//! Rust.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS, Words};
use crate::outline::{DECLARATION, HARNESS, Kind};

pub(super) const TABLE: Table = Table {
    leaves: &[
        "line_comment",
        "block_comment",
        "string_literal",
        "raw_string_literal",
        "char_literal",
        "integer_literal",
        "float_literal",
        "boolean_literal",
        "primitive_type",
        "lifetime",
        "label",
        "attribute_item",
        "inner_attribute_item",
        "visibility_modifier",
        "mutable_specifier",
        "metavariable",
        "shebang",
    ],
    names: &[
        ("identifier", Mention::Use),
        ("type_identifier", Mention::Type),
        ("field_identifier", Mention::Member),
        ("shorthand_field_identifier", Mention::Use),
    ],
    defines: &[
        Define { node: "function_item", is: Kind::Function, how: How::Field("name") },
        Define { node: "function_signature_item", is: Kind::Function, how: How::By(signature) },
        Define { node: "struct_item", is: Kind::Struct, how: How::Field("name") },
        Define { node: "union_item", is: Kind::Union, how: How::Field("name") },
        Define { node: "enum_item", is: Kind::Enum, how: How::Field("name") },
        Define { node: "enum_variant", is: Kind::Constant, how: How::Field("name") },
        Define { node: "trait_item", is: Kind::Trait, how: How::Field("name") },
        Define { node: "impl_item", is: Kind::Impl, how: How::By(implementation) },
        Define { node: "mod_item", is: Kind::Module, how: How::By(module) },
        Define { node: "type_item", is: Kind::Type, how: How::Field("name") },
        Define { node: "associated_type", is: Kind::Type, how: How::Field("name") },
        Define { node: "const_item", is: Kind::Constant, how: How::Field("name") },
        Define { node: "static_item", is: Kind::Variable, how: How::Field("name") },
        Define { node: "macro_definition", is: Kind::Macro, how: How::Field("name") },
        Define { node: "macro_invocation", is: Kind::Function, how: How::By(fuzz_target) },
    ],
    binds: &[
        ("parameter", "pattern"),
        ("closure_parameters", ""),
        ("let_declaration", "pattern"),
        ("let_condition", "pattern"),
        ("for_expression", "pattern"),
        ("match_pattern", ""),
    ],
    labels: &[],
    outer: &[],
    imports: &["use_declaration", "extern_crate_declaration"],
    flat: &[],
    scopes: &["closure_expression"],
    words: Words { bang: true, generics: true, ..WORDS },
};

fn signature<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("name");
    name.map(|name| Found { flags: DECLARATION, ..Found::new(name) }).into_iter().collect()
}

fn module<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let flags = if node.child_by_field_name("body").is_some() { 0 } else { DECLARATION };
    node.child_by_field_name("name").map(|name| Found { flags, ..Found::new(name) }).into_iter().collect()
}

/// `impl<T> Trait for a::Name<T>` adds to `Name`.
fn implementation<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let mut at = node.child_by_field_name("type");
    while let Some(of) = at {
        at = match of.kind() {
            "generic_type" | "reference_type" | "pointer_type" => of.child_by_field_name("type"),
            "scoped_type_identifier" => of.child_by_field_name("name"),
            "dynamic_type" => of.child_by_field_name("trait"),
            _ => return vec![Found::new(of)],
        };
    }
    Vec::new()
}

/// `fuzz_target!(|data: &[u8]| …)` is where a fuzzer enters.
fn fuzz_target<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("macro").filter(|name| {
        let path = site.text.get(name.byte_range()).unwrap_or_default();
        path.rsplit(|byte| *byte == b':').next() == Some(b"fuzz_target".as_slice())
    });
    name.map(|name| Found { flags: HARNESS, ..Found::new(name) }).into_iter().collect()
}
