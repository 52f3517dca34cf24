//! F822: `__all__` names what the module does not have, so `import *` from it fails. A submodule of that name is imported; any other name goes.

use domain::Applicability;

use super::fixer::{FixContext, Fixer, Proposal};
use super::imports::add_import;
use super::source::parts;
use super::syntax::{module_file, plain_string, proposals, source};

pub(super) const FIXER: Fixer = Fixer {
    id: "undefined_export",
    about: "removes names from __all__ that do not exist",
    handles: |finding| finding.rule == "F822",
    propose,
    may_change: &[],
};

fn propose(context: &FixContext<'_>) -> Vec<Proposal> {
    let edits = || {
        let source = source(context)?;
        let name = context.finding.message.split(['`', '\'']).nth(1)?;
        let at = source.range(context.finding.location.as_ref()?)?.start;
        let item = std::iter::successors(source.leaf(at), tree_sitter::Node::parent).find(|node| node.kind() == "string")?;
        if plain_string(&source, item)? != name {
            return None;
        }
        if source.path.file_name() == "__init__.py" && module_file(context.files, source.path.parent(), name).is_some() {
            return add_import(&source, context.files, &context.subproject.path, ".", Some(name));
        }
        let list = item.parent().filter(|list| matches!(list.kind(), "list" | "tuple" | "set"))?;
        let items = parts(list);
        let index = items.iter().position(|other| other.id() == item.id())?;
        let before = index.checked_sub(1).and_then(|before| items.get(before)).copied();
        Some(vec![source.edit(source.element(item.byte_range(), before, items.get(index + 1).copied()), "")])
    };
    proposals("Take out of __all__ what does not exist", Applicability::Unsafe, edits())
}

#[cfg(test)]
mod tests {
    #[test]
    fn scenarios() {
        super::super::scenarios::check(&super::FIXER);
    }
}
