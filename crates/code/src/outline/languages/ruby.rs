//! Ruby. A call needs no parentheses there, so mentions are not told apart.

use tree_sitter::Node;

use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS};
use crate::outline::{Kind, declared};

pub(super) const TABLE: Table = Table {
    leaves: &["comment", "string_content", "integer", "float", "simple_symbol", "hash_key_symbol"],
    names: &[("identifier", Mention::Use), ("constant", Mention::Use)],
    defines: &[
        Define { node: "method", is: Kind::Function, how: How::Field("name") },
        Define { node: "singleton_method", is: Kind::Method, how: How::Field("name") },
        Define { node: "class", is: Kind::Class, how: How::By(last_part) },
        Define { node: "module", is: Kind::Module, how: How::By(last_part) },
        Define { node: "assignment", is: Kind::Constant, how: How::By(assignment) },
        Define { node: "alias", is: Kind::Method, how: How::Field("name") },
        Define { node: "call", is: Kind::Method, how: How::By(made) },
    ],
    binds: &[("method_parameters", ""), ("block_parameters", ""), ("lambda_parameters", ""), ("exception_variable", "")],
    labels: &[],
    outer: &[],
    imports: &[],
    flat: &[],
    scopes: &[],
    words: WORDS,
};

/// `class A::B` defines `B`.
fn last_part<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("name");
    name.map(|name| Found::new(name.child_by_field_name("name").unwrap_or(name))).into_iter().collect()
}

fn assignment<'t>(node: Node<'t>, _: Site<'t>) -> Vec<Found<'t>> {
    let constant = node.child_by_field_name("left").filter(|left| left.kind() == "constant");
    let local = declared::bound(node, "left").into_iter().map(|name| Found { local: true, ..Found::new(name) });
    constant.map(Found::new).into_iter().chain(local).collect()
}

/// `alias_method :a, :b` makes `a`, `attr_reader :a, :b` both of them.
fn made<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    /// No class has more of them in one line.
    const MOST: usize = 100;
    // Most calls are none of these, and the text tells soonest.
    let text = site.text.get(node.start_byte()..).unwrap_or_default();
    let most = match text {
        [b'a', b'l', b'i', b'a', b's', b'_', ..] => 1,
        [b'a', b't', b't', b'r', b'_', ..] => MOST,
        _ => return Vec::new(),
    };
    let method = node.child_by_field_name("method").and_then(|method| site.text.get(method.byte_range()));
    let makes = [b"alias_method".as_slice(), b"attr_reader", b"attr_writer", b"attr_accessor"];
    let Some(arguments) = node.child_by_field_name("arguments").filter(|_| method.is_some_and(|name| makes.contains(&name)))
    else {
        return Vec::new();
    };
    let mut cursor = arguments.walk();
    let named = arguments.named_children(&mut cursor).take(most);
    let is_name = |node: &Node<'_>| matches!(node.kind(), "simple_symbol" | "string");
    named.filter(is_name).map(Found::new).collect()
}
