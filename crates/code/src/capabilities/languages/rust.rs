//! Rust.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role, Slot};
use super::super::scope::Scopes;
use super::super::value::Value;
use super::{NO, f, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: false,
    bare_calls: false,
    index_is_member: false,
    functions_are_capital: false,
    wildcards_have_functions: true,
    wildcards_are_common: true,
    prelude: &[],
    separators: &["::"],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("attribute_item", Role::Skip),
    ("inner_attribute_item", Role::Skip),
    ("macro_definition", Role::Skip),
    ("identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("field_identifier", Role::Name),
    ("primitive_type", Role::Name),
    ("shorthand_field_identifier", Role::Name),
    ("self", Role::This),
    ("field_expression", Role::Member(f("value"), f("field"))),
    ("scoped_identifier", Role::Member(f("path"), f("name"))),
    ("scoped_type_identifier", Role::Member(f("path"), f("name"))),
    ("index_expression", Role::Index(n(0), n(1))),
    ("call_expression", Role::Call(f("function"), f("arguments"))),
    ("struct_expression", Role::New(f("name"), f("body"))),
    ("field_initializer", Role::Pair(f("field"), f("value"))),
    ("generic_function", Role::Wrap(f("function"))),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("await_expression", Role::Wrap(n(0))),
    ("try_expression", Role::Wrap(n(0))),
    ("reference_expression", Role::Wrap(f("value"))),
    ("unary_expression", Role::Wrap(n(0))),
    ("type_cast_expression", Role::Wrap(f("value"))),
    ("reference_type", Role::Wrap(f("type"))),
    ("dynamic_type", Role::Wrap(n(0))),
    ("abstract_type", Role::Wrap(n(0))),
    ("generic_type", Role::Generic(f("type"), f("type_arguments"))),
    ("string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("string_content", Role::Content),
    ("escape_sequence", Role::Escape),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("assignment_expression", Role::Assign(f("left"), f("right"))),
    ("compound_assignment_expr", Role::Assign(f("left"), f("right"))),
    ("type_item", Role::Declare(f("name"), NO, f("type"))),
    ("let_declaration", Role::Declare(f("pattern"), f("type"), f("value"))),
    ("let_condition", Role::Declare(f("pattern"), NO, f("value"))),
    ("const_item", Role::Declare(f("name"), f("type"), f("value"))),
    ("static_item", Role::Declare(f("name"), f("type"), f("value"))),
    ("field_declaration", Role::Declare(f("name"), f("type"), NO)),
    ("for_expression", Role::Each(f("pattern"), f("value"))),
    ("match_arm", Role::Declare(f("pattern"), NO, NO)),
    ("tuple_struct_pattern", Role::Wrap(Slot::Last)),
    ("mut_pattern", Role::Wrap(Slot::Last)),
    ("parameter", Role::Param(f("pattern"), f("type"))),
    ("parameters", Role::Params),
    ("closure_parameters", Role::Params),
    ("function_item", Role::Function(f("name"))),
    ("function_signature_item", Role::Declared(f("name"))),
    ("closure_expression", Role::Lambda),
    ("struct_item", Role::Class(f("name"))),
    ("enum_item", Role::Class(f("name"))),
    ("impl_item", Role::Class(f("type"))),
    ("trait_item", Role::Class(f("name"))),
    ("use_declaration", Role::Import),
    ("extern_crate_declaration", Role::Import),
    ("array_expression", Role::List),
    ("tuple_expression", Role::List),
    ("tuple_pattern", Role::List),
    ("integer_literal", Role::Literal),
    ("float_literal", Role::Literal),
    ("boolean_literal", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    if let Some(tree) = cst.in_field(id, "argument") {
        bind_use(cst, tree, "", scopes, 0);
    }
}

fn bind_use(cst: &Cst<'_>, id: Id, prefix: &str, scopes: &mut Scopes, depth: usize) {
    if depth > 16 {
        return;
    }
    let full = |path: &str| {
        let path = path.replace("::", ".").replace([' ', '\n'], "");
        let path = path.trim_start_matches('.');
        if prefix.is_empty() { path.to_owned() } else { format!("{prefix}.{path}") }
    };
    let bind = |scopes: &mut Scopes, alias: &str, path: String| {
        if path.starts_with("crate") || path.starts_with("self") || path.starts_with("super") {
            scopes.bind(alias, Value::local(alias));
        } else {
            scopes.modules.push((path.clone(), id));
            scopes.bind(alias, Value::name(path));
        }
    };
    match cst.kind(id) {
        "scoped_use_list" => {
            let path = cst.in_field(id, "path").map(|path| full(cst.text(path))).unwrap_or_else(|| prefix.to_owned());
            for one in cst.in_field(id, "list").into_iter().flat_map(|list| cst.children(list)) {
                bind_use(cst, one, &path, scopes, depth + 1);
            }
        }
        "use_list" => {
            for one in cst.children(id) {
                bind_use(cst, one, prefix, scopes, depth + 1);
            }
        }
        "use_as_clause" => {
            if let (Some(path), Some(alias)) = (cst.in_field(id, "path"), cst.in_field(id, "alias")) {
                bind(scopes, cst.text(alias), full(cst.text(path)));
            }
        }
        "use_wildcard" => {
            if let Some(path) = cst.children(id).next() {
                scopes.wild.push(full(cst.text(path)));
            }
        }
        "self" => bind(scopes, prefix.rsplit('.').next().unwrap_or_default(), prefix.to_owned()),
        _ => {
            let path = full(cst.text(id));
            let alias = path.rsplit('.').next().unwrap_or_default().to_owned();
            bind(scopes, &alias, path);
        }
    }
}
