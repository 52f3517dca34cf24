//! C#.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role, Slot};
use super::super::scope::Scopes;
use super::super::value::Value;
use super::{NO, f, k, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: true,
    bare_calls: false,
    index_is_member: false,
    functions_are_capital: true,
    wildcards_have_functions: false,
    wildcards_are_common: true,
    // What projects import without saying so in the file (ImplicitUsings).
    prelude: &["System", "System.IO", "System.Net.Http", "System.Threading", "System.Threading.Tasks"],
    separators: &["::"],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("identifier", Role::Name),
    ("predefined_type", Role::Name),
    ("this", Role::This),
    ("member_access_expression", Role::Member(f("expression"), f("name"))),
    ("conditional_access_expression", Role::Member(f("condition"), k("member_binding_expression"))),
    ("qualified_name", Role::Member(f("qualifier"), f("name"))),
    ("element_access_expression", Role::Index(f("expression"), f("subscript"))),
    ("bracketed_argument_list", Role::Wrap(n(0))),
    ("invocation_expression", Role::Call(f("function"), f("arguments"))),
    ("object_creation_expression", Role::New(f("type"), f("arguments"))),
    ("argument", Role::Named(f("name"), Slot::Last)),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("await_expression", Role::Wrap(n(0))),
    ("cast_expression", Role::Wrap(f("value"))),
    ("as_expression", Role::Wrap(f("left"))),
    ("nullable_type", Role::Wrap(n(0))),
    ("generic_name", Role::Generic(n(0), k("type_argument_list"))),
    ("postfix_unary_expression", Role::Wrap(n(0))),
    ("string_literal", Role::Text),
    ("verbatim_string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("interpolated_string_expression", Role::Text),
    ("string_literal_content", Role::Content),
    ("string_content", Role::Content),
    ("raw_string_content", Role::Content),
    ("escape_sequence", Role::Escape),
    ("interpolation", Role::Hole(Slot::Child(1))),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("conditional_expression", Role::Either(f("consequence"), f("alternative"))),
    ("assignment_expression", Role::Assign(f("left"), f("right"))),
    ("variable_declarator", Role::Declare(f("name"), NO, Slot::Last)),
    ("property_declaration", Role::Declare(f("name"), f("type"), f("value"))),
    ("foreach_statement", Role::Each(f("left"), f("right"))),
    ("parameter", Role::Param(f("name"), f("type"))),
    ("parameter_list", Role::Params),
    ("method_declaration", Role::Function(f("name"))),
    ("local_function_statement", Role::Function(f("name"))),
    ("constructor_declaration", Role::Function(f("name"))),
    ("lambda_expression", Role::Lambda),
    ("anonymous_method_expression", Role::Lambda),
    ("class_declaration", Role::Class(f("name"))),
    ("struct_declaration", Role::Class(f("name"))),
    ("record_declaration", Role::Class(f("name"))),
    ("interface_declaration", Role::Class(f("name"))),
    ("using_directive", Role::Import),
    ("initializer_expression", Role::Object),
    ("array_creation_expression", Role::Wrap(Slot::Last)),
    ("implicit_array_creation_expression", Role::Wrap(Slot::Last)),
    ("integer_literal", Role::Literal),
    ("boolean_literal", Role::Literal),
    ("null_literal", Role::Literal),
    ("character_literal", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let alias = cst.in_field(id, "name");
    let Some(name) = cst.children(id).filter(|child| Some(*child) != alias).last() else { return };
    let path = cst.text(name).replace("global::", "").replace(char::is_whitespace, "");
    scopes.modules.push((path.clone(), id));
    match alias {
        Some(alias) => scopes.bind(cst.text(alias), Value::name(path)),
        // `using static` and plain `using` alike: names are looked for below it.
        None => scopes.wild.push(path),
    }
}
