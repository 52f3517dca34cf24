//! Removes Go code that does nothing: a condition that is asked twice, `append` of nothing, a result that nobody takes, and a number that
//! is made a pointer only to be the one that points nowhere.

use domain::{Applicability, Edit, Finding, Language};
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal, Repair};
use super::source::{Source, parts, walk};

pub(super) const FIXER: Fixer = Fixer {
    id: "useless_go",
    about: "removes Go code that does nothing: doubled conditions, appends of nothing, unused results, numbers as nil pointers",
    handles: |finding| kind(finding).is_some(),
    propose: |context| propose(context).into_iter().collect(),
    may_change: &[],
};

#[derive(Clone, Copy)]
enum Useless {
    Condition,
    Append,
    Result,
    Pointer,
}

fn kind(finding: &Finding) -> Option<Useless> {
    let message = finding.message.as_str();
    if message.starts_with("redundant or: ") || message.starts_with("redundant and: ") {
        return Some(Useless::Condition);
    }
    match message {
        "append with no values" => Some(Useless::Append),
        "possible misuse of unsafe.Pointer" => Some(Useless::Pointer),
        _ if message.starts_with("result of ") && message.ends_with(" call not used") => Some(Useless::Result),
        _ => None,
    }
}

fn propose(context: &FixContext<'_>) -> Option<Proposal> {
    let source = Source::of(context, &[Language::Go])?;
    let at = source.range(context.finding.location.as_ref()?)?.start;
    let node = source.leaf(at)?;
    let (summary, edit) = match kind(context.finding)? {
        Useless::Condition => ("ask a condition once", condition(&source, node, at)?),
        Useless::Append => ("remove an append of nothing", append(&source, call(node, at)?)?),
        Useless::Result => ("remove a call whose result nobody takes", result(&source, call(node, at)?)?),
        Useless::Pointer => ("write the nil pointer as nil", pointer(&source, call(node, at)?)?),
    };
    Some(Proposal { summary: summary.to_owned(), applicability: Applicability::Safe, repair: Repair::Edits(vec![edit]) })
}

/// Returns the call that starts at `at`, the innermost.
fn call(leaf: Node<'_>, at: usize) -> Option<Node<'_>> {
    std::iter::successors(Some(leaf), Node::parent)
        .take_while(|node| node.start_byte() == at)
        .find(|node| matches!(node.kind(), "call_expression" | "type_conversion_expression"))
}

/// `x == 1 || y || x == 1`: the last of two that are the same goes, with the operator before it.
fn condition(source: &Source, leaf: Node<'_>, at: usize) -> Option<Edit> {
    let whole = std::iter::successors(Some(leaf), Node::parent)
        .filter(|node| node.kind() == "binary_expression" && node.start_byte() <= at)
        .find(|node| matches!(operator(source, *node), "||" | "&&"))?;
    let joined = operator(source, whole);
    // `a && b || c`: only what the same operator joins is of one kind.
    let top = std::iter::successors(Some(whole), Node::parent)
        .take_while(|node| node.kind() == "binary_expression" && operator(source, *node) == joined)
        .last()?;
    let mut operands = Vec::new();
    let mut open = vec![top];
    while let Some(node) = open.pop() {
        if node.kind() == "binary_expression" && operator(source, node) == joined {
            open.extend(node.child_by_field_name("left"));
            open.extend(node.child_by_field_name("right"));
        } else {
            operands.push(node);
        }
    }
    operands.sort_by_key(Node::start_byte);
    let plain = |node: &Node<'_>| source.str(*node).split_whitespace().collect::<String>();
    let mut calls = false;
    walk(top, |node| calls |= node.kind() == "call_expression" || source.str(node).starts_with("<-"));
    let (index, twin) = operands.iter().enumerate().rev().find(|(index, one)| {
        operands.get(..*index).is_some_and(|before| before.iter().any(|other| plain(other) == plain(one)))
    })?;
    let before = operands.get(index.checked_sub(1)?)?;
    let gap = source.slice(before.end_byte()..twin.start_byte()).trim();
    (!calls && gap == joined).then(|| source.edit(before.end_byte()..twin.end_byte(), ""))
}

fn operator<'s>(source: &'s Source, node: Node<'_>) -> &'s str {
    node.child_by_field_name("operator").map_or("", |word| source.str(word))
}

/// `a = append(a)` goes; elsewhere `append(a)` is `a`.
fn append(source: &Source, call: Node<'_>) -> Option<Edit> {
    let arguments = parts(call.child_by_field_name("arguments")?);
    let [list] = arguments.as_slice() else { return None };
    let statement = call.parent().and_then(|list| list.parent()).filter(|node| node.kind() == "assignment_statement");
    if let Some(statement) = statement {
        let left = statement.child_by_field_name("left").map_or("", |left| source.str(left));
        let alone = statement.child_by_field_name("right").is_some_and(|right| right.named_child_count() == 1);
        let in_list = statement.parent().is_some_and(|parent| parent.kind() == "statement_list");
        if left == source.str(*list) && alone && in_list {
            return Some(source.edit(source.whole_statement(statement.byte_range()), ""));
        }
    }
    Some(source.edit(call.byte_range(), source.str(*list)))
}

/// The functions that vet knows do nothing but compute; what computes their arguments must not do more.
fn result(source: &Source, call: Node<'_>) -> Option<Edit> {
    let statement = call.parent().filter(|node| node.kind() == "expression_statement")?;
    let mut acts = false;
    walk(call.child_by_field_name("arguments")?, |node| {
        acts |= node.kind() == "call_expression" || (node.kind() == "unary_expression" && source.str(node).starts_with("<-"));
    });
    let in_list = statement.parent().is_some_and(|parent| parent.kind() == "statement_list");
    (!acts && in_list).then(|| source.edit(source.whole_statement(statement.byte_range()), ""))
}

/// `unsafe.Pointer(uintptr(0))` is `unsafe.Pointer(nil)`.
fn pointer(source: &Source, call: Node<'_>) -> Option<Edit> {
    let text: String = source.str(call).split_whitespace().collect();
    let inner = text.strip_prefix("unsafe.Pointer(uintptr(")?.strip_suffix("))")?;
    if !matches!(inner, "0" | "0x0" | "0x00") {
        return None;
    }
    let arguments = parts(call.child_by_field_name("arguments")?);
    let [value] = arguments.as_slice() else { return None };
    Some(source.edit(value.byte_range(), "nil"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
