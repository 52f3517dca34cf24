//! Kotlin.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role, Slot};
use super::super::scope::Scopes;
use super::super::value::Value;
use super::{NO, f, k, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: true,
    bare_calls: false,
    index_is_member: false,
    functions_are_capital: false,
    wildcards_have_functions: false,
    wildcards_are_common: true,
    prelude: &["java.lang", "kotlin", "kotlin.io"],
    separators: &[],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("package_header", Role::Skip),
    ("identifier", Role::Name),
    ("this_expression", Role::This),
    ("user_type", Role::Generic(n(0), k("type_arguments"))),
    ("nullable_type", Role::Wrap(n(0))),
    ("type_projection", Role::Wrap(n(0))),
    ("navigation_expression", Role::Member(n(0), Slot::Last)),
    ("index_expression", Role::Index(n(0), n(1))),
    ("call_expression", Role::Call(n(0), k("value_arguments"))),
    ("constructor_invocation", Role::New(n(0), k("value_arguments"))),
    ("value_argument", Role::Named(n(0), Slot::Last)),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("as_expression", Role::Wrap(n(0))),
    // The grammar reads `!a.b()` as `(!a).b()`.
    ("unary_expression", Role::Wrap(f("argument"))),
    ("annotated_lambda", Role::Other),
    ("string_literal", Role::Text),
    ("multiline_string_literal", Role::Text),
    ("string_content", Role::Content),
    ("escape_sequence", Role::Escape),
    ("interpolation", Role::Hole(n(0))),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("assignment", Role::Assign(f("left"), f("right"))),
    ("property_declaration", Role::Declare(k("variable_declaration"), NO, Slot::Last)),
    ("variable_declaration", Role::Param(n(0), n(1))),
    ("parameter", Role::Param(n(0), n(1))),
    ("class_parameter", Role::Param(k("identifier"), k("user_type"))),
    ("function_value_parameters", Role::Params),
    ("lambda_parameters", Role::Params),
    ("function_declaration", Role::Function(f("name"))),
    ("anonymous_function", Role::Lambda),
    ("lambda_literal", Role::Lambda),
    ("class_declaration", Role::Class(f("name"))),
    ("object_declaration", Role::Class(f("name"))),
    ("import", Role::Import),
    ("collection_literal", Role::List),
    ("number_literal", Role::Literal),
    ("boolean_literal", Role::Literal),
    ("character_literal", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let Some(name) = cst.children(id).next() else { return };
    let path = cst.text(name).replace(char::is_whitespace, "");
    scopes.modules.push((path.clone(), id));
    if cst.text(id).trim_end().ends_with('*') {
        scopes.wild.push(path);
        return;
    }
    let alias = cst.children(id).nth(1).map_or_else(|| path.rsplit('.').next().unwrap_or_default(), |alias| cst.text(alias));
    scopes.bind(alias, Value::name(&path));
}
