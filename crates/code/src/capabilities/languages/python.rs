//! Python.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role};
use super::super::scope::Scopes;
use super::super::value::Value;
use super::{NO, f, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: false,
    bare_calls: false,
    index_is_member: false,
    functions_are_capital: false,
    wildcards_have_functions: true,
    wildcards_are_common: false,
    prelude: &[],
    separators: &[],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("type", Role::Wrap(n(0))),
    ("identifier", Role::Name),
    ("attribute", Role::Member(f("object"), f("attribute"))),
    ("subscript", Role::Index(f("value"), f("subscript"))),
    ("call", Role::Call(f("function"), f("arguments"))),
    ("keyword_argument", Role::Named(f("name"), f("value"))),
    ("pair", Role::Pair(f("key"), f("value"))),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("await", Role::Wrap(n(0))),
    ("list_splat", Role::Wrap(n(0))),
    ("dictionary_splat", Role::Wrap(n(0))),
    ("string", Role::Text),
    ("string_content", Role::Content),
    ("escape_sequence", Role::Escape),
    ("interpolation", Role::Hole(f("expression"))),
    ("concatenated_string", Role::Concat),
    ("binary_operator", Role::Binary(f("left"), f("operator"), f("right"))),
    ("boolean_operator", Role::Binary(f("left"), f("operator"), f("right"))),
    ("conditional_expression", Role::Either(n(0), n(2))),
    ("assignment", Role::Declare(f("left"), f("type"), f("right"))),
    ("augmented_assignment", Role::Assign(f("left"), f("right"))),
    ("named_expression", Role::Assign(f("name"), f("value"))),
    ("as_pattern", Role::Assign(f("alias"), n(0))),
    ("as_pattern_target", Role::Wrap(n(0))),
    ("for_statement", Role::Each(f("left"), f("right"))),
    ("for_in_clause", Role::Each(f("left"), f("right"))),
    ("typed_parameter", Role::Param(n(0), f("type"))),
    ("typed_default_parameter", Role::Param(f("name"), f("type"))),
    ("default_parameter", Role::Param(f("name"), NO)),
    ("parameters", Role::Params),
    ("lambda_parameters", Role::Params),
    ("function_definition", Role::Function(f("name"))),
    ("lambda", Role::Lambda),
    ("class_definition", Role::Class(f("name"))),
    ("import_statement", Role::Import),
    ("import_from_statement", Role::Import),
    ("future_import_statement", Role::Skip),
    ("dictionary", Role::Object),
    ("list", Role::List),
    ("tuple", Role::List),
    ("expression_list", Role::List),
    ("pattern_list", Role::List),
    ("tuple_pattern", Role::List),
    ("list_pattern", Role::List),
    ("integer", Role::Literal),
    ("float", Role::Literal),
    ("true", Role::Literal),
    ("false", Role::Literal),
    ("none", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let module = cst.in_field(id, "module_name").map(|module| cst.text(module));
    if cst.kind(id) == "import_from_statement" {
        let Some(module) = module else { return };
        if !module.starts_with('.') {
            scopes.modules.push((module.to_owned(), id));
        }
        if cst.children(id).any(|child| cst.kind(child) == "wildcard_import") && !module.starts_with('.') {
            scopes.wild.push(module.to_owned());
        }
        for one in cst.children(id).filter(|child| cst.field(*child) == "name") {
            let (name, alias) = name_and_alias(cst, one);
            let value = if module.starts_with('.') { Value::local(alias) } else { Value::name(format!("{module}.{name}")) };
            scopes.bind(alias, value);
        }
        return;
    }
    for one in cst.children(id).filter(|child| cst.field(*child) == "name") {
        let (name, alias) = name_and_alias(cst, one);
        scopes.modules.push((name.to_owned(), id));
        if name == alias {
            // `import a.b` binds `a`.
            let first = name.split('.').next().unwrap_or_default();
            scopes.bind(first, Value::name(first));
        } else {
            scopes.bind(alias, Value::name(name));
        }
    }
}

fn name_and_alias<'t>(cst: &Cst<'t>, one: Id) -> (&'t str, &'t str) {
    match (cst.in_field(one, "name"), cst.in_field(one, "alias")) {
        (Some(name), Some(alias)) => (cst.text(name), cst.text(alias)),
        _ => (cst.text(one), cst.text(one)),
    }
}
