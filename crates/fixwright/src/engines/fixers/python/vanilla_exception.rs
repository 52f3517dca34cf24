//! TRY002: `raise Exception(…)`. `RuntimeError` is one, and whoever catches `Exception` catches it too; but it can be caught by itself.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::ancestor;
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "vanilla_exception",
    about: "raises RuntimeError in place of Exception",
    handles: |finding| matches!(finding.rule.as_str(), "TRY002" | "W0719" | "broad-exception-raised"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let mut leaf = source.leaf(at)?;
        if source.str(leaf) == "raise" {
            leaf = leaf.parent()?.named_child(0)?;
            leaf = leaf.child_by_field_name("function").unwrap_or(leaf);
        }
        ancestor(leaf, &["raise_statement"])?;
        (source.str(leaf) == "Exception").then(|| vec![source.edit(leaf.byte_range(), "RuntimeError")])
    };
    proposals("Raise RuntimeError rather than Exception", Applicability::Unsafe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
