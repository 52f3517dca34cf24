//! Go.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role};
use super::super::scope::Scopes;
use super::super::text::unquoted;
use super::super::value::Value;
use super::{NO, f, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: false,
    bare_calls: false,
    index_is_member: false,
    functions_are_capital: true,
    wildcards_have_functions: true,
    wildcards_are_common: false,
    prelude: &[],
    separators: &[],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("field_identifier", Role::Name),
    ("package_identifier", Role::Name),
    ("selector_expression", Role::Member(f("operand"), f("field"))),
    ("qualified_type", Role::Member(f("package"), f("name"))),
    ("index_expression", Role::Index(f("operand"), f("index"))),
    ("call_expression", Role::Call(f("function"), f("arguments"))),
    ("type_conversion_expression", Role::Call(f("type"), f("operand"))),
    ("composite_literal", Role::New(f("type"), f("body"))),
    ("keyed_element", Role::Pair(f("key"), f("value"))),
    ("literal_element", Role::Wrap(n(0))),
    ("literal_value", Role::List),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("unary_expression", Role::Wrap(f("operand"))),
    ("pointer_type", Role::Wrap(n(0))),
    ("slice_type", Role::Skip),
    ("map_type", Role::Skip),
    ("type_assertion_expression", Role::Wrap(f("operand"))),
    ("variadic_argument", Role::Wrap(n(0))),
    ("generic_type", Role::Generic(f("type"), f("type_arguments"))),
    ("interpreted_string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("interpreted_string_literal_content", Role::Content),
    ("raw_string_literal_content", Role::Content),
    ("escape_sequence", Role::Escape),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("assignment_statement", Role::Assign(f("left"), f("right"))),
    ("short_var_declaration", Role::Declare(f("left"), NO, f("right"))),
    ("range_clause", Role::Each(f("left"), f("right"))),
    ("var_spec", Role::Declare(f("name"), f("type"), f("value"))),
    ("const_spec", Role::Declare(f("name"), f("type"), f("value"))),
    ("field_declaration", Role::Declare(f("name"), f("type"), NO)),
    ("expression_list", Role::List),
    ("parameter_declaration", Role::Param(f("name"), f("type"))),
    ("variadic_parameter_declaration", Role::Param(f("name"), NO)),
    ("parameter_list", Role::Params),
    ("function_declaration", Role::Function(f("name"))),
    // A method is a name of its type, and of nothing else.
    ("method_declaration", Role::Lambda),
    ("func_literal", Role::Lambda),
    ("type_spec", Role::Class(f("name"))),
    ("import_declaration", Role::Import),
    ("int_literal", Role::Literal),
    ("float_literal", Role::Literal),
    ("true", Role::Literal),
    ("false", Role::Literal),
    ("nil", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    for spec in cst.below(id).filter(|at| cst.kind(*at) == "import_spec") {
        let Some(path) = cst.in_field(spec, "path").map(|path| unquoted(cst.text(path))) else { continue };
        scopes.modules.push((path.to_owned(), spec));
        match cst.in_field(spec, "name").map(|name| cst.text(name)) {
            Some(".") => scopes.wild.push(path.to_owned()),
            Some("_") => {}
            Some(name) => scopes.bind_in_file(name, Value::name(path)),
            None => scopes.bind_in_file(package_of(path), Value::name(path)),
        }
    }
}

/// The name that a package has by custom: the last part of its path, without its version.
fn package_of(path: &str) -> &str {
    let is_version = |part: &str| {
        part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut parts = path.rsplit('/');
    let last = parts.next().unwrap_or(path);
    let last = if is_version(last) { parts.next().unwrap_or(last) } else { last };
    let last = last.split_once(".v").map_or(last, |(name, _)| name);
    last.strip_prefix("go-").or_else(|| last.strip_suffix("-go")).unwrap_or(last)
}
