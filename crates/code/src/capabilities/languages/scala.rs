//! Scala.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role, Slot};
use super::super::scope::Scopes;
use super::super::value::Value;
use super::{NO, f, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: true,
    bare_calls: false,
    index_is_member: false,
    functions_are_capital: false,
    wildcards_have_functions: true,
    wildcards_are_common: true,
    prelude: &["java.lang", "scala", "scala.Predef"],
    separators: &[],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("package_clause", Role::Skip),
    ("identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("operator_identifier", Role::Name),
    ("stable_type_identifier", Role::Member(n(0), Slot::Last)),
    ("stable_identifier", Role::Member(n(0), Slot::Last)),
    ("field_expression", Role::Member(f("value"), f("field"))),
    ("call_expression", Role::Call(f("function"), f("arguments"))),
    ("infix_expression", Role::Method(f("left"), f("operator"), f("right"))),
    ("postfix_expression", Role::Method(n(0), Slot::Last, NO)),
    ("instance_expression", Role::New(n(0), f("arguments"))),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("generic_type", Role::Generic(f("type"), f("type_arguments"))),
    ("generic_function", Role::Wrap(f("function"))),
    ("string", Role::Text),
    ("interpolated_string", Role::Text),
    ("interpolated_string_expression", Role::Call(f("interpolator"), Slot::Last)),
    ("interpolation", Role::Hole(n(0))),
    ("assignment_expression", Role::Assign(f("left"), f("right"))),
    ("val_definition", Role::Declare(f("pattern"), f("type"), f("value"))),
    ("var_definition", Role::Declare(f("pattern"), f("type"), f("value"))),
    ("parameter", Role::Param(f("name"), f("type"))),
    ("class_parameter", Role::Param(f("name"), f("type"))),
    ("bindings", Role::Params),
    ("function_definition", Role::Function(f("name"))),
    ("lambda_expression", Role::Lambda),
    ("class_definition", Role::Class(f("name"))),
    ("object_definition", Role::Class(f("name"))),
    ("trait_definition", Role::Class(f("name"))),
    ("import_declaration", Role::Import),
    ("integer_literal", Role::Literal),
    ("boolean_literal", Role::Literal),
    ("null_literal", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let mut parts: Vec<&str> = Vec::new();
    let mut selectors = None;
    let mut is_wild = false;
    for child in cst.children(id) {
        match cst.kind(child) {
            "namespace_wildcard" => is_wild = true,
            "namespace_selectors" => selectors = Some(child),
            "stable_identifier" | "identifier" | "type_identifier" => parts.push(cst.text(child)),
            _ => {}
        }
    }
    // `sys.process` is `scala.sys.process`.
    let mut path = parts.join(".");
    if path.starts_with("sys.") || path == "sys" {
        path = format!("scala.{path}");
    }
    scopes.modules.push((path.clone(), id));
    if is_wild {
        scopes.wild.push(path);
        return;
    }
    let Some(selectors) = selectors else {
        scopes.bind(path.rsplit('.').next().unwrap_or_default(), Value::name(&path));
        return;
    };
    for one in cst.children(selectors) {
        match (cst.in_field(one, "name"), cst.in_field(one, "alias")) {
            (Some(name), Some(alias)) => scopes.bind(cst.text(alias), Value::name(format!("{path}.{}", cst.text(name)))),
            _ if cst.kind(one) == "namespace_wildcard" => scopes.wild.push(path.clone()),
            _ => scopes.bind(cst.text(one), Value::name(format!("{path}.{}", cst.text(one)))),
        }
    }
}
