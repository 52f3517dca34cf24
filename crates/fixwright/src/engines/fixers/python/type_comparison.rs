//! E721: types are compared with `is`: they are objects of their own, and whether two are equal is whether they are the same.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::parts;
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "type_comparison",
    about: "compares types with is",
    handles: |finding| matches!(finding.rule.as_str(), "E721" | "C0123" | "unidiomatic-typecheck"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let comparison = std::iter::successors(source.leaf(at), tree_sitter::Node::parent)
            .find(|node| node.kind() == "comparison_operator")?;
        let operands = parts(comparison);
        let is_type = |text: &str| text.starts_with("type(") || text.ends_with(".__class__");
        let mut edits = Vec::new();
        for pair in operands.windows(2) {
            let [left, right] = pair else { continue };
            let gap = left.end_byte()..right.start_byte();
            if !(is_type(source.str(*left)) || is_type(source.str(*right))) {
                continue;
            }
            let operator = match source.slice(gap.clone()).trim() {
                "==" => "is",
                "!=" | "<>" => "is not",
                _ => continue,
            };
            edits.push(source.edit(gap, format!(" {operator} ")));
        }
        Some(edits)
    };
    proposals("Compare types with is", Applicability::Safe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
