//! Ruby.

use super::super::cst::{Cst, Id};
use super::super::grammar::{Manner, Role, Slot};
use super::super::scope::Scopes;
use super::{NO, f, n};

pub(super) const MANNER: Manner = Manner {
    class_names_are_seen: true,
    bare_calls: true,
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
    ("constant", Role::Name),
    ("instance_variable", Role::Name),
    ("class_variable", Role::Name),
    ("global_variable", Role::Name),
    ("self", Role::This),
    ("scope_resolution", Role::Member(f("scope"), f("name"))),
    ("element_reference", Role::Index(f("object"), n(1))),
    ("call", Role::Method(f("receiver"), f("method"), f("arguments"))),
    ("pair", Role::Pair(f("key"), f("value"))),
    ("parenthesized_statements", Role::Wrap(n(0))),
    ("splat_argument", Role::Wrap(n(0))),
    ("block_argument", Role::Wrap(n(0))),
    ("string", Role::Text),
    ("heredoc_body", Role::Text),
    ("simple_symbol", Role::Text),
    ("delimited_symbol", Role::Text),
    ("bare_string", Role::Text),
    ("string_content", Role::Content),
    ("heredoc_content", Role::Content),
    ("escape_sequence", Role::Escape),
    ("interpolation", Role::Hole(n(0))),
    ("chained_string", Role::Concat),
    ("subshell", Role::Shell),
    ("binary", Role::Binary(f("left"), f("operator"), f("right"))),
    ("conditional", Role::Either(f("consequence"), f("alternative"))),
    // As in a variable that is set in both: the last one counts.
    ("if", Role::Either(f("alternative"), f("consequence"))),
    ("unless", Role::Either(f("alternative"), f("consequence"))),
    ("elsif", Role::Either(f("alternative"), f("consequence"))),
    ("then", Role::Wrap(Slot::Last)),
    ("else", Role::Wrap(Slot::Last)),
    ("assignment", Role::Assign(f("left"), f("right"))),
    ("operator_assignment", Role::Assign(f("left"), f("right"))),
    ("keyword_parameter", Role::Param(f("name"), NO)),
    ("optional_parameter", Role::Param(f("name"), NO)),
    ("block_parameter", Role::Param(f("name"), NO)),
    ("splat_parameter", Role::Param(f("name"), NO)),
    ("method_parameters", Role::Params),
    ("block_parameters", Role::Params),
    ("lambda_parameters", Role::Params),
    ("method", Role::Function(f("name"))),
    ("singleton_method", Role::Function(f("name"))),
    ("block", Role::Lambda),
    ("do_block", Role::Lambda),
    ("lambda", Role::Lambda),
    ("class", Role::Class(f("name"))),
    ("module", Role::Class(f("name"))),
    ("array", Role::List),
    ("string_array", Role::List),
    ("left_assignment_list", Role::List),
    ("right_assignment_list", Role::List),
    ("hash", Role::Object),
    ("integer", Role::Literal),
    ("float", Role::Literal),
    ("true", Role::Literal),
    ("false", Role::Literal),
    ("nil", Role::Literal),
];

/// `require` is a call like any other, and names no name.
fn import(_: &Cst<'_>, _: Id, _: &mut Scopes) {}
