//! B018, B015: an expression whose value nobody takes.
//!
//! `print` alone is Python 2's empty line. A probe for a name (`try: unicode`, `except NameError: …`) has one outcome under Python 3. What may
//! have an effect (a property, an operator) is kept and its value thrown away by name; a literal goes.

use domain::{Applicability, Edit};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::members;
use super::source::{Source, parts};
use super::syntax::{has_multiline_string, proposals, source, stands_alone, statement, uses};

pub(super) const FIXER: Fixer = Fixer {
    id: "useless_expression",
    about: "gives useless expressions a meaning or removes them",
    handles: |finding| matches!(finding.rule.as_str(), "B018" | "B015" | "W0104" | "pointless-statement"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let statement = statement(source.leaf(at)?)?;
        let expression = statement.named_child(0).filter(|_| statement.kind() == "expression_statement")?;
        if source.str(statement) == "print" {
            return Some(vec![source.edit(statement.byte_range(), "print()")]);
        }
        if let Some(edits) = probe(&source, statement) {
            return Some(edits);
        }
        if is_constant(expression) {
            return remove(&source, statement);
        }
        // `_` is the translator in programs that speak several languages.
        let translates =
            uses(&source, source.root(), "_").iter().any(|node| node.parent().is_some_and(|parent| parent.kind() == "call"));
        let name = if translates { "_unused" } else { "_" };
        Some(vec![source.edit(statement.start_byte()..statement.start_byte(), format!("{name} = "))])
    };
    proposals("Take the value of a useless expression", Applicability::Safe, edits())
}

/// `try: NAME` and `except NameError: BODY`, where `NAME` is not one of Python 3: only the body is ever run.
fn probe(source: &Source, statement: Node<'_>) -> Option<Vec<Edit>> {
    let name = source.str(statement.named_child(0).filter(|node| node.kind() == "identifier")?);
    let guarded = statement.parent()?.parent().filter(|node| node.kind() == "try_statement")?;
    let [body, handler] = parts(guarded)[..] else { return None };
    if !members::is_gone(name) || parts(body).len() != 1 || handler.kind() != "except_clause" {
        return None;
    }
    if !source.str(handler).starts_with("except NameError") || !stands_alone(source, guarded) {
        return None;
    }
    let block = parts(handler).into_iter().find(|node| node.kind() == "block")?;
    // A comment at the head of the block is no part of it.
    let commented = source.slice(handler.start_byte()..block.start_byte()).contains('#');
    if commented || has_multiline_string(block) || block.start_position().row == handler.start_position().row {
        return None;
    }
    let text =
        super::syntax::reindent(source.str(block), source.indent(block.start_byte()), source.indent(guarded.start_byte()))?;
    Some(vec![source.edit(guarded.byte_range(), text)])
}

fn is_constant(node: Node<'_>) -> bool {
    match node.kind() {
        "integer" | "float" | "true" | "false" | "none" => true,
        "tuple" | "list" | "set" | "expression_list" | "parenthesized_expression" | "dictionary" | "pair" => {
            parts(node).into_iter().all(|part| is_constant(part) || part.kind() == "string")
        }
        _ => false,
    }
}

fn remove(source: &Source, statement: Node<'_>) -> Option<Vec<Edit>> {
    let block = statement.parent()?;
    if block.kind() == "block" && parts(block).len() == 1 {
        return Some(vec![source.edit(statement.byte_range(), "pass")]);
    }
    stands_alone(source, statement)
        .then(|| vec![source.edit(source.line_start(statement.start_byte())..source.line_end(statement.end_byte()), "")])
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
