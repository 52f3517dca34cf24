//! Removes assignments in JavaScript and TypeScript whose value nothing reads: a first value that is always replaced, a count that
//! is not looked at again, `x = x`. What evaluating the value does is kept.

use domain::{Applicability, Edit, Finding};
use tree_sitter::Node;

use super::effects::{Effect, as_statement, effect, may_meet, removal};
use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::scopes::JAVASCRIPT;
use super::source::{Source, ancestor, is_field};

pub(super) const FIXER: Fixer = Fixer {
    id: "useless_assignment",
    about: "removes JavaScript and TypeScript assignments whose value is never read",
    handles,
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

fn handles(finding: &Finding) -> bool {
    matches!(finding.rule.as_str(), "no-useless-assignment" | "no-self-assign" | "no-undef-init")
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, JAVASCRIPT)?;
    let range = source.range(context.finding.location.as_ref()?)?;
    let name = context.finding.message.split('\'').nth(1)?;
    let edits = match context.finding.rule.as_str() {
        "no-self-assign" => self_assignment(&source, range.start)?,
        _ => {
            let leaf = source.leaf(range.start).filter(|leaf| source.str(*leaf) == name)?;
            let variable = source.scopes().variable(range.start)?;
            if source.scopes().is_dynamic(variable) {
                return None;
            }
            let parent = leaf.parent()?;
            if parent.kind() == "variable_declarator" { first_value(&source, parent)? } else { assignment(&source, parent)? }
        }
    };
    let summary = match context.finding.rule.as_str() {
        "no-self-assign" => format!("remove the assignment of `{name}` to itself"),
        _ => format!("remove the value of `{name}` that is never read"),
    };
    Some(Proposal { summary, applicability: Applicability::Unsafe, repair: Repair::Edits(edits) })
}

/// `var x = 0;` becomes `var x;`.
fn first_value(source: &Source, declarator: Node<'_>) -> Option<Vec<Edit>> {
    let value = declarator.child_by_field_name("value")?;
    let declaration = declarator.parent()?;
    if source.str(declaration).starts_with("const") || effect(source, value) == Effect::Possible {
        return None;
    }
    // With a type, or with the comment that stands between, only the value goes.
    let end_of_name = declarator.child_by_field_name("type").or_else(|| declarator.child_by_field_name("name"))?.end_byte();
    if source.slice(end_of_name..value.start_byte()).contains('/') {
        return None;
    }
    Some(vec![source.edit(end_of_name..value.end_byte(), "")])
}

/// `x = f();` becomes `f();`, `return x += 1` becomes `return x + 1`, `a[i++]` becomes `a[i]`.
fn assignment(source: &Source, node: Node<'_>) -> Option<Vec<Edit>> {
    let holder = node.parent()?;
    let is_statement = holder.kind() == "expression_statement";
    let is_step = holder.kind() == "for_statement" && is_field(node, "increment");
    if node.kind() == "update_expression" {
        let argument = node.child_by_field_name("argument")?;
        if is_statement {
            return Some(vec![source.edit(removal(source, holder)?, "")]);
        }
        if is_step {
            return Some(vec![source.edit(node.byte_range(), "")]);
        }
        if argument.start_byte() == node.start_byte() {
            return Some(vec![source.edit(argument.end_byte()..node.end_byte(), "")]);
        }
        let sign = source.str(node).chars().next()?;
        let sum = format!("{} {sign} 1", source.str(argument));
        let bare =
            is_field(node, "index") || matches!(holder.kind(), "return_statement" | "arguments" | "parenthesized_expression");
        return Some(vec![source.edit(node.byte_range(), if bare { sum } else { format!("({sum})") })]);
    }
    let value = node.child_by_field_name("right")?;
    let quiet = effect(source, value) != Effect::Possible;
    if is_statement {
        if quiet {
            return Some(vec![source.edit(removal(source, holder)?, "")]);
        }
        let text = as_statement(source, value);
        let fits = text.len() == value.byte_range().len()
            && (!text.starts_with(['(', '[', '`', '/', '+', '-']) || may_meet(source, holder));
        return fits.then(|| vec![source.edit(node.start_byte()..value.start_byte(), "")]);
    }
    match node.kind() {
        "assignment_expression" => Some(vec![source.edit(node.start_byte()..value.start_byte(), "")]),
        "augmented_assignment_expression" => {
            let operator = node.child_by_field_name("operator")?;
            let mut edits = vec![source.edit(operator.end_byte() - 1..operator.end_byte(), "")];
            let simple = matches!(
                value.kind(),
                "identifier"
                    | "number"
                    | "string"
                    | "call_expression"
                    | "member_expression"
                    | "parenthesized_expression"
                    | "subscript_expression"
                    | "template_string"
                    | "array"
                    | "true"
                    | "false"
                    | "null"
            );
            if !simple {
                edits.push(source.edit(value.start_byte()..value.start_byte(), "("));
                edits.push(source.edit(value.end_byte()..value.end_byte(), ")"));
            }
            Some(edits)
        }
        _ => None,
    }
}

/// `x = x;` goes; as the only thing that a branch does, an empty statement stays in its place.
fn self_assignment(source: &Source, at: usize) -> Option<Vec<Edit>> {
    let leaf = source.leaf(at)?;
    let node = if leaf.parent()?.kind() == "assignment_expression" {
        leaf.parent()?
    } else {
        ancestor(leaf, &["assignment_expression"])?
    };
    let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
    let holder = node.parent()?;
    if source.str(left) != source.str(right)
        || holder.kind() != "expression_statement"
        || effect(source, right) == Effect::Possible
    {
        return None;
    }
    match holder.parent()?.kind() {
        "if_statement" | "else_clause" => Some(vec![source.edit(holder.byte_range(), ";")]),
        _ => Some(vec![source.edit(removal(source, holder)?, "")]),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
