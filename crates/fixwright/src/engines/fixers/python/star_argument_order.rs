//! B026: `f(a=1, *rest)` hands `rest` over first; written in that order it says so.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::source::parts;
use super::syntax::{proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "star_argument_order",
    about: "puts starred arguments before keyword arguments",
    handles: |finding| finding.rule == "B026",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let splat = std::iter::successors(source.leaf(at), tree_sitter::Node::parent).find(|node| node.kind() == "list_splat")?;
        let list = splat.parent().filter(|parent| parent.kind() == "argument_list")?;
        let arguments = parts(list);
        let first_keyword = *arguments.iter().find(|argument| argument.kind() == "keyword_argument")?;
        let index = arguments.iter().position(|argument| argument.id() == splat.id())?;
        let before = *arguments.get(index.checked_sub(1)?)?;
        if source.slice(before.end_byte()..splat.start_byte()).contains('#') {
            return None;
        }
        Some(vec![
            source.edit(first_keyword.start_byte()..first_keyword.start_byte(), format!("{}, ", source.str(splat))),
            source.edit(before.end_byte()..splat.end_byte(), ""),
        ])
    };
    proposals("Put the starred argument first", Applicability::Safe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
