//! What evaluating a JavaScript expression can do besides giving a value, and how a statement goes without harm to its neighbours.

use std::ops::Range;

use tree_sitter::Node;

use super::source::{Source, parts};

/// What else evaluating an expression does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Nothing.
    None,
    /// Nothing unless a getter, a conversion or a well-known method was replaced by one that does.
    Unlikely,
    /// It may do something.
    Possible,
}

/// The modules that come with Node.
pub(super) const BUILTIN_MODULES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "repl",
    "stream",
    "string_decoder",
    "timers",
    "tls",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "worker_threads",
    "zlib",
];

/// Methods of strings, arrays and functions that change nothing.
const QUIET_METHODS: &[&str] = &[
    "slice",
    "concat",
    "join",
    "indexOf",
    "lastIndexOf",
    "includes",
    "toString",
    "trim",
    "toLowerCase",
    "toUpperCase",
    "charAt",
    "charCodeAt",
    "substring",
    "substr",
    "split",
    "bind",
    "hasOwnProperty",
    "keys",
    "values",
    "getTime",
    "startsWith",
    "endsWith",
    "isArray",
    "valueOf",
    "toFixed",
];

const QUIET_FUNCTIONS: &[&str] = &[
    "parseInt",
    "parseFloat",
    "isNaN",
    "isFinite",
    "String",
    "Number",
    "Boolean",
    "Array",
    "Object",
    "RegExp",
    "Symbol",
    "Object.create",
    "Object.keys",
    "Object.getPrototypeOf",
    "Date.now",
    "Array.isArray",
    "String.fromCharCode",
    "Buffer.from",
    "Buffer.alloc",
    "encodeURIComponent",
    "process.cwd",
    "process.hrtime",
    "path.join",
    "path.resolve",
    "path.dirname",
    "path.basename",
    "path.extname",
];

const QUIET_CONSTRUCTORS: &[&str] = &[
    "Array",
    "Object",
    "Date",
    "RegExp",
    "Map",
    "Set",
    "WeakMap",
    "WeakSet",
    "Error",
    "TypeError",
    "RangeError",
    "Buffer",
    "String",
    "Number",
    "Boolean",
    "Uint8Array",
];

/// Says what evaluating the expression does besides giving a value.
pub(super) fn effect(source: &Source, node: Node<'_>) -> Effect {
    let mut worst = Effect::None;
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        let own = match node.kind() {
            "function_expression" | "generator_function" | "arrow_function" | "regex" | "comment" | "property_identifier" => {
                continue;
            }
            "identifier"
            | "number"
            | "string"
            | "true"
            | "false"
            | "null"
            | "undefined"
            | "this"
            | "super"
            | "array"
            | "object"
            | "pair"
            | "parenthesized_expression"
            | "ternary_expression"
            | "shorthand_property_identifier"
            | "string_fragment"
            | "escape_sequence"
            | "arguments"
            | "private_property_identifier"
            | "sequence_expression"
            | "meta_property" => Effect::None,
            "method_definition" => {
                if let Some(name) = node.child_by_field_name("name") {
                    open.push(name);
                }
                continue;
            }
            "unary_expression" => match node.child_by_field_name("operator").map(|operator| source.str(operator)) {
                Some("delete") | None => Effect::Possible,
                Some(_) => Effect::None,
            },
            "member_expression"
            | "subscript_expression"
            | "binary_expression"
            | "template_string"
            | "template_substitution"
            | "spread_element"
            | "computed_property_name"
            | "as_expression"
            | "non_null_expression"
            | "satisfies_expression" => Effect::Unlikely,
            "call_expression" => call(source, node),
            "new_expression" => {
                let made = node.child_by_field_name("constructor").map(|made| source.str(made));
                if made.is_some_and(|made| QUIET_CONSTRUCTORS.contains(&made)) { Effect::None } else { Effect::Possible }
            }
            _ if !node.is_named() => Effect::None,
            kind if node.parent().is_some_and(|parent| parent.kind() == "as_expression") && kind.contains("type") => continue,
            _ => Effect::Possible,
        };
        if own == Effect::Possible {
            return own;
        }
        worst = worst.max(own);
        let mut cursor = node.walk();
        open.extend(node.named_children(&mut cursor));
    }
    worst
}

fn call(source: &Source, node: Node<'_>) -> Effect {
    let Some(callee) = node.child_by_field_name("function") else { return Effect::Possible };
    if source.str(callee) == "require" {
        return if required_module(source, node).is_some_and(is_builtin) { Effect::None } else { Effect::Possible };
    }
    let called = source.str(callee);
    if QUIET_FUNCTIONS.contains(&called) || (called.starts_with("Math.") && callee.kind() == "member_expression") {
        return Effect::None;
    }
    let method = callee.child_by_field_name("property").map(|property| source.str(property));
    if callee.kind() == "member_expression" && method.is_some_and(|method| QUIET_METHODS.contains(&method)) {
        Effect::Unlikely
    } else {
        Effect::Possible
    }
}

/// Returns the module that `require('…')` names.
pub(super) fn required_module<'s>(source: &'s Source, call: Node<'_>) -> Option<&'s str> {
    if source.str(call.child_by_field_name("function")?) != "require" {
        return None;
    }
    let arguments = parts(call.child_by_field_name("arguments")?);
    let [only] = arguments.as_slice() else { return None };
    (only.kind() == "string").then(|| source.str(*only).trim_matches(['\'', '"']))
}

/// Says whether a module comes with Node.
pub(super) fn is_builtin(module: &str) -> bool {
    let name = module.strip_prefix("node:").unwrap_or(module);
    BUILTIN_MODULES.contains(&name.split('/').next().unwrap_or(name))
}

/// Kinds of nodes that hold a list of statements.
pub(super) const LISTS: &[&str] = &["program", "statement_block", "switch_case", "switch_default", "class_static_block"];

/// Returns the range to delete so that the statement goes and nothing else changes, `None` where that cannot be had: it is the body
/// of another statement, the lines around it would run together, or a string would become a directive.
pub(super) fn removal(source: &Source, statement: Node<'_>) -> Option<Range<usize>> {
    let parent = statement.parent()?;
    if !LISTS.contains(&parent.kind()) {
        return None;
    }
    if parent.kind() == "statement_block" && parent.named_child_count() == 1 {
        let owner = parent.parent()?;
        match owner.kind() {
            "if_statement" if owner.child_by_field_name("alternative").is_none() => {
                let condition = owner.child_by_field_name("condition")?;
                return if effect(source, condition) == Effect::Possible { None } else { removal(source, owner) };
            }
            "else_clause" => {
                let consequence = owner.parent()?.child_by_field_name("consequence")?;
                return Some(consequence.end_byte()..owner.end_byte());
            }
            kind if super::scopes::FUNCTIONS.contains(&kind) => {}
            _ => return None,
        }
    }
    if may_meet(source, statement) {
        return Some(source.whole_lines(statement.byte_range()));
    }
    // The semicolon that ends it, often at the head of the next line, stays and keeps its neighbours apart.
    let end = statement.end_byte().checked_sub(1)?;
    source.str(statement).ends_with(';').then(|| statement.start_byte()..end)
}

/// Says whether what stands before a statement and what stands behind it may follow one another directly.
pub(super) fn may_meet(source: &Source, statement: Node<'_>) -> bool {
    let not_comment = |node: &Node<'_>| node.kind() != "comment";
    let next = std::iter::successors(statement.next_named_sibling(), Node::next_named_sibling).find(not_comment);
    let next = next.map_or_else(|| source.slice(statement.end_byte()..source.text.len()).trim_start(), |node| source.str(node));
    let is_string = |text: &str| text.starts_with(['\'', '"']);
    let Some(previous) = std::iter::successors(statement.prev_named_sibling(), Node::prev_named_sibling).find(not_comment) else {
        return !is_string(next);
    };
    let text = source.str(previous);
    let closed = text.ends_with(';')
        || match previous.kind() {
            "function_declaration" | "generator_function_declaration" | "class_declaration" | "statement_block" => true,
            "if_statement" | "for_statement" | "for_in_statement" | "while_statement" | "try_statement" | "switch_statement" => {
                text.ends_with('}')
            }
            _ => false,
        };
    let runs_on =
        next.starts_with(['(', '[', '`', '+', '-', '/', '*', '.', ',']) && !next.starts_with("//") && !next.starts_with("/*");
    (closed || !runs_on) && !(previous.kind() == "expression_statement" && is_string(text) && is_string(next))
}

/// Returns an expression as a statement of its own would have to be written.
pub(super) fn as_statement(source: &Source, expression: Node<'_>) -> String {
    let text = source.str(expression);
    let first = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next().unwrap_or_default();
    if text.starts_with('{') || matches!(first, "function" | "class" | "let" | "async") {
        format!("({text})")
    } else {
        text.to_owned()
    }
}
