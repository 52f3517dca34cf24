//! C. Expressions are read as words: they are most of a program, and what they mention is told by its neighbours.

use memchr::memmem;
use tree_sitter::Node;

use crate::outline::declared;
use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS, Words};
use crate::outline::{DECLARATION, Kind, LOCAL};

pub(super) const TABLE: Table = Table {
    leaves: &[
        "comment",
        "string_literal",
        "system_lib_string",
        "number_literal",
        "char_literal",
        "primitive_type",
        "statement_identifier",
        "storage_class_specifier",
        "type_qualifier",
        "preproc_directive",
        "sized_type_specifier",
    ],
    names: &[("identifier", Mention::Use), ("type_identifier", Mention::Type), ("field_identifier", Mention::Member)],
    defines: &[
        Define { node: "function_definition", is: Kind::Function, how: How::By(function) },
        Define { node: "declaration", is: Kind::Variable, how: How::By(declaration) },
        Define { node: "type_definition", is: Kind::Type, how: How::By(typedef) },
        Define { node: "struct_specifier", is: Kind::Struct, how: How::WithBody("name") },
        Define { node: "union_specifier", is: Kind::Union, how: How::WithBody("name") },
        Define { node: "enum_specifier", is: Kind::Enum, how: How::WithBody("name") },
        Define { node: "enumerator", is: Kind::Constant, how: How::Field("name") },
        Define { node: "compound_statement", is: Kind::Function, how: How::OfMacro },
        Define { node: "preproc_def", is: Kind::Macro, how: How::Field("name") },
        Define { node: "preproc_function_def", is: Kind::Macro, how: How::Field("name") },
    ],
    binds: &[("parameter_declaration", "declarator"), ("preproc_params", "")],
    labels: &[],
    outer: &[],
    imports: &["preproc_include"],
    flat: &[
        "preproc_arg",
        "expression_statement",
        "return_statement",
        "parenthesized_expression",
        "argument_list",
        "initializer_list",
        "call_expression",
        "assignment_expression",
        "binary_expression",
        "unary_expression",
        "pointer_expression",
        "update_expression",
        "cast_expression",
        "conditional_expression",
        "comma_expression",
        "compound_literal_expression",
        "subscript_expression",
        "field_expression",
        "sizeof_expression",
        "concatenated_string",
        "attribute_specifier",
        "gnu_asm_expression",
    ],
    scopes: &[],
    words: Words { drops_fields: true, ..WORDS },
};

pub(super) fn function<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let Some((name, _)) = node.child_by_field_name("declarator").and_then(declared::declarator) else { return Vec::new() };
    // Most functions are not, and a look at the text costs less than one at the children.
    let head = site.text.get(node.start_byte()..name.start_byte()).unwrap_or_default();
    let may_be_static = memmem::find(head, b"static").is_some();
    let flags = if may_be_static && parts(node, site.text).is_static { LOCAL } else { 0 };
    vec![Found { flags, ..super::cpp::qualified(name) }]
}

/// A declaration outside of functions makes variables and announces functions; within one it makes local names.
pub(super) fn declaration<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let parts = parts(node, site.text);
    let one = |declarator: Node<'t>| {
        let (name, is_function) = declared::declarator(declarator)?;
        if !name.kind().ends_with("identifier") && name.kind() != "operator_name" && name.kind() != "destructor_name" {
            return None;
        }
        let kind = is_function.then_some(Kind::Function);
        let flags = if parts.is_static { LOCAL } else { 0 } | if is_function || parts.is_extern { DECLARATION } else { 0 };
        Some(Found { kind, flags, local: site.in_function && !is_function, ..super::cpp::qualified(name) })
    };
    parts.declarators.iter().copied().filter_map(one).collect()
}

/// What a declaration is made of.
#[derive(Default)]
struct Parts<'t> {
    declarators: Vec<Node<'t>>,
    is_static: bool,
    is_extern: bool,
}

/// Looks over the children once: there are many declarations.
fn parts<'t>(node: Node<'t>, text: &[u8]) -> Parts<'t> {
    let mut parts = Parts::default();
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    while more {
        let child = cursor.node();
        match cursor.field_name() {
            Some("declarator") => parts.declarators.push(child),
            // They stand before the names.
            None if parts.declarators.is_empty() && child.kind() == "storage_class_specifier" => {
                let class = text.get(child.byte_range());
                parts.is_static |= class == Some(b"static");
                parts.is_extern |= class == Some(b"extern");
            }
            _ => {}
        }
        more = cursor.goto_next_sibling();
    }
    parts
}

pub(super) fn typedef<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let mut cursor = node.walk();
    let names = node.children_by_field_name("declarator", &mut cursor);
    names.filter_map(|one| Some(Found::new(declared::declarator(one)?.0))).collect()
}
