//! Java.

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
    wildcards_have_functions: false,
    wildcards_are_common: true,
    prelude: &["java.lang"],
    separators: &[],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("line_comment", Role::Comment),
    ("block_comment", Role::Comment),
    ("package_declaration", Role::Skip),
    ("identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("this", Role::This),
    ("field_access", Role::Member(f("object"), f("field"))),
    ("scoped_identifier", Role::Member(f("scope"), f("name"))),
    ("scoped_type_identifier", Role::Member(n(0), Slot::Last)),
    ("array_access", Role::Index(f("array"), f("index"))),
    ("method_invocation", Role::Method(f("object"), f("name"), f("arguments"))),
    ("object_creation_expression", Role::New(f("type"), f("arguments"))),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("cast_expression", Role::Wrap(f("value"))),
    ("class_literal", Role::Wrap(n(0))),
    ("generic_type", Role::Generic(n(0), Slot::Kind("type_arguments"))),
    ("array_type", Role::Skip),
    ("string_literal", Role::Text),
    ("string_fragment", Role::Content),
    ("multiline_string_fragment", Role::Content),
    ("escape_sequence", Role::Escape),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("ternary_expression", Role::Either(f("consequence"), f("alternative"))),
    ("assignment_expression", Role::Assign(f("left"), f("right"))),
    ("variable_declarator", Role::Declare(f("name"), NO, f("value"))),
    ("resource", Role::Declare(f("name"), f("type"), f("value"))),
    ("enhanced_for_statement", Role::Each(f("name"), f("value"))),
    ("formal_parameter", Role::Param(f("name"), f("type"))),
    ("catch_formal_parameter", Role::Param(f("name"), NO)),
    ("formal_parameters", Role::Params),
    ("inferred_parameters", Role::Params),
    ("method_declaration", Role::Function(f("name"))),
    ("constructor_declaration", Role::Function(f("name"))),
    ("lambda_expression", Role::Lambda),
    ("class_declaration", Role::Class(f("name"))),
    ("interface_declaration", Role::Class(f("name"))),
    ("enum_declaration", Role::Class(f("name"))),
    ("record_declaration", Role::Class(f("name"))),
    ("import_declaration", Role::Import),
    ("array_initializer", Role::List),
    ("array_creation_expression", Role::Wrap(f("value"))),
    ("decimal_integer_literal", Role::Literal),
    ("hex_integer_literal", Role::Literal),
    ("octal_integer_literal", Role::Literal),
    ("character_literal", Role::Literal),
    ("true", Role::Literal),
    ("false", Role::Literal),
    ("null_literal", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let Some(name) = cst.children(id).find(|child| matches!(cst.kind(*child), "scoped_identifier" | "identifier")) else {
        return;
    };
    let path = cst.text(name).replace(char::is_whitespace, "");
    scopes.modules.push((path.clone(), id));
    if cst.children(id).any(|child| cst.kind(child) == "asterisk") {
        scopes.wild.push(path);
    } else {
        scopes.bind(path.rsplit('.').next().unwrap_or_default(), Value::name(&path));
    }
}
