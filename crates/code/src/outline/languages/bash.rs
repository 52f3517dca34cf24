//! Bash: functions, and the commands that are run.

use tree_sitter::Node;

use crate::outline::Kind;
use crate::outline::table::{Define, Found, How, Mention, Site, Table, WORDS};

pub(super) const TABLE: Table = Table {
    leaves: &["comment", "string_content", "raw_string", "ansi_c_string", "heredoc_body", "number"],
    names: &[("command_name", Mention::Use), ("variable_name", Mention::Use)],
    defines: &[
        Define { node: "function_definition", is: Kind::Function, how: How::Field("name") },
        Define { node: "variable_assignment", is: Kind::Variable, how: How::By(variable) },
    ],
    binds: &[],
    labels: &[],
    outer: &[],
    imports: &[],
    flat: &[],
    scopes: &[],
    words: WORDS,
};

/// A variable that is set outside of functions.
fn variable<'t>(node: Node<'t>, site: Site<'t>) -> Vec<Found<'t>> {
    let name = node.child_by_field_name("name").filter(|name| !site.in_function && name.kind() == "variable_name");
    name.map(Found::new).into_iter().collect()
}
