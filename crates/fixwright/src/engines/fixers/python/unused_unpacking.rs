//! RUF059, F841 where ruff has no fix: a variable that is unpacked or assigned and never read, whose underscored name is taken already (by
//! another one that is never read either).

use domain::Applicability;
use tree_sitter::Node;

use super::fixer::{FixContext, Fixer, Proposal};
use super::syntax::{identifiers, is_bound_here, proposals, scope, source, uses};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_unpacking",
    about: "marks unpacked variables that are never read",
    handles: |finding| finding.rule == "RUF059",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let node = source.leaf(at).filter(|node| node.kind() == "identifier")?;
        let inside = scope(node)?;
        let name = source.str(node);
        let underscored = format!("_{}", name.trim_matches('_'));
        let existing = uses(&source, inside, &underscored);
        let taken = identifiers(&source, inside);
        let new = if !existing.is_empty() && existing.iter().all(|other| is_bound_here(*other))
            || !taken.contains(underscored.as_str())
        {
            underscored
        } else {
            [format!("_unused_{name}"), format!("_{name}_unused")].into_iter().find(|name| !taken.contains(name.as_str()))?
        };
        // Bound again and again and never read: renaming one alone would only show the next.
        let all = uses(&source, inside, name);
        let unpacked = |node: &Node<'_>| {
            node.parent().is_some_and(|parent| matches!(parent.kind(), "pattern_list" | "tuple_pattern" | "list_pattern"))
        };
        let renamed = if all.iter().all(unpacked) { all } else { vec![node] };
        Some(renamed.into_iter().map(|node| source.edit(node.byte_range(), new.clone())).collect())
    };
    proposals("Mark a variable that is never read", Applicability::Safe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
