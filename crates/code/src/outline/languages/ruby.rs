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
