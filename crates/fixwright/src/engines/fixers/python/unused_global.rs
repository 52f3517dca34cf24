//! PLW0602: `global x` in a function that never assigns `x`: reading needs no declaration.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::parts;
use super::syntax::{proposals, source, stands_alone};

pub(super) const FIXER: Fixer = Fixer {
    id: "unused_global",
    about: "removes global declarations of names that are only read",
    handles: |finding| matches!(finding.rule.as_str(), "PLW0602" | "W0602" | "global-variable-not-assigned"),
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let name = context.finding.message.split(['`', '\'']).nth(1)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let statement =
            std::iter::successors(source.leaf(at), tree_sitter::Node::parent).find(|node| node.kind() == "global_statement")?;
        let names = parts(statement);
        let index = names.iter().position(|node| source.str(*node) == name)?;
        if names.len() > 1 {
            let before = index.checked_sub(1).and_then(|before| names.get(before)).copied();
            let range = source.element(names.get(index)?.byte_range(), before, names.get(index + 1).copied());
            return Some(vec![source.edit(range, "")]);
        }
        let block = statement.parent()?;
        if parts(block).len() == 1 {
            return Some(vec![source.edit(statement.byte_range(), "pass")]);
        }
        stands_alone(&source, statement)
            .then(|| vec![source.edit(source.line_start(statement.start_byte())..source.line_end(statement.end_byte()), "")])
    };
    proposals("Remove a global declaration that declares nothing", Applicability::Safe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
