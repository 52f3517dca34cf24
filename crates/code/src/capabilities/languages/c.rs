//! C and C++.

use std::borrow::Cow;

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
    ("namespace_identifier", Role::Name),
    ("this", Role::This),
    ("field_expression", Role::Member(f("argument"), f("field"))),
    ("qualified_identifier", Role::Member(f("scope"), f("name"))),
    ("subscript_expression", Role::Index(f("argument"), Slot::Last)),
    ("call_expression", Role::Call(f("function"), f("arguments"))),
    ("new_expression", Role::New(f("type"), f("arguments"))),
    ("compound_literal_expression", Role::New(f("type"), f("value"))),
    ("initializer_pair", Role::Pair(f("designator"), f("value"))),
    ("field_designator", Role::Wrap(n(0))),
    ("parenthesized_expression", Role::Wrap(n(0))),
    ("cast_expression", Role::Wrap(f("value"))),
    ("pointer_expression", Role::Wrap(f("argument"))),
    ("type_descriptor", Role::Wrap(f("type"))),
    ("template_function", Role::Generic(f("name"), f("arguments"))),
    ("template_type", Role::Generic(f("name"), f("arguments"))),
    ("string_literal", Role::Text),
    ("raw_string_literal", Role::Text),
    ("string_content", Role::Content),
    ("raw_string_content", Role::Content),
    ("escape_sequence", Role::Escape),
    ("concatenated_string", Role::Concat),
    ("binary_expression", Role::Binary(f("left"), f("operator"), f("right"))),
    ("conditional_expression", Role::Either(f("consequence"), f("alternative"))),
    ("assignment_expression", Role::Assign(f("left"), f("right"))),
    ("init_declarator", Role::Declare(f("declarator"), NO, f("value"))),
    ("declaration", Role::Declare(f("declarator"), f("type"), NO)),
    ("field_declaration", Role::Declare(f("declarator"), f("type"), f("default_value"))),
    ("for_range_loop", Role::Each(f("declarator"), f("right"))),
    ("parameter_declaration", Role::Param(f("declarator"), f("type"))),
    ("optional_parameter_declaration", Role::Param(f("declarator"), f("type"))),
    ("function_definition", Role::Function(f("declarator"))),
    ("lambda_expression", Role::Lambda),
    ("class_specifier", Role::Class(f("name"))),
    ("struct_specifier", Role::Class(f("name"))),
    ("using_declaration", Role::Import),
    ("namespace_alias_definition", Role::Import),
    ("alias_declaration", Role::Import),
    ("preproc_include", Role::Import),
    ("preproc_def", Role::Macro(f("name"), f("value"))),
    ("preproc_function_def", Role::Macro(f("name"), f("value"))),
    ("initializer_list", Role::List),
    ("number_literal", Role::Literal),
    ("char_literal", Role::Literal),
    ("true", Role::Literal),
    ("false", Role::Literal),
    ("null", Role::Literal),
];

fn import(cst: &Cst<'_>, id: Id, scopes: &mut Scopes) {
    let dotted = |text: &str| text.replace("::", ".").replace(char::is_whitespace, "");
    match cst.kind(id) {
        "preproc_include" => {
            if let Some(path) = cst.in_field(id, "path") {
                scopes.modules.push((cst.text(path).trim_matches(['<', '>', '"']).to_owned(), id));
            }
        }
        "using_declaration" => {
            let code = cst.text(id);
            let Some(name) = cst.children(id).last() else { return };
            let path = dotted(cst.text(name));
            if code.split_whitespace().nth(1) == Some("namespace") {
                scopes.wild.push(path);
            } else {
                scopes.bind(path.rsplit('.').next().unwrap_or_default(), Value::name(&path));
            }
        }
        _ => {
            let (Some(name), Some(what)) = (cst.in_field(id, "name"), cst.children(id).last()) else { return };
            scopes.bind(cst.text(name), Value::name(dotted(cst.text(what))));
        }
    }
}

/// Blanks what stands between `#if 0` and the `#else`, `#elif` or `#endif` that belongs to it, with every byte at its place.
pub(super) fn without_dead_code(text: &str) -> Cow<'_, str> {
    let directive = |line: &str| {
        let line = line.trim_start().strip_prefix('#')?.trim_start();
        let end = line.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(line.len());
        Some((line.get(..end)?.to_owned(), line.get(end..)?.trim().to_owned()))
    };
    if !text.contains("if 0") {
        return Cow::Borrowed(text);
    }
    let mut living = String::with_capacity(text.len());
    // How many conditions are open within one that does not hold.
    let mut dead: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let (name, condition) = directive(line).unwrap_or_default();
        let is_end = dead == Some(0) && matches!(&*name, "else" | "elif" | "endif");
        if is_end {
            dead = None;
        } else if let Some(open) = &mut dead {
            match &*name {
                "if" | "ifdef" | "ifndef" => *open += 1,
                "endif" => *open = open.saturating_sub(1),
                _ => {}
            }
        }
        if dead.is_some() {
            living.extend(line.chars().flat_map(|c| {
                let blanks = if c == '\n' { 0 } else { c.len_utf8() };
                std::iter::repeat_n(' ', blanks).chain((c == '\n').then_some('\n'))
            }));
        } else {
            living.push_str(line);
        }
        let is_zero = condition.split_whitespace().next() == Some("0");
        if dead.is_none() && name == "if" && is_zero {
            dead = Some(0);
        }
    }
    Cow::Owned(living)
}
