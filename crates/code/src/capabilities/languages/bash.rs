//! Bash.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role, Slot};
use super::super::scope::Scopes;
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
    ("command", Role::Command),
    ("word", Role::Text),
    ("number", Role::Text),
    ("string", Role::Text),
    ("raw_string", Role::Text),
    ("ansi_c_string", Role::Text),
    ("heredoc_body", Role::Text),
    ("concatenation", Role::Concat),
    ("string_content", Role::Content),
    ("variable_name", Role::Name),
    ("special_variable_name", Role::Name),
    ("simple_expansion", Role::Wrap(n(0))),
    ("expansion", Role::Either(n(0), Slot::Last)),
    ("subscript", Role::Wrap(f("name"))),
    ("array", Role::List),
    ("command_substitution", Role::Wrap(n(0))),
    ("variable_assignment", Role::Declare(f("name"), NO, f("value"))),
    ("function_definition", Role::Function(f("name"))),
];

fn import(_: &Cst<'_>, _: Id, _: &mut Scopes) {}
