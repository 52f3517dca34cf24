//! Which names a declarator or pattern declares.

use std::ops::Range;

use tree_sitter::Node;

/// A pattern with more names is no person's work.
const MAX_NAMES: usize = 1000;
/// Declarators and patterns nested deeper are not followed.
const MAX_DEPTH: usize = 64;

/// Returns the first and the last line of a node, from 1.
pub(super) fn lines(node: Node<'_>) -> (u32, u32) {
    let line = |row: usize| u32::try_from(row).unwrap_or(u32::MAX - 1) + 1;
    let (start, end) = (node.start_position(), node.end_position());
    // What ends with its line feed ends on the line before.
    let last = if end.column == 0 && end.row > start.row { end.row - 1 } else { end.row };
    (line(start.row), line(last))
}

/// Returns a name without the quotes that it may stand in.
pub(super) fn unquoted(text: &[u8], range: Range<usize>) -> &[u8] {
    let name = text.get(range).unwrap_or_default();
    match name {
        [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] | [b'`', inner @ .., b'`'] => inner,
        _ => name,
    }
}

/// Returns the text of the name that a node is. A conversion, `operator bool() const`, is called all that stands before its parameters; a symbol of
/// Ruby is called what follows the colon.
pub(super) fn name_of<'t>(text: &'t [u8], node: Node<'_>) -> &'t [u8] {
    match node.kind() {
        "operator_cast" => {
            let end = node.child_by_field_name("declarator").map_or(node.end_byte(), |parameters| parameters.start_byte());
            text.get(node.start_byte()..end).unwrap_or_default().trim_ascii_end()
        }
        "simple_symbol" => {
            let symbol = text.get(node.byte_range()).unwrap_or_default();
            symbol.strip_prefix(b":").unwrap_or(symbol)
        }
        _ => unquoted(text, node.byte_range()),
    }
}

/// Returns what a declarator of C or C++ declares: the innermost name, and whether it is a function that is declared.
pub(super) fn declarator(node: Node<'_>) -> Option<(Node<'_>, bool)> {
    let mut at = node;
    let mut function = false;
    for _ in 0..MAX_DEPTH {
        match at.kind() {
            "function_declarator" => {
                function = true;
                if let Some(name) = named_by_macro(at) {
                    return Some((name, false));
                }
            }
            // `int (*f)(void)` declares a pointer, and no function.
            "parenthesized_declarator" | "attributed_declarator" | "reference_declarator" => {
                at = (0..at.named_child_count()).filter_map(|n| at.named_child(u32::try_from(n).ok()?)).find(|child| {
                    child.kind().ends_with("declarator")
                        || child.kind().ends_with("identifier")
                        || child.kind() == "operator_name"
                })?;
                continue;
            }
            "pointer_declarator" | "array_declarator" | "init_declarator" => {
                if at.kind() == "pointer_declarator" && function {
                    function = false;
                }
            }
            _ => return Some((at, function)),
        }
        at = at.child_by_field_name("declarator")?;
    }
    None
}

/// Returns the name in `typedef int CALLBACK(name)(int a)`: no function returns a function, so the inner one is a macro.
fn named_by_macro(node: Node<'_>) -> Option<Node<'_>> {
    let inner = node.child_by_field_name("declarator").filter(|inner| inner.kind() == "function_declarator")?;
    let parameters = inner.child_by_field_name("parameters").filter(|list| list.named_child_count() == 1)?;
    let only = parameters.named_child(0)?;
    only.child_by_field_name("type").filter(|name| name.kind() == "type_identifier" && only.named_child_count() == 1)
}

/// Returns the names that a field of `node` binds; all of its children for an empty field.
pub(super) fn bound<'t>(node: Node<'t>, field: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut left: Vec<(Node<'t>, usize)> = Vec::new();
    if field.is_empty() {
        push_children(node, 0, &mut left);
        // An arm's pattern comes before its condition.
        if node.kind() == "match_pattern" {
            left = left.pop().into_iter().collect();
        }
    } else {
        let mut cursor = node.walk();
        left.extend(node.children_by_field_name(field, &mut cursor).map(|child| (child, 0)));
        left.reverse();
    }
    while let Some((at, depth)) = left.pop() {
        if found.len() >= MAX_NAMES || depth > MAX_DEPTH {
            break;
        }
        match at.kind() {
            "identifier"
            | "shorthand_property_identifier_pattern"
            | "shorthand_field_identifier"
            | "simple_identifier"
            | "variable_name" => found.push(at),
            // The value that is not given, and the type, are mentions of other names.
            "default_parameter"
            | "typed_default_parameter"
            | "formal_parameter"
            | "variable_declarator"
            | "class_parameter"
            | "simple_parameter"
            | "variadic_parameter"
            | "keyword_parameter"
            | "optional_parameter"
            | "required_parameter"
            | "parameter"
            | "splat_parameter"
            | "hash_splat_parameter"
            | "block_parameter"
            | "property_promotion_parameter" => {
                let name = at.child_by_field_name("name").or_else(|| at.child_by_field_name("pattern"));
                left.extend(name.or_else(|| at.named_child(0)).map(|child| (child, depth + 1)));
            }
            "assignment_pattern" | "object_assignment_pattern" => {
                left.extend(at.child_by_field_name("left").map(|child| (child, depth + 1)));
            }
            "pair_pattern" => left.extend(at.child_by_field_name("value").map(|child| (child, depth + 1))),
            "typed_parameter" => left.extend(at.named_child(0).map(|child| (child, depth + 1))),
            "field_pattern" => {
                let inner = at.child_by_field_name("pattern").or_else(|| at.child_by_field_name("name"));
                left.extend(inner.map(|child| (child, depth + 1)));
            }
            kind if kind.ends_with("declarator") => left.extend(declarator(at).map(|(name, _)| (name, depth + 1))),
            "tuple_struct_pattern" | "struct_pattern" => {
                let of = at.child_by_field_name("type").map(|of| of.id());
                push_children(at, depth + 1, &mut left);
                left.retain(|(child, _)| Some(child.id()) != of);
            }
            kind if kind.ends_with("pattern") || kind.ends_with("pattern_list") => push_children(at, depth + 1, &mut left),
            "expression_list"
            | "tuple"
            | "list"
            | "parenthesized_expression"
            | "variable_list"
            | "inferred_parameters"
            | "formal_parameters"
            | "parameters"
            | "lambda_parameters"
            | "variable_declaration"
            | "multi_variable_declaration"
            | "as_pattern_target"
            | "left_assignment_list"
            | "structured_binding_declarator" => {
                push_children(at, depth + 1, &mut left);
            }
            _ => {}
        }
    }
    found
}

/// Returns the type of a parameter of Go, of a receiver, or of a variable that is given an object, where the package around it defines that:
/// `c *Command`, `s Stack[T]`, `c := &Command{…}`.
pub(super) fn own_type(node: Node<'_>) -> Option<Node<'_>> {
    let mut of = match node.kind() {
        "parameter_declaration" => node.child_by_field_name("type")?,
        "short_var_declaration" => {
            node.child_by_field_name("right").filter(|given| given.named_child_count() == 1)?.named_child(0)?
        }
        _ => return None,
    };
    loop {
        of = match of.kind() {
            "pointer_type" | "parenthesized_type" => of.named_child(0)?,
            "generic_type" | "composite_literal" => of.child_by_field_name("type")?,
            "unary_expression" => of.child_by_field_name("operand").filter(|made| made.kind() == "composite_literal")?,
            kind => return (kind == "type_identifier").then_some(of),
        }
    }
}

/// Returns the identifiers right below a node.
pub(super) fn names_in(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.kind() == "identifier").take(MAX_NAMES).collect()
}

/// Puts the named children on the stack, the first on top.
fn push_children<'t>(node: Node<'t>, depth: usize, left: &mut Vec<(Node<'t>, usize)>) {
    let from = left.len();
    let mut cursor = node.walk();
    left.extend(node.named_children(&mut cursor).take(MAX_NAMES).map(|child| (child, depth)));
    left.get_mut(from..).unwrap_or_default().reverse();
}
