//! JavaScript and TypeScript: functions are made in more ways than by declaring them.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS, Words};
use crate::outline::{DECLARATION, Kind, declared};

pub(super) const TABLE: Table = Table {
    leaves: &[
        "comment",
        "html_comment",
        "hash_bang_line",
        "string",
        "string_fragment",
        "escape_sequence",
        "regex",
        "number",
        "predefined_type",
        "statement_identifier",
        "accessibility_modifier",
        "jsx_text",
        "meta_property",
    ],
    names: &[
        ("identifier", Mention::Use),
        ("type_identifier", Mention::Type),
        ("property_identifier", Mention::Member),
        ("private_property_identifier", Mention::Member),
        ("shorthand_property_identifier", Mention::Use),
    ],
    defines: &[
        Define { node: "function_declaration", is: Kind::Function, how: How::Field("name") },
        Define { node: "generator_function_declaration", is: Kind::Function, how: How::Field("name") },
        Define { node: "class_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "abstract_class_declaration", is: Kind::Class, how: How::Field("name") },
        Define { node: "function_expression", is: Kind::Function, how: How::Named("name") },
        Define { node: "generator_function", is: Kind::Function, how: How::Named("name") },
        Define { node: "class", is: Kind::Class, how: How::Field("name") },
        Define { node: "method_definition", is: Kind::Method, how: How::Field("name") },
        Define { node: "variable_declarator", is: Kind::Variable, how: How::By(variable) },
        Define { node: "assignment_expression", is: Kind::Function, how: How::By(assigned) },
        Define { node: "pair", is: Kind::Function, how: How::By(pair) },
        Define { node: "field_definition", is: Kind::Method, how: How::By(field) },
        Define { node: "public_field_definition", is: Kind::Method, how: How::By(field) },
        Define { node: "interface_declaration", is: Kind::Interface, how: How::Field("name") },
        Define { node: "type_alias_declaration", is: Kind::Type, how: How::Field("name") },
        Define { node: "enum_declaration", is: Kind::Enum, how: How::Field("name") },
        Define { node: "internal_module", is: Kind::Module, how: How::Field("name") },
        Define { node: "module", is: Kind::Module, how: How::Field("name") },
        Define { node: "function_signature", is: Kind::Function, how: How::By(signature) },
        Define { node: "method_signature", is: Kind::Method, how: How::By(signature) },
        Define { node: "abstract_method_signature", is: Kind::Method, how: How::By(signature) },
        Define { node: "property_signature", is: Kind::Method, how: How::By(property) },
    ],
    binds: &[
        ("formal_parameters", ""),
        ("arrow_function", "parameter"),
        ("catch_clause", "parameter"),
        ("for_in_statement", "left"),
    ],
    labels: &[],
    outer: &["export_statement"],
    imports: &["import_statement"],
    flat: &[],
    scopes: &["arrow_function"],
    words: Words { generics: true, ..WORDS },
};

fn signature<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("name");
    name.map(|name| Found { flags: DECLARATION, ..Found::new(name) }).into_iter().collect()
}

/// `f: (a: A) => B` within a type.
fn property<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let is_function =
        node.child_by_field_name("type").and_then(|of| of.named_child(0)).is_some_and(|of| of.kind() == "function_type");
    if is_function { signature(node, site) } else { Vec::new() }
}

/// Returns what kind of definition a value makes of the name that it is given.
fn made_by(value: Option<Node<'_>>, text: &[u8]) -> Option<Kind> {
    let mut value = value?;
    if value.kind() == "parenthesized_expression" {
        value = value.named_child(0)?;
    }
    match value.kind() {
        "arrow_function" | "function_expression" | "generator_function" | "function" => Some(Kind::Function),
        "class" => Some(Kind::Class),
        "call_expression" => given_back(value, text),
        _ => None,
    }
}

/// What a function gives back that is called where it stands: `(function () { function A() {} return A; })()`.
fn given_back(call: Node<'_>, text: &[u8]) -> Option<Kind> {
    /// Statements that are looked at for what the last one names.
    const MOST: u32 = 200;
    let mut called = call.child_by_field_name("function")?;
    if called.kind() == "parenthesized_expression" {
        called = called.named_child(0)?;
    }
    let body =
        matches!(called.kind(), "function_expression" | "arrow_function").then(|| called.child_by_field_name("body"))??;
    let count = u32::try_from(body.named_child_count()).ok().filter(|count| (1..MOST).contains(count))?;
    let last = body.named_child(count - 1).filter(|last| last.kind() == "return_statement")?.named_child(0)?;
    match last.kind() {
        "arrow_function" | "function_expression" => Some(Kind::Function),
        "class" => Some(Kind::Class),
        "identifier" => {
            let name = text.get(last.byte_range());
            let mut cursor = body.walk();
            let mut declared = body.named_children(&mut cursor).filter(|one| {
                let is_name = || one.child_by_field_name("name").and_then(|own| text.get(own.byte_range())) == name;
                matches!(one.kind(), "function_declaration" | "class_declaration") && is_name()
            });
            declared.next().map(|one| if one.kind() == "class_declaration" { Kind::Class } else { Kind::Function })
        }
        _ => None,
    }
}

fn variable<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let kind = made_by(node.child_by_field_name("value"), site.text);
    let local = site.in_function && kind.is_none();
    declared::bound(node, "name").into_iter().map(|name| Found { kind, local, ..Found::new(name) }).collect()
}

/// `exports.f = function () {}`, `A.prototype.f = () => …`, `A.prototype.f = g`.
fn assigned<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
        return Vec::new();
    };
    let kind = made_by(Some(right), site.text);
    match left.kind() {
        "identifier" => kind.map(|kind| Found { kind: Some(kind), ..Found::new(left) }).into_iter().collect(),
        "member_expression" => {
            let Some(name) = left.child_by_field_name("property") else { return Vec::new() };
            // `A.prototype.f`: a method of `A`.
            let object = left.child_by_field_name("object").filter(|object| object.kind() == "member_expression");
            let owner =
                object.and_then(|object| object.child_by_field_name("object")).filter(|owner| owner.kind() == "identifier");
            let is_of = |node: Node<'_>, name: &[u8]| {
                node.child_by_field_name("property").is_some_and(|own| site.text.get(own.byte_range()) == Some(name))
            };
            // What is given to a prototype by its name is a method as well.
            let may_be_function = match right.kind() {
                "identifier" | "call_expression" | "ternary_expression" | "assignment_expression" => true,
                "member_expression" => !is_of(right, b"prototype"),
                _ => false,
            };
            let handed = may_be_function && owner.is_some() && object.is_some_and(|object| is_of(object, b"prototype"));
            let Some(kind) = kind.or_else(|| handed.then_some(Kind::Function)) else { return Vec::new() };
            vec![Found { kind: Some(kind), owner: owner.filter(|_| kind == Kind::Function), ..Found::new(name) }]
        }
        _ => Vec::new(),
    }
}

/// `{ f: function () {} }`.
fn pair<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let kind = made_by(node.child_by_field_name("value"), site.text);
    let name = node.child_by_field_name("key").filter(|key| matches!(key.kind(), "property_identifier" | "string"));
    name.zip(kind).map(|(name, kind)| Found { kind: Some(kind), ..Found::new(name) }).into_iter().collect()
}

fn field<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("property").or_else(|| node.child_by_field_name("name"));
    let is_function = made_by(node.child_by_field_name("value"), site.text).is_some_and(Kind::is_function);
    name.filter(|_| is_function).map(Found::new).into_iter().collect()
}
