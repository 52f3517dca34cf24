//! PHP.

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
    wildcards_are_common: false,
    prelude: &[],
    separators: &["\\"],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("text", Role::Comment),
    ("namespace_definition", Role::Other),
    ("namespace_name", Role::Skip),
    ("name", Role::Name),
    ("qualified_name", Role::Name),
    ("variable_name", Role::Name),
    ("named_type", Role::Wrap(n(0))),
    ("optional_type", Role::Wrap(n(0))),
    ("member_access_expression", Role::Member(f("object"), f("name"))),
    ("nullsafe_member_access_expression", Role::Member(f("object"), f("name"))),
    ("class_constant_access_expression", Role::Member(n(0), n(1))),
    ("scoped_property_access_expression", Role::Member(f("scope"), f("name"))),
    ("subscript_expression", Role::Index(n(0), n(1))),
    ("function_call_expression", Role::Call(f("function"), f("arguments"))),
    ("member_call_expression", Role::Method(f("object"), f("name"), f("arguments"))),
    ("nullsafe_member_call_expression", Role::Method(f("object"), f("name"), f("arguments"))),
    ("scoped_call_expression", Role::Method(f("scope"), f("name"), f("arguments"))),
    ("object_creation_expression", Role::New(n(0), Slot::Kind("arguments"))),
    ("argument", Role::Named(f("name"), Slot::Last)),
    ("array_element_initializer", Role::Pair(n(0), Slot::Last)),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("error_suppression_expression", Role::Wrap(n(0))),
    ("cast_expression", Role::Wrap(f("value"))),
    ("clone_expression", Role::Wrap(n(0))),
    ("string", Role::Text),
    ("encapsed_string", Role::Text),
    ("heredoc_body", Role::Text),
    ("nowdoc_body", Role::Text),
    ("heredoc", Role::Wrap(f("value"))),
    ("nowdoc", Role::Wrap(f("value"))),
    ("string_content", Role::Content),
    ("string_value", Role::Content),
    ("nowdoc_string", Role::Content),
    ("escape_sequence", Role::Escape),
    ("shell_command_expression", Role::Shell),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("conditional_expression", Role::Either(f("body"), f("alternative"))),
    ("assignment_expression", Role::Assign(f("left"), f("right"))),
    ("augmented_assignment_expression", Role::Assign(f("left"), f("right"))),
    ("property_element", Role::Declare(f("name"), NO, f("default_value"))),
    ("const_element", Role::Declare(n(0), NO, n(1))),
    ("foreach_statement", Role::Each(n(1), n(0))),
    ("simple_parameter", Role::Param(f("name"), f("type"))),
    ("property_promotion_parameter", Role::Param(f("name"), f("type"))),
    ("variadic_parameter", Role::Param(f("name"), NO)),
    ("formal_parameters", Role::Params),
    ("function_definition", Role::Function(f("name"))),
    ("method_declaration", Role::Function(f("name"))),
    ("anonymous_function", Role::Lambda),
    ("arrow_function", Role::Lambda),
    ("class_declaration", Role::Class(f("name"))),
    ("trait_declaration", Role::Class(f("name"))),
    ("interface_declaration", Role::Class(f("name"))),
    ("namespace_use_declaration", Role::Import),
    ("array_creation_expression", Role::Object),
    ("list_literal", Role::List),
    ("integer", Role::Literal),
    ("float", Role::Literal),
    ("boolean", Role::Literal),
    ("null", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let group = cst.children(id).find(|child| cst.kind(*child) == "namespace_name").map(|name| format!("{}\\", cst.text(name)));
    for clause in cst.below(id).filter(|at| cst.kind(*at) == "namespace_use_clause") {
        let alias = cst.in_field(clause, "alias");
        let Some(name) = cst.children(clause).find(|child| Some(*child) != alias && cst.field(*child) != "type") else {
            continue;
        };
        let path = format!("{}{}", group.as_deref().unwrap_or_default(), cst.text(name));
        let path = path.trim_start_matches('\\').replace('\\', ".");
        let alias = alias.map(|alias| cst.text(alias)).unwrap_or_else(|| path.rsplit('.').next().unwrap_or_default()).to_owned();
        scopes.modules.push((path.clone(), clause));
        scopes.bind_in_file(&alias, Value::name(path));
    }
}
