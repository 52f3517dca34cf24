//! SIM115: a file that is opened without a context manager stays open when something fails in between.

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::{Source, is_field, parts};
use super::syntax::{has_multiline_string, identifiers, indent_step, proposals, scope, source, stands_alone, statement, uses};

pub(super) const FIXER: Fixer = Fixer {
    id: "unclosed_file",
    about: "opens files with a context manager",
    handles: |finding| matches!(finding.rule.as_str(), "SIM115" | "R1732" | "consider-using-with"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let range = source.range(context.finding.location.as_ref()?)?;
        let mut node = source.node(range.clone())?;
        // The finding is at the function's name or the whole call.
        while node.kind() != "call" || node.end_byte() < range.end {
            node = node.parent().filter(|parent| parent.start_byte() == range.start)?;
        }
        // `open(…).read()` starts where `open(…)` does.
        let statement = statement(node)?;
        if let Some(name) = assigned(&source, statement, node) {
            return managed(&source, statement, node, name);
        }
        consumed(&source, statement, node)
    };
    proposals("Open the file with a context manager", Applicability::Unsafe, edits())
}

/// `name` in `name = open(…)`.
fn assigned<'s>(source: &'s Source, statement: Node<'_>, call: Node<'_>) -> Option<&'s str> {
    let (name, value) = super::syntax::assigned_name(statement)?;
    (value.id() == call.id()).then(|| source.str(name))
}

/// Turns `f = open(…)`, the statements up to `f.close()` (or a `try` that closes it in `finally`) into a `with` statement.
fn managed(source: &Source, opening: Node<'_>, call: Node<'_>, name: &str) -> Option<Vec<Edit>> {
    let block = opening.parent()?;
    let later: Vec<Node<'_>> = {
        let mut cursor = block.walk();
        block
            .named_children(&mut cursor)
            .filter(|node| node.start_byte() >= opening.end_byte() && node.kind() != "comment")
            .collect()
    };
    let inside = scope(opening)?;
    if !stands_alone(source, opening) || is_declared_global(source, inside, name) {
        return None;
    }
    let with = format!("with {} as {name}:", source.str(call));
    let all = uses(source, inside, name);
    let closing = later.iter().position(|statement| is_close(source, *statement, name));
    if let Some(at) = closing {
        let close = *later.get(at)?;
        let end = close.end_byte();
        // What uses the file afterwards would find it closed, as before; what binds it anew is another story.
        let bound_between = all.iter().any(|node| {
            node.start_byte() >= opening.end_byte() && node.start_byte() < end && super::syntax::is_bound_here(*node)
        });
        if bound_between || !stands_alone(source, close) {
            return None;
        }
        let between = later.get(..at)?;
        let (first, last) = (between.first(), between.last());
        let Some((first, last)) = first.zip(last) else {
            let with = format!("with {}:", source.str(call));
            return Some(vec![
                source.edit(opening.byte_range(), format!("{with}{}{}pass", source.newline(), inner_indent(source, opening))),
                source.edit(source.whole_lines(close.byte_range()), ""),
            ]);
        };
        if between.iter().any(|node| has_multiline_string(*node)) {
            return None;
        }
        let mut edits = vec![source.edit(opening.byte_range(), with)];
        edits.extend(indented(
            source,
            source.line_start(first.start_byte()).max(source.line_end(opening.end_byte()))..source.line_end(last.end_byte()),
        ));
        edits.push(source.edit(source.line_start(close.start_byte())..source.line_end(close.end_byte()), ""));
        return Some(edits);
    }
    let next = *later.first()?;
    if next.kind() == "try_statement" {
        return closed_finally(source, opening, next, name, &with);
    }
    // Nothing closes it: up to its last use, when all uses are done with it at once.
    let used: Vec<&Node<'_>> = all.iter().filter(|node| node.start_byte() >= opening.end_byte()).collect();
    let last_use = used.last()?.start_byte();
    let last = later.iter().position(|statement| statement.byte_range().contains(&last_use))?;
    let body = later.get(..=last)?;
    let before = all.iter().any(|node| node.start_byte() < opening.start_byte());
    if before || used.iter().any(|node| !is_done_at_once(source, **node)) || body.iter().any(|node| has_multiline_string(*node)) {
        return None;
    }
    let (first, last) = (body.first()?, body.last()?);
    if !stands_alone(source, *last) && !source.slice(last.end_byte()..source.line_end(last.end_byte())).trim().is_empty() {
        return None;
    }
    let mut edits = vec![source.edit(opening.byte_range(), with)];
    edits.extend(indented(source, source.line_start(first.start_byte())..source.line_end(last.end_byte())));
    Some(edits)
}

/// `f = open(…)`, `try: … finally: f.close()`.
fn closed_finally(source: &Source, opening: Node<'_>, guarded: Node<'_>, name: &str, with: &str) -> Option<Vec<Edit>> {
    let clauses = parts(guarded);
    let finally = clauses.iter().find(|clause| clause.kind() == "finally_clause")?;
    let closing = parts(parts(*finally).into_iter().find(|node| node.kind() == "block")?);
    let [only] = closing.as_slice() else { return None };
    if !is_close(source, *only, name) {
        return None;
    }
    let has_handlers = clauses.iter().any(|clause| matches!(clause.kind(), "except_clause" | "except_group_clause"));
    let mut edits = vec![source.edit(opening.byte_range(), with)];
    let finally_lines = source.line_start(finally.start_byte())..source.line_end(finally.end_byte());
    if has_handlers {
        if has_multiline_string(guarded) {
            return None;
        }
        edits.extend(indented(source, source.line_start(guarded.start_byte())..finally_lines.start));
        edits.push(source.edit(finally_lines, ""));
        return Some(edits);
    }
    let body = guarded.child_by_field_name("body")?;
    if body.start_position().row == guarded.start_position().row {
        return None;
    }
    edits.push(source.edit(
        source.line_start(guarded.start_byte())..source.line_start(body.start_byte()).max(source.line_end(guarded.start_byte())),
        "",
    ));
    edits.push(source.edit(finally_lines, ""));
    Some(edits)
}

/// `open(…).read()` and the like within one statement.
fn consumed(source: &Source, statement: Node<'_>, call: Node<'_>) -> Option<Vec<Edit>> {
    let consumer = consumer(source, call)?;
    let taken = identifiers(source, scope(statement)?);
    let name = ["f", "file", "stream", "opened"].into_iter().find(|name| !taken.contains(name))?;
    let indent = source.indent(statement.start_byte()).to_owned();
    let (newline, step) = (source.newline(), indent_step(source));
    let with = format!("with {} as {name}:", source.str(call));
    if source.str(call).contains('\n')
        || source.slice(source.line_start(statement.start_byte())..statement.start_byte()).trim() != ""
    {
        return None;
    }
    if !is_evaluated_once(statement, call) {
        return None;
    }
    let one_line = statement.start_position().row == statement.end_position().row;
    let simple = matches!(statement.kind(), "expression_statement" | "return_statement" | "assert_statement");
    if simple && one_line {
        let start = statement.start_byte();
        if source.str(statement) == source.str(consumer) && source.str(consumer).ends_with(").close()") {
            return Some(vec![
                source.edit(statement.byte_range(), format!("with {}:{newline}{indent}{step}pass", source.str(call))),
            ]);
        }
        return Some(vec![
            source.edit(start..start, format!("{with}{newline}{indent}{step}")),
            source.edit(call.byte_range(), name),
        ]);
    }
    // `for line in open(…):` takes its body along.
    if statement.kind() == "for_statement" && is_field(call, "right") {
        let body = statement.child_by_field_name("body")?;
        if has_multiline_string(statement) || body.start_position().row == statement.start_position().row {
            return None;
        }
        let start = statement.start_byte();
        let mut edits =
            vec![source.edit(start..start, format!("{with}{newline}{indent}{step}")), source.edit(call.byte_range(), name)];
        edits.extend(indented(source, source.line_end(call.end_byte())..source.line_end(statement.end_byte())));
        return Some(edits);
    }
    // The value is read before the statement.
    let is_read = source.slice(call.end_byte()..consumer.end_byte()).starts_with(".read");
    let at_start = matches!(
        statement.kind(),
        "expression_statement" | "return_statement" | "assert_statement" | "raise_statement" | "for_statement"
    ) || statement.kind() == "if_statement"
        && statement
            .child_by_field_name("condition")
            .is_some_and(|condition| condition.byte_range().contains(&call.start_byte()));
    if !is_read || !at_start {
        return None;
    }
    let content = ["content", "text", "contents"].into_iter().find(|name| !taken.contains(name))?;
    let read = source.slice(call.end_byte()..consumer.end_byte());
    if read.contains('\n') {
        return None;
    }
    let start = statement.start_byte();
    Some(vec![
        source.edit(start..start, format!("{with}{newline}{indent}{step}{content} = {name}{read}{newline}{indent}")),
        source.edit(consumer.byte_range(), content),
    ])
}

/// The expression that is done with the file when it has been evaluated: `open(…).read()`, `json.load(open(…))`, or the loop over it.
fn consumer<'t>(source: &Source, call: Node<'t>) -> Option<Node<'t>> {
    let parent = call.parent()?;
    match parent.kind() {
        "attribute" => {
            let method = source.str(parent.child_by_field_name("attribute")?);
            let outer = parent.parent().filter(|outer| outer.kind() == "call" && is_field(parent, "function"))?;
            matches!(method, "read" | "readline" | "readlines" | "write" | "writelines" | "close").then_some(outer)
        }
        "argument_list" => {
            let outer = parent.parent().filter(|outer| outer.kind() == "call")?;
            if loads_at_once(source.str(outer.child_by_field_name("function")?)) {
                return Some(outer);
            }
            // What is made into a list is read to its end, and what a statement drops is done with.
            let around = outer.parent()?;
            let whole = around.parent().filter(|whole| around.kind() == "argument_list" && whole.kind() == "call");
            let listed = whole.filter(|whole| {
                let callee = whole.child_by_field_name("function").map(|callee| source.str(callee)).unwrap_or_default();
                matches!(callee, "list" | "tuple" | "set" | "sorted" | "dict" | "sum") || callee.ends_with(".join")
            });
            listed.or((around.kind() == "expression_statement").then_some(outer))
        }
        "for_statement" if is_field(call, "right") => Some(call),
        "for_in_clause" if is_field(call, "right") => {
            let whole = parent.parent()?;
            matches!(whole.kind(), "list_comprehension" | "set_comprehension" | "dictionary_comprehension").then_some(whole)
        }
        _ => None,
    }
}

fn loads_at_once(callee: &str) -> bool {
    matches!(
        callee,
        "json.load"
            | "pickle.load"
            | "pickle.dump"
            | "json.dump"
            | "yaml.load"
            | "yaml.safe_load"
            | "yaml.dump"
            | "marshal.load"
            | "list"
            | "tuple"
            | "set"
            | "sorted"
            | "sum"
            | "len"
            | "plistlib.load"
            | "tomllib.load"
            | "ast.parse"
            | "str"
            | "print"
            | "shutil.copyfileobj"
            | "config.read_file"
            | "config.readfp"
            | "parser.read_file"
            | "parser.readfp"
            | "cp.readfp"
            | "cp.read_file"
    )
}

/// Whether a use of an open file leaves nothing behind that reads from it later.
fn is_done_at_once(source: &Source, name: Node<'_>) -> bool {
    let Some(parent) = name.parent() else { return false };
    match parent.kind() {
        "attribute" => {
            let method = parent.child_by_field_name("attribute").map(|method| source.str(method)).unwrap_or_default();
            let called = parent.parent().is_some_and(|outer| outer.kind() == "call");
            called
                && matches!(
                    method,
                    "read" | "readline" | "readlines" | "write" | "writelines" | "flush" | "seek" | "tell" | "close" | "truncate"
                )
        }
        "argument_list" => parent
            .parent()
            .and_then(|call| call.child_by_field_name("function"))
            .is_some_and(|callee| loads_at_once(source.str(callee))),
        "for_statement" | "for_in_clause" => {
            is_field(name, "right") && parent.parent().is_none_or(|outer| outer.kind() != "generator_expression")
        }
        "chevron" => true,
        _ => false,
    }
}

/// Whether an expression is evaluated exactly once and unconditionally when its statement is reached.
fn is_evaluated_once(statement: Node<'_>, call: Node<'_>) -> bool {
    let mut node = call;
    while node.id() != statement.id() {
        let Some(parent) = node.parent() else { return false };
        match parent.kind() {
            "lambda"
            | "conditional_expression"
            | "boolean_operator"
            | "generator_expression"
            | "elif_clause"
            | "while_statement"
            | "with_statement"
            | "function_definition"
            | "class_definition"
            | "decorator" => return false,
            "list_comprehension" | "set_comprehension" | "dictionary_comprehension" => {
                let first = parts(parent).into_iter().find(|part| part.kind() == "for_in_clause");
                if first.is_none_or(|first| first.id() != node.id()) {
                    return false;
                }
            }
            _ => {}
        }
        node = parent;
    }
    true
}

fn is_close(source: &Source, statement: Node<'_>, name: &str) -> bool {
    let text: String = source.str(statement).chars().filter(|c| !c.is_whitespace()).collect();
    statement.kind() == "expression_statement" && text == format!("{name}.close()")
}

fn is_declared_global(source: &Source, inside: Node<'_>, name: &str) -> bool {
    uses(source, inside, name)
        .iter()
        .any(|node| node.parent().is_some_and(|parent| matches!(parent.kind(), "global_statement" | "nonlocal_statement")))
}

fn inner_indent(source: &Source, statement: Node<'_>) -> String {
    format!("{}{}", source.indent(statement.start_byte()), indent_step(source))
}

/// Moves all lines of a range one step to the right.
fn indented(source: &Source, range: std::ops::Range<usize>) -> Vec<Edit> {
    let step = indent_step(source);
    let mut at = range.start;
    let mut edits = Vec::new();
    for line in source.slice(range).split_inclusive('\n') {
        if !line.trim().is_empty() {
            edits.push(source.edit(at..at, step.clone()));
        }
        at += line.len();
    }
    edits
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
