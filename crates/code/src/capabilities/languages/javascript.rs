//! JavaScript and TypeScript.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role, Slot};
use super::super::scope::Scopes;
use super::super::text::unquoted;
use super::super::value::Value;
use super::{NO, f, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: false,
    bare_calls: false,
    index_is_member: true,
    functions_are_capital: false,
    wildcards_have_functions: true,
    wildcards_are_common: false,
    prelude: &[],
    separators: &[],
    import,
};

pub(super) const TABLE: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("html_comment", Role::Comment),
    ("type_annotation", Role::Wrap(n(0))),
    ("interface_declaration", Role::Skip),
    ("type_alias_declaration", Role::Skip),
    ("ambient_declaration", Role::Skip),
    ("identifier", Role::Name),
    ("type_identifier", Role::Name),
    ("property_identifier", Role::Name),
    ("private_property_identifier", Role::Name),
    ("shorthand_property_identifier", Role::Name),
    ("shorthand_property_identifier_pattern", Role::Name),
    ("import", Role::Name),
    ("this", Role::This),
    ("member_expression", Role::Member(f("object"), f("property"))),
    ("nested_identifier", Role::Member(f("object"), f("property"))),
    ("nested_type_identifier", Role::Member(f("module"), f("name"))),
    ("subscript_expression", Role::Index(f("object"), f("index"))),
    ("call_expression", Role::Call(f("function"), f("arguments"))),
    ("new_expression", Role::New(f("constructor"), f("arguments"))),
    ("pair", Role::Pair(f("key"), f("value"))),
    ("pair_pattern", Role::Pair(f("key"), f("value"))),
    ("object_assignment_pattern", Role::Assign(f("left"), f("right"))),
    ("assignment_pattern", Role::Param(f("left"), NO)),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("sequence_expression", Role::Wrap(Slot::Last)),
    ("await_expression", Role::Wrap(n(0))),
    ("as_expression", Role::Wrap(n(0))),
    ("satisfies_expression", Role::Wrap(n(0))),
    ("type_assertion", Role::Wrap(Slot::Last)),
    ("non_null_expression", Role::Wrap(n(0))),
    ("spread_element", Role::Wrap(n(0))),
    ("generic_type", Role::Generic(f("name"), f("type_arguments"))),
    ("string", Role::Text),
    ("template_string", Role::Text),
    ("string_fragment", Role::Content),
    ("escape_sequence", Role::Escape),
    ("template_substitution", Role::Hole(n(0))),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("ternary_expression", Role::Either(f("consequence"), f("alternative"))),
    ("assignment_expression", Role::Assign(f("left"), f("right"))),
    ("augmented_assignment_expression", Role::Assign(f("left"), f("right"))),
    ("variable_declarator", Role::Declare(f("name"), f("type"), f("value"))),
    ("public_field_definition", Role::Declare(f("name"), f("type"), f("value"))),
    ("field_definition", Role::Declare(f("property"), NO, f("value"))),
    ("for_in_statement", Role::Each(f("left"), f("right"))),
    ("catch_clause", Role::Declare(f("parameter"), NO, NO)),
    ("required_parameter", Role::Param(f("pattern"), f("type"))),
    ("optional_parameter", Role::Param(f("pattern"), f("type"))),
    ("formal_parameters", Role::Params),
    ("function_declaration", Role::Function(f("name"))),
    ("generator_function_declaration", Role::Function(f("name"))),
    ("function_expression", Role::Function(f("name"))),
    ("generator_function", Role::Function(f("name"))),
    ("method_definition", Role::Function(f("name"))),
    ("arrow_function", Role::Lambda),
    ("class_declaration", Role::Class(f("name"))),
    ("abstract_class_declaration", Role::Class(f("name"))),
    ("class", Role::Class(f("name"))),
    ("import_statement", Role::Import),
    ("object", Role::Object),
    ("object_pattern", Role::Object),
    ("array", Role::List),
    ("array_pattern", Role::List),
    ("number", Role::Literal),
    ("true", Role::Literal),
    ("false", Role::Literal),
    ("null", Role::Literal),
    ("undefined", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let statement = cst.text(id);
    let required = cst.children(id).find(|child| cst.kind(*child) == "import_require_clause");
    let source = cst.in_field(id, "source").or_else(|| required.and_then(|clause| cst.in_field(clause, "source")));
    let module = source.map(|source| unquoted(cst.text(source))).unwrap_or_default();
    let module = module.strip_prefix("node:").unwrap_or(module);
    scopes.modules.push((module.to_owned(), id));
    // What is only a type is nothing when the program runs; a value of it may come in all the same.
    let is_local = module.starts_with(['.', '/']);
    let bind = |scopes: &mut Scopes, name: &str, path: String| {
        let value = if is_local { Value::local(name) } else { Value::name(path) };
        scopes.bind(name, value);
    };
    if statement.len() > 1 << 16 {
        return;
    }
    if let Some(name) = required.and_then(|clause| cst.children(clause).next()) {
        return bind(scopes, cst.text(name), module.to_owned());
    }
    let Some(clause) = cst.children(id).find(|child| cst.kind(*child) == "import_clause") else { return };
    for one in cst.children(clause) {
        match cst.kind(one) {
            "identifier" => bind(scopes, cst.text(one), module.to_owned()),
            "namespace_import" => {
                if let Some(name) = cst.children(one).last() {
                    bind(scopes, cst.text(name), module.to_owned());
                }
            }
            "named_imports" => {
                for specifier in cst.children(one) {
                    let Some(name) = cst.in_field(specifier, "name") else { continue };
                    let alias = cst.in_field(specifier, "alias").unwrap_or(name);
                    let path = match cst.text(name) {
                        "default" => module.to_owned(),
                        name => format!("{module}.{}", unquoted(name)),
                    };
                    bind(scopes, cst.text(alias), path);
                }
            }
            _ => {}
        }
    }
}
