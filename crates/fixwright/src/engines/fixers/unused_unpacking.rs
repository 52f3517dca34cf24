//! RUF059, F841 where ruff has no fix: a variable that is unpacked or assigned and never read, whose underscored name is taken already (by
//! another one that is never read either).

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::python::{identifiers, is_bound_here, proposals, scope, source, uses};

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
        let underscored = format!("_{}", name.trim_start_matches('_'));
        let only_bound = uses(&source, inside, &underscored).into_iter().all(is_bound_here) && !uses(&source, inside, &underscored).is_empty();
        let new = if only_bound {
            underscored
        } else {
            let taken = identifiers(&source, inside);
            [underscored, format!("_unused_{name}"), format!("_{name}_unused")].into_iter().find(|name| !taken.contains(name.as_str()))?
        };
        Some(vec![source.edit(node.byte_range(), new)])
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
